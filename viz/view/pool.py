"""Warm processes that all visitors share: each keeps the compiled model and the country loaded.

A job is one run. One thread a process takes the most urgent job that somebody still waits for, hands it over, and tells
those who wait. A process that dies is replaced, and its job is tried once more; dying again, the job has failed.
Cancelling is a visitor's own event: a job goes to no process once all who wanted it have cancelled, and one under way
is given up, so that nobody waits for what another has left.
"""

import contextlib
import gc
import heapq
import itertools
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

log = logging.getLogger("injae.view")
ATTEMPTS = 2
POLITENESS = 5  # the server, and a browser on the same machine, go before runs
LOOK_SECONDS = 0.02  # between two looks whether somebody still waits for a job under way
GIVE_UP = None  # said to a process; never a job
Check = Callable[[], None]
Work = Callable[[Any, Check], Any]


class Unwanted(BaseException):
    """Nobody waits any more for the job in hand."""


@dataclass(order=True)
class _Task:
    """One job with all who wait for it; the least rank is the most urgent."""

    rank: tuple[int, int]
    job: Any = field(compare=False)
    key: Hashable = field(compare=False)
    waiting: list[tuple[threading.Event, Callable[[Any], None]]] = field(compare=False, default_factory=list)
    taken: bool = field(compare=False, default=False)

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits."""
        return any(not cancelled.is_set() for cancelled, _ in self.waiting)


class Pool:
    """Processes started afresh (spawn) that do jobs for many askers.

    Args:
        work: does a job in the process, and calls what it is given besides now and then: that raises ``Unwanted``
            once nobody waits for the job. Must be importable there.
        failed: what those who wait get when the process of a job died ``ATTEMPTS`` times.
        count: processes; default as many as there are cores.
    """

    def __init__(self, work: Work, failed: Callable[[Any, str], Any], count: int | None = None) -> None:
        self.work, self.failed = work, failed
        self.count = count or os.cpu_count() or 1
        self._queue: list[_Task] = []
        self._tasks: dict[Hashable, _Task] = {}
        self._ready = threading.Condition()
        self._numbers = itertools.count()
        self._closed = False
        self._threads = [threading.Thread(target=self._serve, daemon=True, name=f"pool-{n}") for n in range(self.count)]
        for thread in self._threads:
            thread.start()

    def submit(
        self, key: Hashable, job: Any, urgency: int, cancelled: threading.Event, done: Callable[[Any], None]
    ) -> None:
        """Have a job done; ``done`` is called with what it gives, in a thread of the pool, unless cancelled before.

        Jobs of equal key are done once. The least ``urgency`` goes first: number an asker's jobs 0, 1, 2, ... and
        askers take turns.
        """
        with self._ready:
            task = self._tasks.get(key)
            if task is not None:
                task.waiting.append((cancelled, done))
                if task.taken or task.rank[0] <= urgency:
                    return
                task.rank = (urgency, task.rank[1])
                heapq.heapify(self._queue)
                return
            task = _Task((urgency, next(self._numbers)), job, key, [(cancelled, done)])
            self._tasks[key] = task
            heapq.heappush(self._queue, task)
            self._ready.notify()

    def close(self) -> None:
        """End the processes after the job each has in hand; waiting jobs are dropped."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(timeout=10)

    def _next(self) -> _Task | None:
        """The most urgent job that somebody waits for; None when the pool is closed."""
        with self._ready:
            while True:
                if self._closed:
                    return None
                while self._queue:
                    task = heapq.heappop(self._queue)
                    if task.wanted:
                        task.taken = True
                        return task
                    del self._tasks[task.key]
                self._ready.wait()

    def _serve(self) -> None:
        """One process and the jobs it does."""
        worker = _Worker(self.work)
        while (task := self._next()) is not None:
            finished, result = True, None
            for _ in range(ATTEMPTS):
                try:
                    finished, result = worker.do(task)
                    break
                except Exception as death:
                    log.warning("a process of the pool ended (%s: %s); it is replaced", worker.end(), death)
                    worker = _Worker(self.work)
                    result = self.failed(task.job, f"the process of this run ended: {type(death).__name__}")
            with self._ready:
                if not finished and task.wanted:  # somebody came as it was being given up
                    task.taken = False
                    heapq.heappush(self._queue, task)
                    continue
                waiting = self._tasks.pop(task.key).waiting
            for cancelled, done in waiting:
                if not cancelled.is_set():
                    try:
                        done(result)
                    except Exception:
                        log.exception("somebody who waited for a run could not take it")
        worker.end()


class _Worker:
    """One process and the line to it."""

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, work), daemon=True)
        self.process.start()
        theirs.close()

    def do(self, task: _Task) -> tuple[bool, Any]:
        """Have a job done, or given up once nobody wants it: whether it was finished, and what it gives.

        Raises:
            EOFError, OSError: the process died.
        """
        self.line.send(task.job)
        told = False
        while not self.line.poll(LOOK_SECONDS):
            if not told and not task.wanted:
                self.line.send(GIVE_UP)
                told = True
        return self.line.recv()

    def end(self) -> int | None:
        """Let the process end; gives its exit code."""
        self.line.close()
        self.process.join(timeout=5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return self.process.exitcode


def _work(line: Connection, work: Work) -> None:
    """What a process does until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(POLITENESS)

    def check() -> None:
        if line.poll():
            line.recv()
            raise Unwanted

    def do_next() -> None:
        while (job := line.recv()) is GIVE_UP:  # it came when the job was done
            pass
        try:
            line.send((True, work(job, check)))
        except Unwanted:
            line.send((False, None))

    with contextlib.suppress(EOFError, OSError):
        do_next()
        gc.collect()
        gc.freeze()  # what is loaded stays: looking for garbage takes a millisecond instead of a hundred
        while True:
            do_next()
