"""What the panel of levers shows: every lever and shock with its words, the stops of its slider, and how it stands."""

import json
import math
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from injae.experiments.schedules import DECLARED, steps_of
from injae.experiments.wording.amounts import setting, unit
from injae.experiments.wording.spoken import speaking_of
from injae.model.country import read_country
from injae.model.levers import Lever
from injae.model.scenario import Scenario, month_of
from injae.viz.view.policy.grounds import about_lever
from injae.viz.view.state import ViewState, path_of
from injae.viz.view.words import BOOK, group_of, word

OPEN_GROUPS = ("money", "training")  # unfolded at the start
DECADES = 3  # from the largest value down, for amounts
FAR_DECADES = 4  # the same where the range is as wide as a nation's budget
MANTISSAS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)


def groups(preset: str, lang: str) -> list[dict[str, Any]]:
    """The panel's groups with their levers: what does not change when a lever moves."""
    plan = Scenario.load(preset)
    known = BOOK.texts
    found: dict[str, list[dict[str, Any]]] = {key.split(".")[1]: [] for key in known if key.startswith("group.")}
    for path, lever in DECLARED.items():
        values = stops(path, lever, plan)
        found[group_of(path)].append(
            {
                "path": path,
                "title": word(f"{path}.title", lang),
                "sentence": word(f"{path}.text", lang),
                "unit": unit(lever.unit, lang),
                "percent": is_share(lever.unit),
                "low": lever.low,
                "high": lever.high,
                "low_text": text(lever, lever.low, lang),
                "high_text": text(lever, lever.high, lang),
                "about": about_lever(path, lang, plan.country),
                "stops": values,
                "texts": [text(lever, value, lang) for value in values],
            }
        )
    return [
        {"name": name, "title": word(f"group.{name}", lang), "open": name in OPEN_GROUPS, "levers": levers}
        for name, levers in found.items()
        if levers
    ]


@cache
def panel(preset: str, lang: str) -> str:
    """``groups`` as JSON: as a text it costs nothing when the page is drawn again, as lists thousands of visits."""
    with speaking_of(Scenario.load(preset).country):
        return json.dumps(groups(preset, lang), ensure_ascii=False, separators=(",", ":"))


def settings(state: ViewState) -> dict[str, dict[str, Any]]:
    """How every lever stands: its value, the dates between which it holds, and the preset's value."""
    preset, plan = Scenario.load(state.preset), state.scenario()
    changed = state.changed()
    found = {}
    for path, lever in DECLARED.items():
        stretch = _as_set(state, plan, path) if path in changed else _main_stretch(plan, path, lever)
        found[path] = {
            "value": stretch.value,
            "text": text(lever, stretch.value, state.lang),
            "preset": _main_stretch(preset, path, lever).value,
            "first": plan.date_of(stretch.first) if stretch.first > 1 else None,
            "last": plan.date_of(stretch.last) if stretch.last < plan.months else None,
            "changed": path in changed,
        }
    return found


class Stretch(NamedTuple):
    """Months, both included, in which a lever has a value."""

    first: int
    last: int
    value: float


def _main_stretch(plan: Scenario, path: str, lever: Lever) -> Stretch:
    """The stretch of a schedule in which the lever is farthest from doing nothing: what one number can say of it."""
    steps = [step for step in steps_of(plan, path) if step[0] <= plan.months]
    if not steps:
        return Stretch(0, plan.months, lever.default)
    ends = [month - 1 for month, _ in steps[1:]] + [plan.months]
    stretches = [Stretch(month, end, value) for (month, value), end in zip(steps, ends, strict=True)]
    return max(stretches, key=lambda stretch: abs(stretch.value - lever.default))


def _as_set(state: ViewState, plan: Scenario, path: str) -> Stretch:
    """The stretch that a visitor has set: the first change of a lever, to its last month or the next change."""
    own = [change.partition("=") for change in state.changes if path_of(change) == path]
    spans = [key.partition("@")[2].partition("..") for key, _, _ in own]
    firsts = [month_of(first, plan.start) if first else 0 for first, _, _ in spans]
    last = month_of(spans[0][2], plan.start) if spans[0][2] else firsts[1] - 1 if len(own) > 1 else plan.months
    return Stretch(firsts[0], min(last, plan.months), float(own[0][2]))


def text(lever: Lever, value: float, lang: str) -> str:
    """A lever's value with its unit, as short as its title allows: ``1bn won a year``, ``6곳``."""
    return setting(value, lever.unit.split(" and ")[0], lang)


def is_share(of: str) -> bool:
    """Whether a unit is shown in percent."""
    return of in ("share", "relative change")


def stops(path: str, lever: Lever, plan: Scenario) -> list[float]:
    """Round values on the slider from low to high, with those of the preset among them.

    Shares go in steps of five points; amounts are dense where they are small, since a tenth of the largest amount is
    already much.
    """
    own = {value for _, value in steps_of(plan, path)} | {lever.default}
    if lever.unit == "universities":
        most = len(read_country(plan.country).universities)
        values: Iterable[float] = range(most + 1)
    elif is_share(lever.unit):
        size = 0.05 if lever.high - lever.low <= 1.5 else 0.1
        values = [round(lever.low + n * size, 10) for n in range(round((lever.high - lever.low) / size) + 1)]
    elif lever.unit == "months":
        most = round(lever.high)
        values = [*range(round(lever.low), 13), *range(15, min(most, 60) + 1, 3), *range(72, most + 1, 12)]
    elif lever.unit == "ratio":
        values = [*(n / 10 for n in range(31)), 3.5, *range(4, round(lever.high) + 1)]
    else:
        amounts = _amounts(lever.high)
        values = [lever.low, *(value for value in amounts if value.is_integer())]
    return sorted(value for value in {*map(float, values), *own} if lever.low <= value <= lever.high)


def _amounts(most: float) -> list[float]:
    """Round amounts over the last decades up to the most."""
    decades = FAR_DECADES if most >= 1e11 else DECADES
    top = math.floor(math.log10(most))
    values = [mantissa * 10.0 ** (top - n) for n in range(decades + 1) for mantissa in MANTISSAS]
    return [float(f"{value:z.6g}") for value in values if most / 10**decades <= value <= most]
