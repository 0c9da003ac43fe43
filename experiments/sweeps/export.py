"""A sweep as single files that other programs read."""

import gzip
import importlib
import io
import json
import os
import re
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from injae.experiments.folders import EXPORT, as_json, check_free, replacing
from injae.experiments.indicators import INDICATORS
from injae.experiments.sweeps.described import Column, columns_of, data_package, unit_in_netcdf, with_units
from injae.experiments.sweeps.store import KEYS, Sweep
from injae.model.errors import InputError
from injae.model.record import SERIES

FORMATS = ("csv", "parquet", "netcdf", "ema")
TABLES = ("points", "runs", "summary", "series")
PACKAGE = "datapackage.json"
SINGLE = {"netcdf": "sweep.nc", "ema": "sweep.tar.gz"}  # formats of one file


def export(store: Sweep, to: str, folder: Path, *, mark: bool = False) -> list[Path]:
    """Write points, runs, summary and series of a sweep, in the order of policy, point and seed.

    Args:
        store: the sweep.
        to: ``csv`` or ``parquet`` (four tables, tidy, and a description of their columns as a data package; Parquet
            has units in the schema too), ``netcdf`` (one file with dimensions policy, point, seed and month, CF time;
            missing runs are nan), or ``ema`` (an archive of EMA Workbench: an experiment is a policy at a point, its
            outcomes means over seeds).
        folder: of the files.
        mark: begin CSV files with the mark of UTF-8, without which Excel garbles Korean names.

    Returns:
        the files.

    Raises:
        InputError: a package for the format is missing, nothing is finished, a file of the user is in the way, or a
            mark that the format has no use for.
    """
    if to not in FORMATS:
        raise InputError("unusable", f"formats are {', '.join(FORMATS)}", "to", to)
    if not store.status()["done"]:
        raise InputError("no_results", "no run is finished, nothing to export", source=store.folder)
    if to == "netcdf":
        _check_packages()
    if mark and to != "csv":
        raise InputError("unusable", "is for --to csv", "excel", suggestion=f"a file of --to {to} needs no mark")
    names = [SINGLE[to]] if to in SINGLE else [PACKAGE, *(f"{name}.{to}" for name in TABLES)]
    check_free(folder, "export", names)
    with replacing(folder, "export", EXPORT, keep=lambda name: True) as new:  # other formats stay
        if to == "netcdf":
            _netcdf(store, new / SINGLE[to])
        elif to == "ema":
            _ema(store, new / SINGLE[to])
        else:
            _tables(store, to, new, "utf-8-sig" if mark else "utf-8")
        (new / EXPORT).write_text(as_json({"kind": "export", "receipt": store.manifest["receipt"]}), encoding="utf-8")
    return [folder / name for name in names]


def _tables(store: Sweep, to: str, folder: Path, encoding: str) -> None:
    columns = columns_of(store)
    frames = store.points.reset_index(), store.runs, store.summary()
    for name, frame in zip(TABLES[:-1], frames, strict=True):
        file = folder / f"{name}.{to}"
        frame.attrs = {}
        if to == "csv":
            frame.to_csv(file, index=False, encoding=encoding)
        else:
            pq.write_table(
                _table_of(frame.astype({"policy": str}) if "policy" in frame else frame, columns[name]), file
            )
    writer = None
    with (folder / f"series.{to}").open("wb") as opened:
        for part in store.series_parts():  # a part at a time: all series may be more than memory holds
            if to == "csv":
                first = not opened.tell()
                opened.write(part.to_csv(index=False, header=first).encode(encoding if first else "utf-8"))
                continue
            table = _table_of(part.astype({"policy": str, "date": str}), columns["series"])
            writer = writer or pq.ParquetWriter(opened, table.schema, compression="zstd")
            writer.write_table(table)
        if writer:
            writer.close()
    (folder / PACKAGE).write_text(data_package(store, {name: f"{name}.{to}" for name in TABLES}, to), encoding="utf-8")


def _table_of(frame: pd.DataFrame, columns: dict[str, Column]) -> pa.Table:
    """A frame with units in its schema; what is not known is null, which no engine takes for a number."""
    return with_units(pa.Table.from_pandas(frame, preserve_index=False), columns)


def _check_packages() -> None:
    """Say what is missing for NetCDF: h5netcdf is imported without h5py, and only fails when it writes."""
    for name in ("xarray", "h5netcdf", "h5py"):
        try:
            importlib.import_module(name)
        except ImportError as error:
            hint = 'install it with: pip install "injae[experiments]"'
            raise InputError("not_installed", f"needs {error.name}", "to", "netcdf", suggestion=hint) from error


def _netcdf(store: Sweep, file: Path) -> None:
    """One file, series by series, so that only one of them is in memory at a time."""
    try:
        _write_netcdf(store, file)
    except RuntimeError as error:  # how HDF5 says what the system told it
        if code := re.search(r"errno = (\d+)", str(error)):
            raise OSError(int(code[1]), os.strerror(int(code[1]))) from error
        raise


