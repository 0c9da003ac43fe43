"""The two ledgers, checked every month: people and won."""

from typing import TYPE_CHECKING

import numpy as np

from agents.hospital import Stage
from agents.trainee import State
from model.ledger import PAYMENTS, Purpose

if TYPE_CHECKING:
    from model.ecosystem import Ecosystem


class LawBroken(AssertionError):
    """The model created or lost people or won: a fault in a rule, never of the user."""


class Books:
    """Opening stocks, and what has come in since; ``check`` compares them with the columns."""

    def __init__(self, model: "Ecosystem") -> None:
        self.people = len(model.people)
        self.university_won = _university_accounts(model)
        self.firm_won = int(model.firms.rows("cash_won").sum())
        self.paid = np.zeros_like(model.paid[0])
        self.retrained_before = 0

    def check(self, model: "Ecosystem") -> None:
        """Check both ledgers at the end of a month.

        Raises:
            LawBroken: a law does not hold; the message names law, month and figures.
        """
        problems = [*self._people(model), *self._won(model)]
        if problems:
            raise LawBroken(f"month {model.month}, seed {model.seed}: " + "; ".join(problems))

    def _people(self, model: "Ecosystem") -> list[str]:
        people, series = model.people, model.series
        state, employer = people.rows("state"), people.rows("employer")
        problems = []
        began_retraining = int(model.paid[model.month, Purpose.RETRAINING].sum()) // int(model.parameters.retraining_won or 1)
        if model.parameters.retraining_won < 1:
            began_retraining = int((people.rows("source_month")[people.rows("source") == 2] == model.month).sum())
        self.people += int(series.admitted + series.immigrated) + began_retraining
        if len(people) != self.people:
            problems.append(f"{len(people)} people, {self.people} came in")
        stocks = (
            series.enrolled + series.in_retraining + series.seeking + series.employed_hospitals + series.employed_firms
            + series.employed_universities + series.other_sectors + series.abroad + series.left
        )
        if stocks != len(people) or state.min() < State.ENROLLED or state.max() > State.LEFT:
            problems.append(f"states add up to {stocks} of {len(people)} people")
        for kind, table, column in (
            (State.HOSPITAL, model.hospitals, "staff"),
            (State.FIRM, model.firms, "staff"),
            (State.UNIVERSITY, model.universities, "teachers"),
        ):
            counted = np.bincount(employer[state == kind], minlength=len(table))
            if not np.array_equal(counted, table.rows(column)):
                problems.append(f"{column} of {kind.name.lower()} differ from the people who work there")
        counted = np.bincount(people.rows("university")[state == State.ENROLLED], minlength=len(model.universities))
        if not np.array_equal(counted, model.universities.rows("enrolled")):
            problems.append("enrolled differ from the people who study")
        works_in_firm = employer[state == State.FIRM]
        if not model.firms.rows("active")[works_in_firm].all():
            problems.append("people work in a closed firm")
        if min(table.rows("vacancies").min(initial=0) for table in (model.hospitals, model.firms)) < 0:
            problems.append("negative vacancies")
        return problems

    def _won(self, model: "Ecosystem") -> list[str]:
        month_paid = model.paid[model.month]
        self.paid += month_paid
        problems = []
        if month_paid.min() < 0:
            problems.append("a negative payment")
        received, spent = _totals(self.paid, "universities")
        if not np.array_equal(_university_accounts(model), self.university_won + received - spent):
            problems.append("accounts of universities differ from the books")
        received, spent = (int(side.sum()) for side in _totals(self.paid, "firms"))
        if int(model.firms.rows("cash_won").sum()) - self.firm_won != received - spent:
            problems.append("accounts of firms differ from the books")
        public = int(_totals(self.paid, "government")[1].sum())
        if public != int(model.series.public_won_cumulative):
            problems.append("public money differs from the books")
        return problems


def _university_accounts(model: "Ecosystem") -> np.ndarray:
    accounts = ("courses_won", "teachers_won", "infrastructure_won", "core_won")
    total = np.sum([model.universities.rows(name) for name in accounts], axis=0)
    return np.pad(total, (0, model.paid.shape[2] - len(total)))


def _totals(paid: np.ndarray, sector: str) -> tuple[np.ndarray, np.ndarray]:
    received = np.sum([paid[purpose] for purpose, payment in PAYMENTS.items() if payment.payee == sector], axis=0)
    spent = np.sum([paid[purpose] for purpose, payment in PAYMENTS.items() if payment.payer == sector], axis=0)
    return np.asarray(received), np.asarray(spent)


def stages_move_by_one(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether no hospital skipped an adoption stage in a month (shape hospitals x domains)."""
    steps = np.abs(after.astype(int) - before.astype(int))
    return bool(steps.max(initial=0) <= 1 and after.min() >= Stage.UNAWARE and after.max() <= Stage.ROUTINE)
