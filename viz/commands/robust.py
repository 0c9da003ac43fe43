"""``injae robust``: which policy holds up over the futures of a sweep."""

from pathlib import Path

import click

from injae.experiments import analyses
from injae.experiments.folders import check_free
from injae.experiments.indicators import Senses
from injae.model.errors import InputError, nearest
from injae.model.numbers import number_of
from injae.viz import answers
from injae.viz.commands.finding import publish_and_say
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import (
    figure_options,
    names_of,
    open_sweep,
    out_option,
    print_options,
    results_folder,
)
from injae.viz.commands.progress import RunsBar


@main.command()
@click.argument("folder", metavar="SWEEP_DIR", type=click.Path(path_type=Path))
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    required=True,
    metavar="OUTCOME",
    help="What is compared: an indicator, SERIES@YYYY-MM or an expression (docs/discover.md); may be repeated.",
)
@click.option(
    "--want",
    "wants",
    multiple=True,
    metavar="OUTCOME>=NUMBER",
    help="What a future should meet; repeated: all of them.",
)
@click.option("--policies", metavar="NAME,NAME", help="Which policies of the sweep; default all.")
@click.option("--versus", default="", metavar="NAME", help="Look at what policies add to this one, paired by seed.")
@click.option("--minimise", multiple=True, metavar="OUTCOME", help="Less of it is better, against what is declared.")
@click.option("--maximise", multiple=True, metavar="OUTCOME", help="More of it is better, against what is declared.")
@click.option(
    "--margin",
    "margins",
    multiple=True,
    metavar="OUTCOME=AMOUNT",
    help="By how much another policy must be better to be regretted; default: what noise explains.",
)
@click.option("--levers", is_flag=True, help="Take levers that vary between points for uncertain.")
@click.option("--seed", type=Integer(0, 2**31 - 1), default=0, show_default=True, help="Of the resampling.")
@out_option
@figure_options
@print_options
def robust(
    folder: Path,
    outcomes: tuple[str, ...],
    wants: tuple[str, ...],
    policies: str | None,
    versus: str,
    minimise: tuple[str, ...],
    maximise: tuple[str, ...],
    margins: tuple[str, ...],
    levers: bool,
    seed: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Compare the policies of the sweep in SWEEP_DIR over all its futures: regret, and five more measures.

    Regret is what the best policy of a future would have given beyond the one chosen. Every policy meets the same
    futures with the same seeds.

    \b
    Example:  injae robust results/futures --outcome specialists_at_end
                  --want "specialists_at_end>=6500" --out results/which
    """
    names = names_of("policies", policies)
    amounts = dict(_margin(text, outcomes) for text in margins)
    sweep = open_sweep(folder)
    if out:
        check_free(out, "robust")  # before the work is done
    with RunsBar(quiet or as_json, "Searching", "searches") as progress:
        criteria = analyses.robust.Criteria(outcomes, wants, versus, Senses(minimise, maximise), amounts)
        finding = analyses.robust.robust(sweep, criteria, policies=names, levers=levers, seed=seed, watch=progress)
    target = results_folder(out, "robust", "robust")
    return publish_and_say(finding, answers.robust.robust_answer, folder, target, as_json=as_json, quiet=quiet)


def _margin(text: str, outcomes: tuple[str, ...]) -> tuple[str, float]:
    name, equals, number = (part.strip() for part in text.partition("="))
    if not equals:
        raise InputError("form", f"write OUTCOME=AMOUNT, such as {outcomes[0]}=10", "margin", text)
    if name not in outcomes:
        fault = f"{name} is no --outcome of this command"
        raise InputError("unknown", fault, "margin", text, suggestion=nearest(name, outcomes))
    amount = number_of(number, "margin", "write OUTCOME=AMOUNT with a number of at least 0", text)
    if amount < 0:
        fault = f"{number!r} is no amount"
        raise InputError("range", fault, "margin", text, suggestion="write OUTCOME=AMOUNT with a number of at least 0")
    return name, amount
