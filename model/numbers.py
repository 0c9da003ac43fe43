"""Numbers as people write them: one reading for options, files, tables, links and lessons.

A number is digits with a decimal point and perhaps an exponent; commas group thousands (``1,000``) and underscores
digits (``1_000``), as in TOML. Everything else (a decimal comma, percent, nan, infinity, hexadecimal digits, those of
other scripts, units) is refused, never read as another number than its writer meant.
"""

import math
import re
import unicodedata
from typing import Any

from injae.model.errors import InputError, shown

LONGEST = 64  # characters of a number; more is none that the model could hold
WHOLE_MAX = 2**53  # beyond it a float no longer holds every whole number
_MANTISSA = r"(?:[0-9]+(?:_[0-9]+)*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)"
_NUMBER = re.compile(rf"[+-]?(?:{_MANTISSA}(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)


def number_of(text: str, path: str = "", hint: str = "", within: Any = None) -> float:
    """A finite number as written.

    Args:
        text: to read.
        path: of the setting or argument that it belongs to.
        hint: what to write instead.
        within: the whole text that it is a part of, where it is one.

    Raises:
        InputError: it is none, or may mean another.
    """
    if why := why_no_number(text):
        raise _no_number(text, why, path, hint, within)
    return _value(text)


def whole_of(text: str, path: str = "") -> int:
    """A whole number as written (``12``, ``1,000``, ``1e3``).

    Raises:
        InputError: it is none, or too large.
    """
    value = number_of(text, path)
    if not value.is_integer():
        raise _no_number(text, "is no whole number", path)
    if abs(value) > WHOLE_MAX:
        raise _no_number(text, "is too large", path)
    return int(value)


def _no_number(text: str, why: str, path: str, hint: str = "", within: Any = None) -> InputError:
    if within is None:
        return InputError("number", why, path, text.strip(), suggestion=hint)
    return InputError("number", f"{shown(text.strip())} {why}", path, within, suggestion=hint)


def why_no_number(text: str) -> str:
    """Why a text cannot be read as a number, as the end of a sentence with the right spelling; empty where it can."""
    text = text.strip()
    if len(text) > LONGEST:
        return f"has {len(text)} characters, which is no number"
    if _is_number(text):
        return "" if math.isfinite(_value(text)) else "is too large"
    plain = unicodedata.normalize("NFKC", text)
    if text.endswith("%") and _is_number(text[:-1].strip()):
        return f"is in percent; write {percent(_value(text[:-1]))}"
    if plain != text and _is_number(plain):
        return f"is not in plain digits; write {plain}"
    if "," in text:
        head, _, tail = text.rpartition(",")
        meant = f"{head.replace('.', '')}.{tail}" if text.count(",") == 1 else text.replace(",", "")
        if _is_number(meant):
            return f"has a comma that groups no thousands; write {meant}"
    return "is no number"


def finite(value: Any) -> float:
    """What a file holds as a float; nan for what is no finite number, or too large to be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value) + 0.0 if math.isfinite(value) else math.nan  # no negative zero
    except OverflowError:
        return math.nan


def spelling(value: Any) -> str:
    """What is wrong with a text in the place of a number, for a message; empty where nothing else is."""
    why = why_no_number(value) if isinstance(value, str) else ""
    return f"it {why}" if "; write " in why else ""


def as_share(number: float, unit: str) -> str:
    """How to write what looks like percent of a share, for a message; empty for other units and numbers."""
    looks = unit.startswith(("share", "probability")) and 1 < number <= 100
    return f"for {number:g} percent write {percent(number)}" if looks else ""


def percent(number: float) -> str:
    """A number of percent as a share, as one writes it."""
    return f"{number / 100:.10g}"


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(_minus(text)) is not None


def _value(text: str) -> float:
    return float(_minus(text).replace(",", "")) + 0.0  # no negative zero


def _minus(text: str) -> str:
    return text.strip().replace("\N{MINUS SIGN}", "-")
