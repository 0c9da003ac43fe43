"""What a visitor gave and cannot be used, said in their language, from what the error knows of it."""

from collections.abc import Callable
from typing import Any

from injae.experiments.wording.amounts import UNITS, setting
from injae.model.errors import InputError, Range, Suggestion, shown
from injae.viz.lines import one_line
from injae.viz.view.words import BOOK, title_of, word

Said = Callable[[str], str]  # a text by language


class Refused(InputError):
    """Something of the page itself that cannot be used: key of its words, and what they speak of."""

    def __init__(self, key: str, **what: str | Said) -> None:
        super().__init__(key, "")
        self.what = what

    def in_words(self, lang: str) -> str:
        """In a language."""
        return word(
            self.code, lang, **{name: text(lang) if callable(text) else text for name, text in self.what.items()}
        )

    def __str__(self) -> str:
        return self.in_words("en")


def in_words(error: InputError, lang: str) -> str:
    """An error in a language: settings by their titles, values with their units."""
    if isinstance(error, Refused):
        return one_line(error.in_words(lang))
    path = error.path.partition("@")[0].removesuffix(".from").removesuffix(".to")
    what = title_of(path, lang) or " ".join(filter(None, [error.source, path])) or shown(error.value)
    key, near = f"refused.{error.code}", error.suggestion.names if isinstance(error.suggestion, Suggestion) else ()
    if key not in BOOK.texts:
        said = word(f"fault.{error.code}", lang, what=what)
        details = [error.fault, str(error.suggestion)] if lang == "en" else []  # the model speaks English
        return one_line(": ".join(filter(None, [said, "; ".join(filter(None, details))])))
    if near and error.code == "unknown":
        return one_line(word(f"{key}_near", lang, what=what[:80], near=near[0]))
    return one_line(word(key, lang, what=what[:80], **_values(error, lang)))


def _values(error: InputError, lang: str) -> dict[str, Any]:
    """Value and limits as the page writes them."""
    if not isinstance(error.allowed, Range):
        return {"value": shown(error.value), "low": error.allowed}
    low, high, unit = error.allowed
    unit = unit.split(" and ")[0]
    write = (lambda one: setting(one, unit, lang)) if f"unit.{unit}" in UNITS.texts else (lambda one: f"{one:z,.10g}")
    value = shown(error.value) if error.code == "number" else write(error.value)
    return {"value": value, "low": write(low), "high": write(high)}
