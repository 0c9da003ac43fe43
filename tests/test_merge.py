"""Merging small blocks: fewer files, the same tables, and no moment at which a run is on no disk."""

import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sweep_cases import TASTE, same_tables, swept

from injae.experiments.sweeps import blocks, merge, store
from injae.experiments.sweeps import chunks as work
from injae.experiments.sweeps.plan import make_plan
from injae.experiments.sweeps.store import TABLES, Sweep, write_block
from injae.experiments.sweeps.sweep import Execution, retry

_one_run = work.one_run
SETTINGS = {"design": "lhs:10", "vary": [f"{TASTE}=0.2:0.4"], "seeds": 2, "months": 3, "workers": 1}


def _fails_at_point_4(order, task):
    if task.point == 4:
        raise ZeroDivisionError("planted")
    return _one_run(order, task)


def files(store: Sweep) -> int:
    return sum(1 for kind in TABLES for _ in (store.folder / kind).glob("*"))


@pytest.fixture(scope="module")
def unmerged(tmp_path_factory):
    """Twenty small blocks, a run each, two of them of failed runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_RUNS", 1)
        patch.setattr(merge, "SMALL_BLOCKS", 1000)
        patch.setattr(work, "one_run", _fails_at_point_4)
        made = swept("korea", out=tmp_path_factory.mktemp("made") / "unmerged", **SETTINGS)
    assert files(made) == 20 * 3 - 2 * 2
    return made


def copy_of(made: Sweep, tmp_path: Path, name: str) -> Sweep:
    shutil.copytree(made.folder, tmp_path / name)
    return Sweep(tmp_path / name)


def test_a_sweep_ends_with_few_blocks_and_the_same_tables(unmerged, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_RUNS", 1)
    monkeypatch.setattr(work, "one_run", _fails_at_point_4)
    merged = swept("korea", out=tmp_path / "merged", **SETTINGS)
    same_tables(unmerged, merged)
    assert merged.status()["failed"] == 2
    assert files(merged) == 3
    assert merged.status()["runs_per_second"] is None  # the age of a merged block is no speed

    monkeypatch.setattr(work, "one_run", _one_run)
    again = retry(merged.folder, Execution(1))
    assert again.status()["done"] == 20 and files(again) == 3 * 3  # a few new ones stay
    more = swept("korea", out=merged.folder, **{**SETTINGS, "seeds": 4})  # the merged one is not large: it goes in
    assert more.status()["done"] == 40 and files(more) == 3
    monkeypatch.setattr(blocks, "BLOCK_RUNS", 50)
    same_tables(swept("korea", out=tmp_path / "whole", **{**SETTINGS, "seeds": 4}), more)


def test_merged_blocks_have_a_size(unmerged, tmp_path, monkeypatch):
    monkeypatch.setattr(merge, "BLOCK_ROWS", 14)  # three runs of four rows; the larger half stays as it is
    copy = copy_of(unmerged, tmp_path, "copy")
    merge.merge_blocks(copy)
    rows = [pq.read_metadata(file).num_rows for file in (copy.folder / "series").iterdir()]
    assert max(rows) == 12 and len(rows) == 6
    same_tables(unmerged, Sweep(copy.folder))
    names = {path.name for path in (copy.folder / "runs").iterdir()}
    merge.merge_blocks(copy)
    assert names == {path.name for path in (copy.folder / "runs").iterdir()}


class _Killed(BaseException):
    """The process ends here."""


def test_killed_at_any_moment_of_merging_nothing_is_lost(unmerged, tmp_path, monkeypatch, caplog):
    """After each single change of the disk in turn: all tables as before; merging again leaves nothing twice."""
    monkeypatch.setattr(merge, "BLOCK_ROWS", 50)  # two merged blocks
    steps, last = [], None

    def counted(change):
        def step(*arguments, **options):
            steps.append(change)
            if len(steps) == last:
                raise _Killed
            return change(*arguments, **options)

        return step

    monkeypatch.setattr(store, "write_atomically", counted(store.write_atomically))
    monkeypatch.setattr(Path, "unlink", counted(Path.unlink))
    merge.merge_blocks(copy_of(unmerged, tmp_path, "whole"))
    changes = len(steps)
    assert changes == 2 * 3 + 20 * 5  # files written, files asked to go
    for last in [1, 2, 3, 4, 5, 6, 30, changes // 2 + 1, changes // 2 + 3, changes]:
        steps.clear()
        copy = copy_of(unmerged, tmp_path, f"killed-{last}")
        with pytest.raises(_Killed):
            merge.merge_blocks(copy)
        same_tables(unmerged, Sweep(copy.folder))
        monkeypatch.setattr(merge, "SMALL_BLOCKS", 1)
        steps.clear()
        steps.extend([None] * changes)
        merge.merge_blocks(copy)
        monkeypatch.setattr(merge, "SMALL_BLOCKS", 16)
        same_tables(unmerged, Sweep(copy.folder))
        rows = pd.concat(pd.read_parquet(file) for file in (copy.folder / "runs").iterdir())
        assert rows["id"].is_unique and len(rows) == 20
    assert not caplog.records  # no block ever looked torn


def test_readers_find_blocks_that_were_merged_meanwhile(unmerged, tmp_path, monkeypatch):
    copy = copy_of(unmerged, tmp_path, "copy")
    monkeypatch.setattr(store, "PART", 5)
    parts = copy.series_parts()
    first = next(parts)
    merge.merge_blocks(Sweep(copy.folder))
    table = pd.concat([first, *parts], ignore_index=True)
    pd.testing.assert_frame_equal(table, unmerged.series(), check_like=True)

    copy = copy_of(unmerged, tmp_path, "listed")
    read, merged = store.read_verified, []

    def read_after_merging(path, columns=None):
        if not merged:
            merged.append(path)
            merge.merge_blocks(Sweep(copy.folder))
        return read(path, columns)

    monkeypatch.setattr(store, "read_verified", read_after_merging)
    assert len(copy.recorded()) == 20


def test_a_torn_block_is_not_touched(unmerged, tmp_path, caplog):
    copy = copy_of(unmerged, tmp_path, "copy")
    torn = sorted((copy.folder / "series").iterdir())[3]
    torn.write_bytes(torn.read_bytes()[:100])
    left = Sweep(copy.folder).runs
    merge.merge_blocks(copy)
    assert torn.exists() and (copy.folder / "runs" / torn.name).exists()
    assert Sweep(copy.folder).runs.equals(left)
    assert (left["status"] == "waiting").sum() == 1


def test_blocks_of_an_older_model_are_merged_apart(unmerged, tmp_path):
    """Their series may have other columns; they stay readable, and do not keep the others from being merged."""
    copy = copy_of(unmerged, tmp_path, "copy")
    task = next(make_plan(["korea"], "oat", [TASTE], seeds=1, changes=["months=3"]).tasks(set()))._replace(
        id="0123456789abcdef"
    )
    other = pa.table({"run": [task.id], "month": [0], "an_old_series": [1.0]})
    summary = pa.table({"run": [task.id], "an_old_indicator": [1.0]})
    runs = blocks.runs_table([(task, "done", "", 0.1, None)])
    write_block(copy.folder, {"series": other, "summary": summary, "runs": runs})
    merge.merge_blocks(copy)
    same_tables(unmerged, Sweep(copy.folder))
    assert len(list((copy.folder / "runs").iterdir())) == 2
    assert task.id in set(Sweep(copy.folder).recorded()["id"])
