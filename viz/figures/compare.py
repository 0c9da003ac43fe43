"""The figure of a comparison: what differs over time, and what binds in each scenario."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from injae.experiments.compare import Comparison
from injae.experiments.manifest import receipt_of
from injae.experiments.results import Results
from injae.experiments.summary import Interval, band
from injae.viz.answers.regions import policy_name
from injae.viz.answers.words import month_words, plan_title, say, term
from injae.viz.figures.breaking import fill, shorten
from injae.viz.figures.fit import settled
from injae.viz.figures.form import in_its_language
from injae.viz.figures.run import HELD_BACK, constraint_name
from injae.viz.figures.style import (
    BASELINE,
    SECONDARY,
    TEXT,
    band_handles,
    date_labels,
    draw_band,
    plain,
    runs_note,
    save,
    style,
    years_of,
)

SHOWN = 8  # scenarios; more would not be legible
ABREAST = 4  # of them beside each other
BANDS = 3  # differences whose bands can be told apart
COLOURS = (  # of the scenarios after the reference (Okabe-Ito, then two darker ones)
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B2A86",
)  # fmt: skip
DIFFERENCES = {"specialists": 1.0, "employed_hospitals": 1.0, "adoption_share": 100.0}  # series: factor
PROGRAMME = {  # series: colour of what holds the programme's universities back
    "binding_teachers": "#4B5563",
    "binding_courses": "#9CA3AF",
    "binding_seats": "#D1D5DB",
}


@in_its_language()
def draw_comparison(comparison: Comparison, receipt: str, folder: Path) -> list[Path]:
    """Write the figure of a comparison into a folder; gives the files."""
    return save(compare_figure(comparison, receipt), folder)


@in_its_language()
def comparison_figure(comparison: Comparison) -> Figure:
    """The same with the receipt of the scenarios that are compared."""
    first = comparison.results[0]
    receipt = receipt_of([one.plan for one in comparison.results], first.seeds, first.ensemble)
    return settled(compare_figure(comparison, receipt))


def compare_figure(comparison: Comparison, receipt: str) -> Figure:
    """Above: each scenario less the reference, over time. Below: what holds hospitals and universities back in each.

    Lines are means over pairs of runs in the same future, outer bands the 5th to 95th percentile over pairs, darker
    ones the part of noise in it. At most ``SHOWN`` scenarios are drawn, the first ones.
    """
    shown = comparison.results[:SHOWN]
    names = _names(shown)
    with mpl.rc_context(style()):
        lower = 6.4 * _rows(len(shown))
        figure = Figure(figsize=(14.4, 5 + lower), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)  # type: ignore[union-attr]
        halves: Any = figure.subfigures(2, 1, height_ratios=(5, lower), hspace=0.02)
        above, below = halves
        _draw_differences(above, shown, names)
        _draw_constraints(below, shown, names)
        headline = _balanced(_headline(comparison, names), 110)
        figure.suptitle(plain(headline), x=0.01, ha="left", fontsize=15, fontweight="bold")
        note = say("figures.compare.differences_taken_same", runs=runs_note(shown[0]))
        if len(shown) - 1 > BANDS:
            note += say("figures.compare.ranges_around_them")
        left_out = [policy_name(results.plan.name) for results in comparison.results[SHOWN:]]
        note += say("figures.compare.not_shown", names=", ".join(left_out)) if left_out else ""
        note = say("figures.compare.receipt", note=note, receipt=receipt)
        figure.supxlabel(fill(plain(note), 190), x=0.01, ha="left", fontsize=9.5, color=SECONDARY)
        return figure


def _rows(scenarios: int) -> int:
    """Rows of panels for what holds back."""
    return -(-scenarios // ABREAST)


def _names(shown: list[Results]) -> list[str]:
    """Titles where they tell scenarios apart, or else the names they were compared by."""
    titles = [plan_title(results.plan) for results in shown]
    return titles if len(set(titles)) == len(titles) else [results.plan.name for results in shown]


def _headline(comparison: Comparison, names: list[str]) -> str:
    """What the first of the other scenarios changes, in one sentence."""
    gaps = {gap.indicator: gap for gap in comparison.differences if gap.scenario == comparison.labels[1]}
    plan = comparison.results[0].plan
    staff, adoption = (gaps[name].interval for name in ("specialists_at_end", "adoption_share_at_end"))
    effect = say(
        "figures.compare.specialists_hospitals_using",
        staff=_signed_range(staff, 1, 0),
        adoption=_signed_range(adoption, 100, 1),
    )
    end = month_words(plan.date_of(plan.months))
    return say("figures.compare.against", other=names[1], first=names[0], effect=effect, date=end)


def _signed_range(found: Interval, factor: float, digits: int) -> str:
    """A difference with its interval, where that is known."""
    mean, low, high = (f"{round(factor * value, digits) + 0.0:+z,.{digits}f}" for value in found)
    return mean if np.isnan(found.low) else mean + say("run.range", low=low, high=high)


def _balanced(text: str, width: int) -> str:
    """Text on as few lines as the width allows, of about equal length."""
    lines = -(-len(text) // width)
    return fill(text, min(width, len(text) // lines + 12))


def _draw_differences(figure: Any, shown: list[Results], names: list[str]) -> None:
    years = years_of(shown[0])
    panels = figure.subplots(1, len(DIFFERENCES))
    for panel, (series, factor) in zip(panels, DIFFERENCES.items(), strict=True):
        panel.axhline(0, color=BASELINE, linewidth=1.6, linestyle=(0, (5, 2)))
        ends = []
        for results, colour in zip(shown[1:], COLOURS, strict=False):
            gaps = factor * (results.values(series).astype(float) - shown[0].values(series))
            if len(shown) - 1 <= BANDS:
                draw_band(panel, years, band(gaps, shown[0].draws), colour)
            panel.plot(years, gaps.mean(axis=0), color=colour, linewidth=2.4)
            ends.append((float(gaps[:, -1].mean()), colour))
        title = term(f"series.{series}")
        title = say("figures.compare.in_points", name=title) if factor > 1 else title
        panel.set_title(title, loc="left", fontsize=12.5, fontweight="bold")
        low, high = panel.get_ylim()
        if high - low < 1e-6:  # no difference at all
            panel.set_ylim(-1, 1)
        panel.yaxis.set_major_formatter(FuncFormatter(_signed))
        _label_ends(panel, ends, 1 if factor > 1 else 0)
        _set_years(panel, years)
    handles = panels[0].get_lines()
    handles = [*handles[1:], handles[0]]
    labels = [shorten(plain(name), 40, placeholder="...") for name in names]
    labels = [*labels[1:], say("figures.compare.reference", name=labels[0])]
    if len(shown) - 1 <= BANDS:
        bands = band_handles(shown[0], COLOURS[0])
        handles, labels = [*handles, *bands], [*labels, *(str(one.get_label()) for one in bands)]
    figure.legend(handles, labels, loc="outside lower left", ncols=ABREAST, frameon=False, fontsize=11)
    figure.suptitle(
        say("figures.compare.difference_to", name=plain(names[0])), x=0.01, ha="left", fontsize=13, color=SECONDARY
    )


def _signed(value: float, _: int) -> str:
    return "0" if value == 0 else f"{value:+z,.10g}"


def _label_ends(panel: Axes, ends: list[tuple[float, str]], digits: int) -> None:
    """Write the last value of each line at its end, kept apart by the height of the text."""
    low, high = panel.get_ylim()
    gap = 0.065 * (high - low)
    place = -np.inf
    for value, colour in sorted(ends):
        place = max(value, place + gap)
        panel.annotate(
            f"{round(value, digits) + 0.0:+z,.{digits}f}",
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=11,
            fontweight="bold",
        )


def _draw_constraints(figure: Any, shown: list[Results], names: list[str]) -> None:
    years = years_of(shown[0])
    rows = _rows(len(shown))
    columns = -(-len(shown) // rows)
    panels = figure.subplots(2 * rows, columns, sharey="row", squeeze=False, height_ratios=(3, 1) * rows)
    width = {2: 52, 3: 34, 4: 26}[columns]
    for number, (results, name) in enumerate(zip(shown, names, strict=True)):
        row, column = divmod(number, columns)
        hospitals, universities = panels[2 * row, column], panels[2 * row + 1, column]
        _stack(hospitals, years, results, HELD_BACK)
        if results.values("grant_won").any():
            _stack(universities, years, results, PROGRAMME)
        else:
            middle = {"transform": universities.transAxes, "ha": "center", "va": "center"}
            universities.text(0.5, 0.5, say("figures.compare.no_grant"), color=SECONDARY, **middle)
        title = fill(plain(shorten(name, 2 * width, placeholder="...")), width)
        hospitals.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_colour(number))
        for panel in (hospitals, universities):
            _set_years(panel, years[1:])
        hospitals.tick_params(labelbottom=False)
    for panel in panels.reshape(rows, 2, columns).transpose(0, 2, 1).reshape(-1, 2)[len(shown) :].flat:
        panel.set_visible(False)
    for row in range(rows):
        panels[2 * row, 0].set_ylabel(say("figures.compare.share_hospitals"))
        panels[2 * row + 1, 0].set_ylabel(say("figures.compare.programme_universities"))
    figure.suptitle(say("figures.compare.what_holds_back"), x=0.01, ha="left", fontsize=13, color=SECONDARY)
    for row, constraints in enumerate((HELD_BACK, PROGRAMME)):
        handles = [Patch(color=colour, label=constraint_name(name)) for name, colour in reversed(constraints.items())]
        if row == 0:
            handles.insert(0, Patch(facecolor="white", edgecolor="#9CA3AF", label=say("figures.compare.nothing")))
        panels[row, -1].legend(
            handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=10.5
        )


def _colour(column: int) -> str:
    return TEXT if column == 0 else COLOURS[column - 1]


def _stack(panel: Axes, years: Any, results: Results, constraints: dict[str, str]) -> None:
    """Shares held back by each constraint, stacked; the month before the first is left out."""
    shares = np.array([results.values(name).mean(axis=0) for name in constraints])
    panel.stackplot(years[1:], shares[:, 1:], colors=list(constraints.values()), linewidth=0)
    panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panel.set_ylim(0, 1)
    panel.yaxis.set_major_locator(MaxNLocator(2 if constraints is PROGRAMME else 4))


def _set_years(panel: Axes, years: Any) -> None:
    panel.set_xlim(years[0], years[-1])
    panel.xaxis.set_major_locator(MaxNLocator(5, integer=years[-1] - years[0] > 3))
    panel.xaxis.set_major_formatter(date_labels())
