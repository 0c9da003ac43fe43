"""``injae compare``: two scenarios or more on the same people."""

import json
import re
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from injae import experiments
from injae.model.scenario import MONTHS_MAX, Scenario
from injae.viz import answers, figures
from injae.viz.commands.group import main
from injae.viz.commands.margin import (
    any_missed,
    check_aleatory,
    margin_options,
    precision_lines,
    seeds_to_begin,
    tell_expected,
)
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import (
    announce_compile,
    changes_with,
    figure_options,
    load_scenario,
    out_option,
    print_options,
    results_folder,
    seed_option,
    seeds_option,
    set_option,
    uncertainty_option,
    workers_option,
)
from injae.viz.commands.progress import RunsBar
from injae.viz.commands.run import all_written, say_failures
from injae.viz.figures.form import FORMATS

FILES = (
    "manifest.json", "compare.json", "differences.csv", "series.parquet", "futures.parquet",
    *(f"figure.{to}" for to in FORMATS),
)  # fmt: skip


@main.command()
@click.argument("scenarios", nargs=-1, metavar="A B [C]...")
@click.option("--months", type=Integer(1, MONTHS_MAX), help="Length of the runs; default as in the scenarios.")
@seed_option
@seeds_option
@uncertainty_option
@margin_options
@set_option
@workers_option
@out_option
@click.option("--no-baseline", is_flag=True, help="Do not simulate baselines, which only the ledger needs.")
@figure_options
@print_options
def compare(
    scenarios: tuple[str, ...],
    months: int | None,
    seed: int,
    seeds: int | None,
    uncertainty: str | None,
    margin_texts: tuple[str, ...],
    max_seeds: int,
    changes: tuple[str, ...],
    workers: int | None,
    out: Path | None,
    no_baseline: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Compare scenarios (presets or TOML files) with the first in the same futures: parameters and random numbers.

    \b
    Example:  injae compare korea double-grant open-data --seeds 30
    """
    began = time.perf_counter()
    plans = [load_scenario(scenario, changes_with(months, changes)) for scenario in scenarios]
    experiments.compare.check_comparable(plans)
    bar, asked = RunsBar(quiet or as_json), experiments.margins.split_margins(margin_texts)
    experiments.margins.margins_of(asked, plans[0])  # refused before a folder is made
    check_aleatory(uncertainty, asked)
    ensemble = experiments.uncertainty.ensemble_for(uncertainty, plans[0], asked)
    numbers = list(
        range(seed, seed + seeds_to_begin(seeds, asked, max_seeds, experiments.uncertainty.RUNS[ensemble.kind]))
    )
    name = re.sub(r"[^\w.-]+", "-", "-".join(["compare", *(plan.name for plan in plans)]))
    folder = results_folder(out, name, "compare", FILES)
    for warning in dict.fromkeys(note for plan in plans for note in experiments.envelope.outside(plan)):
        click.echo(f"note: {warning}", err=True)
    if any(plan.target != plans[0].target for plan in plans):
        target = plans[0].target
        click.echo(f"note: the target of {plans[0].name} is for all: {target.experts:,} by {target.date}", err=True)
    announce_compile(quiet)
    with bar as progress:
        comparison = experiments.compare.compare(
            plans,
            experiments.margins.StoppingRule(asked, numbers, max_seeds, tell_expected(bar.note, max_seeds))
            if asked
            else numbers,
            uncertainty=ensemble,
            names=scenarios,
            baseline=not no_baseline,
            workers=workers,
            progress=progress,
        )
    return _report(comparison, plans, numbers, folder, time.perf_counter() - began, as_json=as_json, quiet=quiet)


def _report(
    comparison: Any, asked: list[Scenario], numbers: list[int], folder: Path, seconds: float, *, as_json: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """Write the files, print the answer, and give the exit code."""
    written, precision = True, comparison.precision
    plans = [results.plan for results in [*comparison.results, *comparison.baselines] if results is not None] or asked
    plans = [plan for n, plan in enumerate(plans) if plan not in plans[:n]]  # scenarios may share a baseline
    command, ensemble = ["injae", *sys.argv[1:]], comparison.results[0].ensemble
    facts = {
        "kind": "compare",
        "compared": comparison.labels,
        **experiments.manifest.manifest(plans, comparison.seeds or numbers, command, seconds, ensemble),
    }
    if comparison.seeds:
        content = {"receipt": facts["receipt"], "folder": str(folder), **comparison.as_dict()}
        write = partial(_write, comparison, content, facts["receipt"])
        written = all_written(folder, "compare", facts, comparison.failures, write)
        if as_json:
            click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
        elif not quiet:
            Console(width=None if sys.stdout.isatty() else 160).print(answers.compare.comparison_answer(comparison))
            if precision:
                click.echo("\n".join(["", *precision_lines(precision.rows(), precision.seeds, differences=True)]))
            if written:
                click.echo(f"Files in {folder}  ({seconds:z.1f} s, receipt {facts['receipt']})")
    else:
        click.echo("injae: no seed finished in every scenario: nothing to compare", err=True)
        written = not comparison.failures or all_written(folder, "compare", facts, comparison.failures)
    say_failures(comparison.failures)
    if comparison.interrupted:
        click.echo(f"injae: stopped early; {len(comparison.seeds)} seeds are complete", err=True)
    missed = any_missed(precision, say=as_json or quiet, differences=True)
    done = comparison.seeds and written and not comparison.failures and not comparison.interrupted
    return 0 if done and not missed else 1


def _write(comparison: Any, content: dict[str, Any], receipt: str, folder: Path) -> None:
    """The files of a comparison but its manifest, into a folder without any of them."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "compare.json").write_text(text, encoding="utf-8")
    comparison.table().to_csv(folder / "differences.csv", index=False)
    comparison.series().to_parquet(folder / "series.parquet", index=False)
    if comparison.results[0].draws is not None:
        comparison.futures().to_parquet(folder / "futures.parquet", index=False)
    figures.compare.draw_comparison(comparison, receipt, folder)
