"""The labour market: posts open, pay is posted, people search, employers choose (rules L1 to L9)."""

from typing import NamedTuple

import numpy as np

from injae.agents.amounts import exp_of, log_of, whole_pay, whole_won
from injae.agents.borrowing import borrow
from injae.agents.columns import Array
from injae.agents.domains import DOMAINS
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, fold_in, irwin_hall, stochastic_round, stream_key, uniform
from injae.agents.trainee import State
from injae.model.invariants import MOST_MEETINGS, MOST_POSTS, TOO_MANY_MEETINGS, TOO_MANY_POSTS
from injae.model.moves import hire, is_in_practice, note
from injae.model.pay import employer_key, hospital_pay_ceiling, is_qualified, log_offer, match_quality, taste_for
from injae.model.world import Event, Outcome


@rule
def next_posted_pay(posted_pay, months_unfilled, vacancies, affordable, p):
    """Posted pay next month: up while a post stays open and can be paid, slowly down while all are filled (L2)."""
    if vacancies == 0:
        return posted_pay * (1.0 - p.pay_fall_per_month)
    return (
        posted_pay * (1.0 + p.pay_rise_per_month) if affordable and months_unfilled > p.patience_months else posted_pay
    )


@process
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


@rule
def decisions_due(world, key, vacancies):
    """Open posts that an employer decides on this month: hiring takes time (rule L7)."""
    variate = draw(world.seed, Decision.HIRING, key, world.now.month)
    return stochastic_round(world.parameters.decision_probability_per_month * vacancies, variate)


class Posts(NamedTuple):
    """The posts that employers decide on this month, and who applied best so far; one row per post."""

    states: Array  # state of the employer's staff: hospital or firm
    rows: Array  # the employer's row within its kind
    keys: Array  # the employer's key
    domains: Array
    log_pay: Array  # log of the pay level the employer posts
    post_keys: Array  # what tells the post from all others in draws
    variates: Array  # room for the draws of one person
    choice_set: Array  # room for the posts that one person meets
    applicants: Array  # row of the best applicant, or -1
    scores: Array  # how the employer ranks the best applicant
    pay_won_per_year: Array  # what the best applicant is offered


@process
def search_and_match(world):
    """People apply for the best post they meet; each post goes to the best who apply (rules L3 to L7, L9)."""
    count = posts_due(world)
    if count > MOST_POSTS:
        world.broken[TOO_MANY_POSTS] = True
        return
    posts = posts_to_decide(world, count)
    lent = borrow(posts)
    searching = stream_key(world.seed, Decision.SEARCH, world.now.month)
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


@rule
def posts_due(world):
    """How many posts employers decide on this month."""
    hospitals, firms = world.hospitals, world.firms
    return hospitals.decisions[: world.rows.hospitals].sum() + firms.decisions[: world.rows.firms].sum()


@rule
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


@process
def list_posts(posts, first, state, row, employers, domain):
    """List the posts that one employer decides on; returns the place after them."""
    last = first + employers.decisions[row]
    for e in range(first, last):
        posts.states[e], posts.rows[e], posts.keys[e] = state, row, employers.key[row]
        posts.domains[e] = domain
        posts.log_pay[e] = log_of(employers.posted_pay_won_per_year[row])
        posts.post_keys[e] = fold_in(employers.key[row], e - first)
    return last


@rule
def search_probability(age_years, p):
    """Probability per month that somebody in a job looks around; mobility falls with age (rules L3, L8)."""
    return p.job_search_per_month * exp_of(-p.age_on_search_per_year * max(0.0, age_years - 25.0))


@rule
def is_searching(world, person, bits):
    """Whether a person looks for a job this month: all seekers, some of those in a job (rule L3)."""
    people, p = world.people, world.parameters
    state = people.state[person]
    if state == State.SEEKING:
        return True
    variate = uniform(bits, people.key[person])
    if variate >= p.job_search_per_month or not is_in_practice(state):  # the cheap upper bound first
        return False
    return variate < search_probability((world.now.month - people.birth_month[person]) / 12.0, p)


@rule
def reservation_wage(last_pay, months_searched, p):
    """Lowest pay a seeker takes, won per year; it falls with the months of search to a floor (rule L6)."""
    share = max(p.reservation_floor, (1.0 - p.reservation_fall_per_month) ** months_searched)
    return share * last_pay


