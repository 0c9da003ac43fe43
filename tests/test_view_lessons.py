"""Lessons: each says what is true of the model, guesses go through links and classes unharmed, dots are the run's."""

import functools
import re
import threading
import time
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from injae.agents.trainee import State
from injae.experiments.layers import ALEATORY, USUAL
from injae.experiments.lives.lives import Lives
from injae.experiments.lives.recordings import record
from injae.experiments.runs import Job, Results
from injae.experiments.wording.amounts import date
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz.view.lessons import dots as lesson_dots
from injae.viz.view.lessons import guesses
from injae.viz.view.lessons.classes import Classes
from injae.viz.view.lessons.course import FILE, LESSON_TEXTS, Band, lessons, read
from injae.viz.view.lessons.guesses import Guess
from injae.viz.view.lessons.learner import Learner
from injae.viz.view.lessons.sheet import sheet_of
from injae.viz.view.presenter import THREADS
from injae.viz.view.runs import key_of, lean
from injae.viz.view.words import BOOK

RUNS = 12
WAGE = "levers.wage_fund_won_per_year"
PAY = (f"{WAGE}@2025-01=30000000000", f"{WAGE}@2030-01=0")
DELAY, JOBS, RULES, LASTING, DOUBT = lessons()


@pytest.fixture(scope="module")
def mean():
    """Mean of a series over the futures that lessons show."""

    def of(scenario, series, month, changes=()):
        plan = Scenario.load(scenario, changes)
        found = [run(future.plan(plan), future.seed) for future in USUAL.futures(plan, RUNS)]
        return float(np.mean([one.history[series][month] for one in found]))

    return of


# ---- what the lessons say of the model


def test_money_does_not_help_for_two_years(mean):
    graduates = functools.partial(mean, "korea", "programme_graduates_cumulative")
    from tests.conftest import history_of

    paid = np.cumsum(history_of("korea", 0)["grant_won"])
    assert paid[24] > paid[60] / 3, "a third of the money is paid by the end of 2026"
    assert graduates(24) < graduates(60) / 20
    assert mean("double-grant", "programme_graduates_cumulative", 24) < 100, "nor does twice the money help"
    assert mean("double-grant", "programme_graduates_cumulative", 60) > 1.5 * graduates(60)
    assert mean("korea", "applicants", 21) > mean("korea", "admitted", 21) > 0, "people apply: choice 1 is wrong"


def test_trained_is_not_the_same_as_working_in_a_hospital(mean):
    more = {
        name: mean("korea", name, 120) - mean("no-programme", name, 120)
        for name in ("employed_hospitals", "employed_firms", "other_sectors", "abroad", "seeking")
    }
    graduates = mean("korea", "programme_graduates_cumulative", 120)
    assert 0 < more["employed_hospitals"] < 0.4 * graduates
    assert more["employed_firms"] + more["other_sectors"] > (graduates - more["employed_hospitals"]) / 2
    assert more["employed_firms"] + more["other_sectors"] > 3 * max(more["abroad"], more["seeking"])
    with_pay = mean("korea", "employed_hospitals", 60, (f"{WAGE}=3e10",))
    assert with_pay > mean("korea", "employed_hospitals", 60) + 100, "what is tried does something"


def test_what_holds_hospitals_back_moves_on_and_is_not_people(mean):
    for month in (60, 120):
        assert abs(mean("double-grant", "adoption_share", month) - mean("korea", "adoption_share", month)) < 0.03
    opened = mean("double-grant", "adoption_share", 60, ("levers.data_access=0.9",))
    assert opened > mean("double-grant", "adoption_share", 60) + 0.08

    def held(month):
        names = ("staff", "budget", "regulation", "data", "demand")
        return {name: mean("double-grant", f"binding_{name}", month) for name in names}

    for month, worst in ((0, "regulation"), (60, "data")):
        assert max(held(month), key=held(month).get) == worst
    assert held(120)["budget"] > 2 * held(0)["budget"], "money shows once rules and data are opened"
    assert held(120)["budget"] > max(held(120)[name] for name in ("staff", "regulation", "demand"))


