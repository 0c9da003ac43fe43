"""Firms sell, improve their products, pass review, plan staff, close and are founded."""

import numpy as np

from agents.amounts import MOST_WON, exp_of, log_of, whole_pay, whole_won
from agents.domains import DOMAINS
from agents.firm import (
    FirmClass,
    Product,
    approval_chance,
    exit_chance,
    improvement_chance,
    is_young,
    payable_staff,
    planned_staff,
    reimbursement_chance,
    research_speed,
    sales_weight,
)
from agents.hospital import Stage
from agents.kernels import rule, stage, verb
from agents.randomness import Decision, branch, draw, normal, stem, uniform, whole
from agents.trainee import State
from model.education import choose_senior, senior_practitioners
from model.government import hospital_pay, pay_public
from model.ledger import Purpose, book
from model.moves import found_firm, leave_job
from model.world import Event

VOUCHER_MONTHS = 12


@stage
def measure_markets(world):
    """Beds under paid use, and quality, usability and payment of products, are measured per domain (F1, F2, H5)."""
    hospitals, firms, domains, p = world.hospitals, world.firms, world.domains, world.parameters
    use = np.zeros(Stage.ROUTINE + 1)
    for reached in range(Stage.ROUTINE + 1):
        use[reached] = paid_use(reached, p)
    domains.used_beds[:] = 0.0
    for h in range(world.rows.hospitals):
        for d in range(DOMAINS):
            domains.used_beds[d] += hospitals.beds[h] * use[hospitals.stage[h, d]]
    total, quality, usable, paid = np.zeros(DOMAINS), np.zeros(DOMAINS), np.zeros(DOMAINS), np.zeros(DOMAINS)
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        d = firms.domain[f]
        weight = sales_weight(firms.quality[f], firms.productivity[f], firms.staff[f], p)
        total[d] += weight
        quality[d] += weight * firms.quality[f]
        if may_sell(world, f):
            usable[d] += weight
        paid[d] += weight * payment(firms.product[f], p)
    for d in range(DOMAINS):
        domains.sales_weight[d] = usable[d]
        weights = total[d] if total[d] > 0.0 else 1.0  # a domain without firms has no product at all
        domains.quality[d] = quality[d] / weights
        domains.usable_share[d] = usable[d] / weights
        topped_up = world.now.reimbursement_share * (usable[d] - paid[d])
        domains.topped_up_share[d] = topped_up / usable[d] if usable[d] > 0.0 else 0.0
        domains.paid_share[d] = (paid[d] + topped_up) / weights


@verb
def may_sell(world, f):
    """Whether a firm has a product that hospitals may use (rules H5, H6)."""
    return world.firms.product[f] != Product.NONE or world.firms.in_sandbox[f]


@rule
def payment(product, p):
    """Payment for a product relative to full reimbursement (rule H5)."""
    if product == Product.REIMBURSED:
        return 1.0
    return p.provisional_payment if product == Product.PROVISIONAL else 0.0


@rule
def paid_use(stage_reached, p):
    """Paid use of a product relative to a deployed one (rule F2)."""
    if stage_reached == Stage.ROUTINE:
        return p.routine_use
    if stage_reached == Stage.DEPLOYED:
        return 1.0
    return p.pilot_use if stage_reached == Stage.PILOT else 0.0


@stage
def sell(world):
    """Firms with a usable product share home sales and exports; all income is booked (rules F1, F2)."""
    firms, domains, p = world.firms, world.domains, world.parameters
    fee = p.product_won_per_bed_year / 12.0
    export_market = p.export_market_won_per_month * (1.0 + world.now.export_market)
    for d in range(DOMAINS):
        pay_public(world, Purpose.REIMBURSEMENT, 0, whole_won(domains.topped_up_share[d] * fee * domains.used_beds[d]))
        foreign = 1.0 - p.domestic_product_share if domains.sales_weight[d] > 0.0 else 1.0
        book(world, Purpose.IMPORTED_PRODUCTS, 0, whole_won(foreign * fee * domains.used_beds[d]))
    everything = domains.sales_weight.sum()
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        firms.home_revenue_won[f] = 0
        firms.exports_won[f] = 0
        if may_sell(world, f):
            d = firms.domain[f]
            weight = sales_weight(firms.quality[f], firms.productivity[f], firms.staff[f], p)
            home_market = p.domestic_product_share * fee * domains.used_beds[d]
            if domains.sales_weight[d] > 0.0:
                firms.home_revenue_won[f] = whole_won(home_market * weight / domains.sales_weight[d])
            standing = (domains.quality[d] / p.quality_mean) ** p.quality_on_exports
            if everything > 0.0:
                market = min(export_market * standing, MOST_WON)  # firms have parts of it, so that they add up
                firms.exports_won[f] = whole_won(market * weight / everything)
        receive(world, f, Purpose.PRODUCTS, firms.home_revenue_won[f])
        receive(world, f, Purpose.EXPORTS, firms.exports_won[f])
        receive(world, f, Purpose.OTHER_INCOME, firms.other_income_won[f])
        world.series.revenue_won += firms.home_revenue_won[f] + firms.exports_won[f]
        world.series.exports_won += firms.exports_won[f]


