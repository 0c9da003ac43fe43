"""A sweep as single files that other programs read."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.folders import EXPORT, as_json, check_free, replacing
from experiments.indicators import INDICATORS
from experiments.sweeps.store import KEYS, Sweep
from model.errors import InputError
from model.record import SERIES

FORMATS = ("csv", "parquet", "netcdf")
TABLES = ("points", "runs", "summary", "series")


def export(store: Sweep, to: str, folder: Path, *, mark: bool = False) -> list[Path]:
    """Write points, runs, summary and series of a sweep, in the order of policy, point and seed.

    Args:
        store: the sweep.
        to: ``csv`` or ``parquet`` (four tables, tidy), or ``netcdf`` (one file with dimensions policy, point, seed and
            month; missing runs are nan).
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
    check_free(folder, "export", ["sweep.nc"] if to == "netcdf" else [f"{name}.{to}" for name in TABLES])
    with replacing(folder, "export", EXPORT, keep=lambda name: True) as new:  # other formats stay
        files = [_netcdf(store, new)] if to == "netcdf" else _tables(store, to, new, "utf-8-sig" if mark else "utf-8")
        (new / EXPORT).write_text(as_json({"kind": "export", "receipt": store.manifest["receipt"]}), encoding="utf-8")
    return [folder / file.name for file in files]


def _tables(store: Sweep, to: str, folder: Path, encoding: str) -> list[Path]:
    files = []
    frames = store.points.reset_index(), store.runs, store.summary()
    for name, frame in zip(TABLES[:-1], frames, strict=True):
        file = folder / f"{name}.{to}"
        frame.attrs = {}
        frame.to_csv(file, index=False, encoding=encoding) if to == "csv" else frame.to_parquet(file, index=False)
        files.append(file)
    file = folder / f"series.{to}"
    writer = None
    with file.open("wb") as opened:
        for part in store.series_parts():  # a part at a time: all series may be more than memory holds
            if to == "csv":
                first = not opened.tell()
                opened.write(part.to_csv(index=False, header=first).encode(encoding if first else "utf-8"))
                continue
            table = pa.Table.from_pandas(part.astype({"policy": str, "date": str}), preserve_index=False)
            writer = writer or pq.ParquetWriter(opened, table.schema, compression="zstd")
            writer.write_table(table)
        if writer:
            writer.close()
    return [*files, file]


def _check_packages() -> None:
    try:
        import h5netcdf  # noqa: F401  # pyright: ignore[reportMissingImports]
        import xarray  # noqa: F401  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        hint = 'install it with: pip install "injae[experiments]"'
        raise InputError("not_installed", f"needs {error.name}", "to", "netcdf", suggestion=hint) from error


def _netcdf(store: Sweep, folder: Path) -> Path:
    """One file, series by series, so that only one of them is in memory at a time."""
    try:
        return _written_netcdf(store, folder / "sweep.nc")
    except RuntimeError as error:  # how HDF5 says what the system told it
        if code := re.search(r"errno = (\d+)", str(error)):
            raise OSError(int(code[1]), os.strerror(int(code[1]))) from error
        raise


def _written_netcdf(store: Sweep, file: Path) -> Path:
    import xarray  # pyright: ignore[reportMissingImports]

    points, policies, seeds = store.points, list(store.policies), store.seeds
    plan = next(iter(store.policies.values()))
    months = np.arange(plan.months + 1)
    coordinates = {"policy": policies, "point": points.index.to_numpy(), "seed": seeds, "month": months}
    levers = points.attrs["levers"]
    variables: dict[str, Any] = {
        path: (("point",), points[path].to_numpy(), {"kind": "lever" if path in levers else "uncertainty"})
        for path in points.columns
    }
    summary = store.summary()
    for name, indicator in INDICATORS.items():
        cube = _cube(summary, name, coordinates, KEYS)
        variables[name] = ((*KEYS,), cube, {"units": indicator.unit})
    attributes = {"receipt": store.manifest["receipt"], "design": store.manifest["design"]["text"]}
    variables["date"] = (("month",), np.array([plan.date_of(int(month)) for month in months], dtype=object))
    xarray.Dataset(variables, coordinates, attributes).to_netcdf(file, engine="h5netcdf")
    for name, series in SERIES.items():
        cube = _cube(store.series([name]), name, coordinates, [*KEYS, "month"])
        notes = {"units": series.unit, "long_name": series.meaning}
        data = xarray.Dataset({name: ((*KEYS, "month"), cube, notes)}, coordinates)
        data.to_netcdf(file, mode="a", engine="h5netcdf")
    return file


def _cube(frame: pd.DataFrame, name: str, coordinates: dict[str, Any], dimensions: list[str]) -> Any:
    """Values of a column by dimension; nan where there is no run."""
    cube = np.full([len(coordinates[dimension]) for dimension in dimensions], np.nan)
    places = [pd.Index(coordinates[dimension]).get_indexer(pd.Index(frame[dimension])) for dimension in dimensions]
    cube[tuple(places)] = frame[name]
    return cube