def test_with_rules_and_data_open_the_grant_brings_more_routine_use(mean):
    """The teacher notes say so."""
    opened = ("levers.data_access=0.9", "levers.review_strictness=0.1")

    def gain(changes):
        more = mean("korea", "routine_share", 84, (*changes, "levers.grant_scale=4"))
        return more - mean("korea", "routine_share", 84, changes)

    assert gain(opened) > 2 * gain(()) > 0


def test_the_grant_outlasts_its_money_and_the_pay_fund_does_not(mean):
    def pay(month):
        return mean("korea", "employed_hospitals", month, PAY) - mean("korea", "employed_hospitals", month)

    def grant(month):
        return mean("korea", "employed_hospitals", month) - mean("no-programme", "employed_hospitals", month)

    assert pay(60) > mean("korea", "employed_hospitals", 60) / 10
    assert abs(pay(72)) < 0.25 * pay(60)
    assert abs(pay(120)) < 0.25 * pay(60)
    assert grant(120) > 1.2 * grant(60) > 0
    assert pay(60) > grant(60) and pay(120) < grant(120) / 2, "what is larger at first is smaller in the end"
    kept = mean("korea", "employed_hospitals", 120, (PAY[0], f"{WAGE}@2030-01=3e10"))
    now = mean("korea", "employed_hospitals", 120)
    assert kept - now > now / 10, "what is tried keeps the difference"
    cost = mean("korea", "public_won_cumulative", 60, PAY) - mean("korea", "public_won_cumulative", 60)
    assert cost > mean("korea", "grant_won", 60) * 60, "choice 1 is wrong: the pay fund costs more"


def test_noise_is_small_and_unsure_numbers_are_large():
    plan = Scenario.load("korea")

    def width(futures):
        values = [run(future.plan(plan), future.seed).history["adoption_share"][120] for future in futures]
        return np.ptp(np.percentile(values, (5, 95)))

    noise = ALEATORY.futures(plan, 12)
    assert width(USUAL.futures(plan, 24)[::2]) > 3 * width(noise)
    assert width(noise) > 0.4 * width(noise[:6]), "more runs do not bring the edges together"


def test_the_claims_are_about_the_curves_that_are_drawn():
    drawn = [(lesson.curve.series, lesson.curve.scenario, lesson.curve.against) for lesson in lessons()]
    assert drawn == [
        ("programme_graduates_cumulative", "korea", None),
        ("employed_hospitals", "korea", "no-programme"),
        ("adoption_share", "double-grant", None),
        ("employed_hospitals", "korea", "korea"),
        ("adoption_share", "korea", None),
    ]
    assert LASTING.curve.changes == PAY
    assert [lesson.right for lesson in lessons()] == [2, 3, 2, 3, 3], "what the claims above say is true"


# ---- the file


