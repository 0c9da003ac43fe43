"""Sweeps on a Dask cluster: a real scheduler and workers in processes of their own give the tables of a local sweep."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from sweep_cases import ROOT, TASTE, command, same_tables, swept

from injae.experiments.executors import base
from injae.experiments.executors import cluster as dask
from injae.experiments.sweeps import chunks as work
from injae.experiments.sweeps.store import Sweep
from injae.experiments.sweeps.sweep import Execution, retry

SWEEP = {"design": "lhs:12", "vary": [f"{TASTE}=0.2:0.4"], "policies": ["double-grant"], "seeds": 2, "months": 24}
_one_run = work.one_run


class Processes:
    """A scheduler and its workers, from their command lines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = str(folder / "scheduler.json")
        self.started = []
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", self.address)
        waited(lambda: (folder / "scheduler.json").exists())

    def start(self, kind: str, *options: str, sources: Path = ROOT) -> None:
        program = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *options]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(sources / "src"), str(ROOT / "tests")])}
        log = (self.folder / f"{kind}.log").open("a")
        self.started.append(subprocess.Popen(program, cwd=sources, env=environment, stdout=log, stderr=log))
        log.close()

    def start_workers(self, count: int, **where: Path) -> None:
        options = ("--nworkers", str(count), "--nthreads", "1", "--local-directory", str(self.folder))
        self.start("worker", "--scheduler-file", self.address, *options, **where)

    def stop(self) -> None:
        for process in reversed(self.started):
            process.terminate()
        for process in self.started:
            process.wait(30)


