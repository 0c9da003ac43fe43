"""What the board gets: the digits of the command line, small enough, complete in both languages."""

import functools
import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from conftest import injae

from injae.experiments.envelope import sourced_levers
from injae.experiments.layers import judge
from injae.experiments.practice import baseline_of
from injae.experiments.runs import Results, simulate_all
from injae.experiments.schedules import differing, shocked
from injae.experiments.summary import paired_difference
from injae.experiments.wording.amounts import interval, number, setting
from injae.model.scenario import Scenario
from injae.viz.view.packing import packed
from injae.viz.view.policy import pipeline
from injae.viz.view.policy.payload import CHARTS, SMALL, board
from injae.viz.view.policy.timeline import timeline
from injae.viz.view.runs import Answer, Effect, switched_back
from injae.viz.view.state import ViewState

STATE = ViewState(seeds=40, lang="en").with_lever("levers.data_access", 0.8, "2027-01")


@functools.cache
def answer_of(state=STATE, why=True):
    """A finished answer, made without the pool; without the runs that tell why, where nobody asks."""
    plan = state.scenario()
    baseline = baseline_of(plan)
    paths = differing(plan, baseline) + shocked(plan) if why else []
    plans = [plan, baseline, *(switched_back(plan, baseline, path) for path in paths)]
    policy, base, *without = simulate_all(plans, state.seeds, workers=1, uncertainty=state.layers.ensemble(plan))
    effects = tuple(Effect(path, results) for path, results in zip(paths, without, strict=True))
    uncertainty = judge(state.layers, [policy, base], state.focus, state.date_month, {})
    return Answer(state, policy, base, state.seeds, effects, uncertainty, done=True)


def test_the_steps_from_applying_to_routine_use_are_series_of_the_record():
    """Flows as sums of the last twelve months; numbers that a chart has are not sent twice."""
    answer = answer_of()
    steps = {step["name"]: step for step in board(answer)["pipeline"]["steps"]}
    charts = {chart["name"] for chart in board(answer)["charts"]}
    assert list(steps) == list(pipeline.STEPS)

    def rows(text):
        return np.cumsum([int(step or 0) for step in text.split(",")])

    for name, step in steps.items():
        assert ("mean" in step) == (name not in charts)
        for key, results in (("mean", answer.policy), ("baseline", answer.baseline)):
            if "mean" not in step:
                continue
            values = results.values(name).mean(axis=0)
            if step.get("year"):
                values = [values[max(month - 11, 0) : month + 1].sum() for month in range(len(values))]
            assert np.abs(rows(step[key]) - values).max() <= 0.5 + 1e-9
    assert {name for name, step in steps.items() if step.get("year")} == {"applicants", "graduated"}


def in_korean():
    return replace(answer_of(), state=replace(STATE, lang="ko"))


def test_the_page_shows_what_the_command_prints(tmp_path):
    printed = json.loads(injae(*STATE.command().split()[1:], "--json", "--out", tmp_path).stdout)
    content = board(answer_of())
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
        for key, end in (("mean", "mean"), ("low", "low"), ("high", "high"), ("aleatory_low", "aleatory_low")):
            if chart[key] is None:
                assert chart["small"] and key == "aleatory_low"
                continue

            shown = round(estimate[end] / chart["factor"], chart["decimals"])
            assert chart[key][month] == pytest.approx(shown, abs=1e-9), (name, key)
    graduates = indicators["programme_graduates_by_target_date"]["mean"]
    assert number(graduates, "persons", "en") in content["answer"][0]
    assert content["probability"]["mean"] == indicators["probability_of_target"]["mean"]
    at_end = board(answer_of(replace(STATE, month=120), why=False))
    assert at_end["cost"]["public_won"] == pytest.approx(indicators["public_won_at_end"]["mean"])


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
        lines = [
            chart[key] for key in ("mean", "low", "high", "baseline", "aleatory_low", "aleatory_high") if chart[key]
        ]
        assert all(len(line) == 121 for line in lines)
        assert len(lines) == (4 if chart["small"] else 6)
        assert all(low <= high for low, high in zip(chart["low"], chart["high"], strict=True))
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


