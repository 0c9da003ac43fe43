"""What commands share: options, where they write, tables on the terminal."""

import functools
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from injae.experiments import sweeps
from injae.experiments.folders import check_free, dated, remove_if_empty, unwritable
from injae.experiments.wording.phrasebook import LANGUAGES
from injae.experiments.wording.spoken import SPOKEN, own_words, speech_of
from injae.model.errors import InputError
from injae.model.scenario import MONTHS_MAX, Scenario
from injae.viz.commands.numeric import Integer, Real
from injae.viz.commands.progress import CompileBar
from injae.viz.figures.form import FORMATS, WIDTH_MM, choosing

SEEDS_MAX = 100_000


def together(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one, in the order in which help lists them."""
    return lambda command: functools.reduce(lambda made, option: option(made), reversed(options), command)


set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one setting, such as levers.grant_scale=2, levers.data_access@2027-01=0.8 or "
    "levers.data_access@2027-01..2029-12=0.8; may be repeated.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
print_options = together(json_option, click.option("--quiet", is_flag=True, help="Print nothing but errors."))
months_option = click.option(
    "--months", type=Integer(1, MONTHS_MAX), help="Length of the run; default as in the scenario."
)


def changes_with(months: int | None, changes: Iterable[str]) -> list[str]:
    """Changes of a scenario that ``--set`` and ``--months`` ask for.

    Raises:
        InputError: both say how long the runs are.
    """
    if months and "months" in (change.partition("=")[0].strip() for change in changes):
        fault = f"months = {months} says the length too"
        raise InputError("conflict", fault, "changes", "months", suggestion="leave out one of them")
    return [*changes, *([f"months={months}"] if months else [])]


seed_option = click.option("--seed", type=Integer(0, 2**31 - 1), default=0, show_default=True, help="First seed.")
seeds_option = click.option(
    "--seeds",
    type=Integer(1, SEEDS_MAX),
    help="Number of runs: each has a seed of its own, two of them share a draw of the parameters; default 100, "
    "with noise alone 20.",
)
uncertainty_option = click.option(
    "--uncertainty",
    type=click.Choice(["aleatory", "posterior", "ranges"]),
    help="What differs between runs: noise alone, or parameters too: as the facts leave them (posterior) or over their "
    "whole ranges. Default posterior, ranges where the country has none; with --margin noise.",
)
workers_option = click.option("--workers", type=Integer(1, 256), help="Processes; default by the work there is.")
versus_option = click.option(
    "--versus", default="", metavar="NAME", help="Look at what the policy adds to this one, paired by seed."
)


def _keep_form(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Choose a part of the form of figures for as long as the command lasts."""
    if value not in (None, (), False):
        name = str(param.name).removeprefix("figure_").removeprefix("no_figure_")
        ctx.with_resource(choosing(**{name: not value if value is True else value}))


_figure_option = functools.partial(click.option, expose_value=False, callback=_keep_form)
figure_options = together(
    _figure_option("--figure-format", "figure_formats", multiple=True, type=click.Choice(FORMATS),
                   help="Of figures, may be repeated; letters stay text. Default png, and svg with outlines."),
    _figure_option("--figure-dpi", type=Integer(50, 1200), help="Dots per inch of png; default 150."),
    _figure_option("--figure-width", "figure_width_mm", type=Real(*WIDTH_MM), metavar="MM",
                   help="Width of figures in millimetres, such as 85 or 180 for a paper; default as drawn."),
    _figure_option("--figure-language", type=click.Choice(sorted(LANGUAGES)), help="Of figures; default en."),
    _figure_option("--no-figure-title", "no_figure_title", is_flag=True, help="Leave the title over figures out."),
    _figure_option("--no-figure-receipt", "no_figure_receipt", is_flag=True, help="Leave receipts in figures out."),
)  # fmt: skip
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the files; default a dated one in results/."
)


def names_of(path: str, text: str | None) -> list[str]:
    """Names with commas between them; none if the option is not given.

    Raises:
        InputError: given, and nothing but commas.
    """
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if text is not None and not names:
        raise InputError("form", "names nothing", path, repr(text), suggestion="write NAME,NAME or leave it out")
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
    from injae.model.rules import in_use  # with it the compiler, half a second

    due = [] if quiet else in_use().due()
    if due:
        from injae.model.ecosystem import Ecosystem  # and Mesa, which takes another second

        with CompileBar(due):
            Ecosystem().run(1)


def speak_of(country: str) -> None:
    """Say amounts in the currency of a country, and use its own words, until the command ends."""
    token = SPOKEN.set(speech_of(country))
    click.get_current_context().call_on_close(lambda: SPOKEN.reset(token))


def load_scenario(source: str | Path, changes: Iterable[str] = ()) -> Scenario:
    """The scenario that a command is about (``Scenario.load``), of whose country it speaks from then on."""
    plan = Scenario.load(source, changes)
    speak_of(plan.country)
    return plan


def open_sweep(folder: Path) -> Any:
    """The sweep in a folder (``experiments.sweeps.store.Sweep``), of whose country the command speaks from then on."""
    sweep = sweeps.store.Sweep(folder)
    speak_of(next(iter(sweep.policies.values())).country)
    return sweep


def print_table(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print rows of equal keys as a table, or as JSON; units and meanings in the unit of the country's data."""
    said = ("unit", "meaning")
    rows = [{key: own_words(cell) if key in said else cell for key, cell in row.items()} for row in rows]
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold", no_wrap=name == "path")
    for row in rows:
        table.add_row(*(f"{cell:z,.10g}" if isinstance(cell, int | float) else str(cell) for cell in row.values()))
    Console(width=None if sys.stdout.isatty() else 220).print(table)
