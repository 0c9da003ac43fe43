"""A comparison in words and tables, for somebody who decides."""

import math

from rich.console import Group
from rich.table import Table
from rich.text import Text

from injae.experiments.compare import Comparison, Difference, ResultCost
from injae.experiments.indicators import has_target
from injae.experiments.pairs import Cost, Verdict
from injae.experiments.summary import Interval
from injae.experiments.wording.amounts import in_currency, money, size_of, unit
from injae.experiments.wording.spoken import currency, own_text
from injae.viz.answers.ensemble import TOO_FEW, brackets, ensemble_lines, is_few, runs_words
from injae.viz.answers.practice import practice_lines
from injae.viz.answers.tables import headed
from injae.viz.answers.words import say

INDICATOR_WORDS = {
    "programme_graduates_by_target_date": "Programme graduates by {target}",
    "specialists_at_target_date": "Specialists in the field, {target}",
    "adoption_share_at_target_date": "Hospitals using AI, {target}",
    "vacancy_rate_at_target_date": "Open posts as a share of posts, {target}",
    "specialists_at_end": "Specialists in the field, {end}",
    "employed_hospitals_at_end": "of them in hospitals, {end}",
    "programme_practitioners_at_end": "Programme graduates at work, {end}",
    "adoption_share_at_end": "Hospitals using AI, {end}",
    "regional_gap_at_end": "Capital area ahead of the provinces, {end}",
    "exports_won_per_year": "Exports of firms, last year",
    "product_quality_at_end": "Product quality against the frontier, {end}",
    "net_talent_flow_per_year": "Net inflow of specialists from abroad",
    "clinician_hours_released_per_year": "Clinical hours freed, last year",
    "tasks_displaced_hours_per_year": "Hours of tasks displaced, last year",
    "unmet_demand_share_at_end": "Need for care not met, {end}",
    "shortage_relief_at_end": "of it relieved by AI since the start",
    "adverse_events_avoided_per_year": "Adverse events avoided, last year",
    "public_trust_at_end": "Public trust in medical AI, {end}",
    "privacy_incidents_per_year": "Privacy incidents a year",
    "bias_incidents_per_year": "Bias incidents a year",
    "public_won_at_end": "Public money by {end}",
    "grant_won_at_end": "of it programme grant",
    "cost_per_programme_graduate_won": "Grant per programme graduate",
    "cost_per_practitioner_retained_won": "Grant per programme graduate at work",
    "years_to_half_adoption": "Years until half of hospitals use AI",
    "job_change_rate_per_year": "Job changes",
    "emigration_rate_per_year": "Emigration of specialists",
    "dropout_rate_per_year": "Trainees who give up",
    "firm_exit_rate_per_year": "Firms that close",
}
RESULT_WORDS = {
    "programme_graduates": "programme graduate",
    "specialists": "specialist in the field",
    "practitioners_in_hospitals": "specialist at work in a hospital",
    "retained_3_years": "graduate at work 3 years later",
    "retained_5_years": "graduate at work 5 years later",
    "routine_domains": "hospital domain in routine use",
    "hospitals_using_ai": "hospital using AI",
}
BINDING_WORDS = {
    "binding_staff": "Hospitals: people they cannot find",
    "binding_budget": "Hospitals: money",
    "binding_regulation": "Hospitals: rules or missing payment",
    "binding_data": "Hospitals: data",
    "binding_demand": "Hospitals: no interest yet",
    "binding_teachers": "Universities: teachers",
    "binding_courses": "Universities: courses",
    "binding_seats": "Universities: computing and rooms",
}
RATIO_SHOWN = 1_000  # more runs saved than this are not told apart
DIFFERENCE_UNITS = {"share": "points", "share per year": "points a year"}


