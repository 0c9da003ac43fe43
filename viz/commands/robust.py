"""``injae robust``: which policy holds up over the futures of a sweep."""

from pathlib import Path

import click

from model.errors import InputError, nearest
from model.numbers import number_of
from viz.commands.group import main
from viz.commands.numeric import Whole
from viz.commands.options import json_option, names_of, out_option, quiet_option, results_folder
from viz.commands.progress import RunsBar


@main.command()
@click.argument("folder", metavar="SWEEP_DIR", type=click.Path(path_type=Path))
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    required=True,
    metavar="OUTCOME",
    help="What is compared: an indicator or SERIES@YYYY-MM; may be repeated.",
)
@click.option(
    "--want",
    "wants",
    multiple=True,
    metavar="OUTCOME>=NUMBER",
    help="What a future should meet; repeated: all of them. Default: the scenario's target.",
)
@click.option("--policies", metavar="NAME,NAME", help="Which policies of the sweep; default all.")
@click.option("--minimise", multiple=True, metavar="OUTCOME", help="Less of it is better, against what is declared.")
@click.option("--maximise", multiple=True, metavar="OUTCOME", help="More of it is better, against what is declared.")
@click.option(
    "--margin",
    "margins",
    multiple=True,
    metavar="OUTCOME=AMOUNT",
    help="By how much another policy must be better to be regretted; default: what luck explains.",
)
@click.option("--levers", is_flag=True, help="Take levers that vary between points for uncertain.")
@click.option("--seed", type=Whole(0, 2**31 - 1), default=0, show_default=True, help="Of the resampling.")
@out_option
@json_option
@quiet_option
def robust(
    folder: Path,
    outcomes: tuple[str, ...],
    wants: tuple[str, ...],
    policies: str | None,
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
    from experiments.analyses.robust import robust as look
    from experiments.folders import check_free
    from experiments.sweeps.store import Sweep
    from viz.answers.robust import robust_answer
    from viz.commands.finding import publish_and_say

    names = names_of("--policies", policies)
    amounts = dict(_margin(text, outcomes) for text in margins)
    sweep = Sweep(folder)
    if out:
        check_free(out, "robust")  # before the work is done
    with RunsBar(quiet or as_json, "Searching", "searches") as progress:
        finding = look(
            sweep, outcomes, wants, policies=names, minimise=minimise, maximise=maximise, margins=amounts,
            levers=levers, seed=seed, watch=progress,
        )  # fmt: skip
    target = results_folder(out, "robust", "robust")
    return publish_and_say(finding, robust_answer, folder, target, as_json=as_json, quiet=quiet)


def _margin(text: str, outcomes: tuple[str, ...]) -> tuple[str, float]:
    name, equals, number = (part.strip() for part in text.partition("="))
    if not equals:
        raise InputError(f"--margin {text}: write OUTCOME=AMOUNT, such as {outcomes[0]}=10")
    if name not in outcomes:
        raise InputError(f"--margin {text}: {name} is no --outcome of this command; {nearest(name, outcomes)}")
    amount = number_of(number, f"--margin {text}", "; write OUTCOME=AMOUNT with a number of at least 0")
    if amount < 0:
        raise InputError(f"--margin {text}: {number!r} is no amount; write OUTCOME=AMOUNT with a number of at least 0")
    return name, amount
