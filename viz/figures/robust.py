"""Figures of robustness: a table of regret and one of ranks, coloured, for each outcome."""

import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from injae.experiments.findings import Finding
from injae.viz.answers.regions import difference, measured, plain_name, policy_name, seeds_words, tables_of
from injae.viz.answers.robust import MEASURE_WORDS, agreement, measure_name, rank_words, shown, with_interval
from injae.viz.answers.words import say, unit_name
from injae.viz.figures.breaking import fill
from injae.viz.figures.style import SECONDARY, TEXT, plain, style

REGRET = ("regret_mean", "regret_90", "regret_max", "futures_regretted")


def robust_figures(finding: Finding) -> dict[str, Figure]:
    """``regret-OUTCOME`` and ``ranks-OUTCOME`` for each outcome."""
    figures = {}
    for outcome in finding.question["outcomes"]:
        name = re.sub(r"[^\w-]+", "-", outcome)
        figures[f"regret-{name}"] = _regret_figure(finding, outcome)
        figures[f"ranks-{name}"] = _ranks_figure(finding, outcome)
    return figures


def _regret_figure(finding: Finding, outcome: str) -> Figure:
    """Policies x measures of regret: darker is more of the column's largest."""
    rows = tables_of(finding)["measures"]
    rows = rows[rows["outcome"] == outcome].sort_values("regret_mean", kind="stable")
    facts = finding.facts["outcomes"][outcome]
    values = rows[list(REGRET)].to_numpy(float)
    colour = values / np.maximum(values.max(axis=0), 1e-300)
    texts = [
        [with_interval(row, name, facts["unit"], facts["more_is_better"]) for name in REGRET[:3]]
        for row in rows.to_dict("records")
    ]
    for text, row in zip(texts, rows.itertuples(index=False), strict=True):
        text.append(say("figures.robust.futures_of", row=row))
    best, unit = policy_name(str(rows["policy"].iloc[0])), unit_name(facts["unit"])
    title = say("figures.robust.least_regret_average", outcome=plain_name(outcome), unit=unit, best=best)
    margin = measured(difference(facts["margin"], facts["unit"]), facts["unit"])
    note = say(
        "figures.robust.regret_what_best",
        futures=rows["futures"].iloc[0],
        seeds=seeds_words(tables_of(finding)["matrix"]),
        margin=margin,
    )
    heads = [
        say("figures.robust.mean_regret"),
        say("figures.robust.regret_most"),
        say("figures.robust.largest_regret"),
        say("figures.robust.clearly_better"),
    ]
    return _table_figure(title, list(rows["policy"]), heads, colour, texts, note, "Reds")


def _ranks_figure(finding: Finding, outcome: str) -> Figure:
    """Policies x measures: rank, its range over resampled futures, and the value below."""
    of = finding.facts["outcomes"][outcome]
    unit, more = of["unit"], of["more_is_better"]
    ranks = tables_of(finding)["ranks"]
    ranks = ranks[ranks["outcome"] == outcome]
    names = [name for name in MEASURE_WORDS if name in set(ranks["measure"])]
    wide = ranks.pivot(index="policy", columns="measure", values="rank")[names]
    order = wide.mean(axis=1).sort_values(kind="stable").index
    colour = (wide.loc[order].to_numpy(float) - 1) / max(len(order) - 1, 1)
    cells: Any = ranks.set_index(["policy", "measure"])
    texts = [
        [
            f"{rank_words(cells.loc[(policy, name)])}\n"
            + shown(cells.loc[(policy, name)]["value"], name, unit, more_is_better=more)
            for name in names
        ]
        for policy in order
    ]
    agreed = agreement(finding, outcome)
    title = say("figures.robust.agreement", outcome=plain_name(outcome), unit=unit_name(unit), agreed=agreed)
    note = say("figures.robust.rank_measure_best")
    columns = [measure_name(name) for name in names]
    return _table_figure(title, list(order), columns, colour, texts, note, "Blues_r")


def _table_figure(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    colour: Any,
    texts: Sequence[Sequence[str]],
    note: str,
    palette: str,
) -> Figure:
    """A table whose cells are coloured by a share from 0 to 1: shape ``(rows, columns)``."""
    with mpl.rc_context(style()):
        width = 3.0 + 1.75 * len(columns)
        figure = Figure(figsize=(width, 2.1 + 0.62 * len(rows)), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)  # type: ignore[union-attr]
        panel = figure.subplots()
        map_ = mpl.colormaps[palette]
        panel.imshow(colour, cmap=map_, vmin=-0.15, vmax=1.25, aspect="auto")
        for row, cells in enumerate(texts):
            for column, text in enumerate(cells):
                share = float(colour[row, column])
                dark = sum(map_((share + 0.15) / 1.4)[:3]) < 1.5
                place: Any = {"ha": "center", "va": "center", "color": "white" if dark else TEXT}
                panel.text(column, row, text, fontsize=10.5, linespacing=1.3, **place)
        panel.set_xticks(range(len(columns)), [str(column) for column in columns], color=TEXT)
        panel.set_yticks(range(len(rows)), [plain(policy_name(row)) for row in rows], color=TEXT)
        panel.xaxis.tick_top()
        panel.tick_params(length=0)
        panel.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
        panel.set_yticks(np.arange(len(rows) + 1) - 0.5, minor=True)
        panel.grid(visible=False)
        panel.grid(visible=True, which="minor", axis="both", color="white", linewidth=3)
        panel.tick_params(which="minor", length=0)
        panel.spines[:].set_visible(False)
        lines = fill(plain(title[0].upper() + title[1:]), int(9.2 * width))
        figure.suptitle(lines, x=0.01, ha="left", fontsize=13, fontweight="bold")
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        return figure
