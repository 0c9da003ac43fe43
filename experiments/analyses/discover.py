"""Scenario discovery: in which futures does a policy fail? After Bryant & Lempert (2010).

A future is a point of a sweep, a case one in which the policy fails, or beats another. PRIM gives boxes one after the
other, each from the futures that earlier ones leave (covering); CART looks a second time. Docs: docs/discover.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.analyses import cart
from injae.experiments.analyses.conditions import Condition, beating, condition_of, target_of, where_any
from injae.experiments.analyses.futures import (
    NOISE_ERRORS,
    Input,
    Tally,
    futures_of,
    noise_variance,
    policy_of,
    values_of,
)
from injae.experiments.analyses.prim import (
    INPUTS_MAX,
    SIDES,
    SIGNIFICANT,
    Box,
    Found,
    Settings,
    Step,
    find_box,
    limit_ps,
    measure,
    wanted_density,
)
from injae.experiments.analyses.prim_checks import HALVES, SHUFFLES, Watch, halves, shuffled_p
from injae.experiments.findings import Finding
from injae.experiments.outcomes import check_versus
from injae.experiments.summary import BAND
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario

BOXES_MAX = 3
POINTS_MIN = 20  # fewer futures cannot be told apart
HALVES_MIN = HALVES // 5  # with a region: fewer do not tell what it is worth


@dataclass(frozen=True)
class CasesOfInterest:
    """Which futures count: those in which a policy fails, or beats another. Conditions alone stand for it.

    Args:
        fails: conditions such as ``adoption_share_at_end<0.5``; the policy fails where one of them holds. Default: it
            misses the scenario's target.
        versus: policy whose outcome on the same point and seed is taken off: conditions are about the difference.
        beats: outcome in which the policy is to be better than ``versus``, in place of ``fails``; declared for it is
            whether more or less is better.
        beyond_noise: a future counts only if its mean over seeds is off the bound by more than noise, two standard
            errors; their variance is the mean over all futures.
        share: a future counts if at least this share of its seeds fails; None: if the mean over seeds does.
    """

    fails: Sequence[str] = ()
    versus: str = ""
    beats: str = ""
    beyond_noise: bool = False
    share: float | None = None

    def conditions(self, plan: Scenario) -> list[Condition]:
        """What makes a future a case.

        Raises:
            InputError: no such outcome, something said twice, or nothing to compare with.
        """
        if not self.beats:
            if self.versus and not self.fails:
                hint = "say what of it counts: --beats OUTCOME, or --fails OUTCOME<NUMBER of the difference"
                raise InputError("form", "a difference has no target", "versus", self.versus, suggestion=hint)
            return [condition_of(text, plan, self.versus) for text in self.fails] or [target_of(plan).opposite()]
        if self.fails:
            hint = "leave --fails out"
            raise InputError("conflict", "says already what counts", "beats", self.beats, suggestion=hint)
        if not self.versus:
            hint = "name a policy of the sweep with --versus"
            raise InputError("form", "beats whom?", "beats", self.beats, suggestion=hint)
        return [beating(self.beats, plan, self.versus)]

    def check_noise(self, seeds: int) -> None:
        """Refuse ``beyond_noise`` of one seed, or of shares of seeds.

        Raises:
            InputError: either.
        """
        if self.beyond_noise and (seeds < 2 or self.share is not None):
            alone = "needs two seeds or more"
            why = alone if self.share is None else "is about the mean over seeds, --share about each seed"
            raise InputError("conflict", why, "beyond_noise")


@dataclass(frozen=True)
class BoxSearch:
    """How boxes are looked for, and how often chance is tried.

    Args:
        density: share of cases that a box should reach; None: 0.8, or halfway from the share in all futures to 1.
        inputs_max: most inputs that a box may limit.
        step: step of the first trajectory to take instead of the rule's choice.
        shuffles: repetitions with cases dealt at random.
        seed: of shuffles and halves.
    """

    density: float | None = None
    inputs_max: int = INPUTS_MAX
    step: int | None = None
    shuffles: int = SHUFFLES
    seed: int = 0

    def rng(self) -> np.random.Generator:
        """Random numbers of shuffles and halves."""
        return np.random.default_rng(self.seed)


USUAL = BoxSearch()


def discover(
    sweep: Sweep,
    cases: CasesOfInterest | Sequence[str] = (),
    *,
    policy: str | None = None,
    levers: bool = False,
    search: BoxSearch = USUAL,
    watch: Watch | None = None,
) -> Finding:
    """Find the futures in which a policy fails.

    Args:
        sweep: whose points are the futures.
        cases: which futures count: conditions that the policy fails by, such as ``adoption_share_at_end<0.5``, or
            ``CasesOfInterest``; none: it misses the scenario's target.
        policy: which, if the sweep has several.
        levers: take levers for uncertain.
        search: how boxes are looked for.
        watch: called with (repetitions done, in all).

    Raises:
        InputError: something that cannot be asked of this sweep.
    """
    cart.check_installed()
    asked = cases if isinstance(cases, CasesOfInterest) else CasesOfInterest(cases)
    versus, share = asked.versus, asked.share
    name = policy_of(sweep, policy)
    plan = sweep.policies[name]
    if versus:
        check_versus(sweep, [name], versus)
    conditions = asked.conditions(plan)
    asked.check_noise(len(sweep.seeds))
    inputs, futures = futures_of(sweep, [name, *([versus] if versus else [])], levers=levers)
    points, noise, tally = _points(sweep, name, conditions, share, futures)
    if asked.beyond_noise:
        points["fails"] = points["beyond_noise"]
    if len(points) < POINTS_MIN:
        fault = f"{len(points)} futures with results"
        raise InputError("range", fault, source=sweep.folder, suggestion=f"discovery needs {POINTS_MIN} or more")
    tables, facts = _look(points, inputs, search, watch)
    question = {
        "sweep": sweep.manifest["receipt"],
        "design": sweep.manifest["design"],
        "policy": name,
        "versus": versus,
        "beats": asked.beats,
        "beyond_noise": asked.beyond_noise,
        "fails": [str(condition) for condition in conditions],
        "share_of_seeds": share,
        "seeds": len(sweep.seeds),
        "density": search.density,
        "inputs_max": search.inputs_max,
        "step": search.step,
        "levers": levers,
        "shuffles": search.shuffles,
        "halves": HALVES,
        "resampling_seed": search.seed,
    }
    facts["is_target"] = not asked.fails and not asked.beats
    facts["noise"] = noise
    facts["fails"] = [_described(condition, points[condition.outcome]) for condition in conditions]
    facts["opposite"] = str(conditions[0].opposite()) if len(conditions) == 1 else None
    counted = {"futures_wanted": len(futures), "futures": len(points), **_tallied(tally)}
    return Finding("discover", question, tables, {**counted, **facts})


def _described(condition: Condition, values: Any) -> dict[str, Any]:
    """A condition, and how its outcome lies over futures."""
    low, middle, high = np.percentile(values, (0, 50, 100))
    return {**condition._asdict(), "least": float(low), "middle": float(middle), "most": float(high)}


def _tallied(tally: Tally) -> dict[str, int]:
    return {f"runs_{name}": count for name, count in tally._asdict().items()}


def _points(
    sweep: Sweep, policy: str, conditions: Sequence[Condition], share: float | None, futures: Any
) -> tuple[Any, dict[str, Any] | None, Tally]:
    """Every future with results: its inputs, mean outcomes, seeds, the share of seeds that fail, and whether it fails.

    With two seeds or more also whether it fails beyond noise, and in how many futures it does, or surely does not.
    Futures without any finished run are left out.
    """
    names = list(dict.fromkeys(condition.outcome for condition in conditions))
    runs, tally = values_of(sweep, [policy], names, conditions[0].versus)
    runs["failing"] = where_any(conditions, runs).astype(float)
    by_point = runs.groupby("point")
    table = by_point[names].mean().join(by_point["seed"].count().rename("seeds"))
    table["share_of_seeds_failing"] = by_point["failing"].mean()
    failing = where_any(conditions, table) if share is None else table["share_of_seeds_failing"] >= share - 1e-12
    table["fails"] = failing.astype(bool)
    margins = {name: NOISE_ERRORS * (noise_variance(by_point[name]) / table["seeds"]) ** 0.5 for name in names}
    table["beyond_noise"] = np.any([c.surely_holds(table[c.outcome], margins[c.outcome]) for c in conditions], axis=0)
    never = [c.opposite().surely_holds(table[c.outcome], margins[c.outcome]) for c in conditions]
    points = futures.join(table.assign(not_beyond_noise=np.all(never, axis=0)), how="inner").reset_index()
    if len(sweep.seeds) < 2:
        return points.drop(columns=["beyond_noise", "not_beyond_noise"]), None, tally
    sure, surely_not = int(points["beyond_noise"].sum()), int(points.pop("not_beyond_noise").sum())
    widest = {name: float(margin.max()) for name, margin in margins.items()}
    counts = {"failing": sure, "holding": surely_not, "not_told_apart": len(points) - sure - surely_not}
    return points, {"margins": widest, **counts}, tally


def _look(
    points: Any, inputs: Sequence[Input], search: BoxSearch, watch: Watch | None
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Boxes, tree and checks as tables, and what they come to."""
    settings, rng = Settings([one.scale for one in inputs], search.density, search.inputs_max), search.rng()
    values, cases = points[[one.path for one in inputs]].to_numpy(float), points["fails"].to_numpy(bool)
    failing = int(cases.sum())
    facts: dict[str, Any] = {"failing": failing, "share_failing": failing / len(cases)}
    boxes: list[tuple[Found, float]] = []
    limited = np.full(len(inputs), np.nan)
    if 0 < failing < len(cases):
        facts["wanted_density"] = wanted_density(cases, settings.density)
        settings = replace(settings, density=facts["wanted_density"])
        boxes = cover(values, cases, settings, search.step, search.shuffles, rng, watch)
        other = halves(values, cases, settings, rng)
        limited = other.limited.mean(axis=0)
        facts["halves_with_region"] = int(other.limited.any(axis=1).sum())
        facts |= {f"other_half_{name}": _spread(getattr(other, name)) for name in ("coverage", "density")}
    tables = {
        "inputs": pd.DataFrame(inputs).assign(limited_in_halves=limited),
        **_trajectories(boxes, inputs, failing, len(cases)),
        **_boxes(boxes, values, cases, inputs),
    }
    points = points.assign(box=_first_box(boxes, values))
    leaves = cart.leaves(values, cases, settings) if boxes else []
    tree, taken = _tree(leaves, inputs, facts.get("wanted_density", 1.0))
    points["tree"] = np.any([leaf.box.holds(values) for leaf in taken], axis=0) if taken else False
    facts |= _agreement(points)
    return {"points": points, **tables, **tree}, facts


