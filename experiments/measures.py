"""What is measured of a run, by name: in words, in a unit, over some months, of some series."""

import math
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.experiments.estimators import (
    at,
    bass_ratio,
    beveridge,
    cohorts_closed,
    gain,
    growth,
    lead,
    lead_is_widest_midway,
    log_pay,
    logistic_fit,
    logit_growth,
    mobility_ratio,
    per_year,
    ratio,
    sales_growth,
    size_premium,
    tail,
    teach,
    tier_ratio,
    to_other_sectors,
)
from injae.model.ecosystem import Ecosystem

MONTHS = 120  # length of the run that patterns are measured in
FIVE_YEARS = 60


class Measure(NamedTuple):
    """What is measured, in words, and how a finished run (with events where no series are named) gives it.

    Attributes:
        what: in words.
        of_run: a number from a finished run.
        unit: of the number.
        months: of the run that it is measured in.
        series: that it reads; none where it reads people or events.
    """

    what: str
    of_run: Callable[[Any], float]
    unit: str = ""
    months: int = MONTHS
    series: tuple[str, ...] = ()


def measure(model: Ecosystem) -> dict[str, float]:
    """Every measure of a finished run; nan where a run gives none (nobody moved, or a curve that cannot be fitted)."""
    return {name: measured(name, model) for name in MEASURES}


