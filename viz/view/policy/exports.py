"""Files of an answer for download: tidy data, figures, the one-page brief; each says what it was made from."""

import io
from typing import Any

import numpy as np
import pandas as pd

from experiments.summary import band
from model.record import SERIES
from viz.view.files import TYPES, File, version
from viz.view.policy.payload import board
from viz.view.runs import Answer
from viz.view.words import word

BANDS = {"p05": "low", "p95": "high", "luck_low": "luck_low", "luck_high": "luck_high"}  # column: part of a band


def csv_file(answer: Answer) -> File:
    """All series, one row a scenario, series and month: mean, bands over runs, unit, receipt and version.

    Bands are empty where too few runs are independent, that of luck also where no two runs share their parameters.

    Values are in the model's own units (shares 0 to 1, won); titles are in the visitor's language.
    """
    frames = [_tidy(answer, "policy", answer.policy)]
    if answer.baseline is not None and answer.baseline.runs:
        frames.append(_tidy(answer, "baseline", answer.baseline))
    table = pd.concat(frames, ignore_index=True)
    text = table.to_csv(index=False, float_format="%.6g")
    return File(_name(answer, "csv"), TYPES["csv"], text.encode("utf-8-sig"))  # the mark tells Excel that it is UTF-8


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
    """The figure of an answer as ``png`` or ``svg``; in English with a notice where no Korean font is found."""
    from viz.view.drawing import answer_figure, drawable, style

    lang = drawable(answer.state.lang)
    content = board(answer, lang)
    file = io.BytesIO()
    with style(lang):
        figure = answer_figure(content)
        figure.savefig(file, format=kind, dpi=150, metadata=_metadata(content, kind))
    return File(_name(answer, kind), TYPES[kind], file.getvalue(), _font_notice(answer, lang))


def brief_file(answer: Answer, address: str = "") -> File:
    """The one-page brief as PDF.

    Args:
        answer: what it is about.
        address: of the page without its query, so that the link in the brief opens this answer.
    """
    from viz.view.drawing import drawable, style
    from viz.view.policy.brief import brief

    lang = drawable(answer.state.lang)
    content = board(answer, lang)
    file = io.BytesIO()
    with style(lang):
        figure = brief(answer, content, address)
        figure.savefig(file, format="pdf", metadata=_metadata(content, "pdf"))
    return File(_name(answer, "pdf"), TYPES["pdf"], file.getvalue(), _font_notice(answer, lang))


def _metadata(content: dict[str, Any], kind: str) -> dict[str, Any]:
    """What the file says of itself; no date, so that equal answers give equal files."""
    source = f"Injae {content['version']}, receipt {content['receipt']}, {content['command']}"
    if kind == "png":
        return {"Title": content["title"], "Description": source, "Software": None}
    if kind == "svg":
        return {"Title": content["title"], "Description": source, "Date": None}
    return {"Title": content["title"], "Subject": source, "CreationDate": None, "ModDate": None}


def _name(answer: Answer, ending: str) -> str:
    return f"injae-{answer.policy.plan.name}-{answer.receipt}.{ending}"


def _font_notice(answer: Answer, lang: str) -> str | None:
    return None if lang == answer.state.lang else word("notice.no_font", answer.state.lang)
