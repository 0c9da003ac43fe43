"""Designs are what they say, and what no design can be is refused before anything runs."""

import re
from pathlib import Path

import numpy as np
import pytest
from sweep_cases import DATA, PAY, TASTE, command, settings, swept

from injae.experiments.analyses.sobol import check_order
from injae.experiments.sweeps import chunks as work
from injae.experiments.sweeps.designs import Sampler, make_design
from injae.experiments.sweeps.points_table import read_points
from injae.model.errors import InputError
from injae.model.scenario import Scenario


def test_latin_hypercube_has_one_point_in_every_layer():
    _, points = make_design(Sampler("lhs:40", seed=3), [f"{TASTE}=0.2:0.4", f"{PAY}=0.5:4:log"], Scenario.load("korea"))
    linear = np.floor((points[TASTE] - 0.2) / 0.2 * 40)
    log = np.floor(np.log(points[PAY] / 0.5) / np.log(8) * 40)
    assert sorted(linear) == sorted(log) == list(range(40))


def test_sobol_points_are_balanced_scrambled_and_grow():
    plan, vary = Scenario.load("korea"), [f"{TASTE}=0.2:0.4", f"{PAY}=0.5:1.5"]
    _, points = make_design("sobol:16", vary, plan)
    cells = np.floor(np.column_stack([(points[TASTE] - 0.2) / 0.2, points[PAY] - 0.5]) * 4)
    assert len(np.unique(cells, axis=0)) == 16  # one point in each of 4 x 4 cells
    assert (points.iloc[0] != [0.2, 0.5]).all()
    assert make_design("sobol:32", vary, plan)[1].iloc[:16].equals(points)
    assert not make_design(Sampler("sobol:16", seed=1), vary, plan)[1].equals(points)
    with pytest.raises(InputError, match=r"needs a power of two.*nearest are 16 and 32"):
        make_design("sobol:20", vary, plan)


def test_saltelli_blocks_exchange_one_column():
    plan, vary = Scenario.load("korea"), [f"{TASTE}=0:1", f"{PAY}=0:1", "parameters.labour.separation_per_month=0:1"]
    points = make_design("saltelli:8", vary, plan)[1].to_numpy().reshape(8, 5, 3).transpose(1, 0, 2)
    a, b = points[:2]
    order = make_design("saltelli:8", vary, plan)[0].as_dict()["order"]
    paths = [TASTE, PAY, "parameters.labour.separation_per_month"]
    assert order == ["A", "B", *(f"A with {path} of B" for path in paths)]
    for factor in range(3):
        others = [n for n in range(3) if n != factor]
        assert (points[2 + factor][:, factor] == b[:, factor]).all()
        assert (points[2 + factor][:, others] == a[:, others]).all()
    ours = points.transpose(1, 0, 2)
    check_order(ours.reshape(-1, 3), paths, paths, "x")
    salib = np.concatenate([ours[:, :1], ours[:, 2:], ours[:, 1:2]], axis=1)  # A, A with ..., B
    with pytest.raises(InputError, match="not in the order of a Saltelli design"):
        check_order(salib.reshape(-1, 3), paths, paths, "x")


def test_morris_trajectories_move_one_setting_at_a_time():
    plan, vary = Scenario.load("korea"), [f"{TASTE}=0:1.2", f"{PAY}=0:1.2", "levers.data_access=0:1"]
    design, points = make_design("morris:6", vary, plan)
    assert points.columns[0] == "levers.data_access"
    assert design.sampler.startswith("SALib")
    steps = np.diff(points.to_numpy().reshape(6, 4, 3), axis=1)
    assert ((steps != 0).sum(axis=2) == 1).all()
    assert ((steps != 0).sum(axis=1) == 1).all()
    assert np.allclose(np.abs(steps).max(axis=1), [2 / 3, 0.8, 0.8])
    again = make_design(Sampler("morris:6", seed=0), vary, plan)[1]
    assert again.equals(points)  # a seed of 0 is a seed
    assert not make_design(Sampler("morris:6", seed=1), vary, plan)[1].equals(points)


def test_factorial_and_one_at_a_time():
    plan = Scenario.load("korea")
    _, points = make_design("factorial", [f"{TASTE}=0.2,0.3,0.4", "levers.grant_scale=0,2"], plan)
    assert len(points) == 6 and not points.duplicated().any()
    assert points.columns.tolist() == ["levers.grant_scale", TASTE]
    _, points = make_design("oat", [f"{TASTE}=0.2:0.4", PAY], plan)
    assert points.shape == (5, 2)
    assert points.notna().sum(axis=1).tolist() == [0, 1, 1, 1, 1]
    assert points[TASTE].dropna().tolist() == [0.2, 0.4]
    assert points[PAY].dropna().tolist() == [0.7, 2.1]  # as declared


def test_a_log_scale_ends_at_its_ends():
    _, points = make_design("oat", [f"{PAY}=0.7:2.1:log"], Scenario.load("korea"))
    assert points[PAY].dropna().tolist() == [0.7, 2.1]


