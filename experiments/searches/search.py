"""The best portfolios of levers for a total of public won: goals that conflict, noisy runs, a search that resumes.

Every goal is a difference to the baseline in the same future, so that noise and parameters that all portfolios share do
not count. What a portfolio costs is measured in its runs. See docs/search.md.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from injae.experiments.documents import Table
from injae.experiments.folders import as_json, check_free
from injae.experiments.locks import FolderLock
from injae.experiments.searches.evaluations import Evaluations
from injae.experiments.searches.evolution import Generation, Look, Memory, NothingWorks, Point, evolve
from injae.experiments.searches.fronts import Verdict, contenders, merged, verdicts
from injae.experiments.searches.portfolios import TRIES, Encoding, with_costs
from injae.experiments.searches.question import COST, FRESH_FIRST, Question
from injae.experiments.sweeps.designs import Sampler, make_design
from injae.experiments.tables import write_atomically
from injae.model.errors import InputError
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario

FUTURES_FIRST = 2_000_000
FUTURES_SEED = 0  # of the sampler
MAY_GROW = ("generations", "optimisers", "futures", "fresh_seeds")  # without becoming another search


@dataclass
class Bench:
    """Runs as a search sees them: rows of goals and limits, from differences to the baseline in the same future."""

    question: Question
    encoding: Encoding
    evaluations: Evaluations
    plans: dict[Point, Scenario] = field(default_factory=dict)

    def figures(self, looks: Sequence[tuple[Scenario, int]]) -> tuple[Any, Any]:
        """Figures of runs, and of the baseline in the same futures; shape ``(runs, columns)`` each."""
        seeds = list(dict.fromkeys(seed for _, seed in looks))
        futures = {seed: self.question.future(seed) for seed in seeds}
        wanted = [*looks, *((self.question.baseline, seed) for seed in seeds)]
        rows = self.evaluations([(futures[seed].plan(plan), seed) for plan, seed in wanted])
        of_seed = {seed: row for seed, row in zip(seeds, rows[len(looks) :], strict=True)}
        return rows[: len(looks)], np.array([of_seed[seed] for _, seed in looks]).reshape(len(looks), -1)

    def __call__(self, looks: Sequence[Look]) -> Any:
        """Goals (to be small) and limits of looks."""
        return self.rows(*self.figures([(self.scenario(point), seed) for point, seed in looks]))

    def scenario(self, point: Point) -> Scenario:
        """The scenario of a point, made once."""
        if point not in self.plans:
            self.plans[point] = self.encoding.scenario(point)
        return self.plans[point]

    def rows(self, figures: Any, usual: Any) -> Any:
        """Goals and limits from figures: the last axis holds columns."""
        columns, question = self.evaluations.columns, self.question
        extra = figures - usual
        goals = [(-1 if goal.more else 1) * extra[..., columns.index(goal.outcome)] for goal in question.goals]
        limits = [extra[..., columns.index(COST)] / self.encoding.budget_won - 1]
        for want in question.wants:
            miss = figures[..., columns.index(want.outcome)] - want.bound
            limits.append((-miss if want.sign[0] == ">" else miss) / (abs(want.bound) or 1.0))
        return np.stack([*goals, *limits], axis=-1)


@dataclass(frozen=True)
class Searched:
    """What a search did, before it is told: figures of every contender and preset on fresh seeds and in futures."""

    question: Question
    encoding: Encoding
    histories: list[list[Generation]]
    memory: Memory
    points: list[Point]
    plans: list[Scenario]  # of the points, then the presets
    figures: Any  # (plans, fresh seeds, columns)
    usual: Any  # (fresh seeds, columns), of the baseline
    rows: Any  # (plans, fresh seeds, goals and limits)
    futures: "Futures | None"
    columns: list[str]
    runs: int
    failed: dict[str, str]


class Futures(NamedTuple):
    """Figures of some plans in futures, one seed each, and those of the baseline there."""

    members: list[int]  # rows of ``Searched.plans``
    figures: Any  # (members, futures, columns)
    usual: Any  # (futures, columns)
    lost: int  # futures left out, because a run in them failed


Watch = Callable[[int, int], None]


def search(question: Question, folder: Path, *, workers: int | None = None, watch: Watch | None = None) -> Searched:
    """Search, or go on with a search in its folder: runs that are there are not done again.

    Args:
        question: what is searched for (``ask``).
        folder: of the runs (``evaluations/``), the survivors of every generation (``archive.parquet``) and what is
            asked (``search.json``).
        workers: processes; None decides by the work there is. Results do not depend on it.
        watch: called with runs known and runs expected in all.

    Raises:
        InputError: the folder holds another search or is in use, or no portfolio can be evaluated.
    """
    check_free(folder, "search")
    folder.mkdir(parents=True, exist_ok=True)
    with FolderLock(folder):
        _claim(folder, question)
        total = _expected_runs(question)
        tell = (lambda known: watch(known, max(known, total))) if watch else None
        with Evaluations(folder, question.outcomes, workers, tell) as evaluations:
            encoding = with_costs(question.encoding, evaluations)
            searched = _run(Bench(question, encoding, evaluations), folder)
    if watch:
        watch(searched.runs, searched.runs)
    return searched


def _run(bench: Bench, folder: Path) -> Searched:
    question, encoding = bench.question, bench.encoding
    histories, memories, rows = [], [], []
    for optimiser in range(question.optimisers):
        rng, known = np.random.default_rng([optimiser, 1 << 20]), list(question.presets.values())
        first = encoding.first_points(question.settings.population, rng, known)
        memory, history = Memory(question.settings.goals), []
        try:
            for generation in evolve(bench, first, encoding.mend, question.settings, optimiser, memory):
                history.append(generation)
                rows += _archived(bench, optimiser, generation)
                write_atomically(folder / "archive.parquet", pa.Table.from_pylist(rows))
        except NothingWorks as error:
            reason = next(iter(bench.evaluations.failed.values()), "").strip().splitlines()[-1:]
            raise InputError("unusable", f"{error}", "search", suggestion=" ".join(reason)) from error
        histories.append(history)
        memories.append(memory)
    memory = merged(memories)
    most = question.settings.population * question.optimisers
    points = contenders(memory, histories, most, lambda point: str(encoding.values(point)))
    return _judged(bench, histories, memory, points)


def _archived(bench: Bench, optimiser: int, generation: Generation) -> list[dict[str, Any]]:
    """Survivors of a generation as rows of the archive: goals as differences to the baseline, levers by date."""
    rows = []
    signs = np.array([-1 if goal.more else 1 for goal in bench.question.goals])
    inside = generation.is_inside
    for n, point in enumerate(generation.points):
        goals = {
            g.outcome: s * float(v) for g, s, v in zip(bench.question.goals, signs, generation.goals[n], strict=True)
        }
        cost = {"cost_won": float((generation.limits[n, 0] + 1) * bench.encoding.budget_won)}
        levers = {
            f"levers.{name}@{span}": value
            for name, values in bench.encoding.values(point)
            for span, value in zip(bench.encoding.spans, values, strict=True)
        }
        head = {"optimiser": optimiser, "generation": generation.number, "seeds": generation.seeds[n]}
        rows.append({**head, "within_limits": bool(inside[n]), **goals, **cost, **levers})
    return rows


def _judged(bench: Bench, histories: list[list[Generation]], memory: Memory, points: list[Point]) -> Searched:
    """Contenders and presets on seeds that the search has not seen, and in futures if any are asked for."""
    question = bench.question
    seeds = range(FRESH_FIRST, FRESH_FIRST + question.fresh_seeds)
    plans = [*(bench.scenario(point) for point in points), *question.presets.values()]
    figures, usual = bench.figures([(plan, seed) for plan in plans for seed in seeds])
    shape = (len(plans), len(seeds), -1)
    figures, usual = figures.reshape(shape), usual.reshape(shape)
    rows = bench.rows(figures, usual)
    found = verdicts(rows[: len(points)], question.settings.goals)
    on_front = [n for n, verdict in enumerate(found) if verdict is Verdict.FRONT]
    members = [*on_front, *range(len(points), len(plans))]
    futures = _in_futures(bench, members, plans) if question.futures else None
    return Searched(
        question, bench.encoding, histories, memory, points, plans, figures, usual[0], rows, futures,
        bench.evaluations.columns, len(bench.evaluations.asked), bench.evaluations.failed,
    )  # fmt: skip


def _in_futures(bench: Bench, members: list[int], plans: list[Scenario]) -> Futures:
    """Figures of plans where the uncertain parameters are otherwise: a Latin hypercube over all their ranges.

    Each future has a seed of its own, the same for all plans. A future in which a run fails is left out for all.
    """
    question = bench.question
    futures = sampled_futures(question.plan, question.futures).to_dict("records")
    looks = [
        (plan.with_settings(values), FUTURES_FIRST + n)
        for n, values in enumerate(futures)
        for plan in (question.baseline, *(plans[member] for member in members))
    ]
    figures = bench.evaluations(looks).reshape(len(futures), len(members) + 1, -1)
    whole = ~np.isnan(figures).any(axis=(1, 2))
    figures = figures[whole].swapaxes(0, 1)
    return Futures(members, figures[1:], figures[0], int((~whole).sum()))


def sampled_futures(plan: Scenario, count: int) -> pd.DataFrame:
    """Values of every uncertain parameter that has a range, one row a future."""
    uncertain = [f"parameters.{path}" for path, one in declared_parameters(plan.country).items() if one.low < one.high]
    return make_design(Sampler(f"lhs:{count}", FUTURES_SEED), uncertain, plan)[1]


def _claim(folder: Path, question: Question) -> None:
    """Write down what is asked in this folder.

    Raises:
        InputError: something else was asked there.
    """
    path, asked = folder / "search.json", question.as_dict()
    foreign = sorted(one.name for one in folder.iterdir() if one.name not in ("lock", "search.json"))
    if path.is_file():
        held = Table.read(path).root
        for name, value in json.loads(json.dumps(asked)).items():
            if name not in MAY_GROW and held.get(name) != value:
                fault = f"holds another search: its {name} differ"
                raise InputError("occupied", fault, "out", folder, suggestion="choose another folder")
    elif foreign:
        fault = f"holds other files ({foreign[0]})"
        raise InputError("occupied", fault, "out", folder, suggestion="choose a new folder")
    write_atomically(path, as_json(asked))


def _expected_runs(question: Question) -> int:
    """About how many runs a search takes; a portfolio that comes up twice is simulated once."""
    one, plans = question.settings, question.optimisers * question.settings.population + len(question.presets)
    tries = TRIES * len(question.encoding.ranges) // 2
    looks = question.optimisers * one.population * (one.seeds + one.generations * (one.seeds + 1))
    usual = one.seeds + one.generations + question.fresh_seeds
    return tries + looks + usual + plans * question.fresh_seeds + question.futures * (plans + 1)
