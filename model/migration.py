"""People leave the country and the field, come back, and immigrate."""

import numpy as np

from injae.agents.amounts import exp_of, log_of, whole_pay, whole_won
from injae.agents.domains import DOMAINS
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, expit, is_above, probit, stochastic_round, stream_key, uniform
from injae.agents.trainee import Level, Source, State
from injae.model.government import pay_public
from injae.model.ledger import Purpose
from injae.model.moves import (
    arrive,
    come_back,
    come_home,
    emigrate,
    is_employed,
    note,
    note_if_watched,
    person_key,
    switch_sector,
)
from injae.model.pay import experience_premium, log_usual_pay
from injae.model.world import Event


@rule
def return_probability(pay_signal, package_years, p):
    """Probability per month of coming home: home pay relative to the start, and a package in years of pay (rule M2)."""
    return min(1.0, p.return_per_month * pay_signal * exp_of(p.package_on_return * package_years))


@rule
def sector_return_probability(pay_signal, p):
    """Probability per month of coming back from another sector (rule M3)."""
    return min(1.0, p.sector_return_per_month * pay_signal)


@process
def leave_and_come_back(world):
    """People leave the country, come home, leave for other sectors, come back from them (rules M1 to M3)."""
    people, market, now, p, seed = world.people, world.market, world.now, world.parameters, world.seed
    month = now.month
    signal = market.mean_pay_won / market.start_mean_pay_won
    log_abroad = log_of(p.foreign_pay_ratio * (1.0 + now.foreign_pay))
    log_outside = log_of(p.other_sector_pay_ratio * (1.0 + now.other_sector_pay))
    log_pull = log_of(p.sector_pull_per_month)
    log_start = log_of(market.reference_pay_won)
    coming_home = return_probability(signal, now.return_package_won / market.reference_pay_won, p)
    emigrating, switching = stream_key(seed, Decision.EMIGRATE, month), stream_key(seed, Decision.SWITCH_SECTOR, month)
    returning, coming_back = stream_key(seed, Decision.RETURN, month), stream_key(seed, Decision.COME_BACK, month)
    for i in range(world.rows.people):
        state, key = people.state[i], people.key[i]
        if is_employed(state) or state == State.SEEKING:
            gap = log_start + experience_premium(people.career_months[i], p) - log_of(people.pay_won_per_year[i])
            left = leaves_country(world, i, log_abroad + gap, uniform(emigrating, key))
            if not left and state != State.UNIVERSITY:
                variate = uniform(switching, key)
                may = state == State.SEEKING or key == world.watched
                if may or not is_above(variate, log_pull + p.pay_gap_on_sector * (log_outside + gap)):
                    may_leave_field(world, i, log_outside + gap, variate)
        elif state == State.ABROAD:
            probability, variate = coming_home, uniform(returning, key)
            if variate < probability:
                come_home(world, i, probability, variate)
                pay_public(world, Purpose.RETURN_PACKAGE, 0, whole_won(now.return_package_won))
            else:
                note_if_watched(world, i, Event.NOT_RETURNED, probability, variate)
        elif state == State.OTHER_SECTOR:
            probability, variate = sector_return_probability(signal, p), uniform(coming_back, key)
            if variate < probability:
                come_back(world, i, probability, variate)
            else:
                note_if_watched(world, i, Event.NOT_CAME_BACK, probability, variate)


@rule
def emigration_log_odds(pay_gap_abroad, abroad_share, mean_skill, age_years, p):
    """Log-odds per month of leaving the country: pay abroad in logs, friends abroad, skill, age (rule M1)."""
    return (
        p.emigration_base
        + p.pay_on_emigration * pay_gap_abroad
        + p.network_on_emigration * abroad_share
        + p.skill_on_emigration * mean_skill
        - p.age_on_emigration_per_year * (age_years - 35.0)
    )


@process
def leaves_country(world, person, pay_gap, variate):
    """Somebody may emigrate; whether it happened (rule M1)."""
    people, now, p = world.people, world.now, world.parameters
    age_years = (now.month - people.birth_month[person]) / 12.0
    mean_skill = people.skill[person].sum() / DOMAINS
    log_odds = emigration_log_odds(pay_gap, world.market.abroad_share, mean_skill, age_years, p)
    if is_above(variate, log_odds) and people.key[person] != world.watched:
        return False
    probability = now.borders_open * expit(log_odds)
    if variate < probability:
        emigrate(world, person, probability, variate)
    else:
        note_if_watched(world, person, Event.NOT_EMIGRATED, probability, variate)
    return variate < probability


@rule
def sector_leave_probability(months_searched, outside_pay_gap, p):
    """Probability per month of leaving for another sector: long search, or better pay outside in logs (rule M3)."""
    tired = p.sector_leave_per_month if months_searched >= p.sector_patience_months else 0.0
    return min(1.0, tired + p.sector_pull_per_month * exp_of(p.pay_gap_on_sector * outside_pay_gap))


@process
def may_leave_field(world, person, pay_gap, variate):
    """Somebody may leave for another sector (rule M3)."""
    people, month, p = world.people, world.now.month, world.parameters
    searched = month - people.since_month[person] if people.state[person] == State.SEEKING else 0
    probability = sector_leave_probability(searched, pay_gap, p)
    if variate < probability:
        switch_sector(world, person, probability, variate)
    else:
        note_if_watched(world, person, Event.NOT_LEFT_FOR_OTHER_SECTOR, probability, variate)


@process
def immigrate(world):
    """Foreign specialists arrive on visas and look for work, from next month on (rule M4)."""
    now, p, people = world.now, world.parameters, world.people
    expected = now.visas_per_year / 12.0 * now.borders_open
    for seat in range(stochastic_round(expected, draw(world.seed, Decision.IMMIGRANT, np.uint64(0), now.month, 0))):
        key = person_key(Source.IMMIGRATION, np.uint64(0), now.month, seat)
        person = arrive(world, key, Source.IMMIGRATION, -1, seat, State.SEEKING)
        ability = probit(draw(world.seed, Decision.ABILITY, key, 0))
        years = 10.0 * draw(world.seed, Decision.CAREER, key, 0)
        people.level[person] = Level.GRADUATE
        people.ability[person] = ability
        people.career_months[person] = int(12.0 * years)
        people.birth_month[person] = now.month - int(12.0 * (p.career_start_age_years + years))
        main = int(DOMAINS * draw(world.seed, Decision.MAIN_SKILL, key, 0))
        for d in range(DOMAINS):
            people.skill[person, d] = p.skill_mean * (1.0 if d == main else p.other_skill_share_low)
        people.pay_won_per_year[person] = whole_pay(
            exp_of(log_usual_pay(world.market.reference_pay_won, 12.0 * years, p))
        )
        world.series.immigrated += 1
        note(world, person, Event.IMMIGRATED, 1.0, 0.0)
