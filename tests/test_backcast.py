"""Backcasting: what is told is what runs of the portfolio itself give; a small made world has known answers."""

import threading

import numpy as np
import pytest

from injae.experiments.layers import ALEATORY, USUAL
from injae.experiments.results import Run
from injae.experiments.runs import simulate_all
from injae.experiments.schedules import course, shortened, value_of
from injae.experiments.searches import surrogate
from injae.experiments.searches.backcast import FRESH, SEARCH, backcast
from injae.experiments.searches.desired import Desired, Unusable
from injae.experiments.searches.surrogate import (
    ENOUGH,
    MONTHS,
    PATHS,
    POINTS,
    RANGES,
    design,
    predict,
    prepare,
    settings_of,
)
from injae.experiments.summary import wilson_interval
from injae.model.levers import LEVERS
from injae.model.record import empty_history
from injae.model.scenario import Scenario, value_at

PLAN = Scenario.load("korea")
PER_SHARE = {  # specialists and public won that the full range of a lever brings in the made world
    "levers.visas_per_year": (300.0, 40e9),
    "levers.retraining_places_per_year": (400.0, 20e9),
    "levers.stipend_won_per_month": (200.0, 5e9),
    "levers.tax_credit_share": (1.0, 300e9),
}
NOW = 5000.0


class World:
    """Makes runs up: outcome and cost rise with levers; noise of 10 by seed; pay abroad costs 150."""

    def __init__(self, fails=(), stop_after=None, cancelled=None):
        self.asked, self.fails, self.stop_after, self.cancelled = [], fails, stop_after, cancelled

    def __call__(self, jobs, again):
        self.asked += jobs
        if self.stop_after is not None and len(self.asked) > self.stop_after:
            self.cancelled.set()
            return []
        return [self.one(job.plan, job.seed) for job in jobs]

    def one(self, plan, seed):
        if seed in self.fails:
            return Run(plan, seed, error="failed")
        history = empty_history(plan.months)
        specialists, won = np.full((2, plan.months + 1), [[NOW], [10e9]])
        for path, (gain, cost) in PER_SHARE.items():
            low, high = RANGES[path]
            share = (np.array(course(plan, path)) - low) / (high - low)
            specialists, won = specialists + gain * share, won + cost * share
        specialists = specialists - 300 * np.array(course(plan, "shocks.foreign_pay"))
        noise = 10 * np.sin(1 + 7.0 * seed)
        history["specialists"] = specialists + noise
        history["vacancy_rate"] = 0.9 - specialists / 10_000 + noise / 1e4
        history["public_won_cumulative"] = won
        return Run(plan, seed, history=history)


@pytest.fixture(autouse=True)
def own_surrogate(tmp_path, monkeypatch):
    monkeypatch.setattr(surrogate, "CACHE_FOLDER", tmp_path / "kernels")
    monkeypatch.setattr(surrogate, "STORED", tmp_path / "none.npz")


def look(value, world=None, cancelled=None, plan=PLAN, month=60, layers=USUAL, series="specialists", **more):
    desired = Desired(plan, series, month, value, layers, **more)
    told = []
    last = backcast(desired, world or World(), told.append, cancelled)
    assert told[-1] is last
    return desired, last, told


def test_the_cheapest_portfolio_that_reaches_the_value_is_found_and_holds_in_fresh_futures():
    desired, last, _ = look(NOW + 150)
    assert last.verdict == "done" and last.portfolios
    costs = [found.extra_won.mean for found in last.portfolios]
    assert costs == sorted(costs)
    # the cheapest specialist is a stipend's, 25m won: 150 more and the spread need about 4bn won
    assert set(last.portfolios[0].settings) == {"levers.stipend_won_per_month"}
    assert 3.5e9 < costs[0] < 5e9
    for found in last.portfolios:
        runs = [World().one(desired.with_levers(found.settings), seed) for seed in FRESH]
        outcomes = np.array([run.history["specialists"][60] for run in runs])
        assert found.reached == (outcomes >= desired.value).sum() and found.runs == len(FRESH)
        assert found.outcome.mean == pytest.approx(outcomes.mean())
        assert found.stage == "checked" and found.probability.mean >= 0.75


def test_levers_that_bring_nothing_are_left_out():
    _, last, _ = look(NOW + 350)
    for found in last.portfolios:
        assert set(found.settings) <= set(PER_SHARE) - {"levers.tax_credit_share"}


def test_portfolios_are_led_by_different_levers():
    _, last, _ = look(NOW + 150)
    sets = [frozenset(found.settings) for found in last.portfolios]
    assert len(set(sets)) == len(sets) >= 2


def test_what_breaks_a_portfolio_is_the_worst_shock():
    _, last, _ = look(NOW + 150)
    worst = last.portfolios[0].stress[0]
    assert worst.shock == "shocks.foreign_pay"
    assert worst.outcome == pytest.approx(last.portfolios[0].outcome.mean - 150, abs=15)


