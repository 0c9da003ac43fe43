"""What is installed: one package, complete, that leaves the names of a user's own files alone (R29)."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from injae.viz.commands.group import main

ROOT = Path(__file__).resolve().parent.parent
OWN = ("agents", "model", "experiments", "viz", "data", "scenarios")
GENERATED = {"__pycache__", ".cache"}


def build(sources, folder):
    """The wheel, made from the archive of the sources, as who installs from an index gets it."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder], cwd=sources, check=True)
    (archive,) = folder.glob("*.tar.gz")
    subprocess.run([*pip, "-q", "-w", folder, archive], cwd=folder, check=True)
    (built,) = folder.glob("*.whl")
    return built


def contents(wheel):
    """Names in a wheel, without those that describe it."""
    return {name for name in zipfile.ZipFile(wheel).namelist() if not name.partition("/")[0].endswith(".dist-info")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel, and beside it what else this one has; a folder with a user's own modules."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=False)
    site = next((folder / "env" / "lib").glob("*/site-packages"))
    (site / "others.pth").write_text(sysconfig.get_paths()["purelib"])  # paths that lie there are not followed on
    with zipfile.ZipFile(wheel) as content:
        content.extractall(site)
    (folder / "own").mkdir()
    for name in OWN:
        (folder / "own" / f"{name}.py").write_text("raise SystemExit('this is mine')\n")
    return folder


def injae(installed, *words):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"XDG_CACHE_HOME": str(installed / "cache")}
    program = [installed / "env" / "bin" / "python", "-m", "injae", *words]
    return subprocess.run(program, cwd=installed / "own", env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_holds_every_file_of_the_package_and_no_other_name(wheel):
    files = {path for one in OWN for path in (ROOT / one).rglob("*") if path.is_file()}
    ours = {f"injae/{path.relative_to(ROOT).as_posix()}" for path in files if not GENERATED & {*path.parts}}
    assert contents(wheel) == ours | {"injae/__init__.py", "injae/__main__.py"}


def test_a_checkout_whose_links_became_text_files_runs_and_builds_the_same(wheel, tmp_path):
    """What git makes on a system without symbolic links, and what copies through such a system bring."""
    sources = tmp_path / "sources"
    for name in OWN:
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns(*GENERATED))
    for path in (*ROOT.glob("*.md"), ROOT / "LICENSE", ROOT / "CITATION.cff", ROOT / "pyproject.toml"):
        shutil.copy(path, sources)
    shutil.copytree(ROOT / "src", sources / "src", symlinks=True, ignore=shutil.ignore_patterns(*GENERATED))
    for link in (sources / "src" / "injae" / name for name in OWN):
        link.unlink()
        link.write_text(f"../../{link.name}")
    program = [sys.executable, "-m", "injae", "levers"]
    environment = {**os.environ, "PYTHONPATH": str(sources / "src")}
    done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "levers.grant_won_per_year" in done.stdout, done.stderr
    assert contents(build(sources, tmp_path)) == contents(wheel)


@pytest.mark.skipif(os.name == "nt", reason="folders of an environment have other names there")
def test_modules_of_a_user_with_our_names_are_in_nobodys_way(installed):
    done = injae(installed, "levers")
    assert done.returncode == 0 and "levers.grant_won_per_year" in done.stdout, done.stderr
    done = injae(installed, "scenario", "diff", "korea", "no-programme")
    assert done.returncode == 0 and "grant_won_per_year" in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="folders of an environment have other names there")
def test_the_main_job_a_sweep_and_own_rules_work_without_a_checkout(installed):
    done = injae(installed, "run", "--seeds", "2", "--months", "12", "--workers", "2", "--out", "run")
    assert done.returncode == 0, done.stderr
    assert {"summary.json", "manifest.json"} <= {path.name for path in (installed / "own" / "run").iterdir()}
    assert list((installed / "cache" / "injae" / "processes").iterdir()), "compiled code lies with the user's caches"
    (installed / "own" / "mine.py").write_text(
        "from injae import Extension, Indicator\n"
        "def last(history, plan):\n    return float(history['employed_hospitals'][-1])\n"
        "extension = Extension(indicators={'staff_at_last': Indicator('people', last, 'staff at the end', 'more')})\n"
    )
    sweep = ("sweep", "--design", "lhs:2", "--vary", "parameters.labour.taste_sd=0.2:0.4", "--seeds", "1")
    done = injae(installed, *sweep, "--months", "12", "--workers", "2", "--out", "sweep", "--with", "mine.py")
    assert done.returncode == 0, done.stderr


def test_the_version_tells_all_that_a_number_rests_on():
    said = CliRunner().invoke(main, ["--version"]).stdout
    assert {"injae", "revision", "model", "data", "posterior", "python", "mesa"} <= {
        line.split()[0] for line in said.splitlines()
    }