@functools.cache
def tables():
    with FILE.open("rb") as stream:
        return tomllib.load(stream)["lesson"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curve": {"series": "graduats", "scenario": "korea", "title": {}}}, "no such series 'graduats'"),
        ({"curve": {"series": "grant_won", "scenario": "korea", "title": {}}}, "in won"),
        ({"try": {"lever": "levers.grant_scale", "values": [0, 1], "now": 0}}, "not what the lesson's scenario has"),
        ({"try": {"lever": "levers.grant_scale", "values": [1, 99], "now": 0}}, "outside 0 to 20"),
        ({"try": {"lever": "levers.grant_scale", "values": [1], "now": 3}}, "there are 1 choices"),
        ({"last": "2039-12"}, "2039-12 is after the end of korea"),
        ({"given": 7}, "leaves nothing to draw"),
        ({"most": -1}, "needs more than least"),
        ({"right": 5}, "lesson.delay.right = 5"),
        ({"colour": 1}, "lesson.delay.colour"),
        ({"note": {}}, "lacks note.plan"),
        ({"choice": {}}, "lacks choice.1"),
    ],
)
def test_a_file_that_says_something_impossible_is_refused(change, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read("delay", {**tables()["delay"], **change})


def test_every_number_that_a_text_names_is_a_fact_of_the_runs():
    range_facts = {"aleatory_low", "aleatory_high", "all_low", "all_high"}
    for lesson in lessons():
        known = range_facts if lesson.range else set(lesson.fact)
        for key in LESSON_TEXTS:
            named = set(re.findall(r"\{(\w+)\}", BOOK.texts[f"lesson.{lesson.name}.{key}"]["ko"]))
            assert named <= known, (lesson.name, key)


# ---- guesses


@given(st.data())
def test_a_guess_comes_out_of_its_link_as_it_went_in(data):
    number = data.draw(st.integers(1, 5))
    lesson = lessons()[number - 1]
    point = st.floats(lesson.least - 50, lesson.most + 50)
    line = st.lists(point, min_size=lesson.drawn, max_size=lesson.drawn)
    drawn = guesses.check(lesson, data.draw(st.lists(line, min_size=1 + lesson.range, max_size=1 + lesson.range)))
    answer = data.draw(st.integers(1, 4))
    link = f"http://x/lessons?lang=ko&g{number}={guesses.written(lesson, drawn)}&a{number}={answer}&me=0123abcd"
    who, found = guesses.from_link(link)
    assert who == "0123abcd"
    assert set(found) == {number}
    assert found[number].answer == answer
    grain = (lesson.most - lesson.least) / guesses.STEPS_OF_AXIS
    assert np.allclose(found[number].lines, drawn, atol=0.51 * grain)
    assert guesses.written(lesson, found[number].lines) == guesses.written(lesson, drawn)


@pytest.mark.parametrize("query", ["g1=1-2", "g1=a-b-c-d-e-f", "g9=1", "g5=1-2-3", "a1=7", "a1=x", "", "nonsense", "?"])
def test_a_link_that_makes_no_sense_gives_no_guess(query):
    assert guesses.from_link(query)[1] == {}


def band(low, mean_, high):
    return Band(np.array(mean_), np.array(low), np.array(high), np.zeros((1, len(low))), 20)


def test_scores_have_known_answers():
    of = band([0] + [100] * 6, [0] + [150] * 6, [0] + [200] * 6)  # the model goes 150, half of it is the band
    assert guesses.score(DELAY, [[150.0] * 6], of).points == 100
    assert guesses.score(DELAY, [[100.0, 200, 100, 200, 150, 199]], of).points == 100
    assert guesses.score(DELAY, [[210.0] * 6], of).points == 73
    assert guesses.score(DELAY, [[75.0] * 6], of).points == 33
    assert guesses.score(DELAY, [[500.0] * 6], of).points == 0
    assert guesses.score(DELAY, [[3000.0] * 6], of).points == 0
    wide = band([10] * 11, [20] * 11, [70] * 11)  # its edges lie 60 apart
    assert guesses.score(DOUBT, [[10.0] * 10, [70.0] * 10], wide).points == 100
    assert guesses.score(DOUBT, [[15.0] * 10, [65.0] * 10], wide).points == 67, "too narrow is wrong as well"
    assert guesses.score(DOUBT, [[0.0] * 10, [100.0] * 10], wide).points == 0
    still = band([20] * 7, [20] * 7, [20] * 7)  # one that hardly moves
    assert guesses.score(DELAY, [[45.0] * 6], still).points == 33, "a quarter of a twentieth of the axis is 37.5"


@pytest.mark.parametrize(("lesson", "ends"), [(DELAY, "mean"), (LASTING, "zero")], ids=["delay", "lasting"])
def test_the_mistake_that_a_lesson_is_about_scores_badly(lesson, ends):
    """A straight line to the right end, where the way there is what the lesson teaches."""
    pupil = Pupil(search=f"?lesson={lessons().index(lesson) + 1}")
    pupil.skip()
    of = sheet_of(pupil)["chart"]["bands"]["curve"]
    first, last = of["mean"][lesson.given - 1], of["mean"][-1] if ends == "mean" else 0.0
    straight = [first + (last - first) * (n + 1) / lesson.drawn for n in range(lesson.drawn)]
    pupil.draw([straight])
    assert sheet_of(pupil)["score"]["points"] < 50
    pupil.again()
    pupil.draw([of["mean"][lesson.given :]])
    assert sheet_of(pupil)["score"]["points"] == 100


def test_a_sentence_and_a_score_wait_until_all_runs_are_there():
    """Four draws say something else of a range than twenty, and nobody should read it change."""
    step, gates = threading.Event(), {False: threading.Event(), True: threading.Event()}

    def ask(plans, layers, count, cancelled, take):
        ask_few(plans, layers, 2, cancelled, take)
        step.set()
        assert gates[layers.parametric].wait(60)
        ask_few(plans, layers, RUNS, cancelled, take)

    pupil = Learner("en", "?lesson=5", ask, lambda *_: None, Classes())
    pupil.begin()
    assert step.wait(60)
    while not sheet_of(pupil)["chart"]["given"]:
        time.sleep(0.01)
    pupil.draw([[30.0] * DOUBT.drawn, [60.0] * DOUBT.drawn])
    gates[False].set()  # noise alone is complete, what the score needs is not
    for _ in range(3):
        content = sheet_of(pupil)
        assert (content["reveal"], content["score"], content["chart"]["bands"]) == (None, None, {})
        assert content["busy"]["wanted"] == 60, "how far it is can be said"
        time.sleep(0.05)
    gates[True].set()
    while not (content := sheet_of(pupil))["reveal"]:
        time.sleep(0.01)
    assert content["busy"] is None
    assert content["chart"]["bands"]["all"]["count"] == RUNS
    assert content["score"]["points"] == guesses.score(DOUBT, pupil.guess.lines, pupil.model.scored).points


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        ("http://localhost:8765/lessons", True),
        ("http://127.0.0.1:8765/lessons", True),
        ("http://[::1]:8765/lessons", True),
        ("http://192.168.0.7:8765/lessons", False),
        ("https://school.example/sim/lessons", False),
    ],
)
def test_a_class_link_that_leads_only_to_this_machine_is_known(address, alone):
    pupil = Pupil("ko", "?class=ab12")
    pupil.here(address)
    assert sheet_of(pupil)["group"]["alone"] is alone


