"""Five lessons: what is drawn, what the model answers, and what the texts may say; read from ``lessons.toml``.

A lesson asks for a curve (``Curve``): a series of a scenario at the ends of years, or how far it lies from the same in
another scenario, run by run on the same seeds. Whatever number a text names is a ``Fact`` of those runs. Words are in
the table of ``words.py`` under ``lesson.NAME``.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from injae.agents.columns import Array
from injae.experiments.results import Results
from injae.experiments.schedules import DECLARED, course
from injae.experiments.wording.amounts import number, series_scale
from injae.model.errors import InputError
from injae.model.record import SERIES
from injae.model.scenario import Scenario, month_of
from injae.viz.view.policy.controls import text
from injae.viz.view.words import word

FILE = Path(__file__).parent / "lessons.toml"
STEPS = 5
CHOICES = 4
BAND = (5.0, 95.0)  # percentiles of the band that a guess is held against
THIN_LINES = 12  # single runs that are drawn beside a band
YEAR = 12


class Part(BaseModel):
    """What every table of the file is: nothing unknown, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Curve(Part):
    """A series of a scenario; with ``against`` its distance from the same series there."""

    series: str
    scenario: str
    changes: tuple[str, ...] = ()
    against: str | None = None
    shown: Literal["guess", "reveal"] = "guess"  # of a curve beside the one that is drawn: when it appears

    def plans(self, changes: Sequence[str] = ()) -> list[Scenario]:
        """The scenario, and the one it is held against; ``changes`` come on top of the scenario's own."""
        own = Scenario.load(self.scenario, self.changes).with_changes(changes)
        return [own, Scenario.load(self.against)] if self.against else [own]

    def values(self, results: Sequence[Results], months: Sequence[int]) -> Array:
        """The curve in every run, in the unit that is shown: shape ``(runs, months)``."""
        factor = series_scale(self.series, "en")[1]
        found = results[0].values(self.series)[:, months] / factor
        return found - results[1].values(self.series)[:, months] / factor if self.against else found


class Try(Part):
    """The one thing that is unlocked: a lever, from a date on, or how many runs there are."""

    lever: str | None = None
    date: str | None = Field(None, alias="from")
    values: tuple[float, ...] = ()
    runs: tuple[int, ...] = ()
    now: int = Field(ge=0)  # place of the value that the lesson's own runs have

    def changes(self, place: int) -> list[str]:
        """Settings of a choice; none where the number of runs is what changes."""
        if self.lever is None:
            return []
        return [f"{self.lever}{'@' + self.date if self.date else ''}={self.values[place]:z.10g}"]

    def titles(self, lang: str) -> list[str]:
        """The choices in words."""
        if self.lever is None:
            return [word("ui.ls_one_run" if runs == 1 else "ui.ls_runs", lang, n=runs) for runs in self.runs]
        return [text(DECLARED[self.lever], value, lang) for value in self.values]


class Fact(Part):
    """A number that a text names.

    Attributes:
        series: one, or several that are added up.
        date: ISO month.
        of: of the lesson's scenario, of the curve beside it, or how far one of them lies from what it is held against.
        total: everything from the first month to the date, for flows.
        part_of: the number as a share of the one at this later date.
    """

    series: str | tuple[str, ...]
    date: str
    of: Literal["policy", "gap", "context", "context_gap"] = "policy"
    total: bool = False
    part_of: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The series."""
        return (self.series,) if isinstance(self.series, str) else self.series

    def value(self, curve: Sequence[Results], context: Sequence[Results]) -> float:
        """Mean over the runs, in the unit of the series, or a share."""
        results = context if self.of.startswith("context") else curve
        sides = [self._of(side, self.date) for side in results]
        value = sides[0] - sides[1] if self.of.endswith("gap") else sides[0]
        return value / self._of(results[0], self.part_of) if self.part_of else value

    def _of(self, results: Results, date: str) -> float:
        month = month_of(date, results.plan.start)
        values = np.sum([results.values(name).astype(float) for name in self.names], axis=0)
        return float((values[:, : month + 1].sum(axis=1) if self.total else values[:, month]).mean())

    def said(self, curve: Sequence[Results], context: Sequence[Results], lang: str) -> str:
        """The number in words, with its unit."""
        unit = "share" if self.part_of else SERIES[self.names[0]].unit
        said = number(self.value(curve, context), unit, lang)
        return "0" + said.removeprefix("-0") if said.startswith("-0") and not said.strip("-0명") else said


class Lesson(Part):
    """One lesson.

    Attributes:
        name: key of its words.
        first, last: ISO months of the first and last point; one point a year.
        given: points that are shown before the guess; the rest is drawn.
        least, most: ends of the axis, in the unit that is shown.
        range: whether an upper and a lower line are drawn instead of one.
        dots: whom the dots are (``lesson_dots.GROUPS``).
        right: the right choice, from 1.
    """

    name: str
    minutes: int = Field(gt=0)
    first: str
    last: str
    given: int = Field(ge=1)
    least: float
    most: float
    range: bool = False
    dots: Literal["programme", "hospital"]
    right: int = Field(ge=1, le=CHOICES)
    curve: Curve
    context: Curve | None = None
    tries: Try = Field(alias="try")
    fact: dict[str, Fact] = {}

    def say(self, key: str, lang: str, **facts: str) -> str:
        """A text of the lesson."""
        return word(f"lesson.{self.name}.{key}", lang, **facts)

    @property
    def months(self) -> list[int]:
        """Month index of every point."""
        start = Scenario.load(self.curve.scenario).start
        return list(range(month_of(self.first, start), month_of(self.last, start) + 1, YEAR))

    @property
    def dates(self) -> list[str]:
        """ISO month of every point."""
        year, month = self.first.split("-")
        return [f"{int(year) + n}-{month}" for n in range(len(self.months))]

    @property
    def drawn(self) -> int:
        """How many points a guess has, in each line."""
        return len(self.months) - self.given


LESSON_TEXTS = ("title", "goal", "story", "task", "reveal", "try_task", "watch", "question", "because")
NOTES = ("plan", "trap", "ask1", "ask2", "ask3")


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons in order.

    Raises:
        InputError: the file says something impossible.
    """
    with FILE.open("rb") as stream:
        return tuple(read(name, content) for name, content in tomllib.load(stream)["lesson"].items())


