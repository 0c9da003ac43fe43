"""Doing the runs of a sweep on this machine: in this process, or in others that write their blocks themselves."""

import gc
import multiprocessing
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from experiments.runs import _children_deaf_to_interrupts, by_years
from experiments.signals import on_ending_signals
from experiments.sweeps.blocks import Block, Order, OverBudget, RunOne, Task
from experiments.sweeps.pool import LEAVE_SECONDS, Pool, Record, Worker, WorkersCannotStart, do_chunk
from model.ecosystem import Ecosystem

FAILED_STARTS = 2  # processes that may die before they begin, by accident


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
    gc.freeze()  # as in ``settle``, but this process goes on to do other things
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


def settle(order: Order) -> None:
    """Make a process ready for many runs."""
    warm_up(order)
    gc.collect()
    gc.freeze()  # what is loaded stays, so that looking for garbage takes a millisecond instead of a hundred


def _work(connection: Connection, order: Order, run_one: RunOne) -> None:
    """What a process does: chunks, until there are none, its parent is gone or a signal ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with on_ending_signals(sys.exit):  # one sent to all processes at once must not cost finished runs
        _do_chunks(connection, order, run_one)


def _do_chunks(connection: Connection, order: Order, run_one: RunOne) -> None:
    settle(order)
    block = Block(order, run_one)
    try:
        connection.send(("ready", None))
        while (chunk := connection.recv()) is not None:
            # only one thing is said to a process at work: stop
            do_chunk(block, chunk, lambda word, content: connection.send((word, content)), connection.poll)
    except (EOFError, ConnectionError, SystemExit):
        block.write()
    except OSError as error:  # the disk is full, or gone: the parent says so and stops
        connection.send(("broken", str(error)))


class _Process(Worker):
    """A process as its parent sees it."""

    def __init__(self, order: Order, run_one: RunOne) -> None:
        super().__init__()
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, order, run_one), daemon=True)
        with _children_deaf_to_interrupts():
            self.process.start()
        theirs.close()
        self.started = False  # it has said that it is ready

    def says(self) -> Iterator[tuple[Worker, str, Any]]:
        """What has come from it by now; ``gone`` once its connection is closed."""
        try:
            while self.connection.poll():
                word, content = self.connection.recv()
                self.started = True
                yield self, word, content
        except (EOFError, ConnectionError):
            self.end(LEAVE_SECONDS)
            yield self, "gone", self._manner()

    def end(self, seconds: float) -> None:
        """Wait so long for it to end, then kill it: it may have closed its connection and still not end."""
        self.process.join(max(0.0, seconds))
        self.process.kill()
        self.process.join()

    def _manner(self) -> str:
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"{signal.Signals(-code).name}: killed, or out of memory"
        return f"exit code {code}"


class Processes:
    """Processes of this machine (see ``experiments.sweeps.pool.Crew``), each replaced when it dies."""

    def __init__(self, order: Order, run_one: RunOne, count: int) -> None:
        self.order, self.run_one, self.count = order, run_one, count
        self.workers: list[_Process] = []
        self.failed_starts = 0

    def start(self) -> None:
        """Start them."""
        for _ in range(self.count):
            self.workers.append(_Process(self.order, self.run_one))

    def give(self, worker: _Process, chunk: list[Task]) -> None:
        """Send a process its chunk."""
        with suppress(ConnectionError):  # it died meanwhile, which shows when its connection is read
            worker.connection.send(chunk)

    def hear(self, seconds: float) -> Iterator[tuple[Worker, str, Any]]:
        """What processes say."""
        by_connection: dict[Any, _Process] = {worker.connection: worker for worker in self.workers}
        for connection in wait(list(by_connection), timeout=seconds):
            yield from by_connection[connection].says()

    def kill(self, worker: _Process) -> None:
        """End a process whose run does not end."""
        worker.process.kill()

    def replace(self, worker: _Process) -> None:
        """Start another process for one that died.

        Raises:
            WorkersCannotStart: processes die before they begin.
        """
        manner = worker._manner()
        self.failed_starts += not worker.started
        if self.failed_starts > FAILED_STARTS:
            raise WorkersCannotStart(
                f"processes cannot start ({manner}); in a script, call sweep() below "
                '`if __name__ == "__main__":`, or use workers=1'
            )
        worker.connection.close()
        self.workers[self.workers.index(worker)] = _Process(self.order, self.run_one)

    def close(self) -> Iterator[tuple[Worker, str, Any]]:
        """Let processes end their run in hand and write what they have; then none is left."""
        for worker in self.workers:
            with suppress(OSError):
                worker.connection.send(None)
        deadline = time.monotonic() + LEAVE_SECONDS
        for worker in self.workers:
            with suppress(EOFError, OSError):
                while worker.connection.poll(max(0.0, deadline - time.monotonic())):
                    yield (worker, *worker.connection.recv())
            worker.end(deadline - time.monotonic())


def run_in_processes(
    order: Order, tasks: Iterable[Task], left: int, count: int, record: Record, run_one: RunOne | None = None
) -> None:
    """Do ``left`` tasks in processes started afresh (spawn); see ``Pool.run``."""
    main = getattr(sys.modules["__main__"], "__file__", None)
    if main and not Path(main).exists():
        raise WorkersCannotStart(f"a program without a file ({main}) cannot start processes; save it, or use workers=1")
    warm_up(order)  # compiles once, not in every process at the same time
    Pool(order, Processes(order, run_one or one_run, min(count, left)), iter(tasks), left, record).run()
