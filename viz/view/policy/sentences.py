"""The answer in sentences: the target, what the policy brings, what binds, what it rests on, and what went wrong."""

from typing import Any

from injae.experiments.envelope import Outside, beyond
from injae.experiments.summary import band, pairs
from injae.experiments.wording.amounts import UNITS, date, gap, interval, number, setting
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.view.runs import Answer
from injae.viz.view.state import ViewState
from injae.viz.view.words import title_of, word

SHOWN = 5  # changes that are named


def sentences(answer: Answer, content: dict[str, Any]) -> list[str]:
    """The answer line."""
    lang, plan, summary = answer.state.lang, answer.policy.plan, answer.summary
    lines = []
    probability = content["probability"]
    if probability is not None:
        graduates = summary["programme_graduates_by_target_date"]
        lines.append(
            word(
                f"answer.target{_reached(probability)}",
                lang,
                date=date(plan.target.date, lang),
                graduates=interval(graduates.mean, graduates.low, graduates.high, "persons", lang),
                target=number(plan.target.experts, "persons", lang),
                reached=probability["reached"],
                runs=probability["runs"],
            )
        )
    for key, series in (("specialists", "specialists"), ("adoption", "adoption_share")):
        lines.append(_level_sentence(answer, f"answer.{key}", series, answer.state.date_month))
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


def _reached(probability: dict[str, Any]) -> str:
    """End of the key of the sentence on the target."""
    reached, runs = probability["reached"], probability["runs"]
    if runs == 1:
        return "_one_reaches" if reached else "_one_misses"
    return "_few" if probability["mean"] is None else {0: "_none", runs: "_all"}.get(reached, "")


def differences(state: ViewState) -> str:
    """How a state differs from its preset, in a sentence; empty where it does not."""
    lang, plan = state.lang, state.scenario()
    said = []
    for change in state.changes:
        path, _, value = change.partition("=")
        path, _, span = path.partition("@")
        first, _, last = span.partition("..")
        text = f"{title_of(path, lang, plan.country)} {_amount(path, float(value), plan, lang)}"
        ends = {"from": date(first, lang), "to": date(last, lang)} if last else {}
        since = word("share.since", lang, text=text, date=date(first, lang)) if first else text
        said.append(word("share.within", lang, text=text, **ends) if last else since)
    if not said:
        return ""
    shown = "; ".join(said[:SHOWN]) + ("; …" if len(said) > SHOWN else "")
    return word("share.differs", lang, preset=Scenario.load(state.preset).title.get(lang, state.preset), what=shown)


def _amount(path: str, value: float, plan: Scenario, lang: str) -> str:
    """The value of a setting with its unit."""
    group, _, name = path.partition(".")
    declared = {"levers": LEVERS, "shocks": SHOCKS}.get(group) or declared_parameters(plan.country)
    return _exact(value, declared[name].unit.split(" and ")[0], lang)


def _exact(value: float, unit: str, lang: str) -> str:
    """A value of a setting with its unit; without one that has no words."""
    return setting(value, unit, lang) if f"unit.{unit}" in UNITS.texts else f"{value:z,.6g}"


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
        low, high = (_exact(end, one.unit, lang) for end in (one.low, one.high))
        return f"{title_of(one.path, lang, plan.country)} ({UNITS.say('between', lang, low=low, high=high)})"

    return word("notice.outside", lang, what="; ".join(map(said, found)))
