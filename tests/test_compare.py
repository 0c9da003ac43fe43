"""Comparisons: known answers on made-up runs, relations that hold for any scenarios, and the command."""

import csv
import dataclasses
import functools
import json
import math

import numpy as np
import pandas as pd
import pytest
import scipy
from conftest import assert_refused, injae
from hypothesis import given
from hypothesis import strategies as st

import injae.experiments.runs as runs
from injae.experiments.compare import RESULTS, compare, compare_results, labels_of
from injae.experiments.indicators import INDICATORS
from injae.experiments.pairs import Verdict, cost_per_result, dominates, price_over_futures, variance_ratio
from injae.experiments.plain import plain
from injae.experiments.practice import CHAIN, baseline_of, practice_ledger
from injae.experiments.runs import Results, Run, simulate
from injae.experiments.summary import mean_interval, wilson_interval
from injae.model.errors import InputError
from injae.model.record import SERIES, empty_history
from injae.model.scenario import Scenario
from injae.viz.answers.compare import BINDING_WORDS, INDICATOR_WORDS, RESULT_WORDS, comparison_answer, cost_words
from injae.viz.answers.practice import STEPS, practice_lines
from injae.viz.figures.compare import compare_figure

compared = functools.partial(compare_results, least=1)  # made-up runs are few
MONTHS = 96  # the target date, 2029-12, is month 60
PLAN = Scenario.load("korea", [f"months={MONTHS}"])


def made_up(name, levels, seeds=None, plan=PLAN):
    """Results in which each series has a constant level from month 1 on; ``levels``: series to one level a seed."""
    count = len(next(iter(levels.values())))
    made = []
    for n in range(count):
        history = empty_history(plan.months)
        for series, values in levels.items():
            history[series][1:] = values[n]
        made.append(Run(plan, (seeds or range(count))[n], history, np.zeros((1, 1, 1))))
    return Results(plan.model_copy(update={"name": name}), made)


def difference(comparison, indicator, scenario="b"):
    (found,) = (d for d in comparison.differences if (d.indicator, d.scenario) == (indicator, scenario))
    return found


def cost(comparison, result, scenario="b"):
    (found,) = (c for c in comparison.costs if (c.result, c.scenario) == (result, scenario))
    return found


# known answers


def test_paired_difference_by_hand():
    a = made_up("a", {"specialists": [100, 110, 130]})
    b = made_up("b", {"specialists": [110, 140, 120]})
    gap = difference(compared([a, b]), "specialists_at_end")
    assert (gap.reference_mean, gap.scenario_mean, gap.mean) == pytest.approx((340 / 3, 370 / 3, 10))
    half = scipy.stats.t.ppf(0.975, 2) * 20 / math.sqrt(3)  # differences 10, 30, -10 have sd 20
    assert (gap.mean_low, gap.mean_high) == pytest.approx((10 - half, 10 + half))
    assert (gap.low, gap.high) == pytest.approx((-8, 28))  # 5 percent of the way from -10 to 10, and from 10 to 30
    assert gap.share_positive == pytest.approx(2 / 3)
    assert gap.variance_ratio == pytest.approx((700 / 3 + 700 / 3) / 20**2)
    assert gap.pairs == 3


def test_variance_ratio_at_its_limits():
    a = np.array([0.1, 0.2, 0.4])
    assert variance_ratio(a, a + 0.3) == math.inf  # rounding is no variance
    assert math.isnan(variance_ratio(np.full(3, 5.0), np.full(3, 7.0)))
    assert variance_ratio(np.zeros(3), a) == 1  # nothing to pair with
    assert math.isnan(variance_ratio(a[:1], a[1:2]))
    assert variance_ratio(a, -a) == pytest.approx(0.5)  # opposite noise: twice as many runs as with independent seeds


def test_variance_ratio_is_one_for_independent_seeds():
    random = np.random.default_rng(5)
    assert variance_ratio(random.normal(size=20_000), random.normal(size=20_000)) == pytest.approx(1, abs=0.05)


