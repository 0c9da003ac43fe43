"""Figures of a calibration: what was learned of each parameter, what the facts rule out, whether they are met."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from injae.experiments.findings import Finding
from injae.experiments.wording.amounts import percent
from injae.experiments.wording.spoken import LANGUAGE
from injae.experiments.wording.titles import measure_title, setting_title
from injae.viz.answers.calibrate import has_posterior, headline, in_waves, known_of, space_left
from injae.viz.answers.calibrate_waves import contributors, outcome_words
from injae.viz.answers.regions import amount, bare, input_name, policy_name, tables_of
from injae.viz.answers.words import between, say, unit_name
from injae.viz.figures.breaking import fill, letters, shorten
from injae.viz.figures.style import BASELINE, POLICY, SECONDARY, TARGET, TEXT, style

TRIED, AFTER, HELD_OUT = "#E5E7EB", POLICY, "#E69F00"
SHOWN = 20  # parameters of the figure; parameters.csv has all
NAME = 40  # letters of a parameter's name on a line
COLUMN_GAP = 4  # letters between columns of texts
LETTERS_PER_INCH = 12.5  # of such a column
CONTRIBUTORS = 3  # of each outcome, in the figure
REACH = 6.0  # standard deviations that the check of facts shows each way


def calibrate_figures(finding: Finding) -> dict[str, Figure]:
    """``implausibility`` and ``facts``; ``parameters`` if anything agrees with all facts; ``information`` of waves."""
    figures = {"implausibility": _implausibility(finding), "facts": _facts(finding)}
    if in_waves(finding) and tables_of(finding)["information"]["above"].astype(bool).any():
        figures["information"] = _information(finding)
    if has_posterior(finding):
        figures["parameters"] = _parameters(finding)
    return figures


def _new(title: str, note: str, width: float, rows: int) -> Figure:
    figure = Figure(figsize=(width, 2.0 + 0.46 * max(rows, 3)), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)  # type: ignore[union-attr]
    lines = fill(title[0].upper() + title[1:], int(9.0 * width))
    figure.suptitle(lines, x=0.01, ha="left", fontsize=13.5, fontweight="bold")
    figure.supxlabel(fill(note, int(15.5 * width)), x=0.01, ha="left", fontsize=9, color=SECONDARY)
    return figure


def _rows(panel: Axes, labels: list[str]) -> Any:
    """Rows from the top, labelled on the left; gives their heights."""
    heights = np.arange(len(labels))[::-1]
    panel.set_yticks(heights, labels, color=TEXT)
    panel.set_ylim(-0.6, len(labels) - 0.4)
    panel.tick_params(axis="y", length=0)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    panel.spines["left"].set_visible(False)
    return heights


def _panels(figure: Figure, text_width: float) -> tuple[Axes, Axes]:
    """A panel, and one beside it for columns of text that is so wide (share of the first)."""
    panel, beside = figure.subplots(1, 2, sharey=True, width_ratios=(1, text_width))
    beside.set_axis_off()
    beside.set_xlim(0, 1)
    return panel, beside


def _columns(beside: Axes, heights: Any, columns: dict[str, list[str]]) -> None:
    """Columns of texts by heading, each as wide as its longest text needs."""
    place, letters = 0.0, _letters(columns)
    for title, texts in columns.items():
        _column(beside, heights, texts, title, place)
        place += _letters({title: texts}) / letters


def _letters(columns: dict[str, list[str]]) -> float:
    """Letters across columns of texts, the space between them included."""
    return sum(max(map(letters, [title, *texts])) + COLUMN_GAP for title, texts in columns.items())


def _column(beside: Axes, heights: Any, texts: list[str], title: str, place: float) -> None:
    """A column of texts with a heading, a text a row."""
    for height, text in zip(heights, texts, strict=True):
        beside.text(place, height, text, va="center", fontsize=10, color=TEXT)
    beside.text(place, heights[0] + 0.72, title, va="center", fontsize=9.5, color=SECONDARY)


def _origin(finding: Finding) -> str:
    question, facts = finding.question, finding.facts
    if in_waves(finding):
        scenario = policy_name(question["scenario"])
        return say("figures.calibrate.waves_points_seeds", scenario=scenario, question=question, facts=facts)
    policy = policy_name(question["policy"])
    return say("figures.calibrate.points_seeds_wave", policy=policy, question=question, facts=facts)


def _parameters(finding: Finding) -> Figure:
    """Each parameter's range as one bar, and in it what the facts leave of it, most learned first."""
    table = tables_of(finding)["parameters"].head(SHOWN)
    rows = table.to_dict("records")
    hidden = len(tables_of(finding)["parameters"]) - len(rows)
    with mpl.rc_context(style()):
        note = say(
            "figures.calibrate.grey_what_tried",
            more=say("figures.calibrate.parameters_less_learned", hidden=hidden) if hidden else "",
            origin=_origin(finding),
        )
        columns = {
            say("figures.calibrate.tried"): [_ends(row, "low", "high") for row in rows],
            say("figures.calibrate.percent"): [_ends(row, "posterior_low", "posterior_high") for row in rows],
            say("figures.calibrate.learned"): [_learned(row) for row in rows],
            say("figures.calibrate.unit"): [shorten(unit_name(str(row["unit"])), 24) for row in rows],
        }
        texts_wide = _letters(columns) / LETTERS_PER_INCH
        figure = _new(headline(finding), note, 7.5 + texts_wide, len(rows))
        panel, beside = _panels(figure, texts_wide / 4.5)
        heights = _rows(panel, [_in_two(input_name(row)) for row in rows])
        for height, row in zip(heights, rows, strict=True):
            low, middle, high, now = (
                _share(row, row[name]) for name in ("posterior_low", "posterior_median", "posterior_high", "current")
            )
            panel.barh(height, 1, height=0.5, color=TRIED, linewidth=0)
            panel.barh(height, high - low, left=low, height=0.5, color=AFTER, alpha=0.75, linewidth=0)
            panel.plot(middle, height, "o", color="white", markersize=6, markeredgecolor=TEXT, markeredgewidth=0.8)
            if 0 <= now <= 1:
                panel.plot([now, now], [height - 0.36, height + 0.36], color=TARGET, linewidth=2)
        panel.set_xlim(0, 1)
        panel.set_xticks([])
        panel.grid(visible=False, axis="x")
        panel.spines["bottom"].set_visible(False)
        _columns(beside, heights, columns)
        return figure