def test_a_histogram_counts_everybody_once():
    of = band([0] * 7, [0, 0, 0, 0, 0, 0, 1200], [0] * 7)
    drawn = [Guess(((0.0, 0, 0, 0, 0, last),)) for last in (0, 299, 300, 1250, 3000)]
    found = guesses.histogram(DELAY, [*drawn, Guess(answer=2)], of)
    assert found["counts"] == [2, 1, 0, 0, 1, 0, 0, 0, 0, 1]
    assert (found["n"], found["model"]) == (5, 1200)


@pytest.mark.parametrize("lines", [[], [[1, 2]], [[0] * 6, [0] * 6], [[float("nan")] * 6], "x", None, [["a"] * 6]])
def test_lines_that_are_none_are_refused(lines):
    with pytest.raises((ValueError, TypeError)):
        guesses.check(DELAY, lines)


def test_classes_are_kept_apart_and_bounded():
    classes, heard = Classes(most=2, members=3), []
    leave = classes.join("one", lambda: heard.append("one"))
    classes.put("one", 1, "a", Guess(answer=1))
    classes.put("one", 1, "a", Guess(answer=2))
    classes.put("one", 1, "a", Guess(answer=2))  # the same again is no news
    classes.put("two", 1, "a", Guess(answer=3))
    assert classes.guesses("one", 1) == [Guess(answer=2)], "a person's new guess takes the place of the old one"
    assert classes.guesses("two", 1) == [Guess(answer=3)]
    assert classes.guesses("one", 2) == []
    assert heard == ["one", "one"]
    leave()
    for n in range(5):
        classes.put("one", 1, str(n), Guess(answer=1))
    assert len(classes.guesses("one", 1)) == 3
    assert heard == ["one", "one"]
    classes.put("three", 1, "a", Guess(answer=1))
    assert classes.guesses("two", 1) == [], "the class that nobody looked at for longest went"


