"""Finished sweeps for the results browser: what is in a folder, aggregated so that at most 50 kB go to the page.

Only reads files, and only below one folder (``injae app --results DIR``). A sweep whose files are not as they should be
is refused with the name of the column. ``board_of(wish)`` gives::

    folders   [name];  name, policies, outcomes [{name, title}], settings [{name, title, low, high, from, to}]
    line      what the sweep is, in one sentence;  old: whether it is of another state of the model
    torn      which files are damaged, in one sentence, or None
    counts    {done, failed, waiting, chosen}
    heat      {x, y (edges or values as text), cells [[mean or None]], runs [[count]], low, high} or None
    ranking   {help, command, low, high (ends of the scale), rows [{title, value, low, high, text, range}]}
    fan       {series, dates, mean, low, high, all, runs, title, unit} or None;  all: mean over all chosen runs
    series    [{name, title}] that the fan can show
    settings, columns   at most ``SETTINGS_SHOWN`` filters and ``COLUMNS_SHOWN`` columns, the most influential first
    rows      [{status, row, point, seed, seconds, settings [text], value, reason}] at most ``ROWS``, failed ones first
    opens     whether a run opens in the policy screen;  left_out: what of it cannot go there, in words
    command, cite, receipt, stamp
"""

import functools
import shlex
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.sweeps.store import FILES, model_version
from experiments.summary import INDICATORS
from viz.view.payload import version
from viz.view.words import scale_of
from viz.view.refused import Refused
from viz.view.results.link import left_out
from viz.view.results.ranking import IN_UNIT, Ranking, found_ranking, rank_correlations
from viz.view.results.table import Opened
from viz.view.words import number, parameter, table, word

DEPTH, FOLDERS_MAX = 3, 200
BINS, VALUES_MAX = 8, 12  # of a setting with many values; of one that is shown value by value
ROWS, FAN_RUNS = 40, 200
RANKED, SETTINGS_SHOWN, COLUMNS_SHOWN = 20, 60, 6  # the rest would not fit into 50 kB, nor onto a page
FAN_SERIES = "specialists"
TORN_NAMED = 3  # damaged files that are named
MOMENTS = ("_at_target_date", "_by_target_date", "_at_end", "_per_year")  # ends of names of indicators
_root = Path("results")


def open_root(folder: str | Path) -> None:
    """The folder below which sweeps are looked for."""
    global _root
    _root = Path(folder)


def folders() -> list[str]:
    """Sweeps below the root, by their path from there, newest first; links that lead out are left alone.

    A folder that lacks one of a sweep's files is among them, so that opening it says which.
    """
    root = _root.resolve()
    found = []
    for depth in range(DEPTH + 1):
        for folder in {path.parent for name in FILES for path in root.glob("/".join(["*"] * depth + [name]))}:
            files = [folder / name for name in FILES if (folder / name).is_file()]
            if len(files) >= len(FILES) - 1 and all(file.resolve().is_relative_to(root) for file in files):
                found.append((files[0].stat().st_mtime, folder.relative_to(root).as_posix()))
    return [name for _, name in sorted(found, reverse=True)[:FOLDERS_MAX]]


@dataclass(frozen=True)
class Wish:
    """What a visitor wants to see of a sweep; empty texts stand for the first there is.

    Attributes:
        folder: as in ``folders()``.
        series: of the fan chart.
        ranges: (setting, low, high) of each filter.
        cell: indices of a cell of the heat map across and upwards, or None.
    """

    folder: str = ""
    policy: str = ""
    outcome: str = "specialists_at_end"
    series: str = FAN_SERIES
    x: str = ""
    y: str = ""
    ranges: tuple[tuple[str, float, float], ...] = ()
    cell: tuple[int, int] | None = None
    lang: str = field(default="ko")


def opened(name: str) -> Opened:
    """Read a sweep of the list, once as long as its files stay as they are.

    Raises:
        InputError: not in the list, or files that are not those of a sweep; names the column.
    """
    if name not in folders():
        raise Refused("results.nowhere", folder=repr(name[:80]))
    folder = _root.resolve() / name
    blocks = [path for kind in ("runs", "summary", "series") for path in sorted((folder / kind).glob("*.parquet"))]
    files = [path for path in (*(folder / one for one in FILES), *blocks) if path.exists()]
    return _read(name, folder, tuple((path.name, path.stat().st_mtime_ns) for path in files))


