"""Hospitals take AI up, domain by domain, and ask for the people it needs."""

from typing import NamedTuple

import numpy as np

from injae.agents.amounts import exp_of, log_of, whole_count, whole_pay, whole_won
from injae.agents.domains import DOMAINS
from injae.agents.hospital import AdoptionStage, Tier
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, expit, is_above, stream_key, uniform
from injae.agents.trainee import State
from injae.model.government import is_supported, pay_public
from injae.model.ledger import Purpose
from injae.model.pay import hospital_pay_ceiling
from injae.model.world import REGIONS


@rule
def absorptive_capacity(skill, beds, p):
    """How well a hospital can take AI in, 0 to 1: its people's skill against its size (rule H2b)."""
    if skill == 0.0:  # most hospitals: spares them the exponential
        return 0.0
    return 1.0 - exp_of(-skill / (1.0 + beds / p.beds_unit))


@process
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


@process
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
            if hospitals.stage[h, d] >= AdoptionStage.DEPLOYED:
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


@rule
def friction(review_strictness, paid_share, p):
    """Regulatory friction of a domain, 0 to 1: strict rules, and products nobody pays for (rules H2, H5)."""
    return p.rules_weight * review_strictness + (1.0 - p.rules_weight) * (1.0 - paid_share)


@rule
def usable_data(data_access, readiness, data_reach):
    """Data that AI can use in a hospital: access, and records that are ready or made ready (rules H2, G8)."""
    return data_access * (readiness + (1.0 - readiness) * data_reach)


class AdoptionDrivers(NamedTuple):
    """What moves a hospital to the next stage in a domain, or holds it (rule H2)."""

    peer: float  # exposure to AI use around it, share
    absorptive: float  # how well it can take AI in, share
    log_budget: float  # IT spending relative to the median hospital, in logs
    log_support: float  # log of one plus public money for adoption over its yearly IT budget (G2, G9)
    quality: float  # of the best product, share
    friction: float  # of regulation, share
    data: float  # that AI can use, share
    log_demand: float  # pressure of demand for care, in logs
    trust: float  # of the public, share


@rule
def adoption_log_odds(drivers, p):
    """Log-odds per month of moving one stage up, of the ``AdoptionDrivers`` (rule H2)."""
    return (
        p.adoption_base
        + p.peer_on_adoption * drivers.peer
        + p.absorptive_on_adoption * drivers.absorptive
        + p.budget_on_adoption * drivers.log_budget
        + p.support_on_adoption * drivers.log_support
        + p.quality_on_adoption * (drivers.quality - 0.5)
        - p.friction_on_adoption * drivers.friction
        + p.data_on_adoption * drivers.data
        + p.demand_on_adoption * drivers.log_demand
        + p.trust_on_adoption * (drivers.trust - p.trust_at_start)
    )


@rule
def advance_log_odds(world, h, d):
    """Log-odds per month that hospital row ``h`` moves one stage up in domain ``d``, constraints aside (H2)."""
    hospitals, domains, now, p = world.hospitals, world.domains, world.now, world.parameters
    support_won = now.core_hospital_won_per_year if is_supported(world, h) else 0.0
    if hospitals.stage[h, d] == AdoptionStage.PILOT:
        support_won += subsidy_due(world, h, d)
    log_support = log_of(1.0 + support_won / hospitals.it_budget_won_per_year[h]) if support_won > 0.0 else 0.0
    drivers = AdoptionDrivers(
        peer_exposure(domains.use_share[d, hospitals.region[h]], domains.hub_use_share[d], p),
        hospitals.absorptive[h, d],
        hospitals.log_budget[h],
        log_support,
        domains.quality[d],
        friction(now.review_strictness, domains.paid_share[d], p),
        usable_data(now.data_access, hospitals.data_readiness[h], world.market.data_reach),
        now.log_demand,
        world.market.public_trust,
    )
    return adoption_log_odds(drivers, p)


@rule
def subsidy_due(world, h, d):
    """Subsidy for taking a domain into use, won; a hospital gets it once a domain, however often it begins (G2)."""
    return np.int64(0) if world.hospitals.subsidised[h, d] else whole_won(world.now.adoption_subsidy_won)


