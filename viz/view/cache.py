"""Histories of runs that may be asked for again, in a file without a name rather than in memory.

A page that is used for a day would otherwise hold hundreds of runs in the server's memory; the operating system keeps
what fits of the file in its own cache and takes that back when others need it. The file goes with the process.
"""

import tempfile
import threading
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

CACHE_BYTES = 200_000_000  # some 2,500 runs: about thirty answers


class _Place(NamedTuple):
    """Where in the file a history is, and its form."""

    at: int
    dtype: Any
    months: int

    @property
    def bytes(self) -> int:
        return self.dtype.itemsize * self.months


class Cache:
    """Histories by key, the least lately used going first when there are too many bytes; safe for threads.

    Attributes:
        most_bytes: limit of the histories kept.
        bytes: of the histories kept now.
    """

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self.most_bytes, self.bytes = most_bytes, 0
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._free: dict[int, list[int]] = {}  # places that were given up, by their bytes
        self._forms: dict[Any, Any] = {}  # each run brings a form of its own, equal to all others and 15 kB large
        self._end = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the cache
        self._lock = threading.Lock()

    def close(self) -> None:
        """Give the file up; nothing is kept any more."""
        with self._lock:
            self._places.clear()
            self.most_bytes = self.bytes = 0
            self._file.close()

    def __contains__(self, key: str) -> bool:
        """Whether the history with a key is kept; it is not read."""
        with self._lock:
            return key in self._places

    def get(self, key: str) -> Any:
        """The history with a key, read anew: one record a month; or None."""
        with self._lock:
            place = self._places.get(key)
            if place is None:
                return None
            self._places.move_to_end(key)
            self._file.seek(place.at)
            return np.fromfile(self._file, place.dtype, place.months)

    def put(self, key: str, history: Any) -> None:
        """Keep the history of a finished run, shape ``(months,)``."""
        with self._lock:
            if key in self._places or history.nbytes > self.most_bytes:
                return
            self.bytes += history.nbytes
            while self.bytes > self.most_bytes:
                _, old = self._places.popitem(last=False)
                self._free.setdefault(old.bytes, []).append(old.at)
                self.bytes -= old.bytes
            free = self._free.get(history.nbytes)
            at = free.pop() if free else self._end
            self._end = max(self._end, at + history.nbytes)
            self._file.seek(at)
            history.tofile(self._file)
            self._places[key] = _Place(at, self._forms.setdefault(history.dtype, history.dtype), len(history))
