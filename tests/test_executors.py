"""Executors: calls outlive their workers, askers take turns and cancel only for themselves, whatever goes wrong."""

import os
import queue
import signal
import subprocess
import sys
import time
from concurrent import futures
from pathlib import Path

import pytest

from injae.experiments.executors import processes
from injae.experiments.executors.base import WorkerDied, WorkersCannotStart
from injae.experiments.executors.processes import ProcessExecutor
from injae.experiments.executors.shared import SharedCalls
from injae.experiments.executors.worker import check_wanted, here


def work(job):
    """Done in a process."""
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
                check_wanted()
            finally:
                time.sleep(0.2)
    return (name, value, os.getpid())


@pytest.fixture(scope="module")
def executor():
    with ProcessExecutor(1) as executor:
        yield executor


@pytest.fixture(scope="module")
def calls(executor):
    return SharedCalls(executor)


def ask(calls, jobs, urgency=0, keys=None):
    """Submit jobs; gives the futures, and the queue that their results come in."""
    results, asked = queue.Queue(), []
    for n, job in enumerate(jobs):
        future = calls.submit(keys[n] if keys else object(), work, job, urgency=urgency + n)
        future.add_done_callback(lambda f, job=job: f.cancelled() or results.put((job, f.exception() or f.result())))
        asked.append(future)
    return asked, results


def result(calls, job, key=None):
    return calls.submit(key or object(), work, job).result(timeout=60)


def hold(calls, tmp_path):
    """Keep the one process busy until the file that is given back exists."""
    gate = tmp_path / "gate"
    _, held = ask(calls, [("wait", str(gate))], urgency=-1)
    return gate, held


def test_a_process_that_dies_is_replaced_and_its_job_done_again(calls, tmp_path):
    _, results = ask(calls, [("die once", str(tmp_path / "marker")), ("echo", 1)])
    assert results.get(timeout=60)[1] == "alive"
    assert results.get(timeout=60)[1][:2] == ("echo", 1)


def test_a_job_that_kills_its_process_fails_alone(calls):
    _, results = ask(calls, [("die", 0), ("echo", 2), ("raise", "broken"), ("echo", 3)])
    found = dict(results.get(timeout=60) for _ in range(4))
    assert isinstance(found["die", 0], WorkerDied) and "SIGKILL" in str(found["die", 0])
    assert isinstance(found["raise", "broken"], ValueError) and str(found["raise", "broken"]) == "broken"
    assert "in work" in found["raise", "broken"].__notes__[0], "where it happened is told"
    assert found["echo", 2][:2] == ("echo", 2)
    assert found["echo", 3][:2] == ("echo", 3)


def test_askers_take_turns(calls, tmp_path):
    gate, _ = hold(calls, tmp_path)
    order = queue.Queue()
    for asker in ("first", "second"):
        for n in range(5):
            calls.submit(object(), work, (asker, n), urgency=n).add_done_callback(lambda f: order.put(f.result()))
    gate.touch()
    done = [order.get(timeout=60)[:2] for _ in range(10)]
    assert [n for _, n in done] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_cancelling_stops_only_ones_own_jobs(calls, tmp_path):
    gate, held = hold(calls, tmp_path)
    shared = object()
    asked, mine = ask(calls, [("a", 1), ("b", 2)], keys=[shared, object()])
    _, theirs = ask(calls, [("a", 1), ("c", 3)], keys=[shared, object()])
    assert all(future.cancel() for future in asked)
    gate.touch()
    held.get(timeout=60)
    found = {theirs.get(timeout=60)[0] for _ in range(2)}
    assert found == {("a", 1), ("c", 3)}
    assert result(calls, ("last", 0))[0] == "last"
    assert mine.empty()


def test_a_job_under_way_that_nobody_wants_any_more_is_given_up(calls, tmp_path):
    job, key = ("long", str(tmp_path / "begun")), object()
    (one,), left = ask(calls, [job], keys=[key])
    (other,), _ = ask(calls, [job], keys=[key])
    _, after = ask(calls, [("after", 0)])
    while not Path(job[1]).exists():
        time.sleep(0.01)
    one.cancel()
    with pytest.raises(queue.Empty):
        after.get(timeout=0.3)
    other.cancel()
    pid = after.get(timeout=60)[1][2]
    assert left.empty()
    assert result(calls, ("the same process", 0))[2] == pid


