"""Exact invariants, every month of every run: people, won, capacity, stages, borders, switches, identity."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from conftest import PRESETS, history_of

from injae.agents.trainee import Source, State
from injae.experiments.checks.check import check
from injae.experiments.checks.oracle import count_people
from injae.experiments.checks.relations import RELATIONS, Kind
from injae.experiments.checks.verdicts import Status
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.invariants import InvariantBroken
from injae.model.scenario import Scenario

corners = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "corners.py"))
EXACT = [relation.id for relation in RELATIONS if relation.kind is Kind.EXACT and relation.id != "T8"]


@pytest.mark.parametrize("preset", PRESETS)
def test_exact_invariants_hold_every_month(preset):
    """People, won, capacity, stages, borders, switches, shocks: experiments/checks/relations.py says each, and how."""
    checked = check(Scenario.load(preset), 3, EXACT, workers=1)
    assert not checked.failures
    status = {finding.relation.id: finding.verdict.status for finding in checked.findings}
    expected = dict.fromkeys(EXACT, Status.HOLDS)
    if preset == "no-programme":
        expected["T4"] = Status.DOES_NOT_APPLY
    assert status == expected, checked.findings


def test_scenario_and_seed_alone_decide():
    (finding,) = check(Scenario.load("korea", ["months=24"]), 3, ["T8"], workers=1).findings
    assert finding.verdict.status is Status.HOLDS, finding.verdict.figures


@pytest.mark.parametrize("column", ["state", "employer"])
def test_ledger_of_people_catches_a_person_who_is_nowhere(column):
    model = Ecosystem("korea", 0).run(2)
    row = int(np.flatnonzero(model.people.rows("state") == State.FIRM)[0])
    wrong = State.SEEKING if column == "state" else model.people.columns.employer[row] + 1
    getattr(model.people.columns, column)[row] = wrong
    with pytest.raises(InvariantBroken, match="staff of firms"):
        model.step()


def test_ledger_of_people_catches_somebody_from_nowhere():
    model = Ecosystem("korea", 0).run(2)
    model.people.add(key=1, state=State.SEEKING, employer=-1, university=-1, pay_won_per_year=50_000_000)
    with pytest.raises(InvariantBroken, match="what came in"):
        model.step()


@pytest.mark.parametrize(
    ("table", "column"), [("universities", "courses_won"), ("universities", "core_won"), ("firms", "cash_won")]
)
def test_ledger_of_won_catches_a_single_won(table, column):
    model = Ecosystem("korea", 0).run(2)
    getattr(getattr(model, table).columns, column)[0] += 1
    with pytest.raises(InvariantBroken, match="differ from the books"):
        model.step()


def test_programme_pays_28_5_billion_won_exactly():
    for seed in range(3):
        history = history_of("korea", seed)
        assert history.grant_won.sum() == 28_500_000_000
        assert history.grant_won[1:13].sum() == 4_500_000_000
        assert history.grant_won[13:25].sum() == 6_000_000_000
        assert history.grant_won[61:].sum() == 0


def test_switches_at_zero_switch_off_and_nothing_else():
    assert history_of("korea", 0, 60, ("parameters.labour.job_search_per_month=0",)).hires.sum() > 0
    assert history_of("closed-borders", 1).returned.sum() > 0
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
    ("parameters.start.specialists_firms=13500",),
    ("parameters.start.abroad=3450", "parameters.country.applicants_per_intake=10800"),
    ("parameters.hospitals.ai_staff_budget_share=1", "parameters.hospitals.need_interested=0.8"),
    ("parameters.firms.entry_per_month=0.0435", "levers.visas_per_year=5000"),
])  # fmt: skip
def test_there_is_room_for_everybody(changes):
    """Compiled stages write rows without a check: the tables must have been given room before."""
    model = Ecosystem(Scenario.load("korea", ["months=10", *changes]), 0, events=True).run()
    for table in (model.people, model.firms, model.events):
        assert len(table) <= table.room
    assert count_people(model, len(model.people)) == []


def test_a_market_that_grows_without_end_is_refused_in_a_line():
    """Where pay may fall to nothing and staff double each month, posts grew until all memory was taken."""
    settings = ["parameters.labour.pay_fall_per_month=1", "parameters.firms.staff_growth_max_per_month=1"]
    with pytest.raises(InputError, match="korea: more than 1,000,000 open posts in 2025-"):
        Ecosystem(Scenario.load("korea", settings), 8).run()


@pytest.mark.parametrize("number", range(12))
def test_corners_of_the_allowed_ranges_are_lawful_or_refused_in_a_line(number):
    """Everything at an end of its range, as declared or in between; benchmarks/corners.py tries a thousand."""
    corner = corners["corner"](number)
    corner["set"]["months"] = 12
    outcome, said = corners["outcome_of"](corner)
    assert outcome in corners["RIGHT"], (outcome, said)
    assert len(said) <= 300
    assert "\n" not in said


def test_corners_are_drawn_over_the_whole_ranges():
    drawn = [corners["corner"](number)["set"] for number in range(40)]
    assert drawn[0] == corners["corner"](0)["set"] != drawn[4]
    for path, (low, _, high) in corners["ranges"]().items():
        values = [float(one[path]) for one in drawn if path in one]
        assert min(values) >= low and max(values) <= high
        if "grant_share" not in path:
            assert min(values) == low and max(values) == high, path


def test_more_people_than_fit_are_refused_before_they_are_made():
    settings = ["parameters.start.seeking_share=0.9", "parameters.start.vacancy_share=0.9",
                "parameters.start.specialists_firms=13500", "levers.visas_per_year=5000"]  # fmt: skip
    with pytest.raises(InputError, match="posts and people at the start, more than 1,000,000"):
        Ecosystem(Scenario.load("korea", settings), 0)
