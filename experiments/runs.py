"""Simulating a scenario over several seeds, in parallel, without losing a finished run."""

import itertools
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from agents.domains import Binding, Domain, Place
from agents.trainee import Level, Source, State
from experiments.precision import MAX_SEEDS, START
from model.ecosystem import YEAR, Ecosystem
from model.errors import InputError
from model.ledger import PAYMENTS
from model.record import SERIES
from model.scenario import Scenario
from model.world import Event, Outcome

if TYPE_CHECKING:
    from experiments.margins import Asked, Found

SEEDS = 20  # of a scenario, unless told
SERIAL_SECONDS = 3.0  # work below this is not worth the start of other processes


@dataclass(frozen=True)
class Job:
    """One run to do."""

    plan: Scenario
    seed: int
    people: bool = False
    events: bool = False
    watch: int = 0  # key of a person of whom also what did not happen is recorded


@dataclass
class Run:
    """One run done: its history and ledger, or the error that ended it."""

    plan: Scenario
    seed: int
    history: Any = None
    paid: Any = None
    bindings: Any = None
    people: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    error: str | None = None


@dataclass
class Results:
    """Runs of one scenario over several seeds, in the order of the seeds."""

    plan: Scenario
    runs: list[Run]
    failures: list[Run] = field(default_factory=list)
    interrupted: bool = False
    precision: "Found | None" = None  # with margins: what was reached

    @property
    def seeds(self) -> list[int]:
        """Seeds of the runs that finished."""
        return [run.seed for run in self.runs]

    def values(self, name: str) -> Any:
        """One series of all finished runs: shape ``(seeds, months + 1)``."""
        return np.stack([run.history[name] for run in self.runs])

    def series(self) -> pd.DataFrame:
        """All series, one row per seed and month, tidy; units and meanings are in ``attrs``."""
        months = np.arange(self.plan.months + 1)
        dates = [self.plan.date_of(int(month)) for month in months]
        frames = []
        for run in self.runs:
            frame = pd.DataFrame({name: run.history[name] for name in SERIES})
            frame.insert(0, "seed", run.seed)
            frame.insert(1, "month", months)
            frame.insert(2, "date", dates)
            frames.append(frame)
        table = pd.concat(frames, ignore_index=True)
        table.attrs = {
            "units": {name: series.unit for name, series in SERIES.items()},
            "meanings": {name: series.meaning for name, series in SERIES.items()},
        }
        return table

    def what_binds(self) -> pd.DataFrame:
        """How many institutions each constraint holds back: seed, month, date, place, domain, constraint, count."""
        frames = []
        for run in self.runs:
            month, place, constraint = np.nonzero(run.bindings)
            kinds, _, domains = zip(*(Place(p).name.lower().partition("_") for p in place), strict=True)
            frames.append(
                pd.DataFrame(
                    {
                        "seed": run.seed,
                        "month": month,
                        "date": [self.plan.date_of(int(m)) for m in month],
                        "place": kinds,
                        "domain": domains,
                        "constraint": [Binding(c).name.lower() for c in constraint],
                        "institutions": run.bindings[month, place, constraint],
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    def ledger(self) -> pd.DataFrame:
        """All payments: seed, month, date, payer, payee, purpose, won; months without a payment are left out."""
        from model.country import read_country

        universities = [row["name"] for row in read_country(self.plan.country).universities]
        frames = []
        for run in self.runs:
            month, purpose, row = np.nonzero(run.paid)
            payments = list(PAYMENTS.values())
            payer = [_account(payments[p].payer, int(r), universities) for p, r in zip(purpose, row, strict=True)]
            payee = [_account(payments[p].payee, int(r), universities) for p, r in zip(purpose, row, strict=True)]
            frames.append(
                pd.DataFrame(
                    {
                        "seed": run.seed,
                        "month": month,
                        "date": [self.plan.date_of(int(m)) for m in month],
                        "payer": payer,
                        "payee": payee,
                        "purpose": [payments[p].meaning for p in purpose],
                        "won": run.paid[month, purpose, row],
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)


def _account(sector: str, row: int, universities: list[str]) -> str:
    return universities[row] if sector == "universities" else sector


def simulate(
    plan: Scenario | str | Path = "korea",
    seeds: int | Sequence[int] | None = None,
    *,
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
        seeds: how many (0, 1, 2, ...), or which; 20 unless told. With margins what to begin with, 10 unless told.
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
    """
    from experiments.margins import until_levels

    plan = plan if isinstance(plan, Scenario) else Scenario.load(plan)
    until = until_levels(plan, margin, max_seeds) if margin else None
    begin = seeds if seeds is not None else START if margin else SEEDS
    results = simulate_all([plan], begin, workers=workers, people=people, events=events, progress=progress, more=until)[
        0
    ]
    results.precision = until and until.found
    return results


def simulate_all(
    plans: Sequence[Scenario],
    seeds: int | Sequence[int],
    *,
    workers: int | None = None,
    people: bool = False,
    events: bool = False,
    progress: Callable[[int, int], None] | None = None,
    more: Callable[[list[Results], list[int]], list[int]] | None = None,
) -> list[Results]:
    """Simulate several scenarios on the same seeds; see ``simulate``. People and events are kept of the first.

    ``more`` is asked with all runs and seeds so far which seeds to add, until it names none.
    """
    batch = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    numbers: list[int] = []
    results = [Results(plan, []) for plan in plans]
    kept = [(plan, people and n == 0, events and n == 0) for n, plan in enumerate(plans)]
    with Processes() as processes:
        while True:
            _check_seeds([*numbers, *batch], seeds)
            jobs = [Job(plan, seed, *tables) for seed in batch for plan, *tables in kept]
            before = len(plans) * len(numbers)
            interrupted = _add_runs(results, run_jobs(jobs, workers, processes=processes), len(jobs), before, progress)
            numbers += batch
            batch = more(results, numbers) if more and not interrupted else []
            if not batch:
                return results


def _check_seeds(numbers: list[int], given: Any) -> None:
    if not numbers or not all(isinstance(seed, int) and 0 <= seed < 2**31 for seed in numbers):
        raise InputError(f"seeds = {given!r}: needs at least one whole number from 0 to {2**31 - 1}")
    if len(set(numbers)) < len(numbers):
        raise InputError(f"seeds = {given!r}: names a seed twice; the same run would count twice")


def _add_runs(
    results: list[Results],
    runs: Iterator[tuple[int, Run]],
    jobs: int,
    before: int,
    progress: Callable[[int, int], None] | None,
) -> bool:
    """Add runs as they finish, one for each of the results in turn, in order; gives whether it was interrupted."""
    done: list[Run | None] = [None] * jobs
    interrupted = False
    try:
        for count, (index, run) in enumerate(runs, 1):
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
        self.pool, self.count = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")), count

    def end(self) -> None:
        """Let them go, without waiting."""
        if self.pool:
            self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = None


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
    waiting: dict[Future[Run], int] = {}
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
