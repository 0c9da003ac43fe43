"""Parameters: uncertain facts and behaviour, each with value, range, unit, kind and source.

They are declared once, in ``data/parameters.toml`` (behaviour) and ``data/COUNTRY/parameters.toml`` (facts).
Validation, the command line, the docs table and the record that compiled processes read all come from there.
"""

import csv
import functools
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from injae.agents.kernels import ROOT
from injae.model.errors import InputError, Range, nearest
from injae.model.numbers import as_share, finite, spelling

DATA = ROOT / "data"
FOLDERS = {path.parent.name: path.parent for path in DATA.glob("*/country.toml")}  # of each country
REACH = 3  # how many times outside the evidence a value may lie, for experiments; beyond that it is a slip
AMOUNTS = {"won", "hours", "beds"}  # units of what is never zero


class Parameter(BaseModel):
    """One declared parameter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    value: float
    low: float
    high: float
    unit: str
    kind: Literal["fact", "estimate", "judgement", "calibrated"]
    source: str
    meaning: str
    least: float = Field(alias="min")
    most: float = Field(alias="max")

    @model_validator(mode="before")
    @classmethod
    def _limits_of_the_unit(cls, data: dict[str, Any]) -> dict[str, Any]:
        unit = data["unit"]
        bounded = unit.split(" per ")[0] in {"share", "probability"} and "per year" not in unit
        free = unit.startswith("log odds") or unit == "utility"
        width = data["high"] - data["low"]
        least = data["low"] / REACH if unit.split(" per ")[0] in AMOUNTS else 0.0
        data.setdefault("min", data["low"] - REACH * width if free else least)
        data.setdefault("max", data["high"] + REACH * width if free else 1.0 if bounded else REACH * data["high"])
        return data

    @model_validator(mode="after")
    def _in_order(self) -> "Parameter":
        if not self.least <= self.low <= self.value <= self.high <= self.most:
            raise ValueError(f"{self.path}: needs min <= low <= value <= high <= max")
        return self

    @property
    def name(self) -> str:
        """Name without its group, as rules write it."""
        return self.path.rsplit(".", 1)[-1]

    def check(self, value: Any) -> float:
        """Give the value as a number that the model accepts.

        Raises:
            InputError: no finite number, or outside what the model can take.
        """
        number, path = finite(value), f"parameters.{self.path}"
        allowed = Range(self.least, self.most, self.unit)
        if math.isnan(number):
            raise InputError("number", "needs a number from", path, value, allowed=allowed, suggestion=spelling(value))
        if not self.least <= number <= self.most:
            hint = f"the evidence supports {self.low:g} to {self.high:g}"
            hint = "; ".join(filter(None, [hint, as_share(number, self.unit)]))
            raise InputError("range", "outside", path, number, allowed=allowed, suggestion=hint)
        return number


@functools.cache
def declared_parameters(country: str) -> Mapping[str, Parameter]:
    """All parameters of a country by path (``group.name``), in the order of the files.

    Raises:
        InputError: no such country in ``data/``.
    """
    countries = sorted(FOLDERS)
    if country not in countries:
        raise InputError("unknown", "no data for it", "country", country, suggestion=nearest(country, countries))
    parameters: dict[str, Parameter] = {}
    own = [data_folder(name) / "parameters.toml" for name in reversed(country_and_bases(country))]
    for file in (DATA / "parameters.toml", *(path for path in own if path.is_file())):
        for group, members in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for name, fields in members.items():
                path = f"{group}.{name}"
                parameters[path] = Parameter.model_validate({"path": path, **fields})
    names = [parameter.name for parameter in parameters.values()]
    if len(set(names)) != len(names):
        raise ValueError("two parameters share a name: rules could not tell them apart")
    return parameters


def parameter_record(country: str, changes: Mapping[str, float]) -> Any:
    """Record of all values (float64, one field a parameter, named without its group) for the compiled processes."""
    parameters = declared_parameters(country)
    dtype = np.dtype([(parameter.name, np.float64) for parameter in parameters.values()])
    values = tuple(changes.get(path, parameter.value) for path, parameter in parameters.items())
    return np.array([values], dtype).view(np.recarray)[0]


@functools.cache
def country_and_bases(country: str) -> tuple[str, ...]:
    """A country and the countries that it is based on, nearest first: their data hold where its own are silent."""
    facts = tomllib.loads((data_folder(country) / "country.toml").read_text(encoding="utf-8"))
    return (country, *(country_and_bases(facts["base"]) if "base" in facts else ()))


def data_folder(country: str) -> Path:
    """Folder with the facts of a country."""
    return FOLDERS[country]


def country_file(country: str, name: str) -> Path | None:
    """Where a file of a country is: in its own folder, or in that of the nearest base that has it; None if nowhere."""
    paths = (data_folder(one) / name for one in country_and_bases(country))
    return next((path for path in paths if path.is_file()), None)


def country_rows(country: str, name: str) -> list[dict[str, str]]:
    """Rows of a table (CSV with a header) of a country or its base, cells as text; none where it has no such table."""
    path = country_file(country, name)
    if path is None:
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
