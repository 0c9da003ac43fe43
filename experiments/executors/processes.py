"""Processes of this machine, each started with its first call and replaced when it dies."""

import contextlib
import faulthandler
import itertools
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from injae.experiments.executors.base import Execution, Executor, WorkerDied, WorkersCannotStart
from injae.experiments.executors.worker import Stopped, Worker, perform
from injae.experiments.signals import on_ending_signals

FAILED_STARTS = 2  # processes in a row that may die before they begin, by accident
END_SECONDS = 5.0  # for a process without a call to end by itself
STOP = b"stop"  # said to a process with a call; a call begins otherwise
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# where there is a fork server, what every worker needs is imported once, and the fork of it begins in milliseconds
CONTEXT: Any = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
IMPORTED = ["injae.experiments.runs"]


def default_workers() -> int:
    """How many processes work unless somebody says otherwise: one for each processor that this program may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux; containers and Slurm give a part of the machine
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class ProcessExecutor(Executor):
    """Up to ``count`` processes, by default one a core.

    Args:
        count: processes.
        nice: how far they let others of this machine go first.

    Raises:
        WorkersCannotStart: this is a program without a file.
    """

    def __init__(self, count: int | None = None, *, nice: int = 0) -> None:
        super().__init__()
        leave_if_read_again()
        main = getattr(sys.modules["__main__"], "__file__", None)
        if main and not Path(main).exists():
            raise WorkersCannotStart(
                f"a program without a file ({main}) cannot start processes; save it, or use workers=1"
            )
        self.most = count or default_workers()
        self.nice = nice

    @property
    def count(self) -> int:
        """Processes that there may be."""
        return self.most

    def hasten(self, execution: Execution, urgency: float) -> None:
        """Have a call done sooner that waits already."""
        super().hasten(execution, urgency)
        with self._lock:
            if len(self._members) < min(self.most, len(self._unfinished)):
                self._employ(_Process(self.nice))


def leave_if_read_again() -> None:
    """End a process of ours that reads the user's script again, which has no ``if __name__ == "__main__":``."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(1)


class _Process:
    """One process and the line to it; one that dies is followed by another."""

    gone = False

    def __init__(self, nice: int) -> None:
        self.nice = nice
        self.process: Any = None
        self.line: Any = None
        self.failed_starts = 0

    def do(self, execution: Execution) -> Any:
        """Have a call done.

        Raises:
            WorkerDied: the process did, and another is there for the next call.
            WorkersCannotStart: processes die before they begin.
            Stopped: the call was given up.
        """
        call = pickle.dumps((execution.call, execution.arguments))
        while self.process is None:
            self._start()
        try:
            self.line.send_bytes(call)
            with execution.stopped_by(self._stop):
                while True:
                    word, content = self.line.recv()
                    if word == "returned":
                        return content
                    if word == "raised":
                        break
                    execution.listen(content)
        except (EOFError, ConnectionError) as error:
            raise WorkerDied(self._bury()) from error
        raise content

    def _start(self) -> None:
        with _starting:
            resource_tracker.ensure_running()  # which would undo what follows
            if hasattr(signal, "pthread_sigmask"):  # processes leave Ctrl-C to this one from their first moment
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            CONTEXT.set_forkserver_preload(IMPORTED)
            self.line, theirs = CONTEXT.Pipe()
            self.process = CONTEXT.Process(target=_work, args=(theirs, self.nice, dict(os.environ)), daemon=True)
            with _environment(ONE_THREAD | {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(sys.path)}):
                self.process.start()
            theirs.close()
        try:
            self.line.recv()
            self.failed_starts = 0
        except (EOFError, ConnectionError) as error:
            manner = self._bury()
            self.failed_starts += 1
            if self.failed_starts > FAILED_STARTS:
                raise WorkersCannotStart(
                    f"processes cannot start ({manner}); in a script, call what simulates below "
                    '`if __name__ == "__main__":`, or use workers=1'
                ) from error

    def _stop(self) -> None:
        with contextlib.suppress(OSError):
            self.line.send_bytes(STOP)

    def _bury(self) -> str:
        """Have the process end whose line is closed; gives how it did."""
        self.line.close()
        self.process.join(END_SECONDS)
        self.process.kill()
        self.process.join()
        code, self.process = self.process.exitcode, None
        if code is not None and code < 0:
            return f"{signal.Signals(-code).name}: killed, or out of memory"
        return f"exit code {code}"

    def end(self) -> None:
        """Let it go when it has nothing in hand."""
        if self.process is not None:
            self._bury()

    def kill(self) -> None:
        """End it although it has something in hand."""
        if process := self.process:
            process.kill()


_starting = threading.Lock()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Processes started meanwhile have these variables."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


# what happens in a process


class _Here(Worker):
    """A process as its calls see it."""

    def __init__(self, line: Connection) -> None:
        self.line = line
        self.log = Path(os.devnull).open("w")  # noqa: SIM115 - for what a process that is ended has to say at length

    def tell(self, message: Any) -> None:
        self.line.send(("told", message))

    def asked_to_stop(self) -> bool:
        return self.line.poll()  # nothing else is said to a process with a call, but its line may be closed

    def end_after(self, seconds: float | None) -> None:
        if seconds is None:
            faulthandler.cancel_dump_traceback_later()
        else:
            faulthandler.dump_traceback_later(seconds, exit=True, file=self.log)

    def next_call(self) -> bytes:
        """What is to be done next."""
        while (call := self.line.recv_bytes()) == STOP:  # it came when the call before was done
            pass
        return call


def _work(line: Connection, nice: int, environment: dict[str, str]) -> None:
    """What a process does until its line is closed: calls, one after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(environment)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    here = _Here(line)
    with contextlib.suppress(EOFError, OSError), on_ending_signals(sys.exit):  # that finished work is written
        line.send(("begins", None))
        for _ in itertools.count():
            line.send(_outcome(here, here.next_call()))


def _outcome(here: _Here, packed: bytes) -> tuple[str, Any]:
    """What a call gives, or raises."""
    try:
        call, arguments = pickle.loads(packed)
        return "returned", perform(here, call, arguments)
    except Stopped as stopped:
        return "raised", stopped
    except Exception as error:
        error.add_note(traceback.format_exc())
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return "raised", RuntimeError(f"{type(error).__name__}: {error}")
        return "raised", error
    finally:
        here.end_after(None)
