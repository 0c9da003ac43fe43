"""The runs of a sweep on a Dask cluster: the same chunks, blocks and rules as in processes of one machine.

Every chunk is a Dask task that is bound to one worker, so that Dask itself repeats nothing: when a worker is gone, the
pool decides what is done again (``pool``). Workers write into the folder of the sweep, which they share
with this process; over the network go settings, short words about progress, and nothing else. Workers may come and go
meanwhile.
"""

import dataclasses
import faulthandler
import hashlib
import logging
import pickle
import queue
import re
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from agents.kernels import ROOT
from experiments.sweeps.blocks import Block, Order, RunOne, Task
from experiments.sweeps.pool import LEAVE_SECONDS, Pool, Record, Worker, WorkersCannotStart, do_chunk, longest_seconds
from experiments.sweeps.store import log, model_version
from experiments.sweeps.workers import one_run, settle
from model.errors import InputError


def _code_version() -> str:
    """What a worker must have in common with this process: the model, its data and what writes blocks."""
    digest = hashlib.sha256(model_version().encode())
    for path in sorted((ROOT / "experiments").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


CODE_VERSION = _code_version()  # at import: files may change under a worker that has been running for days
CONNECT_SECONDS = 10.0
ALONE_SECONDS = 10.0  # without any worker, until that is said
ADDRESS = re.compile(r"(\w+://)?([^\s:/\[\]]+|\[[0-9a-fA-F:]+\]):\d+")
SCHEDULER_GONE = "the scheduler of the cluster is gone"


def run_on_cluster(
    order: Order, tasks: Iterable[Task], left: int, address: str, record: Record, run_one: RunOne | None = None
) -> None:
    """Do ``left`` tasks on the workers of a Dask scheduler; see ``Pool.run``.

    Raises:
        WorkersCannotStart: no scheduler answers there, or a worker cannot be used.
    """
    order = dataclasses.replace(order, folder=order.folder.resolve())
    Pool(order, Cluster(order, run_one or one_run, address), iter(tasks), left, record).run()


def check_address(address: str) -> None:
    """Refuse what cannot be the address of a cluster.

    Raises:
        InputError: no address and no scheduler file, or Dask is not installed.
    """
    if address.endswith(".json"):
        if not Path(address).is_file():
            raise InputError(f"--cluster {address}: there is no such scheduler file")
    elif not ADDRESS.fullmatch(address):
        raise InputError(
            f"--cluster {address}: needs the address of a Dask scheduler, such as tcp://10.0.0.1:8786, or its "
            "scheduler file (FILE.json)"
        )
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise InputError('--cluster: needs distributed; install it with: pip install "injae[cluster]"') from error


class _Member(Worker):
    """A Dask worker as this process sees it."""

    def __init__(self, address: str) -> None:
        super().__init__(idle=True)
        self.address = address
        self.future: Any = None


class Cluster:
    """The workers of a Dask scheduler (see ``pool.Crew``); the cluster itself replaces those that die."""

    def __init__(self, order: Order, run_one: RunOne, address: str) -> None:
        self.address = address
        self.topic = f"injae-{uuid.uuid4().hex}"
        self.order = order
        self.run_one = run_one
        self.workers: list[_Member] = []
        self.said: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.chunks = 0
        self.alone_since: float | None = time.monotonic()
        self.client: Any = None

    def start(self) -> None:
        """Connect; workers that are there, and those that come later, are heard of like everything else.

        Raises:
            WorkersCannotStart: no scheduler answers.
        """
        from distributed import Client

        # how it lost the scheduler it tells in forty lines, we in one
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        where: Any = {"scheduler_file" if self.address.endswith(".json") else "address": self.address}
        try:
            self.client = Client(**where, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            message = f"no Dask scheduler answers at {self.address} within {CONNECT_SECONDS:.0f} s"
            raise WorkersCannotStart(message) from error
        # pickled once, and opened by workers only after they have found that they have the same code
        manifest = _digest_of_manifest(self.order.folder)
        self.parcel = pickle.dumps((self.order, self.run_one, manifest))
        self.client.subscribe_topic("all", lambda event: self.said.put(("cluster", event[1])))
        self.client.subscribe_topic(self.topic, lambda event: self.said.put(("worker", event[1])))
        threads = self.client.nthreads()
        for address in threads:
            self.said.put(("cluster", {"action": "add-worker", "worker": address}))
        if any(number > 1 for number in threads.values()):
            log.warning(
                "note: a worker does one run at a time, whatever threads it has; start as many as there are cores, "
                "with --nthreads 1"
            )

    def give(self, worker: _Member, chunk: list[Task]) -> None:
        """Send a worker its chunk."""
        self.chunks += 1
        worker.future = self.client.submit(
            chunk_on_worker,
            self.parcel, chunk, self.topic, CODE_VERSION,
            key=f"{self.topic}-{self.chunks}", workers=[worker.address], allow_other_workers=False, pure=False,
        )  # fmt: skip
        worker.future.add_done_callback(lambda future: self.said.put(("ended", (worker, future))))

    def hear(self, seconds: float) -> Iterator[tuple[Worker, str, Any]]:
        """What workers say, and the cluster about them.

        Raises:
            WorkersCannotStart: a worker has another version or does not see the folder, or the scheduler is gone.
            OSError: a worker cannot write.
        """
        self._say_if_alone()
        with suppress(queue.Empty):
            heard = self.said.get(timeout=seconds)
            while True:
                yield from self._words(*heard)
                heard = self.said.get_nowait()
        if self.client.status != "running":
            raise WorkersCannotStart(f"{SCHEDULER_GONE} ({self.address})")

    def _words(self, source: str, content: Any) -> Iterator[tuple[Worker, str, Any]]:
        """What one message means to the pool."""
        by_address = {worker.address: worker for worker in self.workers}
        if source == "ended":
            self._check(*content)
            return
        action, worker = content.get("action"), by_address.get(content.get("worker"))
        if source == "worker" and worker and worker.future and worker.future.key == content["chunk"]:
            yield worker, content["word"], content["content"]
        elif action == "add-worker" and worker is None:
            self.workers.append(_Member(content["worker"]))
            self.alone_since = None
        elif action == "remove-worker" and worker is not None:
            self.workers.remove(worker)
            if worker.future:
                worker.future.cancel()  # else Dask would do it again if a worker came with the same address
                yield worker, "gone", f"worker {worker.address} of the cluster is gone: killed, or out of memory"
            self.alone_since = None if self.workers else time.monotonic()

    def _check(self, worker: _Member, future: Any) -> None:
        """Whether a task ended as it should."""
        if worker not in self.workers or worker.future is not future or future.status == "finished":
            return
        if future.status != "error":
            raise WorkersCannotStart(f"{SCHEDULER_GONE} ({self.address})")
        error, worker.idle = future.exception(), True
        if type(error).__name__ == "KilledWorker":
            return  # it is about to be told gone
        if isinstance(error, WorkersCannotStart | OSError):
            raise error
        where = f"worker {worker.address}"
        if isinstance(error, ImportError | AttributeError):
            raise WorkersCannotStart(f"{where} has no Injae ({error}); start it from a checkout of it, in its Python")
        raise WorkersCannotStart(f"{where}: {type(error).__name__}: {error}".splitlines()[0])

    def _say_if_alone(self) -> None:
        """Say it once if there is no worker to be had: on a busy machine they may come hours later."""
        if self.alone_since is not None and time.monotonic() - self.alone_since > ALONE_SECONDS:
            log.warning("note: the cluster has no workers; waiting for them (Ctrl-C stops)")
            self.alone_since = None

    def kill(self, worker: _Member) -> None:
        """Nothing: a worker ends its process itself when its run does not end (``_ending_when_stuck``)."""

    def replace(self, worker: _Member) -> None:
        """Nothing: a cluster replaces its workers."""

    def close(self) -> Iterator[tuple[Worker, str, Any]]:
        """Let workers end their run in hand and write what they have; gives what they still say."""
        if self.client is None:
            return
        deadline = time.monotonic() + LEAVE_SECONDS
        try:
            if self.client.status == "running" and any(not worker.idle for worker in self.workers):
                self.client.run(stop_on_worker, self.topic, on_error="ignore")
                while any(not worker.idle for worker in self.workers) and time.monotonic() < deadline:
                    yield from self.hear(max(0.01, min(0.5, deadline - time.monotonic())))
        except (OSError, WorkersCannotStart):
            return  # what was to be said about that is said
        finally:
            for topic in ("all", self.topic):  # else the scheduler writes to a closed line, and logs that at length
                self.client.unsubscribe_topic(topic)
            self.client.close(timeout=CONNECT_SECONDS)


# what happens on a worker

_stopped: set[str] = set()
_settled: set[str] = set()


def stop_on_worker(topic: str) -> None:
    """Let this worker end the chunk of a sweep after the run in hand."""
    _stopped.add(topic)


def chunk_on_worker(parcel: bytes, chunk: list[Task], topic: str, version: str) -> None:
    """Do a chunk on a worker of the cluster, and say under a topic what is done.

    Raises:
        WorkersCannotStart: this worker has another version, or does not see the folder.
        OSError: it cannot write there.
    """
    from distributed import get_worker

    worker = get_worker()
    if version != CODE_VERSION:
        raise WorkersCannotStart(
            f"worker {worker.address} has another version of the model ({ROOT}: {CODE_VERSION}); "
            "start it again from the same sources"
        )
    order, run_one, manifest = pickle.loads(parcel)
    if _digest_of_manifest(order.folder) != manifest:
        raise WorkersCannotStart(
            f"worker {worker.address} does not see this sweep; its folder must be on a disk that both share, under the "
            "same path"
        )
    if topic not in _settled:
        _settled.add(topic)
        settle(order)
    key = worker.get_current_task()

    def say(word: str, content: Any) -> None:
        if word in ("begins", "writes"):
            if order.seconds_per_run is None:
                return  # nobody wants to know
            _ending_when_stuck(order.seconds_per_run if word == "begins" else None)
        worker.log_event(topic, {"chunk": key, "word": word, "content": content})

    try:
        do_chunk(Block(order, run_one), chunk, say, lambda: topic in _stopped)
    finally:
        _ending_when_stuck(None)


def _ending_when_stuck(budget: float | None) -> None:
    """End this process if its run does not, even one that holds the interpreter; its log then tells where it was."""
    if budget is None:
        faulthandler.cancel_dump_traceback_later()
    else:
        faulthandler.dump_traceback_later(longest_seconds(budget), exit=True, file=sys.__stderr__ or sys.stderr)


def _digest_of_manifest(folder: Path) -> str:
    """The sweep in a folder, so that a folder of the same name on another disk is not taken for it."""
    try:
        return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    except OSError:
        return "none"
