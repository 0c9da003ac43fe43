"""Figures of a search: the front, what the sets pay for and bring, and how the search went."""

import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from experiments.findings import Finding
from experiments.searches.search import COST
from viz.answers.run import won
from viz.answers.search import outcome_words
from viz.figures.style import POLICY, SECONDARY, STYLE, TARGET, TEXT, plain

COLOUR = "adoption_share_at_end"
PURPOSE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#7C5CBF", "#8C6D31")
OTHER = "#D1D5DB"
LEAST_SHARE = 0.03  # of all money drawn: purposes below it are drawn as one
GOALS_DRAWN = 3
GAP = 9.0  # between a mark and its label, in dots of the screen
RISES = (0, 9, -9, 18, -18, 28, -28, 40, -40, 54, -54, 70, -70)  # of a label over its mark, tried in this order
SCALES = {"share": (100.0, ", points")}


def figures(finding: Finding) -> dict[str, Figure]:
    """``front``, ``mixes`` and ``trace``; without a set on the front only the last."""
    with mpl.rc_context(STYLE):
        drawn = {"trace": _trace(finding)}
        if finding.facts["front"]:
            drawn |= {"front": _front(finding)}
            if (_table(finding, "sets")["shown"] == "yes").any():
                drawn |= {"mixes": _mixes(finding)}
        return drawn


def _table(finding: Finding, name: str) -> Any:
    """A table; ``Any``, since pandas' types do not know what a column holds."""
    return finding.tables[name]


def _goals(finding: Finding) -> list[str]:
    """Goals beside cost."""
    return [goal["outcome"] for goal in finding.question["goals"] if goal["outcome"] != COST]


def _values(finding: Finding, outcome: str) -> Any:
    """Differences of all sets in one outcome, by set, as they are drawn: shares in points, won in billions."""
    rows = _table(finding, "outcomes").query("outcome == @outcome", local_dict={"outcome": outcome}).set_index("set")
    factor = 1e-9 if outcome == COST or rows["unit"].iloc[0].startswith("won") else 1.0
    factor = SCALES.get(rows["unit"].iloc[0], (factor, ""))[0]
    return rows[["extra", "low", "high"]] * factor


def _label(finding: Finding, outcome: str) -> str:
    rows = _table(finding, "outcomes")
    unit = rows["unit"][rows["outcome"] == outcome].iloc[0]
    suffix = ", bn won" if unit.startswith("won") else SCALES.get(unit, (1.0, ""))[1]
    words = outcome_words(outcome, finding.question)
    return f"{words[0].upper()}{words[1:]}{suffix}"


def _front(finding: Finding) -> Figure:
    """Cost against the first two goals; colour: hospitals using AI; presets as diamonds."""
    sets = _table(finding, "sets").set_index("set")
    names = _goals(finding)[:2]
    figure = Figure(figsize=(0.6 + 6.9 * len(names), 6.6), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.14, h_pad=0.1)  # type: ignore[union-attr]
    body: Any = figure.subfigures()  # the legend goes below it, and the note of the figure below that
    panels = body.subplots(1, len(names), squeeze=False)[0]
    colour = _values(finding, COLOUR)["extra"]
    for panel, outcome in zip(panels, names, strict=True):
        dots = _draw_front(panel, finding, sets, outcome, colour)
        panel.set_xlabel(f"Public money beyond {finding.question['baseline']['name']}, bn won")
        panel.set_title(_wrapped(_label(finding, outcome), 46), loc="left", fontsize=12, fontweight="bold")
    words = _wrapped(f"{_label(finding, COLOUR)}, beyond {finding.question['baseline']['name']}", 60)
    body.colorbar(dots, ax=list(panels), label=words, shrink=0.85)
    handles = [
        Line2D([], [], marker="o", linestyle="", color="#7D7C78", label="mix on the front, with 95% interval"),
        Line2D([], [], marker="o", linestyle="", color=OTHER, markersize=5, label="mix that fell on fresh seeds"),
        Line2D([], [], marker="D", linestyle="", markerfacecolor="white", color=TARGET, label="preset"),
        Line2D([], [], linestyle=(0, (4, 3)), color=TARGET, linewidth=1.2, label="budget"),
    ]
    body.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False, fontsize=10)
    budget = won(finding.question["budget_won"])
    title = f"What {budget} can buy: {finding.facts['front']} mixes of which no other is better in every goal"
    figure.suptitle(plain(title), x=0.01, ha="left", fontsize=15, fontweight="bold")
    return _noted(figure, finding)


