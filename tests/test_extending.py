"""Rules, behaviour, levers, indicators, countries of somebody's own: the file of docs/extending.md; mistakes in one."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from injae.agents.kernels import PROCESSES, ROOT, rule
from injae.experiments.calibration import installed
from injae.experiments.extensions import load_extension
from injae.experiments.sweeps.store import Sweep
from injae.model.adoption import absorptive_capacity, sum_skills
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.rules import CALLED, FaultInRules, Rules
from injae.model.scenario import Scenario

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8").partition("## 2 ")[0]
SMALL = ("--months", "14", "--set", "levers.mentored_share@2025-01=0.9")
SCENARIO = """
title = {en = "Archipelago"}
country = "archipelago"
months = 14
[target]
experts = 10
date = "2026-01"
[levers]
mentored_share = 0.5
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """The file that the page tells to write, with its country and a scenario beside it."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "my_rules.py").write_text("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.S)), encoding="utf-8")
    (folder / "archipelago").mkdir()
    country = re.search(r"archipelago/country.toml`:\n\n```toml\n(.*?)```", PAGE, re.S)[1]
    (folder / "archipelago" / "country.toml").write_text(country, encoding="utf-8")
    (folder / "archipelago.toml").write_text(SCENARIO, encoding="utf-8")
    return folder / "my_rules.py"


def command(*words, code=0):
    words = [sys.executable, "-m", "injae", *map(str, words)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def python(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands(*many):
    """Several commands in one process, which loads the file and its compiled code once."""
    python(
        f"""
        from click.testing import CliRunner
        from injae.viz.commands.group import main
        for words in {[[str(word) for word in words] for words in many]}:
            done = CliRunner().invoke(main, words)
            assert done.exit_code == 0, (words, done.output)
        """
    )


@pytest.fixture(scope="module")
def ran(rules, tmp_path_factory):
    """A run with the file, shared by worker processes; and its answer."""
    out = tmp_path_factory.mktemp("ran")
    words = ("--with", rules, "--seeds", "6", "--uncertainty", "aleatory", "--no-baseline")
    done = command("run", *SMALL, *words, "--workers", "2", "--out", out / "two")
    command("run", *SMALL, *words, "--workers", "1", "--quiet", "--out", out / "one")
    return out, done.stdout


def test_a_run_with_ones_own_rules_says_so(ran, rules):
    out, answer = ran
    assert re.search(r"my_rules\.py \(sha256 \w{10}\) that\s+are not the model's own: NOT calibrated", answer)
    for name in ("manifest.json", "summary.json"):
        extension = json.loads((out / "two" / name).read_text())["extension"]
        assert extension["file"] == str(rules) and len(extension["sha256"]) == 64
        assert (extension["rules"], extension["after"]) == (["fall_back_probability"], ["train"])
    summary = json.loads((out / "two" / "summary.json").read_text())
    series = pd.read_parquet(out / "two" / "series.parquet")
    lowest = series.groupby("seed")["public_trust"].min().mean()
    assert summary["indicators"]["lowest_trust"]["mean"] == pytest.approx(lowest)
    assert not summary["uncertainty"]["calibrated"]


def test_processes_run_by_the_same_rules(ran):
    """Seeds 0 and 1 run in the process of the command, the others in processes of their own."""
    out, _ = ran
    one, two = (pd.read_parquet(out / name / "series.parquet") for name in ("one", "two"))
    assert one["seed"].nunique() == 6
    pd.testing.assert_frame_equal(one, two)


def test_rule_lever_and_behaviour_do_what_they_say(ran, tmp_path):
    out, _ = ran
    command(
        "run",
        "--months",
        "14",
        "--seeds",
        "2",
        "--uncertainty",
        "aleatory",
        "--no-baseline",
        "--quiet",
        "--out",
        tmp_path,
    )
    usual = pd.read_parquet(tmp_path / "series.parquet")
    own = pd.read_parquet(out / "two" / "series.parquet").query("seed < 2").reset_index(drop=True)
    assert own["public_won_cumulative"].iloc[-1] > usual["public_won_cumulative"].iloc[-1]  # mentors are paid
    assert (own.groupby("seed")["pilot_share"].last() > usual.groupby("seed")["pilot_share"].last()).all()
    assert json.loads((tmp_path / "manifest.json").read_text())["extension"] is None


def test_comparisons_sweeps_checks_and_searches_take_it(rules, tmp_path):
    few = ("--with", rules, "--seeds", 2, "--months", 14)
    lever = ("--set", "levers.mentored_share=0.5", "--no-baseline")
    vary = ("--design", "factorial", "--vary", "levers.mentored_share=0,1", "--workers", 2)
    small = ("--generations", 1, "--population", 6, "--fresh-seeds", 2, "--uncertainty", "aleatory", "--workers", 1)
    levers = (
        "--levers",
        "levers.mentored_share=0:1",
        "--objective",
        "lowest_trust",
        "--objective",
        "public_won_at_end",
    )
    commands(
        ("compare", "korea", "no-programme", *few, *lever, "--workers", 1, "--out", tmp_path / "c"),
        ("sweep", "korea", *vary, *few, "--out", tmp_path / "sweep"),
        ("check", "korea", *few, "--only", "T1", "--only", "T20", "--workers", 1),
        ("search", "korea", "--budget", "30bn", *levers, *small, *few, "--out", tmp_path / "search"),
    )
    assert "lowest_trust" in (tmp_path / "c" / "compare.json").read_text()
    assert json.loads((tmp_path / "c" / "manifest.json").read_text())["extension"]["file"] == str(rules)
    sweep = Sweep(tmp_path / "sweep")
    assert len(sweep.summary()) == 4 and sweep.summary()["lowest_trust"].between(0, 1).all()


def test_a_country_of_ones_own(rules, tmp_path):
    plan = rules.with_name("archipelago.toml")
    command(
        "run", plan, "--with", rules, "--seeds", "2", "--uncertainty", "aleatory", "--quiet", "--out", tmp_path / "run"
    )
    assert "archipelago" in (tmp_path / "run" / "manifest.json").read_text()
    assert "no data for it" in command("run", plan, code=2).stderr


def test_the_view_shows_the_lever_and_runs_by_the_rules(rules):
    said = python(
        f"""
        import threading
        from injae.experiments.extensions import load_extension
        load_extension({str(rules)!r})
        if __name__ == "__main__":
            from injae.model.ecosystem import Ecosystem
            from injae.model.scenario import Scenario
            from injae.viz.view.policy.controls import groups
            from injae.viz.view.runs import Desk
            for lang in ("ko", "en"):
                shown = [lever["title"] for group in groups("korea", lang) for lever in group["levers"]]
                assert "mentored share" in shown
            plan = Scenario.load("korea", ["months=14", "levers.mentored_share=0.9"])
            desk = Desk(1)
            (run,) = desk.run([(plan, 0)], threading.Event())
            desk.close()
            assert run.error is None, run.error
            print(run.history.tobytes() == Ecosystem(plan, 0).run().history.tobytes())
        """
    )
    assert said == "True\n"


@pytest.fixture(scope="module")
def world():
    return Ecosystem("korea", 0).world


def skills(rules, world):
    rules.call(sum_skills, world)
    return world.hospitals.absorptive[: world.rows.hospitals].copy()


FULL = 1.0


def full(skill, beds, p):
    return FULL


def half(skill, beds, p):
    return 0.5 * absorptive_capacity(skill, beds, p)


def test_worlds_with_different_rules_live_side_by_side(world):
    usual = skills(Rules(), world)
    assert usual.max() > 0
    for _ in range(2):
        assert (skills(Rules({"absorptive_capacity": full}), world) == 1).all()
        np.testing.assert_array_equal(skills(Rules({"absorptive_capacity": half}), world), 0.5 * usual)
        np.testing.assert_array_equal(skills(Rules(), world), usual)


def test_code_is_known_by_all_that_it_uses(monkeypatch):
    before = Rules({"absorptive_capacity": full})
    assert Rules({"absorptive_capacity": full}).label == before.label != Rules({"absorptive_capacity": half}).label
    monkeypatch.setitem(globals(), "FULL", 0.9)
    after = Rules({"absorptive_capacity": full})
    assert after.label != before.label
    folders = [PROCESSES[rules.of(sum_skills)].folder for rules in (before, after, Rules())]
    assert len(set(folders)) == 3


def test_what_does_not_ask_for_a_rule_is_not_compiled_again():
    rules = Rules({"fall_back_probability": lambda stage, absorptive, p: 0.0})
    assert [rules.of(one) is one for one in CALLED] == [True, True, False]


@rule
def helper(x):
    return x + nowhere  # noqa: F821


def cannot_compile(skill, beds, p):
    return helper(skill)


def adds_text(skill, beds, p):
    return skill + "a"


def raises(skill, beds, p):
    if beds > 0:
        raise ValueError("no beds please")
    return 0.0


def test_mistakes_in_compiled_code_are_told_with_their_place(world):
    with pytest.raises(InputError, match=r"^test_extending\.py:\d+: cannot be compiled: .*nowhere"):
        skills(Rules({"absorptive_capacity": cannot_compile}), world)
    with pytest.raises(InputError, match=r":\d+: cannot be compiled: no way to do add\(float64, Literal"):
        skills(Rules({"absorptive_capacity": adds_text}), world)
    with pytest.raises(FaultInRules, match=r"^test_extending\.py:\d+: ValueError: no beds please$"):
        skills(Rules({"absorptive_capacity": raises}), world)


@pytest.mark.parametrize(("text", "message"), [
    ("x = (", "my.py:1: SyntaxError"),
    ("\nx = nothing", "my.py:2: NameError: name 'nothing' is not defined"),
    ("x = 1", "my.py: declares 0 extensions"),
    ("from injae import Extension\ne = Extension(rules={'fall_back_prob': max})", "mean 'fall_back_probability'?"),
    ("from injae import Extension\ndef f(x):\n    return x\ne = Extension(rules={'fall_back_probability': f})",
     "my.py:2: rules.fall_back_probability: takes (x), needs (stage, absorptive, p)"),
    ("from injae import Extension\ne = Extension(after={'draw': print})", "after.draw: no such in the model"),
    ("from injae import Extension, Lever\ne = Extension(levers={\n'data_access': Lever(0, 0, 1, 'share', 'x')})",
     "my.py:3: levers.data_access: the model has one of this name"),
    ("from injae import Extension\ne = Extension(countries={'x': 'nowhere'})",
     "my.py:2: countries.x: no country.toml"),
])  # fmt: skip
def test_mistakes_in_the_file_are_refused_in_one_line(tmp_path, text, message):
    file = tmp_path / "my.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_extension(file)
    assert message in str(refused.value) and "\n" not in str(refused.value)


def test_a_file_that_is_gone_or_has_changed_is_refused(rules, tmp_path):
    with pytest.raises(InputError, match="No such file"):
        load_extension(tmp_path / "none.py")
    with pytest.raises(InputError, match="has changed since it was loaded first"):
        load_extension(f"{rules}#{'0' * 64}")
    said = python(
        "from injae.model.ecosystem import Ecosystem; import injae.experiments\n"
        "try:\n    Ecosystem()\nexcept Exception as error:\n    print(type(error).__name__, error)",
        INJAE_WITH=f"{rules}#{'0' * 64}",
    )
    assert said.startswith("InputError with = ") and "has changed" in said


def test_the_command_line_says_it_in_one_line(tmp_path):
    file = tmp_path / "my.py"
    file.write_text("\n\nraise RuntimeError('not today')", encoding="utf-8")
    done = command("levers", "--with", file, code=2)
    assert done.stderr == "injae: my.py:3: RuntimeError: not today\n"


def test_no_posterior_is_installed_for_other_rules(monkeypatch):
    monkeypatch.setattr(installed, "other_rules", lambda: "my.py (sha256 0123456789)")
    with pytest.raises(InputError, match=r"not with the rules of my\.py"):
        installed.check_installable(Scenario.load("korea"), {}, ())


def test_rules_are_named_once():
    """Extensions, and the model description, name rules and processes without their file."""
    found = [
        re.findall(r"^@(?:rule|process)\ndef (\w+)", p.read_text(), re.M) for p in Path(ROOT / "model").glob("*.py")
    ]
    names = [name for some in found for name in some]
    assert len(names) == len(set(names)) > 150
