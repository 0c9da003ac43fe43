"""The picture of a link: the answer in a sentence, one curve with its band, what it rests on, where to find it."""

import datetime
from typing import Any

from matplotlib.figure import Figure

from injae.viz.figures.style import POLICY, SECONDARY, TEXT
from injae.viz.view.drawing import curve, plain, wrapped
from injae.viz.view.files import version
from injae.viz.view.words import word

SIZE = (1200, 630)  # pixels, what most programs show whole
SERIES_SHOWN = "employed_hospitals"
INCH = 100  # pixels
LEFT, BESIDE, BELOW = 48, 620, 180  # pixels: margin, where the curve begins, height kept below for notes
LINES_MAX = 7  # of what the answer says


def card(title: str, differs: str, content: dict[str, Any] | None, lang: str, link: str) -> Figure:
    """The picture; call it and save it inside ``drawing.style``.

    Args:
        title: of the scenario.
        differs: how it differs from the preset, in words; empty where it does not.
        content: ``payload.board`` of the finished answer, or None where it is not known.
        lang: of the words.
        link: address that opens it.
    """
    figure = Figure(figsize=(SIZE[0] / INCH, SIZE[1] / INCH), dpi=INCH)
    text = _Column(figure, SIZE[1] - 44, (BESIDE if content else SIZE[0]) - 2 * LEFT)
    larger = 1.0 if content else 1.5  # with nothing beside it
    text.add(word("ui.name", lang), 13 * larger, colour=POLICY, weight="bold", gap=4)
    text.add(title, 22 * larger, weight="bold", most=3, gap=10)
    for sentence in content["answer"][:2] if content else [word("ui.question", lang)]:
        text.add(sentence, 15 * larger, most=LINES_MAX, gap=8)
    text.add(differs, 12 * larger, colour=SECONDARY, most=4)
    if content:
        chart = next(chart for chart in content["charts"] if chart["name"] == SERIES_SHOWN)
        box = (BESIDE + 50, BELOW, SIZE[0] - BESIDE - 170, SIZE[1] - BELOW - 90)
        panel = figure.add_axes(tuple(part / SIZE[n % 2] for n, part in enumerate(box)))
        curve(panel, content, chart, size=14, wrap=40)
    notes = _Column(figure, 108 if content else 80, SIZE[0] - 2 * LEFT)
    if content:
        notes.add(content["uncertainty"]["brackets"], 10.5, colour=SECONDARY, most=2)
    notes.add(word("share.caveat", lang), 10.5, colour=SECONDARY, most=2)
    today = datetime.date.today().isoformat()
    receipt = f" · {word('ui.receipt', lang)} {content['receipt']}" if content else ""
    notes.add(f"Injae {version()}{receipt} · {today} · {link}", 9.5, colour=SECONDARY, most=2)
    return figure


def card_of(content: dict[str, Any], link: str) -> Figure:
    """The picture of a finished answer, of its ``payload.board``."""
    return card(content["title"], content["differs"], content, content["lang"], link)


class _Column:
    """A cursor that moves down a column of the picture; heights and widths in pixels."""

    def __init__(self, figure: Figure, top: float, width: float) -> None:
        self.figure, self.y, self.width = figure, top, width

    def add(
        self, text: str, size: float, *, colour: str = TEXT, weight: str = "normal", most: int = 1, gap: float = 0.0
    ) -> None:
        """At most so many lines of a text, the last one cut if there are more."""
        points = 72 / INCH
        lines = wrapped(text, self.width * points, size, weight) if text else []
        for n, line in enumerate(lines[:most]):
            cut = f"{line.rstrip('., ')} …" if n == most - 1 and len(lines) > most else line
            place = (LEFT / SIZE[0], self.y / SIZE[1])
            self.figure.text(*place, plain(cut), fontsize=size, color=colour, fontweight=weight, va="top")
            self.y -= 1.5 * size / points
        self.y -= gap if lines else 0.0
