"""Hospitals take AI up, domain by domain, and ask for the people it needs."""

import numpy as np

from agents.amounts import log_of, whole_count, whole_pay, whole_won
from agents.domains import DOMAINS, Binding, Place
from agents.firm import Product
from agents.hospital import (
    Stage,
    Tier,
    absorptive_capacity,
    adoption_log_odds,
    affordable_staff,
    fall_back_chance,
    friction,
    staff_gate,
    staff_per_unit,
    usable_data,
)
from agents.kernels import rule, stage, verb
from agents.randomness import Decision, chance_of, is_above, stem, uniform
from agents.trainee import State
from model.government import is_supported, pay_public
from model.ledger import Purpose
from model.world import REGIONS


@stage
def sum_skills(world):
    """Skill and pay at work are added up, in hospitals per domain, in firms in their own (rules H2b, F3)."""
    people, hospitals, firms = world.people, world.hospitals, world.firms
    hospitals.skill[: world.rows.hospitals] = 0.0
    hospitals.payroll_won_per_year[: world.rows.hospitals] = 0
    firms.skill[: world.rows.firms] = 0.0
    firms.payroll_won_per_year[: world.rows.firms] = 0
    for i in range(world.rows.people):
        employer = people.employer[i]
        if people.state[i] == State.HOSPITAL:
            hospitals.payroll_won_per_year[employer] += people.pay_won_per_year[i]
            for d in range(DOMAINS):
                hospitals.skill[employer, d] += people.skill[i, d]
        elif people.state[i] == State.FIRM:
            firms.payroll_won_per_year[employer] += people.pay_won_per_year[i]
            firms.skill[employer] += people.skill[i, firms.domain[employer]]
    for h in range(world.rows.hospitals):
        for d in range(DOMAINS):
            skill, beds = hospitals.skill[h, d], hospitals.beds[h]
            hospitals.absorptive[h, d] = absorptive_capacity(skill, beds, world.parameters)


@stage
def look_at_peers(world):
    """Hospitals that use AI are counted, per domain: in each region, and among tertiary hospitals (rule H2a)."""
    hospitals, domains = world.hospitals, world.domains
    count, using = np.zeros(REGIONS), np.zeros((DOMAINS, REGIONS))
    hubs, hubs_using = 0, np.zeros(DOMAINS)
    for h in range(world.rows.hospitals):
        region, hub = hospitals.region[h], hospitals.tier[h] == Tier.TERTIARY
        count[region] += 1.0
        hubs += hub
        for d in range(DOMAINS):
            if hospitals.stage[h, d] >= Stage.DEPLOYED:
                using[d, region] += 1.0
                hubs_using[d] += hub
    for d in range(DOMAINS):
        for region in range(REGIONS):
            domains.use_share[d, region] = using[d, region] / max(count[region], 1.0)
        domains.hub_use_share[d] = hubs_using[d] / max(hubs, 1)


@rule
def peer_exposure(neighbours_share, hubs_share, p):
    """What a hospital sees of AI use around it: its region, and the tertiary hospitals of the country (H2a)."""
    return (neighbours_share + p.tertiary_hub_weight * hubs_share) / (1.0 + p.tertiary_hub_weight)


@verb
def advance_log_odds(world, h, d):
    """Log-odds per month that hospital row ``h`` moves one stage up in domain ``d``, constraints aside (H2)."""
    hospitals, domains, now, p = world.hospitals, world.domains, world.now, world.parameters
    support_won = now.core_hospital_won_per_year if is_supported(world, h) else 0.0
    if hospitals.stage[h, d] == Stage.PILOT:
        support_won += subsidy_due(world, h, d)
    log_support = log_of(1.0 + support_won / hospitals.it_budget_won_per_year[h]) if support_won > 0.0 else 0.0
    return adoption_log_odds(
        peer_exposure(domains.use_share[d, hospitals.region[h]], domains.hub_use_share[d], p),
        hospitals.absorptive[h, d],
        hospitals.log_budget[h],
        log_support,
        domains.quality[d],
        friction(now.review_strictness, domains.paid_share[d], p),
        usable_data(now.data_access, hospitals.data_readiness[h], world.market.data_reach),
        now.log_demand,
        world.market.public_trust,
        p,
    )


