"""The search: known fronts are found, noise does not stay, and a kill changes nothing."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, injae
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

pytest.importorskip("pymoo")

import injae.experiments.searches.evaluations as evaluating
from injae.experiments.findings import load
from injae.experiments.practice import baseline_of
from injae.experiments.scenario_files import as_toml
from injae.experiments.searches.evaluations import PUBLIC, Evaluations
from injae.experiments.searches.evolution import (
    Generation,
    Memory,
    NothingWorks,
    Settings,
    dominated_by,
    evolve,
    front_of,
    survivors,
)
from injae.experiments.searches.finding import search_finding, shown_scenarios
from injae.experiments.searches.fronts import Verdict, contenders, merged, spread, staying, verdicts, volumes
from injae.experiments.searches.portfolios import Encoding, Range, default_periods, ranges_of, with_costs
from injae.experiments.searches.question import DecisionSpace, Effort, ask, goals_of
from injae.experiments.searches.search import search
from injae.experiments.sweeps.identities import case_of
from injae.model.errors import InputError
from injae.model.scenario import Scenario, month_of, preset_names, value_at
from injae.viz.answers.search import search_answer, shown_words
from injae.viz.commands.search import _save_scenarios, won_of

ROOT = Path(__file__).parents[1]
NO_LIMIT = -1.0


def whole_percents(points, rng):
    return np.round(np.clip(points, 0, 1), 2)


def randoms(count, variables, seed=0):
    return np.random.default_rng(seed).random((count, variables))


# the optimiser, on functions whose answer is known


def zdt1(looks):
    """Front: y = 1 - sqrt(x), where all variables but the first are 0."""
    points = np.array([point for point, _ in looks])
    x, g = points[:, 0], 1 + 9 * points[:, 1:].mean(axis=1)
    return np.column_stack([x, g * (1 - np.sqrt(x / g)), np.full(len(x), NO_LIMIT)])


def test_a_known_front_is_found():
    *_, last = evolve(zdt1, randoms(24, 4), whole_percents, Settings(100, 24, 1, 2), 0)
    x, y = last.goals.T
    assert np.abs(y - (1 - np.sqrt(x))).max() < 0.06
    assert x.min() < 0.05 and x.max() > 0.9
    ordered = np.sort(x)
    assert np.diff(ordered).max() < 0.2, "holes in the front"


def shop(looks):
    """Spend a and b: the first goal likes a, the second b; together they may cost 1, so the front is a + b = 1."""
    points = np.array([point for point, _ in looks])
    return np.column_stack([-points[:, 0], -points[:, 1], points.sum(axis=1) - 1])


def test_a_front_at_a_budget_is_found_and_kept():
    *_, last = evolve(shop, randoms(20, 2), whole_percents, Settings(40, 20, 1, 2), 3)
    inside = last.limits[:, 0] <= 0
    spent = -last.goals.sum(axis=1)
    assert inside.sum() >= 15
    assert spent[inside].min() > 0.9 and spent[inside].mean() > 0.97
    assert -last.goals[inside].max(axis=0).max() < 0.1, "one end of the front is missing"
    assert 1 <= (~inside).sum() <= 2, "near the budget a few places are kept on the far side of it"


FAVOURED = (0.9, 0.9)


def fair(looks, planted=FAVOURED, first=4):
    """Noise on a + b <= 1; the planted point looks as if it had everything for little, on the first seeds only."""
    rows = shop(looks)
    for n, (point, seed) in enumerate(looks):
        noise = np.random.default_rng([int(1000 * x) for x in point] + [seed]).normal(0, 0.02, 2)
        rows[n, :2] += noise
        if point == planted:
            rows[n] = [-2.0, -2.0, -0.5] if seed < first else [1.0, 1.0, -0.5]
    return rows


def favoured_search(generations, seed=1):
    first = np.vstack([randoms(19, 2, seed), [FAVOURED]])
    memory = Memory(2)
    return memory, list(evolve(fair, first, whole_percents, Settings(generations, 20, 4, 2), seed, memory))


def test_a_favoured_point_dies_in_the_search():
    """R13: it leads at first, and looking at survivors again ends that."""
    _, history = favoured_search(16)
    assert FAVOURED in history[0].points
    assert (history[0].goals[history[0].points.index(FAVOURED)] == -2).all()
    assert FAVOURED not in history[-1].points


def test_a_favoured_point_that_is_still_there_falls_on_fresh_seeds():
    """R13: too few generations to be found out; judging finds it out."""
    memory, history = favoured_search(1)
    assert FAVOURED in history[-1].points
    points = contenders(memory, [history], 20)
    assert FAVOURED in points
    rows = fair([(point, seed) for point in points for seed in range(1000, 1030)]).reshape(len(points), 30, -1)
    found = dict(zip(points, verdicts(rows, 2), strict=True))
    assert found[FAVOURED] is Verdict.DOMINATED
    assert Verdict.FRONT in found.values()
    stays = dict(zip(points, staying(rows, 2), strict=True))
    assert stays[FAVOURED] == 0.0


def test_points_that_stand_for_the_same_are_one_contender():
    memory = Memory(1)
    points = [(0.1,), (0.12,), (0.9,)]
    for n, point in enumerate(points):
        memory.rows[point] = {seed: np.array([float(n), -1.0]) for seed in range(1 + n)}
    history = [Generation(0, points, np.zeros((3, 1)), -np.ones((3, 1)), [1, 2, 3], 0)]
    assert contenders(memory, [history], 20) == points
    assert contenders(memory, [history], 20, lambda point: round(point[0], 1)) == points[1:]


def test_a_verdict_is_by_the_mean_of_all_seeds():
    """R13: the second point has the best seed of all, and is worse on average."""
    rows = np.array([[[1.0, NO_LIMIT]] * 4, [[2.0, NO_LIMIT]] * 3 + [[-1.0, NO_LIMIT]]])
    assert verdicts(rows, 1) == [Verdict.FRONT, Verdict.DOMINATED]


def test_every_survivor_gets_a_seed_that_nobody_had():
    asked = []

    def listening(looks):
        asked.append(list(looks))
        return shop(looks)

    history = list(evolve(listening, randoms(8, 2), whole_percents, Settings(4, 8, 3, 2), 0))
    assert {seed for _, seed in asked[0]} == {0, 1, 2}
    for number in range(1, 5):
        again = {point for point, seed in asked[number] if seed == 3 + number - 1}
        assert again == set(history[number - 1].points)
        assert {seed for point, seed in asked[number] if point not in again} == {0, 1, 2}
    assert max(history[-1].seeds) <= 3 + 4


def test_points_whose_runs_fail_are_left_out_and_counted():
    def failing(looks):
        rows = shop(looks)
        rows[[point[0] > 0.5 for point, _ in looks]] = np.nan
        return rows

    *_, last = evolve(failing, randoms(20, 2), whole_percents, Settings(6, 10, 2, 2), 0)
    assert all(point[0] <= 0.5 for point in last.points)
    assert last.failed > 0
    with pytest.raises(NothingWorks, match="10 of 10 points fail"):
        list(evolve(lambda looks: np.full((len(looks), 3), np.nan), randoms(10, 2), whole_percents, Settings(), 0))


def test_the_same_seed_gives_the_same_search():
    runs = [list(evolve(fair, randoms(10, 2), whole_percents, Settings(5, 10, 2, 2), seed)) for seed in (4, 4, 5)]
    assert [one.points for one in runs[0]] == [one.points for one in runs[1]]
    assert runs[0][-1].points != runs[2][-1].points


goal_tables = st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=1, max_size=30)


@settings(deadline=None)
@given(goal_tables)
def test_the_front_is_what_nothing_dominates(rows):
    goals = np.array(rows, float)
    front = set(front_of(goals).tolist())
    assert front == {n for n in range(len(goals)) if not len(dominated_by(goals[n], goals))}


@settings(deadline=None)
@given(goal_tables, st.integers(1, 12), st.integers(0, 3))
def test_survivors_are_the_best_within_the_limits(rows, count, seed):
    goals = np.array(rows, float)
    limits = (goals[:, :1] - 6) * 10
    kept = survivors(goals, limits, count, np.random.default_rng(seed))
    assert len(kept) == len(set(kept)) == min(count, len(goals))
    inside = np.flatnonzero(limits[:, 0] <= 0)
    assert set(kept) >= set(inside) or set(kept) <= set(inside)
    for n in set(inside) - set(kept):
        assert not any(len(dominated_by(goals[m], goals[[n]])) for m in kept)


def test_volume_of_a_hand_made_front():
    """Box of 1.1 x 1.1; (0, 1), (0.5, 0.5) and (1, 0) dominate 0.11 + 0.35 + 0.05 of it."""
    corner = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    one = next(evolve(zdt1, randoms(8, 3), whole_percents, Settings(0, 8, 1, 2), 0))
    hand = type(one)(0, [(0.0,)] * 3, corner, np.full((3, 1), NO_LIMIT), [1] * 3, 0)
    assert volumes([hand], corner) == pytest.approx([(0.5 * 0.1 + 0.5 * 0.6 + 0.1 * 1.1) / 1.21])
    outside = type(one)(0, [(0.0,)] * 3, corner, np.full((3, 1), 1.0), [1] * 3, 0)
    assert volumes([outside], corner) == [0.0]


def test_merged_searches_know_all_seeds():
    memories = [Memory(1, {(0.1,): {0: np.array([1.0])}}), Memory(1, {(0.1,): {1: np.array([3.0])}, (0.2,): {}})]
    together = merged(memories)
    assert together.means([(0.1,)])[0].tolist() == [[2.0]]
    assert memories[0].rows[(0.1,)].keys() == {0}


def test_sets_that_are_told_are_far_from_each_other():
    places = np.array([[0.0], [0.1], [0.5], [1.0], [0.95]])
    assert spread(places, [0], 2) == [3, 2]
    assert spread(places, [], 0) == []


# portfolios


@pytest.fixture(scope="module")
def encoding():
    plan = Scenario.load("korea")
    ranges = (
        Range("grant_won_per_year", None, 950e6, 28.5e9),
        Range("retraining_places_per_year", None, 600.0, 10e9),
        Range("data_access", 0.4, 0.8, 0.0),
    )
    return Encoding(plan, baseline_of(plan), ranges, ("2025-01", "2027-01", "2030-01"), 28.5e9)


def test_nothing_is_the_baseline_with_what_is_not_searched(encoding):
    plan = encoding.plan
    untouched = Encoding(plan, encoding.baseline, encoding.ranges[:2], encoding.dates, encoding.budget_won)
    assert case_of(untouched.scenario((0.0,) * 4)) == case_of(encoding.baseline)


def test_a_point_is_dated_values(encoding):
    point = (0.5, 0.0, 0.0, 1.0, 0.5, 0.25)
    schedules = encoding.scenario(point).levers
    assert schedules["grant_won_per_year"] == [(0, 0), (1, 475e6), (25, 0)]
    assert schedules["retraining_places_per_year"] == [(0, 72), (25, 600), (61, 72)]
    assert schedules["data_access"] == [(1, 0.6), (25, 0.5)], "a quarter of the way from 0.4 is what there is anyway"
    assert schedules["programme_universities"] == encoding.plan.levers["programme_universities"]


def test_less_than_the_baseline_has_may_be_chosen(encoding):
    ranges = (Range("retraining_places_per_year", 0.0, 600.0, 10e9),)
    less = Encoding(encoding.plan, encoding.baseline, ranges, encoding.dates, encoding.budget_won)
    assert less.scenario((0.0, 1.0)).levers["retraining_places_per_year"] == [(0, 72), (1, 0), (25, 600), (61, 72)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 2), min_size=6, max_size=6), st.integers(0, 5))
def test_mended_points_are_allowed(encoding_of_module, values, seed):
    encoding = encoding_of_module
    mended = encoding.mend(np.array([values]), np.random.default_rng(seed))[0]
    assert ((mended >= 0) & (mended <= 1)).all()
    assert np.allclose(mended * 100, np.round(mended * 100))
    assert not ((mended > 0) & (mended < 0.0199)).any()
    assert mended @ encoding.won <= 1.05 * encoding.budget_won + 0.005 * encoding.won.sum()
    again = encoding.mend(mended[None, :], np.random.default_rng(seed))[0]
    assert np.array_equal(again, mended) or mended @ encoding.won > 1.05 * encoding.budget_won
    Scenario.model_validate(encoding.scenario(tuple(mended)).model_dump())


@pytest.fixture(scope="module")
def encoding_of_module(encoding):
    return encoding


def test_first_points_are_different_and_within_the_budget_as_expected(encoding):
    points = encoding.first_points(20, np.random.default_rng(0), [Scenario.load("korea")])
    assert len({tuple(point) for point in points}) == len(points) == 20
    assert (points @ encoding.won <= 1.06 * encoding.budget_won).all()
    grants = encoding.values(tuple(points[0]))[0][1]
    assert grants == pytest.approx([875e6, 950e6], rel=0.01), "the programme itself, by the mean of each period"


def test_periods_follow_the_target_date():
    assert default_periods(Scenario.load("korea")) == ["2025-01", "2027-01", "2030-01"]
    assert default_periods(Scenario.load("korea", ["months=18"])) == ["2025-01", "2026-07"]


@pytest.mark.parametrize("name", preset_names())
def test_scenarios_come_back_from_their_file(tmp_path, name):
    plan = Scenario.load(name, ["months=90", "parameters.labour.taste_sd=0.31", "target.experts=900"])
    (tmp_path / "x.toml").write_text(as_toml(plan, "two\nlines"), encoding="utf-8")
    again = Scenario.load(tmp_path / "x.toml")
    assert case_of(again) == case_of(plan)
    assert (again.title, again.baseline) == (plan.title, plan.baseline)


# with the model

SMALL = Effort(generations=2, population=6, seeds=2, optimisers=2, fresh_seeds=3, futures=2)
LEVERS = ("levers.grant_won_per_year=0:950e6", "levers.retraining_places_per_year=0:600")


def small_question(wants=(), uncertainty="aleatory", **effort):
    plan, space = Scenario.load("korea", ["months=26"]), DecisionSpace(10e9, LEVERS)
    return ask(plan, space, wants=wants, effort=replace(SMALL, **effort), uncertainty=uncertainty)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A small search to its end, in one process."""
    folder = tmp_path_factory.mktemp("search") / "out"
    searched = search(small_question(), folder, workers=1)
    return folder, searched, search_finding(searched)


