"""People leave the country and the field, come back, and immigrate."""

import math

import numpy as np

from agents.domains import DOMAINS
from agents.kernels import rule, stage
from agents.randomness import Decision, draw, normal, whole
from agents.trainee import (
    Level,
    Source,
    State,
    emigration_chance,
    experience_factor,
    return_chance,
    sector_leave_chance,
    sector_return_chance,
)
from model.education import person_key
from model.moves import arrive, come_back, come_home, emigrate, is_employed, note, switch_sector
from model.world import Event


@rule
def usual_pay(start_pay, career_months, p):
    """Pay that experience earned at the start's prices, won per year: the yardstick of offers from outside."""
    return start_pay * experience_factor(career_months, p)


@stage
def move_abroad_and_home(world):
    """Specialists leave the country and come home (rules M1, M2)."""
    people, now, p, seed, market = world.people, world.now, world.parameters, world.seed, world.market
    signal = market.mean_pay_won / market.start_pay_won
    for i in range(world.rows.people):
        state, key = people.state[i], people.key[i]
        if is_employed(state) or state == State.SEEKING:
            abroad_pay = p.foreign_pay_ratio * (1.0 + now.foreign_pay)
            abroad_pay *= usual_pay(market.start_pay_won, people.career_months[i], p)
            chance = now.borders_open * emigration_chance(
                abroad_pay / max(people.pay_won_per_year[i], 1),
                market.abroad_share,
                people.skill[i].sum() / DOMAINS,
                (now.month - people.birth_month[i]) / 12.0,
                p,
            )
            luck = draw(seed, Decision.EMIGRATE, key, now.month)
            if luck < chance:
                emigrate(world, i, chance, luck)
        elif state == State.ABROAD:
            chance = return_chance(signal, p)
            luck = draw(seed, Decision.RETURN, key, now.month)
            if luck < chance:
                come_home(world, i, chance, luck)


@stage
def switch_sectors(world):
    """Specialists leave for other sectors and come back (rule M3)."""
    people, now, p, seed, market = world.people, world.now, world.parameters, world.seed, world.market
    signal = market.mean_pay_won / market.start_pay_won
    for i in range(world.rows.people):
        state, key = people.state[i], people.key[i]
        if state == State.SEEKING or state == State.HOSPITAL or state == State.FIRM:
            outside = p.other_sector_pay_ratio * usual_pay(market.start_pay_won, people.career_months[i], p)
            gap = math.log(outside / max(people.pay_won_per_year[i], 1))
            months = now.month - people.since_month[i] if state == State.SEEKING else 0
            chance = sector_leave_chance(months, gap, p)
            luck = draw(seed, Decision.SWITCH_SECTOR, key, now.month)
            if luck < chance:
                switch_sector(world, i, chance, luck)
        elif state == State.OTHER_SECTOR:
            chance = sector_return_chance(signal, p)
            luck = draw(seed, Decision.COME_BACK, key, now.month)
            if luck < chance:
                come_back(world, i, chance, luck)


@stage
def immigrate(world):
    """Foreign specialists arrive on visas and look for work (rule M4)."""
    now, p, people = world.now, world.parameters, world.people
    expected = now.visas_per_year / 12.0 * now.borders_open
    for seat in range(whole(expected, draw(world.seed, Decision.IMMIGRANT, np.uint64(0), now.month, 0))):
        key = person_key(Source.IMMIGRATION, np.uint64(0), now.month, seat)
        person = arrive(world, key, Source.IMMIGRATION, -1, seat, State.SEEKING, -1, -1)
        ability = normal(draw(world.seed, Decision.ABILITY, key, 0))
        years = 10.0 * draw(world.seed, Decision.START_CAREER, key, 0)
        people.level[person] = Level.GRADUATE
        people.ability[person] = ability
        people.career_months[person] = int(12.0 * years)
        people.birth_month[person] = now.month - int(12.0 * (p.career_start_age_years + years))
        main = int(DOMAINS * draw(world.seed, Decision.START_SKILL, key, 0))
        for d in range(DOMAINS):
            people.skill[person, d] = p.skill_mean * (1.0 if d == main else 0.6)
        people.pay_won_per_year[person] = np.int64(usual_pay(world.market.start_pay_won, 12.0 * years, p))
        world.series.immigrated += 1
        note(world, person, Event.IMMIGRATED, 1.0, 0.0)
