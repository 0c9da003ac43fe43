"""Compiled code: the same numbers without the compiler, and never stale."""

import os
import shutil
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from injae.agents import kernels
from injae.agents.fingerprints import fingerprint
from injae.model import rules
from injae.viz.commands import progress
from injae.viz.commands.progress import compile_progress

ROOT = Path(__file__).resolve().parent.parent
CODE = (
    "import hashlib, numpy as np; from injae.model.ecosystem import Ecosystem;"
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
    assert rules.in_use().due() == []
    monkeypatch.setattr(kernels, "CACHE_FOLDER", tmp_path)
    assert len({folder.name for folder in rules.in_use().due()}) > 40


def test_the_wait_for_the_compiler_is_told_at_the_pace_of_what_is_finished():
    assert compile_progress(30.0, [], 5) == (0.0, None)
    assert compile_progress(20.0, [20.0], 5) == (0.2, "about 80 s left")
    done, left = compile_progress(60.0, [12.0, 40.0], 5)
    assert (round(done, 3), left) == (0.6, "about 40 s left")
    assert compile_progress(400.0, [22.0, 82.0], 5) == (0.99, "nearly done")


def test_the_compiler_is_watched_by_the_files_it_writes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.01)
    watch = progress.CompileBar([tmp_path / "adopt-0", tmp_path / "train-0"])
    with watch:
        (tmp_path / "train-0").mkdir()
        (tmp_path / "train-0" / "process.train-1.py311.1.nbc").touch()
        for _ in range(500):
            if watch.ends:
                break
            time.sleep(0.01)
        time.sleep(0.1)
    said = capsys.readouterr().err
    assert len(watch.ends) == 1
    assert said.startswith("Compiling the model for this machine, once\n") and " so far, " in said


def test_compiled_code_that_is_not_used_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "CODES_KEPT", 3)
    for number in range(6):
        (tmp_path / f"adopt-{number}").mkdir()
        os.utime(tmp_path / f"adopt-{number}", (number, number))
    kernels._forget_old_code(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adopt-3", "adopt-4", "adopt-5"]


def asked(function, found):
    """The declared functions that one asks, itself too, by the names in its code alone."""
    found.add(function)
    for name in function.__code__.co_names:
        other = (
            kernels.DECLARED.get(function.__globals__.get(name)) if callable(function.__globals__.get(name)) else None
        )
        if other is not None and other not in found:
            asked(other, found)
    return found


def test_what_a_change_reaches_is_compiled_anew_and_nothing_else(monkeypatch):
    """numba alone would miss a change in a file whose functions a cached process calls."""
    own = {name: f for name, f in kernels.DECLARED.items() if f.__module__.startswith("injae.")}
    processes = [one for called in rules.CALLED for one in rules._called_by(called)]
    before = {one: kernels.PROCESSES[one].folder for one in processes}
    reached = {one: asked(kernels.DECLARED[one], set()) for one in processes}
    for name, function in [*own.items()][::4]:
        other = types.FunctionType(
            function.__code__.replace(co_consts=(*function.__code__.co_consts, "changed")), function.__globals__,
            function.__name__, function.__defaults__, function.__closure__,
        )  # fmt: skip
        other.__module__, other.__qualname__ = function.__module__, function.__qualname__
        with monkeypatch.context() as patch:
            patch.setitem(kernels.DECLARED, name, other)
            for one in processes:
                changed = kernels.PROCESSES[one].folder != before[one]
                assert changed == (function in reached[one] and kernels.DECLARED[one] is not other), (name, one)
    assert sum(len(functions) > 1 for functions in reached.values()) > 30


def test_fingerprints_see_numbers_names_and_whom_a_function_asks_but_not_its_place():
    def made(text, **values):
        space = {"__name__": "injae.model.some", **values}
        exec(text, space)
        return fingerprint(space["f"], {})

    base = made("def f(x):\n    return x + LIMIT", LIMIT=1)
    assert base == made("\n\ndef f(x):\n    'About it.'\n    return x + LIMIT", LIMIT=1)
    others = [
        made("def f(x):\n    return x + LIMIT", LIMIT=2),
        made("def f(x):\n    return x + LIMIT", LIMIT=1.0),
        made("def f(x):\n    return x - LIMIT", LIMIT=1),
        made("def f(x):\n    return x + LIMIT + 1", LIMIT=1),
        made("def f(x):\n    return x + g(x)\ndef g(x):\n    return LIMIT", LIMIT=1),
        made("def f(x):\n    return x + g(x)\ndef g(x):\n    return LIMIT", LIMIT=2),
    ]
    assert len({base, *others}) == 1 + len(others)


def test_a_changed_rule_is_never_served_from_an_old_cache(tmp_path):
    """The model with an edit, beside the compiled code of the model without, does what the edit says."""
    for one in (one for called in rules.CALLED for one in rules._called_by(called)):
        compiled = kernels.PROCESSES[one]
        assert Path(compiled.dispatcher.stats.cache_path).is_relative_to(compiled.folder)
    shutil.copytree(ROOT / "src" / "injae", tmp_path / "injae", ignore=shutil.ignore_patterns("viz", "__pycache__"))
    file = tmp_path / "injae" / "model" / "jobs.py"
    before = file.read_text(encoding="utf-8")
    warm = {"NUMBA_CACHE_DIR": str(kernels.CACHE_FOLDER.parent), "PYTHONPATH": str(tmp_path)}
    code = "from injae.model.rules import in_use; print(*sorted(path.name for path in in_use().due()))"
    ask = [sys.executable, "-c", code]
    due = subprocess.run(ask, cwd=tmp_path, env={**os.environ, **warm}, capture_output=True, text=True, check=True)
    assert due.stdout == "\n"  # the same sources in another place: all is there
    after = before.replace("return p.separation_per_month *", "return 2.0 * p.separation_per_month *", 1)
    assert after != before
    file.write_text(after, encoding="utf-8")
    due = subprocess.run(ask, cwd=tmp_path, env={**os.environ, **warm}, capture_output=True, text=True, check=True)
    assert [name.partition("-")[0] for name in due.stdout.split()] == ["end_jobs"]
    assert run(tmp_path, **warm) == run(tmp_path, NUMBA_DISABLE_JIT="1", PYTHONPATH=str(tmp_path)) != run()
