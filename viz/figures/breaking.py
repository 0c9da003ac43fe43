"""Texts broken into lines and cut: widths are in letters of English, beside which Korean ones are wide."""

import re
import textwrap
from typing import Any

WIDE = 1.65  # letters of English beside a Korean one
_HANGUL = re.compile("[가-힣]")


def letters(text: str) -> float:
    """Width of a text."""
    return len(text) + (WIDE - 1) * len(_HANGUL.findall(text))


def _room(text: str, width: int) -> int:
    """Letters of a text that a width has room for."""
    return max(int(width * len(text) / letters(text)), 1) if text else width


def fill(text: str, width: int, **options: Any) -> str:
    """A text on lines of at most about ``width``; ``options`` as of ``textwrap.fill``."""
    return textwrap.fill(text, _room(text, width), **options)


def shorten(text: str, width: int, placeholder: str = " [...]") -> str:
    """A text without the words behind ``width``."""
    return textwrap.shorten(text, max(_room(text, width), len(placeholder)), placeholder=placeholder)
