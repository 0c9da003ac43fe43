"""What commands say of a sweep: how far it is, what failed, what it will take."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from injae.experiments import sweeps
from injae.experiments.documents import Made
from injae.experiments.executors.base import WorkersCannotStart
from injae.experiments.folders import MANIFEST, holds_sweep, kinds_in
from injae.experiments.wording.amounts import byte_size, counted, duration
from injae.viz.commands.margin import points_lines
from injae.viz.commands.numeric import Real
from injae.viz.lines import one_line

REASONS = 5  # different reasons of failures that are printed
cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Do the runs on the workers of a Dask scheduler: its address (tcp://HOST:PORT) or scheduler file (FILE.json).",
)
budget_option = click.option(
    "--max-seconds-per-run",
    "seconds_per_run",
    type=Real(0, min_open=True),
    help="Time budget of a run; one that takes longer is cut and recorded.",
)
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@contextmanager
def failing_in_one_line(folder: Path, *, goes_on: bool = False) -> Iterator[None]:
    """A folder that cannot be written, or processes that cannot start, end in one line and exit code 1.

    ``goes_on`` is for work that keeps what is finished, if its folder says so.
    """
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
    processes = counted(pilot["workers"], "process", "processes")
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


@contextmanager
def stopping_in_one_line(folder: Path, again: str) -> Iterator[None]:
    """Ctrl-C outside the runs (while the model is loaded or compiled, or after the last run) loses nothing either."""
    try:
        yield
    except KeyboardInterrupt:
        say_stopped(len(sweeps.store.Sweep(folder).recorded()) if holds_sweep(folder) else 0, again)
        sys.exit(1)


def report(store: Any, again: str, found: Any, *, as_json: bool, quiet: bool) -> int:
    """Say what there is now, what failed, what margins are reached and how to go on; gives the exit code."""
    counts = store.status()
    reasons = reasons_of(store.runs) if counts["failed"] else {}
    if as_json:
        content = {"folder": str(store.folder), "receipt": store.manifest["receipt"], **counts, "reasons": reasons}
        content["precision"] = found and found.as_dict()
        click.echo(json.dumps(content, indent=2))
    else:
        lines = points_lines(found) if found else []
        say("\n".join(status_lines(store.folder, counts, {}) + lines), quiet)
    for reason, number in list(reasons.items())[:REASONS]:
        click.echo(f"injae: {number} runs: {reason}", err=True)
    if counts["failed"]:
        click.echo(f"injae: {counts['failed']} runs failed; do them again with: injae retry {store.folder}", err=True)
    if store.interrupted:
        say_stopped(counts["done"], again)
    missed = found is not None and not found.reached
    if missed and (as_json or quiet):
        click.echo(f"injae: {'; '.join(line.strip() for line in points_lines(found))}", err=True)
    return 1 if counts["failed"] or store.interrupted or missed else 0


def say(text: str, quiet: bool) -> None:
    """Print a text, unless quiet."""
    if not quiet:
        click.echo(text)
