"""Looking inside a run: the map, stories and flows say what the run holds, in both languages, and small enough."""

import json
import re
import threading
import time

import numpy as np
import pytest

from injae.agents.hospital import AdoptionStage
from injae.agents.trainee import State
from injae.experiments.lives.biography import biography, explain
from injae.experiments.lives.finders import find_all
from injae.experiments.lives.flows import BEHIND, FLOWS, Flows, Node
from injae.experiments.lives.lives import Lives, part
from injae.experiments.lives.recordings import record
from injae.experiments.lives.words import BOOK, Words
from injae.experiments.names import place_names
from injae.model.country import read_country
from injae.model.ecosystem import Ecosystem
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.view.inside.desk import Answers, Look, look
from injae.viz.view.inside.insider import Insider
from injae.viz.view.inside.looks import SAMPLE, STAFF_STEPS, map_of, mark_of, sample
from injae.viz.view.inside.stories import behind_of, institution_of, life_of, pieces
from injae.viz.view.runs import Desk
from injae.viz.view.state import ViewState

MONTHS = 48
SIZE_MAX = 250_000
PLACEHOLDER = re.compile(r"\{(\w+)")
HANGUL = re.compile("[가-힣]")
LANGS = ("ko", "en")


def plan_of(name="korea", months=MONTHS):
    return Scenario.load(name, [f"months={months}"])


@pytest.fixture(scope="module")
def korea():
    return record(plan_of(), 0)


@pytest.fixture(scope="module")
def flows(korea):
    return Flows(korea, Lives(korea.run))


@pytest.fixture(scope="module")
def payload(korea):
    return map_of(korea, "ko")


def unpacked(coded):
    """Values by month and row, as the page reads them."""
    now = [int(digit) for digit in coded["first"]]
    rows = []
    for flat in coded["changes"]:
        for row, value in zip(flat[::2], flat[1::2], strict=True):
            now[row] = value
        rows.append(list(now))
    return np.array(rows)


def at_month(path, month):
    """State and row of a dot in a month."""
    state, row = 0, -1
    for n in range(0, len(path), 3):
        if path[n] <= month:
            state, row = path[n + 1 : n + 3]
    return state, row


def text_of(sentence):
    return "".join(piece["t"] for piece in sentence)


# the recording and the map -------------------------------------------------------------------------------------------


def test_a_recording_is_the_run_that_everybody_else_makes(korea):
    plain = Ecosystem(plan_of(), 0).run()
    assert korea.run.history.tobytes() == np.asarray(plain.history).tobytes()
    assert np.array_equal(korea.months["hospitals"]["stage"][-1], plain.hospitals.rows("stage"))
    assert korea.months["firms"]["active"].sum(axis=1).tolist() == plain.history["firms"].tolist()
    assert korea.months["hospitals"]["staff"].sum(axis=1).tolist() == plain.history["employed_hospitals"].tolist()


def test_dots_are_where_the_people_table_has_them_in_every_month(payload):
    """The map against the columns of the model itself, stepped apart from the log that the map is read from."""
    model = Ecosystem(plan_of(), 0)
    for month in range(MONTHS + 1):
        people = model.people
        known = {int(key): row for row, key in enumerate(people.rows("key"))}
        for dot in payload["people"]:
            row, (state, place) = known.get(int(dot["key"])), at_month(dot["path"], month)
            if row is None:
                assert state == 0, (dot, month)
                continue
            there = people.rows("university" if state == State.ENROLLED else "employer")[row]
            assert (state, place) == (people.rows("state")[row], there), (dot, month)
        if month < MONTHS:
            model.step()


