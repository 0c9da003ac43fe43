"""Facts that the model is held against: how each is measured in a run, and what is known of a country.

A measurement (``fit``: used by calibrations, ``check``: kept out of them) is read off the monthly series of the first
months of a run. A ``pattern`` is a band from other markets, read off people and events as well.
"""

import math
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, stats

from agents.trainee import State
from model.ecosystem import Ecosystem
from model.firms import YOUNG_MONTHS
from model.parameters import country_rows
from model.scenario import Scenario
from model.world import Event

MONTHS = 120  # length of the run that patterns are measured in
FIVE_YEARS = 60
ERRORS_IN_BAND = 2  # standard errors from the middle of a measurement's band to its end


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


class Band(NamedTuple):
    """Where a fact should lie, and where that is known from; ``measure`` is a name in ``MEASURES``.

    ``case`` is the scenario that it is measured in, ``use`` one of fit, check and pattern, ``value`` the best guess,
    and ``discrepancy`` by how much (standard deviation) the model may be off with the best parameters (nan: not said).
    """

    code: str
    measure: str
    low: float
    high: float
    source: str
    case: str = ""
    use: str = "pattern"
    value: float = math.nan
    discrepancy: float = math.nan
    note: str = ""

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= value <= self.high

    def in_words(self) -> str:
        """Both ends, or the one that there is."""
        if math.isinf(self.high):
            return f"above {self.low:g}"
        return f"below {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"


def bands(country: str) -> list[Band]:
    """What is known of the cases of a country: its own ``data/COUNTRY/facts.csv``, or that of its base; maybe nothing.

    Rows of cases of other countries, such as a back-cast, are in ``all_bands``.
    """
    return [band for band in all_bands(country) if Scenario.load(band.case).country == country]


def all_bands(country: str) -> list[Band]:
    """The same with the rows of every case, which calibrations and validations of the country take together."""
    return [_band(row) for row in country_rows(country, "facts.csv")]


def _band(row: dict[str, str]) -> Band:
    low, high = _end(row["low"], -math.inf), _end(row["high"], math.inf)
    return Band(
        row["code"], row["measure"], low, high, row["source"], row["case"], row["use"],
        _end(row["value"], (low + high) / 2), _end(row["discrepancy"], math.nan), row["note"],
    )  # fmt: skip


def _end(text: str, missing: float) -> float:
    return float(text) if text else missing


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


def _logistic_fit(model: Ecosystem) -> float:
    share = model.history.adoption_share
    t = np.arange(len(share)) / 12

    def curve(t: Any, ceiling: float, speed: float, middle: float) -> Any:
        return ceiling / (1 + np.exp(-speed * (t - middle)))

    best, _ = optimize.curve_fit(curve, t, share, p0=(1, 0.4, 6), maxfev=20_000)
    rest = ((share - curve(t, *best)) ** 2).sum()
    return 1 - rest / ((share - share.mean()) ** 2).sum()


def _bass_ratio(model: Ecosystem) -> float:
    """q/p from yearly growth of the share against the share: growth = (p + q share)(1 - share)."""
    share = model.history.adoption_share[::12]
    share = share[: np.flatnonzero(share < 1)[-1] + 2]  # once everybody uses AI there is no growth to explain
    hazard = np.diff(share) / (1 - share[:-1])
    q, p = np.polyfit(share[:-1], hazard, 1)
    return q / max(p, 1e-3)


def _lead(first: str, second: str, year: int) -> Callable[[Ecosystem], float]:
    def points(model: Ecosystem) -> float:
        history = model.history[12 * year]
        return 100 * (history[f"adoption_share_{first}"] - history[f"adoption_share_{second}"])

    return points


def _lead_is_widest_midway(model: Ecosystem) -> float:
    lead = model.history.adoption_share_tertiary - model.history.adoption_share_hospital
    return float(0 < lead.argmax() < len(lead) - 1)


def _beveridge(model: Ecosystem) -> float:
    history = model.history[12:]
    vacancies = (history.vacancies_hospitals + history.vacancies_firms) / history.specialists
    unemployed = history.seeking / history.specialists
    return stats.linregress(np.log(unemployed), np.log(vacancies)).slope


