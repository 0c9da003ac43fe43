"""Firms: what they are, make and own."""

from enum import IntEnum
from typing import Annotated

import numpy as np

from injae.agents.columns import Array, Column, RowAgent


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
    active: Annotated[Array, Column(np.bool_, "yes/no", "in business", audited=True)]
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
    staff: Annotated[Array, Column(np.int32, "persons", "AI specialists employed", audited=True)]
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
    cash_won: Annotated[Array, Column(np.int64, "won", "cash at hand; may be negative for a while", audited=True)]
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
