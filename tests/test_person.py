"""Lives: the event log replays to the columns of the model, and two lives part where they should."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, injae

from injae.agents.columns import declared
from injae.agents.trainee import State
from injae.experiments.lives.biography import biography, explain, origin, posts_met, side_by_side
from injae.experiments.lives.biography import why as reason
from injae.experiments.lives.finders import FINDERS, find_all
from injae.experiments.lives.lives import MISSED, Lives, Moment, part, replay
from injae.experiments.lives.words import BOOK, Words
from injae.experiments.runs import Job, Run, do, events_table, people_table
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.model.world import Event, EventColumns, Outcome
from injae.viz.answers.person import check_key

ROOT = Path(__file__).resolve().parent.parent
MONTHS = 36
EVENTFUL = (
    "levers.grant_scale=3", "levers.visas_per_year=240", "parameters.migration.return_per_month=0.02",
    "parameters.firms.exit_per_month=0.01", "parameters.start.vacancy_share=0.02",
)  # fmt: skip
STATES = {int(state): state.name.lower() for state in State} | {0: ""}
COLUMNS = (
    "state", "employer", "university", "since_month", "pay_won_per_year", "programme", "graduated_month",
    "practicum_state", "practicum_host", "career_months",
)  # fmt: skip


def plan_of(*changes, name="korea", months=MONTHS):
    return Scenario.load(name, [f"months={months}", *changes])


def lives_of(plan, seed=0, watch=0):
    run = do(Job(plan, seed, people=True, events=True, watch=watch))
    assert run.error is None, run.error
    return Lives(run)


@pytest.fixture(scope="module")
def korea():
    return lives_of(plan_of(months=72))


@pytest.fixture(scope="module")
def without():
    return lives_of(plan_of(name="no-programme", months=72))


@pytest.mark.parametrize(("changes", "seed"), [((), 1), ((), 2), (EVENTFUL, 3)])
def test_the_log_replays_to_the_columns_of_everybody_in_every_month(changes, seed):
    model = Ecosystem(plan_of(*changes), seed, events=True)
    snapshots = [{name: model.people.rows(name).copy() for name in COLUMNS}]
    for _ in range(MONTHS):
        model.step()
        snapshots.append({name: model.people.rows(name).copy() for name in COLUMNS})
    run = Run(model.plan, seed, model.history, model.paid, people=people_table(model), events=events_table(model))
    lives = Lives(run)
    happened = set(lives.events["event"].unique())
    assert happened == {event.name.lower() for event in Event} - MISSED
    told = lives.events.sort_values("person", kind="stable").itertuples(index=False)
    told = [
        (key, *moment)
        for key, events in itertools.groupby(told, key=lambda event: event.person)
        for moment in replay(list(events), MONTHS)
    ]
    told = pd.DataFrame(told, columns=["key", *Moment._fields]).set_index(["key", "month"]).sort_index()
    seen = [
        pd.DataFrame({"key": model.people.rows("key")[: len(columns["state"])], "month": month, **columns})
        for month, columns in enumerate(snapshots)
    ]
    seen = pd.concat(seen).replace({"state": STATES, "practicum_state": STATES}).set_index(["key", "month"])
    pd.testing.assert_frame_equal(told, seen.sort_index()[told.columns], check_dtype=False)
    assert (lives.states == np.stack([_padded(s["state"], len(lives.people)) for s in snapshots], axis=1)).all()


def _padded(values, length):
    return np.concatenate([values, np.zeros(length - len(values), values.dtype)])


def test_a_planted_hole_in_the_log_is_noticed(korea):
    """The replay depends on each kind of event that changes a column."""
    for kind in ("pay_reviewed", "graduated", "practicum", "changed_job", "came_back"):
        key = int(korea.events.loc[korea.events["event"] == kind, "person"].iloc[0])
        events = korea.events_of(key)
        gap = next(n for n, event in enumerate(events) if event.event == kind)
        before, after = events[gap].month, events[gap + 1].month if gap + 1 < len(events) else korea.months + 1
        whole, cut = (replay(told, korea.months) for told in (events, events[:gap] + events[gap + 1 :]))
        differs = [a.month for a, b in zip(whole, cut, strict=True) if a != b]
        assert kind == "pay_reviewed" or differs[0] == before, kind
        assert not differs or before <= differs[0] <= after


def test_watching_and_writing_change_nothing():
    plan = plan_of(months=24)
    plain = Ecosystem(plan, 4).run()
    watched = Ecosystem(plan, 4, events=True, watch=int(plain.people.rows("key")[10])).run()
    assert np.asarray(plain.history).tobytes() == np.asarray(watched.history).tobytes()
    for name in plain.people.declared:
        assert plain.people.rows(name).tobytes() == watched.people.rows(name).tobytes()


def test_the_log_has_room_for_what_can_happen():
    changes = ("parameters.labour.posts_met_per_month=50", "parameters.labour.job_search_per_month=1")
    model = Ecosystem(plan_of(*changes, "parameters.start.seeking_share=0.8"), 0, events=True)
    for _ in range(3):
        people, before = len(model.people), len(model.events)
        model.step()
        new = len(model.people) - people
        assert len(model.events) - before <= model._most_events(people + new)
        events = pd.Series(model.events.rows("event")[before:])
        persons = pd.Series(model.events.rows("person")[before:])
        assert persons[events != Event.POST_MET].value_counts().max() <= 9
    assert (model.events.rows("event") == Event.POST_MET).sum() > 10 * len(model.people)


def test_a_log_without_room_is_refused(monkeypatch):
    monkeypatch.setattr(Ecosystem, "_most_events", lambda self, people: 0)
    with pytest.raises(RuntimeError, match="more events than the log has room for"):
        Ecosystem(plan_of(), 0, events=True).run()


def test_posts_met_explain_who_works_where(korea):
    events = korea.events
    posts = events[events["event"] == "post_met"]
    assert set(posts["outcome"].unique()) == {o.name.lower() for o in Outcome} - {"applied"}
    moves = events[events["event"].isin(["hired", "changed_job"])]
    by_search = moves[events.groupby("person")["event"].shift()[moves.index] != "retraining_ended"]
    taken = posts[posts["outcome"] == "taken"]
    # every post taken is a hire at that pay, and there is no other hire but by the course for clinicians
    joined = taken.merge(by_search, on=["person", "month"], suffixes=("", "_hired"))
    assert len(joined) == len(taken) == len(by_search)
    assert (joined["offer_won_per_year"] == joined["pay_won_per_year_hired"]).all()
    assert (joined["other"] == joined["place_hired"]).all()
    # whoever got the post instead took one of the same employer in the same month
    lost = posts[posts["outcome"] == "filled_by_another"].astype({"rival": "uint64"})
    winners = lost.merge(taken, left_on=["rival", "month"], right_on=["person", "month"], suffixes=("", "_rival"))
    assert len(winners) == len(lost)
    assert (winners["other"] == winners["other_rival"]).all()
    # nobody applied for less than was asked, and nobody left a better post alone
    seeking = posts["state"] == "seeking"
    low = posts["outcome"] == "below_reservation"
    assert (posts.loc[low, "offer_won_per_year"] <= posts.loc[low, "needed_won_per_year"]).all()
    assert seeking[low].all()
    applied = posts["outcome"].isin(["taken", "filled_by_another"])
    reached = np.where(seeking, posts["offer_won_per_year"], posts["worth_won_per_year"])
    assert (reached[applied] >= posts.loc[applied, "needed_won_per_year"]).all()
    less = posts[posts["outcome"] == "worth_less_than_another"].merge(
        posts[applied], on=["person", "month"], suffixes=("", "_chosen")
    )
    assert len(less) == (posts["outcome"] == "worth_less_than_another").sum()
    assert (less["worth_won_per_year"] <= less["worth_won_per_year_chosen"]).all()


def test_before_a_dated_change_everybody_has_the_same_events():
    """Relation T22: whom a change has not touched yet has the same history, offers and rivals included."""
    month = 13
    surprise = "levers.grant_notice_months=0"  # with notice universities plan for the change before it comes
    sets = ((surprise,), (surprise, "levers.grant_scale@2026-01=6"))
    base, changed = (lives_of(plan_of(*set_, months=24)) for set_ in sets)
    early = [lives.events[lives.events["month"] < month].reset_index(drop=True) for lives in (base, changed)]
    pd.testing.assert_frame_equal(*early)
    late = [lives.events[lives.events["month"] >= month] for lives in (base, changed)]
    assert len(late[0]) != len(late[1])
    partings = [p for key in base.keys[::25] if (p := part(base, changed, key))]
    assert partings
    assert min(p.month for p in partings) >= month


def test_lives_part_when_the_borders_close():
    month = 25
    plans = [plan_of(), plan_of("levers.borders_open@2027-01=0")]
    base = lives_of(plans[0])
    events = base.events
    first = events[(events["event"] == "emigrated") & (events["month"] == month)]
    assert len(first) > 0
    key = int(first["person"].iloc[0])
    mine, closed = (lives_of(plan, watch=key) for plan in plans)
    parting = part(mine, closed, key)
    assert (parting.month, parting.decision) == (month, "emigrated")
    left, stayed = parting.sides
    assert [event.event for event in left.events] == ["emigrated"]
    missed = next(event for event in stayed.missed if event.event == "not_emigrated")
    assert missed.probability == 0
    assert missed.variate == left.events[-1].variate < left.events[-1].probability
    why = "\n".join(explain(mine, closed, key, parting))
    assert "The two lives part in 2027-01." in why
    assert why.count("probability of leaving the country") == 2
    assert "it happened" in why
    assert "it did not happen" in why
    earlier = events[(events["event"] == "emigrated") & (events["month"] < month)]
    assert all(part(mine, closed, int(k)) is None or part(mine, closed, int(k)).month >= month for k in earlier.person)


def test_both_probabilities_and_the_same_draw_where_a_probability_decides(korea, without):
    """A person who parts by chance: the log of both runs has the probability, and the draw is the same."""
    seen = 0
    for key in np.intersect1d(korea.people["key"], without.people["key"])[::3]:
        parting = part(korea, without, int(key))
        if parting and parting.decision in ("emigrated", "left_for_other_sector", "dropped_out", "returned"):
            pair = [lives_of(lives.plan, watch=int(key)) for lives in (korea, without)]
            again = part(*pair, int(key))
            assert again.decision == parting.decision
            events = [
                next(e for e in (*side.events, *side.missed) if e.event.removeprefix("not_") == parting.decision)
                for side in again.sides
            ]
            assert events[0].variate == events[1].variate
            happened = [event.variate < event.probability for event in events]
            assert sorted(happened) == [False, True]
            assert [event.event == parting.decision for event in events] == happened
            seen += 1
        if seen == 3:
            return
    pytest.fail("nobody parts by chance")


def test_a_post_lost_in_one_run_is_compared_though_the_person_then_left_the_field(korea, without):
    """Whoever leaves the field because the post went to somebody else parts at the post."""

    def deeds_of(lives, event):
        of_kind = lives.events[lives.events["event"] == event]
        return set(zip(of_kind["person"], of_kind["month"], strict=True))

    both = [
        deeds_of(one, "hired") & deeds_of(other, "left_for_other_sector")
        for one, other in ((korea, without), (without, korea))
    ]
    found = 0
    for key in sorted({key for pairs in both for key, _ in pairs}):  # to ask everybody would take a minute
        parting = part(korea, without, int(key))
        deeds = [[event.event for event in side.events] for side in parting.sides] if parting else []
        if sorted(deeds) == [["hired"], ["left_for_other_sector"]]:
            assert parting.decision == "hired"
            text = "\n".join(explain(korea, without, int(key), parting))
            assert any(words in text for words in ("Met in ", "Post of ", "Offer of ")), text
            found += 1
    assert found


def test_shares_are_written_without_powers_of_ten():
    assert Words().percent(1.0) == "100 percent"
    assert Words().percent(0.0000123456) == "0.00123 percent"
    assert Words().percent(0.0025149) == "0.251 percent"


def test_a_seat_that_was_never_paid_for(korea, without):
    only = korea.people[korea.people["programme"] & ~korea.people["key"].isin(without.people["key"])]
    who = only.iloc[0]
    key = int(who["key"])
    parting = part(korea, without, key)
    assert (parting.month, parting.decision) == (who["source_month"], "admitted")
    text = "\n".join(explain(korea, without, key, parting))
    assert f"so seat {who['source_seat'] + 1} was never filled" in text
    assert "never came in" in text
    assert biography(without, key) == []
    rows = side_by_side(korea, without, key)
    assert all(theirs == "" for _, _, _, theirs in rows)


def test_taught_by_those_who_taught_there(korea):
    for university, month in ((0, 0), (3, 27), (5, 72)):
        model = Ecosystem(korea.plan, 0).run(month)
        teach = (model.people.rows("state") == State.UNIVERSITY) & (model.people.rows("employer") == university)
        assert sorted(korea.teachers(university, month)) == sorted(map(int, model.people.rows("key")[teach]))


def test_founded_firms_are_known_by_their_key(korea):
    model = Ecosystem(korea.plan, 0).run()
    keys = model.firms.rows("key")
    assert len(korea.founded) == len(keys) - len(korea.country.firms.keys) > 0
    assert all(korea.place_key("firm", row) == int(keys[row]) for row in range(len(keys)))
    names = [korea.place_name("firm", row) for row in korea.founded]
    assert names == [f"New firm {n}" for n in range(1, len(names) + 1)]
    assert [month for month, _ in korea.founded.values()] == sorted(month for month, _ in korea.founded.values())
    korean = Lives(korea.run, lang="ko")
    assert [korean.place_name("firm", row) for row in korean.founded][:2] == ["신생기업 1호", "신생기업 2호"]


def test_a_sentence_about_a_founder_says_the_date_once(korea):
    find = FINDERS["founder"](korea, None)
    assert re.fullmatch(r"founded New firm \d+ in \d{4}-\d\d", reason("founder", find, korea))


def test_practice_and_seats_are_counted_as_people_count():
    assert [Words().practice(months) for months in (0, 1, 7, 23, 24, 200)] == [
        ", no practice yet", ", 1 month of practice", ", 7 months of practice", ", 23 months of practice",
        ", 2 years of practice", ", 16 years of practice",
    ]  # fmt: skip
    assert Words("ko").practice(0) == " (경력 없음)"
    assert Words("ko").practice(30) == " (경력 2년)"
    assert not [
        name for name, texts in BOOK.texts.items() for text in texts.values() if " 0)" in text or "0부터" in text
    ]


def test_a_first_seat_is_seat_one(korea):
    first = korea.people[(korea.people["source"] == "admission") & (korea.people["source_seat"] == 0)]
    assert ", seat 1, " in origin(korea, int(first["key"].iloc[0]))


def test_sentences_are_dated_in_order_and_say_what_happened(korea):
    for word, find in find_all(korea, None):
        lines = biography(korea, find.key)
        assert [line.month for line in lines] == sorted(line.month for line in lines), word
        assert all("{" not in line.text for line in lines)
        events = [event for event in korea.events_of(find.key) if event.event not in ("post_met", *MISSED)]
        assert {event.month for event in events} <= {line.month for line in lines}
    admitted = biography(korea, FINDERS["emigrated-graduate"](korea, None).key)
    assert admitted[0].text.startswith("admitted to ")
    assert "programme seat" in admitted[0].text
    assert "taught by person " in admitted[0].text
    assert any(line.text.startswith("left the country; the probability was ") for line in admitted)


def test_every_event_has_its_words():
    told = {event.name.lower() for event in Event} - MISSED - {"post_met"}
    assert told <= set(BOOK.texts)
    assert {f"is_{state.name.lower()}" for state in State} <= set(BOOK.texts)
    assert {f"fate_{o.name.lower()}" for o in Outcome} - {"fate_applied"} <= set(BOOK.texts)
    assert {f"why_{word}" for word in FINDERS} <= set(BOOK.texts)


def test_finders_find_what_they_say(korea, without):
    found = dict(find_all(korea, without))
    assert set(found) == set(FINDERS)
    assert found == dict(find_all(lives_of(korea.plan), without))
    events = {word: {event.event for event in korea.events_of(find.key)} for word, find in found.items()}
    assert korea.person(found["emigrated-graduate"].key).programme
    assert {"graduated", "emigrated"} <= events["emigrated-graduate"]
    assert "founded_firm" in events["founder"]
    assert {"emigrated", "returned"} <= events["returner"]
    assert {"retraining_ended", "hired"} <= events["retrained-clinician"]
    searched = [moment.state == "seeking" for moment in korea.moments(found["longest-search"].key)]
    months = found["longest-search"].facts["months"]
    assert "1" * months in "".join("1" if seeking else "0" for seeking in searched)
    assert korea.person(found["retained"].key).state in ("hospital", "firm", "university")
    most = found["most-changed"]
    lives = [lives.moments(most.key) for lives in (korea, without)]
    assert sum(a.state != b.state for a, b in zip(*lives, strict=True)) == most.facts["months"]


def test_command_names_people_worth_a_look_and_tells_their_lives():
    listed = injae("person", "--months", 24, "--json")
    assert listed.returncode == 0, listed.stderr
    people = {line["word"]: line["key"] for line in json.loads(listed.stdout)}
    assert {"most-changed", "founder"} <= set(people)
    by_word = injae("person", "founder", "--months", 24)
    by_key = injae("person", people["founder"], "korea", "--months", 24)
    assert by_word.returncode == 0, by_word.stderr
    assert by_word.stdout == by_key.stdout
    assert f"Person {people['founder']} in korea, seed 0" in by_word.stdout
    assert " to found New firm " in by_word.stdout
    assert injae("person", "founder", "--months", 2, "--quiet").stdout == ""
    korean = injae("person", "founder", "--months", 24, "--lang", "ko").stdout
    assert f"korea, 난수 시드 0의 사람 {people['founder']}" in korean
    assert korean.count("니다") > 3
    assert "hired" not in korean


def test_command_lays_two_lives_side_by_side():
    options = ("most-changed", "korea", "--versus", "no-programme", "--months", 40, "--seed", 2)
    shown, told = injae("person", *options), json.loads(injae("person", *options, "--json").stdout)
    assert shown.returncode == 0, shown.stderr
    parting = told["parting"]
    assert f"> {parting['date']}" in shown.stdout
    assert f"The two lives part in {parting['date']}." in shown.stdout
    assert "\x1b" not in shown.stdout
    assert [life["scenario"] for life in told["lives"]] == ["korea", "no-programme"]
    key = int(told["key"])
    pair = [lives_of(plan_of(name=name, months=40), 2, watch=key) for name in ("korea", "no-programme")]
    assert part(*pair, key).month == parting["month"]
    for life, lives in zip(told["lives"], pair, strict=True):
        kept = [event for event in lives.events_of(key) if event.event not in MISSED]
        assert [(e["month"], e["event"]) for e in life["events"]] == [(e.month, e.event) for e in kept]


def test_command_with_settings_compares_with_the_scenario_as_it_is():
    done = injae(
        "person", "most-changed", "--set", "levers.grant_scale=5", "--versus", "korea", "--months", 6, "--json"
    )
    assert "levers.grant_scale = 5 is outside what a source covers" in done.stderr, "as every other command says"
    told = json.loads(done.stdout)
    assert [life["scenario"] for life in told["lives"]] == ["korea as set", "korea"]


BAD = [
    (("foundr",), "did you mean 'founder'?"),
    (("korea",), "a scenario comes after the key"),
    (("1.5",), "neither a number nor a word"),
    (("²",), "neither a number nor a word"),
    (("0",), "outside 1 to 18446744073709551615"),
    (("99999999999999999999",), "outside 1 to 18446744073709551615"),
    (("12", "--months", "1"), "suggests some"),
    (("returner", "--months", "1"), "nobody like that in korea, seed 0, within 1 months"),
    (("founder", "nowhere"), "neither a preset nor a file"),
    (("founder", "--versus", "koria"), "did you mean 'korea'?"),
    (("founder", "--seed", "-1"), "-1 is not in the range"),
    (("founder", "--months", "0"), "0 is not in the range"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(arguments) for arguments, _ in BAD])
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, tmp_path):
    done = injae("person", *arguments, cwd=tmp_path)
    assert_refused(done, message)
    assert done.stdout == ""


def test_a_mistyped_key_gets_the_closest_one(korea):
    key = str(korea.keys[100])
    typo = key[:-1] + ("1" if key[-1] != "1" else "2")
    done = injae("person", typo, "--months", 1)
    assert done.returncode == 2
    assert f"did you mean {key}?" in done.stderr


def test_help_has_an_example_and_all_words():
    text = injae("person", "--help").stdout
    assert "Example:  injae person" in text
    assert all(word in text for word in FINDERS)


def test_the_documents_name_every_event_outcome_and_column():
    text = (ROOT / "docs" / "lives.md").read_text(encoding="utf-8")
    events = {event.name.lower() for event in Event}
    outcomes = {outcome.name.lower() for outcome in Outcome} - {"applied"}
    assert not [name for name in events | outcomes | set(declared(EventColumns)) if f"`{name}`" not in text]


def test_keys_are_numbers_or_words():
    assert check_key("42") == 42
    assert check_key("founder") is check_key("list") is None
    with pytest.raises(InputError, match="neither a number"):
        check_key("-")


def test_an_employer_with_two_posts_is_named_once(korea):
    """Applied to one of its posts and left the other: the sentence names it where the application was."""
    for key in korea.keys:
        months = {}
        for event in korea.events_of(int(key)):
            if event.event == "post_met" and event.other >= 0:
                months.setdefault(event.month, []).append(event)
        for posts in months.values():
            lost = {(post.other_state, post.other) for post in posts if post.outcome == "filled_by_another"}
            rest = [(post.other_state, post.other) for post in posts if post.outcome != "filled_by_another"]
            if lost & set(rest):
                text = posts_met(korea, posts)
                name = korea.place_name(*next(iter(lost & set(rest))))
                assert len(re.findall(rf"{re.escape(name)} \d", text)) <= 1
                return
    pytest.fail("nobody met two posts of one employer in a month")
