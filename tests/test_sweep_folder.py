"""The folder of a sweep: damage is noticed and mended, two sweeps are kept apart, foreign folders are refused."""

import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from sweep_cases import PAY, ROOT, TASTE, command, same_tables, settings, swept

from injae.experiments.locks import FolderLock
from injae.experiments.sweeps import blocks
from injae.experiments.sweeps import plan as sweep_plan
from injae.experiments.sweeps import store as sweep_store
from injae.experiments.sweeps.plan import make_plan
from injae.experiments.sweeps.store import Sweep, write_block
from injae.experiments.sweeps.sweep import retry
from injae.experiments.tables import read_verified, write_atomically
from injae.model.errors import InputError


@pytest.mark.parametrize(
    ("kind", "damage"),
    [("runs", "torn"), ("series", "torn"), ("summary", "missing"), ("series", "changed"), ("runs", "text")],
)
def test_a_damaged_block_is_ignored_with_a_warning_and_done_again(
    kind, damage, reference, tmp_path, caplog, monkeypatch
):
    """R18."""
    monkeypatch.setattr(blocks, "BLOCK_RUNS", 6)
    store = swept("korea", out=tmp_path / "sweep", **settings(tmp_path))
    last = sorted((tmp_path / "sweep" / kind).iterdir())[-1]
    content = last.read_bytes()
    middle = len(content) // 3
    if damage == "missing":
        last.unlink()
    else:
        last.write_bytes(
            {
                "torn": content[: len(content) // 2],
                "changed": content[:middle] + bytes(64) + content[middle + 64 :],
                "text": b"not a table",
            }[damage]
        )
    if damage != "changed":  # that shows only when the whole file is read
        store = Sweep(tmp_path / "sweep")
        assert store.status()["left"] == 6
        store.series()
        assert len(caplog.records) == 1
        assert f"block {kind}/{last.name} is torn or foreign and is ignored" in caplog.text
    store = swept("korea", out=tmp_path / "sweep", **settings(tmp_path))
    assert store.status()["done"] == 24
    same_tables(reference, store)
    caplog.clear()
    later = Sweep(tmp_path / "sweep")
    later.recorded(thorough=True)
    assert not caplog.records and not later.ignored  # what was done again is not told for ever
    assert {path.name for path in (tmp_path / "sweep").rglob("*.torn")} == {f"{last.name}.torn"}


def test_what_is_not_known_is_null_in_a_table(tmp_path):
    """Query engines take nan for a number, larger than all others."""
    written = pa.table(
        {"year": [1.0, float("nan"), 3.0], "month": [1, 2, 3], "low": pa.array([0.5, None, 1], "float32")}
    )
    write_atomically(tmp_path / "table.parquet", written)
    table = read_verified(tmp_path / "table.parquet")
    assert table["year"].to_pylist() == [1.0, None, 3.0] and table["low"].null_count == 1
    assert table.schema == written.schema


def test_one_changed_bit_is_noticed(tmp_path):
    """Noise is stored as it is, so that nothing but the checksum of its page can tell."""
    noise = np.random.default_rng(0).random(4000).astype(np.float32)
    write_atomically(tmp_path / "table.parquet", pa.table({"level": noise}))
    assert (read_verified(tmp_path / "table.parquet")["level"].to_numpy() == noise).all()
    content = bytearray((tmp_path / "table.parquet").read_bytes())
    content[2000] ^= 1  # among the lowest bytes of the numbers, which do not compress
    (tmp_path / "table.parquet").write_bytes(content)
    with pytest.raises(OSError, match="CRC"):
        read_verified(tmp_path / "table.parquet")


def test_a_block_without_runs_does_not_exist_and_is_cleared(tmp_path, reference):
    given = settings(tmp_path)
    swept("korea", out=tmp_path / "sweep", **given)
    block, place = f"{1:020d}-0123abcd.parquet", tmp_path / "sweep" / "series"
    orphan, half, young = place / block, place / f"{block}.77.tmp", place / block.replace("1-", "2-")
    foreign = [place / "0-mine.parquet", place / "mine.tmp", tmp_path / "sweep" / "mine.tmp"]
    for path in (orphan, half, young, *foreign):
        path.write_bytes(b"x")
    for path in (orphan, half, *foreign):
        os.utime(path, (0, 0))
    same_tables(reference, Sweep(tmp_path / "sweep"))
    swept("korea", out=tmp_path / "sweep", **given)
    assert not orphan.exists() and not half.exists() and young.exists()
    assert all(path.exists() for path in foreign)  # whose names are not ours


def test_two_sweeps_at_once_are_refused(tmp_path):
    given = settings(tmp_path, policies=[], seeds=1)
    swept("korea", out=tmp_path / "sweep", **given)
    with FolderLock(tmp_path / "sweep"):
        with pytest.raises(InputError, match=rf"another sweep is at work there \(process {os.getpid()} on "):
            swept("korea", out=tmp_path / "sweep", **given)
        with pytest.raises(InputError, match="another sweep is at work"):
            retry(tmp_path / "sweep")
        assert Sweep(tmp_path / "sweep").status()["done"] == 4  # reading is free
    assert swept("korea", out=tmp_path / "sweep", **given).status()["done"] == 4


def test_the_lock_of_a_dead_process_is_taken_over_and_that_of_another_host_is_not(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from injae.experiments.locks import FolderLock;"
        "FolderLock(Path(sys.argv[1])).__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    assert json.loads((tmp_path / "lock").read_text())["process"]
    with FolderLock(tmp_path):
        pass
    assert (tmp_path / "lock").read_text() == ""
    (tmp_path / "lock").write_text(json.dumps({"process": 1, "host": "elsewhere", "since": "today"}))
    with (
        pytest.raises(InputError, match=r"process 1 on elsewhere, since today\); if it has ended, remove"),
        FolderLock(tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"design": "lhs:5"}, "the points of lhs:4, design seed 0"),
        ({"design_seed": 1}, "the points of lhs:4, design seed 0"),
        ({"vary": [f"{TASTE}=0.2:0.41"]}, "the points of lhs:4"),
        ({"vary": [f"{TASTE}=0.2:0.4", PAY]}, f"{TASTE} vary in it"),
        ({"months": 4}, "korea has other settings in it"),
        ({"changes": ["levers.data_access=0.7"]}, "korea has other settings in it"),
    ],
)
def test_a_folder_of_another_sweep_is_refused(changes, reason, tmp_path):
    given = {"design": "lhs:4", "vary": [f"{TASTE}=0.2:0.4"], "seeds": 1, "months": 3, "workers": 1}
    store = swept("korea", out=tmp_path, **given)
    with pytest.raises(InputError, match=f"holds another sweep: .*{re.escape(reason)}"):
        swept("korea", out=tmp_path, **{**given, **changes})
    assert Sweep(tmp_path).runs.equals(store.runs)


