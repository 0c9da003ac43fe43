"""The twin: one month after the other, every process a call on a set of agents."""

from collections import Counter
from math import exp, floor
from types import SimpleNamespace

import mesa

from injae.agents.firm import FirmClass
from injae.model.scenario import Scenario

from . import outcomes, series, start
from .firm import Firm
from .government import Government
from .hospital import Hospital
from .inputs import Inputs
from .ledger import BY_FIRMS, BY_UNIVERSITIES, TO_FIRMS, TO_UNIVERSITIES, Ledger
from .markets import DomainMarket, Market
from .person import DOMAINS, EMPLOYED, Person
from .university import University


class Twin(mesa.Model):
    """A country's healthcare-AI talent ecosystem, an object for each person and institution.

    Args:
        plan: scenario, or its name.
        seed: of ``random``, the one stream that every draw comes from.
        country: institutions in place of those of the plan's country.
    """

    def __init__(self, plan="korea", seed=0, country=None):
        super().__init__(seed=seed)
        plan = Scenario.load(plan) if isinstance(plan, str) else plan
        self.inputs = Inputs(plan, country)
        self.p = self.inputs.parameters
        self.month = 0
        self.entered = self.left = 0  # people who ever came in, and who retired or dropped out
        self.now = self.levers(0)
        self.ledger = Ledger()
        self.count = Counts()
        self.totals = Counts(products_approved_cumulative=int(self.p.products_approved))
        self.outcomes = SimpleNamespace(privacy_incidents=0, bias_incidents=0)
        self.hires_by_month = []
        self.posts, self.share_met, self.applications = [], 0.0, {}
        self.market = Market.at_start(self.p, self._entry_pay_at_start())
        self.government = Government(self)
        self.domains = [DomainMarket(self, number) for number in range(DOMAINS)]
        self._begin()
        self.datacollector = mesa.DataCollector(model_reporters=series.REPORTERS)
        self.datacollector.collect(self)

    # Who exists

    @property
    def people(self):
        """Everybody in the field, in training for it, or gone from it but not for good."""
        return self.agents_by_type[Person]

    @property
    def universities(self):
        """All universities."""
        return self.agents_by_type[University]

    @property
    def hospitals(self):
        """All hospitals."""
        return self.agents_by_type[Hospital]

    @property
    def firms(self):
        """Firms in business."""
        return self.agents_by_type[Firm]

    # Chance

    def chance(self, probability):
        """Whether something of a probability happens."""
        return self.random.random() < probability

    def stochastic_round(self, amount):
        """``floor(amount)``, plus one with a probability of the fraction."""
        return floor(amount) + self.chance(amount - floor(amount))

    # What follows from levers and parameters

    def levers(self, month):
        """Levers and shocks of a month; kept, since universities look ahead."""
        known = self.__dict__.setdefault("_levers", {})
        if month not in known:
            known[month] = self.inputs.levers(month)
        return known[month]

    def is_intake(self):
        """E5: two intakes a year."""
        return (self.now.calendar_month - int(self.p.first_intake_month)) % 6 == 0

    @property
    def seats_per_teacher(self):
        """E3: by the mix of tracks."""
        p = self.p
        share = p.undergraduate_share
        return 1 / (share / p.undergraduate_seats_per_teacher + (1 - share) / p.graduate_seats_per_teacher)

    @property
    def mean_course_months(self):
        """E7: by the mix of tracks."""
        p, share = self.p, self.p.undergraduate_share
        undergraduate = (p.undergraduate_months_min + p.undergraduate_months_max) / 2
        return share * undergraduate + (1 - share) * (p.graduate_months_min + p.graduate_months_max) / 2

    def _entry_pay_at_start(self):
        """Section 5.1: the offer for fit 0.45 and six months of career."""
        p = self.p
        premium = p.experience_return_per_year * (min(0.5, p.experience_years_max) - p.experience_years_mid)
        return p.firm_pay_won_per_year * (p.offer_floor + p.offer_slope * 0.45) * exp(premium)

    # The start and the month

    def _begin(self):
        """Section 5: institutions, people, and what a month leaves behind for the next."""
        start.found_institutions(self, self.inputs.country)
        self.hospitals.do("plan_staff")
        start.fill_posts(self)
        for domain in self.domains:
            domain.measure()
            domain.start_used_beds = domain.used_beds
        self.firms.do("sell")
        self.firms.do("start_income")
        self.hospitals.do("sum_skills")
        self.firms.do("sum_skills")
        for domain in self.domains:
            domain.look_at_peers()
        for university in self.universities:
            university.funded = university.programme_rank < self.now.programme_universities
            university.core_funding = 0
        self.universities.do("open_seats")
        self.hospitals.do("open_posts")
        self.firms.do("open_posts")
        self.ledger.begin_month()
        self.ledger.public_won_cumulative = 0
        self._end_month()
        self.market.start_mean_pay = self.market.mean_pay
        self.market.public_trust = self.p.trust_at_start

    def step(self):
        """One month, in the order of section 3."""
        self.month += 1
        self.now = self.levers(self.month)
        self.ledger.begin_month()
        self.count = Counts()
        held = self.held_by_firms(), self.held_by_universities()
        self._policy_and_training()
        self._hospitals_and_firms()
        self._labour_market()
        self._end_month()
        outcomes.watch_over_use(self)
        self._audit(*held)
        self.datacollector.collect(self)

    def _policy_and_training(self):
        self.universities.do("receive_grant")
        self.government.support_hospitals()
        self.government.invest()
        self.universities.do("build")
        self.universities.shuffle_do("hire_teachers")
        self.universities.do("open_seats")
        if self.is_intake():
            self._admit()
        self.people.shuffle_do("study")
        self.government.send_clinicians()
        if self.now.calendar_month == 12:
            self.universities.do("review_reputation")

    def _admit(self):
        """E5: a choice among universities with the option of not applying."""
        pulls = {university: exp(university.attraction()) for university in self.universities}
        all_pulls = exp(self.p.outside_utility) + sum(pulls.values())
        for university, pull in pulls.items():
            cohort = self.p.applicants_per_intake * self.now.applicant_cohort
            university.admit(self.stochastic_round(cohort * pull / all_pulls))

    def _hospitals_and_firms(self):
        self.hospitals.do("sum_skills")
        self.firms.do("sum_skills")
        for domain in self.domains:
            domain.look_at_peers()
        self.hospitals.shuffle_do("adopt")
        self.hospitals.do("plan_staff")
        self.government.support_firms()
        self.firms.do("take_support")
        for domain in self.domains:
            domain.measure()
        self.firms.do("sell")
        for domain in self.domains:
            domain.pay_fees()
        self.firms.shuffle_do("improve")
        self.hospitals.do("pay_staff")
        self.firms.do("pay_staff")
        self.firms.shuffle_do("perhaps_close")
        self.firms.shuffle_do("perhaps_be_taken_over")
        self._found_firms()
        self.firms.do("plan_staff")

    def _found_firms(self):
        """F6: spin-offs follow use, and take a senior from practice."""
        p, active = self.p, len(self.firms)
        used = sum(domain.used_beds for domain in self.domains)
        at_start = sum(domain.start_used_beds for domain in self.domains)
        expected = p.entry_per_month * active * (used / max(1, at_start)) ** p.use_on_entry
        for _ in range(min(self.stochastic_round(expected), max(1, active // 10))):
            founder = self.draw_senior()
            if founder is None:
                return
            domain = founder.skill.index(max(founder.skill))
            firm = Firm(self, f"Founded {self.month}", FirmClass.STARTUP, domain)
            firm.quality = min(1, p.founder_quality * self.domains[domain].quality)
            firm.posted_pay = int(self.market.mean_pay_firms)
            firm.desired_staff = 1
            firm.other_income = int(p.seed_won / p.seed_months)
            firm.smooth_income = float(firm.other_income)
            founder.take_job(firm, founder.pay)
            self.count.firms_entered += 1

    def sandbox_used(self):
        """H6: places taken in the sandbox."""
        return sum(firm.in_sandbox for firm in self.firms)

    def draw_senior(self):
        """E4: one of the senior practitioners who have not just begun their job, each with the same probability."""
        seniors = [person for person in self.people if person.is_senior and person.since < self.month]
        return self.random.choice(seniors) if seniors else None

    def _labour_market(self):
        for employers in (self.hospitals, self.firms, self.universities):
            employers.do("note_excess")
        self.people.shuffle_do("end_job")
        self.people.do("age_and_learn")
        self.hospitals.do("open_posts")
        self.firms.do("open_posts")
        self._match()
        self.government.admit_immigrants()
        p, market = self.p, self.market
        relative = market.mean_pay / market.start_mean_pay
        package = exp(p.package_on_return * self.now.return_package_won / market.reference_pay)
        self.return_probability = min(1, p.return_per_month * relative * package)
        self.sector_return_probability = min(1, p.sector_return_per_month * relative)
        self.people.shuffle_do("move")

    def _match(self):
        """L3, L7: everybody applies before anybody is hired; each post goes to the best who apply."""
        p = self.p
        employers = [*self.hospitals, *self.firms]
        self.posts = [(employer, number) for employer in employers for number in range(employer.decisions)]
        self.share_met = p.posts_met_per_month / max(1, len(self.posts))
        self.applications = {}
        self.people.do("search")
        for (employer, _), applicants in self.applications.items():
            domain = employer.post_domain
            best = max(
                applicants,
                key=lambda one: one.fit(domain) + p.impression_sd * self.random.gauss(0, 1),
            )
            pay = int(exp(best.log_offer(employer, best.fit(domain))))
            if best.state in EMPLOYED:
                self.count.job_to_job_moves += 1
                self.count.moves_with_pay_gain += pay > best.pay
            best.take_job(employer, pay)
            employer.filled()
            self.count.hires += 1

    def _end_month(self):
        """E6 and outcomes: signals for the next month."""
        people = list(self.people)
        self.market.update(people, self.p)
        self.hires_by_month.append(self.count.hires)
        for person in people:
            since = None if person.graduated_month is None else self.month - person.graduated_month
            if person.programme and person.state in EMPLOYED and since in (36, 60):
                self.totals[f"retained_{since // 12}_years_cumulative"] += 1
        outcomes.count_outcomes(self, people)

    # The two ledgers

    def held_by_firms(self):
        """Won that all firms hold."""
        return sum(firm.cash for firm in self.firms)

    def held_by_universities(self):
        """Won on all accounts of universities."""
        return sum(u.courses_won + u.teachers_won + u.infrastructure_won + u.core_won for u in self.universities)

    def _audit(self, firms_held, universities_held):
        """Section 10: nobody and no won is created or lost."""
        people = list(self.people)
        if len(people) + self.left != self.entered:
            raise RuntimeError(
                f"month {self.month}: {self.entered} people came in, {len(people) + self.left} are there"
            )
        employers = [*self.hospitals, *self.firms, *self.universities]
        at_work = sum(len(employer.staff) for employer in employers)
        if at_work != sum(person.state in EMPLOYED for person in people):
            raise RuntimeError(f"month {self.month}: staff and people at work differ")
        if any(person.employer is not e or person.state != e.state for e in employers for person in e.staff):
            raise RuntimeError(f"month {self.month}: somebody works elsewhere than the employer says")
        if self.held_by_firms() - firms_held != self.ledger.flow(TO_FIRMS, BY_FIRMS):
            raise RuntimeError(f"month {self.month}: won of firms created or lost")
        if self.held_by_universities() - universities_held != self.ledger.flow(TO_UNIVERSITIES, BY_UNIVERSITIES):
            raise RuntimeError(f"month {self.month}: won of universities created or lost")


class Counts(Counter):
    """Counters by attribute."""

    def __getattr__(self, name):
        return self[name]

    def __setattr__(self, name, value):
        self[name] = value
