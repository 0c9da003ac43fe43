"""Simulating scenarios in several futures, in parallel, without losing a finished run."""

import itertools
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures import Future as Promise
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from agents.domains import Domain
from agents.trainee import Level, Source, State
from experiments.precision import MAX_SEEDS, START
from experiments.results import Job, Results, Run
from experiments.uncertainty import RUNS, Future, ensemble_for
from experiments.uncertainty import Asked as UncertaintyAsked
from model.ecosystem import YEAR, Ecosystem
from model.errors import InputError
from model.scenario import Scenario
from model.world import Event, Outcome

if TYPE_CHECKING:
    from experiments.margins import Asked

PARENT_SECONDS = 1.0  # between looks whether the process that started this one is still there
SERIAL_SECONDS = 3.0  # work below this is not worth the start of other processes


def simulate(
    plan: Scenario | str | Path = "korea",
    seeds: int | Sequence[int] | None = None,
    *,
    uncertainty: UncertaintyAsked = None,
    margin: "Asked | None" = None,
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
    from experiments.margins import until_levels

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
    with Processes() as processes:
        while True:
            _check_seeds([*numbers, *batch], seeds)
            futures = {number: ensemble.future(number) for number in batch}
            jobs = [Job(futures[seed].plan(plan), seed, *tables) for seed in batch for plan, *tables in kept]
            before = len(plans) * len(numbers)
            runs = run_jobs(jobs, workers, processes=processes)
            interrupted = _add_runs(results, runs, futures, len(jobs), before, progress)
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


class Processes:
    """Processes started afresh (spawn) when there is work worth it, and kept for further batches."""

    def __init__(self) -> None:
        self.pool: ProcessPoolExecutor | None = None
        self.count = 0

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self, count: int) -> None:
        """Have so many processes; they begin with their first job."""
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(count, context, initializer=_leave_with, initargs=(os.getpid(),))
        self.count = count

    def end(self) -> None:
        """Let them go, without waiting."""
        if self.pool:
            self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = None


def _leave_with(parent: int) -> None:
    """Let this process end when the one that started it is gone, killed for example, and nobody waits for it."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()


def run_jobs(
    jobs: Sequence[Any],
    workers: int | None = None,
    work: Callable[[Any], Any] | None = None,
    processes: Processes | None = None,
) -> Iterator[tuple[int, Any]]:
    """Do jobs and yield ``(index, run)`` as they finish; ``work`` does one job (default ``do``).

    The first two are done here: they compile what needs compiling and show how long a run takes. If the rest is worth
    it, processes share it, those given if they are at work already; a process that dies costs nothing but doing its
    run again, apart.
    """
    work = work or do
    if processes is None:
        with Processes() as own:
            yield from run_jobs(jobs, workers, work, own)
        return
    rest = list(range(len(jobs)))
    if processes.pool is None:
        seconds = 0.0
        for index in rest[:2]:
            began = time.perf_counter()
            run = work(jobs[index])
            seconds = time.perf_counter() - began
            yield index, run
        rest = rest[2:]
        count = min(workers or (1 if seconds * len(rest) < SERIAL_SECONDS else os.cpu_count() or 1), len(rest))
        if count <= 1:
            for index in rest:
                yield index, work(jobs[index])
            return
        processes.start(count)
    yield from _shared(jobs, rest, work, processes)


def _shared(
    jobs: Sequence[Any], rest: list[int], work: Callable[[Any], Any], processes: Processes
) -> Iterator[tuple[int, Any]]:
    """Do the rest of the jobs in processes; what one had in hand when it was killed is done again, apart."""
    pool, missing, queue = processes.pool, set(rest), iter(rest)
    assert pool
    waiting: dict[Promise[Run], int] = {}
    try:
        with _children_deaf_to_interrupts():
            for index in itertools.islice(queue, 4 * processes.count):
                waiting[pool.submit(work, jobs[index])] = index
        while waiting:
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                index = waiting.pop(future)
                run = future.result()
                missing.discard(index)
                yield index, run
                following = next(queue, None)
                if following is not None:
                    waiting[pool.submit(work, jobs[following])] = following
    except BrokenProcessPool:
        processes.end()
    for index in sorted(missing):
        yield index, _do_apart(jobs[index], work)


@contextmanager
def _children_deaf_to_interrupts() -> Iterator[None]:
    """Processes started meanwhile leave Ctrl-C to this one, from their first moment; only the main thread can do so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _do_apart(job: Job, work: Callable[[Any], Any]) -> Run:
    """Do a job in a process of its own; if that dies as well, the run has failed, and only this one."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(work, job).result()
        except BrokenProcessPool:
            return Run(job.plan, job.seed, error="the process of this run died twice (killed, or out of memory)")


def nothing() -> None:
    """Nothing to do between the years of a run."""


def by_years(model: Ecosystem, each_year: Callable[[], None]) -> Ecosystem:
    """Run a model to the end of its plan; what ``each_year``, called before each year, raises ends it."""
    while model.month < model.plan.months:
        each_year()
        model.run(min(YEAR, model.plan.months - model.month))
    return model


def do(job: Job, each_year: Callable[[], None] = nothing) -> Run:
    """Do one job; an error of the model or of the scenario becomes part of the result.

    ``each_year`` is called before each simulated year; raise something that is no ``Exception`` to give the job up.
    """
    run = Run(job.plan, job.seed)
    try:
        model = by_years(Ecosystem(job.plan, job.seed, events=job.events, watch=job.watch), each_year)
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
