"""The form in which figures are written: file formats, resolution, width, language, and what stands around the panels.

Without a choice a figure is a PNG of 150 dots per inch and an SVG with letters as outlines, in the size that it was
drawn in, so that equal data give equal files on every machine. A paper wants its own width, fonts that can be searched
and edited, and says title and receipt elsewhere.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from injae.experiments.wording.phrasebook import LANGUAGES
from injae.experiments.wording.spoken import LANGUAGE
from injae.model.errors import InputError

FORMATS = ("png", "svg", "pdf")
WIDTH_MM = (60.0, 600.0)


@dataclass(frozen=True)
class FigureForm:
    """How figures are written.

    Attributes:
        formats: of ``FORMATS``; none: the usual two.
        dpi: dots per inch of a PNG.
        width_mm: of the figure; None: as drawn.
        title: whether it has a title over all panels.
        receipt: whether it names the receipt of the result that it shows.
        language: of all that it says; of ``LANGUAGES``.

    Raises:
        InputError: another language.
    """

    formats: tuple[str, ...] = ()
    dpi: int = 150
    width_mm: float | None = None
    title: bool = True
    receipt: bool = True
    language: str = "en"

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            hint = f"write {' or '.join(sorted(LANGUAGES))}"
            raise InputError("unknown", "no language of figures", "language", self.language, suggestion=hint)

    def settings(self, to: str) -> dict[str, Any]:
        """Settings of matplotlib for a format: letters stay letters where a format was chosen."""
        if not self.formats:
            return {}
        return {"svg.fonttype": "none"} if to == "svg" else {"pdf.fonttype": 42}


AS_DRAWN = FigureForm()
CHOSEN: ContextVar[FigureForm] = ContextVar("form of figures", default=AS_DRAWN)


@contextlib.contextmanager
def choosing(**parts: Any) -> Iterator[None]:
    """Choose parts of the form of figures for as long as the context lasts."""
    token = CHOSEN.set(replace(CHOSEN.get(), **parts))
    try:
        yield
    finally:
        CHOSEN.reset(token)


@contextlib.contextmanager
def in_its_language() -> Iterator[None]:
    """Say in the language that was chosen for figures whatever is said while one is drawn; also a decorator."""
    token = LANGUAGE.set(CHOSEN.get().language)
    try:
        yield
    finally:
        LANGUAGE.reset(token)