def cover(
    values: Any, cases: Any, settings: Settings, step: int | None, shuffles: int, rng: Any, watch: Watch | None = None
) -> list[tuple[Found, float]]:
    """Boxes one after the other, each among the futures that are left, and how probable one as strong is by accident.

    The first is always given; later ones only if they are more than chance and as dense as wanted.
    """
    boxes: list[tuple[Found, float]] = []
    left = np.ones(len(cases), bool)
    while len(boxes) < BOXES_MAX and 0 < cases[left].sum() < left.sum() and left.sum() >= POINTS_MIN:
        found = find_box(values[left], cases[left], settings, None if boxes else step)
        if boxes and (not found.step.box.limits() or found.step.density < (settings.density or 0)):
            break
        before = len(boxes) * shuffles
        part = watch and (lambda done, _, before=before: watch(before + done, BOXES_MAX * shuffles))
        p = shuffled_p(values[left], cases[left], settings, found.step, rng, part, shuffles)
        if boxes and p >= SIGNIFICANT:
            break
        boxes.append((found, p))
        left &= ~found.step.box.holds(values)
        if p >= SIGNIFICANT or not found.step.box.limits():
            break
    return boxes


def _spread(values: Any) -> dict[str, float | None]:
    """Mean, 5th and 95th percentile of what is known; None if less than ``HALVES_MIN`` values are."""
    known = values[~np.isnan(values)]
    if len(known) < HALVES_MIN:
        return dict.fromkeys(("mean", "low", "high"))
    low, high = np.percentile(known, BAND)
    return {"mean": float(known.mean()), "low": float(low), "high": float(high)}


