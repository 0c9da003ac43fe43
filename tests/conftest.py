"""Shared runs: each (scenario, seed) is simulated once for all tests of a process."""

import functools

import numpy as np
import pytest

from model.ecosystem import Ecosystem
from model.scenario import Scenario

PRESETS = ("korea", "no-programme", "double-grant", "closed-borders", "strict-regulation", "open-data")


def pytest_configure(config):
    """Compile the model once, before several processes would do it at the same time."""
    if not hasattr(config, "workerinput"):
        Ecosystem("korea", 0).run(1)


@functools.cache
def history_of(scenario: str, seed: int, months: int = 120, changes: tuple[str, ...] = ()) -> np.ndarray:
    """History of a run; treat it as read-only."""
    plan = Scenario.load(scenario, [f"months={months}", *changes])
    return Ecosystem(plan, seed).run().history


def assert_refused(done, message: str) -> None:
    """Bad input ends in one clear line and exit code 2, nothing else."""
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("injae: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr + done.stdout


@pytest.fixture
def history():
    return history_of
