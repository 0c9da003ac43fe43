"""The labour market: jobs end, posts open, pay is posted, people search, employers choose."""

from typing import NamedTuple

import numpy as np

from agents.amounts import MOST_PAY, exp_of, log_of, whole_pay, whole_won
from agents.borrowing import borrow
from agents.columns import Array
from agents.domains import DOMAINS
from agents.kernels import rule, stage, verb
from agents.randomness import Decision, bell, branch, draw, stem, uniform, whole
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
from model.adoption import hospital_pay_ceiling
from model.laws import MOST_MEETINGS, MOST_POSTS, TOO_MANY_MEETINGS, TOO_MANY_POSTS
from model.moves import hire, is_employed, is_in_practice, leave_job, note, note_if_watched, retire
from model.world import Event, Outcome


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
    """People in jobs gain experience and skill; pay is reviewed on each anniversary of the job (rules E8, L5)."""
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
            worth = min(exp_of(log_pay_with(world, i, state, people.employer[i], fit)), MOST_PAY)
            people.pay_won_per_year[i] += whole_won(p.pay_review_share * max(0.0, worth - people.pay_won_per_year[i]))
            note(world, i, Event.PAY_REVIEWED, 1.0, 0.0)


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
def log_pay_with(world, person, state, employer, fit):
    """Log of the pay that an employer would offer a person of such fit now, in won per year (rule L5)."""
    people, hospitals, firms = world.people, world.hospitals, world.firms
    noise = bell(stem(world.seed, Decision.MATCH_PAY, 0), people.key[person], employer_key(world, state, employer))
    is_hospital = state == State.HOSPITAL
    level = hospitals.posted_pay_won_per_year[employer] if is_hospital else firms.posted_pay_won_per_year[employer]
    return log_offer(log_of(level), fit, people.career_months[person], noise, world.parameters)


@rule
def log_usual_pay(reference_pay, career_months, p):
    """Log of the pay that experience earns at the start's prices: the yardstick of offers from outside."""
    return log_of(reference_pay) + experience_premium(career_months, p)


@verb
def taste_for(world, person, employer_key):
    """Lasting taste of a person for the employer with a key, in log won (rule L6)."""
    bits = stem(world.seed, Decision.TASTE, 0)
    return world.parameters.taste_sd * bell(bits, world.people.key[person], employer_key)


@stage
def end_jobs(world):
    """People retire, wherever they are; jobs end; overstaffed employers lay off (rule L8)."""
    people, p, month, seed = world.people, world.parameters, world.now.month, world.seed
    excess = excess_shares(world)
    highest = max(separation_chance(0, p), separation_chance(month + 12, p))
    retiring, ending = stem(seed, Decision.RETIREMENT, month), stem(seed, Decision.SEPARATION, month)
    for i in range(world.rows.people):
        state, key = people.state[i], people.key[i]
        chance = retirement_chance((month - people.birth_month[i]) / 12.0, p)
        if chance > 0.0 and state != State.LEFT and state != State.ENROLLED:
            luck = uniform(retiring, key)
            if luck < chance:
                retire(world, i, chance, luck)
                continue
        luck = uniform(ending, key)
        if luck < highest and is_employed(state):
            chance = separation_chance(month - people.since_month[i], p)
            if luck < chance:
                leave_job(world, i, Event.SEPARATED, chance, luck)
                continue
        share = excess[state, people.employer[i] + 1]
        if share > 0.0:
            fit = fit_with(world, i, state, people.employer[i]) if state != State.UNIVERSITY else 0.5
            chance = layoff_chance(share, fit, p)
            luck = draw(seed, Decision.LAYOFF, key, month)
            if luck < chance:
                leave_job(world, i, Event.LAID_OFF, chance, luck)
            else:
                note_if_watched(world, i, Event.NOT_LAID_OFF, chance, luck)