def _draw_front(panel: Axes, finding: Finding, sets: Any, outcome: str, colour: Any) -> Any:
    """One goal against cost."""
    cost, goal = _values(finding, COST)["extra"], _values(finding, outcome)
    on_front = sets.index[(sets["kind"] == "mix") & (sets["verdict"] == "on the front")]
    fallen = sets.index[(sets["kind"] == "mix") & sets["verdict"].isin(["dominated", "just outside the limits"])]
    presets = sets.index[sets["kind"] == "preset"]
    panel.axhline(0, color="#9CA3AF", linewidth=1)
    panel.axvline(finding.question["budget_won"] / 1e9, color=TARGET, linewidth=1.2, linestyle=(0, (4, 3)))
    panel.plot(cost[fallen], goal["extra"][fallen], "o", color=OTHER, markersize=4.5, zorder=2)
    gaps = [goal["extra"] - goal["low"], goal["high"] - goal["extra"]]
    bars = [gap[on_front].fillna(0) for gap in gaps]
    panel.errorbar(cost[on_front], goal["extra"][on_front], bars, fmt="none", ecolor="#9CA3AF", linewidth=0.8, zorder=3)
    style = {"cmap": "cividis", "s": 46, "edgecolor": "white", "linewidth": 0.6}
    dots = panel.scatter(cost[on_front], goal["extra"][on_front], c=colour[on_front], zorder=4, **style)
    shown = [name for name in on_front if sets.loc[name, "shown"] == "yes"]
    within = [name for name in presets if cost[name] <= 1.5 * finding.question["budget_won"] / 1e9]
    panel.plot(cost[within], goal["extra"][within], "D", color=TARGET, markerfacecolor="white", markersize=7, zorder=5)
    labels = [(name.removeprefix("set-"), cost[name], goal["extra"][name], TEXT) for name in shown]
    labels += [(name, cost[name], goal["extra"][name], TARGET) for name in within]
    panel.margins(x=0.08, y=0.1)
    _place(panel, labels, [*zip(cost[on_front], goal["extra"][on_front], strict=True)])
    return dots


def _place(panel: Axes, labels: list[tuple[str, float, float, str]], marks: list[tuple[float, float]]) -> None:
    """Write labels beside their marks, left or right or moved up and down until they touch no label and no mark."""
    figure: Any = panel.get_figure(root=True)
    figure.canvas.draw()
    places = [panel.transData.transform(place) for place in [*marks, *((x, y) for _, x, y, _ in labels)]]
    taken: list[Any] = [(x - 4, y - 4, x + 4, y + 4) for x, y in places]
    frame = panel.get_window_extent()
    for text, x, y, colour in sorted(labels, key=lambda label: (label[3] == TEXT, -label[2])):
        at = panel.transData.transform((x, y))
        wide, high = 7.0 * len(text), 13.0
        spots = [(side, rise) for rise in RISES for side in (1, -1)]
        boxes = [
            (at[0] + (GAP if side > 0 else -GAP - wide), at[1] + rise - high / 2,
             at[0] + (GAP + wide if side > 0 else -GAP), at[1] + rise + high / 2)
            for side, rise in spots
        ]  # fmt: skip
        free = [
            n
            for n, box in enumerate(boxes)
            if not any(_touch(box, other) for other in taken) and box[0] > frame.x0 and box[2] < frame.x1
        ]
        best = free[0] if free else 0
        taken.append(boxes[best])
        side, rise = spots[best]
        points = 72 / figure.dpi
        far: Any = {"arrowprops": {"arrowstyle": "-", "color": "#9CA3AF", "linewidth": 0.7}} if abs(rise) > 10 else {}
        panel.annotate(
            plain(text), (x, y), xytext=(side * GAP * points, rise * points), textcoords="offset points", va="center",
            ha="left" if side > 0 else "right", fontsize=9, color=colour, fontweight="bold", zorder=6, **far,
        )  # fmt: skip


def _touch(one: Any, other: Any) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _mixes(finding: Finding) -> Figure:
    """What the sets that are shown pay for, and what each brings; presets below."""
    sets = _table(finding, "sets")
    cost = _values(finding, COST)["extra"]
    limit = 1.5 * finding.question["budget_won"] / 1e9
    names = [
        *sets["set"][sets["shown"] == "yes"],
        *(n for n in sets["set"][sets["kind"] == "preset"] if cost[n] <= limit),
    ]
    goals = _goals(finding)[:GOALS_DRAWN]
    figure = Figure(figsize=(14.4, 2.4 + 0.42 * len(names)), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.1)  # type: ignore[union-attr]
    body: Any = figure.subfigures()
    panels = body.subplots(1, 1 + len(goals), sharey=True, width_ratios=[2.4, *[1.0] * len(goals)])
    handles = _draw_money(panels[0], finding, names)
    for panel, outcome in zip(panels[1:], goals, strict=True):
        _draw_intervals(panel, finding, names, outcome)
    presets = set(sets["set"][sets["kind"] == "preset"])
    panels[0].set_yticks(range(len(names)), [plain(name) for name in names])
    for tick, name in zip(panels[0].get_yticklabels(), names, strict=True):
        tick.set_color(TARGET if name in presets else TEXT)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    body.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False, fontsize=10)
    title = f"What each mix pays for, and what it brings beyond {finding.question['baseline']['name']}"
    figure.suptitle(plain(title), x=0.01, ha="left", fontsize=15, fontweight="bold")
    more = "Bars: 95 percent interval of the mean." if "futures" not in finding.tables else ""
    if "futures" in finding.tables:
        more = "Bars: 95 percent interval of the mean; grey: 10th to 90th percentile over sampled futures."
    return _noted(figure, finding, more)