def _write_netcdf(store: Sweep, file: Path) -> None:
    import xarray  # pyright: ignore[reportMissingImports]

    points, policies, seeds = store.points, list(store.policies), store.seeds
    plan, columns = next(iter(store.policies.values())), columns_of(store)
    months = np.arange(plan.months + 1)
    dates = [plan.date_of(int(month)) for month in months]
    ends = pd.PeriodIndex(dates, freq="M").to_timestamp(how="end").normalize()
    cf = {"standard_name": "time", "axis": "T", "long_name": "last day of the month, at which levels are counted"}
    coordinates = {
        "policy": ("policy", policies, {"long_name": "scenario whose levers and shocks the run has"}),
        "point": ("point", points.index.to_numpy(), {"long_name": "point of the design"}),
        "seed": ("seed", seeds, {"long_name": "seed of the random numbers"}),
        "month": ("month", months, {"long_name": "months since the start"}),
        "time": ("month", ends, cf),
        "date": ("month", np.array(dates, dtype=object), {"long_name": "month as YYYY-MM"}),
    }
    places = {"policy": policies, "point": points.index.to_numpy(), "seed": seeds, "month": months}

    def notes(column: Column) -> dict[str, str]:
        return {"units": unit_in_netcdf(column.unit), "long_name": column.meaning}

    levers = points.attrs["levers"]
    variables: dict[str, Any] = {}
    for path in points.columns:
        kind = {"kind": "lever" if path in levers else "uncertainty"}
        variables[path] = (("point",), points[path].to_numpy(), notes(columns["points"][path]) | kind)
    summary = store.summary()
    for name in (name for name in INDICATORS if name in summary):
        variables[name] = ((*KEYS,), _cube(summary, name, places, KEYS), notes(columns["summary"][name]))
    design = store.manifest["design"]["text"]
    about = {"title": f"Injae sweep {design} of {', '.join(policies)}", "Conventions": "CF-1.11"}
    attributes = {**about, "receipt": store.manifest["receipt"], "design": design}
    days = {"time": {"units": f"days since {ends[0]:%Y-%m-%d}", "calendar": "standard", "dtype": "int32"}}
    xarray.Dataset(variables, coordinates, attributes).to_netcdf(file, engine="h5netcdf", encoding=days)
    for name in SERIES:
        cube = _cube(store.series([name]), name, places, [*KEYS, "month"])
        data = xarray.Dataset({name: ((*KEYS, "month"), cube, notes(columns["series"][name]))})
        data.to_netcdf(file, mode="a", engine="h5netcdf")


def _cube(frame: pd.DataFrame, name: str, coordinates: dict[str, Any], dimensions: list[str]) -> Any:
    """Values of a column by dimension; nan where there is no run."""
    cube = np.full([len(coordinates[dimension]) for dimension in dimensions], np.nan)
    places = [pd.Index(coordinates[dimension]).get_indexer(pd.Index(frame[dimension])) for dimension in dimensions]
    cube[tuple(places)] = frame[name]
    return cube


def _ema(store: Sweep, file: Path) -> None:
    """An archive as ``ema_workbench.load_results`` reads it.

    Settings are floats, also those that only have whole numbers: PRIM of EMA Workbench 3.0.0 raises on int64 and does
    not look at int8 and int16. Every outcome is declared, as scalar (an indicator) or array (a series).
    """
    points, policies, seeds = store.points, list(store.policies), store.seeds
    places: dict[str, Any] = {"policy": policies, "point": points.index.to_numpy(), "seed": seeds}
    experiments = pd.concat([points.astype(float)] * len(policies), ignore_index=True)
    experiments["scenario"] = np.tile(points.index.to_numpy(), len(policies))
    experiments["policy"] = np.repeat(policies, len(points))
    experiments["model"] = "injae"
    summary, outcomes = store.summary(), []
    plan = next(iter(store.policies.values()))
    with (
        file.open("wb") as opened,
        gzip.GzipFile("", "wb", fileobj=opened, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        _add(archive, "experiments.csv", experiments.to_csv(index=False))
        for name in (name for name in INDICATORS if name in summary):
            means = _over_seeds(_cube(summary, name, places, KEYS))
            _add(archive, f"{name}.cls", pd.DataFrame(means.ravel()).to_csv(header=False, index=False, na_rep="nan"))
            outcomes.append(["ScalarOutcome", name, f"{name}.cls"])
        with_months = {**places, "month": np.arange(plan.months + 1)}
        for name in SERIES:
            means = _over_seeds(_cube(store.series([name]), name, with_months, [*KEYS, "month"]))
            rows = pd.DataFrame(means.reshape(-1, plan.months + 1))
            _add(archive, f"{name}.csv", rows.to_csv(header=False, index=False, na_rep="nan"))
            outcomes.append(["ArrayOutcome", name, f"{name}.csv"])
        labels = dict.fromkeys(("scenario", "policy", "model"), "category")
        types = {**dict.fromkeys(points.columns, "float64"), **labels}
        _add(archive, "metadata.json", json.dumps({"version": 0.1, "outcomes": outcomes, "experiments": types}))


def _over_seeds(cube: Any) -> Any:
    """Means over the third axis of the seeds that are there; nan where there is none."""
    known = ~np.isnan(cube)
    count = known.sum(axis=2)
    return np.where(count, np.where(known, cube, 0.0).sum(axis=2) / np.maximum(count, 1), np.nan)


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
