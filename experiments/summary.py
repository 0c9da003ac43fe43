"""What a scenario achieves: indicators over seeds, and the difference a policy makes on the same people."""

import math
from collections.abc import Callable, Iterable
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from experiments.precision import CONFIDENCE, student_t
from experiments.runs import Results, Run
from model.record import SERIES
from model.scenario import Scenario

BAND = (5.0, 95.0)  # percentiles over seeds that the text calls low and high


class Estimate(NamedTuple):
    """One indicator over seeds: mean, 5th and 95th percentile; nan where no run gives a value."""

    mean: float
    low: float
    high: float
    unit: str
    seeds: int


class Interval(NamedTuple):
    """A mean and the ends of its interval; nan where it is not known."""

    mean: float
    low: float
    high: float


class Indicator(NamedTuple):
    """How one run gives an indicator: its unit, and a function of history and scenario (nan: does not apply)."""

    unit: str
    of_run: Callable[[Any, Scenario], float]


def _at_target(name: str) -> Callable[[Any, Scenario], float]:
    return lambda history, plan: float(history[name][plan.target_month]) if has_target(plan) else math.nan


def _at_end(name: str) -> Callable[[Any, Scenario], float]:
    return lambda history, plan: float(history[name][plan.months])


def _last_year(name: str) -> Callable[[Any, Scenario], float]:
    """Sum of the last twelve months; nan in shorter runs."""
    return lambda history, plan: float(history[name][-12:].sum()) if plan.months >= 12 else math.nan


def _per_year(name: str) -> Callable[[Any, Scenario], float]:
    return lambda history, plan: float(history[name][1:].sum() * 12 / plan.months)


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


def has_target(plan: Scenario) -> bool:
    """Whether the target date lies within the horizon."""
    return 1 <= plan.target_month <= plan.months


def _rate(flows: tuple[str, ...], stock: str) -> Callable[[Any, Scenario], float]:
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
    "programme_graduates_by_target_date": Indicator("persons", _at_target("programme_graduates_cumulative")),
    "specialists_at_target_date": Indicator("persons", _at_target("specialists")),
    "adoption_share_at_target_date": Indicator("share", _at_target("adoption_share")),
    "shortage_rate_at_target_date": Indicator("share", _at_target("shortage_rate")),
    "specialists_at_end": Indicator("persons", _at_end("specialists")),
    "employed_hospitals_at_end": Indicator("persons", _at_end("employed_hospitals")),
    "programme_practitioners_at_end": Indicator("persons", _at_end("programme_practitioners")),
    "adoption_share_at_end": Indicator("share", _at_end("adoption_share")),
    "regional_gap_at_end": Indicator("share", _regional_gap),
    "exports_won_per_year": Indicator("won per year", _last_year("exports_won")),
    "product_quality_at_end": Indicator("share", _at_end("product_quality")),
    "net_talent_flow_per_year": Indicator("persons per year", _net_talent_flow),
    "clinician_hours_released_per_year": Indicator("hours per year", _last_year("clinician_hours_released")),
    "tasks_displaced_hours_per_year": Indicator("hours per year", _last_year("tasks_displaced_hours")),
    "unmet_demand_share_at_end": Indicator("share", _at_end("unmet_demand_share")),
    "shortage_relief_at_end": Indicator("share", _shortage_relief),
    "adverse_events_avoided_per_year": Indicator("events per year", _last_year("adverse_events_avoided")),
    "net_savings_won_per_year": Indicator("won per year", _last_year("net_savings_won")),
    "public_trust_at_end": Indicator("share", _at_end("public_trust")),
    "privacy_incidents_per_year": Indicator("incidents per year", _per_year("privacy_incidents")),
    "bias_incidents_per_year": Indicator("incidents per year", _per_year("bias_incidents")),
    "public_won_at_end": Indicator("won", _at_end("public_won_cumulative")),
    "grant_won_at_end": Indicator("won", lambda history, plan: float(history["grant_won"].sum())),
    "cost_per_programme_graduate_won": Indicator("won per person", _cost_per_graduate),
    "cost_per_practitioner_retained_won": Indicator("won per person", _cost_per_practitioner),
    "years_to_half_adoption": Indicator("years", _years_to_half),
    "job_change_rate_per_year": Indicator("share per year", _rate(("job_to_job_moves", "separations"), "specialists")),
    "emigration_rate_per_year": Indicator("share per year", _rate(("emigrated",), "specialists")),
    "dropout_rate_per_year": Indicator("share per year", _rate(("dropped_out",), "enrolled")),
    "firm_exit_rate_per_year": Indicator("share per year", _rate(("firms_exited",), "firms")),
}


