"""Doing the runs of a sweep: here, or in processes that write their blocks themselves.

A process gets a chunk of tasks at a time, worth a few seconds, and only receipts travel back. When a process dies, the
runs of its chunk that are not on disk are done again, one by one; a run whose process dies once more has failed.
"""

import gc
import multiprocessing
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from experiments.blocks import Block, Order, OverBudget, Receipt, RunOne, Task, runs_table
from experiments.runs import _children_deaf_to_interrupts
from experiments.store import write_block
from model.ecosystem import YEAR, Ecosystem

CHUNK_SECONDS = 3.0  # what a process gets to do at a time
LEAST_CHUNK_SECONDS = 0.5
CHUNK_RUNS = 500
PATIENCE_SECONDS = 3.0  # beyond its time budget, until a run that does not look at the clock is killed
LEAVE_SECONDS = 20.0  # for processes to end their run in hand when told to stop
FAILED_STARTS = 2  # processes that may die before they begin, by accident


class WorkersCannotStart(RuntimeError):
    """Processes end before they can work; the message says what to do."""


def one_run(order: Order, task: Task) -> Ecosystem:
    """Simulate a run to its end.

    Raises:
        OverBudget: it took longer than it may; looked at after each simulated year.
    """
    began = time.perf_counter()
    plan = order.policies[task.policy].with_settings(dict(task.settings))
    model = Ecosystem(plan, task.seed, events="events" in order.kept)
    while model.month < plan.months:
        if order.seconds_per_run is not None and time.perf_counter() - began > order.seconds_per_run:
            raise OverBudget(f"over its budget of {order.seconds_per_run:g} s in month {model.month} of {plan.months}")
        model.run(min(YEAR, plan.months - model.month))
    return model


Record = Callable[[list[Receipt]], None]


def run_here(order: Order, tasks: Iterable[Task], record: Record, run_one: RunOne | None = None) -> None:
    """Do tasks in this process, one after the other; an interrupt loses only the run in hand."""
    block = Block(order, run_one or one_run)
    try:
        for task in tasks:
            block.add(task)
            if block.is_due():
                record(block.write())
    finally:
        record(block.write())


def warm_up(order: Order, months: int = 1) -> None:
    """Compile the model, or load the compiled one, before time is measured; an error shows later, in its run."""
    plan = next(iter(order.policies.values()))
    try:
        Ecosystem(plan, 0).run(min(months, plan.months))
    except Exception:
        return


