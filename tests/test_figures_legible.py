"""Figures can be read: no text lies on another, ink stands out from its cell, nothing is cut at an axis."""

import itertools
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.legend import Legend
from matplotlib.text import Text

from injae.experiments.findings import Finding, load
from injae.viz.figures.calibrate import calibrate_figures
from injae.viz.figures.heatmap import figures as heatmap_figures
from injae.viz.figures.indices import heat_map
from injae.viz.figures.screen import screen_figures
from injae.viz.figures.search import figures as search_figures
from injae.viz.figures.sensitivity import sensitivity_figures
from injae.viz.figures.style import STYLE

ROOT = Path(__file__).parents[1]
PAY = "median_pay_hospitals_won_per_year@2029-12"
RECEIPT = " Receipt 0123456789."  # as publishing adds it to the note


def drawn(figure):
    figure.supxlabel(figure.get_supxlabel() + RECEIPT, x=0.01, ha="left", fontsize=9)
    with mpl.rc_context(STYLE):
        FigureCanvasAgg(figure).draw()
    return figure


def texts_of(figure):
    """What is written, with the place it takes: texts, each legend as one."""
    legends = [one for one in figure.findobj(Legend) if one.get_visible()]
    inside = {text for legend in legends for text in legend.findobj(Text)}
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    hidden = {text for panel in figure.axes if not panel.axison for text in panel.findobj(Text)}
    hidden -= {text for panel in figure.axes for text in panel.texts}
    for axis in (axis for panel in figure.axes for axis in (panel.xaxis, panel.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = axis.get_major_ticks()
        last = {tick.get_loc(): tick for tick in ticks}
        for tick in axis.majorTicks:  # those of an earlier layout are no longer drawn
            is_shown = last.get(tick.get_loc()) is tick and low <= tick.get_loc() <= high
            hidden |= set() if is_shown else {tick.label1, tick.label2}
    single = [(text.get_text(), text.get_window_extent()) for text in texts if text not in inside | hidden]
    whole = [(legend.get_texts()[0].get_text(), legend.get_window_extent()) for legend in legends]
    return [*single, *whole]


def collisions(figure):
    """What lies on something else in a figure with its receipt, or leaves it."""
    return touching(drawn(figure))


def touching(figure, slack=1):
    """Pairs of texts that lie on each other by more than ``slack`` pixels, and texts that leave the figure."""
    texts, frame = texts_of(figure), figure.bbox
    pairs = [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(texts, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack
    ]
    outside = [one for one, box in texts if box.x0 < frame.x0 - 1 or box.x1 > frame.x1 + 1]
    return pairs + outside


def luminance(colour):
    """Relative luminance by WCAG."""
    part = np.asarray(mpl.colors.to_rgb(colour))
    return float(np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("levels", [(5, 5, 5, 5), (1, 2, 3, 4), (1, 1, 1, np.nan), (np.nan,) * 4])
def test_figures_in_cells_stand_out_from_their_colour(levels):
    places = list(itertools.product([1.0, 2.0], [0.5, 0.8]))
    cells = pd.DataFrame(places, columns=["x", "y"]).assign(
        outcome="hires@2025-01", unit="persons", mean=levels, replicates=2, extra_public_won=[0, 1e9, 2e9, 3e9]
    )
    question = {"outcomes": ["hires@2025-01"], "x": "levers.a", "y": "levers.b"}
    question |= {"policy": "korea", "replicates": "seeds"}
    figure = heatmap_figures(Finding("heatmap", question, {"cells": cells}, {}))["heatmap"]
    assert not collisions(figure)
    panel = figure.axes[0]
    image = panel.images[0]
    for text in panel.texts:
        column, row = (round(part) for part in text.get_position())
        value = image.get_array()[row, column]
        ground = (1.0, 1.0, 1.0) if np.ma.is_masked(value) or np.isnan(value) else image.cmap(image.norm(value))[:3]
        light, dark = sorted((luminance(text.get_color()), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, text.get_text()  # WCAG 2, level AA
    same = len({level for level in levels if level == level}) <= 1
    assert ("the same in every cell" in panel.get_title(loc="left")) == same


def test_a_heat_map_shows_units_intervals_best_cells_and_its_scale():
    places = list(itertools.product(range(7), range(8)))
    levels = np.linspace(0.2, 0.9, len(places))
    cells = pd.DataFrame(places, columns=["x", "y"]).assign(
        outcome="unmet_demand_share_at_end", unit="share", mean=levels, mean_low=levels - 0.031,
        mean_high=levels + 0.031, replicates=2, extra_public_won=1e9,
    )  # fmt: skip
    question = {
        "outcomes": ["unmet_demand_share_at_end"], "x": "levers.a", "y": "levers.b", "policy": "korea",
        "replicates": "seeds", "less_is_better": ["unmet_demand_share_at_end"],
    }  # fmt: skip
    best = cells.iloc[[0, 3]]
    figure = heatmap_figures(Finding("heatmap", question, {"cells": cells, "best": best}, {}))["heatmap"]
    assert not collisions(figure)
    panel, bar = figure.axes
    assert panel.get_title(loc="left") == "unmet demand share at end (percent, less is\nbetter)"
    assert sum("± 3.1" in text.get_text() for text in panel.texts) == len(places)
    assert all(text.get_window_extent().height < panel.bbox.height / 8 for text in panel.texts)
    framed = {tuple(np.round(patch.get_center())) for patch in panel.patches}
    assert framed == {(0, 0), (0, 3)}
    assert bar.get_yticklabels()[1].get_text().endswith("%")
    assert "Frame: better than every cheaper cell" in figure.get_supxlabel()


def sobol(inputs, first_low=-0.31, total_low=0.1):
    names = [*(f"parameters.labour.a_rather_long_name_{n}" for n in range(inputs)), "noise"]
    indices = pd.DataFrame({"input": names, "target": "mean", "outcome": PAY}).assign(
        unit="won per person", sd=3.2e7, first=0.2, first_low=first_low, first_high=0.5, total=0.4, total_low=total_low,
        total_high=0.7, against_noise=["above"] * inputs + ["floor"],
    )  # fmt: skip
    noise = pd.DataFrame({"outcome": [PAY], "share": [0.43]})
    facts = {"method": "sobol", "points": 1024, "seeds": 4, "months": 120, "filled_in": {"y": 12}}
    question = {"policy": "double-grant", "versus": "no-programme"}
    return Finding("sensitivity", question, {"indices": indices, "noise": noise}, facts)


@pytest.mark.parametrize("inputs", [2, 6])
def test_bars_of_sobol_indices_leave_room_for_legend_and_whiskers(inputs):
    (figure,) = sensitivity_figures(sobol(inputs)).values()
    assert not collisions(figure)
    assert figure.axes[0].get_xlim()[0] < -0.31
    (figure,) = sensitivity_figures(sobol(inputs, total_low=-0.4)).values()
    assert figure.axes[0].get_xlim()[0] < -0.4


WHAT = ["parameters.country.clinician_hour_won", "parameters.country.foreign_pay_ratio"]
KNOWN = ["job_changes_per_year", "emigration_per_year"]


def calibrated(unit="won per month", high=28_750_000_000.0, ruled_out=0.0, judged_by="emulator"):
    parameters = pd.DataFrame({"name": ["clinician hour", "pay abroad"], "input": WHAT}).assign(
        unit=unit, low=high / 30, high=high, current=high / 2, posterior_low=high / 20, posterior_median=high / 3,
        posterior_high=high / 2, learned=[0.4, 0.0], verdict=["much", "nothing"], scale="linear",
    )  # fmt: skip
    facts = pd.DataFrame({"what": ["people who change jobs in a year", "emigrants"], "name": KNOWN}).assign(
        held_out=False, ruled_out_alone=ruled_out, implausibility_low=0.1, implausibility_median=0.5,
        implausibility_high=1.2, judged_by=judged_by, q2=0.97, unit="share", value=0.1, error=0.01, discrepancy=0.01,
        before_low=0.05, before_median=0.1, before_high=0.2, after_low=0.08, after_median=0.1, after_high=0.12,
        fits="yes",
    )  # fmt: skip
    known = {"points": 64, "points_left": 64, "space_left": 1.0, "by_emulator": True, "effective_draws": 900.0,
             "candidates": 1000}  # fmt: skip
    question = {"policy": "korea", "seeds": 4, "discrepancy": 0.1, "ruled_out_above": 3.0, "facts": []}
    tables = {
        "parameters": parameters,
        "facts": facts,
        "posterior": pd.DataFrame({"a": [1.0]}),
        "pairs": pd.DataFrame(),
    }
    return calibrate_figures(Finding("calibrate", question, tables, known))


@pytest.mark.parametrize(
    ("unit", "high"), [("won per month", 28_750_000_000.0), ("share per month", 0.4), ("months", 36.0)]
)
def test_columns_beside_the_parameters_of_a_calibration_do_not_touch(unit, high):
    assert not collisions(calibrated(unit, high)["parameters"])


@pytest.mark.parametrize(("ruled_out", "title"), [(0.0, "No fact rules anything out"), (0.3, "rules out most (30%)")])
def test_a_calibration_says_what_rules_out_most_only_if_something_does(ruled_out, title):
    figure = calibrated(ruled_out=ruled_out)["implausibility"]
    assert title in figure.get_suptitle().replace("\n", " ")
    assert not collisions(figure)


@pytest.mark.parametrize(
    ("judged_by", "title"),
    [("emulator", "All facts are met"), ("points", "No fact is contradicted; 2 of 2 are judged by points only")],
)
def test_facts_that_only_points_judge_are_not_called_met(judged_by, title):
    figure = calibrated(judged_by=judged_by)["facts"]
    assert figure.get_suptitle().replace("\n", " ").startswith(title)
    assert not collisions(figure)


def test_a_front_names_its_presets_apart_shows_how_sure_they_are_and_says_which_are_left_out():
    finding, _ = load(ROOT / "docs" / "studies" / "mix")
    drawn_figures = search_figures(finding)
    sets, outcomes = finding.tables["sets"], finding.tables["outcomes"]
    cost = outcomes[outcomes["outcome"] == "public_won_at_end"].set_index("set")["extra"]
    presets = list(sets.loc[sets["kind"] == "preset", "set"])
    dear = [name for name in presets if cost[name] > 1.5 * finding.question["budget_won"]]
    assert dear
    front = drawn_figures["front"]
    assert not collisions(front)
    for figure in (front, drawn_figures["portfolios"]):
        note = " ".join(figure.get_supxlabel().split())  # lines break where they may
        assert [name for name in presets if f"{name} (" in note] == dear
    panel = front.subfigs[0].axes[0]
    bars = [bar for bar in panel.collections if isinstance(bar, LineCollection)]
    assert len(presets) - len(dear) in [len(bar.get_segments()) for bar in bars]
    assert {text.get_text() for text in panel.texts} >= set(presets) - set(dear)


def test_bands_over_time_and_the_colours_of_a_heat_map_reach_as_far_as_their_values():
    finding = sobol(3, total_low=-0.4)
    single = finding.tables["indices"]
    dates = [f"specialists@{year}-12" for year in (2025, 2026, 2027)]
    tables = [single.assign(outcome=date, unit="persons", total=1.9, total_high=3.1) for date in dates]
    wide = Finding("sensitivity", finding.question, {**finding.tables, "indices": pd.concat(tables)}, finding.facts)
    figures = sensitivity_figures(wide)
    panel = figures["over-time-specialists"].axes[0]
    assert panel.get_ylim()[0] < -0.4 and panel.get_ylim()[1] > 3.1
    image = figures["heat-map"].axes[0].images[0]
    assert image.get_clim() == (0, 1.9)
    assert figures["heat-map"].axes[0].get_yticklabels()[-1].get_text() == "noise"
    assert "An index no larger than the dummy's" in " ".join(figures["heat-map"].get_supxlabel().split())
    for figure in figures.values():
        assert not collisions(figure)
    few = [single.assign(outcome=date, unit="persons", total_low=1.3, total_high=1.5) for date in dates]
    wrong = Finding("sensitivity", finding.question, {**finding.tables, "indices": pd.concat(few)}, finding.facts)
    for figure in sensitivity_figures(wrong).values():
        assert "Rows are too few" in figure.get_supxlabel()


def test_a_heat_map_of_many_inputs_still_has_the_dummy():
    names = [*(f"x{n}" for n in range(30)), "dummy: noise"]
    table = pd.DataFrame({"outcome": "y", "input": names, "total": np.linspace(0, 1, 31)})
    labels = heat_map(table, "total", "t", "m", "n", last=names[-1:]).axes[0].get_yticklabels()
    assert len(labels) == 24 and [labels[n].get_text() for n in (0, 22, 23)] == ["x29", "x7", names[-1]]


@pytest.mark.parametrize("inputs", [7, 12])
def test_numbers_in_the_plane_of_effects_do_not_lie_on_each_other(inputs):
    sizes = np.linspace(0.30, 0.26, inputs)
    names = [*(f"labour.input_{n}" for n in range(inputs)), "hospitals.large", "noise"]
    mu_star = np.array([*sizes, 9.0, 0.05])
    effects = pd.DataFrame({"input": names, "outcome": "specialists_at_end", "unit": "persons"}).assign(
        mu_star=mu_star, mu_star_low=mu_star, mu_star_high=mu_star, sigma=0.8 * mu_star, settings=1,
        against_noise=["above"] * (inputs + 1) + ["floor"],
    )  # fmt: skip
    facts = {"trajectories": 10, "seeds": 4, "months": 60, "trajectories_dropped": {"specialists_at_end": 0}}
    finding = Finding("screen", {"policy": "korea", "versus": ""}, {"effects": effects}, facts)
    figure = screen_figures(finding)["effects-specialists_at_end"]
    assert {text.get_text() for text in figure.axes[1].texts} >= {str(n + 1) for n in range(min(inputs, 12))}
    assert not collisions(figure)


@pytest.mark.parametrize("floor", [0.1, 4.6, 5.0])
def test_the_plane_of_effects_names_the_noise_floor_alone(floor):
    names = ["labour", "migration", "hospitals", "noise"]
    effects = pd.DataFrame({"input": names, "outcome": "specialists_at_end", "unit": "persons"}).assign(
        mu_star=[5.0, 3.0, 1.0, floor], mu_star_low=[4.0, 2.0, 0.5, floor], mu_star_high=[6.0, 4.0, 1.5, floor],
        sigma=[4.0, 2.0, 5.0, 0.0], settings=1, against_noise=["above", "above", "above", "floor"],
    )  # fmt: skip
    facts = {"trajectories": 10, "seeds": 4, "months": 60, "trajectories_dropped": {"specialists_at_end": 0}}
    finding = Finding("screen", {"policy": "korea", "versus": ""}, {"effects": effects}, facts)
    figure = screen_figures(finding)["effects-specialists_at_end"]
    assert not collisions(figure)
    assert "sigma = mu*" in figure.get_supxlabel()
