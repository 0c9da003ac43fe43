"""How rules and processes are compiled, and how other rules take the place of some.

A *rule* answers and changes nothing; a *process* changes the world, from a move of one person to a whole month, and
asks rules. Both are plain Python that numba compiles once per machine. A *driver* (``one_month`` of ``model.month``)
calls processes in turn and stays plain Python: each process that it calls is compiled on its own, with all that it
asks, and kept under a hash of exactly that. So whoever changes a rule waits for the few processes that ask it.
``NUMBA_DISABLE_JIT=1`` runs the same code uncompiled, slowly, with the same results: use it to debug a rule or to
measure coverage. numba, which takes half a second to import, is imported when the first process is called.
"""

import contextlib
import functools
import getpass
import hashlib
import os
import shutil
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from platformdirs import user_cache_path

from injae.agents.fingerprints import fingerprint, is_own

CODES_KEPT = 400  # compiled processes on disk: some states of the model, 20 kB to 500 kB each
ROOT = Path(__file__).resolve().parent.parent  # of the checkout, or of the installed package
IS_CHECKOUT = (ROOT / "pyproject.toml").exists()
Function = TypeVar("Function", bound=Callable[..., Any])


def _source_hash() -> str:
    """Hash of every source file that a compiled process may contain."""
    digest = hashlib.sha256()
    for package in ("agents", "model"):
        for path in sorted((ROOT / package).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_home() -> Path:
    """Folder for everything that can be made again."""
    own = ROOT / ".cache" if IS_CHECKOUT else user_cache_path("injae", appauthor=False)
    home = Path(os.environ.get("NUMBA_CACHE_DIR", own))
    try:
        home.mkdir(parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK)
    except OSError:
        writable = False
    return home if writable else _own_temporary_folder()


def _forget_old_code(home: Path) -> None:
    """Remove compiled code that was not used of late; whoever changes rules all day would fill the disk."""
    with contextlib.suppress(FileNotFoundError):  # somebody else does it at the same time
        folders = sorted(home.iterdir(), key=lambda path: path.stat().st_mtime)
        for folder in folders[:-CODES_KEPT]:
            shutil.rmtree(folder, ignore_errors=True)


def _own_temporary_folder() -> Path:
    """A folder that nobody else can write to: compiled code is loaded from it."""
    folder = Path(tempfile.gettempdir()) / f"injae-cache-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


SOURCE_HASH = _source_hash()
CACHE_FOLDER = _cache_home() / "processes"


def jit_is_on() -> bool:
    """Whether rules and processes are compiled (``NUMBA_DISABLE_JIT`` is not set)."""
    return os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")


# how processes are compiled; whatever else they are made of is in their fingerprints
_COMPILER = "".join(
    hashlib.sha256((ROOT / "agents" / name).read_bytes()).hexdigest() for name in ("kernels.py", "borrowing.py")
)
OPTIONS = {"error_model": "numpy"}
DECLARED: dict[Callable[..., Any], Callable[..., Any]] = {}  # each rule and process, and the function as it is written
PROCESSES: dict[Callable[..., Any], "Compiled"] = {}  # those of them that are processes
_UNKNOWN: list[tuple[Callable[..., Any], Callable[..., Any]]] = []  # declared, and numba has not been told yet
DRIVERS: set[Callable[..., Any]] = set()  # what calls processes from Python, one after the other


def _plain(function: Function) -> Function:
    """The function in plain Python; the hash of ``agents.randomness`` wraps around on purpose, so no warning."""
    return np.errstate(over="ignore")(function)


def _becomes_part(name: Function, function: Function) -> Function:
    """Let compiled callers of ``name`` take in the code of ``function``; returns ``name``.

    Taken in, not called: as functions of their own, with wrappers for Python and files in the cache, they took longer
    to compile, filled tens of megabytes of cache where 3 are enough, and were slower to run.
    """
    DECLARED[name] = function
    _UNKNOWN.append((name, function))
    return name


def _tell_numba() -> None:
    """Tell numba of what has been declared since it was told last."""
    from numba.extending import overload

    options: Any = {**OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}

    def always(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *values, **named: function

    for name, function in _UNKNOWN:
        overload(name, jit_options=options, strict=False)(always(function))
    _UNKNOWN.clear()


def rule(function: Function) -> Function:
    """Declare a rule: it answers, changes nothing, and reads like its line in docs/model.md.

    It becomes part of the processes that ask it; called from Python, it runs in plain Python with the same result.
    """
    return _becomes_part(_plain(function), function)


def process(function: Function) -> Function:
    """Declare a process: it changes the world, and asks rules and other processes.

    Called from Python, it is compiled on its own, with all that it asks, or loaded from the cache; it becomes part of
    the processes that call it.
    """
    compiled = Compiled(function)

    @functools.wraps(function)
    def called(*values):
        try:
            return compiled.dispatcher(*values)
        except Exception as error:
            compiled.explain(error, values)
            raise

    called: Any = called if jit_is_on() else _plain(function)
    PROCESSES[called] = compiled
    return _becomes_part(called, function)


def driver(function: Function) -> Function:
    """Declare what calls processes in turn; it runs in plain Python, and its processes can be exchanged."""
    DECLARED[function] = function
    DRIVERS.add(function)
    return function


class Compiled:
    """A process, compiled when it is first called, or loaded.

    numba notices a change in the file of a cached function, but not in a file whose functions it calls, and would
    then give stale numbers without a word; and any change in its file makes it compile anew. So what numba is told
    to be the file of the process is one that is named by what the process does (``fingerprint``), never changes, and
    has a folder of its own.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def explain(self, error: Exception, values: tuple[Any, ...]) -> None:
        """Raise an error of the compiler once more, with places in the process' own file; any other is left alone.

        Raises:
            NumbaError: the process cannot be compiled for these values.
        """
        from numba import njit
        from numba.core.errors import NumbaError

        if isinstance(error, NumbaError):
            njit(**OPTIONS)(self.function)(*values)

    @property
    def folder(self) -> Path:
        """Where its compiled code is kept."""
        return CACHE_FOLDER / f"{self.function.__name__}-{self._content()[:24]}"

    def is_due(self) -> bool:
        """Whether it has still to be compiled."""
        tag = f"py{sys.version_info.major}{sys.version_info.minor}"
        return jit_is_on() and not any(self.folder.rglob(f"*.{tag}.*.nbc"))

    def _content(self) -> str:
        return hashlib.sha256((_COMPILER + fingerprint(self.function, DECLARED)).encode()).hexdigest()

    @functools.cached_property
    def dispatcher(self) -> Any:
        """The process as numba calls it; made, or loaded, when it is first asked for."""
        from numba import njit
        from numba.core import config

        _tell_numba()
        folder, written = self.folder, self.function
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _forget_old_code(CACHE_FOLDER)
        os.utime(folder)  # used now
        code = written.__code__.replace(co_name=folder.name.replace("-", "_"))
        if is_own(written):  # the place of faults in anybody else's code is told: it keeps its file
            known_as = folder / "process.txt"
            known_as.touch()
            os.utime(known_as, (0, 0))  # numba compiles anew when it is another
            code = code.replace(co_filename=str(known_as), co_firstlineno=1)
        copy = types.FunctionType(code, written.__globals__, code.co_name, written.__defaults__, written.__closure__)
        copy.__module__ = written.__module__
        usual = config.CACHE_DIR  # pyright: ignore[reportAttributeAccessIssue]
        config.CACHE_DIR = str(folder)  # pyright: ignore[reportAttributeAccessIssue]
        try:
            return njit(cache=True, **OPTIONS)(copy)
        finally:
            config.CACHE_DIR = usual  # pyright: ignore[reportAttributeAccessIssue]
