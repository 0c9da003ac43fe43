"""The best mixes of levers for a total of public won: goals that conflict, noisy runs, a search that may be cut off.

Every goal is a difference to the baseline in the same future, so that luck and parameters that all mixes share do not
count. What a mix costs is measured in its runs. See docs/search.md.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from experiments.analyses.conditions import Condition, condition_of
from experiments.documents import Table
from experiments.folders import as_json, check_free
from experiments.indicators import outcome_of
from experiments.locks import FolderLock
from experiments.practice import baseline_of
from experiments.searches.evaluations import Evaluations
from experiments.searches.evolution import Generation, Look, Memory, NothingWorks, Point, Settings, evolve, violation
from experiments.searches.fronts import Verdict, contenders, merged, verdicts
from experiments.searches.mixes import TRIES, Encoding, check_periods, default_periods, ranges_of, with_costs
from experiments.sweeps.designs import make_design
from experiments.sweeps.store import case_of
from experiments.tables import write_whole
from experiments.uncertainty import BY_LUCK, Asked, Ensemble, Future, ensemble_of
from model.errors import InputError
from model.levers import LEVERS
from model.parameters import declared_parameters
from model.scenario import Scenario, preset_names

COST = "public_won_at_end"
FRESH_FIRST = 1_000_000  # seeds that only the judging uses
FUTURES_FIRST = 2_000_000
FUTURES_SEED = 0  # of the sampler
# without becoming another search
MAY_GROW = ("generations", "optimisers", "futures", "fresh_seeds")


class Goal(NamedTuple):
    """What a search wants more or less of."""

    outcome: str
    unit: str
    more: bool


@dataclass(frozen=True)
class Question:
    """What is searched for, checked."""

    plan: Scenario
    baseline: Scenario
    encoding: Encoding  # its high ends are not all known yet
    goals: tuple[Goal, ...]
    wants: tuple[Condition, ...]
    settings: Settings
    optimisers: int
    fresh_seeds: int
    futures: int
    presets: dict[str, Scenario]
    ensemble: Ensemble = BY_LUCK  # where the futures come from

    def future(self, number: int) -> Future:
        """The future of a look. Each has a draw of its own, and those of the judging none that the search begins with.

        More different parameters say more of a mix than the same ones twice.
        """
        fresh = number - FRESH_FIRST
        return self.ensemble.future(number, draw=number if fresh < 0 else self.ensemble.draws // 2 + fresh)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Everything that is measured in a run: goals, wants, cost, and what is told beside them."""
        end = self.plan.date_of(self.plan.months)
        told = [f"routine_domains@{end}", "employed_hospitals_at_end", "specialists_at_end", "adoption_share_at_end"]
        names = [*(goal.outcome for goal in self.goals), *(want.outcome for want in self.wants), COST, *told]
        return tuple(dict.fromkeys(names))

    def as_dict(self) -> dict[str, Any]:
        """Every setting, ready for JSON."""
        return {
            "scenario": self.plan.model_dump(),
            "baseline": self.baseline.model_dump(),
            "budget_won": self.encoding.budget_won,
            "levers": [
                {"path": f"levers.{one.name}", "low": one.low, "high": one.high} for one in self.encoding.ranges
            ],
            "periods": list(self.encoding.dates),
            "goals": [goal._asdict() for goal in self.goals],
            "wants": [str(want) for want in self.wants],
            "presets": list(self.presets),
            **{name: value for name, value in asdict(self.settings).items() if name != "goals"},
            "optimisers": self.optimisers,
            "fresh_seeds": self.fresh_seeds,
            "futures": self.futures,
            "uncertainty": {"kind": str(self.ensemble.kind), "identity": self.ensemble.identity},
        }


def ask(
    plan: Scenario,
    budget_won: float,
    *,
    levers: Sequence[str] = (),
    objectives: Sequence[str] = (),
    wants: Sequence[str] = (),
    periods: Sequence[str] = (),
    generations: int = 40,
    population: int = 40,
    seeds: int = 4,
    optimisers: int = 2,
    fresh_seeds: int = 30,
    futures: int = 0,
    uncertainty: Asked = None,
) -> Question:
    """Check everything that a search consists of; see docs/search.md for the meaning of each.

    Raises:
        InputError: naming the first thing that cannot be.
    """
    baseline = baseline_of(plan)
    if baseline is None:
        raise InputError(f"{plan.name}: names no baseline, so nobody can say what a mix costs; give it one (baseline=)")
    if budget_won <= 0:
        raise InputError(f"--budget {budget_won:g}: needs won above 0, such as 28.5bn")
    dates = check_periods(periods, plan) if periods else default_periods(plan)
    encoding = Encoding(plan, baseline, tuple(ranges_of(levers)), tuple(dates), float(budget_won))
    encoding.check_room()
    goals = goals_of(objectives, plan)
    settings = Settings(generations, population, seeds, len(goals))
    presets = {plan.name: plan, **_presets(plan, baseline, encoding)}
    conditions = tuple(condition_of(text, plan) for text in wants)
    return Question(
        plan, baseline, encoding, goals, conditions, settings, optimisers, fresh_seeds, futures, presets,
        ensemble_of(uncertainty, plan),
    )  # fmt: skip


