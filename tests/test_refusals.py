"""What a user got wrong is said in one line that names the option, the place, what is allowed and the closest name."""

import ast
import json
import pickle
import re
import runpy
import sys
from collections import Counter
from pathlib import Path

import pytest
from conftest import assert_refused, run_here

from injae.experiments.indicators import INDICATORS, outcome_of
from injae.experiments.sweeps import chunks as work
from injae.experiments.sweeps import plan as sweep_plan
from injae.experiments.sweeps.designs import parse_factor
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.errors import InputError, Range, nearest
from injae.model.levers import LEVERS
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.commands import sweep as sweep_commands
from injae.viz.commands.robust import _margin
from injae.viz.view.refused import in_words
from injae.viz.view.words import BOOK

ROOT = Path(__file__).resolve().parent.parent
TASTE, ACCESS = "parameters.labour.taste_sd", "levers.data_access"


def refused(capsys, message, *arguments):
    done = run_here(capsys, *arguments)
    assert_refused(done, message)
    return done.stderr


@pytest.fixture(autouse=True)
def nothing_runs(request, monkeypatch, tmp_path):
    """Refusals come before anything is simulated."""
    if "grid" not in request.fixturenames:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(work, "one_run", None)


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    vary = [f"{ACCESS}=0.2,0.5", "levers.grant_scale=1,2"]
    return sweep(
        Scenario.load("korea", ["months=1"]),
        "factorial",
        vary,
        out=tmp_path_factory.mktemp("grid") / "s",
        seeds=1,
        execution=Execution(1),
    )


# closest names


@pytest.mark.parametrize("name", ["levers.audits", "levers.audit_share"])
def test_a_lever_is_found_by_a_word_of_its_meaning(name, capsys):
    for arguments in (
        ("sweep", "--design", "factorial", "--vary", f"{name}=0,0.5", "--out", "s"),
        ("search", "--budget", "1bn", "--levers", name),
        ("run", "--set", f"{name}=0.5"),
    ):
        refused(capsys, "did you mean 'levers.oversight_share'?", *arguments)


def test_where_levers_are_listed_is_said_without_what_cannot_be_searched(capsys):
    told = refused(capsys, "no lever; see `injae levers`", "search", "--budget", "1bn", "--levers", "levers.nosuch")
    assert "parameters" not in told
    assert "`injae levers`" not in str(nearest("parameters.labour.nosuch", map(str, range(20))))


def test_an_outcome_is_found_by_a_word_and_all_are_listed_by_a_command(capsys):
    sweeping = ("screen", "korea", "--out", "s", "--outcome")
    told = refused(capsys, "no indicator", *sweeping, "incidents_at_end")
    assert "'privacy_incidents_per_year' or 'bias_incidents_per_year'" in told
    refused(capsys, "`injae outcomes` lists them all", *sweeping, "zzz")
    refused(capsys, "`injae outcomes` lists them all", *sweeping, "zzz@2030-01")


def test_only_the_rarest_word_suggests_names():
    assert str(nearest("share_audited", LEVERS, "x")) == "did you mean 'oversight_share'?"
    assert str(nearest("of_a_zzz", LEVERS, "see here")) == "see here"  # short words say nothing
    assert str(nearest("won", SERIES, "see here")) != "see here"


