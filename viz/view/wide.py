"""What an answer by luck alone leaves out: the same question with every unsure number drawn from its range as well."""

from typing import Any

from experiments.runs import Results
from experiments.summary import has_target, pairs, spread
from model.record import SERIES
from viz.view.runs import Answer
from viz.view.words import date, interval, number, word

EFFECTS = ("specialists", "adoption_share")


def wide_sentences(answer: Answer) -> list[str]:
    """Target, effects, and where the best guess lies among the futures; empty until the runs are there."""
    if answer.wide is None:
        return []
    lang, plan, (policy, baseline) = answer.state.lang, answer.policy.plan, answer.wide
    lines = []
    if has_target(plan):
        reached = _at(policy, "programme_graduates_cumulative", plan.target_month)
        guess = float(_at(answer.policy, "programme_graduates_cumulative", plan.target_month).mean())
        lines.append(
            word(
                "wide.target",
                lang,
                date=date(plan.target.date, lang),
                graduates=interval(*spread(reached), "persons", lang),
                target=number(plan.target.experts, "persons", lang),
                reached=int((reached >= plan.target.experts).sum()),
                runs=len(reached),
            )
        )
        lines.append(
            word(
                "wide.guess",
                lang,
                guess=number(guess, "persons", lang),
                fewer=int((reached < guess).sum()),
                runs=len(reached),
            )
        )
    if baseline is not None and baseline.runs:
        gains = {name: pairs(policy, baseline, name, plan.months) for name in EFFECTS}
        said = {name: interval(*spread(gain), SERIES[name].unit, lang, signed=True) for name, gain in gains.items()}
        lines.append(word("wide.effects", lang, date=date(plan.date_of(plan.months), lang), **said))
    return lines


def _at(results: Results, name: str, month: int) -> Any:
    return results.values(name)[:, month].astype(float)
