"""One month, in the order of docs/model.md: the whole model on one screen."""

from agents.borrowing import borrow
from agents.kernels import process
from model.adoption import adopt, look_at_peers, plan_hospital_staff, sum_skills
from model.constraints import find_what_binds
from model.education import admit, retrain_clinicians, train
from model.firms import close_firms, found_firms, pay_staff, plan_firm_staff, support_firms
from model.government import choose_universities, invest, match_wages, pay_grants, support_core_hospitals
from model.jobs import age_and_learn, end_jobs
from model.labour import open_posts, search_and_match
from model.laws import audit
from model.migration import immigrate, leave_and_come_back
from model.outcomes import count_outcomes, watch_over_use
from model.products import improve, measure_markets, sell
from model.signals import begin_record, count_institutions, count_people
from model.takeovers import take_over_firms
from model.universities import hire_teachers, open_seats, rate_universities, spend
from model.world import OF_ALL_MONTHS, World


@process
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


@process
def pass_months(world, first, last):
    """Months ``first`` to ``last``; returns the last one that ran, which is the first that broke a law if any did."""
    for month in range(first, last + 1):
        of_month = (world.schedule[month], world.history[month], world.books[month], world.bindings[month])
        this = World(*(world[:OF_ALL_MONTHS] + of_month))
        this.broken[:] = False
        one_month(borrow(this))
        if this.broken.any():
            return month
    return last