def test_institutions_on_the_map_are_those_of_the_run(korea, payload):
    stage = korea.months["hospitals"]["stage"].max(axis=2)
    assert np.array_equal(unpacked(payload["hospitals"]["stage"]), stage)
    used = (unpacked(payload["hospitals"]["stage"]) >= AdoptionStage.DEPLOYED).mean(axis=1)
    assert used == pytest.approx(korea.run.history["adoption_share"])
    firms = unpacked(payload["firms"]["staff"])
    assert ((firms > 0).sum(axis=1) == korea.run.history["firms"]).all()
    staff = korea.months["firms"]["staff"][MONTHS]
    for size, step in zip(staff[firms[MONTHS] > 0], firms[MONTHS][firms[MONTHS] > 0] - 1, strict=True):
        least = (0, *STAFF_STEPS)[step]
        assert size >= least
        assert step == len(STAFF_STEPS) or size < STAFF_STEPS[step]
    for column in ("seats", "enrolled", "teachers"):
        assert (
            np.sum([u[column] for u in payload["universities"]], axis=0).tolist() == korea.run.history[column].tolist()
        )


def test_regions_are_those_of_the_country(payload):
    country = read_country("korea")
    assert [int(digit) for digit in payload["hospitals"]["regions"]] == country.hospitals.regions
    regions = [int(digit) for digit in payload["firms"]["regions"]]
    assert regions[: len(country.firms.regions)] == country.firms.regions
    assert set(regions[len(country.firms.regions) :]) == {2}  # the model gives no place to firms founded in a run


def test_people_at_each_node_follow_from_the_flows_and_are_the_series(korea, payload):
    history, stocks = korea.run.history, np.array(payload["stocks"])
    now = stocks[0].copy()
    for month in range(1, MONTHS + 1):
        flat = payload["flows"][month]
        for before, after, people in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
            now[before] -= people
            now[after] += people
        now[Node.OUTSIDE] = 0
        assert now.tolist() == stocks[month].tolist()
    sums = {
        "enrolled": (Node.STUDENTS_CAPITAL, Node.STUDENTS_PROVINCES), "seeking": (Node.SEEKING,),
        "teachers": (Node.TEACHERS_CAPITAL, Node.TEACHERS_PROVINCES), "abroad": (Node.ABROAD,),
        "employed_hospitals": (Node.HOSPITALS_CAPITAL, Node.HOSPITALS_PROVINCES), "left": (Node.LEFT,),
        "employed_firms": (Node.FIRMS_CAPITAL, Node.FIRMS_PROVINCES, Node.FIRMS_NEW),
        "in_retraining": (Node.RETRAINING,), "other_sectors": (Node.OTHER_SECTOR,),
    }  # fmt: skip
    for series, nodes in sums.items():
        assert stocks[:, list(nodes)].sum(axis=1).tolist() == history[series].tolist(), series


def test_a_clinician_taken_at_the_end_of_the_course_goes_straight_to_the_hospital(korea, flows):
    events = flows.lives.events
    ended = events[events["event"] == "retraining_ended"].set_index(["person", "month"]).index
    hired = events[(events["event"] == "hired") & (events["state"] == "hospital")].set_index(["person", "month"]).index
    at_once = len(ended.intersection(hired))
    moves = flows.moves[flows.moves["state_before"] == "retraining"]
    assert (moves["state"] == "hospital").sum() == at_once > 0
    assert (moves["state"] == "other_sector").sum() == len(ended) - at_once


@pytest.mark.parametrize("lang", LANGS)
def test_the_map_of_ten_years_is_small(lang):
    content = map_of(record(plan_of(months=120), 0), lang)
    assert len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()) <= SIZE_MAX


def test_mostly_the_same_people_are_followed_in_other_scenarios_and_seeds(korea):
    keys = sample(Lives(korea.run))
    assert 50 <= len(keys) <= sum(SAMPLE.values())
    other = Lives(record(plan_of("double-grant"), 3).run)
    mine = set(keys)
    assert len(mine & set(sample(other))) > 0.5 * len(mine)
    lives = Lives(korea.run)
    counts = {name: sum(mark_of(lives.person(key)) == name for key in keys) for name in SAMPLE}
    assert all(counts[name] <= SAMPLE[name] for name in SAMPLE)
    assert counts["programme"] == SAMPLE["programme"]


