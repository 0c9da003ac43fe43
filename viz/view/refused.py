"""What a visitor gave and cannot be used, said in his language: the setting in words, the value, the allowed range.

The model's own errors are written for the command line, in English. So whatever a link or the page can get wrong is
looked at here first; what still comes from the model is said without its words where the visitor reads Korean.
"""

import difflib
import re
from collections.abc import Callable
from typing import Any

from model.errors import InputError
from model.levers import LEVERS, SHOCKS
from model.numbers import number_of, why_no_number
from model.parameters import declared_parameters
from model.scenario import Scenario
from model.schedules import YEARS
from viz.lines import one_line
from viz.view.words import parameter, setting, table, word

_DATES = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(\.\.[0-9]{4}-(0[1-9]|1[0-2]))?")
_DECLARED = {f"levers.{name}": lever for name, lever in LEVERS.items()}
_DECLARED |= {f"shocks.{name}": shock for name, shock in SHOCKS.items()}
Said = Callable[[str], str]  # a text by language


class Refused(InputError):
    """Something that cannot be used: key of its words, and what they speak of (texts, or by language)."""

    def __init__(self, key: str, **what: str | Said) -> None:
        self.key, self.what = key, what
        super().__init__(self.said("en"))

    def said(self, lang: str) -> str:
        """The same in a language."""
        what = {name: text(lang) if callable(text) else text for name, text in self.what.items()}
        return one_line(word(self.key, lang, **what))


def in_words(error: InputError, lang: str) -> str:
    """An error in a language; one of the model's has no other words than English."""
    if isinstance(error, Refused):
        return error.said(lang)
    return one_line(str(error)) if lang == "en" else word("refused.other", lang)


def title_of(path: str, country: str) -> Said:
    """A lever, shock or parameter in words."""
    if path in _DECLARED:
        return lambda lang: word(f"{path}.title", lang)
    return lambda lang: parameter(path.removeprefix("parameters."), lang, country)


def check_change(change: str, base: Scenario) -> None:
    """Refuse a change (``levers.x@2027-01=0.8``) that cannot be, whatever the others are.

    Raises:
        Refused: unknown path, no number, outside the range, dates that are none or in the wrong order.
    """
    key, _, text = change.partition("=")
    path, at, date = key.partition("@")
    declared = _declared(path, base.country)
    title = title_of(path, base.country)
    low, high, unit = declared

    def shown(value: float) -> Said:
        return lambda lang: setting(value, unit, lang) if f"unit.{unit}" in table() else f"{value:z,.10g}"

    span: dict[str, Any] = {"what": title, "low": shown(low), "high": shown(high)}
    if why_no_number(text):
        raise Refused("refused.number", value=repr(text[:40]), **span)
    value = number_of(text, path)
    if not low <= value <= high:
        raise Refused("refused.range", value=shown(value), **span)
    if at and path not in _DECLARED:
        raise Refused("refused.undated", what=title, date=repr(date[:40]))
    if at and not _DATES.fullmatch(date):
        raise Refused("refused.date", what=title, date=repr(date[:40]))
    first, _, last = date.partition("..")
    if any(not YEARS[0] <= int(one[:4]) <= YEARS[1] for one in (first, last) if one):
        raise Refused("refused.date", what=title, date=repr(date))
    if last and last < first:
        raise Refused("refused.order", what=title, first=first, last=last)


def _declared(path: str, country: str) -> tuple[float, float, str]:
    """Least and most value, and unit; what a share is of does not matter here."""
    if path in _DECLARED:
        lever = _DECLARED[path]
        return lever.low, lever.high, lever.unit.split(" and ")[0]
    parameters = declared_parameters(country)
    known = parameters.get(path.removeprefix("parameters.")) if path.startswith("parameters.") else None
    if known is None:
        valid = [*_DECLARED, *(f"parameters.{name}" for name in parameters)]
        near = difflib.get_close_matches(path, valid, n=1, cutoff=0.8)
        if near:
            raise Refused("refused.unknown_near", what=path[:80], near=near[0])
        raise Refused("refused.unknown", what=path[:80])
    return known.least, known.most, known.unit


def together(error: InputError, country: str) -> Refused:
    """What the model says of changes that are each good but do not go together."""
    text = str(error)
    if text.startswith("levers.grant_share_courses ="):
        titles = [title_of(f"levers.grant_share_{name}", country) for name in ("courses", "teachers")]
        return Refused("refused.shares", what=titles[0], other=titles[1])
    path = re.match(r"[\w.]+", text)
    known = path is not None and path[0] in _DECLARED
    return Refused("refused.together", what=title_of(path[0], country) if path and known else "")
