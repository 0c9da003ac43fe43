"""Calibration in waves: from the priors of all parameters, over closer and closer runs, to draws that were run.

The first wave fills the priors; each further one is drawn from what the facts leave of them, judged by emulators of all
waves before. Draws of the posterior are then run themselves and weighted by what these runs give, so that what is kept
rests on runs. Docs: docs/calibrate.md.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import qmc

from experiments.calibration import emulators, posterior
from experiments.calibration.belief import Belief, Case
from experiments.calibration.calibrate import DISCREPANCY, DRAWS
from experiments.calibration.evidence import Fact, evidence_of, months_needed
from experiments.calibration.given_facts import POINTS_MIN, Given, check_moves, drawn, given_of
from experiments.calibration.information import information_table
from experiments.calibration.posterior import RULED_OUT, Draws
from experiments.calibration.tables import (
    contradictions,
    fact_row,
    pair_table,
    parameter_table,
    real_runs,
    screened_table,
)
from experiments.calibration.twins import twin_table
from experiments.calibration.wave_runs import Wave, WaveFolder
from experiments.findings import Finding, check_free
from experiments.summary import INDICATORS, has_target
from experiments.sweeps.lock import FolderLock
from experiments.sweeps.store import case_of, model_version
from model.errors import InputError
from model.scenario import Scenario, preset_names

WAVES, POINTS, SEEDS = 3, 300, 2
WAVES_MAX = 20
LEARNED_FROM = 600  # points that emulators learn from: those of the last waves
WIDENED = 0.25  # power of what facts say between waves: as if all their errors were twice as large
SAMPLED = 2048  # draws that a sampler leads
CANDIDATES = 5  # draws that are run for each that is kept
TWIN_SEEDS, LAST = 90, 80  # numbers of waves that runs of twins and of candidates have, for their seeds
OUTCOMES = (
    "programme_graduates_by_target_date",
    "specialists_at_target_date",
    "adoption_share_at_target_date",
    "specialists_at_end",
    "adoption_share_at_end",
)  # that doubt is traced back for

Watch = Callable[[str, int, int], None]


class Asked(NamedTuple):
    """What a calibration in waves is made of."""

    plan: Scenario
    belief: Belief
    cases: list[Case]
    left_out: list[str]  # facts that are not used, and why
    hold: bool


def calibrate_in_waves(
    scenario: Scenario | str | Path,
    facts: Sequence[str] = (),
    *,
    out: Path,
    waves: int = WAVES,
    points: int = POINTS,
    seeds: int = SEEDS,
    hold_out: Sequence[str] = (),
    discrepancy: float = DISCREPANCY,
    draws: int = DRAWS,
    seed: int = 0,
    twin: int | None = None,
    months: int | None = None,
    vary: Sequence[str] = (),
    workers: int | None = None,
    watch: Watch | None = None,
) -> Finding:
    """Find the values of all uncertain parameters that agree with what is known; goes on where it was stopped.

    Args:
        scenario: whose country's facts are used; other scenarios are run where facts are measured in them.
        facts: ``OUTCOME=VALUE+-ERROR`` (one standard error); none: the country's.
        out: folder; runs are kept in its ``waves``.
        waves: how often to look closer.
        points: of each wave.
        seeds: runs of each point, two or more; every point has seeds of its own.
        hold_out: facts that are compared only.
        discrepancy: share of a fact's value that the model may be off with the best parameters (standard deviation),
            for facts that do not say it themselves.
        draws: of the posterior that are kept.
        seed: of points and draws.
        twin: take the run of parameters drawn with this seed for the world, instead of what is known.
        months: length of the runs of the scenario, if not its own.
        vary: paths of the parameters that vary; none: all that have a range.
        workers: processes; results do not depend on it.
        watch: called with (what is done, steps done, steps in all).

    Raises:
        InputError: something that cannot be asked, or a folder that holds something else.
    """
    emulators.check_installed()
    say = watch or (lambda what, done, total: None)
    asked = _asked(scenario, facts, hold_out, months, vary)
    _check_sizes(waves, points, seeds, draws)
    check_free(out, "calibrate")
    out.mkdir(parents=True, exist_ok=True)
    question = _question(asked, points, seeds, seed, twin, discrepancy)
    (out / "waves").mkdir(exist_ok=True)
    with FolderLock(out / "waves"), emulators.one_thread():
        folder = WaveFolder(out / "waves", question)
        truth = None
        if twin is not None:
            asked, truth = _twin_world(asked, folder, twin, discrepancy)
        run: list[Wave] = []
        given: list[Given] = []
        rows = []
        for number in range(1, waves + 1):
            name = f"wave-{number}"
            x = folder.points(name, lambda n=number: _points_of(n, asked, given, points, seed, say))
            shown = f"Wave {number} of {waves}, runs"
            run.append(
                folder.run(
                    name, number, x, asked.belief, asked.cases, seeds, workers, lambda d, t, s=shown: say(s, d, t)
                )
            )
            given = _given(asked, run, discrepancy, f"Wave {number} of {waves}, emulators", say)
            rows.append(_wave_row(number, run[-1], given, len(run)))
        _check_any(given, asked)
        whole = [_whole(case, asked.plan) for case in asked.cases]
        number = draws * CANDIDATES
        x = folder.points(f"draws-{waves}", lambda: _candidates(asked, given, number, seed, say))
        last = folder.run(
            f"draws-{waves}", LAST, x, asked.belief, whole, seeds, workers, lambda d, t: say("Draws, runs", d, t)
        )
        tables, told = _tables(asked, given, run, last, truth, draws, seed)
    tables["waves"] = pd.DataFrame(rows)
    told |= {"runs_failed": sum(wave.failed for wave in (*run, last)), "runs_waiting": 0}
    told["runs"] = sum(len(wave.x) for wave in (*run, last)) * seeds * len(asked.cases)
    return Finding("calibrate", question | {"form": "waves", "waves": waves, "draws": draws}, tables, told)


def _asked(
    scenario: Scenario | str | Path, texts: Sequence[str], hold_out: Sequence[str], months: int | None,
    vary: Sequence[str],
) -> Asked:  # fmt: skip
    """What is asked: scenario, priors, and cases with the facts that are measured in them.

    Raises:
        InputError: something that cannot be.
    """
    plan = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
    plan = plan.with_changes([f"months={months}"]) if months else plan
    belief = Belief.of(plan)
    if vary:
        belief = belief.only(vary)
    evidence = evidence_of(texts, hold_out, plan)
    left_out = [f"{name}: the runs are too short for it" for name in evidence.too_long]
    by_case: dict[str, list[Fact]] = {plan.name: []}
    for fact in evidence.facts:
        by_case.setdefault(fact.case or plan.name, []).append(fact)
    cases = []
    for name, some in by_case.items():
        if name != plan.name and name not in preset_names():
            left_out += [f"{fact.name}: there is no scenario {name}" for fact in some]
            continue
        own = plan if name == plan.name else Scenario.load(name)
        needed = max((months_needed(fact.name, own) for fact in some), default=1)
        cases.append(Case(own.with_changes([f"months={min(needed, own.months)}"]), some))
    return Asked(plan, belief, cases, left_out, bool(hold_out))


def _check_sizes(waves: int, points: int, seeds: int, draws: int) -> None:
    for name, value, least, most in (
        ("waves", waves, 1, WAVES_MAX), ("points", points, POINTS_MIN, 5000), ("seeds", seeds, 2, 100),
        ("draws", draws, 1, 10_000),
    ):  # fmt: skip
        if not least <= value <= most:
            raise InputError(f"--{name} {value}: needs {least} to {most:,}")


def _question(asked: Asked, points: int, seeds: int, seed: int, twin: int | None, discrepancy: float) -> dict[str, Any]:
    """What the runs of all waves depend on."""
    return {
        "scenario": asked.plan.name,
        "model_and_data": model_version(),
        "cases": {case.plan.name: case_of(case.plan) for case in asked.cases},
        "months": {case.plan.name: case.plan.months for case in asked.cases},
        "parameters": asked.belief.names,
        "facts": [
            fact._asdict() | {"discrepancy": str(fact.discrepancy)} for case in asked.cases for fact in case.facts
        ],
        "discrepancy": discrepancy,
        "points": points,
        "seeds": seeds,
        "draws_seed": seed,
        "twin": twin,
        "ruled_out_above": RULED_OUT,
    }


def _twin_world(asked: Asked, folder: WaveFolder, twin: int, discrepancy: float) -> tuple[Asked, Any]:
    """What is asked, with a run of known parameters in place of the world, and these parameters."""
    rng = np.random.default_rng([twin, 7])
    x = rng.random((1, len(asked.belief.names)))
    wave = folder.run("twin", TWIN_SEEDS, x, asked.belief, asked.cases, 1, 1)
    if wave.failed:
        raise InputError(f"--twin {twin}: its run fails; take another")
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


def _points_of(number: int, asked: Asked, given: Sequence[Given], points: int, seed: int, say: Watch) -> Any:
    """Points of a wave: the first fills the priors, others are drawn from what is left, widened."""
    inputs = len(asked.belief.names)
    if number == 1 or not _judging(given):
        rng = np.random.default_rng([seed, number])
        return qmc.LatinHypercube(inputs, rng=rng).random(points)
    first = posterior.box_points(inputs, SAMPLED, seed + number)
    found = drawn(
        _judging(given), asked.belief, first, seed + number, WIDENED,
        lambda share: say(f"Wave {number}, points", round(100 * share), 100),
    )  # fmt: skip
    rng = np.random.default_rng([seed, number, 5])
    return found.x[rng.permutation(posterior.systematic(found.weights, points, rng))]


def _candidates(asked: Asked, given: Sequence[Given], number: int, seed: int, say: Watch) -> Any:
    """Draws of the posterior as emulators know it, in random order."""
    sampled = 1 << max(int(np.ceil(np.log2(number))), SAMPLED.bit_length() - 1)
    first = posterior.box_points(len(asked.belief.names), sampled, seed + 100)
    found = drawn(
        _judging(given), asked.belief, first, seed + 100, watch=lambda share: say("Draws", round(100 * share), 100)
    )
    rng = np.random.default_rng([seed, 6])
    return found.x[rng.permutation(posterior.systematic(posterior.at_most(found.weights, 1 / number), number, rng))]


def _judging(given: Sequence[Given]) -> list[Given]:
    return [one for one in given if one.by_emulator and not one.fact.held_out]


def _given(asked: Asked, run: Sequence[Wave], discrepancy: float, shown: str, say: Watch) -> list[Given]:
    """Facts with what the last waves say of them; those that nothing moves are left out, and named."""
    x = np.concatenate([wave.x for wave in run[::-1]])[:LEARNED_FROM]
    places = asked.belief.places(x)
    facts = [(case, fact) for case in asked.cases for fact in case.facts]
    found = []
    for n, (case, fact) in enumerate(facts, 1):
        values = np.concatenate([wave.values[case.plan.name, fact.name] for wave in run[::-1]])[:LEARNED_FROM]
        try:
            check_moves(fact, values)
            found.append(given_of(places, fact, values, discrepancy, crossed=False))
        except InputError as error:
            if str(error) not in asked.left_out:
                asked.left_out.append(str(error))
        say(shown, n, len(facts))
    return found


def _check_any(given: Sequence[Given], asked: Asked) -> None:
    if not any(not one.fact.held_out for one in given):
        raise InputError(f"no fact can be used: {'; '.join(asked.left_out)}"[:300])


def _whole(case: Case, plan: Scenario) -> Case:
    """A case as its draws are run: the scenario that is asked about to its end, with the outcomes."""
    if case.plan.name != plan.name:
        return case
    return Case(plan, case.facts, tuple(name for name in OUTCOMES if has_target(plan) or "target" not in name))


def _wave_row(number: int, wave: Wave, given: Sequence[Given], waves: int) -> dict[str, Any]:
    """A wave in a row: points, failed runs, how many points no fact rules out, how well emulators predict."""
    judging = _judging(given)
    left = np.ones(len(wave.x), bool)
    for one in judging:
        mean, doubt, luck = (part[: len(wave.x)] for part in one.at_points)  # the last wave comes first
        gap = (mean - one.fact.value) ** 2 / (one.blur**2 + doubt + luck)
        left &= ~(gap > RULED_OUT**2)
    return {
        "wave": number,
        "points": len(wave.x),
        "runs_failed": wave.failed,
        "points_left": int(left.sum()),
        "facts": len(given),
        "emulators": sum(one.by_emulator for one in given),
        "q2_median": float(np.median([one.emulator.check.q2 for one in given])) if given else np.nan,
    }


def _tables(
    asked: Asked, given: Sequence[Given], run: Sequence[Wave], last: Wave, truth: Any, draws: int, seed: int
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Everything that is found, from real runs: those of the first wave (before) and of the draws (after)."""
    belief = asked.belief
    used = [one for one in given if not one.fact.held_out]
    means, variances = _real(asked, used, last)
    judged = posterior.judge(means, variances, np.array([one.fact.value for one in used]))
    weights = _added(judged.log_likelihood, used, belief, last.x)
    effective = posterior.effective_size(weights)
    found = Draws(last.x, posterior.at_most(weights, 1 / draws), 1)
    rng = np.random.default_rng([seed, 3])
    first_means, first_variances = _real(asked, used, run[0])
    before = posterior.judge(first_means, first_variances, np.array([one.fact.value for one in used]))
    blur = np.array([one.blur for one in used])
    values = np.stack([_values(asked, one.fact, last) for one in used], axis=2)
    twins, in_vain = twin_table(found.x, values, belief.paths, found, means, variances, blur, seed)
    kept = found.x[rng.permutation(posterior.systematic(found.weights, draws, rng))]
    rows = []
    for one in given:
        a, b = _real(asked, [one], run[0])
        alone = posterior.judge(a, b, np.array([one.fact.value])).implausibility[:, 0]
        after = real_runs(_values(asked, one.fact, last), found.weights, rng)
        rows.append(fact_row(one, alone, _all_runs(_values(asked, one.fact, run[0])), after, rng))
    outcomes = {name: last.values[asked.plan.name, name] for name in OUTCOMES if (asked.plan.name, name) in last.values}
    parameters = parameter_table(belief, found, twins, asked.plan)
    told_of_twin = None
    if truth is not None:
        values_of_truth = belief.scaled(truth[None, :]).iloc[0]
        parameters["truth"] = parameters["input"].map(values_of_truth)
        inside = parameters["truth"].between(parameters["posterior_low"], parameters["posterior_high"])
        parameters["truth_inside"] = inside
        told_of_twin = float(inside.mean())
    tables = {
        "parameters": parameters,
        "facts": pd.DataFrame(rows),
        "inputs": screened_table(belief, given),
        "pairs": pair_table(belief, found, run[0].x),
        "information": information_table(outcomes, belief.paths, found.x, found.weights, seed),
        "posterior": belief.scaled(kept),
        "twins": twins,
    }
    told = {
        "by_emulator": bool(_judging(given)),
        "candidates": len(last.x),
        "effective_of_candidates": effective,
        "effective_draws": found.effective,
        "points_left": int(before.possible.sum()),
        "points": len(run[0].x),
        "space_left": float(before.possible.mean()),
        "contradictions": contradictions(used, before.implausibility) if len(used) else [],
        "left_out": asked.left_out,
        "twins": len(set(twins["twin"])),
        "twins_in_vain": in_vain,
        "twins_covered": float(np.mean(twins["covered"])) if len(twins) else None,
        "twin_covered": told_of_twin,
    }
    return tables, told