@verb
def receive(world, f, purpose, won):
    """A firm is paid."""
    world.firms.cash_won[f] += won
    book(world, purpose, 0, won)


@verb
def receive_public(world, f, purpose, won):
    """A firm is paid from public funds."""
    world.firms.cash_won[f] += won
    pay_public(world, purpose, 0, won)


@verb
def income_of(world, f):
    """Income of a firm this month, won: sales, other income and public support."""
    firms = world.firms
    return firms.home_revenue_won[f] + firms.exports_won[f] + firms.other_income_won[f] + firms.support_won[f]


@stage
def support_firms(world):
    """Vouchers and joint projects are given, and paid while they run (rules G6, G7)."""
    firms, universities, now, p = world.firms, world.universities, world.now, world.parameters
    month, seed = now.month, world.seed
    for f in range(world.rows.firms):
        firms.voucher_months_left[f] = max(0, firms.voucher_months_left[f] - 1)
        firms.joint_months_left[f] = max(0, firms.joint_months_left[f] - 1)
    for u in range(world.rows.universities):
        universities.joint_months_left[u] = max(0, universities.joint_months_left[u] - 1)
    vouchers = whole(now.vouchers_per_year / 12.0, draw(seed, Decision.VOUCHER, np.uint64(0), month))
    for number in range(vouchers):
        f = choose_firm(world, Decision.VOUCHER, number, FirmClass.STARTUP)
        if f >= 0:
            firms.voucher_months_left[f] = VOUCHER_MONTHS
    projects = whole(now.joint_projects_per_year / 12.0, draw(seed, Decision.JOINT_FIRM, np.uint64(0), month))
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


@verb
def choose_firm(world, decision, number, firm_class):
    """A firm without such support, of a class or of any (-1), each with the same chance; -1 if there is none."""
    firms = world.firms
    best, best_priority = -1, 2.0
    bits = branch(stem(world.seed, decision, world.now.month), np.uint64(1), number)
    for f in range(world.rows.firms):
        months_left = firms.voucher_months_left[f] if decision == Decision.VOUCHER else firms.joint_months_left[f]
        if firms.active[f] and months_left == 0 and (firm_class < 0 or firms.firm_class[f] == firm_class):
            priority = uniform(bits, firms.key[f])
            if priority < best_priority:
                best, best_priority = f, priority
    return best


@verb
def choose_university(world, number):
    """The university of a joint project, each with the same chance."""
    best, best_priority = 0, 2.0
    bits = branch(stem(world.seed, Decision.JOINT_UNIVERSITY, world.now.month), np.uint64(1), number)
    for u in range(world.rows.universities):
        priority = uniform(bits, world.universities.key[u])
        if priority < best_priority:
            best, best_priority = u, priority
    return best


@stage
def spend(world, f, purpose, won):
    """A firm pays."""
    world.firms.cash_won[f] -= won
    book(world, purpose, 0, won)


@stage
def pay_staff(world):
    """Hospitals and firms pay their specialists; firms pay their other costs (rules F4, G5)."""
    firms, p = world.firms, world.parameters
    book(world, Purpose.HOSPITAL_PAY, 0, hospital_pay(world))
    for f in range(world.rows.firms):
        if firms.active[f]:
            pay_won = firms.payroll_won_per_year[f] // 12
            spend(world, f, Purpose.FIRM_PAY, pay_won)
            receive_public(world, f, Purpose.TAX_CREDIT, whole_won(world.now.tax_credit_share * pay_won))
            spend(world, f, Purpose.OTHER_COSTS, whole_won((1.0 - p.specialist_pay_share) * income_of(world, f)))


@stage
def improve(world):
    """Quality ages; reviews end and research starts new ones; provisional listings end (rules F3, H5, H6)."""
    firms, now, p = world.firms, world.now, world.parameters
    passing = approval_chance(now.review_strictness, p)
    places = firms.in_sandbox[: world.rows.firms].sum()
    place_won = whole_won(p.sandbox_place_won_per_year / 12.0)
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        key = firms.key[f]
        firms.quality[f] *= 1.0 - p.quality_decay_per_month
        if firms.review_months_left[f] > 0:
            firms.review_months_left[f] -= 1
        if firms.in_sandbox[f]:
            pay_public(world, Purpose.SANDBOX, 0, place_won)
        if firms.review_months_left[f] == 0:
            firms.review_months_left[f] = -1
            places -= firms.in_sandbox[f]
            firms.in_sandbox[f] = False
            if draw(world.seed, Decision.REVIEW, key, now.month) < passing:
                firms.quality[f] += p.improvement_step * (1.0 - firms.quality[f])
                world.series.products_approved_cumulative += 1
                if firms.product[f] == Product.NONE:
                    set_product(world, f, Product.PROVISIONAL)
        elif firms.review_months_left[f] < 0:
            speed = research_speed(world.market.computing_reach, firms.joint_months_left[f] > 0, p)
            chance = improvement_chance(speed * firms.skill[f], now.data_access, p)
            if draw(world.seed, Decision.IMPROVE, key, now.month) < chance:
                firms.review_months_left[f] = int(now.review_months)
                if firms.product[f] == Product.NONE and places < now.sandbox_places:
                    firms.in_sandbox[f] = True
                    places += 1
        list_product(world, f)


