"""Draws from a posterior with an even prior over many inputs: sequential Monte Carlo (Del Moral and others 2006).

Draws begin as the prior and are led to the posterior in stages: what the facts say counts with a power that rises to
one, draws are taken anew by their weights, and each is moved by steps that keep the posterior of the stage as it is.
Moves are made on a normal scale, where the prior is a standard normal; a step keeps a part of where a draw is and adds
noise drawn like the draws as a whole (preconditioned Crank and Nicolson; Cotter and others 2013), so that it
works in hundreds of inputs of which the facts say nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from injae.experiments.calibration.posterior import Draws, effective_size, systematic

LEFT = 0.5  # share of the draws that a stage leaves effective
STAGES_MAX = 60
MOVES = (4, 24)  # tried in a stage, at least and at most
FORGOTTEN = 0.1  # how much of where it was a draw may keep, when a stage ends
ACCEPTED = 0.3  # share of moves aimed at
EDGE = 1e-9

LogLikelihood = Callable[[Any], Any]


def sample(
    first: Any,
    log_likelihood: LogLikelihood,
    moving: Sequence[int],
    seed: int,
    *,
    power: float = 1.0,
    watch: Callable[[float], None] | None = None,
) -> Draws:
    """Lead draws of an even prior to the posterior.

    Args:
        first: draws of the prior, shape (draws, inputs), 0 to 1.
        log_likelihood: of points, shape (points,); minus infinity outside the prior.
        moving: inputs that facts say most of; draws are followed as a whole there.
        seed: of the moves.
        power: of the likelihood; below one the posterior is flattened.
        watch: called with the power reached.
    """
    rng = np.random.default_rng([seed, 1])
    x, reached, keep, stages = first, 0.0, 0.9, 0
    logs = log_likelihood(x)
    while reached < power and stages < STAGES_MAX:
        step = _step(logs, power - reached)
        weights = _weights(logs * step)
        reached, stages = reached + step, stages + 1
        normal = ndtri(np.clip(x, EDGE, 1 - EDGE))
        frame = _Frame(normal, weights, moving)
        chosen = systematic(weights, len(x), rng)
        x, logs, keep = _moved(normal[chosen], logs[chosen], log_likelihood, frame, reached, keep, rng)
        if watch:
            watch(reached / power)
    return Draws(x, np.full(len(x), 1 / len(x)), stages)


def _weights(logs: Any) -> Any:
    known = np.where(np.isfinite(logs), logs, -np.inf)
    raised = np.exp(known - known.max())
    return raised / raised.sum()


def _step(logs: Any, most: float) -> float:
    """Largest rise of the power that leaves enough of the draws effective."""
    wanted = LEFT * len(logs)
    if effective_size(_weights(logs * most)) >= wanted or effective_size(_weights(logs * 1e-9)) < wanted:
        return most if effective_size(_weights(logs * most)) >= wanted else min(most, 1e-3)
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective_size(_weights(logs * middle)) >= wanted else (low, middle)
    return low


class _Frame:
    """Draws as a whole on the normal scale: a normal with their mean and covariance where they move, else the prior."""

    def __init__(self, normal: Any, weights: Any, moving: Sequence[int]) -> None:
        self.moving = np.array(moving, int)
        here = normal[:, self.moving]
        self.mean = weights @ here
        if len(self.moving):
            spread = np.atleast_2d(np.cov(here.T, aweights=weights, bias=True))
            spread = 0.95 * spread + 0.05 * np.eye(len(self.moving)) * np.diag(spread).mean()
            self.root = np.linalg.cholesky(spread + 1e-12 * np.eye(len(self.moving)))

    def step(self, normal: Any, keep: float, rng: np.random.Generator) -> tuple[Any, Any]:
        """Proposals, and the log ratio that makes up for their being drawn from this normal and not from the prior."""
        fresh = rng.standard_normal(normal.shape)
        new = keep * normal + np.sqrt(1 - keep**2) * fresh
        if not len(self.moving):
            return new, np.zeros(len(normal))
        at = np.linalg.solve(self.root, (normal[:, self.moving] - self.mean).T).T
        to = keep * at + np.sqrt(1 - keep**2) * fresh[:, self.moving]
        new[:, self.moving] = self.mean + to @ self.root.T
        prior = ((normal[:, self.moving] ** 2) - new[:, self.moving] ** 2).sum(axis=1) / 2
        return new, prior - ((at**2) - to**2).sum(axis=1) / 2


def _moved(
    normal: Any, logs: Any, log_likelihood: LogLikelihood, frame: _Frame, power: float, keep: float,
    rng: np.random.Generator,
) -> tuple[Any, Any, float]:  # fmt: skip
    """Draws after moves, with their log likelihood, and how much of a draw the last moves kept."""
    left = 1.0
    for n in range(MOVES[1]):
        new, ratio = frame.step(normal, keep, rng)
        found = log_likelihood(ndtr(new))
        taken = np.log(rng.random(len(new))) < power * (found - logs) + ratio
        normal, logs = np.where(taken[:, None], new, normal), np.where(taken, found, logs)
        share = float(taken.mean())
        left *= 1 - share * (1 - keep)
        if n + 1 >= MOVES[0] and left < FORGOTTEN:
            break
        keep = float(np.clip(1 - (1 - keep) * np.exp(share - ACCEPTED), 0.0, 0.9999))
    return ndtr(normal), logs, keep
