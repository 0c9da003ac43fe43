"""Weights of points by what is known: implausibility, importance sampling, and what weighted points say."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy

RULED_OUT = 3.0  # implausibility above which a point is ruled out (Pukelsheim's three sigmas)
CANDIDATES = 2**14  # points of the box that emulators are asked at
ACCIDENT = 5.0  # standard deviations by which a correlation must differ from that of the prior sample


class Judged(NamedTuple):
    """Points held against facts: implausibility of each, shape (points, facts), and the log likelihood, (points,)."""

    implausibility: Any
    log_likelihood: Any

    @property
    def possible(self) -> Any:
        """Which points no fact rules out; shape (points,)."""
        return (self.implausibility <= RULED_OUT).all(axis=1)


class Draws(NamedTuple):
    """Weighted points: shares of the prior, shape (points, inputs), weights that sum to one, and stages it took."""

    x: Any
    weights: Any
    stages: int

    @property
    def effective(self) -> float:
        """Effective sample size; 0 where nothing is possible."""
        return effective_size(self.weights)


def judge(means: Any, variances: Any, values: Any) -> Judged:
    """Hold points against facts that are independent and normal.

    Args:
        means: of the runs at points, shape (points, facts); nan: nothing known, which rules nothing out.
        variances: of observation, discrepancy, uncertainty about the mean and noise together, same shape.
        values: of the facts, shape (facts,) or the same shape.
    """
    gap2 = (means - values) ** 2 / variances
    unknown = np.isnan(gap2)
    logs = np.where(unknown, 0.0, -0.5 * (gap2 + np.log(variances)))
    return Judged(np.sqrt(np.where(unknown, 0.0, gap2)), logs.sum(axis=1))


def weights_of(judged: Judged) -> Any:
    """Weights of points drawn from the prior, those ruled out none; all zero if none is left."""
    possible = judged.possible
    if not possible.any():
        return np.zeros(len(possible))
    logs = np.where(possible, judged.log_likelihood, -np.inf)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def effective_size(weights: Any) -> float:
    """Kish's effective sample size."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0


def box_points(inputs: int, number: int, seed: int) -> Any:
    """Points that fill the box evenly, in an order whose beginning does so too; shape (number, inputs), 0 to 1."""
    return scipy.stats.qmc.Sobol(inputs, scramble=True, bits=30, rng=np.random.default_rng(seed)).random(number)


def at_most(weights: Any, most: float) -> Any:
    """Weights none of which is larger than ``most``, or as near to even as that needs; they sum to one.

    Truncated importance sampling (Ionides 2008): a few points that happen to lie best do not stand for all.
    """
    if most * len(weights) <= 1:
        return np.full(len(weights), 1 / len(weights))
    capped = weights / weights.sum()
    for _ in range(100):
        over = capped > most
        if not over.any():
            break
        rest = ~over & (capped < most)
        room = 1 - most * (len(weights) - rest.sum())
        if not capped[rest].any():
            capped = np.where(rest, room / max(rest.sum(), 1), most)
            break
        capped = np.where(rest, capped * room / capped[rest].sum(), most)
    return capped / capped.sum()


def systematic(weights: Any, number: int, rng: np.random.Generator) -> Any:
    """Indices of an equally weighted sample: each point as often as its weight says, rounded up or down."""
    places = (rng.random() + np.arange(number)) / number
    return np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)


def quantiles(values: Any, weights: Any, shares: Sequence[float]) -> Any:
    """Weighted quantiles of one column; nan where nothing has weight."""
    if not weights.any():
        return np.full(len(shares), np.nan)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - weights[order] / 2
    return np.interp(shares, reached, values[order])


def distance_from_even(x: Any, weights: Any) -> float:
    """Largest distance of the weighted distribution of a column from an even one (Kolmogorov-Smirnov), 0 to 1."""
    order = np.argsort(x, kind="stable")
    reached = np.cumsum(weights[order])
    return float(np.maximum(np.abs(reached - x[order]), np.abs(reached - weights[order] - x[order])).max())


def correlations(x: Any, weights: Any) -> Any:
    """Weighted correlation of each pair of columns; shape (inputs, inputs)."""
    covariance = np.atleast_2d(np.cov(x.T, aweights=weights, bias=True))
    spread = np.sqrt(np.diag(covariance))
    return covariance / np.outer(spread, spread)


def beyond_accident(correlation: Any, prior: Any, effective: float, points: int) -> Any:
    """Which correlations clearly differ from those of the prior sample: by more than accident (Fisher's z), any shape.

    Args:
        correlation: of the posterior.
        prior: of the sample that it was made of.
        effective: draws that the posterior is worth.
        points: of the sample.
    """
    apart = np.abs(np.arctanh(np.clip(correlation, -0.999, 0.999)) - np.arctanh(np.clip(prior, -0.999, 0.999)))
    return apart > ACCIDENT * np.sqrt(1 / max(effective - 3, 1.0) + 1 / max(points - 3, 1.0))
