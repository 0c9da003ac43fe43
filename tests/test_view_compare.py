"""The compare screen without a browser: the numbers of ``injae compare``, sets and links, what dominates, files."""

import csv
import io
import json
import re
import threading
import tomllib

import numpy as np
import pytest

from injae.experiments.compare import compare
from injae.experiments.layers import ALEATORY, USUAL
from injae.experiments.runs import simulate_all
from injae.experiments.schedules import course
from injae.experiments.uncertainty import ALEATORY_ONLY
from injae.experiments.wording.amounts import interval
from injae.model.errors import InputError
from injae.model.scenario import Scenario, preset_names
from injae.viz.view import drawing
from injae.viz.view.compare import comparer
from injae.viz.view.compare import sides as comparing
from injae.viz.view.compare.board import CHOICES, board_of, levers_of
from injae.viz.view.compare.comparer import Comparer
from injae.viz.view.compare.glance import dominated
from injae.viz.view.compare.sides import Compared, Side, plans_of, sides_of, state_of, texts_of_link
from injae.viz.view.presenter import THREADS
from injae.viz.view.state import ViewState

SEEDS = 40
TEXTS = ["no-programme", "own", "korea~levers.grant_scale@2027-01=2"]
OWN = ViewState(preset="open-data", changes=("levers.wage_fund_won_per_year=1000000000",), seeds=SEEDS, lang="en")


@pytest.fixture(scope="module")
def compared():
    sides = sides_of(TEXTS, OWN)
    return Compared.of(sides, simulate_all(plans_of(sides), SEEDS, workers=1))


def unpacked(text, decimals):
    return np.cumsum([int(step) for step in text.split(",")]) / 10**decimals


def test_numbers_are_those_of_injae_compare(compared, tmp_path):
    """The command is followed: its files are written as the page gives them, and read as ``injae compare`` does."""
    for side in compared.sides:
        (tmp_path / f"policy-{side.letter}.toml").write_text(comparing.scenario_file(side), encoding="utf-8")
    _, _, *names, seeds_option, seeds, _ = comparing.command_of(compared.sides).split()
    assert (names, seeds_option, seeds) == (["no-programme", "policy-B.toml", "policy-C.toml"], "--seeds", "40")
    plans = [Scenario.load(str(tmp_path / name) if name.endswith(".toml") else name) for name in names]
    by_command = compare(plans, SEEDS, baseline=False, workers=1)
    np.testing.assert_equal(compared.gaps(), by_command.differences)
    board = board_of(compared, "specialists", 1, "en")
    for row, label in zip(board["rows"], by_command.labels, strict=True):
        summary = by_command.summary[label]
        assert row["cells"]["experts"]["value"] == summary["programme_graduates_by_target_date"].mean
        assert row["cells"]["cost"]["value"] == summary["public_won_at_end"].mean
        assert row["cells"]["adoption"]["value"] == summary["adoption_share_at_end"].mean
        assert row["cells"]["probability"]["value"] == summary["probability_of_target"].mean
    each = {cost.scenario: cost.won_each.won for cost in by_command.costs if cost.result == "specialists"}
    shown = {label: row["cells"]["price"]["value"] for label, row in zip(by_command.labels, board["rows"], strict=True)}
    assert shown.pop("no-programme") is None
    assert shown == each


def test_curves_and_paired_differences(compared):
    board = board_of(compared, "specialists", 2, "ko")
    values = [result.values("specialists").astype(float) for result in compared.results]
    for n, of in enumerate(values):
        np.testing.assert_allclose(unpacked(board["curves"][n]["mean"], 0), of.mean(axis=0), atol=0.5)
    gap = values[2] - values[0]
    low, high = np.percentile(gap, (5, 95), axis=0)
    np.testing.assert_allclose(unpacked(board["gaps"][2]["low"], 0), low, atol=0.5)
    np.testing.assert_allclose(unpacked(board["gaps"][2]["high"], 0), high, atol=0.5)
    assert board["gaps"][0] is None
    assert board["focus"] == 2


def test_only_settings_that_differ_are_shown(compared):
    titles = {row["title"]: row["cells"] for row in levers_of(compared.sides, "en")}
    assert titles["Grant multiplied by"] == ["1", "1", "1 → 2 (Jan 2027)"]
    assert len(set(titles["Fund that matches hospital pay"])) == 2
    assert all(len(set(cells)) > 1 for cells in titles.values())
    same = sides_of(["korea", "korea~parameters.labour.taste_sd=0.4"], OWN)
    (row,) = levers_of(same, "ko")
    assert row["cells"][1] == "0.4"


