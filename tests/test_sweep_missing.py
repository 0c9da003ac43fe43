"""Runs that are not there: what is said of them leads to them."""

import json

import pytest

from injae.viz.commands.sweep_lines import finishing, say_missing

COMMAND = ["injae", "sweep", "korea", "--vary", "levers.grant_scale=0:2", "--out", "results/my grid"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"command": COMMAND}))
    return tmp_path


@pytest.mark.parametrize(
    ("failed", "waiting", "said"),
    [
        (0, 0, ""),
        (2, 0, "injae: 2 runs of {0} are missing: 2 failed, do them again with: injae retry {0}\n"),
        (0, 1, "injae: 1 run of {0} is missing: 1 not done, finish it: {1}\n"),
        (2, 3, "injae: 5 runs of {0} are missing: 3 not done, finish it: {1}; 2 failed, do them again with: "
         "injae retry {0}\n"),
    ],
)  # fmt: skip
def test_a_retry_is_advised_for_failed_runs_only(failed, waiting, said, folder, capsys):
    """``retry`` leaves alone what was never begun: only the sweep itself goes on with it."""
    code = say_missing(folder, failed, waiting)
    command = "injae sweep korea --vary levers.grant_scale=0:2 --out 'results/my grid'"
    assert capsys.readouterr().err == said.format(folder, command)
    assert code == (1 if failed + waiting else 0)


def test_a_sweep_made_by_a_program_has_no_command(folder):
    (folder / "manifest.json").write_text(json.dumps({"command": []}))
    assert finishing(folder) == "make the same sweep again"
