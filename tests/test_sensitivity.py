"""Screening and sensitivity: known functions give their known indices (R10), noise is told from inputs, and the way
from a scenario to a finding and its figures holds together."""

import json
import shlex
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, injae, run_here
from hypothesis import given, settings
from hypothesis import strategies as st

from injae.experiments.analyses.given_data import RANDOM_COLUMN, pawn_table, tornado_table
from injae.experiments.analyses.inputs import DUMMY, expand, factors_of, groups_of, uncertain_paths
from injae.experiments.analyses.ranking import rank_correlations
from injae.experiments.analyses.screening import droppable, effects, screen
from injae.experiments.analyses.sensitivity import sensitivity
from injae.experiments.analyses.sobol import impossible, precision, sobol_tables
from injae.experiments.findings import Finding, load
from injae.experiments.outcomes import outcome_values
from injae.experiments.replicates import TARGETS, Replicates, dummy_noise, filled_in, noise_shares, replicates_of
from injae.experiments.sweeps.designs import KINDS, Sampler, make_design
from injae.experiments.sweeps.plan import make_plan
from injae.experiments.sweeps.sweep import Execution, run_plan, sweep
from injae.model.errors import InputError
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario
from injae.viz.answers.sensitivity import too_few
from injae.viz.commands.group import main

ROOT = Path(__file__).resolve().parents[1]
STAGE, TASTE = "parameters.hospitals.stage_months_min", "parameters.labour.taste_sd"
ADOPTION = "parameters.hospitals.adoption_base"
BASE, UNUSED = "parameters.migration.emigration_base", "parameters.outcomes.audit_won"


def replicated(values, seeds=4, everywhere=0.0, rest=0.0, seed=0):
    """A known function of the points with known noise: of each seed everywhere, and of each run."""
    rng = np.random.default_rng(seed)
    noise = everywhere * rng.normal(size=seeds) + rest * rng.normal(size=(len(values), seeds))
    return Replicates("y", "persons", np.asarray(values, float)[:, None] + noise)


