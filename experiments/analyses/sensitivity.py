"""Sensitivity: which input accounts for how much of an outcome, by the method that the design of a sweep allows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy

from injae.experiments.analyses import given_data, sobol
from injae.experiments.analyses.inputs import factors_of, input_rows, inputs_of
from injae.experiments.findings import Finding
from injae.experiments.outcomes import without_value
from injae.experiments.replicates import replicates_of
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError

METHODS = {"saltelli": "sobol", "oat": "tornado", "lhs": "pawn", "sobol": "pawn"}  # by design
OUTCOMES = ("programme_practitioners_at_end", "specialists_at_end", "adoption_share_at_end")


def sensitivity(sweep: Sweep, outcomes: Sequence[str], *, policy: str = "", versus: str = "", seed: int = 0) -> Finding:
    """Sensitivity of outcomes to everything that varies in a sweep.

    Sobol' indices for a design ``saltelli:N``, PAWN indices for points that lie anyhow (``lhs``, ``sobol``, a table),
    low and high ends for ``oat``.

    Args:
        sweep: finished, or nearly.
        outcomes: as in ``experiments.outcomes``.
        policy: of the sweep; the first unless told.
        versus: policy whose outcome on the same seed and point is taken off.
        seed: of bootstraps and dummies.

    Raises:
        InputError: a design of which no indices can be made, or too many missing runs.
    """
    design = sweep.manifest["design"]
    kind = str(design["text"]).partition(":")[0]
    if kind in ("morris", "factorial"):
        hint = "injae screen analyses it" if kind == "morris" else "it has values, no ranges"
        raise InputError("unusable", f"its design is {design['text']}", source=sweep.folder, suggestion=hint)
    method = METHODS.get(kind, "pawn")
    factors = factors_of(design)
    found = replicates_of(sweep, outcomes, policy, versus)
    plan = sweep.policies[policy or next(iter(sweep.policies))]
    statuses = sweep.runs["status"].tolist()
    if method == "tornado":  # of differences to the first point
        counts = {one.outcome: int((~np.isnan(one.values[1:] - one.values[0])).sum()) for one in found}
    else:
        counts = {one.outcome: one.values.size - one.missing for one in found}
    missing = without_value(counts, statuses.count("done"))
    found = [one for one in found if one.outcome not in missing]
    facts: dict[str, Any] = {
        "method": method,
        "points": len(sweep.points),
        "runs": len(statuses),
        "runs_missing": len(statuses) - statuses.count("done"),
        "seeds": len(sweep.seeds),
        "months": plan.months,
        "without_value": missing,
    }
    if method == "tornado":
        tables = {"tornado": given_data.tornado_table(found, factors)}
    else:
        shares = _shares(sweep.points.to_numpy(), kind)
        if method == "sobol":
            sobol.check_order(sweep.points.to_numpy(), [one.input for one in factors], inputs_of(factors), sweep.folder)
            tables, more = sobol.sobol_tables(found, inputs_of(factors), shares, seed)
            facts |= more
        else:
            tables = {"pawn": given_data.pawn_table(found, [factor.path for factor in factors], shares, seed)}
            facts["points_left_out"] = {one.outcome: int(np.isnan(one.values).any(axis=1).sum()) for one in found}
    tables["inputs"] = pd.DataFrame(input_rows(factors, plan))
    question = {
        "sweep": sweep.manifest["receipt"],
        "design": design,
        "policy": plan.name,
        "versus": versus,
        "outcomes": [one.outcome for one in found],
        "seed": seed,
    }
    return Finding("sensitivity", question, tables, facts)


def _shares(points: Any, kind: str) -> Any:
    """Points in the box that they span, each column 0 to 1 by rank, so that scales need no care.

    Raises:
        InputError: a point that leaves a setting as in the policy.
    """
    if np.isnan(points).any():
        fault = "leaves settings as in the policy at some points"
        raise InputError("unusable", fault, "design", kind, suggestion="indices need numbers")
    ranks = scipy.stats.rankdata(points, method="dense", axis=0)
    return (ranks - 1) / np.maximum(ranks.max(axis=0) - 1, 1)