@process
def apply_for_best(world, person, posts):
    """A person applies for the best acceptable post of the choice set (rules L3 to L6)."""
    people, p = world.people, world.parameters
    state, skill = people.state[person], people.skill[person]
    least_log_pay, best_value = -np.inf, -np.inf
    if state == State.SEEKING:
        months = world.now.month - people.since_month[person]
        least_log_pay = log_of(reservation_wage(people.pay_won_per_year[person], months, p))
    else:
        best_value = log_of(people.pay_won_per_year[person]) + p.move_gain_min
        best_value += taste_for(world, person, employer_key(world, state, people.employer[person]))
    log_needed = max(least_log_pay, best_value)
    best, best_fit, best_log_pay = -1, 0.0, 0.0
    mean_skill = skill.sum() / DOMAINS
    met = meet(world, person, posts)
    for n in range(met):
        e = posts.choice_set[n]
        fit = match_quality(skill[posts.domains[e]], mean_skill, p)
        if not is_qualified(fit, p) or (posts.states[e] == state and posts.rows[e] == people.employer[person]):
            continue
        log_pay = log_pay_of_post(world, person, posts, e, fit)
        value = log_pay + taste_for(world, person, posts.keys[e])
        if log_pay >= least_log_pay and value > best_value:
            best, best_value, best_fit, best_log_pay = e, value, fit, log_pay
    if world.events_on:
        note_posts_met(world, person, posts, met, best, log_needed)
    if best >= 0:
        consider(world, person, posts, best, best_fit, best_log_pay)


@rule
def applicant_score(fit, impression, p):
    """How an employer ranks an applicant, in units of fit; the impression has mean 0 and sd 1 (rule L7)."""
    return fit + p.impression_sd * impression


@process
def consider(world, person, posts, e, fit, log_pay):
    """An employer compares an applicant with the best one so far, and keeps the better (rule L7)."""
    bits = stream_key(world.seed, Decision.IMPRESSION, world.now.month)
    score = applicant_score(fit, irwin_hall(bits, world.people.key[person], posts.keys[e]), world.parameters)
    if posts.applicants[e] < 0 or score > posts.scores[e]:
        posts.applicants[e] = person
        posts.scores[e] = score
        posts.pay_won_per_year[e] = whole_pay(exp_of(log_pay))


@rule
def log_pay_of_post(world, person, posts, e, fit):
    """Log of the pay that a post would give a person of such fit, in won per year (rule L5)."""
    noise = irwin_hall(stream_key(world.seed, Decision.MATCH_PAY, 0), world.people.key[person], posts.keys[e])
    return log_offer(posts.log_pay[e], fit, world.people.career_months[person], noise, world.parameters)


@process
def note_posts_met(world, person, posts, met, best, log_needed):
    """Write into the event log each post that a person met, and why it was not the one to apply for."""
    people, p, log = world.people, world.parameters, world.events
    state, skill = people.state[person], people.skill[person]
    for n in range(met):
        e = posts.choice_set[n]
        if (posts.choice_set[:n] == e).any():  # the host of a practicum, met at random as well
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
        if not is_qualified(fit, p):
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


@process
def note_who_got_what(world, posts, first_note):
    """Write into the event log who got the posts that people have just applied for."""
    log = world.events
    for row in range(first_note, min(world.rows.events, log.month.size)):
        if log.outcome[row] != Outcome.APPLIED:
            continue
        winner = posts.applicants[log.rival[row]]
        taken = winner == log.person[row]
        log.outcome[row] = Outcome.TAKEN if taken else Outcome.FILLED_BY_ANOTHER
        log.rival[row] = -1 if taken else winner


@process
def meet(world, person, posts):
    """Fill the choice set: the posts that a person meets this month; returns their number (rules L3, E11).

    Who meets what depends on the pair and the month, so one post more leaves almost all other meetings as they are.
    The loops are short and without branches: the compiler draws for eight posts at a time.
    """
    people, met, post_keys, variates = world.people, posts.choice_set, posts.post_keys, posts.variates
    share = world.parameters.posts_met_per_month / max(post_keys.size, 1)
    bits = fold_in(stream_key(world.seed, Decision.MEET, world.now.month), people.key[person])
    for e in range(post_keys.size):
        variates[e] = uniform(bits, post_keys[e])
    count = 0
    for e in range(post_keys.size):
        met[count] = e
        count += variates[e] < share
    if people.practicum_host[person] >= 0 and people.career_months[person] == 0:
        for e in range(post_keys.size):
            if posts.rows[e] == people.practicum_host[person] and posts.states[e] == people.practicum_state[person]:
                met[count] = e
                return count + 1
    return count
