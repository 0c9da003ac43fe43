"""One month, in the order of docs/model.md: the whole model on one screen."""

from injae.agents.borrowing import with_fields
from injae.agents.kernels import driver
from injae.model.adoption import adopt, look_at_peers, plan_hospital_staff, sum_skills
from injae.model.constraints import find_what_binds
from injae.model.education import admit, retrain_clinicians, train
from injae.model.firms import close_firms, found_firms, pay_staff, plan_firm_staff, support_firms
from injae.model.government import choose_universities, invest, match_wages, pay_grants, support_core_hospitals
from injae.model.invariants import audit
from injae.model.jobs import age_and_learn, end_jobs
from injae.model.labour import open_posts, search_and_match
from injae.model.migration import immigrate, leave_and_come_back
from injae.model.outcomes import count_outcomes, watch_over_use
from injae.model.products import improve, measure_markets, sell
from injae.model.signals import begin_record, count_institutions, count_people
from injae.model.takeovers import take_over_firms
from injae.model.universities import hire_teachers, open_seats, rate_universities, spend


@driver
def one_month(world):
    """Everything that happens in a month, in order."""
    # record
    begin_record(world)
    # policy
    choose_universities(world)
    pay_grants(world)
    match_wages(world)
    support_core_hospitals(world)
    invest(world)
    # universities
    spend(world)
    hire_teachers(world)
    open_seats(world)
    admit(world)
    # training
    train(world)
    retrain_clinicians(world)
    rate_universities(world)
    # hospitals
    sum_skills(world)
    look_at_peers(world)
    adopt(world)
    plan_hospital_staff(world)
    # firms
    support_firms(world)
    measure_markets(world)
    sell(world)
    improve(world)
    pay_staff(world)
    close_firms(world)
    take_over_firms(world)
    found_firms(world)
    plan_firm_staff(world)
    # separations
    end_jobs(world)
    age_and_learn(world)
    # vacancies and pay
    open_posts(world)
    # search and matching
    search_and_match(world)
    # migration
    immigrate(world)
    leave_and_come_back(world)
    # signals
    find_what_binds(world)
    count_people(world)
    count_institutions(world)
    # outcomes
    count_outcomes(world)
    watch_over_use(world)
    # ledgers
    audit(world)


@driver
def pass_months(world, first, last):
    """Months ``first`` to ``last``; returns the last one that ran: the first that broke an invariant, if any did."""
    for month in range(first, last + 1):
        of_month = {"now": world.schedule[month], "series": world.history[month]}
        world = with_fields(world, **of_month, paid=world.books[month], bound=world.bindings[month])
        world.broken[:] = False
        one_month(world)
        if world.broken.any():
            return month
    return last
