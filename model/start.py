"""The country at the start: institutions from data, people drawn by key, flows already near their observed state."""

from typing import Any

import numpy as np

from injae.agents.amounts import exp_of, log_of, whole_count, whole_pay, whole_won
from injae.agents.columns import Table
from injae.agents.domains import DOMAINS, Region
from injae.agents.firm import FirmClass, Product
from injae.agents.hospital import AdoptionStage, Tier
from injae.agents.kernels import driver, process, rule
from injae.agents.randomness import Decision, draw, irwin_hall, probit, stochastic_round, stream_key
from injae.agents.trainee import Source, State
from injae.model.adoption import look_at_peers, plan_hospital_staff, sum_skills
from injae.model.constraints import find_what_binds
from injae.model.country import Country
from injae.model.education import set_trainee
from injae.model.government import choose_universities
from injae.model.invariants import audit
from injae.model.labour import open_posts
from injae.model.moves import arrive, note, person_key
from injae.model.outcomes import count_outcomes
from injae.model.pay import employer_key, fit_with, log_offer, log_pay_with, log_usual_pay
from injae.model.products import measure_markets, sell
from injae.model.signals import count_institutions, count_people
from injae.model.universities import open_seats, seat_limit
from injae.model.world import Event

CANDIDATES = 4  # people at work chose their employer; the best of so many candidates for a seat stands for that


def fill_universities(table: Table, country: Country, p: Any) -> None:
    """Universities as the data have them; every core teaching post is filled by ``start_people``.

    Core capacity is judgement: two parameters scale it, inside and outside the programme.
    """
    later = np.array([row["funded"] != "yes" for row in country.universities])
    ranks = np.argsort(np.argsort(later, kind="stable"), kind="stable")
    for row, key, rank in zip(country.universities, country.university_keys, ranks, strict=True):
        others = 1.0 if row["funded"] == "yes" else float(p.other_capacity_ratio)
        staffed = float(p.core_teachers_ratio) if row["funded"] == "yes" else others
        core_teachers = int(int(row["core_teachers"]) * staffed + 0.5)
        table.add(
            key=key,
            programme_rank=rank,
            focus=[float(row[domain]) for domain in ("imaging", "risk", "treatment", "research")],
            core_courses=others * float(row["core_courses"]),
            core_teachers=core_teachers,
            core_seats=others * float(row["core_seats"]),
            teacher_posts=core_teachers,
            cohorts=4,
            placement=0.5,
            teaching_quality=1.0,
        )


def fill_hospitals(table: Table, country: Country) -> None:
    """Hospitals by tier, in their regions, with the IT budget of the tier."""
    hospitals, columns = country.hospitals, table.columns
    count = len(hospitals.names)
    tiers = np.array(hospitals.classes)
    table.set_length(count)
    columns.key[:count] = np.array(hospitals.keys, np.uint64)
    columns.tier[:count] = tiers
    columns.region[:count] = hospitals.regions
    in_capital = np.array(hospitals.regions) != Region.PROVINCES
    order = np.lexsort((columns.key[:count], tiers, in_capital))  # by key, so that the order of rows has no say (G9)
    columns.core_rank[order] = np.arange(count)
    columns.it_budget_won_per_year[:count] = country.by_tier("hospitals", "it_budget_won_per_year")[tiers]


def fill_firms(table: Table, country: Country) -> None:
    """Firms by class, with their domain."""
    firms, columns = country.firms, table.columns
    count = len(firms.names)
    table.set_length(count)
    columns.key[:count] = np.array(firms.keys, np.uint64)
    columns.firm_class[:count] = firms.classes
    columns.domain[:count] = firms.domains
    columns.active[:count] = True


def hospital_facts(country: Country) -> tuple[Any, float]:
    """What the survey of records says of hospitals, in the order of the arguments of ``start_hospitals``.

    Share with full electronic records by tier, and the IT budget of small general hospitals, won per year.
    """
    small_budget_won = float(country.facts["hospitals"]["general"]["it_budget_small_won_per_year"])
    return country.by_tier("hospitals", "full_records_share"), small_budget_won


