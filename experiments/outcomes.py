"""Outcomes: one number a run, named by the user as an indicator or as a series at a date."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from experiments.summary import INDICATORS
from experiments.sweeps.store import KEYS, Sweep
from model.errors import InputError, nearest
from model.numbers import percent
from model.record import SERIES
from model.scenario import Scenario, month_of

SIGNED = frozenset({  # what may be below zero
    "net_talent_flow_per_year", "net_savings_won_per_year", "net_savings_won", "regional_gap_at_end",
    "shortage_relief_at_end",
})  # fmt: skip


class Outcome(NamedTuple):
    """How one run gives a number: its name, its unit, and a function of history and scenario (nan: does not apply)."""

    name: str
    unit: str
    of_run: Callable[[Any, Scenario], float]


def outcome_of(text: str, plan: Scenario) -> Outcome:
    """The outcome that a text names: an indicator (``specialists_at_end``) or ``SERIES@YYYY-MM``.

    Raises:
        InputError: neither, or a date outside the scenario's horizon.
    """
    name, at, date = text.strip().partition("@")
    if not at:
        if name not in INDICATORS:
            hint = nearest(name, INDICATORS, "`injae outcomes` lists them all")
            series = f"; a series needs a date, such as {name}@{plan.date_of(plan.months)}" if name in SERIES else ""
            raise InputError(f"outcome {name!r}: no indicator; {hint}{series}")
        return Outcome(name, *INDICATORS[name])
    month = _month(name, date, plan)
    return Outcome(text.strip(), SERIES[name].unit, lambda history, plan: float(history[name][month]))


def limits_of(name: str, unit: str) -> tuple[float, float]:
    """Least and most that an outcome can be: shares 0 to 1, counts and amounts not below zero; infinite: no limit."""
    most = 1.0 if unit.startswith(("share", "chance")) else math.inf
    return (-most if name.partition("@")[0] in SIGNED else 0.0), most


def check_possible(value: float, name: str, unit: str, place: str) -> None:
    """Refuse a value that an outcome cannot have.

    Raises:
        InputError: percent for a share, or less than nothing of what is counted; names the range.
    """
    low, high = limits_of(name, unit)
    if low <= value <= high:
        return
    if math.isfinite(high):
        looks = f", and {value:g} looks like percent; write {percent(value)}" if 1 < abs(value) <= 100 else ""
        raise InputError(f"{place}: {name} is a {unit}, {low:g} to {high:g}{looks or f'; {value:g} is outside'}")
    raise InputError(f"{place}: {name} cannot be below {low:g} {unit}")


def _month(name: str, date: str, plan: Scenario) -> int:
    if name not in SERIES:
        hint = nearest(name, SERIES, "`injae outcomes` lists them all")
        raise InputError(f"outcome {name}@{date}: no series {name!r}; {hint}")
    month = month_of(date, plan.start)
    if not 0 <= month <= plan.months:
        first, last = plan.date_of(0), plan.date_of(plan.months)
        raise InputError(f"outcome {name}@{date}: outside the runs, which go from {first} to {last}")
    return month


def without_value(values: Mapping[str, int], runs: int) -> list[str]:
    """Outcomes that no run gives, from the number of values of each and the number of finished runs.

    Raises:
        InputError: none gives any.
    """
    empty = [name for name, number in values.items() if not number]
    if len(empty) == len(values):
        why = f"no value in any of {runs} finished runs, so there is nothing to show; ask for another outcome"
        raise InputError(f"outcome {', '.join(empty)}: {why if runs else 'no run is finished'}")
    return empty


def outcome_values(sweep: Sweep, texts: Sequence[str]) -> pd.DataFrame:
    """Outcomes of every finished run of a sweep: policy, point, seed, then a column an outcome.

    Indicators are in full precision; series at a date as the sweep keeps them (levels to seven digits). Units are in
    ``attrs``. Runs that failed or wait are not there: ``sweep.runs`` says which.

    Raises:
        InputError: an outcome that cannot be.
    """
    plan = next(iter(sweep.policies.values()))
    outcomes = [outcome_of(text, plan) for text in dict.fromkeys(texts)]
    table: pd.DataFrame = sweep.summary()[[*KEYS, *(o.name for o in outcomes if o.name in INDICATORS)]]  # pyright: ignore
    dated: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        if "@" in outcome.name:
            name, _, date = outcome.name.partition("@")
            dated.setdefault(_month(name, date, plan), []).append(outcome)
    if dated:
        names = sorted({outcome.name.partition("@")[0] for some in dated.values() for outcome in some})
        parts = [part[part["month"].isin(dated)] for part in sweep.series_parts(names)]
        series = pd.concat(parts, ignore_index=True)
        for month, some in dated.items():
            columns = {outcome.name.partition("@")[0]: outcome.name for outcome in some}
            rows: pd.DataFrame = series[series["month"] == month][[*KEYS, *columns]]  # pyright: ignore
            table = table.merge(rows.rename(columns=columns), on=KEYS, how="left")
    table = table.reindex(columns=[*KEYS, *(outcome.name for outcome in outcomes)])
    table.attrs = {"units": {outcome.name: outcome.unit for outcome in outcomes}}
    return table
