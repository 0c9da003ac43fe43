"""Pull the future: what is told is what runs of the set itself give; a small made world has known answers."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from experiments.runs import Run, simulate_all
from experiments.summary import chance_interval
from model.levers import LEVERS
from model.record import empty_history
from model.scenario import Scenario, value_at
from viz.view.pull import sample as levers_sample
from viz.view.pull.sample import PATHS, RANGES, SETS, design, predict, prepare, settings_of
from viz.view.pull.search import FRESH, SEARCH, pull
from viz.view.pull.told import as_json, said
from viz.view.pull.wish import Wish, refusal
from viz.view.runs import Desk
from viz.view.state import ViewState

PLAN = Scenario.load("korea")
PER_SHARE = {  # specialists and public won that the full range of a lever brings in the made world
    "levers.visas_per_year": (300.0, 40e9),
    "levers.retraining_places_per_year": (400.0, 20e9),
    "levers.stipend_won_per_month": (200.0, 5e9),
    "levers.tax_credit_share": (1.0, 300e9),
}
NOW = 5000.0


class World(Desk):
    """A desk whose runs are made: outcome and cost rise with levers; noise of 10 by seed; pay abroad costs 150."""

    def __init__(self, fails=(), stop_after=None, cancelled=None):
        self.asked, self.fails, self.stop_after, self.cancelled = [], fails, stop_after, cancelled  # no pool

    def run(self, jobs, cancelled, urgency=0, keep=True):
        self.asked += jobs
        if self.stop_after is not None and len(self.asked) > self.stop_after:
            cancelled.set()
        return [] if cancelled.is_set() else [self.one(plan, seed) for plan, seed in jobs]

    def one(self, plan, seed):
        if seed in self.fails:
            return Run(plan, seed, error="failed")
        history = empty_history(plan.months)
        specialists, won = NOW, 10e9
        for path, (gain, cost) in PER_SHARE.items():
            low, high = RANGES[path]
            name = path.removeprefix("levers.")
            share = (value_at(plan.levers.get(name, []), 1, LEVERS[name].default) - low) / (high - low)
            specialists, won = specialists + gain * share, won + cost * share
        specialists -= 300 * value_at(plan.shocks.get("foreign_pay", []), 1, 0)
        noise = 10 * np.sin(1 + 7.0 * seed)
        history["specialists"] = specialists + noise
        history["public_won_cumulative"] = won
        return Run(plan, seed, history=history)


@pytest.fixture(autouse=True)
def own_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(levers_sample, "CACHE_FOLDER", tmp_path / "kernels")


def look(value, world=None, cancelled=None, series="specialists", month=60, **state):
    wish = Wish(ViewState(lang="en", **state), series, month, value)
    news = []
    last = pull(wish, world or World(), news.append, cancelled or threading.Event())
    assert news[-1] is last
    return wish, last, news


def test_the_cheapest_set_that_reaches_the_wish_is_found_and_holds_in_fresh_futures():
    wish, last, _ = look(NOW + 150)
    assert last.verdict == "done" and last.suggestions
    costs = [found.extra_won.mean for found in last.suggestions]
    assert costs == sorted(costs)
    # the cheapest specialist is a stipend's, 25m won: 150 more and the spread need about 4bn won
    assert set(last.suggestions[0].settings) == {"levers.stipend_won_per_month"}
    assert 3.5e9 < costs[0] < 5e9
    for found in last.suggestions:
        runs = [World().one(found.state.scenario(), seed) for seed in FRESH]
        outcomes = np.array([run.history["specialists"][60] for run in runs])
        assert found.reached == (outcomes >= wish.value).sum() and found.runs == len(FRESH)
        assert found.outcome.mean == pytest.approx(outcomes.mean())
        assert found.checked and found.chance.mean >= 0.75


def test_levers_that_bring_nothing_are_left_out():
    _, last, _ = look(NOW + 350)
    for found in last.suggestions:
        assert set(found.settings) <= set(PER_SHARE) - {"levers.tax_credit_share"}


def test_suggestions_are_led_by_different_levers():
    _, last, _ = look(NOW + 150)
    sets = [frozenset(found.settings) for found in last.suggestions]
    assert len(set(sets)) == len(sets) >= 2


def test_what_breaks_a_set_is_the_worst_shock():
    wish, last, _ = look(NOW + 150)
    worst = last.suggestions[0].breaks[0]
    assert worst.name == "shocks.foreign_pay"
    assert worst.outcome == pytest.approx(last.suggestions[0].outcome.mean - 150, abs=15)
    text = as_json(wish, last)["suggestions"][0]["breaks"]
    assert "Pay abroad (+50%)" in text


def test_the_chance_counts_over_the_ensemble_or_by_luck_alone_as_the_visitor_chose():
    """Runs that share their parameters are no independent evidence: the interval is that of half as many."""
    for state, independent in (({}, 20), ({"unsure": False}, 40)):
        world = World()
        wish, last, _ = look(NOW + 150, world, **state)
        found, shown = last.suggestions[0], as_json(wish, last)["suggestions"][0]["chance"]
        assert shown["mean"] == found.chance.mean == found.reached / found.runs
        assert found.chance == chance_interval(found.chance.mean * independent, independent)
        assert f"{found.reached} of {found.runs} fresh runs" in shown["text"]
        parameters = {len(plan.parameters) for plan, seed in world.asked if seed in FRESH}
        assert (parameters == {0}) == (not wish.state.unsure)


def test_what_cannot_be_reached_is_said_with_how_far_it_goes():
    wish, last, _ = look(NOW + 5000)
    assert last.verdict == "none" and not last.suggestions
    most = NOW + sum(gain for gain, _ in PER_SHARE.values())
    text = said(wish, last)
    told = float(text.split(" came to ")[1].split(" ")[0].replace(",", ""))
    assert "10,000" in text and told == pytest.approx(most, abs=10)


def test_what_is_there_already_needs_nothing():
    _, last, _ = look(NOW - 100)
    assert last.verdict == "already" and not last.suggestions


def test_levers_end_at_the_date_and_the_link_opens_the_set():
    wish, last, _ = look(NOW + 150, month=48)
    for found, shown in zip(last.suggestions, as_json(wish, last)["suggestions"], strict=True):
        assert ViewState.from_link(shown["link"]) == (found.state, None)
        for path in found.settings:
            assert found.state.value(path, 48) == pytest.approx(found.settings[path])
            assert found.state.value(path, 49) == ViewState().value(path, 49)


@pytest.mark.parametrize(
    ("series", "month", "value"),
    [
        ("public_trust", 60, 0.5),
        ("specialists", 2, 6000),
        ("specialists", 500, 6000),
        ("specialists", 60, -5),
        ("specialists", 60, float("nan")),
        ("specialists", 60, float("inf")),
        ("adoption_share", 60, 1.2),
    ],
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nonsense_is_refused_with_a_kind_sentence_and_no_run(series, month, value, lang):
    world = World()
    wish = Wish(ViewState(lang=lang), series, month, value)
    assert refusal(wish)
    last = pull(wish, world, lambda news: None, threading.Event())
    assert last.verdict == "refused" and said(wish, last) == refusal(wish)
    assert world.asked == []


def test_a_search_can_be_stopped_at_any_time():
    for stop_after in (0, 100, 900, 1000):
        cancelled = threading.Event()
        _, last, _ = look(NOW + 150, World(stop_after=stop_after), cancelled)
        assert last.verdict == "stopped"


def test_failed_runs_are_left_out():
    _, last, _ = look(NOW + 150, World(fails={SEARCH[1], FRESH[2]}))
    assert last.verdict == "done"
    assert {found.runs for found in last.suggestions} == {len(FRESH) - 1}


def test_a_first_suggestion_comes_before_it_is_checked():
    _, _, news = look(NOW + 150)
    first = next(item for item in news if item.suggestions)
    assert first.verdict == "searching" and not first.suggestions[0].checked


def test_the_sample_is_continued_where_it_was_left_and_read_back():
    cancelled, world = threading.Event(), World(stop_after=330)
    part = prepare(world, cancelled)
    assert 0 < part.known.sum() < SETS
    again = World()
    whole = prepare(again, threading.Event())
    assert whole.known.all()
    assert len(again.asked) == (SETS - part.known.sum()) * levers_sample.SEEDS
    third = World()
    assert np.array_equal(prepare(third, threading.Event()).values["specialists"], whole.values["specialists"])
    assert third.asked == []
    levers_sample.file_of().write_bytes(b"broken")
    assert not levers_sample.load_sample().known.any()


def test_the_design_moves_few_levers_inside_ranges_that_scenarios_accept():
    shares = design()
    moved = (shares > 0).sum(axis=1)
    assert moved[0] == 0 and moved[1:].min() >= 1 and moved.max() <= levers_sample.MOVED_MAX
    assert ((shares > 0).sum(axis=0) > SETS / 10).all()
    for row in [*shares[::20], np.ones(len(PATHS))]:
        PLAN.with_settings(settings_of(row))
    for path, (low, high) in RANGES.items():
        lever = LEVERS[path.removeprefix("levers.")]
        present = value_at(PLAN.levers.get(path.removeprefix("levers."), []), 1, lever.default)
        assert low != high and low == present, path
        assert min(low, high) >= lever.low and max(low, high) <= lever.high, path


def test_a_search_starts_with_a_part_of_the_sample_and_the_rest_can_be_made_beside_it():
    world = World()
    part = prepare(world, threading.Event(), wanted=levers_sample.ENOUGH)
    assert part.known.sum() == levers_sample.ENOUGH and part.known[: levers_sample.ENOUGH].all()
    assert {plan.months for plan, _ in world.asked} == {levers_sample.MONTHS}
    others = [World(), World()]
    makers = [threading.Thread(target=prepare, args=(one, threading.Event())) for one in others]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(60)
    assert levers_sample.load_sample().known.all()
    assert sum(len(one.asked) for one in others) == (SETS - levers_sample.ENOUGH) * levers_sample.SEEDS


def test_runs_end_at_the_date_and_are_the_first_months_of_the_whole_runs():
    plan = PLAN.with_settings({"levers.grant_scale": 1.5, "levers.data_access@2026-01": 0.8})
    whole, short = simulate_all([plan, levers_sample.shortened(plan, 36)], [3], uncertainty="luck")
    for name in levers_sample.OUTCOMES:
        assert np.array_equal(whole.runs[0].history[name][:37], short.runs[0].history[name])
    world = World()
    look(NOW + 150, world, month=48)
    assert {asked.months for asked, _ in world.asked} == {48, levers_sample.MONTHS}


def test_what_only_some_futures_reach_is_not_called_out_of_reach():
    class Wild(World):
        def one(self, plan, seed):
            run = super().one(plan, seed)
            run.history["specialists"] += 2000 * (-1) ** seed
            return run

    wish, last, _ = look(NOW + 500, Wild())
    assert last.verdict == "unlikely" and last.most > wish.value
    assert "four times in five" in said(wish, last)


def test_prediction_recovers_a_known_world():
    sample = prepare(World(), threading.Event())
    for path, (gain, cost) in PER_SHARE.items():
        alone = np.array([[1.0 if other == path else 0.0 for other in PATHS]])
        assert predict(sample, "specialists", 60, alone)[0] == pytest.approx(gain, abs=25)
        assert predict(sample, levers_sample.COST, 60, alone)[0] == pytest.approx(cost, abs=0.03 * 300e9)


def test_a_visitor_who_set_levers_starts_from_them():
    state = ViewState(lang="en").with_lever("levers.retraining_places_per_year", 786)
    wish = Wish(state, "specialists", 60, NOW + 350)
    last = pull(wish, World(), lambda news: None, threading.Event())
    assert last.verdict == "done"
    for found in last.suggestions:
        assert found.state.value("levers.retraining_places_per_year", 60) >= 786
        assert replace(found.state, changes=()) == replace(state, changes=())


def test_a_guess_begins_where_the_visitors_levers_stand():
    state = ViewState(lang="en").with_lever("levers.stipend_won_per_month", 800_000)
    wish = Wish(state, "specialists", 60, NOW + 160 + 150)
    last = pull(wish, World(), lambda news: None, threading.Event())
    assert last.verdict == "done"
    for found in last.suggestions:
        assert found.chance.mean >= 0.75
        for path in found.settings:
            assert found.state.value(path, 60) >= state.value(path, 60)
        assert set(found.settings) & {"levers.retraining_places_per_year", "levers.visas_per_year"}
