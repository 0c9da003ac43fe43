"""An answer as the board of the page gets it: plain JSON, at most 40 kB, every number ready to be shown.

Numbers are in the unit that is shown (``unit``: ``%``, ``명``, ``억 원``, ``bn won``) and rounded to ``decimals``, so
that the page need only write them with thousands separators; ``factor`` turns them back into the model's unit (shares,
won). Curves are means over runs, as ``injae run`` prints them, with its two bands: nine tenths of runs, and noise
alone.

``board(answer)`` gives::

    id            what was asked (equal for all stages of one answer)
    lang          "ko" or "en"
    months        length; dates[0 .. months] are ISO months, date_words the same in words (sparse: Januaries in charts)
    dates
    now           month index of the date that answer, why and uncertainty speak of
    seeds         runs so far; seeds_wanted: in the end; done: nothing more will come
    receipt, version, command     command gives the same digits on the command line (a link: not noise alone)
    title         title of the scenario, marked when changed; baseline_title (None without a baseline)
    altered       {text, paths}: numbers of the model that the link sets, in words; None where it sets none
    opening       the answer of the opening screen, one sentence
    answer        [sentence, ...]
    charts        [{name, title, unit, meaning, good (1, -1, 0: more is better, worse, neither), factor, decimals,
                    scale ("share", "count", "won"), mean, low, high (None from too few runs), aleatory_low,
                    aleatory_high (None where noise is all that differs, or not known), baseline (mean, or None),
                    gap (mean less the baseline's, or None), gap_low, gap_high (its own band, or None),
                    target {month, value, label} or None, small (no band of noise)}]
    cards         [{name, title, unit, decimals, good, help, chart}]   their values are those of the chart of that name
    binds         {names, titles, who ("universities", "hospitals"), share [[per month] per constraint, percent],
                   weakest {who: [index into names or -1, per month]}}
    pipeline      from applying to routine use, see ``pipeline.py``
    why           [{lever, title, effect, low, high, text}] in the model's unit of series; the last may be lever "rest"
    why_of        {series, title, unit, scale, factor, decimals, date, total, text}
    cost          {public_won, extra_won, won_per_extra_specialist {mean, low, high} or None, text}
    probability        {mean, low, high, reached, runs, text} or None without a target date
    timeline      [{lever, title, from, to, text}]   month indices; spells in which a lever differs from its default
    differs       a sentence on what differs from the preset; empty where nothing does
    outside       a sentence on settings outside what is sourced or calibrated, or None
    uncertainty         {aleatory, parametric, structural, text, brackets (a sentence on ranges), rests (on what numbers
    rest, a
                   sentence), sd {layer: number} or None,
                    largest or None}
    failed        runs that did not finish;  notice: a sentence about them or None
"""

from dataclasses import replace
from typing import Any

import numpy as np

from injae.experiments.indicators import has_target
from injae.experiments.plain import plain
from injae.experiments.schedules import shocked
from injae.experiments.wording.amounts import number, series_scale
from injae.experiments.wording.spoken import speaking_of
from injae.experiments.wording.titles import parameter
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.answers.run import CONSTRAINTS
from injae.viz.view.files import version
from injae.viz.view.policy import opening
from injae.viz.view.policy.curves import Curves, curves_of
from injae.viz.view.policy.effects import cost, why, why_of
from injae.viz.view.policy.opening import Titles
from injae.viz.view.policy.pipeline import pipeline_of
from injae.viz.view.policy.sentences import differences, notice, outside, sentences
from injae.viz.view.policy.timeline import timeline
from injae.viz.view.policy.uncertainty import uncertainty_of
from injae.viz.view.runs import Answer
from injae.viz.view.state import ViewState, path_of
from injae.viz.view.words import word

CHARTS = ("programme_graduates_cumulative", "specialists", "employed_hospitals", "adoption_share")
SMALL = ("unmet_demand_share", "teachers", "enrolled", "vacancy_rate", "public_won_cumulative", "public_trust")
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
    with speaking_of(answer.policy.plan.country):
        return _board(answer)


