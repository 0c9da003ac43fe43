"""Sensitivity from points that lie anyhow (PAWN), and from settings that moved one at a time (tornado)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.replicates import TARGETS, Replicates
from injae.experiments.summary import CONFIDENCE, mean_interval
from injae.experiments.sweeps.designs import Factor, check_salib
from injae.model.errors import InputError

SLICES = 10  # of the range of an input
POINTS_MIN = 10 * SLICES
DUMMIES = 100  # random columns that say how large an index is by accident
RESAMPLES = 100
RANDOM_COLUMN = "dummy: a random number"


def pawn_table(found: Sequence[Replicates], inputs: Sequence[str], shares: Any, seed: int = 0) -> pd.DataFrame:
    """PAWN indices: how far the distribution of an outcome moves when an input is known to a tenth of its range.

    The index is the median over slices of the largest distance between the distribution in the slice and the whole
    (Kolmogorov-Smirnov), 0 to 1. The dummy is a random column; its interval is that of indices that mean nothing.
    Points without a value are left out.

    Args:
        found: outcomes at the points.
        inputs: names of the columns.
        shares: where the points lie in the ranges, shape (points, inputs).
        seed: of the bootstrap and of the dummies.

    Raises:
        InputError: too few points.
    """
    tables = []
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    for one in found:
        rng = np.random.default_rng([seed, *one.outcome.encode()])
        known = ~np.isnan(one.values).any(axis=1)
        points = int(known.sum())
        if points < POINTS_MIN:
            fault = f"has a value at {points} points"
            raise InputError("no_results", fault, "outcome", one.outcome, suggestion=f"{POINTS_MIN} are needed")
        x, runs = shares[known], one.values[known]
        for target in TARGETS:
            if target.seeds_min > runs.shape[1]:
                continue
            y = target.over(runs)
            accidental = _pawn(rng.random((points, DUMMIES)), y)
            again = rng.integers(points, size=(RESAMPLES, points))
            low, high = np.quantile([_pawn(x[index], y[index]) for index in again], tails, axis=0)
            floor_low, floor_high = np.quantile(accidental, tails)
            index = _pawn(x, y)
            table = pd.DataFrame(
                {
                    "outcome": one.outcome,
                    "unit": one.unit,
                    "target": target.name,
                    "input": [*inputs, RANDOM_COLUMN],
                    "index": [*index, accidental.mean()],
                    "index_low": [*low, floor_low],
                    "index_high": [*high, floor_high],
                    "points": points,
                }
            )
            table["against_noise"] = np.where(table["index"] > floor_high, "above", "below")
            table.loc[table["input"] == RANDOM_COLUMN, "against_noise"] = "floor"
            tables.append(table.sort_values("index", ascending=False, kind="stable"))
    return pd.concat(tables, ignore_index=True)


def _pawn(x: Any, y: Any) -> Any:
    """PAWN index of each column of ``x``; shape (columns,)."""
    check_salib("PAWN indices")
    from SALib.analyze import pawn  # extra experiments

    names = [f"x{column}" for column in range(x.shape[1])]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    return np.asarray(pawn.analyze(problem, x, y, S=SLICES)["median"], float)  # draws nothing: needs no seed


def tornado_table(found: Sequence[Replicates], factors: Sequence[Factor]) -> pd.DataFrame:
    """What each setting does alone, at its low and at its high end, on the same seeds; largest swing first.

    Columns hold the mean at the base, and the mean difference to it with its 95 percent t interval over seeds. Seeds
    without a value at the base or the end are left out of that difference; ``pairs`` says how many are there.

    Args:
        found: outcomes at the points of an ``oat`` design.
        factors: in the order of the design.
    """
    rows = []
    for one in found:
        base = one.values[0]
        for n, factor in enumerate(factors):
            row: dict[str, Any] = {"outcome": one.outcome, "unit": one.unit, "input": factor.path}
            row["base"] = float(np.nanmean(base)) if not np.isnan(base).all() else np.nan
            for end, setting, values in (
                ("low", factor.low, one.values[1 + 2 * n]),
                ("high", factor.high, one.values[2 + 2 * n]),
            ):
                gaps = (values - base)[~np.isnan(values - base)]
                row[f"setting_{end}"] = setting
                change = mean_interval(gaps)
                row[f"change_at_{end}"], row[f"change_at_{end}_low"], row[f"change_at_{end}_high"] = change
                row[f"pairs_{end}"] = len(gaps)
            row["swing"] = max(row["change_at_low"], row["change_at_high"], 0.0) - min(
                row["change_at_low"], row["change_at_high"], 0.0
            )
            rows.append(row)
    table = pd.DataFrame(rows)
    order = {one.outcome: n for n, one in enumerate(found)}
    table = table.sort_values("swing", ascending=False, kind="stable")
    return table.sort_values("outcome", key=lambda c: c.map(order), kind="stable").reset_index(drop=True)
