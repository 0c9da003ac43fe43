"""What a sweep consists of, checked before anything runs, and whether it goes on with another."""

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.compare import check_comparable, labels_of
from injae.experiments.envelope import beyond_varied, outside
from injae.experiments.folders import holds_sweep
from injae.experiments.results import check_kept
from injae.experiments.sweeps.blocks import Order, Task
from injae.experiments.sweeps.designs import POSTERIOR, Sampler, make_design
from injae.experiments.sweeps.identities import case_of, model_version, run_id
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario, month_of

SEEDS = 4


@dataclass
class Plan:
    """What a sweep consists of, checked: every case is a scenario that the model accepts."""

    policies: dict[str, Scenario]
    design: dict[str, Any]  # as the manifest has it
    points: pd.DataFrame
    seeds: list[int]
    kept: tuple[str, ...]
    cases: pd.DataFrame  # policy, point, case; in order
    model_version: str

    @property
    def runs(self) -> int:
        """Number of runs, equal cases counted as often as they occur."""
        return len(self.cases) * len(self.seeds)

    def outside(self) -> list[str]:
        """A line for each setting of a policy, or end of what varies, that lies outside its envelope."""
        policies = list(self.policies.values())
        varied = {path: self.points[path].to_numpy(float) for path in self.points.columns}
        lines = [line for plan in policies for line in outside(plan)] + self._of_no_use() + self._the_same()
        return list(dict.fromkeys(lines + [one.in_words() for one in beyond_varied(policies[0], varied)]))

    def _of_no_use(self) -> list[str]:
        """A line for each column of a table that says nothing."""
        counts = self.points.nunique(dropna=False)
        return [
            f"{path}: {'is empty at every point' if self.points[path].isna().all() else 'is the same at every point'}"
            for path in self.points.columns
            if counts[path] == 1 and len(self.points) > 1
        ]

    def _the_same(self) -> list[str]:
        """A line for policies that what varies turns into the same scenario, with the number of points."""
        shared = self.cases.groupby(["point", "case"], sort=False)["policy"].agg(tuple)
        counts = shared[shared.str.len() > 1].value_counts()
        of = len(self.points)
        return [
            f"{' and '.join(labels)} are the same scenario at {count} of {of} points: what varies takes the place of "
            "what they differ in"
            for labels, count in counts.items()
        ]

    def tasks(self, finished: set[str]) -> Iterator[Task]:
        """Runs that are not finished, in order of policy, point and seed; each id once, even if two cases are equal."""
        values, names = dict(zip(self.points.index, self.points.to_numpy(), strict=True)), list(self.points.columns)
        first = ~self.cases["case"].duplicated()
        for policy, point, case in self.cases[first].itertuples(index=False, name=None):
            settings = tuple(_settings(names, values[point]).items())
            for seed in self.seeds:
                identity = run_id(self.model_version, case, seed)
                if identity not in finished:
                    yield Task(identity, policy, point, seed, settings)

    def order(self, folder: Path, seconds_per_run: float | None = None) -> Order:
        """What processes need to know."""
        return Order(folder, self.policies, self.kept, seconds_per_run)


def _settings(names: Sequence[str], row: Any) -> dict[str, float]:
    """Settings of a point by path; nan leaves a setting as in the policy."""
    return {name: float(value) for name, value in zip(names, row, strict=True) if not math.isnan(value)}


def make_plan(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path],
    design: str | Sampler,
    vary: Sequence[str],
    *,
    seeds: Any = SEEDS,
    changes: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> Plan:
    """Check everything that a sweep consists of, before anything runs; see ``experiments.sweeps.sweep.sweep``.

    Raises:
        InputError: naming the first thing that cannot be.
    """
    if not isinstance(seeds, int) or seeds < 1:
        raise InputError("range", "needs a whole number of at least 1", "seeds", seeds)
    given = [scenarios] if isinstance(scenarios, Scenario | str | Path) else scenarios
    plans = [(one if isinstance(one, Scenario) else Scenario.load(one)).with_changes(changes) for one in given]
    if len(plans) > 1:
        check_comparable(plans)
    labels = labels_of(plans, [one.name if isinstance(one, Scenario) else str(one) for one in given])
    policies = {label: plan.model_copy(update={"name": label}) for label, plan in zip(labels, plans, strict=True)}
    made, points = make_design(design, vary, plans[0])
    _check_dates(points.columns, plans[0], "vary" if vary else "column")
    set_paths = {change.partition("=")[0].strip() for change in changes}
    for path in points.columns:
        undated = path.partition("@")[0]
        for name in set_paths:
            if name.partition("@")[0] == undated:
                fault = "this setting varies"
                raise InputError("conflict", fault, "changes", name, suggestion="leave it out of --set or of --vary")
    if made.text.startswith(f"{POSTERIOR}:"):
        _check_all_drawn(policies, points.columns)
    cases = make_cases(policies, points)
    version = model_version(plans[0].country)
    return Plan(policies, made.as_dict(), points, list(range(seeds)), check_kept(keep), cases, version)