def test_guesses_outlive_the_server(tmp_path):
    before, drawn = Classes(), guesses.check(DELAY, [[600.0] * DELAY.drawn])
    before.open(tmp_path)
    before.put("3반", 1, "0123abcd", Guess(drawn))
    before.put("3반", 1, "0123abcd", Guess(drawn, 2))
    before.put("3반", 2, "0123abcd", Guess(answer=4))
    before.put("AB", 1, "ffffffff", Guess(answer=1))
    before.put("ab", 1, "ffffffff", Guess(answer=3))
    (tmp_path / "notes.txt").write_text("none of ours")
    again = Classes()
    again.open(tmp_path)
    assert again.guesses("3반", 1) == [Guess(drawn, 2)] and again.guesses("3반", 2) == [Guess(answer=4)]
    assert [again.guesses(code, 1) for code in ("AB", "ab")] == [[Guess(answer=1)], [Guess(answer=3)]]
    small = Classes(most=1)
    small.open(tmp_path)
    assert len([path for path in tmp_path.iterdir() if path.stem != "notes"]) == 1, "of too many the file goes as well"


def test_a_score_says_what_it_is_for(monkeypatch):
    pupil = Pupil("en")
    pupil.draw([[1000.0] * DELAY.drawn])
    shown = pupil.wait()["score"]
    found = pupil.scores[1]
    assert found.points == round(100 * max(0, 1 - found.away / found.worthless)) == shown["points"]
    assert f"{found.away:,.0f} outside" in shown["why"] and f"{found.worthless:,.0f} away" in shown["why"]


# ---- a pupil


_runs: dict[str, object] = {}


def run(plan, seed):
    key = key_of(plan, seed)
    if key not in _runs:
        _runs[key] = lean(Job(plan, seed))
    return _runs[key]


def ask_few(plans, layers, count, cancelled, take):
    """Real runs, but never more than a few."""
    futures = layers.futures(plans[0], min(count, RUNS))
    take([Results(plan, [run(of.plan(plan), of.seed) for of in futures]) for plan in plans])


class Pupil(Learner):
    """A learner whose work has been done when a verb returns."""

    def __init__(self, lang="en", search="", classes=None, look=None):
        super().__init__(lang, search, ask_few, look or (lambda *_: None), classes or Classes())
        self.begin()
        self.wait()

    def wait(self):
        for thread in threading.enumerate():
            if thread.name.startswith(THREADS):
                thread.join()
        return sheet_of(self)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_a_lesson_gives_nothing_away_before_the_guess_and_everything_after(lesson):
    number = lessons().index(lesson) + 1
    pupil = Pupil(search=f"?lesson={number}&step=3")
    before = sheet_of(pupil)
    assert (before["step"], before["open"], before["reveal"], before["chart"]["bands"]) == (1, False, None, {})
    assert len(before["chart"]["given"]) == lesson.given
    assert (before["chart"]["context"] is not None) == bool(lesson.context and lesson.context.shown == "guess")
    assert before["because"] is None
    assert before["right"] is None
    assert before["score"] is None
    pupil.choose_step(2)
    assert sheet_of(pupil)["step"] == 1
    pupil.draw([[lesson.least + 1.0] * lesson.drawn] * (1 + lesson.range))
    after = sheet_of(pupil)
    assert (after["step"], after["open"]) == (2, True)
    assert "curve" in after["chart"]["bands"]
    assert re.search(r"\d", after["reveal"])
    assert "{" not in after["reveal"]
    assert 0 <= after["score"]["points"] <= 100
    pupil.answer(lesson.right % 4 + 1)
    assert sheet_of(pupil)["right"] is False
    assert sheet_of(pupil)["because"] is None
    pupil.answer(lesson.right)
    assert sheet_of(pupil)["because"]
    again = Pupil(search="?" + pupil.link)
    assert sheet_of(again)["guess"] == pytest.approx(np.array(after["guess"]), abs=(lesson.most - lesson.least) / 400)
    assert sheet_of(again)["answer"] == lesson.right
    assert again.link == pupil.link


def test_scores_of_all_five_lessons_come_back_with_the_link():
    pupil = Pupil()
    for number, lesson in enumerate(lessons(), 1):
        pupil.choose_lesson(number)
        pupil.wait()
        pupil.draw([[lesson.least + 0.3 * (lesson.most - lesson.least)] * lesson.drawn] * (1 + lesson.range))
    total = sheet_of(pupil)["total"]
    assert total["n"] == 5
    assert total["score"] > 0
    again = Pupil(search="?" + pupil.link)
    assert again.wait()["total"] == pytest.approx(total, abs=3)  # guesses in a link are rounded to half a percent


