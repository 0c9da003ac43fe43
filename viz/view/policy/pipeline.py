"""The way from applying to routine use as a row of steps, month by month: every step is a series of the record.

``pipeline_of(answer)`` gives::

    steps   [{name, title, unit, year, mean, baseline, held}]
            mean and baseline (None without one): over runs, whole numbers over months 0 .. months, as text
            (``packing.pack``, nothing standing for 0). A step whose numbers a chart has is only its name.
            year: the numbers are sums of the last 12 months, whole from month 12 on; left out otherwise.
            held: "universities" or "hospitals" on the step after which they are held back; left out otherwise.
"""

import re
from typing import Any

import numpy as np

from injae.experiments.runs import Results
from injae.experiments.wording.amounts import unit
from injae.model.record import SERIES
from injae.viz.view.packing import pack
from injae.viz.view.runs import Answer
from injae.viz.view.words import word

STEPS = ("applicants", "seats", "enrolled", "graduated", "specialists", "employed_hospitals", "routine_domains")
CHARTED = {"enrolled", "specialists", "employed_hospitals"}  # on their way to the page already
HELD = {"seats": "universities", "employed_hospitals": "hospitals"}
YEAR = 12


def pipeline_of(answer: Answer) -> dict[str, Any]:
    """The steps with their monthly values; see the head of this file."""
    lang, baseline = answer.state.lang, answer.baseline if answer.baseline and answer.baseline.runs else None
    steps = []
    for name in STEPS:
        step: dict[str, Any] = {"name": name}
        if name in HELD:
            step["held"] = HELD[name]
        if name not in CHARTED:
            step["title"] = word(f"series.{name}", lang)
            step["unit"] = unit(SERIES[name].unit.removesuffix(" per month"), lang)
            step["mean"] = _row(answer.policy, name)
            step["baseline"] = baseline and _row(baseline, name)
        if SERIES[name].is_flow:
            step["year"] = True
        steps.append(step)
    return {"steps": steps}


def _row(results: Results, name: str) -> str:
    """Mean over runs, shape ``(months + 1,)``; of a flow the sum of the last 12 months, as far as there are so many."""
    values = results.values(name).mean(axis=0)
    if SERIES[name].is_flow:
        total = np.cumsum(values)
        values = total - np.concatenate([np.zeros(YEAR), total])[: len(total)]
    return re.sub(r"(?<![-\d])0(?!\d)", "", pack(values.tolist()))  # most months bring nothing new
