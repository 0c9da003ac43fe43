"""How rules and stages are compiled.

A *rule* is a small pure function of numbers; a *stage* is a loop that asks rules and changes columns. Both are
plain Python that numba compiles once per machine. ``NUMBA_DISABLE_JIT=1`` runs the same code uncompiled, slowly,
with the same results: use it to debug a rule or to measure coverage.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
Function = TypeVar("Function", bound=Callable[..., Any])


def _source_hash() -> str:
    """Hash of every source file that a compiled stage may contain."""
    digest = hashlib.sha256()
    for package in ("agents", "model"):
        for path in sorted((ROOT / package).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Folder of the compiled code for exactly these sources.

    numba notices a change in the file of a cached function, but not in a file whose functions it calls, and
    would then give stale numbers without a word. A folder per state of the sources makes that impossible.
    """
    home = ROOT / ".cache"
    try:
        home.mkdir(exist_ok=True)
        writable = os.access(home, os.W_OK)
    except OSError:
        writable = False
    return (home if writable else Path(tempfile.gettempdir()) / "injae-cache") / f"kernels-{_source_hash()}"


CACHE_FOLDER = _cache_folder()
if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)


def jit_is_on() -> bool:
    """Whether rules and stages are compiled (``NUMBA_DISABLE_JIT`` is not set)."""
    return not numba.config.DISABLE_JIT


def compile_is_due() -> bool:
    """Whether the first month of this process will have to compile the model."""
    return jit_is_on() and not any(Path(numba.config.CACHE_DIR).rglob(f"*one_month*py{_python_tag()}*.nbc"))


def _python_tag() -> str:
    import sys

    return f"{sys.version_info.major}{sys.version_info.minor}"


def _compiled(function: Function, **options: Any) -> Function:
    if not jit_is_on():  # the hash wraps around on purpose; only plain numpy would warn about it
        return np.errstate(over="ignore")(function)
    return numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)


def rule(function: Function) -> Function:
    """Compile a rule: a pure function of numbers that reads like its line in docs/model.md."""
    return _compiled(function)


def verb(function: Function) -> Function:
    """Compile a verb: what one body does, or asks of its surroundings; becomes part of the stage that calls it."""
    return _compiled(function)


def stage(function: Function) -> Function:
    """Compile a stage: a loop over bodies that asks rules and calls verbs."""
    return _compiled(function)