@rule
def beds_of(mean, sd, z):
    """Beds with the given mean and spread in logs."""
    return max(30, whole_count(mean * exp_of(sd * z - 0.5 * sd * sd)))


@process
def start_hospitals(world, full_records, small_budget_won):
    """Beds and adoption stages, drawn by hospital (months in a stage are spread out, so nothing moves in step)."""
    hospitals, p, seed = world.hospitals, world.parameters, world.seed
    means = np.array([p.tertiary_beds, p.general_beds, p.hospital_beds])
    any_use = np.array([p.use_share_tertiary, p.use_share_general, p.use_share_hospital])
    users_domain = np.array([p.imaging_of_users, p.risk_of_users, p.treatment_of_users, p.research_of_users])
    pilot = np.array([p.pilot_imaging, p.pilot_risk, p.pilot_treatment, p.pilot_research])
    interested = np.array([p.interested_imaging, p.interested_risk, p.interested_treatment, p.interested_research])
    for h in range(world.rows.hospitals):
        key, tier = hospitals.key[h], hospitals.tier[h]
        hospitals.beds[h] = beds_of(means[tier], p.beds_sd, probit(draw(seed, Decision.BEDS, key, 0)))
        if tier == Tier.GENERAL and hospitals.beds[h] < p.small_general_beds:
            hospitals.it_budget_won_per_year[h] = whole_won(small_budget_won)
        complete = draw(seed, Decision.START_STAGE, key, 0, 2) < full_records[tier]
        hospitals.data_readiness[h] = 1.0 if complete else p.partial_records_readiness
        user = draw(seed, Decision.START_STAGE, key, 0, 0) < any_use[tier]
        main = 0 if draw(seed, Decision.START_STAGE, key, 0, 1) < users_domain[0] else 1
        for d in range(DOMAINS):
            hospitals.stage_months[h, d] = int(24.0 * draw(seed, Decision.START_STAGE, key, 0, 30 + d))
            variate = draw(seed, Decision.START_STAGE, key, 0, 10 + d)
            if user and (d == main or (d > 0 and variate < users_domain[d])):
                settled = draw(seed, Decision.START_STAGE, key, 0, 20 + d) < p.routine_of_users
                hospitals.stage[h, d] = AdoptionStage.ROUTINE if settled else AdoptionStage.DEPLOYED
                continue
            openness = draw(seed, Decision.START_STAGE, key, 0, 40 + d)
            if openness < pilot[d]:
                hospitals.stage[h, d] = AdoptionStage.PILOT
            elif openness < pilot[d] + interested[d]:
                hospitals.stage[h, d] = AdoptionStage.INTERESTED
        hospitals.posted_pay_won_per_year[h] = whole_pay(p.hospital_pay_ratio * p.firm_pay_won_per_year)
    scale_budgets(world)


