"""A visitor's state: links go there and back, history undoes, dates do what they say."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from injae.experiments.schedules import differing
from injae.model.errors import InputError
from injae.model.levers import LEVERS
from injae.model.scenario import Scenario, preset_names, value_at
from injae.viz.view.state import HISTORY_LENGTH, History, ViewState, language_of, path_of

DATES = st.one_of(st.none(), st.builds("{}-{:02d}".format, st.integers(2025, 2034), st.integers(1, 12)))
MOVES = st.tuples(st.sampled_from(sorted(LEVERS)), st.floats(0, 1), DATES)


def moved(state, name, share, first):
    lever = LEVERS[name]
    value = float(f"{lever.low + share * (lever.high - lever.low):.6g}")
    try:
        return state.with_lever(f"levers.{name}", min(max(value, lever.low), lever.high), first)
    except InputError:  # shares of the grant beyond the whole
        return state


@given(
    st.sampled_from(preset_names()),
    st.lists(MOVES, max_size=4),
    st.sampled_from(["ko", "en"]),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 120)),
)
def test_a_link_gives_the_state_back(preset, moves, lang, parametric, month):
    month = month and min(month, Scenario.load(preset).months)  # the back-cast is shorter
    state = ViewState(preset=preset, lang=lang, parametric=parametric, month=month, seeds=12)
    for move in moves:
        state = moved(state, *move)
    back, notice = ViewState.from_link(state.link())
    assert notice is None
    assert back == state
    assert back.scenario() == state.scenario()


def test_the_link_and_the_command_line_mean_the_same():
    state, notice = ViewState.from_link("?s=korea&levers.data_access@2027-01=0.8&lang=en")
    assert notice is None
    assert state.lang == "en"
    assert state.scenario() == Scenario.load("korea", ["levers.data_access@2027-01=0.8"])
    assert "--set levers.data_access@2027-01=0.8" in state.command()
    assert state.link() == "?s=korea&levers.data_access@2027-01=0.8&lang=en"


@pytest.mark.parametrize(
    "search",
    [
        "?s=nowhere",
        "?levers.data_access=7",
        "?levers.data_access=",
        "?levers.data_access=abc",
        "?levers.nothing=1",
        "?levers.data_access@2027-13=0.5",
        "?levers.data_access@2028-01..2027-01=0.8",
        "?levers.grant_share_courses=0.9",
        "?parameters.labour.nothing=1",
        "?seeds=0",
        "?seeds=1e9",
        "?month=-1",
        "?parametric=perhaps",
        "?focus=nothing",
        "?levers.data_access=nan",
    ],
)
def test_a_bad_link_gives_the_default_and_a_notice_in_its_language(search):
    state, notice = ViewState.from_link(search + "&lang=en")
    assert state == ViewState(lang="en")
    assert notice is not None and notice.key == "notice.bad_link" and notice.what


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("levers.grant_scale=99", ["99배", "0배부터 20배"]),
        ("levers.grant_scale=abc", ["'abc'", "0배부터 20배"]),
        ("levers.data_access=7", ["700%", "0%부터 100%"]),
        ("levers.data_accesss=1", ["이런 설정은 없습니다", "levers.data_access"]),
        ("levers.data_access@27-1=0.5", ["'27-1'", "2027-01"]),
        ("levers.data_access@2028-01..2027-01=0.8", ["2028-01", "2027-01", "빠릅니다"]),
        ("levers.grant_share_courses=0.9", ["지원금 전체"]),
        ("parameters.hospital.nothing=1", ["parameters.hospital.nothing", "이런 설정은 없습니다"]),
        ("s=nowhere", ["'nowhere'", "2025-2029년 인재양성 사업", "사업 없음"]),
        ("seeds=900", ["'900'", "1부터 400까지"]),
        ("month=-1", ["'-1'", "0부터 120까지"]),
        ("parametric=perhaps", ["'perhaps'", "0이나 1"]),
        ("focus=nothing", ["'nothing'", "이런 지표는 없습니다"]),
    ],
)
def test_korean_says_what_is_wrong_in_korean_with_value_and_range(search, said):
    """But for names of settings, which a link writes in Latin letters."""
    what = ViewState.from_link(f"?{search}&lang=ko")[1].what
    assert all(part in what for part in said), what
    assert not re.search("outside|needs|unknown|such|write|[Yy]{4}", what)


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("levers.data_access@2040-01=0.8", {"en": "after the end", "ko": "기간이 끝난"}),
        ("doubt=xyz", {"en": "unknown", "ko": "알 수 없는"}),
        ("lever.data_access=0.8", {"en": "unknown", "ko": "알 수 없는"}),
        ("levers.data_access=0.7&levers.data_access=0.8", {"en": "more than once", "ko": "두 번"}),
        ("seeds=4&seeds=8", {"en": "more than once", "ko": "두 번"}),
    ],
)
def test_parts_of_a_link_that_say_nothing_are_named_and_the_rest_is_used(search, said):
    for lang, text in said.items():
        state, notice = ViewState.from_link(f"?levers.visas_per_year=50&{search}&lang={lang}")
        assert notice is not None and not notice.refuses
        assert text in notice.what and search.split("=")[0] in notice.what
        assert "levers.visas_per_year=50" in state.changes
    state, notice = ViewState.from_link("?lang=fr&seeds=8", "en")
    assert (state.lang, state.seeds) == ("en", 8) and notice is not None and "lang=fr" in notice.what


@pytest.mark.parametrize(
    "bad",
    ["focus=zzz", "month=500", "seeds=many", "parametric=perhaps", "levers.grant_scale=99", "s=nowhere", "levers.x=1"],
)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_one_bad_part_does_not_throw_away_the_others(bad, lang):
    state, notice = ViewState.from_link(f"?{bad}&levers.visas_per_year=50&aleatory=0&lang={lang}")
    assert state.changes == ("levers.visas_per_year=50",) and not state.aleatory
    assert notice is not None and not notice.refuses
    value = {"levers.grant_scale=99": "99", "levers.x=1": "levers.x"}.get(bad, bad.partition("=")[2])
    assert value in notice.what


def test_of_levers_that_do_not_go_together_some_are_kept():
    state, notice = ViewState.from_link("?levers.grant_share_courses=0.9&levers.visas_per_year=50&lang=en")
    assert state.changes == ("levers.visas_per_year=50",)
    assert notice is not None and "more than the whole grant" in notice.what


CHANGES = ("levers.data_access@2027-01=0.8", "parameters.labour.taste_sd=0.4")
LINK = f"?s=double-grant&{CHANGES[0]}&{CHANGES[1]}&lang=en"


@pytest.mark.parametrize(
    "link",
    [
        LINK.replace("&", "&amp;"),
        LINK.replace("&", "&amp;amp;"),
        quote(LINK),
        quote(quote(LINK, safe="")),
        LINK.replace("@", "%2540"),
        LINK.replace("levers.", "Levers.").replace("s=", "S=", 1),
        LINK.replace("&", "& ").replace("data_access", "data_ access"),
        LINK.replace("levers.", "").replace("parameters.labour.", ""),
        LINK.replace("parameters.", ""),
        f" {LINK}>",
        f"{LINK}).",
    ],
)
def test_links_are_understood_as_mail_and_chat_programs_hand_them_on(link):
    state, notice = ViewState.from_link(link)
    assert notice is None
    assert (state.preset, state.changes, state.lang) == ("double-grant", CHANGES, "en")


def test_a_link_means_what_the_command_line_means():
    changes = ["levers.grant_scale@2027-03=3", "levers.grant_scale=2"]
    plan = ViewState.from_link("?s=korea&" + "&".join(changes))[0].scenario()
    assert plan.levers == Scenario.load("korea", changes).levers


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("grant_scle=2", "grant_scle=2"),
        ("levers.data_access=0,8", "'0,8'"),
        ("levers.data_access@2200-01=0.8", "2200-01"),
        ("seeds=" + "9" * 5000, "'9999"),
    ],
)
def test_what_a_link_may_have_meant_is_named(part, named):
    state, notice = ViewState.from_link(f"?levers.visas_per_year=50&{part}&lang=en")
    assert state.changes == ("levers.visas_per_year=50",)
    assert notice is not None and named in notice.what


@given(st.text(max_size=200))
def test_no_link_breaks_the_page(search):
    state, _ = ViewState.from_link(search)
    state.scenario()


def test_parts_that_are_not_ours_are_left_alone():
    assert ViewState.from_link("?utm_source=mail&x=1") == (ViewState(), None)
    assert "=-2%\\x00" in ViewState.from_link("?s=korea&=-2%25%00")[1].what, "a value whose key is lost is named"
    assert ViewState.from_link("?s=korea&.levers.grant_scale=2")[0].changes == ("levers.grant_scale=2",)
    state, notice = ViewState.from_link("?s=korea&levers.data_access@2026-01..=0.6")
    assert state.changes == () and notice.what.startswith("의료데이터 접근성: 날짜"), "a span that lost its end"
    assert ViewState.from_link(None) == (ViewState(), None)
    assert ViewState.from_link("") == (ViewState(), None)


def test_a_lever_moved_back_is_no_change():
    state = ViewState().with_lever("levers.data_access", 0.8).with_lever("levers.data_access", 0.5)
    assert state == ViewState()
    assert ViewState.from_link("?levers.data_access=0.5")[0] == ViewState()
    assert ViewState().with_lever("levers.visas_per_year", 50).without("levers.visas_per_year") == ViewState()


def test_a_lever_with_dates_holds_between_them_and_then_the_preset_goes_on():
    state = ViewState().with_lever("levers.grant_won_per_year", 2e9, "2026-07", "2028-12")
    plan, before = state.scenario(), Scenario.load("korea")
    for month in range(1, 121):
        inside = "2026-07" <= plan.date_of(month) <= "2028-12"
        theirs = value_at(before.levers["grant_won_per_year"], month, 0)
        assert value_at(plan.levers["grant_won_per_year"], month, 0) == (2e9 if inside else theirs)
    assert state.changed() == ("levers.grant_won_per_year",)
    assert state.value("levers.grant_won_per_year", 30) == 2e9
    assert state.changes == ("levers.grant_won_per_year@2026-07..2028-12=2000000000",)
    from_start = ViewState().with_lever("levers.data_access", 0.9, None, "2026-12")
    assert from_start.value("levers.data_access", 24) == 0.9
    assert from_start.value("levers.data_access", 25) == 0.5


def test_a_lever_cannot_end_before_it_begins_or_leave_its_range():
    with pytest.raises(InputError, match="before its first month, 2028-01"):
        ViewState().with_lever("levers.data_access", 0.8, "2028-01", "2027-01")
    with pytest.raises(InputError, match="outside"):
        ViewState().with_lever("levers.data_access", 1.8)


def test_two_levers_that_fit_only_together_are_one_state():
    state = ViewState().with_lever("levers.grant_share_teachers", 0.2).with_lever("levers.grant_share_courses", 0.7)
    assert ViewState.from_link(state.link())[0] == state
    with pytest.raises(InputError, match="more than the whole grant"):
        state.without("levers.grant_share_teachers").scenario()


def test_undo_and_redo_go_back_and_forth():
    states = [ViewState(seeds=n) for n in range(1, HISTORY_LENGTH + 11)]
    history = History(states[0])
    for state in states[1:]:
        history = history.push(state)
    assert history.push(history.present) is history
    for _ in range(HISTORY_LENGTH):
        history = history.undo()
    assert history.present == states[-1 - HISTORY_LENGTH]
    assert history.undo() is history
    for _ in range(HISTORY_LENGTH):
        history = history.redo()
    assert history.present == states[-1] and history.redo() is history
    branch = history.undo().push(replace(states[0], lang="en"))
    assert branch.future == ()


def test_what_differs_from_the_baseline_is_seen_month_by_month():
    baseline = Scenario.load("no-programme")
    assert differing(Scenario.load("korea"), baseline) == ["levers.grant_won_per_year"]
    assert differing(Scenario.load("korea", ["levers.data_access@2040-01=0.8"]), Scenario.load("korea")) == []
    assert path_of("levers.data_access@2027-01=0.8") == "levers.data_access"


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("ko", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.4", "en"),
        ("en;q=0.5, KO;q=0.9", "ko"),
        ("fr-FR,fr;q=0.9", "en"),
        ("ko;q=0, en", "en"),
        ("ko;q=nonsense", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_that_of_the_browser(accepted, lang):
    assert language_of(accepted) == lang


def test_a_link_that_names_a_language_is_read_in_it():
    assert ViewState.from_link("?lang=ko", "en")[0].lang == "ko"
    assert ViewState.from_link("?seeds=8", "en")[0].lang == "en"
    assert ViewState.from_link("?s=nowhere", "en")[0].lang == "en"
