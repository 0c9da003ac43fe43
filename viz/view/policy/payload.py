"""An answer as the board of the page gets it: plain JSON, at most 40 kB, every number ready to be shown.

Numbers are in the unit that is shown (``unit``: ``%``, ``명``, ``억 원``, ``bn won``) and rounded to ``decimals``, so
that the page need only write them with thousands separators; ``factor`` turns them back into the model's unit (shares,
won). Curves are means over runs, as ``injae run`` prints them, with its two bands: nine tenths of runs, and luck alone.

``board(answer)`` gives::

    id            what was asked (equal for all stages of one answer)
    lang          "ko" or "en"
    months        length; dates[0 .. months] are ISO months, date_words the same in words (sparse: Januaries in charts)
    dates
    now           month index of the date that answer, why and doubt speak of
    seeds         runs so far; seeds_wanted: in the end; done: nothing more will come
    receipt, version, command     command gives the same digits on the command line (a link: not luck alone)
    title         title of the scenario, marked when changed; baseline_title (None without a baseline)
    altered       {text, paths}: numbers of the model that the link sets, in words; None where it sets none
    answer        [sentence, ...]
    charts        [{name, title, unit, meaning, good (1, -1, 0: more is better, worse, neither), factor, decimals,
                    scale ("share", "count", "won"), mean, low, high (None from too few runs), luck_low,
                    luck_high (None where luck is all that differs, or not known), baseline (mean, or None),
                    gap (mean less the baseline's, or None),
                    target {month, value, label} or None, small (no band of luck)}]
    cards         [{name, title, unit, decimals, good, help, chart}]   their values are those of the chart of that name
    binds         {names, titles, who ("universities", "hospitals"), share [[per month] per constraint, percent],
                   weakest {who: [index into names or -1, per month]}}
    pipeline      from applying to routine use, see ``pipeline.py``
    why           [{lever, title, effect, low, high, text}] in the model's unit of series; the last may be lever "rest"
    why_of        {series, title, unit, scale, factor, decimals, date, total, text}
    cost          {public_won, grant_won, extra_won, won_per_extra_specialist {mean, low, high} or None, text}
    chance        {mean, low, high, reached, runs, text} or None without a target date
    timeline      [{lever, title, from, to, text}]   month indices; spells in which a lever differs from its default
    outside       a sentence on settings outside what is sourced or calibrated, or None
    doubt         {luck, unsure, variants, text, brackets (a sentence on ranges), rests (on what numbers rest, a
                   sentence), sd {layer: number} or None,
                    largest or None}
    failed        runs that did not finish;  notice: a sentence about them or None
"""

from dataclasses import replace
from typing import Any

import numpy as np

from experiments.indicators import has_target
from experiments.plain import plain
from experiments.schedules import shocked
from experiments.summary import band
from experiments.wording.amounts import number, series_scale
from model.record import SERIES
from model.scenario import Scenario
from viz.answers.run import CONSTRAINTS
from viz.view.files import version
from viz.view.policy.doubt import doubt_of
from viz.view.policy.effects import cost, why, why_of
from viz.view.policy.pipeline import pipeline_of
from viz.view.policy.sentences import notice, outside, sentences
from viz.view.policy.timeline import timeline
from viz.view.runs import Answer
from viz.view.state import path_of
from viz.view.words import parameter, word

CHARTS = ("programme_graduates_cumulative", "specialists", "employed_hospitals", "adoption_share")
SMALL = ("unmet_demand_share", "teachers", "enrolled", "shortage_rate", "public_won_cumulative", "public_trust")
CARDS = (
    "programme_graduates_cumulative",
    "specialists",
    "employed_hospitals",
    "adoption_share",
    "unmet_demand_share",
    "public_won_cumulative",
)
WHO = {"universities": "programme", "hospitals": "hospitals"}  # word of the page: word of ``viz.answers.run``


def board(answer: Answer, lang: str | None = None) -> dict[str, Any]:
    """The answer for the board, in another language than the visitor's if given; see the head of this file."""
    if lang not in (None, answer.state.lang):
        answer = replace(answer, state=replace(answer.state, lang=lang))
    state, plan = answer.state, answer.policy.plan
    lang, now = state.lang, state.date_month
    content: dict[str, Any] = {
        "id": state.link(),
        "lang": lang,
        "months": plan.months,
        "dates": [plan.date_of(month) for month in range(plan.months + 1)],
        "now": now,
        "seeds": len(answer.policy.runs),
        "seeds_wanted": answer.wanted,
        "done": answer.done,
        "version": version(),
        "command": state.again(),
        "title": title_of(answer),
        "baseline_title": _baseline_title(answer),
        "altered": _altered(answer),
        "outside": outside(answer),
        "failed": len(answer.failures),
        "notice": notice(answer),
        "doubt": doubt_of(answer),
        "timeline": timeline(plan, lang),
    }
    if not answer.policy.runs:
        none = dict.fromkeys(("binds", "why_of", "cost", "chance"))
        return {**content, "receipt": "", "answer": [], "charts": [], "cards": [], "why": [], **none}
    charts = [_chart(answer, name, small=False) for name in CHARTS] + [_chart(answer, n, small=True) for n in SMALL]
    content |= {
        "receipt": answer.receipt,
        "charts": charts,
        "cards": [_card(name, lang) for name in CARDS],
        "binds": _binds(answer),
        "pipeline": pipeline_of(answer),
        "why": why(answer),
        "why_of": why_of(answer),
        "cost": cost(answer),
        "chance": _chance(answer),
    }
    return plain({**content, "answer": sentences(answer, content)})


