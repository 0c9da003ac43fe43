"""Precision on request: the rule keeps its promise on known noise, and every command stops and says what it reached."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, injae, run_here
from hypothesis import given, settings
from hypothesis import strategies as st
from sweep_cases import swept

from injae.experiments import precision, runs
from injae.experiments.compare import compare
from injae.experiments.margins import StoppingRule, margins_of, split_margins
from injae.experiments.precision import LOOK_AHEAD, MAX_SEEDS, START, Wanted, decide, half_widths, student_t
from injae.experiments.runs import simulate
from injae.experiments.summary import mean_interval
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario

SHORT = Scenario.load("korea", ["months=12"])
TRIALS = 2000


def stop(noise, wanted, quantile=None, max_seeds=MAX_SEEDS):
    """The rule to its end on one trial of noise: the decision that stops."""
    seeds = precision.START
    while (decision := decide(noise[:seeds, None], [Wanted(wanted, quantile)], max_seeds)).add:
        seeds += decision.add
    return decision


@pytest.mark.parametrize(
    "arguments",
    [("run", "korea"), ("compare", "korea", "no-programme"), ("sweep", "--design", "oat", "--vary", "shocks.demand")],
    ids=lambda arguments: arguments[0],
)
def test_more_seeds_than_the_most_are_refused_before_a_run(arguments, tmp_path, capsys):
    asked = ("--margin", "specialists_at_end=2", "--seeds", 300, "--max-seeds", 200, "--out", tmp_path / "out")
    done = run_here(capsys, *arguments, *asked)
    assert_refused(done, "--seeds 300: more than --max-seeds 200, the most that --margin may use")
    assert not (tmp_path / "out").exists()


def coverage(wanted):
    """Share of trials whose interval at the stop holds the true mean, 0, of normal noise."""
    rng = np.random.default_rng(7)
    held = []
    for _ in range(TRIALS):
        found = stop(rng.standard_normal((MAX_SEEDS, 1))[:, 0], wanted).precisions[0]
        held.append(abs(found.estimate) <= found.half_width)
    return np.mean(held)


@pytest.mark.parametrize("wanted", [0.7, 0.47, 0.3])  # stops at about 18, 27 and 52 seeds
def test_intervals_at_the_stop_cover_as_they_say(wanted):
    """R9: 93 to 97 percent over 2,000 trials of normal noise."""
    assert 0.93 <= coverage(wanted) <= 0.97


def test_a_broken_rule_does_not_cover(monkeypatch):
    """What the test above is worth: a one-sided quantile, or stopping at first sight, is seen."""
    with monkeypatch.context() as patch:
        patch.setattr(precision, "student_t", lambda count, confidence=0.95: student_t(count, 2 * confidence - 1))
        assert coverage(0.47) < 0.93
    with monkeypatch.context() as patch:
        patch.setattr(precision, "LOOK_AHEAD", 0)
        patch.setattr(precision, "START", 3)
        assert coverage(0.47) < 0.93


def test_it_looks_ahead():
    """Ten equal values are no proof: the eleventh may be another. It stops only when nothing rose over five seeds."""
    calm = np.zeros(30)
    assert decide(calm[:START, None], [Wanted(1.0)]).add == LOOK_AHEAD
    assert decide(calm[: START + LOOK_AHEAD, None], [Wanted(1.0)]).add == 0
    for odd in range(START, START + LOOK_AHEAD):  # below the margin at the end, above it once on the way
        noise = np.zeros(START + LOOK_AHEAD)
        noise[odd] = 1.0
        ends = [half_widths(noise[:n, None], [Wanted(1.0)])[0][0] for n in range(START, len(noise) + 1)]
        wanted = (ends[odd + 1 - START] + ends[-1]) / 2 if odd < len(noise) - 1 else ends[-1] / 2
        found = decide(noise[:, None], [Wanted(wanted)])
        assert found.add > 0
        assert not found.reached


def test_the_half_width_is_that_of_the_interval_everybody_sees():
    values = np.random.default_rng(1).normal(5, 2, 23)
    halves, levels = half_widths(values[:, None], [Wanted(1.0)])
    interval = mean_interval(values)
    assert halves[0] == pytest.approx(interval.high - interval.mean, rel=1e-12)
    assert levels == [0.95]


def test_several_quantities_are_judged_together():
    """Holm: the one that needs most at 95 percent, the easier ones higher; never looser than alone."""
    values = np.random.default_rng(2).normal(size=(40, 3)) * [1, 2, 3]
    wanted = [Wanted(1.0)] * 3
    halves, levels = half_widths(values, wanted)
    assert levels == pytest.approx([1 - 0.05 / 3, 1 - 0.05 / 2, 0.95])
    for column, level in enumerate(levels):
        alone = student_t(40, level) * values[:, column].std(ddof=1) / math.sqrt(40)
        assert halves[column] == pytest.approx(alone)
    assert stop(values[:, 2], 1.5).seeds <= _seeds_together(values)


def _seeds_together(values):
    seeds = START
    while (decision := decide(values[:seeds], [Wanted(1.5)] * 3, len(values))).add:
        seeds += decision.add
    return seeds


def test_a_skewed_outcome_gets_a_wider_interval_and_a_normal_one_none():
    rng = np.random.default_rng(3)
    skewed = rng.lognormal(0, 1, 60)
    by_t = student_t(60) * skewed.std(ddof=1) / math.sqrt(60)
    assert half_widths(skewed[:, None], [Wanted(1.0)])[0][0] > 1.1 * by_t
    assert half_widths(-skewed[:, None], [Wanted(1.0)])[0][0] > 1.1 * by_t
    normal = rng.normal(size=(60, 200))
    assert np.mean([precision._is_skewed(column) for column in normal.T]) < 0.03


def test_a_percentile_by_order_statistics():
    """Distribution-free: the interval of the 90th percentile holds it in 95 percent of trials or more."""
    rng, held = np.random.default_rng(4), []
    for _ in range(300):
        values = rng.exponential(size=(80, 1))
        halves, _ = half_widths(values, [Wanted(1.0, 0.9)])
        held.append(abs(np.quantile(values, 0.9) - math.log(10)) <= halves[0])
    assert np.mean(held) > 0.93
    assert math.isinf(half_widths(rng.exponential(size=(20, 1)), [Wanted(1.0, 0.9)])[0][0])  # too few for its upper end


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.2, 3), st.integers(15, 60))
def test_it_ends_within_the_limit_and_says_what_is_missing(seed, wanted, limit):
    noise = np.random.default_rng(seed).standard_normal(limit)
    found = stop(noise, wanted, max_seeds=limit)
    one = found.precisions[0]
    assert START + LOOK_AHEAD <= found.seeds <= limit
    assert found.reached or found.seeds == limit
    assert not one.reached or one.half_width <= wanted
    assert one.seeds_needed >= found.seeds
    # the same answer in another unit
    scaled = stop(1e9 * noise, 1e9 * wanted, max_seeds=limit)
    assert (scaled.seeds, scaled.reached) == (found.seeds, found.reached)


def test_the_guess_of_seeds_needed_is_about_right():
    noise = np.random.default_rng(5).standard_normal(3000)
    needed = decide(noise[:200, None], [Wanted(0.05)]).precisions[0].seeds_needed
    assert needed == pytest.approx((1.96 / 0.05) ** 2, rel=0.25)


def test_runs_without_a_value():
    gaps = np.random.default_rng(6).standard_normal((40, 2))
    gaps[::2, 0] = np.nan
    gaps[:, 1] = np.nan
    some, none = decide(gaps, [Wanted(0.5), Wanted(0.5)]).precisions
    assert some.runs == 20
    assert some.half_width < math.inf
    assert (none.runs, none.reached, math.isnan(none.half_width)) == (0, False, True)
    assert decide(gaps[:, 1:], [Wanted(0.5)]).add == 0  # no number of seeds will help


def test_a_run_stops_when_it_is_precise_enough_and_no_seed_is_simulated_twice(monkeypatch):
    done = []
    monkeypatch.setattr(runs, "do", lambda job: done.append(job.seed) or _do(job))
    results = simulate(SHORT, StoppingRule({"specialists_at_end": 12}), workers=1)
    found = results.precision
    assert found.reached
    assert done == results.seeds == list(range(found.seeds))
    assert START + LOOK_AHEAD < found.seeds < MAX_SEEDS
    values = results.values("specialists")[:, -1]
    (quantity, one) = found.quantities[0]
    assert (quantity.outcome, quantity.unit) == ("specialists_at_end", "persons")
    assert one.estimate == pytest.approx(values.mean())
    assert one.half_width <= 12
    # the same runs as without margins
    plain = simulate(SHORT, found.seeds, uncertainty="aleatory", workers=1)
    assert np.array_equal(plain.values("specialists"), results.values("specialists"))


_do = runs.do


def test_the_number_of_seeds_does_not_depend_on_workers():
    one, two = (simulate(SHORT, StoppingRule({"specialists_at_end": 14}), workers=workers) for workers in (1, 2))
    assert one.seeds == two.seeds
    assert one.precision == two.precision


def test_failed_runs_are_left_out_of_what_is_known(monkeypatch):
    def fails_for_seed_2(job):
        run = _do(job)
        if job.seed == 2:
            run.error = "planted"
        return run

    monkeypatch.setattr(runs, "do", fails_for_seed_2)
    found = simulate(SHORT, StoppingRule({"specialists_at_end": 30}), workers=1).precision
    assert found.quantities[0][1].runs == found.seeds - 1


def test_a_comparison_is_as_precise_as_wanted_in_every_difference():
    plans = [Scenario.load(name, ["months=12"]) for name in ("korea", "double-grant", "no-programme")]
    comparison = compare(plans, StoppingRule({"specialists_at_end": 1.5}), baseline=False, workers=1)
    found = comparison.precision
    assert found.reached
    gaps = {gap.scenario: gap for gap in comparison.differences if gap.indicator == "specialists_at_end"}
    for quantity, one in found.quantities:
        gap = gaps[quantity.of.removesuffix(" less korea")]
        assert one.estimate == pytest.approx(gap.mean)
        assert one.half_width >= gap.mean_high - gap.mean - 1e-9  # Holm: at 95 percent or more
        assert gap.mean_high - gap.mean <= 1.5
    assert comparison.as_dict()["precision"]["reached"] is True
    assert {one.confidence for _, one in found.quantities} == {0.95, 0.975}


def test_pairing_saves_seeds():
    """A difference on the same people needs fewer seeds than a level of the same outcome."""
    asked = {"specialists_at_end": 10}
    plans = [Scenario.load(name, ["months=12"]) for name in ("korea", "double-grant")]
    paired = compare(plans, StoppingRule(asked), baseline=False, workers=1).precision
    assert paired.seeds < simulate(SHORT, StoppingRule(asked), workers=1).precision.seeds


def test_a_sweep_gets_seeds_until_every_point_is_precise(tmp_path):
    question = {
        "design": "lhs:2", "vary": ["parameters.labour.taste_sd"], "policies": ["no-programme"], "months": 12,
        "seeds": StoppingRule({"specialists_at_end": 16}), "out": tmp_path, "workers": 1,
    }  # fmt: skip
    store = swept("korea", **question)
    table = pd.read_csv(tmp_path / "precision.csv")
    assert len(table) == 2 * 2
    assert table["reached"].all()
    assert (table["half_width"] <= 16).all()
    assert store.status()["done"] == 4 * len(store.seeds)
    means = store.summary().groupby(["policy", "point"], observed=True)["specialists_at_end"].mean()
    keyed = table.set_index(["policy", "point"])["estimate"]
    assert np.allclose(keyed.sort_index(), means.reindex(keyed.index).sort_index())
    # the same command finds it done: no further runs, the same answer
    blocks = sorted(path.name for path in (tmp_path / "runs").iterdir())
    again = swept("korea", **question)
    assert again.seeds == store.seeds
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == blocks
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "precision.csv"), table)


@pytest.mark.parametrize(
    ("text", "half_width", "quantile"),
    [
        ("specialists_at_end=20", 20, None),
        ("adoption_share_at_end = 2pt", 0.02, None),
        ("adoption_share@2025-06=0.5 pt", 0.005, None),
        ("adoption_share_at_end:p90=0.03", 0.03, 0.9),
        ("public_won_at_end=1e9", 1e9, None),
    ],
)
def test_margins_as_they_are_written(text, half_width, quantile):
    margin = margins_of(split_margins([text]), SHORT)[0]
    assert margin.wanted == Wanted(pytest.approx(half_width), quantile)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("specialists_at_ende=20", "did you mean 'specialists_at_end'"),
        ("specialists_at_end=2pt", "pt is for shares"),
        ("specialists_at_end=0", "above 0 in its unit, persons"),
        ("specialists_at_end=nan", "above 0"),
        ("specialists_at_end", "write NAME=HALFWIDTH"),
        ("specialists_at_end:p0=1", "write :p90"),
        ("specialists_at_end:median=1", "write :p90"),
        ("adoption_share@2031-01=1pt", "outside the runs"),
    ],
)
def test_margins_that_cannot_be(text, message):
    with pytest.raises(InputError, match=message):
        margins_of(split_margins([text]), SHORT)


def test_on_the_command_line(tmp_path):
    short = ("--months", 12, "--workers", 1)
    done = injae("run", *short, "--margin", "specialists_at_end=14", "--no-baseline", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "give or take" in done.stdout
    assert "after 10 seeds: about" in done.stderr
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["seeds"] == list(range(summary["precision"]["seeds"]))

    few = ("--margin", "specialists_at_end=1", "--max-seeds", 15, "--quiet")
    done = injae("compare", "korea", "double-grant", *short, *few, "--no-baseline", "--out", tmp_path / "two")
    assert done.returncode == 1
    assert "not reached: wanted 1, about" in done.stderr
    assert json.loads((tmp_path / "two" / "compare.json").read_text())["precision"]["reached"] is False

    swept = ("--design", "lhs:2", "--vary", "parameters.labour.taste_sd", "--out", tmp_path / "swept")
    done = injae("sweep", *short, *few, *swept)
    assert done.returncode == 1
    assert "furthest off: point" in done.stderr
    assert len(Sweep(tmp_path / "swept").seeds) == 15

    assert_refused(injae("run", "--margin", "specialists=1", "--out", tmp_path / "none"), "a series needs a date")
    assert not Path(tmp_path / "none").exists()
