"""Futures: the points of a sweep as values of what is uncertain, the same for every policy."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.outcomes import check_versus, less, outcome_values
from injae.experiments.sweeps.designs import declaration
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError, nearest
from injae.model.scenario import Scenario

NOISE_ERRORS = 2.0  # standard errors that count as noise


class Input(NamedTuple):
    """Something uncertain: its path and name, what it is, its scale (see ``prim``) and range in a sweep."""

    path: str
    name: str
    unit: str
    meaning: str
    scale: str
    low: float
    high: float


def policy_of(sweep: Sweep, name: str | None) -> str:
    """The policy of a sweep that is meant: the one named, or the only one.

    Raises:
        InputError: no such policy, or several and none named.
    """
    names = list(sweep.policies)
    if name is None and len(names) > 1:
        fault = f"has several policies; name one with --policy: {', '.join(names)}"
        raise InputError("form", fault, source=sweep.folder)
    if name is not None and name not in names:
        raise InputError("unknown", f"not in {sweep.folder}", "policy", name, suggestion=nearest(name, names))
    return name or names[0]


def futures_of(sweep: Sweep, policies: Sequence[str], *, levers: bool = False) -> tuple[list[Input], Any]:
    """What varies between futures, and its values: one row a point (index ``point``), one column a path.

    Args:
        sweep: with points.
        policies: labels of those that meet the futures; an empty cell of a point means their value.
        levers: take levers and shocks as if nobody chose them.

    Raises:
        InputError: levers vary and may not; nothing varies; or an empty cell means different values in the policies.
    """
    points: Any = sweep.points
    chosen = points.attrs["levers"]
    if chosen and not levers:
        fault = f"a lever varies in {sweep.folder}, and a future is only what nobody chooses"
        hint = "compare levers as policies, or take them for uncertain with --levers"
        raise InputError("conflict", fault, chosen[0], suggestion=hint)
    plans = [sweep.policies[name] for name in policies]
    logs = {f["path"] for kind in ("levers", "uncertainties") for f in sweep.manifest["design"][kind] if f["log"]}
    table, inputs = points.copy(), []
    for path in points.columns:
        if table[path].isna().any():
            table[path] = table[path].fillna(_value_in(plans, path))
        column = table[path]
        if column.nunique() < 2:
            continue
        whole = bool((column == column.round()).all())
        scale = "whole" if whole else "log" if path in logs else "linear"
        declared = declaration(path, plans[0])
        words = path.rpartition(".")[2].replace("_", " ")
        inputs.append(Input(path, words, declared.unit, declared.meaning, scale, column.min(), column.max()))
    if not inputs:
        raise InputError("conflict", "nothing that is uncertain varies between its points", source=sweep.folder)
    return inputs, table[[one.path for one in inputs]]


def _value_in(plans: Sequence[Scenario], path: str) -> float:
    """The value that a parameter has in all policies."""
    if not path.startswith("parameters."):
        raise InputError("conflict", "some points leave this lever as in the policy, which is no single number", path)
    name, declared = path.removeprefix("parameters."), declaration(path, plans[0])
    values = {float(plan.parameters.get(name, declared.value)) for plan in plans}  # type: ignore[union-attr]
    if len(values) > 1:
        fault = "some points leave it as in the policy, and policies differ in it"
        raise InputError("conflict", fault, path, suggestion="name one policy")
    return values.pop()


class Tally(NamedTuple):
    """Runs of the policies that are looked at: wanted, failed, not yet done, and done without a value."""

    wanted: int
    failed: int
    waiting: int
    without_value: int

    @property
    def missing(self) -> int:
        """Runs that are wanted and not there."""
        return self.failed + self.waiting


def values_of(sweep: Sweep, policies: Sequence[str], outcomes: Sequence[str], versus: str = "") -> tuple[Any, Tally]:
    """Outcomes of every run that gives all of them, in the order of point, policy and seed, and how many runs do not.

    Years until something happens that does not happen are infinite; other outcomes that do not apply leave a run out.
    With ``versus`` an outcome is what it adds to the run of that policy on the same point and seed.

    Raises:
        InputError: no run of a policy is finished, or none of them gives one of the outcomes; or no such ``versus``.
    """
    if versus:
        check_versus(sweep, policies, versus)
    table: Any = outcome_values(sweep, outcomes)
    units = table.attrs["units"]
    table = (
        table[table["policy"].isin([*policies, versus])]
        .sort_values(["point", "policy", "seed"])
        .astype({"policy": str})
    )
    for name, unit in units.items():
        if unit == "years":
            table[name] = table[name].fillna(np.inf)
    if versus:
        table = less(table, versus, outcomes)
    table = table[table["policy"].isin(policies)]
    for policy in policies:
        _check_has_all(table[table["policy"] == policy], policy, outcomes)
    known = table.dropna(subset=list(outcomes)).reset_index(drop=True)
    runs: Any = sweep.runs
    runs = runs[runs["policy"].isin(policies)]
    waiting, done = int((runs["status"] == "waiting").sum()), int((runs["status"] == "done").sum())
    return known, Tally(len(runs), len(runs) - waiting - done, waiting, len(table) - len(known))


def _check_has_all(runs: Any, policy: str, outcomes: Sequence[str]) -> None:
    """Refuse a policy of which nothing is known of an outcome: no future could be looked at."""
    if not len(runs):
        raise InputError("no_results", "no run is finished", "policy", policy)
    empty = [name for name in outcomes if not runs[name].count()]
    if empty:
        fault = f"no value in any of {len(runs)} finished runs of {policy}"
        hint = "ask for another outcome, or for other policies"
        raise InputError("no_results", fault, "outcome", ", ".join(empty), suggestion=hint)


def noise_variance(groups: Any) -> float:
    """Variance of a run over the seeds of one future, the mean over futures (groups of values); nan with one seed.

    One future alone has too few seeds to tell.
    """
    variances = groups.var(ddof=1)
    return float(variances[np.isfinite(variances)].mean())
