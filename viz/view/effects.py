"""What a policy does: each changed lever's part, the whole, and what it costs; over the futures of an answer.

All ranges are the middle nine tenths of futures, like the bands of the curves: of differences that are paired future by
future, so that luck and unsure numbers show in them only as far as they move what the policy does. From too few
independent futures no range is known.
"""

import math
from typing import Any

import numpy as np

from experiments.pairs import Cost, Verdict, cost_per_result
from experiments.results import Results
from experiments.summary import BAND, Interval, band, by_seed, draws_of_pairs, pairs
from experiments.wording.amounts import date, interval, series_scale, won
from model.levers import LEVERS
from model.record import SERIES
from model.scenario import Scenario
from viz.view.runs import Answer
from viz.view.state import differing
from viz.view.words import word

GRANT_SHARES = ("grant_share_courses", "grant_share_teachers")


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
        bars.append(_bar("rest", word("ui.why_rest", lang), _joint(answer, name, month), SERIES[name].unit, lang))
    return bars + shocks


def _bar(lever: str, title: str, found: Interval, of: str, lang: str) -> dict[str, Any]:
    text = interval(*found, of, lang, signed=True)
    return {"lever": lever, "title": title, "effect": found.mean, "low": found.low, "high": found.high, "text": text}


def _joint(answer: Answer, name: str, month: int) -> Interval:
    """What levers do together: the whole effect less the sum of the single ones, future by future."""
    assert answer.baseline is not None
    levers = [effect.without for effect in answer.effects if effect.path.startswith("levers.")]
    values = [by_seed(results.runs, name, month) for results in (answer.policy, answer.baseline, *levers)]
    mine, base, *without = values
    common = sorted(set.intersection(*(set(v) for v in values)))
    draw_of = dict(zip(answer.policy.seeds, draws, strict=True)) if (draws := answer.policy.draws) is not None else None
    joint = [mine[n] - base[n] - sum(mine[n] - w[n] for w in without) for n in common]
    return _middle(joint, draw_of and np.array([draw_of[n] for n in common]))


def gain(policy: Results, other: Results, name: str, month: int) -> Interval:
    """What a policy adds to a series in a month: mean and range over futures that both have; nan without any."""
    return _middle(pairs(policy, other, name, month), draws_of_pairs(policy, other))


def _middle(values: Any, draws: Any) -> Interval:
    found = band(values, draws) if len(values) else (np.nan,) * 3
    return Interval(*map(float, found[:3]))


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
    """Public money, beyond the baseline's, and for each specialist more; in won, and in a sentence."""
    lang, summary, plan = answer.state.lang, answer.summary, answer.policy.plan
    until = date(plan.date_of(plan.months), lang)
    public, grant = summary["public_won_at_end"].mean, summary["grant_won_at_end"].mean
    found: dict[str, Any] = {"public_won": public, "grant_won": grant, "extra_won": None}
    found["won_per_extra_specialist"] = None
    if not (answer.baseline and answer.baseline.runs):
        return {**found, "text": word("answer.cost_baseline", lang, date=until, total=won(public, lang))}
    money, people = (
        pairs(answer.policy, answer.baseline, name, plan.months) for name in ("public_won_cumulative", "specialists")
    )
    draws = draws_of_pairs(answer.policy, answer.baseline)
    extra, price = float(money.mean()), price_over_futures(money, people, draws)
    more = word("answer.more_money" if extra >= 0 else "answer.less_money", lang, extra=won(abs(extra), lang))
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


def price_over_futures(money: Any, people: Any, draws: Any = None) -> Cost:
    """Mean money over mean people, with the middle nine tenths of the prices of single futures.

    No price where ``cost_per_result`` sees none, or where more than a twentieth of the futures have nobody more.

    Args:
        money: extra won of each future, shape ``(futures,)``.
        people: extra specialists of each.
        draws: draw of each; None by luck alone.
    """
    found = cost_per_result(money, people, draws)
    if found.verdict is not Verdict.EXTRA:
        return found
    if np.mean(people <= 0) > BAND[0] / 100:
        return Cost(np.nan, np.nan, np.nan, Verdict.NO_RESULT)
    low, high = np.percentile(money[people > 0] / people[people > 0], BAND)
    return Cost(found.won, min(float(low), found.won), max(float(high), found.won), Verdict.EXTRA)


def unpriced(plan: Scenario, baseline: Scenario) -> list[str]:
    """Levers that differ from the baseline's and that the ledger has no price for: what they bring looks free."""
    return [path for path in differing(plan, baseline) if not has_price(path)]


def has_price(path: str) -> bool:
    """Whether the ledger pays for what a lever does, or the lever only divides what is paid for."""
    name = path.removeprefix("levers.")
    return bool(LEVERS[name].purpose) or name in GRANT_SHARES