def test_the_curve_of_a_lesson_is_the_mean_of_its_runs(mean):
    pupil = Pupil(search="?lesson=4")
    pupil.skip()
    chart = sheet_of(pupil)["chart"]
    for place, month in enumerate(LASTING.months):
        gap = mean("korea", "employed_hospitals", month, PAY) - mean("korea", "employed_hospitals", month)
        grant = mean("korea", "employed_hospitals", month) - mean("no-programme", "employed_hospitals", month)
        assert chart["bands"]["curve"]["mean"][place] == pytest.approx(gap, rel=1e-3)
        assert chart["context"]["mean"][place] == pytest.approx(grant, rel=1e-3)
    said = sheet_of(pupil)["reveal"]
    pay = mean("korea", "employed_hospitals", 60, PAY) - mean("korea", "employed_hospitals", 60)
    assert f"{pay:,.0f} more" in said
    pupil.follow("ko")
    assert f"{pay:,.0f}명" in sheet_of(pupil)["reveal"]


def test_what_is_tried_is_a_run_of_that_lever(mean):
    pupil = Pupil(search="?lesson=3")
    pupil.attempt(6)
    assert "tried" not in pupil.wait()["chart"]["bands"], "not before there is a guess"
    pupil.skip()
    pupil.attempt(6)
    tried = pupil.wait()["chart"]["bands"]["tried"]["mean"]
    assert tried[5] == pytest.approx(
        100 * mean("double-grant", "adoption_share", 60, ("levers.data_access=0.9",)), rel=1e-3
    )
    assert "levers.data_access=0.9" in pupil.scenario_link(tried=True)
    assert "levers" not in pupil.scenario_link(tried=False)
    pupil.attempt(RULES.tries.now)
    assert "tried" not in pupil.wait()["chart"]["bands"]
    pupil.attempt(99)
    assert sheet_of(pupil)["tries"]["place"] == RULES.tries.now


def test_a_class_sees_its_guesses_only_after_its_own():
    classes = Classes()
    first, second, other = (Pupil(search=f"?class={code}", classes=classes) for code in ("3반", "3반", "4반"))
    told = []
    second.on_change = lambda: told.append(True)
    first.draw([[100.0] * DELAY.drawn])
    assert told, "others in the class hear of it at once"
    assert sheet_of(second)["group"]["n"] == 1
    assert "lines" not in sheet_of(second)["group"]
    second.draw([[500.0] * DELAY.drawn])
    assert sheet_of(second)["group"]["lines"] == [[[100.0] * DELAY.drawn], [[500.0] * DELAY.drawn]]
    assert sum(sheet_of(second)["group"]["histogram"]["counts"]) == 2
    first.again()
    first.draw([[900.0] * DELAY.drawn])
    assert sheet_of(second)["group"]["lines"] == [[[900.0] * DELAY.drawn], [[500.0] * DELAY.drawn]]
    assert sheet_of(other)["group"]["n"] == 0
    other.paste("https://x/lessons?" + first.link + "\n\nnonsense\nhttps://x/lessons?" + first.link)
    assert sheet_of(other)["group"]["n"] == 1
    assert "1" in sheet_of(other)["group"]["note"]
    other.join("!")
    assert sheet_of(other)["group"]["code"] == "4반"
    other.join("")
    assert sheet_of(other)["group"]["code"] == ""


def test_the_class_link_leads_to_the_lesson_without_anybodys_guess():
    pupil = Pupil("ko", "?class=ab12&lesson=2")
    pupil.draw([[1.0] * 10])
    pupil.here("https://school.example/sim/lessons?lang=ko&g2=1")
    group = sheet_of(pupil)["group"]
    assert group["link"] == "https://school.example/sim/lessons?lang=ko&lesson=2&class=ab12&pupil=1"
    assert len(group["qr"]["path"]) > 1000
    again = Pupil("ko", "?" + group["link"].partition("?")[2])
    assert (again.number, again.code, again.guesses) == (2, "ab12", {})
    assert sheet_of(again)["pupil"] and not sheet_of(pupil)["pupil"]
    again.draw([[1.0] * 10])
    assert "&pupil=1" in again.link, "a pupil's page stays one when it is loaded again"
    pupil.here("javascript:alert(1)")
    assert sheet_of(pupil)["group"]["link"] is None