def test_figures_are_those_of_the_runs_themselves(done):
    """Paired differences, cost against no programme, money by purpose: by hand for one set."""
    from injae.experiments.runs import simulate

    _, searched, finding = done
    row, seeds = 0, [1_000_000, 1_000_001, 1_000_002]
    mine, usual = (
        simulate(searched.plans[row], seeds, uncertainty="aleatory", workers=1),
        simulate(searched.question.baseline, seeds, uncertainty="aleatory", workers=1),
    )
    cost = mine.values("public_won_cumulative")[:, -1] - usual.values("public_won_cumulative")[:, -1]
    at = searched.columns.index("public_won_at_end")
    assert np.array_equal(searched.figures[row, :, at] - searched.usual[:, at], cost)
    assert np.array_equal((searched.figures[row] - searched.usual)[:, -len(PUBLIC) :].sum(axis=1), cost)
    extra = mine.values("routine_domains")[:, -1] - usual.values("routine_domains")[:, -1]
    assert np.array_equal(searched.rows[row, :, 0], -extra)
    assert np.allclose(searched.rows[row, :, 4], cost / 10e9 - 1)
    assert finding.facts["runs_failed"] == 0


def test_portfolios_are_judged_in_futures_of_their_own_parameters(tmp_path):
    """Every look has its own draw, the same for the portfolio and the baseline; those of the judging are new ones."""
    from injae.experiments.runs import Job, do

    question = small_question(uncertainty="ranges", generations=1, optimisers=1, futures=0, fresh_seeds=20)
    searched = search(question, tmp_path / "out", workers=1)
    seen = {question.future(n).draw for n in range(SMALL.seeds + 1)}
    fresh = [question.future(1_000_000 + n) for n in range(20)]
    assert len(seen) == 3 and len({one.draw for one in fresh} - seen) == 20
    assert [one.seed for one in fresh[:2]] == [1_000_000, 1_000_001]
    at = searched.columns.index("specialists_at_end")
    for figures, plan in ((searched.figures[0], searched.plans[0]), (searched.usual, question.baseline)):
        run = do(Job(fresh[7].plan(plan), fresh[7].seed))
        assert figures[7, at] == run.history["specialists"][-1]
    finding = search_finding(searched)
    outcomes = finding.tables["outcomes"].query("outcome == 'specialists_at_end'").set_index("set")
    gaps = (searched.figures[0] - searched.usual)[:, at]
    assert [tuple(np.percentile(gaps, (5, 95)))] in (
        [pytest.approx((row.range_low, row.range_high))] for row in outcomes.itertuples()
    )
    assert finding.facts["uncertainty"]["draws"] == 20
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(search_answer(finding))
    said = " ".join(console.export_text().split())
    assert "the 5th to 95th percentile" in said and "fitted to no fact" in said
    with pytest.raises(InputError, match="its uncertainty differ"):
        search(small_question(generations=1, optimisers=1), tmp_path / "out", workers=1)