@verb
def subsidy_due(world, h, d):
    """Subsidy for taking a domain into use, won; a hospital gets it once a domain, however often it begins (G2)."""
    return np.int64(0) if world.hospitals.subsidised[h, d] else whole_won(world.now.adoption_subsidy_won)


@stage
def adopt(world):
    """Each hospital may fall one stage back or move one up, in each domain (rules H1, H2, H2b, H5)."""
    hospitals, p, month = world.hospitals, world.parameters, world.now.month
    advance, fall_back = stem(world.seed, Decision.ADVANCE, month), stem(world.seed, Decision.FALL_BACK, month)
    for h in range(world.rows.hospitals):
        key = hospitals.key[h]
        for d in range(DOMAINS):
            present = hospitals.stage[h, d]
            hospitals.stage_months[h, d] += 1
            if hospitals.stage_months[h, d] < p.stage_months_min:
                continue
            if falls_back(world, h, d, uniform(fall_back, key, d)):
                hospitals.stage[h, d] = present - 1
                hospitals.stage_months[h, d] = 0
            elif advances(world, h, d, uniform(advance, key, d)):
                hospitals.stage[h, d] = present + 1
                hospitals.stage_months[h, d] = 0
                if present + 1 == Stage.DEPLOYED:
                    won = subsidy_due(world, h, d)
                    hospitals.subsidised[h, d] |= won > 0
                    pay_public(world, Purpose.ADOPTION_SUBSIDY, 0, won)


@verb
def falls_back(world, h, d, luck):
    """Whether a hospital gives up its present stage in a domain this month (rule H1)."""
    hospitals, p = world.hospitals, world.parameters
    present = hospitals.stage[h, d]
    if luck >= max(p.pilot_drop_per_month, p.abandon_per_month) or present < Stage.PILOT:
        return False
    return luck < fall_back_chance(present, hospitals.absorptive[h, d], p)


@verb
def advances(world, h, d, luck):
    """Whether a hospital moves one stage up in a domain this month (rules H2, H2b, H5)."""
    log_odds = advance_log_odds(world, h, d)
    if is_above(luck, log_odds) or world.hospitals.stage[h, d] == Stage.ROUTINE or not may_advance(world, h, d):
        return False
    return luck < chance_of(log_odds)


@verb
def may_advance(world, h, d):
    """Whether there are people enough for the next stage, and a product that may be used (rules H2b, H5)."""
    hospitals, p = world.hospitals, world.parameters
    following = hospitals.stage[h, d] + 1
    people = hospitals.staff[h] + p.vendor_staff
    usable = following < Stage.DEPLOYED or world.domains.usable_share[d] > 0.0
    return usable and people >= staff_gate(following, hospitals.beds[h], p)


@verb
def hospital_pay_ceiling(world):
    """Most that a hospital can post, won per year: its part of the pay follows firms' pay at a distance (L2, G4)."""
    ceiling = world.parameters.hospital_pay_ceiling_ratio * world.market.mean_pay_firms_won
    return ceiling / (1.0 - world.market.wage_match_share)