def comparison_answer(comparison: Comparison) -> Group:
    """Everything that a comparison prints."""
    parts: list[Table | Text] = [Text("\n".join(in_words(comparison)))]
    for label in comparison.labels[1:]:
        parts += [_indicator_table(comparison, label), _cost_table(comparison, label)]
    periods = dict.fromkeys(share.period for share in comparison.binding)
    heading = say("compare.what_holds_back", periods=", then ".join(periods))
    parts += [Text(heading, style="bold"), _binding_table(comparison)]
    for number, (label, ledger) in enumerate(comparison.practice.items(), 1):
        notes = number == len(comparison.practice)
        parts.append(Text("\n".join(["", label, *practice_lines(ledger, notes=notes)])))
    parts.append(Text("\n".join(["", *_reading(comparison), *ensemble_lines(comparison.results[0])])))
    return Group(*parts)


def in_words(comparison: Comparison) -> list[str]:
    """The difference in a few lines, without tables."""
    reference = comparison.results[0].plan
    first, last = reference.date_of(1), reference.date_of(reference.months)
    count, pairs = len(comparison.seeds), runs_words(comparison.results[0], "pair", say("compare.pairs_runs"))
    lines = [say("compare.compared_same_futures", reference=reference, first=first, last=last, pairs=pairs)]
    if has_target(reference):
        lines.append(say("compare.experts_reached", reference=reference))
    for label in comparison.labels:
        if "probability_of_target" in comparison.summary[label]:
            probability = comparison.summary[label]["probability_of_target"].mean
            reached = TOO_FEW if math.isnan(probability) else f"{round(probability * count):>4} of {count} runs"
            lines.append(f"    {label:<30}  {reached}")
    for label in comparison.labels[1:]:
        gaps = {gap.indicator: gap for gap in comparison.differences if gap.scenario == label}
        lines += [
            say("compare.end", label=label),
            say(
                "compare.specialists_hospitals_hospitals",
                specialists_at_end=_gap(gaps["specialists_at_end"]),
                employed_hospitals_at_end=_gap(gaps["employed_hospitals_at_end"]),
                adoption_share_at_end=_gap(gaps["adoption_share_at_end"]),
                public_won_at_end=_gap(gaps["public_won_at_end"]),
            ),
        ]
    return lines


def _indicator_table(comparison: Comparison, label: str) -> Table:
    reference = comparison.labels[0]
    columns = ("Indicator", reference, label, f"Difference ({_bracket(comparison)})", "Unit", "Runs saved")
    table = headed(f"{label} against {reference}", columns, left=("Indicator", "Unit"))
    for gap in comparison.differences:
        if gap.scenario == label and gap.indicator in INDICATOR_WORDS and (gap.pairs or gap.unit == "years"):
            table.add_row(
                indicator_words(gap.indicator, comparison) + _pairs_note(gap, comparison),
                level(gap.reference_mean, gap.unit),
                level(gap.scenario_mean, gap.unit),
                _gap(gap),
                DIFFERENCE_UNITS.get(gap.unit) or _unit_words(gap.unit),
                _ratio(gap.variance_ratio),
            )
    return table


def _unit_words(name: str) -> str:
    return unit(name, "en") if name in ("share per year", "won per person") else in_currency(name)


def _pairs_note(gap: Difference, comparison: Comparison) -> str:
    """Said where some runs do not give the indicator."""
    return "" if gap.pairs == len(comparison.seeds) else f" ({gap.pairs} of {len(comparison.seeds)} pairs)"


def _cost_table(comparison: Comparison, label: str) -> Table:
    bracket = _bracket(comparison)
    columns = ("Result", f"Difference ({bracket})", say("compare.extra_public_money", bracket=bracket))
    table = headed(say("compare.public_money_per", label=label, comparison=comparison), columns, left=("Result",))
    for cost in comparison.costs:
        if cost.scenario == label:
            table.add_row(RESULT_WORDS[cost.result], _interval(cost.extra, "persons"), cost_words(cost))
    return table


def cost_words(cost: ResultCost) -> str:
    """A cost per result, or why there is none."""
    each: Cost = cost.won_each
    if each.verdict in (Verdict.EXTRA, Verdict.GIVEN_UP):
        price = _interval(Interval(each.won, each.low, each.high), "won", sign="") + f" {currency().name['en']}"
        return price if each.verdict is Verdict.EXTRA else say("compare.saved_given_up", price=price)
    return str(each.verdict)


