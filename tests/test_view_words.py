"""Words of the view: nothing missing in either language, and numbers as a reader of each writes them."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.indicators import INDICATORS
from experiments.pairs import Verdict
from experiments.uncertainty import variants
from experiments.wording.amounts import byte_size, count, date, gap, number, setting, span, unit, won, written
from experiments.wording.phrasebook import Phrasebook, particles
from model.levers import LEVERS, SHOCKS
from model.parameters import declared_parameters
from model.record import SERIES
from model.scenario import Scenario, preset_names
from viz.answers.run import CONSTRAINTS
from viz.answers.run import number as number_as_printed
from viz.view import words
from viz.view.words import BOOK, word

HANGUL = re.compile("[가-힣]")
SAME_IN_BOTH = {"ui.language", "ui.csv", "ui.low", "ui.high"}


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def without_placeholders(text):
    return re.sub(r"\{\w+\}", "", text)


def test_every_text_is_there_in_both_languages_with_the_same_placeholders():
    for key, texts in BOOK.texts.items():
        assert set(texts) == {"ko", "en"}, key
        assert placeholders(texts["ko"]) == placeholders(texts["en"]), key
        assert all(text == text.strip() for text in texts.values()), key


def test_korean_is_korean_and_english_is_english():
    for key, texts in BOOK.texts.items():
        if (
            key in SAME_IN_BOTH
            or key.startswith("unit.")
            or not re.search(r"[^\W\d_]", without_placeholders(texts["ko"]))
        ):
            continue
        assert HANGUL.search(texts["ko"]), key
        assert not HANGUL.search(texts["en"]), key


def test_sentences_in_korean_are_polite_to_one_degree_and_end():
    assert not [key for key, texts in BOOK.texts.items() if re.search("[가-힣](세요|어요|아요|해요|에요)", texts["ko"])]
    for key, texts in BOOK.texts.items():
        if key.endswith(".text") or key.startswith(("notice.", "preset.", "verdict.")):
            last = re.sub(r"\s*[(:].*$", "", texts["ko"]).rstrip(".")
            assert re.search(r"(니다|십시오|까요)$", last), f"{key}: {texts['ko']}"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_everything_that_a_visitor_meets_has_words(lang):
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        for name, lever in declared.items():
            assert word(f"{group}.{name}.title", lang) and word(f"{group}.{name}.text", lang)
            assert f"group.{_group(group, name)}" in BOOK.texts
            assert unit(lever.unit, lang) or lever.unit == "ratio"
    for name, series in SERIES.items():
        assert word(f"series.{name}", lang) and word(f"series.{name}.text", lang)
        unit(series.unit, lang)
    for indicator in INDICATORS.values():
        unit(indicator.unit, lang)
    for name in preset_names():
        assert word(f"preset.{name}", lang) and Scenario.load(name).title[lang]
    for names in CONSTRAINTS.values():
        assert all(word(f"constraint.{name}", lang) for name in names)
    assert all(word(f"verdict.{verdict}", lang) for verdict in Verdict)
    assert all(v.title[lang] and v.reason[lang] and v.decide[lang] for v in variants())


def test_titles_tell_series_and_levers_apart():
    for lang in ("ko", "en"):
        for group, names in (("series", SERIES), ("levers", LEVERS)):
            titles = [word(f"{group}.{name}" + ("" if group == "series" else ".title"), lang) for name in names]
            assert len(set(titles)) == len(titles)


def _group(group, name):
    return words.group_of(f"{group}.{name}")


@pytest.mark.parametrize(
    ("amount", "ko", "en"),
    [
        (28.5e9, "285억 원", "28.5bn won"),
        (33.7e6, "3,370만 원", "33.7m won"),
        (1_234.5e9, "1조 2,345억 원", "1.2tn won"),
        (2e12, "2조 원", "2.0tn won"),
        (750e6, "7억 5,000만 원", "750.0m won"),
        (-3e9, "-30억 원", "-3.0bn won"),
        (56_040_000, "5,600만 원", "56.0m won"),
        (5000, "5,000원", "5,000 won"),
        (0, "0원", "0 won"),
        (999.96e6, "10억 원", "1.0bn won"),
    ],
)
def test_money_has_known_answers(amount, ko, en):
    assert won(amount, "ko") == ko
    assert won(amount, "en") == en


@given(st.floats(-1e14, 1e14))
def test_korean_money_says_what_english_money_says(amount):
    """Read back, both are the same won, to the precision of one decimal in billions or millions."""
    korean = won(amount, "ko")
    sizes = {"조": 1e12, "억": 1e8, "만": 1e4}
    back = sum(float(n.replace(",", "")) * sizes[s] for n, s in re.findall(r"([\d,]+)(조|억|만)", korean))
    back = back or float(re.sub(r"[^\d]", "", korean) or 0)
    step = 1e8 if abs(amount) >= 1e9 else 1e5 if abs(amount) >= 1e6 else 1
    assert abs(back - abs(amount)) <= 0.5001 * step
    assert korean.startswith("-") == (amount < 0)


@pytest.mark.parametrize(
    ("value", "of", "ko", "en"),
    [
        (846.2, "persons", "846명", "846"),
        (123456, "hours per year", "12만 3,456시간/년", "123,456 hours a year"),
        (0.843, "share", "84.3%", "84.3%"),
        (float("nan"), "persons", "-", "-"),
        (7.25, "years", "7.2년", "7.2 years"),
    ],
)
def test_values_have_known_answers(value, of, ko, en):
    assert number(value, of, "ko") == ko
    assert number(value, of, "en") == en


def test_digits_are_those_of_the_command_line():
    from experiments.summary import Estimate

    for of, value in (("persons", 846.4), ("share", 0.8431), ("won", 28.46e9), ("won", 33.71e6)):
        printed = number_as_printed(Estimate(value, value, value, of, 3)).split(" (")[0]
        assert number(value, of, "en") == printed


def test_differences_have_signs_and_shares_are_points():
    assert gap(0.026, "share", "ko") == "+2.6%p"
    assert gap(-0.026, "share", "en") == "-2.6 points"
    assert gap(1230, "persons", "ko") == "+1,230명"
    assert gap(-2e9, "won", "ko") == "-20억 원"


def test_settings_are_exact():
    assert setting(2.12e9, "won per year", "ko") == "21억 2,000만 원/년"
    assert setting(2.12e9, "won per year", "en") == "2.12bn won a year"
    assert setting(0.4, "ratio", "ko") == "0.4배"
    assert setting(0.15, "relative change", "en") == "+15%"
    assert setting(300_000, "won per month and trainee", "ko") == "30만 원/월·교육생"


def test_dates_and_counts():
    assert date("2029-12", "ko") == "2029년 12월"
    assert date("2029-12", "en") == "Dec 2029"
    assert count(99_999, "ko") == "99,999"
    assert count(100_000, "ko") == "10만"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("대학(은/는)", "대학은"),
        ("의사(은/는)", "의사는"),
        ("서울(으로/로)", "서울로"),
        ("부산(으로/로)", "부산으로"),
        ("1,000명(을/를)", "1,000명을"),
        ("10(이/가)", "10이"),
        ("2(이/가)", "2가"),
        ("84.3%(과/와)", "84.3%와"),
        ("병원 20(은/는)", "병원 20은"),
        ("중견기업 1(으로/로)", "중견기업 1로"),
        ("중견기업 10(으로/로)", "중견기업 10으로"),
        ("연 1억 원(을/를)", "연 1억 원을"),
        ("SK(과/와)", "SK와"),
        ("MRN(은/는)", "MRN은"),
        ("URL(으로/로)", "URL로"),
        ("XR(으로/로)", "XR로"),
        ("momentum(은/는)", "momentum은"),
        ("model(으로/로)", "model로"),
        ("double-grant(이/가)", "double-grant가"),
    ],
)
def test_particles_fit_the_sound_before(text, right):
    assert particles(text) == right


def test_parameters_have_words_in_both_languages():
    known = set(words.PARAMETERS.texts)
    assert known == set(declared_parameters("korea"))
    for path in known:
        assert HANGUL.search(words.parameter(path, "ko"))
        assert not re.search(r"\([A-Z]\d", words.parameter(path, "en")), "rule ids mean nothing to a visitor"


def test_particles_look_through_quotation_marks_and_big_counts_have_their_words():
    assert (
        particles("'교과목 배분 비율'(과/와) '교원 배분 비율'(을/를) 더하면")
        == "'교과목 배분 비율'과 '교원 배분 비율'을 더하면"
    )
    assert count(1_000_000_000, "ko") == "10억" and count(123_456_789, "ko") == "1억 2,345만 6,789"


def test_amounts_round_into_the_next_unit_and_nothing_has_no_sign():
    texts = {
        999_951_000: "1.0bn won",
        999_949_000: "999.9m won",
        999_999.6: "1.0m won",
        -0.3: "0 won",
        0.96e9: "960.0m won",
    }
    assert {amount: won(amount, "en") for amount in texts} == texts
    assert won(999_999.6, "ko") == "100만 원"
    assert number(-0.0004, "share", "en") == "0.0%"
    assert written(-0.0, "share") == "0" and byte_size(999_700) == "1 MB"
    assert setting(723_456_789, "won per year", "en") == "723.46m won a year"
    assert setting(723_456_789, "won per year", "ko") == "7억 2,346만 원/년"
    assert span(float("nan"), float("nan"), str) == "-"


def test_a_text_stands_in_one_file_alone(tmp_path):
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text('ui = {again = {ko = "다시", en = "Again"}}')
    with pytest.raises(ValueError, match=r"ui\.again is in another file"):
        assert Phrasebook(tmp_path / "a.toml", tmp_path / "b.toml").texts