# behind a point ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("series", sorted(BEHIND))
def test_flows_behind_a_point_sum_to_what_the_series_did(series, korea, flows):
    hospitals = korea.fixed["hospitals"]
    of_tier = {"tertiary": 0, "general": 1, "hospital": 2}
    word = series.rpartition("_")[2]
    whole = 1.0
    if series in FLOWS or SERIES[series].unit != "share":
        pass
    elif word in of_tier:
        whole = (hospitals["tier"] == of_tier[word]).sum()
    elif word in ("capital", "regions"):
        whole = (hospitals["region"] == (word == "regions")).sum()
    else:
        whole = len(hospitals["tier"])
    seen = 0
    for month in range(1, MONTHS + 1):
        behind = flows.behind(series, month)
        assert sum(part.sign * part.count for part in behind.parts) == pytest.approx(behind.change * whole, abs=1e-6)
        seen += len(behind.parts)
        for flow in behind.parts:
            assert len(flow.institutions or flow.people) == flow.count
            assert all(key in flows.lives for key in flow.people)
    assert seen


def test_a_planted_loss_of_a_flow_is_noticed(korea, flows):
    month = next(m for m in range(1, MONTHS) if korea.run.history["emigrated"][m])
    behind = flows.behind("specialists", month)
    without = [flow for flow in behind.parts if flow.event != "emigrated"]
    assert sum(part.sign * part.count for part in without) != behind.change


def test_nobody_is_behind_money(flows):
    assert flows.behind("public_won", 12) is None
    assert flows.behind("specialists", 0) is None
    assert flows.behind("specialists", MONTHS + 1) is None


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_said_of_a_point(lang, korea):
    told = behind_of(korea, "specialists", 30, lang)
    assert f"{korea.run.history['specialists'][30]:,}" in told["text"]
    assert told["note"] == ""
    happened = Lives(korea.run).events
    for flow in told["parts"]:
        events = happened[(happened["month"] == 30) & (happened["event"] == flow["event"])]
        assert {int(person["key"]) for person in flow["people"]} <= set(map(int, events["person"]))
    money = behind_of(korea, "public_trust", 30, lang)
    assert money["parts"] == []
    assert money["note"]


# stories -------------------------------------------------------------------------------------------------------------


def test_korean_has_every_phrase_of_english_with_the_same_facts():
    free = {"taught"}  # names whom it counts in English
    for name, texts in BOOK.texts.items():
        assert set(texts) == {"ko", "en"}, name
        if name not in free:
            assert set(PLACEHOLDER.findall(texts["ko"])) == set(PLACEHOLDER.findall(texts["en"])), name


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_are_complete(lang, korea):
    lives = Lives(korea.run, "A", lang)
    other = Lives(record(plan_of("no-programme"), 0).run, "B", lang)
    people = [find.key for _, find in find_all(lives, other)] + sample(lives)[:20]
    told = 0
    for key in people:
        lines = [line.text for line in biography(lives, key)] + explain(lives, other, key, part(lives, other, key))
        for line in lines:
            text = text_of(pieces(line))
            assert text.endswith(".")
            assert "{" not in text and "None" not in text and "nan" not in text and "/가" not in text, text
            if lang == "ko":
                assert HANGUL.search(text)
                known = r"AI|SK|[AB]\b"
                assert not re.search("[A-Za-z]{2,}", re.sub(rf"/[0-9a-f]{{4}}|{known}", "", text)), text
            told += 1
    assert told > 200


