"""Calibration: which values of the uncertain parameters agree with what is known.

One wave of history matching (emulators, implausibility, what is ruled out) and the posterior on what is left, from a
sweep of uncertainties. Docs: docs/calibrate.md.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.experiments.analyses.futures import policy_of
from injae.experiments.calibration import emulators, posterior
from injae.experiments.calibration.evidence import GIVEN, CalibrationTargets, evidence_of, fact_replicates, targets_of
from injae.experiments.calibration.given_facts import (
    POINTS_MIN,
    Box,
    Given,
    Unusable,
    box_of,
    check_any,
    drawn,
    emulated_at,
    given_of,
    judged_at,
    left_out_or_refused,
)
from injae.experiments.calibration.posterior import CANDIDATES, RULED_OUT, Draws, Judged
from injae.experiments.calibration.tables import (
    contradictions,
    fact_row,
    pair_table,
    parameter_table,
    point_table,
    predicted_runs,
    screened_table,
)
from injae.experiments.calibration.twins import COLUMNS as TWIN_COLUMNS
from injae.experiments.calibration.twins import Worlds, twin_table
from injae.experiments.findings import Finding
from injae.experiments.outcomes import check_versus
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario

DRAWS = 200
ENOUGH = 1000  # effective draws among the candidates, from which on no sampler is needed
SAMPLED, SAMPLED_FOR_TWINS = 2048, 512  # draws that a sampler leads
FILLING = ("lhs", "sobol", "saltelli")  # designs whose points fill their box


def calibrate(
    sweep: Sweep,
    targets: CalibrationTargets | Sequence[str] = (),
    *,
    policy: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    watch: Callable[[int, int], None] | None = None,
) -> Finding:
    """Find the values of uncertain parameters that agree with what is known.

    Args:
        sweep: of uncertainties, two seeds or more at each point.
        targets: what runs are held against: facts, ``OUTCOME=VALUE+-ERROR`` (one standard error), or
            ``CalibrationTargets``; none: the country's facts.
        policy: whose runs are the world's, if the sweep has several.
        draws: rows of ``posterior``.
        seed: of the draws.
        watch: called with (steps done, in all).

    Raises:
        InputError: something that cannot be asked of this sweep.
    """
    emulators.check_installed()
    _check_sweep(sweep)
    targets = targets_of(targets)
    versus, discrepancy = targets.versus, targets.discrepancy
    name = policy_of(sweep, policy)
    plan = sweep.policies[name]
    if versus:
        check_versus(sweep, [name], versus)
        if not any("=" in text for text in (*targets.facts, *targets.hold_out)):
            hint = "write OUTCOME=VALUE+-ERROR of the difference"
            raise InputError("form", "no fact is about a difference", "versus", versus, suggestion=hint)
    evidence = evidence_of(targets, plan)
    evidence = evidence._replace(
        facts=[
            one._replace(what=f"{one.what}, less that of {versus}") if versus and one.source == GIVEN else one
            for one in evidence.facts
        ]
    )
    box = box_of(sweep, name)
    found = fact_replicates(sweep, evidence.facts, name, versus)
    with emulators.one_thread():
        given: list[Given] = []
        for n, (fact, one) in enumerate(zip(evidence.facts, found, strict=True), 1):
            try:
                given.append(given_of(box.x, fact, one.values, discrepancy))
            except Unusable as error:
                left_out_or_refused(fact, error, evidence.left_out)
            if watch:
                watch(n, len(found) + 1)
        check_any(given, evidence.left_out)
        tables, told = judged_tables(box, given, plan, draws, seed)
    statuses = sweep.runs.query("policy == @name")["status"].tolist()
    done, waiting = statuses.count("done"), statuses.count("waiting")
    question = {
        "sweep": sweep.manifest["receipt"],
        "design": sweep.manifest["design"],
        "policy": name,
        "versus": versus,
        "seeds": len(sweep.seeds),
        "facts": [one.fact._asdict() for one in given],
        "discrepancy": discrepancy,
        "draws": draws,
        "draws_seed": seed,
        "ruled_out_above": RULED_OUT,
    }
    counted = {
        "runs_wanted": len(statuses),
        "runs_failed": len(statuses) - done - waiting,
        "runs_waiting": waiting,
        "left_out": evidence.left_out,
    }
    return Finding("calibrate", question, tables, {**counted, **told})


def _check_sweep(sweep: Sweep) -> None:
    """Refuse what is no sweep of uncertainties with noise in it.

    Raises:
        InputError: calibrating levers, one seed per point, a design that does not fill its box, too few points.
    """
    levers, kind = sweep.points.attrs["levers"], sweep.manifest["design"]["text"].partition(":")[0]
    if levers:
        fault = f"varies in {sweep.folder}, and that would be calibrating levers"
        hint = "levers are chosen, not estimated: sweep only parameters"
        raise InputError("conflict", fault, levers[0], suggestion=hint)
    if len(sweep.seeds) < 2:
        fault = "one seed per point in a calibration would fit noise"
        raise InputError("unusable", fault, source=sweep.folder, suggestion="continue the sweep with --seeds 4")
    if kind not in FILLING and not kind.endswith(".csv"):
        fault = f"design {kind} leaves the box empty"
        raise InputError("unusable", fault, source=sweep.folder, suggestion="sweep with --design lhs:N or sobol:N")
    if len(sweep.points) < POINTS_MIN:
        fault = f"has {len(sweep.points)} points"
        raise InputError("range", fault, source=sweep.folder, suggestion=f"a calibration needs {POINTS_MIN} or more")


def judged_tables(
    box: Box, given: Sequence[Given], plan: Scenario, draws: int, seed: int
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Everything that is found, as tables and single figures."""
    used = [one for one in given if not one.fact.held_out]
    judging = [one for one in used if one.by_emulator]
    at_points = judged_at(used, [one.at_points for one in used])
    on_points = Draws(box.x, posterior.weights_of(at_points), 1)
    first, judged, found = box.x, at_points, on_points
    twins, in_vain = pd.DataFrame(columns=TWIN_COLUMNS), 0
    if judging:
        first = posterior.box_points(len(box.inputs), CANDIDATES, seed)
        first = first[box.inside(first)]
        judged = emulated_at(judging, box, first)
        found = _posterior(judging, box, first, judged, seed)
        twins, in_vain = twins_of(box, judging, first, seed)
    rng = np.random.default_rng([seed, 3])
    left = judged.possible
    tables = {
        "parameters": parameter_table(box, found, twins, plan),
        "facts": _fact_table(box, given, judging or used, Fit(first, judged, found, on_points), rng),
        "inputs": screened_table(box, given),
        "pairs": pair_table(box, found, first, found.effective),
        "points": point_table(box, box.x, used, at_points, on_points.weights),
        "posterior": box.scaled(_equally_weighted(found, draws, rng)),
        "next": box.scaled(_next_wave(box, first if judging else None, left, found, seed)),
        "twins": twins,
    }
    told = {
        "points": len(box.x),
        "points_left": int(at_points.possible.sum()),
        "by_emulator": bool(judging),
        "is_table": box.is_table,
        "candidates": len(first),
        "space_left": float(left.mean()),
        "effective_draws": found.effective,
        "effective_points": on_points.effective,
        "stages": found.stages,
        "contradictions": contradictions(judging or used, judged.implausibility),
        "twins": len(set(twins["twin"])),
        "twins_in_vain": in_vain,
        "twins_covered": float(np.mean(twins["covered"])) if len(twins) else None,
    }
    return tables, told


