"""Sweeps: the same tables whatever happens on the way, nothing run twice, and designs that are what they say."""

import gc
import json
import os
import random
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import experiments.sweeps.sweep as sweeps
from experiments.runs import simulate
from experiments.sweeps import blocks
from experiments.sweeps import plan as sweep_plan
from experiments.sweeps import store as stores
from experiments.sweeps import workers as work
from experiments.sweeps.designs import make_design
from experiments.sweeps.export import export
from experiments.sweeps.lock import FolderLock
from experiments.sweeps.plan import make_plan
from experiments.sweeps.store import Sweep, case_of, read_whole, write_block, write_whole
from experiments.sweeps.sweep import Progress, pilot, retry, run_plan, sweep
from model.ecosystem import Ecosystem
from model.errors import InputError
from model.record import DTYPE, SERIES
from model.scenario import Scenario
from viz.commands import main

ROOT = Path(__file__).resolve().parent.parent
PAY, TASTE, DATA = "parameters.education.pay_pull", "parameters.labour.taste_sd", "levers.data_access@2025-04"
TABLE = f"{TASTE},{DATA}\n0.2,0.1\n0.3,0.9\n0.4,\n0.25,0.5\n"
_one_run = work.one_run


def same_tables(one: Sweep, other: Sweep) -> None:
    """Everything but the time and memory that runs took is equal, in the same order."""
    pd.testing.assert_frame_equal(one.points, other.points)
    measured = ["seconds", "peak_memory_bytes"]
    pd.testing.assert_frame_equal(one.runs.drop(columns=measured), other.runs.drop(columns=measured))
    pd.testing.assert_frame_equal(one.summary(), other.summary())
    pd.testing.assert_frame_equal(one.series(), other.series())


def settings(tmp: Path, **changes):
    """Arguments of a tiny sweep: two policies, four points, three seeds, six months."""
    table = tmp / "points.csv"
    if not table.exists():
        table.write_text(TABLE)
    given = {"design": str(table), "policies": ["double-grant"], "seeds": 3, "months": 6, "workers": 1}
    return {**given, **changes}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """An uninterrupted sweep of one process."""
    tmp = tmp_path_factory.mktemp("reference")
    return sweep("korea", out=tmp / "sweep", **settings(tmp))


def command(capsys, *arguments):
    """Exit code, output and errors of a command."""
    with pytest.raises(SystemExit) as ended:
        main.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


# what is kept


def test_tables_and_their_order(reference):
    runs = reference.runs
    measured = ["seconds", "peak_memory_bytes"]
    assert runs.columns.tolist() == ["policy", "point", "seed", "id", "status", "reason", *measured]
    keys = [(policy, point, seed) for policy in ("korea", "double-grant") for point in range(4) for seed in range(3)]
    assert list(zip(runs["policy"], runs["point"], runs["seed"], strict=True)) == keys
    assert (runs["status"] == "done").all()
    peak = runs["peak_memory_bytes"]  # of this process, tests before included
    assert (peak > 50e6).all() and peak.is_monotonic_increasing
    assert runs["id"].is_unique
    series = reference.series()
    assert series.columns.tolist() == ["policy", "point", "seed", "month", "date", *SERIES]
    assert len(series) == 24 * 7
    assert series["date"].iloc[[0, 6]].tolist() == ["2024-12", "2025-06"]
    assert reference.points.columns.tolist() == [DATA, TASTE]
    assert reference.points.attrs == {"levers": [DATA], "uncertainties": [TASTE]}
    assert np.isnan(reference.points.loc[2, DATA])


def test_a_run_of_a_sweep_is_the_run_of_its_scenario(reference):
    """R6: for every policy, point and seed; whole numbers exactly, levels to the seven digits that are kept."""
    table = reference.series()
    for policy, point, values in (("korea", 2, {TASTE: 0.4}), ("double-grant", 1, {TASTE: 0.3, DATA: 0.9})):
        plan = Scenario.load(policy, ["months=6"]).with_settings(values)
        results = simulate(plan, 3, workers=1)
        single = results.series()
        mine = table[(table["policy"] == policy) & (table["point"] == point)]
        assert mine["seed"].tolist() == single["seed"].tolist()
        for name in SERIES:
            kept = single[name].astype(np.float32) if DTYPE[name] == np.float64 else single[name]
            assert np.array_equal(mine[name].to_numpy(float), kept.to_numpy(float), equal_nan=True), name
        summary = reference.summary()
        mine = summary[(summary["policy"] == policy) & (summary["point"] == point)]
        expected = [run.history["specialists"][6] for run in results.runs]
        assert mine["specialists_at_end"].tolist() == expected


