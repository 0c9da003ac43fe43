"""What an analysis found comes back as it was kept, and figures are drawn again from receipts alone (R15)."""

import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, history_of, injae
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from injae.experiments import findings
from injae.experiments import manifest as manifests
from injae.experiments.findings import Finding, load, save
from injae.experiments.folders import RECEIPT
from injae.experiments.indicators import INDICATORS, outcome_of
from injae.experiments.outcomes import outcome_values
from injae.experiments.runs import simulate
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz.figures import findings as drawn

ROOT = Path(__file__).parents[1]


def finding(values) -> Finding:
    table = pd.DataFrame({"input": [f"x{n}" for n in range(len(values))], "value": values})
    return Finding("trial", {"outcome": "y"}, {"table": table}, {"noise": 0.25})


@settings(deadline=None)  # writes files
@given(st.lists(st.floats(allow_infinity=False), min_size=1))
def test_a_kept_number_comes_back_to_the_last_bit(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("kept")
    code = save(finding(values), folder, ["injae", "trial"])
    found, receipt = load(folder)
    np.testing.assert_array_equal(found.tables["table"]["value"].to_numpy(float), np.array(values))
    assert (found.kind, found.question, found.facts, receipt) == ("trial", {"outcome": "y"}, {"noise": 0.25}, code)


def test_the_receipt_names_the_content(tmp_path):
    codes = [save(finding(values), tmp_path / str(n)) for n, values in enumerate([[1.0], [1.0], [2.0]])]
    assert codes[0] == codes[1] != codes[2]


def test_a_table_that_was_changed_is_not_drawn(tmp_path):
    save(finding([1.0, 2.0]), tmp_path, ["injae", "trial", "x"])
    (tmp_path / "table.csv").write_text("input,value\nx0,9.0\n")
    with pytest.raises(InputError, match=r"table\.csv: changed since.*make it again: injae trial x"):
        load(tmp_path)
    (tmp_path / "table.csv").unlink()
    with pytest.raises(InputError, match=r"table\.csv: missing"):
        load(tmp_path)


def test_a_format_of_another_time_is_refused(tmp_path, monkeypatch):
    """A table that was right when it was written may mean something else now; its checksum cannot tell."""
    save(finding([1.0]), tmp_path, ["injae", "trial", "x"])
    assert json.loads((tmp_path / RECEIPT).read_text())["format"] == 1
    monkeypatch.setitem(findings.FORMATS, "trial", 2)
    with pytest.raises(
        InputError, match=r"format 1 of what trial finds; .* made for 2, .*make it again: injae trial x"
    ):
        load(tmp_path)
    save(finding([1.0]), tmp_path)
    assert load(tmp_path)[0].kind == "trial"
    receipt = json.loads((tmp_path / RECEIPT).read_text())
    del receipt["format"]  # before there were numbers
    (tmp_path / RECEIPT).write_text(json.dumps(receipt))
    with pytest.raises(InputError, match="format 1 of what trial finds"):
        load(tmp_path)


def draw_trial(found: Finding) -> dict[str, Figure]:
    figure = Figure()
    figure.subplots().plot(found.tables["table"]["value"])
    return {"line": figure}


def test_figures_are_drawn_from_the_tables_and_carry_the_receipt(tmp_path, monkeypatch):
    monkeypatch.setitem(drawn.FIGURES, "trial", "test_findings:draw_trial")
    files = drawn.publish(finding([1.0, math.pi]), tmp_path)
    assert [file.name for file in files] == ["line.png", "line.svg"]
    again = drawn.draw_again(tmp_path, tmp_path / "again")
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in files]
    changed = drawn.publish(finding([1.0, 3.0]), tmp_path / "changed")
    assert changed[0].read_bytes() != files[0].read_bytes()


@pytest.mark.parametrize("command", [("run", "korea"), ("compare", "korea", "double-grant")], ids=lambda c: c[0])
def test_a_manifest_alone_rebuilds_the_figures_byte_for_byte(tmp_path, command):
    made = injae(*command, "--seeds", "2", "--months", "14", "--out", str(tmp_path / "made"), "--quiet")
    assert made.returncode == 0, made.stderr
    (tmp_path / "alone").mkdir()
    shutil.copy(tmp_path / "made" / "manifest.json", tmp_path / "alone")
    done = injae("rebuild", str(tmp_path / "alone"), "--out", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    figures = sorted(path.name for path in (tmp_path / "made").glob("*.[ps][nv]g"))
    assert "figure.png" in figures
    for name in figures:
        assert (tmp_path / "new" / name).read_bytes() == (tmp_path / "made" / name).read_bytes()

    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text())
    manifest["seeds"] = [5, 6]
    (tmp_path / "made" / "manifest.json").write_text(json.dumps(manifest))
    done = injae("rebuild", str(tmp_path / "made"), "--json")
    assert done.returncode == 1
    assert {row["state"] for row in json.loads(done.stdout)} == {"differs"}
    assert "changed since receipt" in done.stderr


def test_what_is_no_receipt_is_refused(tmp_path):
    assert_refused(injae("rebuild", str(tmp_path)), f"no receipt; name a folder with {RECEIPT} or manifest.json")
    (tmp_path / RECEIPT).write_text("{}")
    assert_refused(injae("rebuild", str(tmp_path)), "receipt.json: entry kind is missing")
    (tmp_path / RECEIPT).unlink()
    (tmp_path / "manifest.json").write_text('{"receipt": 1, "scenarios": [], "seeds": []}')
    assert_refused(injae("rebuild", str(tmp_path)), "manifest.json: entry kind is missing")
    (tmp_path / "manifest.json").write_text('{"kind": "sweep", "receipt": "1", "scenarios": [], "seeds": []}')
    assert_refused(injae("rebuild", str(tmp_path)), "kind = sweep has no figure")


