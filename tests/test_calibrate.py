"""Calibration: known answers, twins with known parameters (R14), a tiny national sweep, refusals."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy
from conftest import assert_refused, run_here, without_runs
from hypothesis import given, settings
from hypothesis import strategies as st

from injae.experiments import priors
from injae.experiments.calibration import (
    emulators,
    given_facts,
    installed,
    posterior,
    posterior_files,
    sampler,
    wave_runs,
)
from injae.experiments.calibration.asked import WaveDesign
from injae.experiments.calibration.belief import Belief
from injae.experiments.calibration.calibrate import calibrate
from injae.experiments.calibration.emulators import Predicted, emulate, noise_of
from injae.experiments.calibration.evidence import (
    KNOWN,
    CalibrationTargets,
    Fact,
    evidence_of,
    fact_replicates,
    measured_in_runs,
    parse_fact,
)
from injae.experiments.calibration.given_facts import Box, Given, given_of, judged_at
from injae.experiments.calibration.information import information_table
from injae.experiments.calibration.screening import screen
from injae.experiments.calibration.tables import contradictions, pair_table
from injae.experiments.calibration.twins import Worlds, twin_table
from injae.experiments.calibration.wave_runs import measured
from injae.experiments.calibration.waves import calibrate_in_waves
from injae.experiments.facts import bands
from injae.experiments.findings import load
from injae.experiments.indicators import INDICATORS
from injae.experiments.measures import measure
from injae.experiments.outcomes import outcome_values
from injae.experiments.sweeps.plan import make_plan
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario

SEARCH, EMIGRATE, TASTE = (
    "parameters.labour.job_search_per_month",
    "parameters.migration.emigration_base",
    "parameters.labour.taste_sd",
)
TRUTH = {SEARCH: 0.12, EMIGRATE: -8.4}
WORLD = range(70, 80)  # seeds that no sweep here has
ERROR = 0.12  # of what is known of the made-up world

# known answers


def test_implausibility_by_hand():
    judged = posterior.judge(np.array([[10.0, 1.0], [16.0, np.nan]]), np.array([[4.0, 1.0], [4.0, 1.0]]), [14.0, -3.0])
    assert judged.implausibility.tolist() == [[2.0, 4.0], [1.0, 0.0]]
    assert judged.possible.tolist() == [False, True]
    assert judged.log_likelihood[0] == pytest.approx(-0.5 * (4 + 16 + np.log(4)))
    assert judged.log_likelihood[1] == pytest.approx(-0.5 * (1 + np.log(4)))
    assert posterior.weights_of(judged).tolist() == [0.0, 1.0]


def test_everything_that_may_explain_a_gap_counts():
    fact = Fact("x", "x", "share", 0.5, 0.03, "by hand")
    one = Given(fact, None, None, None, None, 0.04)  # type: ignore[arg-type]
    assert one.variance(Predicted(0.0, 0.12**2, 0.5)) == pytest.approx(0.03**2 + 0.04**2 + 0.12**2 + 0.5)


def test_weighted_points_say_what_an_even_sample_of_them_says():
    rng = np.random.default_rng(1)
    x, weights = rng.random((4000, 2)), rng.random(4000) ** 3
    x[:, 1] = 0.7 * x[:, 0] + 0.3 * x[:, 1]
    weights /= weights.sum()
    again = x[posterior.systematic(weights, 100_000, rng)]
    found = posterior.quantiles(x[:, 0], weights, (0.05, 0.5, 0.95))
    np.testing.assert_allclose(found, np.quantile(again[:, 0], (0.05, 0.5, 0.95)), atol=2e-3)
    np.testing.assert_allclose(posterior.correlations(x, weights), np.corrcoef(again.T), atol=2e-3)
    apart = scipy.stats.kstest(again[:, 0] ** 2, "uniform").statistic
    assert posterior.distance_from_even(x[:, 0] ** 2, weights) == pytest.approx(apart, abs=2e-3)
    assert posterior.effective_size(np.ones(7) / 7) == pytest.approx(7)
    assert posterior.effective_size(np.array([0.5, 0.5, 0, 0])) == pytest.approx(2)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30).filter(any), st.integers(1, 200), st.integers(0, 9))
def test_an_even_sample_holds_each_point_as_often_as_its_weight_says(weights, number, seed):
    shares = np.array(weights) / sum(weights)
    times = np.bincount(posterior.systematic(shares, number, np.random.default_rng(seed)), minlength=len(shares))
    assert times.sum() == number
    assert (np.abs(times - number * shares) < 1 + 1e-9).all()


@pytest.mark.parametrize("width", [0.3, 0.01])
def test_draws_are_those_of_a_posterior_that_is_known(width):
    """A normal in the middle of the box: few draws of the prior lie there, and stages lead all of them to it."""

    def log_likelihood(x):
        return posterior.judge(x, np.full(x.shape, width**2 / 9), np.array([0.4, 0.6])).log_likelihood

    first = posterior.box_points(2, 2**11, 0)
    draws = sampler.sample(first, log_likelihood, [0, 1], 0)
    assert draws.effective == pytest.approx(2**11) and draws.stages > 1 and len(np.unique(draws.x[:, 0])) > 2000
    ends = np.quantile(draws.x[:, 0], (0.05, 0.95))
    np.testing.assert_allclose(ends, 0.4 + np.array([-1.645, 1.645]) * width / 3, atol=0.03 * width)


def test_draws_of_many_inputs_and_facts_are_those_of_a_posterior_that_is_known():
    """Straight facts of normal inputs, where the posterior is known: 20 facts, 30 of 120 inputs."""
    rng = np.random.default_rng(1)
    slopes = np.zeros((20, 120))
    for row in slopes:
        row[rng.choice(30, 6, replace=False)] = rng.standard_normal(6)
    seen = slopes @ rng.standard_normal(120) + 0.5 * rng.standard_normal(20)
    covariance = np.linalg.inv(np.eye(120) + slopes.T @ slopes / 0.5**2)
    mean, sd = covariance @ slopes.T @ seen / 0.5**2, np.sqrt(np.diag(covariance))

    def log_likelihood(x):
        return -0.5 * (((seen - scipy.stats.norm.ppf(np.clip(x, 1e-9, 1 - 1e-9)) @ slopes.T) / 0.5) ** 2).sum(axis=1)

    first = posterior.box_points(120, 1024, 3)
    assert posterior.effective_size(np.exp(log_likelihood(first) - log_likelihood(first).max())) < 20
    found = scipy.stats.norm.ppf(sampler.sample(first, log_likelihood, range(30), 0).x)
    off = (found.mean(axis=0) - mean) / sd
    assert off.std() < 0.15
    np.testing.assert_allclose((found.std(axis=0) / sd)[:30].mean(), 1, atol=0.08)
    np.testing.assert_allclose((found.std(axis=0) / sd)[30:].mean(), 1, atol=0.05)


def test_a_flattened_posterior_is_as_wide_as_its_power_says():
    def log_likelihood(x):
        return -0.5 * ((x[:, 0] - 0.5) / 0.02) ** 2

    found = sampler.sample(posterior.box_points(1, 2**11, 0), log_likelihood, [0], 0, power=0.25)
    assert found.x.std() == pytest.approx(0.04, rel=0.1)


def test_no_draw_counts_more_than_it_may():
    weights = np.array([0.6, 0.2, 0.1, 0.06, 0.04])
    assert posterior.at_most(weights, 1.0) == pytest.approx(weights)
    capped = posterior.at_most(weights, 0.3)
    assert capped.max() == pytest.approx(0.3) and capped.sum() == pytest.approx(1)
    assert capped[2] / capped[3] == pytest.approx(weights[2] / weights[3])
    assert posterior.at_most(weights, 0.2) == pytest.approx(np.full(5, 0.2))
    drawn = posterior.systematic(posterior.at_most(weights, 1 / 4), 4, np.random.default_rng(0))
    assert len(set(drawn.tolist())) == 4


def test_inputs_that_move_a_fact_are_found_among_two_hundred():
    rng = np.random.default_rng(4)
    x = rng.random((150, 200))
    straight, bent = 2 * x[:, 3] - 1.5 * x[:, 77], 6 * (x[:, 120] - 0.5) ** 2
    found = screen(x, straight + bent + 0.3 * rng.standard_normal(150))
    assert set(found.active) == {3, 77, 120} and sum(found.shares) > 0.8
    assert found.shares == sorted(found.shares, reverse=True)
    accidental = [len(screen(x, rng.standard_normal(150)).active) for _ in range(40)]
    assert np.mean(np.array(accidental) > 0) < 0.2
    assert screen(x, np.ones(150)).active == []
    assert len(screen(x, x @ rng.standard_normal(200), limit=5).active) <= 5


def test_what_nothing_explains_is_noise_and_counts_as_uncertainty():
    """Products of inputs that are not screened in: nothing is claimed of them, and intervals are wide."""
    rng = np.random.default_rng(5)

    def hidden(x):
        return 4 * ((x[:, 10:40] - 0.5) * (x[:, 40:70] - 0.5)).sum(axis=1)

    x, new = rng.random((150, 80)), rng.random((400, 80))
    found = emulate(x, (3 * x[:, [0]] + hidden(x)[:, None]) + 0.05 * rng.standard_normal((150, 2)), crossed=False)
    assert found.active == [0]
    at, truth = found.at(new), 3 * new[:, 0] + hidden(new)
    assert np.sqrt(at.mean_variance).mean() > 0.9 * hidden(new).std()
    assert 0.85 < (np.abs(truth - at.mean) < 1.645 * np.sqrt(at.mean_variance)).mean() < 0.96


def test_points_are_left_out_in_closed_form_as_if_the_emulator_were_fitted_without_them():
    rng = np.random.default_rng(6)
    x = rng.random((40, 3))
    y = np.sin(4 * x[:, 0]) + x[:, 1] + 0.1 * rng.standard_normal(40)
    y = (y - y.mean()) / y.std()
    process, variance = emulators._fitted(x, y, np.full(40, 0.01), [0, 1])
    mean = y - process.solved * variance
    kept = np.arange(40) != 7
    covariance = emulators._covariance(x, x, process.active, process.smooth, process.straight)
    covariance[np.diag_indices(40)] += process.noise + 0.01 + 1e-8
    across = covariance[7, kept]
    solved = np.linalg.solve(covariance[np.ix_(kept, kept)], np.column_stack([y[kept], across]))
    assert mean[7] == pytest.approx(across @ solved[:, 0], abs=1e-6)
    assert variance[7] == pytest.approx(covariance[7, 7] - across @ solved[:, 1], rel=1e-6)


def test_a_fact_whose_logarithm_is_simple_is_fitted_to_it():
    rng = np.random.default_rng(7)
    x = rng.random((80, 4))
    values = np.exp(3 * x[:, [0]] - 2 * x[:, [1]]) * np.exp(0.05 * rng.standard_normal((80, 2)))
    found = emulate(x, values, crossed=False)
    assert found.logs and found.check.q2 > 0.97
    new = rng.random((100, 4))
    at = found.at(new)
    truth = np.exp(3 * new[:, 0] - 2 * new[:, 1])
    assert (np.abs(at.mean / truth - 1) < 0.15).mean() > 0.95
    assert not emulate(x, values - 10, crossed=False).logs


def test_a_trade_off_is_never_that_of_the_design():
    """Two columns that the design ties together stay tied in the posterior: that is none that facts have made."""
    rng = np.random.default_rng(8)
    tied = rng.random((400, 1)) + 0.3 * rng.random((400, 1))
    x = np.clip(np.column_stack([tied, tied + 0.2 * rng.random((400, 1)), rng.random((400, 2))]) / 1.5, 0, 1)
    inputs = [given_facts.Input(f"parameters.{name}", name, "", "", "linear", 0, 1) for name in "abcd"]
    box = Box(inputs, x, True)
    weights = np.exp(-0.5 * ((x[:, 2] + x[:, 3] - 0.7) / 0.05) ** 2)
    found = posterior.Draws(x, weights / weights.sum(), 1)
    table = pair_table(box, found, x, found.effective).set_index(["first", "second"])
    design, facts = table.loc[("parameters.a", "parameters.b")], table.loc[("parameters.c", "parameters.d")]
    assert design["correlation"] > 0.8 and not design["trades_off"]
    assert facts["correlation"] < -0.8 and facts["trades_off"]


def test_facts_that_contradict_each_other_are_named():
    facts = [Fact(name, name, "", 1.0, 0.1, "by hand") for name in "pqr"]
    given = [Given(fact, None, None, None, None, 0.0) for fact in facts]  # type: ignore[arg-type]
    x = posterior.box_points(1, 1024, 0)
    implausibility = np.column_stack([10 * x[:, 0], 10 * (1 - x[:, 0]), np.ones(1024)])
    (line,) = contradictions(given, implausibility)
    assert "p and q contradict each other" in line and "30%" in line
    (line,) = contradictions(given[2:], np.full((1024, 1), 5.0))
    assert line.startswith("r: nothing that was tried gives 1")


def test_shares_of_uncertainty_are_those_of_a_function_that_is_known():
    rng = np.random.default_rng(9)
    x = rng.random((4000, 30))
    y = 3 * x[:, [0]] + x[:, [1]] + 0.2 * rng.standard_normal((4000, 2))
    table = information_table({"y": y}, [f"p{n}" for n in range(30)], x, np.full(4000, 1 / 4000), 0)
    whole = 9 / 12 + 1 / 12 + 0.04
    rows = table.set_index("input")
    assert rows.loc["p0", "share"] == pytest.approx(0.75 / whole, abs=0.05)
    assert rows.loc["p1", "share"] == pytest.approx(1 / 12 / whole, abs=0.03)
    assert list(table.loc[table["above"], "input"]) == ["p0", "p1"]
    assert rows["noise_share"].iloc[0] == pytest.approx(0.04 / whole, abs=0.01)
    assert rows["sd"].iloc[0] == pytest.approx(whole**0.5, rel=0.03)


def test_noise_that_is_the_same_everywhere_is_told_from_the_rest():
    rng = np.random.default_rng(2)
    x, seeds = rng.random((300, 2)), 40
    own_sd = np.exp(-1 + x[:, [0]])
    values = 5 * x[:, [1]] + 2.0 * rng.standard_normal(seeds) + own_sd * rng.standard_normal((300, seeds))
    noise = noise_of(x, values)
    assert noise.shared == pytest.approx(4, rel=0.5)
    np.testing.assert_allclose(noise.own_at(x), own_sd[:, 0] ** 2, rtol=0.15)
    assert 1 < noise.widened < 1.1 and noise_of(x, values[:, :2]).widened > 10
    assert noise_of(x, np.tile(values[:, [0]], 3)).of_run_at(x).max() == pytest.approx(0, abs=1e-12)


def test_noise_of_a_run_and_of_the_mean_of_all_seeds_by_hand():
    noise = emulators.Noise(shared=2.0, own=1.0, model=None, widened=3.0, seeds=4)
    x = np.zeros((2, 1))
    assert noise.of_run_at(x).tolist() == [7.0, 7.0] and noise.of_level_at(x).tolist() == [1.75, 1.75]


def test_an_emulator_is_believed_only_where_it_predicts():
    rng = np.random.default_rng(3)
    x = rng.random((60, 2))
    good = emulate(x, (np.sin(4 * x[:, [0]]) + x[:, [1]]) + 0.05 * rng.standard_normal((60, 4)))
    assert good.check.passed and good.check.q2 > 0.95
    new = rng.random((200, 2))
    found = good.at(new)
    assert np.abs(found.mean - np.sin(4 * new[:, 0]) - new[:, 1]).max() < 0.15
    assert (found.mean_variance > good.noise.of_level_at(new)).all()
    noise = emulate(x, rng.standard_normal((60, 4)))
    assert not noise.check.passed and noise.check.noise_share > 0.5


# R14, twins through a known function


def world(theta, noise, rng):
    """Three facts of a made-up world; the third parameter does next to nothing."""
    a, b, c = theta.T
    level = np.column_stack([3 * np.exp(a), 4 * a * b + 2 * b, 5 * b**2 - a + 0.02 * c])
    return level + noise * np.array([0.15, 0.1, 0.1]) + rng.standard_normal(level.shape) * np.array([0.2, 0.15, 0.2])


@pytest.fixture(scope="module")
def known_world():
    """Sixty points with eight seeds of the made-up world, and what is made of its three facts."""
    rng = np.random.default_rng(11)
    x = posterior.box_points(3, 64, 5)
    variates = rng.standard_normal(8)
    runs = np.stack([world(x, noise, rng) for noise in variates], axis=1)
    facts = [Fact(name, name, "", 1.0, ERROR, "twin") for name in "pqr"]
    given = [given_of(x, fact, runs[:, :, n], 0.0) for n, fact in enumerate(facts)]
    assert all(one.by_emulator for one in given)
    first = posterior.box_points(3, 2**12, 0)
    return SimpleNamespace(given=given, first=first, at=[one.emulator.at(first) for one in given])


def twins_of_known_world(known, number=50):
    """For each twin: which parameters their 90 percent intervals hold, widths, and ranks of the truth."""
    rng = np.random.default_rng(12)
    held, widths, ranks = [], [], []
    for truth in posterior.box_points(3, 64, 13)[:number, None]:
        seen = world(truth, rng.standard_normal(), rng)[0] + ERROR * rng.standard_normal(3)
        given = [
            one._replace(fact=one.fact._replace(value=value)) for one, value in zip(known.given, seen, strict=True)
        ]
        weights = posterior.weights_of(judged_at(given, known.at))
        ends = np.array([posterior.quantiles(known.first[:, n], weights, (0.05, 0.95)) for n in range(3)])
        held.append((ends[:, 0] <= truth[0]) & (truth[0] <= ends[:, 1]))
        widths.append(ends[:, 1] - ends[:, 0])
        ranks.append([weights[known.first[:, n] < truth[0, n]].sum() for n in range(3)])
    return np.mean(held, axis=0), np.mean(widths, axis=0), np.array(ranks)


def test_intervals_hold_the_truth_of_fifty_twins(known_world):
    covered, widths, ranks = twins_of_known_world(known_world)
    assert ((covered >= 0.8) & (covered <= 0.98)).all()
    assert (widths[:2] < 0.45).all() and widths[2] > 0.85  # of the third nothing can be known, and that is said
    assert min(scipy.stats.kstest(ranks[:, n], "uniform").pvalue for n in range(3)) > 0.01


@pytest.mark.parametrize(
    "wrong",
    [lambda one, at: one.blur**2 + 0 * at.noise, lambda one, at: 0.1 * (one.blur**2 + at.mean_variance + at.noise)],
    ids=["noise is forgotten", "a tenth of all"],
)
def test_twins_show_a_variance_that_is_wrong(known_world, monkeypatch, wrong):
    monkeypatch.setattr(given_facts.Given, "variance", wrong)
    covered, _, _ = twins_of_known_world(known_world)
    assert covered[:2].max() < 0.8


def test_the_twins_of_a_sweep_are_told_whole():
    """Means that say the truth: intervals hold it, ranks are even; means that are off: they do not."""
    x = posterior.box_points(1, 64, 3)
    first = posterior.box_points(1, 1024, 4)
    runs = np.repeat(x[:, None, :], 2, axis=1)
    for off, share in ((0.0, (0.8, 0.98)), (0.3, (0.0, 0.3))):
        means, variances = first + off, np.full(first.shape, 0.1**2)
        candidates = posterior.Draws(first, np.full(len(first), 1 / len(first)), 1)
        table, in_vain = twin_table(Worlds(x, runs, np.array([0.1]), ["a"]), candidates, means, variances, 0)
        assert share[0] <= table["covered"].sum() / (len(table) + in_vain) <= share[1]
    assert len(table) + in_vain == 50


# facts


def test_facts_are_read():
    plan = Scenario.load("korea")
    fact = parse_fact("job_change_rate_per_year = 0.159 +- 0.015", plan)
    assert (fact.name, fact.value, fact.error) == ("job_change_rate_per_year", 0.159, 0.015)
    assert parse_fact("adoption_share@2029-12=0.4±0.05", plan).error == 0.05
    assert parse_fact("beveridge_elasticity=-0.7+-0.2", plan).value == -0.7
    for text, message in (
        ("specialists_at_end", "write OUTCOME=VALUE"),
        ("specialists_at_end=5", "write OUTCOME=VALUE"),
        ("specialists_at_end=5+-0", "must be above 0"),
        ("specialists_at_end=5+-nan", "is no number"),
        ("job_change_rate_per_yer=1+-1", "did you mean 'job_change_rate_per_year'"),
        ("job_changes_per_yer=1+-1", "did you mean 'job_changes_per_year'"),
        ("specialists=5+-1", "a series needs a date"),
        ("job_changes_per_year=15.9+-1.5", "15.9 looks like percent; write 0.159"),
        ("abroad_share=0.16+-2", "2 looks like percent; write 0.02"),
        ("abroad_share=-0.2+-0.1", "is a share, 0 to 1; -0.2 is outside"),
        ("specialists@2029-12=-5+-1", "cannot be below 0 persons"),
        ("korea-2022:vacancy_rate_year_2=0.1+-0.1", "a sweep has no other cases"),
    ):
        with pytest.raises(InputError, match=re.escape(message)) as refused:
            parse_fact(text, plan)
        assert len(str(refused.value)) <= 300
    fact = parse_fact("korea-2022:vacancy_rate_year_2=0.1+-0.1", plan, all_cases=True)
    assert fact.label == "korea-2022:vacancy_rate_year_2" and fact.case == "korea-2022"
    with pytest.raises(InputError, match="no scenario 'korea-2020'; did you mean 'korea-2022'"):
        parse_fact("korea-2020:vacancy_rate_year_2=0.1+-0.1", plan, all_cases=True)


def test_the_countrys_facts_are_used_or_held_out():
    plan = Scenario.load("korea")
    found, left_out = evidence_of(CalibrationTargets(), plan)
    used, held = [[fact for fact in found if fact.held_out is held] for held in (False, True)]
    rows = {use: [band.measure for band in bands("korea") if band.use == use] for use in ("fit", "check")}
    assert len(used) >= 15 and [fact.name for fact in used] == rows["fit"]
    assert [fact.name for fact in held] == rows["check"]
    assert not left_out
    band = next(band for band in bands("korea") if band.measure == "job_to_job_share")
    fact = next(fact for fact in used if fact.name == "job_to_job_share")
    assert fact.value - 2 * fact.error == pytest.approx(band.low) and fact.value + 2 * fact.error == pytest.approx(
        band.high
    )
    assert fact.discrepancy == band.discrepancy
    other, _ = evidence_of(CalibrationTargets(hold_out=["abroad_share"]), plan)
    assert [fact.name for fact in other if fact.held_out] == ["abroad_share", *rows["check"]]
    short, left_out = evidence_of(CalibrationTargets(), plan.with_changes(["months=24"]))
    assert {fact.name for fact in short} >= {"vacancy_rate_years_1_and_2", "products_approved_year_1"}
    assert all(KNOWN[fact.name].months <= 24 for fact in short) and len(short) + len(left_out) == len(found)
    assert all("these have 24" in line for line in left_out)
    every, _ = evidence_of(CalibrationTargets(), plan, all_cases=True)
    assert len(every) > len(found) and {fact.case for fact in every} == {"", "korea-2022"}
    with pytest.raises(InputError, match="used too"):
        evidence_of(CalibrationTargets(["abroad_share=0.1+-0.1"], ["abroad_share"]), plan)
    with pytest.raises(InputError, match="is there twice"):
        evidence_of(CalibrationTargets(["abroad_share=0.1+-0.1", "abroad_share=0.2+-0.1"]), plan)
    with pytest.raises(InputError, match="did you mean 'abroad_share'"):
        evidence_of(CalibrationTargets(hold_out=["abroad_shar"]), plan)


def test_facts_measured_in_a_sweep_are_those_of_its_runs(tmp_path):
    store = sweep("korea", "lhs:1", [f"{SEARCH}=0.05:0.2"], out=tmp_path / "s", seeds=2, execution=Execution(1))
    found = measured_in_runs(store, list(KNOWN)).set_index("seed")
    plan = Scenario.load("korea").with_settings({SEARCH: float(store.points[SEARCH].iloc[0])})
    for seed in (0, 1):
        expected = measure(Ecosystem(plan, seed, events=True).run())
        for name in KNOWN:
            assert found.loc[seed, name] == pytest.approx(expected[name], rel=1e-4, nan_ok=True), name


# on a sweep (R14, through the model)


@pytest.fixture(scope="module")
def national(tmp_path_factory):
    """Forty points of two years with two seeds; two parameters that facts say something about, one that they do not."""
    folder = tmp_path_factory.mktemp("national") / "sweep"
    return sweep(
        Scenario.load("korea", ["months=24"]),
        "lhs:40",
        [SEARCH, EMIGRATE, TASTE],
        out=folder,
        seeds=2,
        execution=Execution(1),
    )


@pytest.fixture(scope="module")
def seen():
    """Facts of a world whose parameters are known, from runs with seeds of its own."""
    plan = Scenario.load("korea", ["months=24"]).with_settings(TRUTH)
    runs = [Ecosystem(plan, seed).run().history for seed in WORLD]
    errors = {"job_change_rate_per_year": 0.004, "emigration_rate_per_year": 0.001}
    means = {name: np.mean([INDICATORS[name].of_run(run, plan) for run in runs]) for name in errors}
    return [f"{name}={means[name]}+-{error}" for name, error in errors.items()]


def test_planted_values_are_found(national, seen):
    points = national.points.copy()
    finding = calibrate(national, CalibrationTargets(seen, discrepancy=0.0))
    pd.testing.assert_frame_equal(points, national.points)
    table = finding.tables["parameters"].set_index("input")
    assert (finding.tables["facts"]["judged_by"] == "emulator").all()
    for path, value in TRUTH.items():
        row = table.loc[path]
        assert row["posterior_low"] <= value <= row["posterior_high"], path
    row = table.loc[EMIGRATE]  # the others: two seeds say too little of noise
    assert row["learned"] > 0.4 and row["verdict"] == "much"
    # the sweep's two seeds have a fifth more emigrants than the world's ten, which is 0.2 in log odds
    assert row["posterior_median"] == pytest.approx(TRUTH[EMIGRATE], abs=0.15 + 0.1)
    assert table.loc[TASTE, "learned"] < 0.1
    assert 0 < finding.facts["space_left"] < 0.7 and finding.facts["effective_draws"] > 100
    assert finding.facts["twins_covered"] >= 0.8 and finding.facts["twins"] >= 30
    again = calibrate(national, CalibrationTargets(seen, discrepancy=0.0))
    assert again.as_dict() == finding.as_dict()


def test_facts_held_out_have_no_say(national, seen):
    alone = calibrate(national, seen).tables["parameters"]
    wild = ["vacancy_rate_years_1_and_2=0.9+-0.001", "products_approved_year_1=3+-0.1"]
    held = calibrate(national, CalibrationTargets(seen, wild))
    pd.testing.assert_frame_equal(held.tables["parameters"], alone)
    table = held.tables["facts"].set_index("name")
    assert table.loc[[text.partition("=")[0] for text in wild], "fits"].tolist() == ["no", "no"]
    assert "vacancy_rate_years_1_and_2" not in held.tables["points"]


def test_more_discrepancy_teaches_less_and_leaves_more(national, seen):
    near, far = (calibrate(national, CalibrationTargets(seen, discrepancy=share)) for share in (0.0, 0.5))
    assert far.facts["space_left"] > near.facts["space_left"]
    assert far.tables["parameters"]["learned"].max() < near.tables["parameters"]["learned"].max()


def test_what_is_written_goes_into_a_sweep_and_figures_are_rebuilt(national, seen, tmp_path, capsys):
    facts = [part for text in seen for part in ("--fact", text)]
    hold = ("--hold-out", "vacancy_rate_years_1_and_2")
    done = run_here(capsys, "calibrate", national.folder, *facts, *hold, "--draws", 30, "--out", tmp_path / "c")
    assert done.returncode == 0, done.stderr
    assert "held against 2 facts (1 more held out)" in done.stdout and "This is one wave" in done.stdout
    found, _ = load(tmp_path / "c")
    table = found.tables["facts"].set_index("name")
    assert table["held_out"].astype(bool).tolist() == [False, False, True]
    for name, rows in (("posterior", 30), ("next", 40)):
        plan = make_plan(["korea"], str(tmp_path / "c" / f"{name}.csv"), [], seeds=1, changes=["months=24"])
        assert len(plan.points) == rows and list(plan.points.columns) == [SEARCH, EMIGRATE, TASTE]
    row = found.tables["parameters"].set_index("input").loc[EMIGRATE]
    held = found.tables["posterior"][EMIGRATE].between(row["posterior_low"], row["posterior_high"]).mean()
    assert 0.8 <= held <= 1
    pictures = sorted(path.stem for path in (tmp_path / "c").glob("*.png"))
    assert pictures == ["facts", "implausibility", "parameters"]
    rebuilt = run_here(capsys, "rebuild", tmp_path / "c", "--json")
    assert {row["state"] for row in json.loads(rebuilt.stdout)} == {"the same, byte for byte"}


def test_the_next_wave_lies_where_nothing_is_ruled_out_and_can_be_calibrated(national, seen, tmp_path):
    first = calibrate(national, CalibrationTargets(seen, discrepancy=0.0))
    points = first.tables["next"]
    points.to_csv(tmp_path / "next.csv", index=False)
    store = sweep(
        Scenario.load("korea", ["months=24"]),
        str(tmp_path / "next.csv"),
        [],
        out=tmp_path / "w2",
        seeds=2,
        execution=Execution(1),
    )
    second = calibrate(store, CalibrationTargets(seen, discrepancy=0.0))
    assert second.facts["is_table"]
    assert second.facts["points_left"] > 1.2 * first.facts["points_left"]
    box = given_facts.box_of(store, "korea")
    assert box.inside(box.x).all()
    row = second.tables["parameters"].set_index("input").loc[EMIGRATE]
    assert row["posterior_low"] <= TRUTH[EMIGRATE] <= row["posterior_high"]


def test_without_a_good_emulator_only_points_that_were_run_are_judged(national, seen, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(emulators, "Q2_MIN", 2.0)
    finding = calibrate(national, seen)
    points = finding.tables["points"]
    assert not finding.facts["by_emulator"] and finding.facts["candidates"] == 40
    assert finding.facts["space_left"] == finding.facts["points_left"] / 40 == (~points["ruled_out"]).mean()
    drawn = finding.tables["posterior"].merge(points, on=[SEARCH, EMIGRATE, TASTE])
    assert len(drawn) >= 200 and not drawn["ruled_out"].any()
    facts = [part for text in seen for part in ("--fact", text)]
    done = run_here(capsys, "calibrate", national.folder, *facts, "--out", tmp_path)
    assert done.returncode == 0 and "No emulator is good enough" in done.stdout


def test_facts_that_cannot_be_met_give_no_posterior(national, tmp_path, capsys):
    fact = ("--fact", "job_change_rate_per_year=0.9+-0.01")
    done = run_here(capsys, "calibrate", national.folder, *fact, "--out", tmp_path)
    assert done.returncode == 0
    assert "Nothing that was sampled agrees with all facts" in done.stdout and "Parameters" not in done.stdout
    found, _ = load(tmp_path)
    assert found.facts["space_left"] == 0 and not len(found.tables["posterior"])
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == ["facts", "implausibility"]


def test_missing_runs_are_counted_and_end_in_exit_code_1(national, seen, tmp_path, capsys):
    folder = tmp_path / "torn"
    without_runs(national, folder, "korea", range(3), seed=1)
    facts = [part for text in seen for part in ("--fact", text)]
    done = run_here(capsys, "calibrate", folder, *facts, "--out", tmp_path / "c")
    assert done.returncode == 1 and f"3 runs of {folder} are missing" in done.stderr
    found, _ = load(tmp_path / "c")
    assert found.facts["runs_waiting"] == 3
    assert found.tables["points"]["job_change_rate_per_year"].isna().tolist() == [True] * 3 + [False] * 37


def test_bad_questions_are_refused_in_one_line(national, tmp_path, capsys):
    def asked(*more):
        return run_here(capsys, "calibrate", national.folder, *more)

    assert_refused(asked("--fact", "x=1+-1"), "no indicator and no fact")
    assert_refused(asked("--fact", "specialists_at_end"), "write OUTCOME=VALUE+-ERROR")
    both = ("--fact", "specialists_at_end=9000+-500", "--hold-out", "specialists_at_end=9000+-400")
    assert_refused(asked(*both), "this fact is used too")
    alias = ("--fact", "vacancy_rate_years_1_and_2=0.1+-0.1", "--hold-out", "vacancy_rate_years_1_and_2")
    assert_refused(asked(*alias), "this fact is used too")
    assert_refused(asked("--fact", "abroad_share=0.1+-0.1"), "measured in runs of 60 months; these have 24")
    assert_refused(asked("--policy", "corea"), "not in")
    assert_refused(run_here(capsys, "calibrate", tmp_path), "holds no sweep")


def test_levers_one_seed_and_designs_that_leave_gaps_are_refused(tmp_path, capsys):
    levers = sweep(
        Scenario.load("korea", ["months=12"]),
        "lhs:20",
        ["levers.grant_scale=0:3", SEARCH],
        out=tmp_path / "l",
        seeds=2,
        execution=Execution(1),
    )
    assert_refused(run_here(capsys, "calibrate", levers.folder), "calibrating levers")
    single = sweep(
        Scenario.load("korea", ["months=12"]), "lhs:20", [SEARCH], out=tmp_path / "s", seeds=1, execution=Execution(1)
    )
    assert_refused(run_here(capsys, "calibrate", single.folder), "one seed per point in a calibration")
    grid = sweep(
        Scenario.load("korea", ["months=12"]),
        "oat",
        [SEARCH, TASTE],
        out=tmp_path / "g",
        seeds=2,
        execution=Execution(1),
    )
    assert_refused(run_here(capsys, "calibrate", grid.folder), "leaves the box empty")


def test_one_fact_under_two_names_is_refused(tmp_path):
    store = sweep(
        Scenario.load("korea", ["months=60"]), "lhs:20", [SEARCH], out=tmp_path / "s", seeds=2, execution=Execution(1)
    )
    facts = ["job_change_rate_per_year=0.16+-0.02"]
    with pytest.raises(InputError, match=r"job_changes_per_year: is the same in every run .* used and held out"):
        calibrate(store, CalibrationTargets(facts, ["job_changes_per_year"]))


def test_of_a_table_only_what_lies_near_its_points_is_judged():
    x = posterior.box_points(2, 64, 2)
    x[:, 1] = 0.9 * x[:, 0] + 0.1 * x[:, 1]
    inputs = [given_facts.Input(f"parameters.{name}", name, "", "", "linear", 0, 1) for name in "ab"]
    everywhere = posterior.box_points(2, 512, 1)
    near = Box(inputs, x, True).inside(everywhere)
    assert 0 < near.sum() < 256 and np.abs(everywhere[near, 0] - everywhere[near, 1]).max() < 0.4
    assert Box(inputs, x, True).inside(x).all() and Box(inputs, x, False).inside(everywhere).all()


def test_values_on_a_log_scale_come_back_as_they_were():
    inputs = [
        given_facts.Input("parameters.a", "a", "won", "", "log", 1e6, 1e8),
        given_facts.Input("parameters.b", "b", "months", "", "whole", 1, 9),
    ]
    table = Box(inputs, np.zeros((2, 2)), False).scaled(np.array([[0.5, 0.3], [1.0, 1.0]]))
    np.testing.assert_allclose(table.to_numpy(), [[1e7, 3], [1e8, 9]])


def test_without_scikit_learn_one_line_says_what_to_do(national, monkeypatch):
    monkeypatch.setattr(emulators.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'needs scikit-learn; install it with: pip install "injae\[experiments\]"'):
        calibrate(national)


# in waves

IDLE = "parameters.outcomes.event_reduction"  # moves no fact
FEW = [
    SEARCH,
    EMIGRATE,
    IDLE,
    "parameters.labour.separation_per_month",
    "parameters.education.graduate_seats_per_teacher",
]
SMALL = WaveDesign(2, 24, 2, 20, vary=FEW)
YEAR_LONG = Scenario.load("korea", ["months=12"])
WORLD_FACTS = ["job_change_rate_per_year=0.2+-0.02", "korea-2022:programme_admitted_year_1=120+-40"]


@pytest.fixture(scope="module")
def waves(tmp_path_factory):
    """Two small waves of one year in two cases."""
    folder = tmp_path_factory.mktemp("waves") / "w"
    finding = calibrate_in_waves(YEAR_LONG, WORLD_FACTS, out=folder, design=SMALL, workers=1)
    return SimpleNamespace(folder=folder, finding=finding)


def files_of_waves(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_waves_come_closer_and_what_is_kept_was_run(waves):
    facts, tables = waves.finding.facts, waves.finding.tables
    left = tables["waves"]["points_left"].tolist()
    assert left[1] > left[0] and tables["waves"]["points"].tolist() == [24, 24]
    runs = pd.read_parquet(waves.folder / "waves" / "draws-2-20" / "runs.parquet")
    assert set(runs["case"]) == {"korea", "korea-2022"} and len(runs) == 2 * 2 * 100
    assert facts["runs"] == 2 * 24 * 2 * 2 + len(runs) and facts["runs_failed"] == 0
    assert not runs["seed"].isin(pd.read_parquet(waves.folder / "waves" / "wave-2" / "runs.parquet")["seed"]).any()
    kept, tried = tables["posterior"], pd.read_parquet(waves.folder / "waves" / "draws-2-20" / "points.parquet")
    assert len(kept) == len(kept.drop_duplicates()) == 20
    declared = Belief.of(Scenario.load("korea")).only(FEW).scaled(tried.to_numpy())
    assert len(kept.merge(declared)) == 20
    row = tables["facts"].set_index("name").loc["job_change_rate_per_year"]
    assert row["after_high"] - row["after_low"] < 0.8 * (row["before_high"] - row["before_low"])
    assert {"graduate seats per teacher", "separation per month", "job search per month"} & set(
        tables["parameters"].loc[tables["parameters"]["verdict"] != "nothing", "name"]
    )
    assert tables["parameters"].set_index("input").loc[IDLE, "verdict"] == "nothing"


def test_waves_are_the_same_for_two_workers(waves, tmp_path):
    calibrate_in_waves(YEAR_LONG, WORLD_FACTS, out=tmp_path / "w", design=SMALL, workers=2)
    assert files_of_waves(tmp_path / "w" / "waves") == files_of_waves(waves.folder / "waves")


def test_what_was_stopped_goes_on_and_does_no_run_again(waves, tmp_path, monkeypatch):
    done = []

    def stops(job):
        if len(done) == 70:
            raise KeyboardInterrupt
        done.append(job.seed)
        return measured(job)

    monkeypatch.setattr(wave_runs, "measured", stops)
    with pytest.raises(KeyboardInterrupt):
        calibrate_in_waves(YEAR_LONG, WORLD_FACTS, out=tmp_path / "w", design=SMALL, workers=1)
    assert len(list((tmp_path / "w" / "waves" / "wave-1").glob("part-*.parquet"))) == 2
    monkeypatch.setattr(wave_runs, "measured", lambda job: done.append(job.seed) or measured(job))
    finding = calibrate_in_waves(YEAR_LONG, WORLD_FACTS, out=tmp_path / "w", design=SMALL, workers=1)
    assert len(done) == finding.facts["runs"]
    assert files_of_waves(tmp_path / "w" / "waves") == files_of_waves(waves.folder / "waves")
    assert finding.as_dict() == waves.finding.as_dict()
    calibrate_in_waves(YEAR_LONG, WORLD_FACTS, out=tmp_path / "w", design=SMALL, workers=1)
    assert len(done) == finding.facts["runs"]


def test_a_folder_of_other_waves_is_refused(waves):
    other = ["job_change_rate_per_year=0.3+-0.02", WORLD_FACTS[1]]
    with pytest.raises(InputError, match="holds a calibration with another facts"):
        calibrate_in_waves(YEAR_LONG, other, out=waves.folder, design=SMALL, workers=1)
    with pytest.raises(InputError, match="another points"):
        calibrate_in_waves(YEAR_LONG, WORLD_FACTS, out=waves.folder, design=replace(SMALL, points=30), workers=1)


def test_parameters_are_carried_over_to_another_case_by_their_share_of_belief():
    belief = Belief.of(Scenario.load("korea"))
    x = np.random.default_rng(3).random((5, len(belief.names)))
    here, there = belief.scaled(x), belief.scaled(x, "korea-2022")
    own, other = declared_parameters("korea"), declared_parameters("korea-2022")
    moved = 0
    for n, name in enumerate(belief.names):
        path, parameter = f"parameters.{name}", other[name]
        if own[name] == parameter:
            np.testing.assert_array_equal(here[path], there[path])
        elif parameter.low < parameter.value < parameter.high:
            np.testing.assert_allclose(priors.share(parameter, there[path]), x[:, n], atol=1e-9)
            moved += 1
        assert there[path].between(parameter.low, parameter.high).all()
    assert moved > 5
    places = belief.places(x)
    assert ((places >= 0) & (places <= 1)).all()


def test_a_twin_of_known_parameters_is_found_and_what_is_not_known_is_named(tmp_path, capsys):
    vary = [part for path in FEW for part in ("--vary", path)]
    done = run_here(
        capsys, "calibrate", "korea", "--twin", 5, "--waves", 2, "--points", 30, "--draws", 40, "--months", 24, *vary,
        "--out", tmp_path / "t", "--workers", 1,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found, _ = load(tmp_path / "t")
    table = found.tables["parameters"]
    assert f"of 5 parameters ({found.facts['twin_covered']:.0%})" in done.stdout
    assert table["truth_inside"].astype(bool).sum() >= 4
    assert table["truth"].between(table["low"], table["high"]).all()
    nothing = table.loc[table["verdict"] == "nothing", "name"]
    said = " ".join(done.stdout.split())  # lines are wrapped
    assert len(nothing) and all(name in said for name in nothing)
    assert "Wave 2: " in done.stdout and "What would narrow the answer most" in done.stdout
    assert {path.stem for path in (tmp_path / "t").glob("*.png")} >= {"facts", "implausibility", "parameters"}
    rebuilt = run_here(capsys, "rebuild", tmp_path / "t", "--json")
    assert {row["state"] for row in json.loads(rebuilt.stdout)} == {"the same, byte for byte"}


def test_facts_that_waves_cannot_use_are_refused_or_named(tmp_path):
    small = {"design": replace(SMALL, waves=1, points=20, draws=4, vary=[SEARCH]), "workers": 1}
    constant = [WORLD_FACTS[0], "programme_graduates_cumulative@2025-01=10+-5"]
    with pytest.raises(InputError, match=r"cumulative@2025-01: every run gives 0, whatever the parameters"):
        calibrate_in_waves(YEAR_LONG, constant, out=tmp_path / "a", **small)
    twice = [WORLD_FACTS[0], "job_change_rate_per_year=0.3+-0.02"]
    with pytest.raises(InputError, match="is there twice"):
        calibrate_in_waves(YEAR_LONG, twice, out=tmp_path / "b", **small)
    found = calibrate_in_waves(Scenario.load("korea", ["months=24"]), out=tmp_path / "c", **small)
    assert any(
        "abroad_share: is measured in runs of 60 months; these have 24" in line for line in found.facts["left_out"]
    )
    named: list[str] = []
    given_facts.left_out_or_refused(Fact("x", "x", "share", 0.5, 0.1, "W1: D001"), given_facts.Unusable("says"), named)
    assert named == ["x: says"]
    wild = calibrate_in_waves(YEAR_LONG, ["job_change_rate_per_year=0.9+-0.01"], out=tmp_path / "d", **small)
    assert "nothing that was tried gives 0.9" in wild.facts["contradictions"][0]
    assert wild.tables["facts"]["fits"].tolist() == ["no"]


def test_wave_questions_that_cannot_be_are_refused_in_one_line(national, tmp_path, capsys):
    for text, *asked in (
        ("needs 2 to 100", "korea", "--seeds", 1),
        ("needs 20 to 5,000", "korea", "--points", 5),
        ("needs 1 to 20", "korea", "--waves", 0),
        ("neither a preset nor a file", "corea"),
        ("no parameter with a range", "korea", "--vary", "parameters.labour.taste"),
        ("whose sweep says that", national.folder, "--points", 100),
        ("is a scenario; only a sweep has several", "korea", "--policy", "korea"),
        ("not with --twin", "korea", "--install", "--twin", 3),
        ("not with --fact", "korea", "--install", "--fact", "abroad_share=0.1+-0.1"),
    ):
        assert_refused(run_here(capsys, "calibrate", *asked, "--out", tmp_path / "x"), text)
        assert not (tmp_path / "x" / "waves").exists()


def test_an_installed_posterior_is_read_again_and_goes_stale_with_model_or_data(waves, tmp_path, monkeypatch):
    plan = Scenario.load("korea")
    monkeypatch.setattr(installed, "data_folder", lambda country: tmp_path)
    monkeypatch.setattr(installed, "ROOT", tmp_path)
    monkeypatch.setattr(installed, "_files", lambda cases: [posterior_files.ROOT / "data" / "parameters.toml"])
    assert installed.install(waves.finding, plan, "injae calibrate korea --install") == [
        "posterior.csv",
        "posterior.toml",
    ]
    monkeypatch.setattr(posterior_files, "data_folder", lambda country: tmp_path)
    found = posterior_files.read_posterior("korea")
    table = waves.finding.tables["posterior"]
    assert [f"parameters.{path}" for path in found.paths] == list(table.columns)
    np.testing.assert_allclose(found.values, table.to_numpy(), rtol=1e-5)
    assert found.about["command"].endswith("--install") and found.about["cases"] == ["korea", "korea-2022"]
    assert found.facts_used == 2 and {fact["case"] for fact in found.about["facts"]} == {"korea", "korea-2022"}
    assert not found.is_stale
    text = (tmp_path / "posterior.toml").read_text()
    for name in (posterior_files.code_hash(), found.about["data"]["data/parameters.toml"]):
        (tmp_path / "posterior.toml").write_text(text.replace(name, "0" * 16))
        assert posterior_files.read_posterior("korea").is_stale


def test_words_about_results_do_not_make_a_posterior_stale():
    """Why facts are missed is written after a fit, and no run reads it."""
    from injae.experiments.calibration.installed import _files

    names = {path.name for path in _files(["korea", "korea-2022"])}
    assert {"facts.csv", "parameters.toml", "universities.csv", "korea-2022.toml"} <= names
    assert not {"misses.csv", "unknown.csv", "posterior.csv", "posterior.toml"} & names


@pytest.mark.parametrize(
    ("name", "now", "counts"),
    [
        ("a.toml", 'x = {value = 1, low = 0, high = 2, kind = "estimate", source = "another"}', False),
        ("a.toml", '# a comment\nx = {low = 0, high = 2, value = 1, kind = "estimate", source = "s"}', False),
        ("a.toml", 'x = {value = 1, low = 0, high = 3, kind = "estimate", source = "s"}', True),
        ("a.toml", 'x = {value = 1.5, low = 0, high = 2, kind = "estimate", source = "s"}', True),
        ("b.toml", 'x = {value = 1.5, low = 0, high = 2, kind = "calibrated", source = "s"}', False),
        ("b.toml", 'x = {value = 1, low = 0.5, high = 2, kind = "calibrated", source = "s"}', True),
        ("c.csv", "measure,value,note\ny,1,longer words", False),
        ("c.csv", "measure,value,note\ny,2,words", True),
    ],
)
def test_a_posterior_goes_stale_by_what_runs_depend_on_and_not_by_words(tmp_path, monkeypatch, name, now, counts):
    """The value of a calibrated parameter is no draw: its prior is even, and the value is what the fit leaves."""
    monkeypatch.setattr(posterior_files, "ROOT", tmp_path)
    before = {
        "a.toml": 'x = {value = 1, low = 0, high = 2, kind = "estimate", source = "s"}',
        "b.toml": 'x = {value = 1, low = 0, high = 2, kind = "calibrated", source = "s"}',
        "c.csv": "measure,value,note\ny,1,words",
    }
    (tmp_path / name).write_text(before[name])
    was = posterior_files.checksums([name])
    (tmp_path / name).write_text(now)
    assert (posterior_files.checksums([name]) != was) == counts


def test_facts_about_what_a_policy_adds_are_held_against_paired_differences(tmp_path):
    made = sweep(
        [Scenario.load("korea", ["months=12"]), Scenario.load("no-programme", ["months=12"])],
        "lhs:3",
        [SEARCH],
        out=tmp_path / "s",
        seeds=2,
        execution=Execution(1),
    )
    plan = made.policies["korea"]
    with pytest.raises(InputError, match="cannot be below 0"):
        evidence_of(CalibrationTargets(["specialists_at_end=-12+-3"]), plan)
    facts = evidence_of(
        CalibrationTargets(["specialists_at_end=-12+-3", "sum(hires)/12=2+-1"], versus="another"), plan
    ).facts
    table = outcome_values(made, [fact.name for fact in facts]).set_index(["point", "seed"])
    mine, other = (table[table["policy"] == name] for name in ("korea", "no-programme"))
    for found, fact in zip(fact_replicates(made, facts, "korea", "no-programme"), facts, strict=True):
        gaps = (mine[fact.name] - other[fact.name]).unstack("seed").to_numpy()
        np.testing.assert_array_equal(found.values, gaps)
    with pytest.raises(InputError, match="has 3 points"):
        calibrate(made, CalibrationTargets(["specialists_at_end=-12+-3"], versus="no-programme"), policy="korea")
