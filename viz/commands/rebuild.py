"""``injae rebuild``: the figures of a result again, from its receipt."""

import json
from pathlib import Path
from typing import Any

import click

from model.errors import InputError
from model.scenario import Scenario
from viz.commands.front import announce_compile, json_option, main, quiet_option, workers_option
from viz.commands.progress import RunsBar

MANIFEST = "manifest.json"


@main.command()
@click.argument("receipt", metavar="RECEIPT", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the files; default rebuilt/ beside the receipt."
)
@workers_option
@json_option
@quiet_option
def rebuild(receipt: Path, out: Path | None, workers: int | None, as_json: bool, quiet: bool) -> int:
    """Draw the figures of a result again, from its receipt, and say whether they are the same.

    RECEIPT is a receipt.json of an analysis, whose figures are drawn from its tables; or a manifest.json of run or
    compare, whose scenarios are simulated again with the same seeds; or the folder that holds one. The exit code is 1
    if a figure differs from the one beside the receipt.

    \b
    Example:  injae rebuild results/2025-05-12-101500-korea
    """
    from experiments.findings import RECEIPT

    path = _receipt_file(receipt, RECEIPT)
    target = out or path.parent / "rebuilt"
    try:
        files = _rebuild_finding(path, target) if path.name == RECEIPT else _rebuild_runs(path, target, workers, quiet)
    except OSError as error:
        raise InputError(f"--out {target}: cannot be written ({error.strerror})") from error
    rows = [{"file": str(file), "state": _compared(file, path.parent / file.name)} for file in files]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif not quiet:
        click.echo("\n".join(f"{row['file']}: {row['state']}" for row in rows))
    return 1 if any(row["state"] == "differs" for row in rows) else 0


def _receipt_file(given: Path, name: str) -> Path:
    """The file that a receipt is in, called ``name`` if an analysis wrote it."""
    for path in (given / name, given / MANIFEST, given):
        if path.is_file():
            return path
    raise InputError(f"{given}: no receipt; name a folder with {name} or {MANIFEST}, or the file")


def _rebuild_finding(path: Path, out: Path) -> list[Path]:
    from viz.figures.findings import draw_again

    return draw_again(path.parent, out)


def _rebuild_runs(path: Path, out: Path, workers: int | None, quiet: bool) -> list[Path]:
    """Simulate the scenarios of a manifest again, and draw what its command draws."""
    from experiments.compare import compare_results
    from experiments.manifest import receipt_of
    from experiments.runs import simulate_all
    from experiments.uncertainty import ensemble_of
    from viz.figures.compare import draw_comparison
    from viz.figures.run import draw_run

    facts = _read(path)
    if facts.get("kind") not in ("run", "compare"):
        raise InputError(f"{path}: has no figure; rebuild takes what run, compare or an analysis wrote")
    plans = [Scenario.model_validate(fields) for fields in facts["scenarios"]]
    ensemble = ensemble_of(facts.get("uncertainty", {}).get("kind", "luck"), plans[0])
    now = receipt_of(plans, facts["seeds"], ensemble)
    if now != facts["receipt"]:
        click.echo(f"note: model, data or posterior changed since receipt {facts['receipt']}; this is {now}", err=True)
    out.mkdir(parents=True, exist_ok=True)
    announce_compile(quiet)
    with RunsBar(quiet) as progress:
        results = simulate_all(plans, facts["seeds"], uncertainty=ensemble, workers=workers, progress=progress)
    failures = [run for result in results for run in result.failures]
    if failures:
        raise InputError(f"{path}: run {failures[0].plan.name}, seed {failures[0].seed} fails now; nothing is drawn")
    if facts["kind"] == "run":
        return draw_run(results[0], results[1] if len(results) > 1 else None, now, out)
    return draw_comparison(compare_results(results[: len(facts["compared"])]), now, out)


def _read(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        missing = [name for name in ("receipt", "scenarios", "seeds") if name not in facts]
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    if missing:
        raise InputError(f"{path}: no manifest of a run ({missing[0]} is missing)")
    return facts


def _compared(new: Path, old: Path) -> str:
    if not old.is_file() or old == new:
        return "drawn"
    return "the same, byte for byte" if new.read_bytes() == old.read_bytes() else "differs"