def _draw_money(panel: Axes, finding: Finding, names: list[str]) -> list[Patch]:
    """Bars of won by purpose; gives the legend."""
    money = _table(finding, "money")
    table = money[money["set"].isin(names)].pivot_table(index="set", columns="purpose", values="won", aggfunc="sum")
    table = (table.reindex(names).fillna(0.0) / 1e9).clip(lower=0.0)
    total = table.sum().sort_values(ascending=False)
    large = [name for name in total.index if table[name].max() >= LEAST_SHARE * finding.question["budget_won"] / 1e9]
    large = large[: len(PURPOSE_COLOURS)]
    parts = [(name, table[name], colour) for name, colour in zip(large, PURPOSE_COLOURS, strict=False)]
    rest = table.drop(columns=large).sum(axis=1)
    parts += [("all other", rest, OTHER)] if rest.max() > 0 else []
    left = np.zeros(len(names))
    for _, values, colour in parts:
        panel.barh(range(len(names)), values.to_numpy(), left=left, color=colour, height=0.66)
        left += values.to_numpy()
    panel.axvline(finding.question["budget_won"] / 1e9, color=TARGET, linewidth=1.2, linestyle=(0, (4, 3)))
    panel.set_title("Public money, bn won (dashed: budget)", loc="left", fontsize=11, fontweight="bold")
    panel.grid(axis="x", color="#E5E7EB")
    panel.grid(axis="y", visible=False)
    panel.tick_params(axis="y", length=0)
    return [Patch(color=colour, label=name) for name, _, colour in parts]


def _draw_intervals(panel: Axes, finding: Finding, names: list[str], outcome: str) -> None:
    """Difference of each set with its interval, and its range over futures if there are any."""
    values = _values(finding, outcome).reindex(names)
    panel.axvline(0, color="#9CA3AF", linewidth=1)
    if "futures" in finding.tables:
        futures = _table(finding, "futures").query("outcome == @name", local_dict={"name": outcome}).set_index("set")
        factor = SCALES.get(futures["unit"].iloc[0], (1e-9 if futures["unit"].iloc[0].startswith("won") else 1.0,))[0]
        wide = futures[["p10", "p90"]].reindex(names) * factor
        panel.hlines(range(len(names)), wide["p10"], wide["p90"], color=OTHER, linewidth=7)
    panel.hlines(range(len(names)), values["low"], values["high"], color=POLICY, linewidth=2.2)
    panel.plot(values["extra"], range(len(names)), "o", color=POLICY, markersize=5.5)
    wanted = next(goal["more"] for goal in finding.question["goals"] if goal["outcome"] == outcome)
    title = _wrapped(_label(finding, outcome), 24) + ("" if wanted else "\n(less is better)")
    panel.set_title(title, loc="left", fontsize=11, fontweight="bold")
    panel.grid(axis="x", color="#E5E7EB")
    panel.tick_params(axis="y", length=0)


def _trace(finding: Finding) -> Figure:
    """How much of the box of goals each generation dominates, one line an optimiser."""
    trace = _table(finding, "trace")
    figure = Figure(figsize=(9, 5), layout="constrained")
    panel = figure.subplots()
    for n, (optimiser, rows) in enumerate(trace.groupby("optimiser")):
        colour = PURPOSE_COLOURS[n % len(PURPOSE_COLOURS)]
        panel.plot(rows["generation"], rows["volume"], color=colour, linewidth=2.2, label=f"optimiser seed {optimiser}")
    panel.set_xlabel("Generation")
    panel.set_ylabel("Hypervolume, share of the box of goals")
    panel.set_ylim(bottom=0)
    panel.margins(x=0.01)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.legend(frameon=False, loc="lower right")
    title = "How the search went on"
    figure.suptitle(title, x=0.01, ha="left", fontsize=14, fontweight="bold")
    return _noted(figure, finding, "It falls when lucky mixes are looked at again.", judged=False)


def _noted(figure: Figure, finding: Finding, more: str = "", *, judged: bool = True) -> Figure:
    """The note below a figure."""
    seeds = finding.question["fresh_seeds"]
    note = f"Means over {seeds} seeds that the search had not seen. " if judged else ""
    figure.supxlabel((note + more).strip(), x=0.01, ha="left", fontsize=9, color=SECONDARY)
    return figure


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(plain(text), width)
