"""How rules and processes are compiled, and how other rules take the place of some.

A *rule* answers and changes nothing; a *process* changes the world, from a move of one person to a whole month, and
asks rules. Both are plain Python that numba compiles once per machine, as parts of the three processes that Python
calls: ``pass_months`` of ``model.month`` and two of ``model.start``. ``NUMBA_DISABLE_JIT=1`` runs the same code
uncompiled, slowly, with the same results: use it to debug a rule or to measure coverage.
"""

import functools
import getpass
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numba.core import config
from numba.extending import overload

CACHES_KEPT = 3
ROOT = Path(__file__).resolve().parent.parent
Function = TypeVar("Function", bound=Callable[..., Any])


def _source_hash() -> str:
    """Hash of every source file that a compiled process may contain."""
    digest = hashlib.sha256()
    for package in ("agents", "model"):
        for path in sorted((ROOT / package).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder(kind: str, name: str) -> Path:
    """Folder of the compiled code of exactly these sources, ``KIND-NAME``.

    numba notices a change in the file of a cached function, but not in a file whose functions it calls, and
    would then give stale numbers without a word. A folder per state of the sources makes that impossible.
    """
    home = Path(os.environ.get("NUMBA_CACHE_DIR", ROOT / ".cache"))
    try:
        home.mkdir(exist_ok=True)
        writable = os.access(home, os.W_OK)
    except OSError:
        writable = False
    home = home if writable else _own_temporary_folder()
    folder = home / f"{kind}-{name}"
    if not folder.exists():
        _forget_old_sources(home, kind)
    return folder


def _forget_old_sources(home: Path, kind: str) -> None:
    """Remove compiled code of earlier sources but the last few; whoever changes rules all day would fill the disk."""
    folders = sorted(home.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)
    for folder in folders[:-CACHES_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def _own_temporary_folder() -> Path:
    """A folder that nobody else can write to: compiled code is loaded from it."""
    folder = Path(tempfile.gettempdir()) / f"injae-cache-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


SOURCE_HASH = _source_hash()
CACHE_FOLDER = cache_folder("kernels", SOURCE_HASH)


def jit_is_on() -> bool:
    """Whether rules and processes are compiled (``NUMBA_DISABLE_JIT`` is not set)."""
    return not config.DISABLE_JIT  # pyright: ignore[reportAttributeAccessIssue]


def is_compiled(name: str, folder: Path) -> bool:
    """Whether a folder has the compiled code of a process that Python calls."""
    tag = f"py{sys.version_info.major}{sys.version_info.minor}"
    return not jit_is_on() or any(folder.rglob(f"*{name}*{tag}*.nbc"))


OPTIONS = {"nogil": True, "error_model": "numpy"}
DECLARED: dict[Callable[..., Any], Callable[..., Any]] = {}  # each rule and process, and the function as it is written
PROCESSES: set[Callable[..., Any]] = set()  # those of them that are processes


def _plain(function: Function) -> Function:
    """The function in plain Python; the hash of ``agents.randomness`` wraps around on purpose, so no warning."""
    return np.errstate(over="ignore")(function)


def _becomes_part(name: Function, function: Function) -> Function:
    """Let compiled callers of ``name`` take in the code of ``function``; returns ``name``.

    Taken in, not called: as functions of their own, with wrappers for Python and files in the cache, they took longer
    to compile, filled tens of megabytes of cache where 3 are enough, and were slower to run.
    """
    DECLARED[name] = function
    if jit_is_on():
        options: Any = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}
        overload(name, jit_options=options, strict=False)(lambda *values, **named: function)
    return name


def rule(function: Function) -> Function:
    """Declare a rule: it answers, changes nothing, and reads like its line in docs/model.md.

    It becomes part of the processes that ask it; called from Python, it runs in plain Python with the same result.
    """
    return _becomes_part(_plain(function), function)


def process(function: Function, cache: Path = CACHE_FOLDER) -> Function:
    """Declare a process: it changes the world, and asks rules and other processes.

    It becomes part of the processes that call it; called from Python, it is compiled for that, and cached.
    """
    compiled = functools.cache(lambda: _compiled(function, cache))
    called: Any = functools.wraps(function)(lambda *values: compiled()(*values)) if jit_is_on() else _plain(function)
    PROCESSES.add(called)
    return _becomes_part(called, function)


def _compiled(function: Function, cache: Path) -> Function:
    """A function that is compiled when it is called, or loaded from a folder."""
    usual = config.CACHE_DIR  # pyright: ignore[reportAttributeAccessIssue]
    config.CACHE_DIR = str(cache)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        return njit(cache=True, **OPTIONS)(function)
    finally:
        config.CACHE_DIR = usual  # pyright: ignore[reportAttributeAccessIssue]
