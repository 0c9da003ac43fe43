"""Bad input, said in one line."""

import datetime
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any


class InputError(ValueError):
    """Something a user gave cannot be used; the message is one line for that user."""


SHOWN_MAX = 80  # characters of a value in a message
WORD = 128  # bits of a whole number that is still written out
LISTS = {"levers": "see `injae levers`", "shocks": "see `injae levers`", "parameters": "see `injae parameters`"}


def nearest(name: str, valid: Iterable[str], elsewhere: str = "") -> str:
    """Half a sentence that names the closest valid name, or where to find them all.

    Only what is close is suggested: a slip of the pen, the last part of a dotted name without its group
    (``retirement_age_years``), some words of a longer name (``adoption``), or a word that few names have, or few of
    the meanings that ``valid`` declares (``audits``). ``elsewhere`` is said if nothing is close; by default the
    commands that list settings.
    """
    names = list(valid)
    tails = {full.rsplit(".", 1)[-1]: full for full in names}
    tail = name.rsplit(".", 1)[-1]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.9 if "." in name else 0.7)
    close = close or [tails[match] for match in difflib.get_close_matches(tail, list(tails), n=1, cutoff=0.75)]
    close = close or [full for other, full in tails.items() if _words(tail) <= _words(other)][:3]
    close = close or _with_a_word_of(name, valid)
    if close:
        return f"did you mean {' or '.join(repr(match) for match in close)}?"
    elsewhere = elsewhere or LISTS.get(name.partition(".")[0], "see `injae levers` and `injae parameters`")
    return f"valid are {', '.join(names)}" if len(names) <= 12 else elsewhere


def _with_a_word_of(name: str, valid: Iterable[str]) -> list[str]:
    """One to three valid names that share the rarest word of a name, in themselves or in their declared meaning."""
    group, _, tail = name.rpartition(".")
    within = [full for full in valid if full.startswith(f"{group.partition('.')[0]}.")] if group else list(valid)
    meanings = {full: getattr(valid[full], "meaning", "") if isinstance(valid, Mapping) else "" for full in within}
    words = {full: _words(full.rsplit(".", 1)[-1]) | _words(meaning) for full, meaning in meanings.items()}
    found = []
    for stem in (word.rstrip("s") for word in sorted(_words(tail)) if len(word) > 3):
        found.append([full for full, some in words.items() if any(word.startswith(stem) for word in some)])
    return min((some for some in found if 1 <= len(some) <= 3), key=len, default=[])


def _words(text: str) -> set[str]:
    return set(re.split(r"[\W_]+", text.lower()))


def shown(value: Any) -> str:
    """A value as a user may have written it, cut where it is long."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int) and value.bit_length() > WORD:  # Python refuses to write thousands of digits
        return f"a whole number of {round(value.bit_length() * math.log10(2))} digits"
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 3]}..."
