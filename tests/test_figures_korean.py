"""Figures in Korean: nothing in English or by its identifier, nothing on something else; English ones as before."""

import itertools
import re
import string

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, injae
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from test_figures_legible import ROOT, calibrated, sobol, touching

from injae.experiments.compare import compare_results
from injae.experiments.facts import Band
from injae.experiments.findings import Finding, load
from injae.experiments.indicators import INDICATORS
from injae.experiments.measures import MEASURES
from injae.experiments.runs import simulate_all
from injae.experiments.validation import Held, Validation
from injae.experiments.wording.amounts import UNITS
from injae.experiments.wording.titles import DECLARED, SECTIONS, outcome_title, payment_title, scenario_title
from injae.model.errors import InputError
from injae.model.ledger import PAYMENTS
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.answers.words import BOOK
from injae.viz.figures import findings, fonts
from injae.viz.figures.breaking import WIDE, fill, letters
from injae.viz.figures.fit import settled
from injae.viz.figures.form import AS_DRAWN, CHOSEN, choosing, in_its_language
from injae.viz.figures.run import bindings_figure
from injae.viz.figures.style import style
from injae.viz.figures.validate import validation_figure

needs_korean = pytest.mark.skipif(fonts.korean_font() is None, reason="no Korean font on this machine")
SLACK = 9  # dots of a line of Korean that have no ink
HANGUL = re.compile("[가-힣]")
ALLOWED = {"AI", "PAWN", "Q", "W", "R", "box", "p", "mu", "sigma", "q", "csv", "differences", "injae"}


def drawn_in(language, draw):
    """Figures by name, as they are saved in a language."""
    with choosing(language=language), in_its_language():
        figures = draw()
        for figure in figures.values():
            note = f"{figure.get_supxlabel()} 재현 번호 0123456789"
            with mpl.rc_context(style()):
                figure.supxlabel(note.strip(), x=0.01, ha="left", fontsize=9)
            draw_whole(settled(figure))
        return figures


def draw_whole(figure):
    with mpl.rc_context(style()):
        FigureCanvasAgg(figure).draw()
    return figure


def said(figure):
    """What stands on a figure."""
    texts = [text for text in figure.findobj(Text) if text.get_visible()]
    return [text.get_text() for text in texts if text.get_text().strip()]


def check_korean(figure, names=()):
    """No identifier, no English word but acronyms, codes of facts and receipts; ``names`` are the user's own."""
    texts = said(figure)
    assert any(HANGUL.search(text) for text in texts)
    for text in texts:
        rest = re.sub("|".join(map(re.escape, names)) or "$^", "", text)
        rest = re.sub(r"\b[0-9a-f]{10}\b|\[[A-Z]\d+\]", "", rest)
        assert not re.search(r"[A-Za-z]_|_[A-Za-z]|[a-z]\.[a-z]", rest), text
        assert set(re.findall("[A-Za-z]+", rest)) <= ALLOWED, text


def heat(outcome="employed_hospitals@2029-12", unit="persons"):
    places = list(itertools.product([0.0, 1.0, 2.0], [0.0, 1e9]))
    cells = pd.DataFrame(places, columns=["x", "y"]).assign(
        outcome=outcome, unit=unit, mean=np.linspace(0.1, 0.9, 6), mean_low=0.05, mean_high=0.95, replicates=3,
        extra_public_won=[0, 1e9, 2e9, 3e9, 4e9, np.nan],
    )  # fmt: skip
    question = {
        "outcomes": [outcome], "x": "levers.grant_scale", "y": "levers.wage_fund_won_per_year@2025-01..2029-12",
        "policy": "korea", "replicates": "seeds", "less_is_better": [outcome],
    }  # fmt: skip
    return Finding("heatmap", question, {"cells": cells, "best": cells.iloc[[1]]}, {})


def effects():
    inputs = ["labour", "parameters.labour.taste_sd", "levers.grant_scale", "dummy: noise"]
    rows = [
        pd.DataFrame({"input": inputs, "outcome": outcome, "unit": unit}).assign(
            mu_star=[5.0, 3.0, 1.0, 0.5], mu_star_low=[4.0, 2.0, 0.5, 0.4], mu_star_high=[6.0, 4.0, 1.5, 0.6],
            sigma=[4.0, 2.0, 5.0, 0.0], settings=[3, 1, 1, 1], against_noise=["above", "above", "above", "floor"],
        )
        for outcome, unit in (("specialists_at_end", "persons"), ("adoption_share@2029-12", "share"))
    ]  # fmt: skip
    facts = {"trajectories": 10, "seeds": 4, "months": 60}
    facts["trajectories_dropped"] = {"specialists_at_end": 1, "adoption_share@2029-12": 0}
    return Finding("screen", {"policy": "korea", "versus": "no-programme"}, {"effects": pd.concat(rows)}, facts)


