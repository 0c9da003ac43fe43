"""Scenario discovery finds what is planted, says so when nothing is, and changes nothing that it is given (R11)."""

import io
import json
import math
import re
import struct
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import scipy
from conftest import assert_refused, run_here, without_runs
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from injae.experiments.analyses import cart
from injae.experiments.analyses.conditions import condition_of, target_of
from injae.experiments.analyses.discover import BoxSearch, CasesOfInterest, cover, discover
from injae.experiments.analyses.prim import (
    Box,
    Settings,
    between,
    choose,
    find_box,
    limit_ps,
    measure,
    paste,
    peel,
    prune,
    strength,
    wanted_density,
)
from injae.experiments.analyses.prim_checks import halves, shuffled_p
from injae.experiments.findings import load
from injae.experiments.outcomes import outcome_values
from injae.experiments.sweeps.store import Sweep
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz.answers.discover import discover_answer, in_words
from injae.viz.answers.regions import condition_words, fraction, meanings, p_value, region
from injae.viz.figures.discover import discover_figures

SEATS, COURSE, QUITS = (
    "parameters.education.undergraduate_seats_per_teacher",
    "parameters.education.course_won",
    "parameters.labour.separation_per_month",
)
OUTCOME = "seats@2026-12"


def planted(seed: int, points: int = 400, irrelevant: int = 5, noise: float = 0.0):
    """Points in the unit cube; cases where x0 < 0.4 and x2 > 0.5, some dealt the other way."""
    rng = np.random.default_rng(seed)
    values = rng.random((points, 3 + irrelevant))
    cases = (values[:, 0] < 0.4) & (values[:, 2] > 0.5)
    return values, cases ^ (rng.random(points) < noise), Settings(["linear"] * (3 + irrelevant))


@pytest.mark.parametrize("noise", [0.0, 0.03])
@pytest.mark.parametrize("seed", range(4))
def test_a_planted_box_is_found(seed, noise):
    """R11: coverage and density above 0.8, the right limits and no others, beside irrelevant inputs and noise."""
    values, cases, ways = planted(seed, noise=noise)
    step = find_box(values, cases, ways).step
    assert step.coverage > 0.8 and step.density > 0.8
    assert step.box.limits() == [(0, False), (2, True)]
    assert step.box.high[0] == pytest.approx(0.4, abs=0.06)
    assert step.box.low[2] == pytest.approx(0.5, abs=0.06)
    assert (limit_ps(step.box, values, cases) < 1e-6).all()


def test_the_tree_agrees_about_the_planted_box():
    values, cases, ways = planted(0, noise=0.02)
    inside = find_box(values, cases, ways).step.box.holds(values)
    leaves = cart.leaves(values, cases, ways)
    dense = np.any([leaf.box.holds(values) for leaf in leaves if leaf.density > 0.8], axis=0)
    assert (inside & dense).sum() / (inside | dense).sum() > 0.85
    assert sum(leaf.points for leaf in leaves) == len(values)  # leaves share the points out
    assert sum(leaf.cases for leaf in leaves) == cases.sum()


def test_where_nothing_is_planted_the_checks_say_so():
    """Cases at random: by chance alone about 1 in 20 tries looks like a finding."""
    found = 0
    for seed in range(15):
        rng = np.random.default_rng(seed)
        values, cases = rng.random((70, 4)), rng.random(70) < 0.35
        ways = Settings(["linear"] * 4)
        step = find_box(values, cases, ways).step
        found += shuffled_p(values, cases, ways, step, rng, times=39) < 0.05
    assert found <= 3


def test_the_best_of_many_boxes_is_no_finding():
    """A box found in noise among 12 inputs is beyond one dealing of cases; only another search shows what it is."""
    rng = np.random.default_rng(0)
    values, cases, ways = rng.random((100, 12)), rng.random(100) < 0.4, Settings(["linear"] * 12, density=0.8)
    step = find_box(values, cases, ways).step
    assert step.box.limits()
    assert shuffled_p(values, cases, ways, step, rng, times=39) > 0.1


