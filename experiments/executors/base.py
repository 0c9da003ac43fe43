"""Executors of ``concurrent.futures`` whose calls may speak meanwhile, be stopped under way, and outlive a worker."""

import itertools
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager
from typing import Any, Protocol

from injae.experiments.executors.worker import Stopped

ATTEMPTS = 2  # how often a call is begun whose worker dies
LEAVE_SECONDS = 20.0  # for workers to end the call in hand when told to stop
LOOK_SECONDS = 0.05  # between looks whether an asker has cancelled
LAST = math.inf

log = logging.getLogger("injae")


class WorkersCannotStart(RuntimeError):
    """Workers end before they can work, or cannot be used; the message says what to do."""


class WorkerDied(RuntimeError):
    """The worker of a call died, as often as the call may be begun; the message says how."""

    def __init__(self, manner: str, *, retired: bool = False) -> None:
        super().__init__(manner)
        self.retired = retired  # it was taken away in good order, which says nothing about the call


class Execution(futures.Future[Any]):
    """A call that was submitted.

    ``cancel`` takes it back while it waits. Under way it is asked to stop, and ends as it likes: with what it has, or
    as cancelled if it raises ``worker.Stopped``.
    """

    def __init__(self, call: Callable[..., Any], arguments: tuple[Any, ...], attempts: int, listen: Any) -> None:
        super().__init__()
        self.call, self.arguments, self.attempts = call, arguments, attempts
        self.listen: Callable[[Any], None] = listen or (lambda message: None)
        self.stopping = False
        self._taken = False
        self._lock = threading.Lock()
        self._stop: Callable[[], None] | None = None

    def cancel(self) -> bool:
        """Take it back; False if it is under way, and asked to stop, or done."""
        if super().cancel():
            return True
        with self._lock:
            if not self.stopping:
                self.stopping = True
                if self._stop:
                    self._stop()
        return False

    @contextmanager
    def stopped_by(self, stop: Callable[[], None]) -> Iterator[None]:
        """Meanwhile it is under way, and ``stop`` is how to ask its worker to stop."""
        with self._lock:
            self._stop = stop
            if self.stopping:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._stop = None

    def take(self) -> bool:
        """Whether a worker may do it: it is still wanted, and no other worker has it."""
        with self._lock:
            taken, self._taken = self._taken, True
        return not taken and (self.running() or self.set_running_or_notify_cancel())

    def give_back(self) -> None:
        """Let another worker take it."""
        self._taken = False


class Member(Protocol):
    """A worker as its executor sees it."""

    gone: bool

    def do(self, execution: Execution) -> Any:
        """Have a call done.

        Raises:
            WorkerDied: this worker did, and does nothing more if it is ``gone``.
            WorkersCannotStart: no worker can.
            Stopped: the call was given up.
        """

    def end(self) -> None:
        """Let it go when it has nothing in hand."""

    def kill(self) -> None:
        """End it although it has something in hand."""


