"""Finished sweeps for the results browser: what is in a folder, aggregated so that at most 50 kB go to the page.

Only reads files, and only below one folder (``injae app --results DIR``) and below ``SHIPPED``, which comes with the
package (``docs/shipped_sweep.py`` makes it), so that there is something to read before the first own sweep. A sweep
whose files are not as they should be is refused with the name of the column. ``board_of(wish)`` gives::

    folders   [name];  name, policy_title, policies and outcomes [{name, title}]
    settings  [{name, title, low, high (there are; low_text, high_text in words), from, to (asked for), none (no run is
              between)}]
    seed      {low, high, chosen (or None), none}
    line      what the sweep is, in one sentence;  old: whether it is of another state of the model
    shipped   whether it came with the package, so that the page says how to make one of one's own
    torn      which files are damaged, in one sentence, or None
    counts    {done, failed, waiting, chosen}
    heat      {x, y (ranges or values as text), cells [[mean or None]], text, unit, runs [[count]], low, high} or None
    ranking   {help, few (a warning or None), command, low, high (ends of the scale),
              rows [{title, value, low, high, text, range}]}
    fan       {series, dates, mean, low, low50, high50, high, all (mean over all chosen runs), baseline (mean of its
              runs at the same points, or None), baseline_title, runs, count (in words), title, unit,
              decimals} or None
    series    [{name, title}] that the fan can show
    settings, columns   at most ``SETTINGS_SHOWN`` filters and ``COLUMNS_SHOWN`` columns, the most influential first
    rows      [{status, row, point, seed, seconds, settings [text], value, reason}] a page, with columns (titles),
              column_names, sort, down, page, pages (``rows.py``)
    opens     whether a run opens in the policy screen;  left_out: what of it cannot go there, in words
    command, cite, receipt, stamp
"""

import functools
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.analyses.ranking import IN_UNIT, Ranking, found_ranking, rank_correlations
from injae.experiments.folders import FILES
from injae.experiments.indicators import INDICATORS
from injae.experiments.wording.amounts import number
from injae.experiments.wording.spoken import speaking_of
from injae.experiments.wording.titles import indicator_title, setting_title, setting_value
from injae.viz.view.files import csv_bytes, version
from injae.viz.view.refused import Refused
from injae.viz.view.results.fan import fan_of
from injae.viz.view.results.heat import heat_of
from injae.viz.view.results.link import left_out
from injae.viz.view.results.rows import FACTS, rows_of
from injae.viz.view.results.table import Opened
from injae.viz.view.results.titles import policy_title
from injae.viz.view.results.wish import FAN_SERIES, Wish
from injae.viz.view.words import word

DEPTH, FOLDERS_MAX = 3, 200
RANKED, SETTINGS_SHOWN, COLUMNS_SHOWN = 20, 60, 6  # the rest would not fit into 50 kB, nor onto a page
POINTS_FEW = 30  # fewer points say little about rank
TORN_NAMED = 3  # damaged files that are named
SHIPPED = Path(__file__).parent / "shipped"
_root = Path("results")


def open_root(folder: str | Path) -> None:
    """The folder below which sweeps are looked for."""
    global _root
    _root = Path(folder)


def folders() -> list[str]:
    """Sweeps below the root, by their path from there, newest first, and after them those that come with the package.

    Links that lead out are left alone. A folder that lacks one of a sweep's files is among them, so that opening it
    says which. An own sweep hides a shipped one of its name.
    """
    return list(dict.fromkeys(name for root in (_root, SHIPPED) for name in _below(root.resolve())))


def is_shipped(name: str) -> bool:
    """Whether a sweep of the list is one that comes with the package."""
    return name not in _below(_root.resolve())


def _below(root: Path) -> list[str]:
    found = []
    for depth in range(DEPTH + 1):
        for folder in {path.parent for name in FILES for path in root.glob("/".join(["*"] * depth + [name]))}:
            files = [folder / name for name in FILES if (folder / name).is_file()]
            if len(files) >= len(FILES) - 1 and all(file.resolve().is_relative_to(root) for file in files):
                found.append((files[0].stat().st_mtime, folder.relative_to(root).as_posix()))
    return [name for _, name in sorted(found, reverse=True)[:FOLDERS_MAX]]


def opened(name: str) -> Opened:
    """Read a sweep of the list, once as long as its files stay as they are.

    Raises:
        InputError: not in the list, or files that are not those of a sweep; names the column.
    """
    if name not in folders():
        raise Refused("results.nowhere", folder=repr(name[:80]))
    folder = (SHIPPED if is_shipped(name) else _root).resolve() / name
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
        sort=wish.sort if wish.sort in (*FACTS, *sweep.settings) else "",
    )


def board_of(wish: Wish) -> dict[str, Any]:
    """A sweep for the screen; see the head of this file."""
    wish = completed(wish)
    with speaking_of(opened(wish.folder).sweep.policies[wish.policy].country):
        return _board(wish)


def _board(wish: Wish) -> dict[str, Any]:
    found, lang = opened(wish.folder), wish.lang
    manifest = found.sweep.manifest
    chosen = _chosen(found, wish)
    heat, inside = heat_of(found, chosen, wish)
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
        "policy_title": policy_title(found, wish.policy, lang),
        "policies": [{"name": name, "title": policy_title(found, name, lang)} for name in found.sweep.policies],
        "outcome": wish.outcome,
        "outcomes": [{"name": name, "title": indicator_title(name, lang)} for name in INDICATORS],
        "x": wish.x,
        "y": wish.y,
        "settings": [_setting(found, name, wish) for name in named[:SETTINGS_SHOWN]],
        "seed": _seed(found, wish),
        "line": word("results.line", lang, **facts),
        "shipped": is_shipped(wish.folder),
        "old": not found.sweep.is_of_present_model,
        "torn": _torn(found, lang),
        "counts": _counts(found, chosen),
        "unit": INDICATORS[wish.outcome].unit,
        "cell": heat and heat.pop("cell"),
        "heat": heat,
        "ranking": _ranking_shown(ranked, found, wish),
        "fan": fan_of(found, chosen, inside, wish),
        "series": [{"name": name, "title": word(f"series.{name}", lang)} for name in found.series_names],
        **rows_of(found, inside, named[:COLUMNS_SHOWN], wish),
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


