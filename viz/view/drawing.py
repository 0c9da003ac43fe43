"""Figures of an answer in the visitor's language: what matplotlib draws for files; the page draws its own curves.

Numbers come from ``payload.board``, so a file shows what the page shows.
"""

import logging
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import FuncFormatter, MaxNLocator

from injae.experiments.wording.amounts import date
from injae.viz.figures.fonts import korean_font
from injae.viz.figures.run import HELD_BACK
from injae.viz.figures.style import BASELINE, POLICY, SECONDARY, STYLE, TARGET, TEXT
from injae.viz.view.words import word

WHY_BARS = 8
_one_at_a_time = threading.Lock()


def drawable(lang: str) -> str:
    """The language if its letters can be drawn here, else English."""
    return lang if lang != "ko" or korean_font() else "en"


@contextmanager
def style(lang: str) -> Iterator[None]:
    """Look of all figures, with letters for the language; fonts are embedded in PDF.

    matplotlib's settings are those of the whole process, so visitors draw one after the other.
    """
    fonts = ["DejaVu Sans", *filter(None, [korean_font()])]  # both, since visitors name scenarios in either
    family = fonts[::-1] if lang == "ko" else fonts
    extra: dict[Any, Any] = {"font.family": family, "axes.unicode_minus": False, "pdf.fonttype": 42}
    with _one_at_a_time, _quiet("fontTools"), mpl.rc_context({**STYLE, **extra}):
        yield


@contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Keep loggers from reporting each table and weight that a font does not have."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def answer_figure(content: dict[str, Any]) -> Figure:
    """Four curves with bands and baseline, what holds hospitals back, and the why bars, of a ``payload.board``."""
    lang = content["lang"]
    figure = Figure(figsize=(14.4, 9.0), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.14, h_pad=0.12)  # type: ignore[union-attr]
    panels = figure.subplots(2, 3)
    for panel, chart in zip([*panels[0], panels[1, 0]], content["charts"][:4], strict=False):
        curve(panel, content, chart)
    held_back(panels[1, 1], content)
    why_bars(panels[1, 2], content)
    head = "\n".join(textwrap.wrap(content["title"] + ": " + content["answer"][0], 72 if lang == "ko" else 110))
    figure.suptitle(plain(head), x=0.01, ha="left", fontsize=15, fontweight="bold")
    figure.supxlabel(plain(stamp(content)), x=0.01, ha="left", fontsize=9, color=SECONDARY)
    return figure


def stamp(content: dict[str, Any]) -> str:
    """Where the numbers come from, in one line."""
    lang = content["lang"]
    seeds = word("ui.seed_range", lang, last=content["seeds"] - 1)
    notes = content["uncertainty"]["brackets"]
    if content["baseline_title"]:
        notes += f" {word('brief.baseline', lang, title=content['baseline_title'])}"
    return f"{notes}  Injae {content['version']} · {seeds} · {word('ui.receipt', lang)} {content['receipt']}"


@cache
def advance(letter: str, weight: str, family: str) -> float:
    """Width of a letter in em; measured once, since setting a whole line takes a hundred times as long."""
    font = FT2Font(font_manager.findfont(font_manager.FontProperties(family=family, weight=weight)))
    font.set_size(100, 72)
    return font.load_char(ord(letter)).linearHoriAdvance / 65536 / 100


