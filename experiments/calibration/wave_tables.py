"""What waves found, from real runs: those of the first wave (before), and of draws of the posterior (after)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.calibration import posterior
from injae.experiments.calibration.asked import OUTCOMES, Asked
from injae.experiments.calibration.belief import Belief
from injae.experiments.calibration.evidence import Fact, check_different
from injae.experiments.calibration.given_facts import Given, Unusable, given_of, left_out_or_refused
from injae.experiments.calibration.information import information_table
from injae.experiments.calibration.posterior import Draws
from injae.experiments.calibration.tables import (
    contradictions,
    fact_row,
    pair_table,
    parameter_table,
    real_runs,
    screened_table,
)
from injae.experiments.calibration.twins import Worlds, twin_table
from injae.experiments.calibration.wave_runs import Wave

LEARNED_FROM = 600  # points that emulators learn from: those of the last waves

Watch = Callable[[str, int, int], None]


def judging(given: Sequence[Given]) -> list[Given]:
    """Facts that emulators stand for and that have a say."""
    return [one for one in given if one.by_emulator and not one.fact.held_out]


def given_in(asked: Asked, run: Sequence[Wave], discrepancy: float, shown: str, say: Watch) -> list[Given]:
    """Facts with what the last waves say of them; those that nothing moves are left out, and named."""
    x = np.concatenate([wave.x for wave in run[::-1]])[:LEARNED_FROM]
    places = asked.belief.places(x)
    facts = [(case, fact) for case in asked.cases for fact in case.facts]
    grids = [
        np.concatenate([wave.values[case.plan.name, fact.name] for wave in run[::-1]])[:LEARNED_FROM]
        for case, fact in facts
    ]
    found, usable = [], []
    for n, ((_, fact), values) in enumerate(zip(facts, grids, strict=True), 1):
        try:
            found.append(given_of(places, fact, values, discrepancy, crossed=False))
            usable.append(values)
        except Unusable as error:
            left_out_or_refused(fact, error, asked.left_out)
        say(shown, n, len(facts))
    check_different([one.fact for one in found], usable)
    return found


def tables_of_waves(
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
    twins, in_vain = twin_table(Worlds(found.x, values, blur, belief.paths), found, means, variances, seed)
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
        "pairs": pair_table(belief, found, run[0].x, min(effective, found.effective)),
        "information": information_table(outcomes, belief.paths, found.x, found.weights, seed),
        "posterior": belief.scaled(kept),
        "twins": twins,
    }
    told = {
        "by_emulator": bool(judging(given)),
        "candidates": len(run[0].x),
        "draws_run": len(last.x),
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
        noise = one.noise.of_run_at(places[:, one.emulator.active])
        known = np.where(counts > 0, np.nansum(values, axis=1) / np.maximum(counts, 1), np.nan)
        means.append(known)
        variances.append(one.blur**2 + noise * (1 + 1 / np.maximum(counts, 1)))
    return np.column_stack(means), np.column_stack(variances)


def _added(logs: Any, used: Sequence[Given], belief: Belief, x: Any) -> Any:
    """Weights that turn draws made with emulators into draws that real runs agree with; they sum to one."""
    places = belief.places(x)
    drawn_with = np.zeros(len(x))
    for one in judging(used):
        at = one.emulator.at(places)
        variance = one.variance(at)
        drawn_with -= 0.5 * ((at.mean - one.fact.value) ** 2 / variance + np.log(variance))
    ratio = logs - drawn_with
    weights = np.exp(ratio - ratio.max())
    return weights / weights.sum()
