"""Finished sweeps for the results browser: what is in a folder, aggregated so that at most 50 kB go to the page.

Only reads files, and only below one folder (``injae app --results DIR``). A sweep whose files are not as they should be
is refused with the name of the column. ``board_of(wish)`` gives::

    folders   [name];  name, policies, outcomes [{name, title, unit}], settings [{name, title, unit, low, high}]
    line      what the sweep is, in one sentence;  old: whether it is of another state of the model
    counts    {done, failed, chosen}
    heat      {x, y (edges or values as text), cells [[mean or None]], runs [[count]], low, high, unit} or None
    ranking   [{name, title, rho, low, high}] by size: Spearman's rank correlation over points, 95 percent bootstrap
    fan       {dates, mean, low, high, all, runs, title, unit} or None;  all: mean over all chosen runs of the policy
    settings, columns   at most ``SETTINGS_SHOWN`` filters and ``COLUMNS_SHOWN`` columns, the most influential first
    rows      [{status, point, seed, seconds, settings [text], value, reason, link}] at most ``ROWS``, failed ones first
    command, cite, receipt
"""

import functools
import shlex
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from experiments.store import RUNS, Sweep, holds_sweep, model_version
from experiments.summary import INDICATORS
from model.errors import InputError
from model.scenario import preset_names
from viz.view.payload import scale_of, version
from viz.view.words import number, parameter, word

DEPTH, FOLDERS_MAX = 3, 200
BINS, VALUES_MAX = 8, 12  # of a setting with many values; of one that is shown value by value
ROWS, FAN_RUNS = 40, 200
RANKED, SETTINGS_SHOWN, COLUMNS_SHOWN = 20, 60, 6  # the rest would not fit into 50 kB, nor onto a page
RESAMPLES, POINTS_RANKED = 200, 2000
FAN_SERIES = "specialists"
MANIFEST = ("receipt", "command", "scenarios", "seeds", "design", "model_version", "kept")
KEYS = ["policy", "point", "seed"]
_root = Path("results")


def open_root(folder: str | Path) -> None:
    """The folder below which sweeps are looked for."""
    global _root
    _root = Path(folder)


def folders() -> list[str]:
    """Sweeps below the root, by their path from there, newest first; links that lead out are left alone."""
    root = _root.resolve()
    found = []
    for depth in range(DEPTH + 1):
        for path in root.glob("/".join(["*"] * depth + ["manifest.json"])):
            if path.resolve().is_relative_to(root) and holds_sweep(path.parent):
                found.append((path.stat().st_mtime, path.parent.relative_to(root).as_posix()))
    return [name for _, name in sorted(found, reverse=True)[:FOLDERS_MAX]]


@dataclass(frozen=True)
class Wish:
    """What a visitor wants to see of a sweep; empty texts stand for the first there is.

    Attributes:
        folder: as in ``folders()``.
        ranges: (setting, low, high) of each filter.
        cell: indices of a cell of the heat map across and upwards, or None.
    """

    folder: str = ""
    policy: str = ""
    outcome: str = "specialists_at_end"
    x: str = ""
    y: str = ""
    ranges: tuple[tuple[str, float, float], ...] = ()
    cell: tuple[int, int] | None = None
    lang: str = field(default="ko")


@dataclass(frozen=True)
class Opened:
    """A sweep that was read: all runs with settings and indicators, one row a run."""

    name: str
    sweep: Sweep
    runs: Any
    settings: list[str]


def opened(name: str) -> Opened:
    """Read a sweep of the list, once as long as its files stay as they are.

    Raises:
        InputError: not in the list, or files that are not those of a sweep; names the column.
    """
    if name not in folders():
        raise InputError(f"{name!r}: no sweep of the results folder")
    folder = _root.resolve() / name
    blocks = [folder / "manifest.json", folder / "points.parquet", *sorted((folder / "runs").glob("*.parquet"))]
    return _read(name, folder, tuple((path.name, path.stat().st_mtime_ns) for path in blocks))


