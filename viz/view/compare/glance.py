"""The compare screen at a glance: the table of scenarios, and the cloud of money against people, both at a month."""

import math
from typing import Any

import numpy as np

from injae.experiments.indicators import has_target
from injae.experiments.pairs import Verdict, dominates, price_over_futures
from injae.experiments.results import Results
from injae.experiments.summary import Estimate, band, summarise
from injae.experiments.wording.amounts import date, interval, money, number, series_scale
from injae.model.scenario import Scenario
from injae.viz.view.compare.sides import Compared
from injae.viz.view.words import word

COLUMNS = ("experts", "probability", "adoption", "cost", "price", "region")
REGIONS = {"capital": "adoption_share_capital", "regions": "adoption_share_regions"}
AXES = {"x": "public_won_cumulative", "y": "specialists"}  # of the cloud


def months_of(plan: Scenario) -> list[int]:
    """Months that the table can be of: ends of years, the target date, and the end."""
    ends = [month for month in range(1, plan.months + 1) if plan.date_of(month).endswith("-12")]
    target = [plan.target_month] if has_target(plan) else []
    return sorted({*ends, *target, plan.months})


def columns_of(plan: Scenario, month: int, lang: str) -> list[dict[str, str]]:
    """Headings of the table; without a target date the first two are left out."""
    facts = {
        "target": number(plan.target.experts, "persons", lang),
        "date": date(plan.target.date, lang),
        "end": date(plan.date_of(month), lang),
    }
    keys = COLUMNS if has_target(plan) else COLUMNS[2:]
    return [
        {"key": key, "title": word(f"compare.{key}", lang, **facts), "help": word(f"compare.{key}_help", lang)}
        for key in keys
    ]


def row_of(compared: Compared, n: int, month: int, lang: str) -> dict[str, Any]:
    """A scenario in the table: what each column says, with its range, and the value."""
    result = compared.results[n]
    summary = summarise(result)

    def cell(found: Estimate) -> dict[str, Any]:
        text = number(found.mean, found.unit, lang)
        both = interval(found.mean, found.low, found.high, found.unit, lang)
        value = None if math.isnan(found.mean) else found.mean  # JSON has no number for what is not known
        return {"text": text, "more": both.removeprefix(text).strip(" ()"), "value": value}

    cells = {"adoption": cell(_at(result, "adoption_share", "share", month))}
    cells |= {"cost": cell(_at(result, "public_won_cumulative", "won", month))}
    if "probability_of_target" in summary:
        cells |= {"experts": cell(summary["programme_graduates_by_target_date"])}
        cells |= {"probability": cell(summary["probability_of_target"])}
    return {
        "letter": compared.sides[n].letter,
        "cells": {**cells, "price": _price(compared, n, month, lang), "region": _region(result, month, lang)},
    }


def _at(result: Results, name: str, unit: str, month: int) -> Estimate:
    found = band(result.values(name)[:, month], result.draws)
    return Estimate(*map(float, found[:3]), unit, len(result.runs))


def extra(compared: Compared, n: int, name: str, month: int) -> Any:
    """A series in a month less that of the reference, shape ``(seeds,)``."""
    return _paired(compared, n, 0, name, month)


def _paired(compared: Compared, m: int, n: int, name: str, month: int) -> Any:
    return compared.results[m].values(name)[:, month].astype(float) - compared.results[n].values(name)[:, month]


def _price(compared: Compared, n: int, month: int, lang: str) -> dict[str, Any]:
    """Extra public money per extra specialist, against the reference."""
    if n == 0:
        return {"text": word("compare.reference", lang), "more": "", "value": None}
    spent, people = (extra(compared, n, name, month) for name in AXES.values())
    each = price_over_futures(spent, people, compared.results[n].draws)
    if each.verdict not in (Verdict.EXTRA, Verdict.GIVEN_UP):
        return {"text": "–", "more": word(f"compare.{each.verdict.name.lower()}", lang), "value": None}
    text = money(each.won, lang)
    more = interval(each.won, each.low, each.high, "won", lang).removeprefix(text).strip(" ()")
    if each.verdict is Verdict.GIVEN_UP:
        more += f" · {word('compare.given_up_note', lang)}"
    return {"text": text, "more": more, "value": each.won}


def _region(result: Results, month: int, lang: str) -> dict[str, Any]:
    """The region where fewer hospitals use AI."""
    means = {name: float(result.values(series)[:, month].mean()) for name, series in REGIONS.items()}
    worst = min(means, key=means.__getitem__)
    return {
        "text": number(means[worst], "share", lang), "more": word(f"compare.{worst}", lang), "value": means[worst],
    }  # fmt: skip


def cloud_of(compared: Compared, month: int, lang: str) -> dict[str, Any]:
    """Public money against specialists, a point a seed; means and bands of both for the table beside it."""
    shown = {axis: series_scale(name, lang) for axis, name in AXES.items()}
    points = [
        np.round(
            np.stack([result.values(name)[:, month] / shown[axis][1] for axis, name in AXES.items()], axis=1), 1
        ).tolist()
        for result in compared.results
    ]
    return {
        **{axis: {"title": word(f"series.{name}", lang), "unit": shown[axis][3]} for axis, name in AXES.items()},
        "points": points,
        "dominated": dominated(compared, month),
        "rows": [_cloud_row(result, month, lang) for result in compared.results],
    }


def _cloud_row(result: Results, month: int, lang: str) -> dict[str, str]:
    row = {}
    for axis, (name, unit) in {"x": (AXES["x"], "won"), "y": (AXES["y"], "persons")}.items():
        found = _at(result, name, unit, month)
        row[axis] = interval(found.mean, found.low, found.high, unit, lang)
    return row


def dominated(compared: Compared, month: int = -1) -> list[str | None]:
    """For each scenario the letter of one that surely gives more specialists for no more money, or None."""
    letters, draws = [side.letter for side in compared.sides], [result.draws for result in compared.results]

    def beats(m: int, n: int) -> bool:
        return dominates(*(_paired(compared, m, n, name, month) for name in AXES.values()), draws[n])

    count = range(len(letters))
    return [next((letters[m] for m in count if m != n and beats(m, n)), None) for n in count]
