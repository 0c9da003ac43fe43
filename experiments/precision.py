"""When there are enough seeds: a sequential rule, pure, from the values so far to a decision.

Begin with ``START`` seeds. After each batch every quantity gets the half-width of its 95 percent interval, and the rule
stops when every half-width is as small as wanted and was so over the last ``LOOK_AHEAD`` seeds, one by one. Otherwise a
batch is added: half of what seems to be missing, in multiples of ``STEP``. Neither the number of processes nor their
speed has a say, so the same question stops at the same seed everywhere. See docs/precision.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.experiments.plain import plain

START = 10  # seeds before the first look
STEP = 5  # least number of seeds to add
LOOK_AHEAD = 5  # seeds over which the half-width has to stay small
LEAST_SEEDS = START + LOOK_AHEAD  # that can be enough
MAX_SEEDS = 200
CONFIDENCE = 0.95
SKEWNESS_MIN = 1.0  # sample skewness from which values may count as skewed
SKEWNESS_ERRORS = 2.58  # and standard errors that it has to be away from zero: 1 in 100 normal samples is
RESAMPLES = 4_000
RESAMPLING_SEED = 0  # the same values give the same interval


class Wanted(NamedTuple):
    """The half-width that is wanted for a mean, or for a quantile (0 to 1) if one is given."""

    half_width: float
    quantile: float | None = None


class Precision(NamedTuple):
    """What is known of one quantity: half-widths at ``confidence``, nan where nothing is known, inf where too little.

    ``runs`` gave a value; ``reached`` means that the half-width is as wanted and stayed so; ``seeds_needed`` is a guess
    from the spread so far, nan without values.
    """

    estimate: float
    half_width: float
    wanted: float
    confidence: float
    runs: int
    reached: bool
    seeds_needed: float


@dataclass(frozen=True)
class Decision:
    """What is known after so many seeds, and how many to add; 0: stop."""

    seeds: int
    add: int
    precisions: list[Precision]

    @property
    def reached(self) -> bool:
        """Whether every quantity is as precise as wanted."""
        return all(precision.reached for precision in self.precisions)

    @property
    def seeds_expected(self) -> float:
        """Seeds at which all will have been reached, by the spread so far, look-ahead included; uncapped."""
        needed = [one.seeds_needed for one in self.precisions if not math.isnan(one.seeds_needed)]
        return max([self.seeds, *(n + LOOK_AHEAD for n in needed)])


class Quantity(NamedTuple):
    """What a margin is held against: the outcome of a scenario, or of one less that of another."""

    outcome: str
    of: str
    unit: str
    quantile: float | None


@dataclass(frozen=True)
class Found:
    """How many seeds were used, and what is known of each quantity."""

    seeds: int
    quantities: list[tuple[Quantity, Precision]]

    @property
    def reached(self) -> bool:
        """Whether every margin is reached."""
        return all(precision.reached for _, precision in self.quantities)

    def rows(self) -> list[dict[str, Any]]:
        """Each quantity with what is known of it."""
        return [quantity._asdict() | precision._asdict() for quantity, precision in self.quantities]

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON: nan is null, infinity ``"inf"``."""
        return plain({"seeds": self.seeds, "reached": self.reached, "quantities": self.rows()})


def decide(values: Any, wanted: Sequence[Wanted], max_seeds: int = MAX_SEEDS) -> Decision:
    """Stop, or how many seeds to add.

    Args:
        values: of each seed, in order, and quantity: shape ``(seeds, quantities)``; nan where a run gives none.
        wanted: for each quantity. Several are judged together, with Holm's adjustment.
        max_seeds: never more than so many in all.
    """
    values = np.asarray(values, float)
    seeds = len(values)
    targets = np.array([one.half_width for one in wanted])
    halves, confidences = half_widths(values, wanted)
    steady = _is_steady(values, wanted, halves <= targets)
    known = (~np.isnan(values)).sum(axis=0)
    needed = [_seeds_needed(seeds, *row) for row in zip(known, halves, targets, strict=True)]
    precisions = [
        Precision(_estimate(column, one.quantile), float(half), one.half_width, confidence, int(n), bool(ok), need)
        for column, one, half, confidence, n, ok, need in zip(
            values.T, wanted, halves, confidences, known, steady, needed, strict=True
        )
    ]
    return Decision(seeds, max(0, min(_batch(seeds, precisions, max_seeds), max_seeds - seeds)), precisions)


