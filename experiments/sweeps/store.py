"""Where the runs of a sweep are kept: a folder of Parquet blocks that are only ever added.

A block is one file of the same name in each of ``series``, ``summary`` (``people``, ``events``) and, last, ``runs``: a
block without its file in ``runs`` does not exist yet, so a process may be killed at any moment. Runs are named by what
makes them (see ``run_id``), so the same run is never wanted under two names, and a block may hold a run twice without
harm (after a kill, say). docs/sweeps.md lists the tables.
"""

import functools
import logging
import os
import re
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from injae.experiments.documents import SweepMade, check_inside
from injae.experiments.extensions import added_indicators
from injae.experiments.folders import FILES, MANIFEST, holds_sweep
from injae.experiments.indicators import INDICATORS
from injae.experiments.showing import Shown
from injae.experiments.sweeps.identities import model_version, run_id
from injae.experiments.tables import check_block, read_table, read_verified, write_atomically
from injae.model.errors import InputError, nearest
from injae.model.record import DTYPE, SERIES
from injae.model.scenario import Scenario

TABLES = ("series", "summary", "people", "events", "runs")  # in the order of writing: runs makes a block complete
RUNS = pa.schema(
    [
        ("id", pa.string()),
        ("policy", pa.string()),
        ("point", pa.int32()),
        ("seed", pa.int32()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("seconds", pa.float32()),
        ("peak_memory_bytes", pa.int64()),
    ]
)
STATUSES = {"done", "failed", "cut", "died"}
BLOCK = re.compile(r"\d{20}-[0-9a-f]{8}(-merged)?\.parquet")  # name of a block
MEASURED = {"seconds": float, "peak_memory_bytes": float}  # nan: not known
KEYS = ["policy", "point", "seed"]
RANK = "rank of the run"  # no column of a table has such a name
RATE_BLOCKS = 20  # the rate of a sweep is that of its last blocks
MERGED = "-merged"
PART = 500  # runs that are read at once when a whole sweep passes through memory

log = logging.getLogger("injae")


def series_type(name: str) -> pa.DataType:
    """How a series is kept: levels to seven digits, counts whole, won whole and large."""
    if DTYPE[name] == np.float64:
        return pa.float32()
    return pa.int64() if "won" in SERIES[name].unit else pa.int32()


def write_block(folder: Path, tables: Mapping[str, pa.Table], *, merged: bool = False) -> None:
    """Add a block: every table whole or not at all, ``runs`` last. The name of a merged one tells nothing of speed."""
    name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}{MERGED if merged else ''}.parquet"
    for kind in TABLES:
        if kind in tables:
            write_atomically(folder / kind / name, tables[kind])


class _MergedMeanwhile(Exception):
    """A block is gone because its runs are in another now (see ``experiments.sweeps.merge``)."""


def counting_rows(written: pd.DataFrame) -> pd.DataFrame:
    """One row a run of those written: done before failed, then the latest."""
    frame = written.assign(done=written["status"] == "done").sort_values(["done", "block"], kind="stable")
    return frame.drop_duplicates("id", keep="last").drop(columns="done").reset_index(drop=True)


