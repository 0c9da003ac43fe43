"""The country whose case is being put into words, with its currency and its own names for tiers and regions.

Beside it the language in which that is said (``LANGUAGE``).

Units, levers and series of the model say ``won`` for the whole unit of money that a country's data count in. What a
reader sees is the country's currency (``[currency]`` of its ``country.toml``). Texts of ``words.toml`` beside it take
the place of those of the same key.
"""

import contextlib
import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from injae.model.errors import InputError
from injae.model.parameters import country_and_bases, country_file, data_folder

_WON = re.compile(r"\bwon\b")


@dataclass(frozen=True)
class Currency:
    """Money as a reader writes it.

    Attributes:
        name: of the currency behind an amount, by language.
        unit: of the data, where numbers are shown as they are kept, by language.
        per_name: how many of the data's units are one of the reader's.
    """

    name: Mapping[str, str]
    unit: Mapping[str, str]
    per_name: int = 1

    @property
    def price(self) -> tuple[int, str]:
        """What prices of a person are told in: millions, or thousands of a currency that has hundredths."""
        return (1_000_000, "m") if self.per_name == 1 else (1_000, "k")


@dataclass(frozen=True)
class Speech:
    """How one country's case is spoken of; ``texts`` by key and language, as in a ``Phrasebook``."""

    currency: Currency
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


WON = {"ko": "원", "en": "won"}
LANGUAGE: ContextVar[str] = ContextVar("language spoken", default="en")  # another one while a figure is drawn in it
SPOKEN: ContextVar[Speech] = ContextVar("country spoken of", default=Speech(Currency(WON, WON)))  # noqa: B039 - frozen


def currency() -> Currency:
    """The currency of the country that is spoken of."""
    return SPOKEN.get().currency


@contextlib.contextmanager
def speaking_of(country: str) -> Iterator[None]:
    """Speak of a country as long as the context lasts, in this thread and those that inherit its context."""
    token = SPOKEN.set(speech_of(country))
    try:
        yield
    finally:
        SPOKEN.reset(token)


@functools.cache
def speech_of(country: str) -> Speech:
    """What a country's data say of its currency and words, or those of the nearest base that says it.

    Raises:
        InputError: a currency without names, or a number of units that is no whole number above 0.
    """
    for one in country_and_bases(country):
        given = tomllib.loads((data_folder(one) / "country.toml").read_text(encoding="utf-8")).get("currency")
        if given is not None:
            money = _currency(given, data_folder(one) / "country.toml")
            break
    else:
        money = Currency(WON, WON)
    words = country_file(country, "words.toml")
    return Speech(money, dict(_texts(tomllib.loads(words.read_text(encoding="utf-8")))) if words else {})


def _currency(given: Mapping[str, Any], source: Path) -> Currency:
    per_name = given.get("per_name", 1)
    if not isinstance(per_name, int) or isinstance(per_name, bool) or per_name < 1:
        raise InputError("range", "needs a whole number above 0", "currency.per_name", per_name, source=source)
    for entry in ("name", "unit"):
        names = given.get(entry)
        if not isinstance(names, dict) or not all(isinstance(names.get(lang), str) for lang in WON):
            raise InputError("form", 'needs {en = "...", ko = "..."}', f"currency.{entry}", names, source=source)
    return Currency(given["name"], given["unit"], per_name)


def _texts(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    for key, value in tables.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and "en" in value:
            yield path, value
        elif isinstance(value, dict):
            yield from _texts(value, path)


def own_text(key: str, usual: str, lang: str = "en") -> str:
    """What the country that is spoken of says under a key; the usual text where it says nothing."""
    return SPOKEN.get().texts.get(key, {}).get(lang, usual)


def own_words(text: str, lang: str = "en") -> str:
    """A unit or meaning of the model with the unit of the country's data in place of ``won``."""
    return _WON.sub(currency().unit[lang], text)
