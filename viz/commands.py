"""The command line: ``injae COMMAND`` or ``python -m injae COMMAND``.

Exit codes: 0 done, 1 some runs failed, 2 bad input, said in one line.
"""

import datetime
import json
import math
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from model.errors import InputError
from model.ledger import PAYMENTS, Purpose
from model.levers import LEVERS, SHOCKS
from model.parameters import declared_parameters
from model.scenario import DEFAULT, MONTHS_MAX, PRESETS, Scenario, preset_names
from viz.margin import any_missed, margin_option, max_seeds_option, precision_lines, seeds_to_begin, tell_expected

SEEDS_MAX = 100_000


class Group(click.Group):
    """Commands whose mistakes end in one line and exit code 2."""

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run the command line and leave the process with its exit code."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help())
            sys.exit(2)
        except click.ClickException as error:
            _fail(error.format_message().rstrip("."))
        except InputError as error:
            _fail(str(error))
        except (click.Abort, KeyboardInterrupt):
            click.echo("stopped", err=True)
            sys.exit(130)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> NoReturn:
    click.echo(f"injae: {' '.join(message.split())}", err=True)
    sys.exit(2)


@click.group(cls=Group, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="injae", message="injae %(version)s")
def main() -> None:
    """Injae: what happens to hospitals if universities are paid to train healthcare-AI experts.

    \b
    Begin with:  injae run
    """


set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one setting, such as levers.grant_scale=2, levers.data_access@2027-01=0.8 or "
    "levers.data_access@2027-01..2029-12=0.8; may be repeated.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
months_option = click.option(
    "--months", type=click.IntRange(1, MONTHS_MAX), help="Length of the run; default as in the scenario."
)
seed_option = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="First seed."
)
seeds_option = click.option(
    "--seeds", type=click.IntRange(1, SEEDS_MAX), default=20, show_default=True, help="Number of seeds."
)
workers_option = click.option("--workers", type=click.IntRange(1, 256), help="Processes; default by the work there is.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the files; default a dated one in results/."
)


def names_of(option: str, text: str | None) -> list[str]:
    """Names with commas between them; none if the option is not given.

    Raises:
        InputError: given, and nothing but commas.
    """
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if text is not None and not names:
        raise InputError(f"{option} {text!r}: names nothing; write NAME,NAME or leave it out")
    return names


