"""What commands share: options, where they write, tables on the terminal."""

import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from model.errors import InputError
from model.scenario import MONTHS_MAX
from viz.commands.numeric import Whole

SEEDS_MAX = 100_000

set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one setting, such as levers.grant_scale=2, levers.data_access@2027-01=0.8 or "
    "levers.data_access@2027-01..2029-12=0.8; may be repeated.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
months_option = click.option(
    "--months", type=Whole(1, MONTHS_MAX), help="Length of the run; default as in the scenario."
)
seed_option = click.option("--seed", type=Whole(0, 2**31 - 1), default=0, show_default=True, help="First seed.")
seeds_option = click.option(
    "--seeds",
    type=Whole(1, SEEDS_MAX),
    help="Number of runs: each has a seed of its own, two of them share a draw of the parameters; default 100, by luck "
    "alone 20.",
)
uncertainty_option = click.option(
    "--uncertainty",
    type=click.Choice(["luck", "posterior", "ranges"]),
    help="What differs between runs: luck alone, or parameters too: as the facts leave them (posterior) or over their "
    "whole ranges. Default posterior, ranges where the country has none; with --margin luck.",
)
workers_option = click.option("--workers", type=Whole(1, 256), help="Processes; default by the work there is.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the files; default a dated one in results/."
)


def names_of(option: str, text: str | None) -> list[str]:
    """Names with commas between them; none if the option is not given.

    Raises:
        InputError: given, and nothing but commas.
    """
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if text is not None and not names:
        raise InputError(f"{option} {text!r}: names nothing; write NAME,NAME or leave it out")
    return names


def results_folder(out: Path | None, name: str, kind: str, files: Iterable[str] = ()) -> Path:
    """Where a command writes: the folder asked for, or a new dated one in ``results``; made if it is not there.

    One that is made and still empty at the end of the command goes again.

    Args:
        out: as asked for.
        name: of a dated one.
        kind: of the result (``experiments.folders``).
        files: that it may have.

    Raises:
        InputError: it cannot be written, or holds what may not be replaced.
    """
    from experiments.folders import check_free, dated, remove_if_empty, unwritable

    made = True
    if out is not None:
        check_free(out, kind, files)
        made = not out.exists()
    try:
        folder = dated(name) if out is None else out
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise unwritable(out or Path("results"), error) from error
    if made:
        click.get_current_context().call_on_close(lambda: remove_if_empty(folder))
    return folder


def announce_compile(quiet: bool) -> None:
    """Compile the model for this machine, if that is due, and show how far it is; quiet, the first run does it."""
    from agents.kernels import CACHE_FOLDER, compile_is_due

    if compile_is_due() and not quiet:
        from model.ecosystem import Ecosystem
        from viz.commands.progress import CompileBar

        with CompileBar(CACHE_FOLDER):
            Ecosystem().run(1)


def print_table(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print rows of equal keys as a table, or as JSON."""
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold", no_wrap=name == "path")
    for row in rows:
        table.add_row(*(f"{cell:z,.10g}" if isinstance(cell, int | float) else str(cell) for cell in row.values()))
    Console(width=None if sys.stdout.isatty() else 220).print(table)
