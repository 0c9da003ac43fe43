"""Each lever does what it says, costs what it says, and the outcomes follow use."""

import functools

import numpy as np
import pytest

from injae.agents.domains import Binding, Place
from injae.agents.firm import Product
from injae.agents.hospital import AdoptionStage
from injae.agents.trainee import State
from injae.model import government, outcomes
from injae.model.country import read_country
from injae.model.ecosystem import Ecosystem
from injae.model.ledger import PAYMENTS, Purpose
from injae.model.levers import LEVERS
from injae.model.parameters import parameter_record
from injae.model.scenario import Scenario
from injae.model.world import Event

SEEDS = range(6)
MONTHS = 72
P = parameter_record("korea", {})


@functools.lru_cache(maxsize=20)  # each holds tens of megabytes
def model_of(seed: int, *changes: str, months: int = MONTHS, scenario: str = "korea") -> Ecosystem:
    return Ecosystem(Scenario.load(scenario, [f"months={months}", *changes]), seed).run()


def pushed(name: str, *changes: str, of=lambda series: series[1:].mean()) -> np.ndarray:
    """Change of a series by seed when the scenario is changed."""
    return np.array([of(model_of(s, *changes).history[name]) - of(model_of(s).history[name]) for s in SEEDS])


def paid(purpose: Purpose, *changes: str) -> int:
    return int(model_of(0, *changes).paid[:, purpose].sum())


LAST = {"of": lambda series: series[-1]}
SUM = {"of": lambda series: series[1:].sum()}


@pytest.mark.parametrize(("change", "series", "sign", "how"), [
    ("levers.wage_fund_won_per_year=10000000000", "employed_hospitals", 1, {}),
    ("levers.return_package_won=100000000", "returned", 1, SUM),
    ("levers.tax_credit_share=0.3", "employed_firms", 1, {}),
    ("levers.tax_credit_share=0.3", "employed_hospitals", -1, {}),
    ("levers.reimbursement_share=0.5", "adoption_share", 1, LAST),
    ("levers.adoption_subsidy_won=200000000", "adoption_share", 1, LAST),
    ("levers.data_infrastructure_won_per_year=100000000000", "adoption_share", 1, LAST),
    ("levers.computing_won_per_year=100000000000", "products_approved_cumulative", 1, LAST),
    ("levers.joint_projects_per_year=100", "products_approved_cumulative", 1, LAST),
    ("levers.vouchers_per_year=100", "employed_firms", 1, {}),
    ("levers.oversight_share=1", "public_trust", 1, LAST),
    ("levers.programme_universities=3", "programme_graduates_cumulative", -1, LAST),
    ("levers.programme_universities=12", "programme_graduates_cumulative", 1, LAST),
    ("shocks.export_market=-0.9", "exports_won", -1, SUM),
    ("shocks.export_market=-0.9", "employed_firms", -1, LAST),
    ("shocks.other_sector_pay=0.3", "left_for_other_sectors", 1, SUM),
    ("shocks.other_sector_pay=0.3", "applicants", -1, SUM),
    ("shocks.demand=0.2", "unmet_demand_share", 1, LAST),
])  # fmt: skip
def test_levers_push_the_way_they_should(change, series, sign, how):
    difference = sign * pushed(series, change, **how)
    assert (difference >= 0).all()
    assert difference.mean() > 0


COSTS = {
    "levers.stipend_won_per_month=100000": Purpose.STIPEND,
    "levers.practicum_subsidy_won=3000000": Purpose.PRACTICUM,
    "levers.retraining_places_per_year=200": Purpose.RETRAINING,
    "levers.adoption_subsidy_won=10000000": Purpose.ADOPTION_SUBSIDY,
    "levers.core_hospitals=40": Purpose.CORE_HOSPITALS,
    "levers.core_hospital_won_per_year=1000000000": Purpose.CORE_HOSPITALS,
    "levers.reimbursement_share=0.2": Purpose.REIMBURSEMENT,
    "levers.wage_fund_won_per_year=3000000001": Purpose.WAGE_MATCH,
    "levers.return_package_won=50000000": Purpose.RETURN_PACKAGE,
    "levers.tax_credit_share=0.1": Purpose.TAX_CREDIT,
    "levers.vouchers_per_year=24": Purpose.VOUCHER,
    "levers.joint_projects_per_year=24": Purpose.JOINT_RESEARCH,
    "levers.computing_won_per_year=1000000001": Purpose.COMPUTING,
    "levers.data_infrastructure_won_per_year=1000000001": Purpose.DATA_INFRASTRUCTURE,
    "levers.sandbox_places=20": Purpose.SANDBOX,
    "levers.oversight_share=0.5": Purpose.OVERSIGHT,
}