@stage
def plan_hospital_staff(world):
    """Staff that the stages call for is cut to what the budget pays; the domain of posts is chosen (rules H3, H4)."""
    hospitals, now, p = world.hospitals, world.now, world.parameters
    ceiling = hospital_pay_ceiling(world)
    own_part = 1.0 - world.market.wage_match_share
    pressure = now.demand_pressure**p.demand_on_need
    need_per_unit = np.zeros(Stage.ROUTINE + 1)
    for present in range(Stage.ROUTINE + 1):
        need_per_unit[present] = staff_per_unit(present, p) * pressure
    for h in range(world.rows.hospitals):
        units = hospitals.beds[h] / p.beds_unit
        total, least_served, widest_gap = 0.0, 0, -1e9
        for d in range(DOMAINS):
            need = units * need_per_unit[hospitals.stage[h, d]]
            total += need
            if need - hospitals.skill[h, d] > widest_gap:
                least_served, widest_gap = d, need - hospitals.skill[h, d]
        pay = max(hospitals.posted_pay_won_per_year[h], hospitals.payroll_won_per_year[h] / max(1, hospitals.staff[h]))
        affordable = affordable_staff(hospitals.it_budget_won_per_year[h], own_part * pay, now.demand_pressure, p)
        hospitals.needed_staff[h] = total
        hospitals.desired_staff[h] = whole_count(min(total + 0.5, affordable))
        hospitals.post_domain[h] = least_served
        hospitals.posted_pay_won_per_year[h] = min(hospitals.posted_pay_won_per_year[h], whole_pay(ceiling))


@stage
def find_what_binds(world):
    """What holds each hospital and firm back is named (see What binds)."""
    hospitals, firms, universities, bound = world.hospitals, world.firms, world.universities, world.bound
    for u in range(world.rows.universities):
        if universities.funded[u]:
            bound[Place.UNIVERSITIES, universities.binding[u]] += 1
    for f in range(world.rows.firms):
        if firms.active[f]:
            firms.binding[f] = scarcest_of_firm(world, f)
            bound[Place.FIRMS, firms.binding[f]] += 1
    for h in range(world.rows.hospitals):
        furthest = -1
        hospitals.main_binding[h] = Binding.NOTHING
        for d in range(DOMAINS):
            hospitals.binding[h, d] = scarcest(world, h, d)
            bound[Place.HOSPITALS_IMAGING + d, hospitals.binding[h, d]] += 1
            present = hospitals.stage[h, d]
            if present < Stage.ROUTINE and present > furthest:
                furthest = present
                hospitals.main_binding[h] = hospitals.binding[h, d]


@verb
def scarcest_of_firm(world, f):
    """What a firm lacks first: leave to sell, money, people, or else customers."""
    firms = world.firms
    if firms.product[f] == Product.NONE and not firms.in_sandbox[f]:
        return Binding.REGULATION if firms.review_months_left[f] >= 0 else Binding.PRODUCT
    if firms.cash_won[f] < 0:
        return Binding.BUDGET
    return Binding.STAFF if firms.vacancies[f] > 0 else Binding.DEMAND


@verb
def scarcest(world, h, d):
    """The constraint that stops a hospital in a domain, or else the one whose relief would help most."""
    hospitals, domains, now, p = world.hospitals, world.domains, world.now, world.parameters
    present = hospitals.stage[h, d]
    if present == Stage.ROUTINE:
        return Binding.NOTHING
    if present == Stage.UNAWARE:
        return Binding.DEMAND
    lacks_people = Binding.STAFF if hospitals.vacancies[h] > 0 else Binding.BUDGET
    if not may_advance(world, h, d):
        no_product = present + 1 >= Stage.DEPLOYED and domains.usable_share[d] <= 0.0
        return Binding.REGULATION if no_product else lacks_people

    binding, widest = lacks_people, 0.0
    if hospitals.needed_staff[h] >= 1.0:  # otherwise too small a need for a post: people are not what is missing
        widest = p.absorptive_on_adoption * (1.0 - hospitals.absorptive[h, d])
    money = -p.budget_on_adoption * hospitals.log_budget[h]
    rules = p.friction_on_adoption * friction(now.review_strictness, domains.paid_share[d], p)
    data = usable_data(now.data_access, hospitals.data_readiness[h], world.market.data_reach)
    if money > widest:
        binding, widest = Binding.BUDGET, money
    if rules > widest:
        binding, widest = Binding.REGULATION, rules
    if p.data_on_adoption * (1.0 - data) > widest:
        binding = Binding.DATA
    return binding
