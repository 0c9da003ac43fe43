"""Hospitals: adoption of AI, domain by domain, and the people it asks for (rules H1 to H4)."""

from math import exp, floor, log

from injae.agents.hospital import AdoptionStage as Stage
from injae.agents.hospital import Tier
from injae.agents.trainee import State

from .employer import Employer
from .person import DOMAINS


class Hospital(Employer):
    """A hospital, with a stage of adoption in each domain."""

    state = State.HOSPITAL

    def __init__(self, model, name, tier, region):
        super().__init__(model, name)
        self.tier, self.region = tier, region
        self.core_rank = 0
        self.beds = 0
        self.it_budget = 0
        self.log_budget = 0.0
        self.data_readiness = 0.0
        self.stages = [Stage.UNAWARE] * DOMAINS
        self.stage_months = [0] * DOMAINS
        self.subsidised = [False] * DOMAINS
        self.skill = [0.0] * DOMAINS
        self.absorptive = [0.0] * DOMAINS
        self._post_domain = 0

    def draw_start(self, full_records_share):
        """Section 5.1: beds, records and stages at the start."""
        p, random, chance = self.model.p, self.model.random, self.model.chance
        mean = (p.tertiary_beds, p.general_beds, p.hospital_beds)[self.tier]
        self.beds = max(30, int(mean * exp(p.beds_sd * random.gauss(0, 1) - 0.5 * p.beds_sd**2)))
        self.data_readiness = 1.0 if chance(full_records_share) else p.partial_records_readiness
        user = chance((p.use_share_tertiary, p.use_share_general, p.use_share_hospital)[self.tier])
        main = 0 if chance(p.imaging_of_users) else 1
        others = (0.0, p.risk_of_users, p.treatment_of_users, p.research_of_users)
        pilots = (p.pilot_imaging, p.pilot_risk, p.pilot_treatment, p.pilot_research)
        interests = (p.interested_imaging, p.interested_risk, p.interested_treatment, p.interested_research)
        for d in range(DOMAINS):
            if user and (d == main or chance(others[d])):
                self.stages[d] = Stage.ROUTINE if chance(p.routine_of_users) else Stage.DEPLOYED
            else:
                u = random.random()
                interested = pilots[d] + interests[d]
                self.stages[d] = Stage.PILOT if u < pilots[d] else Stage.INTERESTED if u < interested else Stage.UNAWARE
            self.stage_months[d] = int(24 * random.random())

    @property
    def post_domain(self):
        """Domain of the posts on offer: where the gap between need and skill is widest."""
        return self._post_domain

    @property
    def size(self):
        """Beds in the unit that gates, needs and capacity are counted in."""
        return self.beds / self.model.p.beds_unit

    def uses(self, domain):
        """Whether AI is in use in a domain."""
        return self.stages[domain] >= Stage.DEPLOYED

    def uses_any(self):
        """Whether AI is in use in some domain."""
        return max(self.stages) >= Stage.DEPLOYED

    def use(self, domain):
        """F2: paid use of a bed, by stage."""
        p = self.model.p
        return {Stage.PILOT: p.pilot_use, Stage.DEPLOYED: 1.0, Stage.ROUTINE: p.routine_use}.get(
            self.stages[domain], 0.0
        )

    def sum_skills(self):
        """H2b: skill of the staff, and how well it can take AI in."""
        self.sum_pay()
        for d in range(DOMAINS):
            self.skill[d] = sum(person.skill[d] for person in self.staff)
            self.absorptive[d] = 1 - exp(-self.skill[d] / (1 + self.size))

    def core_support(self):
        """G9: the yearly sum of a supported core hospital."""
        now = self.model.now
        return now.core_hospital_won_per_year if self.core_rank < now.core_hospitals else 0.0

    def adopt(self):
        """H1: in each domain fall one stage back, or else perhaps move one up."""
        p, model = self.model.p, self.model
        for d in range(DOMAINS):
            self.stage_months[d] += 1
            if self.stage_months[d] < p.stage_months_min:
                continue
            if self.stages[d] >= Stage.PILOT:
                drop = p.pilot_drop_per_month if self.stages[d] == Stage.PILOT else p.abandon_per_month
                if model.chance(drop * exp(-p.absorptive_on_fall_back * self.absorptive[d])):
                    self.move_to(d, self.stages[d] - 1)
                    continue
            if self.may_advance(d) and model.chance(1 / (1 + exp(-self.advance_log_odds(d)))):
                if self.stages[d] == Stage.PILOT and not self.subsidised[d] and model.now.adoption_subsidy_won > 0:
                    model.ledger.pay("ADOPTION_SUBSIDY", model.now.adoption_subsidy_won)
                    self.subsidised[d] = True
                self.move_to(d, self.stages[d] + 1)

    def move_to(self, domain, stage):
        """Begin a stage."""
        self.stages[domain] = Stage(stage)
        self.stage_months[domain] = 0

    def may_advance(self, domain):
        """H2b, H5: people for the next stage, and a usable product for use."""
        p, stage = self.model.p, self.stages[domain]
        if stage == Stage.ROUTINE:
            return False
        gate = (0.0, p.gate_pilot, p.gate_deployed, p.gate_routine)[stage]
        if stage != Stage.UNAWARE and len(self.staff) + p.vendor_staff < gate * min(1, self.size):
            return False
        return stage < Stage.PILOT or self.model.domains[domain].usable_share > 0

    def advance_log_odds(self, d):
        """H2: imitation, ability, money, products, rules, data, need and trust."""
        p, now, domain = self.model.p, self.model.now, self.model.domains[d]
        hub = p.tertiary_hub_weight
        peer = (domain.use_share[self.region] + hub * domain.hub_use_share) / (1 + hub)
        support = self.core_support()
        if self.stages[d] == Stage.PILOT and not self.subsidised[d]:
            support += now.adoption_subsidy_won
        friction = p.rules_weight * now.review_strictness + (1 - p.rules_weight) * (1 - domain.paid_share)
        data = now.data_access * (self.data_readiness + (1 - self.data_readiness) * self.model.market.data_reach)
        return (
            p.adoption_base
            + p.peer_on_adoption * peer
            + p.absorptive_on_adoption * self.absorptive[d]
            + p.budget_on_adoption * self.log_budget
            + p.support_on_adoption * log(1 + support / self.it_budget)
            + p.quality_on_adoption * (domain.quality - 0.5)
            - p.friction_on_adoption * friction
            + p.data_on_adoption * data
            + p.demand_on_adoption * log(now.demand_pressure)
            + p.trust_on_adoption * (self.model.market.public_trust - p.trust_at_start)
        )

    def plan_staff(self):
        """H3: adoption asks for people, the budget limits them; posts go where the gap is widest."""
        p, now = self.model.p, self.model.now
        by_stage = (0.0, p.need_interested, p.need_pilot, p.need_deployed, p.need_routine)
        scale = self.size * now.demand_pressure**p.demand_on_need
        needs = [scale * by_stage[stage] for stage in self.stages]
        mean_pay = self.payroll / len(self.staff) if self.staff else 0
        pay = max(self.posted_pay, mean_pay) * (1 - self.model.market.wage_match_share)
        affordable = p.ai_staff_budget_share * self.it_budget * now.demand_pressure / pay
        self.desired_staff = min(floor(sum(needs) + 0.5), floor(affordable))
        gaps = [need - skill for need, skill in zip(needs, self.skill, strict=True)]
        self._post_domain = gaps.index(max(gaps))
        self.posted_pay = min(self.posted_pay, int(self.pay_ceiling()))

    def pay_ceiling(self):
        """L2, G4: what pay scales allow."""
        market = self.model.market
        return self.model.p.hospital_pay_ceiling_ratio * market.mean_pay_firms / (1 - market.wage_match_share)

    def can_raise_pay(self):
        """L2: posted pay below the ceiling."""
        return self.posted_pay < self.pay_ceiling()

    def move_posted_pay(self):
        """L2: hospitals that want no staff leave their pay as it is."""
        if self.desired_staff > 0:
            super().move_posted_pay()

    def pay_staff(self):
        """Hospitals pay their specialists."""
        self.model.ledger.pay("HOSPITAL_PAY", self.payroll // 12)

    @property
    def is_tertiary(self):
        """Whether it is looked at by all others."""
        return self.tier == Tier.TERTIARY
