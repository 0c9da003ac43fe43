"""The results browser without a browser: what it shows of a sweep, and what it refuses."""

import csv
import io
import json
import re
import shutil
import threading

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from injae.experiments.findings import Finding, save
from injae.experiments.indicators import INDICATORS
from injae.experiments.outcomes import outcome_values
from injae.experiments.sweeps.identities import case_of, run_id
from injae.experiments.sweeps.store import RUNS, Sweep, write_block
from injae.experiments.sweeps.sweep import Execution, sweep
from injae.experiments.tables import write_atomically
from injae.experiments.uncertainty import Uncertainty, ensemble_of
from injae.experiments.wording.titles import outcome_title, setting_title, setting_value
from injae.model.errors import InputError
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario
from injae.viz.view.results import sweeps as results
from injae.viz.view.results.browser import Browser
from injae.viz.view.results.link import left_out, link_of
from injae.viz.view.results.sweeps import Wish, board_of, folders
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

SHIPPED = "grant-and-data"
DUE = "made from another model, data or posterior: run python docs/shipped_sweep.py"
GRANT, SHARE = "levers.grant_scale", "levers.data_access"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    plan = Scenario.load("korea", ["months=24"])
    varied = [f"{GRANT}=0,1,3", f"{SHARE}=0.2,0.8"]
    sweep(plan, "factorial", varied, out=folder / "grid", seeds=2, execution=Execution(1))
    return folder


@pytest.fixture(autouse=True)
def opened(root):
    results.open_root(root)
    results._read.cache_clear()


def wish(**changes):
    return Wish(folder="grid", lang="en", x=GRANT, y=SHARE, **changes)


def test_cells_are_means_of_their_runs(root):
    board = board_of(wish(outcome="specialists_at_end"))
    table = outcome_values(Sweep(root / "grid"), ["specialists_at_end"]).join(Sweep(root / "grid").points, on="point")
    means = table.groupby([SHARE, GRANT])["specialists_at_end"].mean().unstack()
    np.testing.assert_allclose(board["heat"]["cells"], means.to_numpy(), rtol=1e-5)
    assert board["heat"]["runs"] == [[2, 2, 2], [2, 2, 2]]
    assert board["counts"] == {"chosen": 12, "done": 12, "failed": 0, "waiting": 0}
    assert board["fan"]["mean"][-1] == pytest.approx(table["specialists_at_end"].mean(), abs=0.5)
    assert len(json.dumps(board).encode()) < 50_000


def test_filters_and_a_cell_choose_runs(root):
    board = board_of(wish(ranges=((GRANT, 0.5, 3.0),), cell=(1, 0)))
    assert board["heat"]["x"] == ["1", "3"]
    assert board["counts"]["chosen"] == 8
    assert [row["settings"] for row in board["rows"]] == [["3", "0.2"]] * 2
    rows = list(csv.DictReader(io.StringIO(results.csv_of(wish(ranges=((GRANT, 0.5, 3.0),))).decode("utf-8-sig"))))
    assert len(rows) == 8


def test_a_run_opens_as_the_scenario_it_is():
    board = board_of(wish())
    row = board["rows"][-1]
    browser = Browser("en", "?dir=grid")
    state, notice = ViewState.from_link(browser.link_to(row["row"], ViewState(lang="en", seeds=20)))
    assert notice is None
    assert [state.value(GRANT, 6), state.value(SHARE, 6)] == [float(value) for value in row["settings"]]
    assert (state.lang, state.seeds) == ("en", 20)
    assert board["opens"]
    assert board["left_out"] == ["number of months"]  # the sweep has 24, the preset 120


