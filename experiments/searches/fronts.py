"""What a noisy search found, judged on seeds it has not seen: who stays on the front, how surely, and which to show.

Goals are to be small, limits are kept where at most 0, as in ``evolution``. Rows of looks have shape
``(points, seeds, goals and limits)``; nan where a run failed.
"""

import warnings
from collections.abc import Callable, Hashable, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from pymoo.indicators.hv import HV

from injae.experiments.searches.evolution import NEAR, Generation, Memory, Point, front_of, survivors, violation

RESAMPLES = 500
BEYOND = 1.1  # the corner that volumes are measured from: a tenth beyond the worst of the front in every goal


class Verdict(StrEnum):
    """What became of a point on fresh seeds."""

    FRONT = "on the front"
    DOMINATED = "dominated"
    NEAR = "just outside the limits"
    OUTSIDE = "outside the limits"
    FAILED = "failed"


def merged(memories: Sequence[Memory]) -> Memory:
    """All that several optimisers saw."""
    everything = Memory(memories[0].goals)
    for memory in memories:
        for point, rows in memory.rows.items():
            everything.rows.setdefault(point, {}).update(rows)
    return everything


def contenders(
    memory: Memory,
    histories: Sequence[Sequence[Generation]],
    most: int,
    stands_for: Callable[[Point], Hashable] = tuple,
    seed: int = 0,
) -> list[Point]:
    """Points worth judging: the best of all generations by rank and crowding, and what is just outside the limits.

    They are more than the front of the search: a point that was only favoured by noise hides those that are better in
    truth. Survivors of one generation only have not been looked at again, and count if they are of the last one. Of
    points that stand for the same (a lever in whole numbers rounds them) the one with the most seeds counts.
    """
    times: dict[Point, int] = {}
    for history in histories:
        for generation in history:
            for point in generation.points:
                times[point] = times.get(point, 0) + 1
    last = {point for history in histories for point in history[-1].points}
    points = [point for point in times if (times[point] > 1 or point in last) and memory.works(point)]
    one_of_each: dict[Hashable, Point] = {}
    for point in sorted(points, key=lambda point: len(memory.rows[point])):
        one_of_each[stands_for(point)] = point
    points = [point for point in points if one_of_each[stands_for(point)] == point]
    goals, limits = memory.means(points)
    close = np.flatnonzero(violation(limits) <= NEAR)
    kept = survivors(goals[close], limits[close], min(most, len(close)), np.random.default_rng(seed))
    return [points[close[n]] for n in sorted(kept)]


def verdicts(rows: Any, goals: int) -> list[Verdict]:
    """What each point comes to by its means over the seeds."""
    means = rows.mean(axis=1)
    missed = violation(means[:, goals:])
    found = [Verdict.DOMINATED] * len(rows)
    for n, miss in enumerate(missed):
        if np.isnan(means[n]).any():
            found[n] = Verdict.FAILED
        elif miss > 0:
            found[n] = Verdict.NEAR if miss <= NEAR else Verdict.OUTSIDE
    inside = np.array([n for n, verdict in enumerate(found) if verdict is Verdict.DOMINATED], int)
    for n in inside[front_of(means[inside, :goals])]:
        found[n] = Verdict.FRONT
    return found


def staying(rows: Any, goals: int, seed: int = 0) -> Any:
    """How surely each point is on the front: the part of ``RESAMPLES`` draws of seeds in which it is.

    A draw is the same for all points.

    Rows must not hold nan.
    """
    rng = np.random.default_rng(seed)
    on_front = np.zeros(len(rows))
    for _ in range(RESAMPLES):
        means = rows[:, rng.integers(rows.shape[1], size=rows.shape[1])].mean(axis=1)
        inside = np.flatnonzero(violation(means[:, goals:]) <= 0)
        on_front[inside[front_of(means[inside, :goals])]] += 1
    return on_front / RESAMPLES


def scaled(goals: Any) -> Any:
    """Goals from 0, the best of these points, to 1, the worst; a goal in which all are equal is 0."""
    low, span = goals.min(axis=0), np.ptp(goals, axis=0)
    return (goals - low) / np.where(span > 0, span, 1.0)


def volumes(generations: Sequence[Generation], reference: Any) -> list[float]:
    """Part of the box from the best to ``BEYOND`` the worst of ``reference`` that each generation dominates.

    ``reference`` are goals of shape ``(points, goals)``. The measure is the hypervolume over that of the box; it may
    fall from one generation to the next, when points that were favoured by noise are seen for what they are.
    """
    if not len(reference):
        return [float("nan")] * len(generations)
    low, span = reference.min(axis=0), np.ptp(reference, axis=0)
    span = np.where(span > 0, span, 1.0)
    volume: Any = HV(ref_point=np.full(reference.shape[1], BEYOND))
    found = []
    for generation in generations:
        inside = generation.is_inside
        places = np.maximum((generation.goals[inside] - low) / span, 0.0)
        places = places[(places < BEYOND).all(axis=1)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.append(float(volume(places)) / BEYOND ** reference.shape[1] if len(places) else 0.0)
    return found


def spread(places: Any, begun: Sequence[int], count: int) -> list[int]:
    """Rows as far as possible from those begun with and from each other, one after the other; ``places`` as scaled."""
    chosen = list(begun)
    added: list[int] = []
    while len(added) < count and len(chosen) < len(places):
        gaps = np.sqrt(((places[:, None, :] - places[None, chosen, :]) ** 2).sum(axis=2)).min(axis=1)
        gaps[chosen] = -1.0
        farthest = int(np.argmax(gaps))
        chosen.append(farthest)
        added.append(farthest)
    return added