# tables of other programs


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (f"{TASTE};{DATA}\n0,25;1\n0,5;0\n", [[0.25, 1], [0.5, 0]]),  # a spreadsheet
        (f"{TASTE}\t{DATA}\n0.25\tFALSE\n0.5\ttrue\n", [[0.25, 0], [0.5, 1]]),
        (f",{TASTE}\n0,0.25\n1,0.5\n", [[0.25], [0.5]]),  # pandas
        (f"sample_id,{TASTE}\n0,0.25\n1,0.5\n", [[0.25], [0.5]]),  # AgentPy
        (  # EMA Workbench: a row for each policy
            f",{DATA},{TASTE},scenario,policy,model\n0,True,0.25,0,None,m\n1,False,0.5,1,None,m\n"
            "2,True,0.25,0,other,m\n3,False,0.5,1,other,m\n",
            [[1, 0.25], [0, 0.5]],
        ),
        (f"point;{TASTE}\n7;0,25\n2;0,5\n", [[0.5], [0.25]]),
    ],
)
def test_tables_of_other_programs_are_read_as_they_are(text, rows, tmp_path):
    (tmp_path / "points.csv").write_text(text, encoding="utf-8-sig")
    assert read_points(str(tmp_path / "points.csv")).to_numpy().tolist() == rows


# bad input


BAD = [
    (("--design", "lhs:5"), "--vary: name at least one setting"),
    (("--design", "lhx:5", "--vary", TASTE), "designs are lhs:N, sobol:N"),
    (("--design", "lsh:5", "--vary", TASTE), "or a FILE.csv; did you mean 'lhs:5'?"),
    (("--design", "lhs", "--vary", TASTE), "needs a number of points"),
    (("--design", "lhs:0", "--vary", TASTE), "needs a number of points"),
    (("--design", "oat:3", "--vary", TASTE), "oat takes no number"),
    (("--design", "sobol:500", "--vary", TASTE), "needs a power of two"),
    (("--design", "nowhere.csv"), "nowhere.csv: cannot be read"),
    (("--design", "lhs:5", "--vary", "parameters.labor.taste_sd"), "did you mean 'parameters.labour.taste_sd'"),
    (("--design", "lhs:5", "--vary", f"{TASTE}=0.4:0.2"), "low must be less than high"),
    (("--design", "lhs:5", "--vary", f"{TASTE}=0:1:log"), "a log scale needs low above 0"),
    (("--design", "lhs:5", "--vary", f"{TASTE}=0.1:high"), "'high' is no number"),
    (("--design", "lhs:5", "--vary", f"{TASTE}=0.1,0.2"), "this design needs a range"),
    (("--design", "factorial", "--vary", f"{TASTE}=0.1:0.2"), "needs a list"),
    (("--design", "factorial", "--vary", f"{TASTE}=0.1,0.1"), "a value is there twice"),
    (("--design", "lhs:5", "--vary", TASTE, "--vary", TASTE), "varied twice"),
    (("--design", "lhs:5", "--vary", "levers.data_access=0:1.5"), "levers.data_access = 1.5: outside 0 to 1 share"),
    (("--design", "oat", "--vary", "levers.data_access@2027=0:1"), "write YYYY-MM"),
    (
        ("--design", "lhs:5", "--vary", "levers.grant_scale@2070-01=0:1", "--months", "24"),
        "levers.grant_scale@2070-01: never acts, since the runs end in 2026-12; write a month 2025-01 to 2026-12",
    ),
    (
        ("--design", "lhs:5", "--vary", "levers.grant_scale@2027-01..2028-12=0:1", "--months", "24"),
        "never acts, since the runs end in 2026-12",
    ),
    (("--design", "lhs:5", "--vary", TASTE, "--set", f"{TASTE}=0.3"), "this setting varies"),
    (("--design", "lhs:5", "--vary", TASTE, "--policies", "koera"), "did you mean 'korea'"),
    (("--design", "lhs:5", "--vary", TASTE, "--seeds", "0"), "0 is not in the range"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_before_anything_runs(arguments, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(work, "one_run", None)
    code, _, err = command(capsys, "sweep", *arguments, "--out", "sweep")
    assert code == 2
    assert message in err
    assert err.startswith("injae: ") and err.count("\n") == 1
    assert not Path("sweep").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("taste_sd\n0.3\n", "points.csv:1: column = 'taste_sd': unknown path"),
        ("\n\npoint,taste_sd\n0,0.3\n", "points.csv:3: column = 'taste_sd': unknown path"),
        (
            f"{TASTE},{DATA},levers.data_access\n0.3,1,1\n",
            f"points.csv:1: column = '{DATA}': varied twice",
        ),
        ("taste_sd\n0.3\n", "did you mean 'parameters.labour.taste_sd'"),
        (f"{TASTE}\n", "at least one row"),
        (f"{TASTE}\n0.3\nmuch\n", "is no number"),
        (f"{TASTE}\n0.3\n99\n", f"point 1 in korea: {TASTE} = 99"),
        (f"{TASTE},{DATA}\n0.3,0.5,\n0.4,0.5,\n", "points.csv:2: has 3 fields, the header 2"),
        (f"{TASTE}\n0.3\n\n0.4,0.5\n", "points.csv:4: has 2 fields, the header 1"),
    ],
)
def test_bad_tables_of_points(table, message, tmp_path):
    (tmp_path / "points.csv").write_text(table)
    with pytest.raises(InputError, match=re.escape(message)):
        swept("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[]))
    with pytest.raises(InputError, match="a table of points says itself what varies"):
        swept("korea", out=tmp_path / "sweep", vary=[TASTE], **settings(tmp_path))


def test_settings_that_belong_together_are_checked_together():
    """Neither share may come first: 0.6 with the other's present 0.5 would be more than the grant."""
    for names in (("courses", "teachers"), ("teachers", "courses")):
        shares = {"courses": 0.6, "teachers": 0.3}
        plan = Scenario.load("korea").with_settings({f"levers.grant_share_{name}": shares[name] for name in names})
        assert plan.levers["grant_share_courses"] == [(0, 0.6)]
