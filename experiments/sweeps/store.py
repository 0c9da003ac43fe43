"""Where the runs of a sweep are kept: a folder of Parquet blocks that are only ever added.

A block is one file of the same name in each of ``series``, ``summary`` (``people``, ``events``) and, last, ``runs``: a
block without its file in ``runs`` does not exist yet, so a process may be killed at any moment. Runs are named by what
makes them (see ``run_id``), so the same run is never wanted under two names, and a block may hold a run twice without
harm (after a kill, say). docs/sweeps.md lists the tables.
"""

import functools
import hashlib
import json
import logging
import os
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

from agents.kernels import SOURCE_HASH
from experiments.indicators import INDICATORS
from experiments.manifest import data_checksums
from model.errors import InputError, nearest
from model.levers import LEVERS, SHOCKS
from model.parameters import declared_parameters
from model.record import DTYPE, SERIES
from model.scenario import Scenario

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
FILES = ("manifest.json", "points.parquet", "cases.parquet")
MEASURED = {"seconds": float, "peak_memory_bytes": float}  # nan: not known
KEYS = ["policy", "point", "seed"]
RANK = "rank of the run"  # no column of a table has such a name
RATE_BLOCKS = 20  # the rate of a sweep is that of its last blocks
MERGED = "-merged"
PART = 500  # runs that are read at once when a whole sweep passes through memory

log = logging.getLogger("injae")


def model_version() -> str:
    """What every run depends on beside its scenario: the sources of the model and its data, as 16 characters."""
    return _digest([SOURCE_HASH, data_checksums()])


def case_of(plan: Scenario) -> str:
    """A scenario as 16 characters: equal for scenarios that simulate and count alike, whatever their names."""
    content = plan.model_dump(exclude={"name", "title", "baseline"})
    declared = declared_parameters(plan.country)
    content["parameters"] = {name: value for name, value in plan.parameters.items() if value != declared[name].value}
    for group, levers in (("levers", LEVERS), ("shocks", SHOCKS)):
        steps = content[group].items()
        content[group] = {name: step for name, step in steps if step != [(0, levers[name].default)]}
    return _digest(content)


def run_id(model: str, case: str, seed: int) -> str:
    """Name of a run: the same name, the same result."""
    return hashlib.sha256(f"{model} {case} {seed}".encode()).hexdigest()[:16]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


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
            write_whole(folder / kind / name, tables[kind])


def write_whole(path: Path, content: pa.Table | str) -> None:
    """Write a table or a text so that the file is there as a whole or not at all, whatever happens."""
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        if isinstance(content, str):
            file.write(content.encode())
        else:
            floats = [field.name for field in content.schema if pa.types.is_float32(field.type)]
            text = [field.name for field in content.schema if not pa.types.is_primitive(field.type)]
            pq.write_table(
                content,
                file,
                compression="zstd",
                use_dictionary=text,  # pyright: ignore[reportArgumentType] - a list of columns is allowed
                use_byte_stream_split=floats,  # pyright: ignore[reportArgumentType]
                write_page_checksum=True,
            )
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def holds_sweep(folder: Path) -> bool:
    """Whether a folder has all that says what its sweep consists of."""
    return all((folder / name).is_file() for name in FILES)


