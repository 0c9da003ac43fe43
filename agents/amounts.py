"""Exponentials, logarithms and casts to whole numbers that have a value whatever the settings.

Compiled code says nothing when an exponential overflows or a number does not fit the integer that it is cast to: it
goes on with some other integer, as a place in an array too. So no rule casts, or calls ``math.exp`` and ``math.log``,
by itself (``tests/test_rules.py``). The bounds lie far beyond every result that means something.
"""

import math

import numpy as np

from injae.agents.kernels import rule

MOST_EXPONENT = 700.0  # the exponential of 710 is beyond all floats
MOST_WON = 10**17  # of one payment or account: a few dozen add up within 64 bits
MOST_COUNT = 10**8  # of one agent's persons, posts, seats: a few add up within 32 bits
LEAST_PAY, MOST_PAY = 10**4, 10**10  # a year; usual pay is between a million and a billion, whatever the currency


@rule
def exp_of(x):
    """Exponential, of ``MOST_EXPONENT`` at the most."""
    return math.exp(min(x, MOST_EXPONENT))


@rule
def log_of(x):
    """Logarithm; minus infinity for 0, such as a probability that is switched off."""
    return math.log(x) if x > 0.0 else -np.inf


@rule
def whole_won(amount):
    """Whole won of an amount, cut; from 0 to ``MOST_WON``."""
    return np.int64(min(max(0.0, amount), MOST_WON))


@rule
def whole_pay(won_per_year):
    """Whole won of a pay per year, cut; from ``LEAST_PAY`` to ``MOST_PAY``, so that it has a logarithm."""
    return np.int64(min(max(LEAST_PAY, won_per_year), MOST_PAY))


@rule
def whole_count(number):
    """Whole number of persons, posts, seats or beds, cut; from 0 to ``MOST_COUNT``."""
    return np.int64(min(max(0.0, number), MOST_COUNT))
