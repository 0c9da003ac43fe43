"""Rules by hand: three numbers in, the known answer out, and the direction each must have."""

import ast
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from injae.agents import amounts, firm
from injae.agents.domains import Binding
from injae.agents.hospital import AdoptionStage
from injae.agents.kernels import ROOT
from injae.agents.randomness import Decision, draw
from injae.model import (
    adoption,
    education,
    firms,
    government,
    jobs,
    labour,
    migration,
    moves,
    pay,
    products,
    signals,
    universities,
)
from injae.model.parameters import parameter_record

P = parameter_record("korea", {
    "education.seats_per_course": 10, "country.undergraduate_share": 0.5,
    "education.undergraduate_seats_per_teacher": 12, "education.graduate_seats_per_teacher": 6,
    "education.teacher_pay_won_per_year": 120e6,
    "education.teacher_planning_months": 24, "education.first_cohort_quality": 0.6, "education.cohort_learning": 0.3,
    "hospitals.beds_unit": 300, "hospitals.gate_deployed": 1, "hospitals.gate_routine": 2, "hospitals.gate_pilot": 0,
})  # fmt: skip
share = st.floats(0, 1)


@pytest.mark.parametrize(("stocks", "seats", "binding"), [
    ((3, 2, 40), 16, Binding.TEACHERS),
    ((1, 9, 40), 10, Binding.COURSES),
    ((9, 9, 7.9), 7, Binding.SEATS),
    ((0, 9, 9), 0, Binding.COURSES),
])  # fmt: skip
def test_seats_are_what_the_scarcest_stock_allows(stocks, seats, binding):
    assert universities.seat_limit(*stocks, P) == (seats, binding)


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0, 500), st.floats(0, 5))
def test_more_of_anything_never_costs_seats(courses, teachers, seats, more):
    base = universities.seat_limit(courses, teachers, seats, P)[0]
    assert universities.seat_limit(courses + more, teachers, seats, P)[0] >= base
    assert universities.seat_limit(courses, teachers + more, seats, P)[0] >= base
    assert universities.seat_limit(courses, teachers, seats + more, P)[0] >= base


def test_a_teacher_serves_both_tracks_in_their_shares():
    assert universities.seats_per_teacher(P) == pytest.approx(8)  # 4 of the one take a third, 4 of the other two thirds
    uneven = parameter_record("korea", {
        "country.undergraduate_share": 0.5, "education.undergraduate_seats_per_teacher": 12,
        "education.graduate_seats_per_teacher": 7,
    })  # fmt: skip
    assert universities.seats_per_teacher(uneven) == pytest.approx(168 / 19)  # not a whole number


@pytest.mark.parametrize(("counts", "step"), [([1, 1, 1], 1), ([2, 2, 0], 0), ([0, 0, 5], 2), ([2, 0, 3], 2)])
def test_median_pay_is_that_of_the_one_in_the_middle(counts, step):
    assert signals.median_of(np.array(counts), sum(counts)) == step * signals.PAY_STEP_WON


def test_posts_that_money_can_pay():
    assert universities.affordable_posts(0, 0.0, P) == 0
    assert universities.affordable_posts(0, 24 * 40e6, P) == 4  # 40m a month pays four at 10m
    assert universities.affordable_posts(240_000_000, 0.0, P) == 1  # one for two years
    assert universities.affordable_posts(239_999_999, 0.0, P) == 0


@pytest.mark.parametrize("calendar_months", [range(1, 13)])
@pytest.mark.parametrize("year", [0, 750_000_000, 1_000_000_000, 1_000_000_007])
def test_twelve_months_add_up_to_the_year(year, calendar_months):
    assert sum(government.monthly_part(float(year), month) for month in calendar_months) == year


@pytest.mark.parametrize("year", [0, 750_000_000, 1_000_000_000, 1_000_000_007])
def test_a_year_is_paid_when_it_begins_and_a_rise_for_the_months_left(year):
    assert government.paid_in_advance(float(year), 1e9, 1) == year
    assert government.paid_in_advance(float(year), float(year), 6) == 0
    assert government.paid_in_advance(float(year), 0.0, 4) == year - year * 3 // 12
    assert government.paid_in_advance(0.0, float(year), 4) == 0  # nothing is taken back
    rises = government.paid_in_advance(5e8, 0.0, 3) + government.paid_in_advance(1.2e9, 5e8, 7)
    assert rises == 500_000_000 * 10 // 12 + 1 + 700_000_000 * 6 // 12


def test_teaching_gets_better_with_cohorts_and_worse_with_crowds():
    assert universities.teaching_quality(0, 5, 40, P) == pytest.approx(0.6)
    assert universities.teaching_quality(9, 5, 40, P) == pytest.approx(1 - 0.4 * 10**-0.3)
    assert universities.teaching_quality(0, 5, 160, P) == pytest.approx(0.6 * 0.5)


