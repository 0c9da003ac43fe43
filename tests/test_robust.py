"""Robustness of policies: regret as done by hand (R12), measures that do what they say, futures that are paired."""

import io
import json
import math

import numpy as np
import pandas as pd
import pytest
import scipy
from conftest import assert_refused, run_here, without_runs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.console import Console

from injae.experiments.analyses import robust_measures
from injae.experiments.analyses.futures import Input
from injae.experiments.analyses.robust import NOISE_ERRORS, Criteria, _regions, noise_margin, noise_regret, robust
from injae.experiments.analyses.robust_measures import MEASURES, agreement, measures, rank, ranks, regrets
from injae.experiments.findings import Finding, load
from injae.experiments.indicators import INDICATORS, Senses, senses_of
from injae.experiments.outcomes import outcome_values
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz.answers.robust import agreement as agreement_words
from injae.viz.answers.robust import in_words, robust_answer

# three policies in four futures, with the regret of each done by hand
VALUES = np.array([[10.0, 8.0, 3.0, 7.0], [6.0, 9.0, 4.0, 7.0], [9.0, 2.0, 5.0, 6.0]])
REGRET_OF_MORE = [[0, 1, 2, 0], [4, 0, 1, 0], [1, 7, 0, 1]]
REGRET_OF_LESS = [[4, 6, 0, 1], [0, 7, 1, 1], [3, 0, 2, 0]]
MATRICES = arrays(float, st.tuples(st.integers(2, 5), st.integers(2, 12)), elements=st.integers(-50, 50).map(float))


def test_regret_is_that_done_by_hand():
    """R12."""
    assert regrets(VALUES, more_is_better=True).tolist() == REGRET_OF_MORE
    assert regrets(VALUES, more_is_better=False).tolist() == REGRET_OF_LESS
    met = VALUES >= 6
    found = measures(VALUES, np.array(REGRET_OF_MORE, float), met, more_is_better=True)
    assert found["expected"].tolist() == [7.0, 6.5, 5.5]
    assert found["regret_max"].tolist() == [2, 4, 7]
    assert found["regret_90"] == pytest.approx([1.7, 3.1, 5.2])  # between the two largest, 0.7 of the way
    assert found["percentile_10"] == pytest.approx([4.2, 4.6, 2.9])
    assert found["targets_met"].tolist() == [0.75, 0.75, 0.5]
    assert found["signal_to_noise"] == pytest.approx([7 / math.sqrt(6.5), 6.5 / math.sqrt(3.25), 5.5 / math.sqrt(6.25)])
    expected = {"expected": [1, 2, 3], "percentile_10": [2, 1, 3], "regret_max": [1, 2, 3], "targets_met": [1, 1, 3],
                "signal_to_noise": [2, 1, 3]}  # fmt: skip
    for name, places in expected.items():
        assert rank(name, found[name], more_is_better=True).tolist() == places, name


def test_less_is_better_turns_the_measures_round():
    found = measures(VALUES, np.array(REGRET_OF_LESS, float), None, more_is_better=False)
    assert found["percentile_10"] == pytest.approx([9.4, 8.4, 8.1])  # of the bad end
    assert np.isnan(found["targets_met"]).all()
    assert rank("expected", found["expected"], more_is_better=False).tolist() == [3, 2, 1]
    assert rank("regret_max", found["regret_max"], more_is_better=False).tolist() == [2, 3, 1]
    assert rank("signal_to_noise", found["signal_to_noise"], more_is_better=False).tolist() == [3, 1, 2]
    wons = measures(1e9 * VALUES, np.array(REGRET_OF_LESS, float), None, more_is_better=False)
    assert wons["signal_to_noise"] == pytest.approx(1e9 * found["signal_to_noise"]), "in the outcome's unit"