def read_whole(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table, every page checked.

    Raises:
        OSError: torn, damaged or not there.
        ValueError: no Parquet file (``pyarrow.ArrowInvalid``).
    """
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read(columns)


class _MergedMeanwhile(Exception):
    """A block is gone because its runs are in another now (see ``experiments.sweeps.merge``)."""


def counting_rows(written: pd.DataFrame) -> pd.DataFrame:
    """One row a run of those written: done before failed, then the latest."""
    frame = written.assign(done=written["status"] == "done").sort_values(["done", "block"], kind="stable")
    return frame.drop_duplicates("id", keep="last").drop(columns="done").reset_index(drop=True)


class Sweep:
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
            raise InputError(f"{folder}: holds no sweep (no {', '.join(FILES)})")
        try:
            self.manifest: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{folder}: its manifest.json cannot be read ({error})") from error
        self.interrupted = False
        self._ignored: dict[str, str] = {}  # torn or foreign blocks, and which of their files it is

    def __repr__(self) -> str:
        return f"Sweep({str(self.folder)!r})"

    @property
    def ignored(self) -> list[str]:
        """Files that are torn or foreign, by path from the folder; known once runs were read."""
        return sorted(self._ignored.values())

    @property
    def policies(self) -> dict[str, Scenario]:
        """Scenarios that are crossed with the points, by label, in the order given."""
        return {fields["name"]: Scenario.model_validate(fields) for fields in self.manifest["scenarios"]}

    @property
    def seeds(self) -> list[int]:
        """Seeds of every point and policy."""
        return list(self.manifest["seeds"])

    @functools.cached_property
    def points(self) -> pd.DataFrame:
        """Values of what varies, one row a point (index ``point``), one column a path; nan: as in the policy.

        ``attrs`` names the columns that are ``levers`` and those that are ``uncertainties``.
        """
        points = pd.read_parquet(self.folder / "points.parquet").set_index("point")
        design = self.manifest["design"]
        points.attrs = {kind: [factor["path"] for factor in design[kind]] for kind in ("levers", "uncertainties")}
        return points

    def wanted(self) -> pd.DataFrame:
        """Every run that the sweep consists of: policy, point, seed, id."""
        cases = pd.read_parquet(self.folder / "cases.parquet")
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
                    table = self._complete(path, thorough)
                    if table is not None:
                        names = pa.array([path.name] * len(table), pa.string())
                        tables.append(table.cast(RUNS).append_column("block", names))
            except _MergedMeanwhile:
                continue
            return pa.concat_tables(tables).to_pandas().astype(MEASURED)

    def _complete(self, path: Path, thorough: bool) -> pa.Table | None:
        """The ``runs`` table of a block, or None with a warning if a file of the block is torn or not ours."""
        if path.name in self._ignored:
            return None
        file = path
        try:
            table = read_whole(path)
            if table.schema.names != RUNS.names:
                raise ValueError("other columns")
            if "done" in table["status"].to_pylist():
                for kind in ("series", "summary", *self.manifest["kept"]):
                    file = self.folder / kind / path.name
                    if thorough:
                        read_whole(file)
                    else:
                        pq.read_metadata(file)
        except (OSError, ValueError) as error:  # what pyarrow raises is one of these
            if not path.exists():
                raise _MergedMeanwhile from error
            self._ignore(file, error)
            return None
        return table

    def _ignore(self, file: Path, error: Exception) -> None:
        place = file.relative_to(self.folder).as_posix()
        self._ignored[file.name] = place
        reason = str(error).splitlines()[0][:100]
        log.warning("note: block %s is torn or foreign and is ignored, its runs do not count (%s)", place, reason)

    def summary(self) -> pd.DataFrame:
        """Indicators of every finished run (see ``experiments.summary``); units are in ``attrs``."""
        frame = pd.concat(list(self._parts("summary", None)), ignore_index=True)
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
                raise InputError(f"series {name!r}: unknown; {nearest(name, SERIES)}")
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
            raise InputError(f"{self.folder}: keeps no {kind}; start a sweep with --{kind}")
        return pd.concat(list(self._parts(kind, None)), ignore_index=True)

    def _parts(self, kind: str, columns: list[str] | None) -> Iterator[pd.DataFrame]:
        """Rows of a table with policy, point and seed, in order, some hundred runs at a time; at least one part."""
        runs = self.located()
        runs = runs[runs["status"] == "done"].reset_index(drop=True)
        for first in range(0, max(len(runs), 1), PART):
            yield self._rows(kind, columns, runs.iloc[first : first + PART])

    def _rows(self, kind: str, columns: list[str] | None, runs: pd.DataFrame) -> pd.DataFrame:
        """Rows of some runs from their blocks."""
        wanted = runs[[*KEYS, "block"]].assign(run=runs["id"], **{RANK: np.arange(len(runs))})
        frames = []
        for name in wanted["block"].unique():
            file = self.folder / kind / str(name)
            try:
                table = read_whole(file, columns and ["run", *columns])
            except (OSError, ValueError) as error:
                if not (self.folder / "runs" / str(name)).exists():
                    found = runs.drop(columns="block").merge(self.recorded()[["id", "block"]], on="id")
                    return self._rows(kind, columns, found)
                self._ignore(file, error)
                continue
            frames.append(wanted[wanted["block"] == name].drop(columns="block").merge(table.to_pandas(), on="run"))
        if not frames:
            names = {"series": ["month", *SERIES], "summary": list(INDICATORS)}.get(kind, [])
            numbers = dict.fromkeys(columns or names, float)
            return pd.DataFrame(columns=[*KEYS, *numbers]).astype(numbers)
        rows = pd.concat(frames, ignore_index=True).sort_values(RANK, kind="stable")
        return rows.drop(columns=["run", RANK]).reset_index(drop=True)

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