def summarise(results: Results) -> dict[str, Estimate]:
    """Every indicator over the finished runs; low and high are the 5th and 95th percentile of runs.

    ``chance_of_target`` is the share of runs that reach the target, with its 95 percent Wilson interval.
    """
    summary = {
        name: _estimate([of_run(run.history, results.plan) for run in results.runs], unit)
        for name, (unit, of_run) in INDICATORS.items()
    }
    if has_target(results.plan):
        graduates = results.values("programme_graduates_cumulative")[:, results.plan.target_month]
        reached = int((graduates >= results.plan.target.experts).sum())
        chance = Estimate(*chance_interval(reached, len(graduates)), "chance", len(graduates))
        summary["chance_of_target"] = chance
    return summary


def _estimate(values: list[float], unit: str) -> Estimate:
    known = np.array([value for value in values if not math.isnan(value)])
    if not known.size:
        return Estimate(math.nan, math.nan, math.nan, unit, 0)
    low, high = np.percentile(known, BAND)
    return Estimate(float(known.mean()), float(low), float(high), unit, int(known.size))


def by_seed(runs: Iterable[Run], name: str, month: int) -> dict[int, float]:
    """A series in a month of each run, by its seed (or future)."""
    return {run.seed: float(run.history[name][month]) for run in runs}


def pairs(results: Results, other: Results, name: str, month: int) -> Any:
    """A series in a month less that of other runs, seed by seed (or future by future), shape ``(seeds in common,)``."""
    mine, theirs = by_seed(results.runs, name, month), by_seed(other.runs, name, month)
    return np.array([mine[n] - theirs[n] for n in sorted(set(mine) & set(theirs))])


def paired_difference(results: Results, baseline: Results, name: str, month: int) -> Estimate:
    """Mean difference of a series in a month on the same seeds, with its 95 percent t interval.

    Raises:
        ValueError: the two have no seed in common.
    """
    gaps = pairs(results, baseline, name, month)
    if not len(gaps):
        raise ValueError("no seed in common: nothing to compare")
    return Estimate(*mean_interval(gaps), SERIES[name].unit, len(gaps))


def chance_interval(reached: int, runs: int) -> Interval:
    """Share of runs that reach something, with its 95 percent Wilson interval."""
    share, z2 = reached / runs, NormalDist().inv_cdf(0.5 + CONFIDENCE / 2) ** 2 / runs
    middle = (share + z2 / 2) / (1 + z2)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    return Interval(share, max(middle - half, 0.0), min(middle + half, 1.0))


def spread(values: Any) -> Interval:
    """Mean with the 5th and 95th percentile; shape ``(seeds,)``, ends nan for one value, all nan for none."""
    values = np.asarray(values, float)
    if len(values) < 2:
        return Interval(float(values[0]) if len(values) else math.nan, math.nan, math.nan)
    return Interval(float(values.mean()), *map(float, np.percentile(values, BAND)))


def mean_interval(values: Any) -> Interval:
    """Mean with its 95 percent t interval; shape ``(seeds,)``, ends nan for one value, all nan for none."""
    values = np.asarray(values, float)
    if not len(values):
        return Interval(math.nan, math.nan, math.nan)
    mean, half = float(values.mean()), math.nan
    if len(values) > 1:
        half = student_t(len(values)) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)
