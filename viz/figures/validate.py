"""One page: each fact's band and what the runs give, on a scale of the band, facts of the fit above those kept out."""

import math

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from injae.experiments.validation import USES, Held, Validation
from injae.viz.answers.regions import policy_name
from injae.viz.answers.validate import band_words, counts_line, fact_name, runs_words, use_words
from injae.viz.answers.words import say
from injae.viz.figures.form import in_its_language
from injae.viz.figures.style import POLICY, SECONDARY, TARGET, TEXT, plain, style

EDGE = 2.6  # half-widths of a band to either side that are drawn; what lies beyond ends in an arrow


@in_its_language()
def validation_figure(validation: Validation) -> Figure:
    """A row a fact: the grey band is what is known, the line what 90 percent of the runs give."""
    rows = [(use, one) for use in USES for one in validation.held if one.band.use == use and _is_bounded(one)]
    with mpl.rc_context({**style(), "axes.grid": False}):
        figure = Figure(figsize=(13, 1.9 + 0.32 * (len(rows) + 3)))
        axes = figure.add_axes((0.42, 0.05, 0.26, 0.87))
        y = 0.0
        last = ""
        for use, one in rows:
            if use != last:
                y += 1.3
                met, facts = validation.counts(use)
                words = say("figures.validate.met_of", use=use_words(use).capitalize(), met=met, facts=facts)
                _label(axes, y, words, fontsize=10.5, fontweight="bold")
                y += 1
                last = use
            _row(axes, y, one)
            y += 1
        axes.set_xlim(-EDGE, EDGE)
        axes.set_ylim(y, 0.4)
        axes.set_xticks(
            [-1, 0, 1], [say("figures.validate.low"), say("figures.validate.middle"), say("figures.validate.high")]
        )
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(say("figures.validate.place_band_what"), fontsize=9)
        figure.text(
            0.01,
            0.985,
            say("figures.validate.model_against_what"),
            fontsize=15,
            fontweight="bold",
            va="top",
            color=TEXT,
        )
        figure.text(
            0.01,
            0.985 - 0.34 / figure.get_figheight(),
            counts_line(validation),
            fontsize=10.5,
            va="top",
            color=SECONDARY,
        )
    return figure


def _is_bounded(one: Held) -> bool:
    return math.isfinite(one.band.low) and math.isfinite(one.band.high) and not math.isnan(one.median)


def _row(axes: mpl.axes.Axes, y: float, one: Held) -> None:
    middle, half = (one.band.low + one.band.high) / 2, (one.band.high - one.band.low) / 2
    low, median, high, value = ((x - middle) / half for x in (one.low, one.median, one.high, one.band.value))
    colour = POLICY if one.is_met else TARGET
    axes.barh(y, 2, left=-1, height=0.62, color="#E5E7EB")
    axes.plot([value, value], [y - 0.31, y + 0.31], color="#9CA3AF", linewidth=1.2)
    a, b = np.clip((low, high), -EDGE, EDGE)
    axes.plot([a, b], [y, y], color=colour, linewidth=2.4, solid_capstyle="butt")
    if abs(median) <= EDGE:
        axes.plot(median, y, "o", color=colour, markersize=5.5)
    for end, sign in ((low, -1), (high, 1)):
        if sign * end > EDGE:
            axes.plot(sign * EDGE, y, ">" if sign > 0 else "<", color=colour, markersize=6, clip_on=False)
    case = policy_name(one.band.case)
    name = say("figures.validate.fact", what=fact_name(one), code=one.band.code, case=case)
    _label(axes, y, plain(name), fontsize=8.5)
    words = say("figures.validate.runs_known", runs=runs_words(one), known=band_words(one))
    axes.text(
        1.03,
        y,
        words,
        transform=axes.get_yaxis_transform(),
        ha="left",
        va="center",
        fontsize=8,
        color=TEXT if one.is_met else TARGET,
    )


def _label(axes: mpl.axes.Axes, y: float, words: str, **style: object) -> None:
    """Text left of a row."""
    axes.text(-0.02, y, words, transform=axes.get_yaxis_transform(), ha="right", va="center", color=TEXT, **style)
