"""From won to practice: what became of the money, in seats, graduates, people at work and hospital domains.

Two readings, which answer different questions and are never added up:

* ``seat`` counts heads: who holds or held a seat that the programme paid for. Some of them would have been trained,
  and some work in posts that others would have filled, without the programme.
* ``policy`` is the difference to the baseline in the same futures: what there is more of because of the policy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.indicators import has_target
from injae.experiments.pairs import Cost, Verdict, cost_per_result, no_price
from injae.experiments.plain import plain
from injae.experiments.results import Results
from injae.experiments.summary import Interval, band, difference_band
from injae.experiments.uncertainty import LEAST
from injae.model.errors import InputError
from injae.model.scenario import Scenario

YEAR = 12
READINGS = {
    "seat": "holds or held a programme seat: a head count; low and high are the 5th and 95th percentile over futures",
    "policy": "attributed to the policy: difference to the baseline in the same futures; low and high are the 5th and "
    "95th percentile over futures, or with noise alone the 95 percent interval of the mean",
}
NOTE = (
    "Whoever graduated less than 3 or 5 years ago cannot have stayed that long yet: retained after 5 years can only be "
    "counted for graduates of at least five years ago (counted_graduates). The price carries all money so far, so it "
    "falls as time passes, and is left out while those who can be counted are less than a quarter of all graduates."
)
COUNTED_SHARE_MIN = 0.25  # of the graduates so far, for a price of staying


class Step(NamedTuple):
    """One step of the chain in one month.

    ``amount`` is in ``unit``; the two prices are won per unit, of grant and of public money beyond the baseline's.
    ``counted_graduates`` (mean over futures) are the graduates among whom the step could count, nan where it does not
    apply. ``seeds`` counts the runs.
    """

    reading: str
    name: str
    unit: str
    month: int
    date: str
    amount: Interval
    grant_won_each: Cost
    public_won_each: Cost
    counted_graduates: float
    seeds: int


@dataclass(frozen=True)
class PracticeLedger:
    """The chain of one scenario at the target date and at the end; ``baseline`` is None without a comparison."""

    scenario: str
    baseline: str | None
    steps: list[Step]

    @property
    def months(self) -> list[int]:
        """Months of the chain, in order."""
        return sorted({step.month for step in self.steps})

    def step(self, reading: str, name: str, month: int) -> Step:
        """One step.

        Raises:
            KeyError: there is no such step.
        """
        for step in self.steps:
            if (step.reading, step.name, step.month) == (reading, name, month):
                return step
        raise KeyError(f"no step {name!r} of reading {reading!r} in month {month}")

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        steps = plain(self.steps)
        return {
            "scenario": self.scenario,
            "baseline": self.baseline,
            "readings": READINGS,
            "note": NOTE,
            "steps": steps,
        }


Amount = Callable[[Any, int], float]  # of a history, by the end of a month


class _Link(NamedTuple):
    """How one run gives a step; ``months_needed`` is how long ago somebody must have graduated to be counted."""

    unit: str
    of_run: Amount
    months_needed: int = 0


def _at(*names: str) -> Amount:
    return lambda history, month: float(sum(history[name][month] for name in names))


def _total(name: str, per: int = 1) -> Amount:
    return lambda history, month: float(history[name][1 : month + 1].sum() / per)


_grant = _total("grant_won")
_public = _at("public_won_cumulative")

CHAIN: dict[str, dict[str, _Link]] = {
    "seat": {
        "grant_paid": _Link("won", _grant),
        "seat_years": _Link("seat-years", _total("programme_seats", YEAR)),
        "graduates": _Link("persons", _at("programme_graduates_cumulative")),
        "at_work_after_3_years": _Link("persons", _at("retained_3_years_cumulative"), 3 * YEAR),
        "at_work_after_5_years": _Link("persons", _at("retained_5_years_cumulative"), 5 * YEAR),
        "at_work": _Link("persons", _at("programme_practitioners")),
    },
    "policy": {
        "public_money": _Link("won", _public),
        "seat_years": _Link("seat-years", _total("seats", YEAR)),
        "graduates": _Link("persons", _total("graduated")),
        "at_work": _Link("persons", _at("employed_hospitals", "employed_firms", "employed_universities")),
        "at_work_in_hospitals": _Link("persons", _at("employed_hospitals")),
        "routine_domains": _Link("domains", _at("routine_domains")),
    },
}


def baseline_of(plan: Scenario) -> Scenario | None:
    """The baseline with everything but its levers as in the plan, so that only the policy differs; None without one.

    A baseline whose levers were changed is a policy, and is compared with itself as it was.

    Raises:
        InputError: there is no such scenario, or it is a case of another country.
    """
    if not plan.baseline:
        return None
    same = {"months": plan.months, "target": plan.target, "parameters": plan.parameters, "shocks": plan.shocks}
    try:
        baseline = Scenario.load(plan.baseline).model_copy(update=same)
    except InputError as error:
        raise InputError(error.code, str(error), "baseline", plan.baseline) from error
    if baseline.country != plan.country:
        fault = f"is a case of {baseline.country}, {plan.name} of {plan.country}"
        raise InputError("unusable", fault, "baseline", plan.baseline)
    return None if plan.baseline == plan.name and plan.levers == baseline.levers else baseline


def practice_ledger(results: Results, baseline: Results | None, least: int = LEAST) -> PracticeLedger | None:
    """The chain from won to practice, at the target date (where the horizon holds it) and at the end.

    Args:
        results: the finished runs of a scenario.
        baseline: those of its baseline; only seeds that finished in both count. None, or no runs: head counts only.
        least: independent runs that an interval takes.

    Returns:
        The ledger, or None when no grant was paid, public money is that of the baseline, or no seed finished.
    """
    baseline = baseline if baseline is not None and baseline.runs else None
    kept = [baseline is None or seed in baseline.seeds for seed in results.seeds]
    seeds = [seed for seed, keep in zip(results.seeds, kept, strict=True) if keep]
    mine = [run.history for run in results.runs if run.seed in seeds]
    theirs = None if baseline is None else [run.history for run in baseline.runs if run.seed in seeds]
    plan = results.plan
    granted = any(history["grant_won"].any() for history in mine)
    if not mine or not (granted or (theirs is not None and _pay_otherwise(mine, theirs))):
        return None
    pairs = _Pairs(plan, mine, theirs, None if results.draws is None else results.draws[kept], least)
    months = sorted({plan.target_month, plan.months}) if has_target(plan) else [plan.months]
    steps = []
    for month in months:
        if granted:
            steps += [_heads(name, link, month, pairs) for name, link in CHAIN["seat"].items()]
        if theirs is not None:
            steps += [_difference(name, link, month, pairs) for name, link in CHAIN["policy"].items()]
    return PracticeLedger(plan.name, None if baseline is None else baseline.plan.name, steps)


class _Pairs(NamedTuple):
    """Histories of a scenario and of its baseline in the same futures, in the same order, and the draw of each.

    ``least`` independent runs give an interval.
    """

    plan: Scenario
    mine: list[Any]
    theirs: list[Any] | None
    draws: Any
    least: int

    def of(self, of_run: Amount, month: int) -> Any:
        """An amount of each run of the scenario."""
        return np.array([of_run(history, month) for history in self.mine])

    def usual(self, of_run: Amount, month: int) -> Any:
        """The same of the baseline."""
        return np.array([of_run(history, month) for history in self.theirs or ()])

    def over_futures(self, values: Any) -> Interval:
        """Mean with the 5th and 95th percentile over futures."""
        return Interval(*map(float, band(values, self.draws, self.least)[:3]))

    def price(self, won: Any, heads: Any) -> Cost:
        """Won per head over runs; none while a run has nobody to count."""
        if np.isnan(won).any() or not heads.all():
            return no_price(Verdict.NO_RESULT)
        return Cost(*self.over_futures(won / heads), Verdict.EXTRA)


def _pay_otherwise(mine: list[Any], theirs: list[Any]) -> bool:
    """Whether public money differs between a policy and its baseline."""
    return any(a["public_won"].sum() != b["public_won"].sum() for a, b in zip(mine, theirs, strict=True))


def _heads(name: str, link: _Link, month: int, pairs: _Pairs) -> Step:
    """One step of the head count."""
    amounts, grant = pairs.of(link.of_run, month), pairs.of(_grant, month)
    public = np.full(len(grant), np.nan)
    if pairs.theirs is not None and not pairs.usual(_grant, month).any():
        public = pairs.of(_public, month) - pairs.usual(_public, month)
    counted, prices = np.nan, (pairs.price(grant, amounts), pairs.price(public, amounts))
    if link.months_needed:
        graduates = _at("programme_graduates_cumulative")
        counted = float(pairs.of(graduates, max(0, month - link.months_needed)).mean())
        if counted < COUNTED_SHARE_MIN * pairs.of(graduates, month).mean() or not counted:
            prices = no_price(Verdict.TOO_EARLY), no_price(Verdict.TOO_EARLY)
    if link.unit == "won":
        prices = no_price(Verdict.NO_RESULT), no_price(Verdict.NO_RESULT)
    amount, date = pairs.over_futures(amounts), pairs.plan.date_of(month)
    return Step("seat", name, link.unit, month, date, amount, *prices, counted, len(grant))


def _difference(name: str, link: _Link, month: int, pairs: _Pairs) -> Step:
    """One step of what is attributed to the policy."""

    def extra(of_run: Amount) -> Any:
        return pairs.of(of_run, month) - pairs.usual(of_run, month)

    amounts = extra(link.of_run)
    prices = no_price(Verdict.NO_RESULT), no_price(Verdict.NO_RESULT)
    if link.unit != "won":
        grant, public = (cost_per_result(extra(won), amounts, pairs.draws, pairs.least) for won in (_grant, _public))
        prices = grant, public
    amount = Interval(*map(float, difference_band(amounts, pairs.draws, pairs.least)[:3]))
    return Step("policy", name, link.unit, month, pairs.plan.date_of(month), amount, *prices, np.nan, len(amounts))
