"""What a scenario achieves: indicators over futures, and the difference a policy makes in the same futures."""

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.indicators import INDICATORS, has_target
from injae.experiments.precision import CONFIDENCE, student_t
from injae.experiments.results import Results, Run
from injae.experiments.uncertainty import LEAST, Strong, strongest
from injae.model.record import SERIES

BAND = (5.0, 95.0)  # percentiles over futures that the text calls low and high
FOCUS = ("programme_graduates_by_target_date", "specialists_at_end", "adoption_share_at_end")  # what is explained
NOISE_SD = NormalDist().inv_cdf(BAND[1] / 100)  # half-width of such a band of noise, in standard deviations


class Estimate(NamedTuple):
    """One indicator over futures; nan where no run gives a value.

    ``low`` and ``high`` are the 5th and 95th percentile of all runs, ``aleatory_low`` and ``aleatory_high`` hold the
    part of noise. ``seeds`` counts the runs that give the indicator and ``draws`` the different parameters among them,
    0 by noise alone.
    """

    mean: float
    low: float
    high: float
    unit: str
    seeds: int
    aleatory_low: float = math.nan
    aleatory_high: float = math.nan
    draws: int = 0


class Interval(NamedTuple):
    """A mean and the ends of its interval; nan where it is not known."""

    mean: float
    low: float
    high: float


class Band(NamedTuple):
    """Values over futures: mean, outer band (all uncertainty), inner band (noise); numbers, or arrays of one shape."""

    mean: Any
    low: Any
    high: Any
    aleatory_low: Any
    aleatory_high: Any


def summarise(results: Results, least: int = LEAST) -> dict[str, Estimate]:
    """Every indicator over the finished runs, each with its band.

    ``probability_of_target`` is the share of runs that reach the target, with its 95 percent Wilson interval. From
    fewer independent runs than ``least`` neither bands nor the probability are known.
    """
    draws = results.draws
    summary = {
        name: _estimate([one.of_run(run.history, results.plan) for run in results.runs], draws, one.unit, least)
        for name, one in INDICATORS.items()
    }
    if has_target(results.plan) and results.runs:
        graduates = results.values("programme_graduates_cumulative")[:, results.plan.target_month]
        probability = probability_of(graduates >= results.plan.target.experts, draws, least)
        number = len(graduates)
        summary["probability_of_target"] = Estimate(*probability, "probability", number, draws=draws_in(draws))
    return summary


def _estimate(values: list[float], draws: Any, unit: str, least: int) -> Estimate:
    known = ~np.isnan(values)
    if not known.any():
        return Estimate(math.nan, math.nan, math.nan, unit, 0)
    draws = None if draws is None else draws[known]
    mean, low, high, aleatory_low, aleatory_high = map(float, band(np.array(values)[known], draws, least))
    return Estimate(mean, low, high, unit, int(known.sum()), aleatory_low, aleatory_high, draws_in(draws))


def draws_in(draws: Any) -> int:
    """Different draws among those of some runs; 0 with noise alone (None)."""
    return 0 if draws is None else len(np.unique(draws))


def strongest_by(results: Results, names: Sequence[str] = FOCUS) -> dict[str, list[Strong]]:
    """Parameters that go together most with indicators, by indicator (``experiments.uncertainty.strongest``).

    Indicators that nothing moves surely are left out; all are with noise alone and from few draws.
    """
    futures = [run.future for run in results.runs if run.future is not None]
    if results.draws is None or len(futures) < len(results.runs):
        return {}
    found = {}
    for name in names:
        values = [INDICATORS[name].of_run(run.history, results.plan) for run in results.runs]
        found[name] = strongest(results.plan.country, futures, values, results.plan.parameters)
    return {name: some for name, some in found.items() if some}


def independent(values: Any, draws: Any) -> int:
    """Values that do not share their parameters: as many as draws, or with noise alone (None) as there are."""
    return len(values) if draws is None else draws_in(draws)


def band(values: Any, draws: Any = None, least: int = LEAST) -> Band:
    """Mean with the 5th and 95th percentile over futures, and the part of noise in that band.

    The inner band is the mean and 1.645 standard deviations of runs of the same draw to either side. It is as the outer
    band with noise alone, and not known where no two runs share a draw. From fewer independent values than ``least`` no
    band is known.

    Args:
        values: shape ``(runs, ...)``, such as months behind.
        draws: draw of each run, shape ``(runs,)``; None with noise alone.
        least: independent values that a band takes.

    Returns:
        Everything of the shape of one run; nan where it is not known.
    """
    values = np.asarray(values, float)
    unknown = np.full(values.shape[1:], np.nan)
    if not len(values):
        return Band(*[unknown] * 5)
    mean = values.mean(axis=0)
    if independent(values, draws) < least:
        return Band(mean, *[unknown] * 4)
    low, high = np.percentile(values, BAND, axis=0)
    if draws is None:
        return Band(mean, low, high, low, high)
    half = NOISE_SD * noise_sd(values, draws)
    return Band(mean, low, high, mean - half, mean + half)