def test_any_number_of_settings_opens_and_what_does_not_is_named():
    plan = Scenario.load("korea", ["levers.visas_per_year@2027-01=99", "shocks.demand@2028-01=0.2"])
    ranged = [path for path, one in declared_parameters("korea").items() if one.low is not None]
    settings = {f"parameters.{path}": declared_parameters("korea")[path].low for path in ranged}
    assert len(settings) > 200
    settings |= {"levers.data_access@2027-01": 0.9, "levers.grant_scale": 1.5}
    link = link_of(plan, "korea", settings, ViewState())
    state, notice = ViewState.from_link(link)
    assert notice is None
    assert case_of(state.scenario()) == case_of(plan.with_settings(settings))
    assert left_out(plan, "korea", list(settings), "en") == (True, [])
    assert left_out(plan, "korea", ["target.experts"], "en") == (True, ["target.experts"])
    assert left_out(plan, "my-file", [], "en") == (False, [])


def test_failed_runs_are_shown_first(root, tmp_path):
    shutil.copytree(root / "grid", tmp_path / "grid")
    for block in (tmp_path / "grid" / "runs").glob("*.parquet"):
        table = pq.read_table(block).to_pandas()
        chosen = (table["seed"] == 1) & (table["point"] == 3)
        table.loc[chosen, ["status", "reason"]] = ["failed", "ZeroDivisionError: planted"]
        write_atomically(block, pa.Table.from_pandas(table, RUNS, preserve_index=False))
    results.open_root(tmp_path)
    board = board_of(wish())
    assert (board["rows"][0]["status"], board["rows"][0]["value"]) == ("failed", "–")
    assert (board["rows"][0]["point"], board["rows"][0]["seed"]) == (3, 1)
    assert "planted" in board["rows"][0]["reason"]
    assert board["counts"] == {"chosen": 12, "done": 11, "failed": 1, "waiting": 0}
    assert sum(map(sum, board["heat"]["runs"])) == 11


@pytest.mark.parametrize("place", ["grid/found", "found", "other/found"])
def test_an_analysis_of_the_sweep_ranks_where_it_is_at_hand(root, tmp_path, place):
    shutil.copytree(root / "grid", tmp_path / "grid")
    results.open_root(tmp_path)
    receipt = Sweep(tmp_path / "grid").manifest["receipt"]
    question = {"sweep": receipt, "policy": "korea", "versus": "", "outcomes": ["specialists_at_end"]}
    effects = {"mu_star": [5.0, 90.0], "mu_star_low": [1.0, 80.0], "mu_star_high": [9.0, 100.0]}
    table = pd.DataFrame({"outcome": "specialists_at_end", "input": ["dummy: noise", SHARE], **effects})
    save(Finding("screen", question, {"effects": table}, {}), tmp_path / place, ["injae", "screen", "grid"])
    for n, other in enumerate(({"sweep": "of-another"}, {"versus": "no-programme"}, {"policy": "momentum"})):
        save(Finding("screen", question | other, {"effects": table[:0]}, {}), tmp_path / f"later-{n}")
    found = board_of(wish())["ranking"]
    if place == "other/found":
        assert "Rank correlation" in found["help"]
        return
    assert [(row["title"], row["text"], row["range"]) for row in found["rows"]] == [
        ("Access to health data", "90", "80 – 100"),
        ("noise floor", "5", "1 – 9"),
    ]
    assert (found["low"], found["high"], found["command"]) == (0.0, 100.0, "injae screen grid")
    for other in (
        wish(outcome="adoption_share_at_end"),
        wish(ranges=((GRANT, 0.0, 1.0),)),  # the analysis is of all points
    ):
        assert "Rank correlation" in board_of(other)["ranking"]["help"]
    (tmp_path / place / "effects.csv").write_text("changed")
    assert "Rank correlation" in board_of(wish())["ranking"]["help"]


def test_a_real_analysis_is_read(tmp_path):
    plan = Scenario.load("korea", ["months=12"])
    sweep(plan, "oat", [f"{GRANT}=0:3", f"{SHARE}=0.2:0.8"], out=tmp_path / "oat", seeds=2, execution=Execution(1))
    from injae.experiments.analyses.sensitivity import sensitivity

    finding = sensitivity(Sweep(tmp_path / "oat"), ["specialists_at_end"])
    save(finding, tmp_path / "oat" / "sensitivity", ["injae", "sensitivity"])
    results.open_root(tmp_path)
    rows = board_of(Wish(folder="oat", lang="en"))["ranking"]["rows"]
    table = finding.tables["tornado"].set_index("input")
    ends = table[["change_at_low", "change_at_high"]].abs().max(axis=1)
    assert [abs(row["value"]) for row in rows] == pytest.approx(sorted(ends, reverse=True))


