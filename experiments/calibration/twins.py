"""Would the method find the truth? Runs taken for the world: their parameters are known (Talts 2018)."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy

from injae.experiments.calibration.posterior import Draws, effective_size, judge, quantiles, weights_of

TWINS = 50
REDRAWN = 12  # twins that draws of their own are made for
TAILS = (0.05, 0.95)
EFFECTIVE_MIN = 30  # fewer draws give no interval
COLUMNS = ["twin", "point", "seed", "input", "truth", "low", "high", "covered", "rank"]


class Worlds(NamedTuple):
    """Runs that may be taken for the world, and how facts of the world are blurred.

    Attributes:
        x: points that were run, drawn like the candidates, shape (points, inputs), 0 to 1.
        values: facts of their runs, shape (points, seeds, facts).
        blur: standard deviation of observation and discrepancy together, shape (facts,).
        names: of the inputs.
    """

    x: Any
    values: Any
    blur: Any
    names: Sequence[str]


def twin_table(
    worlds: Worlds,
    candidates: Draws,
    means: Any,
    variances: Any,
    seed: int,
    redraw: Callable[[Any], Draws] | None = None,
) -> tuple[pd.DataFrame, int]:
    """Take runs for the world, blur what is known of them as facts are blurred, and look for their parameters.

    Args:
        worlds: runs with known parameters.
        candidates: draws that twins' posteriors are made of by weights, before the facts of the twin are known.
        means: of the facts there, shape (candidates, facts).
        variances: of all that separates mean and fact, same shape.
        seed: of the choice of runs and of the blur.
        redraw: makes draws of a twin's posterior from its facts, where weights leave too few.

    Returns:
        A row a twin and input (shares of the ranges; rank is the share of draws below the truth), and how many twins
        were tried in vain because too few draws were possible.
    """
    x, values, blur, names = worlds
    rng = np.random.default_rng([seed, 2])
    complete = ~np.isnan(values).any(axis=2)
    chosen = rng.permutation(np.flatnonzero(complete.any(axis=1)))[:TWINS]
    rows, in_vain, redrawn = [], 0, 0
    for twin, point in enumerate(chosen.tolist()):
        run = int(rng.choice(np.flatnonzero(complete[point])))
        seen = values[point, run] + blur * rng.standard_normal(len(blur))
        weights = candidates.weights * weights_of(judge(means, variances, seen))
        if len(candidates.x) == len(x) and candidates.x is x:
            weights[point] = 0.0  # the twin itself is not there to be found
        found = Draws(candidates.x, weights / weights.sum() if weights.any() else weights, 1)
        if found.effective < EFFECTIVE_MIN and redraw and redrawn < REDRAWN:
            found, redrawn = redraw(seen), redrawn + 1
        if effective_size(found.weights) < EFFECTIVE_MIN:
            in_vain += 1
            continue
        for n, name in enumerate(names):
            low, high = quantiles(found.x[:, n], found.weights, TAILS)
            truth = x[point, n]
            rank = float(found.weights[found.x[:, n] < truth].sum())
            rows.append((twin, point, run, name, truth, low, high, bool(low <= truth <= high), rank))
    return pd.DataFrame(rows, columns=COLUMNS), in_vain


def twins_by_input(twins: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """For each input: number of twins, how many intervals held the truth, p-value of even ranks."""
    rows = []
    for name in names:
        mine: Any = twins[twins["input"] == name]
        p = float(scipy.stats.kstest(mine["rank"], "uniform").pvalue) if len(mine) else np.nan
        rows.append((name, len(mine), int(mine["covered"].sum()), p))
    return pd.DataFrame(rows, columns=["input", "twins", "twins_covered", "ranks_p"])
