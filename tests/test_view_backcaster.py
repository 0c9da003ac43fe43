"""One visitor's search for what it would take: asked for, told, tried, stopped; without a browser and without runs."""

import datetime
import logging
import re
import threading

import pytest

from injae.experiments.schedules import course
from injae.experiments.searches.backcast import backcast
from injae.experiments.searches.desired import Desired, Portfolio, Progress, Stress
from injae.experiments.searches.surrogate import OUTCOMES
from injae.experiments.summary import Interval
from injae.model.scenario import Scenario
from injae.viz.view.policy.backcaster import Backcaster, present_month
from injae.viz.view.policy.cards import as_json, said, state_of
from injae.viz.view.state import ViewState
from injae.viz.view.visitor import Visitor

GRANT, VISAS = "levers.grant_scale", "levers.visas_per_year"
KNOWN = Interval(1040.0, 1005.0, 1080.0)


def found(path, value, **more):
    """A portfolio of one lever, as a search would give it."""
    return Portfolio({path: value}, KNOWN, 17, 20, Interval(0.85, 0.64, 0.95), Interval(5e9, 4e9, 6e9), **more)


class Search:
    """Tells what a test wants told."""

    def __init__(self):
        self.asked, self.begun = [], threading.Semaphore(0)

    def __call__(self, desired, on_progress, cancelled):
        self.asked.append((desired, on_progress, cancelled))
        self.begun.release()

    def tell(self, progress, number=-1):
        assert self.begun.acquire(timeout=10)
        self.begun.release()
        self.asked[number][1](progress)


@pytest.fixture
def search():
    return Search()


@pytest.fixture
def visitor():
    return Visitor("?lang=en", lambda state, on_answer, cancelled: None)


@pytest.fixture
def backcaster(visitor, search):
    return Backcaster(visitor, search, lambda: datetime.date(2026, 12, 7))


def want(backcaster, search, series="programme_graduates_cumulative", value=1000, **more):
    backcaster.want({"series": series, "value": value, **more})
    assert search.begun.acquire(timeout=10)
    search.begun.release()


def move(visitor, backcaster, path, value):
    visitor.move({"path": path, "value": value, "first": None, "last": None})
    backcaster.follow(visitor.state)


def test_what_is_wanted_is_in_the_unit_that_is_shown_and_at_the_date_of_the_target(backcaster, search):
    want(backcaster, search, "adoption_share", 45)
    desired = search.asked[0][0]
    assert (desired.series, desired.month, desired.value) == ("adoption_share", 60, pytest.approx(0.45))
    assert backcaster.payload()["shown_value"] == pytest.approx(45)
    assert backcaster.payload()["verdict"] == "searching"
    offer = backcaster.offer()
    assert (offer["since"], offer["by"], offer["won"]) == ("2026-12", "2029-12", "bn won")
    assert [chart["name"] for chart in offer["charts"]] == list(OUTCOMES)


def test_the_officials_question_is_asked_as_it_is_said(backcaster, search, visitor):
    """28.5bn won from this month on, and 1,000 specialists in hospitals by 2029."""
    want(backcaster, search, "employed_hospitals", 1000, budget=28.5)
    desired = search.asked[0][0]
    assert (desired.since, desired.month, desired.budget) == (24, 60, pytest.approx(28.5e9))
    assert backcaster.payload()["goal"] == "at least 1,000 for at most 28.5bn won"
    search.tell(Progress("short", (found(GRANT, 1.5, stage="checked"),)))
    assert "28.5bn won" in backcaster.payload()["text"] and "nearest" in backcaster.payload()["text"]
    backcaster.take(0)
    assert visitor.state.changes == ("levers.grant_scale@2026-12..2029-12=1.5",)
    visitor.choose_lang("ko")
    want(backcaster, search, "employed_hospitals", 1000, budget=285, since="2025-01", by="2028-06")
    desired = search.asked[1][0]
    assert (desired.since, desired.month, desired.budget) == (1, 42, pytest.approx(28.5e9))


