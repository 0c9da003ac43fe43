"""Stylised facts that the model is held against: how each is measured in a run of ten years, and a country's bands."""

import csv
import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, stats

from agents.hospital import Tier
from agents.trainee import State
from model.ecosystem import Ecosystem
from model.parameters import data_folder
from model.world import Event

MONTHS = 120  # length of the run that the facts are measured in


class Measure(NamedTuple):
    """What is measured, in words, and how a finished run of ten years (with events) gives it."""

    what: str
    of_run: Callable[[Ecosystem], float]


class Band(NamedTuple):
    """Where a fact should lie, and where that is known from; ``measure`` is a name in ``MEASURES``."""

    code: str
    measure: str
    low: float
    high: float
    source: str

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= value <= self.high

    def in_words(self) -> str:
        """Both ends, or the one that there is."""
        if math.isinf(self.high):
            return f"above {self.low:g}"
        return f"below {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"


def bands(country: str) -> list[Band]:
    """Facts of a country with their bands, from ``data/COUNTRY/facts.csv``; none if there is no such file."""
    path = data_folder(country) / "facts.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Band(row["code"], row["measure"], _end(row["low"], -math.inf), _end(row["high"], math.inf), row["source"])
            for row in csv.DictReader(file)
        ]


def _end(text: str, missing: float) -> float:
    return float(text) if text else missing


def measure(model: Ecosystem) -> dict[str, float]:
    """Every measure of a finished run; nan where a run gives none (nobody moved, or a curve that cannot be fitted)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: _measured(of_run, model) for name, (_, of_run) in MEASURES.items()}


def _measured(of_run: Callable[[Ecosystem], float], model: Ecosystem) -> float:
    try:
        return float(of_run(model))
    except (ArithmeticError, RuntimeError, ValueError):
        return math.nan


def mean_of_known(values: list[float]) -> float:
    """Mean of the values that are known; nan if none is."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def _logistic_fit(model: Ecosystem) -> float:
    share = model.history.adoption_share
    t = np.arange(len(share)) / 12

    def curve(t: Any, ceiling: float, speed: float, middle: float) -> Any:
        return ceiling / (1 + np.exp(-speed * (t - middle)))

    best, _ = optimize.curve_fit(curve, t, share, p0=(1, 0.4, 6), maxfev=20_000)
    rest = ((share - curve(t, *best)) ** 2).sum()
    return 1 - rest / ((share - share.mean()) ** 2).sum()


def _bass_ratio(model: Ecosystem) -> float:
    """q/p from yearly growth of the share against the share: growth = (p + q share)(1 - share)."""
    share = model.history.adoption_share[::12]
    share = share[: np.flatnonzero(share < 1)[-1] + 2]  # once everybody uses AI there is no growth to explain
    hazard = np.diff(share) / (1 - share[:-1])
    q, p = np.polyfit(share[:-1], hazard, 1)
    return q / max(p, 1e-3)


def _lead(first: str, second: str, year: int) -> Callable[[Ecosystem], float]:
    def points(model: Ecosystem) -> float:
        history = model.history[12 * year]
        return 100 * (history[f"adoption_share_{first}"] - history[f"adoption_share_{second}"])

    return points


def _lead_is_widest_midway(model: Ecosystem) -> float:
    lead = model.history.adoption_share_tertiary - model.history.adoption_share_hospital
    return float(0 < lead.argmax() < len(lead) - 1)


def _beveridge(model: Ecosystem) -> float:
    history = model.history[12:]
    vacancies = (history.vacancies_hospitals + history.vacancies_firms) / history.specialists
    unemployed = history.seeking / history.specialists
    return stats.linregress(np.log(unemployed), np.log(vacancies)).slope


def _per_year(*flows: str, stock: str = "specialists") -> Callable[[Ecosystem], float]:
    def rate(model: Ecosystem) -> float:
        return sum(model.history[flow][1:].sum() for flow in flows) / (model.history[stock][:-1].sum() / 12)

    return rate


def _ratio(part: str, whole: str) -> Callable[[Ecosystem], float]:
    return lambda model: model.history[part].sum() / model.history[whole].sum()


def _mobility_ratio(model: Ecosystem) -> float:
    """Job changes per month at work, under 30 over the thirties, in the last five years (from the event log)."""
    events, people, end, begin = model.events, model.people, model.month, model.month - 60
    changed = (events.rows("event") == Event.CHANGED_JOB) & (events.rows("month") > begin)
    age_at_move = (events.rows("month")[changed] - people.rows("birth_month")[events.rows("person")[changed]]) / 12
    working = np.isin(people.rows("state"), (State.HOSPITAL, State.FIRM))
    birth = people.rows("birth_month")[working].astype(int)
    entry = np.maximum.reduce(
        [np.full(birth.size, begin), people.rows("graduated_month")[working], people.rows("source_month")[working]]
    )

    def rate(from_age: int, to_age: int) -> float:
        months = np.clip(np.minimum(birth + 12 * to_age, end) - np.maximum(birth + 12 * from_age, entry), 0, None)
        return ((age_at_move >= from_age) & (age_at_move < to_age)).sum() / months.sum()

    return rate(18, 30) / rate(30, 40)


