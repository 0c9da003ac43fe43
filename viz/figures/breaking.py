"""Texts broken into lines and cut: widths are in letters of English, beside which Korean ones are wide."""

import re
import textwrap

WIDE = 1.75  # letters of English beside a Korean one
HANGUL = re.compile("[가-힣]")


def letters(text: str) -> float:
    """Width of a text."""
    return len(text) + (WIDE - 1) * len(HANGUL.findall(text))


def fill(text: str, width: int, *, break_on_hyphens: bool = True) -> str:
    """A text on lines of at most about ``width``; in Korean they end between words alone."""
    if not HANGUL.search(text):
        return textwrap.fill(text, width, break_on_hyphens=break_on_hyphens)
    lines = [""]
    for word in re.split(r"[ \n]+", text):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and letters(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def shorten(text: str, width: int, placeholder: str = " [...]") -> str:
    """A text without the words behind ``width``."""
    room = int(width * len(text) / letters(text)) if text else width
    return textwrap.shorten(text, max(room, len(placeholder)), placeholder=placeholder)
