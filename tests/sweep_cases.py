"""Tiny sweeps, shared by the tests of sweeps."""

from pathlib import Path

import pandas as pd
import pytest

from experiments.sweeps.store import Sweep
from experiments.sweeps.sweep import sweep
from viz.commands.group import main

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
