"""``injae rebuild``: the figures of a result again, from its receipt."""

import json
from pathlib import Path

import click

from injae import experiments
from injae.experiments.documents import Marker, RunsMade
from injae.experiments.folders import MANIFEST, RECEIPT, as_json, check_free, replacing
from injae.model.errors import InputError
from injae.viz import figures
from injae.viz.commands.group import main
from injae.viz.commands.options import announce_compile, figure_options, print_options, workers_option
from injae.viz.commands.progress import RunsBar
from injae.viz.commands.sweep_lines import failing_in_one_line
from injae.viz.figures.form import AS_DRAWN, CHOSEN, FORMATS


@main.command()
@click.argument("receipt", metavar="RECEIPT", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the files; default rebuilt/ beside the receipt."
)
@workers_option
@figure_options
@print_options
def rebuild(receipt: Path, out: Path | None, workers: int | None, as_json: bool, quiet: bool) -> int:
    """Draw the figures of a result again, from its receipt, and say whether they are the same.

    RECEIPT is a receipt.json of an analysis, whose figures are drawn from its tables; or a manifest.json of run or
    compare, whose scenarios are simulated again with the same seeds; or the folder that holds one. The exit code is 1
    if a figure differs from the one beside the receipt.

    \b
    Example:  injae rebuild results/2025-05-12-101500-korea
    """
    path = _receipt_file(receipt)
    target = out or path.parent / "rebuilt"
    with failing_in_one_line(target):
        files = _rebuild_finding(path, target) if path.name == RECEIPT else _rebuild_runs(path, target, workers, quiet)
    rows = [{"file": str(file), "state": _compared(file, path.parent / file.name)} for file in files]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif not quiet:
        click.echo("\n".join(f"{row['file']}: {row['state']}" for row in rows))
    return 1 if any(row["state"] == "differs" for row in rows) else 0


def _receipt_file(given: Path) -> Path:
    """The file that a receipt is in, called ``receipt.json`` if an analysis wrote it."""
    for path in (given / RECEIPT, given / MANIFEST, given):
        if path.is_file():
            return path
    hint = f"name a folder with {RECEIPT} or {MANIFEST}, or the file"
    raise InputError("unreadable", "no receipt", source=given, suggestion=hint)


def _rebuild_finding(path: Path, out: Path) -> list[Path]:

    return figures.findings.draw_again(path.parent, out)


def _rebuild_runs(path: Path, out: Path, workers: int | None, quiet: bool) -> list[Path]:
    """Simulate the scenarios of a manifest again, and draw what its command draws."""
    if (kind := Marker.read(path).kind) not in ("run", "compare"):
        hint = "rebuild takes what run, compare or an analysis wrote"
        raise InputError("unreadable", f"kind = {kind[:40]} has no figure", source=path, suggestion=hint)
    made = RunsMade.read(path)
    check_free(out, "rebuild", [MANIFEST, *(f"{name}.{to}" for name in ("figure", "bindings") for to in FORMATS)])
    plans, seeds = made.scenarios, made.seeds
    ensemble = experiments.uncertainty.ensemble_of(made.uncertainty.kind, plans[0])
    now = experiments.manifest.receipt_of(plans, seeds, ensemble)
    if now != made.receipt:
        before = made.receipt[:20]
        click.echo(f"note: model, data or posterior changed since receipt {before}; this is {now}", err=True)
    announce_compile(quiet)
    with RunsBar(quiet) as progress:
        results = experiments.runs.simulate_all(plans, seeds, uncertainty=ensemble, workers=workers, progress=progress)
    failures = [run for result in results for run in result.failures]
    if failures:
        fault = f"run {failures[0].plan.name}, seed {failures[0].seed} fails now"
        raise InputError("no_results", fault, source=path, suggestion="nothing is drawn")
    with replacing(out, "rebuild") as new:
        (new / MANIFEST).write_text(as_json({"kind": "rebuild", "receipt": now}), encoding="utf-8")
        if made.kind == "run":
            files = figures.run.draw_run(results[0], results[1] if len(results) > 1 else None, now, new)
        else:
            files = figures.compare.draw_comparison(
                experiments.compare.compare_results(results[: len(made.compared)]), now, new
            )
    return [out / file.name for file in files]


def _compared(new: Path, old: Path) -> str:
    if not old.is_file() or old == new or CHOSEN.get() != AS_DRAWN:
        return "drawn"
    return "the same, byte for byte" if new.read_bytes() == old.read_bytes() else "differs"