def read(name: str, content: dict[str, Any]) -> Lesson:
    """A lesson from its table, with everything that it refers to looked up.

    Raises:
        InputError: it says something impossible.
    """
    settings = {key: value for key, value in content.items() if key not in (*LESSON_TEXTS, "note", "choice")}
    for key in ("curve", "context"):
        if key in settings:
            settings[key] = {k: v for k, v in settings[key].items() if k != "title"}
    try:
        lesson = Lesson(name=name, **settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError("unusable", first["msg"], f"lesson.{name}.{place}", first["input"]) from error
    _check(lesson, content)
    return lesson


def _check(lesson: Lesson, content: dict[str, Any]) -> None:
    missing = [key for key in LESSON_TEXTS if key not in content]
    missing += [f"note.{key}" for key in NOTES if key not in content.get("note", {})]
    missing += [f"choice.{n}" for n in range(1, CHOICES + 1) if str(n) not in content.get("choice", {})]
    if missing:
        raise InputError("unreadable", f"lacks {', '.join(missing)}", f"lesson.{lesson.name}")
    curves = [curve for curve in (lesson.curve, lesson.context) if curve]
    for series in [*(curve.series for curve in curves), *(s for fact in lesson.fact.values() for s in fact.names)]:
        if series not in SERIES:
            raise InputError("unknown", f"no such series {series!r}", f"lesson.{lesson.name}")
    if any(series_scale(curve.series, "en")[0] == "won" for curve in curves):
        fault = "a guess in won would have another scale in each language"
        raise InputError("unusable", fault, f"lesson.{lesson.name}")
    if not lesson.least < lesson.most:
        raise InputError("range", f"needs more than least ({lesson.least:g})", f"lesson.{lesson.name}.most")
    choices = lesson.tries.values or lesson.tries.runs
    if lesson.tries.now >= len(choices):
        raise InputError("unusable", f"there are {len(choices)} choices", f"lesson.{lesson.name}.try.now")
    plan = lesson.curve.plans()[0]
    tried = [lesson.curve.plans(lesson.tries.changes(place))[0] for place in range(len(lesson.tries.values))]
    lever = lesson.tries.lever
    if lever and course(tried[lesson.tries.now], lever) != course(plan, lever):
        raise InputError("unusable", "is not what the lesson's scenario has", f"lesson.{lesson.name}.try.now")
    for date in (lesson.last, *(fact.part_of or fact.date for fact in lesson.fact.values())):
        if month_of(date, plan.start) > plan.months:
            raise InputError("unusable", f"{date} is after the end of {plan.name}", f"lesson.{lesson.name}")
    if lesson.drawn < 1:
        raise InputError("unusable", "leaves nothing to draw", f"lesson.{lesson.name}.given")


@dataclass(frozen=True)
class Band:
    """A curve over runs, at every point, in the unit that is shown: shape ``(points,)`` each."""

    mean: Array
    low: Array
    high: Array
    runs: Array  # the first single ones, shape (at most 12, points)
    count: int

    @classmethod
    def of(cls, values: Array) -> "Band":
        """Mean and band over runs; ``values`` has shape ``(runs, points)``."""
        low, high = np.percentile(values, BAND, axis=0)
        return cls(values.mean(axis=0), low, high, values[:THIN_LINES], len(values))

    def shown(self) -> dict[str, Any]:
        """As the page gets it, in four figures."""
        lists = {name: _short(getattr(self, name)) for name in ("mean", "low", "high")}
        return {**lists, "runs": [_short(run) for run in self.runs], "count": self.count}


def _short(values: Array) -> list[float]:
    return [float(f"{value:z.4g}") for value in values]