def _setting(found: Opened, name: str, wish: Wish) -> dict[str, Any]:
    values = found.setting(name)
    low, high = (0.0, 0.0) if np.isnan(values).all() else (float(np.nanmin(values)), float(np.nanmax(values)))
    mine = next((row[1:] for row in wish.ranges if row[0] == name), (low, high))
    title = setting_title(name, wish.lang)
    none = bool((np.isnan(values) | ((values >= mine[0]) & (values <= mine[1]))).sum() == 0)
    ends = {f"{end}_text": setting_value(name, value, wish.lang) for end, value in (("low", low), ("high", high))}
    return {
        "name": name,
        "title": title,
        "low": low,
        "high": high,
        **ends,
        "from": mine[0],
        "to": mine[1],
        "none": none,
    }


def _seed(found: Opened, wish: Wish) -> dict[str, Any]:
    seeds = found.sweep.manifest["seeds"]
    none = wish.seed is not None and wish.seed not in seeds
    return {"low": min(seeds), "high": max(seeds), "chosen": wish.seed, "none": none}


def _chosen(found: Opened, wish: Wish) -> Any:
    """Rows of the runs of the policy that the filters leave."""
    inside = np.ones(len(found.sweep.points), bool)
    for name, low, high in wish.ranges:
        values = found.setting(name)
        inside &= np.isnan(values) | ((values >= low) & (values <= high))
    mine = (found.runs["policy"] == wish.policy).to_numpy() & inside[found.place]
    if wish.seed is not None:
        mine &= (found.runs["seed"] == wish.seed).to_numpy()
    return np.flatnonzero(mine)


def _counts(found: Opened, chosen: Any) -> dict[str, int]:
    status = found.runs["status"].iloc[chosen].value_counts()
    done, waiting = int(status.get("done", 0)), int(status.get("waiting", 0))
    return {"chosen": len(chosen), "done": done, "waiting": waiting, "failed": len(chosen) - done - waiting}


def _ranking(found: Opened, chosen: Any, wish: Wish) -> Ranking:
    """As an analysis of the whole sweep found, where there is one and no filter; else from the chosen runs."""
    if not wish.ranges and wish.seed is None:
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
    draw, few = found.draws, too_few_draws(found)
    settings = found.levers if few else found.settings
    points: Any = found.sweep.points[settings].assign(**{wish.outcome: means})
    return rank_correlations(points[counts > 0], draw)


def too_few_draws(found: Opened) -> bool:
    """Whether points share draws of the uncertain parameters that are too few to rank these parameters by."""
    return found.draws is not None and found.draws.nunique() < POINTS_FEW


def _ranking_shown(ranked: Ranking, found: Opened, wish: Wish) -> dict[str, Any]:
    lang, of = wish.lang, INDICATORS[wish.outcome].unit if ranked.measure in IN_UNIT else ""

    def text(value: float) -> str:
        return number(value, of, lang) if of else f"{value:z.2f}"

    rows = ranked.rows[:RANKED]
    ends = [0.0, *(row[key] for row in rows for key in ("value", "low", "high") if not np.isnan(row[key]))]
    low, high = (-1.0, 1.0) if ranked.measure == "rho" else (min(ends), max(ends) or 1.0)
    notes = [word(f"results.by_{ranked.measure}", lang, receipt=ranked.receipt)]
    if ranked.measure == "rho" and found.draws is not None and too_few_draws(found):
        notes.append(word("results.few_draws", lang, draws=found.draws.nunique()))
    return {
        "help": " ".join(notes),
        "few": word("results.few", lang, points=ranked.points)
        if ranked.measure == "rho" and ranked.points < POINTS_FEW
        else None,
        "command": ranked.command,
        "low": low,
        "high": high,
        "rows": [
            {
                "title": word("results.floor", lang)
                if row["name"].startswith("dummy")
                else setting_title(row["name"], lang),
                **{key: None if np.isnan(row[key]) else row[key] for key in ("value", "low", "high")},
                "text": text(row["value"]),
                "range": "" if np.isnan(row["low"]) else f"{text(row['low'])} – {text(row['high'])}",
            }
            for row in rows
        ],
    }


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
    """The runs that the filters choose, failed ones too, with settings and all indicators; in Korean with titles."""
    wish = completed(wish)
    found = opened(wish.folder)
    chosen = _chosen(found, wish)
    runs: pd.DataFrame = found.runs.iloc[chosen].drop(columns="block")
    place = found.place[chosen]
    settings = {name: found.setting(name)[place] for name in found.settings}
    outcomes = {name: found.outcome(name)[chosen] for name in INDICATORS}
    runs = runs.assign(**settings, **outcomes, receipt=found.sweep.manifest["receipt"])
    if wish.lang == "ko":
        titles = dict.fromkeys(settings, setting_title) | dict.fromkeys(outcomes, indicator_title)
        runs = runs.rename(columns={name: f"{titled(name, wish.lang)} [{name}]" for name, titled in titles.items()})
    return csv_bytes(runs, wish.lang)
