"""The two ledgers, checked every month: people and won."""

from typing import TYPE_CHECKING

import numpy as np

from agents.kernels import stage
from agents.trainee import State
from model.ledger import PAYMENTS

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

    def check(self, model: "Ecosystem") -> None:
        """Check both ledgers at the end of a month.

        Raises:
            LawBroken: a law does not hold; the message names law, month and figures.
        """
        problems = [*self._people(model), *self._won(model)]
        if problems:
            raise LawBroken(f"month {model.month}, seed {model.seed}: " + "; ".join(problems))

    def _people(self, model: "Ecosystem") -> list[str]:
        self.people += int(model.series.admitted + model.series.immigrated + model.series.began_retraining)
        problems = [f"{len(model.people)} people, {self.people} came in"] if len(model.people) != self.people else []
        return problems + [text for broken, text in zip(audit_people(model.world), AUDIT, strict=True) if broken]

    def _won(self, model: "Ecosystem") -> list[str]:
        month_paid = model.paid[model.month]
        self.paid += month_paid
        universities, firms, government = (SIGNS[sector] @ self.paid for sector in SECTORS)
        firm_won = int(model.firms.rows("cash_won").sum())
        problems = []
        if month_paid.min() < 0:
            problems.append("a negative payment")
        if not np.array_equal(_university_accounts(model), self.university_won + universities):
            problems.append("accounts of universities differ from the books")
        if firm_won - self.firm_won != firms.sum():
            problems.append("accounts of firms differ from the books")
        if -government.sum() != model.series.public_won_cumulative:
            problems.append("public money differs from the books")
        return problems


SECTORS = ("universities", "firms", "government")
SIGNS = {  # +1 where a purpose pays the sector, -1 where the sector pays
    sector: np.array([(pay.payee == sector) - (pay.payer == sector) for pay in PAYMENTS.values()], np.int64)
    for sector in SECTORS
}


def _university_accounts(model: "Ecosystem") -> np.ndarray:
    rows = model.universities.rows
    return rows("courses_won") + rows("teachers_won") + rows("infrastructure_won") + rows("core_won")


AUDIT = (
    "states do not add up to the people",
    "staff of hospitals differ from the people who work there",
    "staff of firms differ from the people who work there, or somebody works in a closed firm",
    "teachers differ from the people who teach",
    "enrolled differ from the people who study",
    "negative vacancies",
)


@stage
def audit_people(world):
    """Count everybody again, apart from the verbs; which of the laws in ``AUDIT`` are broken."""
    people, series, rows = world.people, world.series, world.rows
    hospitals, firms, universities = world.hospitals, world.firms, world.universities
    broken = np.zeros(6, np.bool_)
    in_hospitals, in_firms = np.zeros(rows.hospitals, np.int64), np.zeros(rows.firms, np.int64)
    teaching, studying = np.zeros(rows.universities, np.int64), np.zeros(rows.universities, np.int64)
    for i in range(rows.people):
        state, employer = people.state[i], people.employer[i]
        if state == State.HOSPITAL:
            in_hospitals[employer] += 1
        elif state == State.FIRM:
            in_firms[employer] += 1
        elif state == State.UNIVERSITY:
            teaching[employer] += 1
        elif state == State.ENROLLED:
            studying[people.university[i]] += 1
        elif state < State.ENROLLED or state > State.LEFT:
            broken[0] = True
    stocks = series.enrolled + series.in_retraining + series.seeking + series.employed_hospitals
    stocks += series.employed_firms + series.employed_universities + series.other_sectors + series.abroad + series.left
    broken[0] |= stocks != rows.people
    for h in range(rows.hospitals):
        broken[1] |= in_hospitals[h] != hospitals.staff[h]
        broken[5] |= hospitals.vacancies[h] < 0
    for f in range(rows.firms):
        broken[2] |= in_firms[f] != firms.staff[f] or (in_firms[f] > 0 and not firms.active[f])
        broken[5] |= firms.vacancies[f] < 0
    for u in range(rows.universities):
        broken[3] |= teaching[u] != universities.teachers[u]
        broken[4] |= studying[u] != universities.enrolled[u]
    return broken