def test_ranges_of_effects_hold_the_middle_of_the_futures_as_bands_do():
    """They do not shrink as futures are added: they are no interval of a mean."""
    answer = answer_of()
    mine, theirs = (r.values("specialists")[:, 60].astype(float) for r in (answer.policy, answer.baseline))
    ends = np.percentile(mine - theirs, (5, 95))
    total = interval(float((mine - theirs).mean()), *map(float, ends), "persons", "en", signed=True)
    assert board(answer)["why_of"]["text"] == total
    one = next(bar for bar in board(answer)["why"] if bar["lever"] == "levers.data_access")
    without = next(effect.without for effect in answer.effects if effect.path == "levers.data_access")
    ends = np.percentile(mine - without.values("specialists")[:, 60], (5, 95))
    assert (one["low"], one["high"]) == pytest.approx(tuple(ends))


def test_what_looks_free_has_no_price():
    state = ViewState(seeds=20, lang="en", parametric=False).with_lever("levers.visas_per_year", 3000)
    cost = board(answer_of(state, why=False))["cost"]
    assert cost["won_per_extra_specialist"] is None and cost["extra_won"] > 0
    assert "per extra specialist would mislead" in cost["text"] and "above the baseline" in cost["text"]
    split = ViewState(seeds=20, lang="en", parametric=False)
    split = split.with_lever("levers.grant_share_courses", 0.2)  # divides the grant
    assert board(answer_of(split, why=False))["cost"]["won_per_extra_specialist"]


def test_a_changed_baseline_is_compared_with_itself_as_it_was():
    state = ViewState("no-programme", seeds=2, lang="en").with_lever("levers.data_access", 0.9, "2026-01")
    content = board(answer_of(state))
    assert content["baseline_title"] and [bar["lever"] for bar in content["why"]] == ["levers.data_access"]


def test_a_shock_is_told_apart_from_the_policy():
    state = ViewState("privacy-scandal", seeds=3, lang="en")
    content = board(answer_of(state))
    assert content["baseline_title"] == "No programme, with the same shocks"
    levers, shocks = ([bar for bar in content["why"] if bar["lever"].startswith(kind)] for kind in ("levers", "shocks"))
    assert levers and shocks
    parts = [bar for bar in content["why"] if not bar["lever"].startswith("shocks")]
    assert sum(bar["effect"] for bar in parts) == pytest.approx(content["why_of"]["total"])
    plan = state.scenario()
    calm = switched_back(plan, baseline_of(plan), shocks[0]["lever"])
    assert shocks[0]["lever"].removeprefix("shocks.") not in calm.shocks and calm.levers == plan.levers


def test_a_link_that_changes_the_model_says_so():
    state, _ = ViewState.from_link("?s=korea&seeds=2&lang=en&parameters.labour.taste_sd=0.4")
    altered = board(answer_of(state))["altered"]
    assert altered["paths"] == ["parameters.labour.taste_sd"] and "= 0.4" in altered["text"]
    assert board(answer_of(state))["outside"] is None
    far, _ = ViewState.from_link("?s=korea&seeds=2&lang=en&parameters.labour.taste_sd=0.95")
    content = board(answer_of(far))
    assert content["outside"].startswith("Outside what the evidence supports: ") and "to" in content["outside"]
    assert content["altered"]["paths"] == ["parameters.labour.taste_sd"]
    assert board(answer_of())["altered"] is None


def test_a_lever_beyond_what_was_ever_paid_is_named_with_its_range():
    state = ViewState(seeds=1, lang="ko").with_lever("levers.grant_scale", 20)
    low, high, _ = sourced_levers("korea")["grant_scale"]
    said = board(answer_of(state))["outside"]
    assert (
        "근거가 뒷받침하는 범위" in said and f"({setting(low, 'ratio', 'ko')}~{setting(high, 'ratio', 'ko')})" in said
    )
    assert board(answer_of())["outside"] is None


