"""``injae screen``: which uncertain numbers matter at all."""

from pathlib import Path

import click

from injae import experiments
from injae.experiments import analyses
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz import answers
from injae.viz.commands.analysis import Ask, analyse_and_say, ask_options, held_sweep
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer


@main.command()
@ask_options
@click.option(
    "--trajectories",
    type=Integer(2, 100_000),
    default=20,
    show_default=True,
    help="Each moves every input once.",
)
def screen(
    source: str, vary: tuple[str, ...], outcomes: tuple[str, ...], groups: bool, opened: tuple[str, ...], policy: str,
    versus: str, seeds: int, months: int | None, changes: tuple[str, ...], design_seed: int, out: Path | None,
    workers: int | None, dry_run: bool, as_json: bool, quiet: bool, trajectories: int,
) -> int:  # fmt: skip
    """Say which uncertain parameters matter for the outcomes of SCENARIO, and which can be left as they are.

    Morris' elementary effects: every input in turn moves by two thirds of its range, from many starting points. An
    input counts if it does more than a dummy that changes nothing but noise. With --groups the parameters of a section
    move together; then open what matters. Without --vary all parameters move that are not measured facts. DIR is the
    folder of a sweep with a design morris:R, or of an earlier screening; it is only analysed.

    \b
    Example:  injae screen korea --groups --trajectories 8 --out results/screen
              injae screen korea --vary labour --outcome specialists_at_end --out results/screen-labour
    """
    ask = Ask(
        source, vary, groups, opened, policy, versus, seeds, months, changes, design_seed, out, workers, dry_run,
        as_json, quiet,
    )  # fmt: skip
    if seeds < 2 and not held_sweep(source):
        raise InputError("range", "the dummy, which is noise, needs at least 2", "seeds", "1")

    def names(plan: Scenario) -> list[str]:
        return list(outcomes) or experiments.replicates.default_outcomes(analyses.screening.OUTCOMES, plan)

    return analyse_and_say(ask, f"morris:{trajectories}", names, analyses.screening.screen, answers.screen.print_screen)
