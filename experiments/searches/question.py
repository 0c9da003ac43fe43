"""What a search is asked: goals and limits, levers and periods, money, and how hard to look; checked before it begins.

See docs/search.md for the meaning of each.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from injae.experiments.analyses.conditions import Condition, condition_of
from injae.experiments.indicators import outcome_of
from injae.experiments.practice import baseline_of
from injae.experiments.searches.evolution import Settings
from injae.experiments.searches.portfolios import Encoding, check_periods, default_periods, ranges_of
from injae.experiments.sweeps.identities import case_of
from injae.experiments.uncertainty import ALEATORY_ONLY, Asked, Ensemble, Future, ensemble_of
from injae.model.errors import InputError
from injae.model.levers import LEVERS
from injae.model.scenario import Scenario, preset_names

COST = "public_won_at_end"
FRESH_FIRST = 1_000_000  # seeds that only the judging uses


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
    ensemble: Ensemble = ALEATORY_ONLY  # where the futures come from

    def future(self, number: int) -> Future:
        """The future of a look. Each has a draw of its own, and those of the judging none that the search begins with.

        More different parameters say more of a portfolio than the same ones twice.
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


@dataclass(frozen=True)
class DecisionSpace:
    """What may be chosen.

    Args:
        budget_won: public won beyond the baseline's, in all.
        levers: paths, each with its range if not the usual one (``PATH=LOW:HIGH``); none: all that cost money.
        periods: first month of each period and the month after the last; none: the usual ones.
    """

    budget_won: float
    levers: Sequence[str] = ()
    periods: Sequence[str] = ()


@dataclass(frozen=True)
class Effort:
    """How hard is searched and how carefully judged.

    Args:
        generations: of each search.
        population: portfolios in each generation.
        seeds: of a first look.
        optimisers: searches merged, each with random numbers of its own.
        fresh_seeds: of the final judging.
        futures: that the front is tried in as well.
    """

    generations: int = 40
    population: int = 40
    seeds: int = 4
    optimisers: int = 2
    fresh_seeds: int = 30
    futures: int = 0


USUAL = Effort()


def ask(
    plan: Scenario,
    space: DecisionSpace,
    *,
    objectives: Sequence[str] = (),
    wants: Sequence[str] = (),
    effort: Effort = USUAL,
    uncertainty: Asked = None,
) -> Question:
    """Check everything that a search consists of.

    Args:
        plan: scenario that portfolios are laid upon.
        space: what may be chosen.
        objectives: goals, ``OUTCOME``, ``OUTCOME:max`` or ``OUTCOME:min``; none: the four of every search.
        wants: conditions that every portfolio must meet, ``OUTCOME>=NUMBER``.
        effort: how hard is searched.
        uncertainty: what differs between runs.

    Raises:
        InputError: naming the first thing that cannot be.
    """
    baseline = baseline_of(plan)
    if baseline is None:
        fault = "names no baseline, so nobody can say what a portfolio costs"
        raise InputError("unusable", fault, plan.name, suggestion="give it one (baseline=)")
    if space.budget_won <= 0:
        raise InputError("range", "needs won above 0, such as 28.5bn", "budget", space.budget_won)
    dates = check_periods(space.periods, plan) if space.periods else default_periods(plan)
    encoding = Encoding(plan, baseline, tuple(ranges_of(space.levers)), tuple(dates), float(space.budget_won))
    encoding.check_room()
    goals = goals_of(objectives, plan)
    settings = Settings(effort.generations, effort.population, effort.seeds, len(goals))
    presets = {plan.name: plan, **_presets(plan, baseline, encoding)}
    conditions = tuple(condition_of(text, plan) for text in wants)
    return Question(
        plan, baseline, encoding, goals, conditions, settings, effort.optimisers, effort.fresh_seeds, effort.futures,
        presets, ensemble_of(uncertainty, plan),
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
            raise InputError("form", "write NAME, NAME:max or NAME:min", "objectives", text)
        outcome = outcome_of(name, plan)
        if outcome.name in goals:
            raise InputError("repeated", "named twice", "objectives", text)
        if not colon and outcome.better == "neither":
            fault = "neither more nor less is better by itself"
            raise InputError("form", fault, "objectives", text, suggestion=f"write {name}:max or {name}:min")
        more = sense == "max" if colon else outcome.better == "more"
        goals[outcome.name] = Goal(outcome.name, outcome.unit, more)
    if len(goals) < 2:
        raise InputError("range", "name at least two", "objectives", texts[0], suggestion=f"{COST} may be one of them")
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
