"""What people are worth to employers, and employers to people (rules L4 to L6)."""

from injae.agents.amounts import log_of
from injae.agents.domains import DOMAINS
from injae.agents.kernels import rule
from injae.agents.randomness import Decision, irwin_hall, stream_key
from injae.agents.trainee import State


@rule
def match_quality(skill_in_domain, mean_skill, p):
    """Fit of a person to a post, 0 to 1: mostly the skill in the post's domain (rule L4)."""
    return p.own_domain_weight * skill_in_domain + (1.0 - p.own_domain_weight) * mean_skill


@rule
def is_qualified(fit, p):
    """Whether a person of such fit is good enough for the post, in the employer's eyes (rule L4)."""
    return fit >= p.match_threshold


@rule
def fit_with(world, person, state, employer):
    """Fit of a person to the posts of an employer, 0 to 1 (rule L4)."""
    people, p = world.people, world.parameters
    domain = world.hospitals.post_domain[employer] if state == State.HOSPITAL else world.firms.domain[employer]
    mean = 0.0
    for d in range(DOMAINS):
        mean += people.skill[person, d] / DOMAINS
    return match_quality(people.skill[person, domain], mean, p)


@rule
def employer_key(world, state, employer):
    """Identity of an employer."""
    return world.hospitals.key[employer] if state == State.HOSPITAL else world.firms.key[employer]


@rule
def experience_premium(career_months, p):
    """Log pay relative to somebody in mid-career (rule L5)."""
    years = min(career_months / 12.0, p.experience_years_max)
    return p.experience_return_per_year * (years - p.experience_years_mid)


@rule
def log_usual_pay(reference_pay, career_months, p):
    """Log of the pay that experience earns at the start's prices: the yardstick of offers from outside."""
    return log_of(reference_pay) + experience_premium(career_months, p)


@rule
def log_offer(log_posted_pay, match, career_months, match_noise, p):
    """Log of the pay offered: the employer's level, fit, experience and one lasting match effect (rule L5)."""
    fit = log_of(p.offer_floor + p.offer_slope * match)
    return log_posted_pay + fit + experience_premium(career_months, p) + p.match_pay_sd * match_noise


@rule
def log_pay_with(world, person, state, employer, fit):
    """Log of the pay that an employer would offer a person of such fit now, in won per year (rule L5)."""
    people, hospitals, firms = world.people, world.hospitals, world.firms
    noise = irwin_hall(
        stream_key(world.seed, Decision.MATCH_PAY, 0), people.key[person], employer_key(world, state, employer)
    )
    is_hospital = state == State.HOSPITAL
    level = hospitals.posted_pay_won_per_year[employer] if is_hospital else firms.posted_pay_won_per_year[employer]
    return log_offer(log_of(level), fit, people.career_months[person], noise, world.parameters)


@rule
def taste_for(world, person, employer_key):
    """Lasting taste of a person for the employer with a key, in log won (rule L6)."""
    bits = stream_key(world.seed, Decision.TASTE, 0)
    return world.parameters.taste_sd * irwin_hall(bits, world.people.key[person], employer_key)


@rule
def hospital_pay_ceiling(world):
    """Most that a hospital can post, won per year: its part of the pay follows firms' pay at a distance (L2, G4)."""
    ceiling = world.parameters.hospital_pay_ceiling_ratio * world.market.mean_pay_firms_won
    return ceiling / (1.0 - world.market.wage_match_share)
