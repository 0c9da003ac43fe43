"""``injae retry``: the failed runs of a sweep again."""

import shlex
import sys
from pathlib import Path

from injae.experiments import sweeps
from injae.viz.commands.group import main
from injae.viz.commands.options import announce_compile, print_options, workers_option
from injae.viz.commands.progress import SweepBar
from injae.viz.commands.sweep_lines import (
    budget_option,
    cluster_option,
    failing_in_one_line,
    folder_argument,
    report,
    stopping_in_one_line,
)


@main.command()
@folder_argument
@workers_option
@cluster_option
@budget_option
@print_options
def retry(
    folder: Path,
    workers: int | None,
    cluster: str | None,
    seconds_per_run: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Do again the runs of the sweep in DIR that failed, and no others.

    \b
    Example:  injae retry results/pay --max-seconds-per-run 60
    """
    again = shlex.join(["injae", *sys.argv[1:]])
    with stopping_in_one_line(folder, again):
        sweeps.store.Sweep(folder)  # what is no sweep is refused before anything else is said
        announce_compile(quiet or bool(cluster))
        with failing_in_one_line(folder, goes_on=True), SweepBar(quiet or as_json) as progress:
            store = sweeps.sweep.retry(folder, sweeps.sweep.Execution(workers, cluster, seconds_per_run, progress.show))
        return report(store, again, None, as_json=as_json, quiet=quiet)