@pytest.mark.parametrize("preset", preset_names())
def test_a_scenario_file_means_the_same_scenario(preset, tmp_path):
    changes = ("levers.data_access@2027-01..2028-12=0.9", "parameters.labour.taste_sd=0.3", "shocks.demand=0.1")
    state = state_of("~".join([preset, *changes]), OWN)
    path = tmp_path / "policy-B.toml"
    path.write_text(comparing.scenario_file(Side("B", "", state)), encoding="utf-8")
    tomllib.loads(path.read_text(encoding="utf-8"))
    mine, theirs = state.scenario(), Scenario.load(str(path))
    for month in range(1, mine.months + 1):
        for group in ("levers", "shocks"):
            for name in getattr(mine, group):
                lever = f"{group}.{name}"
                assert course(mine, lever)[month] == course(theirs, lever)[month], lever
    assert mine.parameters == theirs.parameters


class Paid:
    """Runs that are only what they cost and how many specialists they end with, one pair a seed."""

    draws = None

    def __init__(self, money, people):
        self.of = {"public_won_cumulative": money, "specialists": people}

    def values(self, name):
        return np.array(self.of[name], float)[:, None]


@pytest.mark.parametrize(
    ("money", "people", "verdicts"),
    [
        ([[5, 5, 5], [5, 5, 5]], [[10, 11, 12], [20, 21, 22]], ["B", None]),  # as dear, surely more
        ([[5, 5, 5], [4, 4, 4]], [[10, 11, 12], [10, 11, 12]], ["B", None]),  # as many, surely cheaper
        ([[5, 5, 5], [4, 4, 4]], [[10, 11, 12], [9, 10, 11]], [None, None]),  # a price to pay
        ([[5, 5, 5], [5, 5, 5]], [[10, 11, 12], [50, 2, 9]], [None, None]),  # more on average, but noise
        ([[5, 5, 5], [5, 5, 5]], [[10, 11, 12], [10, 11, 12]], [None, None]),  # the same twice
    ],
)
def test_what_is_surely_beaten(money, people, verdicts):
    sides = [Side(letter, letter, ViewState()) for letter in "AB"]
    many = [Paid(cost * 7, gain * 7) for cost, gain in zip(money, people, strict=True)]
    assert dominated(Compared(sides, many)) == verdicts
    few = [Paid(cost, gain) for cost, gain in zip(money, people, strict=True)]
    assert dominated(Compared(sides, few)) == [None, None], "too few seeds show nothing"


def test_five_scenarios_cross_the_wire_in_40_kb():
    texts = ["no-programme", "korea", "double-grant", "open-data", "balanced"]
    sides = sides_of(texts, ViewState(seeds=2))
    compared = Compared.of(sides, simulate_all(plans_of(sides), 2, workers=1, uncertainty="aleatory"))
    for series in CHOICES:
        text = json.dumps(board_of(compared, series, 1, "ko"), ensure_ascii=False, allow_nan=False)
        assert len(text.encode()) < 40_000, series


def test_files_say_what_they_were_made_from(compared):
    from injae.viz.view.compare import files

    rows = list(csv.DictReader(io.StringIO(files.differences_file(compared, "en").data.decode("utf-8-sig"))))
    assert {row["receipt"] for row in rows} == {compared.receipt}
    assert float(rows[4]["mean"]) == compared.gaps()[4].mean
    curves = list(csv.DictReader(io.StringIO(files.curves_file(compared, "en").data.decode("utf-8-sig"))))
    assert {row["letter"] for row in curves} == {"A", "B", "C"}
    for make in (files.differences_file, files.curves_file):
        head, first = make(compared, "ko").data.decode("utf-8-sig").splitlines()[:2]
        assert not re.search("[a-z_]", head), head
        assert any(cell.startswith("명") for cell in first.split(",")), first
    for kind, head in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        one, two = (files.figure_file(compared, "specialists", 1, "en", kind) for _ in range(2))
        assert one.data.startswith(head)
        assert one.data == two.data, kind


@pytest.mark.skipif(not drawing.korean_font(), reason="needs a Korean font")
def test_a_korean_name_is_drawn_in_an_english_figure(compared):
    """A letter that no font has makes matplotlib warn, and warnings are errors here."""
    from injae.viz.view.compare import files

    named = Compared.of(sides_of(TEXTS, OWN, {"no-programme": "사업 없음"}), compared.results)
    assert files.figure_file(named, "specialists", 1, "en", "png").notice is None


def test_prices_hold_nine_tenths_of_the_futures(compared):
    cell = board_of(compared, "specialists", 1, "en")["rows"][2]["cells"]["price"]
    money, people = (
        compared.results[2].values(name)[:, -1] - compared.results[0].values(name)[:, -1]
        for name in ("public_won_cumulative", "specialists")
    )
    low, high = np.percentile(money / people, (5, 95))
    assert cell["more"] == interval(cell["value"], low, high, "won", "en").partition("(")[2].rstrip(")")


