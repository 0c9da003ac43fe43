"""Says whether another implementation of the model gives the curves of the reference.

    python docs/reference/compare.py REBUILD.csv

``REBUILD.csv`` has a row for each run and month: the columns ``scenario``, ``seed`` and ``month``, and one column a
series, named as in section 4 of docs/model.md. Series, scenarios and months that it leaves out are not compared.
"""

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy

HERE = Path(__file__).resolve().parent
CELL = ["scenario", "month", "series"]
RUN = ["scenario", "seed", "month"]
ALPHA = 0.01  # chance that a faithful rebuild is refused, over all cells together


def deviations(rebuild: Any, reference: Any, runs_of_reference: int) -> Any:
    """How far the means of a rebuild are from those of the reference, in standard errors.

    A cell is a scenario, month and series. The error is that of the difference of two means, from the larger of
    both spreads. One event in one run proves nothing, so counts are allowed one of it, and the spread of rare ones is
    at least that of independent events. Any other cell without spread has to agree to five digits.

    Args:
        rebuild: table with ``scenario``, ``seed``, ``month`` and one column a series.
        reference: table like ``yearly.csv`` or ``monthly.csv.gz``.
        runs_of_reference: seeds behind each of its rows.

    Returns:
        A row a cell, the worst first: both means, runs, share of runs inside the band, ``errors`` and ``differs``.
    """
    long = rebuild.melt(RUN, var_name="series", value_name="value")
    known = reference.dropna(subset=["mean"])
    cells = long.merge(known, on=CELL)
    slack = 1e-5 * cells["mean"].abs()
    cells["inside"] = cells["value"].between(cells["low"] - slack, cells["high"] + slack)
    table = cells.groupby(CELL, sort=False).agg(
        rebuild=("value", "mean"),
        spread=("value", "std"),
        runs=("value", "size"),
        inside=("inside", "mean"),
        whole=("value", _are_whole),
    )
    table = table.join(known.set_index(CELL)[["mean", "sd"]]).reset_index()
    gap = (table["rebuild"] - table["mean"]).abs() - 1e-5 * table["mean"].abs()
    gap = (gap - table["whole"] / table["runs"]).clip(lower=0)
    pooled = (table["rebuild"] * table["runs"] + table["mean"] * runs_of_reference) / (
        table["runs"] + runs_of_reference
    )
    rare = (table["whole"] > 0) & (pooled < 1)
    sd = np.maximum(np.fmax(table["sd"], table["spread"]), np.sqrt(pooled.where(rare, 0.0).abs()))
    error = sd * np.sqrt(1 / table["runs"] + 1 / runs_of_reference)
    table["errors"] = np.where(gap > 0, gap / error.where(error > 0, 1e-300), 0.0)
    table["differs"] = table["errors"] > limit(len(table), runs_of_reference)
    return table.drop(columns=["whole", "spread"]).sort_values("errors", ascending=False, ignore_index=True)


def _are_whole(values: Any) -> float:
    return float((values == values.round()).all())


def limit(cells: int, runs_of_reference: int) -> float:
    """Standard errors that one of so many means may be off by chance (Bonferroni, Student's t)."""
    return float(scipy.stats.t.isf(ALPHA / (2 * max(cells, 1)), runs_of_reference - 1))


def main() -> int:
    """Compare a file; exit code 1 if something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rebuild", type=Path)
    rebuild = pd.read_csv(parser.parse_args().rebuild)
    missing = [name for name in RUN if name not in rebuild]
    if missing:
        parser.error(f"the file has no column {missing[0]}")
    reference = pd.read_csv(HERE / ("yearly.csv" if (rebuild["month"] % 12 == 0).all() else "monthly.csv.gz"))
    strange = sorted(set(rebuild) - set(RUN) - set(reference["series"]))
    if strange:
        print(f"no series of the reference, so not compared: {', '.join(strange)}")
    if not set(rebuild["scenario"]) & set(reference["scenario"]):
        parser.error(f"no scenario of the reference: it has {', '.join(reference['scenario'].unique())}")
    seeds = tomllib.loads((HERE / "reference.toml").read_text(encoding="utf-8"))["seeds"]
    table = deviations(rebuild, reference, seeds)
    differ = table[table["differs"]]
    print(f"{len(table)} means compared; {table['inside'].mean():.0%} of the runs inside the 5 to 95 percent bands")
    print(f"{len(differ)} differ by more than {limit(len(table), seeds):.1f} standard errors")
    if len(differ):
        print(differ.head(20).to_string(index=False, float_format="{:.6g}".format))
    return int(len(differ) > 0)


if __name__ == "__main__":
    sys.exit(main())
