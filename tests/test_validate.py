"""Facts and how they are held against an ensemble: known answers, rules of a hit, the command and its page."""

import csv
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import injae

from injae.experiments.calibration.posterior_files import Posterior
from injae.experiments.facts import Band, all_bands, bands
from injae.experiments.measures import MEASURES, measured
from injae.experiments.uncertainty import ALEATORY_ONLY, Ensemble, Uncertainty
from injae.experiments.validation import Held, Validation, declared_apart, validate
from injae.model.errors import InputError
from injae.model.parameters import DATA, declared_parameters
from injae.model.record import DTYPE, SERIES
from injae.model.scenario import Scenario
from injae.viz.answers.validate import apart_lines, no_figures, reasons, width_line


def history(months, **series):
    table = np.zeros(months + 1, DTYPE)
    for name, values in series.items():
        table[name] = values
    return SimpleNamespace(history=table)


def test_every_fact_is_a_measure_with_a_band_a_case_and_a_source():
    rows = all_bands("korea")
    assert len([row for row in rows if row.use == "fit"]) >= 15
    assert len([row for row in rows if row.use == "check"]) >= 8
    for row in rows:
        assert row.measure in MEASURES and row.source and row.use in ("fit", "check", "pattern")
        assert row.low < row.high and Scenario.load(row.case).country in ("korea", "korea-2022")
        if row.use != "pattern":  # a calibration records no events, and has to know what the model may be off by
            one = MEASURES[row.measure]
            assert one.series and one.unit and set(one.series) <= set(SERIES) and row.discrepancy > 0
            assert row.low <= row.value <= row.high
    keys = [(row.measure, row.case) for row in rows]
    assert len(set(keys)) == len(keys), "a fact cannot be used and kept out"


