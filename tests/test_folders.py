"""What is the user's stays: which folders commands write to, what they replace, and what is there if writing fails."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import assert_refused, run_here
from sweep_cases import ROOT, TASTE, swept

from injae.experiments.folders import (
    BEGUN,
    EXPORT,
    FILES,
    MANIFEST,
    RECEIPT,
    atomic,
    check_free,
    dated,
    kinds_in,
    replacing,
)
from injae.experiments.locks import FolderLock
from injae.experiments.margins import StoppingRule
from injae.model.errors import InputError

RUN = ("run", "--months", 2, "--seeds", 1, "--no-baseline", "--uncertainty", "aleatory")
MARKED = {
    **{kind: MANIFEST for kind in ("run", "compare", "validate", "rebuild", "sweep")},
    **{kind: RECEIPT for kind in ("discover", "robust", "heatmap", "screen", "sensitivity", "search", "calibrate")},
    "export": EXPORT,
}


def put(folder: Path, kind: str, **texts: str) -> None:
    """A tiny result of some kind."""
    with replacing(folder, kind, MARKED[kind]) as new:
        (new / MARKED[kind]).write_text(json.dumps({"kind": kind}))
        for name, text in texts.items():
            (new / f"{name}.csv").write_text(text)


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", MARKED)
def test_no_command_writes_into_the_folder_of_another_kind(kind, reference, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("injae.experiments.sweeps.store.Sweep.runs", None)  # refused before the work
    put(tmp_path, kind, mine="1")
    before = content(tmp_path)
    held = reference.folder
    commands = {
        "run": RUN,
        "compare": ("compare", "korea", "double-grant", *RUN[1:]),
        "validate": ("validate", "korea", "--seeds", 1),
        "sweep": ("sweep", "korea", "--design", "oat", "--vary", TASTE, "--seeds", 1, "--months", 2),
        "export": ("export", held, "--to", "csv"),
        "discover": ("discover", held),
        "robust": ("robust", held, "--outcome", "specialists_at_end"),
        "heatmap": ("heatmap", held),
        "sensitivity": ("sensitivity", held),
        "screen": ("screen", held),
        "calibrate": ("calibrate", held),
        "search": ("search", "korea", "--budget", "1bn"),
    }
    for name, command in commands.items():
        if name != kind:
            assert_refused(run_here(capsys, *command, "--out", tmp_path), "--out")
            assert content(tmp_path) == before, name


def test_a_result_takes_the_place_of_its_own_kind_and_of_nothing_else(tmp_path):
    (tmp_path / "notes.csv").write_text("mine")
    put(tmp_path, "run", series="1", old="1")
    put(tmp_path, "run", series="2")
    assert content(tmp_path).keys() == {"notes.csv", "series.csv", MANIFEST}
    assert json.loads((tmp_path / MANIFEST).read_text()) == {"kind": "run", "files": ["series.csv"]}
    with pytest.raises(InputError, match=r"holds notes.csv, which no run"):
        put(tmp_path, "run", series="3", notes="3")
    assert content(tmp_path)["series.csv"] == b"2"
    assert content(tmp_path)["notes.csv"] == b"mine"


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"kind": "run", "files": ["../outside.csv"]}', '{"kind": 1}'])
def test_a_file_that_only_has_the_name_of_a_marker_is_the_users(text, tmp_path):
    (tmp_path / "outside.csv").write_text("mine")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / MANIFEST).write_text(text)
    with pytest.raises(InputError, match=rf"holds {MANIFEST}"):
        put(folder, "run")
    assert (folder / MANIFEST).read_text() == text and (tmp_path / "outside.csv").exists()


def test_nothing_is_removed_through_a_link(tmp_path):
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    outside.mkdir()
    (outside / "set.csv").write_text("mine")
    put(folder, "run")
    (folder / "sub").symlink_to(outside)
    (folder / MANIFEST).write_text(json.dumps({"kind": "run", "files": ["sub/set.csv"]}))
    put(folder, "run", series="1")
    assert (outside / "set.csv").read_text() == "mine"


def test_what_fails_leaves_the_folder_as_it_was(tmp_path):
    put(tmp_path, "run", series="1")
    before = content(tmp_path)
    with pytest.raises(OSError, match="No space"), replacing(tmp_path, "run") as new:
        (new / "series.csv").write_text("cut")
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(KeyboardInterrupt), atomic(tmp_path / "series.csv") as file:
        file.write(b"cut")
        raise KeyboardInterrupt
    assert content(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"series.csv", MANIFEST}


def test_work_that_has_begun_says_its_kind(tmp_path):
    for name, kind in BEGUN.items():
        path = tmp_path / kind / name
        path.parent.mkdir(parents=True)
        path.write_text("{}")
        assert kinds_in(tmp_path / kind) == {kind}
        with pytest.raises(InputError, match=f"holds what {kind} found"):
            check_free(tmp_path / kind, "run")


def test_dated_folders_are_never_shared(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = [dated("korea") for _ in range(20)]
    assert len(set(folders)) == 20 and all(folder.is_dir() for folder in folders)
    assert len(dated("한" * 200).name.encode()) < 200
    monkeypatch.chdir("/")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    Path("results").symlink_to("nowhere")
    with pytest.raises(OSError, match="File exists"):
        dated("korea")


@pytest.mark.parametrize("name", [*FILES, "lock", "precision.csv"])
def test_a_sweep_keeps_files_that_have_its_names(name, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / name).write_text("mine")
    seeds = StoppingRule({"specialists_at_end": 10}) if name == "precision.csv" else 1
    with pytest.raises(InputError, match=name):
        swept("korea", design="oat", vary=[TASTE], out=folder, seeds=seeds, months=2, workers=1)
    assert content(folder) == {name: b"mine"} or name != "lock"
    assert (folder / name).read_text() == "mine"


def test_a_lock_that_is_none_is_kept(tmp_path):
    (tmp_path / "lock").write_text('{"door": 1}')
    with pytest.raises(InputError, match="is no lock"), FolderLock(tmp_path):
        pass
    assert (tmp_path / "lock").read_text() == '{"door": 1}'


def test_files_are_written_before_the_answer(tmp_path, capsys, monkeypatch):
    """So a reader that has seen enough (``| head``) does not cost them."""

    def broken(*_: object, err: bool = False, **__: object) -> None:
        if not err:
            raise BrokenPipeError

    monkeypatch.setattr("injae.viz.commands.run.click.echo", broken)
    assert run_here(capsys, *RUN, "--out", tmp_path / "r").returncode == 0
    assert {"series.parquet", "summary.json", "figure.png", MANIFEST} <= content(tmp_path / "r").keys()


def test_files_that_cannot_be_written_do_not_cost_the_answer(tmp_path, capsys, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("injae.viz.figures.run.draw_run", full)
    done = run_here(capsys, *RUN, "--out", tmp_path / "r")
    assert done.returncode == 1
    assert "Hospitals using AI" in done.stdout and "Files in" not in done.stdout
    assert done.stderr.splitlines()[-1] == f"injae: {tmp_path / 'r'}: No space left on device; no file is written"
    assert not (tmp_path / "r").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [(">/dev/full", 1, "injae: standard output: No space left on device\n"), (">&-", 0, ""), ("| head -1", 0, "")],
)
def test_a_standard_output_that_takes_no_more_is_one_line(redirected, code, said):
    command = f"set -o pipefail; {sys.executable} -m injae levers --json {redirected}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (code, said)
