"""Sobol' indices of a sweep with a Saltelli design: the share of the variance that each input accounts for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy

from injae.experiments.analyses.inputs import DUMMY
from injae.experiments.replicates import TARGETS, Replicates, Target, dummy_noise, filled_in, noise_shares
from injae.experiments.summary import CONFIDENCE
from injae.model.errors import InputError

RESAMPLES = 1000
HALF_WIDTH_MAX = 0.05  # of a total index; a wider one is said
ROWS_FEW = 64  # with fewer, intervals are too rough to tell an input from noise


def check_order(points: Any, moves: Sequence[str], inputs: Sequence[str], source: Any) -> None:
    """Refuse points that are not rows of A, B, and A with one input after the other from B: indices would be wrong.

    Args:
        points: shape (points, settings).
        moves: input that each setting belongs to.
        inputs: in the order of the design.
        source: of the points, for the message.

    Raises:
        InputError: another order, such as that of SALib (A, A with ..., B).
    """
    size = len(inputs) + 2
    rows = points[: len(points) // size * size].reshape(-1, size, points.shape[1])
    for n, moved in enumerate(inputs):
        expected = np.where([one == moved for one in moves], rows[:, 1], rows[:, 0])
        if len(points) % size or not np.array_equal(rows[:, 2 + n], expected):
            fault = f"its points are not in the order of a Saltelli design: rows of A, B, and A with {moved} of B"
            raise InputError(
                "unusable", fault, source=source, suggestion="docs/neighbours.md says how others order them"
            )


def sobol_tables(
    found: Sequence[Replicates], inputs: Sequence[str], shares: Any, seed: int = 0
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """First and total indices, and what noise accounts for: tables ``indices`` and ``noise``, and single figures.

    Args:
        found: outcomes; points in the order of a Saltelli design, row after row.
        inputs: what moves, in the order of the design.
        shares: where the points lie in the ranges, shape (points, settings), 0 to 1.
        seed: of the bootstrap and of the dummy.

    Raises:
        InputError: too many missing runs, or an outcome that does not vary.
    """
    size = len(inputs) + 2
    rng = np.random.default_rng([seed, len(found)])
    values = {
        one.outcome: filled_in(one.values, shares, one.outcome).reshape(-1, size, one.values.shape[1]) for one in found
    }
    cases = [
        (one, target)
        for one in found
        for target in TARGETS
        if target.seeds_min <= one.values.shape[1] and np.ptp(target.over(values[one.outcome])) > 0
    ]
    if not cases:
        fault = "the same at every point"
        raise InputError("unusable", fault, "outcome", found[0].outcome, suggestion="there is nothing to explain")
    f_a, f_b, f_ab = _evaluations(cases, values, rng)
    first, total, first_ends, total_ends = sobol_indices_with_ends(f_a, f_b, f_ab, rng)
    names = [*inputs, DUMMY][: f_ab.shape[0]]
    tables = []
    for n, (one, target) in enumerate(cases):
        table = pd.DataFrame(
            {
                "outcome": one.outcome,
                "unit": one.unit,
                "target": target.name,
                "input": names,
                "sd": float(np.concatenate([f_a[n], f_b[n]]).std()),
                "first": first[n],
                "first_low": first_ends[0][n],
                "first_high": first_ends[1][n],
                "total": total[n],
                "total_low": total_ends[0][n],
                "total_high": total_ends[1][n],
            }
        )
        tables.append(_judged(table, len(f_a[n])))
    indices = pd.concat(tables, ignore_index=True)
    noise = pd.DataFrame(
        [
            {"outcome": one.outcome, "unit": one.unit, **noise_shares(_drawn(values[one.outcome]), rng)._asdict()}
            for one in found
        ]
    )
    facts = {
        "filled_in": {one.outcome: one.missing for one in found if one.missing},
        "constant": [one.outcome for one in found if all(one is not case for case, _ in cases)],
    }
    return {"indices": indices, "noise": noise}, {**facts, **precision(indices, len(f_a[0]), size)}


def sobol_indices_with_ends(f_a: Any, f_b: Any, f_ab: Any, rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    """First and total indices with the ends of their 95 percent intervals (percentiles of a bootstrap over rows).

    SciPy's own bootstrap of these indices takes no seed and has no interval for an index that is exactly 0, hence this.

    Args:
        f_a: at the rows of A, shape (outputs, rows); rows are a power of two.
        f_b: at the rows of B, the same shape.
        f_ab: at the rows of A with one input of B, shape (inputs, outputs, rows).
        rng: for the bootstrap.

    Returns:
        First, total, and the low and high ends of each; all of shape (outputs, inputs).
    """
    rows, shape = f_a.shape[1], (f_a.shape[0], f_ab.shape[0])

    def statistic(index: Any) -> Any:
        chosen: Any = {"f_A": f_a[:, index], "f_B": f_b[:, index], "f_AB": f_ab[..., index]}
        result = scipy.stats.sobol_indices(func=chosen, n=rows)
        return np.stack([result.first_order.reshape(shape), result.total_order.reshape(shape)])

    first, total = statistic(np.arange(rows))
    spread: Any = scipy.stats.bootstrap(
        [np.arange(rows)],
        statistic,
        n_resamples=RESAMPLES,
        vectorized=False,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=rng,
    )
    low, high = spread.confidence_interval.low, spread.confidence_interval.high
    return first, total, (low[0], high[0]), (low[1], high[1])


def _evaluations(cases: Sequence[tuple[Replicates, Target]], values: dict[str, Any], rng: Any) -> tuple[Any, Any, Any]:
    """What each target gives at the rows of A, of B, and of A with one input of B; the dummy comes last."""
    f_a, f_b, f_ab = [], [], []
    for one, target in cases:
        runs = values[one.outcome]
        taken = target.over(runs)
        f_a.append(taken[:, 0])
        f_b.append(taken[:, 1])
        pages = [taken[:, 2:].T]
        if runs.shape[-1] > 1:
            pages.append(dummy_noise(runs, target.over, rng)[None, :, 0])
        f_ab.append(np.concatenate(pages))
    return np.array(f_a), np.array(f_b), np.stack(f_ab, axis=1)


def _drawn(runs: Any) -> Any:
    """Points drawn independently of each other: the rows of A and of B; shape (points, seeds)."""
    return runs[:, :2].reshape(-1, runs.shape[-1])


def impossible(indices: Any) -> Any:
    """Indices whose interval lies wholly outside 0 to 1, by more than is taken for an error: the rows are too few.

    The dummy's are among them: it is what others are told from noise by.

    Args:
        indices: the table of that name.

    Returns:
        A frame with the columns outcome, target, input, order (``first`` or ``total``), low and high.
    """
    parts = []
    for order in ("first", "total"):
        part = indices[["outcome", "target", "input"]].assign(
            order=order, low=indices[f"{order}_low"], high=indices[f"{order}_high"]
        )
        parts.append(part[(part["low"] > 1 + HALF_WIDTH_MAX) | (part["high"] < -HALF_WIDTH_MAX)])
    return pd.concat(parts, ignore_index=True)


def _judged(table: Any, rows: int) -> pd.DataFrame:
    """Largest total first, each against that of the dummy; with few rows no verdict."""
    dummy = table["input"] == DUMMY
    if dummy.any():
        floor = table.loc[dummy].iloc[0]
        above, below = table["total_low"] > floor["total_high"], table["total_high"] <= floor["total_high"]
        known = rows >= ROWS_FEW
        table["against_noise"] = np.select([above & known, below & known], ["above", "below"], "not clear")
        table.loc[dummy, "against_noise"] = "floor"
    else:
        table["against_noise"] = "unknown"  # one seed says nothing about noise
    return table.sort_values("total", ascending=False, kind="stable")


def precision(indices: Any, rows: int, size: int) -> dict[str, Any]:
    """Widest half-width of a total index of a mean, and the rows and points that would bring it to the limit."""
    means = indices[(indices["target"] == TARGETS[0].name) & (indices["input"] != DUMMY)]
    halves = (means["total_high"] - means["total_low"]) / 2
    widest = float(halves.max())
    needed = rows
    while widest > HALF_WIDTH_MAX * (needed / rows) ** 0.5:  # half-widths fall with the root of the rows
        needed *= 2
    at = means.loc[halves.idxmax()]
    return {
        "rows": rows,
        "widest_half_width": widest,
        "widest_at": {"outcome": at["outcome"], "input": at["input"]},
        "half_width_max": HALF_WIDTH_MAX,
        "rows_needed": needed,
        "more_points_needed": (needed - rows) * size,
    }
