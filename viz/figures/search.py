"""Figures of a search: the front, what the sets pay for and bring, and how the search went."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from injae.experiments.findings import Finding
from injae.experiments.searches.question import COST
from injae.experiments.wording.spoken import LANGUAGE, currency
from injae.experiments.wording.titles import payment_title
from injae.viz.answers.regions import money, policy_name
from injae.viz.answers.search import aleatory_only, ends_of, outcome_words
from injae.viz.answers.words import say
from injae.viz.figures.breaking import fill
from injae.viz.figures.labels import Label, place_labels
from injae.viz.figures.style import POLICY, SECONDARY, TARGET, TEXT, plain, style

COLOUR = "adoption_share_at_end"
PURPOSE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#7C5CBF", "#8C6D31")
OTHER = "#D1D5DB"
LEAST_SHARE = 0.03  # of all money drawn: purposes below it are drawn as one
GOALS_DRAWN = 3
DEAR = 1.5  # budgets: presets that cost more are named in the note and not drawn
POINTS = 100.0  # in one


def figures(finding: Finding) -> dict[str, Figure]:
    """``front``, ``portfolios`` and ``trace``; without a set on the front only the last."""
    with mpl.rc_context(style()):
        drawn = {"trace": _trace(finding)}
        if finding.facts["front"]:
            drawn |= {"front": _front(finding)}
            if (_table(finding, "sets")["shown"] == "yes").any():
                drawn |= {"portfolios": _portfolios(finding)}
        return drawn


def _table(finding: Finding, name: str) -> Any:
    """A table; ``Any``, since pandas' types do not know what a column holds."""
    return finding.tables[name]


def _goals(finding: Finding) -> list[str]:
    """Goals beside cost."""
    return [goal["outcome"] for goal in finding.question["goals"] if goal["outcome"] != COST]


def _billion() -> float:
    """A billion of the currency in units of the data; in Korean 억, the tenth of one."""
    return (1e9 if LANGUAGE.get() == "en" else 1e8) * currency().per_name


def _factor(unit: str) -> float:
    """What a value of the data is multiplied with: shares are drawn in points, money in billions."""
    return POINTS if unit == "share" else 1 / _billion() if unit.startswith("won") else 1.0


def _baseline(finding: Finding) -> str:
    """What sets are compared with."""
    return policy_name(finding.question["baseline"]["name"])


def _set_name(name: str) -> str:
    """What a set is called: by its number, or as the preset that it is."""
    head, is_number, number = name.partition("set-")
    return say("figures.search.set", number=number) if is_number and not head else policy_name(name)


def _values(finding: Finding, outcome: str) -> Any:
    """Differences of all sets in one outcome, by set, as they are drawn: shares in points, money in billions."""
    rows = _table(finding, "outcomes").query("outcome == @outcome", local_dict={"outcome": outcome}).set_index("set")
    factor = 1 / _billion() if outcome == COST else _factor(rows["unit"].iloc[0])
    return rows[["extra", *ends_of(finding)]].set_axis(["extra", "low", "high"], axis=1) * factor


def _label(finding: Finding, outcome: str) -> str:
    rows = _table(finding, "outcomes")
    unit = rows["unit"][rows["outcome"] == outcome].iloc[0]
    words = outcome_words(outcome, finding.question)
    words = f"{words[0].upper()}{words[1:]}"
    if unit.startswith("won"):
        return say("figures.search.in_money", words=words)
    return say("figures.search.in_points", words=words) if unit == "share" else words


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
        panel.set_xlabel(say("figures.search.public_money_beyond", baseline=_baseline(finding)))
        panel.set_title(_wrapped(_label(finding, outcome), 46), loc="left", fontsize=12, fontweight="bold")
    words = _wrapped(say("figures.search.beyond", label=_label(finding, COLOUR), baseline=_baseline(finding)), 60)
    body.colorbar(dots, ax=list(panels), label=words, shrink=0.85)
    bars = say("figures.search.with_interval") if aleatory_only(finding) else say("figures.search.futures")
    handles = [
        Line2D(
            [], [], marker="o", linestyle="", color="#7D7C78", label=say("figures.search.portfolio_front", bars=bars)
        ),
        Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            color=OTHER,
            markersize=5,
            label=say("figures.search.portfolio_fell_fresh"),
        ),
        Line2D(
            [], [], marker="D", linestyle="", mfc="white", color=TARGET, label=say("figures.search.preset", bars=bars)
        ),
        Line2D([], [], linestyle=(0, (4, 3)), color=TARGET, linewidth=1.2, label=say("figures.search.budget")),
    ]
    body.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False, fontsize=10)
    budget = money(finding.question["budget_won"])
    title = say("figures.search.what_can_buy", budget=budget, finding=finding)
    figure.suptitle(plain(title), x=0.01, ha="left", fontsize=15, fontweight="bold")
    _noted(figure, finding, f"{say('figures.search.sentence', bars=_bars(finding))} {_not_drawn(finding)}".strip())
    for panel, outcome in zip(panels, names, strict=True):
        _label_front(panel, finding, sets, outcome)
    return figure


