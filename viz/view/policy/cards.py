"""A backcast in words and as the page gets it."""

import contextlib
from typing import Any

from injae.experiments.effects import has_price
from injae.experiments.plain import plain
from injae.experiments.schedules import DECLARED, value_of
from injae.experiments.searches.backcast import PORTFOLIOS, SHOCKS
from injae.experiments.searches.desired import LEAST_MONTHS, Desired, Portfolio, Progress
from injae.experiments.searches.surrogate import AT_MOST, OUTCOMES
from injae.experiments.wording.amounts import date, interval, number, setting
from injae.model.errors import InputError
from injae.model.record import SERIES
from injae.viz.view.state import ViewState
from injae.viz.view.words import word


def state_of(state: ViewState, desired: Desired, found: Portfolio) -> ViewState:
    """The choices that a search started from, with the levers of a portfolio."""
    first = desired.plan.date_of(desired.since) if desired.since > 1 else None
    for path, value in found.settings.items():
        if first and path in state.changed():
            with contextlib.suppress(InputError):  # what was moved earlier stays before the month in which these begin
                state = state.with_event(path, value, first, desired.last)
                continue
        state = state.with_lever(path, value, first, desired.last)
    return state


def refusal(desired: Desired, reason: str, lang: str) -> str:
    """A kind sentence on why a future cannot be searched for."""
    known = ", ".join(word(f"series.{name}", lang) for name in OUTCOMES)
    ends = (desired.since + LEAST_MONTHS - 1, desired.plan.months)
    first, last = (date(desired.plan.date_of(min(month, desired.plan.months)), lang) for month in ends)
    key = reason if reason == "above_all" else f"bad_{reason}"
    return word(f"pull.{key}", lang, known=known, first=first, last=last)


def said(desired: Desired, progress: Progress, lang: str) -> str:
    """The progress of a search as a sentence."""
    of, count = SERIES[desired.series].unit, len(progress.portfolios)
    if progress.verdict in ("none", "unlikely"):
        most, value = (number(amount, of, lang) for amount in (progress.most, desired.value))
        return word(f"pull.{progress.verdict}", lang, most=most, value=value)
    if progress.verdict == "short":
        budget = number(desired.budget or 0.0, "won", lang)
        return word("pull.short", lang, budget=budget, value=number(desired.value, of, lang), number=count)
    if count and all(found.stage == "guess" for found in progress.portfolios) and not progress.over:
        return word("pull.guessed", lang, number=count, done=f"{progress.done:,}")
    found_all = not any(found.stage == "guess" for found in progress.portfolios)
    checking = (
        progress.verdict == "searching"
        and found_all
        and (count == PORTFOLIOS or any(found.stage == "checked" for found in progress.portfolios))
    )
    count = sum(found.stage != "guess" for found in progress.portfolios)
    facts = {"number": count, "sets": PORTFOLIOS, "done": f"{progress.done:,}", "wanted": progress.wanted}
    return word("pull.checking" if checking else f"pull.{progress.verdict}", lang, **facts)


def goal_text(desired: Desired, lang: str) -> str:
    """What is wanted, in words: the value, with the budget where there is one."""
    value = number(desired.value, SERIES[desired.series].unit, lang)
    text = word("pull.at_most" if desired.series in AT_MOST else "pull.at_least", lang, value=value)
    if desired.budget is None:
        return text
    return word("pull.with_budget", lang, goal=text, budget=number(desired.budget, "won", lang))


def as_json(state: ViewState, desired: Desired, progress: Progress) -> dict[str, Any]:
    """A search for the page, in the language of the state it started from: verdict, text, progress, portfolios."""
    lang = state.lang
    when = date(desired.plan.date_of(desired.month), lang)
    return plain(
        {
            "verdict": progress.verdict,
            "text": said(desired, progress, lang),
            "over": progress.over,
            "title": word("pull.title", lang, date=when, series=word(f"series.{desired.series}", lang)),
            "goal": goal_text(desired, lang),
            "done": progress.done,
            "wanted": progress.wanted,
            "share": progress.share,
            "series": desired.series,
            "month": desired.month,
            "value": desired.value,
            "suggestions": [_as_json(state, desired, found) for found in progress.portfolios],
        }
    )


def _as_json(state: ViewState, desired: Desired, found: Portfolio) -> dict[str, Any]:
    lang, of = state.lang, SERIES[desired.series].unit
    cost = word("pull.cost", lang, cost=interval(*found.extra_won, "won", lang))
    levers = [
        {
            "lever": path,
            "title": word(f"{path}.title", lang),
            "text": setting(value, DECLARED[path].unit, lang),
            "from": setting(value_of(desired.plan, path, desired.since), DECLARED[path].unit, lang),
        }
        for path, value in found.settings.items()
    ]
    uncounted = [word(f"{path}.title", lang) for path in found.settings if not has_price(path)]
    low, high = (number(value, "probability", lang) for value in found.probability[1:])
    text = word(f"pull.probability_{found.stage}", lang, reached=found.reached, runs=found.runs, low=low, high=high)
    held = word(
        "pull.held",
        lang,
        first=date(desired.plan.date_of(desired.since), lang),
        last=date(desired.plan.date_of(desired.month), lang),
    )
    return {
        "link": state_of(state, desired, found).link(),
        "levers": levers,
        "held": held,
        "outcome": {**found.outcome._asdict(), "text": interval(*found.outcome, of, lang)},
        "probability": {**found.probability._asdict(), "text": text},
        "cost": {**found.extra_won._asdict(), "text": cost},
        "uncounted": word("pull.uncounted", lang, levers=", ".join(uncounted)) if uncounted else None,
        "breaks": _stress_text(desired, found, lang),
        "stage": found.stage,
    }


def _stress_text(desired: Desired, found: Portfolio, lang: str) -> str | None:
    """The worst shock in words; None until it is known."""
    if not found.stress:
        return None
    worst = found.stress[0]
    unit = "incidents per month" if worst.shock == "shocks.privacy_scandal" else "relative change"
    return word(
        "pull.shock",
        lang,
        shock=word(f"{worst.shock}.title", lang),
        size=setting(SHOCKS[worst.shock], unit, lang),
        outcome=number(worst.outcome, SERIES[desired.series].unit, lang),
    )
