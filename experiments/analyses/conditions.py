"""Conditions on outcomes, as a user writes them: ``programme_graduates_by_target_date<1000``.

With ``versus`` the outcome is what a policy adds to another on the same points and seeds.
"""

import operator
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from injae.experiments.indicators import check_possible, has_target, outcome_of
from injae.model.errors import InputError
from injae.model.numbers import number_of
from injae.model.scenario import Scenario

COMPARISONS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
OPPOSITES = {"<=": ">", ">=": "<", "<": ">=", ">": "<="}
TARGET_OUTCOME = "programme_graduates_by_target_date"
FORM = f"write OUTCOME<NUMBER (or <=, >, >=), such as {TARGET_OUTCOME}<1000"


class Condition(NamedTuple):
    """A bound on an outcome."""

    outcome: str
    sign: str
    bound: float
    unit: str
    versus: str = ""

    def __str__(self) -> str:
        return f"{self.outcome} {self.sign} {self.bound:,.10g}"

    def holds(self, values: Any) -> Any:
        """Where values meet the condition; nan never does."""
        return COMPARISONS[self.sign](values, self.bound)

    def surely_holds(self, values: Any, margin: Any) -> Any:
        """Where values meet the condition even if they are off by a margin (same shape, or one number)."""
        return self.holds(values + margin * (1 if self.sign in ("<", "<=") else -1))

    def opposite(self) -> "Condition":
        """What holds where this does not."""
        return self._replace(sign=OPPOSITES[self.sign])


def condition_of(text: str, plan: Scenario, versus: str = "") -> Condition:
    """The condition that a text names: an outcome, one of < <= > >=, a number.

    With ``versus`` it is about the difference to that policy.

    Raises:
        InputError: another form, no such outcome, or a bound that it cannot reach.
    """
    form = re.fullmatch(r"\s*([^<>=]*[^<>=\s])\s*(<=|>=|<|>)\s*(\S.*)", text)
    if form is None:
        raise InputError("form", FORM, "wants", text)
    outcome = outcome_of(form[1], plan)
    bound = number_of(form[3], "wants", FORM, text)
    check_possible(bound, outcome.name, outcome.unit, "wants", text, difference=bool(versus))
    return Condition(outcome.name, form[2], bound, outcome.unit, versus)


def beating(outcome: str, plan: Scenario, versus: str) -> Condition:
    """The condition that a policy is better in an outcome than another.

    Raises:
        InputError: no such outcome, or neither more nor less of it is better.
    """
    found = outcome_of(outcome, plan, "beats")
    if found.better == "neither":
        hint = f'write --fails "{found.name}>0" or "{found.name}<0" with --versus'
        raise InputError("form", "neither more nor less of it is better by itself", "beats", outcome, suggestion=hint)
    return Condition(found.name, ">" if found.better == "more" else "<", 0.0, found.unit, versus)


def target_of(plan: Scenario) -> Condition:
    """The scenario's own target as a condition.

    Raises:
        InputError: its date lies outside the runs.
    """
    if not has_target(plan):
        fault = f"its target is due {plan.target.date}, outside the runs"
        raise InputError("range", fault, source=plan.name, suggestion="say what is wanted")
    return Condition(TARGET_OUTCOME, ">=", float(plan.target.experts), "persons")


def where_any(conditions: Sequence[Condition], values: Any) -> Any:
    """Rows in which at least one of the conditions holds; columns are outcomes."""
    return pd.concat([condition.holds(values[condition.outcome]) for condition in conditions], axis=1).any(axis=1)


def where_all(conditions: Sequence[Condition], values: Any) -> Any:
    """Rows in which all conditions hold."""
    return pd.concat([condition.holds(values[condition.outcome]) for condition in conditions], axis=1).all(axis=1)
