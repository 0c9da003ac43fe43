"""Exact laws, every month of every run: people, won, capacity, stages, borders, switches, identity."""

import numpy as np
import pytest
from conftest import PRESETS, history_of

from agents.trainee import Source, State
from model.ecosystem import Ecosystem
from model.laws import LawBroken
from model.ledger import PAYMENTS, Purpose
from model.scenario import Scenario

STOCKS = (
    "enrolled", "in_retraining", "seeking", "employed_hospitals", "employed_firms", "employed_universities",
    "other_sectors", "abroad", "left",
)  # fmt: skip


def recount(model: Ecosystem) -> None:
    """Check people, staff, capacity and won from the tables alone, without the model's own counting."""
    people, state = model.people, model.people.rows("state")
    stocks = [int((state == kind).sum()) for kind in State]
    assert sum(stocks) == len(people) == len(np.unique(people.rows("key")))
    assert [int(model.series[name]) for name in STOCKS] == [
        stocks[kind - 1]
        for kind in (
            State.ENROLLED, State.RETRAINING, State.SEEKING, State.HOSPITAL, State.FIRM, State.UNIVERSITY,
            State.OTHER_SECTOR, State.ABROAD, State.LEFT,
        )
    ]  # fmt: skip
    employer = people.rows("employer")
    for kind, table, column in (
        (State.HOSPITAL, model.hospitals, "staff"),
        (State.FIRM, model.firms, "staff"),
        (State.UNIVERSITY, model.universities, "teachers"),
    ):
        working = np.bincount(employer[state == kind], minlength=len(table))
        assert (working == table.rows(column)).all()
    assert (employer[(state == State.SEEKING) | (state >= State.OTHER_SECTOR)] == -1).all()


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_people_capacity_stages_and_won_every_month(preset, seed):
    model = Ecosystem(preset, seed)
    start_people = len(model.people)
    start_cash = model.firms.rows("cash_won").sum()
    came_in = 0
    for _ in range(model.plan.months):
        enrolled = model.universities.rows("enrolled").copy()
        # posts that last month's plan opened may still be filled this month
        limit = np.maximum(model.hospitals.rows("staff"), model.hospitals.rows("desired_staff"))
        stages = model.hospitals.rows("stage").astype(int)
        model.step()
        recount(model)
        # T1: whoever is here came in at the start, by admission, by visa or for retraining
        came_in += model.series.admitted + model.series.immigrated + model.series.began_retraining
        assert len(model.people) == start_people + came_in
        # T9: capacity, staff plans, one stage at a time
        full = np.maximum(model.universities.rows("seats"), enrolled)
        assert (model.universities.rows("enrolled") <= full).all()
        assert (model.hospitals.rows("staff") <= np.maximum(model.hospitals.rows("desired_staff"), limit)).all()
        assert np.abs(model.hospitals.rows("stage").astype(int) - stages).max() <= 1
        assert model.hospitals.rows("vacancies").min() >= 0
    # T2: what each sector holds is what it received less what it paid, to the won
    paid = model.paid.sum(axis=0)
    assert paid.dtype == np.int64
    assert model.paid.min() >= 0

    def balance(sector):
        received = sum(paid[purpose] for purpose, payment in PAYMENTS.items() if payment.payee == sector)
        spent = sum(paid[purpose] for purpose, payment in PAYMENTS.items() if payment.payer == sector)
        return received - spent

    rows = model.universities.rows
    held = rows("courses_won") + rows("teachers_won") + rows("infrastructure_won") + rows("core_won")
    assert (balance("universities") == held).all()
    assert balance("firms").sum() == model.firms.rows("cash_won").sum() - start_cash
    sectors = {account for payment in PAYMENTS.values() for account in (payment.payer, payment.payee)}
    assert sum(balance(sector).sum() for sector in sectors) == 0
    assert paid[Purpose.GRANT].sum() == model.history.grant_won.sum()
    assert -balance("government").sum() == model.history.public_won_cumulative[-1]


@pytest.mark.parametrize("column", ["state", "employer"])
def test_ledger_of_people_catches_a_person_who_is_nowhere(column):
    model = Ecosystem("korea", 0).run(2)
    row = int(np.flatnonzero(model.people.rows("state") == State.FIRM)[0])
    wrong = State.SEEKING if column == "state" else model.people.columns.employer[row] + 1
    getattr(model.people.columns, column)[row] = wrong
    with pytest.raises(LawBroken, match="staff of firms"):
        model.step()


def test_ledger_of_people_catches_somebody_from_nowhere():
    model = Ecosystem("korea", 0).run(2)
    model.people.add(key=1, state=State.SEEKING, employer=-1, university=-1, pay_won_per_year=50_000_000)
    with pytest.raises(LawBroken, match="what came in"):
        model.step()


@pytest.mark.parametrize(
    ("table", "column"), [("universities", "courses_won"), ("universities", "core_won"), ("firms", "cash_won")]
)
def test_ledger_of_won_catches_a_single_won(table, column):
    model = Ecosystem("korea", 0).run(2)
    getattr(getattr(model, table).columns, column)[0] += 1
    with pytest.raises(LawBroken, match="differ from the books"):
        model.step()


def test_programme_pays_28_5_billion_won_exactly():
    for seed in range(3):
        history = history_of("korea", seed)
        assert history.grant_won.sum() == 28_500_000_000
        assert history.grant_won[1:13].sum() == 4_500_000_000
        assert history.grant_won[13:25].sum() == 6_000_000_000
        assert history.grant_won[61:].sum() == 0