@main.command()
@click.argument("scenario", default=DEFAULT)
@months_option
@seed_option
@seeds_option
@margin_option
@max_seeds_option
@set_option
@workers_option
@out_option
@click.option("--no-baseline", is_flag=True, help="Do not simulate the baseline for comparison.")
@click.option("--people", is_flag=True, help="Also write people.parquet: everybody who ever entered.")
@click.option("--events", is_flag=True, help="Also write events.parquet: what happened to each person.")
@json_option
@quiet_option
def run(
    scenario: str,
    months: int | None,
    seed: int,
    seeds: int,
    margin_texts: tuple[str, ...],
    max_seeds: int,
    changes: tuple[str, ...],
    workers: int | None,
    out: Path | None,
    no_baseline: bool,
    people: bool,
    events: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Simulate SCENARIO (a preset or a TOML file) and say what it achieves.

    \b
    Example:  injae run double-grant --seeds 40 --set levers.stipend_won_per_month=500000
    """
    from experiments.margins import split_margins, until_levels
    from experiments.practice import baseline_of
    from experiments.runs import simulate_all

    began = time.perf_counter()
    lengths = [f"months={months}"] if months else []
    plans = [Scenario.load(scenario, [*changes, *lengths])]
    baseline = None if no_baseline else baseline_of(plans[0])
    if baseline is not None:
        plans.append(baseline)
    bar, asked = _progress(quiet or as_json), split_margins(margin_texts)
    until = until_levels(plans[0], asked, max_seeds, tell_expected(bar.note, max_seeds)) if asked else None
    numbers = list(range(seed, seed + seeds_to_begin(seeds, asked, max_seeds)))
    folder = _folder(out, plans[0].name)
    for warning in plans[0].warnings():
        click.echo(f"note: {warning}", err=True)
    _announce_compile(quiet)
    with bar as progress:
        results = simulate_all(
            plans, numbers, workers=workers, people=people, events=events, progress=progress, more=until
        )
    results[0].precision = until and until.found
    return _report(results, folder, time.perf_counter() - began, as_json=as_json, quiet=quiet)


def _folder(out: Path | None, name: str) -> Path:
    stamp = datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    folder = out or Path("results") / f"{stamp}-{name}"
    if folder.is_file():
        raise InputError(f"--out {folder}: is a file; name a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be written ({error.strerror})") from error
    return folder


def _announce_compile(quiet: bool) -> None:
    from agents.kernels import compile_is_due

    if compile_is_due() and not quiet:
        click.echo("Compiling the model for this machine, once: half a minute, or two on a slow one.", err=True)


class _progress:  # noqa: N801 - reads as a function
    """Progress of runs: a bar on a terminal, a line every tenth of the way elsewhere, nothing when quiet."""

    def __init__(self, quiet: bool, doing: str = "Simulating", counted: str = "runs") -> None:
        self.quiet, self.doing, self.counted = quiet, doing, counted
        self.bar: Progress | None = None
        self.last = 0

    def __enter__(self) -> Callable[[int, int], None]:
        if not self.quiet and sys.stderr.isatty():
            columns = (TextColumn(self.doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            bar = Progress(*columns, console=Console(stderr=True), transient=True)
            bar.start()
            self.bar, self.task = bar, bar.add_task(self.counted, total=None)
        return self.show

    def note(self, text: str) -> None:
        """Say something above the bar."""
        if self.bar:
            self.bar.console.print(text, highlight=False)
        elif not self.quiet:
            click.echo(text, err=True)

    def show(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` runs are done."""
        if self.bar:
            self.bar.update(self.task, completed=done, total=total)
        elif not self.quiet and (done * 10 // total > self.last or done == total):
            self.last = done * 10 // total
            click.echo(f"{done} of {total} {self.counted}", err=True)

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()


def _report(results: list[Any], folder: Path, seconds: float, *, as_json: bool, quiet: bool) -> int:
    """Write the files, print the answer, and give the exit code."""
    from experiments.manifest import manifest
    from experiments.practice import practice_ledger
    from experiments.summary import summarise
    from viz.answer import answer
    from viz.practice_answer import practice_lines

    main_results = results[0]
    baseline = results[1] if len(results) > 1 else None
    failures = [run for result in results for run in result.failures]
    if main_results.runs:
        summary = summarise(main_results)
        plans, seeds = [result.plan for result in results], main_results.seeds
        facts = {"kind": "run", **manifest(plans, seeds, ["injae", *sys.argv[1:]], seconds)}
        practice = practice_ledger(main_results, baseline)
        indicators = _summary_json(summary, facts["receipt"], folder)
        indicators["practice_ledger"] = practice and practice.as_dict()
        precision = main_results.precision
        indicators["precision"] = precision and precision.as_dict()
        if as_json:
            click.echo(json.dumps(indicators, indent=2))
        elif not quiet:
            ledger_lines = practice_lines(practice) if practice else []
            margin_lines = precision_lines(precision.rows(), precision.seeds) if precision else []
            click.echo("\n".join(answer(main_results, baseline, summary) + ledger_lines))
            click.echo("".join(f"  {line}\n" for line in margin_lines), nl=False)
            click.echo(f"  Files in {folder}  ({seconds:.1f} s, receipt {facts['receipt']})")
        try:
            _write(folder, main_results, baseline, indicators, facts)
        except OSError as error:
            click.echo(f"injae: files in {folder} are not complete: {error.strerror}", err=True)
            return 1
    _report_failures(failures, folder)
    if main_results.interrupted and not main_results.runs and not any(folder.iterdir()):
        folder.rmdir()
        click.echo("injae: stopped before the first run was done", err=True)
    elif main_results.interrupted:
        click.echo(f"injae: stopped early; {len(main_results.runs)} finished runs are in {folder}", err=True)
    missed = any_missed(main_results.precision, say=as_json or quiet)
    return 1 if failures or main_results.interrupted or missed else 0


def _report_failures(failures: list[Any], folder: Path) -> None:
    """Say which runs failed and why, and keep the trace of each in the folder."""
    for run in failures:
        name = re.sub(r"[^\w.-]+", "-", run.plan.name)
        (folder / f"error-{name}-seed-{run.seed}.txt").write_text(run.error, encoding="utf-8")
        last = run.error.strip().splitlines()[-1]
        click.echo(f"injae: run {run.plan.name}, seed {run.seed} failed: {last}", err=True)


def _summary_json(summary: dict[str, Any], receipt: str, folder: Path) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and math.isnan(value) else value

    indicators = {name: {key: plain(v) for key, v in e._asdict().items()} for name, e in summary.items()}
    return {"receipt": receipt, "folder": str(folder), "indicators": indicators}


FILES = ("series", "baseline", "bindings", "ledger", "people", "events", "summary", "manifest", "figure")


def _write(folder: Path, results: Any, baseline: Any, indicators: dict[str, Any], facts: dict[str, Any]) -> None:
    """The files of a run, in place of those of an earlier run in the same folder."""
    from viz.figures import draw_run

    for old in folder.iterdir():
        if old.stem in FILES and old.is_file():
            old.unlink()
    (folder / "manifest.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(indicators, indent=2), encoding="utf-8")
    results.series().to_parquet(folder / "series.parquet", index=False)
    results.what_binds().to_parquet(folder / "bindings.parquet", index=False)
    results.ledger().to_csv(folder / "ledger.csv", index=False)
    if baseline is not None and baseline.runs:
        baseline.series().to_parquet(folder / "baseline.parquet", index=False)
    for kind in ("people", "events"):
        tables = [getattr(run, kind) for run in results.runs if getattr(run, kind) is not None]
        if tables:
            _write_one_by_one(folder / f"{kind}.parquet", tables)
    draw_run(results, baseline, facts["receipt"], folder)


def _write_one_by_one(path: Path, tables: list[Any]) -> None:
    """Write tables of the same columns below each other, one in memory at a time: events are many."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    first = pa.Table.from_pandas(tables[0], preserve_index=False)
    with ParquetWriter(path, first.schema) as file:
        for table in tables:
            file.write_table(pa.Table.from_pandas(table, schema=first.schema, preserve_index=False))


@main.command()
@click.argument("key", default="list")
@click.argument("scenario", default=DEFAULT)
@click.option("--versus", metavar="SCENARIO", help="Lay the life in this scenario beside it.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the run.")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Language of the life.")
@months_option
@set_option
@json_option
@quiet_option
def person(
    key: str,
    scenario: str,
    versus: str | None,
    seed: int,
    lang: str,
    months: int | None,
    changes: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> int:
    """The life of the person with KEY in SCENARIO, and with --versus the same person's life in another.

    KEY is a number from the column key of people.parquet, or a word: most-changed, emigrated-graduate, founder,
    retained, returner, longest-search, highest-rise, retrained-clinician. Without KEY, or with "list", people worth
    a look are named. --set changes SCENARIO alone.

    \b
    Example:  injae person most-changed korea --versus no-programme --seed 3
    """
    from experiments.practice import baseline_of
    from viz.person import check_key, show_person

    check_key(key)
    lengths = [f"months={months}"] if months else []
    plans = [Scenario.load(scenario, [*changes, *lengths])]
    if versus:
        plans.append(Scenario.load(versus, [f"months={plans[0].months}"]))
        if plans[1].country != plans[0].country:
            raise InputError(
                f"--versus {versus}: a case of {plans[1].country!r}, not of {plans[0].country!r}; nobody is in both"
            )
    elif key in ("list", "most-changed"):
        baseline = baseline_of(plans[0])
        plans += [baseline] if baseline else []
    labels = [plan.name for plan in plans]
    if len(set(labels)) < len(labels):
        labels[0] += " as set"
    _announce_compile(quiet)
    return show_person(key, plans, labels, seed, as_json=as_json, quiet=quiet, lang=lang)


@main.command()
@click.argument("scenario", default=DEFAULT)
@json_option
def levers(scenario: str, as_json: bool) -> None:
    """What a government can set, and the shocks of the world, with their values in SCENARIO.

    \b
    Example:  injae levers double-grant
    """
    plan = Scenario.load(scenario)
    settings = plan.settings()
    rows = []
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        for name, lever in declared.items():
            path = f"{group}.{name}"
            value = settings[path].removesuffix(f" {lever.unit}")
            rows.append(
                {
                    "path": path,
                    "value": value,
                    "unit": lever.unit,
                    "low": lever.low,
                    "high": lever.high,
                    "paid_as": PAYMENTS[Purpose[lever.purpose]].meaning if lever.purpose else "",
                    "meaning": lever.meaning,
                }
            )
    _print_table(f"Levers and shocks in {plan.name}", rows, as_json)


@main.command()
@click.argument("scenario", default=DEFAULT)
@json_option
def parameters(scenario: str, as_json: bool) -> None:
    """Every uncertain number of the model with its range and source.

    \b
    Example:  injae parameters --json
    """
    plan = Scenario.load(scenario)
    rows = []
    for path, parameter in declared_parameters(plan.country).items():
        value = plan.parameters.get(path, parameter.value)
        rows.append(
            {
                "path": f"parameters.{path}",
                "value": value,
                "unit": parameter.unit,
                "low": parameter.low,
                "high": parameter.high,
                "kind": parameter.kind,
                "source": parameter.source,
                "meaning": parameter.meaning,
            }
        )
    _print_table(f"Parameters of {plan.country} in {plan.name}", rows, as_json)


def _print_table(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold", no_wrap=name == "path")
    for row in rows:
        table.add_row(*(f"{cell:,.10g}" if isinstance(cell, int | float) else str(cell) for cell in row.values()))
    Console(width=None if sys.stdout.isatty() else 220).print(table)


@main.group()
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
    if file.exists():
        raise InputError(f"{file}: exists already; choose another name")
    if file.suffix != ".toml":
        raise InputError(f"{file}: a scenario file ends in .toml")
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
        file.write_text("\n".join(lines), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror})") from error
    click.echo(f"{file} written; run it with: injae run {file}")


def _as_toml(plan: Scenario, steps: list[tuple[int, float]], default: float) -> str:
    """A schedule as a scenario file writes it."""
    if all(month <= 0 for month, _ in steps):
        return f"{steps[-1][1] if steps else default:.10g}"
    parts = [f'{{from = "{plan.date_of(month)}", value = {value:.10g}}}' for month, value in steps]
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
    _print_table(f"{a} against {b}", rows, as_json)


@scenario.command("validate")
@click.argument("file")
def scenario_validate(file: str) -> None:
    """Check a scenario FILE.

    \b
    Example:  injae scenario validate my-plan.toml
    """
    plan = Scenario.load(file)
    for warning in plan.warnings():
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


import viz.app_command  # noqa: E402 - each adds its commands; they need what is above
import viz.calibrate_command  # noqa: E402
import viz.check_command  # noqa: E402
import viz.compare_command  # noqa: E402
import viz.discover_command  # noqa: E402
import viz.heatmap_command  # noqa: E402
import viz.outcomes_command  # noqa: E402
import viz.rebuild_command  # noqa: E402
import viz.robust_command  # noqa: E402
import viz.screen_command  # noqa: E402
import viz.search_command  # noqa: E402
import viz.sensitivity_command  # noqa: E402
import viz.sweep_commands  # noqa: E402, F401
