"""Policy: the programme's money, and all other pay from public funds."""

import math

import numpy as np

from agents.kernels import rule, stage, verb
from model.ledger import Purpose, book


@rule
def monthly_part(won_per_year, calendar_month):
    """Whole won due in a calendar month (1 to 12); twelve months add up to the year exactly (rule G1)."""
    year = np.int64(won_per_year + 0.5)
    return year * calendar_month // 12 - year * (calendar_month - 1) // 12


@rule
def reach(stock_won, gain, scale_won):
    """What a stock of infrastructure achieves: fast at first, never more than ``gain`` (rule G8)."""
    return gain * (1.0 - math.exp(-stock_won / scale_won))


@verb
def pay_public(world, purpose, row, won):
    """Book a payment of public money."""
    world.series.public_won += won
    world.series.public_won_cumulative += won
    book(world, purpose, row, won)


@stage
def choose_universities(world):
    """The programme reaches the first so many universities of the country's order (rule G1)."""
    universities = world.universities
    for u in range(world.rows.universities):
        universities.funded[u] = universities.programme_rank[u] < world.now.programme_universities


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


@verb
def hospital_pay(world):
    """What hospitals pay their specialists in a month, won."""
    won = np.int64(0)
    for h in range(world.rows.hospitals):
        won += world.hospitals.payroll_won_per_year[h] // 12
    return won


@stage
def match_wages(world):
    """The wage fund pays part of what hospitals pay their specialists, half at most (rule G4)."""
    now, payroll = world.now, hospital_pay(world)
    most = np.int64(world.parameters.wage_match_max_share * payroll)
    won = min(monthly_part(now.wage_fund_won_per_year, now.calendar_month), most)
    world.market.wage_match_share = won / max(payroll, 1)
    pay_public(world, Purpose.WAGE_MATCH, 0, won)


@stage
def invest(world):
    """National computing and data infrastructure: stocks that age, and what they achieve (rule G8)."""
    now, market, p = world.now, world.market, world.parameters
    computing = monthly_part(now.computing_won_per_year, now.calendar_month)
    data = monthly_part(now.data_infrastructure_won_per_year, now.calendar_month)
    pay_public(world, Purpose.COMPUTING, 0, computing)
    pay_public(world, Purpose.DATA_INFRASTRUCTURE, 0, data)
    kept = 1.0 - p.infrastructure_decay_per_month
    market.computing_won = kept * market.computing_won + computing
    market.data_infrastructure_won = kept * market.data_infrastructure_won + data
    market.computing_reach = reach(market.computing_won, p.computing_gain, p.computing_scale_won)
    market.data_reach = reach(
        market.data_infrastructure_won, p.data_infrastructure_gain, p.data_infrastructure_scale_won
    )