@pytest.mark.parametrize("series", ["teachers", "adoption_share"])
def test_the_fan_shows_the_chosen_series(root, series):
    fan = board_of(wish(series=series, cell=(2, 1)))["fan"]
    store = Sweep(root / "grid")
    chosen = store.points.query(f"`{GRANT}` == 3 and `{SHARE}` == 0.8").index[0]
    values = store.series([series]).query(f"point == {chosen}").groupby("month")[series]
    factor, digits = (0.01, 0.05) if series == "adoption_share" else (1, 0.5)
    np.testing.assert_allclose(fan["mean"], values.mean() / factor, atol=digits)
    whole = store.series([series]).groupby("month")[series].mean()
    np.testing.assert_allclose(fan["all"], whole / factor, atol=digits)
    assert fan["series"] == series


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_figure_says_what_it_was_made_from(root, kind):
    from injae.viz.view.results.figures import figure_of

    receipt = Sweep(root / "grid").manifest["receipt"]
    data, same = figure_of(wish(cell=(1, 1)), kind)
    assert same
    assert receipt.encode() in data
    assert data == figure_of(wish(cell=(1, 1)), kind)[0]
    assert data != figure_of(wish(cell=(1, 1), series="teachers"), kind)[0]


def test_a_sweep_of_many_runs_is_read_in_little(tmp_path):
    """Forty thousand runs of two settings, planted so that every mean is known."""
    points, seeds, block = 400, 100, 4000
    plan = Scenario.load("korea", ["months=3"])
    sweep(
        plan, "factorial", [f"{GRANT}=0,1", f"{SHARE}=0.2,0.8"], out=tmp_path / "many", seeds=1, execution=Execution(1)
    )
    folder = tmp_path / "many"
    manifest = json.loads((folder / "manifest.json").read_text()) | {"seeds": list(range(seeds))}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for kind in ("runs", "summary", "series"):
        shutil.rmtree(folder / kind)
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"point": np.arange(points), GRANT: rng.uniform(0, 5, points), SHARE: rng.random(points)})
    table.to_parquet(folder / "points.parquet", index=False)
    cases = [f"{n:016x}" for n in range(points)]
    pd.DataFrame({"policy": "korea", "point": table["point"], "case": cases}).to_parquet(folder / "cases.parquet")
    where = [(p, s) for p in range(points) for s in range(seeds)]
    for first in range(0, len(where), block):
        part = where[first : first + block][::-1]
        ids = [run_id(manifest["model_version"], cases[p], s) for p, s in part]
        value = [100 * table[GRANT][p] + s for p, s in part]
        facts = {"id": ids, "policy": "korea", "point": [p for p, _ in part], "seed": [s for _, s in part]}
        facts |= {"status": "done", "reason": "", "seconds": 0.1, "peak_memory_bytes": 1}
        runs = pa.Table.from_pandas(pd.DataFrame(facts), RUNS, preserve_index=False)
        summary = pa.table({"run": ids, **{name: pa.array(value, pa.float32()) for name in INDICATORS}})
        series = {"run": np.repeat(ids, 4), "month": pa.array([0, 1, 2, 3] * len(ids), pa.int16())}
        write_block(folder, {"runs": runs, "summary": summary, "series": pa.table(series | {
            "specialists": pa.array(np.repeat(value, 4).astype(np.int32))})})  # fmt: skip
    results.open_root(tmp_path)
    board = board_of(Wish(folder="many", lang="ko", ranges=((SHARE, 0.0, 0.5),)))
    kept = table[SHARE] <= 0.5
    assert board["counts"] == {
        "chosen": int(kept.sum()) * seeds,
        "done": int(kept.sum()) * seeds,
        "failed": 0,
        "waiting": 0,
    }
    edges = np.linspace(table[GRANT][kept].min(), table[GRANT][kept].max(), 9)
    lowest = table[kept & (table[GRANT] < edges[1])]
    cells, runs = board["heat"]["cells"], board["heat"]["runs"]
    got = sum(row[0] * n[0] for row, n in zip(cells, runs, strict=True) if row[0] is not None) / sum(n[0] for n in runs)
    assert got == pytest.approx(100 * lowest[GRANT].mean() + (seeds - 1) / 2, rel=1e-4)
    assert board["ranking"]["rows"][0]["value"] == pytest.approx(1, abs=1e-6)
    assert board["series"] == [{"name": "specialists", "title": "활동 중인 전문인력"}]
    assert len(json.dumps(board).encode()) < 50_000


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_indicator_has_a_title_of_its_own(lang):
    titles = {name: outcome_title(name, lang) for name in INDICATORS}
    assert len(set(titles.values())) == len(titles)
    for name, title in titles.items():
        assert title != name.replace("_", " ")
        assert bool(re.search("[가-힣]", title)) == (lang == "ko"), title
        assert lang == "en" or not re.search("[A-Za-z]", title.replace("AI", "")), title


