"""Portfolios of levers as a search sees them: one number from 0 to 1 for each lever and period.

0 leaves a lever as the baseline has it in that period (or at the low end that was given), 1 is its high end; numbers
are whole percents, and less than two percent is nothing. After the last period every searched lever is as in the
baseline. A high end that nobody gave is the value that would cost the whole budget by itself, found by trying.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from injae.experiments.searches.evaluations import PUBLIC, Evaluations
from injae.experiments.searches.evolution import Point, as_points
from injae.experiments.wording.amounts import money
from injae.model.errors import InputError, nearest
from injae.model.levers import LEVERS, Lever
from injae.model.numbers import number_of
from injae.model.scenario import Scenario, month_of, value_at

STEP = 0.01  # of a lever's range
LEAST = 0.02  # less than this is nothing: nobody runs a programme with half a percent of the money
SAME_MONEY = ("grant_scale", "programme_universities")  # multiply the same grant as grant_won_per_year
DEFAULT_LEVERS = tuple(n for n, lever in LEVERS.items() if lever.purpose and n not in SAME_MONEY)
FIRST_PERIOD_MONTHS = 24
TRIES = 10  # of a high end that costs the budget
CLOSE = 0.05  # part of the budget by which it may miss
SAME = 0.02  # part of the won by which two values may differ that cost the same
WHOLE_UNITS = ("won", "places", "persons", "projects", "universities")
NOTHING = 1e-3  # part of the budget that a lever costs which costs nothing: its declared range is searched
SPARE, OVER = 0.8, 1.05  # a portfolio that would cost too much is cut to between these parts of the budget
PATIENCE = 100  # tries for each point of the first generation: few levers may not have so many different portfolios
ACTIVE_MOST = 6  # levers that a portfolio of the first generation uses


@dataclass(frozen=True)
class Range:
    """What a lever may be in the search; ``low`` None means: as in the baseline. ``won``: what it costs at its high."""

    name: str
    low: float | None = None
    high: float | None = None
    won: float = 0.0

    @property
    def declared(self) -> Lever:
        """The lever's declaration."""
        return LEVERS[self.name]


def ranges_of(texts: Sequence[str]) -> list[Range]:
    """Ranges as written on the command line: ``PATH`` or ``PATH=LOW:HIGH``; none: every lever that costs money.

    Raises:
        InputError: no lever, or no range of it.
    """
    ranges: dict[str, Range] = {}
    for text in texts or DEFAULT_LEVERS:
        path, equals, ends = (part.strip() for part in text.partition("="))
        name = path.removeprefix("levers.")
        if name not in LEVERS:
            known = {f"levers.{one}": lever for one, lever in LEVERS.items()}
            fault = "no lever"
            raise InputError("unknown", fault, "levers", path, suggestion=nearest(path, known, "see `injae levers`"))
        if name in ranges:
            raise InputError("repeated", "named twice", "levers", path)
        ranges[name] = Range(name, *_ends(text, ends, LEVERS[name])) if equals else Range(name)
    return list(ranges.values())


def _ends(text: str, ends: str, lever: Lever) -> tuple[float, float]:
    form = "write PATH=LOW:HIGH, such as levers.stipend_won_per_month=0:1e6"
    if ends.count(":") != 1:
        raise InputError("form", form, "levers", text)
    low, high = (number_of(part, "levers", form, text) for part in ends.split(":"))
    if not lever.low <= low < high <= lever.high:
        allowed = f"within {lever.low:g} to {lever.high:g} {lever.unit}"
        raise InputError("range", f"needs low less than high, both {allowed}", "levers", text)
    return low, high


def default_periods(plan: Scenario) -> list[str]:
    """First months of the periods and the month after the last: two years, then until the target date or the end."""
    end = min(plan.target_month if plan.target_month > 1 else plan.months, plan.months) + 1
    middle = FIRST_PERIOD_MONTHS + 1
    return [plan.date_of(month) for month in ((1, middle, end) if middle < end else (1, end))]