@process
def adopt(world):
    """Each hospital may fall one stage back or move one up, in each domain (rules H1, H2, H2b, H5)."""
    hospitals, p, month = world.hospitals, world.parameters, world.now.month
    advance, fall_back = (
        stream_key(world.seed, Decision.ADVANCE, month),
        stream_key(world.seed, Decision.FALL_BACK, month),
    )
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
                if present + 1 == AdoptionStage.DEPLOYED:
                    won = subsidy_due(world, h, d)
                    hospitals.subsidised[h, d] |= won > 0
                    pay_public(world, Purpose.ADOPTION_SUBSIDY, 0, won)


@rule
def fall_back_probability(stage, absorptive, p):
    """Probability per month of falling one stage back: pilots end, deployed use is given up (rule H1)."""
    base = p.pilot_drop_per_month if stage == AdoptionStage.PILOT else p.abandon_per_month
    return base * exp_of(-p.absorptive_on_fall_back * absorptive)


@rule
def falls_back(world, h, d, variate):
    """Whether a hospital gives up its present stage in a domain this month (rule H1)."""
    hospitals, p = world.hospitals, world.parameters
    present = hospitals.stage[h, d]
    if variate >= max(p.pilot_drop_per_month, p.abandon_per_month) or present < AdoptionStage.PILOT:
        return False
    return variate < fall_back_probability(present, hospitals.absorptive[h, d], p)


@rule
def advances(world, h, d, variate):
    """Whether a hospital moves one stage up in a domain this month (rules H2, H2b, H5)."""
    log_odds = advance_log_odds(world, h, d)
    if (
        is_above(variate, log_odds)
        or world.hospitals.stage[h, d] == AdoptionStage.ROUTINE
        or not may_advance(world, h, d)
    ):
        return False
    return variate < expit(log_odds)


@rule
def staff_gate(next_stage, beds, p):
    """Specialists, own or lent by vendors, without whom a hospital cannot move to a stage (rule H2b)."""
    size = min(1.0, beds / p.beds_unit)
    if next_stage == AdoptionStage.ROUTINE:
        return p.gate_routine * size
    if next_stage == AdoptionStage.DEPLOYED:
        return p.gate_deployed * size
    return p.gate_pilot * size if next_stage == AdoptionStage.PILOT else 0.0


@rule
def may_advance(world, h, d):
    """Whether there are people enough for the next stage, and a product that may be used (rules H2b, H5)."""
    hospitals, p = world.hospitals, world.parameters
    following = hospitals.stage[h, d] + 1
    people = hospitals.staff[h] + p.vendor_staff
    usable = following < AdoptionStage.DEPLOYED or world.domains.usable_share[d] > 0.0
    return usable and people >= staff_gate(following, hospitals.beds[h], p)


@rule
def staff_per_unit(stage, p):
    """Specialists one domain in a stage calls for, per ``beds_unit`` beds (rule H3)."""
    if stage == AdoptionStage.ROUTINE:
        return p.need_routine
    if stage == AdoptionStage.DEPLOYED:
        return p.need_deployed
    if stage == AdoptionStage.PILOT:
        return p.need_pilot
    return p.need_interested if stage == AdoptionStage.INTERESTED else 0.0


@rule
def affordable_staff(it_budget_won_per_year, pay_won_per_year, demand, p):
    """Specialists that the part of the IT budget meant for AI staff can pay (rule H3)."""
    return p.ai_staff_budget_share * it_budget_won_per_year * demand / pay_won_per_year


@process
def plan_hospital_staff(world):
    """Staff that the stages call for is cut to what the budget pays; the domain of posts is chosen (rules H3, H4)."""
    hospitals, now, p = world.hospitals, world.now, world.parameters
    ceiling = hospital_pay_ceiling(world)
    own_part = 1.0 - world.market.wage_match_share
    pressure = now.demand_pressure**p.demand_on_need
    need_per_unit = np.zeros(AdoptionStage.ROUTINE + 1)
    for present in range(AdoptionStage.ROUTINE + 1):
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
