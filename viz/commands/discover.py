"""``injae discover``: in which futures a policy fails."""

from pathlib import Path

import click

from viz.commands.group import main
from viz.commands.numeric import Real, Whole
from viz.commands.options import json_option, out_option, quiet_option, results_folder
from viz.commands.progress import RunsBar


@main.command()
@click.argument("folder", metavar="SWEEP_DIR", type=click.Path(path_type=Path))
@click.option(
    "--fails",
    multiple=True,
    metavar="OUTCOME<NUMBER",
    help="When the policy fails: an indicator or SERIES@YYYY-MM and a bound; repeated: if one of them holds. "
    "Default: it misses the scenario's target.",
)
@click.option("--policy", metavar="NAME", help="Which policy of the sweep, if it has several.")
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
    type=Whole(1, 10),
    default=4,
    show_default=True,
    help="Most inputs that a region may limit.",
)
@click.option("--box", type=Whole(0), help="Take this step of the trajectory instead of the rule's choice.")
@click.option("--levers", is_flag=True, help="Take levers that vary for uncertain, as if nobody chose them.")
@click.option("--seed", type=Whole(0, 2**31 - 1), default=0, show_default=True, help="Of the resampling.")
@out_option
@json_option
@quiet_option
def discover(
    folder: Path,
    fails: tuple[str, ...],
    policy: str | None,
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
    """Say in which futures a policy of the sweep in SWEEP_DIR fails.

    A future is a point of the sweep: values of what nobody knows. Regions where most futures fail are found by PRIM,
    checked against chance, and compared with a classification tree.

    \b
    Example:  injae discover results/futures --policy korea
                  --fails "programme_graduates_by_target_date<500" --out results/where
    """
    from experiments.analyses.discover import discover as look
    from experiments.folders import check_free
    from experiments.sweeps.store import Sweep
    from viz.answers.discover import discover_answer
    from viz.commands.finding import publish_and_say

    sweep = Sweep(folder)
    if out:
        check_free(out, "discover")  # before the work is done
    with RunsBar(quiet or as_json, "Searching", "searches") as progress:
        finding = look(
            sweep, fails, policy=policy, share=share, density=threshold, inputs_max=inputs_max, step=box,
            levers=levers, seed=seed, watch=progress,
        )  # fmt: skip
    target = results_folder(out, f"discover-{finding.question['policy']}", "discover")
    return publish_and_say(finding, discover_answer, folder, target, as_json=as_json, quiet=quiet)
