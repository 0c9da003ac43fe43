"""People of the field, from first enrolment to last move: trainees, practitioners, teachers, founders, leavers."""

from enum import IntEnum
from typing import Annotated

import numpy as np

from agents.amounts import exp_of, log_of
from agents.columns import Array, Column, RowAgent
from agents.domains import DOMAINS
from agents.kernels import rule
from agents.randomness import chance_of


class State(IntEnum):
    """Where a person is; everybody is in exactly one state."""

    ENROLLED = 1
    RETRAINING = 2
    SEEKING = 3
    HOSPITAL = 4
    FIRM = 5
    UNIVERSITY = 6  # teaches
    OTHER_SECTOR = 7
    ABROAD = 8
    LEFT = 9  # retired or dropped out


class Source(IntEnum):
    """How a person came into the model; with date, place and seat it is the person's identity."""

    START = 0
    ADMISSION = 1
    RETRAINING = 2
    IMMIGRATION = 3


class Level(IntEnum):
    """What a person was trained as; no rule reads it after admission."""

    UNDERGRADUATE = 0
    GRADUATE = 1
    CLINICIAN = 2


class PersonColumns:
    """One row per person who ever entered the model; months count from the start, month 0 being before it."""

    key: Annotated[Array, Column(np.uint64, "key", "identity for random draws: source, month, place, seat")]
    source: Annotated[Array, Column(np.int8, "Source", "how the person came in")]
    source_month: Annotated[Array, Column(np.int16, "month", "when the person came in")]
    source_place: Annotated[Array, Column(np.int32, "row", "university or hospital the person came in through")]
    source_seat: Annotated[Array, Column(np.int32, "number", "seat within source, month and place")]
    state: Annotated[Array, Column(np.int8, "State", "where the person is")]
    since_month: Annotated[Array, Column(np.int16, "month", "when the present state or job began")]
    employer: Annotated[Array, Column(np.int32, "row", "employer within its kind, or -1", start=-1)]
    university: Annotated[Array, Column(np.int32, "row", "university of training, or -1", start=-1)]
    birth_month: Annotated[Array, Column(np.int16, "month", "month of birth, negative: before the start")]
    ability: Annotated[Array, Column(np.float64, "sd", "learning ability, population mean 0, sd 1")]
    skill: Annotated[Array, Column(np.float64, "share", "skill per domain, 0 none to 1 all there is", DOMAINS)]
    level: Annotated[
        Array, Column(np.int8, "Level", "undergraduate track, graduate school, clinician; no rule reads it")
    ]
    programme: Annotated[Array, Column(np.bool_, "yes/no", "holds or held a seat that the grant paid for")]
    course_months: Annotated[Array, Column(np.int16, "months", "length of the course")]
    practicum_state: Annotated[Array, Column(np.int8, "State", "kind of practicum host, or 0")]
    practicum_host: Annotated[Array, Column(np.int32, "row", "practicum host, or -1", start=-1)]
    graduated_month: Annotated[Array, Column(np.int16, "month", "when the course ended, or -1", start=-1)]
    career_months: Annotated[Array, Column(np.int16, "months", "practice in the field so far")]
    pay_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay now, or in the last job")]


class Trainee(RowAgent):
    """A person as a Mesa agent: a window on a row of ``PersonColumns``, handed out by ``model.trainee(key)``."""

    kind = PersonColumns
    table_name = "people"

    @property
    def age_years(self) -> float:
        """Age now, in years."""
        return (self.model.month - int(self.birth_month)) / 12

    def emigration_chance(self) -> float:
        """Chance of leaving the country this month with open borders (see the rule ``emigration_log_odds``)."""
        market, now, p = self.model.market, self.model.now, self.model.parameters
        usual = log_of(market.reference_pay_won) + experience_premium(self.career_months, p)
        gap = log_of(p.foreign_pay_ratio * (1.0 + now.foreign_pay)) + usual - log_of(self.pay_won_per_year)
        return chance_of(emigration_log_odds(gap, market.abroad_share, float(np.mean(self.skill)), self.age_years, p))


@rule
def learning_pace(quality, ability, p):
    """Part of what is still to be learned that a month of a course teaches, at full focus (rule E8)."""
    return p.learning_per_month * quality * exp_of(p.ability_on_learning * ability)