def _log_pay(model: Ecosystem) -> Any:
    working = np.isin(model.people.rows("state"), (State.HOSPITAL, State.FIRM))
    return np.log(model.people.rows("pay_won_per_year")[working].astype(float))


def _size_premium(model: Ecosystem) -> float:
    state, employer = model.people.rows("state"), model.people.rows("employer")
    in_firms = state == State.FIRM
    staff = model.firms.rows("staff")[employer[in_firms]]
    pay = model.people.rows("pay_won_per_year")[in_firms]
    return np.corrcoef(np.log(staff), np.log(pay))[0, 1]


def _tail(model: Ecosystem) -> float:
    sizes = np.sort(model.firms.rows("staff")[model.firms.rows("staff") > 0])[::-1]
    sizes = sizes[: len(sizes) // 2]
    return stats.linregress(np.log(sizes), np.log(np.arange(1, len(sizes) + 1))).slope


def _teach(model: Ecosystem) -> float:
    graduated = model.people.rows("graduated_month") >= 0
    return (model.people.rows("state")[graduated] == State.UNIVERSITY).mean()


def _tier_ratio(model: Ecosystem) -> float:
    start = model.history[0]
    tiers = np.bincount(model.hospitals.rows("tier"), minlength=len(Tier))
    users = start.adoption_share_general * tiers[Tier.GENERAL] + start.adoption_share_hospital * tiers[Tier.HOSPITAL]
    return start.adoption_share_tertiary / (users / (tiers[Tier.GENERAL] + tiers[Tier.HOSPITAL]))


MEASURES = {
    "logistic_fit_r2": Measure("adoption against a logistic curve, R2", _logistic_fit),
    "imitation_over_innovation": Measure("imitation over innovation, q/p of a Bass curve", _bass_ratio),
    "imaging_less_risk_points": Measure("after 5 years: imaging less risk, points", _lead("imaging", "risk", 5)),
    "risk_less_treatment_points": Measure("after 5 years: risk less treatment, points", _lead("risk", "treatment", 5)),
    "risk_less_research_points": Measure("after 5 years: risk less research, points", _lead("risk", "research", 5)),
    "tertiary_lead_year_1_points": Measure(
        "tertiary less other hospitals after 1 year, points", _lead("tertiary", "hospital", 1)
    ),
    "tertiary_lead_year_5_points": Measure(
        "tertiary less other hospitals after 5 years, points", _lead("tertiary", "hospital", 5)
    ),
    "tertiary_lead_year_10_points": Measure(
        "tertiary less other hospitals after 10 years, points", _lead("tertiary", "hospital", 10)
    ),
    "lead_is_widest_midway": Measure("widest gap before the end (1: yes)", _lead_is_widest_midway),
    "beveridge_elasticity": Measure("elasticity of vacancies on unemployment, years 2 to 10", _beveridge),
    "job_changes_per_year": Measure("job changes a year, specialists", _per_year("job_to_job_moves", "separations")),
    "job_to_job_share": Measure("job-to-job share of hires", _ratio("job_to_job_moves", "hires")),
    "movers_who_gain_share": Measure("movers who gain pay", _ratio("moves_with_pay_gain", "job_to_job_moves")),
    "mobility_young_over_thirties": Measure("movers a year under 30 over those in their thirties", _mobility_ratio),
    "log_pay_skewness": Measure("skewness of log pay, end", lambda model: float(stats.skew(_log_pay(model)))),
    "log_pay_sd": Measure("spread (sd) of log pay, end", lambda model: _log_pay(model).std()),
    "pay_size_correlation": Measure("correlation of log pay and log size of firms", _size_premium),
    "firm_size_tail_slope": Measure("slope of log rank on log size of firms", _tail),
    "firm_exits_per_year": Measure("firms that close in a year", _per_year("firms_exited", stock="firms")),
    "emigration_per_year": Measure("emigration a year", _per_year("emigrated")),
    "abroad_share": Measure(
        "share abroad at the end", lambda model: model.series.abroad / (model.series.abroad + model.series.specialists)
    ),
    "drop_out_per_year": Measure("drop-out a year", _per_year("dropped_out", stock="enrolled")),
    "graduates_who_teach_share": Measure("graduates of the ten years who teach at the end", _teach),
    "programme_graduates_year_5": Measure(
        "programme graduates after 5 years", lambda model: model.history.programme_graduates_cumulative[60]
    ),
    "shortage_rate_years_1_and_2": Measure(
        "shortage rate, mean of the first two years", lambda model: model.history.shortage_rate[1:25].mean()
    ),
    "tertiary_over_others_at_start": Measure("tertiary over other hospitals at the start, ratio", _tier_ratio),
    "products_approved_year_1": Measure(
        "products approved in the first year",
        lambda model: model.history.products_approved_cumulative[12] - model.history.products_approved_cumulative[0],
    ),
}