@stage
def excess_shares(world):
    """Part of each employer's staff that is more than planned: shape (states, 1 + employers), 0 for no employer."""
    hospitals, firms, universities = world.hospitals, world.firms, world.universities
    width = max(world.rows.hospitals, world.rows.firms, world.rows.universities)
    excess = np.zeros((State.LEFT + 1, 1 + width))
    for h in range(world.rows.hospitals):
        excess[State.HOSPITAL, 1 + h] = max(0, hospitals.staff[h] - hospitals.desired_staff[h]) / max(
            1, hospitals.staff[h]
        )
    for f in range(world.rows.firms):
        excess[State.FIRM, 1 + f] = max(0, firms.staff[f] - firms.desired_staff[f]) / max(1, firms.staff[f])
    for u in range(world.rows.universities):
        more = max(0, universities.teachers[u] - universities.teacher_posts[u])
        excess[State.UNIVERSITY, 1 + u] = more / max(1, universities.teachers[u])
    return excess


@stage
def open_posts(world):
    """Employers count vacancies, decide how many to fill this month, adjust posted pay (rules L1, L2, L7)."""
    hospitals, firms, p = world.hospitals, world.firms, world.parameters
    ceiling = hospital_pay_ceiling(world)
    for h in range(world.rows.hospitals):
        vacancies = max(0, hospitals.desired_staff[h] - hospitals.staff[h])
        hospitals.vacancies[h] = vacancies
        hospitals.decisions[h] = decisions_due(world, hospitals.key[h], vacancies)
        hospitals.months_unfilled[h] = hospitals.months_unfilled[h] + 1 if vacancies > 0 else 0
        if hospitals.desired_staff[h] > 0:
            pay = hospitals.posted_pay_won_per_year[h]
            pay = next_posted_pay(pay, hospitals.months_unfilled[h], vacancies, pay < ceiling, p)
            hospitals.posted_pay_won_per_year[h] = whole_pay(pay)
    for f in range(world.rows.firms):
        if not firms.active[f]:
            continue
        vacancies = max(0, firms.desired_staff[f] - firms.staff[f])
        firms.vacancies[f] = vacancies
        firms.decisions[f] = decisions_due(world, firms.key[f], vacancies)
        firms.months_unfilled[f] = firms.months_unfilled[f] + 1 if vacancies > 0 else 0
        pay = firms.posted_pay_won_per_year[f]
        pay = next_posted_pay(pay, firms.months_unfilled[f], vacancies, firms.cash_won[f] > 0, p)
        firms.posted_pay_won_per_year[f] = whole_pay(pay)


@verb
def decisions_due(world, key, vacancies):
    """Open posts that an employer decides on this month: hiring takes time (rule L7)."""
    luck = draw(world.seed, Decision.HIRING, key, world.now.month)
    return whole(world.parameters.decision_chance_per_month * vacancies, luck)


class Posts(NamedTuple):
    """The posts that employers decide on this month, and who applied best so far; one row per post."""

    states: Array  # state of the employer's staff: hospital or firm
    rows: Array  # the employer's row within its kind
    keys: Array  # the employer's key
    domains: Array
    log_pay: Array  # log of the pay level the employer posts
    faces: Array  # what tells the post from all others in draws
    lucks: Array  # room for the draws of one person
    near: Array  # room for the posts that one person meets
    applicants: Array  # row of the best applicant, or -1
    standings: Array  # how the employer sees the best applicant
    pay_won_per_year: Array  # what the best applicant is offered


@stage
def search_and_match(world):
    """People apply for the best post they meet; each post goes to the best who apply (rules L3 to L7, L9)."""
    count = posts_due(world)
    if count > MOST_POSTS:
        world.broken[TOO_MANY_POSTS] = True
        return
    posts = posts_to_decide(world, count)
    lent = borrow(posts)
    searching = stem(world.seed, Decision.SEARCH, world.now.month)
    first_note = world.rows.events
    meetings = 0
    for i in range(world.rows.people):
        if is_searching(world, i, searching):
            meetings += count
            if meetings > MOST_MEETINGS:
                world.broken[TOO_MANY_MEETINGS] = True
                return
            apply_for_best(world, i, lent)
    note_who_got_what(world, lent, first_note)
    # ``posts`` and not ``lent`` from here on: the owner lives until its last use
    for e in range(posts.rows.size):
        if posts.applicants[e] >= 0:
            hire(world, posts.applicants[e], posts.states[e], posts.rows[e], posts.pay_won_per_year[e], 1.0, 0.0)


