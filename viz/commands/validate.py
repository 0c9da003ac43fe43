"""``injae validate``: the ensemble against what is known."""

import json
import os
import shlex
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from injae import experiments
from injae.experiments.folders import MANIFEST, atomic, replacing
from injae.experiments.folders import as_json as as_json_text
from injae.experiments.plain import plain
from injae.model.errors import InputError
from injae.model.scenario import DEFAULT
from injae.viz import answers, figures
from injae.viz.commands.group import main
from injae.viz.commands.options import (
    announce_compile,
    load_scenario,
    out_option,
    print_options,
    results_folder,
    seeds_option,
    set_option,
    uncertainty_option,
    workers_option,
)
from injae.viz.commands.progress import RunsBar
from injae.viz.commands.sweep_lines import failing_in_one_line

FILES = ("manifest.json", "validation.csv", "validation.png", "validation.svg")


@main.command()
@click.argument("scenario", default=DEFAULT)
@seeds_option
@uncertainty_option
@set_option
@workers_option
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the page docs/validation.md here.")
@out_option
@print_options
def validate(
    scenario: str,
    seeds: int | None,
    uncertainty: str | None,
    changes: tuple[str, ...],
    workers: int | None,
    page: Path | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Hold what is known of SCENARIO's country against runs: facts used in the fit, and facts kept out of it.

    Facts of another case, such as the back-cast korea-2022, are measured in runs of that. See docs/validation.md.

    \b
    Example:  injae validate korea --seeds 100
    """
    began = time.perf_counter()
    plan = load_scenario(scenario, changes)
    if page:
        _check_page(page)
    folder = results_folder(out, f"validate-{plan.name}", "validate", FILES)
    for warning in experiments.envelope.outside(plan):
        click.echo(f"note: {warning}", err=True)
    announce_compile(quiet)
    with RunsBar(quiet or as_json) as progress:
        found = experiments.validation.validate(
            plan, seeds, uncertainty=uncertainty, workers=workers, progress=progress
        )
    plans, numbers = [results.plan for results in found.results], found.results[0].seeds
    facts = {
        "kind": "validate",
        **experiments.manifest.manifest(
            plans, numbers, ["injae", *sys.argv[1:]], time.perf_counter() - began, found.results[0].ensemble
        ),
    }
    table = found.table()
    with failing_in_one_line(folder), replacing(folder, "validate") as new:
        (new / MANIFEST).write_text(as_json_text(facts), encoding="utf-8")
        table.to_csv(new / "validation.csv", index=False)
        figures.style.save(figures.validate.validation_figure(found), new, "validation")
    if page:
        asked = f" --uncertainty {uncertainty}" if uncertainty else ""
        asked += "".join(f" --set {shlex.quote(change)}" for change in changes)
        picture = page.with_suffix(".png")
        with failing_in_one_line(page.parent):
            with atomic(picture) as file:
                file.write((folder / "validation.png").read_bytes())
            experiments.tables.write_atomically(
                page, answers.validate.page(found, plan.name, plan.country, asked, picture.name)
            )
    met = {use: dict(zip(("met", "facts"), found.counts(use), strict=True)) for use in ("fit", "check", "pattern")}
    if as_json:
        content = {"receipt": facts["receipt"], "folder": str(folder), "counts": met, "facts": table.to_dict("records")}
        click.echo(json.dumps(plain(content), indent=2, ensure_ascii=False))
    elif not quiet:
        console = Console(width=None if sys.stdout.isatty() else 170)
        console.print(answers.validate.validation_table(found))
        click.echo(f"{answers.validate.counts_line(found)} Rests on {answers.ensemble.rests_on(found.results[0])}")
        click.echo(answers.validate.width_line(found))
        for line in answers.validate.apart_lines(found.results[0].ensemble):
            click.echo(line)
        click.echo(f"Files in {folder} (receipt {facts['receipt']})")
    failures = [run for results in found.results for run in results.failures]
    for run in failures[:3]:
        click.echo(f"injae: run {run.plan.name}, seed {run.seed} failed", err=True)
    return 1 if failures else 0


def _check_page(page: Path) -> None:
    """Refuse a page, or its picture, that would take the place of a file that no ``--page`` wrote."""
    ours = page.is_file() and page.read_text(encoding="utf-8", errors="replace").startswith(answers.validate.TITLE)
    for path in (page, page.with_suffix(".png")):
        if os.path.lexists(path) and not ours:
            fault = f"{path} is there, and no page of a validation"
            raise InputError("occupied", fault, "page", page, suggestion="move it, or name a new file")
