"""What hospitals, firms and universities have in common: people who work there, and posts (rules L1, L2, L7)."""

import mesa


class Employer(mesa.Agent):
    """An institution with staff."""

    state = None  # state of the people who work here

    def __init__(self, model, name):
        super().__init__(model)
        self.name = name
        self.active = True
        self.staff = []
        self.desired_staff = 0
        self.vacancies = 0
        self.decisions = 0
        self.months_unfilled = 0
        self.posted_pay = 0
        self.payroll = 0

    @property
    def post_domain(self):
        """Domain of the posts on offer."""
        raise NotImplementedError

    @property
    def excess(self):
        """Share of the staff beyond what is planned (L8)."""
        return max(0, len(self.staff) - self.planned_staff) / max(1, len(self.staff))

    @property
    def planned_staff(self):
        """Staff that the employer means to have."""
        return self.desired_staff

    def sum_pay(self):
        """Pay of the people at work, won per year."""
        self.payroll = sum(person.pay for person in self.staff)

    def note_excess(self):
        """Remember the overstaffing that the month begins its separations with (L8)."""
        self.excess_at_first = self.excess

    def can_raise_pay(self):
        """Whether posted pay may rise."""
        raise NotImplementedError

    def open_posts(self):
        """L1, L2, L7: count vacancies, move posted pay, decide how many posts to fill this month."""
        p = self.model.p
        self.vacancies = max(0, self.desired_staff - len(self.staff))
        self.months_unfilled = self.months_unfilled + 1 if self.vacancies else 0
        self.move_posted_pay()
        self.decisions = self.model.stochastic_round(p.decision_probability_per_month * self.vacancies)

    def move_posted_pay(self):
        """L2: posted pay rises where posts stay open and falls slowly where none is."""
        p = self.model.p
        if not self.vacancies:
            self.posted_pay = int(self.posted_pay * (1 - p.pay_fall_per_month))
        elif self.months_unfilled > p.patience_months and self.can_raise_pay():
            self.posted_pay = int(self.posted_pay * (1 + p.pay_rise_per_month))

    def filled(self):
        """One post less is open."""
        self.vacancies -= 1
        self.months_unfilled = 0