def _board(answer: Answer) -> dict[str, Any]:
    state, plan = answer.state, answer.policy.plan
    lang, now = state.lang, state.date_month
    content: dict[str, Any] = {
        **_head(state, plan, len(answer.policy.runs)),
        "seeds_wanted": answer.wanted,
        "done": answer.done,
        "version": version(),
        "command": state.again(),
        "title": title_of(answer),
        "baseline_title": _baseline_title(answer),
        "altered": _altered(answer),
        "differs": differences(state),
        "outside": outside(answer),
        "failed": len(answer.failures),
        "notice": notice(answer),
        "uncertainty": uncertainty_of(answer),
        "timeline": timeline(plan, lang),
    }
    if not answer.policy.runs:
        none = dict.fromkeys(("binds", "why_of", "cost", "probability"))
        return {**content, "receipt": "", "answer": [], "charts": [], "cards": [], "why": [], **none}
    curves = {name: curves_of(answer, name) for name in (*CHARTS, *SMALL)}
    noise = answer.policy.draws is not None  # beside other layers; alone it is the band itself
    charts = [_chart(rows, name, plan, lang, inner=noise and name not in SMALL) for name, rows in curves.items()]
    titles = Titles(content["title"], content["baseline_title"])
    content |= {
        "opening": opening.sentence(curves, now, plan.date_of(now), titles, lang),
        "receipt": answer.receipt,
        "charts": charts,
        "cards": [_card(name, lang) for name in CARDS],
        "binds": _binds(answer),
        "pipeline": pipeline_of(answer),
        "why": why(answer),
        "why_of": why_of(answer),
        "cost": cost(answer),
        "probability": _chance(answer),
    }
    return plain({**content, "answer": sentences(answer, content)})


def _head(state: ViewState, plan: Scenario, runs: int) -> dict[str, Any]:
    """Whose answer it is, its months, and how many runs it rests on."""
    return {
        "id": state.link(),
        "lang": state.lang,
        "months": plan.months,
        "dates": [plan.date_of(month) for month in range(plan.months + 1)],
        "now": state.date_month,
        "seeds": runs,
    }


def stored_board(lang: str) -> dict[str, Any] | None:
    """What the opening screen shows of the default scenario before any run: kept numbers; None where there are none."""
    kept = opening.stored()
    if kept is None:
        return None
    state = ViewState(lang=lang)
    plan, now = state.scenario(), state.date_month
    titles = opening.titles_of(plan, lang)
    content = {
        **_head(state, plan, kept.runs),
        "baseline_title": titles.baseline,
        "opening": opening.sentence(kept.curves, now, plan.date_of(now), titles, lang),
        "charts": [_chart(rows, name, plan, lang, inner=True) for name, rows in kept.curves.items()],
        "binds": None,
    }
    return plain(content)


def title_of(answer: Answer) -> str:
    """Title of the scenario in the visitor's language, marked when it was changed."""
    return title_of_state(answer.state, answer.policy.plan)


def title_of_state(state: ViewState, plan: Scenario) -> str:
    """The same of a state that is not answered yet, and its scenario."""
    title = _title(plan, state.lang)
    return word("ui.modified", state.lang, title=title) if state.changes else title


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


def _chart(curves: Curves, name: str, plan: Scenario, lang: str, *, inner: bool) -> dict[str, Any]:
    """One curve; ``inner`` with the part of noise in its band."""
    scale, factor, decimals, per = series_scale(name, lang)

    def rounded(row: Any) -> list[float]:
        return [int(v) if decimals == 0 or v == int(v) else float(v) for v in np.round(row / factor, decimals).tolist()]

    def known(row: Any) -> list[float] | None:
        return None if row is None or np.isnan(row).any() else rounded(row)

    target = None
    if name == "programme_graduates_cumulative" and has_target(plan):
        experts = plan.target.experts
        label = f"{word('ui.target', lang)} {number(experts, 'persons', lang)}"
        target = {"month": plan.target_month, "value": experts, "label": label}
    return {
        "name": name,
        "title": word(f"series.{name}", lang),
        "unit": per,
        "meaning": word(f"series.{name}.text", lang),
        "good": good(name),
        "scale": scale,
        "factor": factor,
        "decimals": decimals,
        "mean": rounded(curves.mean),
        "low": known(curves.low),
        "high": known(curves.high),
        "aleatory_low": known(curves.aleatory_low) if inner else None,
        "aleatory_high": known(curves.aleatory_high) if inner else None,
        "baseline": known(curves.baseline),
        "gap": known(curves.gap),  # rounded once: rounded means differ by a digit more
        "gap_low": known(curves.gap_low),
        "gap_high": known(curves.gap_high),
        "target": target,
        "small": name in SMALL,
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
    probability = answer.summary.get("probability_of_target")
    if probability is None:
        return None
    lang, plan = answer.state.lang, answer.policy.plan
    graduates = answer.policy.values("programme_graduates_cumulative")[:, plan.target_month]
    reached = int((graduates >= plan.target.experts).sum())
    if np.isnan(probability.mean):
        text = word("answer.probability_few", lang, runs=probability.seeds)
        return {**dict.fromkeys(("mean", "low", "high")), "reached": reached, "runs": probability.seeds, "text": text}
    low, high = number(probability.low, "probability", lang), number(probability.high, "probability", lang)
    text = word("answer.probability", lang, reached=reached, runs=probability.seeds, low=low, high=high)
    ends = {"mean": probability.mean, "low": probability.low, "high": probability.high}
    return {**ends, "reached": reached, "runs": probability.seeds, "text": text}
