"""Bad input, said in one line."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Something a user gave cannot be used; the message is one line for that user."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """Half a sentence that names the closest valid name, or where to find them all.

    A name without its group (``retirement_age_years``) is compared with the last part of dotted names as well.
    """
    names = list(valid)
    tails = {full.rsplit(".", 1)[-1]: full for full in names}
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if not close:
        tail = difflib.get_close_matches(name.rsplit(".", 1)[-1], list(tails), n=1, cutoff=0.6)
        close = [tails[match] for match in tail]
    if close:
        return f"did you mean {close[0]!r}?"
    return f"valid are {', '.join(names)}" if len(names) <= 12 else "see `injae levers` and `injae parameters`"
