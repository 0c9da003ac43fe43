"""``injae sweep``, ``status``, ``retry`` and ``export``: many runs in a folder that the same command continues."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from experiments.wording.amounts import byte_size
from model.scenario import DEFAULT, MONTHS_MAX, Scenario
from viz.commands.front import (
    SEEDS_MAX,
    announce_compile,
    json_option,
    main,
    names_of,
    quiet_option,
    set_option,
    workers_option,
)
from viz.commands.margin import margin_option, max_seeds_option, points_lines, seeds_to_begin, tell_expected
from viz.commands.numeric import Real, Whole
from viz.commands.progress import SweepBar
from viz.commands.sweep_lines import (
    REASONS,
    estimate_line,
    failing_in_one_line,
    reasons_of,
    say_stopped,
    status_lines,
)

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


@main.command()
@click.argument("scenario", required=False)
@click.option(
    "--design",
    required=True,
    metavar="DESIGN",
    help="lhs:500, sobol:512, saltelli:256, morris:20, factorial, oat (one at a time), posterior:100 (first draws of "
    "the country's posterior; needs no --vary) or FILE.csv.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH=LOW:HIGH",
    help="What varies: PATH=LOW:HIGH, with :log for a log scale, PATH=a,b,c for factorial, PATH alone for the declared "
    "range; may be repeated.",
)
@click.option("--policies", metavar="NAME,NAME", help="Scenarios that are crossed with the points.")
@click.option("--seeds", type=Whole(1, SEEDS_MAX), help="Seeds of every point; default 4.")
@margin_option
@max_seeds_option
@click.option("--design-seed", type=Whole(0, 2**31 - 1), default=0, show_default=True, help="Of the sampler.")
@click.option("--months", type=Whole(1, MONTHS_MAX), help="Length of the runs; default as in the scenarios.")
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
    seeds: int | None,
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
        from experiments.sweeps.plan import SEEDS, make_plan
        from experiments.sweeps.sweep import pilot, run_plan, run_until_precise

        names = names_of("policies", policies)
        scenarios = list(dict.fromkeys([scenario, *names] if scenario else names or [DEFAULT]))
        asked = split_margins(margin_texts)
        plan = make_plan(
            scenarios, design, vary, seeds=seeds_to_begin(seeds, asked, max_seeds, SEEDS), design_seed=design_seed,
            months=months, changes=changes,
            kept=[kind for kind, kept in (("people", people), ("events", events)) if kept],
        )  # fmt: skip
        margins = margins_of(asked, next(iter(plan.policies.values())))
        _note_if_stale(design, next(iter(plan.policies.values())))
        for line in plan.outside():
            click.echo(f"note: {line}", err=True)
        announce_compile(quiet or bool(cluster and not dry_run))
        if dry_run:
            estimate = pilot(plan, out, workers)._asdict()
            _say(json.dumps(estimate, indent=2) if as_json else estimate_line(estimate), quiet and not as_json)
            if margins:
                first = f"this is for the first {len(plan.seeds)} seeds"
                click.echo(f"note: {first}; after them the margins ask for more if need be", err=True)
            return 0
        found = None
        with failing_in_one_line(out, goes_on=True), SweepBar(quiet or as_json) as progress:
            options: Any = {"workers": workers, "cluster": cluster, "seconds_per_run": seconds_per_run}
            options |= {"progress": progress.show, "command": ["injae", *sys.argv[1:]]}
            if margins:
                watch = tell_expected(progress.note, max_seeds)
                store, found = run_until_precise(plan, out, margins, max_seeds, watch, **options)
            else:
                store = run_plan(plan, out, **options)
        return _report(store, again, found, as_json=as_json, quiet=quiet)


def _note_if_stale(design: str, plan: Scenario) -> None:
    """Say that the draws of a posterior that model or data have left behind are not calibrated."""
    from experiments.sweeps.designs import POSTERIOR
    from experiments.uncertainty import ensemble_of

    if design.startswith(f"{POSTERIOR}:") and not ensemble_of(POSTERIOR, plan).is_calibrated:
        note = "model or data have changed since its fit, so these futures are NOT calibrated"
        click.echo(f"note: posterior of {plan.country}: {note}", err=True)


@main.command()
@folder_argument
@json_option
@quiet_option
def status(folder: Path, as_json: bool, quiet: bool) -> int:
    """How far the sweep in DIR is: done, failed, left, by policy, and how fast.

    \b
    Example:  injae status results/pay
    """
    from experiments.sweeps.store import Sweep

    store = Sweep(folder)
    counts = store.status()
    reasons = reasons_of(store.runs) if counts["failed"] else {}
    if as_json:
        click.echo(json.dumps({"folder": str(folder), **counts, "reasons": reasons}, indent=2))
    else:
        _say("\n".join(status_lines(folder, counts, reasons)), quiet)
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
        from experiments.sweeps.store import Sweep
        from experiments.sweeps.sweep import retry as retry_sweep

        Sweep(folder)  # what is no sweep is refused before anything else is said
        announce_compile(quiet or bool(cluster))
        with failing_in_one_line(folder, goes_on=True), SweepBar(quiet or as_json) as progress:
            store = retry_sweep(
                folder, workers=workers, cluster=cluster, seconds_per_run=seconds_per_run, progress=progress.show
            )
        return _report(store, again, None, as_json=as_json, quiet=quiet)


@main.command()
@folder_argument
@click.option("--to", required=True, type=click.Choice(["csv", "parquet", "netcdf"]), help="Format of the files.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the files; default DIR/export.")
@click.option("--excel", is_flag=True, help="Begin CSV files with a mark that lets Excel show Korean names.")
@json_option
@quiet_option
def export(folder: Path, to: str, out: Path | None, excel: bool, as_json: bool, quiet: bool) -> int:
    """Write the sweep in DIR as tables for other programs: points, runs, summary, series.

    \b
    Example:  injae export results/pay --to csv
    """
    from experiments.sweeps.export import export as export_sweep
    from experiments.sweeps.store import Sweep

    target = out or folder / "export"
    with failing_in_one_line(target):
        store = Sweep(folder)
        files = export_sweep(store, to, target, mark=excel)
    if store.manifest["kept"]:
        places = " and ".join(str(folder / kind) for kind in store.manifest["kept"])
        click.echo(f"injae: not exported: {' and '.join(store.manifest['kept'])}; Parquet files in {places}", err=True)
    if as_json:
        click.echo(json.dumps([str(file) for file in files], indent=2))
    else:
        _say("\n".join(f"{file}  ({byte_size(file.stat().st_size)})" for file in files), quiet)
    return 0


@contextmanager
def _stopping_in_one_line(folder: Path, again: str) -> Iterator[None]:
    """Ctrl-C outside the runs (while the model is loaded or compiled, or after the last run) loses nothing either."""
    try:
        yield
    except KeyboardInterrupt:
        from experiments.folders import holds_sweep
        from experiments.sweeps.store import Sweep

        say_stopped(len(Sweep(folder).recorded()) if holds_sweep(folder) else 0, again)
        sys.exit(1)


def _report(store: Any, again: str, found: Any, *, as_json: bool, quiet: bool) -> int:
    """Say what there is now, what failed, what margins are reached and how to go on; gives the exit code."""
    counts = store.status()
    reasons = reasons_of(store.runs) if counts["failed"] else {}
    if as_json:
        content = {"folder": str(store.folder), "receipt": store.manifest["receipt"], **counts, "reasons": reasons}
        content["precision"] = found and found.as_dict()
        click.echo(json.dumps(content, indent=2))
    else:
        lines = points_lines(found) if found else []
        _say("\n".join(status_lines(store.folder, counts, {}) + lines), quiet)
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


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        click.echo(text)