def test_an_outcome_is_an_indicator_or_a_series_at_a_date():
    plan = Scenario.load("korea", ["months=36"])
    history = history_of("korea", 0, 36)
    assert outcome_of("specialists_at_end", plan).of_run(history, plan) == history["specialists"][36]
    dated = outcome_of("adoption_share@2026-12", plan)
    assert (dated.name, dated.unit) == ("adoption_share@2026-12", "share")
    assert dated.of_run(history, plan) == history["adoption_share"][24]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("specialists_at_ende", "did you mean 'specialists_at_end'"),
        ("specialists", "a series needs a date, such as specialists@2027-12"),
        ("specialist@2027-12", "'specialist@2027-12': no series; did you mean 'specialists'"),
        ("specialists@2028-01", "outside the runs, which go from 2024-12 to 2027-12"),
        ("specialists@2027", "write YYYY-MM"),
        ("specialists_at_end + public_won_at_end", "adds or compares persons and won"),
        ("vacancy_rate * 2", r"say when \(vacancy_rate@YYYY-MM\) or what of its months \(mean\(vacancy_rate\)\)"),
        ("mean(specialists_at_end)", "mean of one number; it is for a series"),
        ("specialists_at_ende / 2", "did you mean 'specialists_at_end'"),
        ("hires@2026-01..2026-12 + hires", "its series are of different months"),
        ("specialists_at_end * " + "9" * 400, r"has a number above 1\.8e\+308"),
        ("sum(hires@2026-12..2026-01)", "2026-01 is before 2026-12"),
        ("sum(hires@2028-01..2028-02)", "outside the runs"),
        ("1 + 1", "names no indicator and no series"),
        ("__import__('os').system('true')", r"write \+ - \* / \*\* over indicators"),
        ("(lambda: specialists_at_end)()", r"write \+ - \* / \*\* over indicators"),
        ("specialists_at_end" + " + 1" * 200, "at most 500 may be"),
    ],
)
def test_an_outcome_that_cannot_be_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        outcome_of(text, Scenario.load("korea", ["months=36"]))


def test_an_expression_is_arithmetic_over_series_and_indicators():
    plan = Scenario.load("korea", ["months=24"])
    history = simulate(plan, seeds=1, workers=1, uncertainty="aleatory").runs[0].history
    for text, unit, value in (
        ("specialists_at_end / firms@2026-12", "persons per firms", history["specialists"][24] / history["firms"][24]),
        ("sum(emigrated) / sum(hires)", "ratio", history["emigrated"].sum() / history["hires"].sum()),
        ("max(vacancy_rate@2025-03..2025-12) - 0.01", "share", history["vacancy_rate"][3:13].max() - 0.01),
        ("max(hires@2025-01, hires@2025-02)", "persons per month", max(history["hires"][1:3])),
        ("-abs(regional_gap_at_end) ** 2", "", -(INDICATORS["regional_gap_at_end"].of_run(history, plan) ** 2)),
    ):
        outcome = outcome_of(text, plan)
        assert (outcome.unit, outcome.better) == (unit, "neither")
        assert outcome.of_run(history, plan) == pytest.approx(value), text
    assert math.isnan(outcome_of("specialists_at_end / (2 - 2)", plan).of_run(history, plan))


def test_outcomes_of_a_sweep_are_those_of_its_runs(tmp_path):
    mine = "mean(adoption_share@2025-03..2025-12) / adoption_share_at_end"
    names = ["specialists_at_end", "employed_firms@2025-06", "adoption_share@2025-12", mine]
    made = sweep(
        Scenario.load("korea", ["months=12"]),
        "lhs:2",
        ["levers.grant_scale=0:3"],
        out=tmp_path / "s",
        seeds=2,
        execution=Execution(1),
    )
    values = outcome_values(made, names)
    assert list(values.columns) == ["policy", "point", "seed", *names]
    assert values.attrs["units"]["adoption_share@2025-12"] == "share"
    for row in values.itertuples(index=False):
        plan = Scenario.load("korea", ["months=12"])
        plan = plan.with_settings({"levers.grant_scale": made.points["levers.grant_scale"][row.point]})
        from injae.model.ecosystem import Ecosystem

        history = Ecosystem(plan, row.seed).run().history
        assert row[3] == INDICATORS["specialists_at_end"].of_run(history, plan)
        assert row[4] == history["employed_firms"][6]
        assert row[5] == pytest.approx(history["adoption_share"][12], rel=1e-6)


def test_a_revision_is_marked_by_changes_of_code_and_data_alone(tmp_path, monkeypatch):
    """A study is written into the checkout: it must not make the next one look as if made by changed code."""

    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    for name in ("model/month.py", "experiments/runs.py", "docs/studies/x/cells.csv", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    monkeypatch.setattr(manifests, "ROOT", tmp_path)
    clean = manifests._revision()
    assert re.fullmatch("[0-9a-f]{12}", clean)
    (tmp_path / "docs/studies/x/cells.csv").write_text("two")
    (tmp_path / "README.md").write_text("two")
    assert manifests._revision() == clean
    (tmp_path / "experiments/runs.py").write_text("two")
    assert manifests._revision() == f"{clean}-dirty"
