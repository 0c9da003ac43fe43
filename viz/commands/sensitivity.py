"""``injae sensitivity``: which input accounts for how much of an outcome, and when."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from injae import experiments
from injae.experiments import analyses, sweeps
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz import answers
from injae.viz.commands.analysis import Ask, analyse_and_say, ask_options, held_sweep
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer

INPUTS_MAX = 40  # of Sobol' indices, if nobody says what varies


@main.command()
@ask_options
@click.option(
    "--rows", type=Integer(2, 2**20), default=128, show_default=True, help="Of matrices A and B; a power of two."
)
@click.option("--over-time", is_flag=True, help="A series without a date is taken at the end of every year.")
@click.option("--screened", metavar="DIR", type=click.Path(path_type=Path), help="Vary what that screening left.")
def sensitivity(
    source: str, vary: tuple[str, ...], outcomes: tuple[str, ...], groups: bool, opened: tuple[str, ...], policy: str,
    versus: str, seeds: int, months: int | None, changes: tuple[str, ...], design_seed: int, out: Path | None,
    workers: int | None, dry_run: bool, as_json: bool, quiet: bool, rows: int, over_time: bool, screened: Path | None,
) -> int:  # fmt: skip
    """Say how much of the variance of outcomes each input of SCENARIO accounts for, alone and with others, and noise.

    Sobol' indices with intervals, for the mean over seeds, the spread over seeds and, from 20 seeds, the tails. DIR is
    the folder of a sweep, which is only analysed: saltelli:N gives Sobol' indices, lhs:N and sobol:N PAWN indices, oat
    a tornado.

    \b
    Example:  injae sensitivity korea --screened results/screen-labour --rows 256 --out results/sobol
              injae sensitivity korea --groups --outcome adoption_share --over-time --out results/when
    """
    ask = Ask(
        source, vary, groups, opened, policy, versus, seeds, months, changes, design_seed, out, workers, dry_run,
        as_json, quiet,
    )  # fmt: skip
    if screened:
        if vary:
            raise InputError("conflict", "says what varies", "screened", suggestion="leave --vary out")
        ask = replace(ask, vary=tuple(_left_by(screened)))

    def names(plan: Scenario) -> list[str]:
        asked = list(outcomes) or experiments.replicates.default_outcomes(analyses.sensitivity.OUTCOMES, plan)
        return experiments.replicates.yearly(asked, plan) if over_time else asked

    return analyse_and_say(
        ask,
        f"saltelli:{rows}",
        names,
        analyses.sensitivity.sensitivity,
        lambda finding, console, _: answers.sensitivity.print_sensitivity(finding, console, _grown(source, finding)),
        inputs_max=INPUTS_MAX,
    )


def _grown(source: str, finding: Any) -> str:
    """The command that adds the rows which are needed to a sweep that is only analysed; empty for a scenario."""
    folder = held_sweep(source)
    if folder is None or "rows_needed" not in finding.facts:
        return ""
    rows = finding.facts["rows_needed"]
    made = [str(part) for part in sweeps.store.Sweep(folder).manifest["command"]]
    design = [re.sub(r"^((--design=)?saltelli):\d+$", rf"\1:{rows}", part) for part in made]
    if design != made:
        return shlex.join(design)
    if made[1:2] == ["sensitivity"]:
        kept = re.sub(r" --rows[ =]\d+", "", shlex.join(made))
        out = "" if " --out" in kept else f" {shlex.join(['--out', str(folder.parent)])}"
        return f"{kept} --rows {rows}{out}"
    return f"the same sweep with the design saltelli:{rows} in {folder}"


def _left_by(folder: Path) -> list[str]:
    """What a screening varied and did not find below noise for every outcome, with its ranges.

    Raises:
        InputError: no screening there, or nothing left.
    """
    finding, _ = experiments.findings.load(folder)
    if finding.kind != "screen":
        raise InputError("occupied", f"holds a finding of {finding.kind}, not of a screening", "screened", folder)
    table: Any = finding.tables["inputs"]
    left = table[~table["input"].isin(finding.facts["droppable"])]
    if not len(left):
        fault = "no input did more than noise"
        raise InputError("range", fault, "screened", folder, suggestion="nothing is left to vary")
    return [
        f"{row.path}={row.low!r}:{row.high!r}" + (":log" if row.scale == "log" else "")
        for row in left.astype(object).itertuples(index=False)
    ]