def test_a_planted_box_is_beyond_chance_and_comes_back_on_halves():
    values, cases, ways = planted(1, points=200, noise=0.02)
    rng = np.random.default_rng(0)
    step = find_box(values, cases, ways).step
    assert shuffled_p(values, cases, ways, step, rng, times=39) == pytest.approx(1 / 40)
    other = halves(values, cases, ways, rng, times=20)
    assert other.limited[:, [0, 2]].mean() > 0.95
    assert other.limited[:, [1, *range(3, 8)]].mean() < 0.1
    assert other.coverage.mean() > 0.7 and np.nanmean(other.density) > 0.7


@pytest.mark.parametrize("seed", [0, 3])
def test_a_box_found_in_noise_is_worth_nothing_on_the_other_half(seed):
    """A check that measured a box where it was found would show the search's own noise as a finding."""
    rng = np.random.default_rng(seed)
    values, cases, ways = rng.random((100, 12)), rng.random(100) < 0.4, Settings(["linear"] * 12, density=0.8)
    found_in = find_box(values, cases, ways).step.density
    other = np.nanmean(halves(values, cases, ways, np.random.default_rng(0)).density)
    assert found_in > cases.mean() + 0.2  # there is something to be fooled by
    assert other == pytest.approx(cases.mean(), abs=0.07)
    assert other < found_in - 0.15


@pytest.mark.parametrize(("points", "seed"), [(24, 2), (40, 2)])
def test_halves_of_few_points_without_a_box_count_for_nothing(points, seed):
    """All points hold every case, at the base rate: as a box they would tell something of the one that was found."""
    values, cases, ways = planted(seed, points=points, irrelevant=1)
    assert find_box(values, cases, ways).step.box.limits() == [(0, False), (2, True)]
    other = halves(values, cases, ways, np.random.default_rng(0))
    found = other.limited.any(axis=1)
    assert not found.all()
    assert (np.isnan(other.coverage) == ~found).all()
    assert np.isnan(other.density[~found]).all()


def test_two_planted_boxes_are_found_one_after_the_other():
    rng = np.random.default_rng(3)
    values = rng.random((500, 5))
    one, two = (values[:, 0] < 0.3) & (values[:, 1] < 0.5), (values[:, 3] > 0.8) & (values[:, 0] > 0.5)
    boxes = cover(values, one | two, Settings(["linear"] * 5, density=0.8), None, 39, rng)
    assert sorted(found.step.box.inputs() for found, _ in boxes) == [[0, 1], [0, 3]]
    held = np.any([found.step.box.holds(values) for found, _ in boxes], axis=0)
    assert (held & (one | two)).sum() > 0.9 * (one | two).sum()


# properties


@st.composite
def data(draw):
    seed, points, inputs = draw(st.integers(0, 10_000)), draw(st.integers(25, 120)), draw(st.integers(1, 4))
    rng = np.random.default_rng(seed)
    values = rng.random((points, inputs))
    if draw(st.booleans()):
        values = np.floor(values * draw(st.integers(2, 9)))  # ties
    probability = 0.1 + 0.8 * (values[:, 0] < np.median(values[:, 0]))
    return values, rng.random(points) < probability


@settings(deadline=None, max_examples=40)
@given(data())
def test_nothing_given_is_written_into_and_order_does_not_matter(given_data):
    values, cases = given_data
    values.setflags(write=False)
    cases.setflags(write=False)
    before = values.copy()
    ways = Settings(["linear"] * values.shape[1])
    first = find_box(values, cases, ways)
    np.testing.assert_array_equal(values, before)
    order = np.random.default_rng(0).permutation(len(cases))
    again = find_box(values[order], cases[order], ways)
    np.testing.assert_array_equal(first.step.box, again.step.box)
    assert first.step[1:] == again.step[1:]


@settings(deadline=None, max_examples=40)
@given(data())
def test_a_trajectory_shrinks_and_its_counts_are_those_of_its_boxes(given_data):
    values, cases = given_data
    ways = Settings(["linear"] * values.shape[1])
    steps = peel(values, cases, ways)
    assert steps[0].points == len(values) and steps[0].coverage in (0.0, 1.0)
    for outer, inner in pairwise(steps):
        assert inner.points < outer.points and inner.coverage <= outer.coverage
        assert (inner.box.low >= outer.box.low).all() and (inner.box.high <= outer.box.high).all()
    for step in steps:
        inside = np.all([(step.box.low <= row) & (row <= step.box.high) for row in values], axis=1)
        assert (step.points, step.cases) == (inside.sum(), cases[inside].sum())
        assert step.points >= ways.least_points(len(values))