def test_outcomes_are_listed_and_each_can_be_asked(capsys):
    rows = json.loads(run_here(capsys, "outcomes", "--json").stdout)
    plan = Scenario.load("korea")
    asked = [outcome_of(row["outcome"], plan) for row in rows]
    assert [outcome.unit for outcome in asked] == [row["unit"] for row in rows]
    assert {row["outcome"].partition("@")[0] for row in rows} == {*INDICATORS, *SERIES}
    assert all(row["meaning"] for row in rows)
    text = run_here(capsys, "outcomes").stdout
    assert "specialists_at_end" in text and "2024-12 to" in text
    quiet = run_here(capsys, "outcomes", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_the_option_of_a_wrong_outcome_is_named(grid, capsys):
    refused(capsys, "--minimise nosuch: no indicator", "heatmap", grid.folder, "--minimise", "nosuch")


# designs


@pytest.mark.parametrize("number", ["99999999999", "1e9", "0", "-3", "many"])
def test_the_number_of_a_design_has_a_range(number, capsys):
    message = "needs a number of points, a whole one from 1 to 10,000,000"
    refused(capsys, message, "sweep", "--design", f"lhs:{number}", "--vary", TASTE, "--out", "s")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (f"{TASTE},{TASTE}\n0.3,0.4\n", f"column {TASTE} is there twice"),
        (f"{ACCESS},{ACCESS}@2027-01\n0.3,0.4\n", f"points.CSV:1: column = '{ACCESS}@2027-01': varied twice"),
        ("levers.data_acces\n0.3\n", "column = 'levers.data_acces': unknown path; did you mean 'levers.data_access'?"),
        (f"{TASTE},{ACCESS}\n0.3,0.4\n0.3\n", "points.CSV:3: has 1 field, the header 2"),
        (f"{TASTE},{ACCESS}\n\n0.3,0.4,0.5\n", "points.CSV:3: has 3 fields, the header 2; remove what is too much"),
        (f'{TASTE}\n"0.3\n', "a quotation mark is not closed"),
        (f"{TASTE}\n0.3\nmuch\n", f"points.CSV:3: column {TASTE} = 'much': is no number"),
        (f'{TASTE}\n"0,3"\n', f"points.CSV:2: column {TASTE} = '0,3': has a comma that groups no thousands; write 0.3"),
        (f"{TASTE};{ACCESS}\n0,3;0.4\n", "writes 0,3 and 0.4, so that a comma may be decimal or not"),
        (f"{TASTE}\t{ACCESS}\n0.3\t0.4\n0.3\t0.4\t1\n", "points.CSV:3: has 3 fields, the header 2"),
        (f"point,{TASTE}\n3,0.3\n3,0.4\n", "point 3 is there twice"),
        (f"point,{TASTE}\n-1,0.3\n", "point -1 is outside 0 to"),
        (f"{TASTE},\n0.3,0.4\n", "column 2 has no name"),
        ("", "is empty; needs a header of paths"),
        (f"{TASTE}\n", "needs a header of paths and at least one row of numbers"),
        ("point\n0\n", "needs a header of paths"),
    ],
)
def test_a_table_of_points_is_refused_by_file_and_place(table, message, capsys, tmp_path):
    (tmp_path / "points.CSV").write_text(table)
    told = refused(capsys, message, "sweep", "--design", "points.CSV", "--out", "s")
    assert told.startswith("injae: points.CSV:") and "--vary" not in told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_table_in_another_encoding_is_told_so(encoding, capsys, tmp_path):
    (tmp_path / "points.csv").write_bytes(f"{TASTE}\n0.3\n".encode(encoding))
    told = refused(capsys, "is no text in UTF-8, perhaps UTF-16", "sweep", "--design", "points.csv", "--out", "s")
    assert "codec" not in told


def test_a_table_may_be_as_spreadsheets_write_it(tmp_path):
    text = f"\ufeffpoint, {TASTE} ,{ACCESS}\r\n0, 0.3,\r\n\r\n1,NA,0.4\r\n"
    (tmp_path / "points.CSV").write_bytes(text.encode())
    points = sweep_plan.make_plan(["korea"], str(tmp_path / "points.CSV"), []).points
    assert points.columns.tolist() == [ACCESS, TASTE]  # levers first
    assert points.fillna(-1).to_numpy().tolist() == [[-1, 0.3], [0.4, -1]]


def test_points_of_a_table_keep_their_numbers_and_columns_that_say_nothing_are_noted(tmp_path):
    (tmp_path / "points.csv").write_text(f"point,{TASTE},levers.visas_per_year,{ACCESS}\n41,0.3,5,\n7,0.25,5,\n")
    plan = sweep_plan.make_plan(["korea"], str(tmp_path / "points.csv"), [], seeds=1)
    assert plan.points.index.tolist() == [7, 41] and plan.points[TASTE].tolist() == [0.25, 0.3]
    assert [(task.point, dict(task.settings)[TASTE]) for task in plan.tasks(set())] == [(7, 0.25), (41, 0.3)]
    assert f"{ACCESS}: is empty at every point" in plan.outside()
    assert "levers.visas_per_year: is the same at every point" in plan.outside()
    assert not any(TASTE in line for line in plan.outside())


