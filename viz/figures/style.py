"""How all figures look, and how they are saved."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from experiments.runs import Results

POLICY, BASELINE, TARGET = "#0072B2", "#6B7280", "#B91C1C"
TEXT, SECONDARY = "#111827", "#4B5563"

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": TEXT,
    "axes.edgecolor": "#9CA3AF",
    "axes.labelcolor": SECONDARY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#E5E7EB",
    "xtick.color": SECONDARY,
    "ytick.color": SECONDARY,
    "svg.hashsalt": "injae",
    "svg.fonttype": "path",
}


def plain(text: str) -> str:
    """Text of a user, with the sign that would begin a formula taken as it is."""
    return text.replace("$", "\\$")


def date_label(year: float, _: int) -> str:
    """A year, with its month where the axis is short enough to show months."""
    month = round(year % 1 * 12) + 1
    return f"{year:.0f}" if month in (1, 13) else f"{int(year)}-{month:02d}"


def years_of(results: Results) -> Any:
    """Months of results as years, shape (months + 1,): 2025.0 is the end of December 2024."""
    year, month = map(int, results.plan.start.split("-"))
    return year + (month - 1 + np.arange(results.plan.months + 1)) / 12


def save(figure: Figure, folder: Path, name: str = "figure", *, svg: bool = True) -> list[Path]:
    """Write a figure as PNG (150 dots per inch) and SVG, without a date, so that equal data give equal files."""
    paths = [folder / f"{name}.png", folder / f"{name}.svg"][: 1 + svg]
    with mpl.rc_context(STYLE):
        figure.savefig(paths[0], dpi=150)
        if svg:
            figure.set_layout_engine("none")  # everything has its place: half a second less
            figure.savefig(paths[1], metadata={"Date": None})
    return paths
