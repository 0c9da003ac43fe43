"""Simulating a scenario over several seeds, in parallel, without losing a finished run."""

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
from typing import Any

import mesa
import numpy as np
import pandas as pd

from agents.domains import Binding, Domain, Place
from agents.trainee import Level, Source, State
from model.ecosystem import Ecosystem
from model.errors import InputError
from model.ledger import PAYMENTS
from model.record import SERIES
from model.scenario import Scenario
from model.world import Event, Outcome

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
    seeds: int | Sequence[int] = 20,
    *,
    workers: int | None = None,
    people: bool = False,
    events: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Simulate one scenario.

    Args:
        plan: the scenario, or its name or file.
        seeds: how many (0, 1, 2, ...), or which.
        workers: processes; None decides by the work there is. Results do not depend on it.
        people: keep the people of each run (one row a person).
        events: keep what happened to each person.
        progress: called with (runs done, runs in all).

    Returns:
        The runs in the order of the seeds. A run that fails is listed in ``failures``; the others are kept.
    """
    plan = plan if isinstance(plan, Scenario) else Scenario.load(plan)
    return simulate_all([plan], seeds, workers=workers, people=people, events=events, progress=progress)[0]


def simulate_all(
    plans: Sequence[Scenario],
    seeds: int | Sequence[int],
    *,
    workers: int | None = None,
    people: bool = False,
    events: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Results]:
    """Simulate several scenarios on the same seeds; see ``simulate``. People and events are kept of the first."""
    numbers = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    jobs = [Job(plan, seed, people and n == 0, events and n == 0) for seed in numbers for n, plan in enumerate(plans)]
    if not numbers or not all(isinstance(seed, int) and 0 <= seed < 2**31 for seed in numbers):
        raise InputError(f"seeds = {seeds!r}: needs at least one whole number from 0 to {2**31 - 1}")
    if len(set(numbers)) < len(numbers):
        raise InputError(f"seeds = {seeds!r}: names a seed twice; the same run would count twice")
    done: list[Run | None] = [None] * len(jobs)
    interrupted = False
    try:
        for count, (index, run) in enumerate(run_jobs(jobs, workers), 1):
            done[index] = run
            if progress:
                progress(count, len(jobs))
    except KeyboardInterrupt:
        interrupted = True
    results = []
    for n, plan in enumerate(plans):
        mine = [run for run in done[n :: len(plans)] if run is not None]
        finished = [run for run in mine if run.error is None]
        failed = [run for run in mine if run.error is not None]
        results.append(Results(plan, finished, failed, interrupted))
    return results


class Crew:
    """Processes started afresh (spawn), when first needed; a crew may serve several calls of ``run_jobs``.

    Args:
        workers: processes; None decides by the work there is.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    @property
    def at_work(self) -> bool:
        """Whether its processes are there."""
        return self._pool is not None

    def pool(self, jobs_at_least: int | None = None) -> ProcessPoolExecutor:
        """Its processes, not more than there are jobs if that is said."""
        if self._pool is None:
            count = min(self.workers or os.cpu_count() or 1, jobs_at_least or 2**31)
            self._pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))
        return self._pool

    def leave(self) -> None:
        """End the processes without waiting for what they have in hand; the next call starts others."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()


def run_jobs(
    jobs: Sequence[Any],
    workers: int | None = None,
    work: Callable[[Any], Any] | None = None,
    crew: Crew | None = None,
) -> Iterator[tuple[int, Any]]:
    """Do jobs and yield ``(index, run)`` as they finish; ``work`` does one job (default ``do``).

    The first is done here: it compiles what needs compiling and shows how long a run takes. If the rest is worth
    it, processes share it; a process that dies costs nothing but doing its run again, apart. With a ``crew`` its
    processes do so and stay for the next call, and once they are there nothing is done here.
    """
    work = work or do
    mine = crew or Crew(workers)
    try:
        yield from _share(jobs, work, mine, stays=crew is not None)
    finally:
        if crew is None:
            mine.leave()


def _share(jobs: Sequence[Any], work: Callable[[Any], Any], crew: Crew, *, stays: bool) -> Iterator[tuple[int, Any]]:
    """Do jobs here or by the crew; see ``run_jobs``."""
    here = 0 if crew.at_work else min(len(jobs), 2)
    began = time.perf_counter()
    for index in range(here):
        if index == 1:
            began = time.perf_counter()
        yield index, work(jobs[index])
    rest = list(range(here, len(jobs)))
    seconds = (time.perf_counter() - began) * len(rest)
    count = crew.workers or (1 if seconds < SERIAL_SECONDS and not crew.at_work else os.cpu_count() or 1)
    if min(count, len(rest)) <= 1 and not crew.at_work:
        for index in rest:
            yield index, work(jobs[index])
        return
    missing = set(rest)
    waiting: dict[Future[Any], int] = {}
    try:
        queue = iter(rest)
        with _children_deaf_to_interrupts():
            pool = crew.pool(None if stays else len(rest))
            for index in queue:
                waiting[pool.submit(work, jobs[index])] = index
                if len(waiting) == 4 * count:
                    break
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
        crew.leave()  # a process was killed; what it had in hand is in ``missing``
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


def do(job: Job) -> Run:
    """Do one job; an error of the model or of the scenario becomes part of the result."""
    run = Run(job.plan, job.seed)
    try:
        model = Ecosystem(job.plan, job.seed, events=job.events, watch=job.watch).run()
    except Exception:
        run.error = traceback.format_exc()
        return run
    run.history, run.paid, run.bindings = np.asarray(model.history), model.paid, model.bindings
    if job.people:
        run.people = people_table(model)
    if job.events:
        run.events = events_table(model)
    forget(model)
    return run


def forget(model: Ecosystem) -> None:
    """Let go of a model that is done with: Mesa numbers agents in a table of its own that keeps every model alive."""
    numbers = getattr(mesa.Agent, "_ids", None)
    if isinstance(numbers, dict):
        numbers.pop(model, None)


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