def test_links_of_sets_and_of_other_screens():
    assert texts_of_link("http://x/?s=korea&levers.grant_scale=2&lang=en&focus=teachers") == [
        "korea~levers.grant_scale=2"
    ]
    assert texts_of_link("https://x/injae/compare?s=korea&c=own&c=open-data&c=korea~levers.grant_scale=2") == [
        "open-data",
        "korea~levers.grant_scale=2",
    ]
    for bad in ("", "hello", "http://x/?s=nowhere", "http://x/?s=korea&levers.grant_scale=1e9"):
        with pytest.raises(InputError):
            texts_of_link(bad)


class DeskOf:
    """Runs at once, and counts what it was asked."""

    def __init__(self):
        self.asked = []

    def stages(self, wanted):
        return [2, wanted] if wanted > 2 else [wanted]

    def all_results(self, plans, futures, cancelled, urgency=0, ensemble=ALEATORY_ONLY):
        self.asked.append([plan.name for plan in plans])
        short = [plan.model_copy(update={"months": 12}) for plan in plans]
        return simulate_all(short, [future.number for future in futures], workers=1, uncertainty=ensemble)


def _join():
    for thread in threading.enumerate():
        if thread.name.startswith(THREADS):
            thread.join(60)


def test_a_set_is_its_link():
    desk = DeskOf()
    one = Comparer(ViewState(seeds=2, lang="en"), "?s=korea", desk)
    one.begin()
    _join()
    assert desk.asked == [["no-programme", "korea", "double-grant", "retention-first"]]
    one.remove(3)
    one.add("open-data~levers.grant_scale=2")
    one.make_first(1)
    one.choose_series("teachers")
    _join()
    other = Comparer(ViewState(seeds=2, lang="en"), "?s=korea" + one.link, desk)
    assert (other.texts, other.focus, other.series) == (one.texts, one.focus, "teachers")
    assert one.texts == ["own", "no-programme", "double-grant", "open-data~levers.grant_scale=2"]
    assert [side["letter"] for side in one.payload["sides"]] == ["A", "B", "C", "D"]


def test_what_cannot_be_used_in_a_link_is_left_out_and_named():
    link = "?c=korea&c=nope&c=korea&c=balanced&c=open-data~levers.grant_scale=99&c=open-data&name=4:Even&band=2"
    one = Comparer(ViewState(seeds=2, lang="en"), link, DeskOf())
    assert one.texts == ["korea", "balanced", "open-data"]
    assert one.names == {"balanced": "Even"}
    assert one.notice.endswith("left out: c=nope, c=korea, c=open-data~levers.grant_scale=99.")


def test_what_cannot_be_is_said_and_changes_nothing():
    one = Comparer(ViewState(seeds=2, lang="en"), "?c=korea&c=nowhere", DeskOf())
    assert "nowhere" in one.notice
    assert len(one.texts) == 4
    before = list(one.texts)
    for verb, what in ((one.add_link, "http://x/?s=mars"), (one.add, "korea~levers.grant_scale=-5"), (one.add, "own")):
        verb(what)
        assert one.notice
        assert one.texts == before
    one.add("korea~levers.grant_scale=3")
    one.add("open-data")
    assert "Five" in one.notice
    one.texts = ["korea", "own"]
    one.remove(0)
    assert len(one.texts) == 2
    _join()


def test_it_is_not_said_to_be_done_before_all_seeds_are_shown(monkeypatch):
    said = []
    monkeypatch.setattr(comparer, "board_of", lambda *asked: said.append(one.busy) or {})
    one = Comparer(ViewState(seeds=4, lang="en"), "", DeskOf())
    one.begin()
    _join()
    assert said == [{"done": 0, "wanted": 4}, {"done": 2, "wanted": 4}]
    assert one.busy is None


def test_another_language_runs_nothing_again():
    desk = DeskOf()
    one = Comparer(ViewState(seeds=2, lang="en"), "", desk)
    one.begin()
    _join()
    one.follow(ViewState(seeds=2, lang="ko"))
    _join()
    assert len(desk.asked) == 1
    assert one.payload["sides"][0]["title"] == Scenario.load("no-programme").title["ko"]
    one.follow(ViewState(preset="balanced", seeds=2, lang="ko"))
    _join()
    assert desk.asked[-1][1] == "balanced"


def test_layers_of_uncertainty_that_do_not_enter_are_said():
    one = Comparer(ViewState(seeds=2, lang="en"), "", DeskOf())
    assert one.uncertainty is None
    one.own = ViewState(seeds=2, lang="en", parametric=False)
    assert one.uncertainty is None and one.own.command_layers == ALEATORY
    one.own = ViewState(seeds=2, lang="en", structural=True)
    assert "Model variants" in one.uncertainty and one.own.command_layers == USUAL
    assert one.uncertainty.startswith("Here random variation and uncertain numbers differ")
    one.own = ViewState(seeds=2, lang="ko", aleatory=False, parametric=False)
    assert "없음" in one.uncertainty


