"""The answer in words: what a run prints."""

import math
from typing import Any

import numpy as np

from injae.experiments.indicators import has_target
from injae.experiments.results import Results
from injae.experiments.summary import Estimate, band, paired_difference
from injae.experiments.wording import amounts
from injae.experiments.wording.amounts import money
from injae.model.ledger import Purpose
from injae.viz.answers.ensemble import TOO_FEW, brackets, is_few, runs_words
from injae.viz.answers.words import month_words, say

PLACES = {  # series: where the people are whom a policy adds
    "employed_hospitals": "hospitals",
    "employed_firms": "firms",
    "employed_universities": "universities",
    "seeking": "looking for work",
    "other_sectors": "other sectors",
    "abroad": "abroad",
    "left": "retired or gave up",
    "enrolled": "still in training",
}
CONSTRAINTS = {
    "hospitals": {
        "binding_staff": "people they cannot find",
        "binding_budget": "money",
        "binding_regulation": "rules or missing payment",
        "binding_data": "data",
        "binding_demand": "no interest yet",
    },
    "programme": {
        "binding_seats": "computing and rooms",
        "binding_teachers": "teachers",
        "binding_courses": "courses",
    },
}


def number(estimate: Estimate) -> str:
    """Mean with low and high, written as its unit wants it; the mean alone where they are not known."""
    if math.isnan(estimate.mean):
        return TOO_FEW if estimate.unit == "probability" else "never"
    mean, low, high = (
        amounts.number(value, estimate.unit, "en", with_unit=False)
        for value in (estimate.mean, estimate.low, estimate.high)
    )
    if math.isnan(estimate.low) or (estimate.seeds == 1 and estimate.unit != "probability"):
        return mean  # one run has no spread
    return f"{mean} ({low} to {high})"


def headline(results: Results, baseline: Results | None) -> str:
    """One sentence that is true by itself: mean and range of experts and adoption, and what the policy adds to it."""
    plan = results.plan
    share, low, high, *_ = band(results.values("adoption_share")[:, -1], results.draws)
    adoption = say(
        "run.hospitals_use_ai",
        share=share,
        range=_range(100 * low, 100 * high, "{:z.0f}"),
        date=month_words(plan.date_of(plan.months)),
    )
    if baseline is not None and baseline.runs:
        gap = paired_difference(results, baseline, "adoption_share", plan.months)
        adoption += say(
            "run.points_policy", gap=100 * gap.mean, range=_range(100 * gap.low, 100 * gap.high, "{:+z.1f}")
        )
    few = say("run.few", runs=runs_words(results)) if is_few(results) else ""
    if not has_target(plan):
        return adoption + few
    graduates, low, high, *_ = band(
        results.values("programme_graduates_cumulative")[:, plan.target_month], results.draws
    )
    return say(
        "run.experts",
        graduates=graduates,
        range=_range(low, high, "{:z,.0f}"),
        date=month_words(plan.target.date),
        target=plan.target.experts,
        adoption=adoption,
        few=few,
    )


def _range(low: float, high: float, form: str) -> str:
    """The range of a number as it stands behind it; empty where it is not known."""
    return "" if math.isnan(low) else say("run.range", low=form.format(low), high=form.format(high))


def answer(results: Results, baseline: Results | None, summary: dict[str, Estimate]) -> list[str]:
    """The printed answer, line by line."""
    plan = results.plan
    title = plan.title.get("en", plan.name)
    dates = f"{plan.date_of(1)} to {plan.date_of(plan.months)}"
    lines = [f"{title} ({plan.name}), {dates}, {runs_words(results)}"]
    if "probability_of_target" in summary:
        graduates = number(summary["programme_graduates_by_target_date"])
        lines.append(say("run.experts_graduates_seats", plan=plan, graduates=graduates))
        lines.append(say("run.probability_target", probability_of_target=number(summary["probability_of_target"])))
        lines.append(f"  Target reached         {_when_reached(results)}")
    if not has_target(plan):
        lines.append(say("run.target_due_outside", plan=plan))
    lines.append(say("run.hospitals_using_ai", adoption_share_at_end=number(summary["adoption_share_at_end"])))
    half = summary["years_to_half_adoption"]
    reached = (
        f"after {number(half)} years"
        if half.seeds == len(results.runs)
        else say("run.runs", half=half, runs=len(results.runs))
    )
    lines.append(say("run.half_hospitals", reached=reached if half.seeds else say("run.within_horizon")))
    lines.append(say("run.specialists_end", specialists_at_end=number(summary["specialists_at_end"])))
    if not math.isnan(summary["cost_per_practitioner_retained_won"].mean):
        lines.append(
            say("run.grant", grant_won_at_end=money(summary["grant_won_at_end"].mean), core_pay=_core_pay(results))
        )
        when = say("run.target_date") if has_target(plan) else say("run.end")
        lines.append(f"  per graduate           {number(summary['cost_per_programme_graduate_won'])} {when}")
        lines.append(
            say(
                "run.per_practitioner_kept",
                cost_per_practitioner_retained_won=number(summary["cost_per_practitioner_retained_won"]),
            )
        )
    lines += _outcomes(summary)
    lines += [f"  Holds back {who:<12}{what}" for who, what in what_binds(results).items()]
    paired = baseline is not None and bool(baseline.runs)
    if paired:
        lines += _differences(results, baseline)
    return [*lines, f"  {brackets(results, differences=paired)}"]


