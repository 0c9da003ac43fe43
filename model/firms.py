"""Firms: support, staff, entry and exit (rules F4 to F6, G5 to G7)."""

import numpy as np

from injae.agents.amounts import exp_of, log_of, whole_count, whole_pay, whole_won
from injae.agents.firm import FirmClass, Product
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, fold_in, probit, stochastic_round, stream_key, uniform
from injae.agents.trainee import State
from injae.model.government import hospital_pay
from injae.model.ledger import Purpose, book
from injae.model.moves import found_firm, leave_job
from injae.model.products import income_of, receive, receive_public
from injae.model.universities import choose_senior, senior_practitioners
from injae.model.world import Event

VOUCHER_MONTHS = 12
YOUNG_MONTHS = 84  # the start-up surveys follow seven cohorts


@process
def support_firms(world):
    """Vouchers and joint projects are given, and paid while they run (rules G6, G7)."""
    firms, universities, now, p = world.firms, world.universities, world.now, world.parameters
    month, seed = now.month, world.seed
    for f in range(world.rows.firms):
        firms.voucher_months_left[f] = max(0, firms.voucher_months_left[f] - 1)
        firms.joint_months_left[f] = max(0, firms.joint_months_left[f] - 1)
    for u in range(world.rows.universities):
        universities.joint_months_left[u] = max(0, universities.joint_months_left[u] - 1)
    vouchers = stochastic_round(now.vouchers_per_year / 12.0, draw(seed, Decision.VOUCHER, np.uint64(0), month))
    for number in range(vouchers):
        f = choose_firm(world, Decision.VOUCHER, number, FirmClass.STARTUP)
        if f >= 0:
            firms.voucher_months_left[f] = VOUCHER_MONTHS
    projects = stochastic_round(
        now.joint_projects_per_year / 12.0, draw(seed, Decision.JOINT_FIRM, np.uint64(0), month)
    )
    for number in range(projects):
        f = choose_firm(world, Decision.JOINT_FIRM, number, -1)
        if f >= 0:
            firms.joint_months_left[f] = int(p.joint_project_months)
            universities.joint_months_left[choose_university(world, number)] = int(p.joint_project_months)
    voucher = whole_won(p.voucher_won / VOUCHER_MONTHS)
    joint = whole_won(p.joint_project_won / int(p.joint_project_months))
    for f in range(world.rows.firms):
        firms.support_won[f] = 0
        if firms.active[f] and firms.voucher_months_left[f] > 0:
            firms.support_won[f] += voucher
            receive_public(world, f, Purpose.VOUCHER, voucher)
        if firms.active[f] and firms.joint_months_left[f] > 0:
            firms.support_won[f] += joint
            receive_public(world, f, Purpose.JOINT_RESEARCH, joint)


@rule
def choose_firm(world, decision, number, firm_class):
    """A firm without such support, of a class or of any (-1), each with the same probability; -1 if there is none."""
    firms = world.firms
    best, best_priority = -1, 2.0
    bits = fold_in(stream_key(world.seed, decision, world.now.month), np.uint64(1), number)
    for f in range(world.rows.firms):
        months_left = firms.voucher_months_left[f] if decision == Decision.VOUCHER else firms.joint_months_left[f]
        if firms.active[f] and months_left == 0 and (firm_class < 0 or firms.firm_class[f] == firm_class):
            priority = uniform(bits, firms.key[f])
            if priority < best_priority:
                best, best_priority = f, priority
    return best


@rule
def choose_university(world, number):
    """The university of a joint project, each with the same probability."""
    best, best_priority = 0, 2.0
    bits = fold_in(stream_key(world.seed, Decision.JOINT_UNIVERSITY, world.now.month), np.uint64(1), number)
    for u in range(world.rows.universities):
        priority = uniform(bits, world.universities.key[u])
        if priority < best_priority:
            best, best_priority = u, priority
    return best


@process
def pay_out(world, f, purpose, won):
    """A firm pays."""
    world.firms.cash_won[f] -= won
    book(world, purpose, 0, won)


@process
def pay_staff(world):
    """Hospitals and firms pay their specialists; firms pay their other costs (rules F4, G5)."""
    firms, p = world.firms, world.parameters
    book(world, Purpose.HOSPITAL_PAY, 0, hospital_pay(world))
    for f in range(world.rows.firms):
        if firms.active[f]:
            pay_won = firms.payroll_won_per_year[f] // 12
            pay_out(world, f, Purpose.FIRM_PAY, pay_won)
            receive_public(world, f, Purpose.TAX_CREDIT, whole_won(world.now.tax_credit_share * pay_won))
            pay_out(world, f, Purpose.OTHER_COSTS, whole_won((1.0 - p.specialist_pay_share) * income_of(world, f)))


@rule
def payable_staff(income_won_per_month, pay_won_per_year, p):
    """Specialists that an income can pay (rule F4)."""
    return p.specialist_pay_share * income_won_per_month * 12.0 / pay_won_per_year


@rule
def planned_staff(payable, planned_before, p):
    """Staff a firm plans for: what it can pay, but growing by at most a share a month (rule F4)."""
    limit = max(planned_before + 1.0, planned_before * (1.0 + p.staff_growth_max_per_month))
    return whole_count(min(payable, limit) + 0.5)


