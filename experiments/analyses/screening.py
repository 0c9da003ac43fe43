"""Screening: which uncertain numbers matter at all, by Morris' elementary effects, against a dummy that is noise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.analyses.inputs import DUMMY, factors_of, input_rows, inputs_of
from injae.experiments.findings import Finding
from injae.experiments.outcomes import without_value
from injae.experiments.replicates import TARGETS, Replicates, dummy_noise, replicates_of
from injae.experiments.summary import CONFIDENCE
from injae.experiments.sweeps.designs import MORRIS_LEVELS, check_salib
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError

RESAMPLES = 1000
TRAJECTORIES_FEW = 10  # with fewer, intervals are too rough to say of an input that it is below noise
ABOVE, UNCLEAR, BELOW = "above", "not clear", "below"  # verdicts on an input against the dummy
OUTCOMES = (
    "programme_graduates_by_target_date",
    "programme_practitioners_at_end",
    "specialists_at_end",
    "employed_hospitals_at_end",
    "adoption_share_at_end",
    "unmet_demand_share_at_end",
)
MEAN = TARGETS[0].over


def screen(sweep: Sweep, outcomes: Sequence[str], *, policy: str = "", versus: str = "", seed: int = 0) -> Finding:
    """Elementary effects of everything that varies in a sweep with a Morris design, for several outcomes.

    An effect is the change of the outcome, in its unit, over the whole range of an input. Trajectories with a run that
    failed or has no value are dropped, and counted.

    Args:
        sweep: with a design ``morris:R`` and at least two seeds.
        outcomes: as in ``experiments.outcomes``.
        policy: of the sweep; the first unless told.
        versus: policy whose outcome on the same seed and point is taken off.
        seed: of the bootstrap and of the dummy.

    Raises:
        InputError: another design, one seed, or no two whole trajectories.
    """
    design = sweep.manifest["design"]
    if not design["text"].startswith("morris:"):
        fault = f"its design is {design['text']}"
        raise InputError("unusable", fault, source=sweep.folder, suggestion="a screening needs morris:R")
    if len(sweep.seeds) < 2:
        hint = "the dummy, which is noise, needs at least two: --seeds 2"
        raise InputError("range", "has one seed", source=sweep.folder, suggestion=hint)
    factors = factors_of(design)
    moved = {factor.input: n for n, factor in reversed(list(enumerate(factors)))}  # a group by its first member
    inputs = inputs_of(factors)
    sizes = {one: sum(factor.input == one for factor in factors) for one in inputs}
    levels = sweep.points.to_numpy()[:, [moved[one] for one in inputs]]
    statuses = sweep.runs["status"].tolist()
    found = replicates_of(sweep, outcomes, policy, versus)
    missing = without_value({one.outcome: one.values.size - one.missing for one in found}, statuses.count("done"))
    found = [one for one in found if one.outcome not in missing]
    tables, dropped = [], {}
    for one in found:
        effect, dropped[one.outcome] = effects(one, inputs, levels, seed)
        table: Any = effect
        table.loc[table["input"].map(sizes).fillna(1) > 1, ["mu", "sigma"]] = np.nan  # members move in both directions
        table.insert(3, "settings", table["input"].map(sizes).fillna(0).astype(int))
        tables.append(table)
    all_effects: Any = pd.concat(tables, ignore_index=True)
    plan = sweep.policies[policy or next(iter(sweep.policies))]
    trajectories = len(levels) // (len(inputs) + 1)
    facts = {
        "trajectories": trajectories,
        "trajectories_dropped": dropped,
        "points": len(sweep.points),
        "runs": len(statuses),
        "runs_missing": len(statuses) - statuses.count("done"),
        "seeds": len(sweep.seeds),
        "months": plan.months,
        "grouped": len(inputs) < len(factors),
        "noise_floor": all_effects[all_effects["input"] == DUMMY].set_index("outcome")["mu_star"].to_dict(),
        "droppable": droppable(all_effects),
        "trajectories_few": trajectories - max(dropped.values(), default=0) < TRAJECTORIES_FEW,
        "without_value": missing,
    }
    question = {
        "sweep": sweep.manifest["receipt"],
        "design": design,
        "policy": plan.name,
        "versus": versus,
        "outcomes": [one.outcome for one in found],
        "seed": seed,
        "resamples": RESAMPLES,
    }
    found_tables = {"effects": all_effects, "inputs": pd.DataFrame(input_rows(factors, plan))}
    return Finding("screen", question, found_tables, facts)


def effects(one: Replicates, inputs: Sequence[str], levels: Any, seed: int = 0) -> tuple[pd.DataFrame, int]:
    """Elementary effects on one outcome, largest first, and the number of trajectories that had to be dropped.

    Args:
        one: values at the points, trajectory after trajectory.
        inputs: names.
        levels: where each input lies at the points, shape (points, inputs), in any unit.
        seed: of the bootstrap and of the dummy.

    Raises:
        InputError: fewer than two trajectories are whole.
    """
    check_salib("a screening")
    from SALib.analyze import morris  # extra experiments

    size = len(inputs) + 1
    by_trajectory = one.values[: len(levels) // size * size].reshape(-1, size, one.values.shape[1])
    whole = ~np.isnan(by_trajectory).any(axis=(1, 2))
    if whole.sum() < 2:
        fault = f"{whole.sum()} of {len(whole)} trajectories are whole, and two are needed"
        hint = f"{one.missing} of {one.values.size} runs failed, wait or have no such outcome"
        raise InputError("unknown", fault, "outcome", one.outcome, suggestion=hint)
    rng = np.random.default_rng([seed, *one.outcome.encode()])
    kept = by_trajectory[whole]
    y = np.concatenate([MEAN(kept), dummy_noise(kept, MEAN, rng)[:, -1:]], axis=1)
    x = np.zeros((len(kept), size + 1, size))
    x[:, :size, :-1] = levels[: len(whole) * size].reshape(len(whole), size, -1)[whole]
    x[:, size] = x[:, size - 1]
    x[:, size, -1] = 1.0  # the last step of a trajectory changes nothing but noise
    names = [*inputs, DUMMY]
    problem = {"num_vars": size, "names": names, "bounds": [[0.0, 1.0]] * size}
    result = morris.analyze(
        problem,
        x.reshape(-1, size),
        y.ravel(),
        num_resamples=RESAMPLES,
        conf_level=CONFIDENCE,
        num_levels=MORRIS_LEVELS,
        seed=rng,
    )
    mu_star, half = (np.asarray(result[name], float) for name in ("mu_star", "mu_star_conf"))
    table = pd.DataFrame(
        {
            "outcome": one.outcome,
            "unit": one.unit,
            "input": names,
            "mu_star": mu_star,
            "mu_star_low": np.maximum(mu_star - half, 0.0),
            "mu_star_high": mu_star + half,
            "mu": np.asarray(result["mu"], float),
            "sigma": np.asarray(result["sigma"], float),
        }
    )
    floor_high = table["mu_star_high"].iloc[-1]
    above = table["mu_star_low"] > floor_high
    below = (table["mu_star_high"] <= floor_high) & (len(kept) >= TRAJECTORIES_FEW)
    table["against_noise"] = np.select([above, below], [ABOVE, BELOW], UNCLEAR)
    table.loc[table["input"] == DUMMY, "against_noise"] = "floor"
    order = table.sort_values("mu_star", ascending=False, kind="stable")
    return order.reset_index(drop=True), int((~whole).sum())


def droppable(table: Any) -> list[str]:
    """Inputs that are below the dummy for every outcome."""
    below = (table["against_noise"] == BELOW).groupby(table["input"], sort=False).all()
    return [str(name) for name in below.index[below]]
