"""Scenarios beside each other as the compare screen gets them: plain JSON, at most 40 kB; plain Python.

All scenarios of the set (``sides.py``) are run in the same futures, so numbers are those of ``injae compare``; its
functions make them (``experiments/compare.py``).

``board_of(sides, series, focus, lang)`` gives::

    lang, dates[0 .. months], seeds, failed, receipt, version, command
    sides     [{letter, text, title, named (by the visitor), own, ink (of its colour, kept when letters change),
              file (name of the scenario's file in the command, or None)}]
    focus     index of the side whose band is drawn
    series    {name, title, unit, gap_unit (of a difference), decimals, meaning, good}
    choices   [{name, title}]  series that can be shown
    curves    [{mean, low, high}]  one a side, each row packed (packing.py); low, high: 5th and 95th percentile of runs,
              None from too few
    gaps      [{mean, low, high} or None]  the same of the paired differences to the reference
    levers    [{title, unit, cells: [text a side, without the unit]}]  settings that differ only
    month     that table and cloud are of;  months that they can be of
    columns   [{key, title, help}];  rows [{letter, cells: {key: {text, more}}}]
    cloud     {x, y {title, unit}, points: [[[x, y] per seed] per side], dominated: [letter that dominates, or None],
              rows: [{x, y: mean and band in words} per side]}
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from injae.experiments.schedules import course
from injae.experiments.summary import band
from injae.experiments.wording.amounts import date, series_scale, setting, unit
from injae.experiments.wording.spoken import speaking_of
from injae.experiments.wording.titles import parameter
from injae.model.levers import LEVERS, SHOCKS
from injae.model.scenario import Scenario
from injae.viz.view.compare.glance import cloud_of, columns_of, months_of, row_of
from injae.viz.view.compare.sides import OWN, Compared, Side, command_of, file_of, title_of
from injae.viz.view.files import version
from injae.viz.view.packing import pack
from injae.viz.view.policy.payload import CARDS, good
from injae.viz.view.words import word

CHOICES = tuple(dict.fromkeys(["specialists", *CARDS, "teachers", "enrolled", "vacancy_rate"]))


def board_of(compared: Compared, series: str, focus: int, lang: str, month: int | None = None) -> dict[str, Any]:
    """The set for the screen, table and cloud of a month (None: the end); see the head of this file."""
    with speaking_of(compared.results[0].plan.country):
        return _board(compared, series, focus, lang, month)


def _board(compared: Compared, series: str, focus: int, lang: str, month: int | None) -> dict[str, Any]:
    sides, results = compared.sides, compared.results
    plan = results[0].plan
    scale, factor, decimals, per = series_scale(series, lang)
    focus = min(max(focus, 0), len(sides) - 1)
    months = months_of(plan)
    month = month if month in months else plan.months
    content: dict[str, Any] = {
        "lang": lang,
        "dates": [plan.date_of(month) for month in range(plan.months + 1)],
        "seeds": len(results[0].runs),
        "failed": compared.failed,
        "version": version(),
        "command": command_of(sides),
        "sides": [
            {"letter": s.letter, "text": s.text, "title": title_of(s, lang), "named": s.name, "own": s.text == OWN,
             "ink": s.ink, "file": file_of(s, sides)} for s in sides
        ],
        "focus": focus,
        "series": {
            "name": series, "title": word(f"series.{series}", lang), "unit": per, "decimals": decimals,
            "gap_unit": word("unit.points", lang) if per == "%" else per,
            "meaning": word(f"series.{series}.text", lang), "good": good(series), "scale": scale,
        },
        "choices": [{"name": name, "title": word(f"series.{name}", lang)} for name in CHOICES],
        "levers": levers_of(sides, lang),
        "month": month,
        "months": months,
    }  # fmt: skip
    if not results[0].runs:
        return {**content, "receipt": "", "curves": [], "gaps": [], "columns": [], "rows": [], "cloud": None}
    values = [result.values(series) / factor for result in results]

    def rows(of: Any) -> dict[str, str | None]:
        found = band(of, results[0].draws)
        parts = {"mean": found.mean, "low": found.low, "high": found.high}
        return {name: None if np.isnan(row).any() else pack(row, decimals) for name, row in parts.items()}

    return {
        **content,
        "receipt": compared.receipt,
        "curves": [rows(of) for of in values],
        "gaps": [rows(of - values[0]) if n else None for n, of in enumerate(values)],
        "columns": columns_of(plan, month, lang),
        "rows": [row_of(compared, n, month, lang) for n in range(len(sides))],
        "cloud": cloud_of(compared, month, lang),
    }


def levers_of(sides: Sequence[Side], lang: str) -> list[dict[str, Any]]:
    """Settings that differ between scenarios, in words: ``1``, or ``1 → 0 (2027년 1월)``, their unit apart."""
    plans = [side.state.scenario() for side in sides]
    rows = []
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        for name, lever in declared.items():
            path = f"{group}.{name}"
            courses = [course(plan, path)[1:] for plan in plans]
            if any(values != courses[0] for values in courses):
                of = _unit_apart(lever.unit, lang)
                cells = [_course_words(values, lever.unit, of, plans[0], lang) for values in courses]
                rows.append({"title": word(f"{path}.title", lang), "unit": of, "cells": cells})
    for path in sorted({path for plan in plans for path in plan.parameters}):
        values = [plan.parameters.get(path) for plan in plans]
        if len(set(values)) > 1:
            cells = ["–" if value is None else f"{value:z,.4g}" for value in values]
            rows.append({"title": parameter(path, lang, plans[0].country), "unit": "", "cells": cells})
    return rows


def _unit_apart(of: str, lang: str) -> str:
    """The unit that is said once for a row of settings; % stays with its number."""
    text = unit(of, lang)
    return "" if text.startswith("%") or not setting(1.0, of, lang).endswith(text) else text


def _course_words(values: list[float], of: str, apart: str, plan: Scenario, lang: str) -> str:
    def text(value: float) -> str:
        return setting(value, of, lang).removesuffix(apart).strip()

    parts = [text(values[0])]
    for month in range(1, len(values)):
        if values[month] != values[month - 1]:
            parts.append(f"{text(values[month])} ({date(plan.date_of(month + 1), lang)})")
    return " → ".join(parts)