@functools.lru_cache(maxsize=2)
def _read(name: str, folder: Path, _state: tuple[Any, ...]) -> Opened:
    sweep = Sweep(folder)
    for key in MANIFEST:
        if key not in sweep.manifest:
            raise InputError(f"{name}/manifest.json: {key} missing; not a sweep of this version")
    settings = [factor["path"] for kind in ("levers", "uncertainties") for factor in sweep.manifest["design"][kind]]
    _check_table(f"{name}/points.parquet", folder / "points.parquet", ["point", *settings])
    _check_table(f"{name}/cases.parquet", folder / "cases.parquet", ["policy", "point", "case"], numeric=False)
    for block in sorted((folder / "runs").glob("*.parquet"))[:1]:
        _check_table(f"{name}/runs", block, RUNS.names, numeric=False)
    for block in sorted((folder / "summary").glob("*.parquet"))[:1]:
        _check_table(f"{name}/summary", block, list(INDICATORS))
    runs = sweep.runs.merge(sweep.points[settings], left_on="point", right_index=True, how="left")
    runs = runs.merge(sweep.summary(), on=KEYS, how="left")
    return Opened(name, sweep, runs, settings)


def _check_table(what: str, path: Path, columns: list[str], *, numeric: bool = True) -> None:
    """Refuse a table without a column, or with text where numbers belong."""
    schema = pq.read_schema(path)
    for column in columns:
        if column not in schema.names:
            raise InputError(f"{what}: column {column} missing")
        kind = str(schema.field(column).type)
        if numeric and not kind.startswith(("int", "uint", "float", "double")):
            raise InputError(f"{what}: column {column} is {kind}, not numbers")


def completed(wish: Wish) -> Wish:
    """The wish with names that this sweep has."""
    sweep = opened(wish.folder)
    policies = list(sweep.sweep.policies)
    varied = [name for name in sweep.settings if sweep.runs[name].nunique() > 1] or sweep.settings
    x = wish.x if wish.x in varied else varied[0]
    y = wish.y if wish.y in varied and wish.y != x else next((name for name in varied if name != x), "")
    return replace(
        wish,
        policy=wish.policy if wish.policy in policies else policies[0],
        outcome=wish.outcome if wish.outcome in INDICATORS else "specialists_at_end",
        x=x,
        y=y,
        ranges=tuple(row for row in wish.ranges if row[0] in sweep.settings),
    )


def board_of(wish: Wish) -> dict[str, Any]:
    """A sweep for the screen; see the head of this file."""
    wish = completed(wish)
    found, lang = opened(wish.folder), wish.lang
    manifest = found.sweep.manifest
    mine = found.runs[found.runs["policy"] == wish.policy]
    chosen = _filtered(mine, wish)
    heat, inside = _heat(chosen, wish)
    unit = INDICATORS[wish.outcome].unit
    status = chosen["status"].value_counts()
    ranked = ranking(chosen, found.settings, wish.outcome, lang)
    named = [name for name in (wish.x, wish.y) if name]
    named = list(dict.fromkeys([*named, *(row["name"] for row in ranked), *found.settings]))
    facts = {
        "runs": f"{len(found.runs):,}",
        "points": f"{len(found.sweep.points):,}",
        "settings": len(found.settings),
        "seeds": len(manifest["seeds"]),
        "design": manifest["design"]["text"],
        "receipt": manifest["receipt"],
        "revision": manifest.get("revision", "-"),
    }
    return {
        "folders": folders(),
        "name": wish.folder,
        "policy": wish.policy,
        "policies": list(found.sweep.policies),
        "outcome": wish.outcome,
        "outcomes": [{"name": name, "title": outcome_title(name, lang)} for name in INDICATORS],
        "x": wish.x,
        "y": wish.y,
        "settings": [_setting(found, name, wish, lang) for name in named[:SETTINGS_SHOWN]],
        "columns": [title_of(name, lang) for name in named[:COLUMNS_SHOWN]],
        "line": word("results.line", lang, **facts),
        "old": manifest["model_version"] != model_version(),
        "counts": {
            "chosen": len(chosen),
            "done": int(status.get("done", 0)),
            "failed": int(sum(status.get(name, 0) for name in ("failed", "cut", "died"))),
            "waiting": int(status.get("waiting", 0)),
        },
        "unit": unit,
        "cell": wish.cell,
        "heat": heat,
        "ranking": ranked[:RANKED],
        "fan": _fan(found, chosen, inside, lang),
        "rows": _rows(inside, named[:COLUMNS_SHOWN], found.settings, wish, unit),
        "command": shlex.join(manifest["command"]),
        "cite": word("results.citation", lang, version=version(), **facts),
        "receipt": manifest["receipt"],
    }


