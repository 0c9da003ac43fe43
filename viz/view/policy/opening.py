"""The opening screen: the question, the answer in one sentence with its ranges, three levers and two curves.

It has what the board has of them, so it is a part of ``payload.board``. The default scenario's is also kept as numbers
in ``opening.json`` (made by ``python docs/opening.py``), to be shown before a run of the model is done; a file that is
not of the present model, data and ensemble is not shown.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.practice import baseline_of
from injae.experiments.wording.amounts import date, interval
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.view.policy.curves import Curves
from injae.viz.view.runs import Answer, key_of
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

SHOWN = ("employed_hospitals", "adoption_share")  # what the question asks about
LEVERS = ("levers.grant_scale", "levers.wage_fund_won_per_year", "levers.data_access")
STORED = Path(__file__).parent / "opening.json"
DIGITS = 6  # decimals of a kept number: far finer than what is shown


class Titles(NamedTuple):
    """What the answer's sentence names; no baseline where the scenario is its own."""

    scenario: str
    baseline: str | None


def sentence(curves: dict[str, Curves], month: int, when: str, titles: Titles, lang: str) -> str:
    """What the policy brings in a month, by series: a difference with its range, or that there is no clear one."""
    people, hospitals = (curves[name] for name in SHOWN)
    if people.gap is None or titles.baseline is None:
        levels = (_level(curve, name, month, lang) for curve, name in ((people, SHOWN[0]), (hospitals, SHOWN[1])))
        return word("opening.levels", lang, date=date(when, lang), people=next(levels), hospitals=next(levels))
    parts = {
        key: word(f"opening.{key}_{_way(curve, month)}", lang, gap=_gap(curve, name, month, lang))
        for key, curve, name in (("people", people, SHOWN[0]), ("hospitals", hospitals, SHOWN[1]))
    }
    return word("opening.answer", lang, date=date(when, lang), title=titles.scenario, baseline=titles.baseline, **parts)


def _way(curve: Curves, month: int) -> str:
    """Which way a difference goes: ``more``, ``fewer``, or ``same`` where its range holds nothing as well."""
    assert curve.gap is not None and curve.gap_low is not None and curve.gap_high is not None
    if curve.gap[month] == 0 or curve.gap_low[month] <= 0 <= curve.gap_high[month]:
        return "same"
    return "more" if curve.gap[month] > 0 else "fewer"


def _gap(curve: Curves, name: str, month: int, lang: str) -> str:
    assert curve.gap is not None and curve.gap_low is not None and curve.gap_high is not None
    ends = (float(row[month]) for row in (curve.gap, curve.gap_low, curve.gap_high))
    return interval(*ends, SERIES[name].unit, lang, signed=True)


def _level(curve: Curves, name: str, month: int, lang: str) -> str:
    ends = (float(row[month]) for row in (curve.mean, curve.low, curve.high))
    return interval(*ends, SERIES[name].unit, lang)


def part_of(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the opening screen draws of a ``payload.board``: the two curves, without what binds and why."""
    if content is None or not content["charts"]:
        return None
    names = ("id", "lang", "months", "dates", "now", "seeds", "baseline_title")
    charts = [chart for chart in content["charts"] if chart["name"] in SHOWN]
    return {**{name: content[name] for name in names}, "charts": charts, "binds": None}


def note(content: dict[str, Any] | None, lang: str, *, kept: bool = False) -> str:
    """What the ranges hold, or that there are none yet; with ``kept``, that the answer is a stored one."""
    if content is None or not content["charts"]:
        return ""
    ranges = "ranges" if content["charts"][0]["low"] is not None else "few"
    return word(f"opening.{'stored' if kept else ranges}", lang, runs=content["seeds"])


def rests(answer: Answer, lang: str) -> str:
    """What the numbers rest on, in few words."""
    ensemble = answer.policy.ensemble
    if ensemble.posterior is None:
        return word("opening.rests_nothing", lang)
    kind = "posterior" if ensemble.is_calibrated else "stale"
    return word(f"opening.rests_{kind}", lang, facts=ensemble.posterior.facts_used)


# ---- the stored answer


class Kept(NamedTuple):
    """The numbers of a finished answer of the default scenario: how many runs, and the rows of each series shown."""

    runs: int
    curves: dict[str, Curves]


def key() -> str:
    """What the default answer depends on: scenario, baseline, futures, model and data, as a short text."""
    state = ViewState()
    plan = state.scenario()
    plans = [plan, *filter(None, [baseline_of(plan)])]
    futures = state.layers.futures(plan, state.seeds)
    keys = [key_of(future.plan(one), future.seed) for future in futures for one in plans]
    return hashlib.sha256("".join(keys).encode()).hexdigest()


@cache
def stored() -> Kept | None:
    """The numbers kept; None where there are none of the present model, data and ensemble."""
    if not STORED.exists():
        return None
    kept = json.loads(STORED.read_text(encoding="utf-8"))
    if kept["key"] != key():
        return None
    rows = {
        name: Curves(*(None if row is None else np.array(row) for row in of)) for name, of in kept["curves"].items()
    }
    return Kept(kept["runs"], rows)


def keep(kept: Kept) -> str:
    """The text of ``opening.json`` for the numbers of an answer."""
    rows = {
        name: [None if row is None else [float(value) for value in np.round(row, DIGITS)] for row in of]
        for name, of in kept.curves.items()
    }
    return json.dumps({"key": key(), "runs": kept.runs, "curves": rows}, separators=(",", ":")) + "\n"


def is_default(state: ViewState) -> bool:
    """Whether the stored answer is that of a state."""
    return state == ViewState(lang=state.lang)


def titles_of(plan: Scenario, lang: str) -> Titles:
    """Titles of the default scenario and its baseline."""
    baseline = baseline_of(plan)
    return Titles(plan.title.get(lang, plan.name), baseline and baseline.title.get(lang, baseline.name))