def _draw_front(panel: Axes, finding: Finding, sets: Any, outcome: str, colour: Any) -> Any:
    """One goal against cost."""
    cost, goal = _values(finding, COST)["extra"], _values(finding, outcome)
    on_front = sets.index[(sets["kind"] == "portfolio") & (sets["verdict"] == "on the front")]
    fallen = sets.index[(sets["kind"] == "portfolio") & sets["verdict"].isin(["dominated", "just outside the limits"])]
    presets = sets.index[sets["kind"] == "preset"]
    panel.axhline(0, color="#9CA3AF", linewidth=1)
    panel.axvline(finding.question["budget_won"] / _billion(), color=TARGET, linewidth=1.2, linestyle=(0, (4, 3)))
    panel.plot(cost[fallen], goal["extra"][fallen], "o", color=OTHER, markersize=4.5, zorder=2)
    gaps = [goal["extra"] - goal["low"], goal["high"] - goal["extra"]]
    within = [name for name in presets if name not in _too_dear(finding)]
    for names, shade in ((on_front, "#9CA3AF"), (within, TARGET)):
        bars = [gap[names].fillna(0) for gap in gaps]
        panel.errorbar(cost[names], goal["extra"][names], bars, fmt="none", ecolor=shade, linewidth=0.8, zorder=3)
    style = {"cmap": "cividis", "s": 46, "edgecolor": "white", "linewidth": 0.6}
    dots = panel.scatter(cost[on_front], goal["extra"][on_front], c=colour[on_front], zorder=4, **style)
    panel.plot(cost[within], goal["extra"][within], "D", color=TARGET, markerfacecolor="white", markersize=7, zorder=5)
    panel.margins(x=0.08, y=0.1)
    return dots


def _label_front(panel: Axes, finding: Finding, sets: Any, outcome: str) -> None:
    """Names of presets and numbers of the sets that are shown, beside their marks."""
    cost, goal = _values(finding, COST)["extra"], _values(finding, outcome)["extra"]
    on_front = sets.index[(sets["kind"] == "portfolio") & (sets["verdict"] == "on the front")]
    presets = [name for name in sets.index[sets["kind"] == "preset"] if name not in _too_dear(finding)]
    shown = [name for name in on_front if sets.loc[name, "shown"] == "yes"]
    labels = [Label(policy_name(name), cost[name], goal[name], TARGET) for name in presets]
    labels += [Label(name.removeprefix("set-"), cost[name], goal[name], TEXT) for name in shown]
    order = sorted(labels, key=lambda label: (label.colour == TEXT, -label.y))
    place_labels(panel, order, [*zip(cost[on_front], goal[on_front], strict=True)])


def _too_dear(finding: Finding) -> list[str]:
    """Presets that cost so much more than the budget that the rest could not be seen beside them."""
    sets, cost = _table(finding, "sets"), _values(finding, COST)["extra"]
    presets = sets["set"][sets["kind"] == "preset"]
    return [name for name in presets if not cost[name] <= DEAR * finding.question["budget_won"] / _billion()]


def _not_drawn(finding: Finding) -> str:
    """A sentence on presets that are left out; empty if none is."""
    cost = _values(finding, COST)["extra"] * _billion()
    names = [say("regions.labelled", name=policy_name(name), unit=money(cost[name])) for name in _too_dear(finding)]
    return say("figures.search.drawn_they_cost", dear=DEAR, names=", ".join(names)) if names else ""


