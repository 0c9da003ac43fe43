"""Compiled code: the same numbers without the compiler, and never stale."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents import kernels
from model import rules
from viz.commands import progress
from viz.commands.progress import COMPILED, compile_progress

ROOT = Path(__file__).resolve().parent.parent
CODE = (
    "import hashlib, numpy as np; from model.ecosystem import Ecosystem;"
    "m = Ecosystem('korea', 1, events=True).run({months});"
    "people = b''.join(m.people.rows(name).tobytes() for name in m.people.declared);"
    "print(hashlib.sha256(np.asarray(m.history[:{months} + 1]).tobytes() + people).hexdigest())"
)


def run(folder=ROOT, months=3, **environment):
    code = CODE.format(months=months)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, **environment}, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_uncompiled_code_gives_the_same_numbers():
    assert run(NUMBA_DISABLE_JIT="1") == run()


def test_the_surroundings_do_not_change_the_numbers():
    """Order of sets, time zone, and a locale that writes decimal commas and has other small letters."""
    abroad = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    assert run(PYTHONHASHSEED="1", **abroad) == run(PYTHONHASHSEED="2", TZ="UTC", LC_ALL="C")


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting", [{"NUMBA_CPU_NAME": "generic"}, {"NUMBA_BOUNDSCHECK": "1"}], ids=["generic", "bounds"]
)
def test_a_plain_processor_and_checked_bounds_give_the_same_numbers(setting, tmp_path):
    """Each compiles anew; with checked bounds a place outside an array is an error."""
    assert run(months=60, NUMBA_CACHE_DIR=str(tmp_path), **setting) == run(months=60)


def test_compile_is_announced_only_when_it_is_due(tmp_path, monkeypatch):
    run()
    assert not rules.in_use().compile_is_due()
    monkeypatch.setattr(rules, "CACHE_FOLDER", tmp_path)
    assert rules.in_use().compile_is_due()


def test_the_wait_for_the_compiler_is_told_at_the_pace_of_what_is_finished():
    assert compile_progress(30.0, []) == (0.0, None)
    assert compile_progress(20.0, [11.0]) == (0.2, "about 80 s left")
    done, left = compile_progress(120.0, [22.0, 82.0])
    assert (round(done, 3), left) == (0.6, "about 80 s left")
    assert compile_progress(400.0, [22.0, 82.0]) == (0.99, "nearly done")
    assert sum(COMPILED.values()) == pytest.approx(1)


def test_the_compiler_is_watched_by_the_files_it_writes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.01)
    (tmp_path / "month.pass_months-1.py311.1.nbc").touch()
    os.utime(tmp_path / "month.pass_months-1.py311.1.nbc", (1, 1))  # of an earlier state
    watch = progress.CompileBar(tmp_path)
    with watch:
        (tmp_path / "start.start_institutions-1.py311.1.nbc").touch()
        for _ in range(500):
            if watch.ends:
                break
            time.sleep(0.01)
        time.sleep(0.1)
    said = capsys.readouterr().err
    assert len(watch.ends) == 1
    assert said.startswith("Compiling the model for this machine, once\n") and " so far, " in said


def test_compiled_code_of_old_sources_is_forgotten(tmp_path):
    (tmp_path / "rules-0").mkdir()
    for number in range(6):
        (tmp_path / f"kernels-{number}").mkdir()
        os.utime(tmp_path / f"kernels-{number}", (number, number))
    kernels._forget_old_sources(tmp_path, "kernels")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kernels-3", "kernels-4", "kernels-5", "rules-0"]


def test_a_changed_rule_is_never_served_from_an_old_cache(tmp_path):
    """numba alone would miss a change in a file whose functions a cached process calls.

    The start is enough to see that, and compiles in a third of the time.
    """
    for name in ("agents", "model", "data", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / ".cache", tmp_path / ".cache")
    before = run(tmp_path, months=0)
    assert before == run(months=0)
    pay = tmp_path / "model" / "pay.py"
    text = pay.read_text(encoding="utf-8")
    pay.write_text(text.replace("+ p.match_pay_sd * match_noise", "+ 2 * p.match_pay_sd * match_noise"), "utf-8")
    assert text != pay.read_text(encoding="utf-8")
    assert run(tmp_path, months=0) != before
