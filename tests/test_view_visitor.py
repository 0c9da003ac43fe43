"""One visitor without a browser: verbs, languages, cancelled questions, and kindness when something breaks."""

import logging
import re
import threading

import pytest

from injae.experiments.practice import baseline_of
from injae.experiments.runs import simulate_all
from injae.viz.view.presenter import THREADS
from injae.viz.view.runs import Answer
from injae.viz.view.state import SEEDS, ViewState
from injae.viz.view.visitor import Visitor


class Desk:
    """Answers when told to, so that a test can move a lever in between."""

    def __init__(self):
        self.asked = []

    def ask(self, state, on_answer, cancelled):
        self.asked.append((state, on_answer, cancelled))

    def answer(self, number, **changes):
        """Answer question ``number`` with two runs."""
        state, on_answer, _ = self.asked[number]
        plan = state.scenario()
        policy, baseline = simulate_all([plan, baseline_of(plan)], [0, 1], uncertainty="aleatory")
        on_answer(Answer(state, policy, baseline, wanted=4, **changes))


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def visitor(desk):
    one = Visitor("?lang=en", desk.ask)
    one.begin()
    _join()
    return one


def _join():
    for thread in threading.enumerate():
        if thread.name.startswith(THREADS):
            thread.join(10)


def _move(visitor, value, path="levers.grant_scale"):
    visitor.move({"path": path, "value": value, "first": None, "last": None})
    _join()


def test_it_is_not_said_to_be_done_before_the_whole_answer_is_shown(visitor, desk, monkeypatch):
    said = []
    monkeypatch.setattr("injae.viz.view.visitor.board", lambda answer: said.append(visitor.busy) or {"notice": None})
    desk.answer(0)
    desk.answer(0, done=True)
    assert said == [{"done": 0, "wanted": visitor.state.seeds}, {"done": 2, "wanted": 4}]
    assert visitor.busy is None


def test_a_move_asks_anew_and_drops_the_old_question(visitor, desk):
    _move(visitor, 2)
    assert [state.changes for state, _, _ in desk.asked] == [(), ("levers.grant_scale=2",)]
    assert [cancelled.is_set() for _, _, cancelled in desk.asked] == [True, False]
    assert visitor.busy == {"done": 0, "wanted": SEEDS}
    desk.answer(0)
    assert visitor.payload is None, "the answer to a question that was dropped is not shown"
    desk.answer(1)
    assert visitor.busy == {"done": 2, "wanted": 4}
    assert visitor.payload["command"].endswith("--set levers.grant_scale=2")
    desk.answer(1, done=True)
    assert visitor.busy is None


def test_undo_and_redo_ask_for_the_states_before_and_after(visitor, desk):
    for value in (2, 3):
        _move(visitor, value)
    visitor.undo()
    visitor.undo()
    visitor.undo()
    visitor.redo()
    _join()
    asked = [state.changes for state, _, _ in desk.asked]
    assert asked[3:] == [("levers.grant_scale=2",), (), ("levers.grant_scale=2",)]


def test_as_in_the_scenario_drops_the_levers_and_keeps_everything_else(desk):
    one = Visitor("?s=open-data&levers.grant_scale=2&seeds=8&parametric=1&focus=teachers&lang=en", desk.ask)
    one.begin()
    one.as_scenario()
    _join()
    assert one.state == ViewState("open-data", seeds=8, parametric=True, focus="teachers", lang="en")
    one.undo()
    assert one.state.changes == ("levers.grant_scale=2",)


def test_only_a_screen_that_shows_the_answer_asks_for_it(visitor, desk):
    desk.answer(0)
    visitor.leave()  # for the comparison, say
    assert desk.asked[0][2].is_set() and visitor.busy is None
    _move(visitor, 2)
    visitor.undo()
    _move(visitor, 3)
    assert len(desk.asked) == 1
    visitor.begin()
    _join()
    assert [state.changes for state, _, _ in desk.asked[1:]] == [("levers.grant_scale=3",)]


def test_another_language_needs_no_new_run(visitor, desk):
    _move(visitor, 2)
    desk.answer(1)
    english = visitor.payload
    visitor.choose_lang("ko")
    assert len(desk.asked) == 2
    assert re.search("[가-힣]", visitor.payload["answer"][0])
    assert visitor.payload["charts"][1]["mean"] == english["charts"][1]["mean"]
    visitor.undo()
    assert visitor.lang == "ko", "undo goes back to a scenario, not to a language"


def test_an_answer_that_was_under_way_comes_in_the_new_language(visitor, desk):
    visitor.choose_lang("ko")
    desk.answer(0)
    assert visitor.payload["lang"] == "ko"


@pytest.mark.parametrize(
    "lever",
    [
        {"path": "levers.grant_scale", "value": 1e9},
        {"path": "levers.nothing", "value": 1},
        {"path": "levers.data_access", "value": 0.8, "first": "2030-01", "last": "2029-01"},
        {"path": "levers.grant_share_teachers", "value": 1},
    ],
)
def test_an_impossible_lever_is_told_and_changes_nothing(visitor, desk, lever):
    visitor.move(lever)
    assert visitor.state == ViewState(lang="en")
    assert len(desk.asked) == 1
    assert "was left as it was" in visitor.notice
    assert "Traceback" not in visitor.notice


def test_a_fault_of_ours_is_logged_and_told_kindly(visitor, caplog):
    with caplog.at_level(logging.ERROR, "injae.view"):
        visitor.move({"value": "no path"})
    assert "KeyError" in caplog.text
    assert "logged" in visitor.error
    assert "KeyError" not in visitor.error


def test_a_fault_while_answering_is_logged_and_told_kindly(caplog):
    def ask(state, on_answer, cancelled):
        raise ZeroDivisionError

    one = Visitor("?lang=ko", ask)
    with caplog.at_level(logging.ERROR, "injae.view"):
        one.begin()
        _join()
    assert "ZeroDivisionError" in caplog.text
    assert one.busy is None
    assert re.search("[가-힣]", one.error)


def test_a_closed_page_stops_its_work_and_is_told_nothing(visitor, desk):
    told = []
    visitor.on_change = lambda: told.append(1)
    visitor.close()
    desk.answer(0)
    assert desk.asked[0][2].is_set()
    assert told == []


def test_a_link_followed_by_back_is_a_move_that_can_be_undone(visitor, desk):
    visitor.follow("?s=open-data&lang=en")
    _join()
    assert visitor.state.preset == "open-data"
    visitor.follow("?s=open-data&lang=en")
    assert len(desk.asked) == 2, "the same link again is no move"
    visitor.undo()
    assert visitor.state.preset == "korea"


def test_a_file_is_made_in_the_background(visitor, desk):
    import base64

    desk.answer(0)
    visitor.save({"kind": "csv", "address": "http://here/"})
    _join()
    assert base64.b64decode(visitor.file["data"]).startswith(b"\xef\xbb\xbfscenario,")
    assert visitor.saving is None


def test_a_file_that_cannot_be_made_is_told(visitor, desk, caplog):
    desk.answer(0)
    visitor.save({"kind": "docx", "address": ""})
    _join()
    assert "logged" in visitor.error
    assert visitor.saving is None
