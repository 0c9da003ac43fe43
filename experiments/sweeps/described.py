"""What the columns of an exported sweep are: type, unit and meaning of each, for every format that can say it."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from injae.experiments.folders import as_json
from injae.experiments.indicators import INDICATORS
from injae.experiments.sweeps.designs import declaration
from injae.experiments.sweeps.store import KEYS, Sweep
from injae.model.record import DTYPE, SERIES

LENGTHS = {"days": "day", "hours": "hour", "minutes": "minute", "seconds": "second"}  # see ``unit_in_netcdf``


class Column(NamedTuple):
    """A column: its type in a data package (``string``, ``integer``, ``number``, ``yearmonth``), unit and meaning."""

    type: str
    unit: str
    meaning: str


IDENTIFIERS = {
    "policy": Column("string", "", "scenario whose levers and shocks the run has"),
    "point": Column("integer", "", "point of the design: values of the settings that vary"),
    "seed": Column("integer", "", "seed of the random numbers, the same at every point and under every policy"),
    "month": Column("integer", "months", "months since the start, 0 before the first"),
    "date": Column("yearmonth", "", "month, at whose end levels are counted"),
}
RUNS = {
    "id": Column("string", "", "stands for what makes the run"),
    "status": Column("string", "", "done, failed, cut (over its time budget), died or waiting"),
    "reason": Column("string", "", "why a run is not done"),
    "seconds": Column("number", "seconds", "of simulating, on one core"),
    "peak_memory_bytes": Column("number", "bytes", "largest memory of the run's process up to its end"),
}


def columns_of(store: Sweep) -> dict[str, dict[str, Column]]:
    """Columns of each table of an export, by name and in order."""
    keys = {name: IDENTIFIERS[name] for name in KEYS}
    plan = next(iter(store.policies.values()))
    points = {path: declaration(path, plan) for path in store.points.columns}
    return {
        "points": {
            "point": IDENTIFIERS["point"],
            **{path: Column("number", one.unit, one.meaning) for path, one in points.items()},
        },
        "runs": {**keys, **RUNS},
        "summary": {**keys, **{n: Column("number", INDICATORS[n].unit, INDICATORS[n].meaning) for n in INDICATORS}},
        "series": {
            **IDENTIFIERS,
            **{
                name: Column("number" if DTYPE[name] == np.float64 else "integer", series.unit, series.meaning)
                for name, series in SERIES.items()
            },
        },
    }


def with_units(table: pa.Table, columns: dict[str, Column]) -> pa.Table:
    """The same table, with ``unit`` and ``description`` of every column in its schema."""
    fields = []
    for field in table.schema:
        column = columns.get(field.name)
        fields.append(field.with_metadata({"unit": column.unit, "description": column.meaning}) if column else field)
    return table.cast(pa.schema(fields, metadata=table.schema.metadata))


def unit_in_netcdf(unit: str) -> str:
    """A unit for an attribute: in the singular where xarray would take numbers for lengths of time (``days``)."""
    return "1" if unit in ("share", "ratio", "probability") else LENGTHS.get(unit, unit)


def data_package(store: Sweep, files: dict[str, str], to: str) -> str:
    """A description of the tables (Data Package v1, as the ``frictionless`` tools read it), ready to be written.

    Args:
        store: the sweep.
        files: file of each table, as named in the folder.
        to: ``csv`` or ``parquet``.
    """
    columns = columns_of(store)
    resources = []
    for table, file in files.items():
        fields = [
            {"name": name, "type": one.type, "description": one.meaning, **({"unit": one.unit} if one.unit else {})}
            for name, one in columns[table].items()
        ]
        schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
        schema["primaryKey"] = {"points": ["point"], "series": [*KEYS, "month"]}.get(table, list(KEYS))
        if table != "points":
            link = {"resource": "points", "fields": ["point"]}
            schema["foreignKeys"] = [{"fields": ["point"], "reference": link}]
        resource = {"name": table, "path": file, "format": to, "schema": schema}
        if to == "csv":
            resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "mediatype": "text/csv"}
        resources.append(resource)
    design = store.manifest["design"]
    return as_json(
        {
            "profile": "tabular-data-package" if to == "csv" else "data-package",
            "name": f"injae-sweep-{store.manifest['receipt']}",
            "title": f"Injae sweep {design['text']} of {', '.join(store.policies)}",
            "licenses": [{"name": "Apache-2.0"}],
            "receipt": store.manifest["receipt"],
            "design": design,
            "resources": resources,
        }
    )
