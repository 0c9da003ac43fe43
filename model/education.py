"""Training: applicants into trainees, trainees into graduates, clinicians into specialists (rules E5, E7 to E12)."""

import math

import numpy as np

from injae.agents.amounts import exp_of, log_of, whole_pay, whole_won
from injae.agents.domains import DOMAINS
from injae.agents.hospital import AdoptionStage
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, is_above, probit, stochastic_round, stream_key, uniform
from injae.agents.trainee import Level, Source, State
from injae.model.government import pay_public
from injae.model.ledger import Purpose
from injae.model.moves import arrive, drop_out, finish_retraining, graduate, hire, note, note_if_watched, person_key
from injae.model.pay import fit_with, is_qualified, log_pay_with, log_usual_pay
from injae.model.world import Event

MONTHS_BETWEEN_INTAKES = 6


@rule
def attraction(expected_pay, outside_pay, unemployment, reputation, stipend_won_per_month, p):
    """Utility of a course: pay it leads to, risk of no job, reputation, stipend in million won (rule E5)."""
    return (
        p.pay_pull * log_of(expected_pay / outside_pay)
        - p.unemployment_push * unemployment
        + p.reputation_pull * log_of(reputation)
        + p.stipend_pull * stipend_won_per_month / 1e6
    )


@rule
def outside_entry_pay(world):
    """Entry pay in other sectors now, won per year."""
    return world.market.outside_entry_pay_won * (1.0 + world.now.other_sector_pay)


@rule
def is_intake(calendar_month, p):
    """Whether courses begin in a calendar month; there are two intakes a year."""
    return (calendar_month - int(p.first_intake_month)) % MONTHS_BETWEEN_INTAKES == 0


@rule
def mean_course_months(p):
    """Mean length of a course, in months."""
    undergraduate = 0.5 * (p.undergraduate_months_min + p.undergraduate_months_max)
    graduate_school = 0.5 * (p.graduate_months_min + p.graduate_months_max)
    return p.undergraduate_share * undergraduate + (1.0 - p.undergraduate_share) * graduate_school


@rule
def places_offered(seats, enrolled, p):
    """Places at one intake: an even flow of cohorts, and part of the seats that would still be free (rule E7)."""
    even = seats * MONTHS_BETWEEN_INTAKES / mean_course_months(p)
    free = seats - enrolled
    idle = max(0.0, free - even)
    return max(0, min(free, math.ceil(even + p.idle_seats_filled_share * idle)))


@process
def admit(world):
    """In intake months people apply where it pays to study, and universities admit (rules E5, E7)."""
    now, p, market, universities = world.now, world.parameters, world.market, world.universities
    if not is_intake(now.calendar_month, p):
        return
    attractions = np.zeros(world.rows.universities)
    for u in range(world.rows.universities):
        stipend = now.stipend_won_per_month if universities.funded[u] else 0.0
        attractions[u] = exp_of(
            attraction(
                market.expected_pay_won,
                outside_entry_pay(world),
                market.unemployment_share,
                universities.reputation[u],
                stipend,
                p,
            )
        )
    everything = exp_of(p.outside_utility) + attractions.sum()
    holders = programme_trainees(world)
    for u in range(world.rows.universities):
        expected = p.applicants_per_intake * now.applicant_cohort * attractions[u] / everything
        applicants = stochastic_round(
            expected, draw(world.seed, Decision.APPLICANTS, universities.key[u], now.month, 0)
        )
        places = places_offered(universities.seats[u], universities.enrolled[u], p)
        admitted = min(applicants, places)
        world.series.applicants += applicants
        shift = p.selectivity * log_of(max(applicants, 1) / max(places, 1))
        own = places_offered(universities.own_seats[u], universities.enrolled[u] - holders[u], p)
        for seat in range(admitted):
            admit_one(world, u, seat, seat >= own, shift)
        if admitted > 0:
            universities.cohorts[u] += 1


@rule
def programme_trainees(world):
    """Trainees on seats that the grant pays for: shape (universities,)."""
    people, holders = world.people, np.zeros(world.rows.universities, np.int64)
    for i in range(world.rows.people):
        if people.state[i] == State.ENROLLED and people.programme[i]:
            holders[people.university[i]] += 1
    return holders


