"""The answer in sentences: the target, what the policy brings, what binds, what it rests on, and what went wrong."""

from typing import Any

from experiments.envelope import Outside, beyond
from experiments.summary import band, pairs
from experiments.wording.amounts import UNITS, date, gap, interval, number, setting
from model.record import SERIES
from viz.view.runs import Answer
from viz.view.words import title_of, word


def sentences(answer: Answer, content: dict[str, Any]) -> list[str]:
    """The answer line."""
    lang, plan, summary = answer.state.lang, answer.policy.plan, answer.summary
    lines = []
    chance = content["chance"]
    if chance is not None:
        graduates = summary["programme_graduates_by_target_date"]
        lines.append(
            word(
                f"answer.target{_reached(chance)}",
                lang,
                date=date(plan.target.date, lang),
                graduates=interval(graduates.mean, graduates.low, graduates.high, "persons", lang),
                target=number(plan.target.experts, "persons", lang),
                reached=chance["reached"],
                runs=chance["runs"],
            )
        )
    for key, series in (("specialists", "specialists"), ("adoption", "adoption_share")):
        lines.append(_level_sentence(answer, f"answer.{key}", series, plan.months))
    lines.append(content["cost"]["text"])
    lines.append(_binds_sentence(answer, content["binds"]))
    return lines


def _level_sentence(answer: Answer, key: str, name: str, month: int) -> str:
    """A series in a month, with its range over runs and what the policy adds."""
    lang, of = answer.state.lang, SERIES[name].unit
    found = band(answer.policy.values(name)[:, month], answer.policy.draws)
    against = ""
    if answer.baseline and answer.baseline.runs:
        against = _against(float(pairs(answer.policy, answer.baseline, name, month).mean()), of, lang)
    value = interval(*map(float, found[:3]), of, lang)
    when = date(answer.policy.plan.date_of(month), lang)
    return word(key, lang, date=when, value=value, against=against)


def _against(difference: float, of: str, lang: str) -> str:
    """A difference to the baseline with a verb in place of its sign."""
    text = gap(difference, of, lang)
    if text[0] not in "+-":
        return word("answer.against_equal", lang)
    more, fewer = ("higher", "lower") if of == "share" else ("more", "fewer")
    return word(f"answer.against_{more if text[0] == '+' else fewer}", lang, size=text[1:])


def _binds_sentence(answer: Answer, binds: dict[str, Any]) -> str:
    """The weakest link of universities and hospitals in the month asked about."""
    lang, month = answer.state.lang, answer.state.date_month
    parts = []
    for who, weakest in binds["weakest"].items():
        row = weakest[month]
        if row >= 0:
            share = f"{binds['share'][row][month]}%"
            names = {"who": word(f"ui.{who}", lang), "what": binds["titles"][row], "share": share}
            parts.append(word("answer.binds_who", lang, **names))
    what = ", ".join(parts) or word("answer.nobody", lang)
    return word("answer.binds", lang, date=date(answer.policy.plan.date_of(month), lang), what=what)


def _reached(chance: dict[str, Any]) -> str:
    """End of the key of the sentence on the target."""
    reached, runs = chance["reached"], chance["runs"]
    if runs == 1:
        return "_one_reaches" if reached else "_one_misses"
    return "_few" if chance["mean"] is None else {0: "_none", runs: "_all"}.get(reached, "")


def notice(answer: Answer) -> str | None:
    """How many runs failed, in a sentence; None where none did."""
    failed = len(answer.failures)
    if not failed:
        return None
    if not answer.policy.runs:
        return word("notice.failed_all", answer.state.lang)
    runs = len(answer.policy.runs) + len(answer.policy.failures)
    runs += len(answer.baseline.runs) + len(answer.baseline.failures) if answer.baseline else 0
    return word("notice.failed_some", answer.state.lang, wanted=runs, failed=failed)


def outside(answer: Answer) -> str | None:
    """Settings beyond what has been paid, measured or fitted: computed, and no evidence says that it is right."""
    lang, plan = answer.state.lang, answer.policy.plan
    found = beyond(plan)
    if not found:
        return None

    def said(one: Outside) -> str:
        known = f"unit.{one.unit}" in UNITS.texts
        low, high = (setting(end, one.unit, lang) if known else f"{end:z,.6g}" for end in (one.low, one.high))
        return f"{title_of(one.path, lang, plan.country)} ({UNITS.say('between', lang, low=low, high=high)})"

    return word("notice.outside", lang, what="; ".join(map(said, found)))
