"""``injae discover``: in which futures a policy fails, or beats another."""

from pathlib import Path

import click

from injae.experiments import analyses
from injae.experiments.folders import check_free
from injae.viz import answers
from injae.viz.commands.finding import publish_and_say
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer, Real
from injae.viz.commands.options import (
    figure_options,
    open_sweep,
    out_option,
    print_options,
    results_folder,
    versus_option,
)
from injae.viz.commands.progress import RunsBar


@main.command()
@click.argument("folder", metavar="SWEEP_DIR", type=click.Path(path_type=Path))
@click.option(
    "--fails",
    multiple=True,
    metavar="OUTCOME<NUMBER",
    help="When the policy fails: an outcome (docs/discover.md) and a bound; repeated: if one of them holds. "
    "Default: it misses the scenario's target.",
)
@click.option("--policy", metavar="NAME", help="Which policy of the sweep, if it has several.")
@versus_option
@click.option(
    "--beats",
    default="",
    metavar="OUTCOME",
    help="With --versus, in place of --fails: where the policy is better in it.",
)
@click.option("--beyond-noise", is_flag=True, help="Count a future only where noise does not explain it.")
@click.option(
    "--share",
    type=Real(0, 1, min_open=True),
    help="A future counts if at least this share of its seeds fails; default: if the mean over seeds does.",
)
@click.option(
    "--threshold",
    type=Real(0, 1, min_open=True),
    help="Share of failing futures that a region should reach; default 0.8, or halfway from the share in all to 1.",
)
@click.option(
    "--inputs",
    "inputs_max",
    type=Integer(1, 10),
    default=4,
    show_default=True,
    help="Most inputs that a region may limit.",
)
@click.option("--box", type=Integer(0), help="Take this step of the trajectory instead of the rule's choice.")
@click.option("--levers", is_flag=True, help="Take levers that vary for uncertain, as if nobody chose them.")
@click.option("--seed", type=Integer(0, 2**31 - 1), default=0, show_default=True, help="Of the resampling.")
@out_option
@figure_options
@print_options
def discover(
    folder: Path,
    fails: tuple[str, ...],
    policy: str | None,
    versus: str,
    beats: str,
    beyond_noise: bool,
    share: float | None,
    threshold: float | None,
    inputs_max: int,
    box: int | None,
    levers: bool,
    seed: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Say in which futures a policy of the sweep in SWEEP_DIR fails, or beats another.

    A future is a point of the sweep: values of what nobody knows. Regions where most futures fail are found by PRIM,
    checked against chance, and compared with a classification tree.

    \b
    Example:  injae discover results/futures --policy korea
                  --fails "programme_graduates_by_target_date<500" --out results/where
              injae discover results/futures --policy retention-first --versus korea
                  --beats specialists_at_end --beyond-noise --out results/better
    """
    sweep = open_sweep(folder)
    if out:
        check_free(out, "discover")  # before the work is done
    with RunsBar(quiet or as_json, "Searching", "searches") as progress:
        cases = analyses.discover.CasesOfInterest(fails, versus, beats, beyond_noise, share)
        search = analyses.discover.BoxSearch(threshold, inputs_max, box, seed=seed)
        finding = analyses.discover.discover(sweep, cases, policy=policy, levers=levers, search=search, watch=progress)
    target = results_folder(out, f"discover-{finding.question['policy']}", "discover")
    return publish_and_say(finding, answers.discover.discover_answer, folder, target, as_json=as_json, quiet=quiet)