def test_a_job_that_is_given_up_is_done_for_who_came_meanwhile(calls, tmp_path):
    job, key = ("long until asked again", str(tmp_path / "begun")), object()
    (asked,), _ = ask(calls, [job], keys=[key])
    while not Path(job[1]).exists():
        time.sleep(0.01)
    asked.cancel()
    time.sleep(0.1)  # it is giving up now, for another tenth of a second at least
    assert result(calls, job, key) == "done"


def test_who_asks_for_a_job_as_it_is_given_up_still_gets_it(calls, tmp_path):
    gate, key = tmp_path / "gate", object()
    (asked,), _ = ask(calls, [("wait", str(gate))], keys=[key])
    time.sleep(0.1)
    asked.cancel()
    time.sleep(0.1)  # it is told to give up, and does not look yet
    _, again = ask(calls, [("wait", str(gate))], keys=[key])
    gate.touch()
    assert again.get(timeout=60)[1][:2] == ("wait", str(gate))
    assert result(calls, ("next", 0))[:2] == ("next", 0), "what was said too late disturbs nobody"


def test_equal_jobs_are_done_once_and_the_more_urgent_wish_counts(calls, tmp_path):
    gate, _ = hold(calls, tmp_path)
    key = "the same"
    _, late = ask(calls, [("same", 0)], urgency=100, keys=[key])
    _, between = ask(calls, [("between", 0)], urgency=50)
    _, soon = ask(calls, [("same", 0)], urgency=1, keys=[key])
    gate.touch()
    (_, first), (_, second) = soon.get(timeout=60), late.get(timeout=60)
    assert first == second
    assert between.get(timeout=60)[1][0] == "between"


def test_an_asker_that_fails_to_take_a_result_harms_nobody(calls, caplog):
    def broken(future):
        raise RuntimeError("no")

    calls.submit(object(), work, ("x", 0)).add_done_callback(broken)
    assert result(calls, ("y", 0))[0] == "y"
    assert "exception calling callback" in caplog.text


def _tells(count):
    for n in range(count):
        here().tell(n)
    return os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_NUM_THREADS"]


def test_what_a_call_tells_comes_before_what_it_gives_and_it_has_one_thread(executor):
    told = []
    assert executor.submit(_tells, 3, listen=told.append).result(timeout=60) == ("1", "1")
    assert told == [0, 1, 2]


def test_a_call_is_begun_as_often_as_it_may_be(executor):
    with pytest.raises(WorkerDied):
        executor.submit(work, ("die", 0), attempts=1).result(timeout=60)


def _ends_after(seconds):
    here().end_after(seconds)
    time.sleep(60)


def test_a_call_that_does_not_end_by_its_deadline_ends_its_process(executor):
    with pytest.raises(WorkerDied, match="exit code 1"):
        executor.submit(_ends_after, 0.2, attempts=1).result(timeout=30)


def test_shutting_down_drops_what_waits_and_stops_what_is_under_way(tmp_path):
    executor = ProcessExecutor(1)
    under_way = executor.submit(work, ("long", str(tmp_path / "begun")))
    waits = executor.submit(work, ("echo", 0))
    while not (tmp_path / "begun").exists():
        time.sleep(0.01)
    executor.shutdown(cancel_futures=True)
    assert waits.cancelled()
    with pytest.raises(futures.CancelledError):
        under_way.result(timeout=0)
    with pytest.raises(RuntimeError, match="shut down"):
        executor.submit(work, ("echo", 0))


@pytest.mark.parametrize(("source", "code"), [("-", 1), ("script.py", 1)])
def test_a_program_whose_processes_cannot_start_is_told_why(source, code, tmp_path):
    """One without a file, and one that begins anew wherever it is read."""
    text = (
        "from injae.experiments.executors.processes import ProcessExecutor\n"
        "print(ProcessExecutor(1).submit(abs, -1).result())\n"
    )
    (tmp_path / "script.py").write_text(text)
    program = [sys.executable, source]
    done = subprocess.run(
        program, input=text, cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent / "src")},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (code, "")
    assert WorkersCannotStart.__name__ in done.stderr.splitlines()[-1]
    assert ("without a file" if source == "-" else '`if __name__ == "__main__":`') in done.stderr.splitlines()[-1]


def test_there_are_as_many_workers_as_processors_that_this_program_may_use(monkeypatch):
    """A container or a Slurm job has a part of the machine."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1, 5, 7}, raising=False)
    assert processes.default_workers() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processes.default_workers() == 1
