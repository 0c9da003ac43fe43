"""Value of information: whose remaining uncertainty contributes most to what is asked for.

The share of the variance of an outcome over the posterior that would go if a parameter were known (first-order effect):
the variance of the means of the outcome in slices of the parameter. A share counts only if it is larger than almost all
of those of random columns.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.calibration.posterior import effective_size

SLICES = 8
DUMMIES = 2000
ACCIDENTS = 0.05  # parameters that do nothing and still count, on average, of all those of an outcome
COLUMNS = ["outcome", "input", "share", "floor", "above", "noise_share", "mean", "sd"]


def information_table(
    outcomes: Mapping[str, Any], paths: Sequence[str], x: Any, weights: Any, seed: int
) -> pd.DataFrame:
    """Share of the variance of each outcome that knowing a parameter would take away, largest first.

    Args:
        outcomes: values by name, shape (draws, seeds), nan where there is none.
        paths: of the parameters.
        x: draws, shape (draws, parameters).
        weights: of the draws.
        seed: of the dummies.

    Returns:
        A row an outcome and parameter: share, the largest that accident gives (``floor``), whether it is ``above``; and
        of the outcome the share of noise in the variance, mean and standard deviation of single runs.
    """
    rng = np.random.default_rng([seed, 4])
    tables = []
    for name, values in outcomes.items():
        known = ~np.isnan(values).any(axis=1) & (weights > 0)
        if known.sum() < 2 * SLICES:
            continue
        w = weights[known] / weights[known].sum()
        runs, y = values[known], values[known].mean(axis=1)
        mean = float(w @ y)
        noise = float(w @ runs.var(axis=1, ddof=1)) if runs.shape[1] > 1 else 0.0
        between = float(w @ (y - mean) ** 2) - noise / runs.shape[1]
        whole = max(between, 0.0) + noise
        if whole <= 0:
            continue
        accidental = [_share(rng.random(len(y)), y, w, whole) for _ in range(DUMMIES)]
        floor = float(np.quantile(accidental, 1 - min(ACCIDENTS / len(paths), 0.5)))
        shares = [_share(column, y, w, whole) for column in x[known].T]
        table = pd.DataFrame({"outcome": name, "input": list(paths), "share": shares, "floor": floor})
        table["above"] = table["share"] > floor
        table["noise_share"], table["mean"], table["sd"] = noise / whole, mean, whole**0.5
        tables.append(table.sort_values("share", ascending=False, kind="stable"))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def _share(column: Any, y: Any, weights: Any, whole: float) -> float:
    """Variance of the means of slices of equal weight, less what accident adds, as a share of the whole variance."""
    order = np.argsort(column, kind="stable")
    w, values = weights[order], y[order]
    slices = np.minimum((np.cumsum(w) - w / 2) * SLICES, SLICES - 1e-9).astype(int)
    mass = np.bincount(slices, w, SLICES)
    means = np.bincount(slices, w * values, SLICES) / np.where(mass > 0, mass, 1)
    middle = w @ values
    spread = float(w @ (values - middle) ** 2)
    between = float(mass @ (means - middle) ** 2)
    accident = (SLICES - 1) / max(effective_size(weights) - 1, 1) * max(spread - between, 0.0)
    return max(between - accident, 0.0) / whole
