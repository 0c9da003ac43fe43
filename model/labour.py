"""The labour market: jobs end, posts open, pay is posted, people search, employers choose."""

import math
from typing import NamedTuple

import numpy as np

from agents.borrowing import borrow
from agents.columns import Array
from agents.domains import DOMAINS
from agents.kernels import rule, stage, verb
from agents.randomness import Decision, bell, draw, stem, uniform, whole
from agents.trainee import (
    State,
    experience_premium,
    layoff_chance,
    log_offer,
    match_quality,
    reservation_pay,
    retirement_chance,
    search_chance,
    separation_chance,
)
from model.moves import hire, is_employed, leave_job, retire
from model.world import Event


@rule
def next_posted_pay(posted_pay, months_unfilled, vacancies, affordable, p):
    """Posted pay next month: up while a post stays open and can be paid, slowly down while all are filled (L2)."""
    if vacancies == 0:
        return posted_pay * (1.0 - p.pay_fall_per_month)
    return (
        posted_pay * (1.0 + p.pay_rise_per_month) if affordable and months_unfilled > p.patience_months else posted_pay
    )


@stage
def age_and_learn(world):
    """People in jobs gain experience and skill; pay is reviewed once a year and never falls in a job (L5, E8)."""
    people, p, month = world.people, world.parameters, world.now.month
    for i in range(world.rows.people):
        state = people.state[i]
        if not is_employed(state):
            continue
        people.career_months[i] += 1
        for d in range(DOMAINS):
            people.skill[i, d] += p.work_learning_per_month * (1.0 - people.skill[i, d])
        tenure = month - people.since_month[i]
        if tenure > 0 and tenure % 12 == 0 and state != State.UNIVERSITY:
            fit = fit_with(world, i, state, people.employer[i])
            worth = math.exp(log_pay_with(world, i, state, people.employer[i], fit))
            people.pay_won_per_year[i] += np.int64(p.pay_review_share * max(0.0, worth - people.pay_won_per_year[i]))


@verb
def fit_with(world, person, state, employer):
    """Fit of a person to the posts of an employer, 0 to 1 (rule L4)."""
    people, p = world.people, world.parameters
    domain = world.hospitals.post_domain[employer] if state == State.HOSPITAL else world.firms.domain[employer]
    mean = 0.0
    for d in range(DOMAINS):
        mean += people.skill[person, d] / DOMAINS
    return match_quality(people.skill[person, domain], mean, p)


@verb
def employer_key(world, state, employer):
    """Identity of an employer."""
    return world.hospitals.key[employer] if state == State.HOSPITAL else world.firms.key[employer]


@verb
def posted_pay(world, state, employer):
    """Pay level an employer posts, won per year for a mid-career fit."""
    if state == State.HOSPITAL:
        return world.hospitals.posted_pay_won_per_year[employer]
    return world.firms.posted_pay_won_per_year[employer]


@verb
def log_pay_with(world, person, state, employer, fit):
    """Log of the pay that an employer would offer a person of such fit now, in won per year (rule L5)."""
    people = world.people
    bits = stem(world.seed, Decision.MATCH_PAY, people.key[person], 0)
    noise = bell(bits, employer_key(world, state, employer))
    level = math.log(posted_pay(world, state, employer))
    return log_offer(level, fit, people.career_months[person], noise, world.parameters)


@rule
def log_usual_pay(reference_pay, career_months, p):
    """Log of the pay that experience earns at the start's prices: the yardstick of offers from outside."""
    return math.log(reference_pay) + experience_premium(career_months, p)


@verb
def taste_for(world, person, state, employer):
    """Lasting taste of a person for an employer, in log won (rule L6)."""
    bits = stem(world.seed, Decision.TASTE, world.people.key[person], 0)
    return world.parameters.taste_sd * bell(bits, employer_key(world, state, employer))


@stage
def end_jobs(world):
    """Jobs end by themselves and by layoff where staff exceed plans; people retire, wherever they are (rule L8)."""
    people, p, month, seed = world.people, world.parameters, world.now.month, world.seed
    excess = excess_shares(world)
    for i in range(world.rows.people):
        state, key = people.state[i], people.key[i]
        age_years = (month - people.birth_month[i]) / 12.0
        if state != State.LEFT and state != State.ENROLLED:
            chance = retirement_chance(age_years, p)
            luck = draw(seed, Decision.RETIREMENT, key, month) if chance > 0.0 else 1.0
            if luck < chance:
                retire(world, i, chance, luck)
                continue
        if not is_employed(state):
            continue
        chance = separation_chance(month - people.since_month[i], p)
        luck = draw(seed, Decision.SEPARATION, key, month)
        if luck < chance:
            leave_job(world, i, Event.SEPARATED, chance, luck)
            continue
        share = excess[state, people.employer[i]]
        if share > 0.0:
            fit = fit_with(world, i, state, people.employer[i]) if state != State.UNIVERSITY else 0.5
            chance = layoff_chance(share, fit, p)
            luck = draw(seed, Decision.LAYOFF, key, month)
            if luck < chance:
                leave_job(world, i, Event.LAID_OFF, chance, luck)


