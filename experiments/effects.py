"""What a policy does: its gain over another scenario, what levers do only together, and what has a price.

All ranges are the middle nine tenths of futures, of differences that are paired future by future, so that noise and
uncertain parameters show in them only as far as they move what the policy does. From too few independent futures no
range is known (nan).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from injae.experiments.results import Results
from injae.experiments.schedules import differing
from injae.experiments.summary import Interval, band, by_seed, draws_of_pairs, pairs
from injae.model.levers import LEVERS
from injae.model.scenario import Scenario

GRANT_SHARES = ("grant_share_courses", "grant_share_teachers")


def gain(policy: Results, other: Results, name: str, month: int) -> Interval:
    """What a policy adds to a series in a month, in its unit: mean and range over futures that both have."""
    return _middle(pairs(policy, other, name, month), draws_of_pairs(policy, other))


def interaction(policy: Results, baseline: Results, without: Sequence[Results], name: str, month: int) -> Interval:
    """What levers do together: the whole gain in a series less the sum of the single ones, future by future.

    Args:
        policy: runs with all levers.
        baseline: runs with none of them.
        without: for each lever, runs of the policy with that one as in the baseline.
        name: series.
        month: month index.
    """
    values = [by_seed(results.runs, name, month) for results in (policy, baseline, *without)]
    mine, base, *others = values
    common = sorted(set.intersection(*(set(of) for of in values)))
    draw_of = dict(zip(policy.seeds, draws, strict=True)) if (draws := policy.draws) is not None else None
    joint = [mine[n] - base[n] - sum(mine[n] - other[n] for other in others) for n in common]
    return _middle(joint, draw_of and np.array([draw_of[n] for n in common]))


def _middle(values: Any, draws: Any) -> Interval:
    found = band(values, draws) if len(values) else (np.nan,) * 3
    return Interval(*map(float, found[:3]))


def unpriced(plan: Scenario, baseline: Scenario) -> list[str]:
    """Levers that differ from the baseline's and that the ledger has no price for: what they bring looks free."""
    return [path for path in differing(plan, baseline) if not has_price(path)]


def has_price(path: str) -> bool:
    """Whether the ledger pays for what a lever does, or the lever only divides what is paid for."""
    name = path.removeprefix("levers.")
    return bool(LEVERS[name].purpose) or name in GRANT_SHARES
