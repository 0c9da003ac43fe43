"""Metamorphic relations over 20 paired seeds: which way a change must push what."""

import numpy as np
import pytest
from conftest import history_of
from scipy import stats

SEEDS = range(20)
YEAR_5 = 60


def at(name: str, month: int, scenario: str = "korea", *changes: str) -> np.ndarray:
    months = max(month, YEAR_5)
    return np.array([history_of(scenario, seed, months, changes)[name][month] for seed in SEEDS])


def total(name: str, scenario: str = "korea", *changes: str, months: int = YEAR_5) -> np.ndarray:
    return np.array([history_of(scenario, seed, months, changes)[name][1:].sum() for seed in SEEDS])


def mean(name: str, scenario: str = "korea", *changes: str) -> np.ndarray:
    return np.array([history_of(scenario, seed, YEAR_5, changes)[name][1:].mean() for seed in SEEDS])


def test_double_grant_never_trains_fewer():
    once, twice = total("graduated"), total("graduated", "double-grant")
    assert (twice >= once).all()
    assert (
        at("programme_graduates_cumulative", YEAR_5, "double-grant") > at("programme_graduates_cumulative", YEAR_5)
    ).all()


def test_return_to_the_grant_does_not_rise():
    graduates = [total("graduated", "korea", f"levers.grant_scale={scale}") for scale in (0, 1, 2)]
    first, second = graduates[1] - graduates[0], graduates[2] - graduates[1]
    assert first.mean() > 0
    assert stats.ttest_1samp(second - first, 0, alternative="greater").pvalue > 0.05


def test_higher_pay_abroad_draws_more_people_out():
    assert (total("emigrated", "korea", "shocks.foreign_pay=0.5") > total("emigrated")).all()


def test_more_demand_means_more_posts_and_fewer_seekers():
    more = ("korea", "shocks.demand=0.3")
    assert (mean("vacancies_hospitals", *more) > mean("vacancies_hospitals")).all()
    assert (at("employed_hospitals", YEAR_5, *more) > at("employed_hospitals", YEAR_5)).all()
    assert (mean("seeking", *more) < mean("seeking")).mean() >= 0.9


@pytest.mark.parametrize("change", [
    "parameters.hospitals.peer_on_adoption=0",
    "parameters.hospitals.absorptive_on_adoption=0",
    "levers.review_strictness=0.9",
])  # fmt: skip
def test_without_peers_or_skill_or_with_strict_rules_adoption_is_lower(change):
    assert (at("adoption_share", YEAR_5, "korea", change) < at("adoption_share", YEAR_5)).all()


def test_more_data_means_more_adoption():
    assert (at("adoption_share", YEAR_5, "open-data") > at("adoption_share", YEAR_5)).all()


def test_more_graduates_lower_entry_pay_and_lengthen_search():
    more = ("korea", "levers.grant_scale=5")
    base = np.array([history_of("korea", seed, 96)["entry_pay_won_per_year"][96] for seed in SEEDS])
    with_more = np.array([history_of("korea", seed, 96, more[1:])["entry_pay_won_per_year"][96] for seed in SEEDS])
    assert (with_more < base).mean() >= 0.9
    seeking = np.array([history_of("korea", seed, 96)["seeking"][60:].mean() for seed in SEEDS])
    seeking_more = np.array([history_of("korea", seed, 96, more[1:])["seeking"][60:].mean() for seed in SEEDS])
    assert (seeking_more > seeking).mean() >= 0.9


def test_a_tiny_change_changes_little():
    tiny = at("specialists", YEAR_5, "korea", "levers.grant_scale=1.0001")
    base = at("specialists", YEAR_5)
    assert np.abs(tiny / base - 1).max() < 0.03
    assert (tiny == base).mean() >= 0.25 or stats.ttest_1samp(tiny - base, 0).pvalue > 0.01


def test_pairing_makes_differences_precise():
    """The same people under two policies: far less noise than two unrelated sets of people."""
    once, twice = at("employed_hospitals", YEAR_5), at("employed_hospitals", YEAR_5, "double-grant")
    paired = (twice - once).var(ddof=1)
    independent = once.var(ddof=1) + twice.var(ddof=1)
    assert independent / paired > 3