def title_of(path: str, lang: str) -> str:
    """A setting in words; a dated one with its dates."""
    plain, at, dates = path.partition("@")
    group, _, name = plain.partition(".")
    try:
        title = word(f"{plain}.title", lang) if group in ("levers", "shocks") else parameter(name, lang)
    except KeyError:
        title = plain
    return f"{title} ({dates})" if at else title


def outcome_title(name: str, lang: str) -> str:
    """An indicator in words: the series that it comes from and its moment, or its name."""
    for ending in ("_at_target_date", "_by_target_date", "_at_end", "_per_year"):
        if name.endswith(ending):
            series = {"public_won": "public_won_cumulative", "programme_graduates": "programme_graduates_cumulative"}
            stem = name.removesuffix(ending)
            try:
                title = word(f"series.{series.get(stem, stem)}", lang)
            except KeyError:
                break
            return f"{title}, {word('results.' + ending.strip('_'), lang)}"
    return name.replace("_", " ")


def _setting(found: Opened, name: str, wish: Wish, lang: str) -> dict[str, Any]:
    values = found.sweep.points[name]
    low, high = float(values.min()), float(values.max())
    mine = next((row[1:] for row in wish.ranges if row[0] == name), (low, high))
    return {"name": name, "title": title_of(name, lang), "low": low, "high": high, "from": mine[0], "to": mine[1]}


def _filtered(runs: Any, wish: Wish) -> Any:
    for name, low, high in wish.ranges:
        runs = runs[runs[name].isna() | runs[name].between(low, high)]
    return runs


def _bins(values: Any) -> tuple[Any, list[str]]:
    """Index of the bin of each value (-1: none), and what to call the bins."""
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= VALUES_MAX:
        return np.where(np.isnan(values), -1, np.searchsorted(known, values)), [f"{value:.4g}" for value in known]
    edges = np.linspace(known[0], known[-1], BINS + 1)
    index = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)
    names = [f"{low:.3g}–{high:.3g}" for low, high in pairwise(edges)]
    return np.where(np.isnan(values), -1, index), names


def _heat(runs: Any, wish: Wish) -> tuple[dict[str, Any] | None, Any]:
    """Mean of the outcome in each cell of two settings, and the runs of the chosen cell (all without one)."""
    if not wish.y or runs.empty:
        return None, runs
    (x, x_names), (y, y_names) = (_bins(runs[name].to_numpy(float)) for name in (wish.x, wish.y))
    values = runs[wish.outcome].to_numpy(float)
    good = (x >= 0) & (y >= 0) & ~np.isnan(values)
    shape = (len(y_names), len(x_names))
    flat = (y * shape[1] + x)[good]
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(flat, weights=values[good], minlength=shape[0] * shape[1]).reshape(shape)
    means = [[float(f"{s / c:.6g}") if c else None for s, c in zip(*row, strict=True)]
             for row in zip(sums, counts, strict=True)]  # fmt: skip
    shown = [mean for row in means for mean in row if mean is not None]
    heat = {"x": x_names, "y": y_names, "cells": means, "runs": counts.tolist()}
    heat |= {"low": min(shown, default=0.0), "high": max(shown, default=0.0)}
    if wish.cell is None:
        return heat, runs
    return heat, runs[(x == wish.cell[0]) & (y == wish.cell[1])]


