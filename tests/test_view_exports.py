"""Files to download: the same numbers as the page, stamped, readable in both languages."""

import io
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from test_view_payload import STATE, answer_of, in_korean

from injae.experiments.practice import baseline_of
from injae.model.record import SERIES
from injae.viz.view import drawing
from injae.viz.view.policy import brief, exports
from injae.viz.view.policy.exports import brief_file, csv_file, figure_file
from injae.viz.view.policy.payload import board
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

needs_korean = pytest.mark.skipif(drawing.korean_font() is None, reason="no Korean font on this machine")


def texts_of(figure):
    return [text.get_text() for text in figure.findobj(match=lambda artist: hasattr(artist, "get_text"))]


def test_the_table_is_tidy_with_units_and_where_it_comes_from():
    answer = answer_of()
    file = csv_file(answer)
    assert file.data.startswith(b"\xef\xbb\xbf"), "Excel reads UTF-8 only with the mark"
    table = pd.read_csv(io.BytesIO(file.data), encoding="utf-8-sig")
    assert len(table) == 2 * len(SERIES) * 121
    assert not table.duplicated(["role", "series", "month"]).any()
    assert dict(zip(table.series, table.unit, strict=True)) == {name: s.unit for name, s in SERIES.items()}
    row = table[(table.role == "policy") & (table.series == "specialists") & (table.date == "2029-12")].iloc[0]
    values = answer.policy.values("specialists")[:, 60]
    assert row["mean"] == pytest.approx(values.mean(), rel=1e-5)
    assert row.p05 == pytest.approx(np.percentile(values, 5), rel=1e-5)
    assert set(table.receipt) == {answer.receipt} and set(table.runs) == {40}
    assert file.name == f"injae-korea-{answer.receipt}.csv"
    korean = pd.read_csv(io.BytesIO(csv_file(in_korean()).data), encoding="utf-8-sig")
    assert list(korean.columns) == [word(f"csv.{name}", "ko") for name in table]
    assert "활동 중인 전문인력" in set(korean["지표"])
    assert korean["평균"].equals(table["mean"])
    units = dict(zip(korean["지표 코드"], korean["단위"].fillna(""), strict=True))
    assert units["specialists"] == "명" and units["adoption_share"] == "비율(0~1)", "shares are not in percent here"
    assert not [unit for unit in units.values() if re.search("[a-z%]", unit)]


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_figures_say_what_they_were_made_from_and_are_equal_for_equal_answers(kind):
    file, again = figure_file(answer_of(), kind), figure_file(answer_of(), kind)
    assert file.data == again.data
    assert answer_of().receipt.encode() in file.data
    assert file.data.startswith(b"\x89PNG" if kind == "png" else b"<?xml")


@needs_korean
def test_korean_figures_draw_every_letter():
    """A letter that a font lacks makes matplotlib warn, and warnings are errors here."""
    for kind in ("png", "svg"):
        assert figure_file(in_korean(), kind).notice is None
    with drawing.style("ko"):
        texts = texts_of(drawing.answer_figure(board(in_korean())))
    assert any("활동 중인 전문인력" in text for text in texts)
    assert not any(re.search("Specialists|Baseline", text) for text in texts)


def test_without_a_korean_font_figures_are_english_and_say_so(monkeypatch):
    monkeypatch.setattr(drawing, "korean_font", lambda: None)
    file = figure_file(in_korean(), "png")
    assert "NanumGothic" in file.notice and re.search("[가-힣]", file.notice)
    assert file.data == figure_file(answer_of(), "png").data
    assert brief_file(in_korean()).notice == file.notice
    assert figure_file(answer_of(), "png").notice is None


@pytest.mark.parametrize("lang", ["en", pytest.param("ko", marks=needs_korean)])
def test_the_brief_is_one_page_with_its_fonts_in_it(lang):
    file = brief_file(answer_of() if lang == "en" else in_korean(), "http://localhost:8765/")
    assert file.data.startswith(b"%PDF")
    assert file.data.count(b"/Type /Page\n") + file.data.count(b"/Type /Page ") == 1
    assert b"/FontFile2" in file.data
    assert answer_of().receipt.encode() in file.data or answer_of().receipt.encode("utf-16-be") in file.data


@needs_korean
def test_visitors_who_draw_at_once_get_their_own_language():
    alone = [figure_file(answer_of(), "svg").data, figure_file(in_korean(), "svg").data]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda answer: figure_file(answer, "svg").data, [answer_of(), in_korean()] * 2))
    assert together == alone * 2


def page_of(answer, lang):
    with drawing.style(lang):
        page = brief.brief(answer, board(answer, lang), "http://localhost:8765/")
        page.set_dpi(300)  # so that rounding to pixels does not widen the text
        page.draw_without_rendering()
    return page


