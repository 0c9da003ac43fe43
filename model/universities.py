"""Universities: money into courses, teachers and seats, and what they are known for (rules E2 to E4, E8, E9, E13)."""

import math

import numpy as np

from injae.agents.amounts import exp_of, whole_count, whole_pay, whole_won
from injae.agents.domains import Binding
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, fold_in, stream_key, uniform
from injae.agents.university import LAG_ROOM
from injae.model.government import grant_of
from injae.model.ledger import Purpose, book
from injae.model.moves import is_employed, is_in_practice, start_teaching


@process
def spend(world):
    """Universities order courses and seats, pay teachers, lose what is out of date, receive what is due (rule E2)."""
    universities, p, month = world.universities, world.parameters, world.now.month
    course_won, seat_won = whole_won(p.course_won), whole_won(p.seat_won)
    slot = month % LAG_ROOM
    for u in range(world.rows.universities):
        courses = universities.courses_won[u] // course_won
        universities.courses_won[u] -= courses * course_won
        book(world, Purpose.COURSES, u, courses * course_won)
        universities.courses_due[u, (month + int(p.course_lag_months)) % LAG_ROOM] += courses

        seats = universities.infrastructure_won[u] // seat_won
        universities.infrastructure_won[u] -= seats * seat_won
        book(world, Purpose.INFRASTRUCTURE, u, seats * seat_won)
        universities.seats_due[u, (month + int(p.seat_lag_months)) % LAG_ROOM] += seats

        pay_teachers(world, u)

        universities.granted_courses[u] *= 1.0 - p.course_decay_per_month
        universities.granted_courses[u] += universities.courses_due[u, slot]
        universities.courses_due[u, slot] = 0.0
        universities.granted_seats[u] *= 1.0 - p.seat_decay_per_month
        universities.granted_seats[u] += universities.seats_due[u, slot]
        universities.seats_due[u, slot] = 0.0


@rule
def affordable_posts(saved_won, expected_won, p):
    """Teaching posts that savings and the income expected within the planning horizon pay for all of it (rule E2)."""
    return whole_count((saved_won + expected_won) / (p.teacher_pay_won_per_year / 12.0 * p.teacher_planning_months))