def test_replicates_differ(reference):
    """R7, first half."""
    table = reference.series(["hires"])
    by_run = table.groupby(["policy", "point", "seed"], observed=True)["hires"].agg(tuple)
    assert by_run.groupby(["policy", "point"], observed=True).nunique().eq(3).all()


def test_policies_share_luck_until_they_act(tmp_path):
    """R7, second half: to the last digit before, different after."""
    (tmp_path / "points.csv").write_text(f"{DATA},levers.borders_open@2025-05\n0.1,\n0.9,0\n")
    table = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[])).series()
    table = table.drop(columns=["policy", "date"]).set_index(["point", "seed", "month"])
    a, b = table.loc[0], table.loc[1]
    before = a.index.get_level_values("month") < 4  # month 4 is April
    pd.testing.assert_frame_equal(a[before], b[before])
    for seed in range(3):
        assert not a.loc[seed].equals(b.loc[seed])


def test_only_the_series_asked_for_are_read(reference):
    table = reference.series(["hires"])
    assert table.columns.tolist() == ["policy", "point", "seed", "month", "date", "hires"]
    assert table["hires"].tolist() == reference.series()["hires"].tolist()
    with pytest.raises(InputError, match="did you mean 'hires'"):
        reference.series(["hire"])


def test_manifest_says_what_is_a_lever(reference):
    manifest = json.loads((reference.folder / "manifest.json").read_text())
    assert [factor["path"] for factor in manifest["design"]["levers"]] == [DATA]
    assert [factor["path"] for factor in manifest["design"]["uncertainties"]] == [TASTE]
    assert manifest["runs"] == manifest["done"] == 24
    assert {"versions", "data", "revision", "receipt", "began", "ended"} <= set(manifest)


def test_people_and_events_are_kept_when_asked(tmp_path):
    given = settings(tmp_path, policies=[], seeds=1, months=2)
    store = sweep("korea", out=tmp_path / "sweep", people=True, events=True, **given)
    people, events = store.table("people"), store.table("events")
    assert people.groupby("point").size().min() > 1000
    assert set(events["person"]) <= set(people["key"])
    with pytest.raises(InputError, match="holds another sweep: it keeps people and events"):
        sweep("korea", out=tmp_path / "sweep", **given)


# the same whatever happens


def test_processes_give_the_same_tables(reference, tmp_path):
    """R1."""
    same_tables(reference, sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, workers=2)))


@pytest.mark.slow
def test_eight_processes_in_whatever_order_give_the_same_tables(reference, tmp_path, monkeypatch):
    """R1: runs are handed out in a random order, and finish in another."""
    in_order = sweep_plan.Plan.tasks

    def shuffled(plan, finished):
        tasks = list(in_order(plan, finished))
        random.Random(3).shuffle(tasks)
        return iter(tasks)

    monkeypatch.setattr(sweep_plan.Plan, "tasks", shuffled)
    same_tables(reference, sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, workers=8)))


def test_growing_gives_the_same_tables_and_repeats_nothing(reference, tmp_path):
    """R8, and the order of doing does not matter: points, then seeds, then a policy are added."""
    (tmp_path / "points.csv").write_text("\n".join(TABLE.splitlines()[:3]))
    first = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=1))
    kept = first.recorded().set_index("id")["block"]
    assert len(kept) == 2
    (tmp_path / "points.csv").write_text(TABLE)
    sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=1))
    sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[]))
    grown = sweep("double-grant", out=tmp_path / "sweep", **settings(tmp_path, policies=[]))
    assert grown.recorded().set_index("id")["block"].loc[kept.index].equals(kept)
    rows = sum(len(pd.read_parquet(file)) for file in (tmp_path / "sweep" / "runs").iterdir())
    assert rows == 24
    same_tables(reference, grown)
    smaller = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=1))
    assert smaller.status()["runs"] == 24  # asking for less takes nothing away


