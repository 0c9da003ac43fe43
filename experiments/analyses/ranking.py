"""Which settings matter in a sweep: as a finished analysis of it found, else by rank correlation."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.experiments.findings import load
from injae.experiments.folders import RECEIPT
from injae.model.errors import InputError

RESAMPLES, POINTS_RANKED, POINTS_MIN = 200, 2000, 5
MEAN = "mean"  # target of an analysis: the mean over seeds
MEASURES = {  # table of a finding: measure, columns of value, low and high end
    "effects": ("mu_star", "mu_star", "mu_star_low", "mu_star_high"),
    "indices": ("total", "total", "total_low", "total_high"),
    "pawn": ("pawn", "index", "index_low", "index_high"),
    "tornado": ("tornado", "change", "change_low", "change_high"),
}
IN_UNIT = ("mu_star", "tornado")  # measures that have the unit of the outcome


class Ranking(NamedTuple):
    """Settings by influence.

    Attributes:
        measure: ``rho``, or one of ``MEASURES``.
        rows: name, value, low and high end of the 95 percent interval; largest first.
        command: of the analysis that found it; empty for ``rho``.
        receipt: of that analysis.
        points: that ``rho`` was made from.
    """

    measure: str
    rows: list[dict[str, Any]]
    command: str = ""
    receipt: str = ""
    points: int = 0


def found_ranking(folder: Path, root: Path, receipt: str, policy: str, outcome: str) -> Ranking | None:
    """What a finished ``injae sensitivity`` or ``screen`` of the sweep in ``folder`` says of an outcome, or None.

    Looked for in the folder, beside it and one folder deeper, but nowhere outside ``root``. It has to name the sweep's
    receipt, the policy and the outcome, without another policy taken off; the latest counts.
    """
    found = []
    for path in _places(folder, root):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            asked = said["question"]
            fits = said["kind"] in ("sensitivity", "screen") and asked["sweep"] == receipt
            if fits and asked["policy"] == policy and not asked["versus"] and outcome in asked["outcomes"]:
                found.append((path.stat().st_mtime, path.parent))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # no receipt of an analysis of this sweep
    for _, place in sorted(found, reverse=True):
        try:
            finding, code = load(place)
        except InputError:
            continue  # its tables have changed since
        for name, (measure, *columns) in MEASURES.items():
            if name in finding.tables:
                rows = _rows(_of(finding.tables[name], outcome, measure), columns)
                command = json.loads((place / RECEIPT).read_text(encoding="utf-8"))["command"]
                return Ranking(measure, rows, shlex.join(command), code)
    return None


def _places(folder: Path, root: Path) -> Iterator[Path]:
    own = folder.resolve()
    for path in [own / RECEIPT, own.parent / RECEIPT, *own.glob(f"*/{RECEIPT}"), *own.parent.glob(f"*/{RECEIPT}")]:
        if path.is_file() and path.resolve().is_relative_to(root.resolve()):
            yield path


def _of(table: Any, outcome: str, measure: str) -> Any:
    table = table[table["outcome"] == outcome]
    if "target" in table:
        table = table[table["target"] == MEAN]
    if measure != "tornado":
        return table
    ends = [
        table[["input"]].assign(
            change=table[f"change_at_{end}"],
            change_low=table[f"change_at_{end}_low"],
            change_high=table[f"change_at_{end}_high"],
        )
        for end in ("low", "high")
    ]
    both = pd.concat(ends)  # of the two ends the one that moves the outcome more
    return both.sort_values("change", key=abs, ascending=False).drop_duplicates("input")


def _rows(table: Any, columns: list[str]) -> list[dict[str, Any]]:
    value, low, high = columns
    rows = [
        {"name": row["input"], "value": float(row[value]), "low": float(row[low]), "high": float(row[high])}
        for row in table.to_dict("records")
        if not pd.isna(row[value])
    ]
    return sorted(rows, key=lambda row: -abs(row["value"]))


def rank_correlations(points: pd.DataFrame, draw: pd.Series | None = None) -> Ranking:
    """Spearman's rank correlation of each column but the last with the last, over points.

    The bars are percentiles of ``RESAMPLES`` weightings of the points by chance (bootstrap of the ranks of at most
    ``POINTS_RANKED`` points).

    Args:
        points: one row a point.
        draw: of each point, where several points share a draw of the uncertain parameters and so are not independent:
            then draws are weighted, each with all its points (cluster bootstrap).
    """
    points = points.dropna()
    if len(points) > POINTS_RANKED:
        points = points.sample(POINTS_RANKED, random_state=0)
    if len(points) < POINTS_MIN:
        return Ranking("rho", [], points=len(points))
    ranks = points.rank().to_numpy()
    ranks = (ranks - ranks.mean(axis=0)) / len(ranks)
    of = np.arange(len(points)) if draw is None else pd.factorize(draw[points.index])[0]
    size = int(of.max()) + 1
    weights = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), RESAMPLES)[:, of]
    draws = _correlations(ranks, weights)
    kept = ~np.isnan(draws).all(axis=0)
    low, high = np.full((2, draws.shape[1]), np.nan)
    low[kept], high[kept] = np.nanpercentile(draws[:, kept], (2.5, 97.5), axis=0)
    rho = _correlations(ranks, np.ones((1, len(ranks))))[0]
    rows = [
        {"name": str(name), "value": float(r), "low": float(a), "high": float(b)}
        for name, r, a, b in zip(points.columns[:-1], rho, low, high, strict=True)
        if not np.isnan(r)
    ]
    return Ranking("rho", sorted(rows, key=lambda row: -abs(row["value"])), points=len(points))


def _correlations(table: Any, weights: Any) -> Any:
    """Of each column but the last with the last, for each row of weights; nan where one does not vary."""
    weights = weights / weights.sum(axis=1, keepdims=True)
    means = weights @ table
    variances = weights @ table**2 - means**2
    variances[variances < 1e-12 * (table**2).mean(axis=0).max()] = np.nan
    together = weights @ (table[:, :-1] * table[:, -1:]) - means[:, :-1] * means[:, -1:]
    return together / np.sqrt(variances[:, :-1] * variances[:, -1:])
