"""Runs of a wave: every case at every point, with seeds of its own, in a folder that keeps what is finished."""

import json
import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from injae.experiments.calibration.belief import Belief, Case
from injae.experiments.calibration.evidence import values_of
from injae.experiments.documents import Table
from injae.experiments.runs import by_years, run_jobs
from injae.experiments.tables import read_table, write_atomically
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.scenario import Scenario

PART_RUNS = 50  # runs that are written at once; fewer are lost when a process is killed
SEEDS_OF_A_WAVE = 10_000_000  # seeds of a wave begin at a multiple, so that no two runs share one
KEYS = ["case", "point", "seed"]
ERROR_CHARACTERS = 300
QUESTION = "question.json"
PART = re.compile(r"part-\d{6}\.parquet")


@dataclass(frozen=True)
class PointRun:
    """One run to do: a scenario with the parameters of a point, a seed, and what is wanted of it."""

    plan: Scenario
    settings: dict[str, float]
    seed: int
    facts: tuple[str, ...]
    outcomes: tuple[str, ...]


class Measured(NamedTuple):
    """What a run gives, by name, or the error that ended it (empty: none)."""

    values: dict[str, float]
    error: str = ""


def measured(job: PointRun) -> Measured:
    """Do a run and measure it; an error of the model becomes part of the result."""
    try:
        model = by_years(Ecosystem(job.plan.with_settings(job.settings), job.seed))
        return Measured(values_of(model, job.facts, job.outcomes))
    except Exception as error:
        trace = traceback.format_exc(limit=-2)
        return Measured({}, f"{type(error).__name__}: {error}; {trace}".replace("\n", " ")[:ERROR_CHARACTERS])


class Wave(NamedTuple):
    """A wave that was run.

    Attributes:
        x: points, shares of belief, shape (points, inputs).
        values: by case and name, shape (points, seeds), nan where there is none.
        errors: that runs ended in.
    """

    x: Any
    values: dict[tuple[str, str], Any]
    errors: list[str]


class WaveFolder:
    """Folder of the waves of one calibration.

    Args:
        folder: new, or that of the same calibration.
        question: what the runs depend on.
        belief: whose shares points are.
        workers: processes; results do not depend on it.

    Raises:
        InputError: the folder holds the runs of another calibration.
    """

    def __init__(self, folder: Path, question: dict[str, Any], belief: Belief, workers: int | None = None) -> None:
        self.folder, self.belief, self.workers = folder, belief, workers
        folder.mkdir(parents=True, exist_ok=True)
        text, path = json.dumps(question, indent=2, sort_keys=True, ensure_ascii=False), folder / QUESTION
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            held = Table.read(path).root
            other = next((name for name in question if held.get(name) != question[name]), "question")
            fault = f"holds a calibration with another {other.replace('_', ' ')}"
            raise InputError("occupied", fault, "out", folder.parent, suggestion="name a new folder")
        write_atomically(path, text)

    def points(self, name: str, make: Callable[[], Any]) -> Any:
        """Points of a wave, made once: shares of belief, shape (points, inputs)."""
        path = self.folder / name / "points.parquet"
        if not path.is_file():
            columns = {str(n): column for n, column in enumerate(np.asarray(make()).T)}
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, pa.table(columns))
        return read_table(path, dict.fromkeys(map(str, range(len(self.belief.names))), "number")).to_numpy()

    def run(
        self,
        name: str,
        number: int,
        x: Any,
        cases: Sequence[Case],
        seeds: int,
        watch: Callable[[int, int], None] | None = None,
    ) -> Wave:
        """Do what is missing of a wave.

        Args:
            name: of its folder.
            number: that tells its seeds from those of other waves.
            x: its points.
            cases: to run at each.
            seeds: of each point.
            watch: called with runs done and wanted.
        """
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        wanted = [
            (case.plan.name, point, number * SEEDS_OF_A_WAVE + point * seeds + repeat)
            for case in cases
            for point in range(len(x))
            for repeat in range(seeds)
        ]
        table = self._do(folder, wanted, x, cases, watch)
        return Wave(x, _grids(table, cases, len(x), seeds), [error for error in table["error"] if error])

    def _do(
        self, folder: Path, wanted: Sequence[tuple[str, int, int]], x: Any, cases: Sequence[Case],
        watch: Callable[[int, int], None] | None,
    ) -> pd.DataFrame:  # fmt: skip
        whole = folder / "runs.parquet"
        if whole.is_file():
            return _read(whole, wanted, all_of=True)
        parts = sorted(path for path in folder.glob("part-*.parquet") if PART.fullmatch(path.name))
        tables = [_read(path, wanted) for path in parts]
        done = {key for table in tables for key in table[KEYS].itertuples(index=False, name=None)}
        left = [key for key in wanted if key not in done]
        settings = {case.plan.name: _settings(case, x, self.belief) for case in cases}
        by_name = {case.plan.name: case for case in cases}
        jobs = [
            PointRun(
                by_name[name].plan, settings[name][point], seed,
                tuple(fact.name for fact in by_name[name].facts), by_name[name].outcomes,
            )
            for name, point, seed in left
        ]  # fmt: skip
        rows: list[dict[str, Any]] = []
        number = int(parts[-1].stem.partition("-")[2]) + 1 if parts else 0

        def write() -> None:
            nonlocal number
            if rows:
                tables.append(pd.DataFrame(rows))
                write_atomically(folder / f"part-{number:06d}.parquet", _table(tables[-1]))
                number += 1
                rows.clear()

        try:
            for index, run in run_jobs(jobs, self.workers, measured):
                values = {} if run.error else run.values
                rows.append(dict(zip(KEYS, left[index], strict=True)) | {"error": run.error or ""} | values)
                if len(rows) >= PART_RUNS:
                    write()
                    if watch:
                        watch(sum(map(len, tables)), len(wanted))
        finally:
            write()
        return _whole(folder, wanted, tables, cases)


