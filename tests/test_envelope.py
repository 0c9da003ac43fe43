"""What lies outside sources and fit is named, in every answer."""

import json

from test_commands import injae

from experiments.envelope import outside, sourced_levers
from model.levers import LEVERS
from model.scenario import Scenario, preset_names


def test_every_lever_of_korea_has_a_sourced_range_inside_what_it_takes():
    known = sourced_levers("korea")
    assert set(known) == set(LEVERS)
    for name, one in known.items():
        lever = LEVERS[name]
        assert lever.low <= one.low <= one.high <= lever.high and one.source
        assert one.low <= lever.default <= one.high, name


def test_what_lies_outside_is_named_with_its_range_and_date():
    plan = Scenario.load("korea").with_changes(
        ["levers.grant_scale=5", "levers.vouchers_per_year@2027-03=400", "parameters.labour.taste_sd=2"]
    )
    lines = outside(plan)
    assert any("levers.grant_scale = 5 is outside" in line and "0 to 3" in line for line in lines)
    assert any("vouchers_per_year = 400 from 2027-03" in line for line in lines)
    assert any("labour.taste_sd = 2" in line for line in lines)
    assert len(lines) == 3 and all(len(line) <= 300 for line in lines)


def test_presets_of_policies_stay_inside_but_for_what_they_are_for():
    beyond = {name for name in preset_names() if outside(Scenario.load(name))}
    assert beyond <= {"closed-borders", "strict-regulation"}


def test_the_badge_is_in_words_and_files(tmp_path):
    done = injae("run", "--months", 12, "--seeds", 1, "--uncertainty", "luck", "--no-baseline", "--workers", 1,
                 "--set", "levers.grant_scale=5", "--out", tmp_path / "r")  # fmt: skip
    assert done.returncode == 0 and "levers.grant_scale = 5 is outside" in done.stderr
    content = json.loads((tmp_path / "r" / "summary.json").read_text(encoding="utf-8"))
    assert any("grant_scale" in line for line in content["outside_envelope"])
