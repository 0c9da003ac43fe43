"""The panel of levers: every lever is there, its slider reaches its ends, and it says how the lever stands."""

import re

import pytest

from injae.agents.kernels import ROOT
from injae.experiments.schedules import DECLARED
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario, preset_names
from injae.viz.view.policy import controls
from injae.viz.view.policy.grounds import RULES, about_series
from injae.viz.view.policy.payload import CHARTS, SMALL
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

VIEW = ROOT / "viz" / "view"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_lever_and_shock_is_in_one_group(lang):
    paths = [lever["path"] for group in controls.groups("korea", lang) for lever in group["levers"]]
    assert sorted(paths) == sorted([f"levers.{name}" for name in LEVERS] + [f"shocks.{name}" for name in SHOCKS])


@pytest.mark.parametrize("preset", preset_names())
def test_sliders_can_show_every_preset(preset):
    settings = controls.settings(ViewState(preset))
    for group in controls.groups(preset, "en"):
        for lever in group["levers"]:
            stops = lever["stops"]
            assert stops == sorted(set(stops))
            assert settings[lever["path"]]["value"] in stops
            assert stops[0] == lever["low"]
            assert stops[-1] == lever["high"] or lever["unit"] == "universities"
            assert len(stops) <= 65
            assert not settings[lever["path"]]["changed"]


@pytest.mark.parametrize(
    ("preset", "path", "expected"),
    [
        ("korea", "levers.grant_won_per_year", (1e9, "2025-04", "2029-12")),
        ("korea", "levers.visas_per_year", (36, None, None)),
        ("open-data", "levers.data_access", (0.8, "2026-01", None)),
        ("retraining-first", "levers.retraining_places_per_year", (720, None, "2029-12")),
        ("privacy-scandal", "shocks.privacy_scandal", (40, "2027-03", "2027-03")),
        ("no-programme", "levers.grant_won_per_year", (0, None, None)),
    ],
)
def test_a_schedule_is_told_by_its_main_stretch(preset, path, expected):
    setting = controls.settings(ViewState(preset))[path]
    assert (setting["value"], setting["first"], setting["last"]) == expected


@pytest.mark.parametrize(
    ("first", "last"),
    [(None, None), ("2027-03", None), ("2027-03", "2028-02"), (None, "2028-02"), ("2030-01", "2034-12")],
)
def test_what_is_set_is_what_is_shown(first, last):
    state = ViewState().with_lever("levers.grant_won_per_year", 5e8, first, last)
    setting = controls.settings(state)["levers.grant_won_per_year"]
    end = None if last == "2034-12" else last
    assert (setting["value"], setting["first"], setting["last"], setting["changed"]) == (5e8, first, end, True)
    assert setting["preset"] == 1e9


def test_sending_what_is_shown_changes_nothing():
    """Releasing a slider where it stands is no move, whatever the preset's schedule."""
    for preset in preset_names():
        state, plan = ViewState(preset), Scenario.load(preset)
        for path, setting in controls.settings(state).items():
            again = state.with_lever(path, setting["value"], setting["first"], setting["last"])
            assert again.scenario() == plan or len(controls.steps_of(plan, path)) > 2, (preset, path)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_lever_says_what_it_rests_on(lang):
    plan = Scenario.load("korea")
    for group in controls.groups("korea", lang):
        for lever in group["levers"]:
            lines = lever["about"]
            assert lever["low_text"] in lines[1] and lever["high_text"] in lines[1]
            purpose = DECLARED[lever["path"]].purpose
            assert not purpose or any(word(f"payment.{purpose}", lang) in line for line in lines)
            rules = re.findall(r"\b[A-Z]\d+[a-z]?\b", DECLARED[lever["path"]].meaning)
            assert rules and any(", ".join(rules) in line for line in lines)
    for name in (*CHARTS, *SMALL):
        assert len(about_series(name, lang, plan.country)) >= 3


def test_what_a_curve_rests_on_is_declared():
    """Rules are in the model description, evidence in the data, and grades add up to the numbers of the rules."""
    described = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    evidence = (ROOT / "data" / "evidence.csv").read_text(encoding="utf-8")
    for name, rules in RULES.items():
        assert all(f"**{rule} " in described for rule in rules), name
        lines = about_series(name, "en", "korea")
        assert all(f"\n{known}," in evidence for line in lines for known in re.findall(r"\b[A-Z]\d{3}\b", line))
    numbers = [p for p in declared_parameters("korea").values() if "(O5)" in p.meaning]
    assert f"judgement {len(numbers)}" in " ".join(about_series("public_trust", "en", "korea"))


@pytest.mark.parametrize("template", sorted(path.relative_to(VIEW).as_posix() for path in VIEW.rglob("*.vue")))
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_word_that_a_template_names_is_known(template, lang):
    from injae.viz.view.page import words_of  # which loads Solara

    assert all(words_of(template, lang).values())