@pytest.mark.parametrize("given", [ACCESS, f"{ACCESS}@2028-03", f"{ACCESS}@2028-03..2028-09"])
@pytest.mark.parametrize("varied", [ACCESS, f"{ACCESS}@2030-01"])
def test_a_lever_that_varies_cannot_be_set_as_well(given, varied, capsys):
    ask = ("sweep", "--design", "factorial", "--vary", f"{varied}=0.1,0.9", "--set", f"{given}=0.4", "--out", "s")
    refused(capsys, f"--set {given}: this setting varies", *ask)


def test_policies_that_become_one_scenario_are_named():
    plan = sweep_plan.make_plan(["korea", "double-grant"], "factorial", ["levers.grant_scale=1,2,3"], seeds=1)
    assert any(
        line.startswith("korea and double-grant are the same scenario at 3 of 3 points") for line in plan.outside()
    )
    plan = sweep_plan.make_plan(["korea", "double-grant"], "factorial", [f"{ACCESS}=0.1,0.9"], seeds=1)
    assert not any("the same scenario" in line for line in plan.outside())


@pytest.mark.parametrize(("option", "text", "message"), [
    ("--seeds", "2,5", "--seeds 2,5: has a comma that groups no thousands; write 2.5"),
    ("--seeds", "2.5", "--seeds 2.5: is no whole number"),
    ("--seeds", "9" * 6000, "--seeds 99"),
    ("--seeds", "99999999999", "is not in the range"),
    ("--max-seconds-per-run", "nan", "--max-seconds-per-run nan: is no number"),
])  # fmt: skip
def test_numbers_of_options_are_read_like_all_others(option, text, message, capsys):
    told = refused(capsys, message, "sweep", "--design", "lhs:2", "--vary", TASTE, option, text, "--out", "s")
    assert len(told) <= 300


def test_a_file_that_a_run_refuses_is_not_valid(capsys, tmp_path):
    file = tmp_path / "plan.toml"
    for text, message in (
        ('baseline = "nowhere"', "baseline = 'nowhere': scenario = 'nowhere': neither a preset nor a file"),
        ('baseline = "korea-2022"', "baseline = 'korea-2022': is a case of korea-2022, plan of korea"),
        (
            "levers = {visas_per_year = [{from = '2019-01', to = '2023-12', value = 3}]}",
            "never acts, since it lies before",
        ),
    ):
        file.write_text(text)
        refused(capsys, message, "scenario", "validate", file)
        refused(capsys, message, "run", file, "--out", "o")
    file.write_text("months = 24")
    done = run_here(capsys, "scenario", "validate", file)
    assert done.returncode == 0 and "target.date = 2029-12: outside the runs" in done.stderr


# policies, margins, folders


def test_a_margin_says_what_is_wrong_with_it(capsys):
    outcomes = ("specialists_at_end", "adoption_share_at_end")
    ask = ("robust", "nowhere", *(part for name in outcomes for part in ("--outcome", name)), "--margin")
    told = refused(capsys, "adoption_share is no --outcome of this command", *ask, "adoption_share=1")
    assert "did you mean 'adoption_share_at_end'" in told
    refused(capsys, "'-5' is no amount", *ask, "specialists_at_end=-5")
    refused(capsys, "'much' is no number; write OUTCOME=AMOUNT", *ask, "specialists_at_end=much")
    refused(capsys, "write OUTCOME=AMOUNT, such as specialists_at_end=10", *ask, "10")
    assert _margin("specialists_at_end = 3", outcomes) == ("specialists_at_end", 3.0)


