"""Options for margins, and what is said of them."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import click

from injae.experiments.precision import LEAST_SEEDS, LOOK_AHEAD, MAX_SEEDS, START, STEP
from injae.experiments.wording.amounts import in_currency, size_of
from injae.model.errors import InputError
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import together

margin_options = together(
    click.option(
        "--margin",
        "margin_texts",
        multiple=True,
        metavar="NAME=HALFWIDTH",
        help="Add seeds until the 95 percent interval of an outcome is this narrow to either side: an indicator or "
        "SERIES@YYYY-MM, in its unit, shares also as 2pt; NAME:p90 for a percentile; may be repeated.",
    ),
    click.option(
        "--max-seeds",
        type=Integer(LEAST_SEEDS, 100_000),
        default=MAX_SEEDS,
        show_default=True,
        help="Most seeds that --margin may use.",
    ),
)


def seeds_to_begin(seeds: int | None, asked: Any, max_seeds: int, usual: int) -> int:
    """The number of seeds that the user gave; else with margins few, without the usual number.

    Raises:
        InputError: with margins, more than the most that they may use.
    """
    if seeds is not None and asked and seeds > max_seeds:
        raise InputError("range", f"more than --max-seeds {max_seeds}, the most that --margin may use", "seeds", seeds)
    return seeds if seeds is not None else START if asked else usual


def check_aleatory(uncertainty: str | None, asked: Any) -> None:
    """Refuse margins where more than noise differs between runs.

    Raises:
        InputError: they are asked for together.
    """
    if asked and uncertainty not in (None, "aleatory"):
        fault = "a margin asks how many seeds noise needs, and no number of seeds makes parametric uncertainty smaller"
        raise InputError("conflict", fault, "uncertainty", uncertainty, suggestion="leave out one of the two")


def tell_expected(say: Callable[[str], None], max_seeds: int) -> Callable[[Any], None]:
    """A watcher that says after the first seeds how many there will be.

    It takes what has ``seeds``, ``add`` and ``seeds_expected``: a decision, or what was found at the points of a sweep.
    """
    told = False

    def tell(decision: Any) -> None:
        nonlocal told
        if not told and decision.add:
            say(_expected_line(decision.seeds, decision.seeds_expected, max_seeds))
        told = True

    return tell


def _expected_line(seeds: int, expected: float, max_seeds: int) -> str:
    rounded = max(seeds + STEP, math.ceil(expected / STEP) * STEP)
    more = f", more than the {max_seeds} of --max-seeds" if rounded > max_seeds else ""
    return f"after {seeds} seeds: about {rounded:,} expected for the margins, a first guess{more}"


def precision_lines(rows: Sequence[dict[str, Any]], seeds: int, *, differences: bool = False) -> list[str]:
    """What was reached of the margins: one line for each.

    Args:
        rows: of each quantity its outcome, quantile, unit, ``of`` and the fields of
            ``experiments.precision.Precision``.
        seeds: that were used.
        differences: whether quantities are differences between scenarios.
    """
    several = len({row["of"] for row in rows}) > 1
    return [f"Precision with {seeds} seeds:", *(f"  {_line(row, seeds, several, differences)}" for row in rows)]


def any_missed(found: Any, *, say: bool, differences: bool = False) -> bool:
    """Whether a margin is missed (``experiments.margins.Found``, or None without margins); with ``say``, which."""
    if found is None or found.reached:
        return False
    missed = [row for row in found.rows() if not row["reached"]]
    for line in precision_lines(missed, found.seeds, differences=differences)[1:] if say else ():
        click.echo(f"injae: margin of {line.strip()}", err=True)
    return True


def _line(row: dict[str, Any], seeds: int, several: bool, difference: bool) -> str:
    name = row["outcome"]
    if row["quantile"] is not None and not math.isnan(row["quantile"]):
        name += f", {round(100 * row['quantile'])}th percentile"
    name += f", {row['of']}" if several else ""
    if not row["runs"]:
        return f"{name}: no run gives it, so no number of seeds will do"
    value, half, wanted = _in_words(row, difference)
    few = "" if row["runs"] == seeds else f" in the {row['runs']} runs that give it"
    if math.isinf(row["half_width"]):
        return f"{name}: {value}{few}; not reached: too few runs for an interval, wanted {wanted}"
    known = f"{name}: {value}{few}, give or take {half}"
    if row["reached"]:
        return f"{known} (wanted {wanted})"
    if row["half_width"] <= row["wanted"]:
        return f"{known} (wanted {wanted}), but not yet over {LOOK_AHEAD} seeds in a row"
    return f"{known}; not reached: wanted {wanted}, about {row['seeds_needed']:z,.0f} seeds would be needed"


def _in_words(row: dict[str, Any], difference: bool) -> tuple[str, str, str]:
    """Estimate, half-width and wanted half-width in one unit, to two digits of the half-width."""
    unit, factor, of_value, of_half = row["unit"], 1.0, f" {row['unit']}", ""
    if unit.startswith("share"):
        per = unit.removeprefix("share")
        factor, of_value, of_half = 100.0, f" points{per}" if difference else f"%{per}", " points"
    elif unit.startswith("won"):
        size, short = size_of(row["estimate"])
        factor, of_value, of_half = 1 / size, f"{short} {in_currency(unit)}", f"{short} {in_currency('won')}"
    half = factor * row["half_width"]
    digits = max(0, 1 - math.floor(math.log10(half))) if 0 < half < math.inf else 1
    sign = "+" if difference else ""
    estimate = round(factor * row["estimate"], digits) + 0.0
    wanted = f"{round(factor * row['wanted'], 6):z,.10g}{of_half}"
    return f"{estimate:{sign}z,.{digits}f}{of_value}", f"{half:z,.{digits}f}{of_half}", wanted


def points_lines(found: Any) -> list[str]:
    """What was reached at the points of a sweep (``experiments.sweeps.margins.PointsFound``)."""
    every = f"every margin is reached at every point with {found.seeds} seeds"
    some = f"{found.reached_count} of {len(found.table)} margins (points, policies, outcomes) are reached with "
    some += f"{found.seeds} seeds"
    lines = [f"Precision: {every if found.reached else some}; all are in precision.csv"]
    if not found.reached:
        furthest = found.furthest()
        where = f"point {furthest['point']} in {furthest['policy']}"
        lines.append(f"  furthest off: {where}: {_line(furthest, found.seeds, False, False)}")
    return lines
