"""Texts in Korean and English by key, from TOML files, and the particles that fit what is filled in."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from injae.experiments.wording.spoken import own_text

LANGUAGES = ("ko", "en")
_PARTICLE = re.compile(r"""['"”’)\].,]*\((은/는|이/가|을/를|과/와|으로/로)\)""")  # closing marks are not read
_DIGITS = "영일이삼사오육칠팔구"  # as they are read; 십, 백, 천 and 만 end as 영 does
_LETTERS = {"L": "엘", "R": "알", "M": "엠", "N": "엔"}  # read by their names; those of all others end in a vowel
_ENDINGS = {
    "ng": "잉",
    "me": "임",
    "ne": "인",
    "le": "일",
    "l": "일",
    "m": "임",
    "n": "인",
}  # of words in small letters
_RIEUL = 8  # number of the final consonant ㄹ in a syllable


class Phrasebook:
    """Texts of some files: tables within tables, at whose ends stands ``{ko = "...", en = "..."}``.

    Beside ``ko`` and ``en`` there may be a longer text, ``text_ko`` and ``text_en``; its key ends in ``.text``.

    Args:
        files: TOML; no key may be in two of them.
        otherwise: gives texts of keys that may be in none of them.
    """

    def __init__(self, *files: Path, otherwise: Callable[[], Mapping[str, Mapping[str, str]]] = dict) -> None:
        self.files, self.otherwise = files, otherwise

    @cached_property
    def tables(self) -> list[Mapping[str, Any]]:
        """What each file holds."""
        return [tomllib.loads(file.read_text(encoding="utf-8")) for file in self.files]

    @cached_property
    def texts(self) -> Mapping[str, Mapping[str, str]]:
        """All texts: key (``ui.reset``, ``levers.grant_scale.title``) to language to text.

        Raises:
            ValueError: a key is in two files.
        """
        found: dict[str, dict[str, str]] = {}
        for file, table in zip(self.files, self.tables, strict=True):
            for key, texts in _texts(table):
                if key in found:
                    raise ValueError(f"{file}: {key} is in another file of words too")
                found[key] = texts
        return {**self.otherwise(), **found}

    def say(self, key: str, lang: str, /, **values: Any) -> str:
        """A text with its placeholders filled in, and in Korean with the particles that fit.

        Raises:
            KeyError: no such key, or a placeholder without a value.
        """
        text = self.text(key, lang).format(**values)
        return particles(text) if lang == "ko" else text

    def text(self, key: str, lang: str) -> str:
        """A text as it stands, or what the country that is spoken of has in its place."""
        return own_text(key, self.texts[key][lang], lang)


def _texts(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    if "ko" in content or "en" in content:
        yield prefix, {lang: content[lang] for lang in LANGUAGES if lang in content}
        if "text_ko" in content:
            yield f"{prefix}.text", {lang: content[f"text_{lang}"] for lang in LANGUAGES}
        return
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _texts(value, f"{prefix}.{key}" if prefix else key)


def particles(text: str) -> str:
    """Korean text with each ``(은/는)`` and its like replaced by the one that fits the sound before."""

    def fitting(match: re.Match[str]) -> str:
        after_consonant, after_vowel = match[1].split("/")
        final = _final(match.string[: match.start()])
        none = not final or (final == _RIEUL and after_consonant == "으로")
        return match[0].removesuffix(f"({match[1]})") + (after_vowel if none else after_consonant)

    return _PARTICLE.sub(fitting, text)


def _final(text: str) -> int:
    """Number of the final consonant in the last syllable of a text as Koreans read it aloud; 0 for a vowel.

    Digits are read one by one, capitals by their names (``MRN``: 엠알엔), small letters as words (``model``: 모델).
    """
    last = text[-1:]
    if last.isascii() and last.isdigit():
        last = _DIGITS[int(last)]
    elif last.islower():
        last = _ENDINGS.get(text[-2:]) or _ENDINGS.get(last, "")
    else:
        last = _LETTERS.get(last, last)
    return (ord(last) - ord("가")) % 28 if "가" <= last <= "힣" else 0
