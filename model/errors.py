"""Bad input, said in one line."""

import datetime
import difflib
import re
from collections.abc import Iterable
from typing import Any


class InputError(ValueError):
    """Something a user gave cannot be used; the message is one line for that user."""


def nearest(name: str, valid: Iterable[str], elsewhere: str = "see `injae levers` and `injae parameters`") -> str:
    """Half a sentence that names the closest valid name, or where to find them all.

    Only what is close is suggested: a slip of the pen, the last part of a dotted name without its group
    (``retirement_age_years``), or some words of a longer name (``adoption``).
    """
    names = list(valid)
    tails = {full.rsplit(".", 1)[-1]: full for full in names}
    tail = name.rsplit(".", 1)[-1]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.9 if "." in name else 0.7)
    close = close or [tails[match] for match in difflib.get_close_matches(tail, list(tails), n=1, cutoff=0.75)]
    close = close or [full for other, full in tails.items() if _words(tail) <= _words(other)][:3]
    if close:
        return f"did you mean {' or '.join(repr(match) for match in close)}?"
    return f"valid are {', '.join(names)}" if len(names) <= 12 else elsewhere


def _words(name: str) -> set[str]:
    return set(re.split("[_-]", name.lower()))


def shown(value: Any) -> str:
    """A value as a user may have written it."""
    return value.isoformat() if isinstance(value, datetime.date) else repr(value)