@process
def admit_one(world, u, seat, of_programme, ability_shift):
    """Admit one trainee; places beyond those that core funds alone would offer are places of the programme."""
    people, universities, month = world.people, world.universities, world.now.month
    key = person_key(Source.ADMISSION, universities.key[u], month, seat)
    person = arrive(world, key, Source.ADMISSION, u, seat, State.ENROLLED)
    people.programme[person] = of_programme
    set_trainee(world, person, ability_shift)
    world.series.admitted += 1
    world.series.programme_admitted_cumulative += of_programme
    note(world, person, Event.ADMITTED, 1.0, 0.0)


@process
def set_trainee(world, person, ability_shift):
    """Draw what a new trainee brings: track, length of the course, age, ability."""
    people, p, month, seed = world.people, world.parameters, world.now.month, world.seed
    key = people.key[person]
    undergraduate = draw(seed, Decision.LEVEL, key, 0) < p.undergraduate_share
    shortest = p.undergraduate_months_min if undergraduate else p.graduate_months_min
    longest = p.undergraduate_months_max if undergraduate else p.graduate_months_max
    length = shortest + (longest - shortest) * draw(seed, Decision.COURSE_LENGTH, key, 0)
    youngest = p.undergraduate_age_years if undergraduate else p.graduate_age_years
    age_years = youngest + p.student_age_spread_years * draw(seed, Decision.AGE, key, 0)
    people.level[person] = Level.UNDERGRADUATE if undergraduate else Level.GRADUATE
    people.course_months[person] = math.floor(length + 0.5)
    people.birth_month[person] = month - int(12.0 * age_years)
    people.ability[person] = ability_shift + probit(draw(seed, Decision.ABILITY, key, 0))
    people.skill[person, :] = 0.0


@rule
def learning_pace(quality, ability, p):
    """Part of what is still to be learned that a month of a course teaches, at full focus (rule E8)."""
    return p.learning_per_month * quality * exp_of(p.ability_on_learning * ability)


@rule
def log_drop_out_probability(overload, ability, outside_pay_gap, p):
    """Log of the probability per month of giving up a course: crowding, ability, pay outside in logs (rule E10)."""
    log_ratio = p.overload_on_drop_out * overload - p.ability_on_drop_out * ability
    return log_of(p.drop_out_per_month) + log_ratio + p.pay_gap_on_drop_out * outside_pay_gap


@process
def train(world):
    """Trainees learn, drop out, do practica, graduate; clinicians end retraining and take up posts (E8, E10 to E12)."""
    people, universities, p, month = world.people, world.universities, world.parameters, world.now.month
    outside_gap = log_of(outside_entry_pay(world) / world.market.expected_pay_won)
    bits = stream_key(world.seed, Decision.DROP_OUT, month)
    for i in range(world.rows.people):
        months = month - people.since_month[i]
        if people.state[i] == State.RETRAINING and months >= p.retraining_months:
            finish_retraining(world, i)
            take_up_post(world, i)
        if people.state[i] != State.ENROLLED:
            continue
        u = people.university[i]
        pace = learning_pace(universities.teaching_quality[u], people.ability[i], p)
        if universities.joint_months_left[u] > 0:
            pace *= 1.0 + p.joint_on_learning
        for d in range(DOMAINS):
            people.skill[i, d] += min(1.0, pace * universities.focus[u, d]) * (1.0 - people.skill[i, d])
        overload = max(0.0, universities.enrolled[u] / max(universities.seats[u], 1) - 1.0)
        log_probability = log_drop_out_probability(overload, people.ability[i], outside_gap, p)
        variate = uniform(bits, people.key[i])
        if not is_above(variate, log_probability) and variate < exp_of(log_probability):
            drop_out(world, i, min(1.0, exp_of(log_probability)), variate)
            continue
        if people.key[i] == world.watched:
            note(world, i, Event.NOT_DROPPED_OUT, min(1.0, exp_of(log_probability)), variate)
        if months == int(p.practicum_course_share * people.course_months[i]):
            place_in_practicum(world, i)
        if months >= people.course_months[i]:
            graduate(world, i)


@process
def take_up_post(world, person):
    """A retrained clinician takes the post that the course was meant for, if it is still open (rule E12)."""
    home = world.people.source_place[person]
    fit = fit_with(world, person, State.HOSPITAL, home)
    if world.hospitals.vacancies[home] > 0 and is_qualified(fit, world.parameters):
        pay = whole_pay(exp_of(log_pay_with(world, person, State.HOSPITAL, home, fit)))
        hire(world, person, State.HOSPITAL, home, pay, 1.0, 0.0)


