"""The exact invariants, counted again from the tables by somebody who stands outside the model."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from injae.agents.trainee import State
from injae.model.ecosystem import Ecosystem
from injae.model.ledger import PAYMENTS, Purpose

STOCKS = {
    "enrolled": State.ENROLLED,
    "in_retraining": State.RETRAINING,
    "seeking": State.SEEKING,
    "employed_hospitals": State.HOSPITAL,
    "employed_firms": State.FIRM,
    "employed_universities": State.UNIVERSITY,
    "other_sectors": State.OTHER_SECTOR,
    "abroad": State.ABROAD,
    "left": State.LEFT,
}
WORKPLACES = (
    (State.HOSPITAL, "hospitals", "staff"),
    (State.FIRM, "firms", "staff"),
    (State.UNIVERSITY, "universities", "teachers"),
)


@dataclass
class Faults:
    """Faults found in one run, by invariant, in the order of months."""

    people: list[str] = field(default_factory=list)
    won: list[str] = field(default_factory=list)
    capacity: list[str] = field(default_factory=list)


def watch(model: Ecosystem) -> Faults:
    """Run a model that has not begun to the end of its plan, month by month, and count everything again."""
    faults_found = Faults()
    opening = Accounts(model)
    people = len(model.people)
    for _ in range(model.plan.months):
        before = Capacity(model)
        model.step()
        people += int(model.series.admitted + model.series.immigrated + model.series.began_retraining)
        found = {
            "people": count_people(model, people),
            "won": count_won(model, opening),
            "capacity": before.exceeded_by(model),
        }
        for invariant, faults in found.items():
            getattr(faults_found, invariant).extend(f"{model.plan.date_of(model.month)}: {fault}" for fault in faults)
    return faults_found


def count_people(model: Ecosystem, came_in: int) -> list[str]:
    """Invariant T1: who came in is there once, in one state, and counted once by whoever employs or teaches."""
    people, series = model.people, model.series
    state, employer, university = people.rows("state"), people.rows("employer"), people.rows("university")
    faults = []
    if len(people) != came_in:
        faults.append(f"{len(people):,} people, but {came_in:,} came in")
    if len(np.unique(people.rows("key"))) != len(people):
        faults.append("two people are one and the same")
    counted = {name: int((state == kind).sum()) for name, kind in STOCKS.items()}
    if sum(counted.values()) != len(people):
        faults.append("somebody is in no state")
    faults += [
        f"{counted[name]:,} people are {name}, the record says {series[name]:,}"
        for name in STOCKS
        if counted[name] != series[name]
    ]
    for kind, table, column in WORKPLACES:
        faults += _miscounted(getattr(model, table), column, employer[state == kind])
    faults += _miscounted(model.universities, "enrolled", university[state == State.ENROLLED])
    idle = (state == State.SEEKING) | (state >= State.OTHER_SECTOR)
    if (employer[idle] != -1).any():
        faults.append("somebody without a job has an employer")
    return faults


def _miscounted(table: Any, column: str, places: Any) -> list[str]:
    if (places < 0).any() or (places >= len(table)).any():
        return [f"somebody belongs to none of the {table.name}"]
    wrong = np.flatnonzero(np.bincount(places, minlength=len(table)) != table.rows(column))
    return [f"{column} of {table.name}: {wrong.size} differ from the people there"] if wrong.size else []


class Accounts:
    """What universities and firms hold at one moment, in won."""

    def __init__(self, model: Ecosystem) -> None:
        rows = model.universities.rows
        grant = rows("courses_won") + rows("teachers_won") + rows("infrastructure_won")
        self.universities = grant + rows("core_won")
        self.firms = int(model.firms.rows("cash_won").sum())


def count_won(model: Ecosystem, opening: Accounts) -> list[str]:
    """Invariant T2: what each account holds is what it held at first, plus what was paid to it, less what it paid."""
    month = slice(1, model.month + 1)
    paid, now, series = model.paid[month], Accounts(model), model.history[model.month]
    if paid.dtype != np.int64 or paid.min() < 0:
        return ["a payment is negative, or not in whole won"]
    books = paid.sum(axis=0)
    faults = []
    if (now.universities - opening.universities != balance(books, "universities")).any():
        faults.append("accounts of universities differ from the books")
    if now.firms - opening.firms != balance(books, "firms").sum():
        faults.append("accounts of firms differ from the books")
    if series.public_won_cumulative != -balance(books, "government").sum():
        faults.append("public money differs from the books")
    if model.history["grant_won"][month].sum() != books[Purpose.GRANT].sum():
        faults.append("the grant on record differs from the books")
    return faults


def balance(books: Any, sector: str) -> Any:
    """Won that a sector received less what it paid, by university (column 0 for other sectors)."""
    received = [books[purpose] for purpose, payment in PAYMENTS.items() if payment.payee == sector]
    spent = [books[purpose] for purpose, payment in PAYMENTS.items() if payment.payer == sector]
    return np.sum(received, axis=0) - np.sum(spent, axis=0)


def with_taken_over(limit: Any, owner: Any, active: Any) -> Any:
    """Posts of firms, shape (firms,), with those of the firms that each has taken over (rule F7)."""
    taken = np.flatnonzero((owner >= 0) & ~active)
    limit = limit.copy()
    np.add.at(limit, owner[taken], limit[taken])
    return limit


class Capacity:
    """Invariant T9: what institutions have room for at the end of a month, to be compared with a month later."""

    def __init__(self, model: Ecosystem) -> None:
        self.enrolled = model.universities.rows("enrolled").copy()
        self.stage = model.hospitals.rows("stage").astype(int)
        self.staff = {}  # posts that last month's plan opened may still be filled this month
        for name in ("hospitals", "firms"):
            rows = getattr(model, name).rows
            self.staff[name] = np.maximum(rows("staff"), rows("desired_staff"))

    def exceeded_by(self, model: Ecosystem) -> list[str]:
        """Faults of the month since."""
        faults = []
        enrolled, seats = model.universities.rows("enrolled"), model.universities.rows("seats")
        if (enrolled > np.maximum(seats, self.enrolled)).any():
            faults.append("a university has admitted more than its seats")
        for name, limit in self.staff.items():
            rows = getattr(model, name).rows
            known = slice(len(limit))  # firms founded this month have no past
            if name == "firms":
                limit = with_taken_over(limit, rows("owner")[known], rows("active")[known])
            if (rows("staff")[known] > np.maximum(rows("desired_staff")[known], limit)).any():
                faults.append(f"more staff than planned in {name}")
            if rows("vacancies").min(initial=0) < 0:
                faults.append(f"negative vacancies in {name}")
        if np.abs(model.hospitals.rows("stage").astype(int) - self.stage).max(initial=0) > 1:
            faults.append("a hospital has moved more than one stage in a month")
        return faults
