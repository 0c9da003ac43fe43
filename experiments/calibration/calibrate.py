"""Calibration: which values of the uncertain parameters agree with what is known.

One wave of history matching (emulators, implausibility, what is ruled out) and the posterior on what is left, from a
sweep of uncertainties. Docs: docs/calibrate.md.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.analyses.futures import policy_of
from experiments.calibration import emulators, posterior
from experiments.calibration.evidence import evidence_of, fact_replicates
from experiments.calibration.given_facts import (
    POINTS_MIN,
    Box,
    Given,
    box_of,
    emulated_at,
    given_of,
    judged_at,
    twins_of,
)
from experiments.calibration.posterior import CANDIDATES, RULED_OUT, Draws
from experiments.calibration.tables import fact_table, pair_table, parameter_table, point_table
from experiments.calibration.twins import COLUMNS as TWIN_COLUMNS
from experiments.findings import Finding
from experiments.sweeps.store import Sweep
from model.errors import InputError
from model.scenario import Scenario

DISCREPANCY = 0.05  # of a fact's value: how far the model may be off with the best parameters
DRAWS = 200
FILLING = ("lhs", "sobol", "saltelli")  # designs whose points fill their box


def calibrate(
    sweep: Sweep,
    facts: Sequence[str] = (),
    *,
    hold_out: Sequence[str] = (),
    discrepancy: float = DISCREPANCY,
    policy: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    watch: Callable[[int, int], None] | None = None,
) -> Finding:
    """Find the values of uncertain parameters that agree with what is known.

    Args:
        sweep: of uncertainties, two seeds or more at each point.
        facts: ``OUTCOME=VALUE+-ERROR`` (one standard error); none: the country's (``evidence``).
        hold_out: facts that are compared only.
        discrepancy: share of a fact's value that the model may be off with the best parameters (standard deviation).
        policy: whose runs are the world's, if the sweep has several.
        draws: rows of ``posterior``.
        seed: of the draws.
        watch: called with (steps done, in all).

    Raises:
        InputError: something that cannot be asked of this sweep.
    """
    emulators.check_installed()
    _check_sweep(sweep)
    name = policy_of(sweep, policy)
    plan = sweep.policies[name]
    evidence = evidence_of(facts, hold_out, plan)
    box = box_of(sweep, name)
    found = fact_replicates(sweep, evidence.facts, name)
    with emulators.one_thread():
        given = []
        for n, (fact, one) in enumerate(zip(evidence.facts, found, strict=True), 1):
            given.append(given_of(box.x, fact, one.values, discrepancy))
            if watch:
                watch(n, len(found) + 1)
        tables, told = judged_tables(box, given, plan, draws, seed)
    statuses = sweep.runs.query("policy == @name")["status"].tolist()
    done, waiting = statuses.count("done"), statuses.count("waiting")
    question = {
        "sweep": sweep.manifest["receipt"],
        "design": sweep.manifest["design"],
        "policy": name,
        "seeds": len(sweep.seeds),
        "facts": [fact._asdict() for fact in evidence.facts],
        "discrepancy": discrepancy,
        "draws": draws,
        "draws_seed": seed,
        "ruled_out_above": RULED_OUT,
    }
    counted = {
        "runs_wanted": len(statuses),
        "runs_failed": len(statuses) - done - waiting,
        "runs_waiting": waiting,
        "facts_too_long": evidence.too_long,
    }
    return Finding("calibrate", question, tables, {**counted, **told})


def _check_sweep(sweep: Sweep) -> None:
    """Refuse what is no sweep of uncertainties with luck in it.

    Raises:
        InputError: calibrating levers, one seed per point, a design that does not fill its box, too few points.
    """
    levers, kind = sweep.points.attrs["levers"], sweep.manifest["design"]["text"].partition(":")[0]
    if levers:
        raise InputError(
            f"{levers[0]}: varies in {sweep.folder}, and that would be calibrating levers; levers are chosen, "
            "not estimated: sweep only parameters"
        )
    if len(sweep.seeds) < 2:
        raise InputError(
            f"{sweep.folder}: one seed per point in a calibration would fit luck; continue the sweep with --seeds 4"
        )
    if kind not in FILLING and not kind.endswith(".csv"):
        raise InputError(f"{sweep.folder}: design {kind} leaves the box empty; sweep with --design lhs:N or sobol:N")
    if len(sweep.points) < POINTS_MIN:
        raise InputError(f"{sweep.folder}: has {len(sweep.points)} points; a calibration needs {POINTS_MIN} or more")


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
        predicted = [one.emulator.at(first) for one in judging]
        judged = judged_at(judging, predicted)
        found = posterior.sample(first, judged, lambda x: emulated_at(judging, x), box.inside, seed)
        twins, in_vain = twins_of(box, judging, first, predicted, seed)
    rng = np.random.default_rng([seed, 3])
    left = judged.possible
    tables = {
        "parameters": parameter_table(box, found, twins, plan),
        "facts": fact_table(given, judging or used, first, judged, found, on_points, rng),
        "pairs": pair_table(box, found),
        "points": point_table(box, used, at_points, on_points.weights),
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
        "rounds": found.rounds,
        "twins": len(set(twins["twin"])),
        "twins_in_vain": in_vain,
        "twins_covered": float(np.mean(twins["covered"])) if len(twins) else None,
    }
    return tables, told


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
    more = found.x[found.weights > 0] if found.rounds > 1 else found.x[:0]
    return np.concatenate([here, more[: number - len(here)]])
