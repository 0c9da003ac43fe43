"""The command ``injae check``: the invariants and relations of the model on the user's scenario, one line each."""

import json
import math
from collections import Counter
from typing import Any

import click

from injae import experiments
from injae.experiments import checks
from injae.experiments.wording.amounts import counted, duration
from injae.model.scenario import DEFAULT
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import (
    announce_compile,
    changes_with,
    json_option,
    load_scenario,
    months_option,
    set_option,
    workers_option,
)
from injae.viz.commands.progress import RunsBar

SEEDS_MAX = 1000


@main.command()
@click.argument("scenario", default=DEFAULT)
@click.option("--seeds", type=Integer(1, SEEDS_MAX), default=20, show_default=True, help="Number of seeds.")
@months_option
@set_option
@workers_option
@click.option(
    "--only", multiple=True, metavar="ID", help="Check only this invariant or relation, such as T10; may be repeated."
)
@json_option
@click.option("--quiet", is_flag=True, help="Print nothing but what is broken.")
def check(
    scenario: str,
    seeds: int,
    months: int | None,
    changes: tuple[str, ...],
    workers: int | None,
    only: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """Check the model's invariants and relations on SCENARIO (a preset or a TOML file); docs/check.md explains each.

    Exit code 0 if none is broken, 1 if one is or a run failed.

    \b
    Example:  injae check double-grant --only T1 --only T10 --only T13
    """
    plan = load_scenario(scenario, changes_with(months, changes))
    trials = checks.check.trials_for(plan, seeds, only)
    for warning in experiments.envelope.outside(plan):
        click.echo(f"note: {warning}", err=True)
    announce_compile(quiet)
    if not quiet:
        claims = counted(len(checks.check.select(only)), "invariant or relation", "invariants and relations")
        seconds = duration(checks.check.expected_seconds(trials, workers))
        runs = f"{counted(len(trials), 'run')} ({counted(seeds, 'seed')}, {counted(plan.months, 'month')})"
        click.echo(f"{claims} on {plan.name}: {runs}, about {seconds}.", err=True)
    with RunsBar(quiet or as_json) as progress:
        checked = checks.check.check(plan, seeds, only, workers=workers, progress=progress)
    if as_json:
        click.echo(json.dumps([_as_json(finding) for finding in checked.findings], indent=2, ensure_ascii=False))
    for finding in checked.findings:
        if quiet and finding.is_bad:
            click.echo(f"injae: {_line(finding)}", err=True)
        elif not quiet and not as_json:
            click.echo(_line(finding))
    if not quiet and not as_json:
        counts = Counter(finding.verdict.status for finding in checked.findings)
        click.echo(", ".join(f"{number} {status}" for status, number in counts.items()))
    for run in checked.failures[:3]:
        click.echo(f"injae: a run with seed {run.seed} failed: {checks.check.last_line(run)}", err=True)
    if len(checked.failures) > 3:
        click.echo(f"injae: and {counted(len(checked.failures) - 3, 'more run')}", err=True)
    if checked.interrupted:
        click.echo("injae: stopped early; what is said above rests on the runs that were done", err=True)
    bad = any(finding.is_bad for finding in checked.findings)
    return 1 if bad or checked.failures or checked.interrupted else 0


def _line(finding: Any) -> str:
    relation, verdict = finding
    return f"{relation.id:<5} {verdict.status:<16} {relation.says} [{verdict.figures}]"


def _as_json(finding: Any) -> dict[str, Any]:
    relation, verdict = finding
    numbers = {name: value if math.isfinite(value) else None for name, value in verdict.numbers.items()}
    return {
        "id": relation.id,
        "type": relation.kind,
        "says": relation.says,
        "status": verdict.status,
        "figures": verdict.figures,
        "numbers": numbers,
    }
