"""What a policy does, for the page: each changed lever's part, the whole, and the cost (``experiments.effects``)."""

import math
from typing import Any

from injae.experiments.effects import gain, interaction, unpriced
from injae.experiments.pairs import Verdict, price_over_futures
from injae.experiments.summary import Interval, draws_of_pairs, pairs
from injae.experiments.wording.amounts import date, interval, money, series_scale
from injae.model.record import SERIES
from injae.viz.view.runs import Answer
from injae.viz.view.words import word


def why(answer: Answer) -> list[dict[str, Any]]:
    """Effect of each changed lever on the focus series: the scenario less the same with the lever switched back.

    Where there are several, what they do together comes after them; then each shock, which the baseline has as well.
    """
    lang, name, month = answer.state.lang, answer.state.focus, answer.state.date_month
    levers, shocks = [], []
    for effect in answer.effects:
        found = gain(answer.policy, effect.without, name, month)
        if not math.isnan(found.mean):
            bar = _bar(effect.path, word(f"{effect.path}.title", lang), found, SERIES[name].unit, lang)
            (levers if effect.path.startswith("levers.") else shocks).append(bar)
    bars = sorted(levers, key=lambda bar: -abs(bar["effect"]))
    if len(bars) > 1 and answer.baseline:
        without = [effect.without for effect in answer.effects if effect.path.startswith("levers.")]
        rest = interaction(answer.policy, answer.baseline, without, name, month)
        bars.append(_bar("rest", word("ui.why_rest", lang), rest, SERIES[name].unit, lang))
    return bars + shocks


def _bar(lever: str, title: str, found: Interval, of: str, lang: str) -> dict[str, Any]:
    text = interval(*found, of, lang, signed=True)
    return {"lever": lever, "title": title, "effect": found.mean, "low": found.low, "high": found.high, "text": text}


def why_of(answer: Answer) -> dict[str, Any] | None:
    """What the bars are parts of: the whole effect on the focus series; None without a baseline."""
    if not (answer.baseline and answer.baseline.runs):
        return None
    lang, name, month = answer.state.lang, answer.state.focus, answer.state.date_month
    scale, factor, decimals, per = series_scale(name, lang)
    total = gain(answer.policy, answer.baseline, name, month)
    return {
        "series": name,
        "title": word(f"series.{name}", lang),
        "unit": per,
        "scale": scale,
        "factor": factor,
        "decimals": decimals,
        "date": answer.policy.plan.date_of(month),
        "total": total.mean,
        "text": interval(*total, SERIES[name].unit, lang, signed=True),
    }


def cost(answer: Answer) -> dict[str, Any]:
    """Public money by the date asked about, beyond the baseline's, and for each specialist more; in won, in words."""
    lang, plan = answer.state.lang, answer.policy.plan
    month = answer.state.date_month
    until = date(plan.date_of(month), lang)
    public = float(answer.policy.values("public_won_cumulative")[:, month].mean())
    found: dict[str, Any] = {"public_won": public, "extra_won": None}
    found["won_per_extra_specialist"] = None
    if not (answer.baseline and answer.baseline.runs):
        return {**found, "text": word("answer.cost_baseline", lang, date=until, total=money(public, lang))}
    spent, people = (
        pairs(answer.policy, answer.baseline, name, month) for name in ("public_won_cumulative", "specialists")
    )
    draws = draws_of_pairs(answer.policy, answer.baseline)
    extra, price = float(spent.mean()), price_over_futures(spent, people, draws)
    more = word("answer.more_money" if extra >= 0 else "answer.less_money", lang, extra=money(abs(extra), lang))
    free = unpriced(plan, answer.baseline.plan)
    if free:
        levers = ", ".join(word(f"{path}.title", lang) for path in free)
        reason = word("answer.unpriced", lang, levers=levers)
    elif price.verdict is not Verdict.EXTRA:
        reason = word(f"verdict.{price.verdict}", lang)
    else:
        found["won_per_extra_specialist"] = {"mean": price.won, "low": price.low, "high": price.high}
        reason = word("answer.price", lang, each=interval(price.won, price.low, price.high, "won", lang))
    text = word("answer.cost", lang, date=until, money=more, reason=reason)
    return {**found, "extra_won": extra, "text": text}
