"""Policy: the programme's money, and pay from public funds."""

import numpy as np

from agents.kernels import rule, stage, verb
from model.ledger import Purpose, book


@rule
def monthly_part(won_per_year, calendar_month):
    """Whole won due in a calendar month (1 to 12); twelve months add up to the year exactly (rule G1)."""
    year = np.int64(won_per_year + 0.5)
    return year * calendar_month // 12 - year * (calendar_month - 1) // 12


@verb
def pay_public(world, purpose, row, won):
    """Book a payment of public money."""
    world.series.public_won += won
    world.series.public_won_cumulative += won
    book(world, purpose, row, won)


@stage
def pay_grants(world):
    """Pay each university of the programme its grant of the month, split by use, and its trainees' stipends."""
    now, universities = world.now, world.universities
    for u in range(world.rows.universities):
        if not universities.funded[u]:
            continue
        won = monthly_part(now.grant_won_per_year * now.grant_scale, now.calendar_month)
        courses = np.int64(won * now.grant_share_courses)
        teachers = np.int64(won * now.grant_share_teachers)
        universities.courses_won[u] += courses
        universities.teachers_won[u] += teachers
        universities.infrastructure_won[u] += won - courses - teachers
        world.series.grant_won += won
        pay_public(world, Purpose.GRANT, u, won)
        stipends = universities.enrolled[u] * np.int64(now.stipend_won_per_month)
        pay_public(world, Purpose.STIPEND, u, stipends)