@pytest.mark.parametrize("name", ["../grid", "/etc", "grid/../../x", "", "nowhere"])
def test_nothing_outside_the_folder_is_read(name):
    with pytest.raises(InputError, match="no sweep"):
        board_of(Wish(folder=name))


@pytest.mark.parametrize("kind", ["series", "summary", "runs"])
def test_a_torn_block_is_named_on_the_page(root, tmp_path, kind):
    shutil.copytree(root / "grid", tmp_path / "grid")
    results.open_root(tmp_path)
    assert board_of(wish())["torn"] is None
    block = next((tmp_path / "grid" / kind).glob("*.parquet"))
    block.write_bytes(block.read_bytes()[:200])
    for lang, said in (("en", "Damaged files"), ("ko", "손상된 파일")):
        board = board_of(Wish(folder="grid", lang=lang, x=GRANT, y=SHARE))
        assert said in board["torn"] and f"{kind}/{block.name}" in board["torn"]
        assert board["counts"]["waiting"] > 0


@pytest.mark.parametrize("file", ["manifest.json", "points.parquet", "cases.parquet"])
@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\xff\xfe"])
def test_a_folder_with_a_broken_file_stays_in_the_list_and_names_it(root, tmp_path, file, content):
    shutil.copytree(root / "grid", tmp_path / "bad")
    path = tmp_path / "bad" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    results.open_root(tmp_path)
    assert folders() == ["bad", SHIPPED]
    for lang in ("en", "ko"):
        browser = Browser(lang, "?dir=bad")
        browser._read(browser.wish, threading.Event())
        assert browser.payload is None and file in browser.error
        assert str(tmp_path) not in browser.error
        assert bool(re.search("[가-힣]", browser.error)) == (lang == "ko")


def test_a_sweep_that_is_not_there_is_told_in_the_readers_language(root):
    for lang, said in (("en", "there is no sweep"), ("ko", "이런 결과가 없습니다")):
        browser = Browser(lang, "?dir=nosuch")
        browser._read(browser.wish, threading.Event())
        assert "'nosuch'" in browser.error and said in browser.error


