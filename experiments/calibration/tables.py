"""What a calibration found, as tables: parameters, facts, inputs of facts, pairs that trade off, points."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.calibration import posterior
from injae.experiments.calibration.emulators import Predicted
from injae.experiments.calibration.given_facts import Given, Prior
from injae.experiments.calibration.posterior import RULED_OUT, Draws, Judged
from injae.experiments.calibration.twins import TAILS, twins_by_input
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario

NOTHING, LITTLE = 0.1, 0.3  # learned less: nothing, little
TRADE_OFF = 0.4  # correlation of two parameters from which on they trade off
PAIRS_MAX = 1000  # of the table
PREDICTED = 4000  # draws of what facts should be
QUANTILES = (0.05, 0.5, 0.95)
FITS = (0.025, 0.975)  # of runs after, error and discrepancy included, between which a fact is met


def parameter_table(box: Prior, found: Draws, twins: pd.DataFrame, plan: Scenario) -> pd.DataFrame:
    """What was learned of each parameter, most first; ``learned``: how much narrower 90 percent became."""
    rows = []
    declared, unlearned = declared_parameters(plan.country), TAILS[1] - TAILS[0]
    ends = np.array([posterior.quantiles(column, found.weights, QUANTILES) for column in found.x.T]).T
    values = box.scaled(ends)
    accident = 1.0 / np.sqrt(max(found.effective, 1.0))
    for n, one in enumerate(box.inputs):
        low, _, high = ends[:, n]
        learned = 1 - (high - low) / unlearned
        distance = posterior.distance_from_even(found.x[:, n], found.weights) if found.weights.any() else np.nan
        path = one.path.removeprefix("parameters.")
        rows.append(
            {
                "input": one.path,
                **{field: getattr(one, field) for field in ("name", "unit", "meaning", "scale", "low", "high")},
                "current": float(plan.parameters.get(path, declared[path].value)),
                **dict(
                    zip(("posterior_low", "posterior_median", "posterior_high"), values[one.path].tolist(), strict=True)
                ),
                "learned": learned,
                "distance": distance,
                "verdict": _verdict(learned, distance, accident),
            }
        )
    table = pd.DataFrame(rows).merge(twins_by_input(twins, box.paths), on="input")
    table["outside"] = (table["current"] < table["posterior_low"]) | (table["current"] > table["posterior_high"])
    return table.sort_values("learned", ascending=False, kind="stable").reset_index(drop=True)


def _verdict(learned: float, distance: float, accident: float) -> str:
    """How much the facts say of a parameter; a distribution that moved without getting narrower counts too.

    What so few draws move by accident (largest distance of an even sample, exceeded in one of a hundred) is nothing.
    """
    if np.isnan(learned):
        return "not known"
    most = max(learned if distance > accident else 0.0, distance)
    return "nothing" if most < max(NOTHING, 1.63 * accident) else "little" if most < LITTLE else "much"


def fact_row(one: Given, alone: Any, before: Any, after: Any, rng: np.random.Generator) -> dict[str, Any]:
    """A fact: its emulator, what it rules out alone, and what single runs give before and after facts are known.

    Args:
        one: the fact.
        alone: implausibility of what was tried, by this fact, shape (points,).
        before: single runs over what was tried.
        after: single runs over the posterior; none if nothing agrees with the facts.
        rng: blurs what is seen.
    """
    row = {
        **one.fact._asdict(),
        "discrepancy": one.discrepancy,
        "noise_sd": float(np.sqrt(np.nanmean(one.at_points.noise))),
        "judged_by": "emulator" if one.by_emulator else "points",
        **one.emulator.check._asdict(),
        "inputs": len(one.emulator.active),
    }
    row["case"] = one.fact.case or "-"  # empty text would be read as missing
    low, middle, high = np.quantile(alone, QUANTILES)
    row |= {"implausibility_low": low, "implausibility_median": middle, "implausibility_high": high}
    row["ruled_out_alone"] = float((alone > RULED_OUT).mean())
    row |= _quantiles("before", before) | _quantiles("after", after)
    seen = after + one.blur * rng.standard_normal(len(after))
    below = float((seen < one.fact.value).mean()) if len(seen) else np.nan
    row["probability_below"] = below
    row["fits"] = "not known" if np.isnan(below) else "yes" if FITS[0] <= below <= FITS[1] else "no"
    return row


def predicted_runs(predicted: Predicted, weights: Any, rng: np.random.Generator) -> Any:
    """Single runs that weighted points give, noise included; none where nothing has weight."""
    weights = np.where(np.isnan(predicted.mean), 0.0, weights)
    if not weights.any():
        return np.empty(0)
    at = posterior.systematic(weights / weights.sum(), PREDICTED, rng)
    spread = np.sqrt(predicted.mean_variance[at] + predicted.noise[at])
    return predicted.mean[at] + spread * rng.standard_normal(PREDICTED)


def real_runs(values: Any, weights: Any, rng: np.random.Generator) -> Any:
    """Single runs at weighted points, as they were run, shape (points, seeds); none where nothing has weight."""
    known = ~np.isnan(values).any(axis=1) & (weights > 0)
    if not known.any():
        return np.empty(0)
    at = posterior.systematic(weights[known] / weights[known].sum(), PREDICTED, rng)
    return values[known][at, rng.integers(values.shape[1], size=PREDICTED)]


def _quantiles(when: str, runs: Any) -> dict[str, float]:
    values = np.quantile(runs, QUANTILES) if len(runs) else np.full(3, np.nan)
    return dict(zip((f"{when}_low", f"{when}_median", f"{when}_high"), map(float, values), strict=True))


def screened_table(box: Prior, given: Sequence[Given]) -> pd.DataFrame:
    """Which inputs move each fact: those that its emulator bends with, and the share of its variance that each adds."""
    rows = [
        (one.fact.name, one.fact.case or "-", box.paths[n], share)
        for one in given
        for n, share in zip(one.emulator.active, one.emulator.shares, strict=True)
    ]
    return pd.DataFrame(rows, columns=["fact", "case", "input", "share"])


def pair_table(box: Prior, found: Draws, prior: Any, effective: float) -> pd.DataFrame:
    """Correlation of pairs of parameters among what agrees with the facts, strongest first.

    A pair trades off if its correlation is large and clearly another than in the sample of the prior, which may have
    one by its design: that is none that facts have made. ``effective`` is what the draws are worth.
    """
    columns = ["first", "second", "correlation", "before", "trades_off"]
    if not found.weights.any() or len(box.inputs) < 2:
        return pd.DataFrame(columns=columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix, before = np.nan_to_num(posterior.correlations(found.x, found.weights)), np.nan_to_num(
            np.corrcoef(prior.T)
        )  # fmt: skip
    first, second = np.triu_indices(len(matrix), 1)
    strong = np.argsort(-np.abs(matrix[first, second]), kind="stable")[:PAIRS_MAX]
    first, second = first[strong], second[strong]
    clear = posterior.beyond_accident(matrix[first, second], before[first, second], effective, len(prior))
    large = np.abs(matrix[first, second]) >= TRADE_OFF
    changed = np.abs(matrix[first, second] - before[first, second]) >= TRADE_OFF / 2
    paths = np.array(box.paths)
    values = (paths[first], paths[second], matrix[first, second], before[first, second], large & clear & changed)
    return pd.DataFrame(dict(zip(columns, values, strict=True)))


def point_table(box: Prior, x: Any, used: Sequence[Given], judged: Judged, weights: Any) -> pd.DataFrame:
    """Every point of the sweep: inputs, mean of each used fact, its largest implausibility, its weight."""
    table = box.scaled(x)
    table.insert(0, "point", range(len(table)))
    for one in used:
        table[one.fact.name] = one.at_points.mean
    table["implausibility"] = judged.implausibility.max(axis=1)
    table["ruled_out"] = ~judged.possible
    table["weight"] = weights
    return table


def contradictions(given: Sequence[Given], implausibility: Any) -> list[str]:
    """Facts that nothing tried gives, and pairs that can be met one by one and not together, in words.

    Args:
        given: facts.
        implausibility: of what was tried, shape (points, facts).
    """
    met = implausibility <= RULED_OUT
    alone, points = met.mean(axis=0), len(met)
    told = [
        f"{one.fact.label}: nothing that was tried gives {one.fact.value:.6g}"
        for one, share in zip(given, alone, strict=True)
        if not share
    ]
    for n, one in enumerate(given):
        for m in range(n):
            expected = alone[n] * alone[m] * points
            if expected >= EXPECTED_TOGETHER and not (met[:, n] & met[:, m]).any():
                told.append(
                    f"{given[m].fact.label} and {one.fact.label} contradict each other: {alone[m]:.0%} and "
                    f"{alone[n]:.0%} of what was tried give one of them, nothing gives both"
                )
    return told


EXPECTED_TOGETHER = 20.0  # points at which two facts would be met together if they had nothing to do with each other