@settings(deadline=None, max_examples=40)
@given(data(), st.integers(0, 30))
def test_pasting_widens_without_losing_density_and_pruning_leaves_limits_that_count(given_data, number):
    values, cases = given_data
    ways = Settings(["linear"] * values.shape[1])
    steps = peel(values, cases, ways)
    before = steps[number % len(steps)]
    after = measure(paste(before.box, values, cases, ways), values, cases)
    assert after.points >= before.points and after.density >= before.density
    kept = prune(before.box, values, cases)
    assert (limit_ps(kept, values, cases) < 0.05).all()
    assert set(kept.limits()) <= set(before.box.limits())


def test_pasting_takes_equal_values_together_and_ends_halfway_to_the_next():
    values = np.repeat([1.0, 2.0, 3.0, 4.0], 30)[:, None]
    inner = Box(np.array([-np.inf]), np.array([2.5]))
    assert paste(inner, values, values[:, 0] < 3.5, Settings(["linear"])).high[0] == 3.5
    outer = Box(np.array([3.5]), np.array([np.inf]))
    assert paste(outer, values, values[:, 0] > 1.5, Settings(["linear"])).low[0] == 1.5


@settings(deadline=None, max_examples=40)
@given(data(), st.integers(1, 30))
def test_a_quasi_p_value_is_that_of_a_binomial_test(given_data, number):
    values, cases = given_data
    steps = peel(values, cases, Settings(["linear"] * values.shape[1]))
    step = steps[number % len(steps)]
    for limit, p in zip(step.box.limits(), limit_ps(step.box, values, cases), strict=True):
        wider = measure(step.box.without(limit), values, cases)
        expected = scipy.stats.binomtest(step.cases, step.points, wider.density, alternative="greater").pvalue
        assert p == pytest.approx(expected, abs=1e-12)


def test_a_log_scale_moves_limits_and_nothing_else():
    values, cases, ways = planted(2)
    spread = np.exp(6 * values)
    logs = Settings(["log"] * values.shape[1])
    linear, log = find_box(values, cases, ways), find_box(spread, cases, logs)
    np.testing.assert_array_equal(linear.step.box.holds(values), log.step.box.holds(spread))
    assert np.log(log.step.box.high[0]) / 6 == pytest.approx(linear.step.box.high[0])
    slices = cart.leaves(spread, cases, logs)
    highs = [leaf.box.high[0] for leaf in slices if math.isfinite(leaf.box.high[0])]
    assert any(np.log(high) / 6 == pytest.approx(0.4, abs=0.03) for high in highs)


def test_whole_numbers_are_cut_off_together_and_limits_lie_on_them():
    rng = np.random.default_rng(4)
    values = np.column_stack([rng.integers(0, 10, 300), rng.integers(0, 2, 300), rng.random(300)]).astype(float)
    cases = (values[:, 0] <= 3) & (values[:, 1] == 1)
    step = find_box(values, cases, Settings(["whole", "whole", "linear"])).step
    assert (step.box.high[0], step.box.low[1]) == (3.0, 1.0)
    assert (step.coverage, step.density) == (1.0, 1.0)


# the rule


def test_the_density_wanted_lies_above_that_of_all_futures():
    assert wanted_density(np.arange(10) < 2) == 0.8
    assert wanted_density(np.arange(10) < 9) == pytest.approx(0.95)
    assert wanted_density(np.arange(10) < 9, 0.92) == 0.92
    with pytest.raises(InputError, match=r"threshold = 0.9: 90% of all futures are cases.*above 0.90"):
        wanted_density(np.arange(10) < 9, 0.9)


def test_the_strongest_dense_box_with_few_inputs_is_chosen():
    values, cases, ways = planted(5, noise=0.1)
    steps = peel(values, cases, ways)
    strengths = [strength(step, 400, cases.sum()) for step in steps]
    strongest = int(np.argmax(strengths))
    assert choose(steps, 0.0, 8) == strongest
    denser = steps[strongest].density + 0.02
    chosen = choose(steps, denser, 8)
    assert chosen != strongest and steps[chosen].density >= denser
    assert strengths[chosen] == max(s for s, step in zip(strengths, steps, strict=True) if step.density >= denser)
    assert len(steps[choose(steps, 0.6, 1)].box.inputs()) == 1
    assert steps[choose(steps, 1.1, 8)].points < len(values)  # none is so dense: the strongest of all


