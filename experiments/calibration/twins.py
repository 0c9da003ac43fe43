"""Would the method find the truth? Runs of the sweep taken for the world: their parameters are known (Talts 2018)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kstest

from experiments.calibration.posterior import Judged, effective_size, judge, quantiles, weights_of

TWINS = 50
TAILS = (0.05, 0.95)
EFFECTIVE_MIN = 30  # fewer draws give no interval
COLUMNS = ["twin", "point", "seed", "input", "truth", "low", "high", "covered", "rank"]


def twin_table(
    x: Any, values: Any, names: Sequence[str], candidates: Any, means: Any, variances: Any, blur: Any, seed: int
) -> tuple[pd.DataFrame, int]:
    """Take runs for the world, blur what is known of them as facts are blurred, and look for their parameters.

    Args:
        x: points of the sweep, shape (points, inputs), 0 to 1.
        values: facts of its runs, shape (points, seeds, facts).
        names: of the inputs.
        candidates: points that posteriors are drawn from, shape (candidates, inputs).
        means: of the facts there, shape (candidates, facts).
        variances: of all that separates mean and fact, same shape.
        blur: standard deviation of observation and discrepancy together, shape (facts,).
        seed: of the choice of runs and of the blur.

    Returns:
        A row a twin and input (shares of the ranges; rank is the share of draws below the truth), and how many twins
        were tried in vain because too few draws were possible.
    """
    rng = np.random.default_rng([seed, 2])
    complete = ~np.isnan(values).any(axis=2)
    chosen = rng.permutation(np.flatnonzero(complete.any(axis=1)))[:TWINS]
    rows, in_vain = [], 0
    for twin, point in enumerate(chosen.tolist()):
        run = int(rng.choice(np.flatnonzero(complete[point])))
        seen = values[point, run] + blur * rng.standard_normal(len(blur))
        judged: Judged = judge(means, variances, seen)
        weights = weights_of(judged)
        if effective_size(weights) < EFFECTIVE_MIN:
            in_vain += 1
            continue
        for n, name in enumerate(names):
            low, high = quantiles(candidates[:, n], weights, TAILS)
            truth = x[point, n]
            rank = float(weights[candidates[:, n] < truth].sum())
            rows.append((twin, point, run, name, truth, low, high, bool(low <= truth <= high), rank))
    return pd.DataFrame(rows, columns=COLUMNS), in_vain


def twins_by_input(twins: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """For each input: number of twins, how many intervals held the truth, p-value of even ranks."""
    rows = []
    for name in names:
        mine: Any = twins[twins["input"] == name]
        p = float(kstest(mine["rank"], "uniform").pvalue) if len(mine) else np.nan
        rows.append((name, len(mine), int(mine["covered"].sum()), p))
    return pd.DataFrame(rows, columns=["input", "twins", "twins_covered", "ranks_p"])
