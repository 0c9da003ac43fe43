"""Files of an answer for download: tidy data, figures, the one-page brief; each says what it was made from."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from injae.experiments.summary import band
from injae.model.record import SERIES
from injae.viz.view.drawing import answer_figure, drawable, style
from injae.viz.view.files import TYPES, File, csv_bytes, version
from injae.viz.view.policy.brief import brief
from injae.viz.view.policy.payload import board
from injae.viz.view.runs import Answer
from injae.viz.view.sharing.card import card_of
from injae.viz.view.words import word

BANDS = {
    "p05": "low",
    "p95": "high",
    "aleatory_low": "aleatory_low",
    "aleatory_high": "aleatory_high",
}  # column: part of a band


def csv_file(answer: Answer) -> File:
    """All series, one row a scenario, series and month: mean, bands over runs, unit, receipt and version.

    Bands are empty where too few runs are independent, that of noise also where no two runs share their parameters.

    Values are in the model's own units (shares 0 to 1, won); what they are is said in the visitor's language.
    """
    frames = [_tidy(answer, "policy", answer.policy)]
    if answer.baseline is not None and answer.baseline.runs:
        frames.append(_tidy(answer, "baseline", answer.baseline))
    table = pd.concat(frames, ignore_index=True)
    return File(_name(answer, ".csv"), TYPES["csv"], csv_bytes(table, answer.state.lang, "%.6g"))


def _tidy(answer: Answer, role: str, results: Any) -> pd.DataFrame:
    plan, lang = results.plan, answer.state.lang
    months = np.arange(plan.months + 1)
    frames = []
    for name, series in SERIES.items():
        values = results.values(name).astype(float)
        columns = {
            "scenario": plan.name,
            "role": role,
            "series": name,
            "title": word(f"series.{name}", lang),
            "unit": series.unit,
            "month": months,
            "date": [plan.date_of(int(month)) for month in months],
            "mean": values.mean(axis=0),
        }
        bands = band(values, results.draws)
        columns |= {key: getattr(bands, part) for key, part in BANDS.items()}
        frames.append(pd.DataFrame(columns))
    table = pd.concat(frames, ignore_index=True)
    table["runs"] = len(results.runs)
    table["command"] = answer.state.again()
    table["receipt"] = answer.receipt
    table["version"] = version()
    return table


def figure_file(answer: Answer, kind: str) -> File:
    """The figure of an answer as ``png`` or ``svg``."""
    return _drawn(answer, kind, answer_figure, dpi=150)


def headline_file(answer: Answer, address: str = "") -> File:
    """The picture that is shown with a link, for slides and articles: answer, one curve, caveat, date and address.

    Args:
        answer: what it is about.
        address: of the page without its query.
    """
    link = f"{address}{answer.state.link()}"
    return _drawn(answer, "png", lambda content: card_of(content, link), dpi=200, name="-headline")


def brief_file(answer: Answer, address: str = "") -> File:
    """The one-page brief as PDF.

    Args:
        answer: what it is about.
        address: of the page without its query, so that the link in the brief opens this answer.
    """
    return _drawn(answer, "pdf", lambda content: brief(answer, content, address))


def _drawn(
    answer: Answer, kind: str, draw: Callable[[dict[str, Any]], Figure], *, dpi: int | None = None, name: str = ""
) -> File:
    """A drawing of an answer's board as a file; in English with a notice where no Korean font is found."""
    asked, lang = answer.state.lang, drawable(answer.state.lang)
    content = board(answer, lang)
    file = io.BytesIO()
    with style(lang):
        draw(content).savefig(file, format=kind, dpi=dpi or "figure", metadata=_metadata(content, kind))
    notice = None if lang == asked else word("notice.no_font", asked)
    return File(_name(answer, f"{name}.{kind}"), TYPES[kind], file.getvalue(), notice)


def _metadata(content: dict[str, Any], kind: str) -> dict[str, Any]:
    """What the file says of itself; no date, so that equal answers give equal files."""
    source = f"Injae {content['version']}, receipt {content['receipt']}, {content['command']}"
    if kind == "png":
        return {"Title": content["title"], "Description": source, "Software": None}
    if kind == "svg":
        return {"Title": content["title"], "Description": source, "Date": None}
    return {"Title": content["title"], "Subject": source, "CreationDate": None, "ModDate": None}


def _name(answer: Answer, ending: str) -> str:
    return f"injae-{answer.policy.plan.name}-{answer.receipt}{ending}"
