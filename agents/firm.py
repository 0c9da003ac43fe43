"""Firms: products, sales at home and abroad, research, growth, entry and exit."""

from enum import IntEnum
from typing import Annotated

import numpy as np

from agents.amounts import exp_of, whole_count
from agents.columns import Array, Column, RowAgent
from agents.kernels import rule

YOUNG_MONTHS = 84  # the start-up surveys follow seven cohorts


class FirmClass(IntEnum):
    """Kinds of healthcare-AI firms."""

    CONGLOMERATE = 0
    MID_SIZE = 1
    STARTUP = 2


class Product(IntEnum):
    """Where a firm's product stands with the regulator (rule H5)."""

    NONE = 0
    PROVISIONAL = 1  # usable, not reimbursed yet
    REIMBURSED = 2


class FirmColumns:
    """One row per firm that ever existed; flows are of the last month."""

    key: Annotated[Array, Column(np.uint64, "key", "identity for random draws")]
    firm_class: Annotated[Array, Column(np.int8, "FirmClass", "conglomerate unit, mid-size firm or start-up")]
    domain: Annotated[Array, Column(np.int8, "Domain", "domain of its products")]
    active: Annotated[Array, Column(np.bool_, "yes/no", "in business")]
    owner: Annotated[Array, Column(np.int32, "row", "firm that took it over, or -1", start=-1)]
    founded_month: Annotated[Array, Column(np.int16, "month", "when it was founded; negative before the start")]
    quality: Annotated[Array, Column(np.float64, "share", "quality of the product against the world frontier")]
    productivity: Annotated[Array, Column(np.float64, "ratio", "sales for the same product and staff, mean near 1")]
    product: Annotated[Array, Column(np.int8, "Product", "none, provisionally usable or reimbursed")]
    product_months: Annotated[
        Array, Column(np.int16, "months", "months in the present product status, the first counted")
    ]
    review_months_left: Annotated[Array, Column(np.int16, "months", "months of review to go, or -1", start=-1)]
    in_sandbox: Annotated[Array, Column(np.bool_, "yes/no", "product in use while its first version is reviewed")]
    voucher_months_left: Annotated[Array, Column(np.int16, "months", "months to go of a voucher")]
    joint_months_left: Annotated[Array, Column(np.int16, "months", "months to go of a joint project")]
    staff: Annotated[Array, Column(np.int32, "persons", "AI specialists employed")]
    skill: Annotated[Array, Column(np.float64, "persons", "sum of the staff's skill in the firm's domain")]
    desired_staff: Annotated[Array, Column(np.int32, "persons", "specialists that income can pay")]
    vacancies: Annotated[Array, Column(np.int32, "posts", "desired less employed staff, less the month's hires")]
    decisions: Annotated[Array, Column(np.int32, "posts", "vacancies to be decided on this month")]
    months_unfilled: Annotated[Array, Column(np.int16, "months", "months in a row with a vacancy and no hire")]
    posted_pay_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay level for a mid-career fit")]
    home_revenue_won: Annotated[Array, Column(np.int64, "won per month", "sales to hospitals")]
    exports_won: Annotated[Array, Column(np.int64, "won per month", "sales abroad")]
    other_income_won: Annotated[Array, Column(np.int64, "won per month", "investors, parent firm, other business")]
    support_won: Annotated[Array, Column(np.int64, "won per month", "vouchers and joint projects")]
    smooth_income_won: Annotated[Array, Column(np.float64, "won per month", "income that plans rest on")]
    payroll_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay of the specialists employed")]
    cash_won: Annotated[Array, Column(np.int64, "won", "cash at hand; may be negative for a while")]
    binding: Annotated[Array, Column(np.int8, "Binding", "what holds the firm back most")]
    months_in_red: Annotated[Array, Column(np.int16, "months", "months in a row with negative cash")]


class Firm(RowAgent):
    """A firm as a Mesa agent: a window on its row of ``FirmColumns``."""

    kind = FirmColumns
    table_name = "firms"

    @property
    def name(self) -> str:
        """Name as in the country's data, or class and number where no name is known."""
        names = self.model.names.firms
        return names[self.row] if self.row < len(names) else f"Start-up {self.row + 1}"

    def improvement_chance(self) -> float:
        """Chance of a better product version this month (see the rule ``improvement_chance``)."""
        model = self.model
        speed = research_speed(model.market.computing_reach, self.joint_months_left > 0, model.parameters)
        return improvement_chance(speed * self.skill, model.now.data_access, model.parameters)


@rule
def sales_weight(quality, productivity, staff, p):
    """Weight of a firm in its market; shares are weights over their sum (rule F1)."""
    return exp_of(p.quality_on_share * quality) * productivity * staff**p.staff_on_share


@rule
def research_speed(computing_reach, in_joint_project, p):
    """Speed of research relative to a firm on its own: national computing, a project with a university (G7, G8)."""
    return (1.0 + computing_reach) * (1.0 + (p.joint_on_research if in_joint_project else 0.0))


@rule
def improvement_chance(skill, data_access, p):
    """Chance per month of a better product version, from the skill at work and access to data (rule F3)."""
    return 1.0 - exp_of(-p.improvement_per_skill_month * skill * (p.data_floor + data_access))


@rule
def approval_chance(review_strictness, p):
    """Chance that a reviewed version is approved (rule H5)."""
    return 1.0 - p.strictness_on_rejection * review_strictness


@rule
def reimbursement_chance(quality, p):
    """Chance that a provisional listing ends in reimbursement rather than withdrawal (rule H5)."""
    return p.reimbursement_floor + (1.0 - p.reimbursement_floor) * quality


@rule
def payable_staff(income_won_per_month, pay_won_per_year, p):
    """Specialists that an income can pay (rule F4)."""
    return p.specialist_pay_share * income_won_per_month * 12.0 / pay_won_per_year


@rule
def planned_staff(payable, planned_before, p):
    """Staff a firm plans for: what it can pay, but growing by at most a share a month (rule F4)."""
    limit = max(planned_before + 1.0, planned_before * (1.0 + p.staff_growth_max_per_month))
    return whole_count(min(payable, limit) + 0.5)


@rule
def is_young(age_months):
    """Whether a firm belongs to the cohorts that start-up surveys follow: founded in the last seven years."""
    return age_months < YOUNG_MONTHS


@rule
def exit_chance(age_months, firm_class, p):
    """Chance per month that a firm closes for other reasons than money; the young are at risk (rule F5)."""
    if firm_class == FirmClass.CONGLOMERATE:
        return 0.0
    return p.exit_per_month + (p.infant_exit_per_month if age_months < p.infant_months else 0.0)