def goals_of(texts: Sequence[str], plan: Scenario) -> tuple[Goal, ...]:
    """Goals as written: ``OUTCOME``, ``OUTCOME:max`` or ``OUTCOME:min``; none: the four of every search.

    Raises:
        InputError: no such outcome, fewer than two goals, or one twice.
    """
    end = plan.date_of(plan.months)
    usual = [f"routine_domains@{end}", "employed_hospitals_at_end", "regional_gap_at_end", COST]
    goals: dict[str, Goal] = {}
    for text in texts or usual:
        name, colon, sense = text.strip().partition(":")
        if colon and sense not in ("max", "min"):
            raise InputError(f"--objective {text}: write NAME, NAME:max or NAME:min")
        outcome = outcome_of(name, plan)
        if outcome.name in goals:
            raise InputError(f"--objective {text}: named twice")
        if not colon and outcome.better == "neither":
            raise InputError(
                f"--objective {text}: neither more nor less is better by itself; write {name}:max or {name}:min"
            )
        more = sense == "max" if colon else outcome.better == "more"
        goals[outcome.name] = Goal(outcome.name, outcome.unit, more)
    if len(goals) < 2:
        raise InputError(f"--objective {texts[0]}: name at least two; {COST} may be one of them")
    return tuple(goals.values())


def _presets(plan: Scenario, baseline: Scenario, encoding: Encoding) -> dict[str, Scenario]:
    """Presets to lay beside the front: the same world, and other values only of levers that cost money."""
    found, cases = {}, {case_of(plan)}
    for name in preset_names():
        preset = Scenario.load(name)
        if preset.country != plan.country or name in (plan.name, baseline.name):
            continue
        preset = preset.model_copy(update={"months": plan.months, "target": plan.target})
        changed = {lever for lever in LEVERS if preset.levers.get(lever) != baseline.levers.get(lever)}
        same_world = preset.shocks == baseline.shocks and preset.parameters == baseline.parameters
        if same_world and changed and all(LEVERS[lever].purpose for lever in changed) and case_of(preset) not in cases:
            found[name] = preset
            cases.add(case_of(preset))
    return found


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
        InputError: the folder holds another search or is in use, or no mix can be evaluated.
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
                write_whole(folder / "archive.parquet", pa.Table.from_pylist(rows))
        except NothingWorks as error:
            reason = next(iter(bench.evaluations.failed.values()), "").strip().splitlines()[-1:]
            raise InputError(f"search: {error}; {' '.join(reason)}") from error
        histories.append(history)
        memories.append(memory)
    memory = merged(memories)
    most = question.settings.population * question.optimisers
    points = contenders(memory, histories, most)
    return _judged(bench, histories, memory, points)


def _archived(bench: Bench, optimiser: int, generation: Generation) -> list[dict[str, Any]]:
    """Survivors of a generation as rows of the archive: goals as differences to the baseline, levers by date."""
    rows = []
    signs = np.array([-1 if goal.more else 1 for goal in bench.question.goals])
    missed = violation(generation.limits)
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
        rows.append({**head, "within_limits": bool(missed[n] <= 0), **goals, **cost, **levers})
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
    return make_design(f"lhs:{count}", uncertain, plan, FUTURES_SEED)[1]


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
                raise InputError(f"--out {folder}: holds another search: its {name} differ; choose another folder")
    elif foreign:
        raise InputError(f"--out {folder}: holds other files ({foreign[0]}); choose a new folder")
    write_whole(path, as_json(asked))


def _expected_runs(question: Question) -> int:
    """About how many runs a search takes; a mix that comes up twice is simulated once."""
    one, plans = question.settings, question.optimisers * question.settings.population + len(question.presets)
    tries = TRIES * len(question.encoding.ranges) // 2
    looks = question.optimisers * one.population * (one.seeds + one.generations * (one.seeds + 1))
    usual = one.seeds + one.generations + question.fresh_seeds
    return tries + looks + usual + plans * question.fresh_seeds + question.futures * (plans + 1)
