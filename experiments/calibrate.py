"""Calibration: which values of the uncertain parameters agree with what is known.

One wave of history matching (emulators, implausibility, what is ruled out) and the posterior on what is left, from a
sweep of uncertainties. Docs: docs/calibrate.md.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from experiments import emulators, posterior
from experiments.designs import Factor
from experiments.emulators import Emulator, Luck, Predicted
from experiments.evidence import Fact, evidence_of, fact_replicates
from experiments.findings import Finding
from experiments.futures import Input, futures_of, policy_of
from experiments.posterior import CANDIDATES, RULED_OUT, Draws, Judged
from experiments.store import Sweep
from experiments.twins import COLUMNS as TWIN_COLUMNS
from experiments.twins import TAILS, twin_table, twins_by_input
from model.errors import InputError
from model.parameters import declared_parameters
from model.scenario import Scenario

DISCREPANCY = 0.05  # of a fact's value: how far the model may be off with the best parameters
DRAWS = 200
POINTS_MIN = 20
FILLING = ("lhs", "sobol", "saltelli")  # designs whose points fill their box
NOTHING, LITTLE = 0.1, 0.3  # learned less: nothing, little
TRADE_OFF = 0.4  # correlation of two parameters from which on they trade off
PREDICTED = 4000  # draws of what facts should be
QUANTILES = (0.05, 0.5, 0.95)


class Given(NamedTuple):
    """A fact, what runs say of it, and its emulator; ``by_emulator`` if that may stand for runs."""

    fact: Fact
    values: Any  # shape (points, seeds)
    luck: Luck
    emulator: Emulator
    at_points: Predicted
    discrepancy: float

    @property
    def by_emulator(self) -> bool:
        return self.emulator.check.passed

    @property
    def blur(self) -> float:
        """Standard deviation of observation error and discrepancy together."""
        return float(np.hypot(self.fact.error, self.discrepancy))

    def variance(self, predicted: Predicted) -> Any:
        """All that may separate the mean of the model from the fact; shape (points,)."""
        return self.blur**2 + predicted.doubt + predicted.luck


class Box(NamedTuple):
    """The sampled box: inputs with their ranges, points as shares of them, and whether the design was a table."""

    inputs: list[Input]
    x: Any  # shape (points, inputs), 0 to 1
    is_table: bool

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.inputs]

    def scaled(self, x: Any) -> pd.DataFrame:
        """Shares of the ranges as values of the parameters, a column a path."""
        columns = {}
        for n, one in enumerate(self.inputs):
            column = Factor(one.path, one.low, one.high, one.scale == "log").scaled(x[:, n])
            columns[one.path] = np.round(column) if one.scale == "whole" else column
        return pd.DataFrame(columns)

    def inside(self, x: Any) -> Any:
        """Which points the sweep has sampled around; of a table, those as near to one of its points as its own are."""
        if not self.is_table:
            return np.ones(len(x), bool)
        tree = cKDTree(self.x)
        apart = tree.query(self.x, k=2)[0][:, 1].max()
        return tree.query(x)[0] <= apart


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
        facts: ``OUTCOME=VALUE+-ERROR`` (one standard error); none: the country's (``experiments.evidence``).
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
        raise InputError(f"{sweep.folder}: a {kind} design leaves the box empty; sweep with --design lhs:N or sobol:N")
    if len(sweep.points) < POINTS_MIN:
        raise InputError(f"{sweep.folder}: has {len(sweep.points)} points; a calibration needs {POINTS_MIN} or more")


def box_of(sweep: Sweep, policy: str) -> Box:
    """The box that a sweep has sampled."""
    inputs, table = futures_of(sweep, [policy])
    ranges = {one["path"]: one for one in sweep.manifest["design"]["uncertainties"]}
    known = []
    for one in inputs:
        low, high = (ranges[one.path][end] for end in ("low", "high"))
        known.append(one if low is None else one._replace(low=low, high=high))
    columns = []
    for one in known:
        ends = np.array([one.low, one.high, *table[one.path]], float)
        ends = np.log(ends) if one.scale == "log" else ends
        columns.append((ends[2:] - ends[0]) / (ends[1] - ends[0]))
    return Box(known, np.column_stack(columns).clip(0, 1), sweep.manifest["design"]["sampler"] == "table")


def given_of(x: Any, fact: Fact, values: Any, discrepancy: float) -> Given:
    """A fact with what runs say of it: luck, emulator, and its means at the points.

    Raises:
        InputError: too few points with two runs or more.
    """
    counts = (~np.isnan(values)).sum(axis=1)
    known = counts >= 2
    if known.sum() < POINTS_MIN:
        raise InputError(
            f"{fact.name}: has a value in two runs or more at {known.sum()} points; {POINTS_MIN} are needed"
        )
    emulator = emulators.emulate(x[known], values[known])
    luck = emulator.luck
    mean, doubt = np.full(len(x), np.nan), np.full(len(x), np.nan)
    mean[known] = np.nanmean(values[known], axis=1)
    doubt[known] = luck.own_at(x[known]) / counts[known] + luck.of_level
    at_points = Predicted(mean, doubt, luck.of_run_at(x))
    return Given(fact, values, luck, emulator, at_points, discrepancy * abs(fact.value))


def judged_at(given: Sequence[Given], predicted: Sequence[Predicted]) -> Judged:
    """Points held against facts."""
    means = np.column_stack([one.mean for one in predicted])
    variances = np.column_stack([one.variance(at) for one, at in zip(given, predicted, strict=True)])
    return posterior.judge(means, variances, np.array([one.fact.value for one in given]))


def emulated_at(given: Sequence[Given], x: Any) -> Judged:
    """Points anywhere in the box held against facts, by emulators."""
    return judged_at(given, [one.emulator.at(x) for one in given])


def twins_of(
    box: Box, given: Sequence[Given], first: Any, predicted: Sequence[Predicted], seed: int
) -> tuple[pd.DataFrame, int]:
    """Runs of the sweep taken for the world: are their parameters found?"""
    values = np.stack([one.values for one in given], axis=2)
    means = np.column_stack([one.mean for one in predicted])
    variances = np.column_stack([one.variance(at) for one, at in zip(given, predicted, strict=True)])
    blur = np.array([one.blur for one in given])
    return twin_table(box.x, values, box.paths, first, means, variances, blur, seed)


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
        "twins": int(twins["twin"].nunique()),
        "twins_in_vain": in_vain,
        "twins_covered": float(twins["covered"].mean()) if len(twins) else None,
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


def parameter_table(box: Box, found: Draws, twins: pd.DataFrame, plan: Scenario) -> pd.DataFrame:
    """What was learned of each parameter, most first; ``learned`` is how much narrower than the range 90 percent are."""
    rows = []
    declared, unlearned = declared_parameters(plan.country), TAILS[1] - TAILS[0]
    for n, one in enumerate(box.inputs):
        low, middle, high = posterior.quantiles(found.x[:, n], found.weights, QUANTILES)
        learned = 1 - (high - low) / unlearned
        distance = posterior.distance_from_even(found.x[:, n], found.weights) if found.weights.any() else np.nan
        path = one.path.removeprefix("parameters.")
        current = float(plan.parameters.get(path, declared[path].value))
        ends = box.scaled(np.tile([[low], [middle], [high]], len(box.inputs)))[one.path].tolist()
        rows.append(
            {
                "input": one.path,
                **{field: getattr(one, field) for field in ("name", "unit", "meaning", "scale", "low", "high")},
                "current": current,
                **dict(zip(("posterior_low", "posterior_median", "posterior_high"), ends, strict=True)),
                "learned": learned,
                "distance": distance,
                "verdict": _verdict(learned, distance),
            }
        )
    table = pd.DataFrame(rows).merge(twins_by_input(twins, box.paths), on="input")
    return table.sort_values("learned", ascending=False, kind="stable").reset_index(drop=True)


def _verdict(learned: float, distance: float) -> str:
    """How much the facts say of a parameter; a distribution that moved without getting narrower counts too."""
    if np.isnan(learned):
        return "not known"
    most = max(learned, distance)
    return "nothing" if most < NOTHING else "little" if most < LITTLE else "much"


def fact_table(
    given: Sequence[Given],
    judging: Sequence[Given],
    first: Any,
    judged: Judged,
    found: Draws,
    on_points: Draws,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Each fact: emulator, what it rules out alone, and what runs give before and after all used facts are known."""
    rows = []
    names = [one.fact.name for one in judging]
    for one in given:
        fact, check = one.fact, one.emulator.check
        row = {
            **fact._asdict(),
            "discrepancy": one.discrepancy,
            "luck_sd": float(np.sqrt(np.nanmean(one.at_points.luck))),
            "judged_by": "emulator" if one.by_emulator else "points",
            **check._asdict(),
        }
        alone = (
            judged.implausibility[:, names.index(fact.name)]
            if fact.name in names
            else judged_at([one], [one.at_points]).implausibility[:, 0]
        )
        low, middle, high = np.quantile(alone, QUANTILES)
        row |= {"implausibility_low": low, "implausibility_median": middle, "implausibility_high": high}
        row["ruled_out_alone"] = float((alone > RULED_OUT).mean())
        even = np.full(len(first), 1 / len(first)) if one.by_emulator else np.full(len(on_points.x), 1 / len(on_points.x))
        if one.by_emulator:
            before, after = one.emulator.at(first), one.emulator.at(found.x)
            weights = found.weights
        else:
            before, after, weights = one.at_points, one.at_points, on_points.weights
        row |= _quantiles("before", _runs(before, even, rng))
        runs = _runs(after, weights, rng)
        row |= _quantiles("after", runs)
        seen = runs + one.blur * rng.standard_normal(len(runs))
        below = float((seen < fact.value).mean()) if len(seen) else np.nan
        row["chance_below"] = below
        row["fits"] = "not known" if np.isnan(below) else "yes" if 0.025 <= below <= 0.975 else "no"
        rows.append(row)
    return pd.DataFrame(rows)


