"""``injae sweep``, ``status``, ``retry`` and ``export``: many runs in a folder that the same command continues."""

import json
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from model.errors import InputError
from model.scenario import DEFAULT, MONTHS_MAX
from viz.commands import (
    SEEDS_MAX,
    _announce_compile,
    json_option,
    main,
    names_of,
    quiet_option,
    set_option,
    workers_option,
)
from viz.margin import margin_option, max_seeds_option, points_lines, seeds_to_begin, tell_expected

LINE_SECONDS = 10.0  # between lines of progress where there is no terminal
REASONS = 5  # different reasons of failures that are printed

cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Do the runs on the workers of a Dask scheduler: its address (tcp://HOST:PORT) or scheduler file (FILE.json).",
)
budget_option = click.option(
    "--max-seconds-per-run",
    "seconds_per_run",
    type=click.FloatRange(0, min_open=True),
    help="Time budget of a run; one that takes longer is cut and recorded.",
)
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@main.command()
@click.argument("scenario", required=False)
@click.option(
    "--design",
    required=True,
    metavar="DESIGN",
    help="lhs:500, sobol:512, saltelli:256, morris:20, factorial, oat (one at a time) or FILE.csv.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=LOW:HIGH",
    help="What varies: PATH=LOW:HIGH, with :log for a log scale, PATH=a,b,c for factorial, PATH alone for the declared "
    "range; may be repeated.",
)
@click.option("--policies", metavar="NAME,NAME", help="Scenarios that are crossed with the points.")
@click.option("--seeds", type=click.IntRange(1, SEEDS_MAX), default=4, show_default=True, help="Seeds of every point.")
@margin_option
@max_seeds_option
@click.option("--design-seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Of the sampler.")
@click.option("--months", type=click.IntRange(1, MONTHS_MAX), help="Length of the runs; default as in the scenarios.")
@set_option
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder of the runs.")
@workers_option
@cluster_option
@budget_option
@click.option("--people", is_flag=True, help="Also keep everybody who ever entered, of every run (large).")
@click.option("--events", is_flag=True, help="Also keep what happened to each person, of every run (larger).")
@click.option("--dry-run", is_flag=True, help="Only say how many runs, and from three of them how long and how large.")
@json_option
@quiet_option
def sweep(
    scenario: str | None,
    design: str,
    vary: tuple[str, ...],
    policies: str | None,
    seeds: int,
    margin_texts: tuple[str, ...],
    max_seeds: int,
    design_seed: int,
    months: int | None,
    changes: tuple[str, ...],
    out: Path,
    workers: int | None,
    cluster: str | None,
    seconds_per_run: float | None,
    people: bool,
    events: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Simulate SCENARIO at every point of a design, with the same seeds everywhere.

    The same command again continues where it was stopped; with more --seeds, --policies or points it adds to what is
    there. Paths that begin with levers or shocks are levers, those with parameters uncertainties.

    \b
    Example:  injae sweep korea --design lhs:200 --vary parameters.labour.taste_sd=0.2:0.4
                  --vary parameters.education.pay_pull --policies no-programme,double-grant --out results/pay
    """
    again = shlex.join(["injae", *sys.argv[1:]])
    with _stopping_in_one_line(out, again):
        from experiments.margins import margins_of, split_margins
        from experiments.sweep import pilot, run_plan, run_until_precise
        from experiments.sweep_plan import make_plan

        names = names_of("--policies", policies)
        scenarios = list(dict.fromkeys([scenario, *names] if scenario else names or [DEFAULT]))
        asked = split_margins(margin_texts)
        plan = make_plan(
            scenarios, design, vary, seeds=seeds_to_begin(seeds, asked, max_seeds), design_seed=design_seed,
            months=months, changes=changes,
            kept=[kind for kind, kept in (("people", people), ("events", events)) if kept],
        )  # fmt: skip
        margins = margins_of(asked, next(iter(plan.policies.values())))
        _announce_compile(quiet or bool(cluster and not dry_run))
        if dry_run:
            estimate = pilot(plan, out, workers)._asdict()
            _say(json.dumps(estimate, indent=2) if as_json else _estimate(estimate), quiet and not as_json)
            if margins:
                first = f"this is for the first {len(plan.seeds)} seeds"
                click.echo(f"note: {first}; after them the margins ask for more if need be", err=True)
            return 0
        found = None
        with _failing_in_one_line(out), _progress(quiet or as_json) as progress:
            options: Any = {"workers": workers, "cluster": cluster, "seconds_per_run": seconds_per_run}
            options |= {"progress": progress.show, "command": ["injae", *sys.argv[1:]]}
            if margins:
                watch = tell_expected(progress.note, max_seeds)
                store, found = run_until_precise(plan, out, margins, max_seeds, watch, **options)
            else:
                store = run_plan(plan, out, **options)
        return _report(store, again, found, as_json=as_json, quiet=quiet)


@main.command()
@folder_argument
@json_option
@quiet_option
def status(folder: Path, as_json: bool, quiet: bool) -> int:
    """How far the sweep in DIR is: done, failed, left, by policy, and how fast.

    \b
    Example:  injae status results/pay
    """
    from experiments.store import Sweep

    store = Sweep(folder)
    counts = store.status()
    reasons = _reasons(store.runs) if counts["failed"] else {}
    if as_json:
        click.echo(json.dumps({"folder": str(folder), **counts, "reasons": reasons}, indent=2))
    else:
        _say("\n".join(_status_lines(folder, counts, reasons)), quiet)
    return 1 if counts["failed"] else 0


@main.command()
@folder_argument
@workers_option
@cluster_option
@budget_option
@json_option
@quiet_option
def retry(
    folder: Path,
    workers: int | None,
    cluster: str | None,
    seconds_per_run: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Do again the runs of the sweep in DIR that failed, and no others.

    \b
    Example:  injae retry results/pay --max-seconds-per-run 60
    """
    again = shlex.join(["injae", *sys.argv[1:]])
    with _stopping_in_one_line(folder, again):
        from experiments.store import Sweep
        from experiments.sweep import retry as retry_sweep

        Sweep(folder)  # what is no sweep is refused before anything else is said
        _announce_compile(quiet or bool(cluster))
        with _failing_in_one_line(folder), _progress(quiet or as_json) as progress:
            store = retry_sweep(
                folder, workers=workers, cluster=cluster, seconds_per_run=seconds_per_run, progress=progress.show
            )
        return _report(store, again, None, as_json=as_json, quiet=quiet)


@main.command()
@folder_argument
@click.option("--to", required=True, type=click.Choice(["csv", "parquet", "netcdf"]), help="Format of the files.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the files; default DIR/export.")
@json_option
@quiet_option
def export(folder: Path, to: str, out: Path | None, as_json: bool, quiet: bool) -> int:
    """Write the sweep in DIR as tables for other programs: points, runs, summary, series.

    \b
    Example:  injae export results/pay --to csv
    """
    from experiments.export import export as export_sweep
    from experiments.store import Sweep

    target = out or folder / "export"
    if target.exists() and not target.is_dir():
        raise InputError(f"--out {target}: is a file; name a folder")
    with _failing_in_one_line(target):
        files = export_sweep(Sweep(folder), to, target)
    if as_json:
        click.echo(json.dumps([str(file) for file in files], indent=2))
    else:
        _say("\n".join(f"{file}  ({_bytes(file.stat().st_size)})" for file in files), quiet)
    return 0


@contextmanager
def _stopping_in_one_line(folder: Path, again: str) -> Iterator[None]:
    """Ctrl-C outside the runs (while the model is loaded or compiled, or after the last run) loses nothing either."""
    try:
        yield
    except KeyboardInterrupt:
        from experiments.store import Sweep, holds_sweep

        _stopped_early(len(Sweep(folder).recorded()) if holds_sweep(folder) else 0, again)
        sys.exit(1)


@contextmanager
def _failing_in_one_line(folder: Path) -> Iterator[None]:
    """A folder that cannot be written, or processes that cannot start, end in one line and exit code 1."""
    from experiments.workers import WorkersCannotStart

    try:
        yield
    except (OSError, WorkersCannotStart) as error:
        if isinstance(error, BrokenPipeError):
            raise
        reason = getattr(error, "strerror", None) or error
        click.echo(f"injae: {folder}: {reason}; what is finished is kept, the same command goes on", err=True)
        sys.exit(1)


class _progress:  # noqa: N801 - reads as a function
    """Runs done and failed, runs a second, time left: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Progress | None = None
        self.first: tuple[int, float] | None = None  # runs there were when the first of these had finished, and when

    def __enter__(self) -> "_progress":
        self.said = time.monotonic()
        if not self.quiet and sys.stderr.isatty():
            self.bar = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True))
            self.bar.start()
            self.task = self.bar.add_task("starting", total=None)
        return self

    def note(self, text: str) -> None:
        """Say something above the bar."""
        if self.bar:
            self.bar.console.print(text, highlight=False)
        elif not self.quiet:
            click.echo(text, err=True)

    def show(self, so_far: Any) -> None:
        """Show how far the sweep is (``experiments.sweep.Progress``).

        The rate is that since the first runs finished: before them the model may be compiled and processes start.
        """
        now = time.monotonic()
        finished = so_far.before + so_far.done
        self.first = self.first or (finished, now)
        since, seconds = finished - self.first[0], now - self.first[1]
        left = so_far.total - finished
        text = f"{finished} of {so_far.total} runs, {so_far.failed} failed"
        if since > 0 and seconds > 0:
            text += f", {since / seconds:.1f} runs/s, {_time(left * seconds / since)} left"
        if self.bar:
            self.bar.update(self.task, completed=finished, total=so_far.total, description=text)
        elif not self.quiet and (now - self.said > LINE_SECONDS or left == 0):
            self.said = now
            click.echo(text, err=True)

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()


def _report(store: Any, again: str, found: Any, *, as_json: bool, quiet: bool) -> int:
    """Say what there is now, what failed, what margins are reached and how to go on; gives the exit code."""
    counts = store.status()
    reasons = _reasons(store.runs) if counts["failed"] else {}
    if as_json:
        content = {"folder": str(store.folder), "receipt": store.manifest["receipt"], **counts, "reasons": reasons}
        content["precision"] = found and found.as_dict()
        click.echo(json.dumps(content, indent=2))
    else:
        lines = points_lines(found) if found else []
        _say("\n".join(_status_lines(store.folder, counts, {}) + lines), quiet)
    for reason, number in list(reasons.items())[:REASONS]:
        click.echo(f"injae: {number} runs: {reason}", err=True)
    if counts["failed"]:
        click.echo(f"injae: {counts['failed']} runs failed; do them again with: injae retry {store.folder}", err=True)
    if store.interrupted:
        _stopped_early(counts["done"], again)
    missed = found is not None and not found.reached
    if missed and (as_json or quiet):
        click.echo(f"injae: {'; '.join(line.strip() for line in points_lines(found))}", err=True)
    return 1 if counts["failed"] or store.interrupted or missed else 0


def _stopped_early(kept: int, again: str) -> None:
    runs = f"{_counted(kept, 'finished run is', 'finished runs are')} kept"
    click.echo(f"injae: stopped early; {runs}; go on with: {again}", err=True)


def _status_lines(folder: Path, counts: dict[str, Any], reasons: dict[str, int]) -> list[str]:
    rate = counts["runs_per_second"]
    speed = f", lately {rate:.1f} runs/s" if rate else ""
    lines = [f"{folder}: {_crossed(counts)}, {_counted(counts['runs'], 'run', 'runs')}{speed}"]
    width = max(6, *(len(name) for name in counts["by_policy"]))
    lines.append(f"  {'policy':<{width}}  {'done':>8}  {'failed':>8}  {'left':>8}")
    for name, part in [*counts["by_policy"].items(), ("all", counts)]:
        lines.append(f"  {name:<{width}}  {part['done']:>8}  {part['failed']:>8}  {part['left']:>8}")
    return lines + [f"  {number} runs: {reason}" for reason, number in list(reasons.items())[:REASONS]]


def _reasons(runs: Any) -> dict[str, int]:
    """Number of failed runs by the first line of their reason, most frequent first."""
    failed = runs[~runs["status"].isin(["done", "waiting"])]
    return {str(reason): int(n) for reason, n in failed["reason"].str.split("\n").str[0].value_counts().items()}


def _estimate(pilot: dict[str, Any]) -> str:
    pilots = f"{pilot['seconds_per_run']:.2f} s and {_bytes(pilot['bytes_per_run'])} a run in the pilot"
    processes = "1 process" if pilot["workers"] == 1 else f"{pilot['workers']} processes"
    equal = pilot["points"] * pilot["policies"] * pilot["seeds"] - pilot["runs"]
    repeated = f" ({_counted(equal, 'more is', 'more are')} equal to one of them and not repeated)" if equal else ""
    return (
        f"{_crossed(pilot)}: {_counted(pilot['runs'], 'run', 'runs')}{repeated}, {pilot['left']} to do\n"
        f"expected {_time(pilot['seconds'])} with {processes}, at most {_bytes(pilot['bytes'])} on disk ({pilots})"
    )


def _crossed(counts: dict[str, Any]) -> str:
    """What a sweep crosses: ``10 points x 1 policy x 4 seeds``."""
    words = (("points", "point"), ("policies", "policy"), ("seeds", "seed"))
    return " x ".join(_counted(counts[many], one, many) for many, one in words)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _bytes(number: float) -> str:
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        click.echo(text)
