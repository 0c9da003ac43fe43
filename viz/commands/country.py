"""``injae country``: the countries there are, a new one begun from a list of institutions, and its check."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from injae import experiments
from injae.experiments.wording.spoken import speech_of
from injae.model.parameters import FOLDERS
from injae.model.scenario import country_start
from injae.viz.commands.group import Ending, main
from injae.viz.commands.options import json_option, print_table

if TYPE_CHECKING:
    from injae.experiments.countries import Checked


@main.group(cls=Ending)
def country() -> None:
    """Name the countries there are, begin one of your own, and check it."""


@country.command("list")
@json_option
def country_list(as_json: bool) -> None:
    """Name the countries that there are, with their start and currency.

    \b
    Example:  injae country list
    """
    from injae.model.country import read_country  # loads Mesa and pandas, which the help spares

    rows = []
    for name in sorted(FOLDERS):
        read = read_country(name)
        rows.append(
            {
                "country": name,
                "name": read.facts["name"]["en"],
                "start": country_start(name),
                "currency": speech_of(name).currency.name["en"],
                "hospitals": len(read.hospitals.names),
                "universities": len(read.universities),
            }
        )
    print_table("Countries", rows, as_json)


@country.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--institutions", required=True, type=click.Path(path_type=Path), help="CSV: name,kind,class,region.")
@click.option("--base", default="korea", show_default=True, help="Country whose parameters hold until yours do.")
@click.option("--start", default="2025-01", show_default=True, help="First month.")
def country_new(folder: Path, institutions: Path, base: str, start: str) -> None:
    """Write a commented FOLDER of a country from a list of its institutions, and check it.

    \b
    Example:  injae country new my-country --institutions hospitals.csv
    """
    files = experiments.countries.new_country(folder, institutions, base, start)
    click.echo(f"{folder} written: {', '.join(files)}")
    _say(experiments.countries.check_country(folder))
    click.echo(f"Run it with: injae run {folder}/scenario.toml --with {folder}/extension.py --no-baseline")


@country.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
def country_check(folder: Path) -> None:
    """Check the FOLDER of a country: every file as a run reads it, and what is still another country's.

    \b
    Example:  injae country check data/united-states
    """
    _say(experiments.countries.check_country(folder))


def _say(found: "Checked") -> None:
    tiers = ", ".join(f"{count:,} {tier}" for tier, count in found.hospitals.items())
    click.echo(
        f"{found.name} is valid: hospitals {tiers}; {found.firms:,} firms; {found.universities} universities, "
        f"{found.funded} of them in the programme; amounts in {found.currency}."
    )
    if found.carried_over:
        click.echo(
            f"note: {len(found.carried_over)} facts are still the base's, the first {found.carried_over[0]}", err=True
        )
    if found.money_carried_over:
        first = found.money_carried_over[0]
        click.echo(
            f"note: {len(found.money_carried_over)} sums of money are still the base's, the first {first}", err=True
        )
    if not found.funded:
        click.echo("note: no university is in the programme (universities.csv, funded = yes)", err=True)