def indices():
    """Sobol' indices over time and of single outcomes, of settings of the model."""
    given = sobol(3)
    names = ["parameters.labour.taste_sd", "levers.grant_scale", "shocks.foreign_pay", "dummy: noise"]
    single = given.tables["indices"].assign(input=names)
    dates = [single.assign(outcome=f"specialists@{year}-12", unit="persons", sd=320.0) for year in (2025, 2026, 2027)]
    tables = {**given.tables, "indices": pd.concat([single, *dates])}
    return Finding("sensitivity", given.question, tables, given.facts)


def tornado():
    table = pd.DataFrame({"input": ["parameters.firms.voucher_won", "levers.grant_scale"]}).assign(
        outcome="public_won_at_end", unit="won", base=2.6e10, setting_low=8e7, setting_high=4e8, change_at_low=-1e9,
        change_at_high=1e9, change_at_low_low=-2e9, change_at_low_high=0, change_at_high_low=0, change_at_high_high=2e9,
    )  # fmt: skip
    facts = {"method": "tornado", "points": 9, "seeds": 2, "months": 24}
    return Finding("sensitivity", {"policy": "korea", "versus": ""}, {"tornado": table}, facts)


def pawn():
    table = pd.DataFrame({"input": ["parameters.labour.taste_sd", "levers.grant_scale", "dummy: noise"]}).assign(
        target="mean", outcome="specialists_at_end", index=[0.5, 0.3, 0.1], index_low=0.2, index_high=0.6,
        against_noise=["above", "above", "floor"],
    )  # fmt: skip
    tables = {"pawn": pd.concat([table, table.assign(outcome="exports_won_per_year")])}
    facts = {"method": "pawn", "points": 200, "seeds": 2, "months": 24}
    return Finding("sensitivity", {"policy": "hospital-pull", "versus": "korea"}, tables, facts)


MADE = {"heatmap": heat, "screen": effects, "sobol": indices, "tornado": tornado, "pawn": pawn}
STUDIES = ("grant-and-fund", "mix", "mix-robust", "target-holds")


def finding_of(name):
    return load(ROOT / "docs" / "studies" / name)[0] if name in STUDIES else MADE[name]()


def drawing(finding):
    """What draws the figures of a finding."""
    module, _, function = findings.FIGURES[finding.kind].partition(":")
    return lambda: getattr(__import__(module, fromlist=[function]), function)(finding)


@needs_korean
@pytest.mark.parametrize("name", [*MADE, *STUDIES])
def test_figures_of_analyses_are_korean_and_legible(name):
    figures = drawn_in("ko", drawing(finding_of(name)))
    assert figures
    for figure in figures.values():
        check_korean(figure, names=("set-05", "set-10"))
        assert name in STUDIES or not touching(figure, SLACK)


@needs_korean
@pytest.mark.parametrize(("judged_by", "ruled_out"), [("emulator", 0.3), ("points", 0.0)])
def test_figures_of_calibrations_are_korean_and_legible(judged_by, ruled_out):
    for figure in drawn_in("ko", lambda: calibrated(ruled_out=ruled_out, judged_by=judged_by)).values():
        check_korean(figure)
        assert not touching(figure, SLACK)


@pytest.fixture(scope="module")
def runs():
    plans = [Scenario.load(name, ["months=60"]) for name in ("korea", "no-programme")]
    return simulate_all(plans, 2, uncertainty="aleatory", workers=1)


@needs_korean
def test_figures_of_runs_are_korean_and_legible(runs):
    figure = runs[0].plot(baseline=runs[1], language="ko")
    check_korean(figure)
    assert "2029년 12월 AI 사용 병원" in figure.get_suptitle()
    assert not touching(draw_whole(figure), SLACK)
    compared = compare_results(runs).plot(language="ko")
    check_korean(compared)
    (bindings,) = drawn_in("ko", lambda: {"bindings": bindings_figure(runs[0], "0123456789")}).values()
    check_korean(bindings)
    assert not touching(bindings, SLACK)
    assert not any(HANGUL.search(text) for text in said(runs[0].plot(baseline=runs[1])))