def _ends(row: dict[str, Any], low: str, high: str) -> str:
    """Two ends of a range; the unit has a column of its own."""
    return between(*(bare(amount(row[end], row["unit"])) for end in (low, high)))


def _in_two(name: str) -> str:
    """A long name on two lines."""
    return fill(name, NAME) if LANGUAGE.get() != "en" else name


def _learned(row: dict[str, Any]) -> str:
    learned = f"{100 * max(row['learned'], 0):z.0f}%"
    return say("figures.calibrate.learned_nothing", learned=learned) if row["verdict"] == "nothing" else learned


def _share(row: dict[str, Any], value: float) -> float:
    """Where a value lies in the range of a parameter, on its scale."""
    if row["scale"] == "log":
        return float(np.log(value / row["low"]) / np.log(row["high"] / row["low"]))
    return (value - row["low"]) / (row["high"] - row["low"])


def _implausibility(finding: Finding) -> Figure:
    """How far runs lie from each used fact over all that was tried, and what the fact rules out alone."""
    table = tables_of(finding)["facts"]
    rows = table[~table["held_out"].astype(bool)].sort_values("ruled_out_alone", ascending=False, kind="stable")
    rows = rows.to_dict("records")
    limit, facts = finding.question["ruled_out_above"], finding.facts
    together = (
        say("figures.calibrate.together_they_leave", space=space_left(facts))
        if facts["by_emulator"]
        else say("figures.calibrate.they_leave_points", facts=facts)
    )
    most = rows[0]["ruled_out_alone"]
    first = (
        say("figures.calibrate.rules_out_most", what=_fact(rows[0]), most=f"{percent(most, 2)}%")
        if most > 0
        else say("figures.calibrate.fact_rules_anything")
    )
    title = f"{first}; {together}"
    with mpl.rc_context(style()):
        note = say("figures.calibrate.distance_mean_run", limit=limit, origin=_origin(finding))
        figure = _new(title, note, 12.5, len(rows))
        panel, beside = _panels(figure, 0.32)
        heights = _rows(panel, [_wrapped(_fact(row)) for row in rows])
        for height, row in zip(heights, rows, strict=True):
            low, middle, high = (row[f"implausibility_{name}"] for name in ("low", "median", "high"))
            colour = AFTER if row["judged_by"] == "emulator" else BASELINE
            panel.barh(height, high - low, left=low, height=0.42, color=colour, alpha=0.75, linewidth=0)
            panel.plot(middle, height, "o", color="white", markersize=6, markeredgecolor=TEXT, markeredgewidth=0.8)
        panel.axvline(limit, color=TARGET, linewidth=1.4)
        panel.set_xlim(0, max(limit * 1.35, panel.get_xlim()[1]))
        panel.text(limit, len(rows) - 0.42, say("figures.calibrate.ruled_out"), color=TARGET, fontsize=9.5, va="bottom")
        panel.set_xlabel(say("figures.calibrate.implausibility_standard_deviations"))
        _column(
            beside,
            heights,
            [f"{percent(row['ruled_out_alone'], 2)}%" for row in rows],
            say("figures.calibrate.rules_out"),
            0.0,
        )
        _column(beside, heights, [_by(row) for row in rows], say("figures.calibrate.judged_by"), 0.34)
        return figure


