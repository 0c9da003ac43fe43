"""What measured differences say about a claim: holds, broken or undecided, with the figures."""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.experiments.wording.amounts import counted

SEEDS_MIN = 20  # fewer pairs than this decide nothing in expectation
BROKEN_BELOW = 0.01  # one-sided p against the claim
HOLDS_BELOW = 0.05  # one-sided p in its favour


class Status(StrEnum):
    """What is found about an invariant or relation."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNDECIDED = "undecided"
    OUTSIDE = "outside the band"
    DOES_NOT_APPLY = "does not apply"
    NOT_JUDGED = "not judged"


GRAVEST = (
    Status.BROKEN,
    Status.NOT_JUDGED,
    Status.OUTSIDE,
    Status.UNDECIDED,
    Status.HOLDS,
    Status.DOES_NOT_APPLY,
)


class Verdict(NamedTuple):
    """A finding, the figures behind it in words, and the same figures as numbers (unit in the name).

    ``evidence_against``, 0 to 1, ranks findings of one kind: the higher, the less the data speak for the claim.
    """

    status: Status
    figures: str
    numbers: dict[str, float]
    evidence_against: float = 0.0


class Gap(NamedTuple):
    """Differences between two variants on the same seeds: what differs, in which unit, one number a seed."""

    what: str
    unit: str
    values: Any


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Several findings as one: the gravest status, all figures."""
    status = min((verdict.status for verdict in verdicts), key=GRAVEST.index)
    numbers = {name: value for verdict in verdicts for name, value in verdict.numbers.items()}
    return Verdict(status, "; ".join(verdict.figures for verdict in verdicts), numbers)


def weakest(verdicts: Sequence[Verdict], what: str) -> Verdict:
    """Several findings as one: all numbers, but in words only the gravest, with most evidence against it."""
    least = min(verdicts, key=lambda verdict: (GRAVEST.index(verdict.status), -verdict.evidence_against))
    figures = f"{len(verdicts)} {what}, the furthest apart: {least.figures}"
    return together(verdicts)._replace(figures=figures)


def does_not_apply(why: str) -> Verdict:
    """The claim says nothing about this scenario."""
    return Verdict(Status.DOES_NOT_APPLY, why, {})


def exactly(faults: Sequence[str], looked_at: str) -> Verdict:
    """An exact invariant: broken by a single fault."""
    numbers = {"faults": float(len(faults))}
    if faults:
        return Verdict(
            Status.BROKEN, f"{counted(len(faults), 'fault')} in {looked_at}, the first: {faults[0]}", numbers
        )
    return Verdict(Status.HOLDS, f"no fault in {looked_at}", numbers)


def in_every_seed(gap: Gap, sign: int, *, or_equal: bool = False) -> Verdict:
    """A same-seed relation: the difference has the sign (+1 or -1) in every seed, or is zero if that is allowed."""
    values = sign * np.asarray(gap.values, float)
    right = values >= 0 if or_equal else values > 0
    worst = sign * values.min()
    figures = (
        f"{_difference(gap)}, worst seed {_signed(worst)}, right in {right.sum()} of {counted(len(values), 'seed')}"
    )
    numbers = _numbers(gap) | {f"{_key(gap)}_worst": float(worst), f"{_key(gap)}_seeds_right": float(right.sum())}
    return Verdict(Status.HOLDS if right.all() else Status.BROKEN, figures, numbers)


def on_average(gap: Gap, sign: int) -> Verdict:
    """A relation in expectation: one-sided paired t test over seeds, in favour of the sign and against it."""
    values = sign * np.asarray(gap.values, float)
    if len(values) < SEEDS_MIN:
        return _too_few(gap)
    for_it, against = one_sided(values)
    figures = f"{_difference(gap)}, p {_p(for_it)} in favour and {_p(against)} against, {counted(len(values), 'seed')}"
    status = _decided(for_it, against)
    return Verdict(status, figures, _numbers(gap) | {f"{_key(gap)}_p_for": for_it, f"{_key(gap)}_p_against": against})


def _decided(p_for: float, p_against: float) -> Status:
    """What two one-sided tests say together."""
    if p_against < BROKEN_BELOW:
        return Status.BROKEN
    return Status.HOLDS if p_for < HOLDS_BELOW else Status.UNDECIDED


def within(gap: Gap, margin: float) -> Verdict:
    """The mean difference lies within plus or minus ``margin``: two one-sided t tests (equivalence)."""
    values = np.asarray(gap.values, float)
    if len(values) < SEEDS_MIN:
        return _too_few(gap)
    (above_low, below_low), (above_high, below_high) = one_sided(values + margin), one_sided(values - margin)
    inside, outside = max(above_low, below_high), min(below_low, above_high)
    figures = f"{_difference(gap)} (allowed {margin:g} either way, p {_p(inside)}, {counted(len(values), 'seed')})"
    numbers = _numbers(gap) | {f"{_key(gap)}_p_within": inside, f"{_key(gap)}_p_outside": outside}
    return Verdict(_decided(inside, outside), figures, numbers, inside)


def same_distribution(what: str, first: Any, second: Any, claims: int = 1) -> Verdict:
    """Two samples come from one distribution: two-sample Kolmogorov-Smirnov test, allowing for ``claims`` tests."""
    if min(len(first), len(second)) < SEEDS_MIN:
        return Verdict(Status.UNDECIDED, f"{what}: {counted(len(first), 'seed')}, needs {SEEDS_MIN}", {})
    p = min(1.0, claims * float(scipy.stats.ks_2samp(first, second).pvalue))
    figures = f"{what} {np.mean(first):,.6g} against {np.mean(second):,.6g} (p {_p(p)}, {counted(len(first), 'seed')})"
    status = Status.BROKEN if p < BROKEN_BELOW else Status.HOLDS
    return Verdict(status, figures, {f"{what.replace(' ', '_')}_p": p}, 1 - p)


def one_sided(values: Any) -> tuple[float, float]:
    """P values of a t test that the mean is above zero and that it is below; without any spread 0, 1 or both 1."""
    if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        mean = float(np.mean(values))
        return (1.0, 1.0) if mean == 0 else (0.0, 1.0) if mean > 0 else (1.0, 0.0)
    above = float(scipy.stats.ttest_1samp(values, 0, alternative="greater").pvalue)
    return above, 1.0 - above


def _too_few(gap: Gap) -> Verdict:
    figures = f"{_difference(gap)}, undecided with {counted(len(gap.values), 'seed')}, needs {SEEDS_MIN}"
    return Verdict(Status.UNDECIDED, figures, _numbers(gap))


def _difference(gap: Gap) -> str:
    return f"{gap.what} {_signed(float(np.mean(gap.values)))} {gap.unit}".rstrip()


def _numbers(gap: Gap) -> dict[str, float]:
    return {f"{_key(gap)}_mean": float(np.mean(gap.values)), "seeds": float(len(gap.values))}


def _key(gap: Gap) -> str:
    return f"{gap.what} {gap.unit}".strip().replace(" ", "_")


def _signed(number: float) -> str:
    if number == 0:
        return "0"
    size = abs(number)
    digits = 0 if size >= 100 else 1 if size >= 10 else max(0, 1 - math.floor(math.log10(size)))
    return f"{number:+,.{digits}f}"


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"
