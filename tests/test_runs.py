"""Many runs: the same results for any number of workers, any order, any process; one failure loses nothing else."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import injae.experiments.runs as runs
from injae.experiments.runs import simulate, simulate_all
from injae.experiments.summary import paired_difference, summarise
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.scenario import Scenario

ROOT = Path(__file__).resolve().parent.parent
SHORT = Scenario.load("korea", ["months=18"])


def digest(history):
    return hashlib.sha256(np.asarray(history).tobytes()).hexdigest()


def digests(results):
    return {run.seed: digest(run.history) for run in results.runs}


def test_workers_and_order_do_not_matter():
    one = digests(simulate(SHORT, 6, workers=1))
    two = digests(simulate(SHORT, 6, workers=2))
    backwards = digests(simulate(SHORT, [5, 4, 3, 2, 1, 0], workers=1))
    assert one == two == backwards
    assert len(set(one.values())) == 6


def test_a_fresh_process_gives_the_same(tmp_path):
    code = (
        "import hashlib, numpy as np; from injae import Ecosystem, Scenario;"
        "m = Ecosystem(Scenario.load('korea', ['months=18']), 3).run();"
        "print(hashlib.sha256(np.asarray(m.history).tobytes()).hexdigest())"
    )
    fresh = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert fresh.stdout.strip() == digest(Ecosystem(SHORT, 3).run().history)


def test_events_and_registered_people_change_nothing():
    plain = Ecosystem(SHORT, 2).run(6)
    watched = Ecosystem(SHORT, 2, events=True).register_people().run(6)
    assert digest(plain.history[:7]) == digest(watched.history[:7])
    assert len(watched.events) > 0


def test_a_failing_run_loses_no_other(monkeypatch):
    real = runs.Ecosystem

    def fails_for_seed_2(plan, seed, **options):
        if seed == 2:
            raise ZeroDivisionError("planted")
        return real(plan, seed, **options)

    monkeypatch.setattr(runs, "Ecosystem", fails_for_seed_2)
    results = simulate(SHORT, 4, workers=1)
    assert results.seeds == [0, 1, 3]
    assert [run.seed for run in results.failures] == [2]
    assert "planted" in results.failures[0].error
    assert summarise(results)["adoption_share_at_end"].seeds == 3


def test_a_killed_worker_costs_nothing(monkeypatch, tmp_path):
    """A process of the pool dies in the middle; every run is there in the end."""
    monkeypatch.setenv("INJAE_TEST_MARK", str(tmp_path / "died"))
    monkeypatch.setattr(runs, "do", _die_once)
    results = simulate(SHORT, 6, workers=2)
    assert results.seeds == [0, 1, 2, 3, 4, 5]
    assert not results.failures


def _die_once(job):
    mark = Path(os.environ["INJAE_TEST_MARK"])
    if job.seed == 3 and not mark.exists():
        mark.touch()
        os._exit(9)
    return _do(job)


def test_a_run_that_always_dies_is_the_only_one_that_fails(monkeypatch):
    monkeypatch.setattr(runs, "do", _die_always)
    results = simulate(SHORT, 6, workers=2)
    assert results.seeds == [0, 1, 2, 3, 5]
    assert [run.seed for run in results.failures] == [4]
    assert "died twice" in results.failures[0].error


def _die_always(job):
    if job.seed == 4:
        os._exit(9)
    return _do(job)


@pytest.mark.parametrize("seeds", [0, [], [-1], 2**40, "ab"])
def test_seeds_that_cannot_be(seeds):
    with pytest.raises(InputError, match="needs at least one whole number"):
        simulate(SHORT, [seeds] if seeds == 2**40 else seeds, workers=1)


_do = runs.do


def test_interrupt_keeps_what_is_finished(monkeypatch):
    def stop_after_two(done, total):
        if done == 2:
            raise KeyboardInterrupt

    results = simulate(SHORT, 5, workers=1, progress=stop_after_two)
    assert results.interrupted
    assert results.seeds == [0, 1]


def test_tidy_series_carry_units():
    table = simulate(SHORT, 2, workers=1).series()
    assert len(table) == 2 * 19
    assert table.attrs["units"]["hires"] == "persons per month"
    assert table.groupby("seed")["month"].max().eq(18).all()


def test_paired_difference_is_the_difference_on_the_same_seeds():
    doubled = SHORT.with_changes(["levers.grant_scale=2"])
    mine, base = simulate_all([doubled, SHORT], 4, uncertainty="aleatory", workers=1)
    gap = paired_difference(mine, base, "grant_won", 13, least=4)
    assert gap.mean == gap.low == gap.high == 6 * 10**9  # a year is paid in its January
    with pytest.raises(ValueError, match="no seed in common"):
        paired_difference(mine, simulate(SHORT, [9], workers=1), "grant_won", 18)


def test_summary_of_known_runs():
    results = simulate(Scenario.load("korea", ["months=72", "target.experts=1"]), 3, uncertainty="aleatory", workers=1)
    summary = summarise(results, least=1)
    assert summary["probability_of_target"].mean == 1
    assert summary["probability_of_target"].low < 1
    graduates = results.values("programme_graduates_cumulative")[:, 60]
    assert summary["programme_graduates_by_target_date"].mean == pytest.approx(graduates.mean())
    cost = np.mean(28.5e9 / graduates)
    assert summary["cost_per_programme_graduate_won"].mean == pytest.approx(cost)


def test_silly_seeds_and_months_are_refused():
    with pytest.raises(InputError, match="twice"):
        simulate(SHORT, seeds=[1, 1])
    with pytest.raises(InputError, match="at least 0"):
        Ecosystem(SHORT, -1)
    for months in (-3, 10_000):
        with pytest.raises(InputError, match="months left"):
            Ecosystem(SHORT, 1).run(months)


def test_steps_after_the_last_month_are_noted():
    assert SHORT.too_late() == []
    late = SHORT.with_changes(["levers.data_access@2050-01=0.8"])
    assert ["2050-01" in line and "last month" in line for line in late.too_late()] == [True]
