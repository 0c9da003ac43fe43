"""Words of the view: nothing missing in either language, and numbers as a reader of each writes them."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from injae.experiments.indicators import INDICATORS
from injae.experiments.pairs import Verdict
from injae.experiments.uncertainty import variants
from injae.experiments.wording import phrasebook, titles
from injae.experiments.wording.amounts import byte_size, count, date, gap, money, number, setting, span, unit, written
from injae.experiments.wording.phrasebook import Phrasebook, particles
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.record import SERIES
from injae.model.scenario import Scenario, preset_names
from injae.viz.answers.run import CONSTRAINTS
from injae.viz.answers.run import number as number_as_printed
from injae.viz.answers.words import BOOK as PRINTED
from injae.viz.view import words
from injae.viz.view.words import BOOK, word

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


UNNATURAL = (  # what was read as translated, or as another word than the term of docs/ko/terms.md
    "정원에 앉|자리에 앉|보상 부재|보상의 부재|약한 고리|계산 번호|한 쪽 요약|뒤짐|이루려면|충족되지 않은|삶을 계산"
    "|미래마다|미래의 90%|미래 [0-9{]|보정되지 않|기준보다|기준 대비|(?<!양성)사업 졸업자|사업 출신|불확실한 수치"
    "|계산 횟수|계산 [0-9{]|다른 산업|빈자리|희망 (임금|보수)|보수[가는를 ]|급여|IT 예산|의료 데이터|전문가|인공지능"
)


def korean_texts():
    """Every Korean text of the product by where it stands, those of lists, figures and biographies too."""
    folders = (Path(words.__file__).resolve().parents[1], Path(phrasebook.__file__).resolve().parents[1])
    files = {file.name: tomllib.loads(file.read_text("utf-8")) for one in folders for file in one.glob("**/*.toml")}

    def found(content, path):
        for key, value in content.items():
            if isinstance(value, dict):
                yield from found(value, f"{path}: {key}")
            elif key in ("ko", "text_ko"):
                yield path, value

    return [text for name, content in files.items() for text in found(content, name)]


def test_korean_is_polite_to_one_degree_and_uses_one_word_for_one_thing():
    texts = korean_texts()
    assert len(texts) > 900
    for place, text in texts:
        assert not re.search(r"[가-힣](세요|어요|아요|해요|에요|네요|군요)", text), f"{place}: {text}"
        assert not re.search(UNNATURAL, text), f"{place}: {text}"
        for sentence in re.split(r"(?<=[.?])(?: |$)", text.removeprefix(". ")):
            if sentence.endswith((".", "?")) and not sentence.endswith("}."):
                assert re.search(r"(니다|니까|십시오|까요)(\)|’|\([^()]*\))?[.?]$", sentence), f"{place}: {sentence}"


def test_korean_documents_are_written_as_the_page_is():
    for file in (Path(__file__).parent.parent / "docs" / "ko").glob("*.md"):
        text = file.read_text("utf-8")
        assert file.name == "terms.md" or not re.search(UNNATURAL.replace("|인공지능", ""), text), file
        ends = re.findall(r'[가-힣]{2}(?=[.?](?:[\s"*]|$))', text)
        assert ends and set(ends) <= {"니다", "시오", "까요"}, f"{file}: {set(ends)}"


def test_korean_labels_are_nouns():
    label = re.compile(
        "(었음|았음|[가-힣]지 않음|못함|줄어듦|보임|[채적]용됨|중단됨|는가|었나|하나[?]?|[가-힣]한다|[가-힣]는다|있음)$"
    )
    assert not [(place, text) for place, text in korean_texts() if label.search(text)]


def test_no_particle_is_guessed_after_what_is_filled_in():
    """A particle after a placeholder is written as a pair, unless what is filled in always ends the same way."""
    fixed = re.compile(r"\}(은|는|이|가|을|를|과|와|로|으로)(?= |,|$)")
    known = {"graduates"}  # a number of persons, "명"
    for place, text in korean_texts():
        for match in fixed.finditer(text):
            name = re.search(r"\{(\w+)$", text[: match.start()])
            assert name and name[1] in known, f"{place}: {text}"


def test_sentences_in_korean_end():
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
    assert money(amount, "ko") == ko
    assert money(amount, "en") == en


@given(st.floats(-1e14, 1e14))
def test_korean_money_says_what_english_money_says(amount):
    """Read back, both are the same won, to the precision of one decimal in billions or millions."""
    korean = money(amount, "ko")
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
    from injae.experiments.summary import Estimate

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
    known = set(titles.PARAMETERS.texts)
    assert known == set(declared_parameters("korea"))
    for path in known:
        assert HANGUL.search(titles.parameter(path, "ko"))
        assert not re.search(r"\([A-Z]\d", titles.parameter(path, "en")), "rule ids mean nothing to a visitor"


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
    assert {amount: money(amount, "en") for amount in texts} == texts
    assert money(999_999.6, "ko") == "100만 원"
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


def test_what_commands_and_figures_say_is_asked_for_with_its_placeholders():
    """Scenario discovery has words of its own for failing and for beating (``words_of``): those may be asked for."""
    asked, offered = {}, {}
    for folder in ("answers", "figures"):
        for file in (Path(words.__file__).parent.parent / folder).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if called not in ("say", "_say") or not isinstance(node.args[called == "_say"], ast.Constant):
                    continue
                key = node.args[called == "_say"].value
                key = f"discover.{key}" if called == "_say" else key
                asked[key] = {keyword.arg for keyword in node.keywords if keyword.arg}
                is_open = called == "_say" or any(keyword.arg is None for keyword in node.keywords)
                offered[key] = {"money", *(("case", "fail", "fails", "failures", "holds") if is_open else ())}
    wanted = {
        key: {re.split(r"[.\[]", name)[0] for name in placeholders(texts["en"])} for key, texts in PRINTED.texts.items()
    }
    assert asked.keys() == wanted.keys()
    for key in wanted:
        assert asked[key] <= wanted[key] <= asked[key] | offered[key], key
