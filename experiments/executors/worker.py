"""What a call can do where it is done: tell something meanwhile, ask whether to stop, and name its deadline.

Outside of a worker nobody listens and nobody stops it, so that the same function can be called anywhere.
"""

import gc
import threading
from collections.abc import Callable
from typing import Any


class Stopped(BaseException):
    """The call in hand was asked to stop: no error of what is calculated, so that no ``except Exception`` takes it."""


class Worker:
    """Where calls are done, as they see it; this one is no worker at all."""

    def tell(self, message: Any) -> None:
        """Say something to whoever submitted the call; it arrives before what the call returns."""

    def asked_to_stop(self) -> bool:
        """Whether the call in hand is not wanted any more, or its submitter gone."""
        return False

    def end_after(self, seconds: float | None) -> None:
        """End this worker's process, and whatever holds it, in so many seconds; None: no more."""


_here = threading.local()
_settled = False


def here() -> Worker:
    """The worker that does the call in hand."""
    return getattr(_here, "worker", _NOBODY)


def check_wanted() -> None:
    """Raise if the call in hand was asked to stop.

    Raises:
        Stopped: it was.
    """
    if here().asked_to_stop():
        raise Stopped


def perform(worker: Worker, call: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Do a call on a worker, and make the process of the worker ready for many after its first."""
    global _settled
    _here.worker = worker
    try:
        return call(*arguments)
    finally:
        _here.worker = _NOBODY
        if not _settled:
            _settled = True
            gc.collect()
            gc.freeze()  # what is loaded stays: looking for garbage takes a millisecond instead of a hundred


_NOBODY = Worker()
