"""What figures of screenings and sensitivity analyses share: bars of inputs with a noise floor, and a heat map."""

import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from injae.experiments.analyses.inputs import DUMMY
from injae.experiments.wording.spoken import LANGUAGE
from injae.experiments.wording.titles import SECTIONS, outcome_title, section_title, setting_title
from injae.viz.answers.words import say
from injae.viz.figures.breaking import fill
from injae.viz.figures.style import POLICY, SECONDARY, TARGET, TEXT, style

SHOWN = 12  # inputs in a chart of bars
HEAT_SHOWN = 24
SHORT = 34  # letters of a name beside an axis


def file_name(prefix: str, outcome: str) -> str:
    """Name of a figure's file for an outcome."""
    return f"{prefix}-{re.sub(r'[^0-9A-Za-z_-]+', '-', outcome)}"


def label_of(name: str) -> str:
    """An input beside an axis: its path in words, on two lines if long."""
    if name == DUMMY:
        return say("figures.indices.dummy")
    if LANGUAGE.get() != "en":
        return fill(_in_words(str(name), LANGUAGE.get()), SHORT)
    words = str(name).removeprefix("parameters.").replace("_", " ").replace(".", ": ", 1)
    return fill(words, SHORT)


def _in_words(name: str, lang: str) -> str:
    """A setting, or the section of those that move together."""
    section = name.rpartition(".")[2]
    return section_title(section, lang) if section in SECTIONS else setting_title(name, lang)


def in_words(outcome: str) -> str:
    """An outcome as a title."""
    if LANGUAGE.get() != "en":
        return outcome_title(str(outcome), LANGUAGE.get())
    name, _, date = str(outcome).partition("@")
    words = name.replace("_", " ")
    return f"{words[0].upper()}{words[1:]}" + (f", {date}" if date else "")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure in the house style; call within ``mpl.rc_context(style())``."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)  # type: ignore[union-attr]
    return figure


def draw_bars(
    panel: Axes,
    labels: Sequence[str],
    values: Any,
    ends: tuple[Any, Any],
    *,
    colour: str = POLICY,
    height: float = 0.62,
    shift: float = 0.0,
) -> None:
    """Horizontal bars, the first on top, with whiskers between the low and high ``ends``; all of shape (inputs,)."""
    places = np.arange(len(labels))[::-1]
    panel.barh(places + shift, values, height=height, color=colour, alpha=0.85)
    panel.hlines(places + shift, *ends, color=TEXT, linewidth=1.3)
    panel.set_yticks(places, list(labels), color=TEXT)
    panel.set_ylim(-0.7, len(labels) - 0.3)
    panel.tick_params(axis="y", length=0)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:z,.10g}"))


def draw_floor(panel: Axes, floor: float, high: float = np.nan, text: str = "") -> None:
    """A vertical line at what noise alone does, named above the panel, and a band up to the end of its interval."""
    if high > floor:
        panel.axvspan(floor, high, color=TARGET, alpha=0.10, linewidth=0)
    panel.axvline(floor, color=TARGET, linewidth=1.4, linestyle=(0, (5, 2)))
    panel.annotate(
        text or say("figures.indices.noise_floor"),
        (floor, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center" if floor > 0.1 * panel.get_xlim()[1] else "left",
        color=TARGET,
        fontsize=9.5,
    )


def heat_map(table: pd.DataFrame, value: str, title: str, meaning: str, note: str, last: Sequence[str] = ()) -> Figure:
    """Inputs by outcomes, one cell an index.

    Args:
        table: columns outcome, input and ``value``; inputs in order of first appearance count for ties only.
        value: column shown.
        title: above the map.
        meaning: of the colour, beside its bar.
        note: below the map.
        last: inputs that come last whatever their values, and are always shown.
    """
    cells: Any = table.pivot(index="input", columns="outcome", values=value)[list(dict.fromkeys(table["outcome"]))]
    below = [name for name in last if name in cells.index]
    largest = cells.drop(index=below).max(axis=1).sort_values(ascending=False, kind="stable")
    cells = cells.loc[[*largest.index[: HEAT_SHOWN - len(below)], *below]]
    rows, columns = cells.shape
    with mpl.rc_context(style()):
        figure = new_figure(6.0 + 1.25 * columns, 2.6 + 0.42 * rows)
        panel = figure.subplots()
        values = cells.to_numpy(float)
        top = max(1.0, float(np.nanmax(values, initial=0.0)))  # an estimate may lie above 1
        image = panel.imshow(values.clip(0), cmap="Blues", vmin=0, vmax=top, aspect="auto")
        panel.set_xticks(range(columns), [fill(in_words(name), 16) for name in cells.columns], fontsize=9.5)
        panel.xaxis.tick_top()
        panel.set_yticks(range(rows), [label_of(name).replace("\n", " ") for name in cells.index])
        panel.tick_params(length=0)
        panel.grid(visible=False)
        panel.spines[:].set_visible(False)
        for row in range(rows):
            for column in range(columns):
                number = cells.iat[row, column]
                ink = "white" if number > 0.6 * top else TEXT
                text = "-" if np.isnan(number) else f"{number:z.2f}"
                panel.text(column, row, text, ha="center", va="center", fontsize=9.5, color=ink)
        figure.colorbar(image, ax=panel, label=meaning, shrink=0.6, aspect=18)
        figure.suptitle(title, x=0.01, ha="left", fontsize=14.5, fontweight="bold")
        lines = fill(note, int(13 * figure.get_figwidth()))  # the receipt comes behind the last one
        figure.supxlabel(lines, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return figure
