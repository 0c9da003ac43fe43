"""Signals that end a process: what a stop button, a scheduler or a closed terminal sends in place of Ctrl-C."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def on_ending_signals(act: Callable[[int], None]) -> Iterator[None]:
    """Meanwhile call ``act`` with the number of a signal that would end this process.

    One that is ignored stays so (``nohup``). Only the main thread can take signals; in others nothing changes.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, lambda number, _: act(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