def check_periods(dates: Sequence[str], plan: Scenario) -> list[str]:
    """Periods as given by their first months and the month after the last.

    Raises:
        InputError: no dates, not in order, or outside the scenario.
    """
    months = [month_of(date, plan.start) for date in dates]
    if len(months) < 2 or sorted(set(months)) != months or months[0] < 1 or months[-1] > plan.months + 1:
        span = f"{plan.date_of(1)} to {plan.date_of(plan.months + 1)}"
        fault = f"needs the first month of each period and the month after the last, in order, from {span}"
        hint = f"such as {','.join(default_periods(plan))}"
        raise InputError("form", fault, "periods", ",".join(dates), suggestion=hint)
    return list(dates)


@dataclass(frozen=True)
class Encoding:
    """What a point stands for: levers in periods, on top of a scenario.

    Args:
        plan: everything that is not searched.
        baseline: what a lever is at 0, and after the periods.
        ranges: levers with their high ends known.
        dates: first month of each period, and the month after the last.
        budget_won: public money beyond the baseline's, over the whole horizon.
    """

    plan: Scenario
    baseline: Scenario
    ranges: tuple[Range, ...]
    dates: tuple[str, ...]
    budget_won: float

    @property
    def variables(self) -> int:
        """Length of a point: for each lever its periods, one lever after the other."""
        return len(self.ranges) * (len(self.dates) - 1)

    @functools.cached_property
    def months(self) -> list[int]:
        """Month numbers of the dates."""
        return [month_of(date, self.plan.start) for date in self.dates]

    @functools.cached_property
    def weights(self) -> Any:
        """Each period's part of the time, shape ``(periods,)``."""
        return np.diff(self.months) / (self.months[-1] - self.months[0])

    @functools.cached_property
    def won(self) -> Any:
        """What each variable costs at 1 by itself, as tried, shape ``(variables,)``."""
        return np.concatenate([max(one.won, 0.0) * self.weights for one in self.ranges])

    def values(self, point: Point) -> list[tuple[str, list[float]]]:
        """Value of each lever in each period."""
        shares = np.reshape(point, (len(self.ranges), -1))
        return [(one.name, self._values(one, row)) for one, row in zip(self.ranges, shares, strict=True)]

    def _values(self, one: Range, shares: Any) -> list[float]:
        assert one.high is not None
        lows = self.usual[one.name] if one.low is None else [one.low] * len(shares)
        return [
            _legible(low + float(share) * (one.high - low), one.declared) if share else low
            for low, share in zip(lows, shares, strict=True)
        ]

    @functools.cached_property
    def ground(self) -> Scenario:
        """The scenario with every searched lever as in the baseline."""
        names = {one.name for one in self.ranges}
        levers = {name: steps for name, steps in self.plan.levers.items() if name not in names}
        levers |= {name: steps for name, steps in self.baseline.levers.items() if name in names}
        return self.plan.model_copy(update={"levers": levers})

    @functools.cached_property
    def usual(self) -> dict[str, list[float]]:
        """Value of each lever in each period as the baseline has it."""
        return {
            one.name: [
                value_at(self.baseline.levers.get(one.name, []), m, one.declared.default) for m in self.months[:-1]
            ]
            for one in self.ranges
        }

    def check_room(self) -> None:
        """Refuse a lever that has no way to go from the baseline.

        Raises:
            InputError: the baseline has it at its high end already.
        """
        for one in self.ranges:
            high = one.declared.high if one.high is None else one.high
            if one.low is None and high in self.usual[one.name]:
                fault = "already at its high end"
                raise InputError("form", fault, "levers", f"levers.{one.name}", suggestion="give LOW:HIGH")

    @functools.cached_property
    def spans(self) -> list[str]:
        """Each period from its first to its last month, such as ``2025-01..2026-12``."""
        lasts = [self.plan.date_of(month - 1) for month in self.months[1:]]
        return [f"{first}..{last}" for first, last in zip(self.dates, lasts, strict=False)]

    def scenario(self, point: Point) -> Scenario:
        """The scenario that a point stands for."""
        settings = {
            f"levers.{name}@{span}": value
            for name, values in self.values(point)
            for span, value, usual in zip(self.spans, values, self.usual[name], strict=True)
            if value != usual
        }
        return self.ground.with_settings(settings)

    def mend(self, points: Any, rng: np.random.Generator) -> Any:
        """Whole percents, nothing below ``LEAST``; what would cost too much, going by each lever alone, is cut."""
        points = np.clip(points, 0.0, 1.0)
        expected = points @ self.won
        goal = self.budget_won * rng.uniform(SPARE, OVER, len(points))
        scale = np.where(expected > OVER * self.budget_won, goal / np.maximum(expected, 1.0), 1.0)
        points = np.where(self.won > 0, points * scale[:, None], points)
        points = np.round(points / STEP) * STEP
        return np.where(points < LEAST - STEP / 2, 0.0, points)

    def nearest(self, plan: Scenario) -> Any:
        """The point whose scenario is most like another scenario: means of its levers over each period."""
        point = []
        for one in self.ranges:
            assert one.high is not None
            lows = self.usual[one.name] if one.low is None else [one.low] * len(self.weights)
            for low, (first, end) in zip(lows, itertools.pairwise(self.months), strict=True):
                values = [_level(plan, one.name, month, self.ground) for month in range(first, end)]
                point.append((float(np.mean(values)) - low) / (one.high - low))
        return np.clip(point, 0.0, 1.0)

    def first_points(self, count: int, rng: np.random.Generator, known: Sequence[Scenario] = ()) -> Any:
        """Portfolios to begin with: those most like what is known, some of one lever alone, and of a few at random.

        All are within the budget, going by what each lever costs alone.
        """
        points = [self.mend(self.nearest(plan)[None, :], rng)[0] for plan in known][: count // 3]
        points += [self._portfolio(rng, [n]) for n in range(min(len(self.ranges), count // 3))]
        for _ in range(PATIENCE * count):
            if len(as_points(points)) >= count:
                break
            active = 1 + int(rng.integers(min(ACTIVE_MOST, len(self.ranges))))
            points.append(self._portfolio(rng, list(rng.choice(len(self.ranges), active, replace=False))))
        return np.array(as_points(points)[:count])

    def _portfolio(self, rng: np.random.Generator, active: list[int]) -> Any:
        """Some levers share a part of the budget at random, spread over the periods at random."""
        shares = np.zeros((len(self.ranges), len(self.weights)))
        parts = rng.dirichlet(np.ones(len(active))) * rng.uniform(0.3, 1.0)
        for n, part in zip(active, parts, strict=True):
            won = self.ranges[n].won
            size = part * self.budget_won / won if won > 0 else rng.random()
            shares[n] = size * rng.dirichlet(2 * np.ones(len(self.weights))) / self.weights
        return self.mend(shares.reshape(1, -1), rng)[0]


def _level(plan: Scenario, name: str, month: int, ground: Scenario) -> float:
    """A lever's value in a month; of the grant, what it comes to with the other levers that multiply it."""
    value = value_at(plan.levers.get(name, []), month, LEVERS[name].default)
    for other in SAME_MONEY if name == "grant_won_per_year" else ():
        mine, theirs = (value_at(one.levers.get(other, []), month, LEVERS[other].default) for one in (plan, ground))
        value *= mine / theirs if theirs else 1.0
    return value


def _legible(value: float, lever: Lever) -> float:
    """Three digits, and whole numbers of what comes in whole; within the lever's limits."""
    if value == 0:
        return 0.0
    digits = 2 - math.floor(math.log10(abs(value)))
    value = round(value, digits)
    if lever.unit.startswith(WHOLE_UNITS):
        value = float(round(value))
    return min(max(value, lever.low), lever.high)


def with_costs(encoding: Encoding, evaluations: Evaluations, seed: int = 0) -> Encoding:
    """The encoding with each lever's high end, where none is given, and what it costs by itself there, by trying.

    Raises:
        InputError: a try fails, or the budget buys nothing of a lever.
    """
    paid = slice(-len(PUBLIC), None)
    free = evaluations([(encoding.baseline, seed)])[0, paid].sum()
    tries = {one.name: _Try(one, encoding.budget_won) for one in encoding.ranges}
    for _ in range(TRIES):
        open_ = [one for one in tries.values() if not one.is_done]
        plans = [alone(encoding, one.range_at()) for one in open_]
        if not open_:
            break
        for one, row in zip(open_, evaluations([(plan, seed) for plan in plans]), strict=True):
            one.learn(row[paid].sum() - free)
    failed = [name for name, one in tries.items() if math.isnan(one.won)]
    if failed:
        value = tries[failed[0]].value
        raise InputError("no_results", "a run with this lever at this value fails", f"levers.{failed[0]}", value)
    if any(one.is_stuck for one in tries.values()):
        spent = evaluations([(encoding.ground, seed)])[0, paid].sum() - free
        if spent > encoding.budget_won:
            fault = f"{encoding.plan.name} spends {money(spent)} beyond its baseline on levers that are not searched"
            hint = "give more, or search those levers too"
            raise InputError("unusable", fault, "budget", money(encoding.budget_won), suggestion=hint)
    ranges = [replace(one.given, high=value, won=won) for one in tries.values() for value, won in [one.found()]]
    for one in ranges:
        if one.low is None and one.high in encoding.usual[one.name]:
            fault = "the budget buys nothing of it; give LOW:HIGH, or a larger budget"
            raise InputError("unusable", fault, "levers", f"levers.{one.name}")
    return replace(encoding, ranges=tuple(ranges))


def alone(encoding: Encoding, one: Range) -> Scenario:
    """The scenario with one lever at its high end in all periods and no other lever of the search."""
    lone = replace(encoding, ranges=tuple(one if one.name == other.name else _off(other) for other in encoding.ranges))
    return lone.scenario(tuple(float(one.name == other.name) for other in lone.ranges for _ in lone.weights))


def _off(one: Range) -> Range:
    return replace(one, high=one.declared.high)


@dataclass
class _Try:
    """The search for the high end of a lever, one value after the other.

    Too dear: between the dearest value within the budget and the cheapest beyond it, in proportion. Within the budget
    even at the declared high: half of it, and again, as long as that costs the same, for then it buys nothing.
    """

    given: Range
    budget_won: float
    value: float = math.nan
    won: float = math.nan
    is_done: bool = False

    def __post_init__(self) -> None:
        self.value = self.given.declared.high if self.given.high is None else self.given.high
        self.below = (0.0, 0.0)  # value and won of the dearest try within the budget
        self.above = (math.inf, math.inf)  # of the cheapest beyond it
        self.enough = (math.inf, math.inf)  # the least value that costs as much as the declared high

    def range_at(self) -> Range:
        """The range that is tried now."""
        return replace(self.given, high=self.value)

    def learn(self, won: float) -> None:
        """Take note of what the value costs, and choose the next, unless this one will do."""
        tried, self.won = self.value, won
        self.is_done = math.isnan(won) or self.given.high is not None or abs(won / self.budget_won - 1) <= CLOSE
        if self.is_done:
            return
        if won < NOTHING * self.budget_won:
            self.is_done = True
            return
        if won < self.budget_won and math.isinf(self.above[0]):
            self._halve(tried, won)
            return
        if won < self.budget_won:
            self.below = (tried, won)
        else:
            self.above = (tried, won)
        (low, low_won), (high, high_won) = self.below, self.above
        part = (self.budget_won - low_won) / (high_won - low_won)
        self.value = _legible(low + min(max(part, 0.02), 0.98) * (high - low), self.given.declared)

    @property
    def is_stuck(self) -> bool:
        """Whether time ran out before anything was tried that is within the budget."""
        return not self.is_done and self.below[0] == 0 and math.isinf(self.enough[0])

    def found(self) -> tuple[float, float]:
        """The high end and what it costs: as tried last, or the best that was tried if there was no time for more."""
        if self.is_done:
            return self.value, self.won
        pairs = (self.enough, self.below, self.above)
        return next((pair for pair in pairs if 0 < pair[0] < math.inf), (0.0, 0.0))

    def _halve(self, tried: float, won: float) -> None:
        """Half of a value within the budget, unless it costs less than the whole did."""
        if won < (1 - SAME) * (0.0 if math.isinf(self.enough[1]) else self.enough[1]):
            self.value, self.won = self.enough
            self.is_done = True
            return
        self.enough = (tried, won)
        self.value = _legible(tried / 2, self.given.declared)
