"""The figure of the results browser for files: heat map and fan chart of a ``results.board_of``, stamped."""

import io
import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from injae.viz.figures.style import BASELINE, POLICY, SECONDARY, TEXT
from injae.viz.view.drawing import drawable, plain, style
from injae.viz.view.results.sweeps import board_of
from injae.viz.view.results.wish import Wish
from injae.viz.view.words import word

BLUES = LinearSegmentedColormap.from_list("blues", ["#F0F6FA", "#56B4E9", "#0072B2", "#00304F"])
GHOST = "#56B4E9"
TEXT_CELLS = 12  # cells across up to which each has its number


def figure_of(wish: Wish, kind: str) -> tuple[bytes, bool]:
    """The figure as ``png`` or ``svg``, and whether it is in the visitor's language; else no font for it was found.

    The same wish gives the same bytes.
    """
    lang = drawable(wish.lang)
    board = board_of(Wish(**{**wish.__dict__, "lang": lang}))
    source = f"{board['stamp']} {board['command']}".strip()
    metadata: dict[str, Any] = {"Title": board["name"], "Description": source}
    metadata |= {"Software": None} if kind == "png" else {"Date": None}
    file = io.BytesIO()
    with style(lang):
        figure = _figure(board, lang)
        figure.savefig(file, format=kind, dpi=150, metadata=metadata)
    return file.getvalue(), lang == wish.lang


def _figure(board: dict[str, Any], lang: str) -> Figure:
    figure = Figure(figsize=(13.6, 6.4), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)  # type: ignore[union-attr]
    left, right = figure.subplots(1, 2)
    _heat(left, board)
    _fan(right, board, lang)
    figure.suptitle(
        plain(f"{board['name']}: {board['policy_title']}"), x=0.01, ha="left", fontsize=15, fontweight="bold"
    )
    note = textwrap.fill(plain(board["stamp"]), 90 if lang == "ko" else 150)
    figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
    return figure


def _heat(panel: Axes, board: dict[str, Any]) -> None:
    """Means by two settings; the chosen cell is framed."""
    heat = board["heat"]
    titles = {one["name"]: one["title"] for one in board["settings"]}
    outcome = next(one["title"] for one in board["outcomes"] if one["name"] == board["outcome"])
    panel.set_title(plain(textwrap.fill(outcome, 56)), loc="left", fontsize=12.5, fontweight="bold")
    panel.grid(visible=False)
    if heat is None:
        panel.set_axis_off()
        return
    values = np.array([[np.nan if cell is None else cell for cell in row] for row in heat["cells"]], float)
    image = panel.imshow(values, origin="lower", aspect="auto", cmap=BLUES)
    panel.figure.colorbar(image, ax=panel, shrink=0.9)
    panel.set_xticks(range(len(heat["x"])), heat["x"], rotation=30, ha="right")
    panel.set_yticks(range(len(heat["y"])), heat["y"])
    panel.set_xlabel(plain(titles[board["x"]]))
    panel.set_ylabel(plain(titles[board["y"]]))
    dark = heat["low"] + 0.5 * (heat["high"] - heat["low"])
    for y, x in np.argwhere(~np.isnan(values)) if len(heat["x"]) <= TEXT_CELLS else ():
        colour = "white" if values[y, x] > dark else TEXT
        panel.text(x, y, plain(heat["text"][y][x]), ha="center", va="center", fontsize=9, color=colour)
    if board["cell"]:
        x, y = board["cell"]
        panel.plot([x - 0.5, x + 0.5, x + 0.5, x - 0.5, x - 0.5], [y - 0.5, y - 0.5, y + 0.5, y + 0.5, y - 0.5],
                   color=TEXT, linewidth=2.5, clip_on=False)  # fmt: skip


def _fan(panel: Axes, board: dict[str, Any], lang: str) -> None:
    """Mean, half and 90 percent of the chosen runs; dashed the baseline, thin the mean of all."""
    fan = board["fan"]
    if fan is None:
        panel.set_axis_off()
        return
    year, month = map(int, fan["dates"][0].split("-"))
    years = year + (month + np.arange(len(fan["dates"]))) / 12
    panel.set_title(plain(f"{fan['title']} ({fan['unit']})"), loc="left", fontsize=12.5, fontweight="bold")
    panel.fill_between(years, fan["low"], fan["high"], color=POLICY, alpha=0.15, linewidth=0, label="90%")
    panel.fill_between(years, fan["low50"], fan["high50"], color=POLICY, alpha=0.2, linewidth=0, label="50%")
    chosen = word("results.chosen" if board["cell"] else "results.all_chosen", lang, count=fan["count"])
    panel.plot(years, fan["mean"], color=POLICY, linewidth=2.2, label=chosen)
    if board["cell"]:
        panel.plot(years, fan["all"], color=GHOST, linewidth=1.4, label=word("results.filtered", lang))
    if fan["baseline"]:
        panel.plot(years, fan["baseline"], color=BASELINE, linestyle=(0, (5, 2)), label=plain(fan["baseline_title"]))
    panel.set_xlim(years[0], years[-1])
    panel.set_ylim(bottom=min(0, *fan["low"]))
    panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    panel.xaxis.set_major_formatter("{x:z.0f}")
    panel.legend(frameon=False, loc="lower right")
