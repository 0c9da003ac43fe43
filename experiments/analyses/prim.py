"""PRIM, the patient rule induction method (Friedman & Fisher 1999): a box of inputs in which cases concentrate.

From all points a thin slice is cut off again and again, from the side of an input where a limit separates cases best;
the boxes on the way are the peeling trajectory. From each the limits that explain nothing are dropped, one of them is
chosen by a rule, and that is pasted: widened as long as the share of cases does not fall.

Points have shape ``(points, inputs)``, cases are booleans of shape ``(points,)``. Slices are shares of the points and
limits lie halfway between two points on the scale of the input, so ranges that span decades are no special case.
Equal values are cut off together. Nothing is written into what is given.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.model.errors import InputError

SLICE = 0.05  # of the points of a box, cut off or pasted on at a time
MASS_MIN = 0.05  # of all points; a smaller box says little about the futures to come
POINTS_MIN = 6
DENSITY = 0.8  # that a box should reach, unless nearly all points are cases anyway
INPUTS_MAX = 4  # more cannot be said in a sentence
SIGNIFICANT = 0.05
SIDES = {True: "at least", False: "at most"}  # of a limit, by whether it is a lower one


class Box(NamedTuple):
    """Limits of the inputs, both included; -inf and inf where there is none. Shapes ``(inputs,)``."""

    low: Any
    high: Any

    def holds(self, points: Any) -> Any:
        """Which points lie in the box: booleans of shape ``(points,)``."""
        return ((points >= self.low) & (points <= self.high)).all(axis=1)

    def limits(self) -> list[tuple[int, bool]]:
        """Every limit as input and whether it is a lower one, in the order of inputs."""
        return [(n, lower) for n in range(len(self.low)) for lower in (True, False) if self._is_limited(n, lower)]

    def inputs(self) -> list[int]:
        """Inputs with a limit."""
        return sorted({n for n, _ in self.limits()})

    def without(self, limit: tuple[int, bool]) -> "Box":
        """The box without one of its limits."""
        return self.moved(limit, -math.inf if limit[1] else math.inf)

    def moved(self, limit: tuple[int, bool], value: float) -> "Box":
        """The box with one limit elsewhere."""
        low, high = self.low.copy(), self.high.copy()
        (low if limit[1] else high)[limit[0]] = value
        return Box(low, high)

    def _is_limited(self, n: int, lower: bool) -> bool:
        return bool(np.isfinite(self.low[n] if lower else self.high[n]))


@dataclass(frozen=True)
class Settings:
    """How boxes are looked for.

    Args:
        scales: of each input: ``linear``, ``log`` or ``whole`` (numbers).
        density: share of cases that a box should reach; None: see ``wanted_density``.
        inputs_max: most inputs that the chosen box may limit.
        slice_share: of the points of a box, cut off or pasted on at a time.
        mass_min: share of all points that a box must hold.
    """

    scales: Sequence[str]
    density: float | None = None
    inputs_max: int = INPUTS_MAX
    slice_share: float = SLICE
    mass_min: float = MASS_MIN

    def least_points(self, points: int) -> int:
        """Fewest points of a box."""
        return max(POINTS_MIN, math.ceil(self.mass_min * points))


class Step(NamedTuple):
    """A box with what it holds: points, cases, and shares of all points and of all cases."""

    box: Box
    points: int
    cases: int
    density: float  # cases over points in the box
    coverage: float  # cases in the box over all cases
    mass: float  # points in the box over all points


def everything(inputs: int) -> Box:
    """The box without limits."""
    return Box(np.full(inputs, -np.inf), np.full(inputs, np.inf))


def measure(box: Box, points: Any, cases: Any) -> Step:
    """What a box holds."""
    inside = box.holds(points)
    held, hit = int(inside.sum()), int(cases[inside].sum())
    return Step(box, held, hit, _share(hit, held), _share(hit, int(cases.sum())), _share(held, len(points)))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def peel(points: Any, cases: Any, settings: Settings) -> list[Step]:
    """The peeling trajectory, from the box without limits to a pure one or the smallest allowed."""
    points, cases = np.array(points, float), np.array(cases, bool)
    columns = points.T.copy()
    order = np.argsort(columns, axis=1, kind="stable")
    inside = np.ones(len(points), bool)
    least = settings.least_points(len(points))
    steps = [measure(everything(points.shape[1]), points, cases)]
    while 0 < steps[-1].density < 1:
        slice_ = _best_slice(columns, cases, order, inside, least, settings)
        if slice_ is None:
            break
        box = steps[-1].box.moved(*slice_)
        inside = box.holds(points)
        steps.append(measure(box, points, cases))
    return steps


def _best_slice(
    columns: Any, cases: Any, order: Any, inside: Any, least: int, settings: Settings
) -> tuple[tuple[int, bool], float] | None:
    """The limit that cuts the next slice off; None if no slice may be cut off."""
    held = int(inside.sum())
    thin = max(1, int(settings.slice_share * held))
    if held - thin < least:
        return None
    rows = order[inside[order]].reshape(len(order), held)  # of each input, ascending
    values = np.take_along_axis(columns, rows, axis=1)
    below = cases[rows].cumsum(axis=1)[:, :-1]  # cases below the parting after each place
    parted = values[:, 1:] > values[:, :-1]  # equal values stay together
    gains = _gains(below, parted, int(cases[inside].sum()), held, thin, least)
    best = int(gains.max(axis=2).argmax())
    if not gains.max() > 0:
        return None
    side, n = divmod(best, len(columns))
    open_ = np.flatnonzero(parted[n])  # partings after these places
    lower = side == 0
    place = int(open_[open_ >= thin - 1][0] if lower else open_[open_ <= held - thin - 1][-1])
    kept = held - place - 1 if lower else place + 1
    if kept < least:
        return None
    return (n, lower), between(values[n, place], values[n, place + 1], settings.scales[n], lower=lower)


def _gains(below: Any, parted: Any, total: int, held: int, thin: int, least: int) -> Any:
    """How well each parting would separate cases, if what lies below (0) or above it (1) were cut off.

    Sum of squares between the parts, 0 where the part that stays has the smaller share of cases: shape
    ``(2, inputs, partings)``. Looking at all partings of an input, and not at the next thin slice alone, keeps
    probability from choosing the input where a slice is a handful of points.
    """
    left = np.arange(1, held)
    difference = (total - below) / (held - left) - below / left  # share of cases above less that below
    between_parts = difference * np.abs(difference) * left * (held - left) / held
    gains = np.stack([between_parts, -between_parts])
    enough = np.stack([held - left >= least, left >= least])[:, None] & (np.stack([left, held - left]) >= thin)[:, None]
    return np.where(parted & enough, gains, 0.0)


def between(below: float, above: float, scale: str, *, lower: bool) -> float:
    """Where a limit lies that parts two values: halfway on the scale; on the value that it keeps if whole numbers."""
    middle = math.sqrt(below * above) if scale == "log" else (below + above) / 2
    if scale != "whole" and below < middle < above:
        return float(middle)
    return float(above if lower else below)  # also for neighbours that nothing lies between


def wanted_density(cases: Any, asked: float | None = None) -> float:
    """Share of cases that a box should reach: as asked, or 0.8, or halfway from the share in all points to 1 if more.

    Raises:
        InputError: asked so low that all points together reach it.
    """
    base = float(np.mean(cases))
    if asked is None:
        return max(DENSITY, (1 + base) / 2)
    if asked <= base:
        fault = f"{base:.0%} of all futures are cases, so that is reached without any limit"
        raise InputError("range", fault, "threshold", asked, suggestion=f"choose one above {base:.2f}")
    return asked


def strength(step: Step, points: int, cases: int) -> float:
    """Twice the log-likelihood that a box gains over one share of cases for all points; 0 if it has no more of them."""
    if not 0 < step.points < points or step.density * points <= cases:
        return 0.0
    parts = [(step.cases, step.points), (cases - step.cases, points - step.points)]
    return 2 * sum(_log_likelihood(hits, held) for hits, held in parts) - 2 * _log_likelihood(cases, points)


def _log_likelihood(hits: int, held: int) -> float:
    return float(scipy.special.xlogy(hits, hits / held) + scipy.special.xlogy(held - hits, 1 - hits / held))


def choose(steps: Sequence[Step], density: float, inputs_max: int) -> int:
    """Which of the boxes is the answer: the strongest of those that limit few enough inputs and reach the density.

    If none reaches it, the strongest of those that limit few enough inputs. ``steps[0]`` is the box without limits.
    """
    simple = [n for n, step in enumerate(steps) if len(step.box.inputs()) <= inputs_max]
    dense = [n for n in simple if steps[n].density >= density]
    return max(dense or simple, key=lambda n: strength(steps[n], steps[0].points, steps[0].cases))


def limit_ps(box: Box, points: Any, cases: Any) -> Any:
    """Quasi p-value of each limit (Bryant & Lempert 2010), in the order of ``box.limits()``.

    The binomial probability of as many cases in the box, if each of its points were a case with the share of cases that
    the box has without the limit.
    """
    return _limit_ps(_violations(box, points), cases)


def _violations(box: Box, points: Any) -> Any:
    """Which points lie beyond each limit: shape ``(points, limits)``."""
    sides = [points[:, n] < box.low[n] if lower else points[:, n] > box.high[n] for n, lower in box.limits()]
    return np.column_stack(sides) if sides else np.zeros((len(points), 0), bool)


def _limit_ps(violations: Any, cases: Any) -> Any:
    number = violations.sum(axis=1)
    inside, near = number == 0, number == 1  # near: one limit alone keeps the point out
    held, hits = int(inside.sum()), int(cases[inside].sum())
    if not hits:
        return np.ones(violations.shape[1])
    kept_out, kept_cases = violations[near].sum(axis=0), violations[near & cases].sum(axis=0)
    return scipy.special.bdtrc(hits - 1, held, (hits + kept_cases) / (held + kept_out))


def prune(box: Box, points: Any, cases: Any) -> Box:
    """The box without limits that explain nothing: the one with the largest p goes, until all are below 0.05."""
    limits, violations = box.limits(), _violations(box, points)
    while limits:
        ps = _limit_ps(violations, cases)
        weakest = int(ps.argmax())
        if ps[weakest] < SIGNIFICANT:
            break
        box = box.without(limits.pop(weakest))
        violations = np.delete(violations, weakest, axis=1)
    return box


def paste(box: Box, points: Any, cases: Any, settings: Settings) -> Box:
    """The box widened by thin slices, each where the share of cases becomes largest, as long as it does not fall."""
    while True:
        now = measure(box, points, cases)
        wider = [measure(_widened(box, limit, now.points, points, settings), points, cases) for limit in box.limits()]
        best = max(wider, key=lambda step: (step.density, step.points), default=None)
        if best is None or best.points == now.points or best.density < now.density:
            return box
        box = best.box


def _widened(box: Box, limit: tuple[int, bool], held: int, points: Any, settings: Settings) -> Box:
    """The box with one limit moved outwards past a slice of points; without the limit if no more lie beyond."""
    n, lower = limit
    free = points[box.without(limit).holds(points), n]
    beyond = np.sort(free[free < box.low[n]])[::-1] if lower else np.sort(free[free > box.high[n]])
    thin = max(1, int(settings.slice_share * held))
    if thin >= len(beyond):
        return box.without(limit)
    edge = beyond[thin - 1]
    rest = beyond[thin:][beyond[thin:] != edge]  # equal values are not parted
    if not len(rest):
        return box.without(limit)
    near, far = (rest[0], edge) if lower else (edge, rest[0])
    return box.moved(limit, between(near, far, settings.scales[n], lower=lower))


class Found(NamedTuple):
    """A box with the trajectory that it was chosen from; ``chosen`` is the step that it was made from."""

    trajectory: list[Step]
    chosen: int
    step: Step


def find_box(points: Any, cases: Any, settings: Settings, step: int | None = None) -> Found:
    """Peel, choose (or take the given step of the trajectory as it is), prune and paste.

    Args:
        points: shape ``(points, inputs)``, without nan.
        cases: shape ``(points,)``.
        settings: how to look.
        step: number of the step to take instead of choosing; it is neither pruned nor pasted.

    Raises:
        InputError: no such step, or arrays that do not fit together.
    """
    points, cases = np.array(points, float), np.array(cases, bool)
    if points.ndim != 2 or len(points) != len(cases) or len(settings.scales) != points.shape[1]:
        fault = f"points {points.shape}, cases {cases.shape}, {len(settings.scales)} scales do not fit"
        raise InputError("unusable", fault)
    trajectory = peel(points, cases, settings)
    if step is not None:
        if not 0 <= step < len(trajectory):
            raise InputError("range", f"the trajectory has steps 0 to {len(trajectory) - 1}", "box", step)
        return Found(trajectory, step, trajectory[step])
    pruned = [measure(prune(one.box, points, cases), points, cases) for one in trajectory]
    chosen = choose(pruned, settings.density or wanted_density(cases), settings.inputs_max)
    box = prune(paste(pruned[chosen].box, points, cases, settings), points, cases)
    return Found(trajectory, chosen, measure(box, points, cases))
