"""Folders of results. What Injae wrote into one is known by its marker; everything else in it is the user's and stays.

A marker (``manifest.json``, ``receipt.json``, ``export.json``) says which kind of result a folder holds and names its
files. A result takes the place of an earlier one of the same kind as a whole, and of no other file. Its files are
written beside and moved when all are there, so that a full disk or a kill leaves none that is cut.
"""

import contextlib
import datetime
import errno
import itertools
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from injae.experiments.documents import Document, Marker, check_inside
from injae.experiments.locks import in_turn
from injae.model.errors import InputError

MANIFEST, RECEIPT, EXPORT = MARKERS = ("manifest.json", "receipt.json", "export.json")
FILES = (MANIFEST, "points.parquet", "cases.parquet")  # that say what a sweep consists of
BEGUN = {"search.json": "search", "waves/question.json": "calibrate"}  # work that has no marker before it ends
BESIDE = ".injae-"  # begins the names of folders that hold the files of a result until all are there
LEFTOVER_SECONDS = 3600.0
NAME_BYTES = 100  # of a scenario's name in that of a folder


def holds_sweep(folder: Path) -> bool:
    """Whether a folder has all that says what its sweep consists of."""
    return all((folder / name).is_file() for name in FILES)


def kinds_in(folder: Path) -> set[str]:
    """Kinds of the results that a folder holds, as their markers say; a file that only has a marker's name is none."""
    kinds = {marker.kind for name in MARKERS if (marker := _marker(folder / name))}
    kinds |= {kind for name, kind in BEGUN.items() if (folder / name).is_file()}
    return {"sweep"} if holds_sweep(folder) else kinds


def named_in(folder: Path, kind: str) -> set[str]:
    """Files of a result of this kind, by path from the folder, the marker among them; none where there is no such."""
    found = {name: _marker(folder / name) for name in MARKERS}
    return {one for name, marker in found.items() if marker and marker.kind == kind for one in (name, *marker.named)}


def _marker(path: Path) -> Marker | None:
    try:
        return Marker.read(path)
    except InputError:
        return None


def check_free(folder: Path, kind: str, names: Iterable[str] = ()) -> None:
    """Refuse a folder that a result may not go to: it would be in place of another's, or of files of the user.

    Args:
        folder: it need not exist.
        kind: of the result.
        names: of the files that it may have, as far as they are known.

    Raises:
        InputError: a file, another kind of result, or a file that is not of an earlier result of this kind.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise InputError("occupied", "is a file", "out", folder, suggestion="name a folder")
    for other in sorted(kinds_in(folder) - {kind}):
        if other == "sweep":
            fault = "is the folder of a sweep"
            raise InputError("occupied", fault, "out", folder, suggestion=f"name another, such as {folder / kind}")
        fault = f"holds what {other} found"
        raise InputError("occupied", fault, "out", folder, suggestion=f"name another folder for {kind}")
    for name in sorted({*names} - named_in(folder, kind)):
        if os.path.lexists(folder / name):
            fault = f"holds {name}, which no {kind} is known to have written"
            raise InputError("occupied", fault, "out", folder, suggestion="move it, or name a new folder")


def unwritable(place: Path, error: OSError) -> Exception:
    """What to raise where a file or folder that was asked for cannot be written: bad input, unless the disk is full."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OSError(error.errno, error.strerror, str(place))
    return InputError("occupied", f"cannot be written ({error.strerror})", source=place)


def dated(name: str) -> Path:
    """A new folder in ``results``, made now and so nobody else's, whenever others begin.

    Raises:
        OSError: it cannot be made.
    """
    short = name.encode()[:NAME_BYTES].decode(errors="ignore")
    stem = f"{datetime.datetime.now():%Y-%m-%d-%H%M%S}-{short}"
    for number in itertools.count(1):
        folder = Path("results") / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not os.path.lexists(folder):
                raise  # results itself cannot be a folder
        else:
            return folder
    raise AssertionError


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which has its name when it is whole and on disk; of one that fails nothing is left.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def as_json(content: Any) -> str:
    """Content as JSON for people and programs."""
    return json.dumps(content, indent=2, ensure_ascii=False)


@contextlib.contextmanager
def replacing(
    folder: Path, kind: str, marker: str = MANIFEST, keep: Callable[[str], bool] = lambda name: False
) -> Iterator[Path]:
    """A place to write the files of a result to, which at the end take the place of an earlier one in the folder.

    If anything goes wrong the folder is as before.

    Args:
        folder: of the result; made if it is not there.
        kind: of the result.
        marker: name of the file that says ``kind``, which has to be among those written; gets the entry ``files``.
        keep: whether a file of the earlier result stays, by its name, if there is no new one.

    Raises:
        InputError: the folder holds another result, or files of the user that have the same names.
        OSError: it cannot be written.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    with contextlib.ExitStack() as at_end:
        if made:
            at_end.callback(remove_if_empty, folder)
        beside = at_end.enter_context(
            tempfile.TemporaryDirectory(prefix=BESIDE, dir=folder, ignore_cleanup_errors=True)
        )
        new = Path(beside)
        yield new
        files = {path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()}
        with in_turn(folder):
            check_free(folder, kind, files)
            before = named_in(folder, kind)
            kept = {name for name in before - files if keep(name) and (folder / name).is_file()}
            content = Document.read(new / marker).model_dump() | {"files": sorted((files | kept) - {marker})}
            (new / marker).write_text(as_json(content), encoding="utf-8")
            for name in sorted(files):
                check_inside((folder / name).parent, folder)
                _to_disk(new / name)
            for name in before - kept - {marker}:  # first, so that nothing is ever named by another result's marker
                _remove(folder, name)
            for name in sorted(files, key=lambda name: name != marker):
                (folder / name).parent.mkdir(exist_ok=True)
                (new / name).replace(folder / name)


def remove_if_empty(folder: Path) -> None:
    """Remove a folder that was made for what did not come."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    if path.parent.resolve().is_relative_to(folder.resolve()):
        path.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _clear(folder: Path) -> None:
    """Remove what killed processes left beside; young ones stay, since somebody may be writing there."""
    for place in folder.glob(f"{BESIDE}????????"):
        with contextlib.suppress(OSError):
            if time.time() - place.stat().st_mtime > LEFTOVER_SECONDS and not place.is_symlink():
                for path in sorted(place.rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()
                place.rmdir()
