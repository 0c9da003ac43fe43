"""Names of a country's institutions in a language, and which of them are those of real ones."""

import csv
import functools

from injae.experiments.lives.words import Words
from injae.experiments.wording.spoken import speaking_of
from injae.model.country import read_country
from injae.model.parameters import data_folder


@functools.cache
def place_names(country: str, lang: str = "en") -> dict[str, list[str]]:
    """Names by kind (``university``, ``hospital``, ``firm``) in the order of rows, without firms founded in a run.

    The country's data give names as ``name`` and, in other languages, ``name_LANG``; an institution without a name of
    its own goes by its class and number, and the class is a word of the language.
    """
    with speaking_of(country):
        return _place_names(country, lang)


def _place_names(country: str, lang: str) -> dict[str, list[str]]:
    read, words = read_country(country), Words(lang)
    known = {row["name"]: row.get(f"name_{lang}") or row["name"] for row in _listed(country)}
    return {
        "university": [row.get(f"name_{lang}") or row["name"] for row in read.universities],
        "hospital": [known.get(name) or _numbered(name, words) for name in read.hospitals.names],
        "firm": [known.get(name) or _numbered(name, words) for name in read.firms.names],
    }


@functools.cache
def real_rows(country: str) -> dict[str, frozenset[int]]:
    """Rows, by kind, of institutions that exist under their name; all others are made up by the model."""
    read, known = read_country(country), {row["name"] for row in _listed(country)}
    return {
        "university": frozenset(range(len(read.universities))),
        "hospital": frozenset(row for row, name in enumerate(read.hospitals.names) if name in known),
        "firm": frozenset(row for row, name in enumerate(read.firms.names) if name in known),
    }


def _listed(country: str) -> list[dict[str, str]]:
    with (data_folder(country) / "institutions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _numbered(name: str, words: Words) -> str:
    """The name of an unnamed institution: class and number, as in ``General 161``."""
    label, _, number = name.rpartition(" ")
    class_name = f"class_{label.lower().replace('-', '_')}"
    return f"{words[class_name]} {number}" if class_name in words else name
