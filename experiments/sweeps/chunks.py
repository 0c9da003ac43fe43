"""Doing the runs of a sweep: in this process, or shared among the workers of an executor, wherever they are.

A worker gets a chunk of runs at a time, worth a few seconds, writes its blocks itself and tells what it has written.
When it dies, the runs of its chunk that are not written are done again, one by one; a run whose worker dies once more
has failed. Between machines go settings and such words, and nothing else.
"""

import dataclasses
import gc
import hashlib
import queue
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from injae.experiments.executors.base import Execution, Executor, WorkerDied, WorkersCannotStart
from injae.experiments.executors.worker import here
from injae.experiments.folders import MANIFEST
from injae.experiments.runs import by_years
from injae.experiments.sweeps.blocks import Block, Order, OverBudget, Receipt, RunOne, Task, runs_table
from injae.experiments.sweeps.store import write_block
from injae.model.ecosystem import Ecosystem

CHUNK_SECONDS = 3.0  # what a worker gets to do at a time
LEAST_CHUNK_SECONDS = 0.5
CHUNK_RUNS = 500
HEAR_SECONDS = 0.5
PATIENCE_SECONDS = 3.0  # beyond its time budget, until a run that does not look at the clock is killed

Record = Callable[[list[Receipt]], None]


def one_run(order: Order, task: Task) -> Ecosystem:
    """Simulate a run to its end.

    Raises:
        OverBudget: it took longer than it may; looked at after each simulated year.
    """
    began, budget = time.perf_counter(), order.seconds_per_run
    plan = order.policies[task.policy].with_settings(dict(task.settings))
    model = Ecosystem(plan, task.seed, events="events" in order.kept)

    def watch() -> None:
        if budget is not None and time.perf_counter() - began > budget:
            raise OverBudget(f"over its budget of {budget:g} s in month {model.month} of {plan.months}")

    return by_years(model, watch)


def run_here(order: Order, tasks: Iterable[Task], record: Record, run_one: RunOne | None = None) -> None:
    """Do tasks in this process, one after the other; an interrupt loses only the run in hand."""
    block = Block(order, run_one or one_run)
    gc.freeze()  # as in a worker, but this process goes on to do other things
    try:
        for task in tasks:
            block.add(task)
            if block.is_due():
                record(block.write())
    finally:
        gc.unfreeze()
        record(block.write())


def warm_up(order: Order, months: int = 1) -> None:
    """Compile the model, or load the compiled one, before time is measured; an error shows later, in its run."""
    plan = next(iter(order.policies.values()))
    try:
        Ecosystem(plan, 0).run(min(months, plan.months))
    except Exception:
        return


# on a worker

_seen: set[tuple[Path, str]] = set()  # sweeps that this worker has found


def do_chunk(order: Order, manifest: str, run_one: RunOne, chunk: list[Task]) -> None:
    """Do a chunk: every run, and blocks when they are due; tells what is begun, if that is timed, and written.

    Raises:
        WorkersCannotStart: this worker does not see the folder of the sweep.
        OSError: it cannot write there.
    """
    worker, budget = here(), order.seconds_per_run
    if (order.folder, manifest) not in _seen:
        if _digest_of_manifest(order.folder) != manifest:
            raise WorkersCannotStart(
                f"worker on {socket.gethostname()} does not see this sweep; its folder must be on a disk that both "
                "share, under the same path"
            )
        warm_up(order)
        _seen.add((order.folder, manifest))
    block = Block(order, run_one)
    try:
        for task in chunk:
            if worker.asked_to_stop():
                break
            if budget is not None:
                worker.tell(("begins", task.id))
                worker.end_after(longest_seconds(budget))
            block.add(task)
            if budget is not None:
                worker.end_after(None)
                worker.tell(("ends", None))  # a slow disk is no run that does not end
            if block.is_due():
                worker.tell(("written", block.write()))
    finally:
        worker.tell(("written", block.write()))


def longest_seconds(budget: float) -> float:
    """When a run that does not look at the clock is ended from outside, its process with it."""
    return budget + max(budget, PATIENCE_SECONDS)


def _digest_of_manifest(folder: Path) -> str:
    """The sweep in a folder, so that a folder of the same name on another disk is not taken for it."""
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return "none"


# among workers


@dataclass(eq=False)
class Chunk:
    """Runs that a worker has to do, as far as it has told."""

    unwritten: dict[str, Task]
    apart: bool = False  # it is one run that was in hand when a worker died
    task: Task | None = None  # the run in hand, where runs are timed
    since: float = field(default_factory=time.monotonic)  # of the run in hand, or of the chunk

    def hears(self, word: str, content: Any) -> list[Receipt]:
        """Take note of what the worker tells; gives the runs that it wrote."""
        if word == "written":
            return [receipt for receipt in content if self.unwritten.pop(receipt.id, None)]
        self.task, self.since = self.unwritten.get(content), time.monotonic()
        return []


