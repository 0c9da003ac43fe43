"""What a calibration in waves is made of: scenario, priors, cases with their facts, and the question that names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.calibration.belief import Belief, Case
from injae.experiments.calibration.calibrate import DRAWS
from injae.experiments.calibration.evidence import CalibrationTargets, Fact, evidence_of, months_needed
from injae.experiments.calibration.given_facts import POINTS_MIN
from injae.experiments.calibration.posterior import RULED_OUT
from injae.experiments.calibration.wave_runs import WaveFolder
from injae.experiments.indicators import has_target
from injae.experiments.sweeps.identities import case_of, model_version
from injae.model.errors import InputError
from injae.model.scenario import Scenario

WAVES_MAX = 20
TWIN_SEEDS = 90  # number of the wave that the run of a twin has, for its seed
OUTCOMES = (
    "programme_graduates_by_target_date",
    "specialists_at_target_date",
    "adoption_share_at_target_date",
    "specialists_at_end",
    "adoption_share_at_end",
)  # that uncertainty is traced back for


class Asked(NamedTuple):
    """What a calibration in waves is made of."""

    plan: Scenario
    belief: Belief
    cases: list[Case]
    left_out: list[str]  # facts that are not used, and why


@dataclass(frozen=True)
class WaveDesign:
    """How closely is looked.

    Args:
        waves: how often, 1 to 20.
        points: of each wave.
        seeds: runs of each point, two or more; every point has seeds of its own.
        draws: of the posterior that are kept.
        seed: of points and draws.
        vary: paths of the parameters that vary; none: all that have a range.

    Raises:
        InputError: sizes that nothing can be learned with.
    """

    waves: int = 3
    points: int = 300
    seeds: int = 2
    draws: int = DRAWS
    seed: int = 0
    vary: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("waves", self.waves, 1, WAVES_MAX), ("points", self.points, POINTS_MIN, 5000),
            ("seeds", self.seeds, 2, 100), ("draws", self.draws, 1, 10_000),
        ):  # fmt: skip
            if not least <= value <= most:
                raise InputError("range", f"needs {least} to {most:,}", name, value)


def asked_of(scenario: Scenario | str | Path, targets: CalibrationTargets, vary: Sequence[str]) -> Asked:
    """What is asked: scenario, priors, and cases with the facts that are measured in them.

    Raises:
        InputError: something that cannot be.
    """
    plan = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
    belief = Belief.of(plan)
    if vary:
        belief = belief.only(vary)
    evidence = evidence_of(targets, plan, all_cases=True)
    by_case: dict[str, list[Fact]] = {}
    for fact in evidence.facts:
        by_case.setdefault(fact.case, []).append(fact)
    cases = []
    for name, some in by_case.items():
        own = Scenario.load(name) if name else plan
        needed = max(months_needed(fact.name, own) for fact in some)
        cases.append(Case(own.with_changes([f"months={min(needed, own.months)}"]), some))
    return Asked(plan, belief, cases, list(evidence.left_out))


def question_of(asked: Asked, design: WaveDesign, twin: int | None, discrepancy: float) -> dict[str, Any]:
    """What the runs of all waves depend on."""
    return {
        "scenario": asked.plan.name,
        "model_and_data": model_version(*{case.plan.country for case in asked.cases}),
        "cases": {case.plan.name: case_of(case.plan) for case in asked.cases},
        "months": {case.plan.name: case.plan.months for case in asked.cases},
        "parameters": asked.belief.names,
        "facts": [
            fact._asdict() | {"discrepancy": str(fact.discrepancy)} for case in asked.cases for fact in case.facts
        ],
        "discrepancy": discrepancy,
        "points": design.points,
        "seeds": design.seeds,
        "draws_seed": design.seed,
        "twin": twin,
        "ruled_out_above": RULED_OUT,
    }


def twin_world(asked: Asked, folder: WaveFolder, twin: int, discrepancy: float) -> tuple[Asked, Any]:
    """What is asked, with a run of known parameters in place of the world, and these parameters."""
    rng = np.random.default_rng([twin, 7])
    x = rng.random((1, len(asked.belief.names)))
    wave = folder.run("twin", TWIN_SEEDS, x, asked.cases, 1)
    if wave.errors:
        raise InputError("no_results", f"its run fails ({wave.errors[0]})", "twin", twin)
    cases = []
    for case in asked.cases:
        facts = []
        for fact in case.facts:
            value = float(wave.values[case.plan.name, fact.name][0, 0])
            blur = np.hypot(fact.error, _allowed(fact, discrepancy))
            allowed = _allowed(fact, discrepancy)  # as for the fact itself, whatever the twin's value
            if np.isfinite(value):
                seen = float(value + blur * rng.standard_normal())
                facts.append(fact._replace(value=seen, discrepancy=allowed, source=f"twin {twin}"))
        cases.append(Case(case.plan, facts, case.outcomes))
    return asked._replace(cases=cases), x[0]


def _allowed(fact: Fact, discrepancy: float) -> float:
    return discrepancy * abs(fact.value) if np.isnan(fact.discrepancy) else fact.discrepancy


def whole_cases(asked: Asked) -> list[Case]:
    """Cases as draws of the posterior are run: the scenario that is asked about to its end, with the outcomes."""
    outcomes = tuple(name for name in OUTCOMES if has_target(asked.plan) or "target" not in name)
    mine = [fact for case in asked.cases if case.plan.name == asked.plan.name for fact in case.facts]
    return [Case(asked.plan, mine, outcomes), *(case for case in asked.cases if case.plan.name != asked.plan.name)]