def test_models_are_let_go(tmp_path):
    """R5: memory does not grow with the number of runs; Mesa alone would keep every model."""
    gc.collect()
    before = sum(isinstance(thing, Ecosystem) for thing in gc.get_objects())
    sweep("korea", out=tmp_path / "sweep", **settings(tmp_path))
    simulate(Scenario.load("korea", ["months=2"]), 3, workers=1)
    gc.collect()
    assert sum(isinstance(thing, Ecosystem) for thing in gc.get_objects()) <= before + 1  # the one that warmed up


def test_equal_cases_are_run_once(tmp_path):
    (tmp_path / "points.csv").write_text(f"{TASTE}\n0.3\n0.2\n0.3\n\n")
    store = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=2))
    runs = store.runs
    assert len(runs) == 6 and runs["id"].nunique() == 4
    summary = store.summary()
    a, b = (summary[summary["point"] == point].drop(columns="point").reset_index(drop=True) for point in (0, 2))
    pd.testing.assert_frame_equal(a, b)


def test_names_of_scenarios_do_not_make_a_case():
    korea = Scenario.load("korea")
    assert case_of(korea) == case_of(korea.model_copy(update={"name": "x", "title": {}, "baseline": None}))
    declared = korea.with_settings({TASTE: 0.3})
    assert (case_of(declared) == case_of(korea)) == (declared.settings() == korea.settings())
    for change in ("target.experts=900", "months=119", f"{TASTE}=0.31", "levers.data_access=0.6", "shocks.demand=0.1"):
        assert case_of(korea) != case_of(korea.with_changes([change])), change


def _fails_here_and_there(order, task):
    """Point 1 raises, point 2 kills its process, point 3 never ends; for seed 0 of korea only."""
    if task.seed == 0 and task.policy == "korea":
        if task.point == 1:
            raise ZeroDivisionError("planted")
        if task.point == 2:
            os._exit(9)
        if task.point == 3:
            time.sleep(600)
    return _one_run(order, task)


def test_bad_runs_lose_no_other_and_can_be_retried(reference, tmp_path, monkeypatch):
    """R3 and R4 in processes: an error, a death and a run that never ends are rows with a reason."""
    monkeypatch.setattr(work, "one_run", _fails_here_and_there)
    store = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, workers=2), seconds_per_run=3)
    runs = store.runs
    bad = runs[runs["status"] != "done"]
    assert bad[["policy", "point", "seed", "status"]].to_numpy().tolist() == [
        ["korea", 1, 0, "failed"],
        ["korea", 2, 0, "died"],
        ["korea", 3, 0, "cut"],
    ]
    error, death, endless = bad["reason"]
    assert error.startswith("ZeroDivisionError: planted\n") and "_fails_here_and_there" in error
    assert "died twice (exit code 9)" in death
    assert "over its budget of 3 s" in endless
    assert store.status()["failed"] == 3 and store.status()["left"] == 0
    kept = store.recorded().set_index("id")["block"][runs["id"][runs["status"] == "done"]]

    again = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path))
    assert again.status()["failed"] == 3  # the sweep itself does not repeat what failed
    monkeypatch.setattr(work, "one_run", _one_run)
    repaired = retry(tmp_path / "sweep", workers=1)
    same_tables(reference, repaired)
    assert repaired.recorded().set_index("id")["block"][kept.index].equals(kept)


def test_failures_are_said_and_the_exit_code_is_1(tmp_path, monkeypatch, capsys):
    def fails_at_point_2(order, task):
        if task.point == 2:
            raise ZeroDivisionError("planted")
        return _one_run(order, task)

    monkeypatch.setattr(work, "one_run", fails_at_point_2)
    (tmp_path / "points.csv").write_text(TABLE)
    arguments = ("sweep", "--design", tmp_path / "points.csv", "--seeds", 2, "--months", 3, "--out", tmp_path / "sweep")
    code, out, err = command(capsys, *arguments, "--workers", 1)
    assert code == 1
    assert re.search(r"korea +6 +2 +0\n", out)
    assert "injae: 2 runs: ZeroDivisionError: planted\n" in err
    assert f"injae retry {tmp_path / 'sweep'}" in err
    code, out, _ = command(capsys, "status", tmp_path / "sweep", "--json")
    assert code == 1
    status = json.loads(out)
    assert status["by_policy"]["korea"] == {"runs": 8, "done": 6, "failed": 2, "left": 0}
    assert status["reasons"] == {"ZeroDivisionError: planted": 2}
    monkeypatch.setattr(work, "one_run", _one_run)
    code, out, _ = command(capsys, "retry", tmp_path / "sweep", "--workers", 1)
    assert code == 0
    assert re.search(r"korea +8 +0 +0\n", out)