class Executor(futures.Executor):
    """Workers that share a queue, each served by a thread of this process."""

    def __init__(self) -> None:
        self.broken: WorkersCannotStart | None = None
        self._queue: queue.PriorityQueue[tuple[float, int, Execution | None]] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        self._members: dict[Member, threading.Thread] = {}
        self._unfinished: set[Execution] = set()
        self._deadline: float | None = None  # once it is closed

    @property
    def count(self) -> int:
        """Workers that there are now."""
        return sum(not member.gone for member in list(self._members))

    def submit(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        fn: Callable[..., Any],
        /,
        *args: Any,
        urgency: float = 0,
        attempts: int = ATTEMPTS,
        listen: Callable[[Any], None] | None = None,
    ) -> Execution:
        """Have a call done by a worker.

        Args:
            fn: what to call; importable where the workers are.
            args: what with.
            urgency: the least goes first, and of equals what was submitted first.
            attempts: how often it may be begun, if workers die of it.
            listen: called with whatever the call tells (``worker.Worker.tell``), in a thread of the executor.

        Raises:
            RuntimeError: the executor is shut down.
        """
        execution = Execution(fn, args, attempts, listen)
        with self._lock:
            if self._deadline is not None:
                raise RuntimeError("the executor is shut down")
            if self.broken:
                execution.set_exception(self.broken)
                return execution
            self._unfinished.add(execution)
        execution.add_done_callback(self._unfinished.discard)
        self.hasten(execution, urgency)
        return execution

    def hasten(self, execution: Execution, urgency: float) -> None:
        """Have a call done sooner that waits already."""
        self._queue.put((urgency, next(self._numbers), execution))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the workers go.

        Args:
            wait: until none is left; those that work on after ``LEAVE_SECONDS`` are killed if calls are cancelled.
            cancel_futures: drop what waits, and stop what is under way.
        """
        with self._lock:
            self._deadline = time.monotonic() + LEAVE_SECONDS if cancel_futures else LAST
        if cancel_futures:
            self._drop()
            for execution in list(self._unfinished):
                execution.cancel()
        members = list(self._members.items())
        for _ in members:
            self._queue.put((LAST, next(self._numbers), None))
        for member, thread in members if wait else ():
            thread.join(max(0.0, self._deadline - time.monotonic()) if cancel_futures else None)
            if thread.is_alive():
                member.kill()

    def _drop(self, error: Exception | None = None) -> None:
        """Cancel all that waits, or have it fail."""
        while True:
            try:
                execution = self._queue.get_nowait()[2]
            except queue.Empty:
                return
            if execution and error and execution.take():
                execution.set_exception(error)
            elif execution:
                execution.cancel()

    def _employ(self, member: Member) -> None:
        """Have a worker do calls."""
        thread = threading.Thread(target=self._serve, args=(member,), daemon=True, name="worker")
        self._members[member] = thread
        thread.start()

    def _break(self, error: WorkersCannotStart) -> None:
        """Have all calls fail, those to come too."""
        with self._lock:
            self.broken = self.broken or error
        self._drop(self.broken)

    def _serve(self, member: Member) -> None:
        """The calls that one worker does."""
        while not member.gone:
            urgency, number, execution = self._queue.get()
            if execution is None:
                break
            if member.gone:
                self._queue.put((urgency, number, execution))
            elif execution.take():
                self._do(member, execution)
            del execution  # else what it gave stays until the next
        member.end()
        self._members.pop(member, None)

    def _do(self, member: Member, execution: Execution) -> None:
        try:
            result = member.do(execution)
        except WorkerDied as death:
            execution.attempts -= 1
            if execution.attempts and not execution.stopping:
                log.info("a worker died (%s); what it did is done again", death)
                execution.give_back()
                self.hasten(execution, -LAST)
            else:
                execution.set_exception(death)
        except Stopped:
            execution.set_exception(futures.CancelledError())
        except WorkersCannotStart as error:
            self._break(error)
            execution.set_exception(error)
        except Exception as error:
            execution.set_exception(error)
        else:
            execution.set_result(result)


def as_completed(
    asked: Sequence[futures.Future[Any]], cancelled: threading.Event | None = None
) -> Iterator[tuple[int, futures.Future[Any]]]:
    """Futures as they are done, each with its place, and then forgotten; ends once ``cancelled`` is set.

    What is left when it ends, in whatever way, is cancelled.
    """
    left = dict(enumerate(asked))
    del asked  # what a future gave is large, and goes with it
    ended: queue.SimpleQueue[int] = queue.SimpleQueue()
    for place, future in left.items():
        future.add_done_callback(lambda _, place=place: ended.put(place))
    try:
        while left and not (cancelled and cancelled.is_set()):
            try:
                place = ended.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            yield place, left.pop(place)
    finally:
        for future in left.values():
            future.cancel()
