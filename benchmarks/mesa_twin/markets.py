"""What everybody sees: the four domains' product markets (F1, F2, G3, H2a, H5) and the signals of the month (E6)."""

from types import SimpleNamespace

import mesa

from injae.agents.trainee import State


class DomainMarket(mesa.Agent):
    """The market for AI products of one clinical domain."""

    def __init__(self, model, number):
        super().__init__(model)
        self.number = number
        self.quality = self.usable_share = self.paid_share = self.topped_up_share = 0.0
        self.use_share, self.hub_use_share = [0.0, 0.0], 0.0
        self.used_beds = self.start_used_beds = self.sales_weight = 0.0

    def look_at_peers(self):
        """H2a: hospitals that use AI, by region and among tertiary hospitals, before anybody moves."""
        hospitals = list(self.model.hospitals)
        for region in (0, 1):
            near = [hospital for hospital in hospitals if hospital.region == region]
            self.use_share[region] = share_of_users(near, self.number)
        self.hub_use_share = share_of_users([h for h in hospitals if h.is_tertiary], self.number)

    def measure(self):
        """H5, G3: beds under paid use; quality, usability and payment of products by weight."""
        model, reimbursed = self.model, self.model.now.reimbursement_share
        self.used_beds = sum(hospital.beds * hospital.use(self.number) for hospital in model.hospitals)
        firms = [(firm.weight, firm) for firm in model.firms if firm.domain == self.number]
        every = sum(weight for weight, _ in firms)
        usable = sum(weight for weight, firm in firms if firm.may_sell())
        paid = sum(weight * firm.payment() for weight, firm in firms if firm.may_sell())
        self.sales_weight = usable
        self.quality = sum(weight * firm.quality for weight, firm in firms) / every if every else 0.0
        self.usable_share = usable / every if every else 0.0
        self.paid_share = (paid + reimbursed * (usable - paid)) / every if every else 0.0
        self.topped_up_share = reimbursed * (usable - paid) / usable if usable else 0.0

    def pay_fees(self):
        """F2, G3: hospitals pay foreign firms for the rest of their use; insurance takes over its part of all fees."""
        p, pay = self.model.p, self.model.ledger.pay
        fees = p.product_won_per_bed_year / 12 * self.used_beds
        domestic = p.domestic_product_share if self.sales_weight > 0 else 0.0
        pay("IMPORTED_PRODUCTS", (1 - domestic) * fees)
        pay("REIMBURSEMENT", self.topped_up_share * fees)


def share_of_users(hospitals, domain):
    """Share of some hospitals that use AI in a domain."""
    return sum(hospital.uses(domain) for hospital in hospitals) / len(hospitals) if hospitals else 0.0


class Market(SimpleNamespace):
    """Signals that everybody sees: last month's state, read by this month's decisions."""

    @classmethod
    def at_start(cls, p, entry_pay):
        """Section 5.1: pay levels of the start, and what applicants expect to earn."""
        pay = p.firm_pay_won_per_year
        return cls(
            mean_pay=pay,
            mean_pay_firms=pay,
            start_mean_pay=pay,
            reference_pay=pay,
            entry_pay=entry_pay,
            expected_pay=entry_pay,
            outside_entry_pay=p.other_sector_pay_ratio * entry_pay,
            unemployment_share=0.0,
            abroad_share=0.0,
            senior_practitioners=0,
            wage_match_share=0.0,
            computing_reach=0.0,
            data_reach=0.0,
            public_trust=p.trust_at_start,
            start_released_share=0.0,
        )

    def update(self, people, p):
        """E6: what is counted at the end of a month."""
        pay = {state: [one.pay for one in people if one.state == state] for state in (State.HOSPITAL, State.FIRM)}
        practice = pay[State.HOSPITAL] + pay[State.FIRM]
        self.mean_pay = sum(practice) / len(practice) if practice else self.mean_pay
        self.mean_pay_firms = sum(pay[State.FIRM]) / len(pay[State.FIRM]) if pay[State.FIRM] else self.mean_pay_firms
        practitioners = [one for one in people if one.state in (State.HOSPITAL, State.FIRM)]
        entrants = [one.pay for one in practitioners if one.career_months < 12]
        if entrants:
            self.entry_pay += (sum(entrants) / len(entrants) - self.entry_pay) / 12
        self.expected_pay += p.expectation_speed_per_month * (self.entry_pay - self.expected_pay)
        seeking = sum(one.state == State.SEEKING for one in people)
        active = seeking + len(practitioners) + sum(one.state == State.UNIVERSITY for one in people)
        abroad = sum(one.state == State.ABROAD for one in people)
        self.unemployment_share = seeking / max(1, active)
        self.abroad_share = abroad / max(1, abroad + active)
        self.senior_practitioners = sum(one.is_senior for one in practitioners)
