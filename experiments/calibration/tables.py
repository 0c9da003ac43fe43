"""What a calibration found, as tables: parameters, facts, pairs that trade off, points."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibration import posterior
from experiments.calibration.emulators import Predicted
from experiments.calibration.given_facts import Box, Given, judged_at
from experiments.calibration.posterior import RULED_OUT, Draws, Judged
from experiments.calibration.twins import TAILS, twins_by_input
from model.parameters import declared_parameters
from model.scenario import Scenario

NOTHING, LITTLE = 0.1, 0.3  # learned less: nothing, little
TRADE_OFF = 0.4  # correlation of two parameters from which on they trade off
PREDICTED = 4000  # draws of what facts should be
QUANTILES = (0.05, 0.5, 0.95)
FITS = (0.025, 0.975)  # of runs after, error and discrepancy included, between which a fact is met


def parameter_table(box: Box, found: Draws, twins: pd.DataFrame, plan: Scenario) -> pd.DataFrame:
    """What was learned of each parameter, most first; ``learned``: how much narrower 90 percent became."""
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
        if one.by_emulator:
            before, after, weights = one.emulator.at(first), one.emulator.at(found.x), found.weights
        else:
            before, after, weights = one.at_points, one.at_points, on_points.weights
        even = np.full(len(before.mean), 1 / len(before.mean))
        row |= _quantiles("before", _runs(before, even, rng))
        runs = _runs(after, weights, rng)
        row |= _quantiles("after", runs)
        seen = runs + one.blur * rng.standard_normal(len(runs))
        below = float((seen < fact.value).mean()) if len(seen) else np.nan
        row["chance_below"] = below
        row["fits"] = "not known" if np.isnan(below) else "yes" if FITS[0] <= below <= FITS[1] else "no"
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
