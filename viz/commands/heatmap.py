"""``injae heatmap``: two settings at once."""

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from injae.experiments import analyses
from injae.experiments.folders import check_free
from injae.experiments.indicators import Senses, outcome_of
from injae.experiments.wording.amounts import money, span
from injae.viz import figures
from injae.viz.commands.finding import echo_json
from injae.viz.commands.group import main
from injae.viz.commands.options import figure_options, open_sweep, print_options, versus_option
from injae.viz.commands.sweep_lines import failing_in_one_line, say_missing

OUTCOMES = ("specialists_at_end", "employed_hospitals_at_end", "adoption_share_at_end")


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--x", metavar="PATH", help="Setting across; the first that varies unless told.")
@click.option("--y", metavar="PATH", help="Setting upwards; the second unless told.")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME",
    help="Indicator, SERIES@YYYY-MM or expression; may be repeated.",
)
@click.option("--minimise", multiple=True, metavar="NAME", help="Less of it is better, against what is declared.")
@click.option("--maximise", multiple=True, metavar="NAME", help="More of it is better, against what is declared.")
@click.option("--policy", metavar="NAME", help="Scenario of the sweep; the first unless told.")
@versus_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder of tables and figure; default DIR/heatmap.")
@figure_options
@print_options
def heatmap(
    folder: Path,
    x: str | None,
    y: str | None,
    outcomes: tuple[str, ...],
    minimise: tuple[str, ...],
    maximise: tuple[str, ...],
    policy: str | None,
    versus: str,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Outcomes in every cell of the grid that the sweep in DIR visited, what each costs, and which are worth it.

    \b
    Example:  injae heatmap results/grid --outcome specialists_at_end --outcome adoption_share@2029-12
    """
    target = out or folder / "heatmap"
    check_free(target, "heatmap")
    sweep = open_sweep(folder)
    first = next(iter(sweep.policies.values()))
    for path, names in (("minimise", minimise), ("maximise", maximise)):
        for name in names:
            outcome_of(name, first, path)
    asked = [*(outcomes or OUTCOMES), *minimise, *maximise]
    whose = {"policy": policy, "versus": versus}
    finding = analyses.heatmap.heatmap(sweep, asked, x=x, y=y, senses=Senses(minimise, maximise), **whose)
    for name in finding.facts["without_value"]:
        click.echo(f"note: {name} has no value in any run and is left out", err=True)
    code = say_missing(folder, finding.facts["runs_failed"], finding.facts["runs_waiting"])
    with failing_in_one_line(target):
        files = figures.findings.publish(finding, target, ["injae", *sys.argv[1:]])
    if as_json:
        echo_json(finding, target)
    elif not quiet:
        console = Console(width=None if sys.stdout.isatty() else 160)
        if len(finding.tables["incomplete"]):
            console.print(_incomplete_table(finding))
        for name in finding.question["outcomes"]:
            if name == analyses.heatmap.COST:
                continue  # no cell is worth its cost for what it costs
            console.print(_best_table(finding, name))
        click.echo(f"Files in {target}: cells.csv, best.csv, receipt.json, {', '.join(file.name for file in files)}")
    return code


def _incomplete_table(finding: Any) -> Table:
    """Cells that lack runs: an empty one is none of the cells below, whatever it would give."""
    rows, question = finding.tables["incomplete"], finding.question
    cells = len(finding.tables["cells"]) // finding.tables["cells"]["outcome"].nunique()
    title = f"{len(rows)} of {cells} cells are incomplete; what follows may change"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for header in (question["x"], question["y"], "runs done", "of", ""):
        table.add_column(header, justify="right", overflow="fold")
    for row in rows.itertuples():
        state = "empty" if not row.runs_done else ""
        table.add_row(f"{row.x:z,.10g}", f"{row.y:z,.10g}", str(row.runs_done), str(row.runs_wanted), state)
    return table


def _best_table(finding: Any, name: str) -> Table:
    """The cells that are worth their cost."""
    cells, question = finding.tables["best"], finding.question
    sense = "less" if name in question["less_is_better"] else "more"
    beyond, drawn = (
        figures.heatmap.beyond_words(question["replicates"]),
        question["replicates"] == analyses.heatmap.DRAWS,
    )
    less = f" less that of {question['versus']}" if question.get("versus") else ""
    title = f"{name.replace('_', ' ')}{less} ({sense} is better): cells that beat every cheaper one {beyond}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for header in (
        question["x"],
        question["y"],
        "extra public cost",
        "mean",
        "over the lowest",
        "5th to 95th" if drawn else "95 percent",
    ):
        table.add_column(header, justify="right", overflow="fold")
    for row in cells[cells["outcome"] == name].itertuples():
        share = 100 if row.unit.startswith("share") else 1
        unit = " points" if share == 100 else ""
        write = "{:z,.1f}".format if share == 100 or abs(row.mean) < 100 else "{:z,.0f}".format
        added = span(row.added_low * share, row.added_high * share, write) + unit
        level = f"{row.mean:z.1%}" if share == 100 else write(row.mean)
        each = (f"{row.x:z,.10g}", f"{row.y:z,.10g}", money(row.extra_public_won), level)
        table.add_row(*each, f"{write(row.added * share)}{unit}", added)
    return table