def test_every_public_purpose_has_a_lever_that_pays_it():
    public = {purpose for purpose, payment in PAYMENTS.items() if payment.payer == "government"}
    assert public == {Purpose.GRANT, *COSTS.values()}
    declared = {name: lever.purpose for name, lever in LEVERS.items() if lever.purpose not in ("", "GRANT")}
    assert declared == {change.split(".")[1].split("=")[0]: purpose.name for change, purpose in COSTS.items()}


@pytest.mark.parametrize("change", COSTS)
def test_what_a_lever_costs_is_in_the_ledger(change):
    purpose = COSTS[change]
    assert paid(purpose, change) > paid(purpose)
    model = model_of(0, change)
    public = [p for p, payment in PAYMENTS.items() if payment.payer == "government"]
    assert model.paid[:, public].sum() == model.series.public_won_cumulative


def test_costs_are_exact():
    years = MONTHS // 12
    for lever, purpose in (
        ("wage_fund_won_per_year", Purpose.WAGE_MATCH),
        ("computing_won_per_year", Purpose.COMPUTING),
        ("data_infrastructure_won_per_year", Purpose.DATA_INFRASTRUCTURE),
    ):
        assert paid(purpose, f"levers.{lever}=1000000001") == years * 1_000_000_001
    package = model_of(0, "levers.return_package_won=50000000")
    assert package.paid[:, Purpose.RETURN_PACKAGE].sum() == 50_000_000 * package.history.returned[1:].sum()
    vouchers = model_of(0, "levers.vouchers_per_year=24")
    assert vouchers.paid[13:, Purpose.VOUCHER].sum(axis=1).min() > 0
    assert vouchers.paid[:, Purpose.VOUCHER].sum() <= 24 * years * P.voucher_won


def test_wage_fund_matches_half_of_the_pay_at_most():
    model = model_of(0, "levers.wage_fund_won_per_year=1000000000000")
    matched = model.paid[2:, Purpose.WAGE_MATCH].sum(axis=1)
    payroll = model.paid[1:-1, Purpose.HOSPITAL_PAY].sum(axis=1)  # of the month before
    assert (np.abs(matched - P.wage_match_max_share * payroll) <= 1).all()


def test_practicum_subsidy_pays_each_practicum_and_share_zero_ends_them():
    subsidised = Ecosystem(
        Scenario.load("korea", ["months=40", "levers.practicum_subsidy_won=2000000"]), 0, events=True
    )
    begun = (subsidised.run().events.rows("event") == Event.PRACTICUM).sum()
    assert subsidised.paid[:, Purpose.PRACTICUM].sum() == 2_000_000 * begun > 0
    plain = Ecosystem(Scenario.load("korea", ["months=40"]), 0, events=True).run()
    assert begun > (plain.events.rows("event") == Event.PRACTICUM).sum() > 0
    without = Ecosystem(Scenario.load("korea", ["months=40", "levers.practicum_share=0"]), 0, events=True).run()
    assert (without.events.rows("event") == Event.PRACTICUM).sum() == 0


def test_adoption_subsidy_pays_each_hospital_and_domain_once():
    model = Ecosystem(
        Scenario.load(
            "korea",
            [
                "months=24",
                "levers.adoption_subsidy_won=1000000",
                "parameters.hospitals.stage_months_min=1",
                "parameters.hospitals.abandon_per_month=0.2",
            ],
        ),
        1,
    )
    model.hospitals.rows("stage")[:40] = AdoptionStage.DEPLOYED
    steps, before = np.zeros(model.hospitals.rows("stage").shape, int), model.hospitals.rows("stage").copy()
    for _ in range(24):
        model.step()
        after = model.hospitals.rows("stage").copy()
        steps += (before == AdoptionStage.PILOT) & (after == AdoptionStage.DEPLOYED)
        before = after
    assert steps.max() > 1  # somebody came back to it
    assert model.paid[:, Purpose.ADOPTION_SUBSIDY].sum() == 1_000_000 * (steps > 0).sum() > 0
    assert (model.hospitals.rows("subsidised") == (steps > 0)).all()


def test_sandbox_lets_firms_sell_before_approval_and_keeps_to_its_places():
    model = Ecosystem(Scenario.load("korea", ["months=36", "levers.sandbox_places=5"]), 1)
    most = 0
    for _ in range(36):
        model.step()
        inside = model.firms.rows("in_sandbox")
        most = max(most, inside.sum())
        assert (model.firms.rows("product")[inside] == 0).all()
        assert (model.firms.rows("review_months_left")[inside] > 0).all()
    assert 0 < most <= 5


