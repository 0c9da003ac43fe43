"""Outcomes declared: every number that a run is summed up in, and how a user names one.

An *indicator* is one number a run. Whatever else reads off a run is a series (``model.record``) at a date. Both declare
unit, meaning, what is an improvement, and whether they may lie below zero; labels are in ``wording/terms.toml``.
An outcome of a user's own is an expression over both (``experiments.expressions``).
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.expressions import Expression, Known, Months, read
from injae.model.errors import InputError, nearest
from injae.model.numbers import percent
from injae.model.record import SERIES, Better
from injae.model.scenario import Scenario, month_of

OfRun = Callable[[Any, Scenario], float]  # of the history of a run and its scenario; nan: does not apply


class Indicator(NamedTuple):
    """One number a run.

    Attributes:
        unit: in full.
        of_run: how a run gives it.
        meaning: in a few words.
        better: what is an improvement.
        signed: whether it may lie below zero.
    """

    unit: str
    of_run: OfRun
    meaning: str
    better: Better
    signed: bool = False


class Outcome(NamedTuple):
    """An indicator, a series at a date, or an expression over both, as a user names it."""

    name: str
    unit: str
    expression: Expression
    better: Better

    def of_run(self, history: Any, plan: Scenario) -> float:
        """Its value in a run; nan where it has none."""

        def look(name: str, months: Months | None) -> Any:
            if months is None:
                return np.full((1, 1), INDICATORS[name].of_run(history, plan))
            return np.asarray(history[name][months[0] : months[1] + 1], float)[None]

        return float(self.expression.of(look)[0])


def has_target(plan: Scenario) -> bool:
    """Whether the target date lies within the horizon."""
    return 1 <= plan.target_month <= plan.months


def _of_series(name: str, when: str, of_run: OfRun, *, per_year: bool = False) -> Indicator:
    series = SERIES[name]
    unit = series.unit.replace(" per month", " per year") if per_year else series.unit
    return Indicator(unit, of_run, f"{series.meaning}, {when}", series.better, series.signed)


def _at_target(name: str) -> Indicator:
    def of_run(history: Any, plan: Scenario) -> float:
        return float(history[name][plan.target_month]) if has_target(plan) else math.nan

    return _of_series(name, "at the target date", of_run)


def _at_end(name: str) -> Indicator:
    return _of_series(name, "at the end", lambda history, plan: float(history[name][plan.months]))


def _last_year(name: str) -> Indicator:
    """Sum of the last twelve months; nan in shorter runs."""

    def of_run(history: Any, plan: Scenario) -> float:
        return float(history[name][-12:].sum()) if plan.months >= 12 else math.nan

    return _of_series(name, "in the last twelve months", of_run, per_year=True)


def _per_year(name: str) -> Indicator:
    def of_run(history: Any, plan: Scenario) -> float:
        return float(history[name][1:].sum() * 12 / plan.months)

    return _of_series(name, "a year on average", of_run, per_year=True)


def _regional_gap(history: Any, plan: Scenario) -> float:
    end = history[plan.months]
    return float(end["adoption_share_capital"] - end["adoption_share_regions"])


def _shortage_relief(history: Any, plan: Scenario) -> float:
    end = history[plan.months]
    return float(end["unmet_demand_share_without_ai"] - end["unmet_demand_share"])


def _net_talent_flow(history: Any, plan: Scenario) -> float:
    flows = history[1:]
    net = flows["returned"].sum() + flows["immigrated"].sum() - flows["emigrated"].sum()
    return float(net * 12 / plan.months)


def _rate(flows: tuple[str, ...], stock: str) -> OfRun:
    def rate(history: Any, plan: Scenario) -> float:
        exposure = history[stock][:-1].sum() / 12
        return float(sum(history[flow][1:].sum() for flow in flows) / exposure) if exposure else math.nan

    return rate


def _ratio(won: float, heads: float) -> float:
    return won / heads if heads and won else math.nan


def _cost_per_graduate(history: Any, plan: Scenario) -> float:
    month = plan.target_month if has_target(plan) else plan.months
    return _ratio(history["grant_won"][: month + 1].sum(), history["programme_graduates_cumulative"][month])


def _cost_per_practitioner(history: Any, plan: Scenario) -> float:
    return _ratio(history["grant_won"].sum(), history["programme_practitioners"][plan.months])


def _years_to_half(history: Any, plan: Scenario) -> float:
    months = np.flatnonzero(history["adoption_share"] >= 0.5)
    return float(months[0] / 12) if months.size else math.nan


INDICATORS: dict[str, Indicator] = {
    "programme_graduates_by_target_date": _at_target("programme_graduates_cumulative"),
    "specialists_at_target_date": _at_target("specialists"),
    "adoption_share_at_target_date": _at_target("adoption_share"),
    "vacancy_rate_at_target_date": _at_target("vacancy_rate"),
    "specialists_at_end": _at_end("specialists"),
    "employed_hospitals_at_end": _at_end("employed_hospitals"),
    "programme_practitioners_at_end": _at_end("programme_practitioners"),
    "adoption_share_at_end": _at_end("adoption_share"),
    "regional_gap_at_end": Indicator(
        "share",
        _regional_gap,
        "adoption in the capital area less that in the provinces, at the end",
        "less",
        signed=True,
    ),
    "exports_won_per_year": _last_year("exports_won"),
    "product_quality_at_end": _at_end("product_quality"),
    "net_talent_flow_per_year": Indicator(
        "persons per year", _net_talent_flow, "came home or immigrated, less emigrated", "more", signed=True
    ),
    "clinician_hours_released_per_year": _last_year("clinician_hours_released"),
    "tasks_displaced_hours_per_year": _last_year("tasks_displaced_hours"),
    "unmet_demand_share_at_end": _at_end("unmet_demand_share"),
    "shortage_relief_at_end": Indicator(
        "share", _shortage_relief, "need for care that AI and retraining meet, at the end", "more", signed=True
    ),
    "adverse_events_avoided_per_year": _last_year("adverse_events_avoided"),
    "net_savings_won_per_year": _last_year("net_savings_won"),
    "public_trust_at_end": _at_end("public_trust"),
    "privacy_incidents_per_year": _per_year("privacy_incidents"),
    "bias_incidents_per_year": _per_year("bias_incidents"),
    "public_won_at_end": _at_end("public_won_cumulative"),
    "grant_won_at_end": Indicator(
        "won",
        lambda history, plan: float(history["grant_won"].sum()),
        "programme grant paid so far, at the end",
        "less",
    ),
    "cost_per_programme_graduate_won": Indicator(
        "won per person", _cost_per_graduate, "grant over graduates from its seats", "less"
    ),
    "cost_per_practitioner_retained_won": Indicator(
        "won per person", _cost_per_practitioner, "grant over its graduates at work in the field at the end", "less"
    ),
    "years_to_half_adoption": Indicator("years", _years_to_half, "until half of the hospitals use AI", "less"),
    "job_change_rate_per_year": Indicator(
        "share per year",
        _rate(("job_to_job_moves", "separations", "left_for_other_sectors"), "specialists"),
        "specialists who change or lose their job",
        "less",
    ),
    "emigration_rate_per_year": Indicator(
        "share per year", _rate(("emigrated",), "specialists"), "specialists who leave the country", "less"
    ),
    "dropout_rate_per_year": Indicator(
        "share per year", _rate(("dropped_out",), "enrolled"), "trainees who give up", "less"
    ),
    "firm_exit_rate_per_year": Indicator(
        "share per year", _rate(("firms_exited",), "firms"), "firms that close", "less"
    ),
}


def outcome_of(text: str, plan: Scenario, path: str = "outcome") -> Outcome:
    """The outcome that a text names: an indicator, ``SERIES@YYYY-MM``, or an expression over both.

    ``path`` is the argument that names it.

    Raises:
        InputError: none of them, or a date outside the scenario's horizon.
    """
    name = text.strip()
    better: Better = "neither"
    if is_name(name):
        better = declared(name, plan.date_of(plan.months), path).better
        series, at, date = name.partition("@")
        if at:
            month_in_runs(series, date, plan)
    known = Known(
        {one: indicator.unit for one, indicator in INDICATORS.items()},
        {one: series.unit for one, series in SERIES.items()},
        plan.months,
        lambda series, date: month_in_runs(series, date, plan),
    )
    expression = read(name, known, path)
    return Outcome(name, expression.unit, expression, better)


def is_name(outcome: str) -> bool:
    """Whether an outcome is named, an indicator or a series at a date; else it is an expression."""
    return re.fullmatch(r"[^\s()+*/@-]+(@[\w-]*)?", outcome) is not None


def declared(outcome: str, example: str = "YYYY-MM", path: str = "outcome") -> Any:
    """Declaration of an indicator (``Indicator``), or of the series of ``SERIES@YYYY-MM`` (``model.record.Series``).

    Args:
        outcome: as a user names it.
        example: date that the message has for a series without one.
        path: argument that names it.

    Raises:
        InputError: neither.
    """
    name, at, _ = outcome.partition("@")
    some, what = (SERIES, "series") if at else (INDICATORS, "indicator")
    if name not in some:
        hint = nearest(name, some, "`injae outcomes` lists them all")
        if not at and name in SERIES:
            hint = f"{hint}; a series needs a date, such as {name}@{example}"
        raise InputError("unknown", f"no {what}", path, outcome, suggestion=hint)
    return some[name]


def better_of(outcome: str) -> Better:
    """What is an improvement of an outcome; of an expression neither."""
    return declared(outcome).better if is_name(outcome) else "neither"


def limits_of(name: str, unit: str, *, difference: bool = False) -> tuple[float, float]:
    """Least and most that an outcome can be, or its ``difference`` between policies; infinite: no limit.

    Shares are 0 to 1, counts and amounts not below zero; of an expression nothing is known.
    """
    if not is_name(name):
        return -math.inf, math.inf
    most = 1.0 if unit.startswith(("share", "probability")) else math.inf
    known = INDICATORS.get(name) or SERIES.get(name.partition("@")[0])  # neither: a fact (experiments.facts)
    return (-most if difference or (known and known.signed) else 0.0), most


def check_possible(
    value: float, name: str, unit: str, path: str, given: Any = None, *, difference: bool = False
) -> None:
    """Refuse a value that an outcome, or its ``difference`` between policies, cannot have.

    ``path`` and ``given``: the argument in which it was read.

    Raises:
        InputError: percent for a share, or less than nothing of what is counted; names the range.
    """
    low, high = limits_of(name, unit, difference=difference)
    if low <= value <= high:
        return
    if math.isfinite(high):
        looks = f", and {value:g} looks like percent; write {percent(value)}" if 1 < abs(value) <= 100 else ""
        looks = looks or f"; {value:g} is outside"
        raise InputError("range", f"{name} is a {unit}, {low:g} to {high:g}{looks}", path, given)
    raise InputError("range", f"{name} cannot be below {low:g} {unit}", path, given)


def month_in_runs(name: str, date: str, plan: Scenario) -> int:
    """Month of a date of a series in the runs of a scenario.

    Raises:
        InputError: a date outside the runs.
    """
    month = month_of(date, plan.start)
    if not 0 <= month <= plan.months:
        first, last = plan.date_of(0), plan.date_of(plan.months)
        fault = f"outside the runs, which go from {first} to {last}"
        raise InputError("range", fault, "outcome", f"{name}@{date}")
    return month


@dataclass(frozen=True)
class Senses:
    """Where less or more of an outcome is better, against what is declared of it."""

    minimise: Sequence[str] = ()
    maximise: Sequence[str] = ()


DECLARED = Senses()  # as declared


def senses_of(outcomes: Sequence[str], told: Senses) -> dict[str, bool]:
    """Whether more is better, of each outcome: as declared, unless told otherwise.

    Raises:
        InputError: told of an outcome that is not looked at, or both; or not told where neither is declared.
    """
    minimise, maximise = told.minimise, told.maximise
    for path, given in (("minimise", minimise), ("maximise", maximise)):
        for name in given:
            if name not in outcomes:
                hint = nearest(name, outcomes)
                raise InputError("unknown", "none of the outcomes asked for", path, name, suggestion=hint)
    for name in set(minimise) & set(maximise):
        raise InputError("conflict", "also in --maximise", "minimise", name, suggestion="choose one")
    for name in outcomes:
        if better_of(name) == "neither" and name not in (*minimise, *maximise):
            fault = "neither more nor less of it is better by itself"
            raise InputError("form", fault, "outcome", name, suggestion="say --minimise or --maximise")
    senses = {name: better_of(name) == "more" for name in outcomes}
    return {**senses, **dict.fromkeys(minimise, False), **dict.fromkeys(maximise, True)}