@given(share, share)
def test_reputation_stays_in_its_bounds(start, placement):
    reputation = 0.5 + start
    for _ in range(50):
        reputation = universities.next_reputation(reputation, placement, P)
    assert 0.5 <= reputation <= 1.5


@given(share, st.floats(0.1, 1), st.floats(-3, 3), st.floats(0.2, 2))
def test_learning_is_positive_and_never_passes_mastery(skill, quality, ability, focus):
    gain = education.learning_pace(quality, ability, P) * focus * (1 - skill)
    assert gain >= 0
    assert skill + gain <= 1 + 1e-12


def test_drop_out_in_an_average_course():
    average = education.log_drop_out_probability(0.0, 0.0, 0.0, P)
    assert math.exp(average) == pytest.approx(P.drop_out_per_month)
    assert (
        education.log_drop_out_probability(0.0, 2.0, 0.0, P)
        < average
        < education.log_drop_out_probability(1.0, 0.0, 0.0, P)
    )
    assert education.log_drop_out_probability(0.0, 0.0, 0.2, P) > average


def test_pay_by_fit_and_experience():
    mid_career = int(12 * P.experience_years_mid)
    perfect = pay.log_offer(math.log(80e6), 0.6, mid_career, 0.0, P)
    assert math.exp(perfect) == pytest.approx(80e6 * (P.offer_floor + P.offer_slope * 0.6))
    year_more = pay.log_offer(math.log(80e6), 0.6, mid_career + 12, 0.0, P)
    assert year_more - perfect == pytest.approx(P.experience_return_per_year)
    old = pay.experience_premium(10_000, P)
    assert old == pytest.approx(P.experience_return_per_year * (P.experience_years_max - P.experience_years_mid))


def test_reservation_wage_falls_to_its_floor():
    assert labour.reservation_wage(100.0, 0, P) == 100
    assert labour.reservation_wage(100.0, 2, P) == pytest.approx(100 * (1 - P.reservation_fall_per_month) ** 2)
    assert labour.reservation_wage(100.0, 100, P) == pytest.approx(100 * P.reservation_floor)


def test_posted_pay_rises_only_when_open_long_and_affordable():
    patience = P.patience_months
    assert labour.next_posted_pay(100.0, patience + 1, 2, True, P) == pytest.approx(100 * (1 + P.pay_rise_per_month))
    assert labour.next_posted_pay(100.0, patience, 2, True, P) == 100
    assert labour.next_posted_pay(100.0, patience + 1, 2, False, P) == 100
    assert labour.next_posted_pay(100.0, 0, 0, True, P) == pytest.approx(100 * (1 - P.pay_fall_per_month))


@given(st.floats(0, 60), st.floats(0, 40))
def test_mobility_falls_with_age_and_tenure(age, more):
    assert (
        labour.search_probability(20 + age + more, P)
        <= labour.search_probability(20 + age, P)
        <= P.job_search_per_month
    )
    assert jobs.separation_probability(11, P) > jobs.separation_probability(12, P)


def test_emigration_by_hand():
    at_35 = migration.emigration_log_odds(math.log(1.55), 0.16, 0.5, 35.0, P)
    log_odds = (
        P.emigration_base + P.pay_on_emigration * math.log(1.55)
        + P.network_on_emigration * 0.16 + P.skill_on_emigration * 0.5
    )  # fmt: skip
    assert at_35 == pytest.approx(log_odds)
    assert migration.emigration_log_odds(math.log(1.6), 0.16, 0.5, 35.0, P) > at_35
    assert migration.emigration_log_odds(math.log(1.55), 0.16, 0.5, 45.0, P) < at_35


def test_retirement_begins_at_its_age():
    assert jobs.retirement_probability(59.9, P) == 0
    assert jobs.retirement_probability(60.0, P) == P.retirement_per_month


def test_sector_leavers_lose_patience():
    early = migration.sector_leave_probability(7, 0.0, P)
    assert early == pytest.approx(P.sector_pull_per_month)
    assert migration.sector_leave_probability(8, 0.0, P) == pytest.approx(early + P.sector_leave_per_month)


def test_adoption_log_odds_by_hand():
    rest = P.trust_at_start
    of = adoption.AdoptionDrivers
    base = adoption.adoption_log_odds(of(0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, rest), P)
    assert base == P.adoption_base
    everything = adoption.adoption_log_odds(of(0.2, 0.5, 1.0, 0.3, 0.7, 0.4, 0.5, 0.1, rest + 0.1), P)
    assert everything - base == pytest.approx(
        0.2 * P.peer_on_adoption + 0.5 * P.absorptive_on_adoption + P.budget_on_adoption + 0.2 * P.quality_on_adoption
        + 0.3 * P.support_on_adoption - 0.4 * P.friction_on_adoption + 0.5 * P.data_on_adoption
        + 0.1 * P.demand_on_adoption + 0.1 * P.trust_on_adoption
    )  # fmt: skip


