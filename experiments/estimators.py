"""How what is measured of a run is estimated from its series, people and events; ``measures`` names and words each."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy

from injae.agents.trainee import State
from injae.model.ecosystem import Ecosystem
from injae.model.firms import YOUNG_MONTHS
from injae.model.world import Event

FIVE_YEARS = 60


def logistic_fit(model: Ecosystem) -> float:
    """How well adoption follows a logistic curve: R2, 1 at best."""
    share = model.history.adoption_share
    t = np.arange(len(share)) / 12

    def curve(t: Any, ceiling: float, speed: float, middle: float) -> Any:
        return ceiling / (1 + np.exp(-speed * (t - middle)))

    best, _ = scipy.optimize.curve_fit(curve, t, share, p0=(1, 0.4, 6), maxfev=20_000)
    rest = ((share - curve(t, *best)) ** 2).sum()
    return 1 - rest / ((share - share.mean()) ** 2).sum()


def bass_ratio(model: Ecosystem) -> float:
    """q/p from yearly growth of the share against the share: growth = (p + q share)(1 - share)."""
    share = model.history.adoption_share[::12]
    share = share[: np.flatnonzero(share < 1)[-1] + 2]  # once everybody uses AI there is no growth to explain
    hazard = np.diff(share) / (1 - share[:-1])
    q, p = np.polyfit(share[:-1], hazard, 1)
    return q / max(p, 1e-3)


def lead(first: str, second: str, year: int) -> Callable[[Ecosystem], float]:
    """By how many percentage points adoption of the first domain or tier leads that of the second after some years."""

    def points(model: Ecosystem) -> float:
        history = model.history[12 * year]
        return 100 * (history[f"adoption_share_{first}"] - history[f"adoption_share_{second}"])

    return points


def lead_is_widest_midway(model: Ecosystem) -> float:
    """1.0 if the lead of tertiary over other hospitals is widest between start and end, else 0.0."""
    lead = model.history.adoption_share_tertiary - model.history.adoption_share_hospital
    return float(0 < lead.argmax() < len(lead) - 1)


def beveridge(model: Ecosystem) -> float:
    """Elasticity of the vacancy rate on unemployment, from the second year on; below 0 along a Beveridge curve."""
    history = model.history[12:]
    vacancies = (history.vacancies_hospitals + history.vacancies_firms) / history.specialists
    unemployed = history.seeking / history.specialists
    return scipy.stats.linregress(np.log(unemployed), np.log(vacancies)).slope


def per_year(*flows: str, stock: str = "specialists") -> Callable[[Ecosystem], float]:
    """Sum of flows per year and member of a stock."""

    def rate(model: Ecosystem) -> float:
        return sum(model.history[flow][1:].sum() for flow in flows) / (model.history[stock][:-1].sum() / 12)

    return rate


def ratio(part: str, whole: str) -> Callable[[Ecosystem], float]:
    """One flow over another, both over the whole run."""
    return lambda model: model.history[part].sum() / model.history[whole].sum()


def mobility_ratio(model: Ecosystem) -> float:
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


def log_pay(model: Ecosystem) -> Any:
    """Logarithm of yearly pay (won) of all at work in hospitals and firms, an array."""
    working = np.isin(model.people.rows("state"), (State.HOSPITAL, State.FIRM))
    return np.log(model.people.rows("pay_won_per_year")[working].astype(float))


def size_premium(model: Ecosystem) -> float:
    """Correlation of pay with the employer's staff, in firms, both as logarithms."""
    state, employer = model.people.rows("state"), model.people.rows("employer")
    in_firms = state == State.FIRM
    staff = model.firms.rows("staff")[employer[in_firms]]
    pay = model.people.rows("pay_won_per_year")[in_firms]
    return np.corrcoef(np.log(staff), np.log(pay))[0, 1]


def tail(model: Ecosystem) -> float:
    """Slope of rank on staff, both as logarithms, among the larger half of firms; -1 after Zipf."""
    sizes = np.sort(model.firms.rows("staff")[model.firms.rows("staff") > 0])[::-1]
    sizes = sizes[: len(sizes) // 2]
    return scipy.stats.linregress(np.log(sizes), np.log(np.arange(1, len(sizes) + 1))).slope


def cohorts_closed(model: Ecosystem) -> float:
    """Of the firms founded in the last seven years, the part that has closed; firms taken over have not."""
    founded = model.firms.rows("founded_month") > model.month - YOUNG_MONTHS
    gone = founded & ~model.firms.rows("active")
    recent = model.history[-YOUNG_MONTHS:]
    closed, taken_over = recent["young_firms_exited"].sum(), recent["firms_taken_over"].sum()
    return float(gone.sum() / founded.sum() * closed / (closed + taken_over))


def teach(model: Ecosystem) -> float:
    """Share of all graduates of the run who teach at a university at its end."""
    graduated = model.people.rows("graduated_month") >= 0
    return (model.people.rows("state")[graduated] == State.UNIVERSITY).mean()


def tier_ratio(model: Any) -> float:
    """Adoption in tertiary hospitals over that in all, at the start."""
    return float(model.history["adoption_share_tertiary"][0] / model.history["adoption_share"][0])


def at(name: str, month: int) -> Callable[[Any], float]:
    """A series in a month."""
    return lambda model: float(model.history[name][month])


def gain(name: str, first: int, last: int) -> Callable[[Any], float]:
    """A series in the last month less that in the first."""
    return lambda model: float(model.history[name][last] - model.history[name][first])


def growth(name: str, last: int) -> Callable[[Any], float]:
    """Growth a year from the start to a month."""
    return lambda model: float((model.history[name][last] / model.history[name][0]) ** (12 / last) - 1)


def logit_growth(name: str, last: int) -> Callable[[Any], float]:
    """Growth a year of the log-odds of a share, from the start to a month."""

    def growth(model: Any) -> float:
        first, then = (min(max(float(model.history[name][m]), 1e-6), 1 - 1e-6) for m in (0, last))
        return (math.log(then / (1 - then)) - math.log(first / (1 - first))) * 12 / last

    return growth


def to_other_sectors(model: Any) -> float:
    """Of those who changed employer, sector or country: the part that went to another sector."""
    left = model.history["left_for_other_sectors"].sum()
    return float(left / (left + model.history["job_to_job_moves"].sum() + model.history["emigrated"].sum()))


def sales_growth(model: Any) -> float:
    """Yearly growth of sales of firms from the first year to the third, as a share."""
    sales = model.history["revenue_won"]
    return float((sales[25:37].sum() / sales[1:13].sum()) ** (1 / 2) - 1)
