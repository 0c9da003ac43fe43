"""What lies outside sources and fit is named, in every answer."""

import json
import math

import numpy as np
from conftest import injae

from injae.experiments.calibration.posterior_files import Posterior
from injae.experiments.envelope import beyond_varied, outside, sourced_levers
from injae.experiments.sweeps.plan import make_plan
from injae.model.levers import LEVERS
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario, preset_names


def test_every_lever_of_korea_has_a_sourced_range_inside_what_it_takes():
    known = sourced_levers("korea")
    assert set(known) == set(LEVERS)
    for name, one in known.items():
        lever = LEVERS[name]
        assert lever.low <= one.low <= one.high <= lever.high and one.source
        assert one.low <= lever.default <= one.high, name


def test_what_lies_outside_is_named_with_its_range_and_date():
    plan = Scenario.load("korea").with_changes(
        ["levers.grant_scale=5", "levers.vouchers_per_year@2027-03=400", "parameters.labour.taste_sd=1"]
    )
    lines = outside(plan)
    assert any("levers.grant_scale = 5 is outside" in line and "0 to 3" in line for line in lines)
    assert any("vouchers_per_year = 400 from 2027-03" in line for line in lines)
    assert any("labour.taste_sd = 1" in line for line in lines)
    assert len(lines) == 3 and all(len(line) <= 300 for line in lines)


def test_presets_of_policies_stay_inside_but_for_what_they_are_for():
    beyond = {name for name in preset_names() if outside(Scenario.load(name))}
    assert beyond <= {"closed-borders", "strict-regulation"}


def test_the_badge_is_in_words_and_files(tmp_path):
    done = injae("run", "--months", 12, "--seeds", 1, "--uncertainty", "aleatory", "--no-baseline", "--workers", 1,
                 "--set", "levers.grant_scale=5", "--out", tmp_path / "r")  # fmt: skip
    assert done.returncode == 0 and "levers.grant_scale = 5 is outside" in done.stderr
    content = json.loads((tmp_path / "r" / "summary.json").read_text(encoding="utf-8"))
    assert any("grant_scale" in line for line in content["outside_envelope"])


def test_ends_of_what_varies_are_held_against_the_same_envelope():
    korea = Scenario.load("korea")
    found = beyond_varied(
        korea,
        {
            "levers.grant_scale": [0.5, 2, 4, 5],
            "levers.stipend_won_per_month@2027-03": [math.nan, 0, 2.5e6],
            "parameters.labour.taste_sd": [0.01, 1],
            "levers.visas_per_year": [0, 100],
            "months": [60, 120],
        },
    )
    assert [(one.path, one.value, one.since) for one in found] == [
        ("levers.grant_scale", 5, ""),
        ("levers.stipend_won_per_month", 2.5e6, "2027-03"),
        ("parameters.labour.taste_sd", 0.01, ""),
        ("parameters.labour.taste_sd", 1, ""),
    ]
    plan = make_plan(
        ["no-programme", "korea"], "factorial", ["levers.visas_per_year=0,300"], seeds=1, changes=["months=24"]
    )
    assert plan.outside() == ["levers.visas_per_year = 300 is outside what a source covers (0 to 200 persons per year)"]


def test_what_the_fit_leaves_is_narrower_than_the_evidence(monkeypatch):
    values = np.array([[0.3], [0.35], [0.4]])
    fit = Posterior("korea", ("labour.taste_sd",), values, {}, "planted")
    monkeypatch.setattr(
        "injae.experiments.uncertainty.read_posterior", lambda country: fit if country == "korea" else None
    )
    monkeypatch.setattr("injae.experiments.envelope.read_posterior", lambda country: fit)
    monkeypatch.setattr(Posterior, "is_stale", False)
    one = declared_parameters("korea")["labour.taste_sd"]
    assert one.low < 0.3 and one.high > 0.4
    plans = {
        value: Scenario.load("korea").with_settings({"parameters.labour.taste_sd": value}) for value in (0.35, 0.43)
    }
    assert outside(plans[0.35]) == []
    (line,) = outside(plans[0.43])
    assert "taste_sd = 0.43 is outside what the fit leaves (0.285 to 0.415" in line
    monkeypatch.setattr(Posterior, "is_stale", True)  # what was fitted to another model bounds nothing
    assert outside(plans[0.43]) == []