def _per_year(*flows: str, stock: str = "specialists") -> Callable[[Ecosystem], float]:
    def rate(model: Ecosystem) -> float:
        return sum(model.history[flow][1:].sum() for flow in flows) / (model.history[stock][:-1].sum() / 12)

    return rate


def _ratio(part: str, whole: str) -> Callable[[Ecosystem], float]:
    return lambda model: model.history[part].sum() / model.history[whole].sum()


def _mobility_ratio(model: Ecosystem) -> float:
    """Job changes per month at work, under 30 over the thirties, in the last five years (from the event log)."""
    events, people, end, begin = model.events, model.people, model.month, model.month - 60
    changed = (events.rows("event") == Event.CHANGED_JOB) & (events.rows("month") > begin)
    age_at_move = (events.rows("month")[changed] - people.rows("birth_month")[events.rows("person")[changed]]) / 12
    working = np.isin(people.rows("state"), (State.HOSPITAL, State.FIRM))
    birth = people.rows("birth_month")[working].astype(int)
    entry = np.maximum.reduce(
        [np.full(birth.size, begin), people.rows("graduated_month")[working], people.rows("source_month")[working]]
    )

    def rate(from_age: int, to_age: int) -> float:
        months = np.clip(np.minimum(birth + 12 * to_age, end) - np.maximum(birth + 12 * from_age, entry), 0, None)
        return ((age_at_move >= from_age) & (age_at_move < to_age)).sum() / months.sum()

    return rate(18, 30) / rate(30, 40)


def _log_pay(model: Ecosystem) -> Any:
    working = np.isin(model.people.rows("state"), (State.HOSPITAL, State.FIRM))
    return np.log(model.people.rows("pay_won_per_year")[working].astype(float))


def _size_premium(model: Ecosystem) -> float:
    state, employer = model.people.rows("state"), model.people.rows("employer")
    in_firms = state == State.FIRM
    staff = model.firms.rows("staff")[employer[in_firms]]
    pay = model.people.rows("pay_won_per_year")[in_firms]
    return np.corrcoef(np.log(staff), np.log(pay))[0, 1]