def _batch(seeds: int, precisions: list[Precision], max_seeds: int) -> int:
    """How many seeds to add: half of what seems to be missing; what no run gives asks for none."""
    unsettled = [one.seeds_needed for one in precisions if not one.reached and one.runs]
    if not unsettled:
        return 0
    if seeds < START:
        return START - seeds
    return max(STEP, int(min(max(unsettled), max_seeds) - seeds) // 2 // STEP * STEP)


def half_widths(values: Any, wanted: Sequence[Wanted]) -> tuple[Any, list[float]]:
    """Half-widths and their confidence levels: the least precise quantity at 95 percent, others higher (Holm).

    The quantity whose half-width is the smallest part of the wanted one is held to 1 - 0.05/m, the next to
    1 - 0.05/(m - 1), and so on.
    """
    alpha = 1 - CONFIDENCE
    halves = np.array([_half_width(x, one.quantile, CONFIDENCE) for x, one in zip(values.T, wanted, strict=True)])
    levels = [CONFIDENCE] * len(wanted)
    parts = halves / [one.half_width for one in wanted]
    order = np.argsort(np.where(np.isnan(parts), np.inf, parts), kind="stable")
    for rank, column in enumerate(order[:-1]):
        levels[column] = 1 - alpha / (len(wanted) - rank)
        halves[column] = _half_width(values[:, column], wanted[column].quantile, levels[column])
    return halves, levels


def _is_steady(values: Any, wanted: Sequence[Wanted], reached: Any) -> Any:
    """Whether each half-width is as wanted now and was so at each of the seeds before that the look-ahead covers."""
    first = len(values) - LOOK_AHEAD
    if first < START:
        return np.zeros_like(reached)
    targets = [one.half_width for one in wanted]
    for seeds in range(len(values) - 1, first - 1, -1):
        if not reached.any():
            break
        reached = reached & (half_widths(values[:seeds], wanted)[0] <= targets)
    return reached


def _half_width(column: Any, quantile: float | None, confidence: float) -> float:
    """Half-width of the interval of a mean or quantile; the longer side where the two differ."""
    values = column[~np.isnan(column)]
    if len(values) < 2:
        return math.inf if len(values) else math.nan
    if np.ptp(values) <= 1e-12 * np.abs(values).max():  # equal but for rounding
        return 0.0
    if quantile is not None:
        return _of_quantile(values, quantile, confidence)
    by_t = student_t(len(values), confidence) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return max(by_t, _by_bootstrap(values, confidence)) if _is_skewed(values) else by_t


def student_t(count: int, confidence: float = CONFIDENCE) -> float:
    """Standard errors to either side of the mean of ``count`` normal values that an interval takes."""
    return float(scipy.special.stdtrit(count - 1, 0.5 + confidence / 2))


def _is_skewed(values: Any) -> bool:
    """Whether t intervals are in uncertainty: skewness is large, and larger than noise makes it in normal values."""
    n = len(values)
    if n < START:
        return False
    gaps = values - values.mean()
    skewness = abs(float((gaps**3).mean())) / float((gaps**2).mean()) ** 1.5
    error = math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    return skewness > max(SKEWNESS_MIN, SKEWNESS_ERRORS * error)


def _by_bootstrap(values: Any, confidence: float) -> float:
    """Longer side of the BCa bootstrap interval of the mean."""
    interval = scipy.stats.bootstrap(
        (values,),
        lambda sample, axis: sample.mean(axis=axis),
        vectorized=True,
        n_resamples=RESAMPLES,
        confidence_level=confidence,
        random_state=RESAMPLING_SEED,
    ).confidence_interval
    mean = values.mean()
    return float(max(interval.high - mean, mean - interval.low))


def _of_quantile(values: Any, quantile: float, confidence: float) -> float:
    """Longer side of the interval between two order statistics; inf where there are too few values for one."""
    test: Any = scipy.stats.quantile_test(values, p=quantile)
    interval = test.confidence_interval(confidence)
    estimate = _estimate(values, quantile)
    sides = (interval.high - estimate, estimate - interval.low)
    return math.inf if any(math.isnan(side) for side in sides) else float(max(sides))


def _estimate(column: Any, quantile: float | None) -> float:
    values = column[~np.isnan(column)]
    if not len(values):
        return math.nan
    return float(values.mean() if quantile is None else np.quantile(values, quantile))


def _seeds_needed(seeds: int, known: int, half_width: float, wanted: float) -> float:
    """Seeds for the wanted half-width, which shrinks as the square root of the values; twice as many if all is open."""
    if not known:
        return math.nan
    if half_width <= wanted:
        return seeds
    if math.isinf(half_width):
        return 2 * seeds
    values = known * (half_width / wanted) ** 2
    values *= (student_t(max(int(values), 2)) / student_t(known)) ** 2
    return math.ceil(max(values, known + 1) * seeds / known)
