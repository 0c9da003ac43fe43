"""Nothing is a dead knob: every parameter and every lever moves some series, a lever only from its date on."""

import numpy as np
import pytest
from conftest import history_of

from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario

MONTHS = 48
PARAMETERS = declared_parameters("korea")
# what a knob needs to be felt at all
NEEDS = {
    "education.stipend_pull": ("levers.stipend_won_per_month=1000000",),
    "education.course_decay_per_month": ("levers.grant_share_courses=0.03",),
    "education.overload_on_drop_out": ("levers.grant_scale=4", "levers.grant_scale@2026-12=0"),
    "education.seat_decay_per_month": ("levers.grant_share_courses=0.4", "levers.grant_share_teachers=0.55"),
    "education.practicum_subsidy_scale_won": ("levers.practicum_subsidy_won=2000000",),
    "firms.computing_gain": ("levers.computing_won_per_year=50000000000",),
    "firms.computing_scale_won": ("levers.computing_won_per_year=50000000000",),
    "firms.infrastructure_decay_per_month": ("levers.computing_won_per_year=50000000000",),
    "firms.joint_on_learning": ("levers.joint_projects_per_year=50",),
    "firms.joint_on_research": ("levers.joint_projects_per_year=50",),
    "firms.joint_project_months": ("levers.joint_projects_per_year=50",),
    "firms.joint_project_won": ("levers.joint_projects_per_year=50",),
    "firms.sandbox_place_won_per_year": ("levers.sandbox_places=20",),
    "firms.voucher_won": ("levers.vouchers_per_year=50",),
    "hospitals.data_infrastructure_gain": ("levers.data_infrastructure_won_per_year=50000000000",),
    "hospitals.data_infrastructure_scale_won": ("levers.data_infrastructure_won_per_year=50000000000",),
    "hospitals.wage_match_max_share": ("levers.wage_fund_won_per_year=1000000000000",),
    "migration.package_on_return": ("levers.return_package_won=50000000",),
    "outcomes.audit_won": ("levers.oversight_share=0.5",),
    "outcomes.oversight_effect": (
        "levers.oversight_share=1",
        "parameters.outcomes.privacy_incidents_per_domain_month=0.001",
    ),
    "hospitals.gate_pilot": ("parameters.hospitals.vendor_staff=0",),
}
NO_NOTICE = ("levers.grant_notice_months=0",)  # with notice universities plan for a change before it comes
LEVER_NEEDS = {
    **dict.fromkeys(("grant_won_per_year", "grant_scale", "programme_universities", "grant_share_teachers"), NO_NOTICE),
    "grant_share_courses": ("parameters.education.undergraduate_seats_per_teacher=48",),  # else teachers bind alone
    "grant_notice_months": (
        "levers.grant_notice_months=12",
        "levers.grant_scale=3",
        "levers.grant_won_per_year@2028-01=0",
        "parameters.education.teacher_planning_months=24",
    ),
    "core_hospitals": ("levers.core_hospital_won_per_year=2000000000",),
    "core_hospital_won_per_year": (),
}
FIXED = {path for path, parameter in PARAMETERS.items() if parameter.low == parameter.high}


def differ(a, b, until=None):
    return any(not np.array_equal(a[name][:until], b[name][:until], equal_nan=True) for name in a.dtype.names)


@pytest.mark.parametrize("path", sorted(PARAMETERS))
def test_every_parameter_is_alive(path):
    parameter = PARAMETERS[path]
    low, high = parameter.low, parameter.high
    if path in FIXED:
        low, high = parameter.value, parameter.value + max(1, round(0.1 * parameter.value))
    needs = NEEDS.get(path, ())
    runs = [history_of("korea", 1, MONTHS, (*needs, f"parameters.{path}={value}")) for value in (low, high)]
    assert differ(*runs)


@pytest.mark.parametrize("path", [f"levers.{name}" for name in LEVERS] + [f"shocks.{name}" for name in SHOCKS])
def test_both_ends_of_every_lever_are_felt_from_its_date_on(path):
    group, name = path.split(".")
    lever = {**LEVERS, **SHOCKS}[name]
    needs = LEVER_NEEDS.get(name, ())
    base = history_of("korea", 1, MONTHS, needs)
    steps = getattr(Scenario.load("korea"), group).get(name, [(0, lever.default)])
    date, until = ("2026-01", 12) if name == "core_hospital_won_per_year" else ("2026-07", 18)
    high = 0.85 if name == "grant_share_teachers" else lever.high  # courses take 0.15
    high = 0.5 if name == "grant_share_courses" else high  # teachers take 0.5
    for value in {lever.low, high} - {steps[-1][1]}:
        moved = history_of("korea", 1, MONTHS, (*needs, f"{path}@{date}={value}"))
        assert not differ(moved, base, until=until), value
        assert differ(moved, base), value
