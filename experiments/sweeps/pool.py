"""Sharing the runs of a sweep among workers, wherever they are: processes of this machine, or of a cluster.

A worker gets a chunk of runs at a time, worth a few seconds, writes its blocks itself and says what it has written.
When it dies, the runs of its chunk that are not written are done again, one by one; a run whose worker dies once more
has failed. How workers are reached is the matter of a crew (``workers``, ``cluster``).
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from experiments.sweeps.blocks import Block, Order, Receipt, Task, runs_table
from experiments.sweeps.store import write_block

CHUNK_SECONDS = 3.0  # what a worker gets to do at a time
LEAST_CHUNK_SECONDS = 0.5
CHUNK_RUNS = 500
HEAR_SECONDS = 0.5
PATIENCE_SECONDS = 3.0  # beyond its time budget, until a run that does not look at the clock is killed
LEAVE_SECONDS = 20.0  # for workers to end their run in hand when told to stop

Record = Callable[[list[Receipt]], None]
Say = Callable[[str, Any], None]


class WorkersCannotStart(RuntimeError):
    """Workers end before they can work, or cannot be used; the message says what to do."""


def longest_seconds(budget: float) -> float:
    """When a run that does not look at the clock is ended from outside, its process with it."""
    return budget + max(budget, PATIENCE_SECONDS)


def do_chunk(block: Block, chunk: Sequence[Task], say: Say, told_to_stop: Callable[[], bool]) -> None:
    """What a worker does with a chunk: every run, blocks when they are due, and a word about each."""
    for task in chunk:
        if told_to_stop():
            break
        say("begins", task.id)
        block.add(task)
        if block.is_due():
            say("writes", None)
            say("written", block.write())
    say("writes", None)  # a slow disk is no run that does not end
    say("written", block.write())
    say("ready", None)


@dataclass(eq=False)
class Worker:
    """One who does chunks, as the pool sees it."""

    idle: bool = False
    apart: bool = False  # its chunk is one run that was in hand when another worker died
    unwritten: dict[str, Task] = field(default_factory=dict)
    task: Task | None = None  # the run in hand, as far as it is known
    since: float = field(default_factory=time.monotonic)  # of the run in hand, or of the chunk

    def takes(self, chunk: list[Task], apart: bool) -> None:
        """Note what it gets to do."""
        self.unwritten = {task.id: task for task in chunk}
        self.idle, self.apart, self.task, self.since = False, apart, None, time.monotonic()

    def hears(self, word: str, content: Any) -> list[Receipt]:
        """Take note of what it says; gives the runs that it wrote."""
        if word == "begins":
            self.task, self.since = self.unwritten.get(content), time.monotonic()
        elif word == "ready":
            self.idle = True
        elif word == "writes":
            self.task = None
        elif word == "broken":
            raise OSError(content)
        elif word == "written":
            receipts = [Receipt(*receipt) for receipt in content]
            return [receipt for receipt in receipts if self.unwritten.pop(receipt.id, None)]
        return []

    def seconds_in_hand(self) -> float:
        """How long its run takes already; 0 if none is known to be in hand."""
        return time.monotonic() - self.since if self.task else 0.0


class Crew(Protocol):
    """Workers and the way to them."""

    workers: list[Any]

    def start(self) -> None:
        """Get workers, or begin to."""

    def give(self, worker: Any, chunk: list[Task]) -> None:
        """Send a worker its chunk."""

    def hear(self, seconds: float) -> Iterator[tuple[Any, str, Any]]:
        """What workers say, waiting so long for the first word: worker, word, content; ``gone`` if it is."""
        ...

    def kill(self, worker: Any) -> None:
        """End a worker whose run does not end."""

    def replace(self, worker: Any) -> None:
        """Another worker for one that is gone, if the crew provides them."""

    def close(self) -> Iterator[tuple[Any, str, Any]]:
        """Let workers end their run in hand and write what they have; gives what they still say."""
        ...


@dataclass
class Pool:
    """Some workers, what they have in hand and what is to be done."""

    order: Order
    crew: Crew
    tasks: Iterator[Task]
    left: int  # tasks not yet recorded
    record: Record
    again: deque[Task] = field(default_factory=deque)
    apart: deque[Task] = field(default_factory=deque)
    seconds: float = 0.0
    finished: int = 0

    def run(self) -> None:
        """Do all tasks.

        Raises:
            WorkersCannotStart: there are no workers that can be used.
            OSError: a worker cannot write.
        """
        try:
            self.crew.start()
            while self.left > 0:
                for worker in self.crew.workers:
                    if worker.idle:
                        self._feed(worker)
                if self.crew.workers and all(worker.idle for worker in self.crew.workers):
                    return  # nothing is left to hand out
                for worker, word, content in self.crew.hear(HEAR_SECONDS):
                    self._note(worker, word, content)
                self._end_stuck()
        finally:
            for worker, word, content in self.crew.close():
                if word not in ("gone", "broken"):
                    self._count(worker.hears(word, content))

    def _feed(self, worker: Worker) -> None:
        apart = bool(self.apart)
        chunk = [self.apart.popleft()] if apart else self._chunk()
        if chunk:
            worker.takes(chunk, apart)
            self.crew.give(worker, chunk)

    def _chunk(self) -> list[Task]:
        chunk = []
        while len(chunk) < self._chunk_runs():
            task = self.again.popleft() if self.again else next(self.tasks, None)
            if task is None:
                break
            chunk.append(task)
        return chunk

    def _chunk_runs(self) -> int:
        """Runs worth a few seconds, fewer towards the end so that nobody waits for the last."""
        if not self.finished:
            return 1
        per_second = self.finished / max(self.seconds, 1e-6)
        fair = max(self.left // (2 * len(self.crew.workers)), int(LEAST_CHUNK_SECONDS * per_second))
        return max(1, min(int(CHUNK_SECONDS * per_second), CHUNK_RUNS, fair))

    def _note(self, worker: Worker, word: str, content: Any) -> None:
        if word == "gone":
            self._lost(worker, content)
            self.crew.replace(worker)
        else:
            self._count(worker.hears(word, content))

    def _count(self, receipts: list[Receipt]) -> None:
        if receipts:
            self.left -= len(receipts)
            self.finished += len(receipts)
            self.seconds += sum(receipt.seconds for receipt in receipts)
            self.record(receipts)

    def _end_stuck(self) -> None:
        """Kill workers whose run is so far over its budget that it will not look at the clock any more."""
        budget = self.order.seconds_per_run
        if budget is not None:
            for worker in self.crew.workers:
                if worker.seconds_in_hand() > longest_seconds(budget):
                    self.crew.kill(worker)

    def _lost(self, worker: Worker, manner: str) -> None:
        """Give the runs of a dead worker to others, one by one; those that cannot be done are recorded as such."""
        budget, seconds = self.order.seconds_per_run, worker.seconds_in_hand()
        unwritten = list(worker.unwritten.values())
        if worker.task and budget is not None and seconds > budget:
            reason = f"over its budget of {budget:g} s and did not end; its process was killed"
            self._fail(worker.task, "cut", reason, seconds)
            self.again.extend(task for task in unwritten if task != worker.task)
        elif worker.apart:
            for task in unwritten:
                reason = f"its process died twice ({manner})"
                self._fail(task, "died", reason, time.monotonic() - worker.since)
        else:
            self.apart.extend(unwritten)

    def _fail(self, task: Task, status: str, reason: str, seconds: float) -> None:
        """Record a run that its worker cannot record."""
        write_block(self.order.folder, {"runs": runs_table([(task, status, reason, seconds, None)])})
        self._count([Receipt(task.id, status, seconds)])
