"""``injae calibrate``: which values of uncertain parameters agree with what is known."""

from pathlib import Path

import click

from viz.commands.front import json_option, main, out_option, quiet_option, results_folder
from viz.commands.progress import RunsBar

DRAWS_MAX = 10_000


@main.command()
@click.argument("folder", metavar="SWEEP_DIR", type=click.Path(path_type=Path))
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="OUTCOME=VALUE+-ERROR",
    help="What is known of an indicator or SERIES@YYYY-MM, with one standard error; may be repeated. Default: the "
    "measured facts of the country (docs/calibrate.md).",
)
@click.option(
    "--hold-out",
    multiple=True,
    metavar="NAME",
    help="A fact of the country, or OUTCOME=VALUE+-ERROR, that is only compared with the result; may be repeated.",
)
@click.option(
    "--discrepancy",
    type=click.FloatRange(0, 10),
    default=0.05,
    show_default=True,
    metavar="SHARE",
    help="How far the model may be off with the best parameters, as a share of each fact's value (one standard "
    "deviation): a judgement.",
)
@click.option("--policy", metavar="NAME", help="Whose runs are held against the facts, if the sweep has several.")
@click.option(
    "--draws", type=click.IntRange(1, DRAWS_MAX), default=200, show_default=True, help="Rows of posterior.csv."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Of the draws.")
@out_option
@json_option
@quiet_option
def calibrate(
    folder: Path,
    facts: tuple[str, ...],
    hold_out: tuple[str, ...],
    discrepancy: float,
    policy: str | None,
    draws: int,
    seed: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Say which values of the parameters that the sweep in SWEEP_DIR varies agree with what is known.

    Points that cannot give the facts are ruled out; of what is left, posterior.csv holds draws that `injae sweep
    --design` takes as they are, and next.csv the points of a next, closer sweep.

    \b
    Example:  injae sweep korea --design lhs:150 --seeds 4 --out results/wide
                  --vary parameters.labour.separation_per_month --vary parameters.labour.job_search_per_month
              injae calibrate results/wide --out results/known
              injae sweep korea --design results/known/posterior.csv --out results/draws
    """
    from experiments.calibration.calibrate import calibrate as look
    from experiments.findings import check_free
    from experiments.sweeps.store import Sweep
    from viz.answers.calibrate import calibrate_answer
    from viz.commands.finding import publish_and_say

    sweep = Sweep(folder)
    if out:
        check_free(out, "calibrate")  # before the work is done
    with RunsBar(quiet or as_json, "Calibrating", "steps") as progress:
        finding = look(
            sweep, facts, hold_out=hold_out, discrepancy=discrepancy, policy=policy, draws=draws, seed=seed,
            watch=progress,
        )  # fmt: skip
    target = results_folder(out, f"calibrate-{finding.question['policy']}")
    return publish_and_say(finding, calibrate_answer, folder, target, as_json=as_json, quiet=quiet)
