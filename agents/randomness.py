"""Chance as a pure function: the same question always gets the same answer.

``draw(seed, decision, who, month, option)`` is a hash of its arguments. Nothing is shared and nothing advances, so
adding or removing one person leaves everybody else's luck untouched, and two policies are compared on the same
people with the same luck. Other laws are made from one uniform by inverse CDF, never by rejection.
"""

import math
from enum import IntEnum

import numpy as np

from agents.kernels import rule


class Decision(IntEnum):
    """What a draw decides. A number, once used, keeps its meaning: renumbering changes every result."""

    PERSON_KEY = 1
    INSTITUTION_KEY = 2
    BEDS = 3
    FIRM_SIZE = 4
    START_STAGE = 5
    START_AGE = 6
    CAREER = 7
    MAIN_SKILL = 8
    START_JOB = 9
    START_PAY = 10
    START_COURSE = 11
    ABILITY = 12
    LEVEL = 13
    COURSE_LENGTH = 14
    AGE = 15
    APPLICANTS = 16
    TEACHER_HIRE = 17
    TEACHER_CHOICE = 18
    DROP_OUT = 19
    PRACTICUM = 20
    PRACTICUM_HOST = 21
    RETRAIN = 22
    CLINICAL_DOMAIN = 23
    ADVANCE = 24
    FALL_BACK = 25
    IMPROVE = 26
    REVIEW = 27
    LISTING = 28
    FIRM_EXIT = 29
    FIRM_ENTRY = 30
    FOUNDER = 31
    PRODUCTIVITY = 32
    SEPARATION = 33
    LAYOFF = 34
    RETIREMENT = 35
    SEARCH = 36
    MEET = 37
    TASTE = 38
    MATCH_PAY = 39
    IMPRESSION = 40
    EMIGRATE = 41
    RETURN = 42
    SWITCH_SECTOR = 43
    COME_BACK = 44
    IMMIGRANT = 45
    HIRING = 46
    START_PRODUCT = 47
    START_ROLE = 48
    FINANCE = 49
    START_FIRM_AGE = 50
    START_QUALITY = 51
    START_REVIEW = 52
    START_TENURE = 53
    START_OUTSIDE = 54
    OTHER_SKILL = 55
    VOUCHER = 56
    JOINT_FIRM = 57
    JOINT_UNIVERSITY = 58
    PRIVACY = 59
    BIAS = 60
    TAKEOVER = 61
    BUYER = 62


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
def stem(seed, decision, month):
    """64 bits for one decision in one month; ``uniform`` and ``bell`` turn them into numbers per body.

    All are integers >= 0; month 0 is the start, or stands for a lifetime. A loop over bodies asks for it once.
    """
    bits = mix(np.uint64(seed) + _GOLDEN * np.uint64(decision))
    return mix((bits ^ np.uint64(month)) + _GOLDEN)


@rule
def branch(bits, who, option=0):
    """64 bits for one body (a key), and one option (an integer >= 0 or a key), of a stem."""
    return mix((np.uint64(bits) ^ np.uint64(who) ^ mix(np.uint64(option))) + _GOLDEN)


@rule
def uniform(bits, who, option=0):
    """Uniform number in (0, 1), never 0 or 1, for one body and option of a stem."""
    # through a signed integer: half the time of the conversion from an unsigned one
    return (np.float64(np.int64(branch(bits, who, option) >> _11)) + 0.5) * 1.1102230246251565e-16


@rule
def draw(seed, decision, who, month, option=0):
    """Uniform number in (0, 1) for one decision of one body in one month."""
    return uniform(stem(seed, decision, month), who, option)


@rule
def chance_of(log_odds):
    """Chance with the given log-odds."""
    return 1.0 / (1.0 + math.exp(-log_odds))


@rule
def is_above(luck, x):
    """Whether a draw is surely above the chance with log-odds, or logarithm, ``x``: spares most exponentials.

    With y = -x > 0 the chance is at most exp(-y) < 1 / (1 + y + y^2 / 2).
    """
    return x < 0.0 and luck * (1.0 - x + 0.5 * x * x) > 1.0


@rule
def normal(chance):
    """Standard normal quantile of a chance in (0, 1); absolute error below 5e-4.

    Rational approximation 26.2.23 of Abramowitz and Stegun (1964), enough for tastes and noise.
    """
    tail = min(chance, 1.0 - chance)
    t = math.sqrt(-2.0 * math.log(tail))
    size = t - ((0.010328 * t + 0.802853) * t + 2.515517) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)
    return size if chance > 0.5 else -size


@rule
def bell(bits, who, option=0):
    """Bell-shaped number of mean 0 and sd 1, within 3.5 sd, for one body and option of a stem: four 16-bit sums.

    Ten times cheaper than ``normal``; meant for tastes and noise that are asked for by the million.
    """
    z = branch(bits, who, option)
    total = np.int64(z & _LOW) + np.int64((z >> _16) & _LOW) + np.int64((z >> _32) & _LOW) + np.int64(z >> _48)
    return (total - 131070.0) * 2.6428963e-05  # 131070 = 4 means, 1 / sd of the sum of four


@rule
def whole(amount, chance):
    """Whole number whose expected value is ``amount`` (>= 0), rounded up with the chance of its fraction."""
    floor = math.floor(amount)
    return int(floor) + (1 if chance < amount - floor else 0)