def test_every_source_that_a_fact_names_is_there():
    data = DATA
    with (data / "evidence.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    texts = [row.source for row in all_bands("korea")] + [row["source"] for row in no_figures("korea")]
    for text in texts:
        assert set(re.findall(r"\b[A-Z]\d{3}\b", text)) <= known, text
        for series in re.findall(r"series/\S+\.csv", text):
            assert (data / series).is_file(), text


def test_a_reason_for_a_miss_belongs_to_a_fact():
    assert set(reasons("korea")) <= {(row.measure, row.case) for row in all_bands("korea")}


def test_a_case_knows_its_own_facts_and_those_of_its_base():
    assert {row.case for row in bands("korea")} == {"korea"}
    assert {row.case for row in bands("korea-2022")} == {"korea-2022"}
    assert all_bands("korea-2022") == all_bands("korea")


def test_measures_have_known_answers():
    months = np.arange(61)
    odds = np.exp(-2 + 0.3 * months / 12)  # growth of 0.3 a year on the logit scale
    model = history(60, adoption_share=odds / (1 + odds), specialists=1000 * 1.05 ** (months / 12))
    assert measured("use_growth_logit_per_year", model) == pytest.approx(0.3)
    assert measured("specialists_growth_per_year", model) == pytest.approx(0.05, abs=2e-4)  # persons are whole
    model = history(60, left_for_other_sectors=3, job_to_job_moves=5, emigrated=2)
    assert measured("left_for_other_sectors_share", model) == pytest.approx(0.3)
    model = history(60, hires=2, enrolled=80, seats=100, specialists=120)
    assert measured("hires_per_year", model) == pytest.approx(0.2)
    assert measured("seats_filled_share_years_2_to_5", model) == pytest.approx(0.8)
    pay = np.where(months[:25] > 12, 46e6, 1e6)
    assert measured("entry_pay_year_2", history(24, entry_pay_won_per_year=pay)) == pytest.approx(46e6)
    early = months[:37]
    model = history(
        36, revenue_won=np.where(early > 24, 121, 100) * (early > 0), firms=np.where(early < 36, 1000, 1331)
    )
    assert measured("sales_growth_years_1_to_3", model) == pytest.approx(0.1)
    assert measured("firms_growth_years_1_to_3", model) == pytest.approx(0.1)
    model = history(60, young_firms=100, young_firms_exited=1)
    assert measured("young_firm_exits_per_year", model) == pytest.approx(12 / 100)


def test_a_measure_reads_the_months_that_it_is_declared_for():
    model = history(120, programme_admitted_cumulative=np.arange(121))
    assert measured("programme_admitted_year_1", model) == 12
    assert measured("programme_admitted_year_5", model) == 60
    assert math.isnan(measured("programme_admitted_year_5", history(24)))


@pytest.mark.parametrize(
    ("runs", "met"),
    [((8, 10, 12), True), ((1, 2, 3), False), ((1, 2, 10.5), True), ((17, 18, 19), False), ((0, 6, 7), True)],
)
def test_a_fact_is_met_by_the_median_in_the_band_or_the_guess_in_the_interval(runs, met):
    band = Band("X", "abroad_share", 5, 15, "", value=10.0)
    assert Held(band, *runs, 20).is_met is met


def test_width_is_that_of_the_runs_over_that_of_the_band():
    band = Band("X", "abroad_share", 5, 15, "", value=10.0, use="fit")
    held = [Held(band, 8, 10, 12, 20), Held(band, 0, 10, 20, 20), Held(band._replace(high=math.inf), 0, 1, 9, 20)]
    found = Validation(held, ALEATORY_ONLY, [], [])
    assert found.width("fit") == pytest.approx((0.4 + 2) / 2) and math.isnan(found.width("check"))
    assert "1.2 times for facts used in the fit (the wider" in width_line(found)


def test_validation_measures_each_case_in_its_own_runs():
    found = validate(Scenario.load("korea"), 20, uncertainty="aleatory", workers=1)
    assert [results.plan.name for results in found.results] == ["korea", "korea-2022"]
    table = found.table().set_index("measure")
    assert set(table["use"]) == {"fit", "check", "pattern"}
    assert table.loc["programme_admitted_year_3", "case"] == "korea-2022"
    (first,) = [one for one in found.held if one.band.measure == "abroad_share"]
    runs = [measured("abroad_share", SimpleNamespace(history=run.history)) for run in found.results[0].runs]
    assert (first.low, first.median, first.high) == pytest.approx(tuple(np.percentile(runs, (5, 50, 95))))
    assert found.counts("fit")[1] == len([band for band in all_bands("korea") if band.use == "fit"])


def test_cohorts_of_firms_that_closed():
    firms = {"founded_month": np.array([-20, 30, 40, 50, 60]), "active": np.array([False, False, True, False, True])}
    model = history(120, young_firms_exited=3, firms_taken_over=1)
    model.month, model.firms = 120, SimpleNamespace(rows=firms.__getitem__)
    # one of three founded since month 36 is gone, and three of four of the young that go close
    assert measured("start_up_cohorts_closed_share", model) == pytest.approx(1 / 3 * 3 / 4)


def test_what_cannot_be_held_against_facts_is_refused(monkeypatch):
    with pytest.raises(InputError, match="needs 20 runs"):
        validate(Scenario.load("korea"), 5, uncertainty="aleatory")
    with pytest.raises(InputError, match="needs 40 runs"):
        validate(Scenario.load("korea"), 20, uncertainty="ranges")
    with pytest.raises(InputError, match="double-grant': no fact is measured in it; take korea-2022, korea, "):
        validate(Scenario.load("double-grant"), 20, uncertainty="aleatory")
    monkeypatch.setattr("injae.experiments.validation.all_bands", lambda country: [])
    with pytest.raises(InputError, match="no facts of 'korea'"):
        validate(Scenario.load("korea"), 20, uncertainty="aleatory")


def test_the_command_writes_table_figure_and_page(tmp_path):
    page = tmp_path / "validation.md"
    done = injae("validate", "--uncertainty", "aleatory", "--seeds", 20, "--workers", 1, "--json", "--page", page,
                 "--out", tmp_path / "v")  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["counts"]["fit"]["facts"] == len([row for row in answer["facts"] if row["use"] == "fit"])
    for name in ("validation.csv", "validation.png", "validation.svg", "manifest.json"):
        assert (tmp_path / "v" / name).stat().st_size
    text = page.read_text(encoding="utf-8")
    missed = [row for row in answer["facts"] if not row["met"]]
    assert text.count("**missed**") == len(missed)
    assert all(f"**{row['code']}, {row['what']}**" in text for row in missed)
    assert (tmp_path / "validation.png").is_file()


def test_declared_values_that_the_facts_speak_against_are_named(monkeypatch):
    """Draws of one parameter lie above its declared value, of the other around it."""
    declared = declared_parameters("korea")
    paths = ("labour.taste_sd", "education.seats_per_course")
    draws = np.linspace([declared[paths[0]].value + 0.01, 20], [declared[paths[0]].value + 0.1, 36], 40)
    posterior = Posterior("korea", paths, draws, {}, "x")
    ensemble = Ensemble(Uncertainty.POSTERIOR, "korea", posterior)
    assert [one.path for one in declared_apart(ensemble)] == ["labour.taste_sd"]
    said = apart_lines(ensemble)
    assert "speak against: 1." in said[0] and said[1].startswith("labour.taste_sd = ")
    inside = Ensemble(Uncertainty.POSTERIOR, "korea", Posterior("korea", paths[1:], draws[:, 1:], {}, "x"))
    assert apart_lines(inside) == ["The declared value of every parameter lies within 90 percent of the posterior."]
    assert apart_lines(ALEATORY_ONLY) == []


def test_the_page_in_the_documents_speaks_of_the_facts_there_are():
    text = (DATA.parent / "docs" / "validation.md").read_text(encoding="utf-8")
    for row in all_bands("korea"):
        if MEASURES[row.measure].series:
            assert f"| {row.code} | {MEASURES[row.measure].what} |" in text, row.measure
    assert "not explained yet" not in text, "data/korea/misses.csv says why each fact is missed"