def _core_pay(results: Results) -> str:
    """What the universities with a grant pay to teachers from core funds, which no cost per graduate holds."""
    paid = [run.paid for run in results.runs]
    core = [of[:, Purpose.CORE_FUNDING][:, of[:, Purpose.GRANT].any(axis=0)].sum() for of in paid]
    each_year = float(np.mean(core)) * 12 / results.plan.months
    return say("run.teachers_core_funds", each_year=money(each_year)) if each_year else ""


def _outcomes(summary: dict[str, Estimate]) -> list[str]:
    """What use of AI does for care in the last year, and to trust."""
    hours, events = summary["clinician_hours_released_per_year"].mean, summary["adverse_events_avoided_per_year"].mean
    if math.isnan(hours):
        return []
    relief, unmet = summary["shortage_relief_at_end"].mean, summary["unmet_demand_share_at_end"].mean
    trust = summary["public_trust_at_end"].mean
    return [
        say("run.care_last_year", hours=hours, events=events),
        say("run.unmet_need_care", unmet=unmet, relief=100 * relief, trust=trust),
    ]


def _when_reached(results: Results) -> str:
    """When half of the runs have reached the target."""
    graduates = results.values("programme_graduates_cumulative")
    months = np.flatnonzero((graduates >= results.plan.target.experts).mean(axis=0) >= 0.5)
    if len(results.runs) == 1:
        return f"in {results.plan.date_of(int(months[0]))}" if months.size else say("run.within_horizon")
    if not months.size:
        return say("run.less_half_runs", date=results.plan.date_of(results.plan.months))
    return say("run.half_runs_until", date=results.plan.date_of(int(months[0])))


def what_binds(results: Results) -> dict[str, str]:
    """For hospitals and the programme's universities: the most frequent constraint of each year, years joined."""
    words = {}
    months = results.plan.months
    years = [range(first, min(first + 12, months + 1)) for first in range(1, months + 1, 12)]
    for who, constraints in CONSTRAINTS.items():
        if who == "programme" and not results.values("grant_won").any():
            continue
        shares = {text: results.values(name).mean(axis=0) for name, text in constraints.items()}
        spells: list[tuple[str, list[range]]] = []
        for year in years:
            most = max(shares, key=lambda text: shares[text][list(year)].mean())
            if spells and spells[-1][0] == most:
                spells[-1][1].append(year)
            else:
                spells.append((most, [year]))
        words[who] = ", ".join(_spell(results, text, of, shares[text]) for text, of in spells)
    return words


def _spell(results: Results, constraint: str, years: list[range], share: Any) -> str:
    """A constraint, when it held back most, and the mean share of institutions it held back then."""
    first, last = results.plan.date_of(years[0][0])[:4], results.plan.date_of(years[-1][-1])[:4]
    months = [month for year in years for month in year]
    return f"{constraint} {first if first == last else f'{first}-{last}'} ({share[months].mean():z.0%})"


def _differences(results: Results, baseline: Results) -> list[str]:
    plan = results.plan
    title = baseline.plan.title.get("en", baseline.plan.name)
    name = title[:1].lower() + title[1:]  # within a sentence
    lines = [say("run.against_same_futures", baseline=baseline, name=name)]
    dates = sorted({min(plan.target_month, plan.months), plan.months}) if plan.target_month > 0 else [plan.months]
    for month in dates:
        staff, hospital, adoption = (
            paired_difference(results, baseline, series, month)
            for series in ("specialists", "employed_hospitals", "adoption_share")
        )
        lines.append(
            say(
                "run.specialists_hospitals_hospitals",
                date=plan.date_of(month),
                staff=_gap(staff),
                hospital=_gap(hospital),
                adoption=_gap(adoption, 100),
            )
        )
    return [*lines, *_whereabouts(results, baseline)]


def _whereabouts(results: Results, baseline: Results) -> list[str]:
    """Where the people are at the end whom the policy's training adds, or who are elsewhere because of it."""
    end = results.plan.months
    gaps = {words: paired_difference(results, baseline, name, end).mean for name, words in PLACES.items()}
    moved = [f"{words} {gap:+z,.0f}" for words, gap in gaps.items() if abs(gap) >= 0.5]
    return [say("run.people_place", date=results.plan.date_of(end), moved=", ".join(moved))] if moved else []


def _gap(estimate: Estimate, scale: float = 1) -> str:
    digits = 1 if scale == 100 else 0
    text = f"{estimate.mean * scale:+z,.{digits}f}"
    if math.isnan(estimate.low):
        return text
    return f"{text} ({estimate.low * scale:+z,.{digits}f} to {estimate.high * scale:+z,.{digits}f})"