def _posterior(judging: Sequence[Given], box: Box, first: Any, judged: Judged, seed: int) -> Draws:
    """Weighted points of the box, or draws led closer in where too few of these count; none that is ruled out."""
    found = Draws(first, posterior.weights_of(judged), 1)
    if found.effective >= ENOUGH:
        return found
    found = drawn(judging, box, first[:SAMPLED], seed)
    possible = emulated_at(judging, box, found.x).possible
    weights = np.where(possible, found.weights, 0.0)
    return found._replace(weights=weights / weights.sum() if weights.any() else weights)


class Fit(NamedTuple):
    """What was judged and what is left: places judged, shape (places, inputs), how, and draws on them and on points."""

    first: Any
    judged: Judged
    found: Draws
    on_points: Draws


def _fact_table(
    box: Box, given: Sequence[Given], judging: Sequence[Given], fit: Fit, rng: np.random.Generator
) -> pd.DataFrame:
    rows = []
    names = [one.fact.name for one in judging]
    first, judged, found, on_points = fit
    at_first, at_found = box.places(first), box.places(found.x)
    for one in given:
        alone = (
            judged.implausibility[:, names.index(one.fact.name)]
            if one.fact.name in names
            else judged_at([one], [one.at_points]).implausibility[:, 0]
        )
        if one.by_emulator:
            before, after, weights = one.emulator.at(at_first), one.emulator.at(at_found), found.weights
        else:
            before, after, weights = one.at_points, one.at_points, on_points.weights
        even = np.full(len(before.mean), 1 / len(before.mean))
        runs = predicted_runs(before, even, rng)
        rows.append(fact_row(one, alone, runs, predicted_runs(after, weights, rng), rng))
    return pd.DataFrame(rows)


def twins_of(box: Box, given: Sequence[Given], first: Any, seed: int) -> tuple[pd.DataFrame, int]:
    """Runs of the sweep taken for the world: are their parameters found?"""
    values = np.stack([one.values for one in given], axis=2)
    places = box.places(first)
    predicted = [one.emulator.at(places) for one in given]
    means = np.column_stack([one.mean for one in predicted])
    variances = np.column_stack([one.variance(at) for one, at in zip(given, predicted, strict=True)])
    blur = np.array([one.blur for one in given])

    def redraw(seen: Any) -> Draws:
        facts = [one.fact._replace(value=value) for one, value in zip(given, seen.tolist(), strict=True)]
        world = [one._replace(fact=fact) for one, fact in zip(given, facts, strict=True)]
        return drawn(world, box, first[:SAMPLED_FOR_TWINS], seed)

    candidates = Draws(first, np.full(len(first), 1 / len(first)), 1)
    return twin_table(Worlds(box.x, values, blur, box.paths), candidates, means, variances, seed, redraw)


def _equally_weighted(found: Draws, number: int, rng: np.random.Generator) -> Any:
    if not found.weights.any():
        return found.x[:0]
    return found.x[rng.permutation(posterior.systematic(found.weights, number, rng))]


def _next_wave(box: Box, first: Any, left: Any, found: Draws, seed: int) -> Any:
    """As many points as this sweep has, evenly over what is left; without emulators, over the whole box."""
    number = len(box.x)
    if first is None:
        x = posterior.box_points(len(box.inputs), CANDIDATES, seed + 1)
        return x[box.inside(x)][:number]
    here = first[left][:number]
    more = found.x[found.weights > 0] if found.stages > 1 else found.x[:0]
    return np.concatenate([here, more[: number - len(here)]])
