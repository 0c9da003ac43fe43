"""The heat map of the results browser: means of an outcome in cells of two settings."""

from itertools import pairwise
from typing import Any

import numpy as np

from injae.experiments.indicators import INDICATORS
from injae.experiments.wording.amounts import number, unit
from injae.experiments.wording.titles import setting_value
from injae.viz.view.results.table import Opened
from injae.viz.view.results.wish import Wish

VALUES_MAX = 12  # a setting with more values is shown in ranges
FILLED = 0.5  # and one whose cells would be emptier than this
RANGES = ((25, 4), (50, 5), (100, 6))  # up to so many points: ranges of a setting; beyond them RANGES_MAX
RANGES_MAX = 8


def heat_of(found: Opened, chosen: Any, wish: Wish) -> tuple[dict[str, Any] | None, Any]:
    """Mean of the outcome in each cell of two settings, and the rows of the chosen cell.

    All rows where no cell is chosen, or one without runs.
    """
    if not wish.y or not len(chosen):
        return None, chosen
    points = np.unique(found.place[chosen])
    across, upwards = _axes(found, (wish.x, wish.y), points, wish.lang)
    which = np.searchsorted(points, found.place[chosen])
    x, y = across[0][which], upwards[0][which]
    values = found.outcome(wish.outcome)[chosen]
    good = (x >= 0) & (y >= 0) & ~np.isnan(values)
    shape = (len(upwards[1]), len(across[1]))
    if not good.any():  # no run sets both
        return None, chosen
    flat = (y * shape[1] + x)[good]
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(flat, weights=values[good], minlength=shape[0] * shape[1]).reshape(shape)
    means = [
        [float(f"{total / count:z.6g}") if count else None for total, count in zip(*row, strict=True)]
        for row in zip(sums, counts, strict=True)
    ]
    of = INDICATORS[wish.outcome].unit
    shown = [mean for row in means for mean in row if mean is not None]
    heat = {
        "x": across[1],
        "y": upwards[1],
        "cells": means,
        "text": [["–" if v is None else number(v, of, wish.lang, with_unit=False) for v in row] for row in means],
        "unit": "" if of.split(" per ")[0] in ("share", "probability", "won", "ratio") else unit(of, wish.lang),
        "runs": counts.tolist(),
        "low": min(shown, default=0.0),
        "high": max(shown, default=0.0),
    }
    inside = (x == wish.cell[0]) & (y == wish.cell[1]) if wish.cell else np.zeros(len(x), bool)
    return heat | {"cell": wish.cell if inside.any() else None}, chosen[inside] if inside.any() else chosen


def _axes(found: Opened, names: tuple[str, str], points: Any, lang: str) -> list[tuple[Any, list[str]]]:
    """Bins of two settings (``_bins``), one value a point: single values where those fill the map, else ranges.

    A Latin hypercube has a value a point: a map of single values would be a line of cells among empty ones.
    """
    values = [found.setting(name)[points] for name in names]
    sizes = [len(np.unique(of[~np.isnan(of)])) for of in values]
    count = next((ranges for most, ranges in RANGES if len(points) < most), RANGES_MAX)
    ranges = [count if size > VALUES_MAX else 0 for size in sizes]
    for axis in sorted((0, 1), key=lambda axis: -sizes[axis]):  # the setting with more values gives way first
        if sizes[axis] > count and _filled([_bins(of, n) for of, n in zip(values, ranges, strict=True)]) < FILLED:
            ranges[axis] = count
    bins = [_bins(of, n) for of, n in zip(values, ranges, strict=True)]
    return [
        (index, ["–".join(setting_value(name, value, lang) for value in ends) for ends in labels])
        for name, (index, labels) in zip(names, bins, strict=True)
    ]


def _filled(axes: list[tuple[Any, list[tuple[float, ...]]]]) -> float:
    """Share of the cells of two axes that have a point."""
    (x, across), (y, upwards) = axes
    both = (x >= 0) & (y >= 0)
    return len(np.unique(y[both] * len(across) + x[both])) / max(len(across) * len(upwards), 1)


def _bins(values: Any, ranges: int) -> tuple[Any, list[tuple[float, ...]]]:
    """Index of the bin of each value (-1: none), and the bins: a value, or both ends; 0 ranges: a bin a value."""
    known = np.unique(values[~np.isnan(values)])
    if not ranges:
        return np.where(np.isnan(values), -1, np.searchsorted(known, values)), [(float(value),) for value in known]
    edges = np.linspace(known[0], known[-1], ranges + 1)
    index = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, ranges - 1)
    ends = [(float(f"{low:z.3g}"), float(f"{high:z.3g}")) for low, high in pairwise(edges)]
    return np.where(np.isnan(values), -1, index), ends