@process
def pay_teachers(world, u):
    """Pay a university's teachers: core posts from core funds, the others from the grant while it lasts."""
    universities, p = world.universities, world.parameters
    pay = whole_won(p.teacher_pay_won_per_year / 12.0)
    beyond_core = max(0, universities.teachers[u] - universities.core_teachers[u])
    granted = min(np.int64(beyond_core), universities.teachers_won[u] // pay)
    posts = max(affordable_posts(universities.teachers_won[u], grant_ahead(world, u), p), granted)
    universities.teacher_posts[u] = universities.core_teachers[u] + posts
    universities.teachers_won[u] -= granted * pay
    book(world, Purpose.GRANTED_TEACHERS, u, granted * pay)
    core = (universities.teachers[u] - granted) * pay
    if universities.funded[u]:
        world.series.core_funding_won += core
    universities.core_won[u] += core
    book(world, Purpose.CORE_FUNDING, u, core)
    universities.core_won[u] -= core
    book(world, Purpose.CORE_TEACHERS, u, core)


@rule
def grant_ahead(world, u):
    """Grant for teachers that a university expects within its planning horizon beyond the present year, won (rule E2).

    The present year is paid already. Universities know the schedule ``grant_notice_months`` ahead; what they know last
    they expect to go on.
    """
    now = world.now
    known = min(now.month + int(now.grant_notice_months), world.schedule.size - 1)
    expected = 0.0
    for ahead in range(13 - now.calendar_month, int(world.parameters.teacher_planning_months) + 1):
        month = min(now.month + ahead, known)
        expected += grant_of(world, u, month) * world.schedule[month].grant_share_teachers / 12.0
    return expected


@rule
def teacher_hire_probability(senior_practitioners, p):
    """Probability per month that an open teaching post is filled; practitioners are the pool (rule E4)."""
    return p.teacher_hire_probability_per_month * (1.0 - exp_of(-senior_practitioners / p.senior_pool_scale))


@process
def hire_teachers(world):
    """Open teaching posts are filled with senior practitioners, who leave practice for it (rule E4)."""
    universities, p = world.universities, world.parameters
    probability = teacher_hire_probability(world.market.senior_practitioners, p)
    seniors = np.empty(0, np.int64)
    for u in range(world.rows.universities):
        key = universities.key[u]
        for post in range(universities.teachers[u], universities.teacher_posts[u]):
            variate = draw(world.seed, Decision.TEACHER_HIRE, key, world.now.month, post)
            if variate < probability:
                if seniors.size == 0:
                    seniors = senior_practitioners(world)
                person = choose_senior(world, seniors, Decision.TEACHER_CHOICE, key, post)
                if person < 0:
                    return
                start_teaching(world, person, u, whole_pay(p.teacher_pay_won_per_year), probability, variate)


@rule
def is_senior(career_months, p):
    """Whether a career is long enough to teach or to found a firm (rules E4, F6)."""
    return career_months >= p.senior_career_months


@rule
def senior_practitioners(world):
    """Rows of the people who can become teachers or founders: a senior's career, and not in a new job (E4, F6)."""
    people, p = world.people, world.parameters
    seniors = np.empty(world.rows.people, np.int64)
    count = 0
    for i in range(world.rows.people):
        seniors[count] = i
        settled = (people.since_month[i] < world.now.month) & is_senior(people.career_months[i], p)
        count += settled & is_in_practice(people.state[i])
    return seniors[:count]


@rule
def choose_senior(world, seniors, decision, key, number):
    """One of the seniors, drawn for one post; -1 if nobody is left.

    Everybody has a fixed priority for this post in this month, so a change elsewhere leaves the choice alone.
    """
    best, best_priority = -1, 2.0
    bits = fold_in(stream_key(world.seed, decision, world.now.month), key, number)
    for i in seniors:
        priority = uniform(bits, world.people.key[i])
        if priority < best_priority and world.people.since_month[i] < world.now.month:  # not chosen for another post
            best, best_priority = i, priority
    return best


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
def teaching_quality(cohorts, teachers, enrolled, p):
    """Share of a full month's learning achieved: experience of the programme and teachers per trainee (E8, E9)."""
    learned = 1.0 - (1.0 - p.first_cohort_quality) * (1.0 + cohorts) ** -p.cohort_learning
    care = min(1.0, seats_per_teacher(p) * teachers / max(enrolled, 1))
    return learned * math.sqrt(care)


@process
def open_seats(world):
    """Seats are what the scarcest stock allows; teaching quality is set (rules E3, E8, E9)."""
    universities, p = world.universities, world.parameters
    for u in range(world.rows.universities):
        courses = universities.core_courses[u] + universities.granted_courses[u]
        infrastructure = universities.core_seats[u] + universities.granted_seats[u]
        universities.seats[u], universities.binding[u] = seat_limit(
            courses, universities.teachers[u], infrastructure, p
        )
        universities.own_seats[u], _ = seat_limit(
            universities.core_courses[u], universities.core_teachers[u], universities.core_seats[u], p
        )
        universities.teaching_quality[u] = teaching_quality(
            universities.cohorts[u], universities.teachers[u], universities.enrolled[u], p
        )


@rule
def next_reputation(reputation, placement, p):
    """Reputation one year on: it follows the placement of graduates, bounded in (0.5, 1.5) (rule E13)."""
    return reputation + p.reputation_speed_per_year * (0.5 + placement - reputation)


@process
def rate_universities(world):
    """In December reputation follows the placement of the last two years' graduates (rule E13)."""
    people, universities, p, month = world.people, world.universities, world.parameters, world.now.month
    if world.now.calendar_month != 12:
        return
    graduates = np.zeros(world.rows.universities)
    placed = np.zeros(world.rows.universities)
    for i in range(world.rows.people):
        graduated, u = people.graduated_month[i], people.university[i]
        if u >= 0 and graduated >= 0 and graduated > month - 24:
            graduates[u] += 1.0
            if is_employed(people.state[i]):
                placed[u] += 1.0
    for u in range(world.rows.universities):
        if graduates[u] > 0.0:
            universities.placement[u] = placed[u] / graduates[u]
            universities.reputation[u] = next_reputation(universities.reputation[u], universities.placement[u], p)
