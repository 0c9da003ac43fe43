"""Sweeps: the same tables whatever happens on the way, and nothing run twice."""

import gc
import json
import os
import random
import re
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sweep_cases import DATA, PAY, ROOT, TABLE, TASTE, command, same_tables, settings, swept

from injae.experiments.compare import compare
from injae.experiments.manifest import receipt_of
from injae.experiments.runs import simulate
from injae.experiments.sweeps import blocks, merge
from injae.experiments.sweeps import chunks as work
from injae.experiments.sweeps import plan as sweep_plan
from injae.experiments.sweeps.identities import case_of
from injae.experiments.sweeps.plan import make_plan
from injae.experiments.sweeps.store import Sweep
from injae.experiments.sweeps.sweep import Execution, retry, run_plan
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.record import DTYPE, SERIES
from injae.model.scenario import Scenario

_one_run = work.one_run


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
        results = simulate(plan, 3, uncertainty="aleatory", workers=1)
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


def test_policies_share_noise_until_they_act(tmp_path):
    """R7, second half: to the last digit before, different after."""
    (tmp_path / "points.csv").write_text(f"{DATA},levers.borders_open@2025-05\n0.1,\n0.9,0\n")
    table = swept("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[])).series()
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


def test_people_and_events_are_kept_when_asked(tmp_path, capsys):
    given = settings(tmp_path, policies=[], seeds=1, months=4)
    store = swept("korea", out=tmp_path / "sweep", keep=("people", "events"), **given)
    people, events = store.table("people"), store.table("events")
    assert people.groupby("point").size().min() > 1000
    assert set(events["person"]) <= set(people["key"])
    capsys.readouterr()
    code, _, err = command(capsys, "export", store.folder, "--to", "csv", "--out", tmp_path / "out")
    places = f"{store.folder / 'people'} and {store.folder / 'events'}"
    assert (code, err) == (0, f"injae: not exported: people and events; Parquet files in {places}\n")
    with pytest.raises(InputError, match="holds another sweep: it keeps people and events"):
        swept("korea", out=tmp_path / "sweep", **given)


# the same whatever happens


def test_processes_give_the_same_tables(reference, tmp_path):
    """R1."""
    same_tables(reference, swept("korea", out=tmp_path / "sweep", **settings(tmp_path, workers=2)))


@pytest.mark.slow
def test_eight_processes_in_whatever_order_give_the_same_tables(reference, tmp_path, monkeypatch):
    """R1: runs are handed out in a random order, and finish in another."""
    in_order = sweep_plan.Plan.tasks

    def shuffled(plan, finished):
        tasks = list(in_order(plan, finished))
        random.Random(3).shuffle(tasks)
        return iter(tasks)

    monkeypatch.setattr(sweep_plan.Plan, "tasks", shuffled)
    same_tables(reference, swept("korea", out=tmp_path / "sweep", **settings(tmp_path, workers=8)))


def test_growing_gives_the_same_tables_and_repeats_nothing(reference, tmp_path):
    """R8, and the order of doing does not matter: points, then seeds, then a policy are added."""
    (tmp_path / "points.csv").write_text("\n".join(TABLE.splitlines()[:3]))
    first = swept("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=1))
    kept = first.recorded().set_index("id")["block"]
    assert len(kept) == 2
    (tmp_path / "points.csv").write_text(TABLE)
    swept("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=1))
    swept("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[]))
    grown = swept("double-grant", out=tmp_path / "sweep", **settings(tmp_path, policies=[]))
    assert grown.recorded().set_index("id")["block"].loc[kept.index].equals(kept)
    rows = sum(len(pd.read_parquet(file)) for file in (tmp_path / "sweep" / "runs").iterdir())
    assert rows == 24
    same_tables(reference, grown)
    smaller = swept("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=1))
    assert smaller.status()["runs"] == 24  # asking for less takes nothing away


def test_models_are_let_go(tmp_path):
    """R5: memory does not grow with the number of runs; Mesa alone would keep every model."""
    gc.collect()
    before = sum(isinstance(thing, Ecosystem) for thing in gc.get_objects())
    swept("korea", out=tmp_path / "sweep", **settings(tmp_path))
    simulate(Scenario.load("korea", ["months=2"]), 3, workers=1)
    gc.collect()
    assert sum(isinstance(thing, Ecosystem) for thing in gc.get_objects()) <= before + 1  # the one that warmed up


def test_a_block_lets_go_of_what_it_has_written(tmp_path, monkeypatch):
    """R5: the tables are right all the same if it does not, since rows of other blocks do not count."""
    monkeypatch.setattr(blocks, "BLOCK_RUNS", 5)
    store = swept("korea", out=tmp_path / "sweep", **settings(tmp_path))
    names = [path.name for path in (store.folder / "runs").iterdir()]
    assert len(names) == 5
    for name in names:
        own = pd.read_parquet(store.folder / "runs" / name)["id"]
        assert pd.read_parquet(store.folder / "summary" / name)["run"].tolist() == own.tolist()


def test_equal_cases_are_run_once(tmp_path):
    (tmp_path / "points.csv").write_text(f"{TASTE}\n0.3\n0.2\n0.3\n\n")
    store = swept("korea", out=tmp_path / "sweep", **settings(tmp_path, policies=[], seeds=2))
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
    monkeypatch.setattr(merge, "SMALL_BLOCKS", 1000)  # a run that is done stays in the block that it was written to
    monkeypatch.setattr(work, "one_run", _fails_here_and_there)
    store = swept("korea", out=tmp_path / "sweep", **settings(tmp_path, workers=2), seconds_per_run=3)
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

    again = swept("korea", out=tmp_path / "sweep", **settings(tmp_path))
    assert again.status()["failed"] == 3  # the sweep itself does not repeat what failed
    monkeypatch.setattr(work, "one_run", _one_run)
    repaired = retry(tmp_path / "sweep", Execution(1))
    same_tables(reference, repaired)
    assert repaired.recorded().set_index("id")["block"][kept.index].equals(kept)


def test_failures_are_said_and_the_exit_code_is_1(tmp_path, monkeypatch, capsys):
    def fails_at_point_2(order, task):
        if task.point == 2:
            raise ZeroDivisionError("planted")
        return _one_run(order, task)

    monkeypatch.setattr(work, "one_run", fails_at_point_2)
    (tmp_path / "points.csv").write_text(TABLE)
    arguments = ("sweep", "--design", tmp_path / "points.csv", "--seeds", 2, "--months", 4, "--out", tmp_path / "sweep")
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
    whole = swept("korea", out=tmp_path / "whole", **given)
    monkeypatch.setattr(work, "one_run", _fails_at_every_twentieth_point)
    store = swept("korea", out=tmp_path / "sweep", **given)
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
    plan = make_plan(["korea"], "oat", [TASTE], seeds=1, changes=["months=25"])
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

    store = swept("korea", out=tmp_path / "sweep", **settings(tmp_path), progress=stop)
    assert store.interrupted
    assert store.status()["done"] == 10
    seen = []
    store = swept("korea", out=tmp_path / "sweep", **settings(tmp_path), progress=seen.append)
    assert seen[0].before == 10 and seen[-1] == (14, 0, 24, 10)
    same_tables(reference, store)


MANY = ("--design", "lhs:16", "--vary", TASTE, "--vary", f"{PAY}=0.7:2.1:log", "--seeds", "2", "--months", "60")


children = runpy.run_path(str(ROOT / "benchmarks" / "kill_resume.py"))["children"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_killed_at_random_moments_and_resumed(tmp_path):
    """R2: parent and workers are killed, or the parent interrupted; in the end the tables of an undisturbed sweep."""
    plan = make_plan(["korea"], MANY[1], [MANY[3], MANY[5]], seeds=2, changes=["months=60"])
    expected = run_plan(plan, tmp_path / "whole", Execution(1))
    out = tmp_path / "killed"
    program = [sys.executable, "-m", "injae", "sweep", *MANY, "--workers", "2", "--out", str(out), "--quiet"]
    dice, finished_before = random.Random(5), 0
    for victim in ("parent", "worker", "interrupt"):
        process = subprocess.Popen(program, stderr=subprocess.PIPE, text=True)
        blocks = len(list(out.glob("runs/*.parquet")))
        while process.poll() is None and len(list(out.glob("runs/*.parquet"))) <= blocks:
            time.sleep(0.02)
        time.sleep(dice.uniform(0, 0.5))
        workers = children(process.pid)
        if victim == "worker" and workers:
            os.kill(dice.choice(workers), signal.SIGKILL)
            time.sleep(dice.uniform(0, 0.5))
        process.send_signal(signal.SIGINT if victim == "interrupt" else signal.SIGKILL)
        _, errors = process.communicate(timeout=120)
        # a process that is done and only has to end may be cut off without a word
        if victim == "interrupt" and process.returncode and len(Sweep(out).recorded()) < 32:
            assert process.returncode == 1
            assert re.search(
                r"stopped early; (1 finished run is|\d+ finished runs are) kept; go on with: injae sweep", errors
            )
        finished = len(Sweep(out).recorded())
        assert finished > finished_before or finished == 32
        finished_before = finished
    kept = Sweep(out).recorded().set_index("id")["block"]
    same_tables(expected, run_plan(plan, out, Execution(1)))
    assert Sweep(out).recorded().set_index("id")["block"][kept.index].equals(kept)


def test_results_show_themselves_in_a_line_and_a_figure(reference):
    plan = Scenario.load("korea", ["months=12"])
    results = simulate(plan, 2, uncertainty="aleatory", workers=1)
    assert repr(results) == "<Results of korea: 2 runs (noise alone), 2024-12 to 2025-12>"
    assert repr(results.runs[1]) == "<Run of korea, seed 1, 12 months>"
    assert "<td>specialists</td>" in results._repr_html_()
    assert receipt_of([plan], [0, 1]) in results.plot().get_supxlabel()
    comparison = compare([plan, plan.with_changes(["levers.grant_scale=0"])], 2, uncertainty="aleatory", workers=1)
    assert len(repr(comparison)) < 100 and "<td>specialists_at_end</td>" in comparison._repr_html_()
    assert len(comparison.plot().axes) > 1
    assert re.fullmatch(r"<Sweep '.*': .* seeds; \d+ of \d+ runs done>", repr(reference))
    figure = reference.plot(outcome="adoption_share_at_end")
    assert figure.get_supylabel() == "adoption share at end (share)" and figure.axes[0].collections
