"""Every text of the view in Korean and English: general ones here, those of one screen in its folder."""

import re
from functools import cache
from pathlib import Path

from injae.experiments.wording.phrasebook import LANGUAGES, Phrasebook
from injae.model.levers import LEVERS
from injae.model.parameters import declared_parameters
from injae.model.scenario import DEFAULT

FILES = (
    "words.toml",
    "terms.toml",
    "page.toml",
    "inside/inside.toml",
    "lessons/lessons.toml",
    "compare/compare.toml",
    "results/results.toml",
    "lab/lab.toml",
)
HERE = Path(__file__).parent


def _as_declared() -> dict[str, dict[str, str]]:
    """Words of levers as they are declared, which is all that there is for those of an extension."""
    texts = {f"levers.{name}.title": name.replace("_", " ") for name in LEVERS}
    texts |= {f"levers.{name}.text": f"{lever.meaning}." for name, lever in LEVERS.items()}
    return {key: dict.fromkeys(LANGUAGES, re.sub(r"[{}]", "", text)) for key, text in texts.items()}


BOOK = Phrasebook(*(HERE / file for file in FILES), otherwise=_as_declared)
PARAMETERS = Phrasebook(HERE / "parameters.toml")  # English only where it is not the declared meaning
word = BOOK.say
_RULES = re.compile(r" \([A-Z]\d+[a-z]?(, [A-Z]\d+[a-z]?)*\)")  # rule ids of the model description


def group_of(path: str) -> str:
    """Name of the group of a lever or shock on the page: its word is ``group.NAME``."""
    return _groups()[path]


@cache
def _groups() -> dict[str, str]:
    terms = next(table for table in BOOK.tables if "levers" in table)
    own = {f"{group}.{name}": terms[group][name]["group"] for group in ("levers", "shocks") for name in terms[group]}
    return dict.fromkeys((f"levers.{name}" for name in LEVERS), "rules") | own  # levers of an extension


def title_of(path: str, lang: str, country: str = DEFAULT) -> str:
    """A lever, shock or parameter in words; empty for what is none."""
    if path.startswith("parameters."):
        path = path.removeprefix("parameters.")
        return parameter(path, lang, country) if path in declared_parameters(country) else ""
    return word(f"{path}.title", lang) if path in _groups() else ""


def parameter(path: str, lang: str, country: str = DEFAULT) -> str:
    """An uncertain parameter in words; in Korean its path where the table has none (another country's own)."""
    texts = PARAMETERS.texts.get(path, {})
    if lang == "ko":
        return texts.get("ko", path)
    return texts.get("en", _RULES.sub("", declared_parameters(country)[path].meaning))
