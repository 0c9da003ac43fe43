"""The posterior of a country as files: draws of its parameters, and what they were made from.

``data/COUNTRY/posterior.csv`` has a row a draw in random order and a column a parameter; ``posterior.toml`` says which
command made it, of which state of model and data, and which facts it fits. A posterior whose model or data have changed
is *stale*: its draws can be used, but nothing may be called calibrated.
"""

import ast
import csv
import functools
import hashlib
import io
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from injae.agents.kernels import ROOT, SOURCE_HASH
from injae.experiments.documents import About
from injae.experiments.tables import write_atomically
from injae.model.errors import InputError
from injae.model.parameters import data_folder
from injae.model.rules import in_use

DRAWS, ABOUT = "posterior.csv", "posterior.toml"
DIGITS = 6  # significant ones of a value
WORDS = {"source", "meaning", "note"}  # fields of data files that no run depends on


@dataclass(frozen=True)
class Posterior:
    """Draws from what the facts leave of a country's parameters.

    Attributes:
        country: whose parameters.
        paths: of the parameters (``group.name``), one a column.
        values: shape ``(draws, parameters)``; the first rows are a fair sample of all.
        about: what the draws were made from (the content of ``posterior.toml``).
        identity: ten characters that stand for both files.
    """

    country: str
    paths: tuple[str, ...]
    values: Any
    about: Mapping[str, Any]
    identity: str

    @property
    def facts_used(self) -> int:
        """Number of facts that the draws were fitted to."""
        return sum(fact["used"] for fact in self.about["facts"])

    @property
    def is_stale(self) -> bool:
        """Whether rules of the model or data that the fit rests on have changed since, or others take their place."""
        return bool(in_use().label) or self._is_left_behind

    @functools.cached_property
    def _is_left_behind(self) -> bool:
        held = self.about["data"]
        return self.about["model"].get("code") != code_hash() or held != checksums(held)


def read_posterior(country: str) -> Posterior | None:
    """The posterior of a country; None if it has none.

    Raises:
        InputError: a file that is missing beside the other, or cannot be read.
    """
    folder = data_folder(country)
    times = []
    for name in (DRAWS, ABOUT):
        path = folder / name
        times.append(path.stat().st_mtime_ns if path.is_file() else None)
    if times == [None, None]:
        return None
    if None in times:
        hint = "a posterior is both files"
        raise InputError("unreadable", "missing", source=folder / (DRAWS, ABOUT)[times.index(None)], suggestion=hint)
    return _read(country, folder, tuple(times))


@functools.lru_cache(maxsize=8)
def _read(country: str, folder: Path, _times: tuple[int, ...]) -> Posterior:
    path = folder / DRAWS
    try:
        text = path.read_text(encoding="utf-8")
        about_text = (folder / ABOUT).read_text(encoding="utf-8")
        about = About.read(folder / ABOUT).model_dump()
        header, *rows = text.split()
        values = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError("unreadable", f"cannot be read as a posterior ({error})", source=path) from error
    paths = tuple(header.split(","))
    if values.shape != (len(rows), len(paths)) or not len(rows) or not np.isfinite(values).all():
        fault = f"no table of numbers with a column for each of its {len(paths)} parameters"
        raise InputError("unreadable", fault, source=path)
    identity = hashlib.sha256((text + about_text).encode()).hexdigest()[:10]
    return Posterior(country, paths, values, about, identity)


def write_posterior(folder: Path, paths: tuple[str, ...], values: Any, about: Mapping[str, Any]) -> None:
    """Write both files of a posterior into the folder of a country.

    Args:
        folder: it is there.
        paths: of the parameters.
        values: shape ``(draws, parameters)``, rows in random order.
        about: text, numbers and lists; tables ``model`` and ``data`` of text; ``facts``, a list of tables.
    """
    rows = [",".join(f"{value:.{DIGITS}g}" for value in row) for row in values]
    write_atomically(folder / DRAWS, "\n".join([",".join(paths), *rows, ""]))
    write_atomically(folder / ABOUT, _toml(about))


def _toml(content: Mapping[str, Any]) -> str:
    tables = {name: value for name, value in content.items() if isinstance(value, Mapping)}
    facts = content.get("facts", ())
    lines = [f"{name} = {_cell(v)}" for name, v in content.items() if name not in tables and name != "facts"]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{json.dumps(key)} = {_cell(value)}" for key, value in table.items())]
    for fact in facts:
        lines += ["", "[[facts]]", *(f"{key} = {_cell(value)}" for key, value in fact.items())]
    return "\n".join([*lines, ""])


def _cell(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # text, numbers and lists are written alike in TOML


def made_from(files: list[Path]) -> dict[str, dict[str, str]]:
    """Tables ``model`` and ``data`` of a posterior that is made now from some data files."""
    names = [path.relative_to(ROOT).as_posix() for path in files]
    return {"model": {"sources": SOURCE_HASH, "code": code_hash()}, "data": checksums(names)}


def checksums(files: Any) -> dict[str, str]:
    """First 16 characters of the sha256 of what files say, by path from the root; empty text for a file that is gone.

    Words are left out (comments, sources, meanings, notes), and so are values of calibrated parameters: their prior is
    even over the range, so no draw depends on them, and they are set to the middle of what the fit leaves.
    """
    found = {}
    for name in files:
        path = ROOT / name
        found[name] = hashlib.sha256(_said_by(path).encode()).hexdigest()[:16] if path.is_file() else ""
    return found


def _said_by(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return json.dumps(_without_words(tomllib.loads(text)), sort_keys=True)
    if path.suffix == ".csv":
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return json.dumps([{key: cell for key, cell in row.items() if key not in WORDS} for row in rows])
    return text


def _without_words(content: Any) -> Any:
    if not isinstance(content, dict):
        return content
    left_out = {*WORDS, "value"} if content.get("kind") == "calibrated" else WORDS
    return {key: _without_words(part) for key, part in content.items() if key not in left_out}


@functools.cache
def code_hash() -> str:
    """Hash of the rules: syntax trees of ``agents`` and ``model`` without docstrings, comments or formatting."""
    digest = hashlib.sha256()
    for package in ("agents", "model"):
        for path in sorted((ROOT / package).glob("*.py")):
            digest.update(f"{package}/{path.name} {syntax(ast.parse(path.read_text(encoding='utf-8')))}\n".encode())
    return digest.hexdigest()[:16]


def syntax(node: Any) -> Any:
    """What a piece of source says, the same in all versions of Python: fields that are empty are left out."""
    if isinstance(node, list):
        return [syntax(one) for one in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
        fields["body"] = fields["body"][1:]
    return type(node).__name__, {name: syntax(value) for name, value in fields.items() if value not in (None, [])}
