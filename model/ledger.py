"""The won ledger: every payment has a payer, a payee and a purpose, in whole won.

Payments of a month are summed by purpose and institution (universities one by one, all others by sector). A payment
changes the books and the accounts of those who keep one (universities, firms) in the same process, so the two can be
checked against each other every month.
"""

from enum import IntEnum
from typing import NamedTuple

from injae.agents.kernels import process


class Purpose(IntEnum):
    """What a payment is for; the number is its row in the month's books."""

    GRANT = 0
    STIPEND = 1
    RETRAINING = 2
    PRACTICUM = 3
    ADOPTION_SUBSIDY = 4
    REIMBURSEMENT = 5
    WAGE_MATCH = 6
    RETURN_PACKAGE = 7
    TAX_CREDIT = 8
    VOUCHER = 9
    JOINT_RESEARCH = 10
    COMPUTING = 11
    DATA_INFRASTRUCTURE = 12
    SANDBOX = 13
    OVERSIGHT = 14
    CORE_FUNDING = 15
    COURSES = 16
    INFRASTRUCTURE = 17
    GRANTED_TEACHERS = 18
    CORE_TEACHERS = 19
    HOSPITAL_PAY = 20
    FIRM_PAY = 21
    PRODUCTS = 22
    IMPORTED_PRODUCTS = 23
    EXPORTS = 24
    OTHER_INCOME = 25
    OTHER_COSTS = 26
    LIQUIDATION = 27
    RESCUE = 28
    CORE_HOSPITALS = 29


class Payment(NamedTuple):
    """Who pays whom for a purpose, and why."""

    payer: str
    payee: str
    meaning: str


PAYMENTS: dict[Purpose, Payment] = {
    Purpose.GRANT: Payment("government", "universities", "programme grant"),
    Purpose.STIPEND: Payment("government", "people", "stipends for trainees"),
    Purpose.RETRAINING: Payment("government", "suppliers", "courses for clinicians"),
    Purpose.PRACTICUM: Payment("government", "practicum hosts", "subsidies for practica"),
    Purpose.ADOPTION_SUBSIDY: Payment("government", "hospitals", "subsidies for taking AI into use"),
    Purpose.REIMBURSEMENT: Payment("government", "hospitals", "product fees that nobody else reimburses"),
    Purpose.WAGE_MATCH: Payment("government", "hospitals", "matched pay of specialists"),
    Purpose.RETURN_PACKAGE: Payment("government", "people", "packages for those who come home"),
    Purpose.TAX_CREDIT: Payment("government", "firms", "tax credit on the pay of specialists"),
    Purpose.VOUCHER: Payment("government", "firms", "vouchers for start-ups"),
    Purpose.JOINT_RESEARCH: Payment("government", "firms", "joint research with universities"),
    Purpose.COMPUTING: Payment("government", "suppliers", "national computing centres"),
    Purpose.DATA_INFRASTRUCTURE: Payment("government", "suppliers", "health-data infrastructure"),
    Purpose.SANDBOX: Payment("government", "suppliers", "places in the regulatory sandbox"),
    Purpose.OVERSIGHT: Payment("government", "suppliers", "audits for bias and privacy"),
    Purpose.CORE_FUNDING: Payment("core funds", "universities", "pay of teachers that the programme does not fund"),
    Purpose.COURSES: Payment("universities", "suppliers", "new courses"),
    Purpose.INFRASTRUCTURE: Payment("universities", "suppliers", "computing, data and rooms for trainees"),
    Purpose.GRANTED_TEACHERS: Payment("universities", "people", "pay of teachers from the grant"),
    Purpose.CORE_TEACHERS: Payment("universities", "people", "pay of teachers from core funds"),
    Purpose.HOSPITAL_PAY: Payment("hospitals", "people", "pay of specialists"),
    Purpose.FIRM_PAY: Payment("firms", "people", "pay of specialists"),
    Purpose.PRODUCTS: Payment("hospitals", "firms", "AI products"),
    Purpose.IMPORTED_PRODUCTS: Payment("hospitals", "abroad", "AI products of foreign firms"),
    Purpose.EXPORTS: Payment("abroad", "firms", "AI products sold abroad"),
    Purpose.OTHER_INCOME: Payment("investors", "firms", "investors, parent firms and other business"),
    Purpose.OTHER_COSTS: Payment("firms", "suppliers", "everything but specialists"),
    Purpose.LIQUIDATION: Payment("firms", "investors", "what is left of a closed firm"),
    Purpose.RESCUE: Payment("investors", "firms", "debts of a closed firm"),
    Purpose.CORE_HOSPITALS: Payment("government", "hospitals", "AI systems of regional core hospitals"),
}


@process
def book(world, purpose, row, won):
    """Write a payment of ``won`` (integer, >= 0) into the month's books.

    ``row`` is the university that pays or is paid, 0 for other sectors. Called only by the processes that change the
    accounts in the same breath.
    """
    world.paid[purpose, row] += won
