"""The end of the month: signals for next month's decisions, and the stocks of the record."""

import numpy as np

from injae.agents.domains import DOMAINS, Binding
from injae.agents.hospital import AdoptionStage, Tier
from injae.agents.kernels import process, rule
from injae.agents.trainee import State
from injae.model.firms import is_young
from injae.model.moves import is_employed, is_in_practice
from injae.model.universities import is_senior
from injae.model.world import REGIONS

PAY_STEP_WON = 100_000  # resolution of median pay
PAY_STEPS = 10_000  # up to 1bn won a year
TIERS = len(Tier)


@rule
def median_of(counts, people):
    """Median pay from counts per step of ``PAY_STEP_WON``; 0 without anybody."""
    seen, middle = 0, (people + 1) // 2
    if people == 0:
        return 0
    for step in range(counts.size):
        seen += counts[step]
        if seen >= middle:
            return step * PAY_STEP_WON
    return counts.size * PAY_STEP_WON


@process
def begin_record(world):
    """The month's record takes over what the one before has counted so far (see Design concepts)."""
    before, series = world.history[world.now.month - 1], world.series
    series.programme_admitted_cumulative = before.programme_admitted_cumulative
    series.programme_graduates_cumulative = before.programme_graduates_cumulative
    series.retrained_clinicians_cumulative = before.retrained_clinicians_cumulative
    series.retained_3_years_cumulative = before.retained_3_years_cumulative
    series.retained_5_years_cumulative = before.retained_5_years_cumulative
    series.products_approved_cumulative = before.products_approved_cumulative
    series.public_won_cumulative = before.public_won_cumulative


@rule
def mean_hires(history, month):
    """Hires per month, on average over the last twelve months."""
    first = max(1, month - 11)
    hires = 0
    for past in range(first, month + 1):
        hires += history[past].hires
    return hires / max(1, month + 1 - first)


