"""The opening screen: the kept answer is of the present model, and the sentence says no more than its ranges do."""

import json
from types import SimpleNamespace

import numpy as np

from injae.viz.view.policy import events, opening
from injae.viz.view.policy.curves import Curves
from injae.viz.view.policy.payload import stored_board
from injae.viz.view.sharing import embed
from injae.viz.view.sharing.preview import Asked
from injae.viz.view.state import SEEDS, ViewState

DUE = "made from another model, data or posterior: run python docs/opening.py"
TITLES = opening.Titles("The plan", "Nothing")


def test_the_kept_answer_is_of_the_present_model():
    kept = json.loads(opening.STORED.read_text(encoding="utf-8"))
    assert kept["key"] == opening.key(), DUE
    assert kept["runs"] == SEEDS and set(kept["curves"]) == set(opening.SHOWN)


def test_a_kept_answer_of_another_model_is_not_shown(monkeypatch):
    monkeypatch.setattr(opening, "key", lambda: "another")
    opening.stored.cache_clear()
    assert opening.stored() is None and stored_board("en") is None
    opening.stored.cache_clear()


def test_only_the_default_scenario_has_a_kept_answer():
    assert opening.is_default(ViewState(lang="en")) and opening.is_default(ViewState(lang="ko"))
    assert not opening.is_default(ViewState().with_lever("levers.grant_scale", 2))
    assert not opening.is_default(ViewState(seeds=8)) and not opening.is_default(ViewState(month=120))


def _curves(gap, low, high):
    rows = (np.full(3, value) for value in (100, 50, 150, 90, 110, 100 - gap, gap, low, high))
    return Curves(*rows)


def test_a_difference_whose_range_holds_nothing_is_not_claimed():
    curves = {"employed_hospitals": _curves(30, 10, 60), "adoption_share": _curves(0.002, -0.002, 0.005)}
    said = opening.sentence(curves, 1, "2029-12", TITLES, "en")
    assert "+30 (+10 to +60) specialists" in said and "no clear difference in hospitals using AI" in said
    curves["adoption_share"] = _curves(0.05, 0.01, 0.08)
    said = opening.sentence(curves, 1, "2029-12", TITLES, "en")
    assert "no clear difference" not in said and "+5.0 points (+1.0 to +8.0)" in said


def test_without_a_baseline_the_levels_are_told():
    rows = [np.full(3, value) for value in (100, 50, 150, 90, 110)]
    curves = {"employed_hospitals": Curves(*rows), "adoption_share": Curves(*(row / 1000 for row in rows))}
    said = opening.sentence(curves, 1, "2029-12", opening.Titles("The plan", None), "en")
    assert "100 (50 to 150)" in said and "10.0% (5.0 to 15.0)" in said


def test_an_event_is_dropped_on_the_policy_and_replaces_nothing_of_it():
    policy = ViewState().with_lever("levers.grant_won_per_year", 2e9).with_lever("levers.data_access", 0.8)
    state = events.dropped(policy, "funding-stop", 30)
    assert set(policy.changes) < set(state.changes)
    assert state.scenario().levers["grant_won_per_year"] == [(0, 2e9), (30, 0.0)]
    scandal = events.dropped(policy, "privacy-scandal", 30)
    assert "shocks.privacy_scandal@2027-06..2027-06=40" in scandal.changes
    assert all(events.changes(name) for name in events.EVENTS)


def test_an_embedded_page_computes_for_one_at_a_time(monkeypatch):
    asked = []
    desk = SimpleNamespace(known=lambda state: None, ask=lambda state, take, enough: asked.append(state))
    monkeypatch.setattr(embed, "desk", lambda: desk)
    link = Asked("http://sim.example/", "embed=1&lang=en&levers.grant_scale=2")
    with embed.COMPUTING:
        page = embed.embedded(link).decode()
    assert not asked and '<p class="lead"></p>' in page and "preview.png?" in page and "levers.grant_scale=2" in page
    embed.embedded(link)
    assert len(asked) == 1 and not embed.COMPUTING.locked()
    assert "<script" not in page and "<img" not in embed.embedded(link._replace(query="embed=answer")).decode()