def _binding_table(comparison: Comparison) -> Table:
    """One column a scenario, with both halves of the horizon in it."""
    periods = list(dict.fromkeys(share.period for share in comparison.binding))
    held_back = say("compare.held_back")
    table = headed(None, (held_back, *comparison.labels), left=(held_back,))
    shares = {(share.series, share.scenario, share.period): share.share for share in comparison.binding}
    for series, words in BINDING_WORDS.items():
        cells = [[f"{shares[series, label, period]:>4.0%}" for period in periods] for label in comparison.labels]
        table.add_row(words, *(", ".join(cell) for cell in cells))
    return table


def indicator_words(name: str, comparison: Comparison) -> str:
    """An indicator in words, with its dates."""
    plan = comparison.results[0].plan
    words = own_text(f"indicator.{name}", INDICATOR_WORDS.get(name, name.replace("_", " ")))
    target = plan.target.date if has_target(plan) else "target date"
    return words.format(target=target, end=plan.date_of(plan.months))


def level(value: float, unit: str) -> str:
    """A value as its unit wants it."""
    if math.isnan(value):
        return "never" if unit == "years" else "-"
    if unit.startswith("share"):
        return f"{value:z.1%}"
    if unit.startswith("won"):
        return money(value)
    return f"{value:z.2f}" if unit == "years" else f"{value:z,.0f}"


def _gap(gap: Difference) -> str:
    return _interval(gap.interval, gap.unit)


def _bracket(comparison: Comparison) -> str:
    """What the brackets of differences hold."""
    return "95% interval" if comparison.results[0].draws is None else "5-95%"


def _interval(interval: Interval, unit: str, sign: str = "+") -> str:
    """A difference with its interval: shares in points, money in trillions, billions or millions."""
    if math.isnan(interval.mean):
        return "-"
    size = max(abs(value) for value in interval if math.isfinite(value))
    if size == 0:
        return "0"
    scale, digits, end = 1.0, 0 if size >= 20 else 1, ""
    if unit.startswith("share"):
        scale, digits = 100.0, 1 if size >= 0.01 else 2
    elif unit.startswith("won"):
        unit_won, end = size_of(max(size, 1e6 * currency().per_name))
        scale, digits = 1 / unit_won, 1
    elif unit == "years":
        digits = 2
    mean, low, high = (_signed(value * scale, digits, sign) for value in interval)
    known = not math.isnan(interval.low) and interval.low != interval.high
    return f"{mean}{end} ({low} to {high})" if known else f"{mean}{end}"


def _signed(value: float, digits: int, sign: str) -> str:
    return "no limit" if math.isinf(value) else f"{round(value, digits) + 0.0:{sign}z,.{digits}f}"


def _ratio(ratio: float) -> str:
    if math.isnan(ratio):
        return "-"
    if math.isinf(ratio):
        return "all"
    if ratio >= RATIO_SHOWN:
        return f"over {RATIO_SHOWN:,}x"
    return f"{ratio:z,.0f}x" if ratio >= 10 else f"{ratio:z.1f}x"


def _reading(comparison: Comparison) -> list[str]:
    """How to read the tables."""
    results = comparison.results[0]
    lines = []
    if results.draws is None:
        means = say("compare.brackets_interval_mean")
        ledger = say("compare.ledger_heads_carry")
    else:
        means = say("compare.brackets_th_th")
        ledger = say("compare.brackets_hold_parametric")
    lines.append(say("compare.differences_means_over", means=means))
    if is_few(results):
        lines = [brackets(results)]
    lines += [
        say("compare.runs_saved_how"),
        say("compare.difference_same_every"),
        say("compare.includes_zero_nothing"),
        ledger,
    ]
    if comparison.failures:
        lost = sorted({run.seed for run in comparison.failures})
        lines.append(say("compare.left_out_since", lost=", ".join(map(str, lost))))
    return lines
