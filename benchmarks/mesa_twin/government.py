"""Government: money for hospitals, courses for clinicians, support of firms, infrastructure (G4, G6 to G9, E12)."""

from math import exp

import mesa

from injae.agents.firm import FirmClass
from injae.agents.trainee import State

from .firm import VOUCHER_MONTHS
from .person import DOMAINS, Person


def monthly_part(year, calendar_month):
    """G1: a yearly sum in twelve parts that add up to the won."""
    return year * calendar_month // 12 - year * (calendar_month - 1) // 12


class Government(mesa.Agent):
    """Pays and decides by the levers of the month."""

    def __init__(self, model):
        super().__init__(model)
        self.computing_won = self.data_won = 0.0

    def support_hospitals(self):
        """G4, G9: part of what hospitals pay specialists, and AI systems of core hospitals."""
        model, now, p, pay = self.model, self.model.now, self.model.p, self.model.ledger.pay
        payroll = sum(hospital.payroll // 12 for hospital in model.hospitals)
        fund = monthly_part(int(now.wage_fund_won_per_year + 0.5), now.calendar_month)
        matched = pay("WAGE_MATCH", min(fund, int(p.wage_match_max_share * payroll)))
        model.market.wage_match_share = matched / payroll if payroll else 0.0
        year = int(now.core_hospital_won_per_year + 0.5)
        for hospital in model.hospitals:
            if hospital.core_support():
                pay("CORE_HOSPITALS", monthly_part(year, now.calendar_month))

    def invest(self):
        """G8: two stocks of won that grow and age."""
        now, p, pay, market = self.model.now, self.model.p, self.model.ledger.pay, self.model.market
        kept = 1 - p.infrastructure_decay_per_month
        computing = monthly_part(int(now.computing_won_per_year + 0.5), now.calendar_month)
        data = monthly_part(int(now.data_infrastructure_won_per_year + 0.5), now.calendar_month)
        self.computing_won = self.computing_won * kept + pay("COMPUTING", computing)
        self.data_won = self.data_won * kept + pay("DATA_INFRASTRUCTURE", data)
        market.computing_reach = p.computing_gain * (1 - exp(-self.computing_won / p.computing_scale_won))
        market.data_reach = p.data_infrastructure_gain * (1 - exp(-self.data_won / p.data_infrastructure_scale_won))

    def send_clinicians(self):
        """E12: at intakes, a clinician for each of so many open posts of hospitals, all with the same probability."""
        model, p = self.model, self.model.p
        if not model.is_intake():
            return
        places = model.stochastic_round(model.now.retraining_places_per_year / 2)
        posts = [hospital for hospital in model.hospitals for _ in range(hospital.vacancies)]
        for hospital in model.random.sample(posts, min(places, len(posts))):
            age = p.clinician_age_years + p.clinician_age_spread_years * model.random.random()
            clinician = Person(model, State.RETRAINING, age)
            clinician.employer = hospital
            clinician.career_months = int(12 * p.experience_years_mid)
            clinician.pay = int(clinician.usual_pay())
            clinician.skill = [p.retrained_methods_skill] * DOMAINS
            own = model.random.randrange(DOMAINS)
            clinician.skill[own] = min(1, clinician.skill[own] + p.retrained_own_domain_gain)
            model.ledger.pay("RETRAINING", p.retraining_won)
            model.count.began_retraining += 1

    def support_firms(self):
        """G6, G7: vouchers for start-ups, and joint projects of a firm and a university."""
        model, now, p = self.model, self.model.now, self.model.p
        for _ in range(model.stochastic_round(now.vouchers_per_year / 12)):
            without = [f for f in model.firms if f.firm_class == FirmClass.STARTUP and not f.voucher_months_left]
            if without:
                model.random.choice(without).voucher_months_left = VOUCHER_MONTHS
        for university in model.universities:
            university.joint_months_left = max(0, university.joint_months_left - 1)
        for _ in range(model.stochastic_round(now.joint_projects_per_year / 12)):
            without = [f for f in model.firms if not f.joint_months_left]
            if without:
                months = int(p.joint_project_months)
                model.random.choice(without).joint_months_left = months
                model.random.choice(list(model.universities)).joint_months_left = months

    def admit_immigrants(self):
        """M4: visas are a lever with a number, not a behaviour."""
        model, now, p = self.model, self.model.now, self.model.p
        for _ in range(model.stochastic_round(now.visas_per_year / 12 * now.borders_open)):
            years = 10 * model.random.random()
            person = Person(model, State.SEEKING, p.career_start_age_years + years)
            person.career_months = int(12 * years)
            person.pay = int(person.usual_pay())
            person.skill = [p.skill_mean * p.other_skill_share_low] * DOMAINS
            person.skill[model.random.randrange(DOMAINS)] = p.skill_mean
            model.count.immigrated += 1