def test_a_step_of_the_trajectory_may_be_taken_instead():
    values, cases, ways = planted(6)
    found = find_box(values, cases, ways, step=3)
    assert found.step == found.trajectory[3]
    with pytest.raises(InputError, match=f"box = 999: the trajectory has steps 0 to {len(found.trajectory) - 1}"):
        find_box(values, cases, ways, step=999)


# conditions and words


def test_conditions_are_read_and_described():
    plan = Scenario.load("korea")
    condition = condition_of("programme_graduates_by_target_date < 1,000", plan)
    assert str(condition) == "programme_graduates_by_target_date < 1,000"
    assert condition.holds(np.array([999.0, 1000.0, np.nan])).tolist() == [True, False, False]
    assert condition.opposite() == target_of(plan)
    assert condition_words(condition._asdict()) == "programme graduates by target date below 1,000 persons"
    assert condition_words(condition_of("adoption_share@2029-12<=0.5", plan)._asdict()).endswith("at most 50%")
    for text in ("specialists_at_end", "specialists_at_end<many", "specialists_at_end=3", "<3"):
        with pytest.raises(InputError, match="write OUTCOME<NUMBER"):
            condition_of(text, plan)
    with pytest.raises(InputError, match="did you mean 'specialists_at_end'"):
        condition_of("specialist_at_end<3", plan)


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 9, "no future"), (9, 9, "every future"), (1, 120, "hardly a future"), (119, 120, "nearly every future"),
     (25, 120, "1 of 5 futures"), (1, 3, "1 of 3 futures"), (90, 100, "9 of 10 futures")],
)  # fmt: skip
def test_fractions_in_words(part, whole, words):
    assert fraction(part, whole) == words


def test_regions_in_words():
    inputs = pd.DataFrame(
        {
            "path": ["a", "b"], "name": ["pay", "posts"], "unit": ["won per year", "posts"],
            "meaning": ["pay of all (L1)", "posts (open) there"], "scale": ["linear", "whole"],
        }
    )  # fmt: skip
    limits = pd.DataFrame(
        {"input": ["a", "a", "b"], "side": ["at least", "at most", "at most"], "limit": [2e6, 4.5e6, 3.0]}
    )
    assert region(limits, inputs) == "pay is between 2.0m won and 4.5m won and posts is at most 3"
    assert meanings(limits, inputs) == ["pay: pay of all", "posts: posts (open) there"]


# on a sweep


@pytest.fixture(scope="module")
def futures(tmp_path_factory):
    """Forty futures of two years, two policies, two seeds."""
    folder = tmp_path_factory.mktemp("futures") / "sweep"
    vary = [SEATS, f"{COURSE}=25e6:60e6:log", QUITS]
    return sweep(
        [Scenario.load("korea", ["months=24"]), Scenario.load("no-programme", ["months=24"])],
        "lhs:40",
        vary,
        out=folder,
        seeds=2,
        execution=Execution(1),
    )


def bound(store: Sweep) -> float:
    """A bound below which about a third of the futures of the programme lie."""
    values = outcome_values(store, [OUTCOME])
    return float(values[values["policy"] == "korea"].groupby("point")[OUTCOME].mean().quantile(0.35))


def test_a_sweep_is_looked_through(futures):
    fails = f"{OUTCOME}<{bound(futures)}"
    points = futures.points.copy()
    finding = discover(futures, [fails], policy="korea", search=BoxSearch(shuffles=19))
    pd.testing.assert_frame_equal(futures.points, points)
    values = outcome_values(futures, [OUTCOME])
    means = values[values["policy"] == "korea"].groupby("point")[OUTCOME].mean()
    table = finding.tables["points"]
    assert table["fails"].tolist() == (means < bound(futures)).tolist()
    assert 8 <= finding.facts["failing"] == int((means < bound(futures)).sum()) <= 14
    box, limits = finding.tables["boxes"].iloc[0], finding.tables["limits"]
    inside = table["box"] == 1
    assert (box["futures"], box["failing"]) == (inside.sum(), (inside & table["fails"]).sum())
    first = limits[limits["box"] == 1]
    assert set(first["input"]) <= {SEATS, COURSE} and box["shuffled_p"] <= 0.05
    for row in first.itertuples():
        sign = 1 if row.side == "at least" else -1
        assert (sign * table.loc[inside, row.input] >= sign * row.limit).all()
    assert dict(finding.tables["inputs"][["path", "scale"]].to_numpy())[COURSE] == "log"
    again = discover(futures, [fails], policy="korea", search=BoxSearch(shuffles=19))
    assert again.facts == finding.facts
    for name, kept in finding.tables.items():
        pd.testing.assert_frame_equal(kept, again.tables[name])