@pytest.mark.parametrize("lang", ["en", pytest.param("ko", marks=needs_korean)])
def test_the_brief_holds_question_answer_figures_cost_uncertainty_and_source(lang):
    answer = answer_of() if lang == "en" else in_korean()
    page = page_of(answer, lang)
    text = " ".join(texts_of(page))
    content = board(answer)
    assert len(page.axes) == 3
    for part in (*content["answer"][:3], content["cost"]["text"], content["answer"][-1]):
        assert part.split(" ")[0] in text and part.split(" ")[-1] in text
    assert answer.receipt in text and content["version"] in text
    assert answer.state.link()[:40] in text.replace(" ", "") or answer.state.link()[:40] in text
    assert ("+" in text) and ("%" in text)


def test_the_brief_and_the_figure_name_the_baseline_and_a_shock_is_no_part_of_the_policy():
    plan = (
        ViewState(lang="en").with_lever("levers.grant_scale", 2).with_lever("shocks.demand", 0.1, "2027-03", "2027-03")
    )
    answer = replace(answer_of(), state=plan, policy=replace(answer_of().policy, plan=plan.scenario()))
    answer = replace(answer, baseline=replace(answer.baseline, plan=baseline_of(plan.scenario())))
    content = board(answer)
    with drawing.style("en"):
        text = " ".join(texts_of(brief.brief(answer, content, "http://x/")))
    assert f"Baseline: {content['baseline_title']}." in text and "No programme" in content["baseline_title"]
    assert "Shock, in the baseline as well: " in text and "(Mar 2027)" in text
    assert text.index("Grant") < text.index("Shock, in the baseline as well")
    assert f"Baseline: {content['baseline_title']}" in drawing.stamp(content)


@pytest.mark.parametrize("lang", ["en", pytest.param("ko", marks=needs_korean)])
def test_many_levers_still_fit_on_the_page_and_between_its_margins(lang):
    state = STATE
    for name, value in (("visas_per_year", 99), ("vouchers_per_year", 77), ("stipend_won_per_month", 345_678)):
        state = state.with_lever(f"levers.{name}", value, "2026-01", "2027-12").with_lever(
            "levers.oversight_share", 0.25
        )
    for name in ("demand", "foreign_pay", "export_market", "other_sector_pay"):
        state = state.with_lever(f"shocks.{name}", 0.123, "2026-03", "2031-04")
    answer = answer_of()
    plan = state.scenario()
    answer = replace(answer, state=replace(state, lang=lang), policy=replace(answer.policy, plan=plan))
    page = page_of(answer, lang)
    assert isinstance(page, Figure)
    width, height = page.bbox.width, page.bbox.height
    for text in page.texts:
        box = text.get_window_extent()
        assert box.y0 >= 0.005 * height, text.get_text()
        assert box.x0 >= 0.05 * width and box.x1 <= 0.95 * width, text.get_text()
    for one, other in itertools.combinations(page.texts, 2):
        a, b = one.get_window_extent(), other.get_window_extent()
        together = min(a.y1, b.y1) - max(a.y0, b.y0)  # letters' boxes may touch by less than half a line
        if together > 0.45 * min(a.height, b.height):
            assert a.x1 <= b.x0 or b.x1 <= a.x0, (one.get_text(), other.get_text())


def test_lines_are_no_wider_than_asked_and_lose_no_letter():
    text = "A sentence of some length with https://example.org/" + "x" * 300 + " at its end"
    with drawing.style("en"):
        lines = brief.wrapped(text, 300, 9)
        widths = [9 * sum(drawing.advance(letter, "normal", "DejaVu Sans") for letter in line) for line in lines]
    assert max(widths) <= 300 and len(lines) > 5
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_every_kind_of_file_has_its_type():
    assert csv_file(answer_of()).type.startswith("text/csv")
    assert figure_file(answer_of(), "svg").type == exports.TYPES["svg"]


def test_the_brief_says_how_sure_on_paper():
    """No button can be pressed there: what numbers rest on stands on the page, and the command that gives them."""
    answer = answer_of()
    text = " ".join(texts_of(page_of(answer, "en")))
    rests = board(answer)["uncertainty"]["rests"]
    assert all(part in text for part in rests.split(" ")) and "95% interval" in brief._answer(board(answer))[0]
    assert answer.state.command() in text.replace("\n", " ") and "--uncertainty" not in answer.state.command()
    layered = replace(answer, state=replace(answer.state, structural=True))
    assert "only the link below makes it again" in " ".join(texts_of(page_of(layered, "en")))
