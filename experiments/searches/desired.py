"""Backcasting: the future that is wanted, the policy portfolios that reach it, and how far a search for them is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from injae.experiments.layers import USUAL, Layers
from injae.experiments.searches.surrogate import AT_MOST, OUTCOMES
from injae.experiments.summary import Interval
from injae.model.errors import InputError
from injae.model.record import SERIES
from injae.model.scenario import Scenario

LEAST_MONTHS = 6  # that levers hold before the date


Stage = Literal["guess", "found", "checked"]


class Unusable(InputError):
    """A wanted future that cannot be searched for.

    Its ``reason``: ``series``, ``date``, ``value``, ``above_all`` or ``budget``.
    """

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__("unusable", text)


class Desired(NamedTuple):
    """The future that is wanted: a series of at least ``value`` (in its unit) in a month, or of ``AT_MOST`` at most.

    Attributes:
        plan: the scenario that the search starts from.
        series: one of ``surrogate.OUTCOMES``.
        month: month index, at least ``LEAST_MONTHS`` from ``since`` on, and at most the last of the scenario.
        value: a share of at most 1, or a count.
        layers: what differs between the futures that are run.
        since: first month in which levers may be moved; nothing before it differs from the scenario.
        budget: won of public money that may be spent beyond the scenario's by the month; None: as much as it takes.
    """

    plan: Scenario
    series: str
    month: int
    value: float
    layers: Layers = USUAL
    since: int = 1
    budget: float | None = None

    @property
    def sign(self) -> int:
        """1 where more of the series is wanted, -1 where less is."""
        return -1 if self.series in AT_MOST else 1

    def check(self) -> None:
        """Refuse what cannot be searched for.

        Raises:
            Unusable: says why.
        """
        if self.series not in OUTCOMES:
            raise Unusable("series", f"series = {self.series!r}: needs one of {', '.join(OUTCOMES)}")
        first = self.since + LEAST_MONTHS - 1
        if self.since < 1 or not first <= self.month <= self.plan.months:
            fault = f"since = {self.since}, month = {self.month}: needs {first} to {self.plan.months}, since at least 1"
            raise Unusable("date", fault)
        if not math.isfinite(self.value) or self.value <= 0:
            raise Unusable("value", f"value = {self.value:g}: needs a number above 0")
        if SERIES[self.series].unit == "share" and self.value > 1:
            raise Unusable("above_all", f"value = {self.value:g}: needs a share of at most 1")
        if self.budget is not None and not (math.isfinite(self.budget) and self.budget > 0):
            raise Unusable("budget", f"budget = {self.budget:g}: needs an amount above 0, or none")

    @property
    def last(self) -> str | None:
        """ISO month in which the levers of a portfolio end; None where that is the end of the scenario."""
        return self.plan.date_of(self.month) if self.month < self.plan.months else None

    def with_levers(self, settings: Mapping[str, float]) -> Scenario:
        """The scenario with levers set from ``since`` to the month of the wanted future."""
        span = f"@{self.plan.date_of(self.since)}" + (f"..{self.last}" if self.last else "")
        return self.plan.with_settings({f"{path}{span}": value for path, value in settings.items()})


class Stress(NamedTuple):
    """Mean outcome of a portfolio under a shock (its path)."""

    shock: str
    outcome: float


@dataclass(frozen=True)
class Portfolio:
    """A policy portfolio: levers that together reach the wanted future.

    Attributes:
        settings: value of each lever that it moves, by path; see ``Desired.with_levers``.
        outcome: mean of the series in the month, 5th and 95th percentile of runs.
        reached: runs that reach the value; of ``runs``.
        runs: in fresh futures if ``stage`` is ``checked``, those of the search if ``found``; none of a ``guess``.
        probability: share of runs that reach the value, with its 95 percent interval (nan of a guess).
        extra_won: public money beyond the starting scenario's by the month, 95 percent interval of the mean.
        stress: the worst shock first; empty until shocks were tried.
        stage: ``guess``: by the surrogate, no run of it was made; ``found``: scored in futures of the search;
            ``checked``: scored in fresh ones.
    """

    settings: dict[str, float]
    outcome: Interval
    reached: int
    runs: int
    probability: Interval
    extra_won: Interval
    stress: tuple[Stress, ...] = ()
    stage: Stage = "found"


class Progress(NamedTuple):
    """How far a search is.

    Attributes:
        verdict: preparing or searching while it goes on; then done, already, none, unlikely or stopped, or short where
            nothing within the budget reaches the value surely enough and the portfolios are those that come nearest.
        portfolios: those found so far.
        done: points of the surrogate's design, or runs of the search.
        wanted: points that are needed, while preparing.
        most: furthest mean outcome of real runs so far.
        share: of the way, 0 to 1, for a meter; rough.
    """

    verdict: str
    portfolios: tuple[Portfolio, ...] = ()
    done: int = 0
    wanted: int = 0
    most: float = -math.inf
    share: float = 0.0

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.verdict not in ("preparing", "searching")