def ranking(runs: Any, settings: list[str], outcome: str, lang: str) -> list[dict[str, Any]]:
    """Spearman's rank correlation of each setting with the outcome (mean over seeds), points resampled for the bars."""
    points = runs.groupby("point")[[*settings, outcome]].mean().dropna()
    if len(points) > POINTS_RANKED:
        points = points.sample(POINTS_RANKED, random_state=0)
    if len(points) < 5:
        return []
    rng = np.random.default_rng(0)
    table = points.to_numpy()
    draws = [_rank_correlations(table[rng.integers(0, len(table), len(table))]) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(np.array(draws), (2.5, 97.5), axis=0)
    rows = [
        {"name": name, "title": title_of(name, lang), "rho": float(rho), "low": float(a), "high": float(b)}
        for name, rho, a, b in zip(settings, _rank_correlations(table), low, high, strict=True)
    ]
    return sorted((row for row in rows if not np.isnan(row["rho"])), key=lambda row: -abs(row["rho"]))


def _rank_correlations(table: Any) -> Any:
    """Of each column but the last with the last; nan where one does not vary."""
    ranks = pd.DataFrame(table).rank().to_numpy()
    ranks = ranks - ranks.mean(axis=0)
    size = np.sqrt((ranks**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ranks[:, :-1] * ranks[:, -1:]).sum(axis=0) / (size[:-1] * size[-1])


def _fan(found: Opened, chosen: Any, inside: Any, lang: str) -> dict[str, Any] | None:
    """Specialists over time in the chosen cell, and dashed in all runs of the filters; at most ``FAN_RUNS`` of each."""
    cell, rest = (_some_series(found, runs) for runs in (inside, chosen))
    if cell is None or rest is None:
        return None
    _, factor, decimals, per = scale_of(FAN_SERIES, lang)
    low, high = np.percentile(cell, (5, 95), axis=0)
    plan = next(iter(found.sweep.policies.values()))
    rows = {"mean": cell.mean(axis=0), "low": low, "high": high, "all": rest.mean(axis=0)}
    return {
        "dates": [plan.date_of(month) for month in range(plan.months + 1)],
        **{name: np.round(row / factor, decimals).tolist() for name, row in rows.items()},
        "runs": len(cell),
        "title": word(f"series.{FAN_SERIES}", lang),
        "unit": per,
    }


def _some_series(found: Opened, runs: Any) -> Any:
    """The series of some done runs, shape ``(runs, months + 1)``."""
    done = runs[runs["status"] == "done"]
    if done.empty:
        return None
    if len(done) > FAN_RUNS:
        done = done.sample(FAN_RUNS, random_state=0).sort_index()
    return found.sweep.series_of(FAN_SERIES, list(done["id"]))


def _rows(runs: Any, shown: list[str], settings: list[str], wish: Wish, unit: str) -> list[dict[str, Any]]:
    first = runs.assign(order=runs["status"].eq("done")).sort_values("order", kind="stable").head(ROWS)
    rows = []
    for row in first.to_dict("records"):
        value = row[wish.outcome]
        rows.append(
            {
                "status": row["status"],
                "point": int(row["point"]),
                "seed": int(row["seed"]),
                "seconds": None if np.isnan(row["seconds"]) else round(row["seconds"], 2),
                "settings": ["–" if np.isnan(row[name]) else f"{row[name]:.4g}" for name in shown],
                "value": "–" if np.isnan(value) else number(value, unit, wish.lang),
                "reason": str(row["reason"])[:160],
                "link": link_of(row, settings, wish),
            }
        )
    return rows


def link_of(row: dict[str, Any], settings: list[str], wish: Wish) -> str | None:
    """Query of the policy screen for the scenario of a run, where its policy is a preset."""
    if wish.policy not in preset_names():
        return None
    parts = [f"{name}={row[name]:.10g}" for name in settings if not np.isnan(row[name])]
    if len(parts) > COLUMNS_SHOWN:
        return None  # such a link would be longer than the page takes
    return "?" + "&".join([f"s={wish.policy}", *parts, f"lang={wish.lang}"])


def csv_of(wish: Wish) -> bytes:
    """The runs that the filters choose, failed ones too, with settings and all indicators."""
    wish = completed(wish)
    found = opened(wish.folder)
    runs = _filtered(found.runs[found.runs["policy"] == wish.policy], wish)
    return runs.assign(receipt=found.sweep.manifest["receipt"]).to_csv(index=False).encode("utf-8-sig")
