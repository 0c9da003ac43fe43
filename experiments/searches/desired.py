"""Backcasting: the future that is wanted, the policy portfolios that reach it, and how far a search for them is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from experiments.layers import USUAL, Layers
from experiments.searches.surrogate import OUTCOMES
from experiments.summary import Interval
from model.errors import InputError
from model.record import SERIES
from model.scenario import Scenario

LEAST_MONTH = 12


class Unusable(InputError):
    """A wanted future that cannot be searched for; ``reason``: ``series``, ``date``, ``value`` or ``above_all``."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__("unusable", text)


class Desired(NamedTuple):
    """The future that is wanted: a series of at least ``value`` (in its unit) in a month.

    Attributes:
        plan: the scenario that the search starts from.
        series: one of ``surrogate.OUTCOMES``.
        month: month index, from ``LEAST_MONTH`` to the last of the scenario.
        value: a share of at most 1, or a count.
        layers: what differs between the futures that are run.
    """

    plan: Scenario
    series: str
    month: int
    value: float
    layers: Layers = USUAL

    def check(self) -> None:
        """Refuse what cannot be searched for.

        Raises:
            Unusable: says why.
        """
        if self.series not in OUTCOMES:
            raise Unusable("series", f"series = {self.series!r}: needs one of {', '.join(OUTCOMES)}")
        if not LEAST_MONTH <= self.month <= self.plan.months:
            raise Unusable("date", f"month = {self.month}: needs {LEAST_MONTH} to {self.plan.months}")
        if not math.isfinite(self.value) or self.value <= 0:
            raise Unusable("value", f"value = {self.value:g}: needs a number above 0")
        if SERIES[self.series].unit == "share" and self.value > 1:
            raise Unusable("above_all", f"value = {self.value:g}: needs a share of at most 1")

    @property
    def last(self) -> str | None:
        """ISO month in which the levers of a portfolio end; None where that is the end of the scenario."""
        return self.plan.date_of(self.month) if self.month < self.plan.months else None

    def with_levers(self, settings: Mapping[str, float]) -> Scenario:
        """The scenario with levers set from its first month to that of the wanted future."""
        span = f"@{self.plan.date_of(1)}..{self.last}" if self.last else ""
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
        runs: in fresh futures if ``checked``, else those of the search.
        chance: share of runs that reach the value, with its 95 percent interval.
        extra_won: public money beyond the starting scenario's by the month, 95 percent interval of the mean.
        stress: the worst shock first; empty until shocks were tried.
        checked: scored in fresh futures.
    """

    settings: dict[str, float]
    outcome: Interval
    reached: int
    runs: int
    chance: Interval
    extra_won: Interval
    stress: tuple[Stress, ...] = ()
    checked: bool = False


class Progress(NamedTuple):
    """How far a search is.

    Attributes:
        verdict: preparing or searching while it goes on; then done, already, none, unlikely or stopped.
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