@pytest.mark.parametrize(("layers", "independent"), [(USUAL, 20), (ALEATORY, 40)])
def test_the_probability_counts_over_the_ensemble_or_with_noise_alone_as_it_was_asked(layers, independent):
    """Runs that share their parameters are no independent evidence: the interval is that of half as many."""
    world = World()
    _, last, _ = look(NOW + 150, world, layers=layers)
    found = last.portfolios[0]
    assert found.probability.mean == found.reached / found.runs
    assert found.probability == wilson_interval(found.probability.mean * independent, independent)
    parameters = {len(job.plan.parameters) for job in world.asked if job.seed in FRESH}
    assert (parameters == {0}) == (layers == ALEATORY)


def test_what_cannot_be_reached_is_told_with_how_far_it_goes():
    _, last, _ = look(NOW + 5000)
    assert last.verdict == "none" and not last.portfolios
    assert last.most == pytest.approx(NOW + sum(gain for gain, _ in PER_SHARE.values()), abs=10)


def test_what_is_there_already_needs_nothing():
    _, last, _ = look(NOW - 100)
    assert last.verdict == "already" and not last.portfolios


def test_levers_end_at_the_date():
    desired, last, _ = look(NOW + 150, month=48)
    for found in last.portfolios:
        plan = desired.with_levers(found.settings)
        for path in found.settings:
            assert value_of(plan, path, 48) == pytest.approx(found.settings[path])
            assert value_of(plan, path, 49) == value_of(PLAN, path, 49)


@pytest.mark.parametrize(
    ("series", "month", "value", "reason"),
    [
        ("public_won_cumulative", 60, 1e9, "series"),
        ("specialists", 2, 6000, "date"),
        ("specialists", 500, 6000, "date"),
        ("specialists", 60, -5, "value"),
        ("specialists", 60, float("nan"), "value"),
        ("specialists", 60, float("inf"), "value"),
        ("adoption_share", 60, 1.2, "above_all"),
    ],
)
def test_nonsense_is_refused_before_any_run(series, month, value, reason):
    world = World()
    with pytest.raises(Unusable) as refused:
        backcast(Desired(PLAN, series, month, value), world)
    assert refused.value.reason == reason and "needs" in str(refused.value)
    assert world.asked == []


@pytest.mark.parametrize(
    ("more", "reason"), [({"budget": -1.0}, "budget"), ({"since": 58}, "date"), ({"since": 0}, "date")]
)
def test_a_budget_or_a_beginning_that_makes_no_sense_is_refused(more, reason):
    with pytest.raises(Unusable) as refused:
        backcast(Desired(PLAN, "specialists", 60, NOW + 100, **more), World())
    assert refused.value.reason == reason


def test_a_search_can_be_stopped_at_any_time():
    for stop_after in (0, 100, 900, 1000):
        cancelled = threading.Event()
        _, last, _ = look(NOW + 150, World((), stop_after, cancelled), cancelled)
        assert last.verdict == "stopped"


def test_failed_runs_are_left_out():
    _, last, _ = look(NOW + 150, World(fails={SEARCH[1], FRESH[2]}))
    assert last.verdict == "done"
    assert {found.runs for found in last.portfolios} == {len(FRESH) - 1}


def test_a_first_portfolio_comes_before_it_is_checked():
    _, _, told = look(NOW + 150)
    first = next(item for item in told if item.portfolios)
    assert first.verdict == "searching" and {found.stage for found in first.portfolios} == {"guess"}
    stages = [[found.stage for found in item.portfolios] for item in told]
    assert ["found", "guess", "guess"] in stages and stages[-1] == ["checked"] * len(stages[-1])


def test_the_surrogate_is_continued_where_it_was_left_and_read_back():
    cancelled = threading.Event()
    part = prepare(World((), 330, cancelled), cancelled)
    assert 0 < part.known.sum() < POINTS
    again = World()
    whole = prepare(again, threading.Event())
    assert whole.known.all()
    assert len(again.asked) == (POINTS - part.known.sum()) * surrogate.FUTURES
    third = World()
    assert np.array_equal(prepare(third, threading.Event()).gains["specialists"], whole.gains["specialists"])
    assert third.asked == []
    surrogate.file_of().write_bytes(b"broken")
    assert not surrogate.load_sample().known.any()


def test_the_design_moves_few_levers_inside_ranges_that_scenarios_accept():
    shares = design()
    moved = (shares > 0).sum(axis=1)
    assert moved[0] == 0 and moved[1:].min() >= 1 and moved.max() <= surrogate.MOVED_MAX
    assert ((shares > 0).sum(axis=0) > POINTS / 10).all()
    for row in [*shares[::20], np.ones(len(PATHS))]:
        PLAN.with_settings(settings_of(row))
    for path, (low, high) in RANGES.items():
        lever = LEVERS[path.removeprefix("levers.")]
        present = value_at(PLAN.levers.get(path.removeprefix("levers."), []), 1, lever.default)
        assert low != high and low == present, path
        assert min(low, high) >= lever.low and max(low, high) <= lever.high, path


