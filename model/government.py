"""Policy: the programme's money, and all other pay from public funds."""

import numpy as np

from injae.agents.amounts import exp_of, whole_won
from injae.agents.kernels import process, rule
from injae.model.ledger import Purpose, book


@rule
def monthly_part(won_per_year, calendar_month):
    """Whole won due in a calendar month (1 to 12); twelve months add up to the year exactly (rule G1)."""
    year = whole_won(won_per_year + 0.5)
    return year * calendar_month // 12 - year * (calendar_month - 1) // 12


@rule
def paid_in_advance(won_per_year, won_per_year_before, calendar_month):
    """Whole won of a year's grant due in a calendar month: a year is paid when it begins (rule G1).

    In January that is the whole year; later in the year only what a rise adds for the months that are left. What was
    paid is not taken back when the grant falls. Twelve months add up to the year exactly.
    """
    year, before = whole_won(won_per_year + 0.5), whole_won(won_per_year_before + 0.5)
    if calendar_month == 1:
        return year
    due = year - year * (calendar_month - 1) // 12
    known = before - before * (calendar_month - 1) // 12
    return max(np.int64(0), due - known)


@rule
def reach(stock_won, gain, scale_won):
    """What a stock of infrastructure achieves: fast at first, never more than ``gain`` (rule G8)."""
    return gain * (1.0 - exp_of(-stock_won / scale_won))


@process
def pay_public(world, purpose, row, won):
    """Book a payment of public money."""
    world.series.public_won += won
    world.series.public_won_cumulative += won
    book(world, purpose, row, won)


@process
def choose_universities(world):
    """The programme takes the first so many universities of the country's order (rule G1)."""
    universities = world.universities
    for u in range(world.rows.universities):
        universities.funded[u] = universities.programme_rank[u] < world.now.programme_universities


@rule
def grant_of(world, u, month):
    """Grant of a university as the schedule has it for a month, won per year; 0 outside the programme (rule G1)."""
    then = world.schedule[month]
    in_programme = world.universities.programme_rank[u] < then.programme_universities
    return then.grant_won_per_year * then.grant_scale if in_programme and month > 0 else 0.0


@process
def pay_grants(world):
    """Universities of the programme are paid a year's grant when it begins, trainees their stipends (rules G1, E5)."""
    now, universities = world.now, world.universities
    for u in range(world.rows.universities):
        if not universities.funded[u]:
            continue
        won = paid_in_advance(grant_of(world, u, now.month), grant_of(world, u, now.month - 1), now.calendar_month)
        courses = whole_won(won * now.grant_share_courses)
        teachers = whole_won(won * now.grant_share_teachers)
        universities.courses_won[u] += courses
        universities.teachers_won[u] += teachers
        universities.infrastructure_won[u] += won - courses - teachers
        world.series.grant_won += won
        pay_public(world, Purpose.GRANT, u, won)
        stipends = universities.enrolled[u] * whole_won(now.stipend_won_per_month)
        pay_public(world, Purpose.STIPEND, u, stipends)


@process
def support_core_hospitals(world):
    """Regional core hospitals are supported in AI systems, each the same (rule G9)."""
    won = monthly_part(world.now.core_hospital_won_per_year, world.now.calendar_month)
    for h in range(world.rows.hospitals):
        if is_supported(world, h):
            pay_public(world, Purpose.CORE_HOSPITALS, 0, won)


@rule
def is_supported(world, h):
    """Whether a hospital is in the programme for core hospitals this month (rule G9)."""
    return world.hospitals.core_rank[h] < world.now.core_hospitals


@rule
def hospital_pay(world):
    """What hospitals pay their specialists in a month, won."""
    won = np.int64(0)
    for h in range(world.rows.hospitals):
        won += world.hospitals.payroll_won_per_year[h] // 12
    return won


@process
def match_wages(world):
    """The wage fund pays its part of what hospitals pay their specialists (rule G4)."""
    now, payroll = world.now, hospital_pay(world)
    most = whole_won(world.parameters.wage_match_max_share * payroll)
    won = min(monthly_part(now.wage_fund_won_per_year, now.calendar_month), most)
    world.market.wage_match_share = won / max(payroll, 1)
    pay_public(world, Purpose.WAGE_MATCH, 0, won)


@process
def invest(world):
    """National computing and data infrastructure grow and age (rule G8)."""
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
