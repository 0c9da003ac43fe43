"""Six measures of how a policy holds up over futures, ranks under each, and how stable and alike these are.

Arrays have shape ``(policies, futures)``. After McPhail et al. (2018); signal-to-noise after Kwakkel et al. (2016).
"""

from typing import Any

import numpy as np
import pandas as pd
import scipy

from injae.experiments.summary import BAND, CONFIDENCE

CELLS_AT_ONCE = 2_000_000  # numbers in memory while resampling
MEASURES = {  # name: whether more is better
    "expected": True,
    "percentile_10": True,
    "regret_max": False,
    "regret_90": False,
    "targets_met": True,
    "signal_to_noise": True,
}


def regrets(values: Any, *, more_is_better: bool) -> Any:
    """How much better the best policy of each future is than each policy: shape ``(policies, futures)``, 0 or more."""
    values = np.asarray(values, float)
    return values.max(axis=0) - values if more_is_better else values - values.min(axis=0)


def measures(values: Any, regret: Any, met: Any | None, *, more_is_better: bool) -> dict[str, Any]:
    """The six measures over the last axis (futures); ``percentile_10`` is that of the bad end.

    Signal-to-noise is mean over spread where more is better and mean times spread where less is, so that both reward
    little spread (Kwakkel et al. 2016); of the product the root, which is in the outcome's unit. It is nan for all if a
    mean is negative. ``targets_met`` is nan without targets.
    """
    mean, spread = values.mean(axis=-1), values.std(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        signal = np.where(mean == 0, 0.0, mean / spread) if more_is_better else np.sqrt(mean * spread)
    return {
        "expected": mean,
        "percentile_10": np.percentile(values, 10 if more_is_better else 90, axis=-1),
        "regret_max": regret.max(axis=-1),
        "regret_90": np.percentile(regret, 90, axis=-1),
        "targets_met": np.full(mean.shape, np.nan) if met is None else met.mean(axis=-1),
        "signal_to_noise": np.where((mean < 0).any(axis=0), np.nan, signal),
    }


def rank(name: str, values: Any, *, more_is_better: bool) -> Any:
    """Ranks of policies (first axis) under a measure, 1 the best, equals share the better rank; nan has none."""
    higher = MEASURES[name] if name in ("regret_max", "regret_90", "targets_met") else more_is_better
    rounded = np.where(np.isfinite(values), np.round(values, 12), values)
    return scipy.stats.rankdata(-rounded if higher else rounded, method="min", axis=0)


def ranks(
    values: Any, met: Any | None, policies: list[str], *, more_is_better: bool, resamples: int, rng: Any
) -> pd.DataFrame:
    """Rank of each policy under each measure, the range of it and how often it is first over resampled futures.

    ``value_low`` and ``value_high`` are the percentile bootstrap's 95 percent interval of the measure. Measures that do
    not apply are left out.
    """
    regret = regrets(values, more_is_better=more_is_better)
    found = measures(values, regret, met, more_is_better=more_is_better)
    drawn = _resampled(values, regret, met, more_is_better, resamples, rng)
    tail = 50 * (1 - CONFIDENCE)
    frames = []
    for name, column in found.items():
        if np.isnan(column).all():
            continue
        places = rank(name, drawn[name], more_is_better=more_is_better)
        low, high = np.nanpercentile(places, BAND, axis=1, method="nearest")
        ends = np.nanpercentile(drawn[name], (tail, 100 - tail), axis=1, method="nearest")
        frame = {"policy": policies, "value": column, "rank": rank(name, column, more_is_better=more_is_better)}
        frame |= {"rank_low": low, "rank_high": high, "first": (places == 1).mean(axis=1)}
        frames.append(pd.DataFrame({"measure": name, **frame, "value_low": ends[0], "value_high": ends[1]}))
    return pd.concat(frames, ignore_index=True)


def _resampled(
    values: Any, regret: Any, met: Any | None, more_is_better: bool, resamples: int, rng: Any
) -> dict[str, Any]:
    """Measures over resampled futures by name: shape ``(policies, resamples)``."""
    at_once = max(1, CELLS_AT_ONCE // values.size)
    drawn: dict[str, list[Any]] = {name: [] for name in MEASURES}
    for first in range(0, resamples, at_once):
        at = rng.integers(0, values.shape[1], (min(at_once, resamples - first), values.shape[1]))
        again = measures(
            values[:, at], regret[:, at], None if met is None else met[:, at], more_is_better=more_is_better
        )
        for name, column in again.items():
            drawn[name].append(column)
    return {name: np.concatenate(parts, axis=1) for name, parts in drawn.items()}


def agreement(ranks: Any) -> dict[str, Any]:
    """Who is first under which measures, and Kendall's W: 1 if all measures rank alike, 0 if they share nothing.

    Policies that share the first place under a measure are all first there. ``measures`` are those that were asked.
    """
    firsts: dict[str, list[str]] = {}
    for policy, measure in ranks.loc[ranks["rank"] == 1, ["policy", "measure"]].itertuples(index=False):
        firsts.setdefault(policy, []).append(measure)
    wide = ranks.pivot(index="measure", columns="policy", values="rank").to_numpy(float)
    even = scipy.stats.rankdata(wide, axis=1)  # equals share the mean rank
    sums = even.sum(axis=0)
    count, many = even.shape
    ties = sum(float((sizes**3 - sizes).sum()) for sizes in (np.unique(row, return_counts=True)[1] for row in even))
    greatest = count**2 * (many**3 - many) - count * ties
    w = 12 * float(((sums - sums.mean()) ** 2).sum()) / greatest if greatest > 0 else None
    return {"first": firsts, "kendall_w": w, "measures": list(dict.fromkeys(ranks["measure"]))}
