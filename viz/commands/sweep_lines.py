"""What commands say of a sweep: how far it is, what failed, what it will take."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from viz.amounts import byte_size, counted, duration
from viz.lines import one_line

REASONS = 5  # different reasons of failures that are printed


@contextmanager
def failing_in_one_line(folder: Path, *, goes_on: bool = False) -> Iterator[None]:
    """A folder that cannot be written, or processes that cannot start, end in one line and exit code 1.

    ``goes_on`` is for work that keeps what is finished, if its folder says so.
    """
    from experiments.executors.base import WorkersCannotStart
    from experiments.folders import kinds_in

    try:
        yield
    except (OSError, WorkersCannotStart) as error:
        if isinstance(error, BrokenPipeError):
            raise
        kept = "; what is finished is kept, the same command goes on" if goes_on and kinds_in(folder) else ""
        click.echo(one_line(f"injae: {folder}: {reason_of(error)}{kept}"), err=True)
        sys.exit(1)


def reason_of(error: Exception) -> str:
    """Why something could not be written, in some words."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return reason.splitlines()[0]


def say_stopped(kept: int, again: str) -> None:
    """Say how many runs a sweep that was stopped has kept, and the command that goes on."""
    runs = f"{counted(kept, 'finished run is', 'finished runs are')} kept"
    click.echo(f"injae: stopped early; {runs}; go on with: {again}", err=True)


def say_missing(folder: Path, failed: int, waiting: int) -> int:
    """Say how many runs of a sweep an analysis had to do without and how to get them; gives the exit code."""
    if not failed + waiting:
        return 0
    ways = [f"{waiting} not done, finish it: {finishing(folder)}"] if waiting else []
    ways += [f"{failed} failed, do them again with: injae retry {folder}"] if failed else []
    many = counted(failed + waiting, f"run of {folder} is", f"runs of {folder} are")
    click.echo(f"injae: {many} missing: {'; '.join(ways)}", err=True)
    return 1


def finishing(folder: Path) -> str:
    """The command that goes on with a sweep (``retry`` does only what failed); in words if a program made it."""
    from experiments.documents import Made
    from experiments.folders import MANIFEST

    command = Made.read(folder / MANIFEST).command
    return shlex.join(command) if command else "make the same sweep again"


def status_lines(folder: Path, counts: dict[str, Any], reasons: dict[str, int]) -> list[str]:
    """How far a sweep is, a line a policy, and why runs failed."""
    rate = counts["runs_per_second"]
    speed = f", lately {rate:z.1f} runs/s" if rate else ""
    lines = [f"{folder}: {_crossed(counts)}, {counted(counts['runs'], 'run', 'runs')}{speed}"]
    width = max(6, *(len(name) for name in counts["by_policy"]))
    lines.append(f"  {'policy':<{width}}  {'done':>8}  {'failed':>8}  {'left':>8}")
    for name, part in [*counts["by_policy"].items(), ("all", counts)]:
        lines.append(f"  {name:<{width}}  {part['done']:>8}  {part['failed']:>8}  {part['left']:>8}")
    return lines + [f"  {number} runs: {reason}" for reason, number in list(reasons.items())[:REASONS]]


def reasons_of(runs: Any) -> dict[str, int]:
    """Number of failed runs by the first line of their reason, most frequent first."""
    failed = runs[~runs["status"].isin(["done", "waiting"])]
    return {str(reason): int(n) for reason, n in failed["reason"].str.split("\n").str[0].value_counts().items()}


def estimate_line(pilot: dict[str, Any]) -> str:
    """What a sweep will take, from its pilot (``experiments.sweeps.sweep.Pilot``)."""
    pilots = f"{pilot['seconds_per_run']:z.2f} s and {byte_size(pilot['bytes_per_run'])} a run in the pilot"
    processes = "1 process" if pilot["workers"] == 1 else f"{pilot['workers']} processes"
    equal = pilot["points"] * pilot["policies"] * pilot["seeds"] - pilot["runs"]
    repeated = f" ({counted(equal, 'more is', 'more are')} equal to one of them and not repeated)" if equal else ""
    size = byte_size(pilot["bytes"])
    return (
        f"{_crossed(pilot)}: {counted(pilot['runs'], 'run', 'runs')}{repeated}, {pilot['left']} to do\n"
        f"expected {duration(pilot['seconds'])} with {processes}, at most {size} on disk ({pilots})"
    )


def _crossed(counts: dict[str, Any]) -> str:
    """What a sweep crosses: ``10 points x 1 policy x 4 seeds``."""
    words = (("points", "point"), ("policies", "policy"), ("seeds", "seed"))
    return " x ".join(counted(counts[many], one, many) for many, one in words)