def test_tables_agree_with_each_other(done):
    _, searched, finding = done
    sets, outcomes, money = (finding.tables[name] for name in ("sets", "outcomes", "money"))
    portfolios = sets[sets["kind"] == "portfolio"]
    assert len(portfolios) == finding.facts["judged"] == len(searched.points)
    assert (portfolios["verdict"] == "on the front").sum() == finding.facts["front"]
    fell = sum(finding.facts[name] for name in ("fell_dominated", "fell_outside_limits", "fell_failed"))
    assert finding.facts["front"] == finding.facts["promising"] - fell + finding.facts["rose"]
    cost = outcomes[outcomes["outcome"] == "public_won_at_end"].set_index("set")["extra"]
    assert np.allclose(money.groupby("set")["won"].sum().reindex(cost.index).fillna(0), cost)
    within = portfolios["set"][portfolios["verdict"].isin(["on the front", "dominated"])]
    assert (cost[within] <= 10e9).all()
    assert {"korea", "double-grant"} <= set(sets["set"][sets["kind"] == "preset"])
    assert set(finding.tables["futures"]["set"]) >= set(sets["set"][sets["kind"] == "preset"])


def unsure(searched, points):
    """The same search, where noise hides what these portfolios do beside their cost; means are as before."""
    rows = searched.rows.copy()
    rows[points, :, :3] += np.array([-1e6, 0, 1e6])[:, None]
    return replace(searched, rows=rows)