@stage
def excess_shares(world):
    """Part of each employer's staff that is more than planned: shape (states, employers)."""
    hospitals, firms, universities = world.hospitals, world.firms, world.universities
    width = max(world.rows.hospitals, world.rows.firms, world.rows.universities)
    excess = np.zeros((State.LEFT + 1, width))
    for h in range(world.rows.hospitals):
        excess[State.HOSPITAL, h] = max(0, hospitals.staff[h] - hospitals.desired_staff[h]) / max(1, hospitals.staff[h])
    for f in range(world.rows.firms):
        excess[State.FIRM, f] = max(0, firms.staff[f] - firms.desired_staff[f]) / max(1, firms.staff[f])
    for u in range(world.rows.universities):
        more = max(0, universities.teachers[u] - universities.teacher_posts[u])
        excess[State.UNIVERSITY, u] = more / max(1, universities.teachers[u])
    return excess


@stage
def open_posts(world):
    """Employers count their vacancies and post pay (rules L1, L2)."""
    hospitals, firms, p = world.hospitals, world.firms, world.parameters
    ceiling = p.hospital_pay_ceiling_ratio * world.market.mean_pay_firms_won
    for h in range(world.rows.hospitals):
        vacancies = max(0, hospitals.desired_staff[h] - hospitals.staff[h])
        hospitals.vacancies[h] = vacancies
        hospitals.decisions[h] = decisions_due(world, hospitals.key[h], vacancies)
        hospitals.months_unfilled[h] = hospitals.months_unfilled[h] + 1 if vacancies > 0 else 0
        if hospitals.desired_staff[h] > 0:
            pay = hospitals.posted_pay_won_per_year[h]
            pay = next_posted_pay(pay, hospitals.months_unfilled[h], vacancies, pay < ceiling, p)
            hospitals.posted_pay_won_per_year[h] = np.int64(pay)
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        vacancies = max(0, firms.desired_staff[f] - firms.staff[f])
        firms.vacancies[f] = vacancies
        firms.decisions[f] = decisions_due(world, firms.key[f], vacancies)
        firms.months_unfilled[f] = firms.months_unfilled[f] + 1 if vacancies > 0 else 0
        pay = firms.posted_pay_won_per_year[f]
        pay = next_posted_pay(pay, firms.months_unfilled[f], vacancies, firms.cash_won[f] > 0, p)
        firms.posted_pay_won_per_year[f] = np.int64(pay)


@verb
def decisions_due(world, key, vacancies):
    """Open posts that an employer decides on this month: hiring takes time (rule L7)."""
    luck = draw(world.seed, Decision.HIRING, key, world.now.month)
    return whole(world.parameters.decision_chance_per_month * vacancies, luck)


class Posts(NamedTuple):
    """The employers that decide on a post this month, and room to find out who meets them."""

    states: Array  # state of their staff: hospital or firm
    rows: Array
    keys: Array
    decisions: Array  # posts to decide on
    near: Array
    waits: Array
    met: Array


@stage
def search_and_match(world):
    """People apply to the best employer they meet, employers take the best who apply; one round a month (L3 to L7)."""
    posts = employers_with_posts(world)
    lent = borrow(posts)
    people = world.people
    applicant = np.empty(world.rows.people, np.int64)
    target = np.empty(world.rows.people, np.int64)
    pay = np.empty(world.rows.people, np.int64)
    standing = np.empty(world.rows.people)
    # few people meet fewer employers than they may below this limit
    limit = 2.0 * world.parameters.employers_met_per_month / max(posts.decisions.sum(), 1.0)
    count = 0
    for i in range(world.rows.people):
        if not is_searching(world, i):
            continue
        best, best_pay = best_employer(world, i, lent, limit)
        if best >= 0:
            bits = stem(world.seed, Decision.IMPRESSION, people.key[i], world.now.month)
            impression = world.parameters.impression_sd * bell(bits, lent.keys[best])
            applicant[count] = i
            target[count] = best
            pay[count] = np.int64(best_pay)
            standing[count] = fit_with(world, i, lent.states[best], lent.rows[best]) + impression
            count += 1
    # employers in turn, best applicants first; fits are below 2, so whole numbers separate the employers
    # (``posts`` and not ``lent`` from here on: the owner lives until its last use)
    for n in np.argsort(4.0 * target[:count] - standing[:count]):
        e = target[n]
        if posts.decisions[e] > 0:
            posts.decisions[e] -= 1
            hire(world, applicant[n], posts.states[e], posts.rows[e], pay[n], 1.0, 0.0)


