"""Outcomes of the runs of a sweep."""

from collections.abc import Mapping, Sequence

import pandas as pd

from experiments.indicators import INDICATORS, Outcome, month_in_runs, outcome_of
from experiments.sweeps.store import KEYS, Sweep
from model.errors import InputError


def without_value(values: Mapping[str, int], runs: int) -> list[str]:
    """Outcomes that no run gives, from the number of values of each and the number of finished runs.

    Raises:
        InputError: none gives any.
    """
    empty = [name for name, number in values.items() if not number]
    if len(empty) == len(values):
        why = f"no value in any of {runs} finished runs, so there is nothing to show; ask for another outcome"
        raise InputError("no_results", f"{why if runs else 'no run is finished'}", "outcome", ", ".join(empty))
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
            dated.setdefault(month_in_runs(name, date, plan), []).append(outcome)
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