def test_a_front_that_is_not_shown_says_why(done, tmp_path):
    _, searched, finding = done
    front, shown = finding.facts["front"], int((finding.tables["sets"]["shown"] == "yes").sum())
    assert 0 < shown < front
    assert shown_words(finding) == [
        f"{shown} of the {front} are shown, all that are surely better than no-programme in a goal beside cost. "
        "sets.csv has all of them."
    ]
    blind = unsure(searched, range(len(searched.points)))
    nothing = search_finding(blind)
    assert nothing.facts["front"] == front and not shown_scenarios(blind)
    [said] = shown_words(nothing)
    assert said.startswith(
        "No portfolio on the front is surely better than no-programme in a goal beside cost: none is shown"
    )
    assert len(search_answer(nothing).renderables) == 4, "no heading without anything below it"
    _save_scenarios(nothing, blind, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_most_of_those_shown_is_not_called_the_most_of_the_front(done):
    """One set of the front is made the best in a goal, surely; then noise hides it."""
    _, searched, _ = done
    portfolios = searched.rows[: len(searched.points)]
    within = (portfolios[:, :, searched.question.settings.goals :] <= 0).all(axis=(1, 2))
    best = int(np.argmin(np.where(within, portfolios[:, :, 0].mean(axis=1), np.inf)))
    rows = searched.rows.copy()
    rows[best, :, 0] = rows[:, :, 0].min() - 1
    planted = replace(searched, rows=rows)
    sets = search_finding(planted).tables["sets"]
    assert sets["why"].str.contains("most routine_domains@2027-02(?:;|$)").sum() == 1
    hidden = search_finding(unsure(planted, [best])).tables["sets"]["why"]
    assert hidden.str.contains("most routine_domains@2027-02 (of those shown)", regex=False).sum() == 1
    assert not hidden.str.contains("most routine_domains@2027-02(?:;|$)").any()
    assert hidden.str.contains("most employed_hospitals_at_end(?:;|$)").sum() == 1


def test_shown_sets_are_scenarios_of_the_finding(done):
    _, searched, finding = done
    portfolios = finding.tables["portfolios"]
    for name, plan in shown_scenarios(searched).items():
        for row in portfolios[portfolios["set"] == name].itertuples():
            month = month_of(row[3], plan.start)
            assert value_at(plan.levers[row.lever], month, 0) == row.value != row.baseline


def same_result(one: Path, other: Path, first, second) -> None:
    pd.testing.assert_frame_equal(pd.read_parquet(one / "archive.parquet"), pd.read_parquet(other / "archive.parquet"))
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])
    assert first.facts == second.facts