def _runs(predicted: Predicted, weights: Any, rng: np.random.Generator) -> Any:
    """Single runs that weighted points give, luck included; none where nothing has weight."""
    weights = np.where(np.isnan(predicted.mean), 0.0, weights)
    if not weights.any():
        return np.empty(0)
    at = posterior.systematic(weights / weights.sum(), PREDICTED, rng)
    spread = np.sqrt(predicted.doubt[at] + predicted.luck[at])
    return predicted.mean[at] + spread * rng.standard_normal(PREDICTED)


def _quantiles(when: str, runs: Any) -> dict[str, float]:
    values = np.quantile(runs, QUANTILES) if len(runs) else np.full(3, np.nan)
    return dict(zip((f"{when}_low", f"{when}_median", f"{when}_high"), map(float, values), strict=True))


def pair_table(box: Box, found: Draws) -> pd.DataFrame:
    """Correlation of each pair of parameters among what agrees with the facts, strongest first."""
    rows = []
    if found.weights.any() and len(box.inputs) > 1:
        matrix = posterior.correlations(found.x, found.weights)
        for n, first in enumerate(box.inputs):
            rows += [
                (first.path, second.path, float(matrix[n, m]), bool(abs(matrix[n, m]) >= TRADE_OFF))
                for m, second in enumerate(box.inputs)
                if m > n
            ]
    table = pd.DataFrame(rows, columns=["first", "second", "correlation", "trades_off"])
    return table.sort_values("correlation", key=abs, ascending=False, kind="stable").reset_index(drop=True)


def point_table(box: Box, used: Sequence[Given], judged: Judged, weights: Any) -> pd.DataFrame:
    """Every point of the sweep: inputs, mean of each used fact, its largest implausibility, its weight."""
    table = box.scaled(box.x)
    table.insert(0, "point", range(len(table)))
    for one in used:
        table[one.fact.name] = one.at_points.mean
    table["implausibility"] = judged.implausibility.max(axis=1)
    table["ruled_out"] = ~judged.possible
    table["weight"] = weights
    return table