def share(
    order: Order, tasks: Iterator[Task], left: int, record: Record, executor: Executor, run_one: RunOne | None = None
) -> None:
    """Do ``left`` tasks on the workers of an executor, which is shut down then; an interrupt loses the runs in hand.

    Raises:
        WorkersCannotStart: there are no workers that can be used.
        OSError: a worker cannot write.
    """
    order = dataclasses.replace(order, folder=order.folder.resolve())
    _Shared(order, tasks, left, record, executor, run_one or one_run).run()


@dataclass
class _Shared:
    """Tasks that are to be done, and chunks that are under way."""

    order: Order
    tasks: Iterator[Task]
    left: int  # tasks not yet recorded
    record: Record
    executor: Executor
    run_one: RunOne
    again: deque[Task] = field(default_factory=deque)
    apart: deque[Task] = field(default_factory=deque)
    seconds: float = 0.0
    finished: int = 0
    pending: set[Chunk] = field(default_factory=set)
    heard: queue.SimpleQueue[tuple[Chunk, Any]] = field(default_factory=queue.SimpleQueue)

    def run(self) -> None:
        manifest = _digest_of_manifest(self.order.folder)
        try:
            while self.left > 0:
                count = self.executor.count
                while len(self.pending) < count and (chunk := self._next_chunk()):
                    self._submit(chunk, manifest)
                if count and not self.pending:
                    return  # nothing is left to hand out
                if self.executor.broken:
                    raise self.executor.broken
                self._hear()
        finally:
            self.executor.shutdown(cancel_futures=True)
            while not self.heard.empty():
                chunk, said = self.heard.get()
                if not isinstance(said, Execution):
                    self._count(chunk.hears(*said))

    def _submit(self, chunk: Chunk, manifest: str) -> None:
        self.pending.add(chunk)
        put: Any = lambda said, chunk=chunk: self.heard.put((chunk, said))  # noqa: E731
        tasks = list(chunk.unwritten.values())
        execution = self.executor.submit(
            do_chunk, self.order, manifest, self.run_one, tasks, attempts=1, listen=put
        )  # once: what a chunk has written is not to be done again
        execution.add_done_callback(put)

    def _hear(self) -> None:
        """Take note of what is told next, if anything is."""
        try:
            chunk, said = self.heard.get(timeout=HEAR_SECONDS)
        except queue.Empty:
            return
        if not isinstance(said, Execution):
            self._count(chunk.hears(*said))
            return
        self.pending.discard(chunk)
        try:
            said.result()
        except WorkerDied as death:
            self._lost(chunk, death)

    def _next_chunk(self) -> Chunk | None:
        if self.apart:
            task = self.apart.popleft()
            return Chunk({task.id: task}, apart=True)
        tasks: dict[str, Task] = {}
        while len(tasks) < self._chunk_runs():
            task = self.again.popleft() if self.again else next(self.tasks, None)
            if task is None:
                break
            tasks[task.id] = task
        return Chunk(tasks) if tasks else None

    def _chunk_runs(self) -> int:
        """Runs worth a few seconds, fewer towards the end so that nobody waits for the last."""
        if not self.finished:
            return 1
        per_second = self.finished / max(self.seconds, 1e-6)
        fair = max(self.left // (2 * max(self.executor.count, 1)), int(LEAST_CHUNK_SECONDS * per_second))
        return max(1, min(int(CHUNK_SECONDS * per_second), CHUNK_RUNS, fair))

    def _count(self, receipts: list[Receipt]) -> None:
        if receipts:
            self.left -= len(receipts)
            self.finished += len(receipts)
            self.seconds += sum(receipt.seconds for receipt in receipts)
            self.record(receipts)

    def _lost(self, chunk: Chunk, death: WorkerDied) -> None:
        """Give the runs of a dead worker to others, one by one; those that cannot be done are recorded as such."""
        budget, seconds = self.order.seconds_per_run, time.monotonic() - chunk.since
        unwritten = list(chunk.unwritten.values())
        if death.retired:
            self.again.extend(unwritten)
        elif chunk.task and budget is not None and seconds > budget:
            reason = f"over its budget of {budget:g} s and did not end; its process was killed"
            self._fail(chunk.task, "cut", reason, seconds)
            self.again.extend(task for task in unwritten if task != chunk.task)
        elif chunk.apart:
            for task in unwritten:
                self._fail(task, "died", f"its process died twice ({death})", seconds)
        else:
            self.apart.extend(unwritten)

    def _fail(self, task: Task, status: str, reason: str, seconds: float) -> None:
        """Record a run that its worker cannot record."""
        write_block(self.order.folder, {"runs": runs_table([(task, status, reason, seconds, None)])})
        self._count([Receipt(task.id, status, seconds)])
