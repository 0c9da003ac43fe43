"""One process at a time in a folder: the others are refused, or wait."""

import contextlib
import datetime
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from filelock import lock_descriptor

from injae.experiments.documents import check_inside
from injae.model.errors import InputError


class FolderLock:
    """Holds a folder for this process until ``release``, or until the process ends in whatever way.

    The operating system holds the lock, so that a killed process leaves none behind; the text of the file (process,
    host, since when) is for people, and for file systems that do not share locks between hosts.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lock"
        self.file: IO[str] | None = None

    def __enter__(self) -> "FolderLock":
        """Take the folder.

        Raises:
            InputError: another process has it.
        """
        check_inside(self.path)
        file = self.path.open("a+", encoding="utf-8")
        holder = _holder(file)
        folder, busy = self.path.parent, f"another sweep is at work there{_who(holder)}"
        if not _grab(file):
            file.close()
            raise InputError("occupied", f"{busy}", source=folder, suggestion="wait for it or stop it")
        if holder and holder.get("host") != socket.gethostname():
            file.close()
            raise InputError("occupied", f"{busy}", source=folder, suggestion=f"if it has ended, remove {self.path}")
        self.file = file
        since = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        self._write(json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": since}))
        return self

    def __exit__(self, *_: object) -> None:
        """Give the folder back; the file stays, empty, since removing it would let two others in at once."""
        if self.file:
            self._write("")
            self.file.close()
            self.file = None

    def _write(self, text: str) -> None:
        assert self.file
        self.file.seek(0)
        self.file.truncate()
        self.file.write(text)
        self.file.flush()


def _holder(file: IO[str]) -> dict[str, Any]:
    """What the file says of who holds the folder; empty if nobody does.

    Raises:
        InputError: a file of the user, which is not to be written over.
    """
    file.seek(0)
    try:
        text = file.read()
        content = json.loads(text) if text.strip() else {}
    except OSError:
        return {}
    except ValueError:
        content = None
    if not isinstance(content, dict) or (content and content.keys() != {"process", "host", "since"}):
        file.close()
        fault = "is no lock of a sweep"
        raise InputError("unreadable", fault, source=file.name, suggestion="move it, or name another folder")
    return content


def _who(holder: dict[str, Any]) -> str:
    if not holder:
        return ""
    return f" (process {holder.get('process')} on {holder.get('host')}, since {holder.get('since')})"


def _grab(file: IO[str]) -> bool:
    """Whether the operating system gives this process the file."""
    try:
        return lock_descriptor(file.fileno(), blocking=False)
    except OSError as error:
        raise InputError("occupied", f"cannot be locked ({error.strerror})", source=file.name) from error


@contextlib.contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Let those who write to one folder do so one after the other, where the system can lock a folder."""
    if sys.platform == "win32":
        yield
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            lock_descriptor(place)
        yield
    finally:
        os.close(place)
