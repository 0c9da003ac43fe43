"""The command line as a user meets it: files, answers, and one line with exit code 2 for bad input."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
from conftest import assert_refused, injae

from injae.model.record import SERIES
from injae.viz.commands.group import COMMANDS, first_sentence, main

ROOT = Path(__file__).resolve().parent.parent
SHORT = ("--months", "14", "--seeds", "3", "--workers", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "new" / "folder"
    done = injae("run", *SHORT, "--out", folder, "--people", "--events")
    assert done.returncode == 0, done.stderr
    assert "Hospitals using AI" in done.stdout
    return folder


def test_files_of_a_run(folder):
    series = pd.read_parquet(folder / "series.parquet")
    assert list(series.columns) == ["seed", "month", "date", *SERIES]
    assert len(series) == 3 * 15
    assert series["date"].iloc[0] == "2024-12"
    ledger = pd.read_csv(folder / "ledger.csv")
    assert list(ledger.columns) == ["seed", "month", "date", "payer", "payee", "purpose", "won"]
    grants = ledger[ledger["purpose"] == "programme grant"]
    assert (grants["payer"] == "government").all()
    assert grants["payee"].nunique() == 6
    assert grants.groupby("seed")["won"].sum().eq(4_500_000_000 + 6 * 1_000_000_000).all()
    summary = json.loads((folder / "summary.json").read_text())
    fields = {"mean", "low", "high", "unit", "seeds", "aleatory_low", "aleatory_high", "draws"}
    assert fields == set(summary["indicators"]["adoption_share_at_end"])
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["receipt"] == summary["receipt"]
    assert {"mesa", "numba", "python"} <= set(manifest["versions"])
    assert manifest["seeds"] == [0, 1, 2]
    people = pd.read_parquet(folder / "people.parquet")
    events = pd.read_parquet(folder / "events.parquet")
    assert set(events["person"]) <= set(people["key"])
    assert (folder / "figure.svg").stat().st_size > 10_000
    assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_parquet(folder / "baseline.parquet")) == len(series)


def test_events_tell_the_same_story_as_the_series(folder):
    series = pd.read_parquet(folder / "series.parquet")
    events = pd.read_parquet(folder / "events.parquet")
    counts = events.groupby(["seed", "month"], observed=True)["event"].value_counts().unstack(fill_value=0)
    flows = series[series["month"] > 0].set_index(["seed", "month"])
    pairs = {
        "admitted": "admitted", "dropped_out": "dropped_out", "graduated": "graduated", "emigrated": "emigrated",
        "returned": "returned", "immigrated": "immigrated", "changed_job": "job_to_job_moves",
        "left_for_other_sector": "left_for_other_sectors", "retraining_begun": "began_retraining",
    }  # fmt: skip
    for event, flow in pairs.items():
        assert counts[event].reindex(flows.index, fill_value=0).equals(flows[flow].astype("int64")), event
    # whoever left by chance drew below it
    assert (events["variate"] < events["probability"]).all()


def test_same_run_same_files(folder, tmp_path):
    assert injae("run", *SHORT, "--out", tmp_path, "--quiet", "--no-baseline").returncode == 0
    mine, theirs = (pd.read_parquet(place / "series.parquet") for place in (tmp_path, folder))
    pd.testing.assert_frame_equal(mine, theirs)


def test_json_answer(tmp_path):
    done = injae("run", "--months", 12, "--seeds", 1, "--out", tmp_path, "--json", "--no-baseline")
    answer = json.loads(done.stdout)
    assert answer["indicators"]["adoption_share_at_end"]["seeds"] == 1
    assert "probability_of_target" not in answer["indicators"]  # the target date lies after the horizon


BAD = [
    (("run", "nowhere"), "neither a preset nor a file"),
    (("run", "--months", "-3"), "-3 is not in the range"),
    (("run", "--months", "0"), "0 is not in the range"),
    (("run", "--seeds", "0"), "0 is not in the range"),
    (("run", "--seeds", "many"), "--seeds many: is no number"),
    (("run", "--seed", "-1"), "-1 is not in the range"),
    (("run", "--set", "levers.grant_scale=99"), "outside 0 to 20"),
    (("run", "--set", "lever.grant_scale=2"), "did you mean"),
    (("run", "--sets", "x"), "No such option"),
    (("runn",), "No such command"),
    (("levers", "nowhere"), "neither a preset nor a file"),
    (("scenario", "validate", "nofile.toml"), "no such file"),
    (("scenario", "new", "plan.txt"), "ends in .toml"),
    (("run", "--out", "/proc/nowhere"), "cannot be written"),
    (("run", "--out", __file__), "is a file; name a folder"),
    (("run", "--set", "months=0"), "--months 0: needs a whole number of months from 1 to 1200"),
    (("run", "--set", "target.experts=many"), "'many': needs a whole number from 1 to 1,000,000"),
    (
        ("run", "--set", "target.date=2027-01-01"),
        "target.date = '2027-01-01': needs a month in quotes, such as \"2029-12\"",
    ),
    (
        ("run", "--set", "levers.data_access=2027-01-01"),
        "levers.data_access = '2027-01-01': needs a number from 0 to 1",
    ),
    (("run", "--set", "levers.colour=1"), "unknown name; see `injae levers`"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, tmp_path):
    done = injae(*arguments, cwd=tmp_path)
    assert_refused(done, message)


def test_scenario_commands(tmp_path):
    assert injae("scenario", "new", "plan.toml", cwd=tmp_path).returncode == 0
    assert "valid" in injae("scenario", "validate", "plan.toml", cwd=tmp_path).stdout
    assert "exists already" in injae("scenario", "new", "plan.toml", cwd=tmp_path).stderr
    text = (tmp_path / "plan.toml").read_text()
    text = text.replace("# grant_scale = 1", 'grant_scale = [{from = "2027-01", value = 3}]')
    (tmp_path / "plan.toml").write_text(text)
    diff = json.loads(injae("scenario", "diff", "korea", "plan.toml", "--json", cwd=tmp_path).stdout)
    assert [row["path"] for row in diff] == ["levers.grant_scale"]
    assert "3 from 2027-01" in diff[0]["plan.toml"]
    assert "double-grant" in injae("scenario", "list").stdout


def test_levers_and_parameters_are_listed():
    levers = json.loads(injae("levers", "--json").stdout)
    assert {"path", "value", "unit", "low", "high", "meaning"} <= set(levers[0])
    assert "levers.grant_scale" in injae("levers").stdout
    parameters = json.loads(injae("parameters", "--json").stdout)
    assert all(row["source"] and row["unit"] for row in parameters)


def test_every_command_has_help_with_an_example():
    for command in ("run", "levers", "parameters", "scenario new", "scenario diff", "scenario validate"):
        text = injae(*command.split(), "--help").stdout
        assert "Example:" in text
        assert "\\b" not in text
    assert "Commands:" in injae().stdout


def test_a_title_with_signs_of_formulas_and_a_reused_folder(tmp_path):
    first = injae("run", "--months", 2, "--seeds", 1, "--events", "--out", tmp_path, "--set", "title.en=A $x_1^$ plan")
    assert first.returncode == 0, first.stderr
    assert (tmp_path / "events.parquet").exists()
    assert injae("run", "--months", 2, "--seeds", 1, "--no-baseline", "--out", tmp_path).returncode == 0
    assert not (tmp_path / "events.parquet").exists()
    assert not (tmp_path / "baseline.parquet").exists()


def test_help_and_lists_need_neither_mesa_nor_pandas():
    """What takes long to load is loaded by the command that needs it."""
    heavy = ("mesa", "pandas", "scipy.stats", "scipy.special", "matplotlib")
    for command in ("--help", "levers"):
        code = f"import sys, injae\nsys.argv[1:] = [{command!r}]\ntry: injae.main()\nexcept SystemExit: pass\n"
        code += f"print([name for name in {heavy} if name in sys.modules])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
        assert done.stdout.splitlines()[-1] == "[]", command


def test_every_command_is_in_the_file_of_its_name():
    helped = {name: first_sentence(name) for name in COMMANDS}
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command.name == name and command.get_short_help_str(limit=100) == helped[name]
    assert main.get_command(click.Context(main), "group") is None


def test_an_interrupt_while_loading_is_one_line():
    code = (
        "import sys, injae\n"
        "class Stop:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'injae.viz.commands.group': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Stop())\n"
        "injae.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (130, "stopped\n")


def test_one_seed_has_no_brackets(tmp_path):
    done = injae("run", "--months", 14, "--seeds", 1, "--out", tmp_path)
    lines = [line for line in done.stdout.splitlines() if "Specialists" in line or "specialists" in line]
    assert lines
    assert not any("(" in line for line in lines)
    assert "One run" in done.stdout
    assert "people by place" in done.stdout


def test_won_in_words():
    from injae.experiments.wording.amounts import money

    assert [money(x) for x in (28.5e9, -1.25e12, 31.74e6, 999, 0)] == [
        "28.5bn won", "-1.2tn won", "31.7m won", "999 won", "0 won",
    ]  # fmt: skip


def test_a_profile_says_where_the_time_of_a_run_goes_and_writes_nothing(tmp_path):
    done = injae("run", "--profile", "--months", 2, "--json", "--quiet", cwd=tmp_path)
    rows = json.loads(done.stdout)
    shares = {row["process"]: row["share_percent"] for row in rows}
    assert done.returncode == 0 and list(tmp_path.iterdir()) == []
    assert {"adopt", "search_and_match", "(between processes)"} < shares.keys() and len(shares) > 35
    assert sum(shares.values()) == pytest.approx(100, abs=2) and min(shares.values()) >= 0