def noise_sd(values: Any, draws: Any) -> Any:
    """Standard deviation of runs that share their draw, pooled; of the shape of one run, nan without such runs."""
    values = np.asarray(values, float)
    numbers, place, counts = np.unique(draws, return_inverse=True, return_counts=True)
    if len(numbers) == len(values):
        return np.full(values.shape[1:], np.nan)
    sums = np.zeros((len(numbers), *values.shape[1:]))
    np.add.at(sums, place, values)
    means = sums / counts.reshape(-1, *[1] * (values.ndim - 1))
    return np.sqrt(((values - means[place]) ** 2).sum(axis=0) / (len(values) - len(numbers)))


def difference_band(gaps: Any, draws: Any = None, least: int = LEAST) -> Band:
    """Paired differences over futures: as ``band``; with noise alone the mean with its 95 percent t interval."""
    if draws is not None:
        return band(gaps, draws, least)
    mean, low, high = mean_interval_of(gaps, None, least)
    return Band(mean, low, high, low, high)


def by_seed(runs: Iterable[Run], name: str, month: int) -> dict[int, float]:
    """A series in a month of each run, by its seed (or future)."""
    return {run.seed: float(run.history[name][month]) for run in runs}


def pairs(results: Results, other: Results, name: str, month: int) -> Any:
    """A series in a month less that of other runs, seed by seed (or future by future), shape ``(seeds in common,)``."""
    mine, theirs = by_seed(results.runs, name, month), by_seed(other.runs, name, month)
    return np.array([mine[n] - theirs[n] for n in sorted(set(mine) & set(theirs))])


def paired_difference(results: Results, baseline: Results, name: str, month: int, least: int = LEAST) -> Estimate:
    """Mean difference of a series in a month in the same futures, with its band (``difference_band``).

    Raises:
        ValueError: the two have no seed in common.
    """
    gaps = pairs(results, baseline, name, month)
    if not len(gaps):
        raise ValueError("no seed in common: nothing to compare")
    draws = draws_of_pairs(results, baseline)
    mean, low, high, aleatory_low, aleatory_high = map(float, difference_band(gaps, draws, least))
    return Estimate(mean, low, high, SERIES[name].unit, len(gaps), aleatory_low, aleatory_high, draws_in(draws))


def draws_of_pairs(results: Results, other: Results) -> Any:
    """Draw of each pair of runs, in the order of ``pairs``; None with noise alone."""
    if results.draws is None:
        return None
    draw_of = dict(zip(results.seeds, results.draws.tolist(), strict=True))
    return np.array([draw_of[n] for n in sorted(set(results.seeds) & set(other.seeds))], int)


def probability_of(reached: Any, draws: Any = None, least: int = LEAST) -> Interval:
    """Share of runs that reach something, shape ``(runs,)``, with its 95 percent Wilson interval.

    Runs of one draw often reach it together, so that the interval is that of as many runs as there are draws. All nan
    from fewer independent runs than ``least``.
    """
    count = independent(reached, draws)
    if count < max(least, 1):
        return Interval(math.nan, math.nan, math.nan)
    return wilson_interval(float(np.mean(reached)) * count, count)


def wilson_interval(reached: float, runs: int) -> Interval:
    """Share of independent runs that reach something, with its 95 percent Wilson interval."""
    share, z2 = reached / runs, NormalDist().inv_cdf(0.5 + CONFIDENCE / 2) ** 2 / runs
    middle = (share + z2 / 2) / (1 + z2)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    return Interval(share, max(middle - half, 0.0), min(middle + half, 1.0))


def mean_interval(values: Any) -> Interval:
    """Mean with its 95 percent t interval; shape ``(seeds,)``, ends nan for one value, all nan for none."""
    values = np.asarray(values, float)
    if not len(values):
        return Interval(math.nan, math.nan, math.nan)
    mean, half = float(values.mean()), math.nan
    if len(values) > 1:
        half = student_t(len(values)) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def mean_interval_of(values: Any, draws: Any = None, least: int = LEAST) -> Interval:
    """Mean over futures with its 95 percent t interval: how surely the mean is known, not how far futures differ.

    Runs of one draw count as one value. The ends are nan from fewer independent values than ``least``.
    """
    mean, count = float(np.mean(values)) if len(values) else math.nan, independent(values, draws)
    if count < least:
        return Interval(mean, math.nan, math.nan)
    if draws is None:
        return mean_interval(values)
    _, place, runs = np.unique(draws, return_inverse=True, return_counts=True)
    found = mean_interval(np.bincount(place, np.asarray(values, float)) / runs)
    return Interval(mean, mean + found.low - found.mean, mean + found.high - found.mean)
