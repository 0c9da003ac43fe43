"""The reference of what the model gives: how it is made, that it is of this model, and that it tells models apart."""

import ast
import gzip
import runpy
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import history_of

from injae.experiments.calibration import posterior_files
from injae.model.record import SERIES

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
MAKE = runpy.run_path(str(FOLDER / "make.py"))
COMPARE = runpy.run_path(str(FOLDER / "compare.py"))
SEEDS = 12


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A reference of few runs, and the folder that its runs are kept in."""
    folder, kept = tmp_path_factory.mktemp("reference"), tmp_path_factory.mktemp("kept")
    assert MAKE["make"](folder, ("korea", "no-programme"), SEEDS, kept) == 2 * SEEDS
    return folder, kept


def runs_of(scenario, seeds, called=None):
    """Runs as somebody who rebuilds the model would hand them in, one row a run and year."""
    parts = []
    for seed in seeds:
        part = pd.DataFrame({name: history_of(scenario, seed)[name][::12] for name in SERIES})
        part.insert(0, "month", range(0, 121, 12))
        part.insert(0, "seed", seed)
        part.insert(0, "scenario", called or scenario)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def test_a_row_is_mean_spread_and_band_over_the_seeds(made):
    table = pd.read_csv(made[0] / "yearly.csv").set_index(["scenario", "month", "series"])
    assert len(table) == 2 * 11 * len(SERIES)
    values = [history_of("no-programme", seed).specialists[60] for seed in range(SEEDS)]
    row = table.loc[("no-programme", 60, "specialists")]
    expected = (np.mean(values), np.std(values, ddof=1), *np.percentile(values, (5, 95)))
    assert tuple(row) == pytest.approx(expected, rel=1e-5)
    assert np.isnan(table.loc[("korea", 0, "vacancy_duration_months"), "mean"])


def test_all_months_are_in_the_long_table(made):
    yearly = (made[0] / "yearly.csv").read_text().splitlines()
    monthly = gzip.decompress((made[0] / "monthly.csv.gz").read_bytes()).decode().splitlines()
    assert len(monthly) == 1 + 2 * 121 * len(SERIES)
    assert set(yearly) <= set(monthly)


def test_a_stopped_command_goes_on_where_it_was(made, tmp_path):
    _, kept = made
    for path in [*kept.glob("korea-*/2.npy"), *kept.glob("korea-*/3.npy")]:
        path.rename(path.with_suffix(".part"))  # as if it had been stopped while it wrote
    assert MAKE["make"](tmp_path, ("korea", "no-programme"), SEEDS, kept) == 2
    for name in ("yearly.csv", "monthly.csv.gz", "reference.toml"):
        assert (tmp_path / name).read_bytes() == (made[0] / name).read_bytes()
    assert MAKE["make"](tmp_path, ("korea", "no-programme"), SEEDS, kept) == 0


def test_what_has_changed_is_named(made, tmp_path):
    assert MAKE["what_changed"](made[0]) == []
    about = (made[0] / "reference.toml").read_text()
    old = about.replace(MAKE["code_hash"](), "another").replace(MAKE["inputs_hash"]("no-programme"), "another")
    (tmp_path / "reference.toml").write_text(old)
    assert MAKE["what_changed"](tmp_path) == ["the rules (agents, model)", "the data of scenario no-programme"]


def test_comments_are_no_change_of_the_rules_and_numbers_are():
    def syntax(source):
        return posterior_files.syntax(ast.parse(source))

    rule = 'def rule(x):\n    """Words."""\n    return 2.0 * x\n'
    assert syntax(rule) == syntax('def rule(x):\n    """Other words."""\n    return 2.0  *  x  # twice\n')
    assert syntax(rule) != syntax(rule.replace("2.0", "3.0"))
    assert MAKE["inputs_hash"]("korea") != MAKE["inputs_hash"]("double-grant")


def test_the_same_model_agrees_and_another_does_not(made):
    reference = pd.read_csv(made[0] / "yearly.csv")
    same = COMPARE["deviations"](runs_of("korea", range(20, 26)), reference, SEEDS)
    assert len(same) == 11 * len(SERIES) - 1 and not same["differs"].any()
    other = COMPARE["deviations"](runs_of("no-programme", range(20, 26), called="korea"), reference, SEEDS)
    worst = set(other.loc[other["differs"], "series"])
    assert {"programme_seats", "programme_graduates_cumulative", "public_won_cumulative"} <= worst


def test_a_rare_event_more_or_less_is_no_difference():
    reference = pd.DataFrame(
        {"scenario": ["x"] * 2, "month": 1, "series": ["rare", "steady"], "mean": [0.0, 5.5], "sd": 0.0}
    ).assign(low=[0.0, 5.5], high=[0.0, 5.5])
    runs = pd.DataFrame({"scenario": "x", "seed": range(5), "month": 1, "rare": [0, 0, 0, 1, 0], "steady": 5.5001})
    table = COMPARE["deviations"](runs, reference, 100).set_index("series")
    assert not table.loc["rare", "differs"]
    assert table.loc["steady", "differs"]


def test_the_command_names_what_it_cannot_compare(tmp_path, monkeypatch, capsys, made):
    monkeypatch.setitem(COMPARE["main"].__globals__, "HERE", made[0])
    runs = runs_of("korea", range(20, 23)).assign(shortage=0.1)
    for table, said in ((runs.drop(columns="seed"), "no column seed"), (runs.assign(scenario="x"), "no scenario")):
        table.to_csv(tmp_path / "runs.csv", index=False)
        monkeypatch.setattr(sys, "argv", ["compare.py", str(tmp_path / "runs.csv")])
        with pytest.raises(SystemExit, match="2"):
            COMPARE["main"]()
        assert said in capsys.readouterr().err
    runs.to_csv(tmp_path / "runs.csv", index=False)
    assert COMPARE["main"]() == 0
    assert "not compared: shortage" in capsys.readouterr().out


published = pytest.mark.skipif(
    not (FOLDER / "yearly.csv").is_file(), reason="python docs/reference/make.py has not been run yet"
)


@published
def test_the_reference_is_of_the_present_model():
    changed = MAKE["what_changed"](FOLDER)
    assert not changed, f"changed since docs/reference was made: {', '.join(changed)}; python docs/reference/make.py"


@published
def test_the_present_code_agrees_with_the_reference():
    runs = pd.concat([runs_of(scenario, range(3)) for scenario in MAKE["SCENARIOS"]])
    seeds = tomllib.loads((FOLDER / "reference.toml").read_text())["seeds"]
    table = COMPARE["deviations"](runs, pd.read_csv(FOLDER / "yearly.csv"), seeds)
    assert len(table) == 5 * (11 * len(SERIES) - 1)
    assert not table["differs"].any(), table[table["differs"]].head(10).to_string()
    assert seeds >= 100 and table["inside"].mean() > 0.8