def test_runs_that_never_reach_half_adoption_drop_their_pair():
    a = made_up("a", {"adoption_share": [0.6, 0.6, 0.6]})
    b = made_up("b", {"adoption_share": [0.6, 0.4, 0.6]})
    gap = difference(compared([a, b]), "years_to_half_adoption")
    assert (gap.pairs, gap.mean) == (2, 0)
    never = made_up("b", {"adoption_share": [0.4, 0.4, 0.4]})
    gap = difference(compared([a, never]), "years_to_half_adoption")
    assert gap.pairs == 0
    assert math.isnan(gap.mean) and math.isnan(gap.reference_mean) and math.isnan(gap.variance_ratio)


def test_one_seed_gives_means_and_no_interval():
    comparison = compared([made_up("a", {"specialists": [5]}), made_up("b", {"specialists": [8]})])
    gap = difference(comparison, "specialists_at_end")
    assert gap.mean == gap.low == gap.high == 3
    assert math.isnan(gap.mean_low) and math.isnan(gap.variance_ratio)
    assert cost(comparison, "specialists").won_each.verdict is Verdict.ONE_PAIR


def test_cost_per_result_is_the_ratio_of_means():
    a = made_up("a", {"public_won_cumulative": [0] * 4, "specialists": [10, 10, 10, 10]})
    b = made_up("b", {"public_won_cumulative": [600] * 4, "specialists": [20, 22, 20, 22]})
    each = cost(compared([a, b]), "specialists").won_each
    assert each.verdict is Verdict.EXTRA
    assert each.won == pytest.approx(600 / 11)
    assert 600 / 12 <= each.low < each.won < each.high <= 600 / 10
    same = cost_per_result(np.full(4, 600.0), np.full(4, 12.0), least=2)
    assert same.won == same.low == same.high == 50


@pytest.mark.parametrize(("won", "extra", "verdict"), [
    ([9, 10, 11], [4, 5, 6], Verdict.EXTRA),
    ([-9, -10, -11], [-4, -5, -6], Verdict.GIVEN_UP),
    ([9, 10, 11], [-4, -5, -6], Verdict.DEARER_AND_FEWER),
    ([-9, -10, -11], [4, 5, 6], Verdict.CHEAPER_AND_MORE),
    ([9, 10, 11], [-5, 0, 5], Verdict.NO_RESULT),
    ([9, 10, 11], [0, 0, 0], Verdict.NO_RESULT),
    ([0, 0, 0], [4, 5, 6], Verdict.NO_COST),
    ([-5, 0, 5], [4, 5, 6], Verdict.NO_COST),
])  # fmt: skip
def test_verdicts(won, extra, verdict):
    each = cost_per_result(np.array(won, float), np.array(extra, float), least=2)
    assert each.verdict is verdict
    priced = verdict in (Verdict.EXTRA, Verdict.GIVEN_UP)
    assert math.isnan(each.won) != priced
    assert not priced or each.won == pytest.approx(2)


def test_bootstrap_interval_covers_the_true_cost():
    """95 percent intervals hold the truth in 95 percent of samples, within what 300 can tell; pairs stay together."""
    random = np.random.default_rng(11)
    inside = 0
    for _ in range(300):
        extra = random.normal(50, 10, 20)
        each = cost_per_result(20 * extra + random.normal(0, 100, 20), extra)
        inside += each.low <= 20 <= each.high
    assert 0.89 <= inside / 300 <= 0.99


def test_hospitals_are_counted_and_money_is_per_hospital():
    a = made_up("a", {"public_won_cumulative": [0, 0], "adoption_share": [0.0, 0.0]})
    b = made_up("b", {"public_won_cumulative": [1790, 1790], "adoption_share": [0.5, 0.5]})
    found = cost(compared([a, b]), "hospitals_using_ai")
    assert found.extra.mean == 895  # of the 1,790 hospitals of the case
    assert found.won_each.won == pytest.approx(2)


def test_what_binds_in_both_halves():
    a, b = (made_up(name, {"binding_budget": [0.0, 0.0]}) for name in "ab")
    for run in b.runs:
        run.history["binding_budget"][0] = 1  # the state before the first month does not count
        run.history["binding_budget"][MONTHS // 2 + 1 :] = 0.5
    shares = [s.share for s in compared([a, b]).binding if (s.scenario, s.series) == ("b", "binding_budget")]
    assert shares == [0, 0.5]


# relations


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=2, max_size=8))
def test_order_flips_the_sign_and_keeps_the_ratio(pairs):
    a, b = np.array(pairs).T
    forth, back = mean_interval(b - a), mean_interval(a - b)
    assert forth == (-back.mean, -back.high, -back.low)
    ratios = variance_ratio(a, b), variance_ratio(b, a)
    assert ratios[0] == ratios[1] or all(math.isnan(ratio) for ratio in ratios)


