"""Hospitals: their size, how far they have come with AI in each domain, their staff and posts."""

from enum import IntEnum
from typing import Annotated

import numpy as np

from injae.agents.columns import Array, Column, RowAgent
from injae.agents.domains import DOMAINS


class AdoptionStage(IntEnum):
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
    stage: Annotated[Array, Column(np.int8, "AdoptionStage", "adoption stage per domain", DOMAINS)]
    stage_months: Annotated[
        Array, Column(np.int16, "months", "months in the present stage, per domain; 0 when new", DOMAINS)
    ]
    subsidised: Annotated[Array, Column(np.bool_, "yes/no", "adoption subsidy received, per domain", DOMAINS)]
    skill: Annotated[Array, Column(np.float64, "persons", "sum of the staff's skill, per domain", DOMAINS)]
    absorptive: Annotated[Array, Column(np.float64, "share", "how well it can take AI in, per domain", DOMAINS)]
    staff: Annotated[Array, Column(np.int32, "persons", "AI specialists employed", audited=True)]
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
    def adoption_stage(self) -> AdoptionStage:
        """Highest stage reached in any domain."""
        return AdoptionStage(int(max(self.stage)))
