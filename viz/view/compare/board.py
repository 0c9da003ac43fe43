"""Scenarios beside each other as the compare screen gets them: plain JSON, at most 40 kB; plain Python.

A set is two to five texts: ``own`` (the visitor's own policy), a preset, or a preset with changes
(``korea~levers.grant_scale=2``). The first is the reference. All are run on the same seeds by luck alone, so numbers
are those of ``injae compare``; its functions make them (``experiments/compare.py``).

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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from experiments.compare import check_comparable, differences
from experiments.manifest import receipt_of
from experiments.runs import Results
from experiments.summary import band
from experiments.wording.amounts import date, series_scale, setting, unit
from model.levers import LEVERS, SHOCKS
from model.scenario import Scenario
from viz.view.compare.glance import cloud_of, columns_of, months_of, row_of
from viz.view.links import pairs_of
from viz.view.packing import pack
from viz.view.payload import CARDS, good, version
from viz.view.refused import Refused
from viz.view.state import LANGUAGE, ViewState, course
from viz.view.words import parameter, word

OWN = "own"
LETTERS = "ABCDE"
FEWEST, MOST = 2, 5
CHOICES = tuple(dict.fromkeys(["specialists", *CARDS, "teachers", "enrolled", "shortage_rate"]))


class Side(NamedTuple):
    """One scenario of the set; ``name`` is what the visitor calls it, ``ink`` the number of its colour."""

    letter: str
    text: str
    state: ViewState
    name: str = ""
    ink: int = 0


# ---- the set


def state_of(text: str, own: ViewState) -> ViewState:
    """The state that a text of the set stands for, with seeds and language of the visitor.

    Raises:
        InputError: no such preset or setting, or a value out of range.
    """
    if text == OWN:
        return replace(own, luck=True, unsure=False, variants=False)
    preset, *changes = text.split("~")
    parts = [("s", preset), *((path, value) for path, _, value in (change.partition("=") for change in changes))]
    state = ViewState.of_pairs(parts, own.lang)
    return ViewState(preset=preset, changes=state.changes, seeds=own.seeds, lang=own.lang)


def text_of(state: ViewState) -> str:
    """The text of a state."""
    return "~".join([state.preset, *state.changes])


def texts_of_link(link: str) -> list[str]:
    """The scenarios that a link names: those of a set, or the one of any other screen.

    Raises:
        InputError: not a link of the view.
    """
    pairs = pairs_of(urlsplit(link.strip()).query)
    several = [text for key, text in pairs if key == "c" and text != OWN]
    if several:
        return several
    if not any(key == "s" for key, _ in pairs):
        raise Refused("refused.no_link")
    return [text_of(ViewState.of_pairs(pairs, LANGUAGE))]


def sides_of(
    texts: Sequence[str], own: ViewState, names: Mapping[str, str] | None = None, inks: Mapping[str, int] | None = None
) -> list[Side]:
    """The set, in order, with names and numbers of colours by text.

    Raises:
        InputError: a scenario that cannot be, or cannot be compared with the first.
    """
    names, inks = names or {}, inks or {}
    sides = [
        Side(letter, text, state_of(text, own), names.get(text, ""), inks.get(text, n))
        for n, (letter, text) in enumerate(zip(LETTERS, texts, strict=False))
    ]
    check_comparable([side.state.scenario() for side in sides])
    return sides


def plans_of(sides: Sequence[Side]) -> list[Scenario]:
    """Their scenarios as ``injae compare`` takes them: each with a name of its own, the target of the first for all."""
    plans = [side.state.scenario() for side in sides]
    names = [file_of(side, sides) or side.state.preset for side in sides]
    names = [name.removesuffix(".toml") for name in names]
    return [
        plan.model_copy(update={"name": name, "target": plans[0].target})
        for plan, name in zip(plans, names, strict=True)
    ]


def file_of(side: Side, sides: Sequence[Side]) -> str | None:
    """Name of the file that the command needs for a scenario that is no preset, or is there twice."""
    same = [other.letter for other in sides if other.state.preset == side.state.preset and not other.state.changes]
    return None if same[:1] == [side.letter] else f"policy-{side.letter}.toml"


def scenario_file(side: Side) -> str:
    """A scenario as a TOML file that ``injae`` reads: its preset, and all schedules that differ from it."""
    plan, preset = side.state.scenario(), Scenario.load(side.state.preset)
    lines = [f'base = "{side.state.preset}"']
    for group in ("levers", "shocks"):
        theirs, mine = getattr(preset, group), getattr(plan, group)
        rows = [f"{name} = {_steps(plan, steps)}" for name, steps in mine.items() if steps != theirs.get(name)]
        lines += [f"[{group}]", *rows] if rows else []
    changed = {name: value for name, value in plan.parameters.items() if value != preset.parameters.get(name)}
    lines += ["[parameters]", *(f'"{name}" = {value!r}' for name, value in changed.items())] if changed else []
    return "\n".join(lines) + "\n"


def _steps(plan: Scenario, steps: Sequence[tuple[int, float]]) -> str:
    if len(steps) == 1 and steps[0][0] == 0:
        return repr(steps[0][1])
    parts = (f'{{from = "{plan.date_of(month)}", value = {value!r}}}' for month, value in steps)
    return f"[{', '.join(parts)}]"


def command_of(sides: Sequence[Side]) -> str:
    """The command that gives the same runs and differences."""
    names = [file_of(side, sides) or side.state.preset for side in sides]
    state = sides[0].state
    kind = state.command_layers.uncertainty
    asked = f" --uncertainty {kind}" if kind else ""
    return f"injae compare {' '.join(names)} --seeds {state.seeds}{asked} --no-baseline"


# ---- what is said of it


@dataclass(frozen=True)
class Compared:
    """A set with its runs, of the seeds that finished in every scenario."""

    sides: list[Side]
    results: list[Results]
    failed: int = 0

    @classmethod
    def of(cls, sides: list[Side], results: Sequence[Results]) -> "Compared":
        """Keep the seeds that all have, in order."""
        common = set.intersection(*(set(result.seeds) for result in results))
        kept = [
            replace(result, runs=sorted((r for r in result.runs if r.seed in common), key=lambda run: run.seed))
            for result in results
        ]
        return cls(sides, kept, sum(len(result.failures) for result in results))

    @property
    def receipt(self) -> str:
        """Code of scenarios, seeds, model and data."""
        first = self.results[0]
        return receipt_of([result.plan for result in self.results], first.seeds, first.ensemble)

    def gaps(self) -> list[Any]:
        """Every indicator of the others less that of the reference, as ``injae compare`` writes them."""
        return [row for other in self.results[1:] for row in differences(self.results[0], other)]


def board_of(compared: Compared, series: str, focus: int, lang: str, month: int | None = None) -> dict[str, Any]:
    """The set for the screen, table and cloud of a month (None: the end); see the head of this file."""
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


def title_of(side: Side, lang: str) -> str:
    """What the visitor calls a scenario, else its title, marked when it was changed."""
    if side.name:
        return side.name
    plan = Scenario.load(side.state.preset)
    title = plan.title.get(lang, plan.name)
    return word("ui.modified", lang, title=title) if side.state.changes else title


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
