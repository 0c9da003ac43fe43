"""A block of runs: what each leaves, gathered until it is worth a file."""

import gc
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from injae.experiments.indicators import INDICATORS
from injae.experiments.runs import events_table, people_table
from injae.experiments.sweeps.store import RUNS, series_type, write_block
from injae.model.ecosystem import Ecosystem
from injae.model.record import SERIES
from injae.model.scenario import Scenario

BLOCK_RUNS = 50  # a block is written when it has so many runs
BLOCK_SECONDS = 4.0  # or is so old
TRACE_CHARACTERS = 1500


class Task(NamedTuple):
    """One run to do: a policy with the settings of a point, and a seed."""

    id: str
    policy: str
    point: int
    seed: int
    settings: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Order:
    """What all runs of a sweep have in common."""

    folder: Path
    policies: dict[str, Scenario]
    kept: tuple[str, ...] = ()  # of people and events
    seconds_per_run: float | None = None


class Receipt(NamedTuple):
    """A run that is on disk."""

    id: str
    status: str
    seconds: float


class OverBudget(Exception):
    """A run took longer than it may."""


RunOne = Callable[[Order, Task], Ecosystem]


class Kept(NamedTuple):
    """What a finished run leaves: its history, indicators, and tables of people and events when asked."""

    run: str
    history: Any
    indicators: list[float]
    tables: dict[str, pa.Table]


def _keep(order: Order, task: Task, model: Ecosystem) -> Kept:
    tables = {}
    for kind in order.kept:
        frame = people_table(model) if kind == "people" else events_table(model)
        frame = frame.drop(columns="seed")
        frame.insert(0, "run", task.id)
        tables[kind] = pa.Table.from_pandas(frame, preserve_index=False)
    history = np.asarray(model.history)
    return Kept(task.id, history, [indicator.of_run(history, model.plan) for indicator in INDICATORS.values()], tables)


@dataclass
class Block:
    """Runs that are done and not yet written."""

    order: Order
    run_one: RunOne
    rows: list[tuple[Task, str, str, float, int | None]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    since: float = field(default_factory=time.perf_counter)

    def add(self, task: Task) -> None:
        """Do a run; whatever goes wrong in it becomes its status and reason."""
        began, status, reason = time.perf_counter(), "done", ""
        try:
            model = self.run_one(self.order, task)
            self.kept.append(_keep(self.order, task, model))
        except OverBudget as error:
            status, reason = "cut", str(error)
        except Exception as error:
            status, reason = "failed", f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=-4)}"
        self.rows.append((task, status, reason[:TRACE_CHARACTERS], time.perf_counter() - began, peak_memory_bytes()))

    def is_due(self) -> bool:
        """Whether it is time to write."""
        return len(self.rows) >= BLOCK_RUNS or time.perf_counter() - self.since > BLOCK_SECONDS

    def write(self) -> list[Receipt]:
        """Write what is done and begin anew."""
        rows, kept = self.rows, self.kept
        if rows:
            tables = {"runs": runs_table(rows)}
            if kept:
                tables |= {"series": _series_table(kept), "summary": _summary_table(kept)}
            for kind in self.order.kept if kept else ():
                tables[kind] = pa.concat_tables([one.tables[kind] for one in kept]).unify_dictionaries()
            write_block(self.order.folder, tables)
        gc.collect()  # a model and its agents refer to each other: without this they pile up for thousands of runs
        self.rows, self.kept, self.since = [], [], time.perf_counter()
        return [Receipt(task.id, status, seconds) for task, status, _, seconds, _ in rows]


def peak_memory_bytes() -> int | None:
    """Largest memory that this process held at once so far (resident set); None where no system call tells (Windows).

    It contains Python, the compiled model and earlier runs: the first run with a larger figure than those before is the
    one that needed it.
    """
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def runs_table(rows: Iterable[tuple[Task, str, str, float, int | None]]) -> pa.Table:
    """Table ``runs`` of a block from task, status, reason, seconds and peak memory of each run."""
    columns = zip(*[(t.id, t.policy, t.point, t.seed, *outcome) for t, *outcome in rows], strict=True)
    return pa.table([list(column) for column in columns], schema=RUNS)


def _series_table(kept: list[Kept]) -> pa.Table:
    lengths = [len(one.history) for one in kept]
    columns: dict[str, Any] = {
        "run": pa.array(np.repeat([one.run for one in kept], lengths)),
        "month": pa.array(np.concatenate([np.arange(length) for length in lengths]), pa.int16()),
    }
    histories = np.concatenate([one.history for one in kept])
    for name in SERIES:
        kind = series_type(name)
        values = histories[name].astype(np.float32 if pa.types.is_float32(kind) else np.int64)
        columns[name] = pa.array(values, kind)
    return pa.table(columns)


def _summary_table(kept: list[Kept]) -> pa.Table:
    columns: dict[str, Any] = {"run": [one.run for one in kept]}
    for name, values in zip(INDICATORS, zip(*(one.indicators for one in kept), strict=True), strict=True):
        columns[name] = pa.array(values, pa.float64())
    return pa.table(columns)
