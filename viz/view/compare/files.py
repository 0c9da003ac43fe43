"""Files of a comparison for download: differences and curves as CSV, the figure, a scenario as TOML."""

import io
import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from injae.experiments.compare import Difference
from injae.experiments.summary import band
from injae.experiments.wording.amounts import date, series_scale
from injae.experiments.wording.titles import indicator_title
from injae.model.record import SERIES
from injae.viz.figures.style import BASELINE, SECONDARY, TEXT
from injae.viz.view.compare.board import board_of
from injae.viz.view.compare.sides import Compared, Side, command_of, scenario_file
from injae.viz.view.drawing import drawable, plain, style
from injae.viz.view.files import TYPES, File, csv_bytes, version
from injae.viz.view.words import word

COLOURS = (BASELINE, "#0072B2", "#009E73", "#B45F06", "#9B3A79")
DASHES: tuple[Any, ...] = ((0, (5, 2)), "-", (0, (9, 2)), (0, (6, 1.5, 1.5, 1.5)), (0, (1.5, 1.5)))
MARKERS = ("o", "s", "^", "D", "P")
GREY = "#C3C8D0"


def differences_file(compared: Compared, lang: str) -> File:
    """The table ``differences.csv`` of ``injae compare``, in Korean with a column of titles."""
    table = pd.DataFrame(compared.gaps(), columns=list(Difference._fields))
    table["command"], table["receipt"] = _stamp(compared)
    if lang == "ko":
        table.insert(1, "title", [indicator_title(name, lang) for name in table["indicator"]])
    return File(_name(compared, "differences", "csv"), TYPES["csv"], csv_bytes(table, lang))


def curves_file(compared: Compared, lang: str) -> File:
    """All series of all scenarios: mean and 90 percent band of runs, and of paired differences to the reference."""
    frames = []
    plan = compared.results[0].plan
    dates = [plan.date_of(month) for month in range(plan.months + 1)]
    for side, result in zip(compared.sides, compared.results, strict=True):
        for name, series in SERIES.items():
            values = result.values(name).astype(float)
            gaps = values - compared.results[0].values(name)
            columns: dict[str, Any] = {"scenario": result.plan.name, "letter": side.letter, "series": name}
            columns |= {"title": word(f"series.{name}", lang), "unit": series.unit, "date": dates}
            for prefix, of in (("", values), ("difference_", gaps)):
                found = band(of, compared.results[0].draws)
                columns |= {f"{prefix}mean": found.mean, f"{prefix}p05": found.low, f"{prefix}p95": found.high}
            frames.append(pd.DataFrame(columns))
    table = pd.concat(frames, ignore_index=True)
    table["runs"] = len(compared.results[0].runs)
    table["command"], table["receipt"] = _stamp(compared)
    return File(_name(compared, "curves", "csv"), TYPES["csv"], csv_bytes(table, lang, "%.6g"))


def toml_file(side: Side) -> File:
    """The file that the command names for a scenario."""
    return File(f"policy-{side.letter}.toml", "application/toml", scenario_file(side).encode())


def figure_file(compared: Compared, series: str, focus: int, lang: str, kind: str, month: int | None = None) -> File:
    """Curves, paired differences and the cloud of money and people as ``png``, ``svg`` or ``pdf``."""
    shown = drawable(lang)
    receipt = f"Injae {version()}, receipt {compared.receipt}"
    metadata: dict[str, Any] = {"Title": "Scenarios compared"}
    metadata |= {"png": {"Description": receipt, "Software": None}, "svg": {"Description": receipt, "Date": None}}.get(
        kind, {"Subject": receipt, "CreationDate": None, "ModDate": None}
    )
    file = io.BytesIO()
    with style(shown), mpl.rc_context({"svg.hashsalt": compared.receipt}):
        figure = draw(compared, board_of(compared, series, focus, shown, month), series)
        figure.savefig(file, format=kind, dpi=150, metadata=metadata)
    notice = None if shown == lang else word("notice.no_font", lang)
    return File(_name(compared, "compare", kind), TYPES[kind], file.getvalue(), notice)