def _fails_at_every_twentieth_point(order, task):
    if task.point % 20 == 7:
        raise ZeroDivisionError("planted")
    return _one_run(order, task)


def test_a_model_that_fails_at_5_percent_of_points_loses_no_other(tmp_path, monkeypatch, capsys):
    """R3: every other run is there and as it is without failures; the failures are listed, and the exit code is 1."""
    given = {"design": "lhs:40", "vary": [f"{TASTE}=0.2:0.4"], "seeds": 1, "months": 2, "workers": 1}
    whole = sweep("korea", out=tmp_path / "whole", **given)
    monkeypatch.setattr(work, "one_run", _fails_at_every_twentieth_point)
    store = sweep("korea", out=tmp_path / "sweep", **given)
    runs = store.runs
    assert runs["point"][runs["status"] != "done"].tolist() == [7, 27]
    for table in (Sweep.series, Sweep.summary):
        expected = table(whole)
        expected = expected[~expected["point"].isin([7, 27])].reset_index(drop=True)
        pd.testing.assert_frame_equal(table(store), expected)
    code, out, _ = command(capsys, "status", store.folder)
    assert code == 1 and "2 runs: ZeroDivisionError: planted" in out


def test_a_run_is_cut_between_its_years(tmp_path):
    """R4 here: the clock is looked at after each simulated year."""
    plan = make_plan(["korea"], "oat", [TASTE], seeds=1, months=25)
    order = plan.order(tmp_path, seconds_per_run=1e-9)
    receipts = []
    work.run_here(order, plan.tasks(set()), receipts.extend)
    assert [receipt.status for receipt in receipts] == ["cut"] * 3
    table = pd.read_parquet(next((tmp_path / "runs").iterdir()))
    assert table["reason"].str.contains("over its budget of 1e-09 s in month 0 of 25").all()


def test_an_interrupt_keeps_what_is_finished(reference, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_RUNS", 5)

    def stop(progress):
        if progress.done == 10:
            raise KeyboardInterrupt

    store = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path), progress=stop)
    assert store.interrupted
    assert store.status()["done"] == 10
    seen = []
    store = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path), progress=seen.append)
    assert seen[0].before == 10 and seen[-1] == (14, 0, 24, 10)
    same_tables(reference, store)


MANY = ("--design", "lhs:16", "--vary", TASTE, "--vary", f"{PAY}=0.7:2.1:log", "--seeds", "2", "--months", "60")


children = runpy.run_path(str(ROOT / "benchmarks" / "kill_resume.py"))["children"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_killed_at_random_moments_and_resumed(tmp_path):
    """R2: parent and workers are killed, or the parent interrupted; in the end the tables of an undisturbed sweep."""
    plan = make_plan(["korea"], MANY[1], [MANY[3], MANY[5]], seeds=2, months=60)
    expected = run_plan(plan, tmp_path / "whole", workers=1)
    out = tmp_path / "killed"
    program = [sys.executable, str(ROOT / "injae.py"), "sweep", *MANY, "--workers", "2", "--out", str(out), "--quiet"]
    chance, finished_before = random.Random(5), 0
    for victim in ("parent", "worker", "interrupt"):
        process = subprocess.Popen(program, stderr=subprocess.PIPE, text=True)
        blocks = len(list(out.glob("runs/*.parquet")))
        while process.poll() is None and len(list(out.glob("runs/*.parquet"))) <= blocks:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.5))
        workers = children(process.pid)
        if victim == "worker" and workers:
            os.kill(chance.choice(workers), signal.SIGKILL)
            time.sleep(chance.uniform(0, 0.5))
        process.send_signal(signal.SIGINT if victim == "interrupt" else signal.SIGKILL)
        _, errors = process.communicate(timeout=120)
        # a process that is done and only has to end may be cut off without a word
        if victim == "interrupt" and process.returncode and len(Sweep(out).recorded()) < 32:
            assert process.returncode == 1
            assert re.search(r"stopped early; \d+ finished runs are kept; go on with: injae sweep", errors)
        finished = len(Sweep(out).recorded())
        assert finished > finished_before or finished == 32
        finished_before = finished
    kept = Sweep(out).recorded().set_index("id")["block"]
    same_tables(expected, run_plan(plan, out, workers=1))
    assert Sweep(out).recorded().set_index("id")["block"][kept.index].equals(kept)


