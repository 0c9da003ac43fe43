"""The state before the first month (section 5)."""

import statistics
from math import exp, log

from injae.agents.firm import FirmClass
from injae.agents.hospital import Tier
from injae.agents.trainee import State

from .firm import Firm
from .hospital import Hospital
from .person import DOMAINS, Person
from .university import University

CANDIDATES = 4


def found_institutions(model, country):
    """Section 5.1: universities, hospitals and firms, with the posts that people will fill."""
    members = sorted(range(len(country.universities)), key=lambda row: country.universities[row]["funded"] != "yes")
    for row, content in enumerate(country.universities):
        University(model, content, members.index(row))
    named = country.hospitals
    full_records = country.by_tier("hospitals", "full_records_share")
    for name, tier, region in zip(named.names, named.classes, named.regions, strict=True):
        Hospital(model, name, tier, region).draw_start(full_records[tier])
    set_budgets(model, country)
    keys = dict(zip(named.names, named.keys, strict=True))
    order = sorted(model.hospitals, key=lambda h: (h.region == 0, h.tier, keys[h.name]))
    for rank, hospital in enumerate(order):
        hospital.core_rank = rank
    found_firms(model, country)
    hospitals, firms = list(model.hospitals), list(model.firms)
    for university, state, row in country.partners:
        partner = hospitals[row] if state == State.HOSPITAL else firms[row]
        list(model.universities)[university].partners.append(partner)


def set_budgets(model, country):
    """IT budgets by tier, scaled by beds within each class, and posted pay."""
    p, general = model.p, country.facts["hospitals"]["general"]
    budgets = country.by_tier("hospitals", "it_budget_won_per_year")

    def class_of(hospital):
        return hospital.tier, hospital.tier == Tier.GENERAL and hospital.beds < p.small_general_beds

    beds = {}
    for hospital in model.hospitals:
        beds.setdefault(class_of(hospital), []).append(hospital.beds)
    for hospital in model.hospitals:
        tier, small = class_of(hospital)
        budget = general["it_budget_small_won_per_year"] if small else budgets[tier]
        hospital.it_budget = int(budget * hospital.beds / statistics.mean(beds[tier, small]))
        hospital.posted_pay = int(p.hospital_pay_ratio * p.firm_pay_won_per_year)
    median = statistics.median(hospital.it_budget for hospital in model.hospitals)
    for hospital in model.hospitals:
        hospital.log_budget = log(hospital.it_budget / median)


def found_firms(model, country):
    """Firms with their sizes: start-ups below all others, in random order."""
    p, named = model.p, country.firms
    order = sorted(
        range(len(named.names)), key=lambda row: (named.classes[row] == FirmClass.STARTUP, model.random.random())
    )
    weights = [(rank + 1) ** -p.firm_size_slope for rank in range(len(order))]
    total = sum(weights)
    posts = {
        row: max(1, round(weight / total * p.specialists_firms / (1 - p.vacancy_share)))
        for row, weight in zip(order, weights, strict=True)
    }
    for row, (name, kind, domain) in enumerate(zip(named.names, named.classes, named.domains, strict=True)):
        Firm(model, name, kind, domain).draw_start(posts[row])


def fill_posts(model):
    """Section 5.2: people at work, teachers, and everybody else of the field."""
    p = model.p
    for employer in [*model.hospitals, *model.firms]:
        for _ in range(employer.desired_staff):
            if model.chance(1 - p.vacancy_share):
                start_worker(model, employer)
    for university in model.universities:
        for _ in range(university.core_teachers):
            mid_career(model).take_job(university, p.teacher_pay_won_per_year)
    seeking = p.seeking_share / (1 - p.seeking_share) * model.entered
    for state, expected in (State.SEEKING, seeking), (State.ABROAD, p.abroad), (State.OTHER_SECTOR, p.other_sectors):
        for _ in range(round(expected)):
            person = mid_career(model)
            person.state = state
            if state == State.SEEKING:
                person.since = -int(p.seeking_months_max * model.random.random())
    for university in model.universities:
        for _ in range(
            university.seat_limit(university.core_courses, university.core_teachers, university.core_seats)[0]
        ):
            start_trainee(model, university)


def mid_career(model):
    """Somebody with a career in the field."""
    p, random = model.p, model.random
    age = max(min(random.gauss(p.mean_age_years, p.sd_age_years), p.retirement_age_years - 1), p.career_start_age_years)
    person = Person(model, State.SEEKING, age)
    worked = p.career_share_min + (1 - p.career_share_min) * random.random()
    person.career_months = int(12 * worked * (age - p.career_start_age_years))
    main = random.randrange(DOMAINS)
    for d in range(DOMAINS):
        share = 1.0 if d == main else p.other_skill_share_low + p.other_skill_share_spread * random.random()
        person.skill[d] = min(0.95, share * p.skill_mean * exp(p.skill_sd * person.ability))
    person.pay = int(person.usual_pay())
    return person


def start_worker(model, employer):
    """The best of four candidates stands for the choice of employer that people at work have made."""
    p, random = model.p, model.random
    person = mid_career(model)
    candidates = [(random.gauss(0, 1), random.gauss(0, 1)) for _ in range(CANDIDATES)]
    taste, match = max(candidates, key=lambda pair: p.taste_sd * pair[0] + p.match_pay_sd * pair[1])
    person.tastes[employer], person.match_effects[employer] = taste, match
    if employer.state == State.FIRM and model.chance(p.own_domain_share):
        main, own = person.skill.index(max(person.skill)), employer.domain
        person.skill[main], person.skill[own] = person.skill[own], person.skill[main]
    person.take_job(employer, exp(person.log_offer(employer, person.fit(employer.post_domain))))
    person.since = -int(min(random.expovariate(1 / p.mean_tenure_months), person.career_months))


def start_trainee(model, university):
    """A trainee somewhere in the course."""
    p = model.p
    trainee = university.new_trainee(0.5)
    months = int(model.random.random() * trainee.course_months)
    trainee.since = -months
    trainee.birth_month -= months
    trainee.skill = [1 - exp(-p.learning_per_month * focus * months) for focus in university.focus]
