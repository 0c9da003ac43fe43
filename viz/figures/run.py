"""Figures of a run, from data only."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from injae.agents.domains import Binding, Place
from injae.experiments.manifest import receipt_of
from injae.experiments.results import Results
from injae.experiments.summary import band
from injae.experiments.wording.spoken import LANGUAGE
from injae.viz.answers.run import headline
from injae.viz.answers.words import month_words, plan_title, say, term
from injae.viz.figures.breaking import fill
from injae.viz.figures.fit import settled
from injae.viz.figures.form import in_its_language
from injae.viz.figures.style import (
    BASELINE,
    POLICY,
    SECONDARY,
    TARGET,
    band_handles,
    date_labels,
    draw_band,
    plain,
    runs_note,
    save,
    style,
    years_of,
)

NAME = {"en": 16, "ko": 26}  # letters of a line of a name at the end of a curve
TITLE_WIDTH = 92  # characters of a line of the title
HELD_BACK = {  # series: colour (Okabe-Ito, darkest nearest the axis)
    "binding_staff": "#0072B2",
    "binding_budget": "#56B4E9",
    "binding_regulation": "#E69F00",
    "binding_data": "#009E73",
    "binding_demand": "#D1D5DB",
}


@in_its_language()
def draw_run(results: Results, baseline: Results | None, receipt: str, folder: Path) -> list[Path]:
    """Write the two figures of a run into a folder; gives the files."""
    figure = run_figure(results, baseline, headline(results, baseline), receipt)
    bindings = bindings_figure(results, receipt)
    return save(figure, folder) + save(bindings, folder, "bindings", svg=False)  # half a second less


@in_its_language()
def results_figure(results: Results, baseline: Results | None = None) -> Figure:
    """The first of the two, with its title and receipt."""
    receipt = receipt_of([results.plan], results.seeds, results.ensemble)
    return settled(run_figure(results, baseline, headline(results, baseline), receipt))


def run_figure(results: Results, baseline: Results | None, answer: str, receipt: str) -> Figure:
    """Graduates against the target, workforce, adoption, and what holds hospitals back, over time.

    Lines are means over runs, the outer band the 5th to 95th percentile of runs, the darker one the part of noise in
    it, the dashed line the baseline.
    """
    with mpl.rc_context(style()):
        figure = Figure(figsize=(13.2, 8.2), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)  # type: ignore[union-attr]
        axes = figure.subplots(2, 2)
        years = years_of(results)
        _curve(
            axes[0, 0],
            results,
            baseline,
            "programme_graduates_cumulative",
            term("series.programme_graduates_cumulative"),
            target=True,
        )
        _curve(axes[0, 1], results, baseline, "specialists", say("figures.run.specialists"))
        _curve(axes[1, 0], results, baseline, "adoption_share", say("figures.run.adoption"), percent=True)
        _held_back(axes[1, 1], years, results)
        for panel in axes.flat:
            panel.set_xlim(years[0], years[-1])
            panel.xaxis.set_major_locator(MaxNLocator(6, integer=years[-1] - years[0] > 3))
            panel.xaxis.set_major_formatter(date_labels())
            panel.margins(x=0)
        title = fill(plain(answer), TITLE_WIDTH)
        figure.suptitle(title, x=0.01, ha="left", fontsize=15, fontweight="bold")
        _below(figure, results, say("figures.run.receipt", note=runs_note(results), receipt=receipt))
        return figure


def _below(figure: Figure, results: Results, note: str) -> None:
    """What the bands are, and a note in small print, which is a part of the legend so that both find room."""
    handles = band_handles(results, POLICY)
    if not handles:
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return
    legend = figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=2,
        frameon=False,
        fontsize=10,
        title=note,
        title_fontsize=9,
        alignment="left",
    )
    legend.get_title().set_color(SECONDARY)


def _curve(
    panel: Axes,
    results: Results,
    baseline: Results | None,
    name: str,
    title: str,
    *,
    percent: bool = False,
    target: bool = False,
) -> None:
    """One series: mean with band, direct label, dashed baseline."""
    years, values = years_of(results), results.values(name)
    found = band(values, results.draws)
    mean = found.mean
    draw_band(panel, years, found, POLICY)
    panel.plot(years, mean, color=POLICY, linewidth=2.4)
    panel.set_title(title, loc="left", fontsize=12.5, fontweight="bold")
    style = PercentFormatter(1, decimals=0) if percent else FuncFormatter(lambda value, _: f"{value:z,.0f}")
    panel.yaxis.set_major_formatter(style)
    panel.set_ylim(bottom=0)
    if target:
        _target(panel, results)
    labels = [(float(mean[-1]), _title(results), POLICY, "bold")]
    if baseline is not None and baseline.runs:
        other = baseline.values(name).mean(axis=0)
        panel.plot(years, other, color=BASELINE, linewidth=1.8, linestyle=(0, (5, 2)))
        labels.append((float(other[-1]), _title(baseline), BASELINE, "normal"))
    top = max(panel.get_ylim()[1], 1e-9)
    _label_ends(panel, labels, top, percent)


def _label_ends(panel: Axes, labels: list[tuple[float, str, str, str]], top: float, percent: bool) -> None:
    """Name the lines at their ends, right of the panel, kept apart by the height of two lines of text."""
    labels = sorted(labels)
    heights = [value for value, *_ in labels]
    if len(heights) == 2 and heights[1] - heights[0] < 0.15 * top:
        middle = min(max(sum(heights) / 2, 0.075 * top), 0.94 * top)
        heights = [middle - 0.075 * top, middle + 0.075 * top]
    for height, (value, name, colour, weight) in zip(heights, labels, strict=True):
        number = f"{value:z.0%}" if percent else f"{value:z,.0f}"
        label = number + "\n" + fill(plain(name), NAME[LANGUAGE.get()])
        panel.annotate(
            label,
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(7, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=colour,
            fontsize=9.5,
            fontweight=weight,
            linespacing=1.15,
        )


def _target(panel: Axes, results: Results) -> None:
    """The promised number, and the month it is promised for."""
    plan = results.plan
    panel.axhline(plan.target.experts, color=TARGET, linewidth=1.4, linestyle=(0, (6, 2, 1, 2)))
    panel.annotate(
        say("figures.run.target", experts=plan.target.experts),
        (0.012, plan.target.experts),
        xycoords=("axes fraction", "data"),
        xytext=(0, 4),
        textcoords="offset points",
        color=TARGET,
        fontsize=10,
    )
    year, month = map(int, plan.target.date.split("-"))
    due = year + month / 12
    if due <= years_of(results)[-1]:
        panel.axvline(due, color=TARGET, linewidth=0.9, linestyle=":")
        place = {"xytext": (-4, 6), "textcoords": "offset points", "ha": "right"}
        panel.annotate(
            say("figures.run.due", date=month_words(plan.target.date)), (due, 0), color=TARGET, fontsize=9, **place
        )
    panel.set_ylim(top=max(panel.get_ylim()[1], 1.15 * plan.target.experts))


def _held_back(panel: Axes, years: Any, results: Results) -> None:
    """Share of hospitals held back by each constraint, stacked."""
    shares = np.array([results.values(name).mean(axis=0) for name in HELD_BACK])
    panel.stackplot(years, shares, colors=list(HELD_BACK.values()), linewidth=0, alpha=0.9)
    panel.set_title(say("figures.run.what_holds_hospitals"), loc="left", fontsize=12.5, fontweight="bold")
    panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panel.set_ylim(0, 1)
    handles = [Patch(color=colour, label=constraint_name(name)) for name, colour in reversed(HELD_BACK.items())]
    panel.legend(handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9.5)


def constraint_name(series: str) -> str:
    """What holds institutions back, short enough for a legend."""
    return say("figures.run.rules") if series == "binding_regulation" else term(f"constraint.{series}")


CONSTRAINTS = {  # constraint: colour, darkest nearest the axis
    Binding.TEACHERS: "#7F3C8D",
    Binding.COURSES: "#CC79A7",
    Binding.SEATS: "#F0C6DD",
    Binding.STAFF: "#0072B2",
    Binding.BUDGET: "#56B4E9",
    Binding.REGULATION: "#E69F00",
    Binding.PRODUCT: "#A6761D",
    Binding.DATA: "#009E73",
    Binding.DEMAND: "#D1D5DB",
}


def _binding_name(constraint: Binding) -> str:
    """The same of every institution: firms have no customers, hospitals no product."""
    own = {Binding.PRODUCT: say("figures.run.product"), Binding.DEMAND: say("figures.run.demand")}
    return own.get(constraint) or constraint_name(f"binding_{constraint.name.lower()}")


def _places() -> dict[Place, str]:
    return {
        Place.UNIVERSITIES: say("figures.run.universities"),
        Place.FIRMS: say("figures.run.firms"),
        Place.HOSPITALS_IMAGING: say("figures.run.imaging"),
        Place.HOSPITALS_RISK: say("figures.run.risk"),
        Place.HOSPITALS_TREATMENT: say("figures.run.treatment"),
        Place.HOSPITALS_RESEARCH: say("figures.run.research"),
    }


def bindings_figure(results: Results, receipt: str) -> Figure:
    """What holds universities, firms and hospitals back, per clinical domain, over time: shares, means over runs."""
    counts = np.stack([run.bindings for run in results.runs]).astype(float)
    shares = (counts / np.maximum(counts.sum(axis=3, keepdims=True), 1)).mean(axis=0)  # months, places, constraints
    years = years_of(results)
    with mpl.rc_context(style()):
        figure = Figure(figsize=(14.4, 7.6), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)  # type: ignore[union-attr]
        for panel, (place, title) in zip(figure.subplots(2, 3).flat, _places().items(), strict=True):
            stack = [shares[1:, place, constraint] for constraint in CONSTRAINTS]
            panel.stackplot(years[1:], stack, colors=list(CONSTRAINTS.values()), linewidth=0, alpha=0.9)
            panel.set_title(title, loc="left", fontsize=12, fontweight="bold")
            panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            panel.set_ylim(0, 1)
            panel.set_xlim(years[1], max(years[-1], years[1] + 1 / 12))
            panel.xaxis.set_major_locator(MaxNLocator(5, integer=years[-1] - years[0] > 3))
            panel.xaxis.set_major_formatter(date_labels())
        handles = [Patch(color=colour, label=_binding_name(one)) for one, colour in CONSTRAINTS.items()]
        figure.legend(handles=handles[::-1], loc="outside right center", frameon=False, fontsize=9.5)
        figure.suptitle(
            say("figures.run.what_holds_institutions", title=plain(_title(results))),
            x=0.01,
            ha="left",
            fontsize=15.5,
            fontweight="bold",
        )
        note = say("figures.run.share_institutions_white", runs=runs_note(results), receipt=receipt)
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return figure


def _title(results: Results) -> str:
    return plan_title(results.plan)