def _information(finding: Finding) -> Figure:
    """For each outcome, how much of its variance would go if one parameter were known: the largest few."""
    table = tables_of(finding)["information"]
    outcomes = list(dict.fromkeys(table["outcome"]))
    rows: list[tuple[str, str, float, float]] = []
    for outcome in outcomes:
        some = contributors(finding, outcome).head(CONTRIBUTORS)
        rows += [(outcome, _name(row.input), float(row.share), float(row.floor)) for row in some.itertuples()]
    best = max(rows, key=lambda row: row[2])
    title = say(
        "figures.calibrate.knowing_would_take",
        parameter=best[1],
        share=f"{percent(best[2], 2)}%",
        outcome=outcome_words(best[0]),
    )
    note = say("figures.calibrate.share_variance_over", origin=_origin(finding))
    with mpl.rc_context(style()):
        figure = _new(title, note, 12.5, len(rows))
        panel = figure.subplots()
        heights = _rows(panel, [shorten(f"{name}", 40) for _, name, _, _ in rows])
        for height, (outcome, _, share, floor) in zip(heights, rows, strict=True):
            colour = AFTER if outcomes.index(outcome) % 2 == 0 else HELD_OUT
            panel.barh(height, share, height=0.5, color=colour, alpha=0.8, linewidth=0)
            panel.plot([floor, floor], [height - 0.32, height + 0.32], color="#9CA3AF", linewidth=1.5)
            text = say("figures.calibrate.share_of", share=f"{percent(share, 2)}%", outcome=outcome_words(outcome))
            panel.text(share, height, text, va="center", fontsize=9.5)
        panel.set_xlim(0, 1.8 * max(row[2] for row in rows))
        panel.xaxis.set_major_formatter(PercentFormatter(1.0))
        return figure


def _name(path: str) -> str:
    if LANGUAGE.get() != "en":
        return setting_title(str(path), LANGUAGE.get())
    return str(path).rpartition(".")[2].replace("_", " ")


def _fact(row: dict[str, Any]) -> str:
    """What is known, with the case that it is known of where there are several."""
    title = measure_title(str(row["name"]), LANGUAGE.get(), str(row["what"]))
    is_told = LANGUAGE.get() != "en" and f"({row.get('case')})" in str(row["what"])
    return f"{title} ({policy_name(str(row['case']))})" if is_told else title