def test_a_link_out_of_the_folder_is_no_sweep(root, tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "away").symlink_to(root / "grid")
    results.open_root(tmp_path / "inner")
    assert folders() == [SHIPPED]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "dropped",
            {"en": f"points.parquet has no column {GRANT}", "ko": f"points.parquet 파일에 {GRANT} 열이 없습니다"},
        ),
        (
            "text",
            {"en": f"column {GRANT} of points.parquet is", "ko": f"points.parquet 파일의 {GRANT} 열이 숫자가 아니라"},
        ),
        ("summary", {"en": "has no column adoption_share_at_end", "ko": "adoption_share_at_end 열이 없습니다"}),
        ("torn", {"en": "points.parquet cannot be read", "ko": "points.parquet 파일을 읽을 수 없습니다"}),
        ("manifest", {"en": "manifest.json has no entry receipt", "ko": "manifest.json에 receipt 항목이 없어"}),
    ],
)
def test_a_bad_folder_is_told_kindly(root, tmp_path, damage, said):
    bad = tmp_path / "bad"
    shutil.copytree(root / "grid", bad)
    path = bad / "points.parquet"
    table = pd.read_parquet(path)
    if damage == "torn":
        path.write_bytes(path.read_bytes()[:100])
    elif damage == "manifest":
        content = json.loads((bad / "manifest.json").read_text())
        del content["receipt"]
        (bad / "manifest.json").write_text(json.dumps(content))
    elif damage == "summary":
        for block in (bad / "summary").glob("*.parquet"):  # several on a slow machine
            pd.read_parquet(block).drop(columns="adoption_share_at_end").to_parquet(block)
    else:
        changed = table.drop(columns=GRANT) if damage == "dropped" else table.assign(**{GRANT: "much"})
        changed.to_parquet(path)
    results.open_root(tmp_path)
    for lang, text in said.items():
        browser = Browser(lang, "?dir=bad")
        browser._read(browser.wish, threading.Event())
        assert text in browser.error
        assert browser.payload is None


def test_a_block_that_another_program_has_written_again_is_read_with_the_others(tmp_path):
    """Text has another type then (pandas 3.1.1: large_string), and the values are the same."""
    plan = Scenario.load("korea", ["months=6"])
    for seeds in (1, 2):  # a block each
        sweep(plan, "factorial", [f"{GRANT}=0,1", f"{SHARE}=0.2,0.8"], out=tmp_path / "grid", seeds=seeds,
              execution=Execution(1))  # fmt: skip
    results.open_root(tmp_path)
    before = board_of(wish(outcome="specialists_at_end"))["heat"]
    _, second = sorted((tmp_path / "grid" / "summary").glob("*.parquet"))
    pd.read_parquet(second).to_parquet(second)
    results._read.cache_clear()
    assert board_of(wish(outcome="specialists_at_end"))["heat"] == before


@pytest.fixture(scope="module")
def cube(tmp_path_factory):
    """A Latin hypercube of twelve points under a policy and its baseline."""
    folder = tmp_path_factory.mktemp("cube")
    plan = Scenario.load("korea", ["months=24"])
    baseline = Scenario.load("no-programme", ["months=24"])
    varied = ["parameters.labour.taste_sd", f"{GRANT}=0.5:2"]
    sweep([plan, baseline], "lhs:12", varied, out=folder / "cube", seeds=2, execution=Execution(1))
    return folder


def cube_wish(**changes):
    return Wish(folder="cube", **({"policy": "korea", "lang": "en"} | changes))


def test_a_map_of_a_hypercube_is_not_its_diagonal(cube):
    results.open_root(cube)
    heat = board_of(cube_wish())["heat"]
    assert (len(heat["x"]), len(heat["y"])) == (4, 4)
    assert np.count_nonzero(heat["runs"]) >= 8
    assert all("–" in name for name in heat["x"] + heat["y"])
    cells = [(text, cell) for texts, row in zip(heat["text"], heat["cells"], strict=True)
             for text, cell in zip(texts, row, strict=True)]  # fmt: skip
    assert all(text == ("–" if cell is None else f"{cell:,.0f}") for text, cell in cells)


def test_the_baseline_is_drawn_at_the_same_points_and_seeds(cube):
    results.open_root(cube)
    board = board_of(cube_wish(cell=(3, 0), seed=1))
    points = {row["point"] for row in board["rows"]}
    assert points and {row["seed"] for row in board["rows"]} == {1}
    table = Sweep(cube / "cube").series(["specialists"])
    for name, policy in (("mean", "korea"), ("baseline", "no-programme")):
        mine = table[(table["policy"] == policy) & table["point"].isin(points) & (table["seed"] == 1)]
        np.testing.assert_allclose(board["fan"][name], mine.groupby("month")["specialists"].mean(), atol=0.5)
    assert board["fan"]["baseline_title"] == "No programme"
    assert board_of(cube_wish(policy="no-programme"))["fan"]["baseline"] is None