def test_programme_takes_universities_in_the_order_of_the_country():
    funded = {n: model_of(0, f"levers.programme_universities={n}", months=1).universities for n in (0, 6, 8)}
    assert [table.rows("funded").sum() for table in funded.values()] == [0, 6, 8]
    members = [row["funded"] == "yes" for row in read_country("korea").universities]
    assert (funded[6].rows("funded") == members).all()
    assert (funded[8].rows("funded") >= funded[6].rows("funded")).all()


def test_a_scandal_costs_trust_and_adoption_and_trust_comes_back():
    plan = ("shocks.privacy_scandal@2026-01=40", "shocks.privacy_scandal@2026-02=0")
    for seed in SEEDS:
        calm, scandal = model_of(seed).history, model_of(seed, *plan).history
        assert np.array_equal(calm.public_trust[:13], scandal.public_trust[:13])
        drop = calm.public_trust - scandal.public_trust
        assert drop[13] == pytest.approx(
            calm.public_trust[13] * (1 - np.exp(-40 * P.trust_loss_per_incident)), abs=0.01
        )
        assert drop[60] < drop[13] / 2
    plans = [Ecosystem(Scenario.load("korea", changes), 3).run().history.adoption_share[40] for changes in ((), plan)]
    assert plans[1] < plans[0]


@pytest.mark.parametrize("preset", ["retention-first", "retraining-first", "hospital-pull", "balanced"])
def test_policy_presets_cost_what_the_programme_costs(preset):
    def public(name: str) -> np.ndarray:
        return np.array([model_of(s, scenario=name).series.public_won_cumulative for s in SEEDS], np.int64)

    cost = (public(preset) - public("no-programme")).mean()
    assert cost == pytest.approx(28_500_000_000, rel=0.03)


def test_shock_presets_leave_the_past_alone():
    for preset in ("funding-stop", "foreign-pay-surge", "export-closure", "demand-surge", "privacy-scandal"):
        notice = ("levers.grant_notice_months=0",) if preset == "funding-stop" else ()  # nobody foresaw it
        shocked, calm = model_of(2, *notice, scenario=preset).history, model_of(2, *notice).history
        for name in calm.dtype.names:
            assert np.array_equal(shocked[name][:25], calm[name][:25], equal_nan=True), (preset, name)
        assert any(not np.array_equal(shocked[name], calm[name]) for name in calm.dtype.names), preset
    momentum, korea = (Ecosystem(name, 2).run().history for name in ("momentum", "korea"))
    assert momentum.grant_won.sum() - korea.grant_won.sum() == 5 * 6_000_000_000


def test_demand_follows_the_share_of_the_old():
    country = read_country("korea")
    assert country.ageing(120, 1.0) == pytest.approx(np.ones(121))
    demand = country.ageing(120, 2.44)
    assert demand[0] == 1
    assert (np.diff(demand) > 0).all()
    # published: ageing alone raises spending per head by 0.14 to 0.19 from 2025 to 2035 (C012)
    assert 0.14 < demand[120] - 1 < 0.19


def test_outcomes_by_hand():
    assert outcomes.effect_in_use(AdoptionStage.ROUTINE, 1.0, P) == pytest.approx(1)
    assert outcomes.effect_in_use(AdoptionStage.ROUTINE, 0.0, P) == pytest.approx(P.integration_floor)
    assert outcomes.effect_in_use(AdoptionStage.INTERESTED, 1.0, P) == 0
    assert outcomes.unmet_share(0.02, 0.0, 0.0, P) == pytest.approx(0.02 * P.shortage_ratio)  # the projection itself
    assert outcomes.unmet_share(0.02, 0.01, 0.0, P) < outcomes.unmet_share(0.02, 0.0, 0.0, P)
    assert outcomes.unmet_share(0.0, 0.0, 0.25, P) == pytest.approx(0.2)
    assert outcomes.unmet_share(0.02, 0.5, 0.0, P) == 0
    assert outcomes.next_trust(P.trust_at_start, 0, P) == pytest.approx(P.trust_at_start)
    assert outcomes.next_trust(0.3, 0, P) == pytest.approx(0.3 + P.trust_recovery_per_month * (P.trust_at_start - 0.3))
    assert outcomes.next_trust(0.5, 10, P) < outcomes.next_trust(0.5, 9, P)
    assert government.reach(0.0, 0.5, 1e9) == 0
    assert 0.3 < government.reach(1e9, 0.5, 1e9) < 0.5