def _portfolios(finding: Finding) -> Figure:
    """What the sets that are shown pay for, and what each brings; presets below."""
    sets = _table(finding, "sets")
    dear = _too_dear(finding)
    names = [
        *sets["set"][sets["shown"] == "yes"],
        *(name for name in sets["set"][sets["kind"] == "preset"] if name not in dear),
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
    panels[0].set_yticks(range(len(names)), [plain(_set_name(name)) for name in names])
    for tick, name in zip(panels[0].get_yticklabels(), names, strict=True):
        tick.set_color(TARGET if name in presets else TEXT)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    body.legend(handles=handles, loc="outside lower left", ncols=4, frameon=False, fontsize=10)
    title = say("figures.search.what_portfolio_pays", baseline=_baseline(finding))
    figure.suptitle(plain(title), x=0.01, ha="left", fontsize=15, fontweight="bold")
    more = say("figures.search.sentence", bars=_bars(finding)) if "futures" not in finding.tables else ""
    if "futures" in finding.tables:
        more = say("figures.search.grey_th_th", bars=_bars(finding))
    return _noted(figure, finding, f"{more} {_not_drawn(finding)}".strip())


def _draw_money(panel: Axes, finding: Finding, names: list[str]) -> list[Patch]:
    """Bars of won by purpose; gives the legend."""
    money = _table(finding, "money")
    table = money[money["set"].isin(names)].pivot_table(index="set", columns="purpose", values="won", aggfunc="sum")
    table = (table.reindex(names).fillna(0.0) / _billion()).clip(lower=0.0)
    total = table.sum().sort_values(ascending=False)
    large = [
        name for name in total.index if table[name].max() >= LEAST_SHARE * finding.question["budget_won"] / _billion()
    ]
    large = large[: len(PURPOSE_COLOURS)]
    parts = [(name, table[name], colour) for name, colour in zip(large, PURPOSE_COLOURS, strict=False)]
    rest = table.drop(columns=large).sum(axis=1)
    parts += [(say("figures.search.all_other"), rest, OTHER)] if rest.max() > 0 else []
    left = np.zeros(len(names))
    for _, values, colour in parts:
        panel.barh(range(len(names)), values.to_numpy(), left=left, color=colour, height=0.66)
        left += values.to_numpy()
    panel.axvline(finding.question["budget_won"] / _billion(), color=TARGET, linewidth=1.2, linestyle=(0, (4, 3)))
    panel.set_title(say("figures.search.public_money_bn"), loc="left", fontsize=11, fontweight="bold")
    panel.grid(axis="x", color="#E5E7EB")
    panel.grid(axis="y", visible=False)
    panel.tick_params(axis="y", length=0)
    return [Patch(color=colour, label=payment_title(name, LANGUAGE.get())) for name, _, colour in parts]


def _draw_intervals(panel: Axes, finding: Finding, names: list[str], outcome: str) -> None:
    """Difference of each set with its interval, and its range over futures if there are any."""
    values = _values(finding, outcome).reindex(names)
    panel.axvline(0, color="#9CA3AF", linewidth=1)
    if "futures" in finding.tables:
        futures = _table(finding, "futures").query("outcome == @name", local_dict={"name": outcome}).set_index("set")
        factor = _factor(futures["unit"].iloc[0])
        wide = futures[["p10", "p90"]].reindex(names) * factor
        panel.hlines(range(len(names)), wide["p10"], wide["p90"], color=OTHER, linewidth=7)
    panel.hlines(range(len(names)), values["low"], values["high"], color=POLICY, linewidth=2.2)
    panel.plot(values["extra"], range(len(names)), "o", color=POLICY, markersize=5.5)
    wanted = next(goal["more"] for goal in finding.question["goals"] if goal["outcome"] == outcome)
    title = _wrapped(_label(finding, outcome), 24) + ("" if wanted else say("figures.search.less_better"))
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
        panel.plot(
            rows["generation"],
            rows["volume"],
            color=colour,
            linewidth=2.2,
            label=say("figures.search.optimiser", number=optimiser),
        )
    panel.set_xlabel(say("figures.search.generation"))
    panel.set_ylabel(say("figures.search.hypervolume_share_box"))
    panel.set_ylim(bottom=0)
    panel.margins(x=0.01)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.legend(frameon=False, loc="lower right")
    title = say("figures.search.how_search_went")
    figure.suptitle(title, x=0.01, ha="left", fontsize=14, fontweight="bold")
    return _noted(figure, finding, say("figures.search.falls_when_portfolios"), judged=False)


def _noted(figure: Figure, finding: Finding, more: str = "", *, judged: bool = True) -> Figure:
    """The note below a figure."""
    seeds = finding.question["fresh_seeds"]
    unseen = (
        say("figures.search.seeds", seeds=seeds)
        if aleatory_only(finding)
        else say("figures.search.futures_own_parameters", seeds=seeds)
    )
    note = say("figures.search.means_over_search", unseen=unseen) if judged else ""
    lines = fill(plain((note + more).strip()), int(13 * figure.get_figwidth()), break_on_hyphens=False)
    figure.supxlabel(lines, x=0.01, ha="left", fontsize=9, color=SECONDARY)
    return figure


def _bars(finding: Finding) -> str:
    """What bars hold."""
    if aleatory_only(finding):
        return say("figures.search.bars_percent_interval")
    return say("figures.search.bars_th_th")


def _wrapped(text: str, width: int) -> str:
    return fill(plain(text), width, break_on_hyphens=False)