class Sweep(Shown):
    """A sweep as it is in its folder, finished or not, read when asked.

    Frames are in the order of policy, point and seed, whatever the order in which runs finished.

    Args:
        folder: of a sweep.

    Raises:
        InputError: no sweep there.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not holds_sweep(self.folder):
            raise InputError("unreadable", f"holds no sweep (no {', '.join(FILES)})", source=folder)
        self._made = SweepMade.read(self.folder / MANIFEST)
        self.manifest: dict[str, Any] = self._made.model_dump()
        self.interrupted = False
        self._ignored: dict[str, str] = {}  # torn or foreign blocks, and which of their files it is

    def _country(self) -> str:
        return next(iter(self.policies.values())).country

    def _line(self) -> str:
        counts, design = self.status(), self.manifest["design"]["text"]
        failed = f", {counts['failed']} failed" if counts["failed"] else ""
        runs = f"{counts['done']:,} of {counts['runs']:,} runs done{failed}"
        return f"Sweep {str(self.folder)!r}: {design}, {', '.join(self.policies)}, {len(self.seeds)} seeds; {runs}"

    def _table(self) -> pd.DataFrame:
        return pd.DataFrame(self.status()["by_policy"]).T.rename_axis("policy").reset_index()

    @property
    def ignored(self) -> list[str]:
        """Files that are torn or foreign, by path from the folder; known once runs were read."""
        return sorted(self._ignored.values())

    @property
    def policies(self) -> dict[str, Scenario]:
        """Scenarios that are crossed with the points, by label, in the order given."""
        return {plan.name: plan for plan in self._made.scenarios}

    @property
    def seeds(self) -> list[int]:
        """Seeds of every point and policy."""
        return list(self.manifest["seeds"])

    @property
    def is_of_present_model(self) -> bool:
        """Whether rules and data are still those that the runs of this sweep were made with."""
        return self.manifest["model_version"] == model_version(self._country())

    @functools.cached_property
    def points(self) -> pd.DataFrame:
        """Values of what varies, one row a point (index ``point``), one column a path; nan: as in the policy.

        ``attrs`` names the columns that are ``levers`` and those that are ``uncertainties``.
        """
        path, design = self.folder / "points.parquet", self._made.design
        points = read_table(path, {"point": "whole", **dict.fromkeys(design.paths, "number")}).set_index("point")
        if not len(points) or not np.array_equal(points.index, np.arange(len(points))):
            raise InputError("unreadable", "column point does not count from 0", source=path)
        kinds = {"levers": design.levers, "uncertainties": design.uncertainties}
        points.attrs = {kind: [factor.path for factor in factors] for kind, factors in kinds.items()}
        return points

    @functools.cached_property
    def cases(self) -> pd.DataFrame:
        """Every policy at every point: policy, point, case (see ``case_of``)."""
        path = self.folder / "cases.parquet"
        cases = read_table(path, {"policy": "text", "point": "whole", "case": "text"})
        for name, known in (("policy", list(self.policies)), ("point", self.points.index)):
            if not cases[name].isin(known).all():
                raise InputError("unreadable", f"column {name} names one that the sweep does not have", source=path)
        if not len(cases) or cases.duplicated(["policy", "point"]).any():
            raise InputError("repeated", f"{'names a case twice' if len(cases) else 'holds no case'}", source=path)
        return cases

    def wanted(self) -> pd.DataFrame:
        """Every run that the sweep consists of: policy, point, seed, id."""
        cases = self.cases
        order = {name: n for n, name in enumerate(self.policies)}
        cases = cases.sort_values(["policy", "point"], key=lambda c: c.map(order) if c.name == "policy" else c)
        seeds, model = self.seeds, self.manifest["model_version"]
        frame = cases.loc[cases.index.repeat(len(seeds))].reset_index(drop=True)
        frame["seed"] = np.tile(seeds, len(cases))
        frame["policy"] = pd.Categorical(frame["policy"], categories=list(order))
        frame["id"] = [run_id(model, case, seed) for case, seed in zip(frame["case"], frame["seed"], strict=True)]
        return frame[[*KEYS, "id"]]

    @property
    def runs(self) -> pd.DataFrame:
        """Every run: policy, point, seed, id, status, reason, seconds (of simulating, on one core), peak_memory_bytes.

        Status: ``done``, ``failed`` (an error, with a short trace as reason), ``cut`` (over its time budget), ``died``
        (its process did, twice) or ``waiting``. Peak memory is that of the run's process up to its end (nan: unknown).
        """
        return self.located().drop(columns="block")

    def located(self) -> pd.DataFrame:
        """The same as ``runs``, with the ``block`` that each is in (nan: none)."""
        recorded = self.recorded()[["id", "status", "reason", "seconds", "peak_memory_bytes", "block"]]
        frame = self.wanted().merge(recorded, on="id", how="left")
        frame["status"] = frame["status"].fillna("waiting")
        frame["reason"] = frame["reason"].fillna("")
        return frame

    def recorded(self, *, thorough: bool = False) -> pd.DataFrame:
        """Every run in complete blocks, one row each, and the name of its block; done before failed, then the latest.

        Args:
            thorough: read every file through instead of its end only.
        """
        return counting_rows(self.written(thorough=thorough))

    def written(self, *, thorough: bool = False) -> pd.DataFrame:
        """Every row of ``runs`` in complete blocks and the name of its block; a run may have several."""
        while True:
            tables = [RUNS.empty_table().append_column("block", pa.array([], pa.string()))]
            try:
                for path in sorted((self.folder / "runs").glob("*.parquet")):
                    if (table := self._complete(path, thorough)) is not None:
                        tables.append(table.append_column("block", pa.array([path.name] * len(table), pa.string())))
            except _MergedMeanwhile:
                continue
            return pa.concat_tables(tables).to_pandas().astype(MEASURED)

    def _complete(self, path: Path, thorough: bool) -> pa.Table | None:
        """The ``runs`` table of a block, or None with a warning if a file of the block is torn or not ours."""
        if path.name in self._ignored:
            return None
        file = path
        try:
            check_inside(path, self.folder)
            table = read_verified(path)
            if table.schema.names != RUNS.names:
                raise ValueError("other columns")
            table = table.cast(RUNS)
            if not STATUSES.issuperset(table["status"].to_pylist()):
                raise ValueError("a status that no run has")
            if "done" in table["status"].to_pylist():
                for kind in ("series", "summary", *self.manifest["kept"]):
                    file = self.folder / kind / path.name
                    check_inside(file, self.folder)
                    schema = read_verified(file).schema if thorough else pq.read_schema(file)
                    check_block(kind, schema)
        except (OSError, ValueError) as error:  # what pyarrow raises is one of these, InputError too
            if not os.path.lexists(path):  # a link that leads nowhere is there
                raise _MergedMeanwhile from error
            self._ignore(file, error)
            return None
        return table

    def _ignore(self, file: Path, error: Exception) -> None:
        place = file.relative_to(self.folder).as_posix()
        self._ignored[file.name] = place
        reason = str(error).splitlines()[0][:100]
        log.warning("note: block %s is torn or foreign and is ignored, its runs do not count (%s)", place, reason)

    def indicators(self) -> list[str]:
        """Indicators that its runs keep: those of the model, and of an extension that was there when they were made."""
        added = added_indicators()
        block = next(iter(sorted((self.folder / "summary").glob("*.parquet"))), None) if added else None
        kept = pq.read_schema(block).names if block else []
        return [name for name in INDICATORS if name not in added or name in kept]

    def summary(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Indicators of every finished run (see ``experiments.summary``), all unless named; units are in ``attrs``."""
        frame = pd.concat(list(self._parts("summary", names)), ignore_index=True)
        frame.attrs = {"units": {name: indicator.unit for name, indicator in INDICATORS.items()}}
        return frame

    def series(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Series of every finished run, one row a run and month: policy, point, seed, month, date, then the series.

        Args:
            names: which series; all unless told. Fewer are read much faster.

        Raises:
            InputError: no such series.
        """
        frame = pd.concat(list(self.series_parts(names)), ignore_index=True)
        frame.attrs = {
            "units": {name: series.unit for name, series in SERIES.items()},
            "meanings": {name: series.meaning for name, series in SERIES.items()},
        }
        return frame

    def series_parts(self, names: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The same as ``series`` in parts of some hundred runs, for sweeps that do not fit into memory."""
        for name in names or ():
            if name not in SERIES:
                raise InputError("unknown", "unknown", "series", name, suggestion=nearest(name, SERIES))
        plan = next(iter(self.policies.values()))
        dates = [plan.date_of(month) for month in range(plan.months + 1)]
        for part in self._parts("series", None if names is None else ["month", *names]):
            part.insert(4, "date", pd.Categorical.from_codes(part["month"], categories=dates, ordered=True))
            yield part

    def series_of(self, name: str, ids: Sequence[str], runs: pd.DataFrame | None = None) -> Any:
        """One series of some finished runs, read from their blocks only; shape ``(runs, months + 1)``, any order.

        ``runs`` are rows of ``located()`` with them, where those are at hand.
        """
        among: Any = self.located() if runs is None else runs
        rows = self._rows("series", ["month", name], among[among["id"].isin(ids)].reset_index(drop=True))
        rows["policy"] = rows["policy"].astype(str)
        return rows.pivot(index=KEYS, columns="month", values=name).to_numpy(float)

    def table(self, kind: str) -> pd.DataFrame:
        """``people`` or ``events`` of every finished run, if the sweep keeps them."""
        if kind not in self.manifest["kept"]:
            fault = f"keeps no {kind}"
            raise InputError("unusable", fault, source=self.folder, suggestion=f"start a sweep with --{kind}")
        return pd.concat(list(self._parts(kind, None)), ignore_index=True)

    def _parts(self, kind: str, columns: Sequence[str] | None) -> Iterator[pd.DataFrame]:
        """Rows of a table with policy, point and seed, in order, some hundred runs at a time; at least one part."""
        runs = self.located()
        runs = runs[runs["status"] == "done"].reset_index(drop=True)
        for first in range(0, max(len(runs), 1), PART):
            yield self._rows(kind, columns, runs.iloc[first : first + PART])

    def _rows(self, kind: str, columns: Sequence[str] | None, runs: pd.DataFrame) -> pd.DataFrame:
        """Rows of some runs from their blocks."""
        every = {"series": ["month", *SERIES], "summary": self.indicators() if kind == "summary" else []}
        names = every.get(kind, []) if columns is None else columns
        wanted = runs[[*KEYS, "block"]].assign(run=runs["id"], **{RANK: np.arange(len(runs))})
        frames = []
        for name in wanted["block"].unique():
            file = self.folder / kind / str(name)
            try:
                asked = None if columns is None else ["run", *columns]
                table = read_verified(check_inside(file, self.folder), asked)
            except (OSError, ValueError) as error:
                if not (self.folder / "runs" / str(name)).exists():
                    found = runs.drop(columns="block").merge(self.recorded()[["id", "block"]], on="id")
                    return self._rows(kind, columns, found)
                self._ignore(file, error)
                continue
            if missing := {*names} - {*table.schema.names}:
                fault = f"has no column {min(missing)}"
                raise InputError("unreadable", fault, source=file, suggestion="another state of the model wrote it")
            rows = wanted[wanted["block"] == name].drop(columns="block")
            frames.append(rows.merge(table.to_pandas(), on="run"))
            if kind == "series" and not self._is_monthly(frames[-1]["month"], len(rows)):
                fault = "column month does not count from 0 to the end of every run"
                raise InputError("unreadable", fault, source=file)
        if not frames:
            numbers = dict.fromkeys(names, float)
            return pd.DataFrame(columns=[*KEYS, *numbers]).astype(numbers)
        rows = pd.concat(frames, ignore_index=True).sort_values(RANK, kind="stable")
        return rows.drop(columns=["run", RANK]).reset_index(drop=True)

    def _is_monthly(self, months: Any, runs: int) -> bool:
        """Whether the rows of some runs have every month once each."""
        last = self._made.scenarios[0].months
        return months.between(0, last).all() and (np.bincount(months, minlength=last + 1) == runs).all()

    def status(self) -> dict[str, Any]:
        """Counts: points, runs wanted, done, failed and left, also by policy; runs a second lately (None: unknown)."""
        runs = self.located()
        return {
            "points": len(self.points),
            "policies": len(self.manifest["scenarios"]),
            "seeds": len(self.seeds),
            **status_counts(runs),
            "runs_per_second": _rate(runs["block"].dropna().tolist()),
            "by_policy": {str(name): status_counts(group) for name, group in runs.groupby("policy", observed=True)},
        }


def status_counts(runs: pd.DataFrame) -> dict[str, int]:
    """Runs (rows of ``Sweep.runs``), done, failed (also cut or died) and left (waiting)."""
    statuses = runs["status"].tolist()
    done, waiting = statuses.count("done"), statuses.count("waiting")
    return {"runs": len(runs), "done": done, "failed": len(runs) - done - waiting, "left": waiting}


def _rate(blocks: list[str]) -> float | None:
    """Runs a second over the last blocks, from the times in their names."""
    counts = sorted(Counter(name for name in blocks if MERGED not in name).items())[-RATE_BLOCKS:]
    times = [int(name.split("-")[0]) / 1e9 for name, _ in counts]
    if len(times) < 2 or times[-1] <= times[0]:
        return None
    return sum(count for _, count in counts[1:]) / (times[-1] - times[0])
