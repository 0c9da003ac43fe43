"""A search for what it would take, in words and as the page gets it."""

from dataclasses import replace
from typing import Any

from experiments.plain import plain
from experiments.wording.amounts import date, interval, number, setting
from model.levers import LEVERS
from model.record import SERIES
from viz.view.effects import has_price
from viz.view.pull.search import SHOCKS, SUGGESTIONS
from viz.view.pull.wish import News, Suggestion, Wish
from viz.view.words import word


def said(wish: Wish, news: News) -> str:
    """The news as a sentence in the language of the wish."""
    lang, of = wish.state.lang, SERIES[wish.series].unit if wish.series in SERIES else ""
    if news.verdict == "refused":
        return news.reason
    if news.verdict in ("none", "unlikely"):
        most, value = (number(amount, of, lang) for amount in (news.most, wish.value))
        return word(f"pull.{news.verdict}", lang, most=most, value=value)
    count = len(news.suggestions)
    checking = news.verdict == "searching" and (count == SUGGESTIONS or any(s.checked for s in news.suggestions))
    return word(
        "pull.checking" if checking else f"pull.{news.verdict}",
        lang,
        number=count,
        sets=SUGGESTIONS,
        done=f"{news.done:,}",
        wanted=news.wanted,
    )


def as_json(wish: Wish, news: News) -> dict[str, Any]:
    """The news for the page: verdict, text, progress, suggestions with their words and links."""
    lang = wish.state.lang
    when = date(wish.state.scenario().date_of(wish.month), lang)
    return plain(
        {
            "verdict": news.verdict,
            "text": said(wish, news),
            "over": news.over,
            "title": word("pull.title", lang, date=when, series=word(f"series.{wish.series}", lang)),
            "goal": number(wish.value, SERIES[wish.series].unit, lang),
            "done": news.done,
            "wanted": news.wanted,
            "share": news.share,
            "series": wish.series,
            "month": wish.month,
            "value": wish.value,
            "suggestions": [_as_json(wish, suggestion) for suggestion in news.suggestions],
        }
    )


def _as_json(wish: Wish, found: Suggestion) -> dict[str, Any]:
    lang, of = wish.state.lang, SERIES[wish.series].unit
    cost = word("pull.cost", lang, cost=interval(*found.extra_won, "won", lang))
    levers = [
        {
            "lever": path,
            "title": word(f"{path}.title", lang),
            "text": setting(value, LEVERS[path.removeprefix("levers.")].unit, lang),
            "from": setting(wish.state.value(path, 1), LEVERS[path.removeprefix("levers.")].unit, lang),
        }
        for path, value in found.settings.items()
    ]
    uncounted = [word(f"{path}.title", lang) for path in found.settings if not has_price(path)]
    key = "pull.chance" if found.checked else "pull.chance_unchecked"
    low, high = (number(value, "chance", lang) for value in found.chance[1:])
    return {
        "link": replace(found.state, lang=lang).link(),
        "levers": levers,
        "outcome": {**found.outcome._asdict(), "text": interval(*found.outcome, of, lang)},
        "chance": {
            **found.chance._asdict(),
            "text": word(key, lang, reached=found.reached, runs=found.runs, low=low, high=high),
        },
        "cost": {**found.extra_won._asdict(), "text": cost},
        "uncounted": word("pull.uncounted", lang, levers=", ".join(uncounted)) if uncounted else None,
        "breaks": _breaks_text(wish, found),
        "checked": found.checked,
    }


def _breaks_text(wish: Wish, found: Suggestion) -> str | None:
    """The worst shock in words; None until it is known."""
    if not found.breaks:
        return None
    lang, of, worst = wish.state.lang, SERIES[wish.series].unit, found.breaks[0]
    size = setting(SHOCKS[worst.name], "relative change", lang)
    if worst.name == "shocks.privacy_scandal":
        size = setting(SHOCKS[worst.name], "incidents per month", lang)
    return word(
        "pull.shock",
        lang,
        shock=word(f"{worst.name}.title", lang),
        size=size,
        outcome=number(worst.outcome, of, lang),
    )
