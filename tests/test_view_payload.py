"""What the board gets: the digits of the command line, small enough, complete in both languages."""

import functools
import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from agents.kernels import ROOT
from experiments.practice import baseline_of
from experiments.runs import Results, simulate_all
from experiments.summary import paired_difference
from model.scenario import Scenario
from viz.view.packing import packed
from viz.view.payload import CHARTS, SMALL, board
from viz.view.runs import Answer, Effect, switched_back
from viz.view.state import ViewState, differing
from viz.view.words import number

STATE = ViewState(preset="retention-first", seeds=4, lang="en").with_lever("levers.data_access", 0.8, "2027-01")


@functools.cache
def answer_of(state=STATE):
    """A finished answer, made without the pool."""
    plan = state.scenario()
    baseline = baseline_of(plan)
    paths = differing(plan, baseline)
    plans = [plan, baseline, *(switched_back(plan, baseline, path) for path in paths)]
    policy, base, *without = simulate_all(plans, state.seeds, workers=1)
    effects = tuple(Effect(path, results) for path, results in zip(paths, without, strict=True))
    return Answer(state, policy, base, state.seeds, effects, done=True)


def in_korean():
    return replace(answer_of(), state=replace(STATE, lang="ko"))


def test_the_page_shows_what_the_command_prints(tmp_path):
    state = ViewState(seeds=3, lang="en").with_lever("levers.data_access", 0.8, "2027-01")
    command = [sys.executable, str(ROOT / "injae.py"), *state.command().split()[1:]]
    command += ["--json", "--out", str(tmp_path)]
    printed = json.loads(subprocess.run(command, capture_output=True, check=True, text=True, cwd=ROOT).stdout)
    content = board(answer_of(state))
    assert content["receipt"] == printed["receipt"]
    indicators = printed["indicators"]
    charts = {chart["name"]: chart for chart in content["charts"]}
    for name, indicator, month in (
        ("programme_graduates_cumulative", "programme_graduates_by_target_date", 60),
        ("specialists", "specialists_at_end", 120),
        ("adoption_share", "adoption_share_at_end", 120),
        ("unmet_demand_share", "unmet_demand_share_at_end", 120),
        ("public_won_cumulative", "public_won_at_end", 120),
    ):
        chart, estimate = charts[name], indicators[indicator]
        for key, end in (("mean", "mean"), ("low90", "low"), ("high90", "high")):
            shown = round(estimate[end] / chart["factor"], chart["decimals"])
            assert chart[key][month] == pytest.approx(shown, abs=1e-9), (name, key)
    graduates = indicators["programme_graduates_by_target_date"]["mean"]
    assert number(graduates, "persons", "en") in content["answer"][0]
    assert content["chance"]["mean"] == indicators["chance_of_target"]["mean"]
    assert content["cost"]["grant_won"] == indicators["grant_won_at_end"]["mean"]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_an_update_is_small_and_plain_json(lang):
    state = replace(STATE, lang=lang)
    text = json.dumps(packed(board(replace(answer_of(), state=state))), ensure_ascii=False, allow_nan=False)  # as sent
    assert len(text.replace(", ", ",").replace(": ", ":").encode()) <= 40_000
    assert json.loads(text)["lang"] == lang


def test_charts_have_a_value_for_every_month_in_the_unit_shown():
    answer, content = answer_of(), board(answer_of())
    assert [chart["name"] for chart in content["charts"]] == [*CHARTS, *SMALL]
    assert len(content["dates"]) == content["months"] + 1 == 121
    for chart in content["charts"]:
        lines = [chart[key] for key in ("mean", "low90", "high90", "baseline", "low50", "high50") if chart[key]]
        assert all(len(line) == 121 for line in lines)
        assert len(lines) == (4 if chart["small"] else 6)
        assert all(low <= high for low, high in zip(chart["low90"], chart["high90"], strict=True))
        values = answer.policy.values(chart["name"]).mean(axis=0) / chart["factor"]
        assert np.allclose(chart["mean"], values, atol=0.51 * 10 ** -chart["decimals"])
    won = [chart for chart in content["charts"] if chart["scale"] == "won"]
    assert {chart["unit"] for chart in won} == {"bn won"}
    assert {c["unit"] for c in board(in_korean())["charts"] if c["scale"] == "won"} == {"억 원"}


