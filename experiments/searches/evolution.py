"""Search among trade-offs when every look is noisy: NSGA-II (pymoo) whose survivors are looked at again.

A point is a tuple of numbers from 0 to 1; a look is one point with one seed. All points get the same first seeds. In
each generation every survivor gets one seed that nobody has had before, so that a point that was favoured by noise at
first does not stay. Nothing here knows the model: ``evaluate`` gives the figures of looks, and the same figures give
the same search, so a search that was cut off goes on by being done again with the looks that are known.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.repair import Repair
from pymoo.operators.survival.rank_and_crowding import RankAndCrowding
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

Point = tuple[float, ...]
Look = tuple[Point, int]
Evaluate = Callable[[Sequence[Look]], Any]
Mend = Callable[[Any, np.random.Generator], Any]  # points that are allowed, from points that may not be

NEAR = 0.05  # a limit missed by at most this part of it is near
NEAR_PLACES = 0.1  # part of the population kept for points that are near: the best portfolios lie at the limit


class NothingWorks(RuntimeError):
    """Too few points of the first generation could be evaluated for a search."""


@dataclass(frozen=True)
class Settings:
    """How long and how wide a search is; ``seeds`` are those of the first look at a point."""

    generations: int = 40
    population: int = 40
    seeds: int = 4
    goals: int = 2  # columns of ``evaluate`` that are to be small; the others are limits, kept where at most 0


@dataclass
class Memory:
    """Everything seen of each point, by seed: rows of goals and limits, nan where a run failed."""

    goals: int
    rows: dict[Point, dict[int, Any]] = field(default_factory=dict)

    def look(self, evaluate: Evaluate, looks: Iterable[Look]) -> None:
        """Evaluate what has not been looked at yet."""
        wanted = [(point, seed) for point, seed in dict.fromkeys(looks) if seed not in self.rows.get(point, {})]
        for (point, seed), row in zip(wanted, evaluate(wanted) if wanted else [], strict=True):
            self.rows.setdefault(point, {})[seed] = np.asarray(row, float)

    def works(self, point: Point) -> bool:
        """Whether no run of the point failed."""
        return not any(np.isnan(row).any() for row in self.rows[point].values())

    def means(self, points: Sequence[Point]) -> tuple[Any, Any]:
        """Means over the seeds of each point: goals, shape ``(points, goals)``, and limits."""
        rows = np.array([np.mean(list(self.rows[point].values()), axis=0) for point in points])
        return rows[:, : self.goals], rows[:, self.goals :]


@dataclass(frozen=True)
class Generation:
    """The survivors of a generation, with their means by then; ``failed`` counts points left out so far."""

    number: int
    points: list[Point]
    goals: Any  # (points, goals)
    limits: Any  # (points, limits)
    seeds: list[int]  # seen of each point
    failed: int

    @property
    def is_inside(self) -> Any:
        """Whether each point keeps all limits, shape ``(points,)``."""
        return violation(self.limits) <= 0


def evolve(
    evaluate: Evaluate, first: Any, mend: Mend, settings: Settings, seed: int, memory: Memory | None = None
) -> Iterator[Generation]:
    """Search, and yield the survivors of each generation, number 0 being the first population.

    Args:
        evaluate: gives goals and limits of looks, one row a look.
        first: points to begin with, shape ``(points, variables)``.
        mend: makes points allowed: rounds them, say.
        settings: how long and how wide.
        seed: of the optimiser.
        memory: what is known already, and where it is kept; another optimiser's, say.

    Raises:
        NothingWorks: fewer than two points of the first population can be evaluated.
    """
    memory = memory or Memory(settings.goals)
    seen: set[Point] = set()
    rng = np.random.default_rng([seed, 0])
    points = as_points(mend(np.asarray(first, float), rng))
    for number in range(settings.generations + 1):
        looks = [(point, n) for point in points if point not in seen for n in range(settings.seeds)]
        if number:
            looks += [(point, settings.seeds + number - 1) for point in points if point in seen]
        memory.look(evaluate, looks)
        seen.update(points)
        alive = [point for point in points if memory.works(point)]
        if len(alive) < 2:
            raise NothingWorks(f"{len(points) - len(alive)} of {len(points)} points fail")
        goals, limits = memory.means(alive)
        rng = np.random.default_rng([seed, number, 1])
        kept = survivors(goals, limits, settings.population, rng)
        parents = [alive[n] for n in kept]
        failed = sum(not memory.works(point) for point in seen)
        counts = [len(memory.rows[point]) for point in parents]
        yield Generation(number, parents, goals[kept], limits[kept], counts, failed)
        points = parents + [p for p in _offspring(parents, goals[kept], limits[kept], mend, rng) if p not in seen]


def as_points(values: Any) -> list[Point]:
    """Different points in their order, from an array of shape ``(points, variables)``."""
    return list(dict.fromkeys(tuple(round(float(x), 9) for x in row) for row in values))


def violation(limits: Any) -> Any:
    """By how much the limits are missed in all, shape ``(points,)``; 0 where they are kept."""
    return np.maximum(limits, 0.0).sum(axis=1) if limits.shape[1] else np.zeros(len(limits))


def survivors(goals: Any, limits: Any, count: int, rng: np.random.Generator) -> list[int]:
    """Rows that stay: the best trade-offs within the limits, some just outside, then what is nearest to the limits."""
    missed = violation(limits)
    inside, near = np.flatnonzero(missed <= 0), np.flatnonzero((missed > 0) & (missed <= NEAR))
    places = min(len(near), max(int(NEAR_PLACES * count), count - len(inside)))
    kept = _best(goals, inside, count - places, rng) + _best(goals, near, places, rng)
    others = [row for row in np.argsort(missed, kind="stable") if row not in set(kept)]
    return [int(row) for row in kept + others[: max(0, count - len(kept))]]


def _best(goals: Any, rows: Any, count: int, rng: np.random.Generator) -> list[int]:
    """So many of the rows, by rank and crowding distance."""
    if not len(rows) or count <= 0:
        return []
    problem = Problem(n_var=1, n_obj=goals.shape[1])
    crowd = Population.new(X=rows[:, None], F=goals[rows])
    return [int(one.X[0]) for one in RankAndCrowding().do(problem, crowd, n_survive=count, random_state=rng)]


def _offspring(parents: list[Point], goals: Any, limits: Any, mend: Mend, rng: np.random.Generator) -> list[Point]:
    """As many new points as there are parents, by pymoo's tournament, crossover (SBX) and polynomial mutation.

    Points near the limits count as inside them here, so that parents come from both sides.
    """
    problem = Problem(n_var=len(parents[0]), n_obj=goals.shape[1], n_ieq_constr=1, xl=0.0, xu=1.0)
    excess = np.maximum(violation(limits) - NEAR, 0.0)
    crowd = Population.new(X=np.array(parents), F=goals, G=excess[:, None])
    algorithm: Any = NSGA2(pop_size=len(parents), sampling=crowd, repair=_Mended(mend), eliminate_duplicates=True)  # pyright: ignore[reportArgumentType]
    algorithm.setup(problem, seed=int(rng.integers(2**31)))
    algorithm.ask()
    algorithm.tell(infills=crowd)
    return as_points(algorithm.ask().get("X"))


class _Mended(Repair):
    """``mend`` as pymoo wants it."""

    def __init__(self, mend: Mend) -> None:
        super().__init__()
        self.mend = mend

    def _do(self, problem: Any, X: Any, random_state: Any = None, **_: Any) -> Any:  # noqa: N803 - pymoo's name
        return self.mend(X, random_state)


def front_of(goals: Any) -> Any:
    """Rows that no other row dominates, in order."""
    if not len(goals):
        return np.array([], int)
    return np.sort(NonDominatedSorting().do(np.asarray(goals, float), only_non_dominated_front=True))


def dominated_by(row: Any, goals: Any) -> Any:
    """Rows of ``goals`` that are at least as good in every goal and better in one."""
    return np.flatnonzero((goals <= row).all(axis=1) & (goals < row).any(axis=1))
