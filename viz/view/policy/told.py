"""A backcast in words and as the page gets it."""

from typing import Any

from experiments.effects import has_price
from experiments.plain import plain
from experiments.schedules import DECLARED, value_of
from experiments.searches.backcast import PORTFOLIOS, SHOCKS
from experiments.searches.desired import LEAST_MONTH, Desired, Portfolio, Progress
from experiments.searches.surrogate import OUTCOMES
from experiments.wording.amounts import date, interval, number, setting
from model.record import SERIES
from viz.view.state import ViewState
from viz.view.words import word


def state_of(state: ViewState, desired: Desired, found: Portfolio) -> ViewState:
    """The choices that a search started from, with the levers of a portfolio."""
    for path, value in found.settings.items():
        state = state.with_lever(path, value, None, desired.last)
    return state


def refusal(desired: Desired, reason: str, lang: str) -> str:
    """A kind sentence on why a future cannot be searched for."""
    known = ", ".join(word(f"series.{name}", lang) for name in OUTCOMES)
    first, last = (date(desired.plan.date_of(month), lang) for month in (LEAST_MONTH, desired.plan.months))
    key = reason if reason == "above_all" else f"bad_{reason}"
    return word(f"pull.{key}", lang, known=known, first=first, last=last)


def said(desired: Desired, progress: Progress, lang: str) -> str:
    """The progress of a search as a sentence."""
    of, count = SERIES[desired.series].unit, len(progress.portfolios)
    if progress.verdict in ("none", "unlikely"):
        most, value = (number(amount, of, lang) for amount in (progress.most, desired.value))
        return word(f"pull.{progress.verdict}", lang, most=most, value=value)
    checking = progress.verdict == "searching" and (
        count == PORTFOLIOS or any(found.checked for found in progress.portfolios)
    )
    facts = {"number": count, "sets": PORTFOLIOS, "done": f"{progress.done:,}", "wanted": progress.wanted}
    return word("pull.checking" if checking else f"pull.{progress.verdict}", lang, **facts)


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
            "goal": number(desired.value, SERIES[desired.series].unit, lang),
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
            "from": setting(value_of(desired.plan, path, 1), DECLARED[path].unit, lang),
        }
        for path, value in found.settings.items()
    ]
    uncounted = [word(f"{path}.title", lang) for path in found.settings if not has_price(path)]
    key = "pull.chance" if found.checked else "pull.chance_unchecked"
    low, high = (number(value, "chance", lang) for value in found.chance[1:])
    text = word(key, lang, reached=found.reached, runs=found.runs, low=low, high=high)
    return {
        "link": state_of(state, desired, found).link(),
        "levers": levers,
        "outcome": {**found.outcome._asdict(), "text": interval(*found.outcome, of, lang)},
        "chance": {**found.chance._asdict(), "text": text},
        "cost": {**found.extra_won._asdict(), "text": cost},
        "uncounted": word("pull.uncounted", lang, levers=", ".join(uncounted)) if uncounted else None,
        "breaks": _stress_text(desired, found, lang),
        "checked": found.checked,
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