def test_the_fan_has_half_and_nine_tenths_of_the_runs(cube):
    results.open_root(cube)
    fan = board_of(cube_wish())["fan"]
    store = Sweep(cube / "cube").series(["specialists"]).query("policy == 'korea' and month == 24")["specialists"]
    for name, at in (("low", 5), ("low50", 25), ("high50", 75), ("high", 95)):
        assert fan[name][-1] == pytest.approx(np.percentile(store, at), abs=0.5)


def test_names_are_those_of_the_page(cube):
    results.open_root(cube)
    for lang, named in (("ko", Scenario.load("korea").title["ko"]), ("en", Scenario.load("korea").title["en"])):
        board = board_of(cube_wish(lang=lang))
        assert (board["policy_title"], board["policies"][0]["title"]) == (named, named)
    assert {title[0].isupper() for title in board["columns"]} == {True}
    assert "12 points" in board["ranking"]["few"]


def test_a_filter_stays_as_typed_and_says_when_it_leaves_nothing(root):
    browser = Browser("en", "?dir=grid")
    browser._show = lambda: None
    browser.limit({"name": GRANT, "low": "7", "high": "3"})
    assert browser.wish.ranges == ((GRANT, 7.0, 3.0),)
    board = board_of(browser.wish)
    assert board["counts"]["chosen"] == 0
    assert {one["name"]: one["none"] for one in board["settings"]} == {GRANT: True, SHARE: False}
    assert [(one["from"], one["to"]) for one in board["settings"] if one["name"] == GRANT] == [(7.0, 3.0)]
    assert (board["heat"], board["fan"], board["rows"]) == (None, None, [])
    browser.unlimit()
    assert board_of(browser.wish)["counts"]["chosen"] == 12


def test_a_seed_is_chosen(root):
    board = board_of(wish(seed=1))
    assert (board["counts"]["chosen"], board["seed"]["none"]) == (6, False)
    assert {row["seed"] for row in board["rows"]} == {1}
    assert board_of(wish(seed=99))["seed"]["none"]
    assert len(list(csv.DictReader(io.StringIO(results.csv_of(wish(seed=1)).decode("utf-8-sig"))))) == 6


def test_the_link_holds_what_is_on_the_screen(root):
    one = Browser("en", "?dir=grid")
    one._show = lambda: None
    one.choose({"name": "outcome", "value": "adoption_share_at_end"})
    one.choose({"name": "series", "value": "teachers"})
    one.choose({"name": "x", "value": SHARE})
    one.limit({"name": GRANT, "low": 0.5, "high": 3})
    one.choose_seed("1")
    one.pick([1, 0])
    one.sort("value")
    one.sort("value")
    one._read(one.wish, threading.Event())
    for part in ("dir=grid", "policy=korea", "outcome=adoption_share_at_end", "series=teachers", f"x={SHARE}",
                 f"y={GRANT}", f"range={GRANT}:0.5:3", "only=1", "cell=1.0", "sort=-value"):  # fmt: skip
        assert f"&{part}" in one.link, part
    state, notice = ViewState.from_link("?s=korea" + one.link)
    assert (state, notice) == (ViewState(), None)
    other = Browser("en", "?s=korea" + one.link)
    other._read(other.wish, threading.Event())
    assert other.payload == one.payload
    assert other.payload["cell"] == (1, 0)
    broken = Browser("en", "?dir=grid&cell=a&only=x&page=2")
    assert broken.dropped == ["cell=a", "only=x"]
    broken._read(broken.wish, threading.Event())
    assert broken.payload["counts"]["chosen"] == 12


def test_a_cell_without_runs_is_no_cell(root):
    board = board_of(wish(cell=(9, 9)))
    assert (board["cell"], len(board["rows"])) == (None, 12)