def _work(connection: Connection, order: Order, run_one: RunOne) -> None:
    """What a process does: chunks, until there are none or its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up(order)
    gc.collect()
    gc.freeze()  # what is loaded stays, so that looking for garbage takes a millisecond instead of a hundred
    block = Block(order, run_one)
    try:
        connection.send(("ready", None))
        while (chunk := connection.recv()) is not None:
            for task in chunk:
                if connection.poll():  # only one thing is said to a process at work: stop
                    break
                connection.send(("begins", task.id))
                block.add(task)
                if block.is_due():
                    connection.send(("written", block.write()))
            connection.send(("written", block.write()))
            connection.send(("ready", None))
    except (EOFError, ConnectionError):
        block.write()
    except OSError as error:  # the disk is full, or gone: the parent says so and stops
        connection.send(("broken", str(error)))


class _Worker:
    """A process as its parent sees it."""

    def __init__(self, order: Order, run_one: RunOne) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, order, run_one), daemon=True)
        with _children_deaf_to_interrupts():
            self.process.start()
        theirs.close()
        self.started = False  # it has said that it is ready
        self.idle = False
        self.apart = False  # its chunk is one run that was in hand when another process died
        self.unwritten: dict[str, Task] = {}
        self.task: Task | None = None
        self.since = 0.0

    def give(self, chunk: list[Task], apart: bool) -> None:
        self.unwritten = {task.id: task for task in chunk}
        self.idle, self.apart = False, apart
        with suppress(ConnectionError):  # it died meanwhile, which shows when its connection is read
            self.connection.send(chunk)

    def hears(self, word: str, content: Any) -> list[Receipt]:
        """Take note of what it says; gives the runs that it wrote."""
        if word == "begins":
            self.task, self.since = self.unwritten.get(content), time.monotonic()
        elif word == "ready":
            self.started, self.idle, self.task = True, True, None
        elif word == "broken":
            raise OSError(content)
        elif word == "written":
            self.task = None
            for receipt in content:
                self.unwritten.pop(receipt.id, None)
            return content
        return []

    def is_stuck(self, seconds: float | None) -> bool:
        """Whether its run is so far over its budget that it will not look at the clock any more."""
        if seconds is None or self.task is None:
            return False
        return time.monotonic() - self.since > seconds + max(seconds, PATIENCE_SECONDS)


@dataclass
class Pool:
    """Some processes, what they have in hand and what is to be done."""

    order: Order
    count: int
    tasks: Iterator[Task]
    left: int  # tasks not yet recorded
    record: Record
    run_one: RunOne
    again: deque[Task] = field(default_factory=deque)
    apart: deque[Task] = field(default_factory=deque)
    workers: list[_Worker] = field(default_factory=list)
    seconds: float = 0.0
    finished: int = 0
    failed_starts: int = 0

    def run(self) -> None:
        """Do all tasks.

        Raises:
            WorkersCannotStart: a process died before it could begin.
        """
        try:
            self.workers = [_Worker(self.order, self.run_one) for _ in range(self.count)]
            while self.left > 0:
                for worker in self.workers:
                    if worker.idle:
                        self._feed(worker)
                if all(worker.idle for worker in self.workers):
                    return  # nothing is left to hand out
                self._listen()
        finally:
            self._close()

    def _feed(self, worker: _Worker) -> None:
        if self.apart:
            worker.give([self.apart.popleft()], apart=True)
            return
        chunk = []
        while len(chunk) < self._chunk_runs():
            task = self.again.popleft() if self.again else next(self.tasks, None)
            if task is None:
                break
            chunk.append(task)
        if chunk:
            worker.give(chunk, apart=False)

    def _chunk_runs(self) -> int:
        """Runs worth a few seconds, fewer towards the end so that nobody waits for the last."""
        if not self.finished:
            return 1
        per_second = self.finished / max(self.seconds, 1e-6)
        fair = max(self.left // (2 * self.count), int(LEAST_CHUNK_SECONDS * per_second))
        return max(1, min(int(CHUNK_SECONDS * per_second), CHUNK_RUNS, fair))

    def _listen(self) -> None:
        """Wait until something happens, and take note of it."""
        by_connection = {worker.connection: worker for worker in self.workers}
        for connection in wait(list(by_connection), timeout=0.5):
            worker = by_connection[connection]  # pyright: ignore[reportArgumentType]
            try:
                while worker.connection.poll():
                    self._note(worker.hears(*worker.connection.recv()))
            except (EOFError, ConnectionError):
                self._replace(worker)
        for worker in self.workers:
            if worker.is_stuck(self.order.seconds_per_run):
                self._cut(worker)

    def _note(self, receipts: list[Receipt]) -> None:
        if receipts:
            self.left -= len(receipts)
            self.finished += len(receipts)
            self.seconds += sum(receipt.seconds for receipt in receipts)
            self.record(receipts)

    def _cut(self, worker: _Worker) -> None:
        """Kill a process whose run does not end, record this one, and do the rest of its chunk elsewhere."""
        assert worker.task
        worker.process.kill()
        worker.process.join()
        seconds = time.monotonic() - worker.since
        reason = f"over its budget of {self.order.seconds_per_run:g} s and did not end; its process was killed"
        worker.unwritten.pop(worker.task.id, None)
        self._fail(worker.task, "cut", reason, seconds)
        self.again.extend(worker.unwritten.values())
        worker.unwritten = {}
        self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        """Another process for one that died; its runs one by one, apart, or failed if that was tried already."""
        worker.process.join(LEAVE_SECONDS)
        worker.process.kill()  # if it has closed its connection and still does not end
        worker.process.join()
        self.failed_starts += not worker.started
        if self.failed_starts > FAILED_STARTS:
            raise WorkersCannotStart(
                f"processes cannot start ({_manner(worker)}); in a script, call sweep() below "
                '`if __name__ == "__main__":`, or use workers=1'
            )
        for task in worker.unwritten.values():
            if worker.apart:
                reason = f"its process died twice ({_manner(worker)})"
                self._fail(task, "died", reason, time.monotonic() - worker.since)
            else:
                self.apart.append(task)
        worker.connection.close()
        self.workers[self.workers.index(worker)] = _Worker(self.order, self.run_one)

    def _fail(self, task: Task, status: str, reason: str, seconds: float) -> None:
        """Record a run that its process cannot record."""
        write_block(self.order.folder, {"runs": runs_table([(task, status, reason, seconds)])})
        self._note([Receipt(task.id, status, seconds)])

    def _close(self) -> None:
        """Let processes end their run in hand and write what they have; then no process is left."""
        for worker in self.workers:
            try:
                worker.connection.send(None)
            except (ConnectionError, OSError):
                continue
        deadline = time.monotonic() + LEAVE_SECONDS
        for worker in self.workers:
            try:
                while worker.connection.poll(max(0.0, deadline - time.monotonic())):
                    self._note(worker.hears(*worker.connection.recv()))
            except (EOFError, ConnectionError, OSError):
                pass
            worker.process.join(max(0.0, deadline - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def run_in_processes(
    order: Order, tasks: Iterable[Task], left: int, count: int, record: Record, run_one: RunOne | None = None
) -> None:
    """Do ``left`` tasks in processes started afresh (spawn); see ``Pool.run``."""
    main = getattr(sys.modules["__main__"], "__file__", None)
    if main and not Path(main).exists():
        raise WorkersCannotStart(f"a program without a file ({main}) cannot start processes; save it, or use workers=1")
    warm_up(order)  # compiles once, not in every process at the same time
    Pool(order, min(count, left), iter(tasks), left, record, run_one or one_run).run()


def _manner(worker: _Worker) -> str:
    code = worker.process.exitcode
    if code is not None and code < 0:
        return f"{signal.Signals(-code).name}: killed, or out of memory"
    return f"exit code {code}"
