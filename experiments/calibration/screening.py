"""Which inputs move a fact: the others need no emulator, and what they do counts as its noise.

Forward selection with a dummy: one input after the other is taken that explains most of what is left unexplained, as
long as it explains more than the best of all inputs would explain of the same values shuffled, where nothing is there
to be explained.
"""

from typing import Any, NamedTuple

import numpy as np

ACTIVE_MAX = 12  # inputs of an emulator
SHUFFLES = 99  # of what is left unexplained
SHUFFLED_BELOW = 0.95  # share of the shuffles that an input must beat, over all inputs together


class Screened(NamedTuple):
    """Inputs that move a fact, most first: their columns, and the share of the variance that each adds."""

    active: list[int]
    shares: list[float]


def screen(x: Any, y: Any, limit: int = ACTIVE_MAX) -> Screened:
    """Select the inputs that move a fact, straight or bent (a square), given those selected before.

    Args:
        x: points, shape (points, inputs), 0 to 1.
        y: values of the fact, shape (points,).
        limit: inputs at most.
    """
    points, inputs = x.shape
    rng = np.random.default_rng(0)
    terms = _without(np.concatenate([x, (x - x.mean(axis=0)) ** 2], axis=1), np.full((points, 1), points**-0.5))
    left = y - y.mean()
    whole = left @ left
    active: dict[int, float] = {}
    taken = np.full((points, 1), points**-0.5)
    while whole > 0 and len(active) < limit and taken.shape[1] < min(2 * limit, points // 4):
        free = _unit(terms)
        explains = np.abs(free.T @ _unit(left[:, None]))[:, 0]
        best = int(explains.argmax())
        if explains[best] <= _dummy(free, left, taken, rng):
            break
        direction = free[:, [best]]
        gain = float((direction[:, 0] @ left) ** 2 / whole)
        active[best % inputs] = active.get(best % inputs, 0.0) + gain
        taken = np.concatenate([taken, direction], axis=1)
        left = left - direction[:, 0] * (direction[:, 0] @ left)
        terms = _without(terms, direction)
    order = sorted(active, key=lambda n: -active[n])
    return Screened(order, [active[n] for n in order])


def _dummy(free: Any, left: Any, taken: Any, rng: np.random.Generator) -> float:
    """Largest correlation of any input with what is left when that is shuffled, exceeded in one shuffle of twenty."""
    shuffled = np.stack([rng.permutation(left) for _ in range(SHUFFLES)], axis=1)
    shuffled = _unit(_without(shuffled, taken))
    return float(np.quantile(np.abs(free.T @ shuffled).max(axis=0), SHUFFLED_BELOW))


def _without(columns: Any, directions: Any) -> Any:
    """Columns less what directions (orthonormal) explain of them."""
    return columns - directions @ (directions.T @ columns)


def _unit(columns: Any) -> Any:
    """Columns of length one; those of which nothing is left stay nothing."""
    length = np.sqrt((columns**2).sum(axis=0))
    return np.where(length > 1e-9, columns / np.maximum(length, 1e-9), 0.0)