# damaged folders, locks, other sweeps


@pytest.mark.parametrize(
    ("kind", "damage"),
    [("runs", "torn"), ("series", "torn"), ("summary", "missing"), ("series", "changed"), ("runs", "text")],
)
def test_a_damaged_block_is_ignored_with_a_warning_and_done_again(
    kind, damage, reference, tmp_path, caplog, monkeypatch
):
    """R18."""
    monkeypatch.setattr(blocks, "BLOCK_RUNS", 6)
    store = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path))
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
    store = sweep("korea", out=tmp_path / "sweep", **settings(tmp_path))
    assert store.status()["done"] == 24
    same_tables(reference, store)
    caplog.clear()
    later = Sweep(tmp_path / "sweep")
    later.recorded(thorough=True)
    assert not caplog.records and not later.ignored  # what was done again is not told for ever
    assert {path.name for path in (tmp_path / "sweep").rglob("*.torn")} == {f"{last.name}.torn"}


def test_one_changed_bit_is_noticed(tmp_path):
    """Noise is stored as it is, so that nothing but the checksum of its page can tell."""
    noise = np.random.default_rng(0).random(4000).astype(np.float32)
    write_whole(tmp_path / "table.parquet", pa.table({"level": noise}))
    assert (read_whole(tmp_path / "table.parquet")["level"].to_numpy() == noise).all()
    content = bytearray((tmp_path / "table.parquet").read_bytes())
    content[2000] ^= 1  # among the lowest bytes of the numbers, which do not compress
    (tmp_path / "table.parquet").write_bytes(content)
    with pytest.raises(OSError, match="CRC"):
        read_whole(tmp_path / "table.parquet")


def test_a_block_without_runs_does_not_exist_and_is_cleared(tmp_path, reference):
    given = settings(tmp_path)
    sweep("korea", out=tmp_path / "sweep", **given)
    orphan, half = (tmp_path / "sweep" / "series" / name for name in ("0-orphan.parquet", "1-half.parquet.77.tmp"))
    young = tmp_path / "sweep" / "series" / "2-young.parquet"
    for path in (orphan, half, young):
        path.write_bytes(b"x")
    for path in (orphan, half):
        os.utime(path, (0, 0))
    same_tables(reference, Sweep(tmp_path / "sweep"))
    sweep("korea", out=tmp_path / "sweep", **given)
    assert not orphan.exists() and not half.exists() and young.exists()


def test_two_sweeps_at_once_are_refused(tmp_path):
    given = settings(tmp_path, policies=[], seeds=1)
    sweep("korea", out=tmp_path / "sweep", **given)
    with FolderLock(tmp_path / "sweep"):
        with pytest.raises(InputError, match=rf"another sweep is at work there \(process {os.getpid()} on "):
            sweep("korea", out=tmp_path / "sweep", **given)
        with pytest.raises(InputError, match="another sweep is at work"):
            retry(tmp_path / "sweep")
        assert Sweep(tmp_path / "sweep").status()["done"] == 4  # reading is free
    assert sweep("korea", out=tmp_path / "sweep", **given).status()["done"] == 4