@verb
def posts_due(world):
    """How many posts employers decide on this month."""
    hospitals, firms = world.hospitals, world.firms
    return hospitals.decisions[: world.rows.hospitals].sum() + firms.decisions[: world.rows.firms].sum()


@stage
def posts_to_decide(world, count):
    """The posts that employers decide on this month, ``count`` of them, nobody having applied."""
    hospitals, firms = world.hospitals, world.firms
    posts = Posts(
        np.empty(count, np.int8),
        np.empty(count, np.int32),
        np.empty(count, np.uint64),
        np.empty(count, np.int8),
        np.empty(count),
        np.empty(count, np.uint64),
        np.empty(count),
        np.empty(count + 1, np.int64),  # one more for the host of a practicum
        np.full(count, -1, np.int64),
        np.empty(count),
        np.empty(count, np.int64),
    )
    lent = borrow(posts)
    e = 0
    for h in range(world.rows.hospitals):
        e = list_posts(lent, e, State.HOSPITAL, h, hospitals, hospitals.post_domain[h])
    for f in range(world.rows.firms):
        e = list_posts(lent, e, State.FIRM, f, firms, firms.domain[f])
    return posts


@verb
def list_posts(posts, first, state, row, employers, domain):
    """List the posts that one employer decides on; returns the place after them."""
    last = first + employers.decisions[row]
    for e in range(first, last):
        posts.states[e], posts.rows[e], posts.keys[e] = state, row, employers.key[row]
        posts.domains[e] = domain
        posts.log_pay[e] = log_of(employers.posted_pay_won_per_year[row])
        posts.faces[e] = branch(employers.key[row], e - first)
    return last


@verb
def is_searching(world, person, bits):
    """Whether a person looks for a job this month: all seekers, some of those in a job (rule L3)."""
    people, p = world.people, world.parameters
    state = people.state[person]
    if state == State.SEEKING:
        return True
    luck = uniform(bits, people.key[person])
    if luck >= p.job_search_per_month or not is_in_practice(state):  # the cheap upper bound first
        return False
    return luck < search_chance((world.now.month - people.birth_month[person]) / 12.0, p)


@verb
def apply_for_best(world, person, posts):
    """A person applies for the best acceptable post among those met (rules L4 to L7)."""
    people, p, month, seed = world.people, world.parameters, world.now.month, world.seed
    state, key, skill = people.state[person], people.key[person], people.skill[person]
    least_log_pay, best_value = -np.inf, -np.inf
    if state == State.SEEKING:
        months = month - people.since_month[person]
        least_log_pay = log_of(reservation_pay(people.pay_won_per_year[person], months, p))
    else:
        best_value = log_of(people.pay_won_per_year[person]) + p.move_gain_min
        best_value += taste_for(world, person, employer_key(world, state, people.employer[person]))
    log_needed = max(least_log_pay, best_value)
    best, best_fit, best_log_pay = -1, 0.0, 0.0
    mean_skill = skill.sum() / DOMAINS
    met = meet(world, person, posts)
    for n in range(met):
        e = posts.near[n]
        fit = match_quality(skill[posts.domains[e]], mean_skill, p)
        if fit < p.match_threshold or (posts.states[e] == state and posts.rows[e] == people.employer[person]):
            continue
        log_pay = log_pay_of_post(world, person, posts, e, fit)
        value = log_pay + taste_for(world, person, posts.keys[e])
        if log_pay >= least_log_pay and value > best_value:
            best, best_value, best_fit, best_log_pay = e, value, fit, log_pay
    if world.events_on:
        note_posts_met(world, person, posts, met, best, log_needed)
    if best < 0:
        return
    impression = bell(stem(seed, Decision.IMPRESSION, month), key, posts.keys[best])
    standing = best_fit + p.impression_sd * impression
    if posts.applicants[best] < 0 or standing > posts.standings[best]:
        posts.applicants[best] = person
        posts.standings[best] = standing
        posts.pay_won_per_year[best] = whole_pay(exp_of(best_log_pay))