@pytest.mark.parametrize("names", [",,", "", " , "])
def test_policies_that_name_nothing_are_refused(names, capsys):
    message = f"--policies {names!r}: names nothing"
    refused(capsys, message, "sweep", "--design", "lhs:2", "--vary", TASTE, "--policies", names, "--out", "s")
    refused(capsys, message, "robust", "nowhere", "--outcome", "specialists_at_end", "--policies", names)


def test_a_folder_that_is_no_sweep_is_refused_before_the_model_is_compiled(capsys, tmp_path, monkeypatch):
    def announced(_):
        raise AssertionError("spoke of compiling first")

    monkeypatch.setattr(sweep_commands, "announce_compile", announced)
    refused(capsys, "holds no sweep", "retry", tmp_path)


# a stop before the first run, and what is told of a sweep


@pytest.mark.parametrize("stopped", ["make_plan", "announce_compile"])
def test_a_stop_before_the_first_run_says_how_to_go_on(stopped, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep_plan if stopped == "make_plan" else sweep_commands, stopped, stop)
    asked = ["sweep", "--design", "lhs:2", "--vary", TASTE, "--out", "s"]
    monkeypatch.setattr(sys, "argv", ["injae", *asked])
    done = run_here(capsys, *asked)
    go_on = f"injae {' '.join(asked)}"
    assert done.stderr == f"injae: stopped early; 0 finished runs are kept; go on with: {go_on}\n"
    assert done.returncode == 1


def test_a_sweep_is_told_in_grammar_and_equal_points_are_said(grid, capsys, tmp_path):
    out = run_here(capsys, "status", grid.folder).stdout
    assert "4 points x 1 policy x 1 seed, 4 runs" in out
    (tmp_path / "points.csv").write_text(f"{TASTE}\n0.3\n0.3\n")
    asked = ("sweep", "--design", tmp_path / "points.csv", "--months", 1, "--seeds", 1, "--out", tmp_path / "s")
    out = run_here(capsys, *asked, "--dry-run").stdout
    assert "2 points x 1 policy x 1 seed: 1 run (1 more is equal to one of them and not repeated), 1 to do" in out


# what an error is made of


def test_errors_know_of_no_command_line_and_the_page_has_words_for_each_kind():
    for package in ("agents", "model", "experiments", "viz"):
        for file in (ROOT / package).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            calls = [
                call for call in ast.walk(tree) if isinstance(call, ast.Call) and ast.unparse(call.func) == "InputError"
            ]
            codes = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
            assert {code for code in codes if not {f"refused.{code}", f"fault.{code}"} & {*BOOK.texts}} == set(), file
            texts = [
                one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            if package != "viz":
                assert not [text for text in texts if re.match("--[a-z-]+[ :]", text)], file


def test_an_error_is_said_in_the_names_of_who_reads_it(capsys):
    error = InputError("range", "outside", "levers.grant_scale", 99.0, allowed=Range(0, 20, "ratio"))
    assert str(error.found_in("plan.toml", 3)) == "plan.toml:3: levers.grant_scale = 99: outside 0 to 20 ratio"
    assert in_words(error, "ko") == "지원금 배수 = 99배: 0배부터 20배까지만 쓸 수 있습니다"
    assert pickle.loads(pickle.dumps(error)).in_english() == str(error)  # between processes
    plan = Scenario.load("korea")
    with pytest.raises(InputError, match=r"^vary = 'levers\.nosuch': unknown path") as raised:
        parse_factor("levers.nosuch", plan)
    assert (raised.value.code, raised.value.path, raised.value.value) == ("unknown", "vary", "levers.nosuch")
    refused(
        capsys,
        "--vary levers.nosuch: unknown path",
        "sweep",
        "--design",
        "oat",
        "--vary",
        "levers.nosuch",
        "--out",
        "s",
    )


# whatever a user may write


def test_generated_inputs_are_refused_in_a_line_or_mean_what_was_written(capsys):
    """A sample of benchmarks/inputs.py; the kind that needs a finished sweep is tried there."""
    tried = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "inputs.py"))["tried"]
    found = tried(range(300), ["set", "toml", "vary", "table", "link"])
    assert Counter(one for _, one, _ in found if one.outcome != "fine") == {}