def test_zero_grant_builds_nothing():
    model = Ecosystem("no-programme", 0).run()
    assert model.history.grant_won.sum() == 0
    assert model.paid[:, [Purpose.GRANT, Purpose.COURSES, Purpose.INFRASTRUCTURE, Purpose.GRANTED_TEACHERS]].sum() == 0
    assert model.universities.rows("granted_courses").sum() == 0
    assert model.universities.rows("granted_seats").sum() == 0
    assert (model.universities.rows("teacher_posts") == model.universities.rows("core_teachers")).all()
    assert model.history.programme_graduates_cumulative[-1] == 0
    assert not model.people.rows("programme").any()


def test_closed_borders():
    model = Ecosystem("closed-borders", 1)
    abroad_at_start = set(model.people.rows("key")[model.people.rows("state") == State.ABROAD])
    model.run()
    assert model.history.emigrated.sum() == 0
    assert model.history.immigrated.sum() == 0
    now_abroad = set(model.people.rows("key")[model.people.rows("state") == State.ABROAD])
    assert now_abroad < abroad_at_start
    returned = model.history.returned.sum()
    assert 0 < returned <= len(abroad_at_start) - len(now_abroad)  # the others retired abroad


def test_switches_at_zero_switch_off():
    none = history_of("korea", 0, 60, ("levers.retraining_places_per_year=0", "levers.visas_per_year=0"))
    assert none.began_retraining.sum() == none.retrained_clinicians_cumulative[-1] == none.immigrated.sum() == 0
    still = history_of("korea", 0, 60, ("parameters.labour.job_search_per_month=0",))
    assert still.job_to_job_moves.sum() == 0
    assert still.hires.sum() > 0
    empty = history_of("korea", 0, 36, ("parameters.education.drop_out_per_month=0",))
    assert empty.dropped_out.sum() == 0


def test_extremes_stop_what_they_must():
    assert history_of("korea", 0, 24, ("parameters.labour.match_threshold=1",)).hires.sum() == 0
    base = history_of("korea", 0, 24)
    quitting = history_of("korea", 0, 24, ("parameters.education.drop_out_per_month=1",))
    assert quitting.graduated.sum() < 0.05 * base.graduated.sum()  # ability saves a few for some months


def test_everybody_but_teachers_leaves_when_separation_is_certain():
    history = history_of("korea", 0, 6, ("parameters.labour.separation_per_month=1",))
    staff = history.employed_hospitals[:-1] + history.employed_firms[:-1] + history.employed_universities[:-1]
    assert (history.separations[1:] >= 0.97 * staff).all()  # the others retired or founded a firm that month


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return all(np.array_equal(a[name], b[name], equal_nan=a.dtype[name].kind == "f") for name in a.dtype.names)


def test_zero_shock_is_no_shock_and_a_shock_leaves_the_past_alone():
    plain = history_of("korea", 3)
    assert same(history_of("korea", 3, 120, ("shocks.demand=0",)), plain)
    shocked = history_of("korea", 3, 120, ("shocks.demand@2029-12=0.3",))
    assert same(shocked[:60], plain[:60])
    assert not same(shocked[60:], plain[60:])


@pytest.mark.parametrize("change", ["levers.grant_scale", "levers.data_access", "levers.borders_open", "shocks.demand"])
def test_what_begins_after_the_horizon_changes_nothing(change):
    value = "0" if change != "shocks.demand" else "1"
    assert same(history_of("korea", 4, 60, (f"{change}@2030-01={value}",)), history_of("korea", 4, 60))


def test_same_seed_same_country_at_the_start_under_every_policy():
    starts = [Ecosystem(preset, 5) for preset in PRESETS]
    for model in starts[1:]:
        assert same(model.history[:1], starts[0].history[:1])
        assert (model.people.rows("key") == starts[0].people.rows("key")).all()
        assert (model.firms.rows("desired_staff") == starts[0].firms.rows("desired_staff")).all()


def test_people_untouched_by_a_policy_have_the_same_past():
    """T22 up to the month in which the policy begins: everybody is where they were, to the won of their pay."""
    plain, opened = Ecosystem("korea", 6).run(24), Ecosystem("open-data", 6)
    opened.run(12)
    before = Ecosystem("korea", 6).run(12)
    for name in before.people.declared:
        assert np.array_equal(opened.people.rows(name), before.people.rows(name)), name
    opened.run(12)
    assert len(plain.people) > len(before.people)
    common = np.intersect1d(plain.people.rows("key"), opened.people.rows("key"))
    assert common.size > 0.98 * len(plain.people)


def test_months_and_horizon():
    model = Ecosystem(Scenario.load("korea", ["months=2"]), 0).run()
    with pytest.raises(StopIteration, match="2 months"):
        model.step()
    assert (model.people.rows("source_month")[model.people.rows("source") == Source.START] == 0).all()


@pytest.mark.parametrize("changes", [
    ("parameters.start.seeking_share=0.9",),
    ("parameters.start.specialists_firms=20000",),
    ("parameters.start.abroad=20000", "parameters.country.applicants_per_intake=50000"),
    ("parameters.hospitals.ai_staff_budget_share=1", "parameters.hospitals.need_interested=6"),
    ("parameters.firms.entry_per_month=0.2", "levers.visas_per_year=5000"),
])  # fmt: skip
def test_there_is_room_for_everybody(changes):
    """Compiled stages write rows without a check: the tables must have been given room before."""
    model = Ecosystem(Scenario.load("korea", ["months=10", *changes]), 0, events=True).run()
    for table in (model.people, model.firms, model.events):
        assert len(table) <= table.room
    recount(model)
