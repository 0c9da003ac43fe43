"""Tiny sweeps, shared by the tests of sweeps."""

from pathlib import Path

import pandas as pd
import pytest

from injae.experiments.sweeps.designs import Sampler
from injae.experiments.sweeps.store import Sweep
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.scenario import Scenario
from injae.viz.commands.group import main

ROOT = Path(__file__).resolve().parent.parent
PAY, TASTE, DATA = "parameters.education.pay_pull", "parameters.labour.taste_sd", "levers.data_access@2025-04"
TABLE = f"{TASTE},{DATA}\n0.2,0.1\n0.3,0.9\n0.4,\n0.25,0.5\n"


def same_tables(one: Sweep, other: Sweep) -> None:
    """Everything but the time and memory that runs took is equal, in the same order."""
    pd.testing.assert_frame_equal(one.points, other.points)
    measured = ["seconds", "peak_memory_bytes"]
    pd.testing.assert_frame_equal(one.runs.drop(columns=measured), other.runs.drop(columns=measured))
    pd.testing.assert_frame_equal(one.summary(), other.summary())
    pd.testing.assert_frame_equal(one.series(), other.series())


EXECUTION = ("workers", "cluster", "seconds_per_run", "progress")


def swept(scenario, *, policies=(), months=None, changes=(), design_seed=0, **given):
    """A sweep whose settings are in one mapping, as a command has them."""
    lengths = [f"months={months}"] if months else []
    scenarios = [Scenario.load(name, [*changes, *lengths]) for name in (scenario, *policies)]
    execution = Execution(**{name: given.pop(name) for name in EXECUTION if name in given})
    given["design"] = Sampler(given["design"], design_seed)
    return sweep(scenarios, **given, execution=execution)


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
    return swept("korea", out=tmp / "sweep", **settings(tmp))


def command(capsys, *arguments):
    """Exit code, output and errors of a command."""
    with pytest.raises(SystemExit) as ended:
        main.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err
