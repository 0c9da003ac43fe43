"""``injae run``: one scenario against its baseline."""

import errno
import json
import math
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from injae import experiments
from injae.experiments.folders import MANIFEST, as_json, replacing
from injae.model.errors import InputError
from injae.model.scenario import DEFAULT, Scenario
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
from injae.viz.commands.options import (
    announce_compile,
    changes_with,
    figure_options,
    load_scenario,
    months_option,
    out_option,
    print_options,
    print_table,
    results_folder,
    seed_option,
    seeds_option,
    set_option,
    uncertainty_option,
    workers_option,
)
from injae.viz.commands.progress import RunsBar
from injae.viz.commands.sweep_lines import reason_of
from injae.viz.figures.form import FORMATS
from injae.viz.lines import one_line


@main.command()
@click.argument("scenario", default=DEFAULT)
@months_option
@seed_option
@seeds_option
@uncertainty_option
@margin_options
@set_option
@workers_option
@out_option
@click.option("--no-baseline", is_flag=True, help="Do not simulate the baseline for comparison.")
@click.option("--people", is_flag=True, help="Also write people.parquet: everybody who ever entered.")
@click.option("--events", is_flag=True, help="Also write events.parquet: what happened to each person.")
@click.option("--profile", is_flag=True, help="Only say where the time of one run goes; no files.")
@figure_options
@print_options
def run(
    scenario: str,
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
    people: bool,
    events: bool,
    profile: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Simulate SCENARIO (a preset or a TOML file) and say what it achieves, and how sure that is.

    \b
    Example:  injae run double-grant --seeds 40 --set levers.stipend_won_per_month=500000
    """
    began = time.perf_counter()
    plans = [load_scenario(scenario, changes_with(months, changes))]
    if profile:
        announce_compile(quiet or as_json)
        return _profile(plans[0], seed, as_json)
    baseline = None if no_baseline else experiments.practice.baseline_of(plans[0])
    if baseline is not None:
        plans.append(baseline)
    bar, asked = RunsBar(quiet or as_json), experiments.margins.split_margins(margin_texts)
    check_aleatory(uncertainty, asked)
    ensemble = experiments.uncertainty.ensemble_for(uncertainty, plans[0], asked)
    numbers = list(
        range(seed, seed + seeds_to_begin(seeds, asked, max_seeds, experiments.uncertainty.RUNS[ensemble.kind]))
    )
    rule = (
        experiments.margins.StoppingRule(asked, numbers, max_seeds, tell_expected(bar.note, max_seeds))
        if asked
        else None
    )
    until = experiments.margins.until_levels(plans[0], rule) if rule else None
    folder = results_folder(out, plans[0].name, "run", FILES)
    for warning in experiments.envelope.outside(plans[0]):
        click.echo(f"note: {warning}", err=True)
    announce_compile(quiet)
    with bar as progress:
        keep = [name for name, kept in (("people", people), ("events", events)) if kept]
        results = experiments.runs.simulate_all(
            plans, numbers, uncertainty=ensemble, keep=keep, workers=workers, progress=progress, more=until
        )
    results[0].precision = until and until.found
    return _report(results, numbers, folder, time.perf_counter() - began, as_json=as_json, quiet=quiet)


def _profile(plan: Scenario, seed: int, as_json: bool) -> int:
    """Print the share of each process of the month."""
    from injae.model.profile import profile  # with it the compiled model

    seconds = profile(plan, seed)
    whole = sum(seconds.values())
    rows = [
        {"process": name, "share_percent": round(100 * spent / whole, 1), "microseconds_per_month": round(micro)}
        for name, spent in seconds.items()
        for micro in [1e6 * spent / plan.months]
    ]
    print_table(f"{plan.name}, seed {seed}, {plan.months} months: {whole:.3f} s", rows, as_json)
    return 0


def _report(results: list[Any], numbers: list[int], folder: Path, seconds: float, *, as_json: bool, quiet: bool) -> int:
    """Write the files, print the answer, and give the exit code."""
    main_results, written = results[0], True
    baseline = results[1] if len(results) > 1 else None
    failures = [run for result in results for run in result.failures]
    plans = [result.plan for result in results]
    command = ["injae", *sys.argv[1:]]
    facts = {
        "kind": "run",
        **experiments.manifest.manifest(plans, main_results.seeds or numbers, command, seconds, main_results.ensemble),
    }
    if main_results.runs:
        summary = experiments.summary.summarise(main_results)
        practice = experiments.practice.practice_ledger(main_results, baseline)
        indicators = _summary_json(summary, facts["receipt"], folder)
        strong = {
            name: [one._asdict() for one in some]
            for name, some in experiments.summary.strongest_by(main_results).items()
        }
        indicators["extension"] = facts["extension"]
        indicators["outside_envelope"] = experiments.envelope.outside(main_results.plan)
        indicators["uncertainty"] = {**main_results.uncertainty(), "strongest": strong}
        indicators["practice_ledger"] = practice and practice.as_dict()
        precision = main_results.precision
        indicators["precision"] = precision and precision.as_dict()
        write = partial(_write, main_results, baseline, indicators, facts["receipt"])
        written = all_written(folder, "run", facts, failures, write)
        if as_json:
            click.echo(json.dumps(indicators, indent=2))
        elif not quiet:
            ledger_lines = answers.practice.practice_lines(practice) if practice else []
            margin_lines = precision_lines(precision.rows(), precision.seeds) if precision else []
            lines = [
                *answers.run.answer(main_results, baseline, summary),
                *ledger_lines,
                *answers.ensemble.ensemble_lines(main_results),
            ]
            click.echo("\n".join([*lines, *(f"  {line}" for line in margin_lines)]))
            if written:
                click.echo(f"  Files in {folder}  ({seconds:z.1f} s, receipt {facts['receipt']})")
    elif failures:
        written = all_written(folder, "run", facts, failures)
    say_failures(failures)
    if main_results.interrupted and not main_results.runs:
        click.echo("injae: stopped before the first run was done", err=True)
    elif main_results.interrupted:
        there = f" are in {folder}" if written else ""
        click.echo(f"injae: stopped early; {len(main_results.runs)} finished runs{there}", err=True)
    missed = any_missed(main_results.precision, say=as_json or quiet)
    return 1 if failures or main_results.interrupted or missed or not written else 0


def all_written(
    folder: Path, kind: str, facts: dict[str, Any], failures: list[Any], write: Callable[[Path], object] | None = None
) -> bool:
    """Put the files of a result into its folder: its manifest, traces of failed runs, and what ``write`` writes.

    What cannot be written is said in one line, and then there are none; gives whether there are.
    """
    try:
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "is gone since the command began")
        with replacing(folder, kind) as new:
            (new / MANIFEST).write_text(as_json(facts), encoding="utf-8")
            for run in failures:
                name = re.sub(r"[^\w.-]+", "-", run.plan.name)[:100]
                (new / f"error-{name}-seed-{run.seed}.txt").write_text(run.error, encoding="utf-8")
            if write:
                write(new)
    except (OSError, InputError) as error:
        click.echo(one_line(f"injae: {folder}: {reason_of(error)}; no file is written"), err=True)
        return False
    return True


def say_failures(failures: list[Any]) -> None:
    """Say which runs failed and why."""
    for run in failures:
        last = run.error.strip().splitlines()[-1]
        click.echo(f"injae: run {run.plan.name}, seed {run.seed} failed: {last}", err=True)


def _summary_json(summary: dict[str, Any], receipt: str, folder: Path) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and math.isnan(value) else value

    indicators = {name: {key: plain(v) for key, v in e._asdict().items()} for name, e in summary.items()}
    return {"receipt": receipt, "folder": str(folder), "indicators": indicators}


FILES = (
    "manifest.json", "summary.json", "series.parquet", "futures.parquet", "bindings.parquet", "ledger.csv",
    "baseline.parquet", "people.parquet", "events.parquet",
    *(f"{name}.{to}" for name in ("figure", "bindings") for to in FORMATS),
)  # fmt: skip


def _write(results: Any, baseline: Any, indicators: dict[str, Any], receipt: str, folder: Path) -> None:
    """The files of a run but its manifest, into a folder without any of them."""
    (folder / "summary.json").write_text(json.dumps(indicators, indent=2), encoding="utf-8")
    results.series().to_parquet(folder / "series.parquet", index=False)
    if results.draws is not None:
        results.futures().to_parquet(folder / "futures.parquet", index=False)
    results.what_binds().to_parquet(folder / "bindings.parquet", index=False)
    results.ledger().to_csv(folder / "ledger.csv", index=False)
    if baseline is not None and baseline.runs:
        baseline.series().to_parquet(folder / "baseline.parquet", index=False)
    for kind in ("people", "events"):
        tables = [getattr(run, kind) for run in results.runs if getattr(run, kind) is not None]
        if tables:
            _write_one_by_one(folder / f"{kind}.parquet", tables)
    figures.run.draw_run(results, baseline, receipt, folder)


def _write_one_by_one(path: Path, tables: list[Any]) -> None:
    """Write tables of the same columns below each other, one in memory at a time: events are many."""
    import pyarrow as pa  # a quarter of a second, for an option that few take
    from pyarrow.parquet import ParquetWriter  # the same

    first = pa.Table.from_pandas(tables[0], preserve_index=False)
    with ParquetWriter(path, first.schema) as file:
        for table in tables:
            file.write_table(pa.Table.from_pandas(table, schema=first.schema, preserve_index=False))
