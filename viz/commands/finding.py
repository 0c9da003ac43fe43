"""What commands do with what they found."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from injae.experiments.wording.amounts import counted
from injae.viz import figures
from injae.viz.commands.sweep_lines import failing_in_one_line, say_missing

if TYPE_CHECKING:
    from injae.experiments.findings import Finding

WIDTH = 120  # of what is printed where there is no terminal


def echo_json(finding: "Finding", folder: Path) -> None:
    """Print a finding and its folder as JSON."""
    click.echo(json.dumps({"folder": str(folder), **finding.as_dict()}, indent=2, ensure_ascii=False))


def reading_console() -> Console:
    """Where an answer is printed: as wide as the terminal, or ``WIDTH``."""
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def publish_and_say(
    finding: "Finding", answer: "Callable[[Finding], Any]", sweep: Path, target: Path, *, as_json: bool, quiet: bool
) -> int:
    """Write tables, receipt and figures, print the answer, and give the exit code: 1 if runs are missing."""
    facts = finding.facts
    code = say_missing(sweep, facts["runs_failed"], facts["runs_waiting"])  # first: what follows lacks them
    publish_with(finding, answer, target, as_json=as_json, quiet=quiet)
    return code


def publish_with(
    finding: "Finding", answer: "Callable[[Finding], Any]", target: Path, *, as_json: bool, quiet: bool
) -> None:
    """Write tables, receipt and figures, and print the answer."""
    with failing_in_one_line(target):
        files = figures.findings.publish(finding, target, ["injae", *sys.argv[1:]])
    if as_json:
        echo_json(finding, target)
    elif not quiet:
        reading_console().print(answer(finding))
        click.echo(f"Tables, receipt and {len({file.stem for file in files})} figures in {target}")


def say_failed(finding: "Finding") -> int:
    """Say how many runs of waves failed, and why the first did; gives the exit code."""
    failed = finding.facts["runs_failed"]
    if failed:
        many = counted(failed, "run failed and is", "runs failed and are")
        click.echo(f"injae: {many} left out; the first: {finding.facts['first_error']}", err=True)
    return 1 if failed else 0
