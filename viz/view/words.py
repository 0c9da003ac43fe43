"""Every text of the view in Korean and English: general ones here, those of one screen in its folder, terms of all."""

from functools import cache
from pathlib import Path

from injae.experiments.wording.phrasebook import Phrasebook
from injae.experiments.wording.titles import TERMS, as_declared, parameter
from injae.model.levers import LEVERS
from injae.model.parameters import declared_parameters
from injae.model.scenario import DEFAULT

FILES = (
    "words.toml",
    "page.toml",
    "inside/inside.toml",
    "lessons/lessons.toml",
    "compare/compare.toml",
    "results/results.toml",
    "lab/lab.toml",
)
HERE = Path(__file__).parent
BOOK = Phrasebook(*TERMS.files, *(HERE / file for file in FILES), otherwise=as_declared)
word = BOOK.say


def group_of(path: str) -> str:
    """Name of the group of a lever or shock on the page: its word is ``group.NAME``."""
    return _groups()[path]


@cache
def _groups() -> dict[str, str]:
    (terms,) = TERMS.tables
    own = {f"{group}.{name}": terms[group][name]["group"] for group in ("levers", "shocks") for name in terms[group]}
    return dict.fromkeys((f"levers.{name}" for name in LEVERS), "rules") | own  # levers of an extension


def title_of(path: str, lang: str, country: str = DEFAULT) -> str:
    """A lever, shock or parameter in words; empty for what is none."""
    if path.startswith("parameters."):
        path = path.removeprefix("parameters.")
        return parameter(path, lang, country) if path in declared_parameters(country) else ""
    return word(f"{path}.title", lang) if path in _groups() else ""