def test_processes_give_the_same_search(done, tmp_path):
    folder, _, finding = done
    again = search_finding(search(small_question(), tmp_path / "out", workers=2))
    same_result(folder, tmp_path / "out", finding, again)


def test_the_same_command_simulates_nothing_again(done, monkeypatch):
    folder, _, finding = done
    monkeypatch.setattr(evaluating, "_measure", None)  # would fail if it were needed
    again = search_finding(search(small_question(), folder, workers=1))
    assert again.facts == finding.facts


def test_a_longer_search_goes_on_and_another_is_refused(done, tmp_path):
    import shutil

    folder, searched, _ = done
    shutil.copytree(folder, tmp_path / "out")
    longer = search(small_question(generations=3), tmp_path / "out", workers=1)
    assert [g.points for g in longer.histories[0][:3]] == [g.points for g in searched.histories[0]]
    with pytest.raises(InputError, match="holds another search: its population differ"):
        search(small_question(population=8), tmp_path / "out", workers=1)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").touch()
    with pytest.raises(InputError, match=r"holds other files \(mine.txt\)"):
        search(small_question(), tmp_path / "new", workers=1)


COMMAND = ("search", "korea", "--budget", "10bn", "--months", "26", "--generations", "2", "--population", "6")
COMMAND += (
    "--seeds",
    "2",
    "--fresh-seeds",
    "3",
    "--futures",
    "2",
    "--workers",
    "1",
    "--uncertainty",
    "aleatory",
    "--quiet",
)
COMMAND += tuple(word for lever in LEVERS for word in ("--levers", lever))


