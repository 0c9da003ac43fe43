"""Figures of a screening: what each input does to an outcome against noise, and all outcomes on one map."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from injae.experiments.analyses.inputs import DUMMY
from injae.experiments.analyses.screening import ABOVE
from injae.experiments.findings import Finding
from injae.experiments.wording.amounts import scale_of
from injae.experiments.wording.spoken import LANGUAGE
from injae.viz.answers.regions import less_words, policy_name
from injae.viz.answers.words import say
from injae.viz.figures.indices import SHOWN, draw_bars, draw_floor, file_name, heat_map, in_words, label_of, new_figure
from injae.viz.figures.labels import Label, place_labels
from injae.viz.figures.style import POLICY, SECONDARY, TEXT, style

NUMBERED = 3  # points that carry their number in any case; others if they are above noise


def screen_figures(finding: Finding) -> dict[str, Figure]:
    """``effects-OUTCOME`` for each outcome, and ``heat-map`` if there are two or more."""
    effects: Any = finding.tables["effects"]
    figures = {
        file_name("effects", str(outcome)): _effects(finding, str(outcome), table)
        for outcome, table in effects.groupby("outcome", sort=False)
    }
    if effects["outcome"].nunique() > 1:
        largest = effects.groupby("outcome")["mu_star"].transform("max")
        table = effects.assign(relative=(effects["mu_star"] / largest).fillna(0.0))
        figures["heat-map"] = heat_map(
            table,
            "relative",
            say("figures.screen.what_matters_outcome"),
            say("figures.screen.mu_largest_outcome"),
            say("figures.screen.morris_mu_divided", origin=_origin(finding)),
            last=[DUMMY],
        )
    return figures


def _origin(finding: Finding) -> str:
    facts, question = finding.facts, finding.question
    versus = less_words(question["versus"])
    policy = policy_name(question["policy"])
    return say("figures.screen.trajectories_seeds_months", policy=policy, versus=versus, facts=facts)


def _effects(finding: Finding, outcome: str, table: Any) -> Figure:
    """Bars of mu* with intervals; beside them the plane of mu* and sigma where inputs move alone."""
    inputs = table[table["against_noise"] != "floor"]
    floor = table[table["against_noise"] == "floor"].iloc[0]
    factor, unit = scale_of(str(table["unit"].iloc[0]), LANGUAGE.get())
    shown = inputs.head(SHOWN)
    alone = bool(inputs["sigma"].notna().any())
    with mpl.rc_context(style()):
        figure = new_figure(13.6 if alone else 9.4, 1.9 + 0.44 * max(len(shown), 5))
        panels = figure.subplots(1, 2 if alone else 1, squeeze=False, width_ratios=(1.2, 1) if alone else None)[0]
        names = [_named(row, n if alone else 0) for n, row in enumerate(shown.to_dict("records"), 1)]
        ends = (factor * shown["mu_star_low"], factor * shown["mu_star_high"])
        draw_bars(panels[0], names, factor * shown["mu_star"], ends)
        panels[0].set_xlim(left=0)
        panels[0].set_xlabel(say("figures.screen.mean_size_effect", unit=unit))
        draw_floor(panels[0], factor * floor["mu_star"], factor * floor["mu_star_high"])
        if alone:
            _plane(panels[1], inputs, factor, float(floor["mu_star"]), unit)
        figure.suptitle(in_words(outcome), x=0.01, ha="left", fontsize=14.5, fontweight="bold")
        hidden = len(inputs) - len(shown)
        more = say("figures.screen.smaller_ones_shown", hidden=hidden) if hidden else ""
        dropped = finding.facts["trajectories_dropped"][outcome]
        lost = say("figures.screen.trajectories_dropped_missing", dropped=dropped) if dropped else ""
        note = say("figures.screen.whiskers_interval_over")
        note += (say("figures.screen.dotted_sigma_mu") if alone else "") + more + lost
        figure.supxlabel(f"{note}\n{_origin(finding)}", x=0.01, ha="left", fontsize=9, color=SECONDARY)
        if alone:
            _number(panels[1], inputs, factor)
        return figure


def _named(row: dict[str, Any], number: int) -> str:
    """An input beside its bar: its number in the plane, its name, and how many settings it stands for."""
    size = f" ({row['settings']})" if row["settings"] > 1 else ""
    return (f"{number}  " if number else "") + label_of(row["input"]) + size


def _plane(panel: Axes, inputs: Any, factor: float, floor: float, unit: str) -> None:
    """Each input by the mean and the spread of its effects; numbers are those of the bars."""
    mu_star, sigma = factor * inputs["mu_star"].to_numpy(), factor * inputs["sigma"].to_numpy()
    panel.scatter(mu_star, sigma, s=26, color=POLICY, alpha=0.8, linewidth=0)
    panel.margins(0.08)
    reach = max(panel.get_xlim()[1], factor * floor * 1.1)
    panel.set_xlim(0, reach)
    top = max(float(np.nanmax(sigma)) * 1.1, 1e-12)
    panel.plot([0, min(reach, top)], [0, min(reach, top)], color=SECONDARY, linewidth=1, linestyle=":")
    panel.set_ylim(0, top)
    panel.set_xlabel(say("figures.screen.mu_star", unit=unit))
    panel.set_ylabel(say("figures.screen.spread_effects_sigma", unit=unit))
    panel.grid(visible=True, axis="x")
    draw_floor(panel, factor * floor)


def _number(panel: Axes, inputs: Any, factor: float) -> None:
    """The numbers of the largest inputs, and of those above noise, beside their points in the plane."""
    mu_star, sigma = factor * inputs["mu_star"].to_numpy(), factor * inputs["sigma"].to_numpy()
    above = (inputs["against_noise"] == ABOVE).to_numpy()
    told = [n for n in range(min(SHOWN, len(inputs))) if np.isfinite(sigma[n]) and (n < NUMBERED or above[n])]
    labels = [Label(str(n + 1), mu_star[n], sigma[n], TEXT) for n in told]
    marks = [(x, y) for x, y in zip(mu_star, sigma, strict=True) if np.isfinite(y)]
    place_labels(panel, labels, marks, fontsize=9.5, bold=False)
