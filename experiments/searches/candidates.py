"""Candidates of a backcast: which levers to move how far, as the surrogate guesses; no run is made for them.

A portfolio is a row of shares: how far along its range of ``surrogate.RANGES`` each lever is put, 0 where it stays.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.experiments.schedules import DECLARED, value_of
from injae.experiments.searches.desired import Desired, Portfolio
from injae.experiments.searches.surrogate import COST, PATHS, RANGES, Sample, fitting, predict, settings_of
from injae.experiments.summary import Interval

CONTRIBUTION_LEAST = 0.1  # of a portfolio's gain, for a lever to stay in it
GUESSES, GUESS_SEED = 6000, 11
MOST = 10  # candidates that are named
LIKELY = 0.8  # probability at which a guess is as strong as it needs to be
HOPEFUL = 0.5  # probability from which on a candidate within a budget may turn out to do
STRENGTHS = 60  # that are tried for a guess
SLACK = 0.85  # of the wanted gain that a candidate must be guessed to bring


class Candidates(NamedTuple):
    """Portfolios to try, the best guess first, and whether they are guessed to reach the value within the budget."""

    shares: list[Any]
    reach: bool


def candidates_of(sample: Sample, desired: Desired, now: Any) -> Candidates:
    """Portfolios guessed to reach the value within the budget, of each choice of levers the cheapest.

    The cheapest first, but a second one led by the same lever counts as twice as dear, a third as three times. Where
    none is guessed to reach it within a budget, those that come nearest for it; without a budget all levers at once.

    Args:
        sample: what is known of levers.
        desired: what is wanted.
        now: outcomes of the scenario itself in some futures, with the sign of ``desired``.
    """
    base, budget, elapsed = base_of(desired), desired.budget or math.inf, _elapsed(desired)
    rng = np.random.default_rng(GUESS_SEED)
    rows = 0.1 + 0.9 * rng.random((GUESSES, len(PATHS)))
    for row in rows:
        row[rng.permutation(len(PATHS))[rng.integers(1, 4) :]] = 0.0
    placed = np.where(
        rows > 0, base + rows * (1 - base), base
    )  # between what the scenario has and the end of the range

    def beyond(name: str, sets: Any) -> Any:
        return predict(sample, name, elapsed, sets) - predict(sample, name, elapsed, base[None])

    gains, costs = desired.sign * beyond(desired.series, placed), np.maximum(beyond(COST, placed), 0.0)
    possible = (costs <= budget) & ~((rows > 0) & (base >= 1)).any(axis=1)
    if budget == math.inf:  # what falls a little short is made stronger
        reaching = possible & (gains >= SLACK * (desired.sign * desired.value - float(now.mean())))
    else:
        reaching = possible & (_probabilities(sample, desired, now, gains, placed) >= HOPEFUL)
    reach = bool(reaching.any()) or budget == math.inf
    kept = reaching if reach else possible
    moves, placed = rows[kept] > 0, placed[kept]
    dear = costs[kept] if reach else 1 / np.maximum(gains[kept], 1e-9)
    led: dict[int, int] = {}
    ranked, known = [], set()
    for n in np.argsort(dear, kind="stable"):
        if moves[n].tobytes() in known:
            continue
        known.add(moves[n].tobytes())
        each = np.where(np.eye(len(PATHS), dtype=bool) & moves[n], placed[n], base)
        alone = desired.sign * beyond(desired.series, each)
        if alone[moves[n]].min() < CONTRIBUTION_LEAST * alone.clip(0).sum():
            continue  # another choice does the same without that lever
        lead = int(alone.argmax())
        led[lead] = led.get(lead, 0) + 1
        ranked.append((dear[n] * led[lead], n))
    found = [np.where(moves[n], placed[n], 0.0) for _, n in sorted(ranked)[:MOST]]
    return Candidates(found or ([np.ones(len(PATHS))] if reach else []), reach)


def guess_of(sample: Sample, desired: Desired, now: Any, shares: Any) -> Portfolio:
    """A portfolio at the least strength that is guessed to do, and what it brings and costs then; arguments as above.

    It is guessed to do where it reaches the value with probability ``LIKELY``; where it never does within the budget,
    the guess is of the strongest that the budget pays for. The probability is over the futures of ``now``, in each of
    which the gain is as unsure as over those of the sample.
    """
    base = base_of(desired)
    strengths = np.linspace(0.5, full_strength(desired, shares), STRENGTHS)
    rows = np.clip(base + strengths[:, None] * np.where(shares > 0, shares - base, 0.0), 0.0, 1.0)

    def beyond(name: str) -> Any:
        without = predict(sample, name, _elapsed(desired), base[None])
        return predict(sample, name, _elapsed(desired), rows) - without

    gains, costs = beyond(desired.series), np.maximum(beyond(COST), 0.0)
    probabilities = _probabilities(sample, desired, now, desired.sign * gains, rows)
    paid = np.flatnonzero(costs <= (desired.budget or math.inf))
    enough = paid[probabilities[paid] >= LIKELY]
    at = int(enough[0] if len(enough) else paid[-1] if len(paid) else 0)
    return Portfolio(
        settings=moved(desired, shares, float(strengths[at])),
        outcome=Interval(float(desired.sign * now.mean() + gains[at]), math.nan, math.nan),
        reached=0,
        runs=0,
        probability=Interval(float(probabilities[at]), math.nan, math.nan),
        extra_won=Interval(float(costs[at]), math.nan, math.nan),
        stage="guess",
    )


def _probabilities(sample: Sample, desired: Desired, now: Any, gains: Any, rows: Any) -> Any:
    """How probably portfolios reach the value, by their signed gains; shape ``(rows,)``."""
    spreads = np.maximum(predict(sample, desired.series, _elapsed(desired), rows, spread=True), 1e-9)
    return scipy.stats.norm.cdf((now[:, None] + gains - desired.sign * desired.value) / spreads).mean(axis=0)


def base_of(desired: Desired) -> Any:
    """How far along its range each lever stands in the scenario when levers may first be moved, 0 to 1."""
    present = np.array([value_of(desired.plan, path, desired.since) for path in PATHS])
    first, last = np.array([RANGES[path] for path in PATHS]).T
    return np.clip((present - first) / (last - first), 0.0, 1.0)


def full_strength(desired: Desired, shares: Any) -> float:
    """Strength at which every lever of a portfolio is at the end of its range."""
    base = base_of(desired)
    ratios = (1 - base[shares > 0]) / np.maximum(shares[shares > 0] - base[shares > 0], 1e-3)
    return float(ratios.max(initial=1.0))


def moved(desired: Desired, shares: Any, strength: float) -> dict[str, float]:
    """Values of the levers of a portfolio, moved part of the way from where they stand in the scenario."""
    settings = {}
    for path, value in settings_of(shares).items():
        present, lever = value_of(desired.plan, path, desired.since), DECLARED[path]
        first, last = RANGES[path]
        step = (value - present) if (value - present) * (last - first) > 0 else 0.0  # further already
        far = present + min(strength * step, last - present, key=abs)  # not beyond the range
        settings[path] = min(max(fitting(path, far, 3), lever.low), lever.high)
    return settings


def _elapsed(desired: Desired) -> int:
    """Months from the first in which levers may be moved to that of the outcome, both counted."""
    return desired.month - desired.since + 1
