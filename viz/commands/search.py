"""``injae search``: the best mixes of levers for a total of public won."""

import hashlib
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

from model.errors import InputError
from model.numbers import number_of
from model.scenario import DEFAULT, Scenario
from viz.commands.group import main
from viz.commands.numeric import Whole
from viz.commands.options import (
    announce_compile,
    json_option,
    months_option,
    quiet_option,
    set_option,
    uncertainty_option,
    workers_option,
)
from viz.commands.progress import RunsBar

SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12}
LEAST_POPULATION = 4


@main.command()
@click.argument("scenario", default=DEFAULT)
@click.option("--budget", required=True, metavar="WON", help="Public won beyond the baseline's, in all; 28.5bn, 900m.")
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
    "--want", "wants", multiple=True, metavar="NAME>=VALUE", help="What every mix must reach; may be repeated."
)
@click.option(
    "--periods", metavar="DATES", help="First month of each period and the month after the last, with commas."
)
@click.option("--generations", type=Whole(1, 10_000), default=40, show_default=True)
@click.option("--population", type=Whole(LEAST_POPULATION, 10_000), default=40, show_default=True)
@click.option("--seeds", type=Whole(1, 1000), default=4, show_default=True, help="Seeds of a first look.")
@click.option(
    "--optimiser-seeds",
    "optimisers",
    type=Whole(1, 100),
    default=2,
    show_default=True,
    help="Searches merged.",
)
@click.option("--fresh-seeds", type=Whole(2, 10_000), default=30, show_default=True, help="Seeds of the final judging.")
@click.option("--futures", type=Whole(0, 100_000), default=0, help="Also try the front in so many futures.")
@uncertainty_option
@months_option
@set_option
@workers_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default one in results/ for each question.")
@click.option("--save-scenarios", is_flag=True, help="Also write the sets that are shown as scenario files.")
@json_option
@quiet_option
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
    """Search for the mixes of levers that do most for the money, on top of SCENARIO.

    The same command again goes on where it was stopped, with the same result as if it had not been.

    \b
    Example:  injae search korea --budget 28.5bn --generations 15 --population 24 --save-scenarios
    """
    _check_installed()
    from experiments.folders import check_free
    from experiments.searches.finding import search_finding
    from experiments.searches.search import ask
    from experiments.searches.search import search as do_search
    from viz.commands.sweep_lines import failing_in_one_line

    began = time.perf_counter()
    plan = Scenario.load(scenario, [*changes, *([f"months={months}"] if months else [])])
    question = ask(
        plan, won_of(budget), levers=levers, objectives=objectives, wants=wants,
        periods=[date.strip() for date in periods.split(",")] if periods else [],
        generations=generations, population=population, seeds=seeds, optimisers=optimisers,
        fresh_seeds=fresh_seeds, futures=futures, uncertainty=uncertainty,
    )  # fmt: skip
    folder = out or Path("results") / re.sub(r"[^\w.-]+", "-", f"search-{plan.name}-{_short(question)}")
    check_free(folder, "search")
    announce_compile(quiet)
    again = shlex.join(["injae", *sys.argv[1:]])
    try:
        with failing_in_one_line(folder, goes_on=True), RunsBar(quiet or as_json) as progress:
            searched = do_search(question, folder, workers=workers, watch=progress)
            finding = search_finding(searched)
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
    """Won as written: ``28.5bn``, ``900m``, ``2.85e10``.

    Raises:
        InputError: no such amount.
    """
    form: Any = re.fullmatch(r"(.*?)\s*(k|m|bn|tn|)(?:\s*won)?", text.strip().lower(), re.DOTALL)
    needed = "needs won above 0, such as 28.5bn or 900m"
    amount = number_of(form[1], f"--budget {text}", f"; {needed}") * SUFFIXES[form[2]]
    if not 0 < amount < math.inf:
        raise InputError(f"--budget {text}: {needed}")
    return amount


def _check_installed() -> None:
    """Refuse early, in one line, where the library of the search is missing."""
    import importlib.util

    if importlib.util.find_spec("pymoo") is None:
        raise InputError('search: needs pymoo; install it with: pip install "injae[experiments]"')


def _short(question: Any) -> str:
    """Some characters that stand for the question, whatever its length may grow to."""
    from experiments.searches.search import MAY_GROW

    content = {name: value for name, value in question.as_dict().items() if name not in MAY_GROW}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def _write(finding: Any, searched: Any, folder: Path, save_scenarios: bool) -> list[str]:
    """Tables, receipt, figures, and scenario files if asked for; gives the names of the files."""
    from experiments.searches.finding import shown_scenarios
    from viz.figures.findings import publish

    more = partial(_save_scenarios, finding, searched) if save_scenarios else None
    drawn = publish(finding, folder, ["injae", *sys.argv[1:]], more)
    files = [*(f"{name}.csv" for name in finding.tables), "receipt.json", *(file.name for file in drawn)]
    return files + (sorted(f"scenarios/{name}.toml" for name in shown_scenarios(searched)) if save_scenarios else [])


def _save_scenarios(finding: Any, searched: Any, folder: Path) -> None:
    """The sets that are shown as scenario files in the folder ``scenarios`` of a folder."""
    from experiments.scenario_files import as_toml
    from experiments.searches.finding import shown_scenarios
    from experiments.tables import write_whole
    from viz.answers.search import mix_lines

    for name, plan in shown_scenarios(searched).items():
        title = {"en": f"Mix {name.removeprefix('set-')} of a search", "ko": f"탐색 조합 {name.removeprefix('set-')}"}
        text = as_toml(plan.model_copy(update={"title": title}), "\n".join(mix_lines(finding, [name])))
        write_whole(folder / "scenarios" / f"{name}.toml", text)


def _tell(finding: Any, folder: Path, files: list[str], seconds: float, *, as_json: bool, quiet: bool) -> None:
    from viz.answers.search import search_answer
    from viz.commands.finding import echo_json

    if as_json:
        echo_json(finding, folder)
    elif not quiet:
        Console(width=None if sys.stdout.isatty() else 160).print(search_answer(finding))
        click.echo(f"Files in {folder}: {', '.join(files)}  ({seconds:z.0f} s)")
