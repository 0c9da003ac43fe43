"""Products: what they are worth, who sells them, how they get better and pass review (rules F1 to F3, H5, H6)."""

import numpy as np

from injae.agents.amounts import MOST_WON, exp_of, whole_won
from injae.agents.domains import DOMAINS
from injae.agents.firm import Product
from injae.agents.hospital import AdoptionStage
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw
from injae.model.government import pay_public
from injae.model.ledger import Purpose, book


@rule
def sales_weight(quality, productivity, staff, p):
    """Weight of a firm in its market; shares are weights over their sum (rule F1)."""
    return exp_of(p.quality_on_share * quality) * productivity * staff**p.staff_on_share


@process
def measure_markets(world):
    """Beds under paid use, and quality, usability and payment of products, are measured per domain (F1, F2, H5)."""
    hospitals, firms, domains, p = world.hospitals, world.firms, world.domains, world.parameters
    use = np.zeros(AdoptionStage.ROUTINE + 1)
    for reached in range(AdoptionStage.ROUTINE + 1):
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


@rule
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
    if stage_reached == AdoptionStage.ROUTINE:
        return p.routine_use
    if stage_reached == AdoptionStage.DEPLOYED:
        return 1.0
    return p.pilot_use if stage_reached == AdoptionStage.PILOT else 0.0


@process
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


@process
def receive(world, f, purpose, won):
    """A firm is paid."""
    world.firms.cash_won[f] += won
    book(world, purpose, 0, won)


@process
def receive_public(world, f, purpose, won):
    """A firm is paid from public funds."""
    world.firms.cash_won[f] += won
    pay_public(world, purpose, 0, won)


@rule
def income_of(world, f):
    """Income of a firm this month, won: sales, other income and public support."""
    firms = world.firms
    return firms.home_revenue_won[f] + firms.exports_won[f] + firms.other_income_won[f] + firms.support_won[f]


@rule
def research_speed(computing_reach, in_joint_project, p):
    """Speed of research relative to a firm on its own: national computing, a project with a university (G7, G8)."""
    return (1.0 + computing_reach) * (1.0 + (p.joint_on_research if in_joint_project else 0.0))


@rule
def improvement_probability(skill, data_access, p):
    """Probability per month of a better product version, from the skill at work and access to data (rule F3)."""
    return 1.0 - exp_of(-p.improvement_per_skill_month * skill * (p.data_floor + data_access))


@rule
def approval_probability(review_strictness, p):
    """Probability that a reviewed version is approved (rule H5)."""
    return 1.0 - p.strictness_on_rejection * review_strictness


@process
def improve(world):
    """Quality ages; reviews end and research starts new ones; provisional listings end (rules F3, H5, H6)."""
    firms, now, p = world.firms, world.now, world.parameters
    passing = approval_probability(now.review_strictness, p)
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
            probability = improvement_probability(speed * firms.skill[f], now.data_access, p)
            if draw(world.seed, Decision.IMPROVE, key, now.month) < probability:
                firms.review_months_left[f] = int(now.review_months)
                if firms.product[f] == Product.NONE and places < now.sandbox_places:
                    firms.in_sandbox[f] = True
                    places += 1
        list_product(world, f)


@rule
def reimbursement_probability(quality, p):
    """Probability that a provisional listing ends in reimbursement rather than withdrawal (rule H5)."""
    return p.reimbursement_floor + (1.0 - p.reimbursement_floor) * quality


@process
def list_product(world, f):
    """After its provisional time a product is paid for by insurance or withdrawn (rule H5)."""
    firms, p = world.firms, world.parameters
    firms.product_months[f] += 1
    if firms.product[f] == Product.PROVISIONAL and firms.product_months[f] >= p.provisional_months:
        probability = reimbursement_probability(firms.quality[f], p)
        paid = draw(world.seed, Decision.LISTING, firms.key[f], world.now.month) < probability
        set_product(world, f, Product.REIMBURSED if paid else Product.NONE)


@process
def set_product(world, f, status):
    """Change what the regulator allows."""
    world.firms.product[f] = status
    world.firms.product_months[f] = 0