@process
def plan_firm_staff(world):
    """Other income takes its shock; planned staff follow smoothed income (rules F4, G5)."""
    firms, p, month = world.firms, world.parameters, world.now.month
    drift = log_of(1.0 + p.finance_growth_per_year) / 12.0 - 0.5 * p.finance_sd_per_month**2
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        shock = probit(draw(world.seed, Decision.FINANCE, firms.key[f], month))
        firms.other_income_won[f] = whole_won(
            firms.other_income_won[f] * exp_of(drift + p.finance_sd_per_month * shock)
        )
        firms.smooth_income_won[f] += (income_of(world, f) - firms.smooth_income_won[f]) / p.plan_smoothing_months
        own_part = 1.0 - world.now.tax_credit_share
        payable = payable_staff(firms.smooth_income_won[f], own_part * firms.posted_pay_won_per_year[f], p)
        firms.desired_staff[f] = planned_staff(payable, firms.desired_staff[f], p)


@rule
def exit_probability(age_months, firm_class, p):
    """Probability per month that a firm closes for other reasons than money; the young are at risk (rule F5)."""
    if firm_class == FirmClass.CONGLOMERATE:
        return 0.0
    return p.exit_per_month + (p.infant_exit_per_month if age_months < p.infant_months else 0.0)


@process
def close_firms(world):
    """Firms close after long debt or by hazard; their staff look for work (rule F5)."""
    firms, p, month = world.firms, world.parameters, world.now.month
    closing = np.zeros(world.rows.hospitals + world.rows.firms, np.bool_)  # room to look up any employer
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        firms.months_in_red[f] = firms.months_in_red[f] + 1 if firms.cash_won[f] < 0 else 0
        probability = exit_probability(month - firms.founded_month[f], firms.firm_class[f], p)
        variate = draw(world.seed, Decision.FIRM_EXIT, firms.key[f], month)
        insolvent = firms.months_in_red[f] >= p.months_in_red_max and firms.firm_class[f] != FirmClass.CONGLOMERATE
        closing[f] = insolvent or variate < probability
    if not closing.any():
        return
    people = world.people
    for i in range(world.rows.people):
        if closing[people.employer[i]] and people.state[i] == State.FIRM:
            leave_job(world, i, Event.EMPLOYER_CLOSED, 1.0, 0.0)
    for f in range(world.rows.firms):
        if closing[f]:
            close(world, f)


@process
def close(world, f):
    """Wind a firm up: what is left goes to its investors, who also bear its debts."""
    firms = world.firms
    cash = firms.cash_won[f]
    if cash >= 0:
        pay_out(world, f, Purpose.LIQUIDATION, cash)
    else:
        receive(world, f, Purpose.RESCUE, -cash)
    end_business(world, f)
    world.series.firms_exited += 1
    world.series.young_firms_exited += is_young(world.now.month - firms.founded_month[f])


@rule
def is_young(age_months):
    """Whether a firm belongs to the cohorts that start-up surveys follow: founded in the last seven years."""
    return age_months < YOUNG_MONTHS


@process
def end_business(world, f):
    """A firm that is wound up, or part of another now, plans, earns and sells nothing."""
    firms = world.firms
    firms.active[f] = False
    firms.desired_staff[f] = 0
    firms.vacancies[f] = 0
    firms.decisions[f] = 0
    firms.home_revenue_won[f] = 0
    firms.exports_won[f] = 0
    firms.other_income_won[f] = 0
    firms.support_won[f] = 0
    firms.in_sandbox[f] = False


@rule
def most_entries(firms):
    """Firms that can be founded in one month: a tenth of those in business, but one in any case (F6)."""
    return max(1, firms // 10)


@process
def found_firms(world):
    """Senior practitioners found firms, more of them as hospitals use more AI (rules E4, F6)."""
    firms, domains, p, month = world.firms, world.domains, world.parameters, world.now.month
    active = 0
    for f in range(world.rows.firms):
        active += firms.active[f]
    use = domains.used_beds.sum() / max(domains.start_used_beds.sum(), 1.0)
    expected = p.entry_per_month * active * use**p.use_on_entry
    variate = draw(world.seed, Decision.FIRM_ENTRY, np.uint64(0), month)
    count = min(stochastic_round(expected, variate), most_entries(active))
    if count == 0:
        return
    seniors = senior_practitioners(world)
    for number in range(count):
        founder = choose_senior(world, seniors, Decision.FOUNDER, np.uint64(0), number)
        if founder < 0:
            break
        start_firm(world, founder)


@process
def start_firm(world, founder):
    """A founder starts a firm in the domain of greatest skill, with seed money and a first product idea."""
    firms, people, p, month = world.firms, world.people, world.parameters, world.now.month
    f = world.rows.firms
    world.rows.firms = f + 1
    d = np.argmax(people.skill[founder])
    firms.key[f] = fold_in(stream_key(0, Decision.INSTITUTION_KEY, month), people.key[founder])
    firms.firm_class[f] = FirmClass.STARTUP
    firms.domain[f] = d
    firms.active[f] = True
    firms.founded_month[f] = month
    firms.quality[f] = min(1.0, p.founder_quality * world.domains.quality[d])
    firms.productivity[f] = 1.0
    firms.product[f] = Product.NONE
    firms.review_months_left[f] = -1
    firms.posted_pay_won_per_year[f] = whole_pay(world.market.mean_pay_firms_won)
    firms.other_income_won[f] = whole_won(p.seed_won / p.seed_months)
    firms.smooth_income_won[f] = p.seed_won / p.seed_months
    firms.desired_staff[f] = 1
    pay = people.pay_won_per_year[founder]
    found_firm(world, founder, f, pay, 1.0, 0.0)
    world.series.firms_entered += 1
