"""Commands about sweeps: estimates, exports, and what they say where they cannot go on."""

import json
import os
import shutil
import subprocess
import sys
import tarfile

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sweep_cases import ROOT, TASTE, command

from injae.experiments.sweeps import blocks
from injae.experiments.sweeps import store as stores
from injae.experiments.sweeps.export import export
from injae.experiments.sweeps.plan import make_plan
from injae.experiments.sweeps.store import Sweep
from injae.experiments.sweeps.sweep import Progress, pilot
from injae.model.record import SERIES


def test_no_time_left_is_told_before_the_rate_is_known(capsys, monkeypatch):
    """The first runs wait for the compiler and for processes to start: an hour here, then a run a second."""
    from injae.viz.commands import progress as bars  # not above: processes that import this file have no command line

    clock = iter([0, 3600, 3620, 3640])
    monkeypatch.setattr(bars.time, "monotonic", lambda: next(clock))
    with bars.SweepBar(quiet=False) as progress:
        for done in (1, 21, 41):
            progress.show(Progress(done, 0, 141, 0))
    assert capsys.readouterr().err.splitlines() == [
        "1 of 141 runs, 0 failed",
        "21 of 141 runs, 0 failed, 1.0 runs/s, 2 min left",
        "41 of 141 runs, 0 failed, 1.0 runs/s, 2 min left",
    ]


def test_an_export_goes_to_a_folder(reference, tmp_path, capsys):
    (tmp_path / "file").touch()
    for out in (tmp_path / "file", "/dev/null"):
        code, _, err = command(capsys, "export", reference.folder, "--to", "csv", "--out", out)
        assert (code, err) == (2, f"injae: --out {out}: is a file; name a folder\n")


def test_a_dry_run_tells_and_leaves_nothing(tmp_path, capsys):
    arguments = ("--design", "lhs:10", "--vary", TASTE, "--policies", "korea,no-programme", "--seeds", 5, "--months", 4)
    code, out, _ = command(capsys, "sweep", *arguments, "--out", tmp_path / "sweep", "--dry-run")
    assert code == 0
    assert "10 points x 2 policies x 5 seeds: 100 runs, 100 to do" in out
    assert not (tmp_path / "sweep").exists()
    plan = make_plan(["korea"], "lhs:10", [TASTE], seeds=5, changes=["months=4"])
    estimate = pilot(plan, tmp_path / "sweep", workers=2)
    assert estimate.seconds == pytest.approx(50 * estimate.seconds_per_run / 2)
    assert estimate.bytes == pytest.approx(50 * estimate.bytes_per_run)


def test_two_lengths_are_one_too_many(tmp_path, capsys):
    arguments = ("--design", "lhs:10", "--vary", TASTE, "--set", "months=24", "--months", 36, "--out", tmp_path / "x")
    code, _, err = command(capsys, "sweep", *arguments)
    assert (code, err) == (2, "injae: --set months: months = 36 says the length too; leave out one of them\n")
    assert not (tmp_path / "x").exists()


def test_a_dry_run_counts_what_is_there(reference):
    points = str(reference.folder.parent / "points.csv")
    plan = make_plan(["korea", "double-grant"], points, [], seeds=5, changes=["months=6"])
    estimate = pilot(plan, reference.folder, workers=1)
    assert (estimate.runs, estimate.left) == (40, 16)


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_export_to_tables(to, reference, tmp_path, capsys):
    code, out, _ = command(capsys, "export", reference.folder, "--to", to, "--out", tmp_path)
    assert code == 0 and out.count("\n") == 5
    read = pd.read_csv if to == "csv" else pd.read_parquet
    series, expected = read(tmp_path / f"series.{to}"), reference.series()
    assert series.columns.tolist() == expected.columns.tolist()
    for name in ("policy", "point", "seed", "month", "hires", "revenue_won"):
        assert series[name].tolist() == expected[name].tolist()
    assert np.allclose(series["adoption_share"], expected["adoption_share"])
    assert len(read(tmp_path / f"runs.{to}")) == len(read(tmp_path / f"summary.{to}")) == 24
    assert len(read(tmp_path / f"points.{to}")) == 4
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:  # columns and units are those of the files
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert read(tmp_path / resource["path"]).columns.tolist() == list(fields)
        for key in resource["schema"]["primaryKey"]:
            assert key in fields
    assert fields["hires"]["unit"] == "persons per month"
    if to == "parquet":
        schema = pq.read_schema(tmp_path / "series.parquet")
        assert schema.field("hires").metadata[b"unit"] == b"persons per month"
        assert pq.read_table(tmp_path / "summary.parquet")["years_to_half_adoption"].null_count == 24