@verb
def log_pay_of_post(world, person, posts, e, fit):
    """Log of the pay that a post would give a person of such fit, in won per year (rule L5)."""
    noise = bell(stem(world.seed, Decision.MATCH_PAY, 0), world.people.key[person], posts.keys[e])
    return log_offer(posts.log_pay[e], fit, world.people.career_months[person], noise, world.parameters)


@stage
def note_posts_met(world, person, posts, met, best, log_needed):
    """Write into the event log each post that a person met, and why it was not the one to apply for."""
    people, p, log = world.people, world.parameters, world.events
    state, skill = people.state[person], people.skill[person]
    for n in range(met):
        e = posts.near[n]
        if (posts.near[:n] == e).any():  # the host of a practicum, met by chance as well
            continue
        row = world.rows.events
        note(world, person, Event.POST_MET, 1.0, 0.0, posts.states[e], posts.rows[e])
        if row >= log.month.size:
            continue
        fit = match_quality(skill[posts.domains[e]], skill.sum() / DOMAINS, p)
        log_pay = log_pay_of_post(world, person, posts, e, fit)
        worth = log_pay + taste_for(world, person, posts.keys[e])
        log.offer_won_per_year[row] = whole_won(exp_of(log_pay))
        log.worth_won_per_year[row] = whole_won(exp_of(worth))
        log.needed_won_per_year[row] = whole_won(exp_of(log_needed))
        if fit < p.match_threshold:
            log.outcome[row] = Outcome.UNFIT
        elif posts.states[e] == state and posts.rows[e] == people.employer[person]:
            log.outcome[row] = Outcome.OWN_EMPLOYER
        elif e == best:
            log.outcome[row] = Outcome.APPLIED
            log.rival[row] = e  # the post for now, until it is known who gets it
        elif state == State.SEEKING and log_pay < log_needed:
            log.outcome[row] = Outcome.BELOW_RESERVATION
        elif state != State.SEEKING and worth <= log_needed:
            log.outcome[row] = Outcome.WORTH_LESS_THAN_JOB
        else:
            log.outcome[row] = Outcome.WORTH_LESS_THAN_ANOTHER


@stage
def note_who_got_what(world, posts, first_note):
    """Write into the event log who got the posts that people have just applied for."""
    log = world.events
    for row in range(first_note, min(world.rows.events, log.month.size)):
        if log.outcome[row] != Outcome.APPLIED:
            continue
        winner = posts.applicants[log.rival[row]]
        taken = winner == log.person[row]
        log.outcome[row] = Outcome.TAKEN if taken else Outcome.LOST
        log.rival[row] = -1 if taken else winner


@verb
def meet(world, person, posts):
    """List in ``posts.near`` the posts that a person meets this month, and return their number (rules L3, E11).

    Who meets what depends on the pair and the month, so one post more leaves almost all other meetings as they are.
    The loops are short and without branches: the compiler draws for eight posts at a time.
    """
    people, near, faces, lucks = world.people, posts.near, posts.faces, posts.lucks
    share = world.parameters.posts_met_per_month / max(faces.size, 1)
    bits = branch(stem(world.seed, Decision.MEET, world.now.month), people.key[person])
    for e in range(faces.size):
        lucks[e] = uniform(bits, faces[e])
    count = 0
    for e in range(faces.size):
        near[count] = e
        count += lucks[e] < share
    if people.practicum_host[person] >= 0 and people.career_months[person] == 0:
        for e in range(faces.size):
            if posts.rows[e] == people.practicum_host[person] and posts.states[e] == people.practicum_state[person]:
                near[count] = e
                return count + 1
    return count
