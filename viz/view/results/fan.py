"""The fan chart of the results browser: one series over time in the chosen cell, against the baseline."""

from typing import Any

import numpy as np

from injae.experiments.wording.amounts import series_scale
from injae.viz.view.results.table import Opened
from injae.viz.view.results.titles import policy_title
from injae.viz.view.results.wish import Wish
from injae.viz.view.words import word

RUNS_MAX = 200  # of each curve
BANDS = {"low": 5, "low50": 25, "high50": 75, "high": 95}  # percentiles


def fan_of(found: Opened, chosen: Any, inside: Any, wish: Wish) -> dict[str, Any] | None:
    """A series in the chosen cell; of at most ``RUNS_MAX`` runs each the mean of all runs, and that of the baseline.

    Args:
        found: the sweep.
        chosen: rows of the runs that the filters leave.
        inside: those of the chosen cell among them.
        wish: names the series and the policy.
    """
    if wish.series not in found.series_names:
        return None
    rng = np.random.default_rng(0)
    cell = found.series(wish.series, inside, RUNS_MAX, rng)
    rest = cell if len(inside) == len(chosen) else found.series(wish.series, chosen, RUNS_MAX, rng)
    if cell is None or rest is None:
        return None
    _, factor, decimals, per = series_scale(wish.series, wish.lang)
    plan = found.sweep.policies[wish.policy]
    rows = {name: np.percentile(cell, at, axis=0) for name, at in BANDS.items()}
    rows |= {"mean": cell.mean(axis=0), "all": rest.mean(axis=0)}
    base = found.series(wish.series, _baseline_rows(found, inside, wish), RUNS_MAX, rng)
    if base is not None:
        rows["baseline"] = base.mean(axis=0)
    drawn = len(cell) == RUNS_MAX < len(inside)
    counts = {"runs": f"{len(cell):,}", "all": f"{len(inside):,}"}
    return {
        "series": wish.series,
        "dates": [plan.date_of(month) for month in range(cell.shape[1])],
        "baseline": None,
        **{name: np.round(row / factor, decimals).tolist() for name, row in rows.items()},
        "baseline_title": policy_title(found, _baseline(found, wish) or "", wish.lang) if base is not None else "",
        "runs": len(cell),
        "count": word("results.count_drawn" if drawn else "results.count", wish.lang, **counts),
        "title": word(f"series.{wish.series}", wish.lang),
        "unit": per,
        "decimals": decimals,
    }


def _baseline(found: Opened, wish: Wish) -> str | None:
    """Label of the policy that is the baseline of the chosen one; None where the sweep does not hold it."""
    policies = found.sweep.policies
    wanted = policies[wish.policy].baseline
    return next((name for name, plan in policies.items() if plan.name == wanted and name != wish.policy), None)


def _baseline_rows(found: Opened, inside: Any, wish: Wish) -> Any:
    """Rows of the baseline's runs at the same points and seeds; none where the sweep does not hold it."""
    name = _baseline(found, wish)
    if name is None:
        return inside[:0]
    rows = np.flatnonzero((found.runs["policy"] == name).to_numpy())
    seeds = found.runs["seed"].to_numpy()
    rows = rows[np.isin(found.place[rows], found.place[inside])]
    return rows[np.isin(seeds[rows], np.unique(seeds[inside]))]