def test_the_lock_of_a_dead_process_is_taken_over_and_that_of_another_host_is_not(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from experiments.sweeps.lock import FolderLock;"
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
    store = sweep("korea", out=tmp_path, **given)
    with pytest.raises(InputError, match=f"holds another sweep: .*{re.escape(reason)}"):
        sweep("korea", out=tmp_path, **{**given, **changes})
    assert Sweep(tmp_path).runs.equals(store.runs)


def test_another_model_makes_other_runs_and_keeps_the_old(tmp_path, monkeypatch):
    given = {"design": "oat", "vary": [TASTE], "seeds": 1, "months": 2, "workers": 1}
    old = sweep("korea", out=tmp_path, **given).runs["id"]
    for module in (sweeps, sweep_plan):
        monkeypatch.setattr(module, "model_version", lambda: "another")
    with pytest.raises(InputError, match="the model or its data changed since"):
        retry(tmp_path)
    store = sweep("korea", out=tmp_path, **given)
    assert store.status()["done"] == 3
    assert not set(store.runs["id"]) & set(old)
    assert set(old) < set(store.recorded()["id"])


# designs


def test_latin_hypercube_has_one_point_in_every_layer():
    _, points = make_design("lhs:40", [f"{TASTE}=0.2:0.4", f"{PAY}=0.5:8:log"], Scenario.load("korea"), seed=3)
    linear = np.floor((points[TASTE] - 0.2) / 0.2 * 40)
    log = np.floor(np.log(points[PAY] / 0.5) / np.log(16) * 40)
    assert sorted(linear) == sorted(log) == list(range(40))


def test_sobol_points_are_balanced_scrambled_and_grow():
    plan, vary = Scenario.load("korea"), [f"{TASTE}=0.2:0.4", f"{PAY}=0.5:1.5"]
    _, points = make_design("sobol:16", vary, plan)
    cells = np.floor(np.column_stack([(points[TASTE] - 0.2) / 0.2, points[PAY] - 0.5]) * 4)
    assert len(np.unique(cells, axis=0)) == 16  # one point in each of 4 x 4 cells
    assert (points.iloc[0] != [0.2, 0.5]).all()
    assert make_design("sobol:32", vary, plan)[1].iloc[:16].equals(points)
    assert not make_design("sobol:16", vary, plan, seed=1)[1].equals(points)
    with pytest.raises(InputError, match=r"needs a power of two.*nearest are 16 and 32"):
        make_design("sobol:20", vary, plan)


def test_saltelli_blocks_exchange_one_column():
    plan, vary = Scenario.load("korea"), [f"{TASTE}=0:1", f"{PAY}=0:1", "parameters.labour.separation_per_month=0:1"]
    points = make_design("saltelli:8", vary, plan)[1].to_numpy().reshape(8, 5, 3).transpose(1, 0, 2)
    a, b = points[:2]
    for factor in range(3):
        others = [n for n in range(3) if n != factor]
        assert (points[2 + factor][:, factor] == b[:, factor]).all()
        assert (points[2 + factor][:, others] == a[:, others]).all()


def test_morris_trajectories_move_one_setting_at_a_time():
    plan, vary = Scenario.load("korea"), [f"{TASTE}=0:3", f"{PAY}=0:3", "levers.data_access=0:1"]
    design, points = make_design("morris:6", vary, plan)
    assert points.columns[0] == "levers.data_access"
    assert design.sampler.startswith("SALib")
    steps = np.diff(points.to_numpy().reshape(6, 4, 3), axis=1)
    assert ((steps != 0).sum(axis=2) == 1).all()
    assert ((steps != 0).sum(axis=1) == 1).all()
    assert np.allclose(np.abs(steps).max(axis=1), [2 / 3, 2, 2])
    again = make_design("morris:6", vary, plan, seed=0)[1]
    assert again.equals(points)  # a seed of 0 is a seed
    assert not make_design("morris:6", vary, plan, seed=1)[1].equals(points)


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
        ("taste_sd\n0.3\n", "points.csv: line 1: column taste_sd: unknown path"),
        ("\n\npoint,taste_sd\n0,0.3\n", "points.csv: line 3: column taste_sd: unknown path"),
        (
            f"{TASTE},{DATA},levers.data_access\n0.3,1,1\n",
            f"points.csv: line 1: column {DATA}: varied twice",
        ),
        ("taste_sd\n0.3\n", "did you mean 'parameters.labour.taste_sd'"),
        (f"{TASTE}\n", "at least one row"),
        (f"{TASTE}\n0.3\nmuch\n", "holds more than numbers"),
        (f"{TASTE}\n0.3\n99\n", f"point 1 in korea: {TASTE} = 99"),
        (f"{TASTE},{DATA}\n0.3,0.5,\n0.4,0.5,\n", "points.csv: line 2 has 3 fields, the header 2"),
        (f"{TASTE}\n0.3\n\n0.4,0.5\n", "points.csv: line 4 has 2 fields, the header 1"),
    ],
)
def test_bad_tables_of_points(table, message, tmp_path):
    (tmp_path / "points.csv").write_text(table)
    with pytest.raises(InputError, match=re.escape(message)):
        sweep("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[]))
    with pytest.raises(InputError, match="a table of points says itself what varies"):
        sweep("korea", out=tmp_path / "sweep", vary=[TASTE], **settings(tmp_path))


def test_no_time_left_is_told_before_the_rate_is_known(capsys, monkeypatch):
    """The first runs wait for the compiler and for processes to start: an hour here, then a run a second."""
    from viz.commands import progress as bars  # not above: processes that import this file have no command line

    clock = iter([0, 3600, 3620, 3640])
    monkeypatch.setattr(bars.time, "monotonic", lambda: next(clock))
    with bars.SweepBar(quiet=False) as progress:
        for done in (1, 21, 41):
            progress.show(Progress(done, 0, 141, 0))
    assert capsys.readouterr().err.splitlines() == [
        "1 of 141 runs, 0 failed",
        "21 of 141 runs, 0 failed, 1.0 runs/s, 2 min left",
        "41 of 141 runs, 0 failed, 1.0 runs/s, 2 min left",
    ]


def test_an_export_goes_to_a_folder(reference, tmp_path, capsys):
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", "/dev/null"):
        code, _, err = command(capsys, "export", reference.folder, "--to", "csv", "--out", out)
        assert (code, err) == (2, f"injae: --out {out}: is a file; name a folder\n")


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


def test_settings_that_belong_together_are_checked_together():
    """Neither share may come first: 0.6 with the other's present 0.5 would be more than the grant."""
    for names in (("courses", "teachers"), ("teachers", "courses")):
        shares = {"courses": 0.6, "teachers": 0.3}
        plan = Scenario.load("korea").with_settings({f"levers.grant_share_{name}": shares[name] for name in names})
        assert plan.levers["grant_share_courses"] == [(0, 0.6)]


# commands


def test_a_dry_run_tells_and_leaves_nothing(tmp_path, capsys):
    arguments = ("--design", "lhs:10", "--vary", TASTE, "--policies", "korea,no-programme", "--seeds", 5, "--months", 4)
    code, out, _ = command(capsys, "sweep", *arguments, "--out", tmp_path / "sweep", "--dry-run")
    assert code == 0
    assert "10 points x 2 policies x 5 seeds: 100 runs, 100 to do" in out
    assert not (tmp_path / "sweep").exists()
    plan = make_plan(["korea"], "lhs:10", [TASTE], seeds=5, months=4)
    estimate = pilot(plan, tmp_path / "sweep", workers=2)
    assert estimate.seconds == pytest.approx(50 * estimate.seconds_per_run / 2)
    assert estimate.bytes == pytest.approx(50 * estimate.bytes_per_run)


def test_a_dry_run_counts_what_is_there(reference):
    points = str(reference.folder.parent / "points.csv")
    plan = make_plan(["korea", "double-grant"], points, [], seeds=5, months=6)
    estimate = pilot(plan, reference.folder, workers=1)
    assert (estimate.runs, estimate.left) == (40, 16)


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_export_to_tables(to, reference, tmp_path, capsys):
    code, out, _ = command(capsys, "export", reference.folder, "--to", to, "--out", tmp_path)
    assert code == 0 and out.count("\n") == 4
    read = pd.read_csv if to == "csv" else pd.read_parquet
    series, expected = read(tmp_path / f"series.{to}"), reference.series()
    assert series.columns.tolist() == expected.columns.tolist()
    for name in ("policy", "point", "seed", "month", "hires", "revenue_won"):
        assert series[name].tolist() == expected[name].tolist()
    assert np.allclose(series["adoption_share"], expected["adoption_share"])
    assert len(read(tmp_path / f"runs.{to}")) == len(read(tmp_path / f"summary.{to}")) == 24
    assert len(read(tmp_path / f"points.{to}")) == 4


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_an_export_in_parts_is_whole(to, reference, tmp_path, monkeypatch):
    """Series pass through memory a few runs at a time: every part is written, once, below one header."""
    monkeypatch.setattr(stores, "PART", 5)  # of 24 runs
    assert [part.groupby(stores.KEYS, observed=True).ngroups for part in reference.series_parts()] == [5, 5, 5, 5, 4]
    *_, file = export(reference, to, tmp_path)
    read = (pd.read_csv if to == "csv" else pd.read_parquet)(file)
    expected = reference.series()
    assert len(read) == len(expected) == 24 * 7
    for name in expected.columns:
        if name in SERIES:
            np.testing.assert_allclose(read[name].astype(float), expected[name].astype(float), rtol=1e-6)
        else:
            assert read[name].astype(str).tolist() == expected[name].astype(str).tolist(), name


def test_export_to_netcdf(reference, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    (file,) = export(reference, "netcdf", tmp_path)
    with xarray.open_dataset(file, engine="h5netcdf") as data:
        assert dict(data["hires"].sizes) == {"policy": 2, "point": 4, "seed": 3, "month": 7}
        mine = data["hires"].sel(policy="double-grant", point=1, seed=2).to_numpy()
        table = reference.series(["hires"])
        chosen = (table["policy"] == "double-grant") & (table["point"] == 1) & (table["seed"] == 2)
        assert mine.tolist() == table["hires"][chosen].tolist()
        assert data[TASTE].attrs["kind"] == "uncertainty"


def test_netcdf_without_its_packages_is_one_line(reference, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5netcdf", None)
    code, _, err = command(capsys, "export", reference.folder, "--to", "netcdf", "--out", tmp_path / "x")
    assert code == 2
    assert err == 'injae: --to netcdf: needs h5netcdf; install it with: pip install "injae[experiments]"\n'


def test_a_disk_that_fails_ends_in_one_line(tmp_path, capsys, monkeypatch):
    def full(folder, tables):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blocks, "write_block", full)
    arguments = ("--design", "oat", "--vary", TASTE, "--seeds", 1, "--months", 2, "--workers", 1)
    code, _, err = command(capsys, "sweep", *arguments, "--out", tmp_path / "sweep")
    assert code == 1
    assert "No space left on device; what is finished is kept" in err


def test_a_script_without_its_main_guard_is_told_so(tmp_path):
    """R16: processes start afresh everywhere, and what keeps them from starting is said, not waited for."""
    script = tmp_path / "script.py"
    call = f"sweep('korea', 'lhs:40', ['{TASTE}'], out={str(tmp_path / 'sweep')!r}, seeds=1, months=2, workers=2)"
    script.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom injae import sweep\n{call}\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert '`if __name__ == "__main__":`' in done.stderr.splitlines()[-1]
    assert not Sweep(tmp_path / "sweep").recorded()["id"].tolist()


NOTEBOOK = """
import asyncio, sys
del __file__
async def cell():
    from injae import sweep
    print(sweep('korea', 'lhs:4', [{taste!r}], out={out!r}, seeds=1, months=2, workers=2).status()['done'])
asyncio.run(cell())
"""


def test_a_notebook_sweeps_in_processes_and_a_program_without_a_file_is_told_so(tmp_path):
    """R16: a notebook has a main module without a file and an event loop that runs; a piped program has neither."""
    out = tmp_path / "sweep"
    cell = tmp_path / "cell.py"
    cell.write_text(NOTEBOOK.format(taste=TASTE, out=str(out)))
    settings = {"capture_output": True, "text": True, "timeout": 120, "check": False, "cwd": ROOT}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, cell], env=environment, **settings)
    assert (done.returncode, done.stdout) == (0, "4\n"), done.stderr
    shutil.rmtree(out)
    piped = f"from injae import sweep\nsweep('korea', 'lhs:4', [{TASTE!r}], out={str(out)!r}, months=2, workers=2)\n"
    done = subprocess.run([sys.executable, "-"], input=piped, **settings)
    assert done.returncode == 1
    assert "a program without a file (<stdin>) cannot start processes; save it, or use workers=1" in done.stderr


def test_every_command_has_help_with_an_example(capsys):
    for name in ("sweep", "status", "retry", "export"):
        code, out, _ = command(capsys, name, "--help")
        assert code == 0 and "Example:  injae" in out


def test_blocks_need_no_order(reference, tmp_path):
    """A failed row written later than a finished one does not hide it, whatever the clock said."""
    given = settings(tmp_path)
    store = sweep("korea", out=tmp_path / "sweep", **given)
    task = next(make_plan(["korea", "double-grant"], given["design"], [], seeds=3, months=6).tasks(set()))
    write_block(store.folder, {"runs": blocks.runs_table([(task, "failed", "late", 0.0, None)])})
    same_tables(reference, Sweep(store.folder))