def test_a_difference_of_shares_is_in_points(compared):
    units = {lang: board_of(compared, "adoption_share", 1, lang)["series"] for lang in ("ko", "en")}
    assert [units[lang]["gap_unit"] for lang in ("ko", "en")] == ["%p", "points"]
    assert units["en"]["unit"] == "%"
    assert board_of(compared, "specialists", 1, "ko")["series"]["gap_unit"] == "명"


def test_the_unit_of_a_setting_is_said_once():
    sides = sides_of(["no-programme", "korea", "retention-first"], OWN)
    for lang in ("ko", "en"):
        rows = {row["title"]: row for row in levers_of(sides, lang)}
        row = rows[comparing.word("levers.wage_fund_won_per_year.title", lang)]
        assert row["unit"] == {"ko": "원/년", "en": "won a year"}[lang]
        assert not any(row["unit"] in cell for cell in row["cells"])
        assert row["cells"][0] == "0"


def test_the_table_is_of_the_date_asked_for(compared):
    plan = compared.results[0].plan
    month = plan.target_month
    end, then = board_of(compared, "specialists", 1, "en"), board_of(compared, "specialists", 1, "en", month)
    assert (end["month"], then["month"]) == (plan.months, month)
    assert {month, plan.months} <= {*end["months"]}
    for n, result in enumerate(compared.results):
        value = then["rows"][n]["cells"]["cost"]["value"]
        assert value == result.values("public_won_cumulative")[:, month].astype(float).mean()
        assert then["cloud"]["points"][n][0][1] == result.values("specialists")[0, month]
    titles = {column["key"]: column["title"] for column in then["columns"]}
    assert titles["adoption"].endswith("Dec 2029")
    assert board_of(compared, "specialists", 1, "en", 7)["month"] == plan.months  # none that is offered


def test_a_range_of_prices_is_written_as_other_ranges_are(compared):
    for lang, between in (("ko", "~"), ("en", " to ")):
        cells = board_of(compared, "specialists", 1, lang)["rows"][1]["cells"]
        assert between in cells["price"]["more"] and between in cells["adoption"]["more"]
        assert "–" not in cells["price"]["more"]


def test_names_and_colours_stay_with_their_scenario():
    one = Comparer(ViewState(seeds=2, lang="en"), "", DeskOf())
    one.begin()
    _join()
    one.call({"index": 2, "name": "  Twice, & at   once: "})
    before = {side["text"]: (side["ink"], side["title"]) for side in one.payload["sides"]}
    assert before["double-grant"] == (2, "Twice, & at once:")
    one.make_first(2)
    one.remove(1)
    one.add("open-data")
    _join()
    after = {side["text"]: (side["ink"], side["title"]) for side in one.payload["sides"]}
    assert next(iter(after)) == "double-grant"
    assert all(after[text] == before[text] for text in after if text in before)
    assert len({ink for ink, _ in after.values()}) == len(after)
    one.choose_until(12)  # the end of these runs
    other = Comparer(ViewState(seeds=2, lang="en"), "?s=korea" + one.link, DeskOf())
    assert (other.texts, other.inks, other.names) == (one.texts, one.inks, {"double-grant": "Twice, & at once:"})
    one.call({"index": 0, "name": " "})
    assert one.payload["sides"][0]["title"] == Scenario.load("double-grant").title["en"]


def test_the_reference_changes_and_the_focus_stays_on_its_scenario():
    one = Comparer(ViewState(seeds=2, lang="en"), "?c=no-programme&c=own&c=double-grant&band=1", DeskOf())
    one.make_first(2)
    assert one.texts[one.focus] == "own"
    _join()


def test_a_link_holds_the_date_of_the_table_and_colours_that_are_none_are_left_alone():
    link = "?c=no-programme&c=own&until=2029-12&inks=0.0&name=7:x&name=1:Nothing"
    one = Comparer(ViewState(seeds=2, lang="en"), link, DeskOf())
    assert (one.until, one.inks) == ("2029-12", {"no-programme": 0, "own": 1})
    assert one.names == {"no-programme": "Nothing"}
    assert "&until=2029-12" in one.link


def test_labels_of_the_figure_stay_below_the_title(compared):
    from injae.viz.view.compare import files
    from injae.viz.view.drawing import style

    with style("en"):
        figure = files.draw(compared, board_of(compared, "adoption_share", 1, "en"), "adoption_share")
    for panel in figure.axes[:2]:
        heights = [label.xy[1] for label in panel.texts]
        assert max(heights) <= panel.get_ylim()[1]
        assert min(np.diff(sorted(heights))) >= 0.054 * np.diff(panel.get_ylim())[0]