@rule
def log_drop_out_chance(overload, ability, outside_pay_gap, p):
    """Log of the chance per month of giving up a course: crowding, ability, pay outside in logs (rule E10)."""
    log_ratio = p.overload_on_drop_out * overload - p.ability_on_drop_out * ability
    return log_of(p.drop_out_per_month) + log_ratio + p.pay_gap_on_drop_out * outside_pay_gap


@rule
def practicum_chance(partner_adoption, subsidy_won, p):
    """Chance of a practicum place: partners' own use of AI, and a subsidy that wins others over (rule E11)."""
    willing = p.practicum_floor + (1.0 - p.practicum_floor) * partner_adoption
    return 1.0 - (1.0 - willing) * exp_of(-subsidy_won / p.practicum_subsidy_scale_won)


@rule
def match_quality(skill_in_domain, mean_skill, p):
    """Fit of a person to a post, 0 to 1: mostly the skill in the post's domain (rule L4)."""
    return p.own_domain_weight * skill_in_domain + (1.0 - p.own_domain_weight) * mean_skill


@rule
def is_senior(career_months, p):
    """Whether a career is long enough to teach or to found a firm (rules E4, F6)."""
    return career_months >= p.senior_career_months


@rule
def experience_premium(career_months, p):
    """Log pay relative to somebody in mid-career (rule L5)."""
    years = min(career_months / 12.0, p.experience_years_max)
    return p.experience_return_per_year * (years - p.experience_years_mid)


@rule
def log_offer(log_posted_pay, match, career_months, match_noise, p):
    """Log of the pay offered: the employer's level, fit, experience and one lasting match effect (rule L5)."""
    fit = log_of(p.offer_floor + p.offer_slope * match)
    return log_posted_pay + fit + experience_premium(career_months, p) + p.match_pay_sd * match_noise


@rule
def reservation_pay(last_pay, months_searched, p):
    """Lowest pay a seeker takes, won per year; it falls with the months of search to a floor (rule L6)."""
    share = max(p.reservation_floor, (1.0 - p.reservation_fall_per_month) ** months_searched)
    return share * last_pay


@rule
def separation_chance(tenure_months, p):
    """Chance per month that a job ends by itself; higher in the first year (rule L8)."""
    return p.separation_per_month * (p.first_year_separation_ratio if tenure_months < 12 else 1.0)


@rule
def layoff_chance(excess_share, match, p):
    """Chance per month of being laid off by an overstaffed employer; poor fits go first (rule L8)."""
    return min(1.0, p.layoff_speed_per_month * excess_share * 2.0 * (1.0 - match))


@rule
def retirement_chance(age_years, p):
    """Chance per month of retiring (rule L8)."""
    return p.retirement_per_month if age_years >= p.retirement_age_years else 0.0


@rule
def search_chance(age_years, p):
    """Chance per month that somebody in a job looks around; mobility falls with age (rules L3, L8)."""
    return p.job_search_per_month * exp_of(-p.age_on_search_per_year * max(0.0, age_years - 25.0))


@rule
def emigration_log_odds(pay_gap_abroad, abroad_share, mean_skill, age_years, p):
    """Log-odds per month of leaving the country: pay abroad in logs, friends abroad, skill, age (rule M1)."""
    return (
        p.emigration_base
        + p.pay_on_emigration * pay_gap_abroad
        + p.network_on_emigration * abroad_share
        + p.skill_on_emigration * mean_skill
        - p.age_on_emigration_per_year * (age_years - 35.0)
    )


@rule
def return_chance(pay_signal, package_years, p):
    """Chance per month of coming home: home pay relative to the start, and a package in years of pay (rule M2)."""
    return min(1.0, p.return_per_month * pay_signal * exp_of(p.package_on_return * package_years))


@rule
def sector_leave_chance(months_searched, outside_pay_gap, p):
    """Chance per month of leaving for another sector: long search, or better pay outside in logs (rule M3)."""
    tired = p.sector_leave_per_month if months_searched >= p.sector_patience_months else 0.0
    return min(1.0, tired + p.sector_pull_per_month * exp_of(p.pay_gap_on_sector * outside_pay_gap))


@rule
def sector_return_chance(pay_signal, p):
    """Chance per month of coming back from another sector (rule M3)."""
    return min(1.0, p.sector_return_per_month * pay_signal)