def _first_box(boxes: Sequence[tuple[Found, float]], values: Any) -> Any:
    """Number of the first box that holds each future; 0 for none."""
    number = np.zeros(len(values), int)
    for n, (found, _) in reversed(list(enumerate(boxes, 1))):
        if found.step.box.limits():
            number[found.step.box.holds(values)] = n
    return number


def _limit_rows(box: Box, inputs: Sequence[Input]) -> list[dict[str, Any]]:
    return [
        {"input": inputs[n].path, "side": SIDES[lower], "limit": float((box.low if lower else box.high)[n])}
        for n, lower in box.limits()
    ]


def _trajectories(
    boxes: Sequence[tuple[Found, float]], inputs: Sequence[Input], failing: int, points: int
) -> dict[str, pd.DataFrame]:
    """Every step of every trajectory, its limits apart; coverage and mass are of all cases and all futures."""
    steps, limits = [], []
    for number, (found, _) in enumerate(boxes, 1):
        for n, step in enumerate(found.trajectory):
            row = {"box": number, "step": n, **_held(step, failing, points), "inputs": len(step.box.inputs())}
            steps.append({**row, "limits": len(step.box.limits()), "chosen": n == found.chosen})
            limits += [{"box": number, "step": n, **row} for row in _limit_rows(step.box, inputs)]
    columns = ["box", "step", "futures", "failing", "coverage", "density", "mass", "inputs", "limits", "chosen"]
    limit_columns = ["box", "step", "input", "side", "limit"]
    return {
        "trajectory": pd.DataFrame(steps, columns=columns),
        "trajectory_limits": pd.DataFrame(limits, columns=limit_columns),
    }


