"""The runs behind a screening or a sensitivity analysis: those of a sweep that is there, or a new one in DIR/runs."""

import functools
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from injae.experiments import analyses, sweeps
from injae.experiments.folders import check_free, dated, holds_sweep
from injae.experiments.indicators import outcome_of
from injae.model.errors import InputError, nearest
from injae.model.scenario import DEFAULT, Scenario
from injae.viz import figures
from injae.viz.commands.finding import echo_json, reading_console
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import (
    SEEDS_MAX,
    announce_compile,
    changes_with,
    figure_options,
    load_scenario,
    months_option,
    open_sweep,
    print_options,
    set_option,
    together,
)
from injae.viz.commands.options import workers_option as workers_option
from injae.viz.commands.progress import SweepBar
from injae.viz.commands.sweep_lines import estimate_line, failing_in_one_line, finishing, reasons_of, say_stopped

if TYPE_CHECKING:
    from injae.experiments.findings import Finding

RUNS = "runs"  # the sweep's folder in that of the analysis


@dataclass(frozen=True)
class Ask:
    """What the options of both commands say."""

    source: str
    vary: tuple[str, ...]
    groups: bool
    opened: tuple[str, ...]
    policy: str
    versus: str
    seeds: int
    months: int | None
    changes: tuple[str, ...]
    design_seed: int
    out: Path | None
    workers: int | None
    dry_run: bool
    as_json: bool
    silent: bool

    @property
    def quiet(self) -> bool:
        """Whether nothing but JSON is printed."""
        return self.as_json or self.silent

    @functools.cached_property
    def folder(self) -> Path:
        """Folder of the analysis; a dated one is made now."""
        if self.out:
            return self.out
        held = held_sweep(self.source)
        if held:
            return held.parent if held.name == RUNS else held / "analysis"

        return dated(Path(self.source).stem)


ask_options = together(  # that ``screen`` and ``sensitivity`` share
    click.argument("source", metavar="[SCENARIO|DIR]", default=DEFAULT),
    click.option(
        "--vary",
        multiple=True,
        metavar="WHAT",
        help="What varies: a section (labour), PATH (declared range) or PATH=LOW:HIGH[:log]; may be repeated.",
    ),
    click.option(
        "--outcome",
        "outcomes",
        multiple=True,
        metavar="NAME",
        help="Indicator, such as specialists_at_end, SERIES@YYYY-MM, or an expression over both (docs/discover.md); "
        "may be repeated.",
    ),
    click.option("--groups", is_flag=True, help="Move the parameters of a section together."),
    click.option("--open", "opened", multiple=True, metavar="SECTION", help="With --groups: not those of SECTION."),
    click.option("--policy", default="", metavar="NAME", help="Of a sweep that is there; default its first."),
    click.option("--versus", default="", metavar="SCENARIO", help="Analyse the paired difference to SCENARIO."),
    click.option("--seeds", type=Integer(1, SEEDS_MAX), default=4, show_default=True, help="Of each point."),
    months_option,
    set_option,
    click.option("--design-seed", type=Integer(0, 2**31 - 1), default=0, show_default=True,
                 help="Of the sampler, the bootstrap and the dummy."),
    click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Folder; a later call continues."),
    workers_option,
    click.option("--dry-run", is_flag=True, help="Only say how many runs, and from three of them how long."),
    figure_options,
    print_options,
)  # fmt: skip


def held_sweep(source: str) -> Path | None:
    """Folder of the sweep that a text names, itself or the one of an analysis; None for a scenario."""
    folder = Path(source)
    return next((one for one in (folder, folder / RUNS) if holds_sweep(one)), None)


def analyse_and_say(
    ask: Ask,
    design: str,
    names: Callable[[Scenario], list[str]],
    analyse: "Callable[..., Finding]",
    say: "Callable[[Finding, Console, Path], None]",
    *,
    inputs_max: int | None = None,
) -> int:
    """Make or read the sweep, analyse it, write tables, receipt and figures, print, and give the exit code.

    Args:
        ask: what to make, or where it is.
        design: of a sweep that is made.
        names: outcomes of the analysis, for a scenario.
        analyse: ``screen`` or ``sensitivity``.
        say: prints a finding whose sweep is in a folder.
        inputs_max: limit for inputs that nobody chose.
    """
    if ask.out or not held_sweep(ask.source):  # else what is wrong with the design is said first
        check_free(ask.folder, analyse.__name__)
    sweep = sweep_for(ask, design, names, inputs_max=inputs_max)
    if sweep is None:
        return 0
    folder, labels = ask.folder, policies_of(ask, sweep)
    finding = analyse(sweep, names(sweep.policies[labels["policy"]]), seed=ask.design_seed, **labels)
    for name in finding.facts["without_value"]:
        click.echo(f"note: {name} has no value in any run and is left out", err=True)
    with failing_in_one_line(folder):
        figures.findings.publish(finding, folder, ["injae", *sys.argv[1:]])
    if ask.as_json:
        echo_json(finding, folder)
    elif not ask.silent:
        say(finding, reading_console(), folder)
        click.echo(f"Tables and figures in {folder}")
    return failures_said(sweep)


