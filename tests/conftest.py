"""Shared runs: each (scenario, seed) is simulated once for all tests of a process."""

import contextlib
import functools
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from sweep_cases import reference  # noqa: F401 - a fixture

from injae.experiments.sweeps.store import RUNS, Sweep
from injae.experiments.tables import read_verified, write_atomically
from injae.model.ecosystem import Ecosystem
from injae.model.scenario import Scenario
from injae.viz.commands.group import main

PRESETS = ("korea", "no-programme", "double-grant", "closed-borders", "strict-regulation", "open-data")


def pytest_configure(config):
    """Compile the model once, before several processes would do it at the same time."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
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


def injae(*arguments, cwd=None) -> SimpleNamespace:
    """A command in this process, without the seconds that the start of another one takes."""
    with contextlib.chdir(cwd or "."):
        done = CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="injae")
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr)


def run_here(capsys, *arguments) -> SimpleNamespace:
    """A command in this process, with what it prints to the very streams of the process."""
    with pytest.raises(SystemExit) as ended:
        main.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return SimpleNamespace(returncode=ended.value.code, stdout=out, stderr=err)


def without_runs(store: Sweep, folder: Path, policy: str, points: range, seed: int | None = None) -> Sweep:
    """A copy of a sweep in which some runs are not done yet: of a policy, at some points, with one seed or all."""
    shutil.copytree(store.folder, folder)
    for path in (folder / "runs").glob("*.parquet"):
        runs = read_verified(path).to_pandas()
        lost = (runs["policy"] == policy) & runs["point"].isin(points)
        lost &= True if seed is None else runs["seed"] == seed
        write_atomically(path, pa.Table.from_pandas(runs[~lost], RUNS, preserve_index=False))
    return Sweep(folder)


@pytest.fixture
def history():
    return history_of