def test_where_a_policy_beats_another_is_told_apart_from_noise(futures, tmp_path, capsys):
    """Differences are paired by point and seed, and what noise explains is counted by itself."""
    mine = "sum(hires) / sum(emigrated)"
    values = outcome_values(futures, [mine, "vacancy_rate_at_target_date", "specialists_at_end"])
    wide = values.pivot(index=["point", "seed"], columns="policy", values="specialists_at_end")
    gaps = (wide["korea"] - wide["no-programme"]).groupby("point")
    finding = discover(
        futures,
        CasesOfInterest(versus="no-programme", beats="specialists_at_end"),
        policy="korea",
        search=BoxSearch(shuffles=9),
    )
    table, noise = finding.tables["points"], finding.facts["noise"]
    assert table["specialists_at_end"].tolist() == gaps.mean().tolist()
    assert table["fails"].tolist() == (gaps.mean() > 0).tolist()
    margin = 2 * math.sqrt(gaps.var().mean() / 2)
    assert noise["margins"]["specialists_at_end"] == pytest.approx(margin)
    assert noise["failing"] == (gaps.mean() > margin).sum() and noise["holding"] == (gaps.mean() < -margin).sum()
    assert noise["failing"] + noise["holding"] + noise["not_told_apart"] == 40
    sure = discover(
        futures,
        CasesOfInterest(versus="no-programme", beats="specialists_at_end", beyond_noise=True),
        policy="korea",
        search=BoxSearch(shuffles=9),
    )
    assert sure.facts["failing"] == noise["failing"]
    wide = values.pivot(index=["point", "seed"], columns="policy", values=mine)
    middle = float((wide["korea"] - wide["no-programme"]).groupby("point").mean().median())
    asked = ("--policy", "korea", "--versus", "no-programme", "--fails", f"{mine}<{middle}", "--out", tmp_path / "d")
    done = run_here(capsys, "discover", futures.folder, *asked)
    assert "korea has sum(hires) / sum(emigrated) less that of no-programme below" in done.stdout
    assert "ratio in 20 of 40 futures" in done.stdout and "\n  beyond noise in " in done.stdout
    for asked, message in (
        (("--beats", "seats@2026-12"), "beats whom?"),
        (("--versus", "no-programme"), "a difference has no target"),
        (("--versus", "korea", "--beats", "seats@2026-12"), "is the policy itself"),
        (("--versus", "no-program", "--beats", "seats@2026-12"), "did you mean 'no-programme'"),
        (("--versus", "no-programme", "--beats", "abroad@2026-12"), "neither more nor less of it is better"),
        (("--share", "0.5", "--beyond-noise", "--fails", "seats@2026-12<1"), "is about the mean over seeds"),
    ):
        assert_refused(run_here(capsys, "discover", futures.folder, "--policy", "korea", *asked), message)


def test_a_share_of_seeds_may_decide(futures):
    fails = [f"{OUTCOME}<{bound(futures)}"]
    finding = discover(futures, CasesOfInterest(fails, share=0.5), policy="korea", search=BoxSearch(shuffles=9))
    table = finding.tables["points"]
    assert table["share_of_seeds_failing"].isin([0, 0.5, 1]).all()
    assert (table["fails"] == (table["share_of_seeds_failing"] >= 0.5)).all()
    both = discover(
        futures,
        CasesOfInterest([*fails, "specialists_at_end<0"], share=0.5),
        policy="korea",
        search=BoxSearch(shuffles=9),
    )
    assert both.facts["failing"] == finding.facts["failing"]