@needs_korean
def test_the_figure_of_a_validation_is_korean(runs):
    bands = [Band("W5", "emigration_per_year", 0.002, 0.02, "D007", "korea", "fit", 0.01),
             Band("K13", "entry_pay_year_2", 4e7, 5e7, "D047", "korea-2022", "check", 4.5e7)]  # fmt: skip
    held = [Held(band, middle, 0.9 * middle, 1.1 * middle, 0.95) for band in bands if (middle := band.value)]
    found = Validation(held, runs[0].ensemble, runs, [])
    figure = drawn_in("ko", lambda: {"validation": validation_figure(found)})["validation"]
    check_korean(figure)
    assert "초임 연봉, 2년 차 평균" in " ".join(said(figure)) and "4,500만 원" in " ".join(said(figure))


@needs_korean
def test_a_sweep_is_drawn_in_korean(reference):
    figure = reference.plot(language="ko")
    check_korean(figure)


def test_what_figures_say_is_there_in_both_languages_with_the_same_placeholders():
    fields = string.Formatter().parse
    for key, texts in BOOK.texts.items():
        if key.startswith("figures.") or "ko" in texts:
            assert set(texts) == {"ko", "en"}, key
            english, korean = ([(name, form) for _, name, form, _ in fields(texts[lang]) if name] for lang in texts)
            assert set(english) == set(korean), key
        if key.startswith("figures."):
            assert set(re.findall("[A-Za-z]+", re.sub("{[^}]*}", "", texts["ko"]))) <= ALLOWED, key


def test_everything_that_a_figure_may_name_has_a_korean_name():
    for name in [*INDICATORS, *(f"{series}@2029-12" for series in SERIES)]:
        assert not re.search("[a-z]{3}", outcome_title(name, "ko")), name
    expression = "mean(vacancy_rate@2027-01..2029-12) / firms@2029-12 - specialists_at_end"
    named = outcome_title(expression, "ko")
    assert (
        named == "mean(빈 일자리율, 2027년 1월~2029년 12월) / 의료 AI 기업, 2029년 12월 - 활동 중인 전문인력, 기간 말"
    )
    for name in MEASURES:
        assert f"measure.{name}" in DECLARED.texts
    for payment in PAYMENTS.values():
        if payment.payer == "government":
            assert HANGUL.search(payment_title(payment.meaning, "ko"))
    sections = {path.partition(".")[0] for path in declared_parameters("korea")}
    assert sections <= set(SECTIONS) and {f"section.{name}" for name in SECTIONS} <= set(DECLARED.texts)
    units = {one.unit for one in [*declared_parameters("korea").values(), *LEVERS.values(), *SHOCKS.values()]}
    units |= {one.unit for one in [*INDICATORS.values(), *SERIES.values()]}
    assert {unit for unit in units if f"unit.{unit}" not in UNITS.texts} == set()


def test_policies_go_by_the_titles_of_presets_and_others_by_their_names():
    assert scenario_title("korea", "ko") == "2025-2029년 인재양성 사업"
    assert scenario_title("korea-2022", "ko").startswith("2022-2024년")
    assert scenario_title("korea 2", "ko") == "2025-2029년 인재양성 사업 2"
    assert scenario_title("korea-plan", "ko") == "korea-plan"
    assert scenario_title("korea", "en") == "korea"


def test_a_language_that_there_is_not_is_refused_in_one_line(runs, tmp_path):
    asked = ("--out", tmp_path / "x", "--figure-language", "fr")
    for command in (("run", "korea", "--months", "2"), ("rebuild", ROOT / "docs" / "studies" / "mix")):
        assert_refused(injae(*command, *asked), "--figure-language")
    with pytest.raises(InputError, match="no language of figures"):
        runs[0].plot(language="fr")
    assert CHOSEN.get() == AS_DRAWN


@needs_korean
def test_a_figure_is_drawn_again_in_korean_without_its_receipt_and_english_stays_as_it_was(tmp_path):
    study = ROOT / "docs" / "studies" / "target-holds"
    form = ("--figure-language", "ko", "--figure-format", "svg", "--figure-width", "180")
    done = injae("rebuild", study, "--out", tmp_path / "ko", *form, "--no-figure-receipt")
    assert done.returncode == 0 and "drawn" in done.stdout and not HANGUL.search(done.stdout)
    svg = (tmp_path / "ko" / "limits.svg").read_text(encoding="utf-8")
    assert "영역 1" in svg and "재현" not in svg
    injae("rebuild", study, "--out", tmp_path / "en")
    for file in study.glob("*.png"):
        assert (tmp_path / "en" / file.name).read_bytes() == file.read_bytes(), file.name


def test_korean_letters_take_the_room_that_they_need():
    assert letters("ab가") == pytest.approx(2 + WIDE)
    assert fill("가나 다라 마바 사아", 9).count("\n") == 1 and fill("ab cd ef gh", 12).count("\n") == 0
