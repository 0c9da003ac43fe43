"""The figure of a heat map: a panel an outcome, in each cell its value and what the cell costs."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from injae.experiments.analyses.heatmap import DRAWS
from injae.experiments.findings import Finding
from injae.experiments.wording.spoken import LANGUAGE
from injae.experiments.wording.titles import setting_title
from injae.viz.answers.regions import bare, money, plain_name, policy_name
from injae.viz.answers.words import say, unit_name
from injae.viz.figures.breaking import fill
from injae.viz.figures.style import SECONDARY, TARGET, plain, style

COLUMNS = 3
FITS = (8, 7)  # most rows and columns of cells with room for a third line, the interval
TITLE = 46  # letters of a panel's title on a line


def figures(finding: Finding) -> dict[str, Figure]:
    """``heatmap``: means in every cell, below each how sure, and the public cost over the lowest cell's.

    The cells of the table ``best`` are framed.
    """
    cells, question = finding.tables["cells"], finding.question
    names, best = question["outcomes"], finding.tables.get("best", cells.iloc[:0])
    incomplete = finding.tables.get("incomplete", cells.iloc[:0])  # not there in older findings
    with mpl.rc_context({**style(), "axes.grid": False}):
        rows, columns = -(-len(names) // COLUMNS), min(len(names), COLUMNS)
        figure = Figure(figsize=(1 + 6.0 * columns, 1.2 + 4.8 * rows), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)  # type: ignore[union-attr]
        panels = figure.subplots(rows, columns, squeeze=False)
        for panel, name in zip(panels.flat, names, strict=False):
            _draw(panel, cells[cells["outcome"] == name], name, less=name in question.get("less_is_better", ()))
            _mark_incomplete(panel, cells[cells["outcome"] == name], incomplete)
            _frame(panel, cells[cells["outcome"] == name], best[best["outcome"] == name])
        for panel in panels.flat[len(names) :]:
            panel.set_visible(False)
        for panel in panels[:, 0]:
            panel.set_ylabel(_axis(question["y"]))
        for column in range(columns):
            lowest = [panel for panel in panels[:, column] if panel.get_visible()][-1]
            lowest.set_xlabel(_axis(question["x"]))
        figure.suptitle(plain(_title(finding)), x=0.01, ha="left", fontsize=15, fontweight="bold")
        note = _note(finding, len(best) > 0)
        note += say("figures.heatmap.hatched_some_runs") if len(incomplete) else ""
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return {"heatmap": figure}


def _title(finding: Finding) -> str:
    x, y = (_axis(finding.question[axis].partition("@")[0]) for axis in ("x", "y"))
    policy = policy_name(finding.question["policy"])
    return say("figures.heatmap.title", x=f"{x[0].upper()}{x[1:]}", y=y, policy=policy)


def _note(finding: Finding, framed: bool) -> str:
    """What a cell holds, what ± and a frame mean; as wide as the panels."""
    cells, question = finding.tables["cells"], finding.question
    replicates, drawn = int(cells["replicates"].max()), question["replicates"] == DRAWS
    mean = (
        say("figures.heatmap.mean_of_draws", number=replicates)
        if drawn
        else say("figures.heatmap.mean_of_seeds", number=replicates)
    )
    parts = [mean]
    if _has_intervals(cells):
        of = say("figures.heatmap.range_th_th") if drawn else say("figures.heatmap.its_interval")
        shared = say("figures.heatmap.draws") if drawn else say("figures.heatmap.seeds")
        parts.append(say("figures.heatmap.half_cells_share", of=of, shared=shared))
    parts.append(say("figures.heatmap.last_line_public"))
    if framed:
        parts.append(say("figures.heatmap.frame_better_every", beyond=beyond_words(question["replicates"])))
    return fill(" ".join(parts), 78 * min(len(question["outcomes"]), COLUMNS))


def beyond_words(replicates: str) -> str:
    """By how much a best cell is better, by what differs between the runs of a cell."""
    return say("figures.heatmap.beyond_draws") if replicates == DRAWS else say("figures.heatmap.beyond_noise")


def _has_intervals(cells: Any) -> bool:
    """Whether there is room for the interval in every cell, and one to show: with one seed there is none."""
    shape = cells["y"].nunique(), cells["x"].nunique()
    return "mean_low" in cells and bool(cells["mean_low"].notna().any()) and shape[0] <= FITS[0] and shape[1] <= FITS[1]


def _axis(path: str) -> str:
    """A path in words: ``wage fund won per year, 2025-01 to 2029-12``."""
    if LANGUAGE.get() != "en":
        return setting_title(path, LANGUAGE.get())
    path, _, dates = path.partition("@")
    words = path.split(".")[-1].replace("_", " ")
    return f"{words}, {dates.replace('..', ' to ')}" if dates else words


def _draw(panel: Any, cells: Any, name: str, *, less: bool) -> None:
    """One outcome: colour, figure, half-width of its interval and cost in each cell."""
    unit = str(cells["unit"].iloc[0])
    grid = cells.pivot(index="y", columns="x", values="mean")
    cost = cells.pivot(index="y", columns="x", values="extra_public_won").to_numpy(float)
    values = grid.to_numpy(float)
    low, high = np.nanmin(values, initial=np.inf), np.nanmax(values, initial=-np.inf)
    same = not low < high
    limits = {"vmin": low - 3, "vmax": low + 1} if same and np.isfinite(low) else {}  # then one light colour
    image = panel.imshow(values, origin="lower", aspect="auto", cmap="cividis", **limits)
    size = 10 if values.shape[1] <= 7 else 7.5
    halves = _halves(cells)
    for row, column in np.ndindex(*values.shape):
        style = {"ha": "center", "color": _ink(image, values[row, column])}
        lines = [_tick(cost[row, column])]
        if halves is not None and not np.isnan(halves[row, column]):
            lines.insert(0, f"± {_half(halves[row, column], unit)}")
        panel.text(column, row + 0.05, _cell(values[row, column], unit), va="bottom", fontsize=size, **style)
        panel.text(column, row, "\n".join(lines), va="top", fontsize=0.72 * size, alpha=0.85, **style)
    for axis, labels in ((panel.xaxis, grid.columns), (panel.yaxis, grid.index)):
        axis.set_ticks(range(len(labels)), [_tick(label) for label in labels])
    panel.tick_params(length=0)
    less_words = say("figures.heatmap.less_is_better") if less else ""
    title = say("figures.heatmap.outcome", outcome=plain_name(name), unit=_unit(unit), less=less_words)
    title = fill(title, TITLE) + (say("figures.heatmap.same_every_cell") if same else "")
    panel.set_title(plain(title), loc="left", fontsize=11.5, fontweight="bold")
    if not same:
        bar = panel.get_figure(root=True).colorbar(image, ax=panel, aspect=28, pad=0.02)
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _cell(value, unit)))
        bar.ax.tick_params(length=0, labelsize=9)
        bar.outline.set_visible(False)


def _frame(panel: Any, cells: Any, best: Any) -> None:
    """Frames around the best cells: red on white, so that they show on every colour."""
    columns, rows = sorted(cells["x"].unique()), sorted(cells["y"].unique())
    for x, y in zip(best["x"], best["y"], strict=True):
        corner = columns.index(x) - 0.46, rows.index(y) - 0.46
        for colour, width in (("white", 3.6), (TARGET, 1.8)):
            panel.add_patch(Rectangle(corner, 0.92, 0.92, fill=False, edgecolor=colour, linewidth=width))


def _halves(cells: Any) -> Any:
    """Half of the interval of each cell's mean, shape ``(rows, columns)``; None where it is not shown."""
    if not _has_intervals(cells):
        return None
    halves = cells.assign(half=(cells["mean_high"] - cells["mean_low"]) / 2)
    return halves.pivot(index="y", columns="x", values="half").to_numpy(float)


def _unit(unit: str) -> str:
    """A unit as cells show it: shares are in percent."""
    if LANGUAGE.get() != "en":
        return unit_name(unit)
    head, per, rest = unit.partition(" per ")
    return f"percent{per}{rest}" if head in ("share", "probability") else unit


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


def _half(value: float, unit: str) -> str:
    """Half of an interval, to two digits; of a share in points."""
    if unit.startswith("won"):
        return bare(money(value))
    scaled = 100 * value if unit.startswith(("share", "probability")) else value
    return f"{scaled:z,.0f}" if scaled >= 10 else f"{scaled:z.2g}"


def _cell(value: float, unit: str) -> str:
    if np.isnan(value):
        return say("figures.heatmap.none")
    if unit.startswith(("share", "probability")):
        return f"{value:z.1%}"
    if unit.startswith("won"):
        return bare(money(value))
    return f"{value:z,.0f}" if abs(value) >= 100 else f"{value:z,.3g}"


def _tick(value: float) -> str:
    if np.isnan(value):
        return say("figures.heatmap.no_run")  # only the cost of a cell without runs is not known
    return bare(money(value)) if abs(value) >= 1e6 else f"{value:g}"
