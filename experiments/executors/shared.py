"""Equal calls of several askers, done once: each has a future of its own, and leaves by cancelling it."""

import threading
from collections.abc import Callable, Hashable
from concurrent import futures
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from injae.experiments.executors.base import Execution, Executor

Asked = futures.Future[Any]


@dataclass(eq=False)
class _Common:
    """One call and all who wait for it."""

    key: Hashable
    execution: Execution
    urgency: float
    askers: list[Asked] = field(default_factory=list)


class SharedCalls:
    """Calls on an executor, by keys: of equal keys one is done, for all who ask meanwhile."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._known: dict[Hashable, _Common] = {}
        self._lock = threading.Lock()

    def submit(self, key: Hashable, fn: Callable[..., Any], /, *args: Any, urgency: float = 0) -> Asked:
        """Have a call done; see ``Executor.submit``.

        The most urgent wish counts: number the calls of an asker 0, 1, 2, ... and askers take turns.

        Returns:
            a future of this asker. Once all who asked have cancelled theirs the call is cancelled, also under way.
        """
        mine: Asked = futures.Future()
        with self._lock:
            common = self._known.get(key)
            new = common is None
            if common is None:
                common = _Common(key, self.executor.submit(fn, *args, urgency=urgency), urgency)
                self._known[key] = common
            elif urgency < common.urgency:
                common.urgency = urgency
                self.executor.hasten(common.execution, urgency)
            common.askers.append(mine)
        mine.add_done_callback(partial(self._left, common))
        if new:
            common.execution.add_done_callback(partial(self._done, common))
        return mine

    def _forget(self, common: _Common) -> None:
        if self._known.get(common.key) is common:
            del self._known[common.key]

    def _left(self, common: _Common, mine: Asked) -> None:
        """Stop what nobody waits for any more; who comes later asks anew."""
        if not mine.cancelled():
            return
        with self._lock:
            if not all(asker.cancelled() for asker in common.askers):
                return
            self._forget(common)
        common.execution.cancel()

    def _done(self, common: _Common, execution: Any) -> None:
        with self._lock:
            self._forget(common)
        error = futures.CancelledError() if execution.cancelled() else execution.exception()
        for asker in common.askers:
            if asker.set_running_or_notify_cancel():
                asker.set_result(execution.result()) if error is None else asker.set_exception(error)