@verb
def list_product(world, f):
    """After its provisional time a product is paid for by insurance or withdrawn (rule H5)."""
    firms, p = world.firms, world.parameters
    firms.product_months[f] += 1
    if firms.product[f] == Product.PROVISIONAL and firms.product_months[f] >= p.provisional_months:
        chance = reimbursement_chance(firms.quality[f], p)
        paid = draw(world.seed, Decision.LISTING, firms.key[f], world.now.month) < chance
        set_product(world, f, Product.REIMBURSED if paid else Product.NONE)


@verb
def set_product(world, f, status):
    """Change what the regulator allows."""
    world.firms.product[f] = status
    world.firms.product_months[f] = 0


@stage
def plan_firm_staff(world):
    """Other income takes its shock; planned staff follow smoothed income (rules F4, G5)."""
    firms, p, month = world.firms, world.parameters, world.now.month
    drift = log_of(1.0 + p.finance_growth_per_year) / 12.0 - 0.5 * p.finance_sd_per_month**2
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        shock = normal(draw(world.seed, Decision.FINANCE, firms.key[f], month))
        firms.other_income_won[f] = whole_won(
            firms.other_income_won[f] * exp_of(drift + p.finance_sd_per_month * shock)
        )
        firms.smooth_income_won[f] += (income_of(world, f) - firms.smooth_income_won[f]) / p.plan_smoothing_months
        own_part = 1.0 - world.now.tax_credit_share
        payable = payable_staff(firms.smooth_income_won[f], own_part * firms.posted_pay_won_per_year[f], p)
        firms.desired_staff[f] = planned_staff(payable, firms.desired_staff[f], p)


@stage
def close_firms(world):
    """Firms close after long debt or by hazard; their staff look for work (rule F5)."""
    firms, p, month = world.firms, world.parameters, world.now.month
    closing = np.zeros(world.rows.hospitals + world.rows.firms, np.bool_)  # room to look up any employer
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        firms.months_in_red[f] = firms.months_in_red[f] + 1 if firms.cash_won[f] < 0 else 0
        chance = exit_chance(month - firms.founded_month[f], firms.firm_class[f], p)
        luck = draw(world.seed, Decision.FIRM_EXIT, firms.key[f], month)
        insolvent = firms.months_in_red[f] >= p.months_in_red_max and firms.firm_class[f] != FirmClass.CONGLOMERATE
        closing[f] = insolvent or luck < chance
    if not closing.any():
        return
    people = world.people
    for i in range(world.rows.people):
        if closing[people.employer[i]] and people.state[i] == State.FIRM:
            leave_job(world, i, Event.EMPLOYER_CLOSED, 1.0, 0.0)
    for f in range(world.rows.firms):
        if closing[f]:
            close(world, f)


@stage
def close(world, f):
    """Wind a firm up: what is left goes to its investors, who also bear its debts."""
    firms = world.firms
    cash = firms.cash_won[f]
    if cash >= 0:
        spend(world, f, Purpose.LIQUIDATION, cash)
    else:
        receive(world, f, Purpose.RESCUE, -cash)
    end_business(world, f)
    world.series.firms_exited += 1
    world.series.young_firms_exited += is_young(world.now.month - firms.founded_month[f])


@verb
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


@stage
def found_firms(world):
    """Senior practitioners found firms, more of them as hospitals use more AI (rules E4, F6)."""
    firms, domains, p, month = world.firms, world.domains, world.parameters, world.now.month
    active = 0
    for f in range(world.rows.firms):
        active += firms.active[f]
    use = domains.used_beds.sum() / max(domains.start_used_beds.sum(), 1.0)
    expected = p.entry_per_month * active * use**p.use_on_entry
    luck = draw(world.seed, Decision.FIRM_ENTRY, np.uint64(0), month)
    count = min(whole(expected, luck), most_entries(active))
    if count == 0:
        return
    seniors = senior_practitioners(world)
    for number in range(count):
        founder = choose_senior(world, seniors, Decision.FOUNDER, np.uint64(0), number)
        if founder < 0:
            break
        start_firm(world, founder)


@stage
def start_firm(world, founder):
    """A founder starts a firm in the domain of greatest skill, with seed money and a first product idea."""
    firms, people, p, month = world.firms, world.people, world.parameters, world.now.month
    f = world.rows.firms
    world.rows.firms = f + 1
    d = np.argmax(people.skill[founder])
    firms.key[f] = branch(stem(0, Decision.INSTITUTION_KEY, month), people.key[founder])
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