def waited(condition, seconds=60):
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module", autouse=True)
def distributed():
    return pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster(distributed, tmp_path_factory):
    """Two workers, each with a nanny that starts it again when it dies."""
    processes = Processes(tmp_path_factory.mktemp("cluster"))
    processes.start_workers(2)
    with distributed.Client(scheduler_file=processes.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        processes.client = client
        yield processes
    processes.stop()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The same sweep in this process."""
    return swept("korea", out=tmp_path_factory.mktemp("reference") / "sweep", workers=1, **SWEEP)


def test_a_killed_worker_costs_its_chunk_and_the_tables_are_those_of_a_local_sweep(cluster, reference, tmp_path):
    """R1 and R2 across machines: names, order and content of all runs are the same, and nothing is lost."""
    before = cluster.client.run(os.getpid)
    seen = []

    def kill_one(progress):
        if not seen:
            os.kill(next(iter(before.values())), signal.SIGKILL)
        seen.append(progress)

    store = swept("korea", out=tmp_path / "sweep", cluster=cluster.address, progress=kill_one, **SWEEP)
    same_tables(reference, store)
    assert seen[-1][:3] == (48, 0, 48)
    rows = pd.concat(pd.read_parquet(file) for file in (tmp_path / "sweep" / "runs").iterdir())
    assert rows["status"].eq("done").all() and rows["id"].nunique() == 48
    cluster.client.wait_for_workers(2, timeout=60)
    assert set(cluster.client.run(os.getpid).values()) != set(before.values())  # one did die
    assert store.manifest["receipt"] == reference.manifest["receipt"]


def _fails_here_and_there(order, task):
    """Point 1 raises, point 2 kills its worker, point 3 never ends; for seed 0 of korea only."""
    if task.seed == 0 and task.policy == "korea":
        if task.point == 1:
            raise ZeroDivisionError("planted")
        if task.point == 2:
            os._exit(9)
        if task.point == 3:
            time.sleep(600)
    return _one_run(order, task)


def test_bad_runs_lose_no_other_and_can_be_retried_on_the_cluster(cluster, reference, tmp_path, monkeypatch):
    """R3 and R4 across machines."""
    monkeypatch.setattr(work, "one_run", _fails_here_and_there)
    store = swept("korea", out=tmp_path / "sweep", cluster=cluster.address, seconds_per_run=3, **SWEEP)
    runs = store.runs
    bad = runs[runs["status"] != "done"]
    assert bad[["policy", "point", "seed", "status"]].to_numpy().tolist() == [
        ["korea", 1, 0, "failed"],
        ["korea", 2, 0, "died"],
        ["korea", 3, 0, "cut"],
    ]
    error, death, endless = bad["reason"]
    assert error.startswith("ZeroDivisionError: planted\n")
    assert re.search(r"died twice \(worker tcp://127\.0\.0\.1:\d+ of the cluster is gone", death)
    assert endless == "over its budget of 3 s and did not end; its process was killed"
    assert store.status()["left"] == 0
    monkeypatch.setattr(work, "one_run", _one_run)
    same_tables(reference, retry(tmp_path / "sweep", Execution(cluster=cluster.address)))


def test_an_interrupt_ends_cleanly_and_the_same_command_goes_on(cluster, reference, tmp_path):
    """What runs keeps its block, workers are free again, and a worker killed meanwhile changes nothing."""
    out = tmp_path / "sweep"
    arguments = ["--design", "lhs:12", "--vary", f"{TASTE}=0.2:0.4", "--policies", "double-grant", "--seeds", "2"]
    program = [sys.executable, "-m", "injae", "sweep", "korea", *arguments, "--out", str(out), "--cluster"]
    program += [cluster.address, "--quiet", "--months"]
    process = subprocess.Popen([*program, "24"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    waited(lambda: list(out.glob("runs/*.parquet")) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    kept = Sweep(out).recorded().set_index("id")["block"]
    if len(kept) < 48:
        assert process.returncode == 1
        assert re.fullmatch(
            r"injae: stopped early; (1 finished run is|\d+ finished runs are) kept; go on with: injae sweep .*\n",
            errors,
        )
    waited(lambda: not any(cluster.client.processing().values()))
    store = swept("korea", out=out, cluster=cluster.address, **SWEEP)
    same_tables(reference, store)
    assert store.recorded().set_index("id")["block"][kept.index].equals(kept)


def _slow(order, task):
    time.sleep(1)
    return _one_run(order, task)


def test_an_interrupt_waits_for_runs_in_hand_not_for_chunks(cluster, tmp_path, monkeypatch):
    """Two workers are to do eleven runs each when one has written some of them; they do not do all the others."""
    monkeypatch.setattr(work, "one_run", _slow)
    monkeypatch.setattr(work, "CHUNK_SECONDS", 1000.0)
    monkeypatch.setattr(base, "LEAVE_SECONDS", 300.0)  # time enough to do them all

    pressed = []

    def stop(progress):
        if progress.done > 2 and not pressed:  # the first runs come one by one, until it is known how long they take
            pressed.append(progress)
            raise KeyboardInterrupt

    store = swept("korea", out=tmp_path / "sweep", cluster=cluster.address, progress=stop, **{**SWEEP, "months": 1})
    assert store.interrupted
    assert 2 < store.status()["done"] < 2 + 2 * 11 - 4


SMALL = ("sweep", "--design", "oat", "--vary", TASTE, "--seeds", "1", "--months", "2")


@pytest.mark.parametrize(
    ("address", "code", "message"),
    [
        ("nonsense", 2, "--cluster nonsense: needs the address of a Dask scheduler, such as tcp://10.0.0.1:8786"),
        ("nowhere.json", 2, "--cluster nowhere.json: there is no such scheduler file"),
        ("tcp://127.0.0.1:9", 1, "no Dask scheduler answers at tcp://127.0.0.1:9 within 1 s"),
    ],
)
def test_no_cluster_is_one_line(address, code, message, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 1.0)
    found, out, err = command(capfd, *SMALL, "--out", tmp_path / "sweep", "--cluster", address)
    assert (found, out) == (code, "")
    assert message in err and err.count("\n") == 1


def test_workers_of_another_state_are_refused_in_one_line(tmp_path, capfd):
    """No worker at first, which is waited for; then one whose model has one line more; no run is done by it."""
    copy = tmp_path / "copy"
    for name in ("agents", "model", "experiments", "data", "scenarios", "src"):
        shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "model" / "month.py").open("a") as file:
        file.write("# another state\n")
    processes = Processes(tmp_path)
    try:
        processes.start_workers(1, sources=copy)
        arguments = (*SMALL, "--out", tmp_path / "sweep", "--cluster", processes.address)
        code, _, err = command(capfd, *arguments)
        assert code == 1
        assert (
            re.search(r"worker tcp://\S+ has another .*start it again from the same sources", err) and len(err) <= 301
        )
        assert err.count("\n") == 1
        assert not len(Sweep(tmp_path / "sweep").recorded())
    finally:
        processes.stop()


def test_a_scheduler_that_dies_is_one_line_and_what_is_finished_is_kept(reference, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 2.0)
    processes = Processes(tmp_path)
    try:
        processes.start_workers(1)
        with pytest.raises(work.WorkersCannotStart, match="the scheduler of the cluster is gone"):
            swept(
                "korea", out=tmp_path / "sweep", cluster=processes.address, **SWEEP,
                progress=lambda progress: processes.started[0].kill(),
            )  # fmt: skip
    finally:
        processes.stop()
    assert capfd.readouterr().err == ""
    kept = Sweep(tmp_path / "sweep").recorded().set_index("id")["block"]
    assert len(kept)
    store = swept("korea", out=tmp_path / "sweep", workers=1, **SWEEP)  # a cluster's folder is any folder
    same_tables(reference, store)
    assert store.recorded().set_index("id")["block"][kept.index].equals(kept)


def test_a_folder_that_workers_do_not_see_is_one_line(cluster, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(work, "_digest_of_manifest", lambda folder: "of another disk")
    arguments = (*SMALL, "--out", tmp_path / "sweep", "--cluster", cluster.address)
    code, _, err = command(capfd, *arguments)
    assert code == 1 and err.count("\n") == 1
    assert (
        f"{tmp_path / 'sweep'}: worker" in err
        and "does not see this sweep; its folder must be on a disk that both share" in err
    )


def test_a_cluster_and_processes_exclude_each_other(tmp_path, capsys):
    arguments = (*SMALL, "--out", tmp_path / "sweep", "--cluster", "tcp://127.0.0.1:9", "--workers", 2)
    code, _, err = command(capsys, *arguments)
    assert (code, err) == (2, "injae: --workers 2: a cluster has workers of its own; leave one of them out\n")
    assert not (tmp_path / "sweep").exists()


def test_without_dask_it_is_said_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    code, _, err = command(capsys, *SMALL, "--out", tmp_path / "sweep", "--cluster", "tcp://127.0.0.1:9")
    assert (code, err) == (2, 'injae: --cluster: needs distributed; install it with: pip install "injae[cluster]"\n')


@pytest.mark.parametrize(("expected", "why"), [(True, "retired by the cluster"), (False, "killed, or out of memory")])
def test_a_worker_that_was_let_go_is_not_said_to_be_killed(expected, why):
    member = dask._Member(SimpleNamespace(topic="injae"), "tcp://127.0.0.1:1")
    member.heard.put(("gone", expected))
    with pytest.raises(base.WorkerDied, match=f"is gone: {why}") as died:
        member._await(None, SimpleNamespace(cancel=lambda: None))
    assert died.value.retired is expected