def test_outcomes_are_counted_from_use():
    model = model_of(4)
    hospitals, p = model.hospitals, model.parameters
    use = np.array([0, 0, p.pilot_use, 1, p.routine_use]) / p.routine_use
    beds, stage = hospitals.rows("beds")[:, None], hospitals.rows("stage")
    absorptive = 1 - np.exp(-hospitals.rows("skill") / (1 + beds / p.beds_unit))
    effect = beds * use[stage] * (p.integration_floor + (1 - p.integration_floor) * absorptive)
    hours = p.clinician_hours_per_bed_month * p.task_share * effect.sum() * p.time_gain * p.realised_share
    assert model.series.clinician_hours_released == pytest.approx(hours)
    events = p.events_per_bed_month * p.event_reduction * p.realised_share * effect[:, 1].sum()
    assert model.series.adverse_events_avoided == pytest.approx(events)
    assert model.series.unmet_demand_share < model.series.unmet_demand_share_without_ai
    assert 0 < model.series.public_trust < p.trust_at_start


def test_what_binds_is_counted_for_every_institution():
    model = model_of(1)
    bindings = model.bindings
    assert (bindings[:, Place.HOSPITALS_IMAGING : Place.FIRMS].sum(axis=2) == len(model.hospitals)).all()
    assert (bindings[1:, Place.UNIVERSITIES].sum(axis=1) == 6).all()
    assert (bindings[:, Place.FIRMS].sum(axis=1) == model.history.firms).all()
    routine = (model.hospitals.rows("stage") == AdoptionStage.ROUTINE).sum(axis=0)
    assert (bindings[-1, Place.HOSPITALS_IMAGING : Place.FIRMS, Binding.NOTHING] == routine).all()
    assert (np.bincount(model.hospitals.rows("main_binding"), minlength=len(Binding))[Binding.STAFF]) == round(
        model.series.binding_staff * len(model.hospitals)
    )


def test_retraining_sends_one_clinician_for_each_open_post():
    model = Ecosystem(Scenario.load("korea", ["months=3", "levers.retraining_places_per_year=5000"]), 0).run(2)
    vacancies = model.hospitals.rows("vacancies").sum()
    model.step()  # March
    assert model.series.began_retraining == vacancies
    homes = model.people.rows("source_place")[model.people.rows("state") == State.RETRAINING]
    assert (np.bincount(homes, minlength=len(model.hospitals)).max()) > 1


def test_reimbursement_pays_only_fees_that_nobody_pays():
    model = model_of(2, "levers.reimbursement_share=1")
    firms, domains, p = model.firms, model.domains, model.parameters
    due = 0.0
    for d in range(len(domains)):
        mine = firms.rows("active") & (firms.rows("domain") == d) & (firms.rows("product") != Product.NONE)
        weight = np.exp(p.quality_on_share * firms.rows("quality")) * firms.rows("productivity")
        weight = (weight * firms.rows("staff") ** p.staff_on_share)[mine]
        paid_for = np.where(firms.rows("product")[mine] == Product.REIMBURSED, 1, p.provisional_payment)
        unpaid = 1 - (weight * paid_for).sum() / weight.sum()
        due += unpaid * domains.rows("used_beds")[d] * p.product_won_per_bed_year / 12
    # products and staff have moved on within the month, by a few firms
    assert model.paid[-1, Purpose.REIMBURSEMENT].sum() == pytest.approx(due, rel=0.15)
    assert model.domains.rows("paid_share") == pytest.approx(model.domains.rows("usable_share"))


def test_joint_projects_work_as_long_as_they_are_paid():
    changes = ["months=40", "levers.joint_projects_per_year=12", "levers.joint_projects_per_year@2025-02=0"]
    model = Ecosystem(Scenario.load("korea", changes), 0)
    months = np.zeros(len(model.firms) + 200, int)
    for _ in range(40):
        model.step()
        months[: len(model.firms)] += model.firms.rows("joint_months_left") > 0
    assert set(months[months > 0]) == {int(P.joint_project_months)}
    part = int(P.joint_project_won / P.joint_project_months)
    assert model.paid[:, Purpose.JOINT_RESEARCH].sum() == months.sum() * part


def test_it_does_not_matter_how_the_grant_ends():
    ended, without = Ecosystem("korea", 1).run(), "levers.programme_universities@2030-01=0"
    left = Ecosystem(Scenario.load("korea", [without]), 1).run()
    for name in ("programme_graduates_cumulative", "specialists", "programme_practitioners"):
        assert np.array_equal(ended.history[name], left.history[name])
