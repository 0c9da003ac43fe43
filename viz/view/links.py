"""Links as mail and chat programs hand them on: their parts, mended where nothing else can be meant.

Those programs write ``&amp;``, encode once more, change the case of keys, break lines, and take what surrounds a link
for a part of it.
"""

import re
from collections import Counter
from functools import cache
from urllib.parse import parse_qsl, unquote

from injae.model.errors import InputError
from injae.model.levers import LEVERS, SHOCKS
from injae.model.numbers import whole_of
from injae.model.parameters import declared_parameters
from injae.model.renamed import current, with_current_names
from injae.model.scenario import DEFAULT

WORDS = ("name", "dir", "policy")  # keys whose values are a user's own words, kept as they are
_AND = re.compile(r"&(?:amp;|#38;|#x26;)+", re.IGNORECASE)
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_AROUND = " \t\r\n)]}>.,;:!?'\"”’»」』）。，"
_ENCODINGS = 3  # at most so many, one over the other


def pairs_of(link: str | None) -> list[tuple[str, str]]:
    """Keys and values of a link's query, in its order; keys of settings with their group (``levers.grant_scale``)."""
    query = _AND.sub("&", (link or "").strip().lstrip("?"))
    query = query if "=" in query else _decoded(query).lstrip("?")
    pairs = [(_key(key), value) for key, value in parse_qsl(query, keep_blank_values=True)]
    pairs = [(key, value if key in WORDS else current(_decoded(value).strip())) for key, value in pairs]
    if pairs and pairs[-1][0] not in WORDS:
        pairs[-1] = (pairs[-1][0], pairs[-1][1].rstrip(_AROUND))
    return pairs


def whole_in(text: str | None, least: int, most: int) -> int | None:
    """A whole number of a link from ``least`` to ``most``; None for anything else."""
    try:
        value = whole_of(text or "", "")
    except InputError:
        return None
    return value if least <= value <= most else None


def setting_names() -> tuple[str, ...]:
    """Last parts of the paths of all settings, each of which only one path has."""
    return tuple(_paths())


def _key(key: str) -> str:
    key = "".join(_decoded(key).split()).lower().lstrip(_AROUND)
    name, at, dates = current(with_current_names(key)).partition("@")
    return f"{_paths().get(name, name)}{at}{dates}"


@cache
def _paths() -> dict[str, str]:
    """Path of each setting by its last part, where only one has it, and of parameters by group and name."""
    parameters = declared_parameters(DEFAULT)
    paths = [*(f"levers.{name}" for name in LEVERS), *(f"shocks.{name}" for name in SHOCKS)]
    paths += [f"parameters.{name}" for name in parameters]
    counts = Counter(path.rpartition(".")[2] for path in paths)
    by_name = {path.rpartition(".")[2]: path for path in paths if counts[path.rpartition(".")[2]] == 1}
    return by_name | {name: f"parameters.{name}" for name in parameters}


def _decoded(text: str) -> str:
    for _ in range(_ENCODINGS):
        if not _ENCODED.search(text):
            break
        text = unquote(text)
    return text