@process
def count_people(world):
    """People and pay are counted, and market signals set for the next month (rule E6)."""
    people, series, market, p = world.people, world.series, world.market, world.parameters
    stocks = np.zeros(State.LEFT + 1, np.int64)
    pay_counts = np.zeros((2, PAY_STEPS), np.int32)
    pay_sum, entry_pay, entrants, seniors, programme = np.zeros(2), 0.0, 0, 0, 0
    for i in range(world.rows.people):
        state = people.state[i]
        stocks[state] += 1
        if is_in_practice(state):
            sector = state - State.HOSPITAL
            pay = people.pay_won_per_year[i]
            pay_sum[sector] += pay
            pay_counts[sector, min(PAY_STEPS - 1, pay // PAY_STEP_WON)] += 1
            if people.career_months[i] < 12:
                entry_pay += pay
                entrants += 1
            seniors += is_senior(people.career_months[i], p)
        if people.programme[i] and people.graduated_month[i] >= 0 and is_employed(state):
            programme += 1
            since = world.now.month - people.graduated_month[i]
            series.retained_3_years_cumulative += since == 36
            series.retained_5_years_cumulative += since == 60

    series.enrolled = stocks[State.ENROLLED]
    series.in_retraining = stocks[State.RETRAINING]
    series.seeking = stocks[State.SEEKING]
    series.employed_hospitals = stocks[State.HOSPITAL]
    series.employed_firms = stocks[State.FIRM]
    series.employed_universities = stocks[State.UNIVERSITY]
    series.teachers = stocks[State.UNIVERSITY]
    series.other_sectors = stocks[State.OTHER_SECTOR]
    series.abroad = stocks[State.ABROAD]
    series.left = stocks[State.LEFT]
    employed = stocks[State.HOSPITAL] + stocks[State.FIRM]
    active = employed + stocks[State.UNIVERSITY] + stocks[State.SEEKING]
    series.specialists = active
    series.programme_practitioners = programme
    series.median_pay_hospitals_won_per_year = median_of(pay_counts[0], stocks[State.HOSPITAL])
    series.median_pay_firms_won_per_year = median_of(pay_counts[1], stocks[State.FIRM])
    series.median_pay_won_per_year = median_of(pay_counts[0] + pay_counts[1], employed)

    if employed > 0:
        market.mean_pay_won = pay_sum.sum() / employed
    if stocks[State.FIRM] > 0:
        market.mean_pay_firms_won = pay_sum[1] / stocks[State.FIRM]
    if entrants > 0:
        market.entry_pay_won += (entry_pay / entrants - market.entry_pay_won) / 12.0
    market.expected_pay_won += p.expectation_speed_per_month * (market.entry_pay_won - market.expected_pay_won)
    market.unemployment_share = stocks[State.SEEKING] / max(active, 1)
    market.abroad_share = stocks[State.ABROAD] / max(stocks[State.ABROAD] + active, 1)
    market.senior_practitioners = seniors
    series.entry_pay_won_per_year = market.entry_pay_won


@process
def count_institutions(world):
    """Seats, vacancies, adoption, firms and what binds are counted (see Design concepts)."""
    universities, hospitals, firms, series = world.universities, world.hospitals, world.firms, world.series
    held_back = np.zeros(Binding.PRODUCT + 1)
    series.seats = 0
    funded = max(1, universities.funded[: world.rows.universities].sum())
    for u in range(world.rows.universities):
        series.seats += universities.seats[u]
        series.programme_seats += max(0, universities.seats[u] - universities.own_seats[u])
        if universities.funded[u]:
            held_back[universities.binding[u]] += 1.0 / funded

    using, routine, pilots = 0, 0, 0
    by_tier, by_region, by_domain = np.zeros(TIERS), np.zeros(REGIONS), np.zeros(DOMAINS)
    tiers, regions = np.zeros(TIERS), np.zeros(REGIONS)
    for h in range(world.rows.hospitals):
        top = hospitals.stage[h].max()
        tiers[hospitals.tier[h]] += 1.0
        regions[hospitals.region[h]] += 1.0
        routine += top == AdoptionStage.ROUTINE
        for d in range(DOMAINS):
            series.routine_domains += hospitals.stage[h, d] == AdoptionStage.ROUTINE
        pilots += top == AdoptionStage.PILOT
        if top >= AdoptionStage.DEPLOYED:
            using += 1
            by_tier[hospitals.tier[h]] += 1.0
            by_region[hospitals.region[h]] += 1.0
            for d in range(DOMAINS):
                by_domain[d] += hospitals.stage[h, d] >= AdoptionStage.DEPLOYED
        series.vacancies_hospitals += hospitals.vacancies[h]
        held_back[hospitals.main_binding[h]] += 1.0 / world.rows.hospitals
    count = max(world.rows.hospitals, 1)
    series.adoption_share = using / count
    series.routine_share = routine / count
    series.pilot_share = pilots / count
    series.adoption_share_tertiary = by_tier[Tier.TERTIARY] / max(tiers[Tier.TERTIARY], 1.0)
    series.adoption_share_general = by_tier[Tier.GENERAL] / max(tiers[Tier.GENERAL], 1.0)
    series.adoption_share_hospital = by_tier[Tier.HOSPITAL] / max(tiers[Tier.HOSPITAL], 1.0)
    series.adoption_share_capital = by_region[0] / max(regions[0], 1.0)
    series.adoption_share_regions = by_region[1] / max(regions[1], 1.0)
    series.adoption_share_imaging = by_domain[0] / count
    series.adoption_share_risk = by_domain[1] / count
    series.adoption_share_treatment = by_domain[2] / count
    series.adoption_share_research = by_domain[3] / count

    for f in range(world.rows.firms):
        series.firms += firms.active[f]
        series.young_firms += firms.active[f] and is_young(world.now.month - firms.founded_month[f])
        series.vacancies_firms += firms.vacancies[f]
    domains = world.domains
    series.product_quality = (domains.quality * domains.used_beds).sum() / max(domains.used_beds.sum(), 1.0)
    series.demand_pressure = world.now.demand_pressure
    vacancies = series.vacancies_hospitals + series.vacancies_firms
    posts = vacancies + series.employed_hospitals + series.employed_firms
    started = world.now.month > 0
    series.vacancy_duration_months = (
        vacancies / max(mean_hires(world.history, world.now.month), 1 / 12) if started else np.nan
    )
    series.vacancy_rate = vacancies / max(posts, 1)

    series.binding_seats = held_back[Binding.SEATS]
    series.binding_teachers = held_back[Binding.TEACHERS]
    series.binding_courses = held_back[Binding.COURSES]
    series.binding_staff = held_back[Binding.STAFF]
    series.binding_budget = held_back[Binding.BUDGET]
    series.binding_regulation = held_back[Binding.REGULATION]
    series.binding_data = held_back[Binding.DATA]
    series.binding_demand = held_back[Binding.DEMAND]
