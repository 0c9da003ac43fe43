"""Two settings at once: an outcome in every cell of a grid, what each cell costs, and which cells are worth it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments.findings import Finding
from injae.experiments.indicators import DECLARED, Senses, senses_of
from injae.experiments.outcomes import check_versus, less, outcome_values, without_value
from injae.experiments.summary import Interval, band, mean_interval
from injae.experiments.sweeps.store import Sweep, status_counts
from injae.model.errors import InputError, nearest

COST = "public_won_at_end"
SEEDS, DRAWS = "seeds", "draws of the parameters"  # what replicates are
CELLS_MAX = 900


def heatmap(
    sweep: Sweep,
    outcomes: Sequence[str],
    *,
    x: str | None = None,
    y: str | None = None,
    policy: str | None = None,
    versus: str = "",
    senses: Senses = DECLARED,
) -> Finding:
    """Outcomes over the cells of a grid, each as a mean and as what it adds to the cell of the lowest x and y.

    Args:
        sweep: of a factorial design, or of a table of points on a grid.
        outcomes: indicators or ``SERIES@YYYY-MM``.
        x: varied path across; the first that varies unless told.
        y: varied path upwards; the second unless told. Other levers that vary are averaged over.
        policy: scenario of the sweep; the first unless told.
        versus: scenario whose outcome and cost at the same point and seed are taken off.
        senses: where less or more is better, for ``best``, against what is declared.

    Returns:
        A finding with the tables ``cells`` (x, y, outcome, unit, mean with its interval, added with the interval of
        the paired difference, replicates, extra_public_won; nan in a cell without a finished replicate),
        ``incomplete`` (x, y, runs that are done and runs wanted, of cells that lack some) and ``best``: by cost, each
        cell that beats every cheaper one beyond its interval (of the paired difference, above zero). Of cells that
        cost the same the best may be there. The cost itself has no best cells.

        Replicates are seeds, and intervals 95 percent of the mean; where parameters vary beside the axes, as in draws
        of a posterior, replicates are these draws, and intervals their 5th and 95th percentile.

    Raises:
        InputError: no grid, no such outcome, path or policy, an outcome both to minimise and to maximise, or nothing
            is finished in the cell of the lowest x and y, from which everything else is counted.
    """
    policy = _policy(sweep, policy)
    x, y = _axes(sweep, x, y)
    outcomes = list(dict.fromkeys(outcomes))
    more_is_better = senses_of(outcomes, senses)
    names = list(dict.fromkeys([*outcomes, COST]))
    values = outcome_values(sweep, names)
    units: dict[str, str] = values.attrs["units"]
    if versus:
        check_versus(sweep, [policy], versus)
        values = less(values, versus, names)
    grid = _filled(sweep, [x, y], policy)
    values = values[values["policy"] == policy].join(grid, on="point")
    _check_grid(sweep, x, y)
    missing_names = without_value({name: int(values[name].count()) for name in outcomes}, len(values))
    outcomes, names = ([name for name in some if name not in missing_names] for some in (outcomes, names))
    incomplete = _incomplete(values, grid, sweep.seeds)
    draws = _draws(sweep, [x, y])
    values = values.assign(replicate=values["seed"] if draws is None else draws.loc[values["point"]].to_numpy())
    replicates = np.array(sweep.seeds) if draws is None else draws.unique()
    by_replicate = _by_replicate(values, grid, names, replicates, runs=len(sweep.points) * len(sweep.seeds))
    _check_lowest(by_replicate, sweep)
    interval = mean_interval if draws is None else _over_futures
    cells = _cells(by_replicate, names, units, interval)
    falling = [name for name in outcomes if not more_is_better[name]]
    question = {
        "sweep": sweep.manifest["receipt"], "design": sweep.manifest["design"]["text"], "policy": policy,
        "versus": versus, "x": x, "y": y, "outcomes": outcomes, "less_is_better": falling, "seeds": sweep.seeds,
        "replicates": SEEDS if draws is None else DRAWS,
    }  # fmt: skip
    best = _best(cells, by_replicate, [name for name in names if name != COST], falling, interval)
    facts = {"runs": len(values), **_missing(sweep, policy), "without_value": missing_names}
    facts |= {"receipt_of_sweep": sweep.manifest["receipt"]}
    return Finding("heatmap", question, {"cells": cells, "incomplete": incomplete, "best": best}, facts)


def _policy(sweep: Sweep, name: str | None) -> str:
    policies = list(sweep.policies)
    if name is not None and name not in policies:
        raise InputError("unknown", "not in this sweep", "policy", name, suggestion=nearest(name, policies))
    return name or policies[0]


def _axes(sweep: Sweep, x: str | None, y: str | None) -> tuple[str, str]:
    """The two paths of the grid."""
    points: Any = sweep.points
    varied = [path for path in points.columns if points[path].nunique(dropna=False) > 1]
    for option, path in (("x", x), ("y", y)):
        if path is not None and path not in varied:
            hint = nearest(path, varied)
            raise InputError("unknown", "does not vary in this sweep", option, path, suggestion=hint)
    free = [path for path in varied if path not in (x, y)]
    if x is not None and x == y:
        other = f"; take {free[0]}" if free else ""
        raise InputError("conflict", f"is --x as well, and the axes must be two settings{other}", "y", y)
    if len(varied) < 2:
        fault = f"a heat map needs two settings that vary; this sweep has {', '.join(varied) or 'none'}"
        raise InputError("unusable", fault, source=sweep.folder)
    across = x or free.pop(0)
    return across, y or free[0]


def _filled(sweep: Sweep, paths: list[str], policy: str) -> pd.DataFrame:
    """Values of two paths at every point; refused where a point leaves them to the policy."""
    points: Any = sweep.points[paths]
    if points.isna().to_numpy().any():
        fault = f"some points leave them as in {policy}; give every point a value"
        raise InputError("unusable", fault, ", ".join(paths))
    return points


def _check_grid(sweep: Sweep, x: str, y: str) -> None:
    """Refuse points that do not fill a grid evenly: cells would differ in more than x and y."""
    points: Any = sweep.points
    counts = points.groupby([x, y]).size()
    cells = points[x].nunique() * points[y].nunique()
    if len(counts) != cells or counts.nunique() != 1 or cells > CELLS_MAX:
        fault = f"the points are no full grid ({len(counts)} of {cells} cells); sweep with --design factorial"
        raise InputError("unusable", fault, f"{x}, {y}")


def _draws(sweep: Sweep, axes: list[str]) -> Any:
    """Number of the draw of the parameters at each point; None where no parameter varies beside the axes."""
    points: Any = sweep.points
    others = [path for path in points.columns if path.startswith("parameters.") and path not in axes]
    drawn = [path for path in others if points[path].nunique(dropna=False) > 1]
    return points.groupby(drawn, dropna=False, sort=False).ngroup() if drawn else None


def _by_replicate(values: Any, grid: Any, names: Sequence[str], replicates: Any, runs: int) -> Any:
    """Mean outcomes by x, y and replicate; every cell and replicate has a row, nan where a run lacks.

    What else varies is averaged within a replicate, so that pairs stay pairs, and a replicate counts only with its
    share of all ``runs``: else cells would differ in more than x and y.
    """
    axes = list(grid.columns)
    groups = values.groupby([*axes, "replicate"])
    cells = grid.drop_duplicates().sort_values(axes)
    means = groups[names].mean().where(groups.size() == runs / len(cells) / len(replicates))
    rows = cells.merge(pd.DataFrame({"replicate": replicates}), how="cross")
    return means.reindex(pd.MultiIndex.from_frame(rows))


def _over_futures(values: Any) -> Interval:
    """Mean with the 5th and 95th percentile; ends nan from few values."""
    mean, low, high, *_ = map(float, band(values))
    return Interval(mean, low, high)


def _incomplete(values: Any, grid: Any, seeds: Sequence[int]) -> pd.DataFrame:
    """Cells that lack runs: how many are done, and how many are wanted."""
    axes = list(grid.columns)
    wanted = (grid.groupby(axes).size() * len(seeds)).rename("runs_wanted").reset_index()
    done = values.groupby(axes).size().rename("runs_done").reset_index()
    table: Any = wanted.merge(done, how="left", on=axes).fillna({"runs_done": 0}).astype({"runs_done": int})
    lacking = table.loc[table["runs_done"] < table["runs_wanted"], [*axes, "runs_done", "runs_wanted"]]
    return lacking.set_axis(["x", "y", "runs_done", "runs_wanted"], axis=1).reset_index(drop=True)


def _check_lowest(by_replicate: Any, sweep: Sweep) -> None:
    """Refuse to count from a cell of which nothing is finished."""
    lowest = by_replicate.index[0][:2]
    if by_replicate.loc[lowest, COST].isna().all():
        (x, y), (x_value, y_value) = by_replicate.index.names[:2], lowest
        raise InputError(
            "no_results",
            f"no seed is finished in the cell {x} = {x_value:.10g}, {y} = {y_value:.10g}, from which "
            "costs and effects are counted",
            source=sweep.folder,
            suggestion="finish the sweep first, with the command that began it",
        )


def _cells(
    by_replicate: Any, names: Sequence[str], units: dict[str, str], interval: Callable[[Any], Interval] = mean_interval
) -> pd.DataFrame:
    """Every outcome in every cell, as it is and less that of the cell of the lowest x and y, replicate by replicate."""
    first = by_replicate.loc[by_replicate.index[0][:2]]
    rows = []
    for (x_value, y_value), cell in by_replicate.groupby(level=[0, 1]):
        here: Any = cell.droplevel([0, 1])
        extra = (here[COST] - first[COST]).mean()
        for name in names:
            mean = interval(here[name].dropna())
            added = interval((here[name] - first[name]).dropna())
            rows.append([x_value, y_value, name, units[name], *mean, *added, here[name].count(), extra])
    columns = ["x", "y", "outcome", "unit", "mean", "mean_low", "mean_high", "added", "added_low", "added_high"]
    return pd.DataFrame(rows, columns=[*columns, "replicates", "extra_public_won"])


def _missing(sweep: Sweep, policy: str) -> dict[str, int]:
    """Runs of a policy that are not there, together and apart: a retry is only for those that failed."""
    runs: Any = sweep.runs
    counts = status_counts(runs[runs["policy"] == policy])
    failed, waiting = counts["failed"], counts["left"]
    return {"missing_runs": failed + waiting, "runs_failed": failed, "runs_waiting": waiting}


def _best(
    cells: Any,
    by_replicate: Any,
    names: Sequence[str],
    less: Sequence[str],
    interval: Callable[[Any], Interval] = mean_interval,
) -> pd.DataFrame:
    """For each outcome the cells that beat every cheaper one beyond the interval of the difference, by cost."""
    frames = [cells.iloc[:0]]
    for name in names:
        some = cells[cells["outcome"] == name]
        values = by_replicate[name].unstack("replicate") * (-1 if name in less else 1)
        levels = values.mean(axis=1).loc[pd.MultiIndex.from_frame(some[["x", "y"]])].to_numpy()
        some = some.assign(level=levels).sort_values(["extra_public_won", "level"], ascending=[True, False])
        rows = values.loc[pd.MultiIndex.from_frame(some[["x", "y"]])].to_numpy()
        kept = [n for n in range(len(rows)) if not np.isnan(rows[n]).all() and _beats(rows[n], rows[:n], interval)]
        frames.append(some.iloc[kept].drop(columns="level"))
    return pd.concat(frames, ignore_index=True)


def _beats(row: Any, others: Any, interval: Callable[[Any], Interval]) -> bool:
    """Whether a cell's replicates, shape ``(replicates,)``, are above those of each of others beyond the interval."""
    gaps = [gap[~np.isnan(gap)] for gap in row - others[::-1]]  # dearest first: it is the likeliest to be as good
    return all(interval(gap).low > 0 for gap in gaps if len(gap))