def _check_all_drawn(policies: Mapping[str, Scenario], paths: Iterable[str]) -> None:
    """Refuse a policy that sets a parameter which is drawn for others: draws would take the place of what it sets."""
    for label, plan in policies.items():
        for path in paths:
            if path.removeprefix("parameters.") in plan.parameters:
                fault = f"{label} sets it, but it is drawn for {next(iter(policies))}"
                raise InputError("conflict", fault, path, suggestion="set it for all with --set")


def _check_dates(paths: Iterable[str], plan: Scenario, argument: str) -> None:
    """Refuse a setting that begins after the runs have ended: it would vary and never act."""
    for path in paths:
        _, at, dates = path.partition("@")
        if at and month_of(dates.partition("..")[0], plan.start) > plan.months:
            first, last = plan.date_of(1), plan.date_of(plan.months)
            fault = f"never acts, since the runs end in {last}; write a month {first} to {last}"
            raise InputError("date", fault, argument, path)


def make_cases(policies: dict[str, Scenario], points: pd.DataFrame) -> pd.DataFrame:
    """Every policy at every point as a case: policy, point, case (see ``experiments.sweeps.identities.case_of``).

    Raises:
        InputError: a point that the model does not accept.
    """
    names, cases = list(points.columns), []
    for label, plan in policies.items():
        for point, row in zip(points.index, points.to_numpy(), strict=True):
            try:
                cases.append((label, point, case_of(plan.with_settings(_settings(names, row)))))
            except InputError as error:
                error.found_in(f"point {point} in {label}")
                raise
    return pd.DataFrame(cases, columns=["policy", "point", "case"])


def plan_of(store: Sweep) -> Plan:
    """The plan of a sweep as its folder tells it."""
    facts = store.manifest
    kept, version = tuple(facts["kept"]), facts["model_version"]
    return Plan(store.policies, facts["design"], store.points, store.seeds, kept, store.cases, version)


def joined(plan: Plan, folder: Path) -> Plan:
    """The plan together with what the folder holds already: more seeds, policies or points are added, nothing is lost.

    Raises:
        InputError: the folder holds another sweep.
    """
    if not holds_sweep(folder):
        return plan
    store = Sweep(folder)
    held = plan_of(store)
    difference = _difference(held, plan)
    if difference:
        fault = f"holds another sweep: {difference}"
        raise InputError("occupied", fault, "out", folder, suggestion="choose another folder")
    policies = {**held.policies, **plan.policies}
    longer = held if len(held.points) > len(plan.points) else plan
    return dataclasses.replace(
        plan,
        policies=policies,
        design=longer.design,
        points=longer.points,
        seeds=max(held.seeds, plan.seeds, key=len),
        cases=make_cases(policies, longer.points),
    )


def _difference(held: Plan, plan: Plan) -> str:
    """Why two plans cannot share a folder; empty if one only adds to the other."""
    if sorted(held.points.columns) != sorted(plan.points.columns):
        return f"{', '.join(held.points.columns)} vary in it"
    both = min(len(held.points), len(plan.points))
    first, second = held.points.iloc[:both], plan.points[held.points.columns].iloc[:both]
    if not first.index.equals(second.index) or not np.array_equal(first, second, equal_nan=True):
        return f"the points of {held.design['text']}, design seed {held.design['seed']} and its ranges are others"
    if held.kept != plan.kept:
        return f"it keeps {' and '.join(held.kept) or 'neither people nor events'}"
    for label in held.policies.keys() & plan.policies.keys():
        if case_of(held.policies[label]) != case_of(plan.policies[label]):
            return f"{label} has other settings in it"
    everybody = [*held.policies.values(), *plan.policies.values()]
    if len({(one.country, one.start, one.months) for one in everybody}) > 1:
        return f"its runs have {everybody[0].months} months"
    return ""