def test_another_model_makes_other_runs_and_keeps_the_old(tmp_path, monkeypatch):
    given = {"design": "oat", "vary": [TASTE], "seeds": 1, "months": 2, "workers": 1}
    old = swept("korea", out=tmp_path, **given).runs["id"]
    for module in (sweep_store, sweep_plan):
        monkeypatch.setattr(module, "model_version", lambda *_: "another")
    with pytest.raises(InputError, match="the model or its data changed since"):
        retry(tmp_path)
    store = swept("korea", out=tmp_path, **given)
    assert store.status()["done"] == 3
    assert not set(store.runs["id"]) & set(old)
    assert set(old) < set(store.recorded()["id"])


def test_folders_that_are_no_sweep(tmp_path, capsys):
    for name in ("status", "retry"):
        code, _, err = command(capsys, name, tmp_path)
        assert (code, err) == (
            2,
            f"injae: {tmp_path}: holds no sweep (no manifest.json, points.parquet, cases.parquet)\n",
        )
    (tmp_path / "letter.txt").write_text("dear all")
    code, _, err = command(capsys, "sweep", "--design", "oat", "--vary", TASTE, "--out", tmp_path)
    assert code == 2 and "holds other files (letter.txt)" in err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_blocks_need_no_order(reference, tmp_path):
    """A failed row written later than a finished one does not hide it, whatever the clock said."""
    given = settings(tmp_path)
    store = swept("korea", out=tmp_path / "sweep", **given)
    task = next(make_plan(["korea", "double-grant"], given["design"], [], seeds=3, changes=["months=6"]).tasks(set()))
    write_block(store.folder, {"runs": blocks.runs_table([(task, "failed", "late", 0.0, None)])})
    same_tables(reference, Sweep(store.folder))
