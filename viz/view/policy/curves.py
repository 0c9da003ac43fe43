"""A series over months as the page draws it: the policy with its bands, the baseline, and the difference with its own.

In the model's unit (persons, shares, won); ``payload.py`` turns them into the unit that is shown.
"""

from typing import Any, NamedTuple

import numpy as np

from injae.experiments.summary import band, draws_of_pairs
from injae.viz.view.runs import Answer

Row = Any  # array of floats, shape ``(months + 1,)``


class Curves(NamedTuple):
    """Rows over months 0 .. months.

    Attributes:
        mean: over runs.
        low: end of the range that 90% of runs have; nan from too few runs.
        high: its other end.
        aleatory_low: end of the part of noise in it; nan where it is not known.
        aleatory_high: its other end.
        baseline: mean of the baseline; None without one, as the three below.
        gap: mean of the differences, future by future.
        gap_low: end of the range that 90% of differences have; nan from too few.
        gap_high: its other end.
    """

    mean: Row
    low: Row
    high: Row
    aleatory_low: Row
    aleatory_high: Row
    baseline: Row | None = None
    gap: Row | None = None
    gap_low: Row | None = None
    gap_high: Row | None = None


def curves_of(answer: Answer, name: str) -> Curves:
    """The rows of a series."""
    policy, baseline = answer.policy, answer.baseline
    found = Curves(*band(policy.values(name), policy.draws))
    if baseline is None or not baseline.runs:
        return found
    mine, theirs = (
        {run.seed: row for run, row in zip(of.runs, of.values(name), strict=True)} for of in (policy, baseline)
    )
    common = sorted(set(mine) & set(theirs))
    gaps = np.array([mine[seed] - theirs[seed] for seed in common])
    if not common:
        return found
    apart = band(gaps, draws_of_pairs(policy, baseline))
    return found._replace(
        baseline=baseline.values(name).mean(axis=0), gap=apart.mean, gap_low=apart.low, gap_high=apart.high
    )
