"""Firms: products, research, sales, money and people (rules F1 to F7, G5 to G7, H5, H6)."""

from math import exp, floor, log

from injae.agents.firm import FirmClass, Product
from injae.agents.trainee import State

from .employer import Employer

VOUCHER_MONTHS = 12
YOUNG_MONTHS = 84


class Firm(Employer):
    """A firm with one product and one domain for life."""

    state = State.FIRM

    def __init__(self, model, name, firm_class, domain):
        super().__init__(model, name)
        self.firm_class, self.domain = firm_class, domain
        self.founded = model.month
        self.quality = 0.0
        self.productivity = 1.0
        self.product = Product.NONE
        self.product_months = 0
        self.review_months_left = -1
        self.in_sandbox = False
        self.voucher_months_left = 0
        self.joint_months_left = 0
        self.skill = 0.0
        self.home_sales = self.exports = self.other_income = self.support = 0
        self.smooth_income = 0.0
        self.cash = 0
        self.months_in_red = 0

    def draw_start(self, posts):
        """Section 5.1: age, quality, product and pay at the start."""
        p, random, chance = self.model.p, self.model.random, self.model.chance
        self.desired_staff = posts
        self.founded = -min(240, int(12 * random.expovariate(1 / p.mean_firm_age_years)))
        self.quality = min(0.9, max(0.1, p.quality_mean + p.quality_sd * random.gauss(0, 1)))
        self.productivity = exp(p.productivity_sd * random.gauss(0, 1))
        if chance(p.product_share):
            self.product = Product.REIMBURSED if chance(p.reimbursed_share) else Product.PROVISIONAL
            self.product_months = int(p.provisional_months * random.random())
        if chance(p.under_review_share):
            self.review_months_left = 1 + int(self.model.now.review_months * random.random())
        spread = p.firm_pay_sd * random.gauss(0, 1) + p.firm_size_on_pay * log(max(1, posts) / 30)
        self.posted_pay = int(p.firm_pay_won_per_year * exp(spread))

    def start_income(self):
        """Section 5.3: other income that makes the plan affordable, and the cash of the class."""
        p = self.model.p
        monthly_pay = self.desired_staff * self.posted_pay / 12
        self.smooth_income = monthly_pay / p.specialist_pay_share
        self.other_income = int(max(0, self.smooth_income - self.home_sales - self.exports))
        self.cash = int(p.cash_months * monthly_pay)

    @property
    def post_domain(self):
        """Domain of the posts on offer."""
        return self.domain

    @property
    def age_months(self):
        """Months since it was founded."""
        return self.model.month - self.founded

    @property
    def weight(self):
        """F1: better products and larger teams win, without taking all."""
        p, staff = self.model.p, len(self.staff)
        return exp(p.quality_on_share * self.quality) * self.productivity * staff**p.staff_on_share if staff else 0.0

    def may_sell(self):
        """Whether hospitals may use the product (H5, H6)."""
        return self.product != Product.NONE or self.in_sandbox

    def payment(self):
        """H5: how far the product is paid for."""
        return {Product.REIMBURSED: 1.0, Product.PROVISIONAL: self.model.p.provisional_payment}.get(self.product, 0.0)

    def receive(self, purpose, won):
        """Take a payment in."""
        self.cash += self.model.ledger.pay(purpose, won)

    def spend(self, purpose, won):
        """Make a payment."""
        self.cash -= self.model.ledger.pay(purpose, won)

    def sum_skills(self):
        """F3: skill of the staff in the firm's domain, and their pay."""
        self.sum_pay()
        self.skill = sum(person.skill[self.domain] for person in self.staff)

    def take_support(self):
        """G6, G7: what vouchers and joint projects pay this month."""
        p, voucher, joint = self.model.p, 0, 0
        if self.voucher_months_left > 0:
            self.voucher_months_left -= 1
            voucher = int(p.voucher_won / VOUCHER_MONTHS)
            self.receive("VOUCHER", voucher)
        if self.joint_months_left > 0:
            self.joint_months_left -= 1
            joint = int(p.joint_project_won / p.joint_project_months)
            self.receive("JOINT_RESEARCH", joint)
        self.support = voucher + joint

    def sell(self):
        """F2: share home sales and exports with the others; all income is booked."""
        p, now, domain = self.model.p, self.model.now, self.model.domains[self.domain]
        weight = self.weight if self.may_sell() else 0.0
        self.home_sales = self.exports = 0
        if weight > 0:
            fees = p.domestic_product_share * p.product_won_per_bed_year / 12 * domain.used_beds
            self.home_sales = int(fees * weight / domain.sales_weight)
            world = p.export_market_won_per_month * (1 + now.export_market)
            better = (domain.quality / p.quality_mean) ** p.quality_on_exports
            self.exports = int(world * better * weight / sum(d.sales_weight for d in self.model.domains))
        self.model.count.revenue_won += self.home_sales + self.exports
        self.model.count.exports_won += self.exports
        self.receive("PRODUCTS", self.home_sales)
        self.receive("EXPORTS", self.exports)
        self.receive("OTHER_INCOME", self.other_income)

    def improve(self):
        """F3, H5, H6: quality ages; reviews end and research starts new ones; provisional listings end."""
        p, model = self.model.p, self.model
        self.quality *= 1 - p.quality_decay_per_month
        self.product_months += 1
        if self.in_sandbox:
            model.ledger.pay("SANDBOX", p.sandbox_place_won_per_year / 12)
        if self.review_months_left > 0:
            self.review_months_left -= 1
            if self.review_months_left == 0:
                self.end_review()
        elif model.chance(self.improvement_probability()):
            self.review_months_left = int(model.now.review_months)
            if self.product == Product.NONE and model.sandbox_used() < int(model.now.sandbox_places):
                self.in_sandbox = True
        if self.product == Product.PROVISIONAL and self.product_months >= int(p.provisional_months):
            listed = model.chance(p.reimbursement_floor + (1 - p.reimbursement_floor) * self.quality)
            self.begin_product(Product.REIMBURSED if listed else Product.NONE)

    def improvement_probability(self):
        """F3: people and data make better products."""
        p, now = self.model.p, self.model.now
        speed = 1 + self.model.market.computing_reach
        if self.joint_months_left > 0:
            speed *= 1 + p.joint_on_research
        return 1 - exp(-p.improvement_per_skill_month * speed * self.skill * (p.data_floor + now.data_access))

    def end_review(self):
        """H5: the regulator decides on a version."""
        p, model = self.model.p, self.model
        self.review_months_left = -1
        self.in_sandbox = False
        if model.chance(1 - p.strictness_on_rejection * model.now.review_strictness):
            self.quality += p.improvement_step * (1 - self.quality)
            model.totals.products_approved_cumulative += 1
            if self.product == Product.NONE:
                self.begin_product(Product.PROVISIONAL)

    def begin_product(self, status):
        """A status of the product begins; its first month counts."""
        self.product = status
        self.product_months = 1

    def pay_staff(self):
        """F4, G5: pay specialists and all other costs."""
        p, model = self.model.p, self.model
        pay = self.payroll // 12
        self.spend("FIRM_PAY", pay)
        self.receive("TAX_CREDIT", model.now.tax_credit_share * pay)
        income = self.home_sales + self.exports + self.other_income + self.support
        self.spend("OTHER_COSTS", (1 - p.specialist_pay_share) * income)
        self.months_in_red = self.months_in_red + 1 if self.cash < 0 else 0

    def perhaps_close(self):
        """F5: close after long debt or by hazard; conglomerate units do not."""
        p = self.model.p
        if self.firm_class == FirmClass.CONGLOMERATE:
            return
        hazard = p.exit_per_month + (p.infant_exit_per_month if self.age_months < p.infant_months else 0)
        if self.months_in_red >= p.months_in_red_max or self.model.chance(hazard):
            self.close()

    def close(self):
        """Staff become seekers; cash goes to investors, who also bear debts."""
        count = self.model.count
        count.firms_exited += 1
        count.young_firms_exited += self.age_months < YOUNG_MONTHS
        count.separations += len(self.staff)
        for person in list(self.staff):
            person.become(State.SEEKING)
        if self.cash > 0:
            self.spend("LIQUIDATION", self.cash)
        else:
            self.receive("RESCUE", -self.cash)
        self.go_out_of_business()

    def go_out_of_business(self):
        """No longer part of the model; trainees who were here for a practicum have nobody to go back to."""
        self.active, self.decisions, self.vacancies = False, 0, 0
        self.remove()

    def perhaps_be_taken_over(self):
        """F7: a start-up may become part of a larger firm of its domain."""
        if self.firm_class != FirmClass.STARTUP or not self.model.chance(self.model.p.takeover_per_month):
            return
        buyers = [f for f in self.model.firms if f.firm_class != FirmClass.STARTUP and f.domain == self.domain]
        if buyers:
            self.model.random.choice(buyers).take_over(self)
            self.model.count.firms_taken_over += 1

    def take_over(self, other):
        """People, cash, income and plans of another firm become this one's, and the better of both products."""
        for person in other.staff:
            person.employer = self
        self.staff += other.staff
        other.staff = []
        self.cash, other.cash = self.cash + other.cash, 0
        self.other_income += other.other_income
        self.smooth_income += other.smooth_income
        self.desired_staff += other.desired_staff
        self.quality = max(self.quality, other.quality)
        if other.product > self.product:
            self.product, self.product_months = other.product, other.product_months
        if self.review_months_left < 0:
            self.review_months_left = other.review_months_left
        other.go_out_of_business()

    def plan_staff(self):
        """F4: the plan grows, not the staff, and follows smoothed income."""
        p, now = self.model.p, self.model.now
        drift = log(1 + p.finance_growth_per_year) / 12 - p.finance_sd_per_month**2 / 2
        self.other_income = int(self.other_income * exp(drift + p.finance_sd_per_month * self.model.random.gauss(0, 1)))
        income = self.home_sales + self.exports + self.other_income + self.support
        self.smooth_income += (income - self.smooth_income) / p.plan_smoothing_months
        payable = p.specialist_pay_share * self.smooth_income * 12 / (self.posted_pay * (1 - now.tax_credit_share))
        limit = max(self.desired_staff + 1, self.desired_staff * (1 + p.staff_growth_max_per_month))
        self.desired_staff = floor(min(payable, limit) + 0.5)

    def can_raise_pay(self):
        """L2: firms with cash can."""
        return self.cash > 0