def test_export_to_ema_workbench(reference, tmp_path, capsys):
    """Read as ``ema_workbench.load_results`` does: types by its metadata, an outcome a row an experiment."""
    code, _, _ = command(capsys, "export", reference.folder, "--to", "ema", "--out", tmp_path)
    assert code == 0
    with tarfile.open(tmp_path / "sweep.tar.gz") as archive:
        metadata = json.loads(archive.extractfile("metadata.json").read())
        experiments = pd.read_csv(archive.extractfile("experiments.csv")).astype(metadata["experiments"])
        outcomes = {
            name: pd.read_csv(archive.extractfile(file), index_col=False, header=None).to_numpy()
            for _, name, file in metadata["outcomes"]
        }
    assert experiments.columns.tolist() == [*reference.points.columns, "scenario", "policy", "model"]
    assert (experiments.dtypes[list(reference.points.columns)] == np.float64).all()
    means = reference.summary().groupby(["policy", "point"], observed=True)["specialists_at_end"].mean()
    assert outcomes["specialists_at_end"][:, 0].tolist() == pytest.approx(means.tolist())
    assert experiments["policy"].tolist() == [policy for policy, _ in means.index]
    assert outcomes["hires"].shape == (8, 7) and set(outcomes) >= {*SERIES}


def test_the_mark_for_excel_is_an_option_and_stands_once_in_a_file(reference, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(stores, "PART", 5)
    mark = "\ufeff".encode()
    for folder, options in (("plain", []), ("excel", ["--excel"])):
        command(capsys, "export", reference.folder, "--to", "csv", "--out", tmp_path / folder, *options)
    for name in ("points.csv", "runs.csv", "summary.csv", "series.csv"):
        plain, marked = ((tmp_path / folder / name).read_bytes() for folder in ("plain", "excel"))
        assert marked == mark + plain and mark not in plain
    code, _, err = command(capsys, "export", reference.folder, "--to", "parquet", "--out", tmp_path / "p", "--excel")
    assert code == 2 and "--to csv" in err


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_an_export_in_parts_is_whole(to, reference, tmp_path, monkeypatch):
    """Series pass through memory a few runs at a time: every part is written, once, below one header."""
    monkeypatch.setattr(stores, "PART", 5)  # of 24 runs
    assert [part.groupby(stores.KEYS, observed=True).ngroups for part in reference.series_parts()] == [5, 5, 5, 5, 4]
    *_, file = export(reference, to, tmp_path)
    read = (pd.read_csv if to == "csv" else pd.read_parquet)(file)
    expected = reference.series()
    assert len(read) == len(expected) == 24 * 7
    for name in expected.columns:
        if name in SERIES:
            np.testing.assert_allclose(read[name].astype(float), expected[name].astype(float), rtol=1e-6)
        else:
            assert read[name].astype(str).tolist() == expected[name].astype(str).tolist(), name


def test_export_to_netcdf(reference, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    (file,) = export(reference, "netcdf", tmp_path)
    with xarray.open_dataset(file, engine="h5netcdf") as data:
        assert dict(data["hires"].sizes) == {"policy": 2, "point": 4, "seed": 3, "month": 7}
        mine = data["hires"].sel(policy="double-grant", point=1, seed=2).to_numpy()
        table = reference.series(["hires"])
        chosen = (table["policy"] == "double-grant") & (table["point"] == 1) & (table["seed"] == 2)
        assert mine.tolist() == table["hires"][chosen].tolist()
        assert (
            data[TASTE].attrs["kind"] == "uncertainty" and data[TASTE].attrs["units"] and data[TASTE].attrs["long_name"]
        )
        assert data["time"].dt.strftime("%Y-%m-%d").to_numpy()[[0, 6]].tolist() == ["2024-12-31", "2025-06-30"]
        assert data["hires"].attrs == {"units": "persons per month", "long_name": SERIES["hires"].meaning}
        assert not any(
            one.dtype.kind == "m" for one in data.variables.values()
        )  # no unit is taken for a length of time


@pytest.mark.parametrize("package", ["h5netcdf", "h5py", "xarray"])
def test_netcdf_without_its_packages_is_one_line(package, reference, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    code, _, err = command(capsys, "export", reference.folder, "--to", "netcdf", "--out", tmp_path / "x")
    assert code == 2
    assert err == f'injae: --to netcdf: needs {package}; install it with: pip install "injae[experiments]"\n'


def test_a_disk_that_fails_ends_in_one_line(tmp_path, capsys, monkeypatch):
    def full(folder, tables):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blocks, "write_block", full)
    arguments = ("--design", "oat", "--vary", TASTE, "--seeds", 1, "--months", 2, "--workers", 1)
    code, _, err = command(capsys, "sweep", *arguments, "--out", tmp_path / "sweep")
    assert code == 1
    assert "No space left on device; what is finished is kept" in err


def test_a_script_without_its_main_guard_is_told_so(tmp_path):
    """R16: processes start afresh everywhere, and what keeps them from starting is said, not waited for."""
    script = tmp_path / "script.py"
    korea, here = "Scenario.load('korea', ['months=2'])", "execution=Execution(2)"
    call = f"sweep({korea}, 'lhs:40', ['{TASTE}'], out={str(tmp_path / 'sweep')!r}, seeds=1, {here})"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\nfrom injae import Execution, Scenario, sweep\n{call}\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert '`if __name__ == "__main__":`' in done.stderr.splitlines()[-1]
    assert not Sweep(tmp_path / "sweep").recorded()["id"].tolist()


NOTEBOOK = """
import asyncio, sys
del __file__
async def cell():
    from injae import Execution, Scenario, sweep
    korea = Scenario.load('korea', ['months=2'])
    print(sweep(korea, 'lhs:4', [{taste!r}], out={out!r}, seeds=1, execution=Execution(2)).status()['done'])
asyncio.run(cell())
"""


def test_a_notebook_sweeps_in_processes_and_a_program_without_a_file_is_told_so(tmp_path):
    """R16: a notebook has a main module without a file and an event loop that runs; a piped program has neither."""
    out = tmp_path / "sweep"
    cell = tmp_path / "cell.py"
    cell.write_text(NOTEBOOK.format(taste=TASTE, out=str(out)))
    settings = {"capture_output": True, "text": True, "timeout": 120, "check": False, "cwd": ROOT}
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, cell], env=environment, **settings)
    assert (done.returncode, done.stdout) == (0, "4\n"), done.stderr
    shutil.rmtree(out)
    piped = f"sweep('korea', 'lhs:4', [{TASTE!r}], out={str(out)!r}, execution=Execution(2))\n"
    piped = f"from injae import Execution, sweep\n{piped}"
    done = subprocess.run([sys.executable, "-"], input=piped, **settings)
    assert done.returncode == 1
    assert "a program without a file (<stdin>) cannot start processes; save it, or use workers=1" in done.stderr


def test_every_command_has_help_with_an_example(capsys):
    for name in ("sweep", "status", "retry", "export"):
        code, out, _ = command(capsys, name, "--help")
        assert code == 0 and "Example:  injae" in out