def _by(row: dict[str, Any]) -> str:
    if row["judged_by"] == "emulator":
        return say("figures.calibrate.emulator", row=row)
    return say("figures.calibrate.points_grey")


def _facts(finding: Finding) -> Figure:
    """Runs before and after against each fact, in its own standard deviations; held-out facts below the others."""
    table = tables_of(finding)["facts"]
    rows = table.to_dict("records")
    missed = [
        say("figures.calibrate.held_out", fact=_fact(row)) if row["held_out"] else _fact(row)
        for row in rows
        if row["fits"] == "no"
    ]
    sure = (table["judged_by"] == "emulator").all()
    met = (
        say("figures.calibrate.facts_met_used")
        if sure
        else say("figures.calibrate.fact_contradicted", by_points=_by_points(table))
    )
    told = say("figures.calibrate.missed", missed=", ".join(missed)) if missed else met
    title = told if has_posterior(finding) else say("figures.calibrate.nothing_tried_agrees")
    with mpl.rc_context(style()):
        note = say("figures.calibrate.zero_fact_standard", reach=REACH, origin=_origin(finding))
        figure = _new(title, note, 12.5, len(rows))
        panel, beside = _panels(figure, 0.42)
        heights = _rows(panel, [_wrapped(_fact(row)) for row in rows])
        panel.axvspan(-2, 2, color="#F3F4F6", zorder=0)
        panel.axvline(0, color=TARGET, linewidth=1.4)
        for height, row in zip(heights, rows, strict=True):
            _bar(panel, height + 0.17, row, "before", "#9CA3AF")
            if row["after_low"] == row["after_low"]:
                _bar(panel, height - 0.17, row, "after", HELD_OUT if row["held_out"] else AFTER)
        panel.set_xlim(-REACH, REACH)
        panel.set_xlabel(say("figures.calibrate.distance_fact_standard"))
        known = [known_of(row["value"], row["error"], row["unit"]) for row in rows]
        _column(beside, heights, known, say("figures.calibrate.known"), 0.0)
        _column(beside, heights, [_verdict(row) for row in rows], say("figures.calibrate.after"), 0.5)
        return figure


def _verdict(row: dict[str, Any]) -> str:
    """Whether a fact is met, and whether it was kept out of the fit."""
    verdicts = {"yes": say("figures.calibrate.met"), "no": say("figures.calibrate.missed_fact")}
    verdict = verdicts.get(row["fits"], "-")
    return say("figures.calibrate.verdict_held_out", verdict=verdict) if row["held_out"] else verdict


def _by_points(table: Any) -> str:
    """How many facts only points judge, since no emulator stands for the runs there: a weak test."""
    weak = table[table["judged_by"] != "emulator"]
    held = int(weak["held_out"].astype(bool).sum())
    return say("figures.calibrate.judged_points", weak=len(weak), table=len(table)) + (
        say("figures.calibrate.these_held_out", held=held) if held else ""
    )


def _bar(panel: Axes, height: float, row: dict[str, Any], when: str, colour: str) -> None:
    """One bar of runs in the fact's standard deviations, cut where the panel ends."""
    blur = float(np.hypot(row["error"], row["discrepancy"]))
    low, middle, high = ((row[f"{when}_{name}"] - row["value"]) / blur for name in ("low", "median", "high"))
    start, end = np.clip([low, high], -REACH, REACH)
    panel.barh(height, end - start, left=start, height=0.26, color=colour, alpha=0.85, linewidth=0)
    if abs(middle) <= REACH:
        panel.plot(middle, height, "o", color="white", markersize=4.5, markeredgecolor=TEXT, markeredgewidth=0.7)
    for beyond, place, mark in ((low < -REACH, -REACH, "<"), (high > REACH, REACH, ">")):
        if beyond:
            panel.plot(place, height, mark, color=colour, markersize=6, clip_on=False)


def _wrapped(what: str) -> str:
    return fill(what, 34)