def test_the_present_month_counts_only_where_levers_still_bring_something():
    plan = Scenario.load("korea")
    found = {
        day: present_month(plan, datetime.date.fromisoformat(day)) for day in ("2024-05-01", "2026-12-31", "2034-11-01")
    }
    assert found == {"2024-05-01": 1, "2026-12-31": 24, "2034-11-01": 1}


@pytest.mark.parametrize("before", ["levers.grant_scale=2", "levers.grant_scale@2026-01=2", "levers.visas_per_year=50"])
def test_what_is_tried_is_what_was_scored_on_top_of_earlier_moves(before):
    state = ViewState.from_link(f"?{before}")[0]
    wanted = Desired(state.scenario(), "specialists", 60, 6000, since=24)
    tried = state_of(state, wanted, found(GRANT, 1.5)).scenario()
    scored = wanted.with_levers({GRANT: 1.5})
    assert course(tried, GRANT) == course(scored, GRANT) and course(tried, VISAS) == course(scored, VISAS)


def test_a_portfolio_that_is_tried_is_in_the_levers_and_one_undo_takes_it_out(backcaster, search, visitor):
    visitor.choose_seeds(8)
    want(backcaster, search)
    search.tell(Progress("done", (found(GRANT, 1.5), found(VISAS, 90))))
    backcaster.take(1)
    backcaster.follow(visitor.state)
    assert visitor.state.changes == ("levers.visas_per_year@2026-12..2029-12=90",)
    assert visitor.state.seeds == 8, "what does not belong to the portfolio stays the visitor's"
    assert backcaster.payload()["tried"] == 1
    visitor.undo()
    backcaster.follow(visitor.state)
    assert visitor.state.changes == ()
    assert backcaster.payload()["tried"] is None and len(backcaster.payload()["suggestions"]) == 2


def test_trying_a_portfolio_ends_the_search_and_keeps_the_cards(backcaster, search, visitor):
    want(backcaster, search)
    search.tell(Progress("searching", (found(GRANT, 1.5),), 300))
    backcaster.take(0)
    assert search.asked[0][2].is_set()
    shown = backcaster.payload()
    assert shown["verdict"] == "stopped" and shown["over"] and len(shown["suggestions"]) == 1
    search.tell(Progress("done", ()))
    assert len(backcaster.payload()["suggestions"]) == 1, "what a stopped search still tells is not heard"


@pytest.mark.parametrize(
    "act",
    [
        lambda visitor, backcaster: move(visitor, backcaster, GRANT, 2),
        lambda visitor, backcaster: (visitor.choose_preset("open-data"), backcaster.follow(visitor.state)),
        lambda visitor, backcaster: backcaster.dismiss(),
    ],
)
def test_another_move_drops_the_search(backcaster, search, visitor, act):
    want(backcaster, search)
    act(visitor, backcaster)
    assert search.asked[0][2].is_set()
    assert backcaster.payload() is None


def test_what_is_no_move_of_a_lever_leaves_the_search_alone(backcaster, search, visitor):
    want(backcaster, search)
    visitor.choose_focus("adoption_share")
    visitor.flip("parametric")
    backcaster.follow(visitor.state)
    assert not search.asked[0][2].is_set()


def test_leaving_and_stopping_cancel(backcaster, search):
    want(backcaster, search)
    backcaster.stop()
    assert search.asked[0][2].is_set() and backcaster.payload()["verdict"] == "stopped"
    want(backcaster, search)
    backcaster.close()
    while len(search.asked) < 2:
        assert search.begun.acquire(timeout=10)
    assert search.asked[1][2].is_set()


def test_a_new_want_takes_the_place_of_the_old(backcaster, search):
    want(backcaster, search, value=1000)
    old = search.asked[0][0]
    want(backcaster, search, value=1100)
    search.asked[0][1](Progress("done", (found(GRANT, 1.5),)))
    assert search.asked[0][2].is_set()
    assert old.value == 1000 and backcaster.payload()["value"] == 1100 and backcaster.payload()["suggestions"] == []