def _held(step: Step, failing: int, points: int) -> dict[str, Any]:
    shares = {"coverage": step.cases / failing, "density": step.density, "mass": step.points / points}
    return {"futures": step.points, "failing": step.cases, **shares}


def _boxes(
    boxes: Sequence[tuple[Found, float]], values: Any, cases: Any, inputs: Sequence[Input]
) -> dict[str, pd.DataFrame]:
    """The boxes, and each of their limits with its quasi p-value and what the box would hold without it."""
    rows, limits = [], []
    left = np.ones(len(cases), bool)
    for number, (found, p) in enumerate(boxes, 1):
        box = found.step.box
        held = _held(found.step, int(cases.sum()), len(cases))
        rows.append({"box": number, **held, "inputs": len(box.inputs()), "shuffled_p": p})
        quasi = limit_ps(box, values[left], cases[left]).tolist()
        for limit, row, quasi_p in zip(box.limits(), _limit_rows(box, inputs), quasi, strict=True):
            wider = measure(box.without(limit), values[left], cases[left])
            without = {"futures_without": wider.points, "failing_without": wider.cases}
            limits.append({"box": number, **row, "quasi_p": quasi_p, **without})
        left &= ~box.holds(values)
    columns = ["box", "futures", "failing", "coverage", "density", "mass", "inputs", "shuffled_p"]
    limit_columns = ["box", "input", "side", "limit", "quasi_p", "futures_without", "failing_without"]
    return {"boxes": pd.DataFrame(rows, columns=columns), "limits": pd.DataFrame(limits, columns=limit_columns)}


def _tree(
    leaves: Sequence[Step], inputs: Sequence[Input], density: float
) -> tuple[dict[str, pd.DataFrame], list[Step]]:
    """Leaves of the tree and their limits, and the leaves that are as dense as a box should be."""
    rows, limits, taken = [], [], []
    for number, leaf in enumerate(leaves, 1):
        dense = leaf.density >= density
        taken += [leaf] if dense else []
        row = {"leaf": number, "futures": leaf.points, "failing": leaf.cases}
        rows.append({**row, "coverage": leaf.coverage, "density": leaf.density, "taken": dense})
        limits += [{"leaf": number, **row} for row in _limit_rows(leaf.box, inputs)]
    columns = ["leaf", "futures", "failing", "coverage", "density", "taken"]
    tables = {
        "tree": pd.DataFrame(rows, columns=columns),
        "tree_limits": pd.DataFrame(limits, columns=["leaf", "input", "side", "limit"]),
    }
    return tables, taken


def _agreement(points: Any) -> dict[str, Any]:
    """What boxes and tree hold each, and how many futures they share of those that either holds."""
    boxed, leafed, failing = points["box"] > 0, points["tree"].astype(bool), points["fails"]
    either = int((boxed | leafed).sum())
    return {
        "boxes_together": _together(boxed, failing),
        "tree_together": _together(leafed, failing),
        "tree_overlap": int((boxed & leafed).sum()) / either if either else None,
    }


def _together(inside: Any, failing: Any) -> dict[str, int]:
    return {"futures": int(inside.sum()), "failing": int((inside & failing).sum())}