def test_why_bars_and_their_rest_add_up_to_the_whole_effect():
    content = board(answer_of())
    total = paired_difference(answer_of().policy, answer_of().baseline, "specialists", 60)
    assert [bar["lever"] for bar in content["why"]][-1] == "rest"
    assert {bar["lever"] for bar in content["why"][:-1]} == set(differing(answer_of().policy.plan, baseline()))
    assert sum(bar["effect"] for bar in content["why"]) == pytest.approx(total.mean)
    assert content["why_of"]["total"] == pytest.approx(total.mean)
    for bar in content["why"]:
        assert bar["low"] <= bar["effect"] <= bar["high"]


def baseline():
    return baseline_of(answer_of().policy.plan)


def test_the_bars_speak_of_the_series_and_month_asked_about():
    state = replace(STATE, focus="adoption_share", month=120)
    content = board(replace(answer_of(), state=state))
    total = paired_difference(answer_of().policy, answer_of().baseline, "adoption_share", 120)
    assert content["now"] == 120 and content["why_of"]["date"] == "2034-12"
    assert content["why_of"]["total"] == pytest.approx(total.mean)
    assert "points" in content["why"][0]["text"]


def test_the_weakest_link_is_the_most_frequent_one():
    answer, binds = answer_of(), board(answer_of())["binds"]
    for month in (12, 60, 120):
        for who, row in ((who, weakest[month]) for who, weakest in binds["weakest"].items()):
            rivals = [name for name, of in zip(binds["names"], binds["who"], strict=True) if of == who]
            shares = {name: answer.policy.values(name)[:, month].mean() for name in rivals}
            assert row == -1 or binds["names"][row] == max(shares, key=lambda name: shares[name])
            assert row != -1 or not any(shares.values())


def test_the_timeline_holds_what_is_set_and_when():
    rows = [row for row in board(answer_of())["timeline"] if row["lever"] == "levers.data_access"]
    assert [(row["from"], row["to"], row["text"]) for row in rows] == [(25, 120, "80%")]
    grants = [row for row in board(answer_of())["timeline"] if row["lever"] == "levers.grant_won_per_year"]
    assert [(row["from"], row["to"]) for row in grants] == [(1, 12), (13, 60)]


def test_korean_is_korean_everywhere():
    content = board(in_korean())
    for text in [*content["answer"], content["title"], content["cost"]["text"], content["doubt"]["text"]]:
        assert re.search("[가-힣]", text), text
    for part in ("charts", "cards", "timeline", "why"):
        assert all(re.search("[가-힣]", item["title"]) for item in content[part])
    assert board(answer_of(), "ko")["answer"] == content["answer"]
    assert "수정" in content["title"]


def test_the_baseline_itself_has_nothing_to_be_compared_with():
    plan = Scenario.load("no-programme")
    (results,) = simulate_all([plan], 2, workers=1)
    content = board(Answer(ViewState("no-programme", seeds=2, lang="en"), results, None, 2, done=True))
    assert content["baseline_title"] is None and content["why"] == [] and content["why_of"] is None
    assert all(chart["baseline"] is None for chart in content["charts"])
    assert content["cost"]["won_per_extra_specialist"] is None
    json.dumps(content, allow_nan=False)


def test_one_run_has_no_intervals_but_an_answer():
    answer = answer_of()
    one = replace(
        answer,
        policy=replace(answer.policy, runs=answer.policy.runs[:1]),
        baseline=replace(answer.baseline, runs=answer.baseline.runs[:1]),
        effects=(),
    )
    content = board(one)
    json.dumps(content, allow_nan=False)
    assert content["cost"]["won_per_extra_specialist"] is None
    assert "nan" not in json.dumps(content)


def test_when_every_run_failed_the_page_is_told_so():
    answer = answer_of()
    failures = [replace(run, history=None, error="LawBroken") for run in answer.policy.runs]
    content = board(replace(answer, policy=Results(answer.policy.plan, [], failures), baseline=None, effects=()))
    assert content["charts"] == [] and content["failed"] == 4
    assert content["notice"].startswith("The model could not finish")
