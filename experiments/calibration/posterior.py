"""Weights of points by what is known: implausibility, importance sampling, and what weighted points say."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import qmc

RULED_OUT = 3.0  # implausibility above which a point is ruled out (Pukelsheim's three sigmas)
CANDIDATES = 2**14  # points of the box that emulators are asked at
WANTED = 2000  # effective draws, after which no further round is made
ROUNDS = 6
CENTRES = 400  # of a mixture of normals that later rounds draw from
FROM_BOX = 0.2  # share of later rounds that still comes from the whole box


class Judged(NamedTuple):
    """Points held against facts: implausibility of each, shape (points, facts), and the log likelihood, (points,)."""

    implausibility: Any
    log_likelihood: Any

    @property
    def possible(self) -> Any:
        """Which points no fact rules out; shape (points,)."""
        return (self.implausibility <= RULED_OUT).all(axis=1)


class Draws(NamedTuple):
    """Weighted points: shares of the ranges, shape (points, inputs), weights that sum to one, and rounds it took."""

    x: Any
    weights: Any
    rounds: int

    @property
    def effective(self) -> float:
        """Effective sample size; 0 where nothing is possible."""
        return effective_size(self.weights)


def judge(means: Any, variances: Any, values: Any) -> Judged:
    """Hold points against facts that are independent and normal.

    Args:
        means: of the runs at points, shape (points, facts); nan: nothing known, which rules nothing out.
        variances: of observation, discrepancy, doubt about the mean and luck together, same shape.
        values: of the facts, shape (facts,) or the same shape.
    """
    gap2 = (means - values) ** 2 / variances
    unknown = np.isnan(gap2)
    logs = np.where(unknown, 0.0, -0.5 * (gap2 + np.log(variances)))
    return Judged(np.sqrt(np.where(unknown, 0.0, gap2)), logs.sum(axis=1))


def weights_of(judged: Judged, log_prior_ratio: Any = 0.0) -> Any:
    """Weights of points, those ruled out none; all zero if none is left. The ratio is of prior over proposal."""
    possible = judged.possible
    if not possible.any():
        return np.zeros(len(possible))
    logs = np.where(possible, judged.log_likelihood + log_prior_ratio, -np.inf)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def effective_size(weights: Any) -> float:
    """Kish's effective sample size."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0


def box_points(inputs: int, number: int, seed: int) -> Any:
    """Points that fill the box evenly, in an order whose beginning does so too; shape (number, inputs), 0 to 1."""
    return qmc.Sobol(inputs, scramble=True, bits=30, rng=np.random.default_rng(seed)).random(number)


def sample(
    first: Any, judged: Judged, judge_at: Callable[[Any], Judged], inside: Callable[[Any], Any], seed: int
) -> Draws:
    """Draws from the posterior with an even prior: weighted points of the box, and closer in where too few count.

    Later rounds draw from a mixture of normals around what the round before found, widened, and a fifth from the box.

    Args:
        first: points drawn evenly from the prior, shape (points, inputs).
        judged: those points.
        judge_at: judges others.
        inside: which points belong to the prior.
        seed: of the draws.
    """
    rng = np.random.default_rng([seed, 1])
    draws, logs = Draws(first, weights_of(judged), 1), judged.log_likelihood
    while draws.effective < WANTED and draws.rounds < ROUNDS:
        x, log_ratio = _closer(draws.x, logs, inside, rng)
        judged = judge_at(x)
        draws = Draws(x, weights_of(judged, log_ratio), draws.rounds + 1)
        logs = judged.log_likelihood + log_ratio
    return draws


def _closer(x: Any, logs: Any, inside: Callable[[Any], Any], rng: np.random.Generator) -> tuple[Any, Any]:
    """Points around those of large log weight, and the log ratio of the prior (even) over what they were drawn from.

    Weights are flattened until enough points carry them, so that one that happens to lie best draws not all to it.
    """
    number, inputs = x.shape
    weights = _flattened(logs)
    centres = x[systematic(weights, CENTRES, rng)]
    spread = np.cov(x.T, aweights=weights, bias=True).reshape(inputs, inputs) + 1e-12 * np.eye(inputs)
    spread = spread * 2 * (4 / (inputs + 2) / CENTRES) ** (2 / (inputs + 4))
    near = centres[rng.integers(CENTRES, size=number)] + rng.multivariate_normal(np.zeros(inputs), spread, size=number)
    even = rng.random((number, inputs))
    new = np.where(rng.random((number, 1)) < FROM_BOX, even, near)
    new = new[((new >= 0) & (new <= 1)).all(axis=1)]
    new = new[inside(new)]
    root = np.linalg.inv(np.linalg.cholesky(spread))
    at, of = new @ root.T, centres @ root.T
    squares = (at**2).sum(axis=1)[:, None] + (of**2).sum(axis=1) - 2 * at @ of.T
    density = np.exp(-squares / 2).mean(axis=1) * abs(np.linalg.det(root)) / (2 * np.pi) ** (inputs / 2)
    return new, -np.log(FROM_BOX + (1 - FROM_BOX) * density)


def _flattened(logs: Any) -> Any:
    """Weights to the largest power up to one with which they are worth ``CENTRES`` draws."""

    def weights(power: float) -> Any:
        raised = np.exp(power * (logs - logs.max()))
        return raised / raised.sum()

    if effective_size(weights(1.0)) >= CENTRES:
        return weights(1.0)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective_size(weights(middle)) >= CENTRES else (low, middle)
    return weights(low)


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
