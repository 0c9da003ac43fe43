"""``injae sweep``: many runs in a folder that the same command continues."""

import json
import shlex
import sys
from pathlib import Path

import click

from injae import experiments
from injae.experiments import sweeps
from injae.model.scenario import DEFAULT, MONTHS_MAX, Scenario
from injae.viz.commands.group import main
from injae.viz.commands.margin import margin_options, seeds_to_begin, tell_expected
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import (
    SEEDS_MAX,
    announce_compile,
    changes_with,
    names_of,
    print_options,
    set_option,
    speak_of,
    workers_option,
)
from injae.viz.commands.progress import SweepBar
from injae.viz.commands.sweep_lines import (
    budget_option,
    cluster_option,
    estimate_line,
    failing_in_one_line,
    report,
    say,
    stopping_in_one_line,
)


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
@click.option("--seeds", type=Integer(1, SEEDS_MAX), help="Seeds of every point; default 4.")
@margin_options
@click.option("--design-seed", type=Integer(0, 2**31 - 1), default=0, show_default=True, help="Of the sampler.")
@click.option("--months", type=Integer(1, MONTHS_MAX), help="Length of the runs; default as in the scenarios.")
@set_option
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder of the runs.")
@workers_option
@cluster_option
@budget_option
@click.option("--people", is_flag=True, help="Also keep everybody who ever entered, of every run (large).")
@click.option("--events", is_flag=True, help="Also keep what happened to each person, of every run (larger).")
@click.option("--dry-run", is_flag=True, help="Only say how many runs, and from three of them how long and how large.")
@print_options
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
    with stopping_in_one_line(out, again):
        names = names_of("policies", policies)
        scenarios = list(dict.fromkeys([scenario, *names] if scenario else names or [DEFAULT]))
        asked = experiments.margins.split_margins(margin_texts)
        plan = sweeps.plan.make_plan(
            scenarios,
            sweeps.designs.Sampler(design, design_seed),
            vary,
            seeds=seeds_to_begin(seeds, asked, max_seeds, sweeps.plan.SEEDS),
            changes=changes_with(months, changes),
            keep=[kind for kind, kept in (("people", people), ("events", events)) if kept],
        )
        speak_of(next(iter(plan.policies.values())).country)
        experiments.margins.margins_of(asked, next(iter(plan.policies.values())))  # refused before anything is done
        _note_if_stale(design, next(iter(plan.policies.values())))
        for line in plan.outside():
            click.echo(f"note: {line}", err=True)
        announce_compile(quiet or bool(cluster and not dry_run))
        if dry_run:
            estimate = sweeps.sweep.pilot(plan, out, workers)._asdict()
            say(json.dumps(estimate, indent=2) if as_json else estimate_line(estimate), quiet and not as_json)
            if asked:
                first = f"this is for the first {len(plan.seeds)} seeds"
                click.echo(f"note: {first}; after them the margins ask for more if need be", err=True)
            return 0
        found = None
        with failing_in_one_line(out, goes_on=True), SweepBar(quiet or as_json) as progress:
            execution = sweeps.sweep.Execution(workers, cluster, seconds_per_run, progress.show)
            command = ["injae", *sys.argv[1:]]
            if asked:
                rule = experiments.margins.StoppingRule(
                    asked, len(plan.seeds), max_seeds, tell_expected(progress.note, max_seeds)
                )
                store, found = sweeps.sweep.run_until_precise(plan, out, rule, execution, command)
            else:
                store = sweeps.sweep.run_plan(plan, out, execution, command=command)
        return report(store, again, found, as_json=as_json, quiet=quiet)


def _note_if_stale(design: str, plan: Scenario) -> None:
    """Say that the draws of a posterior that model or data have left behind are not calibrated."""
    if (
        design.startswith(f"{sweeps.designs.POSTERIOR}:")
        and not experiments.uncertainty.ensemble_of(sweeps.designs.POSTERIOR, plan).is_calibrated
    ):
        note = "model or data have changed since its fit, so these futures are NOT calibrated"
        click.echo(f"note: posterior of {plan.country}: {note}", err=True)
