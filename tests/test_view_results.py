"""The results browser without a browser: what it shows of a sweep, and what it refuses."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from experiments.outcomes import outcome_values
from experiments.store import Sweep
from experiments.sweep import sweep
from model.errors import InputError
from model.scenario import Scenario
from viz.view import results
from viz.view.results import Wish, board_of, folders, link_of, ranking
from viz.view.state import ViewState

GRANT, SHARE = "levers.grant_scale", "levers.data_access"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    plan = Scenario.load("korea", ["months=24"])
    varied = [f"{GRANT}=0,1,3", f"{SHARE}=0.2,0.8"]
    sweep(plan, "factorial", varied, out=folder / "grid", seeds=2, workers=1)
    return folder


@pytest.fixture(autouse=True)
def opened(root):
    results.open_root(root)
    results._read.cache_clear()


def wish(**changes):
    return Wish(folder="grid", lang="en", x=GRANT, y=SHARE, **changes)


def test_cells_are_means_of_their_runs(root):
    board = board_of(wish(outcome="specialists_at_end"))
    table = outcome_values(Sweep(root / "grid"), ["specialists_at_end"]).join(Sweep(root / "grid").points, on="point")
    means = table.groupby([SHARE, GRANT])["specialists_at_end"].mean().unstack()
    np.testing.assert_allclose(board["heat"]["cells"], means.to_numpy(), rtol=1e-5)
    assert board["heat"]["runs"] == [[2, 2, 2], [2, 2, 2]]
    assert board["counts"] == {"chosen": 12, "done": 12, "failed": 0, "waiting": 0}
    assert board["fan"]["mean"][-1] == pytest.approx(table["specialists_at_end"].mean(), abs=0.5)
    assert len(json.dumps(board).encode()) < 50_000


def test_filters_and_a_cell_choose_runs(root):
    board = board_of(wish(ranges=((GRANT, 0.5, 3.0),), cell=(1, 0)))
    assert board["heat"]["x"] == ["1", "3"]
    assert board["counts"]["chosen"] == 8
    assert [row["settings"] for row in board["rows"]] == [["3", "0.2"]] * 2
    rows = list(csv.DictReader(io.StringIO(results.csv_of(wish(ranges=((GRANT, 0.5, 3.0),))).decode("utf-8-sig"))))
    assert len(rows) == 8


def test_a_link_opens_the_scenario_of_the_run():
    row = board_of(wish())["rows"][-1]
    state, notice = ViewState.from_link(row["link"])
    assert notice is None
    assert state.value(GRANT) == float(row["settings"][0])
    assert link_of({}, [], Wish(policy="my-file")) is None


def test_failed_runs_are_shown_first(root):
    runs = results.opened("grid").runs.copy()
    runs.loc[7, ["status", "reason"]] = ["failed", "ZeroDivisionError: planted"]
    runs.loc[7, "specialists_at_end"] = np.nan
    rows = results._rows(runs, [GRANT], [GRANT], wish(), "persons")
    assert (rows[0]["status"], rows[0]["value"]) == ("failed", "–")
    assert "planted" in rows[0]["reason"]


def test_ranking_finds_what_matters():
    rng = np.random.default_rng(1)
    points = pd.DataFrame(rng.random((60, 3)), columns=["levers.a", "levers.b", "levers.c"])
    points["out"] = 5 * points["levers.b"] - 3 * points["levers.a"] + 0.1 * rng.random(60)
    points["point"] = points.index
    rows = ranking(points, ["levers.a", "levers.b", "levers.c"], "out", "en")
    assert rows[0]["name"] == "levers.b"
    assert rows[0]["rho"] == pytest.approx(points["levers.b"].corr(points["out"], method="spearman"))
    by_name = {row["name"]: row for row in rows}
    assert by_name["levers.c"]["low"] < 0 < by_name["levers.c"]["high"]
    assert by_name["levers.a"]["high"] < 0


@pytest.mark.parametrize("name", ["../grid", "/etc", "grid/../../x", "", "nowhere"])
def test_nothing_outside_the_folder_is_read(name):
    with pytest.raises(InputError, match="no sweep"):
        board_of(Wish(folder=name))


def test_a_link_out_of_the_folder_is_no_sweep(root, tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "away").symlink_to(root / "grid")
    results.open_root(tmp_path / "inner")
    assert folders() == []


@pytest.mark.parametrize("damage", ["dropped", "text"])
def test_a_bad_column_is_named(root, tmp_path, damage):
    import shutil

    shutil.copytree(root / "grid", tmp_path / "bad")
    path = tmp_path / "bad" / "points.parquet"
    table = pd.read_parquet(path)
    table = table.drop(columns=GRANT) if damage == "dropped" else table.assign(**{GRANT: "much"})
    table.to_parquet(path)
    results.open_root(tmp_path)
    with pytest.raises(InputError, match=f"points.parquet: column {GRANT}"):
        board_of(Wish(folder="bad"))