def test_english_biographies_are_in_the_words_they_had(korea):
    """Known sentences of the command line: the tables may grow, what they say stays."""
    words = Words()
    assert words.pay(56_040_000) == "56.0m won a year"
    assert words.date(korea.run.plan, 30) == "2027-06"
    assert words.say("hired", place="Mid-size 29", pay=words.pay(56e6)) == "hired by Mid-size 29 at 56.0m won a year"
    assert Words("ko").date(korea.run.plan, 30) == "2027년 6월"


def test_names_in_korean():
    names, english = place_names("korea", "ko"), place_names("korea", "en")
    assert names["hospital"][english["hospital"].index("Asan Medical Center")] == "서울아산병원"
    assert names["firm"][english["firm"].index("Lunit")] == "루닛"
    assert names["hospital"][english["hospital"].index("General 161")] == "종합병원 161"
    assert all(len(set(names[kind])) == len(english[kind]) for kind in names)


def test_two_lives_in_both_languages_part_at_the_same_place():
    plans = [plan_of(), plan_of("no-programme")]
    key = int(sample(Lives(record(plans[0], 0).run))[0])  # a programme trainee
    recordings = [record(plan, 0, watch=key) for plan in plans]
    korean, english = (life_of(recordings, ["A", "B"], key, lang) for lang in LANGS)
    parting = part(*(Lives(recording.run) for recording in recordings), key)
    assert korean["parting"]["month"] == english["parting"]["month"] == parting.month
    assert len(korean["why"]) == len(english["why"]) > 1
    for mine, theirs in zip(korean["lives"], english["lives"], strict=True):
        assert [line["month"] for line in mine["lines"]] == [line["month"] for line in theirs["lines"]]
    assert korean["person"]["key"] == str(key)
    assert [life["there"] for life in korean["lives"]] == [True, key in Lives(recordings[1].run)]


def test_a_key_of_nobody_is_told_so(korea):
    told = life_of([korea], ["A"], 12345678901234567, "ko")
    assert told["person"] is None
    assert told["lives"][0]["there"] is False


def test_people_in_sentences_can_be_followed():
    sentence = pieces("taught by person 16115305087992188603, person 933475911625393948")
    assert [piece.get("key") for piece in sentence] == [None, "16115305087992188603", None, "933475911625393948", None]
    assert text_of(sentence) == "Taught by person …8603, person …3948."
    assert text_of(pieces("left Startup 2027-06/ab12 in 2030-02")) == "Left Startup 2027-06/ab12 in Feb 2030."


@pytest.mark.parametrize("lang", LANGS)
def test_an_institution_says_what_its_columns_hold(lang, korea):
    hospitals = korea.months["hospitals"]
    row = int(
        np.argmax((np.diff(hospitals["stage"].max(axis=2), axis=0) > 0).sum(axis=0) * (hospitals["staff"][-1] > 0))
    )
    card = institution_of(korea, "hospital", row, lang)
    for domain, strip in enumerate(card["stages"]):
        assert [int(digit) for digit in strip["months"]] == hospitals["stage"][:, row, domain].tolist()
    moves = int((np.diff(hospitals["stage"][:, row].astype(int), axis=0) != 0).sum())
    words = {"ko": ("단계로",), "en": ("went from", "fell back")}[lang]
    assert sum(any(word in text_of(line["text"]) for word in words) for line in card["lines"]) == moves > 0
    assert str(int(hospitals["staff"][30, row])) in card["now"][30]
    assert [line["month"] for line in card["lines"]] == sorted(line["month"] for line in card["lines"])
    assert all(text_of(line["text"]).endswith(".") for line in card["lines"])


def test_firms_are_founded_and_close_when_the_run_says(korea):
    lives, active = Lives(korea.run), korea.months["firms"]["active"]
    row = next(iter(lives.founded))
    month, founder = lives.founded[row]
    card = institution_of(korea, "firm", row, "en")
    assert card["lines"][0]["month"] == month
    assert any(piece.get("key") == str(founder) for line in card["lines"][:3] for piece in line["text"])
    closed = int(np.flatnonzero(active[0] & ~active[-1])[0])
    last = int(np.flatnonzero(active[:, closed])[-1])
    lines = institution_of(korea, "firm", closed, "en")["lines"]
    assert [line["month"] for line in lines if text_of(line["text"]) == "Closed."] == [last + 1]


