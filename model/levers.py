"""Levers and shocks: what a government chooses, and what the world does, each a dated schedule.

A lever is declared once, here; the command line, the docs table, validation and the record that processes read come
from that declaration. In a scenario a lever is a number (from the first month on) or a list of dated steps; before
the first step the schedule of the base scenario holds.
"""

import math
from typing import Annotated, Any, NamedTuple, get_type_hints

import numpy as np

from injae.model.errors import InputError, Range
from injae.model.numbers import as_share, finite, spelling


class Lever(NamedTuple):
    """Declaration of one lever or shock."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str
    purpose: str = ""  # name of the payment in the ledger that it changes; empty where it costs nothing


class Levers:
    """What a government chooses."""

    grant_won_per_year: Annotated[
        float,
        Lever(0, 0, 20e9, "won per year and university", "grant to each university of the programme (G1)", "GRANT"),
    ]
    grant_scale: Annotated[float, Lever(1, 0, 20, "ratio", "multiplies the grant (G1)", "GRANT")]
    programme_universities: Annotated[
        float,
        Lever(
            0, 0, 1000, "universities", "the first so many universities of the country's order are paid (G1)", "GRANT"
        ),
    ]
    grant_notice_months: Annotated[
        float, Lever(60, 0, 240, "months", "how far ahead universities know the grant of the coming months (E2)")
    ]
    grant_share_courses: Annotated[float, Lever(0.15, 0, 1, "share", "part of the grant spent on courses (E2)")]
    grant_share_teachers: Annotated[
        float, Lever(0.5, 0, 1, "share", "part spent on teachers; the rest goes to infrastructure (E2)")
    ]
    stipend_won_per_month: Annotated[
        float,
        Lever(
            0,
            0,
            5e6,
            "won per month and trainee",
            "stipend for trainees of the programme's universities (E5)",
            "STIPEND",
        ),
    ]
    practicum_share: Annotated[
        float, Lever(1, 0, 1, "share", "part of trainees whose course leads to a practicum, hosts permitting (E11)")
    ]
    practicum_subsidy_won: Annotated[
        float,
        Lever(
            0,
            0,
            50e6,
            "won per practicum",
            "paid to the host of each practicum; more hosts take part (E11)",
            "PRACTICUM",
        ),
    ]
    retraining_places_per_year: Annotated[
        float, Lever(0, 0, 5000, "places per year", "places in the course for clinicians (E12)", "RETRAINING")
    ]
    adoption_subsidy_won: Annotated[
        float,
        Lever(
            0,
            0,
            5e9,
            "won per deployment",
            "paid once to a hospital and domain that goes from pilot to use (G2)",
            "ADOPTION_SUBSIDY",
        ),
    ]
    core_hospitals: Annotated[
        float, Lever(0, 0, 500, "hospitals", "regional core hospitals that are supported in AI (G9)", "CORE_HOSPITALS")
    ]
    core_hospital_won_per_year: Annotated[
        float,
        Lever(
            0,
            0,
            20e9,
            "won per year and hospital",
            "support for AI systems in each core hospital (G9)",
            "CORE_HOSPITALS",
        ),
    ]
    reimbursement_share: Annotated[
        float,
        Lever(
            0, 0, 1, "share", "part of product fees that nobody reimburses yet, paid to hospitals (G3)", "REIMBURSEMENT"
        ),
    ]
    wage_fund_won_per_year: Annotated[
        float,
        Lever(0, 0, 1e12, "won per year", "matches hospitals' pay for specialists, up to a share (G4)", "WAGE_MATCH"),
    ]
    return_package_won: Annotated[
        float,
        Lever(0, 0, 1e9, "won per person", "paid to each specialist who comes home from abroad (M2)", "RETURN_PACKAGE"),
    ]
    tax_credit_share: Annotated[
        float,
        Lever(
            0, 0, 0.9, "share", "part of firms' pay for specialists given back, beyond present law (G5)", "TAX_CREDIT"
        ),
    ]
    vouchers_per_year: Annotated[
        float, Lever(0, 0, 5000, "projects per year", "data and computing vouchers for start-ups (G6)", "VOUCHER")
    ]
    joint_projects_per_year: Annotated[
        float,
        Lever(0, 0, 5000, "projects per year", "research projects of a firm with a university (G7)", "JOINT_RESEARCH"),
    ]
    computing_won_per_year: Annotated[
        float,
        Lever(0, 0, 1e12, "won per year", "national computing centres for research on medical AI (G8)", "COMPUTING"),
    ]
    data_infrastructure_won_per_year: Annotated[
        float,
        Lever(
            0,
            0,
            1e12,
            "won per year",
            "data infrastructure that readies hospitals' records (G8)",
            "DATA_INFRASTRUCTURE",
        ),
    ]
    visas_per_year: Annotated[float, Lever(0, 0, 5000, "persons per year", "specialists admitted from abroad (M4)")]
    borders_open: Annotated[
        float, Lever(1, 0, 1, "share", "1: people leave and immigrate as they like; 0: nobody does (M1, M4)")
    ]
    data_access: Annotated[
        float, Lever(0.5, 0, 1, "share", "access of hospitals and firms to usable health data (H2, F3)")
    ]
    review_strictness: Annotated[
        float, Lever(0.5, 0, 1, "share", "strictness of product review and use rules (H2, H5)")
    ]
    review_months: Annotated[
        float, Lever(6, 1, 60, "months", "time from a finished version to the regulator's decision (H5)")
    ]
    sandbox_places: Annotated[
        float, Lever(0, 0, 1000, "places", "firms whose first product may be used while it is reviewed (H6)", "SANDBOX")
    ]
    oversight_share: Annotated[
        float,
        Lever(0, 0, 1, "share", "part of systems in use audited each year for bias and privacy (O5)", "OVERSIGHT"),
    ]


class Shocks:
    """What the world does; relative changes, so 0 means no shock."""

    demand: Annotated[float, Lever(0, -0.5, 2, "relative change", "demand for hospital care (H4)")]
    foreign_pay: Annotated[float, Lever(0, -0.5, 3, "relative change", "pay abroad (M1)")]
    other_sector_pay: Annotated[float, Lever(0, -0.5, 3, "relative change", "pay in other sectors (E5, E10, M3)")]
    export_market: Annotated[float, Lever(0, -1, 5, "relative change", "what the world buys of firms (F2)")]
    privacy_scandal: Annotated[
        float, Lever(0, 0, 1000, "incidents per month", "privacy incidents beyond those of the model (O5)")
    ]


def _declared(owner: type) -> dict[str, Lever]:
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(owner, include_extras=True).items()}


LEVERS = _declared(Levers)
SHOCKS = _declared(Shocks)
Step = tuple[int, float]  # month from which the value holds, value


def check_value(path: str, lever: Lever, value: Any) -> float:
    """Give the value as a number inside the lever's range.

    Raises:
        InputError: no finite number, or outside the range.
    """
    number, allowed = finite(value), Range(lever.low, lever.high, lever.unit)
    if math.isnan(number):
        raise InputError("number", "needs a number from", path, value, allowed=allowed, suggestion=spelling(value))
    if not lever.low <= number <= lever.high:
        hint = as_share(number, lever.unit)
        raise InputError("range", "outside", path, number, allowed=allowed, suggestion=hint)
    return number


def now_type() -> np.dtype:
    """Type of the record of a month: every lever and shock there is, and the outlook."""
    outlook = ("demand_pressure", "log_demand", "applicant_cohort", "projected_shortage")
    whole = [("month", np.int64), ("calendar_month", np.int64)]
    return np.dtype(whole + [(name, np.float64) for name in (*outlook, *LEVERS, *SHOCKS)])


class Outlook(NamedTuple):
    """What is known beforehand of the world outside, for months 0 to ``months``; each of shape ``(months + 1,)``.

    Attributes:
        demand: demand for hospital care relative to the start, shocks aside (rule H4).
        applicant_cohort: the age group that applies to universities relative to the start (rule E5).
        projected_shortage: share of the need for care that projections say will not be met (rule O2).
    """

    demand: Any
    applicant_cohort: Any
    projected_shortage: Any


def monthly(schedules: dict[str, list[Step]], months: int, start_calendar_month: int, outlook: Outlook) -> Any:
    """Record array of every lever and shock and the outlook for months 0 to ``months`` (see ``now_type``)."""
    table = np.zeros(months + 1, now_type()).view(np.recarray)
    table.month = np.arange(months + 1)
    table.calendar_month = (np.arange(months + 1) + start_calendar_month - 2) % 12 + 1
    for name, lever in {**LEVERS, **SHOCKS}.items():
        values = np.full(months + 1, float(lever.default))
        for month, value in schedules.get(name, []):
            if month <= months:
                values[max(month, 0) :] = value
        table[name] = values
    table.demand_pressure = outlook.demand * (1 + table.demand)
    table.applicant_cohort = outlook.applicant_cohort
    table.projected_shortage = outlook.projected_shortage
    table.log_demand = np.log(table.demand_pressure)
    return table
