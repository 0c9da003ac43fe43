"""What an analysis found, as tables and single figures, kept so that its figures can be drawn again from them alone."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from injae.experiments.documents import Receipt, check_inside
from injae.experiments.folders import RECEIPT, as_json
from injae.experiments.manifest import provenance
from injae.experiments.plain import plain
from injae.experiments.tables import write_atomically
from injae.model.errors import InputError

FORMATS = {  # of the tables of a kind; raise it when a column means something else than before, 1 unless here
    "heatmap": 2,  # 2: replicates, which may be draws of the parameters, in place of seeds
    "robust": 3,  # 2: signal-to-noise of what is to be small is a root, in the outcome's unit; 3: names
    **dict.fromkeys(("calibrate", "screen", "search", "sensitivity"), 2),  # 2: names of columns and tables
}


@dataclass(frozen=True)
class Finding:
    """Result of an analysis.

    Attributes:
        kind: which analysis, such as ``sensitivity``.
        question: every setting that made it, ready for JSON.
        tables: what was found, by name; plain columns, one row a fact, no empty text.
        facts: single figures, ready for JSON.
    """

    kind: str
    question: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    facts: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON: a table is a list of rows, nan is null, infinity ``"inf"``."""
        tables = {name: table.to_dict("records") for name, table in self.tables.items()}
        return plain({"kind": self.kind, "question": self.question, "facts": self.facts, "tables": tables})


def save(finding: Finding, folder: Path, command: Sequence[str] = ()) -> str:
    """Write the tables as CSV and ``receipt.json``, which holds all the rest; gives the receipt, ten characters.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{name}.csv": table.to_csv(index=False) for name, table in finding.tables.items()}
    for name, text in texts.items():
        write_atomically(folder / name, text)
    checksums = {name: _checksum(text.encode()) for name, text in texts.items()}
    content = plain({"kind": finding.kind, "question": finding.question, "facts": finding.facts})
    code = _code(content, checksums)
    content["format"] = _format_of(finding.kind)  # not in the code, which stands for what was found
    receipt = {"receipt": code, **content, "tables": checksums, "command": list(command), **provenance()}
    write_atomically(folder / RECEIPT, as_json(receipt))
    return code


def load(folder: Path) -> tuple[Finding, str]:
    """A finding as it was kept, and its receipt.

    Raises:
        InputError: nothing there, a format of another time, or a receipt or table that is not the one that was written.
    """
    path = folder / RECEIPT
    held = Receipt.read(path)
    again = f"make it again: {' '.join(held.command) or 'its command'}"[:120]
    wanted = _format_of(held.kind)
    if held.format != wanted:
        hint = f"this code is made for {wanted}, in which tables mean something else; {again}"
        raise InputError("unusable", f"format {held.format} of what {held.kind} finds", source=path, suggestion=hint)
    tables = {}
    for name, checksum in held.tables.items():
        file = check_inside(folder / name)
        if not file.is_file() or _checksum(file.read_bytes()) != checksum:
            state = "changed since" if file.is_file() else "missing"
            fault = f"{state}, so figures would not be those of the receipt"
            raise InputError("unusable", fault, source=file, suggestion=again)
        tables[file.stem] = pd.read_csv(file, keep_default_na=False, na_values=[""])
    content = {"kind": held.kind, "question": held.question, "facts": held.facts}
    if _code(content, held.tables) != held.receipt:
        fault = f"receipt {held.receipt[:20]} does not stand for what the file says"
        raise InputError("unreadable", fault, source=path, suggestion=again)
    return Finding(held.kind, held.question, tables, held.facts), held.receipt


def _code(content: dict[str, Any], checksums: dict[str, str]) -> str:
    """Ten characters that stand for what was found."""
    return hashlib.sha256(json.dumps([content, checksums], sort_keys=True).encode()).hexdigest()[:10]


def _format_of(kind: str) -> int:
    return FORMATS.get(kind, 1)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