@stage
def employers_with_posts(world):
    """Employers that decide on a post this month, with room for their work."""
    hospitals, firms = world.hospitals, world.firms
    room = world.rows.hospitals + world.rows.firms
    states, rows = np.empty(room, np.int8), np.empty(room, np.int32)
    keys, decisions = np.empty(room, np.uint64), np.empty(room, np.float64)
    count = 0
    for h in range(world.rows.hospitals):
        if hospitals.decisions[h] > 0:
            states[count], rows[count] = State.HOSPITAL, h
            keys[count], decisions[count] = hospitals.key[h], hospitals.decisions[h]
            count += 1
    for f in range(world.rows.firms):
        if firms.decisions[f] > 0:
            states[count], rows[count] = State.FIRM, f
            keys[count], decisions[count] = firms.key[f], firms.decisions[f]
            count += 1
    near, waits = np.empty(count, np.int64), np.empty(count)
    met = np.empty(int(world.parameters.employers_met_per_month) + 1, np.int64)
    return Posts(states[:count], rows[:count], keys[:count], decisions[:count], near, waits, met)


@verb
def is_searching(world, person):
    """Whether a person looks for a job this month: all seekers, some of those in a job (rule L3)."""
    people, month = world.people, world.now.month
    state = people.state[person]
    if state == State.SEEKING:
        return True
    if state != State.HOSPITAL and state != State.FIRM:
        return False
    age_years = (month - people.birth_month[person]) / 12.0
    p = world.parameters
    luck = draw(world.seed, Decision.SEARCH, people.key[person], month)
    return luck < p.job_search_per_month and luck < search_chance(age_years, p)  # the first is the cheap upper bound


@verb
def best_employer(world, person, posts, limit):
    """The best acceptable offer among the employers a person meets: its index and pay, or -1 (rules L3 to L6)."""
    people, p, month = world.people, world.parameters, world.now.month
    if not meet(world, person, posts, limit):
        meet(world, person, posts, np.inf)
    states, rows, met = posts.states, posts.rows, posts.met
    met[-1] = host_of_practicum(world, person, posts.keys)
    best, best_log_pay, best_value, least_log_pay = -1, 0.0, -np.inf, -np.inf
    state = people.state[person]
    if state == State.SEEKING:
        months = month - people.since_month[person]
        least_log_pay = math.log(reservation_pay(people.pay_won_per_year[person], months, p))
    else:
        best_value = math.log(people.pay_won_per_year[person]) + p.move_gain_min
        best_value += taste_for(world, person, state, people.employer[person])
    for n in range(met.size):
        e = met[n]
        if e < 0 or (states[e] == state and rows[e] == people.employer[person]):
            continue
        fit = fit_with(world, person, states[e], rows[e])
        if fit < p.match_threshold:
            continue
        log_pay = log_pay_with(world, person, states[e], rows[e], fit)
        value = log_pay + taste_for(world, person, states[e], rows[e])
        if log_pay >= least_log_pay and value > best_value:
            best, best_log_pay, best_value = e, log_pay, value
    return best, math.exp(best_log_pay)


@verb
def meet(world, person, posts, limit):
    """Fill ``posts.met`` with the employers a person meets this month: the shortest waits -ln(u)/posts (rule L3).

    Who is met depends on the pair and the month alone, so one vacancy more or less leaves all other meetings as
    they are. ``limit`` is a guess at the longest wait that matters; whether it was high enough to fill ``met``.
    The loops are short and without branches: the compiler draws for eight
    employers at a time, and the processor has nothing to guess.
    """
    keys, decisions, near, waits, met = posts.keys, posts.decisions, posts.near, posts.waits, posts.met
    bits = stem(world.seed, Decision.MEET, world.people.key[person], world.now.month)
    for e in range(keys.size):
        waits[e] = (1.0 - uniform(bits, keys[e])) / decisions[e]  # at most the wait, without its logarithm
    count = 0
    for e in range(keys.size):
        near[count] = e
        count += waits[e] < limit
    for n in range(count):
        waits[n] = -math.log(uniform(bits, keys[near[n]])) / decisions[near[n]]
    number = met.size - 1  # the last place is for the practicum host
    for place in range(number):
        first, shortest = -1, limit
        for n in range(count):
            first, shortest = (n, waits[n]) if waits[n] < shortest else (first, shortest)
        met[place] = -1
        if first >= 0:
            met[place] = near[first]
            waits[first] = np.inf
    return met[number - 1] >= 0


@verb
def host_of_practicum(world, person, keys):
    """The practicum host of somebody who has not worked yet, if it decides on a post; otherwise -1 (rule E11)."""
    people = world.people
    if people.practicum_host[person] >= 0 and people.career_months[person] == 0:
        host = employer_key(world, people.practicum_state[person], people.practicum_host[person])
        for e in range(keys.size):
            if keys[e] == host:
                return e
    return -1
