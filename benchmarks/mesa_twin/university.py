"""Universities: money into courses, teachers and seats, and seats into trainees (rules G1, E2 to E11, E13)."""

from math import ceil, exp, floor, log, sqrt

from injae.agents.trainee import State

from .employer import Employer
from .person import Person


class University(Employer):
    """A university; its staff are teachers."""

    state = State.UNIVERSITY

    def __init__(self, model, row, rank):
        super().__init__(model, row["name"])
        p = model.p
        member = row["funded"] == "yes"
        others = 1.0 if member else p.other_capacity_ratio
        self.programme_rank = rank
        self.focus = [float(row[domain]) for domain in ("imaging", "risk", "treatment", "research")]
        self.core_courses = others * float(row["core_courses"])
        self.core_seats = others * float(row["core_seats"])
        self.core_teachers = int(int(row["core_teachers"]) * (p.core_teachers_ratio if member else others) + 0.5)
        self.teacher_posts = self.core_teachers
        self.funded = False
        self.reputation = 1.0
        self.cohorts = 4
        self.granted_courses = self.granted_seats = 0.0
        self.courses_due, self.seats_due = {}, {}  # by month of delivery
        self.courses_won = self.teachers_won = self.infrastructure_won = self.core_won = 0
        self.seats = self.own_seats = 0
        self.teaching_quality = 1.0
        self.joint_months_left = 0
        self.trainees, self.graduates = [], []
        self.partners = []  # hospitals and firms that take trainees in a practicum

    @property
    def post_domain(self):
        """Teaching posts have no domain."""
        return None

    @property
    def planned_staff(self):
        """Teaching posts that can be paid."""
        return self.teacher_posts

    # Money

    def years_grant(self, month):
        """G1: the year's grant by the schedule of a month."""
        now = self.model.levers(month)
        if month < 1 or self.programme_rank >= now.programme_universities:
            return 0
        return int(now.grant_won_per_year * now.grant_scale + 0.5)

    def receive_grant(self):
        """G1: a year's grant is paid when the year begins, and more later if it rises."""
        now, pay = self.model.now, self.model.ledger.pay
        self.funded = self.programme_rank < now.programme_universities
        year, before, c = self.years_grant(now.month), self.years_grant(now.month - 1), now.calendar_month
        grant = max(0, (year - year * (c - 1) // 12) - (before - before * (c - 1) // 12)) if c > 1 else year
        pay("GRANT", grant)
        courses, teachers = int(grant * now.grant_share_courses), int(grant * now.grant_share_teachers)
        self.courses_won += courses
        self.teachers_won += teachers
        self.infrastructure_won += grant - courses - teachers
        if self.funded:
            pay("STIPEND", len(self.trainees) * int(now.stipend_won_per_month))

    def build(self):
        """E2: what is out of date goes, what is due arrives, and money becomes orders."""
        p, month, pay = self.model.p, self.model.month, self.model.ledger.pay
        self.granted_courses *= 1 - p.course_decay_per_month
        self.granted_seats *= 1 - p.seat_decay_per_month
        courses, seats = int(self.courses_won // p.course_won), int(self.infrastructure_won // p.seat_won)
        self.courses_due[month + int(p.course_lag_months)] = courses
        self.seats_due[month + int(p.seat_lag_months)] = seats
        self.courses_won -= pay("COURSES", courses * p.course_won)
        self.infrastructure_won -= pay("INFRASTRUCTURE", seats * p.seat_won)
        self.granted_courses += self.courses_due.pop(month, 0)
        self.granted_seats += self.seats_due.pop(month, 0)
        self.pay_teachers()

    def pay_teachers(self):
        """E2: open posts that can be paid for some time; core funds pay where the grant account is empty."""
        p, pay = self.model.p, self.model.ledger.pay
        monthly = int(p.teacher_pay_won_per_year / 12)
        by_grant = min(max(0, len(self.staff) - self.core_teachers), self.teachers_won // monthly)
        planned = p.teacher_pay_won_per_year / 12 * p.teacher_planning_months
        posts = max(by_grant, int((self.teachers_won + self.grant_ahead()) / planned))
        self.teacher_posts = self.core_teachers + posts
        self.teachers_won -= pay("GRANTED_TEACHERS", by_grant * monthly)
        core = pay("CORE_FUNDING", (len(self.staff) - by_grant) * monthly)
        self.core_won += core - pay("CORE_TEACHERS", core)
        self.core_funding = core if self.funded else 0

    def grant_ahead(self):
        """E2: the part for teachers that is expected beyond the present year, which is paid already."""
        now, last = self.model.now, self.model.inputs.plan.months
        first = now.month + 13 - now.calendar_month  # next January
        ahead = 0.0
        for month in range(first, now.month + int(self.model.p.teacher_planning_months) + 1):
            known = min(month, now.month + int(now.grant_notice_months), last)
            ahead += self.years_grant(known) / 12 * now.grant_share_teachers
        return ahead

    # Teachers and seats

    def hire_teachers(self):
        """E4: every teacher is a person taken from practice."""
        p, model = self.model.p, self.model
        share = 1 - exp(-model.market.senior_practitioners / p.senior_pool_scale)
        for _ in range(self.teacher_posts - len(self.staff)):
            if model.chance(p.teacher_hire_probability_per_month * share):
                teacher = model.draw_senior()
                if teacher is not None:
                    teacher.take_job(self, p.teacher_pay_won_per_year)

    def seat_limit(self, courses, teachers, seats):
        """E3: the scarcest of the three decides; with its name."""
        p = self.model.p
        limits = {
            "seats": seats,
            "teachers": self.model.seats_per_teacher * teachers,
            "courses": p.seats_per_course * courses,
        }
        scarcest = min(limits, key=limits.get)
        return floor(limits[scarcest] + 1e-9), scarcest

    def open_seats(self):
        """E3, E8, E9: seats, and how well their trainees are taught."""
        p, teachers = self.model.p, len(self.staff)
        courses, seats = self.core_courses + self.granted_courses, self.core_seats + self.granted_seats
        self.seats, self.binding = self.seat_limit(courses, teachers, seats)
        self.own_seats, _ = self.seat_limit(self.core_courses, self.core_teachers, self.core_seats)
        learned = 1 - (1 - p.first_cohort_quality) * (1 + self.cohorts) ** -p.cohort_learning
        crowding = self.model.seats_per_teacher * teachers / max(len(self.trainees), 1)
        self.teaching_quality = learned * sqrt(min(1, crowding))

    # Trainees

    def attraction(self):
        """E5: utility of applying here."""
        p, now, market = self.model.p, self.model.now, self.model.market
        outside = market.outside_entry_pay * (1 + now.other_sector_pay)
        stipend = now.stipend_won_per_month if self.funded else 0
        return (
            p.pay_pull * log(market.expected_pay / outside)
            - p.unemployment_push * market.unemployment_share
            + p.reputation_pull * log(self.reputation)
            + p.stipend_pull * stipend / 1e6
        )

    def places(self, seats, enrolled):
        """E7: an even flow of cohorts, and part of the idle seats."""
        free, even = seats - enrolled, seats * 6 / self.model.mean_course_months
        idle = max(0, free - even)
        return max(0, min(free, ceil(even + self.model.p.idle_seats_filled_share * idle)))

    def admit(self, applicants):
        """E7: the first of an intake on own places, those beyond them on places of the programme."""
        places = self.places(self.seats, len(self.trainees))
        own = self.places(self.own_seats, sum(not trainee.programme for trainee in self.trainees))
        shift = self.model.p.selectivity * log(max(applicants, 1) / max(places, 1))
        admitted = min(applicants, places)
        for seat in range(admitted):
            trainee = self.new_trainee(shift)
            trainee.programme = seat >= own
            self.model.totals.programme_admitted_cumulative += trainee.programme
        self.cohorts += admitted > 0
        self.model.count.applicants += applicants
        self.model.count.admitted += admitted

    def new_trainee(self, ability_shift):
        """E7: somebody who begins a course."""
        p, random = self.model.p, self.model.random
        undergraduate = self.model.chance(p.undergraduate_share)
        track = "undergraduate" if undergraduate else "graduate"
        shortest, longest = getattr(p, f"{track}_months_min"), getattr(p, f"{track}_months_max")
        age = getattr(p, f"{track}_age_years") + p.student_age_spread_years * random.random()
        trainee = Person(self.model, State.ENROLLED, age)
        trainee.university = self
        trainee.course_months = round(random.uniform(shortest, longest))
        trainee.ability += ability_shift
        self.trainees.append(trainee)
        return trainee

    def place_in_practicum(self, trainee):
        """E11: partners that work with AI have something to show."""
        p, model, now = self.model.p, self.model, self.model.now
        partners = [partner for partner in self.partners if partner.active]
        if not partners:
            return
        users = sum(partner.state == State.FIRM or partner.uses_any() for partner in partners)
        willing = p.practicum_floor + (1 - p.practicum_floor) * users / len(partners)
        refusing = (1 - willing) * exp(-now.practicum_subsidy_won / p.practicum_subsidy_scale_won)
        if not model.chance(now.practicum_share * (1 - refusing)):
            return
        host = trainee.practicum_host = model.random.choice(partners)
        trainee.skill[host.post_domain] += p.practicum_skill_gain * (1 - trainee.skill[host.post_domain])
        model.ledger.pay("PRACTICUM", now.practicum_subsidy_won)
        model.count.practica += 1

    def review_reputation(self):
        """E13: applicants hear how graduates fare."""
        month = self.model.month
        recent = [person for person in self.graduates if month - person.graduated_month < 24]
        if recent:
            placed = sum(person.state in (State.HOSPITAL, State.FIRM, State.UNIVERSITY) for person in recent)
            self.reputation += self.model.p.reputation_speed_per_year * (0.5 + placed / len(recent) - self.reputation)
