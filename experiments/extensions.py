"""Other people's rules, levers, indicators and countries: one plain Python file, in every process of a command.

``load_extension`` names the file in the environment (``INJAE_WITH``), so that processes started afterwards load the
same file when they import ``experiments``, however they are started.
"""

import ast
import hashlib
import os
import re
import sys
import traceback
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from injae.agents.kernels import SOURCE_HASH
from injae.experiments.indicators import INDICATORS, Indicator
from injae.model.errors import InputError
from injae.model.levers import LEVERS, Lever
from injae.model.parameters import FOLDERS, declared_parameters
from injae.model.rules import Rules, in_use, use

WITH = "INJAE_WITH"  # in the environment: the file, and behind # the sha256 that it must have


@dataclass(frozen=True)
class Extension:
    """What a file adds to the model or puts in place of it, all by name (docs/extending.md has an example of each).

    Attributes:
        rules: functions in place of rules or processes of the model, taking the same arguments.
        after: functions of the world, by the process of the month (docs/model.md, 3) that each follows.
        levers: new ones; rules read them as ``world.now.NAME``.
        indicators: new ones.
        countries: folders with the files of a country, relative to the file of the extension.
    """

    rules: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    after: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)
    levers: Mapping[str, Lever] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    countries: Mapping[str, str | Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """The extension of this process, and the file that it came from; ``sha256`` of its bytes, in full."""

    path: Path
    sha256: str
    extension: Extension

    def receipt(self) -> dict[str, Any]:
        """What a result must say of it, ready for JSON."""
        names = {kind: sorted(getattr(self.extension, kind)) for kind in Extension.__dataclass_fields__}
        return {"file": str(self.path), "sha256": self.sha256, **names}


_loaded: list[Loaded] = []  # none or one


def load_extension(file: str | Path) -> Loaded:
    """Work with an extension from now on, in this process and those that it starts.

    Raises:
        InputError: no such file, an error in it, or in what it declares (names file and line); or another is loaded.
    """
    text, _, wanted = re.fullmatch(r"(.*?)(#([0-9a-f]{64}))?", str(file), re.DOTALL).groups()
    path = Path(text).resolve()
    try:
        source = path.read_bytes()
    except OSError as error:
        raise InputError("unreadable", str(error.strerror), "with", text) from error
    sha256 = hashlib.sha256(source).hexdigest()
    if wanted and wanted != sha256:
        fault = "has changed since it was loaded first"
        raise InputError("conflict", fault, "with", text, suggestion="start the command again")
    for loaded in _loaded:
        if (loaded.path, loaded.sha256) != (path, sha256):
            fault = f"this process works with {loaded.path} ({loaded.sha256[:10]}) already"
            raise InputError("conflict", fault, "with", text)
        return loaded
    loaded = Loaded(path, sha256, _extension_in(_run(path, source, sha256), path))
    _register(loaded)
    _loaded.append(loaded)
    os.environ[WITH] = f"{path}#{sha256}"
    return loaded


def load_as_told() -> None:
    """Load the extension that the environment names; what is wrong with it is said when a run begins."""
    try:
        load_extension(os.environ[WITH])
    except InputError as error:
        use(Rules.refused(error))


def extension_receipt() -> dict[str, Any] | None:
    """What a result must say of the extension that it was made with; None without one."""
    return _loaded[0].receipt() if _loaded else None


def added_indicators() -> frozenset[str]:
    """Indicators that are not the model's own; a sweep of before the extension does not keep them."""
    return frozenset(_loaded[0].extension.indicators if _loaded else ())


def other_rules() -> str:
    """Whose rules runs follow, where not the model's own: file, the beginning of its sha256; else empty."""
    return f"{_loaded[0].path.name} (sha256 {_loaded[0].sha256[:10]})" if _loaded and in_use().label else ""


def model_hash() -> str:
    """What every run depends on beside scenario and data: the sources of the model, and an extension."""
    return "+".join([SOURCE_HASH, *(f"{one.sha256[:16]}+{in_use().label}" for one in _loaded)])


def _run(path: Path, source: bytes, sha256: str) -> types.ModuleType:
    """The file as a module; others beside it can be imported by it."""
    module = types.ModuleType(f"extension_{re.sub(r'[^0-9a-zA-Z]', '_', path.stem)}_{sha256[:16]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # compiled code finds its types there
    sys.path.append(str(path.parent))
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)
    except InputError:
        raise
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = error.lineno if isinstance(error, SyntaxError) and not lines else (lines or [0])[-1]
        raise InputError("unusable", f"{type(error).__name__}: {error}").found_in(path.name, line) from error
    finally:
        sys.path.remove(str(path.parent))
    return module


def _extension_in(module: types.ModuleType, path: Path) -> Extension:
    found = [value for value in vars(module).values() if isinstance(value, Extension)]
    if len(found) != 1:
        fault = f"declares {len(found)} extensions, needs one: extension = Extension(...)"
        raise InputError("unusable", fault, source=path.name)
    return found[0]


def _register(loaded: Loaded) -> None:
    """Check what an extension declares, and put it beside what the model has."""
    extension, path = loaded.extension, loaded.path
    for kind, known, type_of in (("levers", LEVERS, Lever), ("indicators", INDICATORS, Indicator)):
        for name, declared in getattr(extension, kind).items():
            if name in known:
                raise _taken(path, kind, name)
            if not isinstance(declared, type_of) or not name.isidentifier():
                fault = f"needs a name of letters, digits and _, and a {type_of.__name__}"
                raise InputError("unusable", fault, f"{kind}.{name}").found_in(path.name, _line_of(path, name))
    for name, lever in extension.levers.items():
        if not lever.low <= lever.default <= lever.high:
            fault = "needs low <= default <= high"
            raise InputError("order", fault, f"levers.{name}").found_in(path.name, _line_of(path, name))
    folders = {name: (path.parent / folder).resolve() for name, folder in extension.countries.items()}
    for name, folder in folders.items():
        if name in FOLDERS:
            raise _taken(path, "countries", name)
        if not (folder / "country.toml").is_file():
            fault = f"no country.toml in {folder}"
            raise InputError("unusable", fault, f"countries.{name}").found_in(path.name, _line_of(path, name))
    rules = Rules(extension.rules, extension.after, loaded.sha256, anew=bool(extension.levers))
    FOLDERS.update(folders)
    LEVERS.update(extension.levers)
    INDICATORS.update(extension.indicators)
    use(rules)
    for name in folders:
        declared_parameters(name)  # a broken table is said now


def _taken(path: Path, kind: str, name: str) -> InputError:
    fault = "the model has one of this name"
    error = InputError("repeated", fault, f"{kind}.{name}", suggestion="choose another")
    return error.found_in(path.name, _line_of(path, name))


def _line_of(path: Path, name: str) -> int:
    """Line of the file that first writes a name as text; 0 where none does."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Constant) and node.value == name:
            return node.lineno
    return 0
