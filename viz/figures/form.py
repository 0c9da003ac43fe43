"""The form in which figures are written: file formats, resolution, width, and what stands around the panels.

Without a choice a figure is a PNG of 150 dots per inch and an SVG with letters as outlines, in the size that it was
drawn in, so that equal data give equal files on every machine. A paper wants its own width, fonts that can be searched
and edited, and says title and receipt elsewhere.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

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
    """

    formats: tuple[str, ...] = ()
    dpi: int = 150
    width_mm: float | None = None
    title: bool = True
    receipt: bool = True

    def settings(self, to: str) -> dict[str, Any]:
        """Settings of matplotlib for a format: letters stay letters where a format was chosen."""
        if not self.formats:
            return {}
        return {"svg.fonttype": "none"} if to == "svg" else {"pdf.fonttype": 42}


AS_DRAWN = FigureForm()
CHOSEN: ContextVar[FigureForm] = ContextVar("form of figures", default=AS_DRAWN)
