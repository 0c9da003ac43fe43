"""The figure of a heat map: a panel an outcome, in each cell its value and what the cell costs."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.findings import Finding
from viz.amounts import won
from viz.figures.style import SECONDARY, STYLE, plain

COLUMNS = 3


def figures(finding: Finding) -> dict[str, Figure]:
    """``heatmap``: means over seeds in every cell, below each the public cost over that of the lowest cell."""
    cells, question = finding.tables["cells"], finding.question
    incomplete = finding.tables.get("incomplete", cells.iloc[:0])  # not there in older findings
    names = question["outcomes"]
    with mpl.rc_context({**STYLE, "axes.grid": False}):
        rows, columns = -(-len(names) // COLUMNS), min(len(names), COLUMNS)
        figure = Figure(figsize=(1 + 5.2 * columns, 0.9 + 4.6 * rows), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)  # type: ignore[union-attr]
        panels = figure.subplots(rows, columns, squeeze=False)
        for panel, name in zip(panels.flat, names, strict=False):
            _draw(panel, cells[cells["outcome"] == name], name)
            _mark_incomplete(panel, cells[cells["outcome"] == name], incomplete)
        for panel in panels.flat[len(names) :]:
            panel.set_visible(False)
        for panel in panels[:, 0]:
            panel.set_ylabel(_axis(question["y"]))
        for column in range(columns):
            lowest = [panel for panel in panels[:, column] if panel.get_visible()][-1]
            lowest.set_xlabel(_axis(question["x"]))
        figure.suptitle(plain(_title(finding)), x=0.01, ha="left", fontsize=15, fontweight="bold")
        seeds = len(question["seeds"])
        note = f"Mean of {seeds} seeds; small: public won more than in the lowest cell."
        note += " Hatched: some or all runs of the cell are missing." if len(incomplete) else ""
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return {"heatmap": figure}


def _title(finding: Finding) -> str:
    x, y = (_axis(finding.question[axis]).split(",")[0] for axis in ("x", "y"))
    return f"{x[0].upper()}{x[1:]} and {y} in {finding.question['policy']}"


def _axis(path: str) -> str:
    """A path in words: ``wage fund won per year, 2025-01 to 2029-12``."""
    path, _, dates = path.partition("@")
    words = path.split(".")[-1].replace("_", " ")
    return f"{words}, {dates.replace('..', ' to ')}" if dates else words


def _draw(panel: Any, cells: Any, name: str) -> None:
    """One outcome: colour, figure and cost in each cell."""
    grid = cells.pivot(index="y", columns="x", values="mean")
    cost = cells.pivot(index="y", columns="x", values="extra_public_won").to_numpy(float)
    values = grid.to_numpy(float)
    low, high = np.nanmin(values, initial=np.inf), np.nanmax(values, initial=-np.inf)
    same = not low < high
    limits = {"vmin": low - 3, "vmax": low + 1} if same and np.isfinite(low) else {}  # then one light colour
    image = panel.imshow(values, origin="lower", aspect="auto", cmap="cividis", **limits)
    size = 10 if values.shape[1] <= 7 else 7.5
    for row, column in np.ndindex(*values.shape):
        style = {"ha": "center", "color": _ink(image, values[row, column])}
        text = _cell(values[row, column], cells["unit"].iloc[0])
        panel.text(column, row, text, va="bottom", fontsize=size, **style)
        panel.text(column, row - 0.08, _tick(cost[row, column]), va="top", fontsize=0.72 * size, alpha=0.85, **style)
    for axis, labels in ((panel.xaxis, grid.columns), (panel.yaxis, grid.index)):
        axis.set_ticks(range(len(labels)), [_tick(label) for label in labels])
    panel.tick_params(length=0)
    title = plain(name.replace("_", " ").replace("@", ", ")) + (": the same in every cell" if same else "")
    panel.set_title(title, loc="left", fontsize=11.5, fontweight="bold")


def _mark_incomplete(panel: Any, cells: Any, incomplete: Any) -> None:
    """Hatch the cells that lack runs."""
    places = [sorted(cells[axis].unique()) for axis in ("x", "y")]
    for cell in incomplete.itertuples():
        corner = places[0].index(cell.x) - 0.5, places[1].index(cell.y) - 0.5
        panel.add_patch(Rectangle(corner, 1, 1, fill=False, hatch="//", linewidth=0, edgecolor=SECONDARY, alpha=0.5))


def _ink(image: Any, value: float) -> str:
    """Black or white, whichever stands out from the colour of a value; a cell without a value is white."""
    if np.isnan(value):
        return "black"
    brightness = np.array(image.cmap(image.norm(value))[:3]) ** 2.2 @ [0.2126, 0.7152, 0.0722]
    return "white" if brightness < 0.18 else "black"


def _cell(value: float, unit: str) -> str:
    if np.isnan(value):
        return "none"
    if unit.startswith(("share", "chance")):
        return f"{value:.1%}"
    if unit.startswith("won"):
        return won(value).removesuffix(" won")
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _tick(value: float) -> str:
    if np.isnan(value):
        return "no run"  # only the cost of a cell without runs is not known
    return won(value).removesuffix(" won") if abs(value) >= 1e6 else f"{value:g}"
