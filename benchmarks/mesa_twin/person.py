"""People: one object each, from admission to retirement (rules E8, E10 to E12, L3 to L8, M1 to M3)."""

from math import exp, log

import mesa

from injae.agents.trainee import State

DOMAINS = 4
EMPLOYED = (State.HOSPITAL, State.FIRM, State.UNIVERSITY)
PRACTICE = (State.HOSPITAL, State.FIRM)


class Person(mesa.Agent):
    """Somebody trained, or in training, for healthcare AI."""

    def __init__(self, model, state, age_years=30.0):
        super().__init__(model)
        self.state = state
        self.since = model.month
        self.birth_month = model.month - int(12 * age_years)
        self.employer = None  # where the person works; of clinicians in retraining the hospital that sent them
        self.university = None
        self.ability = model.random.gauss(0, 1)
        self.skill = [0.0] * DOMAINS
        self.programme = False
        self.course_months = 0
        self.practicum_host = None
        self.graduated_month = None
        self.career_months = 0
        self.pay = 0
        self.tastes = {}  # for life, per employer (L6)
        self.match_effects = {}  # for life, per employer (L5)
        model.entered += 1

    # What the rules ask of a person

    @property
    def age_years(self):
        """Age in years."""
        return (self.model.month - self.birth_month) / 12

    @property
    def mean_skill(self):
        """Mean skill over the domains."""
        return sum(self.skill) / DOMAINS

    @property
    def is_senior(self):
        """A practitioner with a senior's career."""
        return self.state in PRACTICE and self.career_months >= self.model.p.senior_career_months

    def taste_for(self, employer):
        """Lasting taste for an employer (L6)."""
        if employer not in self.tastes:
            self.tastes[employer] = self.model.random.gauss(0, 1)
        return self.model.p.taste_sd * self.tastes[employer]

    def match_effect(self, employer):
        """Lasting effect of the match on pay (L5)."""
        if employer not in self.match_effects:
            self.match_effects[employer] = self.model.random.gauss(0, 1)
        return self.model.p.match_pay_sd * self.match_effects[employer]

    def fit(self, domain):
        """L4: how well the person fits a post of a domain."""
        weight = self.model.p.own_domain_weight
        return weight * self.skill[domain] + (1 - weight) * self.mean_skill

    def premium(self):
        """L5: log pay for experience, relative to mid-career."""
        p = self.model.p
        return p.experience_return_per_year * (
            min(self.career_months / 12, p.experience_years_max) - p.experience_years_mid
        )

    def log_offer(self, employer, fit):
        """L5: log pay at a post of an employer."""
        p = self.model.p
        level = log(employer.posted_pay) + log(p.offer_floor + p.offer_slope * fit)
        return level + self.premium() + self.match_effect(employer)

    def usual_pay(self):
        """Section 7.6: pay by experience at the start's prices."""
        return self.model.market.reference_pay * exp(self.premium())

    # Changes of state

    def take_job(self, employer, pay):
        """Begin a job, leaving the one there may be."""
        self.quit()
        self.employer = employer
        self.state = employer.state
        self.since = self.model.month
        self.pay = int(pay)
        employer.staff.append(self)

    def quit(self):
        """Leave the staff of the employer."""
        if self.state in EMPLOYED:
            self.employer.staff.remove(self)
        self.employer = None

    def become(self, state):
        """Go to a state without a job."""
        self.quit()
        self.state = state
        self.since = self.model.month

    def leave_field(self):
        """Retire or drop out: the person is no longer part of the model."""
        self.become(State.LEFT)
        self.model.left += 1
        self.remove()

    # What people do, month by month

    def study(self):
        """A month of a course: learn, perhaps drop out, do a practicum, graduate."""
        if self.state == State.ENROLLED:
            self.learn_in_course()
            if self.model.chance(self.drop_out_probability()):
                self.university.trainees.remove(self)
                self.model.count.dropped_out += 1
                self.leave_field()
                return
            months = self.model.month - self.since
            if months == int(self.model.p.practicum_course_share * self.course_months):
                self.university.place_in_practicum(self)
            if months >= self.course_months:
                self.graduate()
        elif self.state == State.RETRAINING and self.model.month - self.since >= self.model.p.retraining_months:
            self.finish_retraining()

    def learn_in_course(self):
        """E8: what is left to learn shrinks."""
        p, university = self.model.p, self.university
        pace = p.learning_per_month * university.teaching_quality * exp(p.ability_on_learning * self.ability)
        if university.joint_months_left > 0:
            pace *= 1 + p.joint_on_learning
        for d in range(DOMAINS):
            self.skill[d] += min(1, pace * university.focus[d]) * (1 - self.skill[d])

    def drop_out_probability(self):
        """E10: crowding and pay elsewhere drive people out, ability keeps them in."""
        p, university = self.model.p, self.university
        overload = max(0, len(university.trainees) / max(university.seats, 1) - 1)
        outside = self.model.market.outside_entry_pay * (1 + self.model.now.other_sector_pay)
        gap = log(outside / self.model.market.expected_pay)
        return min(
            1,
            p.drop_out_per_month
            * exp(
                p.overload_on_drop_out * overload - p.ability_on_drop_out * self.ability + p.pay_gap_on_drop_out * gap
            ),
        )

    def graduate(self):
        """Look for work; the last pay of a graduate is entry pay (L6)."""
        self.university.trainees.remove(self)
        self.university.graduates.append(self)
        self.become(State.SEEKING)
        self.graduated_month = self.model.month
        self.pay = int(self.model.market.entry_pay)
        self.model.count.graduated += 1
        self.model.totals.programme_graduates_cumulative += self.programme

    def finish_retraining(self):
        """E12: take up the post at the hospital that sent the clinician, or go back to clinical work."""
        hospital = self.employer
        self.model.totals.retrained_clinicians_cumulative += 1
        fit = self.fit(hospital.post_domain)
        if hospital.vacancies > 0 and fit >= self.model.p.match_threshold:
            self.take_job(hospital, exp(self.log_offer(hospital, fit)))
            hospital.filled()
            self.model.count.hires += 1
        else:
            self.become(State.OTHER_SECTOR)

    def end_job(self):
        """L8: retirement, the end of the job, layoff."""
        p, model = self.model.p, self.model
        if self.state == State.ENROLLED:
            return
        if self.age_years >= p.retirement_age_years and model.chance(p.retirement_per_month):
            self.leave_field()
            return
        if self.state not in EMPLOYED:
            return
        first_year = model.month - self.since < 12
        ends = p.separation_per_month * (p.first_year_separation_ratio if first_year else 1)
        fit = 0.5 if self.state == State.UNIVERSITY else self.fit(self.employer.post_domain)
        laid_off = min(1, p.layoff_speed_per_month * self.employer.excess_at_first * 2 * (1 - fit))
        if model.chance(ends) or model.chance(laid_off):
            self.become(State.SEEKING)
            model.count.separations += 1

    def age_and_learn(self):
        """E8, L5: people in jobs gain experience and skill; pay is reviewed on each anniversary."""
        p = self.model.p
        if self.state not in EMPLOYED:
            return
        self.career_months += 1
        for d in range(DOMAINS):
            self.skill[d] += p.work_learning_per_month * (1 - self.skill[d])
        tenure = self.model.month - self.since
        if self.state in PRACTICE and tenure > 0 and tenure % 12 == 0:
            offer = exp(self.log_offer(self.employer, self.fit(self.employer.post_domain)))
            self.pay += int(p.pay_review_share * max(0, offer - self.pay))

    def is_searching(self):
        """L3: all seekers search, and practitioners now and then, the young more often."""
        p = self.model.p
        if self.state == State.SEEKING:
            return True
        if self.state not in PRACTICE:
            return False
        return self.model.chance(p.job_search_per_month * exp(-p.age_on_search_per_year * max(0, self.age_years - 25)))

    def search(self):
        """L3, L6: meet some of the posts that employers decide on, and apply for the best."""
        if self.is_searching():
            best = self.best_of(self.posts_met())
            if best is not None:
                self.model.applications.setdefault(best, []).append(self)

    def posts_met(self):
        """Posts met this month, and with a practicum behind and no work yet the first post of the host (E11)."""
        posts, share = self.model.posts, self.model.share_met
        met = [post for post in posts if self.model.random.random() < share]
        host = self.practicum_host
        if host is not None and self.career_months == 0 and host.decisions > 0 and (host, 0) not in met:
            met.insert(0, (host, 0))
        return met

    def best_of(self, met):
        """L6: the post whose pay and employer appeal most, if it is worth taking."""
        p, best, best_value = self.model.p, None, None
        for employer, number in met:
            fit = self.fit(employer.post_domain)
            if employer is self.employer or fit < p.match_threshold:
                continue
            offer = self.log_offer(employer, fit)
            if self.state == State.SEEKING and exp(offer) < self.reservation_pay():
                continue
            value = offer + self.taste_for(employer)
            if best_value is None or value > best_value:
                best, best_value = (employer, number), value
        return best if best is not None and self.prefers(best_value) else None

    def prefers(self, value):
        """L6: whether an offer of some value is worth leaving the present job for; seekers have none."""
        if self.state == State.SEEKING:
            return True
        return value > log(self.pay) + self.model.p.move_gain_min + self.taste_for(self.employer)

    def reservation_pay(self):
        """L6: the least pay that a seeker takes, less with time."""
        p, months = self.model.p, self.model.month - self.since
        return self.pay * max(p.reservation_floor, (1 - p.reservation_fall_per_month) ** months)

    def move(self):
        """M1 to M3: leave the country or come home, leave for other sectors or come back."""
        model = self.model
        if self.state == State.ABROAD:
            if model.chance(model.return_probability):
                model.ledger.pay("RETURN_PACKAGE", model.now.return_package_won)
                self.become(State.SEEKING)
                model.count.returned += 1
        elif self.state == State.OTHER_SECTOR:
            if model.chance(model.sector_return_probability):
                self.become(State.SEEKING)
                model.count.came_back_from_other_sectors += 1
        elif self.state == State.SEEKING or self.state in EMPLOYED:
            if model.chance(self.emigration_probability()):
                self.become(State.ABROAD)
                model.count.emigrated += 1
            elif self.state != State.UNIVERSITY and model.chance(self.sector_leave_probability()):
                self.become(State.OTHER_SECTOR)
                model.count.left_for_other_sectors += 1

    def emigration_probability(self):
        """M1: pay, friends abroad, skill and youth."""
        p, now = self.model.p, self.model.now
        gap = log(p.foreign_pay_ratio * (1 + now.foreign_pay)) + log(self.usual_pay() / self.pay)
        odds = p.emigration_base + p.pay_on_emigration * gap
        odds += p.network_on_emigration * self.model.market.abroad_share
        odds += p.skill_on_emigration * self.mean_skill - p.age_on_emigration_per_year * (self.age_years - 35)
        return now.borders_open / (1 + exp(-odds))

    def sector_leave_probability(self):
        """M3: other sectors want the same people, and long search drives them there."""
        p, now = self.model.p, self.model.now
        gap = log(p.other_sector_pay_ratio * (1 + now.other_sector_pay)) + log(self.usual_pay() / self.pay)
        pull = p.sector_pull_per_month * exp(p.pay_gap_on_sector * gap)
        searched = self.model.month - self.since if self.state == State.SEEKING else -1
        return min(1, pull + (p.sector_leave_per_month if searched >= p.sector_patience_months else 0))