def test_the_list_sorts_and_turns_pages(root, monkeypatch):
    monkeypatch.setattr("injae.viz.view.results.rows.ROWS", 5)
    board = board_of(wish(sort=GRANT, down=True))
    assert (board["page"], board["pages"]) == (0, 3)
    assert [row["settings"][0] for row in board["rows"]] == ["3", "3", "3", "3", "1"]
    last = board_of(wish(sort=GRANT, down=True, page=7))
    assert (last["page"], [row["settings"][0] for row in last["rows"]]) == (2, ["0", "0"])
    values = [row["value"] for page in range(3) for row in board_of(wish(sort="value", page=page))["rows"]]
    numbers = [float(value.replace(",", "")) for value in values]
    assert numbers == sorted(numbers)
    assert board_of(wish(sort="nothing"))["sort"] == ""


def test_values_of_settings_are_written_as_one_reads_them():
    fund = "levers.wage_fund_won_per_year@2025-01..2029-12"
    assert [setting_value(fund, v, "ko") for v in (0.0, 1e9, 6e9)] == ["0", "10억 원", "60억 원"]
    assert setting_value(fund, 1e9, "en") == "1bn won"
    assert setting_value("parameters.labour.taste_sd", 0.3, "en") == "0.3"
    assert setting_value("levers.gone", 0.5, "en") == "0.5", "a lever of another state of the model"


def test_settings_with_dates_are_named_with_dates_as_one_reads_them():
    fund = "levers.wage_fund_won_per_year"
    assert setting_title(f"{fund}@2025-01..2029-12", "en").endswith(" (Jan 2025 to Dec 2029)")
    assert setting_title(f"{fund}@2027-03", "ko").endswith("(2027년 3월부터)")
    assert setting_title(fund, "ko") == word(f"{fund}.title", "ko")


def test_curves_from_a_sample_say_so(root, monkeypatch):
    assert board_of(wish())["fan"]["count"] == str(board_of(wish())["fan"]["runs"])
    monkeypatch.setattr("injae.viz.view.results.fan.RUNS_MAX", 7)
    fan = board_of(wish())["fan"]
    assert fan["runs"] == 7
    assert re.fullmatch(r"7 drawn from \d+", fan["count"])


# ---- the sweep that comes with the package


def test_without_an_own_sweep_there_is_one_to_read(tmp_path):
    results.open_root(tmp_path / "nothing")
    browser = Browser("ko", "")
    browser._show = lambda: None
    browser.begin()
    assert browser.folders == [browser.wish.folder] == [SHIPPED]
    browser._read(browser.wish, threading.Event())
    board = browser.payload
    assert board["shipped"] and board["command"].startswith("injae sweep korea ")
    assert board["counts"] == {"chosen": 240, "done": 240, "failed": 0, "waiting": 0}
    assert len(board["ranking"]["rows"]) == 2, "20 draws rank no 246 numbers"
    assert "조합이 20개" in board["ranking"]["help"]
    assert [len(board["heat"][axis]) for axis in "xy"] == [4, 3] and len(json.dumps(board).encode()) < 50_000


def test_an_own_sweep_comes_first_and_hides_a_shipped_one_of_its_name(root, tmp_path):
    shutil.copytree(root / "grid", tmp_path / SHIPPED)
    results.open_root(tmp_path)
    assert folders() == [SHIPPED] and not results.is_shipped(SHIPPED)
    assert not board_of(Wish(folder=SHIPPED, lang="en"))["shipped"]
    results.open_root(root)
    assert folders()[0] == "grid" and folders()[-1] == SHIPPED


def test_the_shipped_sweep_is_of_the_present_model_and_ensemble():
    sweep = Sweep(results.SHIPPED / SHIPPED)
    manifest = sweep.manifest
    assert sweep.is_of_present_model, DUE
    assert ensemble_of(Uncertainty.POSTERIOR, Scenario.load("korea")).identity in manifest["design"]["sampler"], DUE
