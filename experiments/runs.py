"""Simulating scenarios in several futures, in parallel, without losing a finished run."""

import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agents.domains import Domain
from agents.trainee import Level, Source, State
from experiments.executors.base import WorkerDied, as_completed
from experiments.executors.processes import ProcessExecutor
from experiments.executors.worker import check_wanted
from experiments.margins import Asked, until_levels
from experiments.precision import MAX_SEEDS, START
from experiments.results import Job, Results, Run
from experiments.uncertainty import RUNS, Future, ensemble_for
from experiments.uncertainty import Asked as UncertaintyAsked
from model.ecosystem import YEAR, Ecosystem
from model.errors import InputError
from model.scenario import Scenario
from model.world import Event, Outcome

SERIAL_SECONDS = 3.0  # work below this is not worth the start of other processes


def simulate(
    plan: Scenario | str | Path = "korea",
    seeds: int | Sequence[int] | None = None,
    *,
    uncertainty: UncertaintyAsked = None,
    margin: Asked | None = None,
    max_seeds: int = MAX_SEEDS,
    workers: int | None = None,
    people: bool = False,
    events: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Simulate one scenario.

    Args:
        plan: the scenario, or its name or file.
        seeds: how many runs (futures 0, 1, 2, ...), or which; unless told 100, by luck alone 20. With margins what to
            begin with, 10 unless told.
        uncertainty: what differs between runs: ``luck``, ``posterior`` or ``ranges`` (see ``experiments.uncertainty``);
            unless told the country's posterior, ranges where it has none, and luck with margins.
        margin: half-widths of 95 percent intervals that are wanted, by outcome, such as
            ``{"specialists_at_end": 20, "adoption_share_at_end": "2pt"}``; seeds are added until all are reached.
        max_seeds: with margins, never more than so many.
        workers: processes; None decides by the work there is. Results do not depend on it.
        people: keep the people of each run (one row a person).
        events: keep what happened to each person.
        progress: called with (runs done, runs in all).

    Returns:
        The runs in the order of the seeds. A run that fails is listed in ``failures``; the others are kept.
        ``precision`` says what was reached of the margins.

    Raises:
        InputError: seeds that cannot be, margins with another uncertainty than luck, or no posterior to draw from.
    """
    plan = plan if isinstance(plan, Scenario) else Scenario.load(plan)
    ensemble = ensemble_for(uncertainty, plan, margin)
    until = until_levels(plan, margin, max_seeds) if margin else None
    begin = seeds if seeds is not None else START if margin else RUNS[ensemble.kind]
    options: Any = {"workers": workers, "people": people, "events": events, "progress": progress, "more": until}
    results = simulate_all([plan], begin, uncertainty=ensemble, **options)[0]
    results.precision = until and until.found
    return results


def simulate_all(
    plans: Sequence[Scenario],
    seeds: int | Sequence[int],
    *,
    uncertainty: UncertaintyAsked = None,
    workers: int | None = None,
    people: bool = False,
    events: bool = False,
    progress: Callable[[int, int], None] | None = None,
    more: Callable[[list[Results], list[int]], list[int]] | None = None,
) -> list[Results]:
    """Simulate several scenarios of a country in the same futures; see ``simulate``. Tables are kept of the first.

    ``more`` is asked with all runs and seeds so far which seeds to add, until it names none.
    """
    ensemble = ensemble_for(uncertainty, plans[0], more)
    batch = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    numbers: list[int] = []
    results = [Results(plan, [], ensemble=ensemble) for plan in plans]
    kept = [(plan, people and n == 0, events and n == 0) for n, plan in enumerate(plans)]
    with Workers(workers) as own:
        while True:
            _check_seeds([*numbers, *batch], seeds)
            futures = {number: ensemble.future(number) for number in batch}
            jobs = [Job(futures[seed].plan(plan), seed, *tables) for seed in batch for plan, *tables in kept]
            before = len(plans) * len(numbers)
            interrupted = _add_runs(results, own.do(jobs), futures, len(jobs), before, progress)
            numbers += batch
            batch = more(results, numbers) if more and not interrupted else []
            if not batch:
                return results


def _check_seeds(numbers: list[int], given: Any) -> None:
    if not numbers or not all(isinstance(seed, int) and 0 <= seed < 2**31 for seed in numbers):
        raise InputError("range", f"needs at least one whole number from 0 to {2**31 - 1}", "seeds", given)
    if len(set(numbers)) < len(numbers):
        raise InputError("repeated", "names a seed twice", "seeds", given, suggestion="the same run would count twice")


def _add_runs(
    results: list[Results],
    runs: Iterator[tuple[int, Run]],
    futures: Mapping[int, Future],
    jobs: int,
    before: int,
    progress: Callable[[int, int], None] | None,
) -> bool:
    """Add runs as they finish, one for each of the results in turn, in order; gives whether it was interrupted."""
    done: list[Run | None] = [None] * jobs
    interrupted = False
    try:
        for count, (index, run) in enumerate(runs, 1):
            run.future = futures[run.seed]
            done[index] = run
            if progress:
                progress(before + count, before + jobs)
    except KeyboardInterrupt:
        interrupted = True
    for n, result in enumerate(results):
        mine = [run for run in done[n :: len(results)] if run is not None]
        result.runs += [run for run in mine if run.error is None]
        result.failures += [run for run in mine if run.error is not None]
        result.interrupted = interrupted
    return interrupted


class Workers:
    """Who does jobs: this process, until it is known that others are worth their start; these serve further batches.

    Args:
        count: processes; None decides by the work there is, and 1 is this process.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count
        self.executor: ProcessExecutor | None = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Let processes go, without waiting."""
        if self.executor:
            self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = None

    def do(self, jobs: Sequence[Any], work: Callable[[Any], Any] | None = None) -> Iterator[tuple[int, Any]]:
        """Do jobs and yield ``(index, run)`` as they finish; ``work`` does one job (default ``do``).

        The first two are done here: they compile what needs compiling and show how long a run takes. If the rest is
        worth it, processes share it. One that dies costs nothing but doing its run again; if that one dies as well, the
        run has failed, and only this one.

        Raises:
            WorkersCannotStart: processes end before they begin.
        """
        work = work or do
        rest = range(len(jobs))
        if self.executor is None:
            seconds = 0.0
            for index in rest[:2]:
                began = time.perf_counter()
                run = work(jobs[index])
                seconds = time.perf_counter() - began
                yield index, run
            rest = rest[2:]
            count = self.count or (1 if seconds * len(rest) < SERIAL_SECONDS else os.cpu_count() or 1)
            if count == 1 or len(rest) < 2:
                for index in rest:
                    yield index, work(jobs[index])
                return
            self.executor = ProcessExecutor(count)
        for place, future in as_completed([self.executor.submit(work, jobs[index]) for index in rest]):
            yield rest[place], _given(future, jobs[rest[place]])


def _given(execution: Any, job: Any) -> Any:
    try:
        return execution.result()
    except WorkerDied as death:
        return Run(job.plan, job.seed, error=f"the process of this run died twice ({death})")


def run_jobs(
    jobs: Sequence[Any], workers: int | None = None, work: Callable[[Any], Any] | None = None
) -> Iterator[tuple[int, Any]]:
    """Do one batch of jobs; see ``Workers.do``."""
    with Workers(workers) as own:
        yield from own.do(jobs, work)


def by_years(model: Ecosystem, each_year: Callable[[], None] = check_wanted) -> Ecosystem:
    """Run a model to the end of its plan; what ``each_year``, called before each year, raises ends it."""
    while model.month < model.plan.months:
        each_year()
        model.run(min(YEAR, model.plan.months - model.month))
    return model


def do(job: Job) -> Run:
    """Do one job; an error of the model or of the scenario becomes part of the result.

    Raises:
        Stopped: it is done by a worker, and nobody wants it any more; looked at before each simulated year.
    """
    run = Run(job.plan, job.seed)
    try:
        model = by_years(Ecosystem(job.plan, job.seed, events=job.events, watch=job.watch))
    except Exception:
        run.error = traceback.format_exc()
        return run
    run.history, run.paid, run.bindings = np.asarray(model.history), model.paid, model.bindings
    if job.people:
        run.people = people_table(model)
    if job.events:
        run.events = events_table(model)
    return run


def people_table(model: Ecosystem) -> pd.DataFrame:
    """Everybody who ever entered the model, one row a person, in words where columns hold codes."""
    people = model.people
    table = pd.DataFrame({name: people.rows(name) for name, c in people.declared.items() if c.width == 1})
    for domain in Domain:
        table[f"skill_{domain.name.lower()}"] = people.rows("skill")[:, domain]
    for name, words in (("source", Source), ("state", State), ("level", Level)):
        table[name] = _in_words(table[name], words)
    table.insert(0, "seed", model.seed)
    return table


def events_table(model: Ecosystem) -> pd.DataFrame:
    """What happened to people, one row an event, in the order of events; see docs/lives.md for the columns."""
    events, keys = model.events, model.people.rows("key")
    table = pd.DataFrame({name: events.rows(name) for name in events.declared})
    table["person"] = keys[table["person"]]
    rival = events.rows("rival")
    table["rival"] = pd.arrays.IntegerArray(keys[rival], rival < 0)
    for name, words in (("event", Event), ("state", State), ("other_state", State), ("outcome", Outcome)):
        table[name] = _in_words(table[name], words)
    table.insert(0, "seed", model.seed)
    return table


def _in_words(codes: Any, words: Any) -> pd.Categorical:
    """Codes as words; a code without a word (0 for none) is missing."""
    place = np.full(max(words) + 1, -1)
    place[list(words)] = np.arange(len(words))
    return pd.Categorical.from_codes(place[codes], [word.name.lower() for word in words])