@rule
def practicum_probability(partner_adoption, subsidy_won, p):
    """Probability of a practicum place: partners' own use of AI, and a subsidy that wins others over (rule E11)."""
    willing = p.practicum_floor + (1.0 - p.practicum_floor) * partner_adoption
    return 1.0 - (1.0 - willing) * exp_of(-subsidy_won / p.practicum_subsidy_scale_won)


@process
def place_in_practicum(world, person):
    """A practicum with a partner of the university: more skill, and a first employer who knows the trainee (E11)."""
    people, partners, p, seed = world.people, world.partners, world.parameters, world.seed
    u, key = people.university[person], people.key[person]
    using, known, host, host_priority = 0, 0, -1, 2.0
    bits = stream_key(seed, Decision.PRACTICUM_HOST, 0)
    for n in range(world.rows.partners):
        if partners.university[n] != u:
            continue
        row = partners.row[n]
        is_firm = partners.state[n] == State.FIRM
        if is_firm and not world.firms.active[row]:
            continue
        known += 1
        if is_firm or world.hospitals.stage[row].max() >= AdoptionStage.DEPLOYED:
            using += 1
        partner_key = world.firms.key[row] if is_firm else world.hospitals.key[row]
        priority = uniform(bits, key, partner_key)
        if priority < host_priority:
            host, host_priority = n, priority
    if known == 0:
        return
    subsidy_won = world.now.practicum_subsidy_won
    probability = world.now.practicum_share * practicum_probability(using / known, subsidy_won, p)
    variate = draw(seed, Decision.PRACTICUM, key, 0)
    if variate >= probability:
        note_if_watched(world, person, Event.NOT_IN_PRACTICUM, probability, variate)
        return
    row = partners.row[host]
    people.practicum_state[person] = partners.state[host]
    people.practicum_host[person] = row
    is_firm = partners.state[host] == State.FIRM
    domain = world.firms.domain[row] if is_firm else world.hospitals.post_domain[row]
    people.skill[person, domain] += p.practicum_skill_gain * (1.0 - people.skill[person, domain])
    world.series.practica += 1
    pay_public(world, Purpose.PRACTICUM, 0, whole_won(subsidy_won))
    note(world, person, Event.PRACTICUM, probability, variate, partners.state[host], row)


@process
def retrain_clinicians(world):
    """In intake months hospitals with open posts send clinicians on the course, one for each post (rule E12)."""
    now, hospitals, seed = world.now, world.hospitals, world.seed
    if not is_intake(now.calendar_month, world.parameters):
        return
    places = stochastic_round(
        now.retraining_places_per_year / 2.0, draw(seed, Decision.RETRAIN, np.uint64(0), now.month)
    )
    posts = hospitals.vacancies[: world.rows.hospitals].sum()
    home, seat, priority = np.empty(posts, np.int64), np.empty(posts, np.int64), np.empty(posts)
    bits = stream_key(seed, Decision.RETRAIN, now.month)
    count = 0
    for h in range(world.rows.hospitals):
        for number in range(hospitals.vacancies[h]):
            home[count], seat[count] = h, number
            priority[count] = uniform(bits, hospitals.key[h], 1 + number)
            count += 1
    for n in np.argsort(priority)[:places]:
        begin_retraining(world, home[n], seat[n])


@process
def begin_retraining(world, h, seat):
    """A clinician begins the course for an open post of a hospital."""
    people, p, seed, month = world.people, world.parameters, world.seed, world.now.month
    key = person_key(Source.RETRAINING, world.hospitals.key[h], month, seat)
    person = arrive(world, key, Source.RETRAINING, h, seat, State.RETRAINING)
    years = p.clinician_age_spread_years * draw(seed, Decision.AGE, key, 0)
    own = int(DOMAINS * draw(seed, Decision.CLINICAL_DOMAIN, key, 0))
    people.level[person] = Level.CLINICIAN
    people.birth_month[person] = month - int(12.0 * (p.clinician_age_years + years))
    people.career_months[person] = int(12.0 * p.experience_years_mid)
    people.pay_won_per_year[person] = whole_pay(
        exp_of(log_usual_pay(world.market.reference_pay_won, people.career_months[person], p))
    )
    people.ability[person] = probit(draw(seed, Decision.ABILITY, key, 0))
    people.skill[person, :] = p.retrained_methods_skill
    people.skill[person, own] = min(1.0, p.retrained_methods_skill + p.retrained_own_domain_gain)
    world.series.began_retraining += 1
    pay_public(world, Purpose.RETRAINING, 0, whole_won(p.retraining_won))
    note(world, person, Event.RETRAINING_BEGUN, 1.0, 0.0, State.HOSPITAL, h)
