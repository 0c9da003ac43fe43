"""Conditions on outcomes, as a user writes them: ``programme_graduates_by_target_date<1000``."""

import operator
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from experiments.indicators import check_possible, has_target, outcome_of
from model.errors import InputError
from model.numbers import number_of
from model.scenario import Scenario

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

    def __str__(self) -> str:
        return f"{self.outcome} {self.sign} {self.bound:,.10g}"

    def holds(self, values: Any) -> Any:
        """Where values meet the condition; nan never does."""
        return COMPARISONS[self.sign](values, self.bound)

    def opposite(self) -> "Condition":
        """What holds where this does not."""
        return self._replace(sign=OPPOSITES[self.sign])


def condition_of(text: str, plan: Scenario) -> Condition:
    """The condition that a text names: an outcome, one of < <= > >=, a number.

    Raises:
        InputError: another form, no such outcome, or a bound that it cannot reach.
    """
    form = re.fullmatch(r"\s*([^<>=\s]+)\s*(<=|>=|<|>)\s*(\S.*)", text)
    if form is None:
        raise InputError("form", FORM, "wants", text)
    outcome = outcome_of(form[1], plan)
    bound = number_of(form[3], "wants", FORM, text)
    check_possible(bound, outcome.name, outcome.unit, "wants", text)
    return Condition(outcome.name, form[2], bound, outcome.unit)


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
