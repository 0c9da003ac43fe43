"""The two ledgers, checked at the end of every month: people and won."""

import numpy as np

from injae.agents.kernels import process, rule
from injae.agents.trainee import State
from injae.model.ledger import PAYMENTS

INVARIANTS = (
    "the number of people is not what came in",
    "states do not add up to the people",
    "staff of hospitals differ from the people who work there",
    "staff of firms differ from the people who work there, or somebody works in a closed firm",
    "teachers differ from the people who teach",
    "enrolled differ from the people who study",
    "negative vacancies",
    "a negative payment",
    "accounts of universities differ from the books",
    "accounts of firms differ from the books",
    "public money differs from the books",
)
MOST_POSTS = 1_000_000  # open ones, or people at the start; beyond it all memory is soon taken
MOST_MEETINGS = 500_000_000  # pairs of a searcher and a post in a month, thousands of times the usual: half a second
MOST_WON_PER_MONTH = 10**15  # for one purpose: several times what the country earns; a century of it fits 64 bits
LIMITS = (  # no fault of a rule: the settings grow a market without end
    f"more than {MOST_POSTS:,} open posts",
    f"more than {MOST_MEETINGS:,} pairs of somebody who searches and an open post",
    f"more than {MOST_WON_PER_MONTH:,} won for one purpose",
)
TOO_MANY_POSTS, TOO_MANY_MEETINGS, TOO_MUCH_WON = range(
    len(INVARIANTS), len(INVARIANTS) + len(LIMITS)
)  # in ``world.broken``
HELD_FIRMS, HELD_PEOPLE, HELD_UNIVERSITIES = 0, 1, 2  # places in ``world.held``; each university has one


def _signs(sector: str) -> np.ndarray:
    """+1 for purposes that pay the sector, -1 for those that the sector pays; shape (purposes,)."""
    return np.array([(pay.payee == sector) - (pay.payer == sector) for pay in PAYMENTS.values()], np.int64)


_UNIVERSITIES, _FIRMS, _GOVERNMENT = _signs("universities"), _signs("firms"), _signs("government")


class InvariantBroken(AssertionError):
    """The model created or lost people or won: a fault in a rule, never of the user."""


@process
def audit(world):
    """People and won are counted again and compared with both ledgers (see The two ledgers).

    Apart from the processes that change them; ``world.broken`` then says which invariants fail, and which limits the
    month went beyond.
    """
    audit_people(world)
    audit_won(world)


@process
def audit_people(world):
    """Whoever is here came in, is in one state, and is counted by the employer or university."""
    people, series, rows, broken = world.people, world.series, world.rows, world.broken
    hospitals, firms, universities = world.hospitals, world.firms, world.universities
    places = max(rows.hospitals, rows.firms, rows.universities)
    found = np.zeros((State.LEFT + 2, places + 1), np.int32)  # the last row for no state, the first column for no place
    for i in range(rows.people):
        state = people.state[i]
        place = people.university[i] if state == State.ENROLLED else people.employer[i]
        found[state if State.ENROLLED <= state <= State.LEFT else State.LEFT + 1, place + 1] += 1
    broken[1] |= found[State.LEFT + 1].sum() > 0
    in_hospitals, in_firms = found[State.HOSPITAL, 1:], found[State.FIRM, 1:]
    teaching, studying = found[State.UNIVERSITY, 1:], found[State.ENROLLED, 1:]
    came_in = series.admitted + series.immigrated + series.began_retraining
    broken[0] |= rows.people != world.held[HELD_PEOPLE] + came_in
    world.held[HELD_PEOPLE] = rows.people
    stocks = series.enrolled + series.in_retraining + series.seeking + series.employed_hospitals
    stocks += series.employed_firms + series.employed_universities + series.other_sectors + series.abroad + series.left
    broken[1] |= stocks != rows.people
    for h in range(rows.hospitals):
        broken[2] |= in_hospitals[h] != hospitals.staff[h]
        broken[6] |= hospitals.vacancies[h] < 0
    for f in range(rows.firms):
        broken[3] |= in_firms[f] != firms.staff[f] or (in_firms[f] > 0 and not firms.active[f])
        broken[6] |= firms.vacancies[f] < 0
    broken[TOO_MANY_POSTS] |= series.vacancies_hospitals + series.vacancies_firms > MOST_POSTS
    for u in range(rows.universities):
        broken[4] |= teaching[u] != universities.teachers[u]
        broken[5] |= studying[u] != universities.enrolled[u]


@process
def audit_won(world):
    """What each account gained this month is what the books say it received less what it paid, to the won."""
    paid, held, broken = world.paid, world.held, world.broken
    for u in range(world.rows.universities):
        before = held[HELD_UNIVERSITIES + u]
        held[HELD_UNIVERSITIES + u] = held_by_university(world, u)
        booked = 0
        for purpose in range(paid.shape[0]):
            booked += _UNIVERSITIES[purpose] * paid[purpose, u]
        broken[8] |= held[HELD_UNIVERSITIES + u] - before != booked
    before = held[HELD_FIRMS]
    held[HELD_FIRMS] = held_by_firms(world)
    booked, public = 0, 0
    for purpose in range(paid.shape[0]):
        broken[TOO_MUCH_WON] |= paid[purpose].max() > MOST_WON_PER_MONTH
        for row in range(paid.shape[1]):
            booked += _FIRMS[purpose] * paid[purpose, row]
            public -= _GOVERNMENT[purpose] * paid[purpose, row]
            broken[7] |= paid[purpose, row] < 0
    broken[9] |= held[HELD_FIRMS] - before != booked
    broken[10] |= public != world.series.public_won


@rule
def held_by_university(world, u):
    """Won on all accounts of a university."""
    universities = world.universities
    grant = universities.courses_won[u] + universities.teachers_won[u] + universities.infrastructure_won[u]
    return grant + universities.core_won[u]


@rule
def held_by_firms(world):
    """Won of all firms together; closed firms hold nothing."""
    total = 0
    for f in range(world.rows.firms):
        total += world.firms.cash_won[f]
    return total
