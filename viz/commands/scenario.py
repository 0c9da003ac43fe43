"""``injae scenario``: scenario files begun, compared, checked and named."""

import json
import os
from pathlib import Path

import click

from injae import experiments
from injae.experiments.folders import atomic, unwritable
from injae.experiments.indicators import has_target
from injae.model.errors import InputError
from injae.model.levers import LEVERS, SHOCKS
from injae.model.scenario import DEFAULT, PRESETS, Scenario, preset_names
from injae.viz.commands.group import Ending, main
from injae.viz.commands.options import json_option, print_table


@main.group(cls=Ending)
def scenario() -> None:
    """Start, compare and check scenario files."""


@scenario.command("new")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--base", default=DEFAULT, show_default=True, help="Scenario that the new one changes.")
def scenario_new(file: Path, base: str) -> None:
    """Write a commented scenario FILE to start from.

    \b
    Example:  injae scenario new my-plan.toml
    """
    plan = Scenario.load(base)
    if os.path.lexists(file):
        raise InputError("occupied", "exists already", source=file, suggestion="choose another name")
    if file.suffix != ".toml":
        raise InputError("form", "a scenario file ends in .toml", source=file)
    lines = [
        f"title = {{en = {json.dumps(file.stem)}, ko = {json.dumps(file.stem)}}}",
        f'base = "{base}"   # everything not set below is as in the base',
        "",
        "[levers]   # remove the # in front of what you want to change; values shown are those of the base",
    ]
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        if group == "shocks":
            lines += ["", "[shocks]"]
        for name, lever in declared.items():
            lines.append(f"# {lever.meaning}; {lever.low:,g} to {lever.high:,g} {lever.unit}")
            schedules = plan.levers if group == "levers" else plan.shocks
            lines.append(f"# {name} = {_as_toml(plan, schedules.get(name, []), lever.default)}")
    lines += ["", "# [parameters.labour]   # all names: injae parameters", "# job_search_per_month = 0.1", ""]
    try:
        with atomic(file) as new:
            new.write("\n".join(lines).encode())
    except OSError as error:
        raise unwritable(file, error) from error
    click.echo(f"{file} written; run it with: injae run {file}")


def _as_toml(plan: Scenario, steps: list[tuple[int, float]], default: float) -> str:
    """A schedule as a scenario file writes it."""
    if all(month <= 0 for month, _ in steps):
        return f"{steps[-1][1] if steps else default:z.10g}"
    parts = [f'{{from = "{plan.date_of(month)}", value = {value:z.10g}}}' for month, value in steps]
    return f"[{', '.join(parts)}]"


@scenario.command("diff")
@click.argument("a")
@click.argument("b")
@json_option
def scenario_diff(a: str, b: str, as_json: bool) -> None:
    """What differs between two scenarios.

    \b
    Example:  injae scenario diff korea double-grant
    """
    first, second = Scenario.load(a).settings(), Scenario.load(b).settings()
    paths = [path for path in {**first, **second} if first.get(path) != second.get(path)]
    rows = [{"path": path, a: first.get(path, "-"), b: second.get(path, "-")} for path in paths]
    if not rows and not as_json:
        click.echo(f"{a} and {b} are the same.")
        return
    print_table(f"{a} against {b}", rows, as_json)


@scenario.command("validate")
@click.argument("file")
def scenario_validate(file: str) -> None:
    """Check a scenario FILE.

    \b
    Example:  injae scenario validate my-plan.toml
    """
    plan = Scenario.load(file)
    experiments.practice.baseline_of(plan)  # what a run would refuse is refused here
    target = [] if has_target(plan) else [f"target.date = {plan.target.date}: outside the runs; nothing is said of it"]
    for warning in [*experiments.envelope.outside(plan), *target]:
        click.echo(f"note: {warning}", err=True)
    click.echo(f"{file} is valid: {plan.months} months from {plan.start}, {plan.country}.")


@scenario.command("list")
def scenario_list() -> None:
    """Name the scenarios that come with Injae.

    \b
    Example:  injae scenario list
    """
    for name in preset_names():
        click.echo(f"{name:<20}{Scenario.load(name).title.get('en', '')}")
    click.echo(f"Files: {PRESETS}")