def test_what_numbers_rest_on_and_what_bands_hold_is_said():
    content, ensemble = board(answer_of()), answer_of().policy.ensemble
    kind = "not calibrated" if not ensemble.is_calibrated else "fitted together"
    assert re.search("20 sets", content["uncertainty"]["rests"]) and kind in content["uncertainty"]["rests"]
    assert "dark band is the part of random variation" in content["uncertainty"]["brackets"]
    specialists = next(chart for chart in content["charts"] if chart["name"] == "specialists")
    assert (
        specialists["low"][60]
        < specialists["aleatory_low"][60]
        < specialists["aleatory_high"][60]
        < specialists["high"][60]
    )
    alone = board(answer_of(ViewState(seeds=20, lang="en", parametric=False), why=False))
    assert (
        "taken as if it were known" in alone["uncertainty"]["rests"]
        and "part of random variation" not in alone["uncertainty"]["brackets"]
    )
    assert all(chart["aleatory_low"] is None for chart in alone["charts"])
    assert content["uncertainty"]["largest"] == "parametric" and alone["uncertainty"]["largest"] is None


def test_few_runs_have_no_range_and_no_probability():
    content = board(answer_of(ViewState(seeds=8, lang="en")))
    assert content["probability"]["mean"] is None and "too few" in content["probability"]["text"]
    assert "too few for a range and a probability" in content["answer"][0]
    assert all(chart["low"] is None and len(chart["mean"]) == 121 for chart in content["charts"])
    assert all(bar["low"] is None for bar in content["why"])
    assert "take 20 independent runs" in content["uncertainty"]["brackets"]
    assert content["cost"]["won_per_extra_specialist"] is None
    assert not re.search(r"\d \(", " ".join(content["answer"][:3]))
    json.dumps(packed(content), allow_nan=False)


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
    assert [(row["from"], row["to"]) for row in grants] == [(4, 60)]


def test_equal_neighbours_on_the_timeline_are_one_spell_and_a_factor_stands_with_its_grant():
    extended = timeline(Scenario.load("momentum"), "en")
    grants = [row for row in extended if row["lever"] == "levers.grant_won_per_year"]
    assert [(row["from"], row["to"]) for row in grants] == [(4, 120)]  # two steps of one value
    assert all(a["text"] != b["text"] for a, b in pairwise(grants))
    doubled = timeline(Scenario.load("double-grant"), "en")
    assert "levers.grant_scale" not in {row["lever"] for row in doubled}
    assert all("× 2" in row["text"] for row in doubled if row["lever"] == "levers.grant_won_per_year")
    assert "levers.programme_universities" not in {
        row["lever"] for row in timeline(Scenario.load("no-programme"), "en")
    }


def test_korean_is_korean_everywhere():
    content = board(in_korean())
    for text in [*content["answer"], content["title"], content["cost"]["text"], content["uncertainty"]["text"]]:
        assert re.search("[가-힣]", text), text
    for part in ("charts", "cards", "timeline", "why"):
        assert all(re.search("[가-힣]", item["title"]) for item in content[part])
    assert board(answer_of(), "ko")["answer"] == content["answer"]
    assert "수정" in content["title"]


def test_the_baseline_itself_has_nothing_to_be_compared_with():
    plan = Scenario.load("no-programme")
    (results,) = simulate_all([plan], 2, workers=1, uncertainty="aleatory")
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
    failures = [replace(run, history=None, error="InvariantBroken") for run in answer.policy.runs]
    content = board(replace(answer, policy=Results(answer.policy.plan, [], failures), baseline=None, effects=()))
    assert content["charts"] == [] and content["failed"] == 40
    assert content["notice"].startswith("The model could not finish")


@pytest.mark.parametrize(("scale", "said"), [(3, "This one run reaches"), (0, "This one run does not reach")])
def test_one_run_is_not_spoken_of_as_many(scale, said):
    state = ViewState(lang="en", seeds=1).with_lever("levers.grant_scale", scale)
    plan = state.scenario()
    policy, baseline = simulate_all([plan, baseline_of(plan)], 1, workers=1, uncertainty="aleatory")
    assert said in board(Answer(state, policy, baseline, wanted=1))["answer"][0]