def title_of(answer: Answer) -> str:
    """Title of the scenario in the visitor's language, marked when it was changed."""
    title = _title(answer.policy.plan, answer.state.lang)
    return word("ui.modified", answer.state.lang, title=title) if answer.state.changes else title


def _baseline_title(answer: Answer) -> str | None:
    """Title of the baseline; it says so where the baseline has the policy's shocks."""
    if answer.baseline is None:
        return None
    title = _title(answer.baseline.plan, answer.state.lang)
    return word("ui.same_shocks", answer.state.lang, title=title) if shocked(answer.policy.plan) else title


def _altered(answer: Answer) -> dict[str, Any] | None:
    """Numbers of the model itself that were set: a link may hold them, no lever shows them."""
    lang, plan = answer.state.lang, answer.policy.plan
    paths = [path for path in map(path_of, answer.state.changes) if path.startswith("parameters.")]
    if not paths:
        return None
    names = [path.removeprefix("parameters.") for path in paths]
    said = "; ".join(f"{parameter(name, lang, plan.country)} = {plan.parameters[name]:g}" for name in names)
    text = word("ui.altered", lang, what=said)
    return {"text": text, "paths": paths}


def _title(plan: Scenario, lang: str) -> str:
    return plan.title.get(lang, plan.name)


def good(name: str) -> int:
    """1 where more of a series is better, -1 where less is, 0 where neither is."""
    return {"more": 1, "less": -1, "neither": 0}[SERIES[name].better]


def _chart(answer: Answer, name: str, *, small: bool) -> dict[str, Any]:
    lang, plan = answer.state.lang, answer.policy.plan
    scale, factor, decimals, per = series_scale(name, lang)
    values = answer.policy.values(name) / factor

    def rounded(row: Any) -> list[float]:
        return [int(v) if decimals == 0 or v == int(v) else float(v) for v in np.round(row, decimals).tolist()]

    def known(row: Any) -> list[float] | None:
        return None if np.isnan(row).any() else rounded(row)

    bands = band(values, answer.policy.draws)
    by_luck = small or answer.policy.draws is None  # luck is all there is, or no room for more
    target = None
    if name == "programme_graduates_cumulative" and has_target(plan):
        experts = plan.target.experts
        label = f"{word('ui.target', lang)} {number(experts, 'persons', lang)}"
        target = {"month": plan.target_month, "value": experts, "label": label}
    other = answer.baseline.values(name).mean(axis=0) / factor if answer.baseline and answer.baseline.runs else None
    gap = None if other is None else values.mean(axis=0) - other  # rounded once: rounded means differ by a digit more
    return {
        "name": name,
        "title": word(f"series.{name}", lang),
        "unit": per,
        "meaning": word(f"series.{name}.text", lang),
        "good": good(name),
        "scale": scale,
        "factor": factor,
        "decimals": decimals,
        "mean": rounded(bands.mean),
        "low": known(bands.low),
        "high": known(bands.high),
        "luck_low": None if by_luck else known(bands.luck_low),
        "luck_high": None if by_luck else known(bands.luck_high),
        "baseline": None if other is None else rounded(other),
        "gap": None if gap is None else rounded(gap),
        "target": target,
        "small": small,
    }


def _card(name: str, lang: str) -> dict[str, Any]:
    _, _, decimals, per = series_scale(name, lang)
    return {
        "name": name,
        "title": word(f"series.{name}", lang),
        "unit": per,
        "decimals": decimals,
        "good": good(name),
        "help": word(f"series.{name}.text", lang),
        "chart": name,
    }


def _binds(answer: Answer) -> dict[str, Any]:
    """Share of institutions that each constraint holds back, and the greatest of each month by kind of institution."""
    lang = answer.state.lang
    names = [name for kind in WHO.values() for name in CONSTRAINTS[kind]]
    shares = np.array([answer.policy.values(name).mean(axis=0) for name in names])
    weakest = {}
    for who, kind in WHO.items():
        rows = [names.index(name) for name in CONSTRAINTS[kind]]
        most = shares[rows].argmax(axis=0)
        weakest[who] = [rows[m] if shares[rows[m], month] > 0 else -1 for month, m in enumerate(most)]
    return {
        "names": names,
        "titles": [word(f"constraint.{name}", lang) for name in names],
        "who": [who for who, kind in WHO.items() for _ in CONSTRAINTS[kind]],
        "share": np.round(100 * shares).astype(int).tolist(),
        "weakest": weakest,
    }


def _chance(answer: Answer) -> dict[str, Any] | None:
    chance = answer.summary.get("chance_of_target")
    if chance is None:
        return None
    lang, plan = answer.state.lang, answer.policy.plan
    graduates = answer.policy.values("programme_graduates_cumulative")[:, plan.target_month]
    reached = int((graduates >= plan.target.experts).sum())
    if np.isnan(chance.mean):
        text = word("answer.chance_few", lang, runs=chance.seeds)
        return {**dict.fromkeys(("mean", "low", "high")), "reached": reached, "runs": chance.seeds, "text": text}
    low, high = number(chance.low, "chance", lang), number(chance.high, "chance", lang)
    text = word("answer.chance", lang, reached=reached, runs=chance.seeds, low=low, high=high)
    ends = {"mean": chance.mean, "low": chance.low, "high": chance.high}
    return {**ends, "reached": reached, "runs": chance.seeds, "text": text}