def wrapped(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Lines of at most ``width`` points, broken at spaces, or inside a word that is wider than a line (links)."""
    family = mpl.rcParams["font.family"][0]

    def too_wide(line: str) -> bool:
        return size * sum(advance(letter, weight, family) for letter in line) > width

    lines, line = [], ""
    for part in text.split(" "):
        longer = f"{line} {part}" if line else part
        if not too_wide(longer):
            line = longer
            continue
        lines += [line] if line else []
        while too_wide(part):
            cut = next(n for n in range(len(part) - 1, 0, -1) if n == 1 or not too_wide(part[:n]))
            lines.append(part[:cut])
            part = part[cut:]
        line = part
    return [*lines, line]


def plain(text: str) -> str:
    """Text with the sign that would begin a formula taken as it is."""
    return text.replace("$", "\\$")


def curve(panel: Axes, content: dict[str, Any], chart: dict[str, Any], *, size: float = 12.5, wrap: int = 60) -> None:
    """One series: mean with bands, dashed baseline, target, the last values at the line ends."""
    lang, years = content["lang"], _years(content)
    if chart["low"]:
        panel.fill_between(years, chart["low"], chart["high"], color=POLICY, alpha=0.12, linewidth=0)
    if chart["aleatory_low"]:
        panel.fill_between(years, chart["aleatory_low"], chart["aleatory_high"], color=POLICY, alpha=0.2, linewidth=0)
    panel.plot(years, chart["mean"], color=POLICY, linewidth=2.2)
    ends = [(chart["mean"][-1], POLICY, word("ui.policy", lang), "bold")]
    if chart["baseline"]:
        panel.plot(years, chart["baseline"], color=BASELINE, linewidth=1.6, linestyle=(0, (5, 2)))
        ends.append((chart["baseline"][-1], BASELINE, word("ui.baseline", lang), "normal"))
    if chart["target"]:
        _target(panel, content, chart["target"], size)
    title = textwrap.fill(f"{chart['title']} ({chart['unit']})", wrap)
    panel.set_title(title, loc="left", fontsize=size, fontweight="bold")
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:z,.10g}"))
    panel.yaxis.set_major_locator(MaxNLocator(5, integer=chart["decimals"] == 0))
    panel.set_ylim(bottom=min(0, *(chart["low"] or chart["mean"])))
    panel.set_ylim(top=1.08 * panel.get_ylim()[1])  # so that the label of the last value stays below the title
    _frame(panel, years)
    _label_ends(panel, ends, chart["decimals"], size - 3)


def _label_ends(panel: Axes, ends: list[tuple[float, str, str, str]], decimals: int, size: float) -> None:
    """Name and last value right of each line, kept apart."""
    bottom, top = panel.get_ylim()
    room = 0.15 * (top - bottom)
    ends = sorted(ends)
    heights = [value for value, *_ in ends]
    if len(heights) == 2 and heights[1] - heights[0] < room:
        middle = min(max(sum(heights) / 2, bottom + room / 2), top - room / 2)
        heights = [middle - room / 2, middle + room / 2]
    for height, (value, colour, name, weight) in zip(heights, ends, strict=True):
        panel.annotate(
            f"{value:z,.{decimals}f}\n{name}",
            (1.0, height),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            color=colour,
            fontsize=size,
            fontweight=weight,
            annotation_clip=False,
        )


def _target(panel: Axes, content: dict[str, Any], target: dict[str, Any], size: float) -> None:
    years = _years(content)
    until = [years[0], years[target["month"]]]
    panel.plot(until, 2 * [target["value"]], color=TARGET, linewidth=1.2, linestyle=(0, (6, 2, 1, 2)))
    panel.plot(years[target["month"]], target["value"], marker="o", markersize=5, color=TARGET)
    place = {"xytext": (4, 4), "textcoords": "offset points", "fontsize": size - 3, "color": TARGET}
    panel.annotate(target["label"], (years[0], target["value"]), **place)


def held_back(panel: Axes, content: dict[str, Any], *, size: float = 12.5) -> None:
    """Share of hospitals that each constraint holds back most, stacked; white is nothing."""
    lang, binds, years = content["lang"], content["binds"], _years(content)
    names = [name for name, who in zip(binds["names"], binds["who"], strict=True) if who == "hospitals"]
    rows = [binds["share"][binds["names"].index(name)] for name in names]
    colours = [HELD_BACK[name] for name in names]
    labels = [word(f"constraint.{name}", lang) for name in names]
    panel.stackplot(years, rows, colors=colours, labels=labels, linewidth=0, alpha=0.9)
    title = f"{word('ui.hospitals', lang)}: {word('ui.binds', lang)} (%)"
    panel.set_title(title, loc="left", fontsize=size, fontweight="bold")
    panel.set_ylim(0, 100)
    _frame(panel, years)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.1), "ncols": 2}
    panel.legend(frameon=False, fontsize=size - 3.5, **place)


def why_bars(panel: Axes, content: dict[str, Any], *, size: float = 12.5) -> None:
    """Effect of each changed lever with its interval, the largest on top."""
    lang, of = content["lang"], content["why_of"]
    bars = content["why"][:WHY_BARS]
    panel.set_title(word("ui.why", lang), loc="left", fontsize=size, fontweight="bold")
    panel.grid(visible=False)
    if not bars:
        panel.set_axis_off()
        return
    places = np.arange(len(bars))[::-1]
    effects, low, high = (np.array([bar[key] or 0 for bar in bars]) / of["factor"] for key in ("effect", "low", "high"))
    colours = [BASELINE if bar["lever"] == "rest" else POLICY for bar in bars]
    panel.barh(places, effects, color=colours, height=0.55)
    panel.errorbar(effects, places, xerr=np.abs([effects - low, high - effects]), fmt="none", ecolor=TEXT, capsize=3)
    panel.axvline(0, color=TEXT, linewidth=0.8)
    panel.set_yticks(places, [textwrap.fill(bar["title"], 12 if lang == "ko" else 18) for bar in bars])
    panel.tick_params(axis="y", length=0, labelsize=size - 3)
    panel.xaxis.set_major_locator(MaxNLocator(4))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+z,.10g}" if value else "0"))
    panel.set_xlabel(f"{of['title']} ({of['unit']}), {date(of['date'], lang)}", fontsize=size - 3)


def _frame(panel: Axes, years: Any) -> None:
    panel.set_xlim(years[0], years[-1])
    panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:z.0f}"))


def _years(content: dict[str, Any]) -> Any:
    year, month = map(int, content["dates"][0].split("-"))
    return year + (month + np.arange(content["months"] + 1)) / 12
