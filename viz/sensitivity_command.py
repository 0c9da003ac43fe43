"""``injae sensitivity``: which input accounts for how much of an outcome, and when."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from model.errors import InputError
from model.scenario import Scenario
from viz.analysis_sweep import Ask, ask_options, failures_said, policies_of, sweep_for
from viz.commands import main

INPUTS_MAX = 40  # of Sobol' indices, if nobody says what varies


@main.command()
@ask_options
@click.option(
    "--rows", type=click.IntRange(2, 2**20), default=128, show_default=True, help="Of matrices A and B; a power of two."
)
@click.option("--over-time", is_flag=True, help="A series without a date is taken at the end of every year.")
@click.option("--screened", metavar="DIR", type=click.Path(path_type=Path), help="Vary what that screening left.")
def sensitivity(
    source: str, vary: tuple[str, ...], outcomes: tuple[str, ...], groups: bool, opened: tuple[str, ...], versus: str,
    seeds: int, months: int | None, changes: tuple[str, ...], design_seed: int, out: Path | None, workers: int | None,
    dry_run: bool, as_json: bool, quiet: bool, rows: int, over_time: bool, screened: Path | None,
) -> int:  # fmt: skip
    """Say how much of the variance of outcomes each input of SCENARIO accounts for, alone and with others, and luck.

    Sobol' indices with intervals, for the mean over seeds, the spread over seeds and, from 20 seeds, the tails. DIR is
    the folder of a sweep, which is only analysed: saltelli:N gives Sobol' indices, lhs:N and sobol:N PAWN indices, oat
    a tornado.

    \b
    Example:  injae sensitivity korea --screened results/screen-labour --rows 256 --out results/sobol
              injae sensitivity korea --groups --outcome adoption_share --over-time --out results/when
    """
    from experiments.replicates import default_outcomes, yearly
    from experiments.sensitivity import OUTCOMES
    from experiments.sensitivity import sensitivity as analyse
    from viz.findings import publish
    from viz.sensitivity_answer import print_sensitivity
    from viz.sweep_commands import _failing_in_one_line

    ask = Ask(
        source, vary, groups, opened, versus, seeds, months, changes, design_seed, out, workers, dry_run,
        quiet or as_json,
    )  # fmt: skip
    if screened:
        if vary:
            raise InputError("--screened: says what varies; leave --vary out")
        ask = replace(ask, vary=tuple(_left_by(screened)))

    def names(plan: Scenario) -> list[str]:
        asked = list(outcomes) or default_outcomes(OUTCOMES, plan)
        return yearly(asked, plan) if over_time else asked

    sweep = sweep_for(ask, f"saltelli:{rows}", names, inputs_max=INPUTS_MAX)
    if sweep is None:
        return 0
    folder, labels = ask.folder, policies_of(ask, sweep)
    finding = analyse(sweep, names(sweep.policies[labels["policy"]]), seed=design_seed, **labels)
    with _failing_in_one_line(folder):
        publish(finding, folder, ["injae", *sys.argv[1:]])
    if as_json:
        click.echo(json.dumps({"folder": str(folder), **finding.as_dict()}, indent=2, ensure_ascii=False))
    elif not quiet:
        console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
        print_sensitivity(finding, console)
        click.echo(f"Tables and figures in {folder}")
    return failures_said(sweep)


def _left_by(folder: Path) -> list[str]:
    """What a screening varied and did not find below luck for every outcome, with its ranges.

    Raises:
        InputError: no screening there, or nothing left.
    """
    from experiments.findings import load

    finding, _ = load(folder)
    if finding.kind != "screen":
        raise InputError(f"--screened {folder}: holds a finding of {finding.kind}, not of a screening")
    table: Any = finding.tables["inputs"]
    left = table[~table["input"].isin(finding.facts["droppable"])]
    if not len(left):
        raise InputError(f"--screened {folder}: no input did more than luck; nothing is left to vary")
    return [
        f"{row.path}={row.low!r}:{row.high!r}" + (":log" if row.scale == "log" else "")
        for row in left.astype(object).itertuples(index=False)
    ]
