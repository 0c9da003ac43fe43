"""The brief of one page (A4): question, answer, curves, key figures with ranges, what binds, cost, uncertainty."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from injae.experiments.effects import gain
from injae.experiments.indicators import has_target
from injae.experiments.schedules import differing
from injae.experiments.summary import band
from injae.experiments.wording.amounts import date, interval, number
from injae.model.record import SERIES
from injae.viz.figures.style import POLICY, SECONDARY, TEXT
from injae.viz.view.drawing import curve, plain, wrapped
from injae.viz.view.runs import Answer
from injae.viz.view.words import word

PAGE = (8.27, 11.69)  # inches, A4
LEFT, RIGHT = 0.075, 0.925  # of the page's width
LINE = 0.0152  # of the page's height, at 9 points
CHARTS = ("programme_graduates_cumulative", "specialists", "adoption_share")
# lines of what the policy is, and whether the command is told beside the link: as much as the page has room for
ROOM_FOR = ((8, True), (5, True), (3, True), (3, False), (1, False))
BOTTOM = 0.03  # of the page's height


def brief(answer: Answer, content: dict[str, Any], address: str) -> Figure:
    """The page; call it and save it inside ``drawing.style``.

    Args:
        answer: what it is about.
        content: ``payload.board`` of it, in the language of the brief.
        address: of the page that the link opens, without its query.
    """
    for spells, command in ROOM_FOR:
        page = _compose(answer, content, address, spells, command)
        if page.y >= BOTTOM:
            return page.figure
    return page.figure


def _compose(answer: Answer, content: dict[str, Any], address: str, spells: int, command: bool) -> "_Page":
    lang = content["lang"]
    figure = Figure(figsize=PAGE)
    page = _Page(figure)
    page.text(f"{word('ui.name', lang)} · {word('brief.heading', lang)}", size=9, colour=POLICY, weight="bold")
    page.text(content["title"], size=19, weight="bold", gap=0.004)
    page.text(word("ui.question", lang), size=10, colour=SECONDARY, gap=0.008)
    page.rule()
    page.heading(word("brief.answer", lang))
    for sentence in _answer(content):
        page.text(sentence, size=10)
    _charts(figure, page, content)
    page.heading(word("brief.figures", lang))
    _table(page, answer, content)
    notes = [word("brief.range", lang, runs=content["seeds"])]
    if content["baseline_title"]:
        notes.append(word("brief.baseline", lang, title=content["baseline_title"]))
    page.text(" ".join(notes), size=7.5, colour=SECONDARY)
    page.heading(word("brief.changed", lang))
    for spell in _spells(answer, content, spells):
        page.text(spell, size=9)
    for name, text in (
        ("cost", content["cost"]["text"]),
        ("binds", content["answer"][-1]),
        ("sure", " ".join([content["uncertainty"]["rests"], content["uncertainty"]["text"]])),
    ):
        page.heading(word(f"brief.{name}", lang))
        page.text(text, size=9)
    page.heading(word("brief.source", lang))
    facts = {name: content[name] for name in ("version", "seeds", "receipt")} | {"command": answer.state.command()}
    kind = "source_text" if facts["command"] else "source_layers"
    text = word(f"brief.{kind if command else 'source_link'}", lang, last=content["seeds"] - 1, **facts)
    page.text(text, size=8, colour=SECONDARY)
    page.text(f"{address}{answer.state.link()}", size=8, colour=SECONDARY)
    return page


def _answer(content: dict[str, Any]) -> list[str]:
    """The target with its probability, then what else the policy brings."""
    if content["probability"] is None:
        return content["answer"][:2]
    target, *effects = content["answer"][:3]
    lang = content["lang"]
    if content["probability"]["mean"] is None:
        return [target, *effects]
    low, high = (number(content["probability"][end], "probability", lang) for end in ("low", "high"))
    return [f"{target} {word('brief.probability', lang, low=low, high=high)}", *effects]


class _Page:
    """A cursor that moves down the page."""

    def __init__(self, figure: Figure) -> None:
        self.figure, self.y = figure, 0.965

    def text(self, text: str, *, size: float, colour: str = TEXT, weight: str = "normal", gap: float = 0.0) -> None:
        """Lines of text as wide as the page, below what is there."""
        for line in wrapped(text, (RIGHT - LEFT) * PAGE[0] * 72, size, weight):
            self.figure.text(LEFT, self.y, plain(line), fontsize=size, color=colour, fontweight=weight, va="top")
            self.y -= LINE * size / 9
        self.y -= gap

    def heading(self, text: str) -> None:
        """The heading of a part."""
        self.y -= 0.008
        self.text(text, size=10.5, colour=POLICY, weight="bold", gap=0.001)

    def rule(self) -> None:
        """A line across the page."""
        line = {"color": "#D1D5DB", "linewidth": 0.8, "transform": self.figure.transFigure}
        self.figure.add_artist(Line2D([LEFT, RIGHT], [self.y, self.y], **line))


def _charts(figure: Figure, page: _Page, content: dict[str, Any]) -> None:
    """Three curves side by side."""
    height, width, pitch, top = 0.155, 0.175, 0.285, page.y - 0.04
    charts = {chart["name"]: chart for chart in content["charts"]}
    for n, name in enumerate(CHARTS):
        panel = figure.add_axes((LEFT + 0.035 + n * pitch, top - height, width, height))
        curve(panel, content, charts[name], size=9, wrap=24)
        panel.tick_params(labelsize=7.5)
    page.y = top - height - 0.03


def _table(page: _Page, answer: Answer, content: dict[str, Any]) -> None:
    """Key figures: with the policy, in the baseline, the difference."""
    lang, plan = content["lang"], answer.policy.plan
    places = [(LEFT, "left"), (0.545, "right"), (0.64, "right"), (RIGHT, "right")]
    keys = ("indicator", "with_policy", "without", "difference")
    rows = [[word(f"brief.{key}", lang) for key in keys]]
    months = {"programme_graduates_cumulative": plan.target_month if has_target(plan) else plan.months}
    for name in (*CHARTS[:2], "employed_hospitals", "adoption_share", "unmet_demand_share", "public_won_cumulative"):
        rows.append(_row(answer, name, months.get(name, plan.months), lang))
    for n, row in enumerate(rows):
        for text, (x, align) in zip(row, places, strict=True):
            look = {"fontsize": 8.3, "va": "top", "ha": align, "color": TEXT if n else SECONDARY}
            page.figure.text(x, page.y, plain(text), fontweight="normal" if n else "bold", **look)
        page.y -= 0.0165
        line = {"color": "#E5E7EB", "linewidth": 0.6, "transform": page.figure.transFigure}
        page.figure.add_artist(Line2D([LEFT, RIGHT], [page.y + 0.002] * 2, **line))


def _row(answer: Answer, name: str, month: int, lang: str) -> list[str]:
    of = SERIES[name].unit
    found = band(answer.policy.values(name)[:, month], answer.policy.draws)
    when = date(answer.policy.plan.date_of(month), lang)
    row = [
        word("brief.at", lang, title=word(f"series.{name}", lang), date=when),
        interval(*map(float, found[:3]), of, lang),
    ]
    if answer.baseline is None or not answer.baseline.runs:
        return [*row, "-", "-"]
    base = float(answer.baseline.values(name)[:, month].mean())
    more = gain(answer.policy, answer.baseline, name, month)
    return [*row, number(base, of, lang), interval(*more, of, lang, signed=True)]


def _spells(answer: Answer, content: dict[str, Any], most: int) -> list[str]:
    """What is set otherwise than in the baseline, with dates; everything that is set where there is no baseline.

    Of shocks it is said that the baseline has them: they are no part of the policy.
    """
    lang, dates, rows = content["lang"], content["dates"], content["timeline"]
    paths = differing(answer.policy.plan, answer.baseline.plan) if answer.baseline is not None else None
    lines = []
    for row in rows:
        is_shock = row["lever"].startswith("shocks.")
        if paths is not None and not is_shock and not {row["lever"], *row["with"]} & set(paths):
            continue
        ends = {"from": date(dates[row["from"]], lang), "to": date(dates[row["to"]], lang)}
        span = "within" if row["from"] == row["to"] else "until"
        line = word(f"brief.{span}", lang, title=row["title"], text=row["text"], **ends)
        lines.append(word("brief.shock", lang, text=line) if is_shock and paths is not None else line)
    return [*lines[:most], *(["…"] if len(lines) > most else [])] or ["-"]