@pytest.fixture(scope="module")
def simulated():
    """Two scenarios, and the first once more, from runs of their own."""
    plans = [Scenario.load(name, ["months=30"]) for name in ("korea", "double-grant", "korea")]
    plans[2] = plans[2].model_copy(update={"name": "again"})
    return [simulate(plan, 4, workers=1) for plan in plans]


def test_a_scenario_compared_with_itself_differs_in_nothing(simulated):
    comparison = compared([simulated[0], simulated[2]])
    assert len(comparison.differences) == len(INDICATORS)
    for gap in comparison.differences:
        values = (gap.mean, gap.mean_low, gap.mean_high, gap.low, gap.high, gap.share_positive)
        assert values == (0,) * 6 or gap.pairs == 0, gap
        assert gap.variance_ratio == math.inf or math.isnan(gap.variance_ratio)
    assert all(found.extra == (0, 0, 0) for found in comparison.costs)
    assert {found.won_each.verdict for found in comparison.costs} == {Verdict.NO_RESULT}
    shares = [(share.series, share.period, share.share) for share in comparison.binding]
    assert shares[: len(shares) // 2] == shares[len(shares) // 2 :]


def test_the_other_order_flips_every_sign(simulated):
    forth, back = compared(simulated[:2]), compared(simulated[1::-1])
    for one, other in zip(forth.differences, back.differences, strict=True):
        assert other[6:11] == pytest.approx(
            (-one.mean, -one.mean_high, -one.mean_low, -one.high, -one.low), nan_ok=True
        )
        assert other.variance_ratio == pytest.approx(one.variance_ratio, nan_ok=True)
    assert difference(forth, "grant_won_at_end", "double-grant").mean > 0
    for one, other in zip(forth.costs, back.costs, strict=True):
        assert other.won_each[:3] == pytest.approx(one.won_each[:3], nan_ok=True)


def test_series_and_table_hold_everything(simulated):
    comparison = compared(simulated)
    series, table = comparison.series(), comparison.table()
    assert list(series.columns) == ["scenario", "seed", "month", "date", *SERIES]
    assert series.groupby("scenario").size().to_dict() == {name: 4 * 31 for name in ("korea", "double-grant", "again")}
    assert series.attrs["units"]["specialists"] == "persons"
    assert len(table) == 2 * len(INDICATORS)
    again = series[series["scenario"] == "again"].drop(columns="scenario").reset_index(drop=True)
    pd.testing.assert_frame_equal(again, simulated[2].series(), check_exact=True)


def test_a_failed_run_leaves_its_seed_out_everywhere(monkeypatch):
    real = runs.Ecosystem

    def fails(plan, seed, **options):
        if seed == 1 and plan.name == "double-grant":
            raise ZeroDivisionError("planted")
        return real(plan, seed, **options)

    monkeypatch.setattr(runs, "Ecosystem", fails)
    plans = [Scenario.load(name, ["months=3"]) for name in ("korea", "double-grant")]
    comparison = compare(plans, 3, workers=1)
    assert comparison.seeds == [0, 2]
    assert all(result.seeds == [0, 2] for result in [*comparison.results, *comparison.baselines])
    assert [(run.plan.name, run.seed) for run in comparison.failures] == [("double-grant", 1)]
    empty = compare(plans, [1], workers=1)
    assert (empty.seeds, empty.differences, len(empty.failures)) == ([], [], 1)


def test_equal_scenarios_are_simulated_once(monkeypatch):
    started = []
    real = runs.Ecosystem
    monkeypatch.setattr(runs, "Ecosystem", lambda plan, seed, **o: started.append(plan.name) or real(plan, seed, **o))
    plans = [Scenario.load(name, ["months=2"]) for name in ("no-programme", "korea")]
    comparison = compare(plans, 2, workers=1)
    assert sorted(started) == ["korea", "korea", "no-programme", "no-programme"]  # one is the other's baseline
    assert comparison.baselines[0] is None
    assert comparison.baselines[1].plan.name == "no-programme"


def test_names_tell_scenarios_apart():
    other = PLAN.model_copy(update={"name": "other"})
    assert labels_of([PLAN, other], ["korea", "x/other.toml"]) == ["korea", "other"]
    assert labels_of([PLAN, PLAN], ["a/korea.toml", "b/korea.toml"]) == ["a/korea.toml", "b/korea.toml"]
    assert labels_of([PLAN, PLAN], ["korea", "korea"]) == ["korea (1)", "korea (2)"]


@pytest.mark.parametrize(("update", "message"), [
    ({"months": 24}, "months = 24 in b, but 96 in korea; --months N"),
    ({"start": "2026-01"}, "start = '2026-01' in b"),
    ({"country": "elsewhere"}, "country = 'elsewhere' in b"),
])  # fmt: skip
def test_what_cannot_be_compared(update, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        compare([PLAN, PLAN.model_copy(update={"name": "b", **update})], 1)
    with pytest.raises(InputError, match="two scenarios or more"):
        compare(["korea"], 1)


# from won to practice


def test_ledger_by_hand():
    plan = PLAN.model_copy(update={"baseline": "base"})
    levels = {
        "grant_won": [10, 10], "public_won_cumulative": [1500, 1500], "programme_seats": [24, 24], "seats": [120, 120],
        "graduated": [2, 4], "programme_graduates_cumulative": [100, 200], "programme_practitioners": [40, 60],
        "retained_3_years_cumulative": [50, 70], "employed_hospitals": [30, 34], "employed_firms": [70, 70],
        "routine_domains": [9, 11],
    }  # fmt: skip
    base = {
        "public_won_cumulative": [300, 300], "seats": [96, 96], "graduated": [1, 3], "employed_hospitals": [20, 22],
        "employed_firms": [60, 60], "routine_domains": [10, 10],
    }  # fmt: skip
    results, baseline = made_up("policy", levels, plan=plan), made_up("base", base)
    for run in results.runs:  # all graduates of the programme in month 30
        run.history["programme_graduates_cumulative"][:30] = 0
    ledger = practice_ledger(results, baseline, 1)
    assert ledger.months == [60, MONTHS]
    step = ledger.step("seat", "graduates", 60)
    assert step.amount.mean == 150
    assert step.grant_won_each.won == pytest.approx((600 / 100 + 600 / 200) / 2)
    assert step.public_won_each.won == pytest.approx((1200 / 100 + 1200 / 200) / 2)
    assert ledger.step("seat", "grant_paid", MONTHS).amount.mean == 10 * MONTHS
    assert ledger.step("seat", "seat_years", MONTHS).amount.mean == 24 * MONTHS / 12
    assert ledger.step("policy", "seat_years", MONTHS).amount.mean == 24 * MONTHS / 12
    assert ledger.step("policy", "graduates", MONTHS).amount == (MONTHS, MONTHS, MONTHS)
    assert ledger.step("policy", "graduates", MONTHS).grant_won_each.won == 10
    assert ledger.step("policy", "at_work", MONTHS).amount.mean == 21
    assert ledger.step("policy", "at_work_in_hospitals", MONTHS).amount.mean == 11
    assert ledger.step("policy", "public_money", MONTHS).amount.mean == 1200
    assert ledger.step("policy", "routine_domains", MONTHS).grant_won_each.verdict is Verdict.NO_RESULT
    # month 60 is 30 months after the graduation in month 30: nobody can be counted yet
    early = ledger.step("seat", "at_work_after_3_years", 60)
    assert (early.counted_graduates, early.grant_won_each.verdict) == (0, Verdict.TOO_EARLY)
    late = ledger.step("seat", "at_work_after_3_years", MONTHS)
    assert (late.counted_graduates, late.amount.mean) == (150, 60)
    assert late.grant_won_each.won == pytest.approx((960 / 50 + 960 / 70) / 2)
    text = "\n".join(practice_lines(ledger))
    assert "60 of 150 (40%)" in text and "in all public money" in text and "difference to base" in text


def test_ledger_with_nothing_to_follow():
    assert practice_ledger(made_up("a", {"specialists": [1, 2]}), None) is None
    heads = practice_ledger(made_up("a", {"grant_won": [1, 2], "programme_graduates_cumulative": [3, 0]}), None)
    assert {step.reading for step in heads.steps} == {"seat"}
    assert heads.step("seat", "graduates", MONTHS).grant_won_each.verdict is Verdict.NO_RESULT  # a run without any
    assert "Attributed" not in "\n".join(practice_lines(heads))


def test_ledger_of_a_real_run(simulated):
    plan = Scenario.load("korea", ["months=30"])
    baseline = simulate(baseline_of(plan), 4, workers=1)
    ledger = practice_ledger(simulated[0], baseline)
    # each of six has 0.75bn in April 2025, and 1bn in January 2026 and 2027: a year is paid in advance (rule G1)
    assert ledger.step("seat", "grant_paid", 30).amount.mean == 6 * 2.75e9
    assert ledger.step("policy", "seat_years", 30).amount.mean > 0
    assert json.dumps(ledger.as_dict(), allow_nan=False)
    assert practice_ledger(baseline, baseline) is None


def test_baseline_of():
    assert baseline_of(Scenario.load("no-programme")) is None
    plan = Scenario.load("double-grant", ["months=7", "shocks.demand=0.1"])
    base = baseline_of(plan)
    assert (base.name, base.months, base.shocks) == ("no-programme", 7, plan.shocks)
    assert base.levers["grant_won_per_year"] == [(0, 0)]


# words, files, command


def test_words_for_everything():
    assert set(INDICATOR_WORDS) == set(INDICATORS) - {"net_savings_won_per_year"}, "kept for details only"
    assert set(RESULT_WORDS) == set(RESULTS)
    assert set(BINDING_WORDS) == {name for name in SERIES if name.startswith("binding_")}
    assert {reading: set(steps) for reading, steps in STEPS.items()} == {r: set(chain) for r, chain in CHAIN.items()}


def test_no_result_is_said_in_words(simulated):
    comparison = compared([simulated[0], simulated[2]])
    assert {cost_words(found) for found in comparison.costs} == {"no result"}


def test_names_with_brackets_are_printed_as_they_are(simulated):
    from rich.console import Console

    plan = simulated[1].plan.model_copy(update={"name": "plan [red]"})
    comparison = compared([simulated[0], dataclasses.replace(simulated[1], plan=plan)])
    console = Console(width=160)
    with console.capture() as capture:
        console.print(comparison_answer(comparison))
    assert "plan [red] against korea" in capture.get()


def test_plain_is_json():
    text = json.dumps(plain({"a": np.float64("nan"), "b": (math.inf, np.int64(3)), "c": mean_interval([1])}))
    assert json.loads(text) == {"a": None, "b": ["inf", 3], "c": {"mean": 1, "low": None, "high": None}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    plans = ("korea", "double-grant", "no-programme", "strict-regulation", "open-data")
    done = injae("compare", *plans, "--months", 8, "--seeds", 3, "--seed", 5, "--workers", 1, "--out", folder)
    assert done.returncode == 0, done.stderr
    for words in ("double-grant against korea", "Runs saved", "Public money per result", "What holds back"):
        assert words in done.stdout
    return folder


def test_files_of_a_comparison(folder):
    content = json.loads((folder / "compare.json").read_text())
    assert content["scenarios"][:2] == ["korea", "double-grant"]
    assert content["seeds"] == [5, 6, 7]
    with (folder / "differences.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(content["differences"]) == 4 * len(INDICATORS)
    grant = next(row for row in rows if (row["scenario"], row["indicator"]) == ("double-grant", "grant_won_at_end"))
    assert float(grant["mean"]) == 6 * (2 * 750e6 - 750e6)  # the first year, paid when the grant begins
    series = pd.read_parquet(folder / "series.parquet")
    assert series["scenario"].nunique() == 5
    assert set(series["seed"]) == {5, 6, 7}
    assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "figure.svg").stat().st_size > 10_000
    facts = json.loads((folder / "manifest.json").read_text())
    assert facts["receipt"] == content["receipt"]
    assert [plan["name"] for plan in facts["scenarios"]][:2] == ["korea", "double-grant"]
    assert set(content["practice_ledger"]) == {"korea", "double-grant", "strict-regulation", "open-data"}


def test_json_and_files_of_one_name(tmp_path):
    for place, scale in (("a", 1), ("b", 3)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "plan.toml").write_text(f"[levers]\ngrant_scale = {scale}\n")
    command = ("compare", "a/plan.toml", "b/plan.toml", "--months", 4, "--seeds", 2, "--json", "--no-baseline")
    done = injae(*command, "--out", "out", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert answer["scenarios"] == ["a/plan.toml", "b/plan.toml"]
    assert answer["practice_ledger"]["a/plan.toml"]["baseline"] is None
    quiet = injae(*command[:-2], "--quiet", "--out", "out", cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout) == (0, "")


BAD = [
    (("compare",), "two scenarios or more"),
    (("compare", "korea"), "two scenarios or more"),
    (("compare", "korea", "nowhere"), "neither a preset nor a file"),
    (("compare", "korea", "short.toml"), "months = 12 in short, but 120 in korea; --months N"),
    (("compare", "korea", "double-grant", "--seeds", "0"), "0 is not in the range"),
    (("compare", "korea", "double-grant", "--set", "levers.grant_scal=2"), "did you mean 'levers.grant_scale'"),
    (("compare", "korea", "double-grant", "--out", "/proc/nowhere"), "cannot be written"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, tmp_path):
    (tmp_path / "short.toml").write_text("months = 12\n")
    done = injae(*arguments, cwd=tmp_path)
    assert_refused(done, message)
    assert done.stdout == ""


def test_help_has_an_example():
    assert "Example:  injae compare" in injae("compare", "--help").stdout


def test_run_prints_and_keeps_the_ledger(tmp_path):
    done = injae("run", "--months", 8, "--seeds", 2, "--workers", 1, "--out", tmp_path)
    assert "From won to practice" in done.stdout
    assert "Attributed to the policy (difference to no-programme" in done.stdout
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert {step["reading"] for step in summary["practice_ledger"]["steps"]} == {"seat", "policy"}


def test_wilson_interval_is_that_of_wilson():
    for reached, count in ((0, 1), (3, 20), (20, 20)):
        interval = scipy.stats.binomtest(reached, count).proportion_ci(0.95, method="wilson")
        assert wilson_interval(reached, count) == pytest.approx((reached / count, interval.low, interval.high))


@pytest.mark.parametrize("count", [2, 4, 5, 8, 9])
def test_the_figure_shows_up_to_eight_and_names_the_rest(count):
    plans = [Scenario.load("korea", ["months=6", f"levers.grant_scale={1 + n}"]) for n in range(count)]
    comparison = compare(plans, 2, names=[f"plan-{n}" for n in range(count)], baseline=False, workers=1)
    figure = compare_figure(comparison, "receipt")
    above, below = figure.subfigs
    assert len(above.axes[0].get_lines()) == min(count, 8)  # the reference and the others
    titles = [panel.get_title(loc="left") for panel in below.axes if panel.get_visible()]
    assert sum(bool(title) for title in titles) == min(count, 8)
    assert ("Not shown: plan-8" in figure.get_supxlabel().replace("\n", " ")) == (count == 9)


def test_a_price_holds_the_prices_of_single_futures():
    money, people = np.array([10.0, 10.0, 10.0, 11.0] * 5), np.array([4.0, 5.0, 5.0, 6.0] * 5)
    price = price_over_futures(money, people)
    assert price.won == pytest.approx(2.05)
    assert (price.low, price.high) == pytest.approx(tuple(np.percentile(money / people, (5, 95))))
    many = np.array([4.0, 5.0, 5.0, 6.0] * 5)
    many[0] = many[1] = -0.1  # surely more on average, and yet nobody more in a tenth of the futures
    assert math.isnan(price_over_futures(np.full(20, 10.0), many).won)


def test_a_scenario_dominates_only_where_both_differences_are_sure():
    more, cheaper = np.linspace(5, 9, 20), np.linspace(-9, -5, 20)
    unsure = np.linspace(-9, 11, 20)
    assert dominates(cheaper, more) and dominates(cheaper, np.zeros(20)) and dominates(np.zeros(20), more)
    assert not any((dominates(unsure, more), dominates(cheaper, unsure), dominates(np.zeros(20), np.zeros(20))))
    draws = np.repeat(np.arange(20), 2)
    assert dominates(np.repeat(cheaper, 2), np.repeat(more, 2), draws)
    assert not dominates(cheaper[:4], more[:4], draws[:4]), "from two draws nothing is sure"