@functools.lru_cache(maxsize=2)
def _read(name: str, folder: Path, _state: tuple[Any, ...]) -> Opened:
    return Opened(name, folder)


def completed(wish: Wish) -> Wish:
    """The wish with names that this sweep has."""
    sweep = opened(wish.folder)
    policies = list(sweep.sweep.policies)
    counts: Any = sweep.sweep.points[sweep.settings].nunique()
    varied = [name for name in sweep.settings if counts[name] > 1] or sweep.settings
    x = wish.x if wish.x in varied else varied[0]
    y = wish.y if wish.y in varied and wish.y != x else next((name for name in varied if name != x), "")
    return replace(
        wish,
        policy=wish.policy if wish.policy in policies else policies[0],
        outcome=wish.outcome if wish.outcome in INDICATORS else "specialists_at_end",
        series=wish.series if wish.series in sweep.series_names else FAN_SERIES,
        x=x,
        y=y,
        ranges=tuple(row for row in wish.ranges if row[0] in sweep.settings),
    )


def board_of(wish: Wish) -> dict[str, Any]:
    """A sweep for the screen; see the head of this file."""
    wish = completed(wish)
    found, lang = opened(wish.folder), wish.lang
    manifest = found.sweep.manifest
    chosen = _chosen(found, wish)
    heat, inside = _heat(found, chosen, wish)
    ranked = _ranking(found, chosen, wish)
    named = [name for name in (wish.x, wish.y) if name]
    influential = [row["name"] for row in ranked.rows if row["name"] in found.settings]
    named = list(dict.fromkeys([*named, *influential, *found.settings]))
    facts = facts_of(found)
    opens, lost = left_out(found.sweep.policies[wish.policy], wish.policy, found.settings, lang)
    return {
        "folders": folders(),
        "name": wish.folder,
        "policy": wish.policy,
        "policies": list(found.sweep.policies),
        "outcome": wish.outcome,
        "outcomes": [{"name": name, "title": outcome_title(name, lang)} for name in INDICATORS],
        "x": wish.x,
        "y": wish.y,
        "settings": [_setting(found, name, wish) for name in named[:SETTINGS_SHOWN]],
        "columns": [title_of(name, lang) for name in named[:COLUMNS_SHOWN]],
        "line": word("results.line", lang, **facts),
        "old": manifest["model_version"] != model_version(),
        "torn": _torn(found, lang),
        "counts": _counts(found, chosen),
        "unit": INDICATORS[wish.outcome].unit,
        "cell": wish.cell,
        "heat": heat,
        "ranking": _ranking_shown(ranked, wish),
        "fan": _fan(found, chosen, inside, wish),
        "series": [{"name": name, "title": word(f"series.{name}", lang)} for name in found.series_names],
        "rows": _rows(found, inside, named[:COLUMNS_SHOWN], wish),
        "opens": opens,
        "left_out": lost,
        "command": shlex.join(manifest["command"]),
        "cite": word("results.citation", lang, version=version(), **facts),
        "receipt": manifest["receipt"],
        "stamp": word("results.stamp", lang, version=version(), chosen=f"{len(chosen):,}", **facts),
    }


def facts_of(found: Opened) -> dict[str, Any]:
    """What a sweep is, for sentences."""
    manifest = found.sweep.manifest
    return {
        "runs": f"{len(found.runs):,}",
        "points": f"{len(found.sweep.points):,}",
        "settings": len(found.settings),
        "seeds": len(manifest["seeds"]),
        "design": manifest["design"]["text"],
        "receipt": manifest["receipt"],
        "revision": manifest.get("revision", "-"),
    }


def _torn(found: Opened, lang: str) -> str | None:
    files = found.sweep.ignored
    if not files:
        return None
    named = ", ".join(files[:TORN_NAMED])
    if len(files) > TORN_NAMED:
        named = word("results.torn_more", lang, files=named, n=len(files) - TORN_NAMED)
    return word("results.torn", lang, files=named)


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
    """An indicator in words: its own title, or the series that it comes from and its moment.

    Raises:
        KeyError: neither is in the table.
    """
    if f"indicator.{name}" in table():
        return word(f"indicator.{name}", lang)
    ending = next((end for end in MOMENTS if name.endswith(end)), "")
    stem = name.removesuffix(ending)
    series = {"public_won": "public_won_cumulative", "programme_graduates": "programme_graduates_cumulative"}
    return f"{word(f'series.{series.get(stem, stem)}', lang)}, {word('results.' + ending.strip('_'), lang)}"


