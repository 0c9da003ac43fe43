"""Where answers are at home: levers and parameters of a scenario that lie outside what sources and the fit cover.

Parameters have the range of their sources (``model.parameters``), levers that of ``data/COUNTRY/levers.csv``: what has
been paid or done somewhere, or a reason. Beyond it the model computes, and no evidence says that it is right.
"""

import csv
import functools
from typing import NamedTuple

from model.levers import LEVERS
from model.parameters import country_and_bases, data_folder
from model.scenario import Scenario


class Sourced(NamedTuple):
    """What is known of a lever: the range that a source or reason covers."""

    low: float
    high: float
    source: str


@functools.cache
def sourced_levers(country: str) -> dict[str, Sourced]:
    """Sourced ranges of levers, by name, of a country or its base; empty where it names none."""
    for name in country_and_bases(country):
        path = data_folder(name) / "levers.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                rows = csv.DictReader(file)
                return {row["lever"]: Sourced(float(row["low"]), float(row["high"]), row["source"]) for row in rows}
    return {}


def outside(plan: Scenario) -> list[str]:
    """A line for each setting of a scenario that lies outside its envelope, or that nothing will come of."""
    lines = []
    for name, known in sourced_levers(plan.country).items():
        steps = [(max(month, 1), value) for month, value in plan.levers.get(name, []) if month <= plan.months]
        beyond = [(month, value) for month, value in steps if not known.low <= value <= known.high]
        if beyond:
            month, value = beyond[0]
            when = "" if month == 1 else f" from {plan.date_of(month)}"
            lines.append(
                f"levers.{name} = {value:,.10g}{when} is outside what a source covers "
                f"({known.low:,.10g} to {known.high:,.10g} {LEVERS[name].unit})"
            )
    return lines + plan.warnings()
