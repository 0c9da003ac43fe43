"""Replicates of a design: outcomes by point and seed, what is taken over seeds, and how much of it is noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.experiments.indicators import has_target
from injae.experiments.outcomes import check_versus, less, outcome_values
from injae.experiments.summary import CONFIDENCE
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError
from injae.model.record import SERIES
from injae.model.scenario import Scenario

SEEDS_FOR_SPREAD = 4
SEEDS_FOR_TAILS = 20
TAILS = (0.1, 0.9)
MISSING_MAX = 0.01  # share of runs that may be filled in
NEIGHBOURS = 64

Over = Callable[[Any], Any]  # values, last axis seeds -> one number for each set of seeds


class Target(NamedTuple):
    """What is taken over the seeds of a point."""

    name: str
    over: Over
    seeds_min: int


TARGETS = (
    Target("mean", lambda values: values.mean(axis=-1), 1),
    Target("spread", lambda values: values.std(axis=-1, ddof=1), SEEDS_FOR_SPREAD),
    Target("tenth percentile", lambda values: np.quantile(values, TAILS[0], axis=-1), SEEDS_FOR_TAILS),
    Target("ninetieth percentile", lambda values: np.quantile(values, TAILS[1], axis=-1), SEEDS_FOR_TAILS),
)


@dataclass(frozen=True)
class Replicates:
    """One outcome of a sweep; ``values`` has shape (points, seeds), nan where a run is missing."""

    outcome: str
    unit: str
    values: Any

    @property
    def missing(self) -> int:
        """Number of runs without a value."""
        return int(np.isnan(self.values).sum())


def replicates_of(sweep: Sweep, outcomes: Sequence[str], policy: str = "", versus: str = "") -> list[Replicates]:
    """Outcomes of one policy of a sweep, or of what it adds to another on the same seed and point.

    Args:
        sweep: finished or not; runs that are not there are nan.
        outcomes: as in ``experiments.outcomes``.
        policy: the first of the sweep unless told.
        versus: policy that is taken off.

    Raises:
        InputError: a policy that the sweep does not have, or an outcome that cannot be.
    """
    labels = list(sweep.policies)
    wanted = policy or labels[0]
    if wanted not in labels:
        fault = f"has no policy {wanted!r}"
        raise InputError("unusable", fault, source=sweep.folder, suggestion=f"its policies are {', '.join(labels)}")
    if versus:
        check_versus(sweep, [wanted], versus)
    table: Any = outcome_values(sweep, outcomes)
    units: dict[str, str] = table.attrs["units"]
    if versus:
        table = less(table, versus, list(units))
    rows = table[table["policy"] == wanted].set_index(["point", "seed"])
    shape = {"index": sweep.points.index, "columns": sweep.seeds}
    grids = {name: rows[name].unstack("seed").reindex(**shape).to_numpy(float) for name in units}
    return [Replicates(name, units[name], values) for name, values in grids.items()]


def yearly(outcomes: Sequence[str], plan: Scenario) -> list[str]:
    """The same outcomes, with each series that has no date taken in the last month of every year of the runs.

    Raises:
        InputError: runs of less than a year.
    """
    months = range(12, plan.months + 1, 12)
    if not months:
        fault = "needs runs of a year or more"
        raise InputError("unusable", fault, "over_time", suggestion=f"these have {plan.months} months")
    return [
        text
        for outcome in outcomes
        for text in ([f"{outcome}@{plan.date_of(m)}" for m in months] if outcome in SERIES else [outcome])
    ]


def default_outcomes(candidates: Sequence[str], plan: Scenario) -> list[str]:
    """Those candidates that exist for a horizon: an outcome at the target date needs one that lies within."""
    return [name for name in candidates if has_target(plan) or "target_date" not in name]


def dummy_noise(values: Any, over: Over, rng: np.random.Generator) -> Any:
    """What ``over`` would give if an input changed nothing but the random numbers: a dummy.

    Seeds are the same at every point, so what a seed does everywhere cancels from differences between points. The rest
    of noise is drawn anew, from the rest of the replicates of the same point. One new draw varies half as much as the
    difference of two, hence the root of two.

    Args:
        values: shape (..., seeds), at least two seeds, nothing missing.
        over: what is taken over seeds.
        rng: for the new draw.

    Returns:
        Shape (...).
    """
    seeds = values.shape[-1]
    level = values.mean(axis=-1, keepdims=True)
    everywhere = values.reshape(-1, seeds).mean(axis=0) - values.mean()
    rest = (values - level - everywhere) * np.sqrt(seeds / (seeds - 1))  # deviations from a mean are too small
    again = level + everywhere + np.take_along_axis(rest, rng.integers(seeds, size=values.shape), axis=-1)
    return over(values) + np.sqrt(2) * (over(again) - over(values))


class NoiseShares(NamedTuple):
    """Shares of the variance of a single run: all of noise, with its interval, and the two parts of it."""

    share: float
    low: float
    high: float
    same_everywhere: float
    depends_on_inputs: float
    share_of_mean: float


def noise_shares(values: Any, rng: np.random.Generator, resamples: int = 999) -> NoiseShares:
    """How much of the variance of single runs, over inputs and seeds, the seed accounts for.

    Points and seeds are crossed: every point has the same seeds. So mean squares of points, seeds and rest have the
    expectations ``rest + seeds * inputs``, ``rest + points * noise`` and ``rest``, which give the three variances
    without bias (docs/sensitivity.md has the derivation). Negative estimates of a variance count as none.

    Args:
        values: shape (points, seeds), points drawn independently of each other, nothing missing.
        rng: for the interval: points are resampled, the mean square of seeds follows its chi-square law.
        resamples: number of them.
    """
    points, seeds = values.shape
    if seeds < 2 or points < 2:
        nan = float("nan")
        return NoiseShares(nan, nan, nan, nan, nan, nan)
    estimate = _noise_parts(values, 1.0)
    draws = []
    for _ in range(resamples):
        again = values[rng.integers(points, size=points)]
        draws.append(_noise_parts(again, (seeds - 1) / rng.chisquare(seeds - 1)))
    shares = [(noise + rest) / total for noise, rest, total in draws if total > 0]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(shares, [tail, 1 - tail]) if shares else (np.nan, np.nan)
    noise, rest, total = estimate
    if total <= 0:
        return NoiseShares(*[0.0] * 6)
    of_mean = (noise + rest) / seeds
    share_of_mean = of_mean / (total - noise - rest + of_mean)
    return NoiseShares((noise + rest) / total, float(low), float(high), noise / total, rest / total, share_of_mean)


def _noise_parts(values: Any, factor: float) -> tuple[float, float, float]:
    """Variances of noise that is the same everywhere, of noise that depends on inputs, and of all."""
    points, seeds = values.shape
    mean, by_point, by_seed = values.mean(), values.mean(axis=1), values.mean(axis=0)
    of_points = seeds * by_point.var(ddof=1)
    of_seeds = points * by_seed.var(ddof=1) * factor
    rest = ((values - by_point[:, None] - by_seed + mean) ** 2).sum() / ((points - 1) * (seeds - 1))
    noise = max((of_seeds - rest) / points, 0.0)
    inputs = max((of_points - rest) / seeds, 0.0)
    return noise, rest, noise + rest + inputs


def filled_in(values: Any, shares: Any, outcome: str = "") -> Any:
    """Values with each missing run replaced by what its neighbours among the points gave with the same seed.

    Linear radial basis functions through the nearest points; a stopgap for single runs, refused for more.

    Args:
        values: shape (points, seeds).
        shares: where the points lie in the ranges, shape (points, settings), 0 to 1.
        outcome: its name, for the message.

    Raises:
        InputError: more than one percent of runs is missing.
    """
    gaps = np.isnan(values)
    if gaps.mean() > MISSING_MAX:
        raise InputError(
            "range",
            f"{gaps.sum()} of {gaps.size} runs have no value"
            f" ({gaps.mean():.1%}, more than {MISSING_MAX:.0%}), and Sobol' points cannot be left out",
            "outcome",
            outcome,
            suggestion="do failed runs again with injae retry, finish the sweep, or ask for another outcome",
        )
    complete = values.copy()
    for seed in np.flatnonzero(gaps.any(axis=0)):
        known = ~gaps[:, seed]
        neighbours = min(NEIGHBOURS, int(known.sum()))
        near = scipy.interpolate.RBFInterpolator(
            shares[known], values[known, seed], neighbors=neighbours, kernel="linear"
        )
        complete[~known, seed] = near(shares[~known])
    return complete
