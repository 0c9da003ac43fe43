"""Random numbers as a pure function: the same question always gets the same answer.

``draw(seed, decision, who, month, option)`` is a hash of its arguments. Nothing is shared and nothing advances, so
adding or removing one person leaves everybody else's draws untouched, and two policies are compared on the same
people with common random numbers. Other laws are made from one uniform by inverse CDF, never by rejection.
"""

import math
from enum import IntEnum

import numpy as np

from injae.agents.amounts import exp_of, log_of, whole_count
from injae.agents.kernels import rule


class Decision(IntEnum):
    """What a draw decides. A number, once used, keeps its meaning: renumbering changes every result.

    Beside each: whose key it is drawn for (0 for nobody's); what the option says (docs/model.md prints this).
    """

    PERSON_KEY = 1  # place that the person comes in through; seat (see Keys)
    INSTITUTION_KEY = 2  # founder, seed 0 (see Keys)
    BEDS = 3  # hospital
    FIRM_SIZE = 4  # firm
    START_STAGE = 5  # hospital; 0 user, 1 main domain, 2 records, d + 10 use, + 20 routine, + 30 months, + 40 openness
    START_AGE = 6  # person
    CAREER = 7  # person, month 0
    MAIN_SKILL = 8  # person, month 0
    START_JOB = 9  # employer; post
    START_PAY = 10  # firm
    START_COURSE = 11  # person
    ABILITY = 12  # person, month 0
    LEVEL = 13  # person, month 0
    COURSE_LENGTH = 14  # person, month 0
    AGE = 15  # person, month 0
    APPLICANTS = 16  # university
    TEACHER_HIRE = 17  # university; post
    TEACHER_CHOICE = 18  # person in fold_in(university, post)
    DROP_OUT = 19  # person
    PRACTICUM = 20  # person, month 0
    PRACTICUM_HOST = 21  # person, month 0; partner
    RETRAIN = 22  # 0 for the number of places, hospital for its posts; 1 + post
    CLINICAL_DOMAIN = 23  # person, month 0
    ADVANCE = 24  # hospital; domain
    FALL_BACK = 25  # hospital; domain
    IMPROVE = 26  # firm
    REVIEW = 27  # firm
    LISTING = 28  # firm
    FIRM_EXIT = 29  # firm
    FIRM_ENTRY = 30  # 0
    FOUNDER = 31  # person in fold_in(0, number)
    PRODUCTIVITY = 32  # firm
    SEPARATION = 33  # person
    LAYOFF = 34  # person
    RETIREMENT = 35  # person
    SEARCH = 36  # person
    MEET = 37  # fold_in(employer, post) in fold_in(person, 0)
    TASTE = 38  # person, month 0; employer (Irwin-Hall)
    MATCH_PAY = 39  # person, month 0; employer (Irwin-Hall)
    IMPRESSION = 40  # person; employer (Irwin-Hall)
    EMIGRATE = 41  # person
    RETURN = 42  # person
    SWITCH_SECTOR = 43  # person
    COME_BACK = 44  # person
    IMMIGRANT = 45  # 0
    HIRING = 46  # employer
    START_PRODUCT = 47  # firm; 0 usable, 1 reimbursed, 2 months in the status
    START_ROLE = 48  # person
    FINANCE = 49  # firm
    START_FIRM_AGE = 50  # firm
    START_QUALITY = 51  # firm
    START_REVIEW = 52  # firm; 0 under way, 1 months to go
    START_TENURE = 53  # person
    START_OUTSIDE = 54  # person
    OTHER_SKILL = 55  # person; domain
    VOUCHER = 56  # 0 for their number, firm in fold_in(1, number) for each
    JOINT_FIRM = 57  # 0 for their number, firm in fold_in(1, number) for each
    JOINT_UNIVERSITY = 58  # university in fold_in(1, number)
    PRIVACY = 59  # 0
    BIAS = 60  # 0
    TAKEOVER = 61  # firm
    BUYER = 62  # firm in fold_in(start-up, 0)


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_11, _27, _30, _31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)
_16, _32, _48, _LOW = np.uint64(16), np.uint64(32), np.uint64(48), np.uint64(0xFFFF)


@rule
def mix(bits):
    """Scramble 64 bits (the finaliser of the splitmix64 generator)."""
    bits = (bits ^ (bits >> _30)) * _MIX_1
    bits = (bits ^ (bits >> _27)) * _MIX_2
    return bits ^ (bits >> _31)


@rule
def stream_key(seed, decision, month):
    """64 bits for one decision in one month; ``uniform`` and ``irwin_hall`` turn them into numbers per agent.

    All are integers >= 0; month 0 is the start, or stands for a lifetime. A loop over agents asks for it once.
    """
    bits = mix(np.uint64(seed) + _GOLDEN * np.uint64(decision))
    return mix((bits ^ np.uint64(month)) + _GOLDEN)


@rule
def fold_in(bits, who, option=0):
    """64 bits for one agent (a key), and one option (an integer >= 0 or a key), of a stream."""
    return mix((np.uint64(bits) ^ np.uint64(who) ^ mix(np.uint64(option))) + _GOLDEN)


@rule
def uniform(bits, who, option=0):
    """Uniform number in (0, 1), never 0 or 1, for one agent and option of a stream."""
    # through a signed integer: half the time of the conversion from an unsigned one
    return (np.float64(np.int64(fold_in(bits, who, option) >> _11)) + 0.5) * 1.1102230246251565e-16


@rule
def draw(seed, decision, who, month, option=0):
    """Uniform number in (0, 1) for one decision of one agent in one month."""
    return uniform(stream_key(seed, decision, month), who, option)


@rule
def expit(log_odds):
    """Probability with the given log-odds (inverse logit)."""
    return 1.0 / (1.0 + exp_of(-log_odds))


@rule
def is_above(variate, x):
    """Whether a draw is surely above the probability with log-odds, or logarithm, ``x``: spares most exponentials.

    With y = -x > 0 the probability is at most exp(-y) < 1 / (1 + y + y^2 / 2).
    """
    return x < 0.0 and variate * (1.0 - x + 0.5 * x * x) > 1.0


@rule
def probit(probability):
    """Standard normal quantile of a probability in (0, 1); absolute error below 5e-4.

    Rational approximation 26.2.23 of Abramowitz and Stegun (1964), enough for tastes and noise.
    """
    tail = min(probability, 1.0 - probability)
    t = math.sqrt(-2.0 * log_of(tail))
    size = t - ((0.010328 * t + 0.802853) * t + 2.515517) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)
    return size if probability > 0.5 else -size


@rule
def irwin_hall(bits, who, option=0):
    """Nearly normal number of mean 0, sd 1, within 3.5 sd, for one agent and option of a stream: four uniforms added.

    Ten times cheaper than ``probit``; meant for tastes and noise that are asked for by the million.
    """
    z = fold_in(bits, who, option)
    total = np.int64(z & _LOW) + np.int64((z >> _16) & _LOW) + np.int64((z >> _32) & _LOW) + np.int64(z >> _48)
    return (total - 131070.0) * 2.6428963e-05  # 131070 = 4 means, 1 / sd of the sum of four


@rule
def stochastic_round(amount, variate):
    """Stochastic rounding: ``amount`` (>= 0) cut, or one more with the probability of its fraction."""
    floor = whole_count(amount)
    return floor + (1 if variate < amount - floor else 0)
