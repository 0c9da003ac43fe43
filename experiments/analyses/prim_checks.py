"""Is a box more than chance? Shuffled cases, and the same search on halves of the points."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.analyses.prim import Settings, Step, find_box, measure, strength

SHUFFLES = 199  # the smallest p is then 1 in 200
HALVES = 100
Watch = Callable[[int, int], None]


def shuffled_p(
    points: Any, cases: Any, settings: Settings, step: Step, rng: Any, watch: Watch | None = None, times: int = SHUFFLES
) -> float:
    """Share of searches that find as strong a box when cases are dealt to points at random.

    The whole search is repeated, so it is accounted for that the best of many boxes was taken; limits' own p-values
    are not.
    """
    total = int(np.sum(cases))
    observed = strength(step, len(cases), total)
    as_strong = 0
    for n in range(times):
        found = find_box(points, rng.permutation(cases), settings)
        as_strong += strength(found.step, len(cases), total) >= observed
        if watch:
            watch(n + 1, times)
    return (1 + as_strong) / (1 + times)


class Halves(NamedTuple):
    """What boxes found on half of the points are worth: shape ``(halves, ...)``."""

    limited: Any  # whether each input is limited, shape (halves, inputs)
    coverage: Any  # of the other half's cases; nan where the half has no box (one with a limit)
    density: Any  # in the other half; nan where the half has no box, or it is empty there


def halves(points: Any, cases: Any, settings: Settings, rng: Any, times: int = HALVES) -> Halves:
    """The same search on random halves with equal shares of cases, each box measured on the other half."""
    limited, coverage, density = [], [], []
    groups = [np.flatnonzero(cases), np.flatnonzero(~np.asarray(cases))]
    for _ in range(times):
        half = np.zeros(len(cases), bool)
        for group in groups:
            half[rng.permutation(group)[: len(group) // 2]] = True
        box = find_box(points[half], cases[half], settings).step.box
        other = measure(box, points[~half], cases[~half])
        limited.append([n in box.inputs() for n in range(points.shape[1])])
        found = bool(box.limits())  # all futures are no region: they would pass for one that holds every case
        coverage.append(other.coverage if found else np.nan)
        density.append(other.density if found and other.points else np.nan)
    return Halves(np.array(limited), np.array(coverage), np.array(density))