def test_one_specialist_is_no_specialists(korea):
    row = next(iter(Lives(korea.run).founded))  # a firm begins with its founder
    lines = [text_of(line["text"]) for line in institution_of(korea, "firm", row, "en")["lines"]]
    assert any("; 1 specialist at the end" in line for line in lines)
    assert not any(" 1 specialists" in line for line in lines)


def test_a_university_says_its_grant_to_the_won(korea):
    card = institution_of(korea, "university", 0, "en")
    assert card["money"][0]["text"][12] == "750.0m won"  # of 2025
    assert "grant programme" in card["title"]


@pytest.mark.parametrize("lang", LANGS)
def test_an_institution_with_a_real_name_says_what_is_made_up(lang, korea):
    names = place_names("korea", "en")
    said = {"ko": ("실제이며", "모형이 만든"), "en": ("are real", "no real")}[lang]
    hospitals, firms = names["hospital"], names["firm"]
    real = [("hospital", hospitals.index("Asan Medical Center")), ("firm", firms.index("Lunit")), ("university", 0)]
    made_up = [("hospital", hospitals.index("General 161")), ("firm", len(firms))]  # the last: founded since
    for which, words in ((real, said[0]), (made_up, said[1])):
        for kind, row in which:
            card = institution_of(korea, kind, row, lang)
            assert words in card["caution"], (kind, row)
            assert card["real"] is (which is real)


def test_all_people_behind_a_point_are_there_to_be_shown(korea):
    parts = behind_of(korea, "specialists", 30, "en")["parts"]
    assert max(part["count"] for part in parts) > 12, "more than the page shows at first"
    assert all(len(part["people"] or part["institutions"]) == part["count"] for part in parts)


def test_records_in_order_are_all_of_them_not_a_hundred_percent(korea):
    rows = np.flatnonzero(korea.fixed["hospitals"]["data_readiness"] > 0.9996)
    facts = institution_of(korea, "hospital", int(rows[0]), "en")["facts"]
    assert "all records in a form that AI can use" in facts


# the desk ------------------------------------------------------------------------------------------------------------


def test_a_look_answers_itself_and_refuses_kindly():
    plan = plan_of(months=6)
    assert Look(plan, 0, "en", "map")()["months"] == 6
    assert "digits" in Look(plan, 0, "en", "person", ("x",))()["refused"]
    assert "the run has" in Look(plan, 0, "en", "institution", ("hospital", 99_999))()["refused"]
    assert "no such kind" in Look(plan, 0, "en", "institution", ("school", 0))()["refused"]
    assert "Traceback" in Look(plan, 0, "en", "behind", ("no_series", 3))()["error"]


def test_looks_go_through_the_shared_pool_and_are_kept():
    desk = Desk(count=1)
    try:
        question = Look(plan_of(months=5), 0, "ko", "behind", ("specialists", 3))
        first = look(question, threading.Event(), desk)
        assert first == question()
        desk.close()
        assert look(question, threading.Event(), desk) is first  # known: the pool is not asked again
    finally:
        desk.close()


def test_answers_are_bounded_and_errors_are_not_kept():
    kept = Answers(most_bytes=2_000)
    for n in range(100):
        kept.put(str(n), {"text": "x" * 100})
    assert kept.bytes <= 2_000
    assert kept.get("0") is None
    assert kept.get("99") is not None
    kept.put("bad", {"error": "x"})
    assert kept.get("bad") is None


# one visitor ---------------------------------------------------------------------------------------------------------


class Asked:
    """Answers looks at once and remembers them."""

    def __init__(self):
        self.questions = []

    def __call__(self, question, cancelled):
        self.questions.append((question.what, question.about, question.seed, question.lang))
        return {"of": question.what, "lang": question.lang}


