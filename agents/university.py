"""Universities: what they own, and how they turn money into seats and seats into skill."""

import math
from typing import Annotated

import numpy as np

from agents.amounts import exp_of, log_of, whole_count
from agents.columns import Array, Column, RowAgent
from agents.domains import DOMAINS, Binding
from agents.kernels import rule

LAG_ROOM = 24  # longest delivery time, in months, that the order books can hold


class UniversityColumns:
    """One row per university; stocks are at month end."""

    key: Annotated[Array, Column(np.uint64, "key", "identity for random draws, from the name")]
    funded: Annotated[Array, Column(np.bool_, "yes/no", "in the grant programme")]
    programme_rank: Annotated[Array, Column(np.int32, "rank", "place in the order in which the programme takes them")]
    joint_months_left: Annotated[Array, Column(np.int16, "months", "months to go of its last joint project")]
    focus: Annotated[Array, Column(np.float64, "ratio", "teaching time per domain relative to equal shares", DOMAINS)]
    reputation: Annotated[Array, Column(np.float64, "index", "reputation among applicants, 1 = average", start=1)]
    core_courses: Annotated[Array, Column(np.float64, "courses", "courses paid from core funds")]
    core_teachers: Annotated[Array, Column(np.int32, "persons", "teaching posts paid from core funds")]
    core_seats: Annotated[Array, Column(np.float64, "seats", "infrastructure seats paid from core funds")]
    granted_courses: Annotated[Array, Column(np.float64, "courses", "courses built with the grant")]
    granted_seats: Annotated[Array, Column(np.float64, "seats", "infrastructure seats built with the grant")]
    courses_due: Annotated[Array, Column(np.float64, "courses", "ordered courses by month of delivery", LAG_ROOM)]
    seats_due: Annotated[Array, Column(np.float64, "seats", "ordered seats by month of delivery", LAG_ROOM)]
    courses_won: Annotated[Array, Column(np.int64, "won", "grant money left for courses")]
    teachers_won: Annotated[Array, Column(np.int64, "won", "grant money left for teachers")]
    infrastructure_won: Annotated[Array, Column(np.int64, "won", "grant money left for infrastructure")]
    core_won: Annotated[Array, Column(np.int64, "won", "core money left; ends every month at zero")]
    teacher_posts: Annotated[Array, Column(np.int32, "posts", "teaching posts that can be paid")]
    teachers: Annotated[Array, Column(np.int32, "persons", "teachers employed")]
    seats: Annotated[Array, Column(np.int32, "seats", "trainees the scarcest stock allows")]
    own_seats: Annotated[Array, Column(np.int32, "seats", "seats that core funds would allow, all core posts filled")]
    enrolled: Annotated[Array, Column(np.int32, "persons", "trainees enrolled")]
    cohorts: Annotated[Array, Column(np.int32, "cohorts", "intakes taught so far")]
    teaching_quality: Annotated[Array, Column(np.float64, "share", "how much of a full month's learning is achieved")]
    placement: Annotated[Array, Column(np.float64, "share", "recent graduates who work in the field")]
    binding: Annotated[Array, Column(np.int8, "Binding", "scarcest of seats, teachers and courses")]


class University(RowAgent):
    """A university as a Mesa agent: a window on its row of ``UniversityColumns``."""

    kind = UniversityColumns
    table_name = "universities"

    @property
    def name(self) -> str:
        """Name as in the country's data."""
        return self.model.names.universities[self.row]

    def attraction(self) -> float:
        """Utility of applying here now, against the outside option (see the rule ``attraction``)."""
        market, now, p = self.model.market, self.model.now, self.model.parameters
        outside = market.outside_entry_pay_won * (1 + now.other_sector_pay)
        unemployment = market.unemployment_share
        stipend = now.stipend_won_per_month if self.funded else 0
        return attraction(market.expected_pay_won, outside, unemployment, self.reputation, stipend, p)


@rule
def seats_per_teacher(p):
    """Trainees that one full-time teacher can serve, both tracks in their shares (rule E3)."""
    share = p.undergraduate_share
    return 1.0 / (share / p.undergraduate_seats_per_teacher + (1.0 - share) / p.graduate_seats_per_teacher)


@rule
def seat_limit(courses, teachers, infrastructure_seats, p):
    """Seats that the scarcest of three stocks allows, and which stock that is (rule E3)."""
    by_courses = p.seats_per_course * courses
    by_teachers = seats_per_teacher(p) * teachers
    limit, binding = infrastructure_seats, Binding.SEATS
    if by_teachers < limit:
        limit, binding = by_teachers, Binding.TEACHERS
    if by_courses < limit:
        limit, binding = by_courses, Binding.COURSES
    return whole_count(limit + 1e-9), binding


@rule
def affordable_posts(saved_won, expected_won, p):
    """Teaching posts that savings and the income expected within the planning horizon pay for all of it (rule E2)."""
    return whole_count((saved_won + expected_won) / (p.teacher_pay_won_per_year / 12.0 * p.teacher_planning_months))


@rule
def teacher_hire_chance(senior_practitioners, p):
    """Chance per month that an open teaching post is filled; practitioners are the pool (rule E4)."""
    return p.teacher_hire_chance_per_month * (1.0 - exp_of(-senior_practitioners / p.senior_pool_scale))


@rule
def attraction(expected_pay, outside_pay, unemployment, reputation, stipend_won_per_month, p):
    """Utility of a course: pay it leads to, risk of no job, reputation, stipend in million won (rule E5)."""
    return (
        p.pay_pull * log_of(expected_pay / outside_pay)
        - p.unemployment_push * unemployment
        + p.reputation_pull * log_of(reputation)
        + p.stipend_pull * stipend_won_per_month / 1e6
    )


@rule
def teaching_quality(cohorts, teachers, enrolled, p):
    """Share of a full month's learning achieved: experience of the programme and teachers per trainee (E8, E9)."""
    learned = 1.0 - (1.0 - p.first_cohort_quality) * (1.0 + cohorts) ** -p.cohort_learning
    care = min(1.0, seats_per_teacher(p) * teachers / max(enrolled, 1))
    return learned * math.sqrt(care)


@rule
def next_reputation(reputation, placement, p):
    """Reputation one year on: it follows the placement of graduates, bounded in (0.5, 1.5) (rule E13)."""
    return reputation + p.reputation_speed_per_year * (0.5 + placement - reputation)