def draw(compared: Compared, content: dict[str, Any], series: str) -> Figure:
    """The figure; call it inside ``drawing.style``."""
    lang, focus = content["lang"], content["focus"]
    factor = series_scale(series, lang)[1]
    values = [result.values(series) / factor for result in compared.results]
    titles = [f"{side['letter']}  {side['title']}" for side in content["sides"]]
    figure = Figure(figsize=(14.4, 6.2), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.16, h_pad=0.12)  # type: ignore[union-attr]
    panels = figure.subplots(1, 3)
    per = content["series"]["unit"]
    draws = compared.results[0].draws
    _curves(panels[0], content, values, draws, focus)
    panels[0].set_title(f"{content['series']['title']} ({per})", loc="left", fontsize=12, fontweight="bold")
    gaps = [of - values[0] for of in values]
    _curves(panels[1], content, gaps, draws, focus, skip=1)
    panels[1].axhline(0, color=BASELINE, linewidth=1.4, linestyle=DASHES[0])
    heading = word("ui.cp_gaps", lang, title=content["sides"][0]["letter"]) + f" ({content['series']['gap_unit']})"
    panels[1].set_title(heading, loc="left", fontsize=12, fontweight="bold")
    panels[1].yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:+z,.10g}" if v else "0"))
    _cloud(panels[2], content)
    handles = [panels[0].get_lines()[n] for n in range(len(titles))]
    head = word("compare.figure_title", lang, series=content["series"]["title"])
    legend = {"loc": "outside upper left", "ncols": 5 if max(map(len, titles)) < 26 else 3, "frameon": False}
    heading = {"title": plain(head), "title_fontproperties": {"weight": "bold", "size": 15}, "alignment": "left"}
    figure.legend(handles, [plain(title) for title in titles], **legend, **heading)
    facts = {"version": content["version"], "seeds": content["seeds"], "receipt": content["receipt"]}
    note = "\n".join(textwrap.wrap(word("compare.figure_note", lang, **facts), 150))
    figure.supxlabel(plain(note), x=0.01, ha="left", fontsize=9, color=SECONDARY)
    return figure


def _curves(panel: Axes, content: dict[str, Any], values: list[Any], draws: Any, focus: int, skip: int = 0) -> None:
    year, month = map(int, content["dates"][0].split("-"))
    years = year + (month + np.arange(len(content["dates"]))) / 12
    ends, inks = [], [side["ink"] for side in content["sides"]]
    for n, of in enumerate(values):
        if n < skip:
            continue
        if n == max(focus, skip):
            found = band(of, draws)
            panel.fill_between(years, found.low, found.high, color=COLOURS[inks[n]], alpha=0.16, linewidth=0)
        panel.plot(years, of.mean(axis=0), color=COLOURS[inks[n]], linestyle=DASHES[inks[n]], linewidth=2)
        ends.append((float(of.mean(axis=0)[-1]), n))
    panel.set_xlim(years[0], years[-1])
    panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:z.0f}"))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:z,.10g}"))
    low, high = panel.get_ylim()
    step, digits = 0.055 * (high - low), content["series"]["decimals"]
    ends.sort()
    places = [value for value, _ in ends]
    for n in range(1, len(places)):  # labels keep apart
        places[n] = max(places[n], places[n - 1] + step)
    places[-1] = min(places[-1], high)
    for n in reversed(range(len(places) - 1)):  # and below the title
        places[n] = min(places[n], places[n + 1] - step)
    for (value, n), place in zip(ends, places, strict=True):
        text = f"{content['sides'][n]['letter']}  {value:{'+' if skip else ''},.{digits}f}"
        where = {"xycoords": ("axes fraction", "data"), "xytext": (6, 0), "textcoords": "offset points"}
        look = {"va": "center", "color": COLOURS[inks[n]], "fontweight": "bold", "fontsize": 10.5}
        panel.annotate(text, (1.0, place), annotation_clip=False, **where, **look)


def _cloud(panel: Axes, content: dict[str, Any]) -> None:
    lang, cloud = content["lang"], content["cloud"]
    inks = [side["ink"] for side in content["sides"]]
    look: dict[str, Any]
    where: dict[str, Any]
    for n, points in enumerate(cloud["points"]):
        x, y = np.array(points).T
        beaten = cloud["dominated"][n]
        look = {
            "facecolors": "none" if beaten else COLOURS[inks[n]],
            "edgecolors": GREY if beaten else COLOURS[inks[n]],
        }
        panel.scatter(x, y, s=26, marker=MARKERS[inks[n]], alpha=0.75, linewidths=1, **look)
        label = content["sides"][n]["letter"]
        label += f" ({word('ui.cp_beaten', lang, letter=beaten)})" if beaten else ""
        right = x.mean() > 0.6 * max(point[0] for group in cloud["points"] for point in group)
        where = {"xytext": (-9 if right else 9, 0), "textcoords": "offset points", "ha": "right" if right else "left"}
        look = {"color": SECONDARY if beaten else TEXT, "fontweight": "bold", "va": "center"}
        panel.annotate(label, ((x.min() if right else x.max()), y.mean()), **where, **look)
    title = f"{word('ui.cp_cloud', lang)}, {date(content['dates'][content['month']], lang)}"
    panel.set_title(title, loc="left", fontsize=12, fontweight="bold")
    panel.set_xlabel(f"{cloud['x']['title']} ({cloud['x']['unit']})")
    panel.set_ylabel(f"{cloud['y']['title']} ({cloud['y']['unit']})")
    panel.margins(0.14)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:z,.10g}"))


def _stamp(compared: Compared) -> tuple[str, str]:
    return command_of(compared.sides), compared.receipt


def _name(compared: Compared, what: str, ending: str) -> str:
    return f"injae-{what}-{compared.receipt}.{ending}"
