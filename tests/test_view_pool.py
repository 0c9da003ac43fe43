"""The shared pool: askers take turns, cancel only for themselves, and a process that dies harms nobody else."""

import os
import queue
import signal
import threading
import time
from pathlib import Path

import pytest

from viz.view.pool import Pool


def work(job, check):
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
    if name == "long until asked again" and Path(value).exists():
        return "done"
    if name.startswith("long"):
        Path(value).touch()
        while True:
            try:
                check()
            finally:
                time.sleep(0.2)
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


def test_a_job_under_way_that_nobody_wants_any_more_is_given_up(pool, tmp_path):
    one, other = threading.Event(), threading.Event()
    job, key = ("long", str(tmp_path / "begun")), object()
    left = ask(pool, [job], cancelled=one, keys=[key])
    ask(pool, [job], cancelled=other, keys=[key])
    after = ask(pool, [("after", 0)])
    while not Path(job[1]).exists():
        time.sleep(0.01)
    one.set()
    with pytest.raises(queue.Empty):
        after.get(timeout=0.3)
    other.set()
    pid = after.get(timeout=60)[1][2]
    assert left.empty()
    assert ask(pool, [("the same process", 0)]).get(timeout=60)[1][2] == pid


def test_a_job_that_is_given_up_is_done_for_who_came_meanwhile(pool, tmp_path):
    job, cancelled, key = ("long until asked again", str(tmp_path / "begun")), threading.Event(), object()
    ask(pool, [job], cancelled=cancelled, keys=[key])
    while not Path(job[1]).exists():
        time.sleep(0.01)
    cancelled.set()
    time.sleep(0.1)  # it is giving up now, for another tenth of a second at least
    assert ask(pool, [job], keys=[key]).get(timeout=60)[1] == "done"


def test_who_asks_for_a_job_as_it_is_given_up_still_gets_it(pool, tmp_path):
    gate = tmp_path / "gate"
    cancelled, key = threading.Event(), object()
    ask(pool, [("wait", str(gate))], cancelled=cancelled, keys=[key])
    cancelled.set()
    time.sleep(0.1)  # it is told to give up, and does not look yet
    again = ask(pool, [("wait", str(gate))], keys=[key])
    gate.touch()
    assert again.get(timeout=60)[1][:2] == ("wait", str(gate))
    assert ask(pool, [("next", 0)]).get(timeout=60)[1][:2] == ("next", 0), "what was said too late disturbs nobody"


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
