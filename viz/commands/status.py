"""``injae status``: how far a sweep is."""

import json
from pathlib import Path

import click

from injae.viz.commands.group import main
from injae.viz.commands.options import open_sweep, print_options
from injae.viz.commands.sweep_lines import folder_argument, reasons_of, say, status_lines


@main.command()
@folder_argument
@print_options
def status(folder: Path, as_json: bool, quiet: bool) -> int:
    """How far the sweep in DIR is: done, failed, left, by policy, and how fast.

    \b
    Example:  injae status results/pay
    """
    store = open_sweep(folder)
    counts = store.status()
    reasons = reasons_of(store.runs) if counts["failed"] else {}
    if as_json:
        click.echo(json.dumps({"folder": str(folder), **counts, "reasons": reasons}, indent=2))
    else:
        say("\n".join(status_lines(folder, counts, reasons)), quiet)
    return 1 if counts["failed"] else 0