def ishigami(shares):
    x = np.pi * (2 * shares - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices():
    alone = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.0
    both = 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = sum(alone) + both
    first = np.array(alone) / variance
    return first, first + np.array([both, 0, both]) / variance


A = np.array([0.0, 0.5, 3.0, 9.0, 99.0])


def g_function(shares):
    return np.prod((np.abs(4 * shares - 2) + A) / (1 + A), axis=1)


def g_indices():
    alone = 1 / (3 * (1 + A) ** 2)
    variance = np.prod(1 + alone) - 1
    total = alone * np.prod(1 + alone) / (1 + alone) / variance
    return alone / variance, total


# Sobol' indices


@pytest.mark.parametrize(
    ("function", "known", "inputs"),
    [(ishigami, ishigami_indices, 3), (g_function, g_indices, 5)],
    ids=["ishigami", "g"],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_known_sobol_indices_lie_in_their_intervals(function, known, inputs, seed):
    """R10."""
    names = [f"x{n}" for n in range(inputs)]
    shares = KINDS["saltelli"].sample(1024, names, seed)
    tables, facts = sobol_tables([replicated(function(shares), seeds=1)], names, shares)
    table = tables["indices"].set_index("input").loc[names]
    first, total = known()
    assert (table["first_low"] <= first).all() and (first <= table["first_high"]).all()
    assert (table["total_low"] <= total).all() and (total <= table["total_high"]).all()
    assert np.abs(table["first"] - first).max() < 0.05 and np.abs(table["total"] - total).max() < 0.05
    assert list(table.index[table["total"].argsort()[::-1]]) == sorted(
        names, key=lambda name: -total[names.index(name)]
    )
    assert facts["rows"] == 1024 and facts["rows_needed"] >= 1024


def test_a_group_has_the_index_of_its_members_together():
    """x0 and x2 of Ishigami's function, moved together, account for all but what x1 does alone."""
    first, total = ishigami_indices()
    shares = KINDS["saltelli"].sample(1024, ["both", "x1", "both"], 0)
    assert len(shares) == 1024 * 4
    tables, _ = sobol_tables([replicated(ishigami(shares), seeds=1)], ["both", "x1"], shares)
    both = tables["indices"].set_index("input").loc["both"]
    assert both["first_low"] <= 1 - total[1] <= both["first_high"]
    assert both["total_low"] <= 1 - first[1] <= both["total_high"]


def test_the_dummy_of_sobol_has_the_index_of_noise_that_is_not_the_same_everywhere():
    names = [f"x{n}" for n in range(3)]
    shares = KINDS["saltelli"].sample(512, names, 3)
    found = replicated(ishigami(shares), seeds=4, everywhere=5.0, rest=2.0)
    tables, _ = sobol_tables([found], names, shares)
    dummy = tables["indices"].query("target == 'mean'").set_index("input").loc[DUMMY]
    variance = np.var(ishigami(KINDS["saltelli"].sample(2**14, names, 9)))
    assert dummy["total"] == pytest.approx(1 / (variance + 1), rel=0.15)  # 2 * 2 / 4 seeds
    assert dummy["first_low"] < 0 < dummy["first_high"]


def test_an_input_without_effect_is_below_the_dummy_and_negative_estimates_stay():
    names = ["x0", "nothing"]
    shares = KINDS["saltelli"].sample(64, names, 0)
    tables, _ = sobol_tables([replicated(shares[:, 0], rest=0.1)], names, shares)
    means = tables["indices"].query("target == 'mean'").set_index("input")
    assert means.loc["x0", "against_noise"] == "above"
    assert means.loc["nothing", "against_noise"] != "above"
    assert (tables["indices"]["first"] < 0).any()


def test_an_input_may_matter_for_risk_only():
    """Spread over seeds as a target: x1 changes noise and not the mean."""
    names = ["x0", "x1"]
    shares = KINDS["saltelli"].sample(256, names, 0)
    noise = np.random.default_rng(0).normal(size=(1, 24)) * (0.2 + shares[:, 1:])
    tables, _ = sobol_tables([Replicates("y", "won", shares[:, :1] + noise)], names, shares)
    total = tables["indices"].pivot(index="input", columns="target", values="total")
    assert total.columns.tolist() == ["mean", "ninetieth percentile", "spread", "tenth percentile"]
    assert total.loc["x0", "spread"] < 0.01 < 0.95 < total.loc["x1", "spread"]
    assert total.loc["x0", "mean"] > 0.9
    assert total.loc["x1", "tenth percentile"] > 0.05


def test_the_width_of_intervals_says_how_many_more_points():
    table = pd.DataFrame({"outcome": "y", "target": "mean", "input": ["x"], "total_low": [0.4], "total_high": [0.59]})
    told = precision(table, 64, 5)
    assert told["widest_half_width"] == pytest.approx(0.095)
    assert (told["rows_needed"], told["more_points_needed"]) == (256, 192 * 5)  # 64 * (0.095 / 0.05)^2 = 231
    assert precision(table.assign(total_high=0.49), 64, 5)["rows_needed"] == 64


def test_indices_that_cannot_be_are_said_and_few_rows_give_no_verdict():
    names = ["x0", "x1"]
    for rows, words in ((32, {"not clear", "floor"}), (64, {"above", "not clear", "below", "floor"})):
        shares = KINDS["saltelli"].sample(rows, names, 0)
        table = sobol_tables([replicated(shares[:, 0], rest=0.01)], names, shares)[0]["indices"]
        assert set(table["against_noise"]) <= words
        assert (table.set_index("input").loc["x0", "against_noise"] == "above").any() == (rows == 64)
    rows = {"outcome": "y", "target": "mean", "input": ["a", "b", "c", "d", DUMMY]}
    table = pd.DataFrame(rows).assign(
        first_low=[1.6, 0.9, -0.3, -0.2, 2.0], first_high=[2.8, 1.1, -0.1, 0.1, 3.0], total_low=[0.9, 1.2, 0, 0, 2.0],
        total_high=[1.5, 1.9, 0.1, 0.1, 3.0],
    )  # fmt: skip
    assert impossible(table)[["input", "order"]].to_numpy().tolist() == [
        ["a", "first"], ["c", "first"], [DUMMY, "first"], ["b", "total"], [DUMMY, "total"]
    ]  # fmt: skip
    facts = {"rows": 8, "seeds": 4}
    said, few = too_few(Finding("sensitivity", {}, {"indices": table}, facts))
    assert said.startswith("8 rows are too few") and "5 intervals" in said
    assert "(first index of dummy: noise on y, mean: 2.00 to 3.00)" in said
    said, few = too_few(Finding("sensitivity", {}, {"indices": table[:4]}, facts))
    assert said.startswith("8 rows are too few") and "3 intervals" in said
    assert "(first index of a on y, mean: 1.60 to 2.80)" in said
    assert few == "With fewer than 64 rows no input is told from noise."
    assert too_few(Finding("sensitivity", {}, {"indices": table.iloc[3:4]}, {"rows": 64, "seeds": 4})) == []


def test_few_missing_runs_are_filled_in_and_more_are_refused():
    shares = KINDS["saltelli"].sample(64, ["x0", "x1"], 0)
    whole = replicated(3 * shares[:, 0] + shares[:, 1], everywhere=1.0)
    values = whole.values.copy()
    values[[5, 77, 200], [0, 1, 1]] = np.nan
    filled = filled_in(values, shares)
    assert np.array_equal(filled[~np.isnan(values)], values[~np.isnan(values)])
    assert np.abs(filled - whole.values).max() < 0.1
    assert np.isnan(values).sum() == 3  # what was given is left alone
    _, facts = sobol_tables([Replicates("y", "", values)], ["x0", "x1"], shares)
    assert facts["filled_in"] == {"y": 3}
    values[:10, 2] = np.nan
    with pytest.raises(InputError, match=r"outcome = 'y': 13 of 1024 runs have no value \(1\.3%, more than 1%\)"):
        filled_in(values, shares, "y")


def test_a_constant_outcome_is_named():
    shares = KINDS["saltelli"].sample(8, ["x0"], 0)
    flat, other = Replicates("flat", "", np.ones((24, 2))), replicated(shares[:, 0], seeds=2)
    assert sobol_tables([flat, other], ["x0"], shares)[1]["constant"] == ["flat"]
    with pytest.raises(InputError, match="outcome = 'flat': the same at every point"):
        sobol_tables([flat], ["x0"], shares)


# noise


@settings(max_examples=20, deadline=None)
@given(
    inputs=st.floats(0.5, 3), everywhere=st.floats(0, 2), rest=st.floats(0.1, 2), shift=st.floats(-1e3, 1e3),
    seed=st.integers(0, 2**31),
)  # fmt: skip
def test_noise_shares_is_the_share_of_the_sample(inputs, everywhere, rest, shift, seed):
    """Parts without noise themselves: effects are exactly orthogonal, with the variances that are put in."""
    points, seeds = 200, 8
    rng = np.random.default_rng(seed)

    def scaled(values, size, freedom):
        return values * size / np.sqrt((values**2).sum() / freedom)

    x = rng.normal(size=(points, 1))
    s = rng.normal(size=(1, seeds))
    r = rng.normal(size=(points, seeds))
    r = scaled(r - r.mean(0) - r.mean(1, keepdims=True) + r.mean(), rest, (points - 1) * (seeds - 1))
    x = scaled(x - x.mean(), np.sqrt(inputs**2 + rest**2 / seeds), points - 1)
    s = scaled(s - s.mean(), np.sqrt(everywhere**2 + rest**2 / points), seeds - 1)
    found = noise_shares(shift + x + s + r, rng, resamples=20)
    noise = everywhere**2 + rest**2
    assert found.share == pytest.approx(noise / (noise + inputs**2), rel=1e-6)
    assert found.same_everywhere == pytest.approx(everywhere**2 / (noise + inputs**2), rel=1e-6, abs=1e-9)
    assert found.share_of_mean == pytest.approx(noise / seeds / (noise / seeds + inputs**2), rel=1e-6)


def test_noise_shares_is_unbiased_and_covered_by_its_interval():
    """A known noisy function, many times: 4 seeds, noise of variance 1 + 1 beside inputs of variance 2."""
    shares, covered = [], 0
    for trial in range(200):
        rng = np.random.default_rng(trial)
        values = np.sqrt(2) * rng.normal(size=(128, 1)) + rng.normal(size=(1, 4)) + rng.normal(size=(128, 4))
        found = noise_shares(values, rng, resamples=200)
        shares.append((found.same_everywhere / (1 - found.same_everywhere), found.depends_on_inputs))
        covered += found.low <= 0.5 <= found.high
    assert np.mean(shares, axis=0)[0] == pytest.approx(1 / 3, rel=0.15)  # variance 1 beside 3; the rest scales with it
    assert covered >= 0.9 * 200


def test_other_noise_moves_a_mean_by_what_new_runs_would():
    rng = np.random.default_rng(0)
    for seeds in (2, 4, 9):
        values = rng.normal(size=(1, seeds)) * 10 + 3 * rng.normal(size=(20_000, seeds))
        gap = dummy_noise(values, TARGETS[0].over, rng) - values.mean(axis=1)
        assert gap.std() == pytest.approx(3 * np.sqrt(2 / seeds), rel=0.03)
        assert abs(gap.mean()) < 0.1
    assert np.array_equal(dummy_noise(np.ones((5, 3)), TARGETS[1].over, rng), np.zeros(5))


# Morris


def test_morris_ranks_known_effects_and_finds_what_does_nothing():
    """R10: a linear function with an interaction; mu* are known, and x5 does nothing."""
    names = [f"x{n}" for n in range(6)]
    shares = KINDS["morris"].sample(100, names, 0)
    y = shares @ np.array([8.0, -6.0, 4.0, 0.0, 0.0, 0.0]) + 6 * shares[:, 3] * shares[:, 4]
    table, dropped = effects(replicated(y, everywhere=3.0, rest=0.5), names, shares)
    found = table.set_index("input")
    assert dropped == 0
    assert found.loc["x0", "mu"] == pytest.approx(8, abs=0.3) and found.loc["x1", "mu"] == pytest.approx(-6, abs=0.3)
    assert found.loc[["x0", "x1", "x2"], "mu_star"].tolist() == pytest.approx([8, 6, 4], abs=0.3)
    assert found.loc["x3", "mu_star"] == pytest.approx(3, abs=0.7)  # 6 times x4, which is one half on average
    assert list(table["input"][:3]) == ["x0", "x1", "x2"]
    assert found.loc["x3", "sigma"] > 3 * found.loc["x0", "sigma"]  # only x3 and x4 interact
    assert found.loc[["x0", "x1", "x2", "x3", "x4"], "against_noise"].eq("above").all()
    assert found.loc["x5", "against_noise"] != "above"
    floor = 0.5 * np.sqrt(2 / 4) * np.sqrt(2 / np.pi) / (2 / 3)  # mean size of noise over two thirds of a range
    assert found.loc[DUMMY, "mu_star"] == pytest.approx(floor, rel=0.3)


def test_morris_ranks_the_g_function():
    names = [f"x{n}" for n in range(len(A))]
    shares = KINDS["morris"].sample(40, names, 0)
    table, _ = effects(replicated(g_function(shares), rest=0.2), names, shares)
    assert table["input"].tolist()[:4] == names[:4]
    verdicts = table.set_index("input")["against_noise"]
    assert verdicts[["x0", "x1", "x2"]].eq("above").all() and verdicts["x4"] != "above"


def test_what_can_be_left_is_below_noise_for_every_outcome():
    verdicts = {
        "x0": ["above", "below"],
        "x1": ["below", "below"],
        "x2": ["below", "not clear"],
        DUMMY: ["floor"] * 2,
    }
    rows = [{"input": name, "against_noise": word} for name, words in verdicts.items() for word in words]
    assert droppable(pd.DataFrame(rows)) == ["x1"]


def test_below_noise_is_what_ends_below_the_dummy_and_few_trajectories_do_not_say_it():
    """x1 does nothing but share in noise: in some samples its interval ends above that of the dummy."""
    names = ["x0", "x1", "x2"]
    rested = {}
    for trajectories in (9, 10, 40):
        words = []
        for seed in range(20):
            shares = KINDS["morris"].sample(trajectories, names, seed)
            table, _ = effects(replicated(5 * shares[:, 0] + 0 * shares[:, 1], rest=1.0, seed=seed), names, shares)
            found = table.set_index("input")
            below = found["against_noise"] == "below"
            floor = found.loc[DUMMY, "mu_star_high"]
            assert (found.loc[below, "mu_star_high"] <= floor).all()
            words += found.loc[["x1", "x2"], "against_noise"].tolist()
        rested[trajectories] = set(words)
    assert "below" not in rested[9]
    assert {"below", "not clear"} <= rested[10] | rested[40] and "below" in rested[40]


def test_a_screening_of_few_trajectories_leaves_nothing_out(tmp_path, capsys):
    asked = ("--vary", UNUSED, "--vary", STAGE, "--months", 3, "--seeds", 2, "--outcome", "adoption_share_at_end")
    done = run_here(capsys, "screen", "korea", *asked, "--trajectories", 2, "--out", tmp_path / "s")
    assert done.returncode == 0, done.stderr
    assert "can be left" not in done.stdout and "below noise for every" not in done.stdout
    assert "Fewer than 10 whole trajectories: intervals are rough" in done.stdout
    finding, _ = load(tmp_path / "s")
    assert finding.facts["droppable"] == [] and finding.facts["trajectories_few"]
    assert "below" not in set(finding.tables["effects"]["against_noise"])


def test_trajectories_with_a_missing_run_are_dropped_whole():
    names = ["x0", "x1"]
    shares = KINDS["morris"].sample(10, names, 0)
    found = replicated(2 * shares[:, 0])
    whole, _ = effects(found, names, shares)
    found.values[4, 1] = np.nan  # second trajectory
    found.values[29, 0] = 1e9 * np.nan  # last
    table, dropped = effects(found, names, shares)
    assert dropped == 2
    assert table.set_index("input").loc["x0", "mu_star"] == pytest.approx(2.0)
    assert whole.set_index("input").loc["x0", "mu_star"] == pytest.approx(2.0)
    found.values[::3] = np.nan
    with pytest.raises(InputError, match="outcome = 'y': 0 of 10 trajectories are whole"):
        effects(found, names, shares)


def test_bootstraps_are_repeatable_with_seed_0():
    names = ["x0", "x1"]
    shares = KINDS["morris"].sample(6, names, 0)
    found = replicated(shares[:, 0] * shares[:, 1], rest=0.2)
    one, other, third = (effects(found, names, shares, seed)[0] for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, other)
    assert not one["mu_star_high"].equals(third["mu_star_high"])
    rows = KINDS["saltelli"].sample(16, names, 0)
    found = replicated(rows[:, 0], rest=0.2)
    one, other = (sobol_tables([found], names, rows, 0)[0]["indices"] for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


# points that lie anyhow, and one at a time


def test_pawn_tells_what_matters_from_accident():
    names = ["x0", "x1", "x2"]
    shares = KINDS["lhs"].sample(256, names, 0)
    found = replicated(shares[:, 0] + 0.7 * shares[:, 1], rest=0.05)
    found.values[3, 0] = np.nan
    table = pawn_table([found], names, shares).query("target == 'mean'").set_index("input")
    assert table.index.tolist()[:2] == ["x0", "x1"]
    assert table["against_noise"].loc[[*names, RANDOM_COLUMN]].tolist() == ["above", "above", "below", "floor"]
    assert (table["points"] == 255).all()
    with pytest.raises(InputError, match="has a value at 49 points; 100 are needed"):
        pawn_table([Replicates("y", "", found.values[:50])], names, shares[:50])


def test_a_tornado_is_paired_on_seeds():
    plan = Scenario.load("korea")
    design, _ = make_design("oat", [f"{TASTE}=0:1", f"{STAGE}=1:3"], plan)
    noise = np.array([10.0, 20.0, 30.0, 40.0])
    values = np.array(
        [noise, noise - 1, noise + 2, noise + np.array([3, 3, 3, 7]), noise + np.array([1, 2, np.nan, 3])]
    )
    table = tornado_table([Replicates("y", "persons", values)], factors_of(design.as_dict())).set_index("input")
    assert table.index.tolist() == [STAGE, TASTE]  # the larger swing first
    assert table.loc[TASTE, ["base", "change_at_low", "change_at_high", "swing"]].tolist() == [25, -1, 2, 3]
    assert table.loc[TASTE, ["change_at_low_low", "change_at_low_high"]].tolist() == pytest.approx([-1, -1])
    row = table.loc[STAGE]
    assert row["change_at_high"] == pytest.approx(2) and row["pairs_high"] == 3
    assert row["change_at_low_low"] < 3 < row["change_at_low_high"]


# what varies


def test_what_is_measured_does_not_vary():
    plan = Scenario.load("korea")
    declared = declared_parameters("korea")
    paths = uncertain_paths(plan)
    assert len(paths) > 150
    assert all(declared[path.removeprefix("parameters.")].kind != "fact" for path in paths)
    assert set(expand(["labour"], plan)) == {path for path in paths if path.startswith("parameters.labour.")}
    assert expand([], plan) and set(expand([], plan)) == set(paths)
    groups = groups_of([*expand(["labour", "firms"], plan), "levers.grant_scale=0:2"], opened=["firms"])
    assert set(groups.values()) == {"labour", "levers"}
    with pytest.raises(InputError, match="did you mean 'labour'"):
        expand(["labor"], plan)
    with pytest.raises(InputError, match="opened = 'migration': nothing of it varies"):
        groups_of(["levers.grant_scale"], ["migration"])


def test_groups_move_together_and_are_kept_in_the_manifest():
    plan = Scenario.load("korea")
    vary = [f"{TASTE}=0:1", f"{STAGE}=1:3", BASE]
    design, points = make_design(Sampler("morris:5", groups={TASTE: "some", BASE: "some"}), vary, plan)
    steps = np.diff(points.to_numpy().reshape(5, 3, 3), axis=1) != 0
    together = steps[..., [0, 2]]
    assert (together[..., 0] == together[..., 1]).all()
    assert (steps.sum(axis=1) == 1).all()
    assert [factor.input for factor in factors_of(json.loads(json.dumps(design.as_dict())))] == ["some", STAGE, "some"]


def test_longer_designs_begin_with_the_shorter():
    plan = Scenario.load("korea")
    for kind, short in (("morris", 4), ("saltelli", 8)):
        one, two = (make_design(f"{kind}:{n}", [TASTE, STAGE, BASE], plan)[1] for n in (short, 2 * short))
        assert two.iloc[: len(one)].equals(one)


# from a scenario to a finding


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    """A tiny national screening by the command."""
    folder = tmp_path_factory.mktemp("screen") / "out"
    done = injae("screen", "korea", *SCREEN, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


SCREEN = (
    "--vary", STAGE, "--vary", ADOPTION, "--vary", UNUSED, "--outcome", "adoption_share_at_end",
    "--outcome", "clinician_hours_released_per_year", "--months", "12", "--trajectories", "10", "--seeds", "2",
)  # fmt: skip


def test_a_screening_of_the_model(screened):
    folder, out = screened
    finding, _ = load(folder)
    assert finding.kind == "screen" and finding.facts["runs"] == 10 * 4 * 2
    table = finding.tables["effects"].set_index(["outcome", "input"])["mu_star"]
    assert (
        table["adoption_share_at_end", STAGE] > table["adoption_share_at_end", UNUSED] == 0
    )  # it is read for work only
    assert UNUSED in finding.facts["droppable"]
    assert "Below noise for every outcome" in out and "injae sensitivity korea --screened" in out
    assert {"effects-adoption_share_at_end.png", "heat-map.svg", "effects.csv"} <= {p.name for p in folder.iterdir()}
    rebuilt = injae("rebuild", folder)
    assert rebuilt.returncode == 0 and rebuilt.stdout.count("the same, byte for byte") == 6, rebuilt.stdout


def test_a_finished_sweep_is_only_analysed_and_gives_the_same(screened, tmp_path):
    folder, _ = screened
    before = sorted(path.name for path in (folder / "runs" / "runs").iterdir())
    outcomes = [text for text in SCREEN if text.endswith(("_end", "_year"))]
    again = injae(
        "screen", folder, "--outcome", outcomes[0], "--outcome", outcomes[1], "--out", tmp_path / "a", "--json"
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["tables"]["effects"]
    assert (tmp_path / "a" / "effects.csv").read_bytes() == (folder / "effects.csv").read_bytes()
    assert sorted(path.name for path in (folder / "runs" / "runs").iterdir()) == before
    assert_refused(injae("screen", folder, "--vary", TASTE), "is a finished design; leave it out")
    assert_refused(injae("sensitivity", folder), "its design is morris:10; injae screen analyses it")


def test_a_screening_goes_on_where_it_was_stopped(screened, tmp_path):
    plan = make_plan(["korea"], "morris:10", [STAGE, ADOPTION, UNUSED], seeds=2, changes=["months=12"])

    def stop(progress):
        raise KeyboardInterrupt

    import injae.experiments.sweeps.blocks as blocks

    before, blocks.BLOCK_RUNS = blocks.BLOCK_RUNS, 7
    try:
        stopped = run_plan(plan, tmp_path / "out" / "runs", execution=Execution(1, progress=stop))
    finally:
        blocks.BLOCK_RUNS = before
    assert 0 < stopped.status()["left"] < 80
    done = injae("screen", "korea", *SCREEN, "--out", tmp_path / "out", "--quiet")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "effects.csv").read_bytes() == (screened[0] / "effects.csv").read_bytes()


def test_what_a_screening_left_goes_into_sobol(screened, tmp_path):
    done = injae("sensitivity", "korea", "--screened", screened[0], "--rows", 4, "--seeds", 2, "--months", 24,
                 "--outcome", "adoption_share", "--outcome", "specialists_at_end", "--over-time",
                 "--out", tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    finding, _ = load(tmp_path)
    assert set(finding.tables["inputs"]["path"]) == {STAGE, ADOPTION} | set(finding.tables["inputs"]["path"]) - {UNUSED}
    assert UNUSED not in set(finding.tables["inputs"]["path"])
    outcomes = set(finding.tables["indices"]["outcome"])
    assert outcomes == {"adoption_share@2025-12", "adoption_share@2026-12", "specialists_at_end"}
    assert "Noise is" in done.stdout and "more points are needed" in done.stdout
    assert len(finding.tables["noise"]) == 3


def test_values_are_those_of_the_store_by_point_and_seed(screened):
    from injae.experiments.sweeps.store import Sweep

    store = Sweep(screened[0] / "runs")
    found = replicates_of(store, ["adoption_share_at_end"])[0]
    table = outcome_values(store, ["adoption_share_at_end"])
    assert found.values.shape == (40, 2) and found.missing == 0
    for row in table.itertuples(index=False):
        assert found.values[row.point, row.seed] == row.adoption_share_at_end


def test_a_finished_design_says_the_command_that_grows_it(tmp_path, capsys, monkeypatch):
    def done(*arguments):
        monkeypatch.setattr(sys, "argv", ["injae", *map(str, arguments)])  # what a receipt keeps of a command
        ended = run_here(capsys, *arguments)
        assert ended.returncode == 0, ended.stderr
        return shlex.split(ended.stdout.replace("\n", " ").partition("points are needed: ")[2])

    asked = ("--vary", f"{STAGE}=1:6", "--vary", TASTE, "--seeds", 2, "--months", 12)
    outcome = ("--outcome", "adoption_share_at_end")
    folder, other = tmp_path / "by sweep", tmp_path / "b"
    done("sweep", "korea", "--design", "saltelli:4", *asked, "--out", folder)
    told = done("sensitivity", folder, *outcome, "--out", tmp_path / "a")
    needed = load(tmp_path / "a")[0].facts["rows_needed"]
    assert told[:5] == ["injae", "sweep", "korea", "--design", f"saltelli:{needed}"]
    assert told[told.index("--out") + 1] == str(folder)
    told = done("sensitivity", "korea", *asked, *outcome, "--rows", 4, "--out", other)
    assert told[:5] == ["--rows", str(needed), "in", "the", "same"]
    told = done("sensitivity", other, *outcome, "--out", tmp_path / "c")
    assert told[:3] == ["injae", "sensitivity", "korea"]
    assert told[told.index("--rows") + 1] == str(needed) and told.count("--rows") == 1


def test_the_effect_of_a_policy_is_an_outcome(tmp_path):
    vary, policies = [f"{STAGE}=1:6"], ["no-programme"]
    store = sweep(
        [Scenario.load("korea", ["months=24"]), *[Scenario.load(name, ["months=24"]) for name in policies]],
        "oat",
        vary,
        out=tmp_path / "runs",
        seeds=2,
        execution=Execution(1),
    )
    names = ["specialists_at_end"]
    mine, other = (replicates_of(store, names, policy)[0].values for policy in ("korea", "no-programme"))
    gap = replicates_of(store, names, "korea", "no-programme")[0].values
    assert np.array_equal(gap, mine - other) and gap.any()
    with pytest.raises(InputError, match="has no policy 'korae'"):
        replicates_of(store, names, "korae")
    finding = sensitivity(store, names, versus="no-programme")
    assert finding.facts["method"] == "tornado"
    assert finding.tables["tornado"]["base"].tolist() == pytest.approx([gap[0].mean()])
    done = injae("sensitivity", tmp_path / "runs", "--outcome", names[0], "--versus", "no-programme")
    assert done.returncode == 0, done.stderr
    assert "korea less no-programme" in done.stdout and "ignores interactions" in done.stdout
    assert (tmp_path / "tornado-specialists_at_end.png").exists()
    with pytest.raises(InputError, match="a screening needs morris:R"):
        screen(store, names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sensitivity", "korea", "--dry-run"), "inputs take too many runs"),
        (("screen", "korea", "--vary", "labor"), "did you mean 'labour'"),
        (("screen", "tests"), "tests: a folder without a sweep"),
        (("screen", "korea", "--open", "labour"), "--open labour: only with --groups"),
        (("sensitivity", "korea", "--vary", TASTE, "--rows", "12"), "power of two"),
        (("sensitivity", "korea", "--vary", TASTE, "--screened", "x"), "--screened: says what varies"),
        (("screen", "korea", "--vary", TASTE, "--outcome", "specialist_at_end"), "did you mean 'specialists_at_end'"),
        (("sensitivity", "korea", "--vary", TASTE, "--outcome", "specialists"), "a series needs a date"),
        (("screen", "korea", "--seeds", "1"), "--seeds 1: the dummy"),
    ],
)
def test_what_cannot_be_analysed_is_refused(arguments, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main.main(list(arguments))
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_ranking_finds_what_matters():
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.random((60, 3)), columns=["levers.a", "levers.b", "levers.c"])
    points["levers.fixed"] = 1.0
    points["out"] = 5 * points["levers.b"] - 3 * points["levers.a"] + 0.1 * rng.random(60)
    rows = rank_correlations(points).rows
    assert [row["name"] for row in rows[:2]] == ["levers.b", "levers.a"]
    assert len(rows) == 3
    for row in rows:
        assert row["value"] == pytest.approx(points[row["name"]].corr(points["out"], method="spearman"))
    by_name = {row["name"]: row for row in rows}
    assert by_name["levers.c"]["low"] < 0 < by_name["levers.c"]["high"]
    assert by_name["levers.a"]["low"] < by_name["levers.a"]["value"] < by_name["levers.a"]["high"] < 0


def test_points_that_share_a_draw_are_no_independent_evidence():
    rng = np.random.default_rng(2)
    draw, lever = np.repeat(np.arange(20), 12), np.tile(np.arange(12.0), 20)
    points = pd.DataFrame({"levers.a": lever, "parameters.b": rng.random(20)[draw]})
    points["out"] = lever + 10 * rng.random(20)[draw]  # each draw has its own level, which b has nothing to do with
    apart, together = (
        {row["name"]: row for row in rank_correlations(points, of).rows} for of in (None, pd.Series(draw))
    )
    assert all(apart[name]["value"] == together[name]["value"] for name in apart)
    wide, narrow = (by["parameters.b"]["high"] - by["parameters.b"]["low"] for by in (together, apart))
    assert wide > 2 * narrow


def test_the_interval_of_a_rank_correlation_covers_it_as_often_as_it_says():
    rng = np.random.default_rng(5)
    covered = []
    for _ in range(200):
        x = rng.normal(size=80)
        row = rank_correlations(pd.DataFrame({"a": x, "out": 0.5 * x + rng.normal(size=80)})).rows[0]
        covered.append(row["low"] < 6 / np.pi * np.arcsin(0.5 / np.sqrt(1.25) / 2) < row["high"])  # exact for normals
    assert 0.88 < np.mean(covered) < 0.99