def test_nothing_that_is_sent_raises():
    pupil = Pupil()
    for verb in (pupil.choose_lesson, pupil.choose_step, pupil.draw, pupil.answer, pupil.attempt, pupil.choose_seed):
        for sent in (None, "x", -1, 99, [[1]], {"a": 1}):
            verb(sent)
    assert (pupil.number, pupil.step, pupil.guesses) == (1, 1, {})


# ---- dots


@pytest.fixture(scope="module")
def korea():
    return record(Scenario.load("korea"), 0)


@pytest.mark.parametrize("group", ["programme", "hospital"])
def test_dots_are_where_the_people_of_the_run_are(korea, group):
    lives = Lives(korea.run, lang="en")
    keys = lesson_dots.sample(lives, group)
    found = lesson_dots.dots_of(korea, keys, "en")
    assert len(found["people"]) == lesson_dots.PEOPLE
    names = [place["name"] for place in found["places"]]
    for person in found["people"]:
        states = lives.states[lives.row(int(person["key"]))]
        path, place = dict(zip(person["path"][::2], person["path"][1::2], strict=True)), -1
        for month, state in enumerate(states):
            place = path.get(month, place)
            wanted = State(state).name.lower().replace("retraining", "enrolled") if state else None
            assert (names[place] if place >= 0 else None) == wanted
    if group == "hospital":
        assert all(lives.states[lives.row(key), 60] == State.HOSPITAL for key in keys)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_life_is_told_in_whole_sentences(korea, lang):
    lives = Lives(korea.run, lang=lang)
    for group in ("programme", "hospital"):
        for key in lesson_dots.sample(lives, group):
            told = lesson_dots.sentence(lives, key)
            text = re.sub(r"\d+년 \d+월 창업기업|Startup \d+ of \w+ \d+", "firm", told)  # new firms go by a date
            assert re.sub(r" ?\([^)]*\)", "", text).endswith("니다." if lang == "ko" else ".")
            assert not re.search(r"[{}]|\(이/가|\(으로|  |None", text), text
            dates = {event.month: date(lives.plan.date_of(event.month), lang) for event in lives.events_of(key)}
            places = [text.find(dates[month]) for month in sorted(dates) if dates[month] in text]
            assert places == sorted(places), "told in the order in which it happened"
    assert (
        lesson_dots.sentence(lives, 12345)
        == {
            "ko": "이 모의실험에서는 이 정원으로 입학한 사람이 없습니다.",
            "en": "Nobody came to this seat in this run.",
        }[lang]
    )


def test_dots_are_asked_for_when_they_are_looked_at(korea):
    asked = []

    def look(question, cancelled):
        asked.append((question.seed, question.about))
        return lesson_dots.dots_of(korea, [1, 2], question.lang)

    pupil = Pupil(search="?lesson=5", look=look)
    pupil.skip()
    assert asked == []
    pupil.choose_step(4)
    assert len(pupil.wait()["dots"]["people"]) == 2
    pupil.choose_seed(2)
    pupil.wait()
    assert asked == [(0, ("programme",)), (2, ("programme",))]


def test_a_lesson_shown_without_a_guess_stays_so_when_the_page_is_loaded_again():
    pupil = Learner("ko", "?lesson=1")
    pupil.skip()
    again = Learner("ko", pupil.link.replace("&", "?", 1))
    assert (again.number, again.step, again.open) == (1, 2, True)
    assert not Learner("ko", "?lesson=1&step=1").open


@pytest.mark.parametrize("search", ["lesson=9", "lesson=x", "g1=a-b-c", "g9=1-2"])
def test_parts_of_a_link_that_are_no_lesson_and_no_guess_are_named(search):
    for lang, said in (("en", "lesson"), ("ko", "수업|예상")):
        (dropped,) = Learner(lang, f"?{search}").dropped
        assert dropped.startswith(search) and re.search(said, dropped.removeprefix(search))
    assert not Learner("ko", "?lesson=2&step=1&utm_source=x").dropped
