"""Figures of a sensitivity analysis: Sobol' bars, indices over time, heat map, PAWN bars, tornado."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from injae.experiments.analyses.sobol import impossible
from injae.experiments.findings import Finding
from injae.experiments.wording.amounts import scale_of, written
from injae.experiments.wording.spoken import LANGUAGE
from injae.experiments.wording.titles import setting_value
from injae.viz.answers.regions import less_words, policy_name
from injae.viz.answers.words import between, say
from injae.viz.figures.breaking import fill
from injae.viz.figures.indices import (
    SHOWN,
    draw_bars,
    draw_floor,
    file_name,
    heat_map,
    in_words,
    label_of,
    new_figure,
)
from injae.viz.figures.style import BASELINE, SECONDARY, TEXT, style

FIRST, TOTAL = "#0072B2", "#9CC9E8"
LOW, HIGH = "#56B4E9", "#E69F00"
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DATES_MIN = 3  # of a series, for a figure over time


def sensitivity_figures(finding: Finding) -> dict[str, Figure]:
    """Figures of the method that made the finding."""
    draw = {"sobol": _sobol_figures, "pawn": _pawn_figures, "tornado": _tornado_figures}
    return draw[finding.facts["method"]](finding)


def _sobol_figures(finding: Finding) -> dict[str, Figure]:
    indices: Any = finding.tables["indices"]
    over_time = _series_over_time(indices)
    figures = {file_name("over-time", name): _over_time(finding, name, table) for name, table in over_time.items()}
    single = indices[~indices["outcome"].str.partition("@")[0].isin(over_time)]
    for outcome, table in single.groupby("outcome", sort=False):
        figures[file_name("indices", str(outcome))] = _bars(finding, str(outcome), table)
    means = indices[indices["target"] == "mean"]
    if means["outcome"].nunique() > 1:
        note = say("figures.sensitivity.total_sobol_index", origin=_origin(finding), doubt=_doubt(finding))
        figures["heat-map"] = _heat_map(means, "total", say("figures.sensitivity.total_index"), note)
    return figures


def _origin(finding: Finding) -> str:
    facts, question = finding.facts, finding.question
    versus, policy = less_words(question["versus"]), policy_name(question["policy"])
    filled = sum(facts.get("filled_in", {}).values())
    flag = say("figures.sensitivity.missing_values_filled", filled=filled) if filled else ""
    return say("figures.sensitivity.points_seeds_months", policy=policy, versus=versus, facts=facts, flag=flag)


def _doubt(finding: Finding) -> str:
    """A sentence below a figure whose indices are not to be used."""
    wrong = len(impossible(finding.tables["indices"]))
    return say("figures.sensitivity.rows_too_few") if wrong else ""


def _bars(finding: Finding, outcome: str, table: Any) -> Figure:
    """First and total index of every input; a panel for what is taken over seeds."""
    targets = list(dict.fromkeys(table["target"]))
    means = table[table["target"] == targets[0]]
    order = list(means.loc[means["against_noise"] != "floor", "input"])[:SHOWN]
    with mpl.rc_context(style()):
        figure = new_figure(5.4 + 4.0 * len(targets), 2.3 + 0.5 * max(len(order), 4))
        names = [label_of(key) for key in order]
        panels = figure.subplots(1, len(targets), sharey=True, squeeze=False)[0]
        for panel, target in zip(panels, targets, strict=True):
            rows = table[table["target"] == target].set_index("input")
            chosen = rows.loc[order]
            draw_bars(
                panel,
                names,
                chosen["total"],
                (chosen["total_low"], chosen["total_high"]),
                colour=TOTAL,
                height=0.34,
                shift=0.19,
            )
            places = np.arange(len(order))[::-1] - 0.19
            panel.barh(places, chosen["first"], height=0.34, color=FIRST)
            panel.hlines(places, chosen["first_low"], chosen["first_high"], color=TEXT, linewidth=1.3)
            panel.set_title(
                say("figures.sensitivity.sd_over_points", of=_of(target), sized=_sized(rows)),
                loc="left",
                fontsize=11.5,
                pad=18,
            )
            panel.axvline(0, color=SECONDARY, linewidth=0.8)
            floor = rows[rows["against_noise"] == "floor"]
            lowest = float(chosen[["first_low", "total_low"]].min().min())
            panel.set_xlim(min(-0.05, 1.1 * lowest), None)  # the end of a whisker stays clear of the axis
            if len(floor):
                panel.set_xlim(right=max(panel.get_xlim()[1], 1.1 * float(floor["total"].iloc[0])))
                draw_floor(panel, float(floor["total"].iloc[0]), float(floor["total_high"].iloc[0]))
            panel.set_xlabel(say("figures.sensitivity.share_variance"))
        handles = [
            Patch(color=TOTAL, label=say("figures.sensitivity.total_interactions")),
            Patch(color=FIRST, label=say("figures.sensitivity.first_alone")),
        ]
        figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False, fontsize=10)
        figure.suptitle(in_words(outcome), x=0.01, ha="left", fontsize=14.5, fontweight="bold")
        noise: Any = finding.tables["noise"].set_index("outcome").loc[outcome]
        noise = "" if np.isnan(noise["share"]) else say("figures.sensitivity.noise_variance_single", noise=noise)
        note = say(
            "figures.sensitivity.whiskers_bootstrap_interval",
            noise=noise,
            origin=_origin(finding),
            doubt=_doubt(finding),
        )
        lines = fill(note, int(13.5 * figure.get_figwidth()))  # the receipt comes behind the last one
        figure.supxlabel(lines, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return figure


def _of(target: str) -> str:
    return {
        "mean": say("figures.sensitivity.mean_over_seeds"),
        "spread": say("figures.sensitivity.spread_over_seeds"),
    }.get(target, f"{target.capitalize()} of seeds")


def _sized(rows: Any) -> str:
    unit = str(rows["unit"].iloc[0])
    lang = LANGUAGE.get()
    space = " " if lang == "en" else ""
    return f"{written(float(rows['sd'].iloc[0]), unit, lang)}{space}{scale_of(unit, lang)[1]}"


def _series_over_time(indices: Any) -> dict[str, Any]:
    """Rows of each series that was asked for at several dates, for means over seeds, with its year as a column."""
    means = indices[(indices["target"] == "mean") & indices["outcome"].str.contains("@")].copy()
    names: list[list[str]] = means["outcome"].str.split("@").tolist()  # not partition: of no rows it has no columns
    means["series"], means["date"] = [name for name, _ in names], [date for _, date in names]
    means["year"] = [
        int(date[:4]) + int(date[5:]) / 12 - 1 for date in means["date"]
    ]  # December is the end of its year
    return {
        str(name): table for name, table in means.groupby("series", sort=False) if table["date"].nunique() >= DATES_MIN
    }


def _over_time(finding: Finding, name: str, table: Any) -> Figure:
    """Total indices as lines, first indices as a stack, and how large the variation is that they share."""
    real = table[table["against_noise"] != "floor"]
    order = real.groupby("input")["total"].max().sort_values(ascending=False, kind="stable").index[: len(LINES)]
    years = np.sort(table["year"].unique())
    with mpl.rc_context(style()):
        figure = new_figure(15.6, 5.6)
        panels = figure.subplots(1, 3, width_ratios=(1.15, 1.15, 0.8))
        stack, handles = [], []
        for key, colour in zip(order, LINES, strict=False):
            rows = table[table["input"] == key].set_index("year").reindex(years)
            panels[0].fill_between(years, rows["total_low"], rows["total_high"], color=colour, alpha=0.15, linewidth=0)
            panels[0].plot(years, rows["total"], color=colour, linewidth=2.2, marker="o", markersize=3.5)
            stack.append(_positive(rows["first"]))
            handles.append(Patch(color=colour, label=label_of(key)))
        floor = table[table["against_noise"] == "floor"].set_index("year").reindex(years)
        panels[0].plot(years, floor["total"], color=BASELINE, linewidth=1.6, linestyle=(0, (5, 2)))
        others = real[~real["input"].isin(order)].groupby("year")["first"].sum()
        stack.append(_positive(others.reindex(years)))
        alone = np.sum(stack, axis=0)
        stack.append(np.maximum(1 - alone, 0))
        together = np.maximum(alone, 1.0)  # estimates of first indices may add up to a little over 1
        colours = [*LINES[: len(order)], "#9CA3AF", "#E5E7EB"]
        panels[1].stackplot(years, np.array(stack) / together, colors=colours, linewidth=0)
        handles += [
            Patch(color="#9CA3AF", label=say("figures.sensitivity.other_inputs_alone")),
            Patch(color="#E5E7EB", label=say("figures.sensitivity.interactions_noise")),
        ]
        handles.append(
            Line2D(
                [], [], color=BASELINE, linewidth=1.6, linestyle=(0, (5, 2)), label=say("figures.indices.noise_floor")
            )
        )
        factor, unit = scale_of(str(table["unit"].iloc[0]), LANGUAGE.get())
        sd = table.groupby("year")["sd"].first().reindex(years)
        panels[2].plot(years, factor * sd, color=TEXT, linewidth=2.2, marker="o", markersize=3.5)
        panels[2].set_ylim(bottom=0)
        titles = (
            say("figures.sensitivity.total_index_interactions"),
            say("figures.sensitivity.first_indices_stacked"),
            say("figures.sensitivity.standard_deviation_over", unit=unit),
        )
        for panel, title in zip(panels, titles, strict=True):
            panel.set_title(title, loc="left", fontsize=11.5, fontweight="bold")
            panel.set_xlim(years[0], years[-1])
            panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            panel.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:z.0f}"))
        for panel in panels[:2]:
            panel.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            panel.set_ylim(0, 1)
        shown = real[real["input"].isin(order)]
        low, high = float(shown["total_low"].min()), float(shown["total_high"].max())
        panels[0].set_ylim(min(0.0, 1.02 * low), max(1.0, 1.02 * high))  # bands are shown whole
        figure.legend(handles=handles, loc="outside right center", frameon=False, fontsize=9.5)
        figure.suptitle(
            say("figures.sensitivity.what_matters_when", name=in_words(name)),
            x=0.01,
            ha="left",
            fontsize=14.5,
            fontweight="bold",
        )
        over = say("figures.sensitivity.first_indices_add") if (alone > 1).any() else ""
        note = say("figures.sensitivity.mean_over_seeds_end", over=over, origin=_origin(finding))
        note = "\n".join(part for part in (note, _doubt(finding).strip()) if part)
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return figure


def _positive(values: Any) -> Any:
    """Estimates that can be stacked: negative and missing ones as nothing."""
    return np.nan_to_num(np.asarray(values, float)).clip(min=0)


def _pawn_figures(finding: Finding) -> dict[str, Figure]:
    table: Any = finding.tables["pawn"]
    figures = {}
    for outcome, rows in table[table["target"] == "mean"].groupby("outcome", sort=False):
        inputs = rows[rows["against_noise"] != "floor"].head(SHOWN)
        with mpl.rc_context(style()):
            figure = new_figure(9.4, 1.9 + 0.44 * max(len(inputs), 5))
            panel = figure.subplots()
            draw_bars(
                panel,
                [label_of(key) for key in inputs["input"]],
                inputs["index"],
                (inputs["index_low"], inputs["index_high"]),
            )
            panel.set_xlim(left=0)
            panel.set_xlabel(say("figures.sensitivity.pawn_index_shift"))
            floor = rows[rows["against_noise"] == "floor"].iloc[0]
            draw_floor(panel, floor["index"], floor["index_high"], say("figures.indices.by_accident"))
            figure.suptitle(in_words(str(outcome)), x=0.01, ha="left", fontsize=14.5, fontweight="bold")
            note = say("figures.sensitivity.mean_over_seeds_whiskers", origin=_origin(finding))
            figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        figures[file_name("pawn", str(outcome))] = figure
    means = table[table["target"] == "mean"]
    if means["outcome"].nunique() > 1:
        note = say("figures.sensitivity.pawn_index_mean", origin=_origin(finding))
        figures["heat-map"] = _heat_map(means, "index", say("figures.sensitivity.pawn_index"), note)
    return figures


def _heat_map(means: Any, value: str, meaning: str, note: str) -> Figure:
    """Inputs by outcomes, the dummy last, if there is one."""
    floor = list(dict.fromkeys(means.loc[means["against_noise"] == "floor", "input"]))
    told = say("figures.sensitivity.index_larger_dummy", note=note) if floor else note
    return heat_map(means, value, say("figures.sensitivity.what_matters_outcome"), meaning, told, last=floor)


def _tornado_figures(finding: Finding) -> dict[str, Figure]:
    return {
        file_name("tornado", str(outcome)): _tornado(finding, str(outcome), table)
        for outcome, table in finding.tables["tornado"].groupby("outcome", sort=False)
    }


def _tornado(finding: Finding, outcome: str, table: Any) -> Figure:
    """Change of the outcome at the low and the high end of each setting, largest swing on top."""
    factor, unit = scale_of(str(table["unit"].iloc[0]), LANGUAGE.get())
    shown = table.head(SHOWN)
    base = factor * float(shown["base"].iloc[0])
    places = np.arange(len(shown))[::-1]
    with mpl.rc_context(style()):
        figure = new_figure(11.4, 2.3 + 0.5 * max(len(shown), 4))
        panel = figure.subplots()
        ends_said = (say("figures.sensitivity.low_end"), say("figures.sensitivity.high_end"))
        for end, said, colour, shift in zip(("low", "high"), ends_said, (LOW, HIGH), (0.18, -0.18), strict=True):
            change = factor * shown[f"change_at_{end}"].to_numpy()
            panel.barh(places + shift, change, height=0.34, color=colour, label=said)
            ends = (factor * shown[f"change_at_{end}_low"], factor * shown[f"change_at_{end}_high"])
            panel.hlines(places + shift, *ends, color=TEXT, linewidth=1.2)
        panel.axvline(0, color=TEXT, linewidth=1)
        names = [f"{label_of(row.input)}\n{_tried(row)}" for row in shown.itertuples(index=False)]
        panel.set_yticks(places, names, color=TEXT, fontsize=9.5)
        panel.tick_params(axis="y", length=0)
        panel.grid(visible=False, axis="y")
        panel.grid(visible=True, axis="x")
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+z,.10g}" if value else "0"))
        panel.set_xlabel(say("figures.sensitivity.change_from", base=f"{base:z,.4g}", unit=unit))
        figure.legend(loc="outside upper right", ncols=2, frameon=False, fontsize=10)
        figure.suptitle(in_words(outcome), x=0.01, ha="left", fontsize=14.5, fontweight="bold")
        hidden = len(table) - len(shown)
        more = say("figures.sensitivity.smaller_ones_shown", hidden=hidden) if hidden else ""
        note = say("figures.sensitivity.setting_time_others", more=more, origin=_origin(finding))
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return figure


def _tried(row: Any) -> str:
    """Both ends that a setting goes to."""
    if LANGUAGE.get() == "en":
        return between(f"{row.setting_low:z,.4g}", f"{row.setting_high:z,.4g}")
    return between(*(setting_value(row.input, end, LANGUAGE.get()) for end in (row.setting_low, row.setting_high)))
