"""What an analysis found, as tables and single figures, kept so that its figures can be drawn again from them alone."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.manifest import provenance
from experiments.plain import plain
from experiments.sweeps.store import holds_sweep, write_whole
from model.errors import InputError

RECEIPT = "receipt.json"
FORMATS = {  # of the tables of a kind; raise it when a column means something else than before, 1 unless here
    "heatmap": 2,  # 2: replicates, which may be draws of the parameters, in place of seeds
    "robust": 2,  # 2: signal-to-noise of what is to be small is a root, in the outcome's unit
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


def check_free(folder: Path, kind: str) -> None:
    """Refuse a folder that a finding may not go to: its receipt would be in place of another's.

    Raises:
        InputError: a file, a sweep, or what another analysis found.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: is a file; name a folder")
    if holds_sweep(folder):
        raise InputError(f"--out {folder}: is the folder of a sweep; name another, such as {folder / kind}")
    other = _receipt(folder).get("kind", kind)
    if other != kind:
        raise InputError(f"--out {folder}: holds what {other} found; name another folder for {kind}")


def files_of(folder: Path) -> set[str]:
    """Names of the tables and figures that the receipt in a folder names; none without one."""
    receipt = _receipt(folder)
    return {Path(name).name for name in (*receipt.get("tables", ()), *receipt.get("figures", ()))}


def name_figures(folder: Path, names: Sequence[str]) -> None:
    """Note in a folder's receipt which figures were drawn, so that those of the next finding can take their place."""
    receipt = _receipt(folder) | {"figures": sorted(names)}
    write_whole(folder / RECEIPT, json.dumps(receipt, indent=2, ensure_ascii=False))


def _receipt(folder: Path) -> dict[str, Any]:
    """Content of the receipt in a folder; empty where there is none that can be read."""
    try:
        content = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def save(finding: Finding, folder: Path, command: Sequence[str] = ()) -> str:
    """Write the tables as CSV and ``receipt.json``, which holds all the rest; gives the receipt, ten characters.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{name}.csv": table.to_csv(index=False) for name, table in finding.tables.items()}
    for name, text in texts.items():
        write_whole(folder / name, text)
    checksums = {name: _checksum(text.encode()) for name, text in texts.items()}
    content = plain({"kind": finding.kind, "question": finding.question, "facts": finding.facts})
    code = hashlib.sha256(json.dumps([content, checksums], sort_keys=True).encode()).hexdigest()[:10]
    content["format"] = _format_of(finding.kind)  # not in the code, which stands for what was found
    receipt = {"receipt": code, **content, "tables": checksums, "command": list(command), **provenance()}
    write_whole(folder / RECEIPT, json.dumps(receipt, indent=2, ensure_ascii=False))
    return code


def load(folder: Path) -> tuple[Finding, str]:
    """A finding as it was kept, and its receipt.

    Raises:
        InputError: nothing there, a format of another time, or a table that is not the one that was written.
    """
    try:
        receipt = json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
        content = {name: receipt[name] for name in ("kind", "question", "facts", "tables", "receipt")}
    except OSError as error:
        raise InputError(f"{folder / RECEIPT}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError) as error:
        raise InputError(f"{folder / RECEIPT}: no receipt of an analysis ({error})") from error
    made = " ".join(receipt.get("command", [])) or "its command"
    held, wanted = receipt.get("format", 1), _format_of(content["kind"])
    if held != wanted:
        raise InputError(
            f"{folder / RECEIPT}: format {held} of what {content['kind']} finds; this code is made for {wanted}, "
            f"in which tables mean something else; make it again: {made}"
        )
    tables = {}
    for name, checksum in content["tables"].items():
        path = folder / name
        if not path.is_file() or _checksum(path.read_bytes()) != checksum:
            state = "changed since" if path.is_file() else "missing"
            raise InputError(f"{path}: {state}, so figures would not be those of the receipt; make it again: {made}")
        tables[path.stem] = pd.read_csv(path, keep_default_na=False, na_values=[""])
    return Finding(content["kind"], content["question"], tables, content["facts"]), content["receipt"]


def _format_of(kind: str) -> int:
    return FORMATS.get(kind, 1)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
