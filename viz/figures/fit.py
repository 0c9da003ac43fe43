"""A figure in the form that was chosen for it: in a width in which its letters stay legible."""

import re
import warnings

import click
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text

from injae.experiments.wording.spoken import LANGUAGE
from injae.viz.figures.breaking import fill
from injae.viz.figures.form import FigureForm

SMALLEST = 0.62  # text is not made smaller than this part of what it was drawn with: 9 points become 5.6
TALLER = 8  # steps of a quarter: long notes of a narrow figure need height
LEAST, LEAST_OF_PANELS = 0.34, 0.55  # of the width that a figure was drawn in, with panels side by side or none
CHARACTER, BOLD = 0.53, 0.64  # width of a letter, in its size, on average; bold Korean ones are no wider than others
TALL = 1.4  # times the height that a figure in English takes in a narrow form
SPACED = 1.5  # line spacing of Korean, whose letters fill their height
MM = 25.4  # of an inch
RECEIPT = re.compile(r"\s*(?:\b[Rr]eceipt|재현\s번호)\s[0-9a-f]{10}\.?")


def fit(figure: Figure, form: FigureForm, name: str) -> None:
    """Take away what is not wanted, and lay the figure out anew in its width."""
    if not form.title and figure.get_suptitle():
        figure.suptitle("")
    if not form.receipt:
        for text in figure.findobj(Text):
            if RECEIPT.search(text.get_text()):
                text.set_text(RECEIPT.sub("", text.get_text()))
    if form.width_mm is None:
        return
    width, height = figure.get_size_inches()
    least = width * (LEAST if _columns(figure) == 1 else LEAST_OF_PANELS)
    inches = form.width_mm / MM
    if inches < least:
        inches = least
        click.echo(f"note: figure {name} takes {least * MM:.0f} mm, or its letters have no room", err=True)
    scale = inches / width
    legible = max(scale, SMALLEST)
    room = TALL if LANGUAGE.get() == "ko" else 1.0
    figure.set_size_inches(inches, room * height * (scale + legible) / 2)
    _resize(figure, legible)
    for _ in range(TALLER):
        if _has_room(figure):
            return
        figure.set_size_inches(inches, figure.get_size_inches()[1] * 1.25)


def settled(figure: Figure) -> Figure:
    """A figure in Korean with room between its lines, and title and note broken anew where they are too wide."""
    if LANGUAGE.get() == "ko":
        for text in figure.findobj(Text):
            if not isinstance(text, Annotation):  # which have the spacing that their place allows
                text.set_linespacing(SPACED)
        _break_anew(figure)
    return figure


def _has_room(figure: Figure) -> bool:
    """Whether letters leave room for the panels."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        try:
            figure.draw_without_rendering()
        except UserWarning:
            return False
    return True


def _resize(figure: Figure, by: float) -> None:
    """Letters, lines and marks larger by a factor; title and note broken anew for the width."""
    for text in figure.findobj(Text):
        text.set_fontsize(text.get_fontsize() * by)
        if isinstance(text, Annotation) and text.anncoords == "offset points":
            text.xyann = tuple(part * by for part in text.xyann)
    for line in figure.findobj(Line2D):
        line.set_linewidth(line.get_linewidth() * by)
        line.set_markersize(line.get_markersize() * by)
    for panel in figure.axes:
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_tick_params(pad=axis.get_tick_params().get("pad", 3.5) * by)
    for marks in figure.findobj(Collection):
        marks.set_linewidth([width * by for width in marks.get_linewidth()])
        if hasattr(marks, "get_sizes"):
            marks.set_sizes([size * by**2 for size in marks.get_sizes()])
    _break_anew(figure, panels=True)


def _break_anew(figure: Figure, *, panels: bool = False) -> None:
    """Lines of title and note, and of the titles of panels, as long as the width allows."""
    inches, bold = figure.get_size_inches()[0], CHARACTER if LANGUAGE.get() == "ko" else BOLD
    for text, share, letter in (
        (getattr(figure, "_suptitle", None), 1.0, bold),
        (getattr(figure, "_supxlabel", None), 1.0, CHARACTER),
        *((getattr(panel, "_left_title", None), 0.7 / _columns(figure), BOLD) for panel in figure.axes if panels),
    ):
        if text is not None and text.get_text():
            letters = max(int(inches * share * 72 / (text.get_fontsize() * letter)), 10)
            parts = _paragraphs(text.get_text()) if share == 1 else text.get_text().split("\n")
            text.set_text("\n".join(fill(part, letters) for part in parts))


def _columns(figure: Figure) -> int:
    """Panels side by side."""
    specs = [panel.get_subplotspec() for panel in figure.axes]
    return max((spec.get_gridspec().ncols for spec in specs if spec is not None), default=1)


def _paragraphs(text: str) -> list[str]:
    """Lines that were broken for another width in one; a line that ends a sentence stays one."""
    return re.sub(r"(?<![.:])\n", " ", text).split("\n")
