"""What a month must leave true of the tables, whatever the numbers: deliveries, pay, peers, products, sales."""

import numpy as np
import pytest

from injae.agents.hospital import AdoptionStage
from injae.agents.trainee import State
from injae.model.ecosystem import Ecosystem
from injae.model.ledger import Purpose
from injae.model.scenario import Scenario


def model_of(*changes, seed=0):
    return Ecosystem(Scenario.load("korea", changes), seed)


def test_orders_arrive_after_their_own_delay():
    """A grant spent on one thing: nothing the month before its delay is over, all of the first order then."""
    for thing, lag, share, won in (
        ("seats", "seat_lag_months=5", "levers.grant_share_courses=0", "seat_won"),
        ("courses", "course_lag_months=7", "levers.grant_share_courses=1", "course_won"),
    ):
        delay = int(lag[-1])
        other = "course_lag_months=9" if thing == "seats" else "seat_lag_months=9"
        model = model_of(
            "levers.grant_share_teachers=0", share, f"parameters.education.{lag}", f"parameters.education.{other}",
            "levers.grant_won_per_year=3600000000",
        )  # fmt: skip
        first_order = 3_600_000_000 // int(model.parameters[won])  # the year is paid when it begins
        model.run(delay)
        assert model.universities.rows(f"granted_{thing}").sum() == 0
        model.run(1)
        assert (model.universities.rows(f"granted_{thing}")[:6] == first_order).all()


def test_pay_never_falls_in_a_job():
    model = model_of(seed=3)
    fell = 0
    for _ in range(36):
        people = model.people
        before = {name: people.rows(name).copy() for name in ("state", "employer", "since_month", "pay_won_per_year")}
        model.step()
        known = slice(len(before["state"]))
        same_job = np.isin(before["state"], (State.HOSPITAL, State.FIRM))
        for name in ("state", "employer", "since_month"):
            same_job &= before[name] == people.rows(name)[known]
        fell += int((people.rows("pay_won_per_year")[known][same_job] < before["pay_won_per_year"][same_job]).sum())
        assert same_job.sum() > 1000
    assert fell == 0


def test_peers_are_seen_as_they_are():
    """What a hospital sees of its region is the share of hospitals that use AI in the domain: pilots are not use."""
    model = model_of(seed=1)
    for _ in range(4):
        uses = model.hospitals.rows("stage") >= AdoptionStage.DEPLOYED
        hubs = model.hospitals.rows("tier") == 0
        region = model.hospitals.rows("region")
        assert (model.hospitals.rows("stage") == AdoptionStage.PILOT).any()
        model.step()
        for place in (0, 1):
            assert model.domains.rows("use_share")[:, place] == pytest.approx(uses[region == place].mean(axis=0))
        assert model.domains.rows("hub_use_share") == pytest.approx(uses[hubs].mean(axis=0))


NO_PRODUCTS = (
    "parameters.start.product_share=0", "parameters.start.under_review_share=0",
    "parameters.firms.improvement_per_skill_month=0",
)  # fmt: skip


def test_without_a_usable_product_nobody_deploys():
    model = model_of(*NO_PRODUCTS)
    before = model.hospitals.rows("stage").copy()
    for _ in range(24):
        model.step()
        now = model.hospitals.rows("stage")
        assert not ((before < AdoptionStage.DEPLOYED) & (now >= AdoptionStage.DEPLOYED)).any()
        assert not ((before < AdoptionStage.ROUTINE) & (now == AdoptionStage.ROUTINE)).any()
        before = now.copy()
    assert (before == AdoptionStage.PILOT).sum() > (
        model_of(*NO_PRODUCTS).hospitals.rows("stage") == AdoptionStage.PILOT
    ).sum()


def test_without_research_no_version_is_approved():
    model = model_of("parameters.start.under_review_share=0", "parameters.firms.improvement_per_skill_month=0").run(24)
    approved = model.history.products_approved_cumulative[:25]
    assert (approved == approved[0]).all()
    assert model_of().run(24).series.products_approved_cumulative > approved[0]


@pytest.mark.parametrize("share", [0.0, 0.892, 1.0])
def test_hospitals_pay_for_what_they_use_once(share):
    """Sales at home and imports add up to the fee for all used beds, but for parts of a won per seller."""
    model = model_of(f"parameters.country.domestic_product_share={share}")
    for _ in range(6):
        model.step()
        fee = model.parameters.product_won_per_bed_year / 12
        due = fee * model.domains.rows("used_beds").sum()
        paid = model.paid[model.month].sum(axis=1)
        assert 0 <= due - paid[Purpose.PRODUCTS] - paid[Purpose.IMPORTED_PRODUCTS] <= len(model.firms) + 4
        assert paid[Purpose.PRODUCTS] == pytest.approx(share * due, abs=len(model.firms) + 4)
