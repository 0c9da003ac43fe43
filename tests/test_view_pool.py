"""The shared pool: askers take turns, cancel only for themselves, and a process that dies harms nobody else."""

import os
import queue
import signal
import threading
import time
from pathlib import Path

import pytest

from viz.view.pool import Pool


def work(job):
    """Done in a process of the pool."""
    name, value = job
    if name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "die once":
        marker = Path(value)
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "alive"
    if name == "raise":
        raise ValueError(value)
    if name == "wait":
        while not Path(value).exists():
            time.sleep(0.01)
    return (name, value, os.getpid())


def failed(job, reason):
    return f"failed: {reason}"


@pytest.fixture(scope="module")
def pool():
    pool = Pool(work, failed, count=1)
    yield pool
    pool.close()


def ask(pool, jobs, urgency=0, cancelled=None, keys=None):
    """Submit jobs; gives the queue that their results come in."""
    results = queue.Queue()
    for n, job in enumerate(jobs):
        key = keys[n] if keys else object()
        pool.submit(key, job, urgency + n, cancelled or threading.Event(), lambda r, job=job: results.put((job, r)))
    return results


def hold(pool, tmp_path):
    """Keep the one process busy until the file that is given back exists."""
    gate = tmp_path / "gate"
    held = ask(pool, [("wait", str(gate))], urgency=-1)
    return gate, held


def test_a_process_that_dies_is_replaced_and_its_job_done_again(pool, tmp_path):
    results = ask(pool, [("die once", str(tmp_path / "marker")), ("echo", 1)])
    assert results.get(timeout=60)[1] == "alive"
    assert results.get(timeout=60)[1][:2] == ("echo", 1)


@pytest.mark.filterwarnings("ignore")
def test_a_job_that_kills_its_process_fails_alone(pool):
    results = ask(pool, [("die", 0), ("echo", 2), ("raise", "broken"), ("echo", 3)])
    found = dict(results.get(timeout=60) for _ in range(4))
    assert str(found["die", 0]).startswith("failed")
    assert str(found["raise", "broken"]).startswith("failed")
    assert found["echo", 2][:2] == ("echo", 2)
    assert found["echo", 3][:2] == ("echo", 3)


def test_askers_take_turns(pool, tmp_path):
    gate, _ = hold(pool, tmp_path)
    order = queue.Queue()
    for asker in ("first", "second"):
        for n in range(5):
            pool.submit(object(), (asker, n), n, threading.Event(), order.put)
    gate.touch()
    done = [order.get(timeout=60)[:2] for _ in range(10)]
    assert [n for _, n in done] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_cancelling_stops_only_ones_own_jobs(pool, tmp_path):
    gate, held = hold(pool, tmp_path)
    cancelled = threading.Event()
    shared = object()
    mine = ask(pool, [("a", 1), ("b", 2)], cancelled=cancelled, keys=[shared, object()])
    theirs = ask(pool, [("a", 1), ("c", 3)], keys=[shared, object()])
    cancelled.set()
    gate.touch()
    held.get(timeout=60)
    found = {theirs.get(timeout=60)[0] for _ in range(2)}
    assert found == {("a", 1), ("c", 3)}
    assert ask(pool, [("last", 0)]).get(timeout=60)[1][0] == "last"
    assert mine.empty()


def test_equal_jobs_are_done_once_and_the_more_urgent_wish_counts(pool, tmp_path):
    gate, _ = hold(pool, tmp_path)
    key = "the same"
    late = ask(pool, [("same", 0)], urgency=100, keys=[key])
    between = ask(pool, [("between", 0)], urgency=50)
    soon = ask(pool, [("same", 0)], urgency=1, keys=[key])
    gate.touch()
    (_, first), (_, second) = soon.get(timeout=60), late.get(timeout=60)
    assert first == second
    assert between.get(timeout=60)[1][0] == "between"


def test_an_asker_that_fails_to_take_a_result_harms_nobody(pool, caplog):
    def broken(result):
        raise RuntimeError("no")

    pool.submit(object(), ("x", 0), 0, threading.Event(), broken)
    assert ask(pool, [("y", 0)]).get(timeout=60)[1][0] == "y"
    assert "could not take it" in caplog.text