def _settings(case: Case, x: Any, belief: Belief) -> list[dict[str, float]]:
    """Parameters of a case at points, by path; those that its scenario sets stay as they are."""
    table = belief.scaled(x, case.plan.country)
    varied = [path for path in table.columns if path.removeprefix("parameters.") not in case.plan.parameters]
    return table[varied].to_dict("records")  # pyright: ignore[reportReturnType]


def _whole(
    folder: Path, wanted: Sequence[tuple[str, int, int]], tables: Sequence[pd.DataFrame], cases: Sequence[Case]
) -> pd.DataFrame:
    """All runs of a wave in one file, in the order of cases, points and seeds, whoever did them when."""
    order = {case.plan.name: n for n, case in enumerate(cases)}
    columns = [*KEYS, "error", *dict.fromkeys(name for case in cases for name in case.columns)]
    table = pd.concat(tables, ignore_index=True).reindex(columns=columns)
    table = table.sort_values(KEYS, key=lambda c: c.map(order) if c.name == "case" else c, ignore_index=True)
    write_atomically(folder / "runs.parquet", _table(table))
    for path in folder.glob("part-*.parquet"):
        if PART.fullmatch(path.name):
            path.unlink()
    return _read(folder / "runs.parquet", wanted, all_of=True)


def _read(path: Path, wanted: Sequence[tuple[str, int, int]], *, all_of: bool = False) -> pd.DataFrame:
    """Runs of a wave from a file of its folder: some of those wanted, or all.

    Raises:
        InputError: it cannot be read, or holds other runs.
    """
    table = read_table(path, {"case": "text", "point": "whole", "seed": "whole", "error": "text"}, others="number")
    keys = list(table[KEYS].itertuples(index=False, name=None))
    if len(set(keys)) < len(keys) or not set(keys) <= set(wanted) or (all_of and len(keys) < len(wanted)):
        fault = f"columns {', '.join(KEYS)} are not those of the runs of this calibration"
        raise InputError("unreadable", fault, source=path)
    return table


def _table(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


def _grids(table: pd.DataFrame, cases: Sequence[Case], points: int, seeds: int) -> dict[tuple[str, str], Any]:
    grids = {}
    for case in cases:
        rows = table[table["case"] == case.plan.name]
        for name in case.columns:
            grids[case.plan.name, name] = rows[name].to_numpy(float).reshape(points, seeds)
    return grids
