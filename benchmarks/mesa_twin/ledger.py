"""The books: every payment has a purpose, and what accounts hold must follow from what was paid (section 10)."""

from collections import Counter

PUBLIC = {
    "GRANT",
    "STIPEND",
    "RETRAINING",
    "PRACTICUM",
    "ADOPTION_SUBSIDY",
    "REIMBURSEMENT",
    "WAGE_MATCH",
    "RETURN_PACKAGE",
    "TAX_CREDIT",
    "VOUCHER",
    "JOINT_RESEARCH",
    "COMPUTING",
    "DATA_INFRASTRUCTURE",
    "SANDBOX",
    "OVERSIGHT",
    "CORE_HOSPITALS",
}
TO_FIRMS = ("PRODUCTS", "EXPORTS", "OTHER_INCOME", "TAX_CREDIT", "VOUCHER", "JOINT_RESEARCH", "RESCUE")
BY_FIRMS = ("FIRM_PAY", "OTHER_COSTS", "LIQUIDATION")
TO_UNIVERSITIES = ("GRANT", "CORE_FUNDING")
BY_UNIVERSITIES = ("COURSES", "INFRASTRUCTURE", "GRANTED_TEACHERS", "CORE_TEACHERS")


class Ledger:
    """Won paid this month, by purpose, and public won so far."""

    def __init__(self):
        self.paid = Counter()
        self.public_won_cumulative = 0

    def begin_month(self):
        """Open the books of a month."""
        self.paid = Counter()

    def pay(self, purpose, won):
        """Book a payment of whole won, and give the amount back."""
        won = int(won)
        if won < 0:
            raise ValueError(f"{purpose}: a payment of {won} won")
        self.paid[purpose] += won
        if purpose in PUBLIC:
            self.public_won_cumulative += won
        return won

    def public_won(self):
        """Public won of the month, for all purposes."""
        return sum(won for purpose, won in self.paid.items() if purpose in PUBLIC)

    def flow(self, received, paid):
        """What a kind of account gained: won received less won paid."""
        return sum(self.paid[purpose] for purpose in received) - sum(self.paid[purpose] for purpose in paid)