def test_a_killed_search_goes_on_to_the_same_result(done, tmp_path):
    folder, _, finding = done
    words = [sys.executable, "-m", "injae", *COMMAND, "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    every_run = "import injae.experiments.searches.evaluations as e; e.PART_SECONDS = 0.0; import injae; injae.main()"
    words = [sys.executable, "-c", every_run, *words[3:]]
    killed = 0
    for parts in (6, 14):
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if len(list((tmp_path / "out" / "evaluations").glob("*.parquet"))) >= parts:
                process.send_signal(signal.SIGKILL)
                killed += 1
                break
            time.sleep(0.02)
        process.wait()
    assert killed == 2, "it ended before it could be killed"
    before = {path.name for path in (tmp_path / "out" / "evaluations").glob("*.parquet")}
    torn = tmp_path / "out" / "evaluations" / "00000000000000000000-torn.parquet"
    torn.write_bytes(b"PAR1 and then nothing")
    ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert before < {path.name for path in (tmp_path / "out" / "evaluations").glob("*.parquet")}
    again, _ = load(tmp_path / "out")
    same = search_finding(search(small_question(), tmp_path / "out", workers=1))
    same_result(folder, tmp_path / "out", finding, same)
    assert again.facts == finding.facts
    figures = {path.name for path in (tmp_path / "out").glob("*.png")}
    assert figures == {"front.png", "portfolios.png", "trace.png"}


def test_failed_runs_leave_their_portfolio_out(tmp_path, monkeypatch):
    real = evaluating.do

    def fails_for_much_grant(job):
        run = real(job)
        grant = dict(job.plan.levers["grant_won_per_year"]).get(1, 0)
        if 100e6 < grant < 940e6 and job.plan.name == "korea" and job.seed == 1:
            run.error = "Traceback\nZeroDivisionError: planted"
        return run

    monkeypatch.setattr(evaluating, "do", fails_for_much_grant)
    question = small_question(futures=0, optimisers=1, generations=1)
    searched = search(question, tmp_path / "out", workers=1)
    finding = search_finding(searched)
    assert finding.facts["runs_failed"] > 0 and finding.facts["points_failed"] > 0
    assert finding.facts["first_failures"] == ["ZeroDivisionError: planted"]
    for point in searched.points:
        grant = searched.encoding.values(point)[0][1][0]
        assert not 100e6 < grant < 940e6


def test_wanted_outcomes_are_limits(tmp_path):
    question = small_question(wants=["specialists_at_end>=1e6"], futures=0, optimisers=1, generations=1)
    finding = search_finding(search(question, tmp_path / "out", workers=1))
    assert finding.facts["front"] == 0
    assert not (finding.tables["sets"]["shown"] == "yes").any()


def test_known_runs_are_kept_by_what_made_them(tmp_path):
    plan = Scenario.load("korea", ["months=2"])
    with Evaluations(tmp_path, ("specialists_at_end",), 1) as first:
        row = first([(plan, 0), (plan.model_copy(update={"name": "other"}), 0), (plan, 1)])
    assert np.array_equal(row[0], row[1]) and not np.array_equal(row[0], row[2])
    assert len(first.asked) == 2
    with Evaluations(tmp_path, ("adoption_share_at_end",), 1) as other:
        assert not other.known, "figures of other outcomes are not these"


# the command


@pytest.mark.parametrize(
    ("text", "amount"), [("28.5bn", 28.5e9), ("900m", 9e8), ("2.85e10", 2.85e10), ("1,000m won", 1e9), ("2tn", 2e12)]
)
def test_money_as_people_write_it(text, amount):
    assert won_of(text) == pytest.approx(amount)


@pytest.mark.parametrize("text", ["", "-5bn", "0", "bn", "5 dollars", "1.2.3bn", "1e400", "1e308bn"])
def test_money_that_is_none(text):
    with pytest.raises(InputError, match="such as 28"):
        won_of(text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levers": ["levers.stipend"]}, "no lever; did you mean 'levers.stipend_won_per_month'"),
        ({"levers": ["stipend_won_per_month=5:1"]}, "needs low less than high"),
        ({"levers": ["stipend_won_per_month=1"]}, "write PATH=LOW:HIGH"),
        ({"levers": ["data_access", "levers.data_access"]}, "named twice"),
        ({"levers": ["levers.borders_open"]}, "levers = 'levers.borders_open': already at its high end; give LOW:HIGH"),
        ({"objectives": ["specialists_at_end:most"]}, "NAME:max or NAME:min"),
        ({"objectives": ["specialists_at_end"]}, "name at least two"),
        ({"objectives": ["specialist_at_end", "public_won_at_end"]}, "did you mean 'specialists_at_end'"),
        ({"wants": ["specialists_at_end"]}, "write OUTCOME<NUMBER"),
        ({"periods": ["2027-01", "2025-01"]}, "in order"),
        ({"periods": ["2025-01", "2050-01"]}, "2025-01 to 2035-01"),
    ],
)
def test_bad_questions_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        space = DecisionSpace(1e9, changes.pop("levers", ()), changes.pop("periods", ()))
        ask(Scenario.load("korea"), space, **changes)


