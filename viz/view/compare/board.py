"""Scenarios beside each other as the compare screen gets them: plain JSON, at most 40 kB; plain Python.

A set is two to five texts: ``own`` (the visitor's own policy), a preset, or a preset with changes
(``korea~levers.grant_scale=2``). The first is the reference. All are run on the same seeds by luck alone, so numbers
are those of ``injae compare``; its functions make them (``experiments/compare.py``).

``board_of(sides, series, focus, lang)`` gives::

    lang, dates[0 .. months], seeds, failed, receipt, version, command
    sides     [{letter, text, title, own, file (name of the scenario's file in the command, or None)}]
    focus     index of the side whose band is drawn;  series {name, title, unit, decimals, meaning, good}
    choices   [{name, title}]  series that can be shown
    curves    [{mean, low, high}]  one a side, each row packed (packing.py); low, high: 5th and 95th percentile of runs
    gaps      [{mean, low, high} or None]  the same of the paired differences to the reference
    levers    [{title, cells: [text a side]}]  settings that differ only
    columns   [{key, title, help}];  rows [{letter, cells: {key: {text, more}}}]
    cloud     {x, y {title, unit}, points: [[[x, y] per seed] per side], dominated: [letter that dominates, or None]}
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from experiments.compare import check_comparable, differences
from experiments.manifest import receipt_of
from experiments.pairs import Verdict, cost_per_result
from experiments.runs import Results
from experiments.summary import BAND, Interval, has_target, mean_interval, summarise
from model.levers import LEVERS, SHOCKS
from model.scenario import Scenario
from viz.view.packing import pack
from viz.view.payload import CARDS, version
from viz.view.refused import Refused
from viz.view.state import LANGUAGE, ViewState, course
from viz.view.words import date, interval, number, parameter, scale_of, setting, won, word

OWN = "own"
LETTERS = "ABCDE"
FEWEST, MOST = 2, 5
CHOICES = tuple(dict.fromkeys(["specialists", *CARDS, "teachers", "enrolled", "shortage_rate"]))
WORSE = ("unmet_demand_share", "shortage_rate")
COLUMNS = ("experts", "chance", "adoption", "cost", "price", "region")
REGIONS = {"capital": "adoption_share_capital", "regions": "adoption_share_regions"}


class Side(NamedTuple):
    """One scenario of the set."""

    letter: str
    text: str
    state: ViewState


# ---- the set


def state_of(text: str, own: ViewState) -> ViewState:
    """The state that a text of the set stands for, with seeds and language of the visitor.

    Raises:
        InputError: no such preset or setting, or a value out of range.
    """
    if text == OWN:
        return replace(own, luck=True, unsure=False, variants=False)
    preset, *changes = text.split("~")
    state = ViewState.of_pairs(parse_qsl("s=" + "&".join([preset, *changes]), keep_blank_values=True), own.lang)
    return ViewState(preset=preset, changes=state.changes, seeds=own.seeds, lang=own.lang)


def text_of(state: ViewState) -> str:
    """The text of a state."""
    return "~".join([state.preset, *state.changes])


def texts_of_link(link: str) -> list[str]:
    """The scenarios that a link names: those of a set, or the one of any other screen.

    Raises:
        InputError: not a link of the view.
    """
    pairs = parse_qsl(urlsplit(link.strip()).query)
    several = [text for key, text in pairs if key == "c" and text != OWN]
    if several:
        return several
    if not any(key == "s" for key, _ in pairs):
        raise Refused("refused.no_link")
    return [text_of(ViewState.of_pairs(pairs, LANGUAGE))]


def sides_of(texts: Sequence[str], own: ViewState) -> list[Side]:
    """The set, in order.

    Raises:
        InputError: a scenario that cannot be, or cannot be compared with the first.
    """
    sides = [Side(letter, text, state_of(text, own)) for letter, text in zip(LETTERS, texts, strict=False)]
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
    return f"injae compare {' '.join(names)} --seeds {sides[0].state.seeds} --no-baseline"


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
        return receipt_of([result.plan for result in self.results], self.results[0].seeds)

    def gaps(self) -> list[Any]:
        """Every indicator of the others less that of the reference, as ``injae compare`` writes them."""
        return [row for other in self.results[1:] for row in differences(self.results[0], other)]


def board_of(compared: Compared, series: str, focus: int, lang: str) -> dict[str, Any]:
    """The set for the screen; see the head of this file."""
    sides, results = compared.sides, compared.results
    plan = results[0].plan
    scale, factor, decimals, per = scale_of(series, lang)
    focus = min(max(focus, 0), len(sides) - 1)
    content: dict[str, Any] = {
        "lang": lang,
        "dates": [plan.date_of(month) for month in range(plan.months + 1)],
        "seeds": len(results[0].runs),
        "failed": compared.failed,
        "version": version(),
        "command": command_of(sides),
        "sides": [
            {"letter": s.letter, "text": s.text, "title": title_of(s, lang), "own": s.text == OWN,
             "file": file_of(s, sides)} for s in sides
        ],
        "focus": focus,
        "series": {
            "name": series, "title": word(f"series.{series}", lang), "unit": per, "decimals": decimals,
            "meaning": word(f"series.{series}.text", lang), "good": -1 if series in WORSE else 1, "scale": scale,
        },
        "choices": [{"name": name, "title": word(f"series.{name}", lang)} for name in CHOICES],
        "levers": levers_of(sides, lang),
    }  # fmt: skip
    if not results[0].runs:
        return {**content, "receipt": "", "curves": [], "gaps": [], "columns": [], "rows": [], "cloud": None}
    values = [result.values(series) / factor for result in results]

    def rows(of: Any) -> dict[str, str]:
        low, high = np.percentile(of, BAND, axis=0)
        return {name: pack(row, decimals) for name, row in (("mean", of.mean(axis=0)), ("low", low), ("high", high))}

    return {
        **content,
        "receipt": compared.receipt,
        "curves": [rows(of) for of in values],
        "gaps": [rows(of - values[0]) if n else None for n, of in enumerate(values)],
        "columns": _columns(plan, lang),
        "rows": [_row(compared, n, lang) for n in range(len(sides))],
        "cloud": _cloud(compared, lang),
    }


def title_of(side: Side, lang: str) -> str:
    """Title of a scenario, marked when it was changed."""
    plan = Scenario.load(side.state.preset)
    title = plan.title.get(lang, plan.name)
    return word("ui.modified", lang, title=title) if side.state.changes else title


def levers_of(sides: Sequence[Side], lang: str) -> list[dict[str, Any]]:
    """Settings that differ between scenarios, in words: ``1배``, or ``1배 → 0배 (2027년 1월)``."""
    plans = [side.state.scenario() for side in sides]
    rows = []
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        for name, lever in declared.items():
            path = f"{group}.{name}"
            courses = [course(plan, path)[1:] for plan in plans]
            if any(values != courses[0] for values in courses):
                cells = [_course_words(values, lever.unit, plans[0], lang) for values in courses]
                rows.append({"title": word(f"{path}.title", lang), "cells": cells})
    for path in sorted({path for plan in plans for path in plan.parameters}):
        values = [plan.parameters.get(path) for plan in plans]
        if len(set(values)) > 1:
            cells = ["–" if value is None else f"{value:,.4g}" for value in values]
            rows.append({"title": parameter(path, lang, plans[0].country), "cells": cells})
    return rows


def _course_words(values: list[float], of: str, plan: Scenario, lang: str) -> str:
    parts = [setting(values[0], of, lang)]
    for month in range(1, len(values)):
        if values[month] != values[month - 1]:
            parts.append(f"{setting(values[month], of, lang)} ({date(plan.date_of(month + 1), lang)})")
    return " → ".join(parts)


def _columns(plan: Scenario, lang: str) -> list[dict[str, str]]:
    """Headings of the table; without a target date the first two are left out."""
    facts = {
        "target": number(plan.target.experts, "persons", lang),
        "date": date(plan.target.date, lang),
        "end": date(plan.date_of(plan.months), lang),
    }
    keys = COLUMNS if has_target(plan) else COLUMNS[2:]
    return [
        {"key": key, "title": word(f"compare.{key}", lang, **facts), "help": word(f"compare.{key}_help", lang)}
        for key in keys
    ]


def _row(compared: Compared, n: int, lang: str) -> dict[str, Any]:
    result = compared.results[n]
    summary = summarise(result)

    def cell(name: str) -> dict[str, Any]:
        found = summary[name]
        text = number(found.mean, found.unit, lang)
        both = interval(found.mean, found.low, found.high, found.unit, lang)
        return {"text": text, "more": both.removeprefix(text).strip(" ()"), "value": found.mean}

    cells = {"adoption": cell("adoption_share_at_end"), "cost": cell("public_won_at_end")}
    if "chance_of_target" in summary:
        cells |= {"experts": cell("programme_graduates_by_target_date"), "chance": cell("chance_of_target")}
    return {
        "letter": compared.sides[n].letter,
        "cells": {**cells, "price": _price(compared, n, lang), "region": _region(result, lang)},
    }


def extra(compared: Compared, n: int, name: str) -> Any:
    """A series at the end less that of the reference, shape ``(seeds,)``."""
    return compared.results[n].values(name)[:, -1].astype(float) - compared.results[0].values(name)[:, -1]


def _price(compared: Compared, n: int, lang: str) -> dict[str, Any]:
    """Extra public money per extra specialist, against the reference."""
    if n == 0:
        return {"text": word("compare.reference", lang), "more": "", "value": None}
    each = cost_per_result(extra(compared, n, "public_won_cumulative"), extra(compared, n, "specialists"))
    if each.verdict not in (Verdict.EXTRA, Verdict.GIVEN_UP):
        return {"text": "–", "more": word(f"compare.{each.verdict.name.lower()}", lang), "value": None}
    more = f"{won(each.low, lang)} – {won(each.high, lang)}"
    if each.verdict is Verdict.GIVEN_UP:
        more += f" · {word('compare.given_up_note', lang)}"
    return {"text": won(each.won, lang), "more": more, "value": each.won}


def _region(result: Results, lang: str) -> dict[str, Any]:
    """The region where fewer hospitals use AI at the end."""
    means = {name: float(result.values(series)[:, -1].mean()) for name, series in REGIONS.items()}
    worst = min(means, key=means.__getitem__)
    return {
        "text": number(means[worst], "share", lang), "more": word(f"compare.{worst}", lang), "value": means[worst],
    }  # fmt: skip


def _cloud(compared: Compared, lang: str) -> dict[str, Any]:
    """Public money against specialists at the end, a point a seed."""
    axes = {"x": "public_won_cumulative", "y": "specialists"}
    shown = {axis: scale_of(name, lang) for axis, name in axes.items()}
    points = [
        np.round(
            np.stack([result.values(name)[:, -1] / shown[axis][1] for axis, name in axes.items()], axis=1), 1
        ).tolist()
        for result in compared.results
    ]
    return {
        **{axis: {"title": word(f"series.{name}", lang), "unit": shown[axis][3]} for axis, name in axes.items()},
        "points": points,
        "dominated": dominated(compared),
    }


def dominated(compared: Compared) -> list[str | None]:
    """For each scenario the letter of one that surely gives more specialists for no more money, or None.

    Surely: the 95 percent interval of the paired difference says so. As many for surely less money counts too.
    """
    found: list[str | None] = []
    for n in range(len(compared.sides)):
        by = (
            side.letter
            for m, side in enumerate(compared.sides)
            if m != n and _beats(_gap(compared, m, n, "public_won_cumulative"), _gap(compared, m, n, "specialists"))
        )
        found.append(next(by, None))
    return found


def _gap(compared: Compared, m: int, n: int, name: str) -> Interval:
    gaps = compared.results[m].values(name)[:, -1].astype(float) - compared.results[n].values(name)[:, -1]
    found = mean_interval(gaps)
    return found if len(gaps) > 1 else Interval(found.mean, -np.inf, np.inf)


def _beats(money: Interval, people: Interval) -> bool:
    return (people.low > 0 and money.high <= 0) or (people.low >= 0 and money.high < 0)
