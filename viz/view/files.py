"""Files for download."""

import importlib.metadata
from typing import NamedTuple

import pandas as pd

from injae.experiments.wording.amounts import raw_unit
from injae.viz.view.words import BOOK, word

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}


class File(NamedTuple):
    """A file to download: name, media type and content; ``notice`` is a sentence to show with it, or None."""

    name: str
    type: str
    data: bytes
    notice: str | None = None


def csv_bytes(table: pd.DataFrame, lang: str, float_format: str | None = None) -> bytes:
    """A table as CSV in the visitor's language; in English columns, units and roles are those that programs read.

    Numbers stay in the model's own units. The mark at the start tells Excel that it is UTF-8.
    """
    if lang == "ko":
        inside = {"unit": lambda of: raw_unit(of, lang), "role": lambda role: word(f"csv.{role}", lang)}
        table = table.assign(**{name: table[name].map(said) for name, said in inside.items() if name in table})
        table = table.rename(columns={name: word(f"csv.{name}", lang) for name in table if f"csv.{name}" in BOOK.texts})
    return table.to_csv(index=False, float_format=float_format).encode("utf-8-sig")


def version() -> str:
    """Version of Injae, which every file and board says."""
    return importlib.metadata.version("injae")
