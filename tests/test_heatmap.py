"""Two settings at once: cells hold what their runs give, and the best cells are those that noise does not explain."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, injae, run_here, without_runs

from injae.experiments.analyses.heatmap import COST, DRAWS, _best, _cells, _over_futures, heatmap
from injae.experiments.indicators import Senses
from injae.experiments.outcomes import outcome_values
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz.figures.heatmap import figures

X, Y = "levers.grant_scale", "levers.wage_fund_won_per_year@2025-01..2025-06"


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    vary = [f"{X}=2,0", f"{Y}=0,3000000000"]
    return sweep(
        Scenario.load("korea", ["months=12"]),
        "factorial",
        vary,
        out=tmp_path_factory.mktemp("grid") / "s",
        seeds=3,
        execution=Execution(1),
    )


def test_a_cell_is_the_mean_of_its_runs_and_what_it_adds_is_paired(grid):
    found = heatmap(grid, ["specialists_at_end"])
    assert (found.question["x"], found.question["y"]) == (X, Y)
    cells = found.tables["cells"].set_index(["outcome", "x", "y"])
    runs = outcome_values(grid, ["specialists_at_end", COST]).join(grid.points, on="point")
    for (x, y), cell in runs.groupby([X, Y]):
        assert cells.loc[("specialists_at_end", x, y), "mean"] == cell["specialists_at_end"].mean()
        lowest = runs[(runs[X] == 0) & (runs[Y] == 0)].set_index("seed")
        extra = (cell.set_index("seed")[COST] - lowest[COST]).mean()
        assert cells.loc[("specialists_at_end", x, y), "extra_public_won"] == extra
    assert cells.loc[("specialists_at_end", 0, 0), ["added", "added_low", "added_high"]].eq(0).all()
    grant = 6 * 750e6 * 2
    assert cells.loc[(COST, 2, 0), "added"] == grant
    assert 0 < cells.loc[(COST, 0, 3e9), "added"] <= 1.5e9  # half a year of the fund at most


def test_axes_may_be_swapped(grid):
    one, two = heatmap(grid, ["specialists_at_end"]), heatmap(grid, ["specialists_at_end"], x=Y)
    a, b = one.tables["cells"], two.tables["cells"].rename(columns={"x": "y", "y": "x"})
    order = ["outcome", "x", "y"]
    pd.testing.assert_frame_equal(
        a.sort_values(order, ignore_index=True), b[a.columns].sort_values(order, ignore_index=True)
    )


def test_draws_of_parameters_are_replicates_and_too_few_give_no_interval(tmp_path):
    """Each draw stands for one future, whatever its seeds; cells are paired by it."""
    taste = "parameters.labour.taste_sd"
    rows = [(x, y, value) for value in (0.25, 0.35) for x in (0, 2) for y in (0, 3e9)]
    (tmp_path / "grid.csv").write_text(f"{X},{Y},{taste}\n" + "\n".join(",".join(map(str, row)) for row in rows))
    store = sweep(
        Scenario.load("korea", ["months=12"]),
        str(tmp_path / "grid.csv"),
        out=tmp_path / "s",
        seeds=2,
        execution=Execution(1),
    )
    found = heatmap(store, ["employed_hospitals_at_end"])
    assert found.question["replicates"] == DRAWS
    cells = found.tables["cells"]
    assert set(cells["replicates"]) == {2} and cells[["mean_low", "added_high"]].isna().all().all()
    runs = outcome_values(store, ["employed_hospitals_at_end"]).join(store.points, on="point")
    cell = runs[(runs[X] == 2) & (runs[Y] == 0)]["employed_hospitals_at_end"]
    assert len(cell) == 4 and cells.query("x == 2 and y == 0")["mean"].iloc[0] == pytest.approx(cell.mean())


def test_a_cell_is_better_over_draws_only_if_nearly_all_draws_agree():
    """The mean of many draws may be known well where what will be is not: 30 of 100 draws speak against 1."""
    gains = {0: np.zeros(100), 1: np.where(np.arange(100) < 30, -1.0, 2.0), 2: np.where(np.arange(100) < 3, -1.0, 2.0)}
    rows = [(x, 0.0, draw, gain[draw], x * 1e9) for x, gain in gains.items() for draw in range(100)]
    by_draw = pd.DataFrame(rows, columns=["x", "y", "replicate", "out", COST]).set_index(["x", "y", "replicate"])
    cells = _cells(by_draw[["out", COST]], ["out", COST], {"out": "persons", COST: "won"}, _over_futures)
    some = cells[cells["x"] < 2]
    assert _best(some, by_draw, ["out"], [], _over_futures)["x"].tolist() == [0]
    assert _best(some, by_draw, ["out"], [])["x"].tolist() == [0, 1]
    assert _best(cells[cells["x"] != 1], by_draw, ["out"], [], _over_futures)["x"].tolist() == [0, 2]


def planted(gains: dict[float, float], noise: float) -> pd.DataFrame:
    """Best cells of a grid where the outcome is a gain by x plus noise shared by all cells, and x costs x."""
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 100, 30)
    rows = [
        (x, y, seed, gain + shared[seed] + noise * rng.normal(), x * 1e9 + y)
        for x, gain in gains.items()
        for y in (0.0, 1.0)
        for seed in range(30)
    ]
    by_replicate = pd.DataFrame(rows, columns=["x", "y", "replicate", "out", COST]).set_index(["x", "y", "replicate"])
    cells = _cells(by_replicate, ["out", COST], {"out": "persons", COST: "won"})
    return _best(cells, by_replicate, ["out"], [])


def test_only_cells_beyond_noise_are_worth_their_cost():
    best = planted({0: 0, 1: 10, 2: 10, 3: 5, 4: 20}, noise=1)
    assert best["x"].tolist() == [0, 1, 4]  # shared noise of 100 does not hide a gain of 10: cells are paired
    assert best["y"].tolist() == [0, 0, 0]  # y does nothing but cost
    assert planted({0: 0, 1: 1}, noise=30)["x"].tolist() == [0]  # a gain that noise explains


def test_a_cell_must_beat_the_cheaper_ones_that_were_not_kept_too():
    """1 is better than 0 on average, if not beyond noise; 2 is beyond noise better than 0, and no better than 1."""
    seeds = np.arange(20)
    gains = {0: 0 * seeds, 1: 10 + 30.0 * (-1.0) ** seeds, 2: 9 + (-1.0) ** seeds}
    rows = [(x, 0.0, seed, gains[x][seed], x * 1e9) for x in gains for seed in seeds]
    by_replicate = pd.DataFrame(rows, columns=["x", "y", "replicate", "out", COST]).set_index(["x", "y", "replicate"])
    cells = _cells(by_replicate, ["out", COST], {"out": "persons", COST: "won"})
    assert _best(cells, by_replicate, ["out"], [])["x"].tolist() == [0]
    assert _best(cells[cells["x"] != 1], by_replicate, ["out"], [])["x"].tolist() == [0, 2]


def test_of_cells_that_cost_the_same_the_best_is_worth_it():
    rows = [(x, y, seed, 5 * x + y + 0.1 * seed, x * 1e9) for x in (0, 1) for y in (0.0, 1.0) for seed in range(5)]
    by_replicate = pd.DataFrame(rows, columns=["x", "y", "replicate", "out", COST]).set_index(["x", "y", "replicate"])
    cells = _cells(by_replicate, ["out", COST], {"out": "persons", COST: "won"})
    best = _best(cells, by_replicate, ["out"], [])
    assert best[["x", "y"]].to_numpy().tolist() == [[0, 1], [1, 1]]
    assert _best(cells, by_replicate, ["out"], ["out"])[["x", "y"]].to_numpy().tolist() == [[0, 0]]  # less is better


def best_of(finding, name):
    best = finding.tables["best"]
    return best[best["outcome"] == name]


def test_less_of_a_shortage_is_better_unless_told_otherwise(grid):
    names = ["unmet_demand_share_at_end", "specialists_at_end"]
    found = heatmap(grid, names)
    assert found.question["less_is_better"] == names[:1]
    turned = heatmap(grid, names, senses=Senses(names[1:], names[:1]))
    assert turned.question["less_is_better"] == names[1:]
    for name in names:
        one, other = (best_of(some, name) for some in (found, turned))
        both = pd.merge(one, other, on=["x", "y"])
        assert (both["extra_public_won_x"] == 0).all() and len(both) <= 1  # only the cheapest cell is best either way
    assert best_of(found, names[0])["mean"].is_monotonic_decreasing
    with pytest.raises(InputError, match="also in --maximise"):
        heatmap(grid, names, senses=Senses(names, names))


def test_what_has_no_grid_is_refused(tmp_path, grid):
    with pytest.raises(InputError, match="did you mean"):
        heatmap(grid, ["specialists_at_end"], x="levers.grant_scal")
    with pytest.raises(InputError, match="policy = 'koreo': not in this sweep"):
        heatmap(grid, ["specialists_at_end"], policy="koreo")
    with pytest.raises(InputError, match=r"y = 'levers\.grant_scale': is --x as well, .*; take levers\.wage_fund"):
        heatmap(grid, ["specialists_at_end"], x=X, y=X)
    vary = [f"{X}=0:2", "levers.data_access=0:1"]
    scattered = sweep(
        Scenario.load("korea", ["months=1"]), "lhs:4", vary, out=tmp_path / "s", seeds=1, execution=Execution(1)
    )
    with pytest.raises(InputError, match="no full grid"):
        heatmap(scattered, ["specialists_at_end"])
    line = sweep(
        Scenario.load("korea", ["months=1"]),
        "factorial",
        [f"{X}=0,2"],
        out=tmp_path / "l",
        seeds=1,
        execution=Execution(1),
    )
    with pytest.raises(InputError, match=r"needs two settings that vary; this sweep has levers\.grant_scale"):
        heatmap(line, ["specialists_at_end"])


def test_the_command_says_which_way_is_better(grid, tmp_path, capsys):
    asked = ("heatmap", grid.folder, "--outcome", "regional_gap_at_end", "--maximise", "vacancy_rate@2025-06")
    done = run_here(capsys, *asked, "--minimise", "hires@2025-06", "--out", tmp_path / "h")
    assert done.returncode == 0, done.stderr
    for line in ("regional gap at end (less", "vacancy rate@2025-06 (more", "hires@2025-06 (less"):
        assert f"{line} is better)" in done.stdout
    done = run_here(capsys, *asked, "--out", tmp_path / "h", "--json")
    told = json.loads(done.stdout)
    assert told["folder"] == str(tmp_path / "h") and told["kind"] == "heatmap"
    assert told["question"]["less_is_better"] == ["regional_gap_at_end"]
    assert_refused(run_here(capsys, "heatmap", grid.folder, "--maximise", "nosuch"), "--maximise nosuch: no indicator")


def test_the_command_writes_figure_and_receipt_that_rebuilds(grid, tmp_path):
    done = injae("heatmap", str(grid.folder), "--outcome", "specialists@2025-06", "--out", str(tmp_path / "h"))
    assert done.returncode == 0, done.stderr
    assert "cells that beat every cheaper one" in done.stdout
    again = injae("rebuild", str(tmp_path / "h"), "--json")
    assert again.returncode == 0, again.stderr
    assert {row["state"] for row in json.loads(again.stdout)} == {"the same, byte for byte"}
    assert_refused(injae("heatmap", str(grid.folder), "--outcome", "specialists"), "a series needs a date")


def part_of(grid, folder, points, seed=None):
    """The grid without some of its runs; points are (2, 0), (2, 3bn), (0, 0), (0, 3bn)."""
    return without_runs(grid, folder, "korea", points, seed)


def test_nothing_is_counted_from_a_cell_without_runs(grid, tmp_path):
    """Costs and effects would be those over whatever cell came first."""
    with pytest.raises(InputError, match=r"no seed is finished in the cell levers\.grant_scale = 0, levers\.wage_fund"):
        heatmap(part_of(grid, tmp_path / "s", range(2, 3)), ["specialists_at_end"])


def test_cells_that_lack_runs_are_named_and_the_others_stay_as_they_are(grid, tmp_path, capsys):
    store = part_of(part_of(grid, tmp_path / "one", range(1, 2)), tmp_path / "two", range(3, 4), seed=1)
    found, whole = heatmap(store, ["specialists_at_end"]), heatmap(grid, ["specialists_at_end"])
    assert found.tables["incomplete"].to_numpy().tolist() == [[0, 3e9, 2, 3], [2, 3e9, 0, 3]]
    assert whole.tables["incomplete"].empty
    cells, others = (each.tables["cells"].set_index(["outcome", "x", "y"]) for each in (found, whole))
    assert cells.index.tolist() == others.index.tolist()
    empty = cells.loc[("specialists_at_end", 2, 3e9)]
    assert empty[["mean", "added", "extra_public_won"]].isna().all() and empty["replicates"] == 0
    pd.testing.assert_series_equal(cells.loc[("specialists_at_end", 2, 0)], others.loc[("specialists_at_end", 2, 0)])
    assert (2, 3e9) not in set(zip(found.tables["best"]["x"], found.tables["best"]["y"], strict=True))

    done = run_here(capsys, "heatmap", store.folder, "--outcome", "specialists_at_end", "--out", tmp_path / "h")
    assert done.returncode == 1
    assert done.stderr == (
        f"injae: 4 runs of {store.folder} are missing: 4 not done, finish it: make the same sweep again\n"
    )
    assert "2 of 4 cells are incomplete" in done.stdout and "empty" in done.stdout
    assert done.stdout.index("incomplete") < done.stdout.index("cells that beat every cheaper one")
    again = ("--outcome", "specialists_at_end", "--out", tmp_path / "h", "--json")
    content = json.loads(run_here(capsys, "heatmap", store.folder, *again).stdout)
    assert content["folder"] == str(tmp_path / "h")
    assert [row["runs_done"] for row in content["tables"]["incomplete"]] == [2, 0]


def test_a_seed_counts_in_a_cell_only_with_all_that_is_averaged_over(tmp_path):
    """A third setting varies: a cell that lacks half of it would differ from others in more than x and y."""
    vary = [f"{X}=0,2", f"{Y}=0,3000000000", "parameters.labour.taste_sd=0.2,0.4"]
    store = sweep(
        Scenario.load("korea", ["months=6"]), "factorial", vary, out=tmp_path / "s", seeds=2, execution=Execution(1)
    )
    whole = heatmap(store, ["specialists_at_end"]).tables["cells"]
    lost = without_runs(store, tmp_path / "lost", "korea", range(7, 8), seed=0)  # of the cell (2, 3bn)
    cells = heatmap(lost, ["specialists_at_end"]).tables["cells"]
    assert cells["replicates"].tolist() == [2] * 6 + [1] * 2
    pd.testing.assert_frame_equal(cells[:6], whole[:6])


def test_the_figure_marks_cells_that_lack_runs(grid, tmp_path):
    found = heatmap(part_of(grid, tmp_path / "s", range(1, 2)), ["specialists_at_end"])
    panel = figures(found)["heatmap"].axes[0]
    (mark,) = hatched(panel)
    assert mark.get_xy() == (0.5, 0.5)  # the second cell across and upwards
    assert [text.get_text() for text in panel.texts][-2:] == ["none", "no run"]
    assert not hatched(figures(heatmap(grid, ["specialists_at_end"]))["heatmap"].axes[0])


def hatched(panel):
    """What marks missing runs, not the frames around the best cells."""
    return [patch for patch in panel.patches if patch.get_hatch()]