def test_signal_to_noise_says_nothing_of_negative_means():
    found = measures(np.array([[1.0, 2.0], [-3.0, 1.0]]), np.zeros((2, 2)), None, more_is_better=True)
    assert np.isnan(found["signal_to_noise"]).all()
    still = measures(np.array([[2.0, 2.0], [0.0, 0.0]]), np.zeros((2, 2)), None, more_is_better=True)
    assert still["signal_to_noise"].tolist() == [math.inf, 0.0]
    assert rank("signal_to_noise", still["signal_to_noise"], more_is_better=True).tolist() == [1, 2]


@settings(deadline=None)
@given(MATRICES, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_policies_and_futures_does_not_matter(values, more, random):
    values.setflags(write=False)
    regret = regrets(values, more_is_better=more)
    found = measures(values, regret, None, more_is_better=more)
    policies, futures = list(range(values.shape[0])), list(range(values.shape[1]))
    random.shuffle(policies)
    random.shuffle(futures)
    turned = values[policies][:, futures]
    again = regrets(turned, more_is_better=more)
    np.testing.assert_array_equal(again, regret[policies][:, futures])
    for name, column in measures(turned, again, None, more_is_better=more).items():
        np.testing.assert_allclose(column, found[name][policies], rtol=1e-12, equal_nan=True)


@settings(deadline=None)
@given(MATRICES, st.booleans(), st.data())
def test_a_dominated_policy_changes_nobodys_regret(values, more, given_data):
    base = values[given_data.draw(st.integers(0, values.shape[0] - 1))]
    loss = given_data.draw(arrays(float, values.shape[1], elements=st.integers(0, 9).map(float)))
    worse = base - loss if more else base + loss
    regret = regrets(values, more_is_better=more)
    joined = regrets(np.vstack([values, worse]), more_is_better=more)
    np.testing.assert_array_equal(joined[:-1], regret)
    assert (regret >= 0).all() and (regret.min(axis=0) == 0).all()
    np.testing.assert_array_equal(joined[-1], regret[(values == base).all(axis=1)][0] + loss)


def test_ranks_carry_their_stability():
    rng = np.random.default_rng(0)
    values = np.vstack([rng.normal(10, 1, 200), rng.normal(5, 1, 200), rng.normal(5, 1, 200)])
    table = ranks(values, None, ["a", "b", "c"], more_is_better=True, resamples=300, rng=rng)
    assert "targets_met" not in set(table["measure"])
    expected = table[table["measure"] == "expected"].set_index("policy")
    assert (expected.loc["a", ["rank", "rank_low", "rank_high", "first"]] == [1, 1, 1, 1.0]).all()
    assert expected.loc["b", "rank_low"] == 2 and expected.loc["b", "rank_high"] == 3  # b and c are alike


def test_resampling_in_parts_is_resampling_at_once(monkeypatch):
    one = ranks(VALUES, VALUES >= 6, list("abc"), more_is_better=True, resamples=50, rng=np.random.default_rng(1))
    monkeypatch.setattr(robust_measures, "CELLS_AT_ONCE", 7 * VALUES.size)
    parts = ranks(VALUES, VALUES >= 6, list("abc"), more_is_better=True, resamples=50, rng=np.random.default_rng(1))
    pd.testing.assert_frame_equal(one, parts)


def test_agreement_is_kendalls_w():
    table = ranks(VALUES, VALUES >= 6, list("abc"), more_is_better=True, resamples=5, rng=np.random.default_rng(1))
    found = agreement(table)
    assert found["first"]["a"] == ["expected", "regret_max", "regret_90", "targets_met"]
    assert found["first"]["b"] == ["percentile_10", "targets_met", "signal_to_noise"]
    wide = table.pivot(index="measure", columns="policy", values="rank")
    statistic = scipy.stats.friedmanchisquare(*wide.to_numpy(float).T).statistic
    assert found["kendall_w"] == pytest.approx(statistic / (len(MEASURES) * 2))


def test_measures_carry_the_interval_that_resampled_futures_give():
    """Of a mean it is that of the normal distribution; the largest regret cannot rise above what was seen."""
    rng = np.random.default_rng(3)
    values = np.vstack([rng.normal(10, 2, 400), rng.normal(9, 2, 400)])
    table = ranks(values, values > 9, ["a", "b"], more_is_better=True, resamples=1000, rng=rng)
    table = table.set_index(["measure", "policy"])
    assert (table["value_low"] <= table["value"]).all() and (table["value"] <= table["value_high"]).all()
    for row, policy in zip(values, "ab", strict=True):
        half = 1.96 * row.std(ddof=1) / math.sqrt(400)
        found = table.loc[("expected", policy)]
        assert found["value_high"] - found["value"] == pytest.approx(half, rel=0.15)
        assert found["value"] - found["value_low"] == pytest.approx(half, rel=0.15)
    worst = table.loc["regret_max"]
    assert (worst["value_high"] == worst["value"]).all() and (worst["value_low"] < worst["value"]).all()


def test_noise_raises_the_regret_of_policies_that_are_alike():
    """By the share of noise's margin that the answer says."""
    rng = np.random.default_rng(4)
    for policies in (2, 6):
        values = rng.normal(size=(policies, 20_000))
        margin = NOISE_ERRORS * math.sqrt(2)  # two standard errors of a difference
        mean = regrets(values, more_is_better=True).mean() / margin
        assert noise_regret(policies) == pytest.approx(mean, rel=0.02)


def told(firsts, regretted=1, measures=tuple(MEASURES)):
    """A finding of which only the agreement of measures is known."""
    facts = {"agreement": {"first": firsts, "kendall_w": None, "measures": list(measures)}}
    table = pd.DataFrame({"outcome": ["y"], "futures_regretted": [regretted]})
    return Finding("robust", {"margins": {}}, {"measures": table, "ranks": table}, {"outcomes": {"y": facts}})


def test_ties_are_told_as_ties_and_no_difference_as_none():
    names = list(MEASURES)
    firsts = {"a": names[:4], "b": [names[3], *names[4:]]}
    assert agreement_words(told(firsts), "y") == (
        "The measures disagree: a is first by expected, bad tenth, largest regret; a and b share the first place by "
        "90% regret; b is first by meets targets, signal to noise"
    )
    assert agreement_words(told(firsts, regretted=0), "y").startswith("No difference beyond noise: no policy is regret")
    assert agreement_words(told({"a": names, "b": names[:1]}), "y") == "All 6 measures put a first"


def test_every_outcome_has_a_sense():
    assert {INDICATORS[name].better for name in INDICATORS} == {"more", "less"}
    with pytest.raises(InputError, match="abroad@2026-12': neither more nor less of it is better by itself; say --min"):
        senses_of(["abroad@2026-12"], Senses())
    assert senses_of(["abroad@2026-12"], Senses(["abroad@2026-12"])) == {"abroad@2026-12": False}
    names = [
        "specialists_at_end",
        "public_won_at_end",
        "vacancy_rate@2026-12",
        "binding_data@2026-12",
        "hires@2026-12",
    ]
    assert list(senses_of(names, Senses()).values()) == [True, False, False, False, True]
    turned = senses_of(names, Senses(["hires@2026-12"], ["public_won_at_end"]))
    assert list(turned.values()) == [True, True, False, False, False]
    with pytest.raises(
        InputError, match="minimise = 'hires': none of the outcomes asked for; did you mean 'hires@2026-12'"
    ):
        senses_of(names, Senses(["hires"]))
    with pytest.raises(InputError, match="also in --maximise"):
        senses_of(names, Senses([names[0]], [names[0]]))


def test_the_margin_of_noise_is_two_standard_errors_of_paired_differences():
    rows = [(point, seed, policy, 100.0 * point + 10.0 * seed + (3.0 * seed if policy == "b" else 0.0))
            for point in range(3) for seed in range(4) for policy in ("a", "b")]  # fmt: skip
    paired = pd.DataFrame(rows, columns=["point", "seed", "policy", "y"])
    spread = np.var(3.0 * np.arange(4), ddof=1)
    assert noise_margin(paired, "y", ["a", "b"]) == pytest.approx(2 * math.sqrt(spread / 4))
    assert noise_margin(paired[paired["seed"] == 0], "y", ["a", "b"]) == 0.0


def test_where_a_policy_is_regretted_is_found_and_chance_is_not(monkeypatch):
    monkeypatch.setattr("injae.experiments.analyses.robust.SHUFFLES", 39)
    rng = np.random.default_rng(0)
    points = rng.random((150, 3))
    inputs = [Input(f"x{n}", f"x{n}", "share", "", "linear", 0.0, 1.0) for n in range(3)]
    regretted = np.stack([points[:, 1] > 0.7, points[:, 1] < 0.9, rng.random(150) < 0.3, np.ones(150, bool)])
    found = _regions(points, regretted, ["rare", "often", "random", "always"], inputs, rng, None)
    regions = found["regions"].set_index("policy")
    assert regions.index.tolist() == ["rare", "often"]
    assert regions["regretted_there"].tolist() == ["most", "least"]
    assert regions.loc["rare", "futures"] == regions.loc["rare", "regretted"] == (points[:, 1] > 0.7).sum()
    assert regions.loc["often", "regretted"] == 0
    limits = found["region_limits"].set_index("policy")
    assert (limits["input"] == "x1").all() and (limits["side"] == "at least").all()
    assert limits["limit"].tolist() == pytest.approx([0.7, 0.9], abs=0.03)


# on a sweep


@pytest.fixture(scope="module")
def futures(tmp_path_factory):
    """Thirty futures of two years, three policies, two seeds."""
    folder = tmp_path_factory.mktemp("futures") / "sweep"
    vary = ["parameters.education.undergraduate_seats_per_teacher", "parameters.labour.separation_per_month"]
    policies = ["no-programme", "double-grant"]
    return sweep(
        [Scenario.load("korea", ["months=24"]), *[Scenario.load(name, ["months=24"]) for name in policies]],
        "lhs:30",
        vary,
        out=folder,
        seeds=2,
        execution=Execution(1),
    )


def test_a_sweep_becomes_a_matrix_of_paired_means(futures):
    finding = robust(futures, Criteria(["seats@2026-12", "public_won_at_end"], ["seats@2026-12>=700"]), resamples=50)
    values = outcome_values(futures, ["seats@2026-12"])
    means = values.groupby(["point", "policy"], observed=True)["seats@2026-12"].mean()
    matrix = finding.tables["matrix"].set_index(["point", "policy"])
    assert matrix["seats@2026-12"].to_dict() == means.to_dict()
    assert (matrix["targets_met"] == (matrix["seats@2026-12"] >= 700)).all()
    wide = means.unstack()
    table = finding.tables["measures"]
    seats = table[table["outcome"] == "seats@2026-12"].set_index("policy")
    largest = (wide.max(axis=1) - wide["no-programme"]).max()
    assert seats.loc["no-programme", "regret_max"] == largest > 0
    assert seats.loc["double-grant", "targets_met"] == (wide["double-grant"] >= 700).mean()
    assert seats.loc["double-grant", "targets_met_low"] < seats.loc["double-grant", "targets_met"]
    money = table[table["outcome"] == "public_won_at_end"].set_index("policy")
    assert (money["regret_max"].idxmin(), money["regret_max"].min()) == ("no-programme", 0.0)
    assert finding.facts["outcomes"]["public_won_at_end"]["more_is_better"] is False
    agreed = {name: one["agreement"] for name, one in finding.facts["outcomes"].items()}
    assert "targets_met" in agreed["seats@2026-12"]["measures"]  # --want is about these
    assert "targets_met" not in agreed["public_won_at_end"]["measures"]
    assert not any("targets_met" in names for names in agreed["public_won_at_end"]["first"].values())
    for name in (*MEASURES, "regret_mean"):
        known = table[np.isfinite(table[name])]
        slack = 1e-9 * known[name].abs()
        assert (known[f"{name}_low"] <= known[name] + slack).all(), name
        assert (known[f"{name}_high"] >= known[name] - slack).all(), name
    words = in_words(finding, "public_won_at_end")
    assert "  choose no-programme and you regret it in no future" in words
    assert "  choose double-grant and you regret it in every future" in words
    assert "first" in agreement_words(finding, "public_won_at_end")
    assert robust_answer(finding).renderables


def test_policies_in_another_order_give_the_same_measures(futures):
    one = robust(futures, Criteria(["specialists_at_end"], ["specialists_at_end>=1"]), resamples=20)
    order = ["double-grant", "korea", "no-programme"]
    other = robust(futures, Criteria(["specialists_at_end"], ["specialists_at_end>=1"]), policies=order, resamples=20)
    first, second = (f.tables["measures"].set_index("policy").sort_index() for f in (one, other))
    pd.testing.assert_frame_equal(first, second)
    assert one.facts["outcomes"] == other.facts["outcomes"]


def test_a_margin_decides_what_is_regretted(futures):
    wide = robust(
        futures, Criteria(["specialists_at_end"], ["specialists_at_end>=1"], margins={"specialists_at_end": 1e6})
    )
    assert (wide.tables["measures"]["futures_regretted"] == 0).all()
    none = robust(
        futures, Criteria(["specialists_at_end"], ["specialists_at_end>=1"], margins={"specialists_at_end": 0.0})
    )
    regret = none.tables["regret"].groupby("policy")["regret"].agg(lambda r: (r > 0).sum())
    assert none.tables["measures"].set_index("policy")["futures_regretted"].to_dict() == regret.to_dict()


def test_futures_that_a_policy_lacks_are_left_out_for_all(futures, tmp_path):
    torn = without_runs(futures, tmp_path / "one", "korea", range(4))
    torn = without_runs(torn, tmp_path / "two", "double-grant", range(3, 7), seed=1)
    finding = robust(torn, Criteria(["specialists_at_end"], ["specialists_at_end>=1"]), resamples=10)
    matrix = finding.tables["matrix"]
    assert sorted(matrix["point"].unique()) == list(range(4, 30))
    assert matrix.groupby("point")["policy"].nunique().eq(3).all()
    assert finding.facts["futures"] == 26 and finding.facts["futures_wanted"] == 30
    assert finding.facts["runs_waiting"] == 4 * 2 + 4
    assert finding.facts["runs_without_counterpart"] == 4 * 2 * 2 - 1 + 3 * 2  # of points 0 to 3, then of 4 to 6
    seeds = matrix.set_index("point")["seeds"]
    assert (seeds.loc[[4, 5, 6]] == 1).all() and (seeds.loc[7:] == 2).all()
    whole = robust(futures, Criteria(["specialists_at_end"], ["specialists_at_end>=1"]), resamples=10).tables["matrix"]
    same = matrix[matrix["point"] >= 7].merge(whole, on=["point", "policy"], suffixes=("", "_whole"))
    assert (same["specialists_at_end"] == same["specialists_at_end_whole"]).all()


def test_the_command_says_it_and_its_figures_are_rebuilt(futures, tmp_path, capsys):
    arguments = ("--outcome", "seats@2026-12", "--want", "seats@2026-12>=700", "--out", tmp_path / "r")
    done = run_here(capsys, "robust", futures.folder, *arguments)
    assert done.returncode == 0, done.stderr
    assert "choose no-programme and you regret it in" in done.stdout
    assert "3 policies in the same 30 futures, mean of 2 seeds in each" in done.stdout
    found = load(tmp_path / "r")[0].tables["measures"].set_index("policy").loc["korea"]
    assert f"{found['expected_low']:,.0f} to {found['expected_high']:,.0f}" in done.stdout
    assert "noise raises it" in done.stdout
    names = sorted(path.name for path in (tmp_path / "r").glob("*.png"))
    assert names == ["ranks-seats-2026-12.png", "regret-seats-2026-12.png"]
    rebuilt = run_here(capsys, "rebuild", tmp_path / "r", "--json")
    assert {row["state"] for row in json.loads(rebuilt.stdout)} == {"the same, byte for byte"}
    found, receipt = load(tmp_path / "r")
    again = run_here(capsys, "robust", futures.folder, *arguments[:-1], tmp_path / "again", "--json")
    assert json.loads(again.stdout)["facts"] == found.facts
    assert load(tmp_path / "again")[1] == receipt


def test_of_a_difference_regret_is_the_same_and_nothing_is_said_of_targets(futures):
    plain = robust(futures, ["specialists_at_end"], resamples=50)
    less = robust(futures, Criteria(["specialists_at_end"], versus="no-programme"), resamples=50)
    pd.testing.assert_frame_equal(plain.tables["regret"], less.tables["regret"])
    values = less.tables["measures"].set_index("policy")["expected"]
    levels = plain.tables["measures"].set_index("policy")["expected"]
    assert values["no-programme"] == 0 and values["korea"] == pytest.approx(levels["korea"] - levels["no-programme"])
    assert not plain.facts["wants"] and "targets_met" not in plain.tables["matrix"]
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(robust_answer(plain))
    assert "target" not in console.export_text().lower()


def test_a_policy_without_a_value_is_named(futures, tmp_path, capsys):
    """Neither policy nor outcome is to be guessed from "0 futures"."""
    cost, late = "cost_per_programme_graduate_won", "specialists_at_target_date"
    done = run_here(capsys, "robust", futures.folder, "--outcome", cost)
    assert_refused(
        done, f"--outcome {cost}: no value in any of 60 finished runs of no-programme; ask for another outcome"
    )
    done = run_here(capsys, "robust", futures.folder, "--outcome", "seats@2026-12", "--outcome", late)
    assert_refused(done, f"--outcome {late}: no value in any of 60 finished runs of korea; ask for another outcome")
    fails = ("--policy", "no-programme", "--fails", f"{cost}>1")
    done = run_here(capsys, "discover", futures.folder, *fails)
    assert_refused(done, f"outcome = '{cost}': no value in any of 60 finished runs of no-programme")
    store, every = futures, range(len(futures.points))
    for n, policy in enumerate(futures.policies):
        store = without_runs(store, tmp_path / str(n), policy, every)
        done = run_here(capsys, "robust", store.folder, "--outcome", "specialists_at_end")
        assert_refused(done, "policy = 'korea': no run is finished")  # of one policy, and of all
    assert set(store.summary().drop(columns=["policy", "point", "seed"]).dtypes) == {np.dtype(float)}
    fails = ("--policy", "korea", "--fails", "specialists_at_end<1")
    assert_refused(run_here(capsys, "discover", store.folder, *fails), "--policy korea: no run is finished")


def test_bad_questions_are_refused_in_one_line(futures, capsys):
    folder, outcome = futures.folder, ("--outcome", "specialists_at_end")
    assert_refused(run_here(capsys, "robust", folder), "Missing option '--outcome'")
    assert_refused(run_here(capsys, "robust", folder, "--outcome", "specialists"), "a series needs a date")
    assert_refused(run_here(capsys, "robust", folder, *outcome, "--policies", "korea"), "needs two policies or more")
    with pytest.raises(InputError, match=r"policies = 'korea': .*; this sweep also has no-programme, double-grant$"):
        robust(futures, ["specialists_at_end"], policies=["korea"])
    assert_refused(
        run_here(capsys, "robust", folder, *outcome, "--policies", "korea,doublegrant"), "did you mean 'double-grant'"
    )
    assert_refused(
        run_here(capsys, "robust", folder, *outcome, "--margin", "specialists_at_end=x"), "write OUTCOME=AMOUNT"
    )
    assert_refused(run_here(capsys, "robust", folder, "--outcome", "years_to_half_adoption"), "never reached in")