def test_a_search_starts_with_a_part_of_the_surrogate_and_the_rest_can_be_made_beside_it():
    world = World()
    part = prepare(world, threading.Event(), wanted=ENOUGH)
    assert part.known.sum() == ENOUGH and part.known[:ENOUGH].all()
    assert {job.plan.months for job in world.asked} == {MONTHS}
    others = [World(), World()]
    makers = [threading.Thread(target=prepare, args=(one, threading.Event())) for one in others]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(60)
    assert surrogate.load_sample().known.all()
    assert sum(len(one.asked) for one in others) == (POINTS - ENOUGH) * surrogate.FUTURES


def test_runs_end_at_the_date_and_are_the_first_months_of_the_whole_runs():
    plan = PLAN.with_settings({"levers.grant_scale": 1.5, "levers.data_access@2026-01": 0.8})
    whole, short = simulate_all([plan, shortened(plan, 36)], [3], uncertainty="aleatory")
    for name in surrogate.OUTCOMES:
        assert np.array_equal(whole.runs[0].history[name][:37], short.runs[0].history[name])
    world = World()
    look(NOW + 150, world, month=48)
    assert {job.plan.months for job in world.asked} == {48, MONTHS}


def test_what_only_some_futures_reach_is_not_called_out_of_reach():
    class Wild(World):
        def one(self, plan, seed):
            run = super().one(plan, seed)
            run.history["specialists"] += 2000 * (-1) ** seed
            return run

    desired, last, _ = look(NOW + 500, Wild())
    assert last.verdict == "unlikely" and last.most > desired.value


def test_prediction_recovers_a_known_world():
    sample = prepare(World(), threading.Event())
    for path, (gain, cost) in PER_SHARE.items():
        alone = np.array([[1.0 if other == path else 0.0 for other in PATHS]])
        assert predict(sample, "specialists", 60, alone)[0] == pytest.approx(gain, abs=25)
        assert predict(sample, surrogate.COST, 60, alone)[0] == pytest.approx(cost, abs=0.03 * 300e9)


def test_a_search_starts_from_the_levers_of_the_scenario():
    _, last, _ = look(NOW + 350, plan=PLAN.with_settings({"levers.retraining_places_per_year": 786}))
    assert last.verdict == "done"
    for found in last.portfolios:
        assert found.settings.get("levers.retraining_places_per_year", 786) >= 786


def test_a_guess_begins_where_the_levers_of_the_scenario_stand():
    plan = PLAN.with_settings({"levers.stipend_won_per_month": 800_000})
    desired, last, _ = look(NOW + 160 + 150, plan=plan)
    assert last.verdict == "done"
    for found in last.portfolios:
        assert found.probability.mean >= 0.75
        for path in found.settings:
            assert value_of(desired.with_levers(found.settings), path, 60) >= value_of(plan, path, 60)
        assert set(found.settings) & {"levers.retraining_places_per_year", "levers.visas_per_year"}


def test_a_first_guess_costs_no_run_of_its_own_and_lies_near_what_is_found():
    prepare(World(), threading.Event())
    world = World()
    _, last, told = look(NOW + 150, world)
    guess = next(item for item in told if item.portfolios).portfolios[0]
    assert next(n for n, item in enumerate(told) if item.portfolios) == 0
    assert set(guess.settings) == set(last.portfolios[0].settings)
    assert guess.extra_won.mean == pytest.approx(last.portfolios[0].extra_won.mean, rel=0.3)
    assert 0 < guess.probability.mean <= 1 and guess.runs == 0


def test_nothing_is_moved_before_the_month_that_was_named():
    desired, last, _ = look(NOW + 150, since=25)
    assert last.verdict == "done"
    for found in last.portfolios:
        plan = desired.with_levers(found.settings)
        for path, value in found.settings.items():
            assert course(plan, path)[:25] == course(PLAN, path)[:25]
            assert value_of(plan, path, 25) == value_of(plan, path, 60) == pytest.approx(value)


def test_within_a_budget_only_what_it_pays_for_is_told():
    desired, last, _ = look(NOW + 150, budget=4.6e9)
    assert last.verdict == "done"
    assert all(found.extra_won.mean <= desired.budget for found in last.portfolios)


def test_where_the_budget_is_too_small_the_nearest_for_it_is_told():
    desired, last, _ = look(NOW + 350, budget=5e9)  # 200 specialists cost 5bn, the next 150 more
    assert last.verdict == "short"
    best = last.portfolios[0]
    assert 0.75 * desired.budget <= best.extra_won.mean <= desired.budget
    assert best.stage == "checked" and best.probability.mean < 0.8
    assert best.outcome.mean == pytest.approx(NOW + 200, abs=40)


def test_of_some_outcomes_less_is_wanted():
    desired, last, _ = look(0.9 - (NOW + 150) / 10_000, series="vacancy_rate")
    assert last.verdict == "done"
    for found in last.portfolios:
        assert found.outcome.mean < desired.value and found.probability.mean >= 0.75
        assert found.stress[0].shock == "shocks.foreign_pay"


def test_the_stored_surrogate_is_of_the_present_model(monkeypatch):
    monkeypatch.undo()
    with np.load(surrogate.STORED) as stored:
        assert str(stored["key"]) == surrogate.key(), "run python docs/surrogate.py"
    assert surrogate.load_sample().known.all()
