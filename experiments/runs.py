"""Simulating scenarios in several futures, in parallel, without losing a finished run."""

import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from injae.agents.domains import Domain
from injae.agents.trainee import Level, Source, State
from injae.experiments.executors.base import WorkerDied, as_completed
from injae.experiments.executors.processes import ProcessExecutor, default_workers
from injae.experiments.executors.worker import check_wanted
from injae.experiments.margins import Seeds, StoppingRule, until_levels
from injae.experiments.results import Job, Results, Run, check_kept
from injae.experiments.uncertainty import RUNS, Ensemble, Future, ensemble_for
from injae.experiments.uncertainty import Asked as UncertaintyAsked
from injae.model.ecosystem import YEAR, Ecosystem
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.model.world import Event, Outcome

SERIAL_SECONDS = 3.0  # work below this is not worth the start of other processes


def simulate(
    plan: Scenario | str | Path = "korea",
    seeds: Seeds = None,
    *,
    uncertainty: UncertaintyAsked = None,
    keep: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Simulate one scenario.

    Args:
        plan: the scenario, or its name or file.
        seeds: how many runs (futures 0, 1, 2, ...), or which, or a ``StoppingRule``; unless told 100, with noise alone
            20.
        uncertainty: what differs between runs: ``aleatory``, ``posterior`` or ``ranges`` (see
            ``experiments.uncertainty``); unless told the country's posterior, ranges where it has none, and noise with
            a stopping rule.
        keep: tables to keep of each run: ``people`` (one row a person) and ``events`` (what happened to each).
        workers: processes; None decides by the work there is. Results do not depend on it.
        progress: called with (runs done, runs in all).

    Returns:
        The runs in the order of the seeds. A run that fails is listed in ``failures``; the others are kept.
        ``precision`` says what was reached of the stopping rule.

    Raises:
        InputError: seeds that cannot be, a stopping rule with another uncertainty than noise, or no posterior to draw
            from.
    """
    plan = plan if isinstance(plan, Scenario) else Scenario.load(plan)
    begin, rule, ensemble = asked_seeds(seeds, uncertainty, plan)
    until = until_levels(plan, rule) if rule else None
    results = simulate_all(
        [plan], begin, uncertainty=ensemble, keep=keep, workers=workers, progress=progress, more=until
    )[0]
    results.precision = until and until.found
    return results


def asked_seeds(
    seeds: Seeds, uncertainty: UncertaintyAsked, plan: Scenario
) -> tuple[int | Sequence[int], StoppingRule | None, Ensemble]:
    """Seeds to begin with, the rule that adds further ones if there is one, and where futures come from.

    Raises:
        InputError: as ``experiments.uncertainty.ensemble_for``.
    """
    rule = seeds if isinstance(seeds, StoppingRule) else None
    ensemble = ensemble_for(uncertainty, plan, rule)
    if isinstance(seeds, StoppingRule):
        return seeds.start, rule, ensemble
    return RUNS[ensemble.kind] if seeds is None else seeds, None, ensemble


def simulate_all(
    plans: Sequence[Scenario],
    seeds: int | Sequence[int],
    *,
    uncertainty: UncertaintyAsked = None,
    keep: Sequence[str] = (),
    workers: int | None = None,
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
    tables = check_kept(keep)
    first = ("people" in tables, "events" in tables)
    kept = [(plan, *(first if n == 0 else ())) for n, plan in enumerate(plans)]
    with Workers(workers) as own:
        while True:
            _check_seeds([*numbers, *batch], seeds)
            futures = {number: ensemble.future(number) for number in batch}
            jobs = [Job(futures[seed].plan(plan), seed, *which) for seed in batch for plan, *which in kept]
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
            count = self.count or (1 if seconds * len(rest) < SERIAL_SECONDS else default_workers())
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