def test_absorptive_capacity_falls_with_size():
    assert adoption.absorptive_capacity(0.0, 300, P) == 0
    assert adoption.absorptive_capacity(2.0, 300, P) == pytest.approx(1 - math.exp(-1))
    assert adoption.absorptive_capacity(2.0, 900, P) < adoption.absorptive_capacity(2.0, 300, P)


def test_gates_scale_with_beds_up_to_a_unit():
    assert adoption.staff_gate(AdoptionStage.DEPLOYED, 150, P) == pytest.approx(0.5)
    assert adoption.staff_gate(AdoptionStage.ROUTINE, 3000, P) == 2
    assert adoption.staff_gate(AdoptionStage.INTERESTED, 3000, P) == 0
    needs = [adoption.staff_per_unit(stage, P) for stage in AdoptionStage]
    assert needs == sorted(needs)


def test_friction_is_rules_and_missing_payment():
    assert adoption.friction(0.0, 1.0, P) == 0
    assert adoption.friction(1.0, 0.0, P) == pytest.approx(1)
    assert adoption.friction(1.0, 1.0, P) == pytest.approx(P.rules_weight)
    assert products.payment(firm.Product.NONE, P) == 0
    assert products.payment(firm.Product.PROVISIONAL, P) == P.provisional_payment


def test_skilled_staff_protect_what_was_adopted():
    assert adoption.fall_back_probability(AdoptionStage.DEPLOYED, 0.0, P) == P.abandon_per_month
    assert adoption.fall_back_probability(AdoptionStage.PILOT, 0.0, P) == P.pilot_drop_per_month
    protected = adoption.fall_back_probability(AdoptionStage.DEPLOYED, 1.0, P)
    assert protected == pytest.approx(P.abandon_per_month * math.exp(-P.absorptive_on_fall_back))


def test_peers_are_the_region_and_the_hubs():
    assert adoption.peer_exposure(0.4, 0.4, P) == pytest.approx(0.4)
    assert adoption.peer_exposure(0.0, 1.0, P) == pytest.approx(P.tertiary_hub_weight / (1 + P.tertiary_hub_weight))


def test_firms_by_hand():
    assert products.improvement_probability(0.0, 0.5, P) == 0
    assert products.improvement_probability(3.0, 0.8, P) > products.improvement_probability(3.0, 0.2, P)
    assert firms.payable_staff(1e9, 80e6, P) == pytest.approx(P.specialist_pay_share * 12e9 / 80e6)
    assert firms.planned_staff(1000.0, 100, P) == math.floor(100 * (1 + P.staff_growth_max_per_month) + 0.5)
    assert firms.planned_staff(1000.0, 3, P) == 4
    assert firms.planned_staff(2.4, 100, P) == 2
    assert firms.exit_probability(6, firm.FirmClass.STARTUP, P) == pytest.approx(
        P.exit_per_month + P.infant_exit_per_month
    )
    assert firms.exit_probability(6, firm.FirmClass.CONGLOMERATE, P) == 0
    assert products.approval_probability(0.0, P) == 1
    assert products.reimbursement_probability(1.0, P) == 1


@given(st.integers(0, 300), st.integers(0, 300))
def test_places_are_never_more_than_free_seats(seats, enrolled):
    places = education.places_offered(seats, enrolled, P)
    assert 0 <= places <= max(0, seats - enrolled)
    assert (places > 0) == (seats > enrolled)


def test_people_have_keys_of_their_own():
    place = np.uint64(draw(0, Decision.INSTITUTION_KEY, np.uint64(1), 0) * 2**60)
    keys = {moves.person_key(1, place, month, seat) for month in range(50) for seat in range(200)}
    assert len(keys) == 50 * 200


def test_no_rule_takes_an_exponential_a_logarithm_or_a_cast_by_itself():
    """Where one overflows, compiled code goes on with an integer that is a place outside its arrays."""
    found = []
    for path in [*ROOT.glob("agents/*.py"), *ROOT.glob("model/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name, amount = ast.unparse(node.func), node.args[0] if node.args else None
            counts = isinstance(amount, ast.Constant | ast.Name) or path.name == "randomness.py"  # integers already
            if name in ("math.exp", "math.log", "np.exp") or (name == "np.int64" and not counts):
                found.append(path.name)
    assert set(found) == {"amounts.py"}


def test_amounts_have_a_value_whatever_they_are_made_of():
    for number in (-math.inf, -1.0, 0.0, 1e300, math.inf):
        assert 0 <= amounts.whole_won(number) <= amounts.MOST_WON
        assert 0 <= amounts.whole_count(number) <= amounts.MOST_COUNT
        assert amounts.LEAST_PAY <= amounts.whole_pay(number) <= amounts.MOST_PAY
        assert amounts.exp_of(number) < math.inf
    assert amounts.log_of(0.0) == -math.inf
    assert (amounts.whole_won(2.9), amounts.whole_count(2.9), amounts.whole_pay(5e7 + 0.9)) == (2, 2, 5e7)
