"""Analyses of finished sweeps, the whole way to their files: whatever is asked of them, and wherever that should go."""

import json

import pytest
from conftest import assert_refused, run_here, without_runs

from injae.experiments.analyses.heatmap import COST, heatmap
from injae.experiments.analyses.screening import screen
from injae.experiments.analyses.sensitivity import sensitivity
from injae.experiments.findings import Finding, load
from injae.experiments.folders import RECEIPT
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz.figures.findings import publish

TASTE = "parameters.labour.taste_sd"
DESIGNS = {"sobol": "saltelli:4", "pawn": "lhs:100", "tornado": "oat", "screen": "morris:3"}
INDICATORS = ["specialists_at_end", "employed_hospitals_at_end"]
SERIES = [f"specialists@2025-0{month}" for month in (4, 5, 6)]
NEVER = "years_to_half_adoption"  # no run of half a year gets there


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A tiny finished sweep for each method, made when it is asked for."""
    made = {}

    def of(method):
        if method not in made:
            seeds = 1 if method == "pawn" else 2
            folder = tmp_path_factory.mktemp(method) / "sweep"
            made[method] = sweep(
                Scenario.load("korea", ["months=6"]),
                DESIGNS[method],
                [TASTE],
                out=folder,
                seeds=seeds,
                execution=Execution(1),
            )
        return made[method]

    return of


def analyse(method, store, outcomes) -> Finding:
    return (screen if method == "screen" else sensitivity)(store, outcomes)


@pytest.mark.parametrize("outcomes", [INDICATORS, SERIES], ids=["indicators", "series"])
@pytest.mark.parametrize("method", DESIGNS)
def test_indicators_alone_and_series_alone_get_their_figures(method, outcomes, swept, tmp_path):
    drawn = {path.stem for path in publish(analyse(method, swept(method), outcomes), tmp_path)}
    stem = {"sobol": "indices", "screen": "effects"}.get(method, method)
    one_each = {f"{stem}-{name.replace('@', '-')}" for name in outcomes}
    if method == "sobol" and outcomes is SERIES:
        one_each = {"over-time-specialists"}
    assert drawn - {"heat-map"} == one_each
    assert all((tmp_path / f"{name}.png").stat().st_size > 10_000 for name in drawn)


@pytest.mark.parametrize("method", DESIGNS)
def test_an_outcome_that_no_run_gives_is_left_out_or_refused(method, swept):
    store = swept(method)
    found = analyse(method, store, ["specialists_at_end", NEVER])
    assert found.facts["without_value"] == [NEVER]
    assert found.question["outcomes"] == ["specialists_at_end"]
    told = [set(table["outcome"]) for table in found.tables.values() if "outcome" in table]
    assert told and all(names == {"specialists_at_end"} for names in told)
    with pytest.raises(InputError, match=f"outcome = '{NEVER}': no value in any of {len(store.runs)} finished runs"):
        analyse(method, store, [NEVER])


def test_a_tornado_needs_its_base(swept, tmp_path):
    """Every difference is to the first point: without it there is nothing to draw."""
    store = without_runs(swept("tornado"), tmp_path / "lost", "korea", range(1))
    with pytest.raises(InputError, match="outcome = 'specialists_at_end': no value in any of 4 finished runs"):
        sensitivity(store, ["specialists_at_end"])
    store = without_runs(swept("tornado"), tmp_path / "all", "korea", range(3))
    with pytest.raises(InputError, match="outcome = 'specialists_at_end': no run is finished"):
        sensitivity(store, ["specialists_at_end"])


@pytest.mark.parametrize(
    ("method", "given"),
    [("sobol", ("--rows", "4")), ("sobol", ("--seeds", "4")), ("screen", ("--trajectories", "20"))],
)
def test_what_only_a_new_sweep_could_take_is_refused(method, given, swept, tmp_path, capsys):
    """Also where it is the default: whoever writes it expects it to count."""
    name = "screen" if method == "screen" else "sensitivity"
    out = ("--outcome", "specialists_at_end", "--out", tmp_path / "out")
    done = run_here(capsys, name, swept(method).folder, *given, *out)
    assert_refused(done, f"{given[0]}: {swept(method).folder} is a finished design; leave it out")
    assert run_here(capsys, name, swept(method).folder, *out, "--quiet").returncode == 0


def test_a_folder_holds_one_kind_of_finding(swept, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("injae.experiments.analyses.sensitivity.replicates_of", None)  # refused before the work
    store = swept("tornado")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / RECEIPT).write_text('{"kind": "robust"}')
    (tmp_path / "file").touch()
    for out, message in (
        (store.folder, f"--out {store.folder}: is the folder of a sweep; name another"),
        (tmp_path / "other", "other: holds what robust found; name another folder for sensitivity"),
        (tmp_path / "file", "file: is a file; name a folder"),
    ):
        assert_refused(run_here(capsys, "sensitivity", store.folder, "--out", out), message)
    assert (tmp_path / "other" / RECEIPT).read_text() == '{"kind": "robust"}'
    assert not (store.folder / RECEIPT).exists()


@pytest.mark.parametrize("name", ["discover", "robust", "calibrate", "heatmap"])
def test_other_analyses_look_at_the_folder_first(name, swept, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("injae.experiments.sweeps.store.Sweep.runs", None)
    (tmp_path / RECEIPT).write_text('{"kind": "sensitivity"}')
    more = ("--outcome", "specialists_at_end") if name == "robust" else ()
    done = run_here(capsys, name, swept("pawn").folder, *more, "--out", tmp_path)
    assert_refused(done, f"holds what sensitivity found; name another folder for {name}")


def test_the_same_kind_takes_the_place_of_the_last_whole(swept, tmp_path):
    (tmp_path / "mine.png").touch()
    publish(sensitivity(swept("tornado"), INDICATORS), tmp_path)
    publish(sensitivity(swept("sobol"), INDICATORS[:1]), tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    figures = {"indices-specialists_at_end.png", "indices-specialists_at_end.svg"}
    assert left == {"mine.png", RECEIPT, "indices.csv", "noise.csv", "inputs.csv"} | figures
    assert set(json.loads((tmp_path / RECEIPT).read_text())["files"]) == left - {"mine.png", RECEIPT}
    assert load(tmp_path)[0].facts["method"] == "sobol"


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    vary = ["levers.grant_scale=0,2", f"{TASTE}=0.2,0.4"]
    return sweep(
        Scenario.load("korea", ["months=3"]),
        "factorial",
        vary,
        out=tmp_path_factory.mktemp("grid") / "s",
        seeds=2,
        execution=Execution(1),
    )


def test_a_heat_map_of_the_cost_alone(grid, tmp_path, capsys):
    done = run_here(capsys, "heatmap", grid.folder, "--outcome", COST, "--out", tmp_path / "cost")
    assert done.returncode == 0 and "beat every cheaper" not in done.stdout, done.stderr
    tables = load(tmp_path / "cost")[0].tables
    assert len(tables["cells"]) == 4 and tables["best"].empty
    assert list(tables["best"].columns) == list(tables["cells"].columns)


def test_a_heat_map_leaves_out_what_no_run_gives(grid, tmp_path, capsys):
    out = ("--out", tmp_path / "some")
    done = run_here(capsys, "heatmap", grid.folder, "--outcome", NEVER, "--outcome", "specialists_at_end", *out)
    assert done.returncode == 0, done.stderr
    assert f"note: {NEVER} has no value in any run and is left out" in done.stderr
    tables = load(tmp_path / "some")[0].tables
    assert set(tables["cells"]["outcome"]) == {"specialists_at_end", COST} and "nan" not in done.stdout
    assert_refused(
        run_here(capsys, "heatmap", grid.folder, "--outcome", NEVER, "--out", tmp_path / "none"),
        f"--outcome {NEVER}: no value in any of 8 finished runs",
    )
    lost = without_runs(grid, tmp_path / "lost", "korea", range(4))
    with pytest.raises(InputError, match="no run is finished"):
        heatmap(lost, ["specialists_at_end"])