def _tail(model: Ecosystem) -> float:
    sizes = np.sort(model.firms.rows("staff")[model.firms.rows("staff") > 0])[::-1]
    sizes = sizes[: len(sizes) // 2]
    return stats.linregress(np.log(sizes), np.log(np.arange(1, len(sizes) + 1))).slope


def _cohorts_closed(model: Ecosystem) -> float:
    """Of the firms founded in the last seven years, the part that has closed; firms taken over have not."""
    founded = model.firms.rows("founded_month") > model.month - YOUNG_MONTHS
    gone = founded & ~model.firms.rows("active")
    recent = model.history[-YOUNG_MONTHS:]
    closed, taken_over = recent["young_firms_exited"].sum(), recent["firms_taken_over"].sum()
    return float(gone.sum() / founded.sum() * closed / (closed + taken_over))


def _teach(model: Ecosystem) -> float:
    graduated = model.people.rows("graduated_month") >= 0
    return (model.people.rows("state")[graduated] == State.UNIVERSITY).mean()


def _tier_ratio(model: Any) -> float:
    return float(model.history["adoption_share_tertiary"][0] / model.history["adoption_share"][0])


def _at(name: str, month: int) -> Callable[[Any], float]:
    return lambda model: float(model.history[name][month])


def _gain(name: str, first: int, last: int) -> Callable[[Any], float]:
    return lambda model: float(model.history[name][last] - model.history[name][first])


def _growth(name: str, last: int) -> Callable[[Any], float]:
    """Growth a year from the start to a month."""
    return lambda model: float((model.history[name][last] / model.history[name][0]) ** (12 / last) - 1)


def _logit_growth(name: str, last: int) -> Callable[[Any], float]:
    """Growth a year of the log-odds of a share, from the start to a month."""

    def growth(model: Any) -> float:
        first, then = (min(max(float(model.history[name][m]), 1e-6), 1 - 1e-6) for m in (0, last))
        return (math.log(then / (1 - then)) - math.log(first / (1 - first))) * 12 / last

    return growth


def _to_other_sectors(model: Any) -> float:
    """Of those who changed employer, sector or country: the part that went to another sector."""
    left = model.history["left_for_other_sectors"].sum()
    return float(left / (left + model.history["job_to_job_moves"].sum() + model.history["emigrated"].sum()))


def _sales_growth(model: Any) -> float:
    sales = model.history["revenue_won"]
    return float((sales[25:37].sum() / sales[1:13].sum()) ** (1 / 2) - 1)


MEASURES = {
    "logistic_fit_r2": Measure("adoption against a logistic curve, R2", _logistic_fit),
    "imitation_over_innovation": Measure("imitation over innovation, q/p of a Bass curve", _bass_ratio),
    "imaging_less_risk_points": Measure("after 5 years: imaging less risk, points", _lead("imaging", "risk", 5)),
    "risk_less_treatment_points": Measure("after 5 years: risk less treatment, points", _lead("risk", "treatment", 5)),
    "risk_less_research_points": Measure("after 5 years: risk less research, points", _lead("risk", "research", 5)),
    "tertiary_lead_year_1_points": Measure(
        "tertiary less other hospitals after 1 year, points", _lead("tertiary", "hospital", 1)
    ),
    "tertiary_lead_year_5_points": Measure(
        "tertiary less other hospitals after 5 years, points", _lead("tertiary", "hospital", 5)
    ),
    "tertiary_lead_year_10_points": Measure(
        "tertiary less other hospitals after 10 years, points", _lead("tertiary", "hospital", 10)
    ),
    "lead_is_widest_midway": Measure("widest gap before the end (1: yes)", _lead_is_widest_midway),
    "beveridge_elasticity": Measure(
        "elasticity of vacancies on unemployment, years 2 to 5",
        _beveridge,
        "ratio",
        FIVE_YEARS,
        ("vacancies_hospitals", "vacancies_firms", "specialists", "seeking"),
    ),
    "job_changes_per_year": Measure(
        "job changes a year, specialists, in and out of the field",
        _per_year("job_to_job_moves", "separations", "left_for_other_sectors"),
        "share per year",
        FIVE_YEARS,
        ("job_to_job_moves", "separations", "left_for_other_sectors", "specialists"),
    ),
    "job_to_job_share": Measure(
        "job-to-job share of hires",
        _ratio("job_to_job_moves", "hires"),
        "share",
        FIVE_YEARS,
        ("job_to_job_moves", "hires"),
    ),
    "movers_who_gain_share": Measure(
        "movers who gain pay",
        _ratio("moves_with_pay_gain", "job_to_job_moves"),
        "share",
        FIVE_YEARS,
        ("moves_with_pay_gain", "job_to_job_moves"),
    ),
    "mobility_young_over_thirties": Measure("movers a year under 30 over those in their thirties", _mobility_ratio),
    "log_pay_skewness": Measure("skewness of log pay, end", lambda model: float(stats.skew(_log_pay(model)))),
    "log_pay_sd": Measure("spread (sd) of log pay, end", lambda model: _log_pay(model).std()),
    "pay_size_correlation": Measure("correlation of log pay and log size of firms", _size_premium),
    "firm_size_tail_slope": Measure("slope of log rank on log size of firms", _tail),
    "start_up_cohorts_closed_share": Measure("firms founded in the last seven years that have closed", _cohorts_closed),
    "firm_exits_per_year": Measure(
        "firms that close in a year",
        _per_year("firms_exited", stock="firms"),
        "share per year",
        FIVE_YEARS,
        ("firms_exited", "firms"),
    ),
    "emigration_per_year": Measure(
        "emigration a year", _per_year("emigrated"), "share per year", FIVE_YEARS, ("emigrated", "specialists")
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
        _per_year("dropped_out", stock="enrolled"),
        "share per year",
        FIVE_YEARS,
        ("dropped_out", "enrolled"),
    ),
    "graduates_who_teach_share": Measure("graduates of the ten years who teach at the end", _teach),
    "programme_graduates_year_5": Measure(
        "programme graduates after 5 years",
        lambda model: model.history.programme_graduates_cumulative[60],
        "persons",
        60,
        ("programme_graduates_cumulative",),
    ),
    "shortage_rate_years_1_and_2": Measure(
        "shortage rate, mean of the first two years",
        lambda model: model.history.shortage_rate[1:25].mean(),
        "share",
        24,
        ("shortage_rate",),
    ),
    "tertiary_over_all_at_start": Measure(
        "tertiary over all hospitals at the start, ratio",
        _tier_ratio,
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
        _at("programme_admitted_cumulative", 12),
        "persons",
        12,
        ("programme_admitted_cumulative",),
    ),
    "programme_admitted_year_3": Measure(
        "programme trainees admitted in three years",
        _at("programme_admitted_cumulative", 36),
        "persons",
        36,
        ("programme_admitted_cumulative",),
    ),
    "programme_admitted_year_5": Measure(
        "programme trainees admitted in five years",
        _at("programme_admitted_cumulative", 60),
        "persons",
        60,
        ("programme_admitted_cumulative",),
    ),
    "use_share_start": Measure(
        "hospitals using AI at the start", _at("adoption_share", 0), "share", 0, ("adoption_share",)
    ),
    "use_growth_logit_per_year": Measure(
        "growth of use in five years, log-odds a year",
        _logit_growth("adoption_share", 60),
        "log odds per year",
        60,
        ("adoption_share",),
    ),
    "use_growth_logit_years_1_to_3": Measure(
        "growth of use in three years, log-odds a year",
        _logit_growth("adoption_share", 36),
        "log odds per year",
        36,
        ("adoption_share",),
    ),
    "specialists_growth_per_year": Measure(
        "growth of specialists in five years", _growth("specialists", 60), "share per year", 60, ("specialists",)
    ),
    "specialists_growth_years_1_to_3": Measure(
        "growth of specialists in three years", _growth("specialists", 36), "share per year", 36, ("specialists",)
    ),
    "shortage_rate_year_2": Measure(
        "shortage rate, mean of the second year",
        lambda model: model.history["shortage_rate"][13:25].mean(),
        "share",
        24,
        ("shortage_rate",),
    ),
    "return_per_year": Measure(
        "returns a year of those abroad",
        _per_year("returned", stock="abroad"),
        "share per year",
        FIVE_YEARS,
        ("returned", "abroad"),
    ),
    "left_for_other_sectors_share": Measure(
        "leavers of a job or the field who go to another sector",
        _to_other_sectors,
        "share",
        FIVE_YEARS,
        ("left_for_other_sectors", "job_to_job_moves", "emigrated"),
    ),
    "months_to_fill_years_2_to_5": Measure(
        "months to fill a post, years 2 to 5",
        lambda model: model.history["months_to_fill"][13:61].mean(),
        "months",
        60,
        ("months_to_fill",),
    ),
    "firm_pay_growth_per_year": Measure(
        "growth of median pay in firms, five years",
        _growth("median_pay_firms_won_per_year", 60),
        "share per year",
        60,
        ("median_pay_firms_won_per_year",),
    ),
    "young_firm_exits_per_year": Measure(
        "firms below seven years that close in a year",
        _per_year("young_firms_exited", stock="young_firms"),
        "share per year",
        FIVE_YEARS,
        ("young_firms_exited", "young_firms"),
    ),
    "firm_entries_per_year": Measure(
        "firms founded in a year, over firms",
        _per_year("firms_entered", stock="firms"),
        "share per year",
        FIVE_YEARS,
        ("firms_entered", "firms"),
    ),
    "hires_per_year": Measure(
        "posts filled in a year, over specialists",
        _per_year("hires"),
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
        "growth of the number of firms in three years", _growth("firms", 36), "share per year", 36, ("firms",)
    ),
    "sales_growth_years_1_to_3": Measure(
        "growth of sales a year, first to third year", _sales_growth, "share per year", 36, ("revenue_won",)
    ),
    "products_approved_years_1_and_2": Measure(
        "products approved in two years",
        _gain("products_approved_cumulative", 0, 24),
        "products",
        24,
        ("products_approved_cumulative",),
    ),
    "products_approved_year_3": Measure(
        "products approved in the third year",
        _gain("products_approved_cumulative", 24, 36),
        "products",
        36,
        ("products_approved_cumulative",),
    ),
    "risk_users_feb_2025": Measure(
        "hospitals with AI in risk prediction after 38 months",
        _at("adoption_share_risk", 38),
        "share",
        38,
        ("adoption_share_risk",),
    ),
    "risk_users_early_2023": Measure(
        "hospitals with AI in risk prediction after 13 months",
        _at("adoption_share_risk", 13),
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
        "specialists in hospitals at the start", _at("employed_hospitals", 0), "persons", 0, ("employed_hospitals",)
    ),
}