@pytest.mark.parametrize(
    ("unsearched_won", "unit_won", "message"),
    [
        (10.5e9, 2.0, "^budget = '1.0bn won': korea spends 10.5bn won beyond its baseline on levers"),
        (0.0, 1e15, "^levers = 'levers.stipend_won_per_month': the budget buys nothing of it"),
    ],
)
def test_a_budget_that_buys_nothing_is_refused(unsearched_won, unit_won, message):
    """Runs have costs by formula here: what is not searched, and so many won for each won of the stipend."""
    question = ask(Scenario.load("korea", ["months=24"]), DecisionSpace(1e9, ["levers.stipend_won_per_month"]))

    def cost(looks):
        rows = np.zeros((len(looks), len(PUBLIC)))
        for row, (plan, _) in zip(rows, looks, strict=True):
            stipend = value_at(plan.levers.get("stipend_won_per_month", []), 1, 0)
            row[0] = 0 if plan == question.baseline else unsearched_won + unit_won * stipend
        return rows

    with pytest.raises(InputError, match=message):
        with_costs(question.encoding, cost)


def test_senses_of_goals():
    plan = Scenario.load("korea")
    assert [goal.more for goal in goals_of([], plan)] == [True, True, False, False]
    assert [goal.more for goal in goals_of(["regional_gap_at_end:max", "seeking@2030-01"], plan)] == [True, False]
    assert [one.name for one in ranges_of([])][:2] == ["grant_won_per_year", "stipend_won_per_month"]


def test_the_command_refuses_in_one_line():
    assert_refused(injae("search", "korea", "--budget", "much"), "such as 28.5bn")
    assert_refused(injae("search", "no-programme", "--budget", "1bn"), "names no baseline")


def test_the_finding_is_json_and_says_what_was_asked(done):
    _, _, finding = done
    content = json.loads(json.dumps(finding.as_dict()))
    asked = content["question"]
    assert (asked["budget_won"], asked["generations"], asked["fresh_seeds"]) == (10e9, 2, 3)
    assert asked["levers"][0]["path"] == "levers.grant_won_per_year" and asked["levers"][0]["won_at_high"] > 0
    assert set(content["tables"]) == {"sets", "outcomes", "portfolios", "money", "trace", "futures"}
