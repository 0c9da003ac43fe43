"""Draws: uniform, unrelated to each other, the same everywhere."""

import math

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from injae.agents.randomness import (
    Decision,
    draw,
    expit,
    irwin_hall,
    is_above,
    probit,
    stochastic_round,
    stream_key,
    uniform,
)

PEOPLE = 20_000
KNOWN = [0.13870941014555432, 0.36504627369749815]


def sample(seed=1, decision=Decision.SEARCH, month=5, option=0):
    return np.array([draw(seed, decision, np.uint64(who), month, option) for who in range(PEOPLE)])


def test_known_values_never_change():
    """Results of all published runs rest on these; a change belongs in CHANGELOG under 'numbers change'."""
    values = [draw(0, 1, np.uint64(0), 0), draw(1, 23, np.uint64(2**63 + 5), 120, 3)]
    assert values == pytest.approx(KNOWN, abs=1e-15)


def test_uniform_over_people():
    assert scipy.stats.kstest(sample(), "uniform").pvalue > 0.001


@pytest.mark.parametrize("other", [{"seed": 2}, {"decision": Decision.MEET}, {"month": 6}, {"option": 1}])
def test_unrelated_when_anything_differs(other):
    assert abs(np.corrcoef(sample(), sample(**other))[0, 1]) < 0.03


def test_unrelated_along_people_and_months():
    along_people = sample()
    along_months = np.array([draw(1, 5, np.uint64(9), month) for month in range(PEOPLE)])
    for values in (along_people, along_months):
        for lag in (1, 2, 12):
            assert abs(np.corrcoef(values[:-lag], values[lag:])[0, 1]) < 0.03
    assert scipy.stats.kstest(along_months, "uniform").pvalue > 0.001


def test_bell_and_normal_have_mean_zero_and_sd_one():
    bits = np.uint64(stream_key(3, Decision.TASTE, 0))
    bells = np.array([irwin_hall(bits, np.uint64(7), n) for n in range(PEOPLE)])
    assert abs(bells.mean()) < 0.03
    assert bells.std() == pytest.approx(1, abs=0.02)
    assert np.abs(bells).max() <= 3.4642
    normals = np.array([probit(u) for u in (np.arange(PEOPLE) + 0.5) / PEOPLE])
    assert abs(normals.mean()) < 1e-3
    assert normals.std() == pytest.approx(1, abs=2e-3)


@given(st.floats(1e-9, 1 - 1e-9))
def test_normal_is_the_quantile(probability):
    assert probit(probability) == pytest.approx(scipy.stats.norm.ppf(probability), abs=5e-4)


@given(
    st.integers(0, 2**31), st.integers(0, 60), st.integers(0, 2**64 - 1), st.integers(0, 1200), st.integers(0, 2**31)
)
def test_draws_are_inside_and_repeatable(seed, decision, who, month, option):
    value = draw(seed, decision, np.uint64(who), month, option)
    assert 0 < value < 1
    assert value == uniform(np.uint64(stream_key(seed, decision, month)), np.uint64(who), option)


@given(st.floats(1e-12, 1 - 1e-12), st.floats(-30, 30))
def test_the_cheap_bound_never_changes_an_outcome(variate, log_odds):
    assert expit(0.0) == 0.5
    if is_above(variate, log_odds):
        assert variate >= expit(log_odds)
        assert variate >= math.exp(log_odds)


def test_the_cheap_bound_decides_most_cases():
    variates = np.linspace(0.001, 0.999, 999)
    assert np.mean([is_above(variate, -4.0) for variate in variates]) > 0.9


@given(st.floats(0, 1e6))
def test_whole_rounds_up_with_the_probability_of_the_fraction(amount):
    grid = (np.arange(1000) + 0.5) / 1000
    assert np.mean([stochastic_round(amount, u) for u in grid]) == pytest.approx(amount, abs=1e-3)


def test_decisions_have_numbers_of_their_own():
    assert len({int(decision) for decision in Decision}) == len(Decision.__members__)
