"""Figures of a scenario discovery: the trajectory of boxes, the limits on their inputs' ranges, and the futures."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, PercentFormatter

from injae.experiments.findings import Finding
from injae.viz.answers.discover import expected, headline, words_of
from injae.viz.answers.regions import Range, amount, input_name, labelled, p_value, plain_name, ranges, tables_of
from injae.viz.answers.words import say
from injae.viz.figures.breaking import fill
from injae.viz.figures.style import BASELINE, POLICY, SECONDARY, TARGET, TEXT, plain, style

BOX_COLOURS = ("#B45309", "#7F3C8D", "#009E73")  # of the boxes in order
COUNT_COLOURS = ("#9CA3AF", "#FDE725", "#7AD151", "#22A884", "#2A788E", "#414487", "#440154")  # by limited inputs
FAILS, HOLDS = TARGET, POLICY


def discover_figures(finding: Finding) -> dict[str, Figure]:
    """``trajectory``, ``limits`` and ``futures``; none where there is nothing to tell apart or no region."""
    if not len(tables_of(finding)["boxes"]):
        return {}
    figures = {"trajectory": _trajectory_figure(finding)}
    if len(tables_of(finding)["limits"]):
        figures |= {"limits": _limits_figure(finding), "futures": _futures_figure(finding)}
    return figures


def _new_figure(width: float, height: float, title: str) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.1)  # type: ignore[union-attr]
    lines = fill(plain(title), int(8.2 * width))
    figure.suptitle(lines, x=0.01, ha="left", fontsize=13.5, fontweight="bold")
    return figure


def _note(figure: Figure, text: str) -> None:
    figure.supxlabel(text, x=0.01, ha="left", fontsize=9, color=SECONDARY)


def _trajectory_figure(finding: Finding) -> Figure:
    """Coverage against density of each step, coloured by the number of limited inputs; a panel a box."""
    trajectory, boxes = tables_of(finding)["trajectory"], tables_of(finding)["boxes"]
    most = min(int(trajectory["inputs"].max()), len(COUNT_COLOURS) - 1)
    colours = ListedColormap(list(COUNT_COLOURS[: most + 1]))
    norm = BoundaryNorm(np.arange(-0.5, most + 1), colours.N)
    with mpl.rc_context(style()):
        figure = _new_figure(3.2 + 5.4 * len(boxes), 6.0, headline(finding))
        panels = figure.subplots(1, len(boxes), sharey=True, squeeze=False)[0]
        for panel, row in zip(panels, boxes.itertuples(index=False), strict=True):
            steps = trajectory[trajectory["box"] == row.box]
            dots = _draw_steps(panel, steps, colours, norm, most)
            _draw_answer(panel, row, finding)
        panels[0].set_ylabel(say("figures.discover.density_share_region", **words_of(finding)))
        bar = figure.colorbar(dots, ax=panels, ticks=range(most + 1), pad=0.01)
        bar.set_label(say("figures.discover.inputs_limit"))
        bar.outline.set_visible(False)
        _note(
            figure,
            say("figures.discover.dot_step_peeling"),
        )
        return figure


def _draw_steps(panel: Axes, steps: Any, colours: Any, norm: Any, most: int) -> Any:
    panel.plot(steps["coverage"], steps["density"], color="#D1D5DB", linewidth=1.2, zorder=1)
    counts = steps["inputs"].clip(upper=most)
    dots = panel.scatter(
        steps["coverage"], steps["density"], c=counts, cmap=colours, norm=norm, s=42, edgecolor="white", linewidth=0.5
    )
    chosen = steps[steps["chosen"].astype(bool)]
    panel.scatter(chosen["coverage"], chosen["density"], s=150, facecolor="none", edgecolor=TEXT, linewidth=1.5)
    last = None
    for row in steps.itertuples(index=False):
        far = last is None or np.hypot(row.coverage - last[0], row.density - last[1]) > 0.06
        near = np.hypot(chosen["coverage"] - row.coverage, chosen["density"] - row.density).min() < 0.06
        if (far and not near) or row.chosen:
            last = (row.coverage, row.density)
            place = {"xytext": (9, 3), "textcoords": "offset points"}
            panel.annotate(str(row.step), last, fontsize=9, color=SECONDARY, **place)
    return dots


def _draw_answer(panel: Axes, row: Any, finding: Finding) -> None:
    colour = BOX_COLOURS[row.box - 1]
    panel.scatter([row.coverage], [row.density], marker="*", s=330, color=colour, edgecolor="white", zorder=4)
    panel.axhline(float(finding.facts["wanted_density"]), color=BASELINE, linewidth=1, linestyle=(0, (5, 3)))
    panel.set_xlim(0, 1.04)
    panel.set_ylim(0, 1.05)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    panel.grid(visible=True, axis="both")
    panel.set_xlabel(say("figures.discover.coverage_share_failing", **words_of(finding)))
    text = say("figures.discover.region_fail", **words_of(finding), row=row, shuffled_p=p_value(row.shuffled_p))
    panel.set_title(text, loc="left", fontsize=11.5, fontweight="bold", color=colour)


def _limits_figure(finding: Finding) -> Figure:
    """The kept part of each limited input's range, a panel a box."""
    limits, inputs = tables_of(finding)["limits"], tables_of(finding)["inputs"]
    by_box = {box: list(ranges(rows, inputs)) for box, rows in limits.groupby("box")}
    heights = [len(rows) + 0.5 for rows in by_box.values()]
    with mpl.rc_context(style()):
        figure = _new_figure(11.5, 1.9 + 0.82 * sum(heights), headline(finding))
        panels = figure.subplots(len(by_box), 1, squeeze=False, height_ratios=heights)[:, 0]
        for panel, (box, rows) in zip(panels, by_box.items(), strict=True):
            _draw_ranges(panel, rows, limits[limits["box"] == box], int(str(box)))
            held = tables_of(finding)["boxes"].set_index("box").loc[box]
            text = say(
                "figures.discover.region_futures_fail",
                **words_of(finding),
                box=box,
                failing=int(held["failing"]),
                futures=int(held["futures"]),
                held=held,
                shuffled_p=p_value(held["shuffled_p"]),
            )
            told = expected(finding) if box == 1 else ""
            text += f"\n{told[0].upper()}{told[1:]}" if told else ""
            panel.set_title(
                text, loc="left", fontsize=11.5, fontweight="bold", color=BOX_COLOURS[int(str(box)) - 1], pad=10
            )
        limited = {one.given["path"] for rows in by_box.values() for one in rows}
        free = [input_name(row) for row in inputs.to_dict("records") if row["path"] not in limited]
        listed = fill(say("figures.discover.without_limit", names=", ".join(free)) if free else "", 130)
        _note(
            figure,
            say("figures.discover.grey_range_tried", **words_of(finding), listed=listed).rstrip(),
        )
        return figure