def test_a_card_is_told_in_the_language_of_the_moment_and_names_what_has_no_price(backcaster, search, visitor):
    want(backcaster, search)
    search.tell(Progress("done", (found(GRANT, 1.5), found(VISAS, 90)), 500))
    grant, visas = backcaster.payload()["suggestions"]
    assert grant["uncounted"] is None
    assert visas["uncounted"].startswith("Not counted in public money: Visas")
    assert "17 of" in grant["probability"]["text"] and "5bn won" in grant["cost"]["text"].replace("5.0", "5")
    visitor.choose_lang("ko")
    backcaster.follow(visitor.state)
    korean = backcaster.payload()
    for text in (korean["text"], korean["title"], korean["suggestions"][1]["uncounted"]):
        assert re.search("[가-힣]", text)
    assert "lang=ko" in korean["suggestions"][0]["link"]


@pytest.mark.parametrize("asked", [{"series": "nothing", "value": 5}, {"series": "specialists", "value": "a"}, {}])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_nonsense_is_told_kindly(visitor, asked, lang):
    visitor.choose_lang(lang)
    told = threading.Event()

    def ask(desired, on_progress, cancelled):
        try:
            backcast(desired, None, on_progress, cancelled)  # refused before any run
        finally:
            threading.Timer(0.1, told.set).start()

    one = Backcaster(visitor, ask)
    one.want(asked)
    assert told.wait(10)
    assert one.payload()["verdict"] == "refused" and one.payload()["over"]
    assert bool(re.search("[가-힣]", one.payload()["text"])) == (lang == "ko")


def test_a_fault_of_ours_is_logged_and_told_kindly(visitor, caplog):
    over = threading.Event()

    def ask(desired, on_progress, cancelled):
        raise ZeroDivisionError

    one = Backcaster(visitor, ask)
    visitor.on_change = lambda: over.set() if one.progress and one.progress.over else None
    with caplog.at_level(logging.ERROR, "injae.view"):
        one.want({"series": "specialists", "value": 6000})
        assert over.wait(10)
    assert "ZeroDivisionError" in caplog.text
    assert "logged" in one.payload()["text"]


def test_a_number_that_no_card_has_changes_nothing(backcaster, search, visitor):
    want(backcaster, search)
    search.tell(Progress("done", (found(GRANT, 1.5),)))
    for number in (-1, 1, 99):
        backcaster.take(number)
    assert visitor.state.changes == ()


# ---- in words


def desired(value=6000, month=60):
    return Desired(Scenario.load("korea"), "specialists", month, value)


@pytest.mark.parametrize("stage", ["guess", "found", "checked"])
def test_a_portfolio_in_words(stage):
    state = ViewState(lang="en")
    one = found(GRANT, 1.5, stage=stage, stress=(Stress("shocks.foreign_pay", 5000.0),))
    shown = as_json(state, desired(month=48), Progress("done", (one,)))["suggestions"][0]
    assert ("17 of 20 fresh runs" in shown["probability"]["text"]) == (stage == "checked")
    assert ("estimated" in shown["probability"]["text"]) == (stage == "guess") == (shown["stage"] == "guess")
    assert "Pay abroad (+50%)" in shown["breaks"] and "5,000" in shown["breaks"]
    opened, notice = ViewState.from_link(shown["link"])
    assert notice is None and opened == state_of(state, desired(month=48), one)
    assert opened.value(GRANT, 48) == 1.5 and opened.value(GRANT, 49) == state.value(GRANT, 49)


def test_what_cannot_be_reached_is_said_with_how_far_it_goes():
    text = said(desired(10_000), Progress("none", most=5901.0), "en")
    assert " came to 5,901 " in text and "10,000" in text
    assert "four times in five" in said(desired(), Progress("unlikely", most=6100.0), "en")