def settled(insider, test):
    for _ in range(200):
        if test(insider):
            return
        time.sleep(0.01)
    pytest.fail("nothing came")


def test_a_link_leads_to_a_point_and_to_a_person_and_back_to_the_link():
    search = "?s=korea&lang=ko&run=3&person=16115305087992188603&series=specialists&at=40"
    asked = Asked()
    insider = Insider(ViewState.from_link(search)[0], search, asked)
    insider.begin()
    settled(insider, lambda i: i.payload and i.story and i.behind)
    assert insider.link == "&run=3&person=16115305087992188603&series=specialists&at=40"
    assert insider.story["what"] == "person"
    assert ("behind", ("specialists", 40), 3, "ko") in asked.questions
    again = Insider(insider.state, insider.state.link() + insider.link, asked)
    assert again.link == insider.link


@pytest.mark.parametrize("search", ["?person=abc", "?run=x&at=9999", "?hospital=-1", "?series=nothing&at=3", "?at="])
def test_a_senseless_link_is_no_trouble(search):
    insider = Insider(ViewState(), search, Asked())
    assert insider.picked is None
    assert insider.point is None
    assert insider.seed == 0


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("run=99999999999", "seeds are 0 to 999"),
        ("at=900", "months are 0 to 120"),
        ("hospital=99999", "the run has 1790"),
        ("university=x", "the run has"),
        ("person=abc", "digits only"),
        ("series=nothing&at=3", "series=nothing"),
        ("series=specialists", "series=specialists"),
    ],
)
def test_parts_of_a_link_that_say_nothing_are_named(search, said):
    insider = Insider(ViewState(lang="en"), f"?{search}", Asked())
    assert search.partition("=")[0] in insider.dropped[0] and said in insider.dropped[0]
    assert insider.link.replace("&at=60", "").replace("&at=3", "") == ""
    assert HANGUL.search(Insider(ViewState(lang="ko"), f"?{search}", Asked()).dropped[0])
    assert Insider(ViewState(), "?run=3&at=40&hospital=4&utm_source=x", Asked()).dropped == []


def test_a_firm_that_the_run_does_not_have_leaves_the_address_with_a_word():
    def refuse(question, cancelled):
        return {"refused": "firm 900: the run has 512"} if question.what == "institution" else {"of": question.what}

    insider = Insider(ViewState(lang="en"), "?firm=900", refuse)
    assert "firm=900" in insider.link
    insider.begin()
    settled(insider, lambda i: i.dropped)
    assert "the run has 512" in insider.dropped[0]
    assert (insider.picked, insider.story, insider.reading) == (None, None, False)
    assert "firm" not in insider.link


def test_another_scenario_or_seed_is_looked_at_afresh():
    asked = Asked()
    insider = Insider(ViewState(), "", asked)
    insider.begin()
    insider.pick({"what": "institution", "kind": "hospital", "row": 4})
    insider.choose_seed(2)
    insider.follow(ViewState(lang="en"))
    settled(insider, lambda i: (i.payload or {}).get("lang") == "en" and (i.story or {}).get("lang") == "en")
    assert ("institution", ("hospital", 4), 2, "en") in asked.questions
    before = len(asked.questions)
    insider.follow(ViewState(lang="en", month=12))  # neither scenario nor language
    assert len(asked.questions) == before
    insider.unpick()
    assert insider.story is None


def test_what_goes_wrong_is_said_in_the_visitors_language():
    insider = Insider(
        ViewState(lang="ko"), "?person=12345678901", lambda question, cancelled: {"error": "Traceback ..."}
    )
    insider.begin()
    settled(insider, lambda i: i.error and i.story)
    assert HANGUL.search(insider.error)
    assert "Traceback" not in insider.error + insider.story["error"]
