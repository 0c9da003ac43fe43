"""Statistics of pairs: two scenarios in the same futures. Arrays have shape ``(pairs,)``, in the order of futures."""

from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.experiments.precision import CONFIDENCE
from injae.experiments.summary import BAND, Interval, band, difference_band, independent, mean_interval
from injae.experiments.uncertainty import LEAST

RESAMPLES = 4_000  # of the bootstrap: the ends of an interval move by less than a hundredth of its width
CELLS_AT_ONCE = 2_000_000  # numbers in memory while resampling
RESAMPLING_SEED = 0  # the same data give the same interval


class Verdict(StrEnum):
    """What a cost per result says: the signs of the extra money and of the extra result."""

    EXTRA = "each extra"
    GIVEN_UP = "saved for each given up"
    CHEAPER_AND_MORE = "more for less money"
    DEARER_AND_FEWER = "fewer for more money"
    NO_RESULT = "no result"
    ONE_PAIR = "needs two seeds or more"
    TOO_FEW = "too few runs to say"
    TOO_EARLY = "too early to say"
    NO_COST = "no clear difference in money"


class Cost(NamedTuple):
    """Won per unit of a result, with the ends of its interval; nan unless the verdict gives a price."""

    won: float
    low: float
    high: float
    verdict: Verdict


def variance_ratio(a: Any, b: Any) -> float:
    """How many times fewer runs pairing needs for the same precision: (var a + var b) / var(b - a).

    inf where the difference is the same in every pair, nan where neither varies or there are fewer than two pairs.
    """
    if len(a) < 2:
        return np.nan
    apart, together = _variance(a) + _variance(b), _variance(b - a)
    if together == 0:
        return np.inf if apart > 0 else np.nan
    return apart / together


def _variance(values: Any) -> float:
    """Sample variance; exactly 0 for values that differ by rounding only."""
    rounding = 1e-12 * np.abs(values).max()
    return 0.0 if np.ptp(values) <= rounding else float(values.var(ddof=1))


def cost_per_result(extra_won: Any, extra: Any, draws: Any = None, least: int = LEAST) -> Cost:
    """Mean extra won over mean extra result, with its interval.

    With noise alone that is a bootstrap (BCa) interval over pairs, and there is no price unless both means are surely
    not
    zero: their 95 percent intervals exclude it. Where parameters differ it is the 5th to 95th percentile of the price
    over futures, and there is none unless that range of both excludes zero. Both have to be of one sign; the verdict
    says why there is no price.

    Args:
        extra_won: of each pair.
        extra: result of each pair.
        draws: draw of each pair; None with noise alone.
        least: independent pairs that a price takes.
    """
    if len(extra) < 2:
        return no_price(Verdict.ONE_PAIR)
    if independent(extra, draws) < least:
        return no_price(Verdict.TOO_FEW)
    if draws is None:
        won, result = mean_interval(extra_won), mean_interval(extra)
    else:
        won, result = (Interval(*band(values, draws, least)[:3]) for values in (extra_won, extra))
    if not _excludes_zero(result):
        return no_price(Verdict.NO_RESULT)
    if not _excludes_zero(won):
        return no_price(Verdict.NO_COST)
    if won.mean * result.mean < 0:
        return no_price(Verdict.CHEAPER_AND_MORE if won.mean < 0 else Verdict.DEARER_AND_FEWER)
    verdict = Verdict.EXTRA if won.mean > 0 else Verdict.GIVEN_UP
    price = won.mean / result.mean
    money, units = np.asarray(extra_won, float), np.asarray(extra, float)
    if np.allclose(money, price * units, rtol=1e-12):
        return Cost(price, price, price, verdict)  # every pair has the same price: nothing to resample
    if draws is not None:
        return Cost(price, *_prices_over_futures(money, units, price), verdict)

    with np.errstate(divide="ignore", invalid="ignore"):  # no price where nobody more comes in a resample
        interval = scipy.stats.bootstrap(
            (money, units),
            lambda won, result, axis: won.mean(axis=axis) / result.mean(axis=axis),
            paired=True,
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=max(1, CELLS_AT_ONCE // len(units)),
            confidence_level=CONFIDENCE,
            random_state=RESAMPLING_SEED,
        ).confidence_interval
    return Cost(price, float(interval.low), float(interval.high), verdict)


def price_over_futures(extra_won: Any, extra: Any, draws: Any = None) -> Cost:
    """Mean extra won over mean extra result, with the middle nine tenths of the prices of single futures.

    No price where ``cost_per_result`` sees none, or where more than a twentieth of the futures have nothing more.

    Args:
        extra_won: of each future.
        extra: result of each.
        draws: draw of each; None with noise alone.
    """
    found = cost_per_result(extra_won, extra, draws)
    if found.verdict is not Verdict.EXTRA:
        return found
    if np.mean(extra <= 0) > BAND[0] / 100:
        return no_price(Verdict.NO_RESULT)
    low, high = np.percentile(extra_won[extra > 0] / extra[extra > 0], BAND)
    return Cost(found.won, min(float(low), found.won), max(float(high), found.won), Verdict.EXTRA)


def dominates(extra_won: Any, extra: Any, draws: Any = None) -> bool:
    """Whether one scenario surely gives more of a result for no more money, or as much for less.

    Surely: the interval of the paired difference says so, with noise alone the 95 percent interval of its mean, else
        nine
    tenths of the futures.

    Args:
        extra_won: its won less those of the other scenario in each future.
        extra: its result less that of the other.
        draws: draw of each; None with noise alone.
    """
    money, result = difference_band(extra_won, draws), difference_band(extra, draws)
    return bool((result.low > 0 and money.high <= 0) or (result.low >= 0 and money.high < 0))


def _prices_over_futures(money: Any, units: Any, price: float) -> tuple[float, float]:
    """5th and 95th percentile of the price; where a result has the other sign than the mean, nothing is dear enough."""
    gained = np.sign(price) * money * units > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        prices = np.where(gained, money / units, np.inf)
    low, high = np.percentile(prices, BAND, method="inverted_cdf")
    return float(low), float(high)


def _excludes_zero(interval: Any) -> bool:
    """Whether a mean is surely not zero."""
    return interval.low > 0 or interval.high < 0


def no_price(verdict: Verdict) -> Cost:
    """A cost without a number, and why."""
    return Cost(np.nan, np.nan, np.nan, verdict)