def test_where_all_futures_are_alike_values_are_named(futures, tmp_path, capsys):
    done = run_here(
        capsys, "discover", futures.folder, "--policy", "korea", "--fails", "seats@2026-12<1", "--out", tmp_path
    )
    assert done.returncode == 0
    assert "in 0 of 40 futures" in done.stdout and "seats, 2026-12 over futures: " in done.stdout
    assert not list(tmp_path.glob("*.png"))


def test_the_command_says_it_and_its_figures_are_rebuilt(futures, tmp_path, capsys):
    fails = f"{OUTCOME}<{bound(futures)}"
    done = run_here(capsys, "discover", futures.folder, "--policy", "korea", "--fails", fails, "--out", tmp_path / "d")
    assert done.returncode == 0, done.stderr
    found, _ = load(tmp_path / "d")
    assert f"in {found.facts['failing']} of 40 futures (mean of 2 seeds)" in done.stdout
    assert f"of the {found.facts['failing']} failing futures are there" in done.stdout
    where, honest = done.stdout.splitlines()[1:3]
    assert "mostly where" in where  # what to expect comes before the region's own, flattering density
    assert honest.startswith(f"    of new futures there expect {found.facts['other_half_density']['mean']:.0%} to fail")
    assert f"of all futures {found.facts['share_failing']:.0%} do" in honest
    title = discover_figures(found)["limits"].axes[0].get_title(loc="left")
    p = p_value(found.tables["boxes"]["shuffled_p"].iloc[0])
    assert title.splitlines()[0].endswith(f"; p {p}") and title.splitlines()[1].lower() == honest.strip().lower()
    assert sorted(path.stem for path in (tmp_path / "d").glob("*.png")) == ["futures", "limits", "trajectory"]
    assert found.question["fails"] == [str(condition_of(fails, futures.policies["korea"]))]
    rebuilt = run_here(capsys, "rebuild", tmp_path / "d", "--json")
    assert {row["state"] for row in json.loads(rebuilt.stdout)} == {"the same, byte for byte"}


def test_figures_take_the_form_that_a_paper_wants(futures, tmp_path, capsys):
    """Width in millimetres, letters as letters, no title, no receipt; and as before without being asked."""
    asked = ("--policy", "korea", "--fails", f"{OUTCOME}<{bound(futures)}", "--out", tmp_path / "d", "--quiet")
    run_here(capsys, "discover", futures.folder, *asked)
    form = ("--figure-format", "svg", "--figure-format", "pdf", "--figure-format", "png", "--figure-dpi", "100")
    paper = ("--figure-width", "180", "--no-figure-title", "--no-figure-receipt", "--json")
    done = run_here(capsys, "rebuild", tmp_path / "d", *form, *paper)
    assert {row["state"] for row in json.loads(done.stdout)} == {"drawn"}
    new = tmp_path / "d" / "rebuilt"
    svg = (new / "futures.svg").read_text(encoding="utf-8")
    receipt = load(tmp_path / "d")[1]
    assert float(re.search(r'width="([\d.]+)pt"', svg)[1]) == pytest.approx(180 / 25.4 * 72)
    assert "holds (" in svg and receipt not in svg and "mostly where" not in svg
    assert (
        b"/FontFile2" in (new / "futures.pdf").read_bytes()
        and b"CreationDate" not in (new / "futures.pdf").read_bytes()
    )
    assert struct.unpack(">I", (new / "futures.png").read_bytes()[16:20])[0] == pytest.approx(180 / 25.4 * 100, abs=1)
    narrow = run_here(capsys, "rebuild", tmp_path / "d", "--figure-width", "60", "--figure-format", "png")
    assert "note: figure limits takes 99 mm, or its letters have no room" in narrow.stderr
    again = run_here(capsys, "rebuild", tmp_path / "d", "--json")
    assert {row["state"] for row in json.loads(again.stdout)} == {"the same, byte for byte"}


