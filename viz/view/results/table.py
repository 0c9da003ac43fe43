"""A sweep of up to a million runs in memory: one row a run, values of settings by point, outcomes read when asked for.

What is read is checked first; a file or column that is not as it should be is named (``Unreadable``).
"""

import contextlib
import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from injae.experiments.folders import FILES
from injae.experiments.indicators import INDICATORS
from injae.experiments.sweeps.store import RUNS, TABLES, Sweep
from injae.experiments.tables import read_verified
from injae.model.errors import InputError
from injae.model.record import SERIES
from injae.viz.view.refused import Refused

MANIFEST = ("receipt", "command", "scenarios", "seeds", "design", "model_version", "kept")
OUTCOMES_KEPT = 6  # arrays of one number a run
SERIES_BLOCKS = 40  # a fan chart reads so many files at most


class Unreadable(Refused):
    """A file of a sweep that is not as it should be."""


class Opened:
    """A sweep that was read.

    Attributes:
        name: of its folder.
        settings: paths that vary; levers: those of them that somebody sets.
        runs: one row a run in the order of policy, point and seed: ``policy``, ``point``, ``seed``, ``id``, ``status``,
            ``reason``, ``seconds``, ``block``.
        place: row of ``sweep.points`` of each run.

    Raises:
        Unreadable: files that are not those of a sweep; names the column.
    """

    def __init__(self, name: str, folder: Path) -> None:
        _check_files(folder)
        try:
            self.name, self.sweep = name, Sweep(folder)
        except InputError as error:
            raise Unreadable("results.no_file", file="manifest.json") from error
        design = self.sweep.manifest["design"]
        self.levers, uncertain = ([factor["path"] for factor in design[kind]] for kind in ("levers", "uncertainties"))
        self.settings = [*self.levers, *uncertain]
        _check_table(folder / "points.parquet", ["point", *self.settings])
        _check_table(folder / "cases.parquet", ["policy", "point", "case"], text=("policy", "case"))
        for kind, columns in (("runs", RUNS.names), ("summary", ["run", *INDICATORS]), ("series", ["run", "month"])):
            for block in sorted((folder / kind).glob("*.parquet"))[:1]:
                _check_table(block, columns, text=("id", "run", "policy", "status", "reason"))
        runs: Any = self.sweep.located().drop(columns="peak_memory_bytes")
        small = {"point": np.int32, "seed": np.int32, "seconds": np.float32}
        self.runs: Any = runs.astype({**small, "status": "category", "reason": "category", "block": "category"})
        self.place = self.sweep.points.index.get_indexer(self.runs["point"]).astype(np.int32)
        self._outcomes: dict[str, Any] = {}
        self._found: Any = None

    @functools.cached_property
    def series_names(self) -> list[str]:
        """Series that the sweep keeps."""
        for block in sorted((self.sweep.folder / "series").glob("*.parquet")):
            with contextlib.suppress(OSError, ValueError):
                kept = pq.read_schema(block).names
                return [name for name in SERIES if name in kept]
        return []

    @functools.cached_property
    def draws(self) -> Any:
        """Which draw of the uncertain parameters each point has, where levers are crossed with draws; else None."""
        uncertain = self.settings[len(self.levers) :]
        if not (self.levers and uncertain):
            return None
        draws = self.sweep.points.groupby(uncertain, dropna=False, sort=False).ngroup()
        return draws if draws.nunique() < len(draws) else None

    def setting(self, name: str) -> Any:
        """Values of a setting, one a point; nan: as in the policy."""
        return self.sweep.points[name].to_numpy(float)

    def outcome(self, name: str) -> Any:
        """Values of an indicator, one a run; nan where it is not done or does not apply."""
        if name not in self._outcomes:
            found = self._summary_rows()
            column = np.append(self._summary(name).to_numpy(zero_copy_only=False).astype(float), np.nan)
            while len(self._outcomes) >= OUTCOMES_KEPT:
                self._outcomes.pop(next(iter(self._outcomes)))
            self._outcomes[name] = column[found]
        return self._outcomes[name]

    def series(self, name: str, rows: Any, most: int, rng: np.random.Generator) -> Any:
        """A series of some of the done runs among ``rows``, shape ``(runs, months + 1)``; None where there are none.

        At most ``most`` runs from at most ``SERIES_BLOCKS`` files, both drawn at random.
        """
        done = rows[(self.runs["status"] == "done").to_numpy()[rows]]
        if not len(done):
            return None
        blocks = self.runs["block"].cat.codes.to_numpy()[done]
        present = np.unique(blocks)
        if len(present) > SERIES_BLOCKS:
            done = done[np.isin(blocks, rng.choice(present, SERIES_BLOCKS, replace=False))]
        if len(done) > most:
            done = np.sort(rng.choice(done, most, replace=False))
        runs = self.runs.iloc[done]
        return self.sweep.series_of(name, list(runs["id"]), runs)

    def _summary_rows(self) -> Any:
        """Where the summary of each run is in the column of ``_summary``; last where there is none."""
        if self._found is None:
            known = self._summary("run")
            found = pc.index_in(pa.array(self.runs["id"]), value_set=known)  # type: ignore[attr-defined]
            found = found.fill_null(len(known)).to_numpy().astype(np.int32)
            self._found = np.where(self.runs["status"] == "done", found, len(known))
        return self._found

    def _summary(self, column: str) -> Any:
        """One column of the summary of all complete blocks, in their order."""
        files = [self.sweep.folder / "summary" / str(name) for name in self.runs["block"].cat.categories]
        parts = [_column(file, column) for file in files if file.exists()]
        kind = pa.string() if column == "run" else pa.float64()
        if len({part.type for part in parts}) != 1:  # blocks that another program has written again
            parts = [part.cast(kind) for part in parts]
        return pa.concat_arrays(parts) if parts else pa.array([], kind)


def _check_files(folder: Path) -> None:
    """Refuse a folder that lacks a file, or whose manifest is no table."""
    for name in FILES:
        if not (folder / name).is_file():
            raise Unreadable("results.missing", file=name)
    try:
        content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable("results.no_file", file="manifest.json") from error
    if not isinstance(content, dict):
        raise Unreadable("results.no_file", file="manifest.json")
    for key in MANIFEST:
        if key not in content:
            raise Unreadable("results.no_entry", file="manifest.json", entry=key)


def _column(file: Path, name: str) -> Any:
    try:
        return read_verified(file, [name])[name].combine_chunks()
    except (OSError, ValueError, KeyError) as error:
        raise Unreadable("results.no_file", file=f"summary/{file.name}") from error


def _check_table(path: Path, columns: Sequence[str], text: Sequence[str] = ()) -> None:
    """Refuse a table that cannot be read, lacks a column, or has text where numbers belong."""
    block = path.parent.name in TABLES
    file = f"{path.parent.name}/{path.name}" if block else path.name
    try:
        schema = pq.read_schema(path)
    except (OSError, ValueError) as error:
        if block:
            return  # a torn block does not count, as ``Sweep`` says
        raise Unreadable("results.no_file", file=file) from error
    for column in columns:
        if column not in schema.names:
            raise Unreadable("results.no_column", file=file, column=column)
        kind = str(schema.field(column).type)
        if column not in text and not kind.startswith(("int", "uint", "float", "double")):
            raise Unreadable("results.bad_column", file=file, column=column, kind=kind)
