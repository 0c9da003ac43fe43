"""What somebody wants, and what a search for it finds and tells as it goes."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from viz.view.pull.sample import OUTCOMES

from experiments.summary import Interval
from model.record import SERIES
from viz.view.state import ViewState
from viz.view.words import date, word

LEAST_MONTH = 12


class Wish(NamedTuple):
    """What somebody wants: a series of at least ``value`` (model's unit) in a month, starting from a state."""

    state: ViewState
    series: str
    month: int
    value: float


class Break(NamedTuple):
    """What could go wrong: a shock, and the mean outcome under it."""

    name: str
    outcome: float


@dataclass(frozen=True)
class Suggestion:
    """A lever set that reaches the wish.

    Attributes:
        state: opens in the view.
        settings: levers moved, by path.
        outcome: mean of the series in the month, 5th and 95th percentile of runs.
        reached: runs that reach the value; of ``runs``.
        runs: in fresh futures if ``checked``, else those of the search.
        chance: share of runs that reach the value, with its 95 percent interval.
        extra_won: public money beyond the state's by the month, 95 percent interval of the mean.
        breaks: the worst shock first; empty until they were tried.
        checked: scored in fresh futures.
    """

    state: ViewState
    settings: dict[str, float]
    outcome: Interval
    reached: int
    runs: int
    chance: Interval
    extra_won: Interval
    breaks: tuple[Break, ...] = ()
    checked: bool = False


class News(NamedTuple):
    """How far the search is; ``said`` puts it into words.

    Attributes:
        verdict: preparing or searching while it goes on; then done, already, none, unlikely, refused or stopped.
        suggestions: those found so far.
        done: sets of the background sample, or runs of the search.
        wanted: sets that are needed, while preparing.
        most: furthest mean outcome of real runs so far.
        share: of the way, 0 to 1, for a meter; rough.
        reason: why it was refused.
    """

    verdict: str
    suggestions: tuple[Suggestion, ...] = ()
    done: int = 0
    wanted: int = 0
    most: float = -math.inf
    share: float = 0.0
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.verdict not in ("preparing", "searching")


def refusal(wish: Wish) -> str | None:
    """A kind sentence on why a wish cannot be looked for; None where it can."""
    lang, plan = wish.state.lang, wish.state.scenario()
    if wish.series not in OUTCOMES:
        known = ", ".join(word(f"series.{name}", lang) for name in OUTCOMES)
        return word("pull.bad_series", lang, known=known)
    if not LEAST_MONTH <= wish.month <= plan.months:
        first, last = (date(plan.date_of(month), lang) for month in (LEAST_MONTH, plan.months))
        return word("pull.bad_date", lang, first=first, last=last)
    if not math.isfinite(wish.value) or wish.value <= 0:
        return word("pull.bad_value", lang)
    if SERIES[wish.series].unit == "share" and wish.value > 1:
        return word("pull.above_all", lang)
    return None
