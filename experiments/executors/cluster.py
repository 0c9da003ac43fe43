"""The workers of a Dask scheduler: they come and go, and the cluster itself replaces those that die.

A call is a Dask task that is bound to one worker, so that Dask itself repeats nothing: when a worker is gone, the
executor decides what is done again.
"""

import faulthandler
import hashlib
import logging
import pickle
import queue
import re
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from injae.agents.kernels import ROOT
from injae.experiments.executors.base import Execution, Executor, WorkerDied, WorkersCannotStart, log
from injae.experiments.executors.worker import Stopped, Worker, perform
from injae.experiments.manifest import data_checksums
from injae.model.errors import InputError

CONNECT_SECONDS = 10.0
ALONE_SECONDS = 10.0  # without any worker, until that is said
LOOK_SECONDS = 0.5  # between looks whether the scheduler is there
ADDRESS = re.compile(r"(\w+://)?([^\s:/\[\]]+|\[[0-9a-fA-F:]+\]):\d+")


def _code_version() -> str:
    """What a worker must have in common with this process: the model, its data, and what is done with them."""
    digest = hashlib.sha256(repr(sorted(data_checksums().items())).encode())
    for path in sorted(path for name in ("agents", "model", "experiments") for path in (ROOT / name).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


CODE_VERSION = _code_version()  # at import: files may change under a worker that has been running for days


def check_address(address: str) -> None:
    """Refuse what cannot be the address of a cluster.

    Raises:
        InputError: no address and no scheduler file, or Dask is not installed.
    """
    if address.endswith(".json"):
        if not Path(address).is_file():
            raise InputError("unreadable", "there is no such scheduler file", "cluster", address)
    elif not ADDRESS.fullmatch(address):
        fault = "needs the address of a Dask scheduler, such as tcp://10.0.0.1:8786, or its scheduler file (FILE.json)"
        raise InputError("form", fault, "cluster", address)
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        hint = 'install it with: pip install "injae[cluster]"'
        raise InputError("not_installed", "needs distributed", "cluster", suggestion=hint) from error


class ClusterExecutor(Executor):
    """The workers that a Dask scheduler has, now or later.

    Args:
        address: of the scheduler, or its scheduler file.

    Raises:
        WorkersCannotStart: no scheduler answers there.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        from distributed import Client

        # how it lost the scheduler it tells in forty lines, we in one
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        where: Any = {"scheduler_file" if address.endswith(".json") else "address": address}
        self.address = address
        try:
            self.client = Client(**where, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            message = f"no Dask scheduler answers at {address} within {CONNECT_SECONDS:.0f} s"
            raise WorkersCannotStart(message) from error
        self.topic = f"injae-{uuid.uuid4().hex}"
        self.lost = WorkersCannotStart(f"the scheduler of the cluster is gone ({address})")
        self.client.subscribe_topic("all", lambda event: self._note(event[1]))
        self.client.subscribe_topic(self.topic, lambda event: self._pass_on(event[1]))
        threads = self.client.nthreads()
        for worker in threads:
            self._note({"action": "add-worker", "worker": worker})
        if any(number > 1 for number in threads.values()):
            log.warning(
                "note: a worker does one run at a time, whatever threads it has; start as many as there are cores, "
                "with --nthreads 1"
            )
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the workers go, and leave the cluster as it was."""
        if self._closed.is_set():
            return
        super().shutdown(wait, cancel_futures=cancel_futures)
        self._closed.set()
        for topic in ("all", self.topic):  # else the scheduler writes to a closed line, and logs that at length
            self.client.unsubscribe_topic(topic)
        self.client.close(timeout=CONNECT_SECONDS)

    def _note(self, event: Any) -> None:
        """What the scheduler says of workers that come and go."""
        address, action = event.get("worker"), event.get("action")
        with self._lock:
            known = next((member for member in self._members if member.address == address and not member.gone), None)  # pyright: ignore
            if action == "add-worker" and known is None and self._deadline is None:
                self._employ(_Member(self, address))
            elif action == "remove-worker" and isinstance(known, _Member):
                known.gone = True
                known.heard.put(("gone", event.get("expected", False)))

    def _pass_on(self, event: Any) -> None:
        """What a worker says."""
        for member in list(self._members):
            if isinstance(member, _Member) and member.key == event["call"]:
                member.heard.put((event["word"], pickle.loads(event["content"])))

    def _watch(self) -> None:
        """Notice that the scheduler is gone, and say it once if there are no workers: they may come hours later."""
        alone_since: float | None = time.monotonic()
        while not self._closed.wait(LOOK_SECONDS):
            if self.client.status != "running":
                self._break(self.lost)
                for member in list(self._members):
                    member.heard.put(("lost", None))  # pyright: ignore[reportAttributeAccessIssue]
                return
            if self.count:
                alone_since = None
            elif alone_since is None:
                alone_since = time.monotonic()
            elif time.monotonic() - alone_since > ALONE_SECONDS:
                log.warning("note: the cluster has no workers; waiting for them (Ctrl-C stops)")
                alone_since = float("inf")


class _Member:
    """A Dask worker as this process sees it."""

    def __init__(self, executor: ClusterExecutor, address: str) -> None:
        self.executor, self.address = executor, address
        self.gone = False
        self.key = ""
        self.calls = 0
        self.heard: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def do(self, execution: Execution) -> Any:
        """Have a call done.

        Raises:
            WorkerDied: the worker is gone.
            WorkersCannotStart: it cannot be used, or the scheduler is gone.
            Stopped: the call was given up.
        """
        self.calls += 1
        self.key = f"{self.executor.topic}-{self.address}-{self.calls}"
        future = self.executor.client.submit(
            _do_here,
            pickle.dumps((execution.call, execution.arguments)), self.executor.topic, CODE_VERSION,
            key=self.key, workers=[self.address], allow_other_workers=False, pure=False,
        )  # fmt: skip
        key = self.key
        future.add_done_callback(lambda _: self.heard.put(("settled", key)))
        with execution.stopped_by(self._stop):
            return self._await(execution, future)

    def _await(self, execution: Execution, future: Any) -> Any:
        """What the call gives, once it is settled and all that it told has come: the two come on different ways."""
        missing = {"settled", "told all"}
        while missing:
            word, content = self.heard.get()
            if word == "gone":
                future.cancel()  # else Dask would do it again if a worker came with the same address
                why = "retired by the cluster" if content else "killed, or out of memory"
                raise WorkerDied(f"worker {self.address} of the cluster is gone: {why}", retired=content)
            if word == "lost":
                raise self.executor.lost
            if word == "told":
                execution.listen(content)
            elif word == "told all" or content == self.key:
                missing.discard(word)
                if word == "settled" and future.status != "finished":
                    break
        if future.status == "error":
            raise self._meaning(future.exception())
        try:
            return future.result()
        except Exception as error:  # not of the call, which is finished
            raise self.executor.lost from error

    def _meaning(self, error: Any) -> BaseException:
        """What an error of a Dask task says about this worker; an error of the call itself is what it is."""
        if type(error).__name__ == "KilledWorker":
            return WorkerDied(f"worker {self.address} of the cluster is gone: killed, or out of memory")
        if isinstance(error, WorkersCannotStart | OSError | Stopped):
            return error
        where = f"worker {self.address}"
        if isinstance(error, ImportError | AttributeError):
            return WorkersCannotStart(f"{where} has no Injae ({error}); start it from a checkout of it, in its Python")
        return WorkersCannotStart(f"{where}: {type(error).__name__}: {error}".splitlines()[0])

    def _stop(self) -> None:
        client = self.executor.client
        if client.status == "running":
            client.run(_stop_here, self.key, workers=[self.address], on_error="ignore")

    def end(self) -> None:
        """Nothing: the worker is the cluster's."""

    def kill(self) -> None:
        """Nothing: a worker ends its process itself when its run does not end (``_Here.end_after``)."""


# what happens on a worker

_stopped: set[str] = set()


def _stop_here(key: str) -> None:
    """Let this worker stop the call in hand."""
    _stopped.add(key)


class _Here(Worker):
    """A Dask worker as its calls see it."""

    def __init__(self, worker: Any, topic: str) -> None:
        self.worker, self.topic = worker, topic
        self.key = worker.get_current_task()

    def say(self, word: str, content: Any) -> None:
        """Send a word to the executor."""
        self.worker.log_event(self.topic, {"call": self.key, "word": word, "content": pickle.dumps(content)})

    def tell(self, message: Any) -> None:
        self.say("told", message)

    def asked_to_stop(self) -> bool:
        return self.key in _stopped

    def end_after(self, seconds: float | None) -> None:
        """End this process if its run does not, even one that holds the interpreter; its log tells where it was."""
        if seconds is None:
            faulthandler.cancel_dump_traceback_later()
        else:
            faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)


def _do_here(packed: bytes, topic: str, version: str) -> Any:
    """Do a call on a worker of the cluster.

    Raises:
        WorkersCannotStart: this worker has another version.
    """
    from distributed import get_worker  # extra cluster

    here = _Here(get_worker(), topic)
    if version != CODE_VERSION:  # looked at before what would fail in another version is opened
        raise WorkersCannotStart(
            f"worker {here.worker.address} has another version of the model ({ROOT}: {CODE_VERSION}); "
            "start it again from the same sources"
        )
    call, arguments = pickle.loads(packed)
    try:
        return perform(here, call, arguments)
    finally:
        here.end_after(None)
        _stopped.discard(here.key)
        here.say("told all", None)