def _draw_ranges(panel: Axes, rows: list[Range], limits: Any, box: int) -> None:
    colour = BOX_COLOURS[box - 1]
    for place, one in enumerate(rows):
        unit, low, high = one.given["unit"], one.given["low"], one.given["high"]
        ends = [0.0 if one.low is None else _share(one, one.low), 1.0 if one.high is None else _share(one, one.high)]
        panel.barh(place, 1, height=0.16, color="#E5E7EB")
        panel.barh(place, ends[1] - ends[0], left=ends[0], height=0.34, color=colour)
        for at, value, side in ((0, low, "right"), (1, high, "left")):
            offset = -6 if side == "right" else 6
            panel.annotate(
                amount(value, unit), (at, place), xytext=(offset, 0), textcoords="offset points", ha=side, va="center",
                color=SECONDARY, fontsize=10,
            )  # fmt: skip
        for value, at in ((one.low, ends[0]), (one.high, ends[1])):
            if value is not None:
                panel.annotate(
                    amount(value, unit), (at, place - 0.17), xytext=(0, 3), textcoords="offset points", ha="center",
                    fontsize=10.5, fontweight="bold", color=colour,
                )  # fmt: skip
        mine = limits[limits["input"] == one.given["path"]]
        odds = ", ".join(p_value(p) for p in mine["quasi_p"])
        panel.text(1.16, place, f"p {odds}", va="center", color=SECONDARY, fontsize=10)
    names = [fill(labelled(one.given), 34) for one in rows]
    panel.set_yticks(range(len(rows)), names, color=TEXT)
    panel.tick_params(axis="y", length=0, pad=70)
    panel.set_ylim(len(rows) - 0.6, -0.55)
    panel.set_xlim(0, 1.32)
    panel.set_xticks([])
    panel.grid(visible=False)
    panel.spines[:].set_visible(False)


