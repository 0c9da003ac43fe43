"""Labels beside marks, moved until they touch no other label, no mark, and stay within the panel."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from injae.viz.figures.style import plain

GAP = 9.0  # between a mark and its label, in dots of the screen
NEAR = 10.0  # dots up or down from which a line leads to the mark
MARK = 4.0  # half of a mark's size, in dots
RISES = tuple(sign * rise for rise in (0, 9, 18, 28, 40, 54, 70, 88, 108) for sign in (1, -1))  # over the mark, in turn
REACHES = (0, 14, 30)  # further to the side, in dots
Box = tuple[float, float, float, float]  # left, bottom, right, top, in dots


class Label(NamedTuple):
    """A text for a mark at (x, y), in the panel's data."""

    text: str
    x: float
    y: float
    colour: str


def place_labels(
    panel: Axes,
    labels: Sequence[Label],
    marks: Sequence[tuple[float, float]],
    *,
    fontsize: float = 9,
    bold: bool = True,
) -> None:
    """Write labels, in their order, each at the first free place beside its mark; a line leads to one that is far.

    Call it when all else of the figure is there, as its layout decides what touches. Without a free place a label goes
    where it covers least.

    Args:
        panel: whose limits are final.
        labels: the first has the first choice.
        marks: other places that are not to be covered, in data.
        fontsize: in points.
        bold: whether labels are bold.
    """
    figure: Any = panel.get_figure(root=True)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # lays the figure out
    renderer = canvas.get_renderer()
    dots = [panel.transData.transform(place) for place in [*marks, *((label.x, label.y) for label in labels)]]
    taken: list[Box] = [(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in dots]
    frame = panel.get_window_extent()
    points = 72 / figure.dpi
    for label in labels:
        at = panel.transData.transform((label.x, label.y))
        style: Any = {"fontsize": fontsize, "fontweight": "bold" if bold else "normal", "va": "center"}
        text = panel.annotate(
            plain(label.text), (label.x, label.y), xytext=(0, 0), textcoords="offset points", color=label.colour,
            zorder=6, **style,
        )  # fmt: skip
        size = text.get_window_extent(renderer)
        spots = [(side * (GAP + reach), rise) for reach in REACHES for rise in RISES for side in (1, -1)]
        boxes = [_box(at, spot, size.width, size.height) for spot in spots]
        covered = [_covered(box, taken, frame) for box in boxes]
        best = covered.index(min(covered))
        taken.append(boxes[best])
        aside, rise = spots[best]
        text.remove()
        offset: Any = {"xytext": (aside * points, rise * points), "textcoords": "offset points"}
        if abs(rise) > NEAR or abs(aside) > GAP:
            line: Any = {"arrowstyle": "-", "color": "#9CA3AF", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 2}
            panel.annotate("", (label.x, label.y), arrowprops=line, zorder=3, **offset)
        side = "left" if aside > 0 else "right"
        panel.annotate(plain(label.text), (label.x, label.y), ha=side, color=label.colour, zorder=6, **style, **offset)


def _box(at: Any, spot: tuple[float, float], wide: float, high: float) -> Box:
    """Where a text of a size lies, that begins (or ends) at a spot beside a place."""
    edge, middle = at[0] + spot[0], at[1] + spot[1]
    left = edge if spot[0] > 0 else edge - wide
    return left, middle - high / 2, left + wide, middle + high / 2


def _covered(box: Box, taken: Sequence[Box], frame: Any) -> float:
    """Area of a box, in square dots, that covers others or lies outside the frame of its panel."""
    inside = _shared(box, (frame.x0, frame.y0, frame.x1, frame.y1))
    outside = (box[2] - box[0]) * (box[3] - box[1]) - inside
    return round(outside + sum(_shared(box, other) for other in taken), 6)


def _shared(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
