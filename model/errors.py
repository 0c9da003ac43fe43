"""Bad input, as what is known of it; the words for it are made where somebody reads them."""

import datetime
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

SHOWN_MAX = 80  # characters of a value in a message
WORD = 128  # bits of a whole number that is still written out
LISTS = {"levers": "see `injae levers`", "shocks": "see `injae levers`", "parameters": "see `injae parameters`"}


class Range(NamedTuple):
    """Numbers that are allowed, ends included, in a unit."""

    low: float
    high: float
    unit: str

    def __str__(self) -> str:
        """``0 to 1 share``, ``at least 0 persons``, ``any number of utility``."""
        if math.isinf(self.low) and math.isinf(self.high):
            return f"any number of {self.unit}"
        if math.isinf(self.high):
            return f"at least {self.low:g} {self.unit}"
        return (
            f"at most {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"
        ) + f" {self.unit}"


class InputError(ValueError):
    """Something a user gave cannot be used.

    ``str`` is one line in English for who calls Python; the command line names its own options (``viz.commands``), the
    page speaks of settings in words of either language (``viz.view.refused``). Nothing reads that line again.

    Attributes:
        code: kind of mistake: a setting's ``unknown``, ``number``, ``range``, ``date``, ``order``, ``undated``,
            ``overlap``, ``shares``; in general ``form``, ``repeated``, ``conflict``, ``occupied``, ``unreadable``,
            ``not_installed``, ``no_results``, ``unusable``.
        fault: what is wrong, as the end of a sentence.
        path: of the setting (``levers.grant_scale``), or name of the argument; empty where there is none.
        value: what was given; None where it says nothing.
        allowed: range, or least of what has an order; ends the sentence.
        suggestion: what to write instead, or what else to do.
        source: file, folder or run in which it stands; empty where there is none.
        line: of the file, from 1; 0 where it cannot be told.
    """

    def __init__(
        self,
        code: str,
        fault: str,
        path: str = "",
        value: Any = None,
        *,
        allowed: Range | str | None = None,
        suggestion: "Suggestion | str" = "",
        source: object = "",
    ) -> None:
        super().__init__(code, fault)
        self.code, self.fault, self.path, self.value = code, fault, path, value
        self.allowed, self.suggestion, self.source, self.line = allowed, suggestion, str(source), 0

    def found_in(self, source: object, line: int = 0) -> Self:
        """The same error, with the file or run in which it was found; one that is known already stays."""
        if not self.source:
            self.source, self.line = str(source), line
        return self

    def in_english(self, options: Mapping[str, str] | None = None) -> str:
        """One line, beginning with where it is; ``options`` are names of arguments on a command line."""
        option = (options or {}).get(self.path)
        place = option or self.path
        if self.value is not None:
            place += f" {self.value}" if option else f" = {shown(self.value)}"
        source = f"{self.source}:{self.line}" if self.line else self.source
        fault = self.fault if self.allowed is None else f"{self.fault} {self.allowed}"
        return ": ".join(filter(None, [source, place, "; ".join(filter(None, [fault, str(self.suggestion)]))]))

    def __str__(self) -> str:
        """In English, with the names that arguments have in Python."""
        return self.in_english()


@dataclass(frozen=True)
class Suggestion:
    """What may have been meant.

    Attributes:
        names: closest valid names, the best first; empty where none is close.
        otherwise: half a sentence for where none is.
    """

    names: tuple[str, ...]
    otherwise: str

    def __str__(self) -> str:
        """Half a sentence that names the closest valid names, or where to find them all."""
        return f"did you mean {' or '.join(map(repr, self.names))}?" if self.names else self.otherwise


def nearest(name: str, valid: Iterable[str], elsewhere: str = "") -> Suggestion:
    """The closest valid names, or where to find them all.

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
    elsewhere = elsewhere or LISTS.get(name.partition(".")[0], "see `injae levers` and `injae parameters`")
    return Suggestion(tuple(close), f"valid are {', '.join(names)}" if len(names) <= 12 else elsewhere)


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
    if isinstance(value, float):
        return f"{value:g}"
    text = repr(str(value) if isinstance(value, Path) else value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 3]}..."