def _setting(found: Opened, name: str, wish: Wish) -> dict[str, Any]:
    values = found.setting(name)
    low, high = (0.0, 0.0) if np.isnan(values).all() else (float(np.nanmin(values)), float(np.nanmax(values)))
    mine = next((row[1:] for row in wish.ranges if row[0] == name), (low, high))
    title = title_of(name, wish.lang)
    return {"name": name, "title": title, "low": low, "high": high, "from": mine[0], "to": mine[1]}


def _chosen(found: Opened, wish: Wish) -> Any:
    """Rows of the runs of the policy that the filters leave."""
    inside = np.ones(len(found.sweep.points), bool)
    for name, low, high in wish.ranges:
        values = found.setting(name)
        inside &= np.isnan(values) | ((values >= low) & (values <= high))
    return np.flatnonzero((found.runs["policy"] == wish.policy).to_numpy() & inside[found.place])


def _counts(found: Opened, chosen: Any) -> dict[str, int]:
    status = found.runs["status"].iloc[chosen].value_counts()
    done, waiting = int(status.get("done", 0)), int(status.get("waiting", 0))
    return {"chosen": len(chosen), "done": done, "waiting": waiting, "failed": len(chosen) - done - waiting}


def _bins(values: Any) -> tuple[Any, list[str]]:
    """Index of the bin of each value (-1: none), and what to call the bins."""
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= VALUES_MAX:
        return np.where(np.isnan(values), -1, np.searchsorted(known, values)), [f"{value:.4g}" for value in known]
    edges = np.linspace(known[0], known[-1], BINS + 1)
    index = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)
    names = [f"{low:.3g}–{high:.3g}" for low, high in pairwise(edges)]
    return np.where(np.isnan(values), -1, index), names


def _heat(found: Opened, chosen: Any, wish: Wish) -> tuple[dict[str, Any] | None, Any]:
    """Mean of the outcome in each cell of two settings, and the rows of the chosen cell (all without one)."""
    if not wish.y or not len(chosen):
        return None, chosen
    points = np.unique(found.place[chosen])
    across, upwards = (_bins(found.setting(name)[points]) for name in (wish.x, wish.y))
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
        [float(f"{total / count:.6g}") if count else None for total, count in zip(*row, strict=True)]
        for row in zip(sums, counts, strict=True)
    ]
    shown = [mean for row in means for mean in row if mean is not None]
    heat = {"x": across[1], "y": upwards[1], "cells": means, "runs": counts.tolist()}
    heat |= {"low": min(shown, default=0.0), "high": max(shown, default=0.0)}
    if wish.cell is None:
        return heat, chosen
    return heat, chosen[(x == wish.cell[0]) & (y == wish.cell[1])]


def _ranking(found: Opened, chosen: Any, wish: Wish) -> Ranking:
    """As an analysis of the whole sweep found, where there is one and no filter; else from the chosen runs."""
    if not wish.ranges:
        receipt = found.sweep.manifest["receipt"]
        known = found_ranking(found.sweep.folder, _root, receipt, wish.policy, wish.outcome)
        if known is not None:
            return known
    values, place = found.outcome(wish.outcome)[chosen], found.place[chosen]
    good = ~np.isnan(values)
    size = len(found.sweep.points)
    counts = np.bincount(place[good], minlength=size)
    with np.errstate(invalid="ignore"):
        means = np.bincount(place[good], weights=values[good], minlength=size) / counts
    points: Any = found.sweep.points[found.settings].assign(**{wish.outcome: means})
    return rank_correlations(points[counts > 0])