def sweep_for(
    ask: Ask, design: str, outcomes: Callable[[Scenario], list[str]], *, inputs_max: int | None = None
) -> Any:
    """The sweep that an analysis reads, made or continued if need be; None after a dry run.

    Args:
        ask: what to make, or where it is.
        design: of a sweep that is made.
        outcomes: those of the analysis, for a scenario: they are checked before anything runs.
        inputs_max: limit for inputs that nobody chose.

    Raises:
        InputError: something that cannot be simulated or analysed.
    """
    held = held_sweep(ask.source)
    if held:
        return _as_it_is(held, ask)
    if ask.policy:
        hint = "the scenario itself is the policy; leave it out"
        raise InputError("conflict", "only for a sweep that is there", "policy", ask.policy, suggestion=hint)
    if Path(ask.source).is_dir():
        fault = "a folder without a sweep"
        raise InputError("unusable", fault, source=ask.source, suggestion="name a scenario, or the folder of a sweep")

    base = load_scenario(ask.source)
    vary = analyses.inputs.expand(ask.vary, base)
    groups: Mapping[str, str] = analyses.inputs.groups_of(vary, ask.opened) if ask.groups else {}
    if ask.opened and not ask.groups:
        hint = "without it every parameter moves alone"
        raise InputError("conflict", "only with --groups", "opened", ask.opened[0], suggestion=hint)
    single = len({groups.get(item.partition("=")[0].strip(), item) for item in vary})
    if inputs_max and not ask.vary and single > inputs_max:
        fault = f"nothing is named, and all {single} inputs take too many runs"
        hint = "name some, or what a screening left (--screened DIR), or add --groups"
        raise InputError("range", fault, "vary", suggestion=hint)
    plan = sweeps.plan.make_plan(
        [ask.source, *([ask.versus] if ask.versus else [])],
        sweeps.designs.Sampler(design, ask.design_seed, groups),
        vary,
        seeds=ask.seeds,
        changes=changes_with(ask.months, ask.changes),
    )
    first = next(iter(plan.policies.values()))
    for name in outcomes(first):
        outcome_of(name, first)
    if ask.dry_run:
        announce_compile(ask.quiet)
        click.echo(estimate_line(sweeps.sweep.pilot(plan, ask.out and ask.out / RUNS, ask.workers)._asdict()))
        return None
    with failing_in_one_line(Path("results")):
        folder = ask.folder / RUNS
    if ask.out is None and not ask.quiet:
        click.echo(f"Runs are kept in {folder}; to go on after a stop add --out {ask.folder}", err=True)
    announce_compile(ask.quiet)
    with failing_in_one_line(folder, goes_on=True), SweepBar(ask.quiet) as progress:
        execution = sweeps.sweep.Execution(ask.workers, progress=progress.show)
        sweep = sweeps.sweep.run_plan(plan, folder, execution, command=["injae", *sys.argv[1:]])
    if sweep.interrupted:
        say_stopped(sweep.status()["done"], shlex.join(["injae", *sys.argv[1:]]))
        sys.exit(1)
    return sweep


def _as_it_is(folder: Path, ask: Ask) -> Any:
    """A sweep that is there; what only a new one could take is refused."""
    given: dict[str, Any] = {"vary": ask.vary, "changes": ask.changes, "months": ask.months, "groups": ask.groups}
    context = click.get_current_context()
    given |= {  # have defaults, so only what was written counts
        name: context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        for name in ("seeds", "rows", "trajectories")
    }
    for name, value in given.items():
        if value:
            fault = f"{folder} is a finished design"
            raise InputError("conflict", fault, name, suggestion="leave it out, or name a scenario")
    sweep = open_sweep(folder)
    waiting = sweep.status()["left"]
    if waiting and not ask.quiet:
        click.echo(f"note: {waiting} runs of {folder} are not done; finish it: {finishing(folder)}", err=True)
    return sweep


def failures_said(sweep: Any) -> int:
    """Say which runs failed, on stderr; gives the exit code."""
    failed = sweep.status()["failed"]
    if not failed:
        return 0
    for reason, number in list(reasons_of(sweep.runs).items())[:3]:
        click.echo(f"injae: {number} runs: {reason}", err=True)
    click.echo(f"injae: {failed} runs failed; do them again with: injae retry {sweep.folder}", err=True)
    return 1


def policies_of(ask: Ask, sweep: Any) -> dict[str, str]:
    """Labels in the sweep of the scenario and of the one that it is compared with."""
    labels = list(sweep.policies)
    if ask.policy and ask.policy not in labels:
        raise InputError(
            "unknown", f"not in {sweep.folder}", "policy", ask.policy, suggestion=nearest(ask.policy, labels)
        )
    if ask.policy:
        return {"policy": ask.policy, "versus": ask.versus}
    if not ask.versus:
        return {"policy": labels[0]}
    others: Sequence[str] = [label for label in labels if label != ask.versus]
    if ask.versus not in labels and held_sweep(ask.source) is None:
        return {"policy": labels[0], "versus": labels[1]}
    return {"policy": others[0] if others else labels[0], "versus": ask.versus}
