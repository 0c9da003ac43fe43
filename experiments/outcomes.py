"""Outcomes of the runs of a sweep, and what a policy adds to another's on the same point and seed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.expressions import Months
from injae.experiments.indicators import INDICATORS, Outcome, outcome_of
from injae.experiments.sweeps.store import KEYS, Sweep
from injae.model.errors import InputError, nearest
from injae.model.record import DTYPE, SERIES
from injae.model.scenario import Scenario


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

    Indicators are in full precision; whatever is read off series, as the sweep keeps them (levels to seven digits):
    also an indicator of an extension that the sweep was made without. Units are in ``attrs``. Runs that failed or wait
    are not there: ``sweep.runs`` says which.

    Raises:
        InputError: an outcome that cannot be.
    """
    plan = next(iter(sweep.policies.values()))
    outcomes = [outcome_of(text, plan) for text in dict.fromkeys(texts)]
    kept = sweep.indicators()
    used = dict.fromkeys(name for outcome in outcomes for name in outcome.expression.indicators)
    summary = sweep.summary([name for name in used if name in kept])
    table = summary[KEYS]
    series = list(SERIES) if set(used) - set(kept) else [n for one in outcomes for n in one.expression.series]
    if series:
        parts = [_of_part(part, summary, outcomes, plan) for part in sweep.series_parts(list(dict.fromkeys(series)))]
        table = table.merge(pd.concat(parts, ignore_index=True), on=KEYS, how="left")
    else:
        table = table.assign(
            **{one.name: one.expression.of(lambda name, _: _column(summary, name)) for one in outcomes}
        )
    table.attrs = {"units": {outcome.name: outcome.unit for outcome in outcomes}}
    return table


def _column(table: pd.DataFrame, name: str) -> Any:
    return table[name].to_numpy(float)[:, None]


def _of_part(part: Any, summary: pd.DataFrame, outcomes: Sequence[Outcome], plan: Scenario) -> pd.DataFrame:
    """Outcomes of some runs, from their series and indicators; ``part`` has every month of a run, one after the other.

    An indicator that is not in the summary is worked out from a history that is made of the series.
    """
    keys = part.loc[part["month"] == 0, KEYS].reset_index(drop=True)
    rows: Any = keys.merge(summary, on=KEYS, how="left")
    by_month = {name: part[name].to_numpy(float).reshape(len(keys), plan.months + 1) for name in part if name in SERIES}

    def look(name: str, months: Months | None) -> Any:
        if months is not None:
            return by_month[name][:, months[0] : months[1] + 1]
        if name in rows:
            return _column(rows, name)
        histories = np.zeros((len(keys), plan.months + 1), DTYPE).view(np.recarray)
        for one, values in by_month.items():
            histories[one] = values
        return np.array([[INDICATORS[name].of_run(history, plan)] for history in histories], float).reshape(-1, 1)

    return keys.assign(**{outcome.name: outcome.expression.of(look) for outcome in outcomes})


def check_versus(sweep: Sweep, policies: Sequence[str], versus: str) -> None:
    """Refuse a policy to compare with that the sweep does not have, or that is what it would be compared with.

    Raises:
        InputError: names the policies of the sweep.
    """
    names = list(sweep.policies)
    if versus not in names:
        raise InputError("unknown", f"not in {sweep.folder}", "versus", versus, suggestion=nearest(versus, names))
    if list(policies) == [versus]:
        others = ", ".join(name for name in names if name != versus) or "none; sweep with --policies"
        fault = "is the policy itself, whose difference to itself is nothing"
        raise InputError("conflict", fault, "versus", versus, suggestion=f"other policies are {others}")


def less(values: pd.DataFrame, versus: str, outcomes: Sequence[str]) -> pd.DataFrame:
    """What each policy adds to another on the same point and seed, where luck is the same (common random numbers).

    Args:
        values: as ``outcome_values`` gives them.
        versus: the other policy, which adds nothing to itself.
        outcomes: columns of which the difference is taken; nan where a run has no counterpart.
    """
    table: Any = values
    names = list(dict.fromkeys(outcomes))
    baseline = table[table["policy"] == versus].set_index(["point", "seed"])[names]
    paired = baseline.reindex(pd.MultiIndex.from_frame(table[["point", "seed"]]))
    return table.assign(**{name: table[name].to_numpy() - paired[name].to_numpy() for name in names})