def _ranking_shown(ranked: Ranking, wish: Wish) -> dict[str, Any]:
    lang, of = wish.lang, INDICATORS[wish.outcome].unit if ranked.measure in IN_UNIT else ""

    def text(value: float) -> str:
        return number(value, of, lang) if of else f"{value:.2f}"

    rows = ranked.rows[:RANKED]
    ends = [0.0, *(row[key] for row in rows for key in ("value", "low", "high") if not np.isnan(row[key]))]
    low, high = (-1.0, 1.0) if ranked.measure == "rho" else (min(ends), max(ends) or 1.0)
    return {
        "help": word(f"results.by_{ranked.measure}", lang, receipt=ranked.receipt),
        "command": ranked.command,
        "low": low,
        "high": high,
        "rows": [
            {
                "title": word("results.floor", lang)
                if row["name"].startswith("dummy")
                else title_of(row["name"], lang),
                **{key: None if np.isnan(row[key]) else row[key] for key in ("value", "low", "high")},
                "text": text(row["value"]),
                "range": "" if np.isnan(row["low"]) else f"{text(row['low'])} – {text(row['high'])}",
            }
            for row in rows
        ],
    }


def _fan(found: Opened, chosen: Any, inside: Any, wish: Wish) -> dict[str, Any] | None:
    """A series in the chosen cell, and dashed in all runs of the filters; of at most ``FAN_RUNS`` runs each."""
    if wish.series not in found.series_names:
        return None
    rng = np.random.default_rng(0)
    cell = found.series(wish.series, inside, FAN_RUNS, rng)
    rest = cell if len(inside) == len(chosen) else found.series(wish.series, chosen, FAN_RUNS, rng)
    if cell is None or rest is None:
        return None
    _, factor, decimals, per = scale_of(wish.series, wish.lang)
    low, high = np.percentile(cell, (5, 95), axis=0)
    plan = found.sweep.policies[wish.policy]
    rows = {"mean": cell.mean(axis=0), "low": low, "high": high, "all": rest.mean(axis=0)}
    return {
        "series": wish.series,
        "dates": [plan.date_of(month) for month in range(cell.shape[1])],
        **{name: np.round(row / factor, decimals).tolist() for name, row in rows.items()},
        "runs": len(cell),
        "title": word(f"series.{wish.series}", wish.lang),
        "unit": per,
    }


def _rows(found: Opened, inside: Any, shown: list[str], wish: Wish) -> list[dict[str, Any]]:
    done = (found.runs["status"].iloc[inside] == "done").to_numpy()
    first = np.concatenate([inside[~done][:ROWS], inside[done][:ROWS]])[:ROWS]
    values = found.outcome(wish.outcome)[first]
    settings = {name: found.setting(name)[found.place[first]] for name in shown}
    unit = INDICATORS[wish.outcome].unit
    return [
        {
            "status": str(row["status"]),
            "row": int(at),
            "point": int(row["point"]),
            "seed": int(row["seed"]),
            "seconds": None if np.isnan(row["seconds"]) else round(float(row["seconds"]), 2),
            "settings": ["–" if np.isnan(of[n]) else f"{of[n]:.4g}" for of in settings.values()],
            "value": "–" if np.isnan(values[n]) else number(float(values[n]), unit, wish.lang),
            "reason": str(row["reason"])[:160],
        }
        for n, (at, row) in enumerate(zip(first, found.runs.iloc[first].to_dict("records"), strict=True))
    ]


def settings_of(wish: Wish, row: int) -> dict[str, float]:
    """What a run of the list sets, by path; without what is as in its policy.

    Raises:
        InputError: no such run.
    """
    found = opened(completed(wish).folder)
    if not 0 <= row < len(found.runs):
        raise Refused("results.no_run", run=str(row))
    values: Any = found.sweep.points.iloc[found.place[row]]
    return {name: float(values[name]) for name in found.settings if not np.isnan(values[name])}


def csv_of(wish: Wish) -> bytes:
    """The runs that the filters choose, failed ones too, with settings and all indicators."""
    wish = completed(wish)
    found = opened(wish.folder)
    chosen = _chosen(found, wish)
    runs: pd.DataFrame = found.runs.iloc[chosen].drop(columns="block")
    place = found.place[chosen]
    settings = {name: found.setting(name)[place] for name in found.settings}
    outcomes = {name: found.outcome(name)[chosen] for name in INDICATORS}
    runs = runs.assign(**settings, **outcomes, receipt=found.sweep.manifest["receipt"])
    return runs.to_csv(index=False).encode("utf-8-sig")