@process
def scale_budgets(world):
    """Give each hospital a budget in proportion to its beds; the mean of each class stays as surveyed."""
    hospitals, p = world.hospitals, world.parameters
    beds, count = np.zeros(4), np.zeros(4)
    for h in range(world.rows.hospitals):
        c = budget_class(hospitals.tier[h], hospitals.beds[h], p)
        beds[c] += hospitals.beds[h]
        count[c] += 1.0
    for h in range(world.rows.hospitals):
        c = budget_class(hospitals.tier[h], hospitals.beds[h], p)
        budget = hospitals.it_budget_won_per_year[h] * hospitals.beds[h] / (beds[c] / count[c])
        hospitals.it_budget_won_per_year[h] = whole_won(budget)
    budgets = np.empty(world.rows.hospitals)
    for h in range(world.rows.hospitals):
        budgets[h] = hospitals.it_budget_won_per_year[h]
    order = np.argsort(budgets)  # not np.median and np.log, which alone take two seconds to compile
    median = 0.5 * (budgets[order[(order.size - 1) // 2]] + budgets[order[order.size // 2]])
    for h in range(world.rows.hospitals):
        hospitals.log_budget[h] = log_of(budgets[h] / median)


@rule
def budget_class(tier, beds, p):
    """Class of the survey of IT budgets: the tiers, with small general hospitals apart."""
    return 3 if tier == Tier.GENERAL and beds < p.small_general_beds else int(tier)


@process
def start_firms(world, sizes):
    """Sizes by rank, products by status; conglomerate units and mid-size firms take the upper ranks."""
    firms, p, seed = world.firms, world.parameters, world.seed
    order = np.empty(world.rows.firms)
    for f in range(world.rows.firms):
        upper = 0.0 if firms.firm_class[f] != FirmClass.STARTUP else 1.0
        order[f] = upper + draw(seed, Decision.FIRM_SIZE, firms.key[f], 0)
    for rank, f in enumerate(np.argsort(order)):
        key = firms.key[f]
        firms.desired_staff[f] = sizes[rank]
        months = -p.mean_firm_age_years * 12.0 * log_of(draw(seed, Decision.START_FIRM_AGE, key, 0))
        firms.founded_month[f] = -int(min(months, 240.0))
        firms.quality[f] = min(
            0.9, max(0.1, p.quality_mean + p.quality_sd * probit(draw(seed, Decision.START_QUALITY, key, 0)))
        )
        firms.productivity[f] = exp_of(p.productivity_sd * probit(draw(seed, Decision.PRODUCTIVITY, key, 0)))
        if draw(seed, Decision.START_PRODUCT, key, 0, 0) < p.product_share:
            paid = draw(seed, Decision.START_PRODUCT, key, 0, 1) < p.reimbursed_share
            firms.product[f] = Product.REIMBURSED if paid else Product.PROVISIONAL
            firms.product_months[f] = int(p.provisional_months * draw(seed, Decision.START_PRODUCT, key, 0, 2))
        if draw(seed, Decision.START_REVIEW, key, 0, 0) < p.under_review_share:
            left = draw(seed, Decision.START_REVIEW, key, 0, 1)
            firms.review_months_left[f] = 1 + int(world.now.review_months * left)
        level = p.firm_pay_sd * probit(draw(seed, Decision.START_PAY, key, 0))
        level += p.firm_size_on_pay * log_of(max(1, firms.desired_staff[f]) / 30.0)
        firms.posted_pay_won_per_year[f] = whole_pay(p.firm_pay_won_per_year * exp_of(level))


@process
def start_people(world):
    """Specialists at work, seeking, abroad and in other sectors, and trainees spread over their courses."""
    hospitals, firms, universities, p = world.hospitals, world.firms, world.universities, world.parameters
    for h in range(world.rows.hospitals):
        for seat in range(hospitals.desired_staff[h]):
            if draw(world.seed, Decision.START_JOB, hospitals.key[h], 0, seat) >= p.vacancy_share:
                start_worker(world, State.HOSPITAL, h, seat)
    for f in range(world.rows.firms):
        for seat in range(firms.desired_staff[f]):
            if draw(world.seed, Decision.START_JOB, firms.key[f], 0, seat) >= p.vacancy_share:
                start_worker(world, State.FIRM, f, seat)
    for u in range(world.rows.universities):
        for seat in range(universities.core_teachers[u]):
            key = person_key(Source.START, universities.key[u], State.UNIVERSITY, seat)
            person = arrive(world, key, Source.START, u, seat, State.UNIVERSITY)
            start_career(world, person)
            world.people.pay_won_per_year[person] = whole_pay(p.teacher_pay_won_per_year)
    seeking = p.seeking_share / (1.0 - p.seeking_share) * world.rows.people
    start_outside(world, State.SEEKING, seeking, p.seeking_months_max)
    start_outside(world, State.ABROAD, p.abroad, 0.0)
    start_outside(world, State.OTHER_SECTOR, p.other_sectors, 0.0)
    for u in range(world.rows.universities):
        start_trainees(world, u)
    for i in range(world.rows.people):
        note(world, i, Event.STARTED, 1.0, 0.0)


@process
def start_worker(world, state, employer, seat):
    """Somebody at work: the candidate for the seat to whom employer and pay appeal most."""
    p, seed = world.parameters, world.seed
    place = employer_key(world, state, employer)
    best_key, best_value = np.uint64(0), -np.inf
    for n in range(CANDIDATES):
        key = person_key(Source.START, place, state, CANDIDATES * seat + n)
        value = p.taste_sd * irwin_hall(stream_key(seed, Decision.TASTE, 0), key, place)
        value += p.match_pay_sd * irwin_hall(stream_key(seed, Decision.MATCH_PAY, 0), key, place)
        if value > best_value:
            best_key, best_value = key, value
    person = arrive(world, best_key, Source.START, employer, seat, state)
    start_career(world, person)
    people = world.people
    if state == State.FIRM and draw(seed, Decision.START_ROLE, best_key, 0) < p.own_domain_share:
        swap_main_skill(world, person, world.firms.domain[employer])
    tenure = -p.mean_tenure_months * log_of(draw(seed, Decision.START_TENURE, best_key, 0))
    people.since_month[person] = -int(min(tenure, people.career_months[person]))
    fit = fit_with(world, person, state, employer)
    people.pay_won_per_year[person] = whole_pay(exp_of(log_pay_with(world, person, state, employer, fit)))


@process
def swap_main_skill(world, person, domain):
    """Make a domain the person's best one."""
    skill = world.people.skill
    main = np.argmax(skill[person])
    best = skill[person, main]
    skill[person, main] = skill[person, domain]
    skill[person, domain] = best


@process
def start_career(world, person):
    """Age, experience and skills of somebody in mid-career."""
    people, p, seed = world.people, world.parameters, world.seed
    key = people.key[person]
    age_years = p.mean_age_years + p.sd_age_years * probit(draw(seed, Decision.START_AGE, key, 0))
    age_years = max(min(age_years, p.retirement_age_years - 1.0), p.career_start_age_years)
    worked = p.career_share_min + (1.0 - p.career_share_min) * draw(seed, Decision.CAREER, key, 0)
    people.birth_month[person] = -int(12.0 * age_years)
    people.career_months[person] = int(12.0 * worked * (age_years - p.career_start_age_years))
    people.ability[person] = probit(draw(seed, Decision.ABILITY, key, 0))
    people.level[person] = 1 if draw(seed, Decision.LEVEL, key, 0) > p.undergraduate_share else 0
    main = int(DOMAINS * draw(seed, Decision.MAIN_SKILL, key, 0))
    for d in range(DOMAINS):
        other = p.other_skill_share_low + p.other_skill_share_spread * draw(seed, Decision.OTHER_SKILL, key, 0, d)
        share = 1.0 if d == main else other
        people.skill[person, d] = min(0.95, share * p.skill_mean * exp_of(p.skill_sd * people.ability[person]))
    people.pay_won_per_year[person] = whole_pay(
        exp_of(log_usual_pay(p.firm_pay_won_per_year, people.career_months[person], p))
    )


@process
def start_outside(world, state, expected, months_max):
    """People of the field who are not at work in it."""
    count = stochastic_round(expected, 0.5)
    for seat in range(count):
        key = person_key(Source.START, np.uint64(0), state, seat)
        person = arrive(world, key, Source.START, -1, seat, state)
        start_career(world, person)
        variate = draw(world.seed, Decision.START_OUTSIDE, key, 0)
        world.people.since_month[person] = -int(months_max * variate)


@process
def start_trainees(world, u):
    """Trainees on the seats that core funds allow, spread evenly over their courses."""
    universities, people, p = world.universities, world.people, world.parameters
    seats, _ = seat_limit(universities.core_courses[u], universities.core_teachers[u], universities.core_seats[u], p)
    for seat in range(seats):
        key = person_key(Source.START, universities.key[u], State.ENROLLED, seat)
        person = arrive(world, key, Source.START, u, seat, State.ENROLLED)
        set_trainee(world, person, 0.5)
        variate = draw(world.seed, Decision.START_COURSE, key, 0)
        months = int(variate * people.course_months[person])
        people.since_month[person] = -months
        people.birth_month[person] -= months
        for d in range(DOMAINS):
            rate = p.learning_per_month * universities.focus[u, d]
            people.skill[person, d] = 1.0 - exp_of(-rate * months)


@process
def start_income(world):
    """Income that makes each firm's staff affordable, and the cash its class holds; opening accounts, no payment."""
    firms, p = world.firms, world.parameters
    for f in range(world.rows.firms):
        sales = float(firms.home_revenue_won[f] + firms.exports_won[f])
        pay = firms.posted_pay_won_per_year[f]
        needed = firms.desired_staff[f] * pay / 12.0 / p.specialist_pay_share
        firms.other_income_won[f] = whole_won(needed - sales)
        firms.smooth_income_won[f] = needed
        firms.cash_won[f] = whole_won(p.cash_months * firms.desired_staff[f] * pay / 12.0)


@process
def start_market(world):
    """Signals of the start: pay levels, and what applicants expect to earn."""
    market, p = world.market, world.parameters
    market.reference_pay_won = p.firm_pay_won_per_year
    market.mean_pay_won = p.firm_pay_won_per_year
    market.mean_pay_firms_won = p.firm_pay_won_per_year
    market.entry_pay_won = exp_of(log_offer(log_of(p.firm_pay_won_per_year), 0.45, 6.0, 0.0, p))
    market.expected_pay_won = market.entry_pay_won
    market.outside_entry_pay_won = p.other_sector_pay_ratio * market.entry_pay_won


def firm_sizes(count: int, specialists: float, slope: float, vacancy_share: float) -> Any:
    """Posts of each firm by rank: a power law that adds up to the specialists and the vacancies; int64, >= 1."""
    weights = np.arange(1, count + 1, dtype=np.float64) ** -slope
    posts = weights / weights.sum() * specialists / (1 - vacancy_share)
    return np.maximum(1, np.round(posts)).astype(np.int64)


@driver
def start_institutions(world, firm_posts, full_records, small_budget_won):
    """Hospitals and firms as they are before the first month, with the posts that people will fill.

    Args:
        world: the world, with the institutions' rows filled from the data.
        firm_posts: posts of each firm, by rank.
        full_records: share of hospitals with full electronic records, by tier.
        small_budget_won: IT budget of small general hospitals, won per year.
    """
    start_hospitals(world, full_records, small_budget_won)
    start_firms(world, firm_posts)
    start_market(world)
    plan_hospital_staff(world)


@driver
def start_life(world):
    """People in their places, and everything that a month leaves behind for the next, as if there had been one."""
    choose_universities(world)
    start_people(world)
    measure_markets(world)
    world.domains.start_used_beds[:] = world.domains.used_beds
    sell(world)
    start_income(world)
    sum_skills(world)
    look_at_peers(world)
    open_seats(world)
    open_posts(world)
    world.paid[:] = 0  # what was sold to find the start's income is no payment
    world.series.public_won = 0
    world.series.public_won_cumulative = 0
    find_what_binds(world)
    count_people(world)
    world.market.start_mean_pay_won = world.market.mean_pay_won
    count_institutions(world)
    world.market.public_trust = world.parameters.trust_at_start
    world.series.public_trust = world.parameters.trust_at_start
    count_outcomes(world)
    audit(world)
    world.broken[:] = False  # opening accounts: there is nothing to compare them with


def people_at_start(hospitals: Table, firms: Table, universities: Table, p: Any) -> int:
    """At most so many people that ``start_people`` will add."""
    posts = int(hospitals.rows("desired_staff").sum() + firms.rows("desired_staff").sum())
    at_work = posts + int(universities.rows("core_teachers").sum())
    trainees = int(universities.rows("core_seats").sum())
    return int(at_work / (1 - p.seeking_share) + p.abroad + p.other_sectors) + trainees + 4
