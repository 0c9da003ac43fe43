"""The ledger from money to practice, as a short printed table."""

import math

from injae.experiments.pairs import Cost, Verdict
from injae.experiments.practice import PracticeLedger, Step
from injae.experiments.wording.amounts import money
from injae.experiments.wording.spoken import currency
from injae.viz.answers.words import say

STEPS = {
    "seat": {
        "grant_paid": "grant paid",
        "seat_years": "seat-years created",
        "graduates": "graduates",
        "at_work_after_3_years": "at work 3 years later",
        "at_work_after_5_years": "at work 5 years later",
        "at_work": "at work in the field now",
    },
    "policy": {
        "public_money": "public money",
        "seat_years": "seat-years, all courses",
        "graduates": "graduates, all courses",
        "at_work": "at work in the field now",
        "at_work_in_hospitals": "of them in hospitals",
        "routine_domains": "domains in routine use",
    },
}


def practice_lines(ledger: PracticeLedger, *, notes: bool = True) -> list[str]:
    """The chain, line by line: what there is by the target date and by the end, and the price of each."""
    dates = {step.month: step.date for step in ledger.steps}
    lines = [
        _line(
            say("practice.won_practice"),
            [(f"by {dates[month]}", f"{currency().price[1]} {currency().name['en']} each") for month in ledger.months],
            2,
        )
    ]
    if _has_heads(ledger):
        lines += [say("practice.holds_held_programme"), *_chain(ledger, "seat")]
    if ledger.baseline:
        lines.append(say("practice.attributed_policy_difference", ledger=ledger))
        lines += _chain(ledger, "policy")
    return lines + [f"    {note}" for note in _notes(ledger) if notes]


def _chain(ledger: PracticeLedger, reading: str) -> list[str]:
    lines = []
    for name, words in STEPS[reading].items():
        steps = [ledger.step(reading, name, month) for month in ledger.months]
        prices = [step.grant_won_each if reading == "seat" else step.public_won_each for step in steps]
        lines.append(_line(words, [(_amount(s), _price(price, s)) for s, price in zip(steps, prices, strict=True)]))
        if reading == "seat" and any(_differs(step) for step in steps):
            cells = [("", _price(step.public_won_each, step)) for step in steps]
            lines.append(_line(say("practice.same_public_money"), cells))
    return lines


def _has_heads(ledger: PracticeLedger) -> bool:
    """Whether there were seats of a programme to count."""
    return any(step.reading == "seat" for step in ledger.steps)


def _line(words: str, cells: list[tuple[str, str]], indent: int = 6) -> str:
    text = "".join(f"  {amount:<23}  {price:<19}" for amount, price in cells)
    return f"{' ' * indent}{words:<{34 - indent}}{text}".rstrip()


def _amount(step: Step) -> str:
    amount, low, high = step.amount
    if step.unit == "won":
        return money(amount)
    if not math.isnan(step.counted_graduates):
        if not step.counted_graduates:
            return say("practice.nobody_long_ago")
        share = round(amount) / max(1, round(step.counted_graduates))  # of the numbers shown
        return f"{amount:z,.0f} of {step.counted_graduates:z,.0f} ({share:z.0%})"
    sign = "+" if step.reading == "policy" else ""
    return f"{amount:{sign}z,.0f}" + ("" if math.isnan(low) or step.seeds == 1 else f" ({low:z,.0f} to {high:z,.0f})")


def _price(cost: Cost, step: Step) -> str:
    if step.unit == "won":
        return ""
    if cost.verdict is Verdict.ONE_PAIR:
        return say("practice.needs_two_seeds")  # the column is narrow
    if cost.verdict is Verdict.TOO_FEW:
        return say("practice.too_few_runs")
    if cost.verdict not in (Verdict.EXTRA, Verdict.GIVEN_UP):
        return str(cost.verdict)
    million = currency().price[0] * currency().per_name
    digits = 1 if cost.won < 100 * million else 0
    mean, low, high = ("no limit" if math.isinf(v) else f"{v / million:z,.{digits}f}" for v in cost[:3])
    interval = "" if step.seeds == 1 or math.isnan(cost.low) else f" ({low} to {high})"
    return f"{mean}{interval}{' saved' if cost.verdict is Verdict.GIVEN_UP else ''}"


def _differs(step: Step) -> bool:
    """Whether the price in all public money says something that the price in grant does not."""
    grant, public = step.grant_won_each, step.public_won_each
    known = step.unit != "won" and not math.isnan(public.won)
    return known and not math.isclose(grant.won, public.won, rel_tol=1e-9)


def _notes(ledger: PracticeLedger) -> list[str]:
    last = ledger.months[-1]
    if not _has_heads(ledger):
        return []
    notes = [say("practice.years_later_those")]
    if ledger.baseline:
        grant = ledger.step("seat", "grant_paid", last).amount.mean
        public = ledger.step("policy", "public_money", last).amount.mean
        if math.isclose(grant, public, rel_tol=1e-9):
            notes.append(say("practice.public_money_differs"))
        notes.append(say("practice.readings_answer_different"))
    return notes
