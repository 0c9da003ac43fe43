"""What is said of an error: one line of at most 300 characters, on a terminal as on the page."""

import re

LONGEST = 300  # characters of a line
LONGEST_WORD = 100  # of a name or value in it: both ends tell more than the whole
_GAP = " ... "


def one_line(text: str, most: int = LONGEST) -> str:
    """A text as one line of at most ``most`` characters.

    Blanks become one, other signs that a terminal would obey become escapes, and what is too long loses its middle:
    first single words, then the line, since a message begins with the field and ends with the remedy.
    """
    blanks = " ".join(text.split())
    plain = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in blanks)
    if len(plain) <= most:
        return plain
    shorter = re.sub(rf"\S{{{LONGEST_WORD + 1},}}", lambda word: _without_middle(word[0], LONGEST_WORD), plain)
    return _without_middle(shorter, most)


def _without_middle(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    begin, end = (most - len(_GAP) + 1) // 2, (most - len(_GAP)) // 2
    return text[:begin].rstrip() + _GAP + text[-end:].lstrip()