def _values(asked: Asked, fact: Fact, wave: Wave) -> Any:
    return wave.values[fact.case or asked.plan.name, fact.name]


def _all_runs(values: Any) -> Any:
    return values[~np.isnan(values)]


def _real(asked: Asked, given: Sequence[Given], wave: Wave) -> tuple[Any, Any]:
    """Means of real runs at the points of a wave, and all that may separate them from the facts; (points, facts)."""
    means, variances = [], []
    places = asked.belief.places(wave.x)
    for one in given:
        values = _values(asked, one.fact, wave)
        counts = (~np.isnan(values)).sum(axis=1)
        luck = one.luck.of_run_at(places[:, one.emulator.active])
        known = np.where(counts > 0, np.nansum(values, axis=1) / np.maximum(counts, 1), np.nan)
        means.append(known)
        variances.append(one.blur**2 + luck * (1 + 1 / np.maximum(counts, 1)))
    return np.column_stack(means), np.column_stack(variances)


def _added(logs: Any, used: Sequence[Given], belief: Belief, x: Any) -> Any:
    """Weights that turn draws made with emulators into draws that real runs agree with; they sum to one."""
    places = belief.places(x)
    drawn_with = np.zeros(len(x))
    for one in _judging(used):
        at = one.emulator.at(places)
        variance = one.variance(at)
        drawn_with -= 0.5 * ((at.mean - one.fact.value) ** 2 / variance + np.log(variance))
    ratio = logs - drawn_with
    weights = np.exp(ratio - ratio.max())
    return weights / weights.sum()
