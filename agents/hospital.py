"""Hospitals: stages of AI adoption per domain, the people it takes, and what holds it back."""

from enum import IntEnum
from typing import Annotated

import numpy as np

from agents.amounts import exp_of
from agents.columns import Array, Column, RowAgent
from agents.domains import DOMAINS
from agents.kernels import rule
from agents.randomness import chance_of


class Stage(IntEnum):
    """How far a hospital has come with AI in one domain."""

    UNAWARE = 0
    INTERESTED = 1
    PILOT = 2
    DEPLOYED = 3
    ROUTINE = 4


class Tier(IntEnum):
    """Size class of a hospital in the national system."""

    TERTIARY = 0
    GENERAL = 1
    HOSPITAL = 2  # all others


class HospitalColumns:
    """One row per hospital; stocks are at month end. Vacancies are less the month's hires (rule L1)."""

    key: Annotated[Array, Column(np.uint64, "key", "identity for random draws")]
    tier: Annotated[Array, Column(np.int8, "Tier", "tertiary, general or other hospital")]
    region: Annotated[Array, Column(np.int8, "Region", "capital area or provinces")]
    beds: Annotated[Array, Column(np.int32, "beds", "licensed beds")]
    core_rank: Annotated[Array, Column(np.int32, "rank", "place in the order of the programme for core hospitals")]
    it_budget_won_per_year: Annotated[Array, Column(np.int64, "won per year", "IT spending before demand growth")]
    log_budget: Annotated[Array, Column(np.float64, "log ratio", "IT spending relative to the median hospital")]
    data_readiness: Annotated[Array, Column(np.float64, "share", "records in a form that AI can use")]
    stage: Annotated[Array, Column(np.int8, "Stage", "adoption stage per domain", DOMAINS)]
    stage_months: Annotated[
        Array, Column(np.int16, "months", "months in the present stage, per domain; 0 when new", DOMAINS)
    ]
    subsidised: Annotated[Array, Column(np.bool_, "yes/no", "adoption subsidy received, per domain", DOMAINS)]
    skill: Annotated[Array, Column(np.float64, "persons", "sum of the staff's skill, per domain", DOMAINS)]
    absorptive: Annotated[Array, Column(np.float64, "share", "how well it can take AI in, per domain", DOMAINS)]
    staff: Annotated[Array, Column(np.int32, "persons", "AI specialists employed")]
    payroll_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay of the specialists employed")]
    needed_staff: Annotated[Array, Column(np.float64, "persons", "specialists the adoption stages call for")]
    desired_staff: Annotated[Array, Column(np.int32, "persons", "specialists wanted and affordable")]
    vacancies: Annotated[Array, Column(np.int32, "posts", "desired less employed staff, less the month's hires")]
    decisions: Annotated[Array, Column(np.int32, "posts", "vacancies to be decided on this month")]
    months_unfilled: Annotated[Array, Column(np.int16, "months", "months in a row with a vacancy and no hire")]
    posted_pay_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay level for a mid-career fit")]
    post_domain: Annotated[Array, Column(np.int8, "Domain", "domain of the posts on offer")]
    binding: Annotated[Array, Column(np.int8, "Binding", "what holds adoption back most, per domain", DOMAINS)]
    main_binding: Annotated[Array, Column(np.int8, "Binding", "the same in the domain where it has come furthest")]


class Hospital(RowAgent):
    """A hospital as a Mesa agent: a window on its row of ``HospitalColumns``."""

    kind = HospitalColumns
    table_name = "hospitals"

    @property
    def name(self) -> str:
        """Name as in the country's data, or tier and number where no name is known."""
        return self.model.names.hospitals[self.row]

    @property
    def adoption_stage(self) -> Stage:
        """Highest stage reached in any domain."""
        return Stage(int(max(self.stage)))

    def advance_chance(self, domain: int) -> float:
        """Chance of moving one stage up in a domain this month, constraints aside (see ``advance_chance``)."""
        from model.adoption import advance_log_odds

        return chance_of(advance_log_odds(self.model.world, self.row, domain))


@rule
def absorptive_capacity(skill, beds, p):
    """How well a hospital can take AI in, 0 to 1: its people's skill against its size (rule H2b)."""
    if skill == 0.0:  # most hospitals: spares them the exponential
        return 0.0
    return 1.0 - exp_of(-skill / (1.0 + beds / p.beds_unit))


@rule
def friction(review_strictness, paid_share, p):
    """Regulatory friction of a domain, 0 to 1: strict rules, and products nobody pays for (rules H2, H5)."""
    return p.rules_weight * review_strictness + (1.0 - p.rules_weight) * (1.0 - paid_share)


@rule
def adoption_log_odds(peer, absorptive, log_budget, log_support, quality, friction_level, data, log_demand, trust, p):
    """Log-odds per month of moving one stage up; budget relative to the median hospital, in logs (rule H2).

    ``log_support`` is the log of one plus public money for adoption over the hospital's yearly IT budget (G2, G9).
    """
    return (
        p.adoption_base
        + p.peer_on_adoption * peer
        + p.absorptive_on_adoption * absorptive
        + p.budget_on_adoption * log_budget
        + p.support_on_adoption * log_support
        + p.quality_on_adoption * (quality - 0.5)
        - p.friction_on_adoption * friction_level
        + p.data_on_adoption * data
        + p.demand_on_adoption * log_demand
        + p.trust_on_adoption * (trust - p.trust_at_start)
    )


@rule
def usable_data(data_access, readiness, data_reach):
    """Data that AI can use in a hospital: access, and records that are ready or made ready (rules H2, G8)."""
    return data_access * (readiness + (1.0 - readiness) * data_reach)


@rule
def fall_back_chance(stage, absorptive, p):
    """Chance per month of falling one stage back: pilots end, deployed use is given up (rule H1)."""
    base = p.pilot_drop_per_month if stage == Stage.PILOT else p.abandon_per_month
    return base * exp_of(-p.absorptive_on_fall_back * absorptive)


@rule
def staff_gate(next_stage, beds, p):
    """Specialists, own or lent by vendors, without whom a hospital cannot move to a stage (rule H2b)."""
    size = min(1.0, beds / p.beds_unit)
    if next_stage == Stage.ROUTINE:
        return p.gate_routine * size
    if next_stage == Stage.DEPLOYED:
        return p.gate_deployed * size
    return p.gate_pilot * size if next_stage == Stage.PILOT else 0.0


@rule
def staff_per_unit(stage, p):
    """Specialists one domain in a stage calls for, per ``beds_unit`` beds (rule H3)."""
    if stage == Stage.ROUTINE:
        return p.need_routine
    if stage == Stage.DEPLOYED:
        return p.need_deployed
    if stage == Stage.PILOT:
        return p.need_pilot
    return p.need_interested if stage == Stage.INTERESTED else 0.0


@rule
def affordable_staff(it_budget_won_per_year, pay_won_per_year, demand, p):
    """Specialists that the part of the IT budget meant for AI staff can pay (rule H3)."""
    return p.ai_staff_budget_share * it_budget_won_per_year * demand / pay_won_per_year