def measured(name: str, model: Any) -> float:
    """One measure of a finished run, or of whatever has its ``history``: a record array, a row a month.

    Measures of series take the first months that they are declared for; nan where the run is shorter.
    """
    one = MEASURES[name]
    if one.series:
        if len(model.history) <= one.months:
            return math.nan
        history = np.asarray(model.history)[: one.months + 1].view(np.recarray)
        model = SimpleNamespace(history=history, series=history[-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a logarithm of nobody gives nan, which is what it should
        try:
            value = float(one.of_run(model))
        except (ArithmeticError, RuntimeError, ValueError):
            return math.nan
    return value if math.isfinite(value) else math.nan


def mean_of_known(values: list[float]) -> float:
    """Mean of the values that are known; nan if none is."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


MEASURES = {
    "logistic_fit_r2": Measure("adoption against a logistic curve, R2", logistic_fit),
    "imitation_over_innovation": Measure("imitation over innovation, q/p of a Bass curve", bass_ratio),
    "imaging_less_risk_points": Measure("after 5 years: imaging less risk, points", lead("imaging", "risk", 5)),
    "risk_less_treatment_points": Measure("after 5 years: risk less treatment, points", lead("risk", "treatment", 5)),
    "risk_less_research_points": Measure("after 5 years: risk less research, points", lead("risk", "research", 5)),
    "tertiary_lead_year_1_points": Measure(
        "tertiary less other hospitals after 1 year, points", lead("tertiary", "hospital", 1)
    ),
    "tertiary_lead_year_5_points": Measure(
        "tertiary less other hospitals after 5 years, points", lead("tertiary", "hospital", 5)
    ),
    "tertiary_lead_year_10_points": Measure(
        "tertiary less other hospitals after 10 years, points", lead("tertiary", "hospital", 10)
    ),
    "lead_is_widest_midway": Measure("widest gap before the end (1: yes)", lead_is_widest_midway),
    "beveridge_elasticity": Measure(
        "elasticity of vacancies on unemployment, years 2 to 5",
        beveridge,
        "ratio",
        FIVE_YEARS,
        ("vacancies_hospitals", "vacancies_firms", "specialists", "seeking"),
    ),
    "job_changes_per_year": Measure(
        "job changes a year, specialists, in and out of the field",
        per_year("job_to_job_moves", "separations", "left_for_other_sectors"),
        "share per year",
        FIVE_YEARS,
        ("job_to_job_moves", "separations", "left_for_other_sectors", "specialists"),
    ),
    "job_to_job_share": Measure(
        "job-to-job share of hires",
        ratio("job_to_job_moves", "hires"),
        "share",
        FIVE_YEARS,
        ("job_to_job_moves", "hires"),
    ),
    "movers_who_gain_share": Measure(
        "movers who gain pay",
        ratio("moves_with_pay_gain", "job_to_job_moves"),
        "share",
        FIVE_YEARS,
        ("moves_with_pay_gain", "job_to_job_moves"),
    ),
    "mobility_young_over_thirties": Measure("movers a year under 30 over those in their thirties", mobility_ratio),
    "log_pay_skewness": Measure("skewness of log pay, end", lambda model: float(scipy.stats.skew(log_pay(model)))),
    "log_pay_sd": Measure("spread (sd) of log pay, end", lambda model: log_pay(model).std()),
    "pay_size_correlation": Measure("correlation of log pay and log size of firms", size_premium),
    "firm_size_tail_slope": Measure("slope of log rank on log size of firms", tail),
    "start_up_cohorts_closed_share": Measure("firms founded in the last seven years that have closed", cohorts_closed),
    "firm_exits_per_year": Measure(
        "firms that close in a year",
        per_year("firms_exited", stock="firms"),
        "share per year",
        FIVE_YEARS,
        ("firms_exited", "firms"),
    ),
    "emigration_per_year": Measure(
        "emigration a year", per_year("emigrated"), "share per year", FIVE_YEARS, ("emigrated", "specialists")
    ),
    "abroad_share": Measure(
        "share abroad after 5 years",
        lambda model: model.series.abroad / (model.series.abroad + model.series.specialists),
        "share",
        FIVE_YEARS,
        ("abroad", "specialists"),
    ),
    "drop_out_per_year": Measure(
        "drop-out a year",
        per_year("dropped_out", stock="enrolled"),
        "share per year",
        FIVE_YEARS,
        ("dropped_out", "enrolled"),
    ),
    "graduates_who_teach_share": Measure("graduates of the ten years who teach at the end", teach),
    "programme_graduates_year_5": Measure(
        "programme graduates after 5 years",
        lambda model: model.history.programme_graduates_cumulative[60],
        "persons",
        60,
        ("programme_graduates_cumulative",),
    ),
    "vacancy_rate_years_1_and_2": Measure(
        "vacancy rate, mean of the first two years",
        lambda model: model.history.vacancy_rate[1:25].mean(),
        "share",
        24,
        ("vacancy_rate",),
    ),
    "tertiary_over_all_at_start": Measure(
        "tertiary over all hospitals at the start, ratio",
        tier_ratio,
        "ratio",
        0,
        ("adoption_share_tertiary", "adoption_share"),
    ),
    "products_approved_year_1": Measure(
        "products approved in the first year",
        lambda model: model.history.products_approved_cumulative[12] - model.history.products_approved_cumulative[0],
        "products",
        12,
        ("products_approved_cumulative",),
    ),
    "programme_admitted_year_1": Measure(
        "programme trainees admitted in the first year",
        at("programme_admitted_cumulative", 12),
        "persons",
        12,
        ("programme_admitted_cumulative",),
    ),
    "programme_admitted_year_3": Measure(
        "programme trainees admitted in three years",
        at("programme_admitted_cumulative", 36),
        "persons",
        36,
        ("programme_admitted_cumulative",),
    ),
    "programme_admitted_year_5": Measure(
        "programme trainees admitted in five years",
        at("programme_admitted_cumulative", 60),
        "persons",
        60,
        ("programme_admitted_cumulative",),
    ),
    "use_share_start": Measure(
        "hospitals using AI at the start", at("adoption_share", 0), "share", 0, ("adoption_share",)
    ),
    "use_growth_logit_per_year": Measure(
        "growth of use in five years, log-odds a year",
        logit_growth("adoption_share", 60),
        "log odds per year",
        60,
        ("adoption_share",),
    ),
    "use_growth_logit_years_1_to_3": Measure(
        "growth of use in three years, log-odds a year",
        logit_growth("adoption_share", 36),
        "log odds per year",
        36,
        ("adoption_share",),
    ),
    "specialists_growth_per_year": Measure(
        "growth of specialists in five years", growth("specialists", 60), "share per year", 60, ("specialists",)
    ),
    "specialists_growth_years_1_to_3": Measure(
        "growth of specialists in three years", growth("specialists", 36), "share per year", 36, ("specialists",)
    ),
    "vacancy_rate_year_2": Measure(
        "vacancy rate, mean of the second year",
        lambda model: model.history["vacancy_rate"][13:25].mean(),
        "share",
        24,
        ("vacancy_rate",),
    ),
    "return_per_year": Measure(
        "returns a year of those abroad",
        per_year("returned", stock="abroad"),
        "share per year",
        FIVE_YEARS,
        ("returned", "abroad"),
    ),
    "left_for_other_sectors_share": Measure(
        "leavers of a job or the field who go to another sector",
        to_other_sectors,
        "share",
        FIVE_YEARS,
        ("left_for_other_sectors", "job_to_job_moves", "emigrated"),
    ),
    "vacancy_duration_months_years_2_to_5": Measure(
        "vacancy duration, years 2 to 5",
        lambda model: model.history["vacancy_duration_months"][13:61].mean(),
        "months",
        60,
        ("vacancy_duration_months",),
    ),
    "firm_pay_growth_per_year": Measure(
        "growth of median pay in firms, five years",
        growth("median_pay_firms_won_per_year", 60),
        "share per year",
        60,
        ("median_pay_firms_won_per_year",),
    ),
    "young_firm_exits_per_year": Measure(
        "firms below seven years that close in a year",
        per_year("young_firms_exited", stock="young_firms"),
        "share per year",
        FIVE_YEARS,
        ("young_firms_exited", "young_firms"),
    ),
    "firm_entries_per_year": Measure(
        "firms founded in a year, over firms",
        per_year("firms_entered", stock="firms"),
        "share per year",
        FIVE_YEARS,
        ("firms_entered", "firms"),
    ),
    "hires_per_year": Measure(
        "posts filled in a year, over specialists",
        per_year("hires"),
        "share per year",
        FIVE_YEARS,
        ("hires", "specialists"),
    ),
    "entry_pay_year_2": Measure(
        "pay in the first year of practice, mean of the second year",
        lambda model: model.history["entry_pay_won_per_year"][13:25].mean(),
        "won per year",
        24,
        ("entry_pay_won_per_year",),
    ),
    "seats_filled_share_years_2_to_5": Measure(
        "seats at universities that are filled, years 2 to 5",
        lambda model: model.history["enrolled"][13:61].sum() / model.history["seats"][13:61].sum(),
        "share",
        60,
        ("enrolled", "seats"),
    ),
    "firms_growth_years_1_to_3": Measure(
        "growth of the number of firms in three years", growth("firms", 36), "share per year", 36, ("firms",)
    ),
    "sales_growth_years_1_to_3": Measure(
        "growth of sales a year, first to third year", sales_growth, "share per year", 36, ("revenue_won",)
    ),
    "products_approved_years_1_and_2": Measure(
        "products approved in two years",
        gain("products_approved_cumulative", 0, 24),
        "products",
        24,
        ("products_approved_cumulative",),
    ),
    "products_approved_year_3": Measure(
        "products approved in the third year",
        gain("products_approved_cumulative", 24, 36),
        "products",
        36,
        ("products_approved_cumulative",),
    ),
    "risk_users_feb_2025": Measure(
        "hospitals with AI in risk prediction after 38 months",
        at("adoption_share_risk", 38),
        "share",
        38,
        ("adoption_share_risk",),
    ),
    "risk_users_early_2023": Measure(
        "hospitals with AI in risk prediction after 13 months",
        at("adoption_share_risk", 13),
        "share",
        13,
        ("adoption_share_risk",),
    ),
    "programme_graduates_at_work_year_5": Measure(
        "programme graduates of five years who are at work in the field",
        lambda model: float(
            model.history["programme_practitioners"][60] / model.history["programme_graduates_cumulative"][60]
        ),
        "share",
        60,
        ("programme_practitioners", "programme_graduates_cumulative"),
    ),
    "employed_hospitals_start": Measure(
        "specialists in hospitals at the start", at("employed_hospitals", 0), "persons", 0, ("employed_hospitals",)
    ),
}