def test_halves_of_too_few_futures_are_not_taken_for_an_answer(futures):
    """Seven failing futures leave three in a half, where no region can stand out."""
    values = outcome_values(futures, [OUTCOME])
    few = float(values[values["policy"] == "korea"].groupby("point")[OUTCOME].mean().quantile(0.17))
    finding = discover(futures, [f"{OUTCOME}<{few}"], policy="korea", search=BoxSearch(shuffles=9))
    assert finding.tables["boxes"]["inputs"].iloc[0] and finding.facts["halves_with_region"] < 20
    nothing = {"mean": None, "low": None, "high": None}
    assert finding.facts["other_half_coverage"] == finding.facts["other_half_density"] == nothing
    told = in_words(finding)
    assert told[2] == "    halves of so few futures do not tell how many new ones there fail"
    assert not any("expect" in line for line in told)
    assert discover_figures(finding)["limits"].axes[0].get_title(loc="left").lower().endswith(told[2].strip())
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(discover_answer(finding))
    found = finding.facts["halves_with_region"]
    assert f"A region is found in {found} of 100 random halves of the futures" in console.export_text()


def test_missing_runs_are_counted_and_end_in_exit_code_1(futures, tmp_path, capsys):
    folder = tmp_path / "torn"
    without_runs(without_runs(futures, tmp_path / "one", "korea", range(5)), folder, "korea", range(5, 7), seed=1)
    fails = f"{OUTCOME}<{bound(futures)}"
    done = run_here(capsys, "discover", folder, "--policy", "korea", "--fails", fails, "--out", tmp_path / "d")
    assert done.returncode == 1
    found, _ = load(tmp_path / "d")
    assert (found.facts["runs_waiting"], found.facts["futures"]) == (12, 35)
    assert found.tables["points"].set_index("point")["seeds"].loc[[5, 6, 7]].tolist() == [1, 1, 2]
    assert f"12 runs of {folder} are missing" in done.stderr
    assert "of 35 futures (mean of 1 to 2 seeds)" in done.stdout
    assert "5 futures without any run are left out" in " ".join(done.stdout.split())


def test_bad_questions_are_refused_in_one_line(futures, tmp_path, capsys):
    folder = futures.folder
    assert_refused(
        run_here(capsys, "discover", folder), "has several policies; name one with --policy: korea, no-programme"
    )
    assert_refused(run_here(capsys, "discover", folder, "--policy", "corea"), "did you mean 'korea'")
    assert_refused(
        run_here(capsys, "discover", folder, "--policy", "korea"), "its target is due 2029-12, outside the runs"
    )
    assert_refused(
        run_here(capsys, "discover", folder, "--policy", "korea", "--fails", "x<1"), "outcome = 'x': no indicator"
    )
    assert_refused(run_here(capsys, "discover", tmp_path), "holds no sweep")


def test_levers_are_no_futures_unless_taken_for_uncertain(tmp_path):
    vary = ["levers.grant_scale=0:3", SEATS]
    store = sweep(
        Scenario.load("korea", ["months=18"]), "lhs:20", vary, out=tmp_path / "s", seeds=1, execution=Execution(1)
    )
    with pytest.raises(InputError, match=r"levers.grant_scale: a lever varies in .*--levers"):
        discover(store, ["seats@2026-06<1500"])
    finding = discover(store, ["seats@2026-06<1500"], levers=True, search=BoxSearch(shuffles=9))
    assert "levers.grant_scale" in finding.tables["points"]


def test_without_scikit_learn_one_line_says_what_to_do(futures, monkeypatch):
    monkeypatch.setattr(cart.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'needs scikit-learn; install it with: pip install "injae\[experiments\]"'):
        discover(futures, ["specialists_at_end<1"], policy="korea")


def test_neighbouring_numbers_are_parted():
    """Where no number lies between two, the limit lies on the one that is kept, so that peeling ends."""
    below = np.float64(1.0)
    above = np.nextafter(below, 2.0)
    for scale in ("linear", "log"):
        assert between(below, above, scale, lower=True) == above
        assert between(below, above, scale, lower=False) == below
    values = np.where(np.arange(60) < 30, below, above)[:, None]
    step = find_box(values, np.arange(60) < 30, Settings(["linear"])).step
    assert (step.coverage, step.density) == (1.0, 1.0)


def test_a_box_knows_its_limits():
    box = Box(np.array([-np.inf, 1.0]), np.array([0.5, 2.0]))
    assert box.limits() == [(0, False), (1, True), (1, False)] and box.inputs() == [0, 1]
    assert box.holds(np.array([[0.5, 1.0], [0.6, 1.0], [0.1, 2.1]])).tolist() == [True, False, False]
    assert box.without((1, False)).limits() == [(0, False), (1, True)]
