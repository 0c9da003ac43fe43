"""``injae search``: the best portfolios of levers for a total of public money."""

import hashlib
import importlib.util
import json
import math
import re
import shlex
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from injae import experiments
from injae.experiments import searches
from injae.experiments.folders import check_free
from injae.experiments.scenario_files import as_toml
from injae.experiments.wording.spoken import currency
from injae.model.errors import InputError
from injae.model.numbers import number_of
from injae.model.scenario import DEFAULT
from injae.viz import answers, figures
from injae.viz.commands.finding import echo_json
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import (
    announce_compile,
    changes_with,
    figure_options,
    load_scenario,
    months_option,
    print_options,
    set_option,
    uncertainty_option,
    workers_option,
)
from injae.viz.commands.progress import RunsBar
from injae.viz.commands.sweep_lines import failing_in_one_line

SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12}
LEAST_POPULATION = 4


@main.command()
@click.argument("scenario", default=DEFAULT)
@click.option(
    "--budget", required=True, metavar="MONEY", help="Public money beyond the baseline's, in all; 28.5bn, 900m."
)
@click.option(
    "--levers",
    multiple=True,
    metavar="PATH[=LOW:HIGH]",
    help="A lever to search; default all that cost money. Without a range: from the baseline's value to what would "
    "cost the whole budget. May be repeated.",
)
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="NAME[:max|min]",
    help="Indicator or SERIES@YYYY-MM; default domains in routine use, specialists in hospitals, regional gap and "
    "cost, all at the end. May be repeated.",
)
@click.option(
    "--want", "wants", multiple=True, metavar="NAME>=VALUE", help="What every portfolio must reach; may be repeated."
)
@click.option(
    "--periods", metavar="DATES", help="First month of each period and the month after the last, with commas."
)
@click.option("--generations", type=Integer(1, 10_000), default=40, show_default=True)
@click.option("--population", type=Integer(LEAST_POPULATION, 10_000), default=40, show_default=True)
@click.option("--seeds", type=Integer(1, 1000), default=4, show_default=True, help="Seeds of a first look.")
@click.option(
    "--optimiser-seeds",
    "optimisers",
    type=Integer(1, 100),
    default=2,
    show_default=True,
    help="Searches merged.",
)
@click.option(
    "--fresh-seeds", type=Integer(2, 10_000), default=30, show_default=True, help="Seeds of the final judging."
)
@click.option("--futures", type=Integer(0, 100_000), default=0, help="Also try the front in so many futures.")
@uncertainty_option
@months_option
@set_option
@workers_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default one in results/ for each question.")
@click.option("--save-scenarios", is_flag=True, help="Also write the sets that are shown as scenario files.")
@figure_options
@print_options
def search(
    scenario: str,
    budget: str,
    levers: tuple[str, ...],
    objectives: tuple[str, ...],
    wants: tuple[str, ...],
    periods: str | None,
    generations: int,
    population: int,
    seeds: int,
    optimisers: int,
    fresh_seeds: int,
    futures: int,
    uncertainty: str | None,
    months: int | None,
    changes: tuple[str, ...],
    workers: int | None,
    out: Path | None,
    save_scenarios: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Search for the portfolios of levers that do most for the money, on top of SCENARIO.

    The same command again goes on where it was stopped, with the same result as if it had not been.

    \b
    Example:  injae search korea --budget 28.5bn --generations 15 --population 24 --save-scenarios
    """
    _check_installed()

    began = time.perf_counter()
    plan = load_scenario(scenario, changes_with(months, changes))
    dates = [date.strip() for date in periods.split(",")] if periods else []
    space = searches.question.DecisionSpace(won_of(budget), levers, dates)
    effort = searches.question.Effort(generations, population, seeds, optimisers, fresh_seeds, futures)
    question = searches.question.ask(
        plan, space, objectives=objectives, wants=wants, effort=effort, uncertainty=uncertainty
    )
    folder = out or Path("results") / re.sub(r"[^\w.-]+", "-", f"search-{plan.name}-{_short(question)}")
    check_free(folder, "search")
    announce_compile(quiet)
    again = shlex.join(["injae", *sys.argv[1:]])
    try:
        with failing_in_one_line(folder, goes_on=True), RunsBar(quiet or as_json) as progress:
            searched = searches.search.search(question, folder, workers=workers, watch=progress)
            finding = searches.finding.search_finding(searched)
            files = _write(finding, searched, folder, save_scenarios)
    except KeyboardInterrupt:
        click.echo(f"injae: stopped early; finished runs are kept in {folder}; go on with: {again}", err=True)
        return 1
    if save_scenarios and not any(name.startswith("scenarios/") for name in files):
        click.echo("injae: no scenario is saved, since no set is shown", err=True)
    _tell(finding, folder, files, time.perf_counter() - began, as_json=as_json, quiet=quiet)
    for name, lines in finding.facts["outside_envelope"].items():
        for line in lines:
            click.echo(f"note: {name}: {line}", err=True)
    for reason in finding.facts["first_failures"]:
        click.echo(f"injae: runs failed: {reason}", err=True)
    return 1 if finding.facts["runs_failed"] or not finding.facts["front"] else 0


def won_of(text: str) -> float:
    """Money as written, in the currency of the country, in units of its data: ``28.5bn``, ``900m``, ``2.85e10``.

    Raises:
        InputError: no such amount.
    """
    name = currency().name["en"]
    form: Any = re.fullmatch(rf"(.*?)\s*(k|m|bn|tn|)(?:\s*{re.escape(name.lower())})?", text.strip().lower(), re.DOTALL)
    needed = f"needs {name} above 0, such as 28.5bn or 900m"
    amount = number_of(form[1], "budget", needed, text) * SUFFIXES[form[2]] * currency().per_name
    if not 0 < amount < math.inf:
        raise InputError("range", needed, "budget", text)
    return amount


def _check_installed() -> None:
    """Refuse early, in one line, where the library of the search is missing."""
    if importlib.util.find_spec("pymoo") is None:
        hint = 'install it with: pip install "injae[experiments]"'
        raise InputError("not_installed", "needs pymoo", "search", suggestion=hint)


def _short(question: Any) -> str:
    """Some characters that stand for the question, whatever its length may grow to."""
    content = {name: value for name, value in question.as_dict().items() if name not in searches.search.MAY_GROW}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def _write(finding: Any, searched: Any, folder: Path, save_scenarios: bool) -> list[str]:
    """Tables, receipt, figures, and scenario files if asked for; gives the names of the files."""
    more = partial(_save_scenarios, finding, searched) if save_scenarios else None
    drawn = figures.findings.publish(finding, folder, ["injae", *sys.argv[1:]], more)
    files = [*(f"{name}.csv" for name in finding.tables), "receipt.json", *(file.name for file in drawn)]
    return files + (
        sorted(f"scenarios/{name}.toml" for name in searches.finding.shown_scenarios(searched))
        if save_scenarios
        else []
    )


def _save_scenarios(finding: Any, searched: Any, folder: Path) -> None:
    """The sets that are shown as scenario files in the folder ``scenarios`` of a folder."""
    for name, plan in searches.finding.shown_scenarios(searched).items():
        title = {
            "en": f"Portfolio {name.removeprefix('set-')} of a search",
            "ko": f"탐색 조합 {name.removeprefix('set-')}",
        }
        text = as_toml(
            plan.model_copy(update={"title": title}), "\n".join(answers.search.portfolio_lines(finding, [name]))
        )
        experiments.tables.write_atomically(folder / "scenarios" / f"{name}.toml", text)


def _tell(finding: Any, folder: Path, files: list[str], seconds: float, *, as_json: bool, quiet: bool) -> None:

    if as_json:
        echo_json(finding, folder)
    elif not quiet:
        Console(width=None if sys.stdout.isatty() else 160).print(answers.search.search_answer(finding))
        click.echo(f"Files in {folder}: {', '.join(files)}  ({seconds:z.0f} s)")