def _share(one: Range, value: float) -> float:
    """Where a value lies between the ends of the range tried, on the input's scale."""
    low, high = one.given["low"], one.given["high"]
    if one.given["scale"] == "log":
        low, high, value = np.log([low, high, value])
    return float(np.clip((value - low) / (high - low), 0, 1))


def _futures_figure(finding: Finding) -> Figure:
    """Every future on the two inputs with the strongest limits; those outside for other limits' sake are pale."""
    inputs = tables_of(finding)["inputs"].set_index("path", drop=False)
    x, y = _axes_of(finding)
    points, limits = tables_of(finding)["points"], tables_of(finding)["limits"]
    first = list(ranges(limits[limits["box"] == 1], tables_of(finding)["inputs"]))
    elsewhere = np.zeros(len(points), bool)
    for one in first:
        if one.given["path"] not in (x, y):
            values = points[one.given["path"]]
            elsewhere |= (values < (-np.inf if one.low is None else one.low)).to_numpy()
            elsewhere |= (values > (np.inf if one.high is None else one.high)).to_numpy()
    with mpl.rc_context(style()):
        figure = _new_figure(9.6, 7.2, headline(finding))
        panel = figure.subplots()
        _draw_futures(panel, points, x, y, elsewhere, words_of(finding))
        _name_axis(inputs, x, panel.xaxis, panel.set_xscale)
        _name_axis(inputs, y, panel.yaxis, panel.set_yscale)
        _draw_box(panel, first, x, y)
        panel.grid(visible=True, axis="both")
        panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False)
        pale = say("figures.discover.pale_outside_region") if elsewhere.any() else ""
        _note(figure, say("figures.discover.dot_future_frame", pale=pale).strip())
        return figure


def _axes_of(finding: Finding) -> tuple[str, str]:
    """Inputs of the two strongest limits of the first region, filled up by later regions and by what halves limit.

    With a single input the second is the outcome.
    """
    ordered = tables_of(finding)["limits"].sort_values(["box", "quasi_p"], kind="stable")["input"].tolist()
    inputs = tables_of(finding)["inputs"]
    often = inputs.sort_values("limited_in_halves", ascending=False, kind="stable")["path"].tolist()
    names = list(dict.fromkeys([*ordered, *often, finding.facts["fails"][0]["outcome"]]))
    return names[0], names[1]


def _name_axis(inputs: Any, path: str, axis: Any, set_scale: Any) -> None:
    """Label, ticks and scale of an input's axis; an outcome has its name alone."""
    if path not in inputs.index:
        axis.set_label_text(plain_name(path))
        return
    given = inputs.loc[path]
    if given["scale"] == "log":
        set_scale("log")
        axis.set_minor_formatter(NullFormatter())
        axis.set_major_locator(MaxNLocator(6))
    axis.set_major_formatter(FuncFormatter(lambda value, _: amount(value, given["unit"])))
    axis.set_label_text(labelled(given))


def _draw_futures(panel: Axes, points: Any, x: str, y: str, elsewhere: Any, words: dict[str, str]) -> None:
    fails = points["fails"].astype(bool).to_numpy()
    for failing, label, colour, marker in ((False, words["holds"], HOLDS, "o"), (True, words["fails"], FAILS, "X")):
        named = say("figures.discover.futures_of", label=label, number=int((fails == failing).sum()))
        for pale in (True, False):
            mine = points[(fails == failing) & (elsewhere == pale)]
            panel.scatter(
                mine[x], mine[y], s=52 if failing else 34, marker=marker, color=colour, alpha=0.25 if pale else 0.85,
                linewidth=0, label=None if pale else named,
            )  # fmt: skip


def _draw_box(panel: Axes, first: list[Range], x: str, y: str) -> None:
    """The region's frame, to the edge of the panel where there is no limit."""
    sides = {one.given["path"]: one for one in first}
    left, right = _ends(sides.get(x), panel.get_xlim())
    bottom, top = _ends(sides.get(y), panel.get_ylim())
    frame = Rectangle((left, bottom), right - left, top - bottom, linewidth=2.2, edgecolor=BOX_COLOURS[0])
    frame.set_facecolor((*mpl.colors.to_rgb(BOX_COLOURS[0]), 0.08))  # type: ignore[attr-defined]
    panel.add_patch(frame)


def _ends(one: Range | None, shown: tuple[float, float]) -> tuple[float, float]:
    """Limits of an input, or the ends of the axis."""
    low, high = (None, None) if one is None else (one.low, one.high)
    return shown[0] if low is None else low, shown[1] if high is None else high
