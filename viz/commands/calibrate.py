"""``injae calibrate``: which values of uncertain parameters agree with what is known."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from injae.experiments import calibration
from injae.experiments.folders import check_free
from injae.model.errors import InputError
from injae.viz import answers
from injae.viz.commands.finding import publish_and_say, publish_with, say_failed
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer, Real
from injae.viz.commands.options import (
    announce_compile,
    changes_with,
    figure_options,
    load_scenario,
    months_option,
    open_sweep,
    out_option,
    print_options,
    results_folder,
    workers_option,
)
from injae.viz.commands.progress import RunsBar, StepsBar
from injae.viz.commands.sweep_lines import failing_in_one_line

if TYPE_CHECKING:
    from injae.experiments.findings import Finding

DRAWS_MAX = 10_000

TARGETS = ("facts", "hold_out", "discrepancy")


@main.command()
@click.argument("source", metavar="SCENARIO|SWEEP_DIR")
@click.option(
    "--waves", type=Integer(0), metavar="N", help="How often to look closer, each time with new runs; 3 unless told."
)
@click.option("--points", type=Integer(0), metavar="N", help="Points of a wave; 300 unless told.")
@click.option(
    "--seeds", type=Integer(0), metavar="N", help="Runs of a point, each with noise of its own; 2 unless told."
)
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH",
    help="A parameter that varies, over its prior; may be repeated. Default: all that have a range.",
)
@months_option
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
    type=Real(0, 10),
    default=0.05,
    show_default=True,
    metavar="SHARE",
    help="How far the model may be off with the best parameters, as a share of each fact's value (one standard "
    "deviation): a judgement, for facts that do not say it themselves.",
)
@click.option("--policy", metavar="NAME", help="Whose runs are held against the facts, if the sweep has several.")
@click.option(
    "--versus", metavar="NAME", help="Facts are about what the policy adds to this one of the sweep, paired by seed."
)
@click.option("--draws", type=Integer(1, DRAWS_MAX), default=200, show_default=True, help="Rows of posterior.csv.")
@click.option("--seed", type=Integer(0, 2**31 - 1), default=0, show_default=True, help="Of points and draws.")
@click.option(
    "--twin",
    type=Integer(0, 2**31 - 1),
    metavar="N",
    help="Take a run with parameters drawn with seed N for the world, and see whether they are found.",
)
@click.option(
    "--install", is_flag=True, help="Make the draws the posterior of the country, which all commands then take."
)
@workers_option
@out_option
@figure_options
@print_options
def calibrate(
    source: str,
    facts: tuple[str, ...],
    hold_out: tuple[str, ...],
    discrepancy: float,
    draws: int,
    seed: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Say which values of the parameters agree with what is known.

    With a SCENARIO, in waves: the first fills the priors of all parameters, each further one what the facts leave of
    them; draws of the posterior are then run, and weighted by their runs. The same command goes on where it was
    stopped. With a SWEEP_DIR, one wave: the runs of that sweep, and the parameters that it varies.

    \b
    Example:  injae calibrate korea --waves 3 --points 300 --seeds 2 --out results/known
              injae sweep korea --design results/known/posterior.csv --out results/draws
    """
    common = {"facts": facts, "hold_out": hold_out, "discrepancy": discrepancy, "draws": draws, "seed": seed}
    if Path(source).is_dir():
        _refuse(options, ("waves", "points", "seeds", "vary", "months", "twin", "install", "workers"), f"{source} is a "
                "folder, whose sweep says that; name a scenario, such as korea")  # fmt: skip
        return _from_sweep(Path(source), common, options, out, as_json=as_json, quiet=quiet)
    _refuse(options, ("policy", "versus"), f"{source} is a scenario; only a sweep has several")
    return _in_waves(source, common, options, out, as_json=as_json, quiet=quiet)


def _refuse(options: dict[str, Any], names: tuple[str, ...], why: str) -> None:
    for name in names:
        if options[name] not in (None, (), False):
            raise InputError("conflict", why, name)


def _from_sweep(
    folder: Path, common: dict[str, Any], options: dict[str, Any], out: Path | None, *,
    as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """One wave: the runs of a sweep."""
    sweep = open_sweep(folder)
    if out:
        check_free(out, "calibrate")  # before the work is done
    with RunsBar(quiet or as_json, "Calibrating", "steps") as progress:
        targets = calibration.evidence.CalibrationTargets(*(common[name] for name in TARGETS), options["versus"] or "")
        size = {name: common[name] for name in ("draws", "seed")}
        finding = calibration.calibrate.calibrate(sweep, targets, policy=options["policy"], watch=progress, **size)
    target = results_folder(out, f"calibrate-{finding.question['policy']}", "calibrate")
    return publish_and_say(finding, answers.calibrate.calibrate_answer, folder, target, as_json=as_json, quiet=quiet)


def _in_waves(
    source: str, common: dict[str, Any], options: dict[str, Any], out: Path | None, *,
    as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Waves of runs, from the priors of all parameters to draws that were run."""
    plan = load_scenario(source, changes_with(options["months"], ()))
    if options["install"]:
        calibration.installed.check_installable(
            plan, {name: options[name] for name in ("twin", "vary", "months")}, common["facts"]
        )
    targets = calibration.evidence.CalibrationTargets(*(common[name] for name in TARGETS))
    target = results_folder(out, f"calibrate-{plan.name}", "calibrate")
    announce_compile(quiet or as_json)
    sizes = {name: options[name] for name in ("waves", "points", "seeds") if options[name] is not None}
    design = calibration.asked.WaveDesign(**sizes, draws=common["draws"], seed=common["seed"], vary=options["vary"])
    again = shlex.join(["injae", *sys.argv[1:], *([] if out else ["--out", str(target)])])
    with failing_in_one_line(target, goes_on=True), StepsBar(quiet or as_json) as watch:
        try:
            finding = calibration.waves.calibrate_in_waves(
                plan, targets, out=target, design=design, twin=options["twin"], workers=options["workers"], watch=watch
            )
        except KeyboardInterrupt:
            click.echo(f"injae: stopped early; finished runs are kept; go on with: {again}", err=True)
            return 1
    code = say_failed(finding)
    publish_with(finding, answers.calibrate_waves.waves_answer, target, as_json=as_json, quiet=quiet)
    if options["install"]:
        files = calibration.installed.install(finding, plan, _command(finding, common))
        if not quiet and not as_json:
            click.echo(f"Installed as the posterior of {plan.country}: {' and '.join(files)}")
    return code


def _command(finding: "Finding", common: dict[str, Any]) -> str:
    """The command that makes a posterior again: what it depends on, and not where it goes or who does the runs."""
    question = finding.question
    sizes = [part for name in ("waves", "points", "seeds", "draws") for part in (f"--{name}", str(question[name]))]
    more = ["--seed", str(common["seed"]), "--discrepancy", f"{common['discrepancy']:g}"]
    held = [part for name in common["hold_out"] for part in ("--hold-out", name)]
    return shlex.join(["injae", "calibrate", question["scenario"], *sizes, *more, *held, "--install"])
