"""How all figures look, and how they are saved."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from injae.experiments.results import Results
from injae.experiments.summary import Band
from injae.experiments.uncertainty import LEAST
from injae.experiments.wording.amounts import date
from injae.experiments.wording.spoken import LANGUAGE
from injae.viz.answers.ensemble import is_few, runs_words
from injae.viz.answers.words import say
from injae.viz.figures.fit import fit, settled
from injae.viz.figures.fonts import families, tell_of_missing_letters
from injae.viz.figures.form import CHOSEN, in_its_language

POLICY, BASELINE, TARGET = "#0072B2", "#6B7280", "#B91C1C"
TEXT, SECONDARY = "#111827", "#4B5563"

STYLE: dict[Any, Any] = {
    "font.family": families(),
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


def style() -> dict[Any, Any]:
    """How figures look in the language that they are drawn in: Korean ones have all letters of one font."""
    if LANGUAGE.get() == "en":
        return STYLE
    return {**STYLE, "font.family": families()[::-1], "axes.unicode_minus": False}


UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # metadata by format
BAND_ALPHA = (0.16, 0.34)  # of the outer band and of the part of noise in it


def draw_band(panel: Axes, years: Any, found: Band, colour: str) -> None:
    """The outer band of a series, and the part of noise in it where that is another; nothing where neither is known."""
    if np.isnan(found.low).all():
        return
    panel.fill_between(years, found.low, found.high, color=colour, alpha=BAND_ALPHA[0], linewidth=0)
    if not np.isnan(found.aleatory_low).all() and not np.array_equal(found.low, found.aleatory_low):
        inside = np.maximum(found.aleatory_low, found.low), np.minimum(found.aleatory_high, found.high)
        panel.fill_between(years, *inside, where=inside[0] <= inside[1], color=colour, alpha=BAND_ALPHA[1], linewidth=0)


def band_handles(results: Results, colour: str) -> list[Patch]:
    """What a legend says of the bands; empty where there are too few runs for them."""
    if results.independent < LEAST:
        return []
    if results.draws is None:
        return [Patch(color=colour, alpha=BAND_ALPHA[0], linewidth=0, label=say("figures.style.runs_noise_alone"))]
    outer = Patch(
        color=colour, alpha=BAND_ALPHA[0], linewidth=0, label=say("figures.style.runs_parametric_uncertainty")
    )
    if results.independent == len(results.runs):
        return [outer]
    return [
        outer,
        Patch(color=colour, alpha=sum(BAND_ALPHA), linewidth=0, label=say("figures.style.noise_around_mean")),
    ]


def runs_note(results: Results) -> str:
    """What a figure says about its runs in small print."""
    note = say("figures.style.mean_of", runs=runs_words(results))
    if is_few(results):
        return say("figures.style.too_few_bands", note=note)
    if results.draws is None:
        return say("figures.style.parameters_declared_values", note=note)
    is_fitted = results.ensemble.is_calibrated
    kind = say("figures.style.fitted_facts") if is_fitted else say("figures.style.not_calibrated")
    return say("figures.style.kind", note=note, kind=kind)


def plain(text: str) -> str:
    """Text of a user, with the sign that would begin a formula taken as it is."""
    return text.replace("$", "\\$")


def date_labels() -> FuncFormatter:
    """Writes a year, with its month where the axis is short enough to show months."""
    lang = LANGUAGE.get()

    def label(year: float, _: int) -> str:
        month = round(year % 1 * 12) + 1
        if month in (1, 13):
            return f"{year:z.0f}"
        iso = f"{int(year)}-{month:02d}"
        return iso if lang == "en" else date(iso, lang).replace(" ", "\n")

    return FuncFormatter(label)


def years_of(results: Results) -> Any:
    """Months of results as years, shape (months + 1,): 2025.0 is the end of December 2024."""
    year, month = map(int, results.plan.start.split("-"))
    return year + (month - 1 + np.arange(results.plan.months + 1)) / 12


@in_its_language()
def save(figure: Figure, folder: Path, name: str = "figure", *, svg: bool = True) -> list[Path]:
    """Write a figure in the form that was chosen, else as PNG and, with ``svg``, as SVG.

    Without a date, so that equal data give equal files.
    """
    tell_of_missing_letters(figure)
    form = CHOSEN.get()
    paths = [folder / f"{name}.{to}" for to in form.formats or ("png", "svg")[: 1 + svg]]
    with mpl.rc_context(style()):
        fit(settled(figure), form, name)
        for path in paths:
            to = path.suffix[1:]
            with mpl.rc_context(form.settings(to)):
                figure.savefig(path, dpi=form.dpi, metadata=UNDATED.get(to))
            figure.set_layout_engine("none")  # everything has its place: half a second less
    return paths
