"""Readings that docs/model.md settles where a sentence could be read in two ways, held against runs of the code."""

from types import SimpleNamespace

import numpy as np
import pytest

from injae.agents.firm import Product
from injae.agents.trainee import Source, State
from injae.model.country import read_country
from injae.model.ecosystem import Ecosystem
from injae.model.world import Event

MONTHS = 30
FIRMS = ("review_months_left", "product", "product_months", "vacancies", "desired_staff", "staff", "active")
HOSPITALS = ("stage", "stage_months", "vacancies", "desired_staff", "staff", "months_unfilled")


@pytest.fixture(scope="module")
def run():
    """A run with events, and the columns of firms and hospitals at the end of each month."""
    model = Ecosystem("korea", 3, events=True)
    firms, hospitals = [], []
    for month in range(MONTHS + 1):
        firms.append({name: model.firms.rows(name).copy() for name in FIRMS})
        hospitals.append({name: model.hospitals.rows(name).copy() for name in HOSPITALS})
        if month < MONTHS:
            model.step()
    return SimpleNamespace(model=model, firms=firms, hospitals=hospitals)


def test_a_review_begun_in_month_t_is_decided_in_month_t_plus_review_months(run):
    """H5: the counter is at the lever's 6 when it begins and goes down every month; no review begins when one ends."""
    begun = 0
    for before, after in zip(run.firms, run.firms[1:], strict=False):
        count = len(before["active"])
        was, now = before["review_months_left"], after["review_months_left"][:count]
        alive = before["active"] & after["active"][:count]
        begun += ((was < 0) & (now >= 0) & alive).sum()
        assert (now[(was < 0) & (now >= 0) & alive] == 6).all()
        under_way = (was > 1) & alive
        assert (now[under_way] == was[under_way] - 1).all()
        assert (now[(was == 1) & alive] == -1).all()
    assert begun > 50


def test_months_in_a_status_count_the_month_in_which_it_begins(run):
    """H5: a version approved in month t has product_months 1 at its end."""
    first = 0
    for before, after in zip(run.firms, run.firms[1:], strict=False):
        count = len(before["active"])
        new = (before["product"] == Product.NONE) & (after["product"][:count] == Product.PROVISIONAL)
        new &= before["review_months_left"] == 1  # its own version, not one that came with a firm taken over
        first += new.sum()
        assert (after["product_months"][:count][new] == 1).all()
    assert first > 5


def test_a_move_sets_the_months_in_the_stage_to_none_and_each_month_adds_one(run):
    """H1: after a move no other for ``stage_months_min`` months."""
    least = run.model.parameters.stage_months_min
    for before, after in zip(run.hospitals, run.hospitals[1:], strict=False):
        moved = before["stage"] != after["stage"]
        assert moved.any()
        assert (after["stage_months"][moved] == 0).all()
        assert (after["stage_months"][~moved] == before["stage_months"][~moved] + 1).all()
        assert (before["stage_months"][moved] + 1 >= least).all()


def test_posts_left_after_the_count_are_vacancies_of_the_next_month(run):
    """L1: the series counts what hires have left of the posts that were open, not desired less employed."""
    differ = 0
    for month, (hospitals, firms) in enumerate(zip(run.hospitals, run.firms, strict=True)):
        assert run.model.history.vacancies_hospitals[month] == hospitals["vacancies"].sum()
        for some in (hospitals, firms):
            lacking = np.maximum(0, some["desired_staff"] - some["staff"])
            assert (some["vacancies"] <= lacking).all()
            differ += (some["vacancies"] < lacking).sum()
    assert differ > 0


def test_a_course_of_n_months_ends_n_months_after_admission(run):
    """E8."""
    people = run.model.people
    source, graduated = people.rows("source"), people.rows("graduated_month")
    done = (source == Source.ADMISSION) & (graduated >= 0)
    months = graduated[done] - people.rows("source_month")[done]
    assert done.sum() > 20
    assert (months == people.rows("course_months")[done]).all()


def test_trainees_learn_in_the_month_of_admission():
    """E8: so a course of n months has n + 1 months of learning."""
    model = Ecosystem("korea", 3).run(3)
    fresh = (model.people.rows("source_month") == 3) & (model.people.rows("state") == State.ENROLLED)
    assert fresh.any() and (model.people.rows("skill")[fresh] > 0).all()


def test_months_searched_are_none_in_the_month_of_graduation(run):
    """L6: a graduate's least pay is the last pay itself in the month of graduation and falls from the next one on."""
    events = run.model.events
    met = events.rows("event") == Event.POST_MET
    seeking = met & (events.rows("state") == State.SEEKING)
    graduated = run.model.people.rows("graduated_month")[events.rows("person")]
    at_once = seeking & (graduated == events.rows("month")) & (events.rows("since_month") == events.rows("month"))
    later = seeking & (graduated == events.rows("month") - 1) & (events.rows("since_month") == graduated)
    fall = float(run.model.parameters.reservation_fall_per_month)
    for some, share in ((at_once, 1.0), (later, 1.0 - fall)):
        assert some.sum() > 50
        needed = events.rows("needed_won_per_year")[some]
        last = events.rows("last_pay_won_per_year")[some]
        assert needed == pytest.approx(share * last, rel=1e-6)


def test_numbered_institutions_are_called_as_described():
    """Section 4: keys come from these names."""
    country = read_country("korea")
    for label in ("Tertiary 1", "General 1", "Hospital 1"):
        assert label in country.hospitals.names
    for label in ("Conglomerate 1", "Mid-size 1", "Startup 1"):
        assert label in country.firms.names


def test_entry_pay_of_the_start_has_moved_by_a_twelfth():
    """5.3: the count at the end of the start moves it from the formula's to the mean of those in their first year."""
    start = Ecosystem("korea", 3)
    outside = start.market.outside_entry_pay_won / start.parameters.other_sector_pay_ratio  # the formula's
    people = start.people
    new = np.isin(people.rows("state"), (State.HOSPITAL, State.FIRM)) & (people.rows("career_months") < 12)
    mean = people.rows("pay_won_per_year")[new].mean()
    assert start.market.entry_pay_won == pytest.approx(outside + (mean - outside) / 12)


def test_a_teachers_tenure_begins_at_the_start_and_teachers_gain_career():
    """5.2, E8."""
    start = Ecosystem("korea", 3)
    teaching = start.people.rows("state") == State.UNIVERSITY
    assert (start.people.rows("since_month")[teaching] == 0).all()
    before = start.people.rows("career_months")[teaching].copy()
    key = start.people.rows("key")[teaching].copy()
    start.run(1)
    still = start.people.rows("state")[: len(teaching)][teaching] == State.UNIVERSITY
    assert (start.people.rows("key")[: len(teaching)][teaching] == key).all()
    assert (start.people.rows("career_months")[: len(teaching)][teaching][still] == before[still] + 1).all()
