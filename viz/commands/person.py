"""``injae person``: one life, and the same life under another policy."""

import click

from injae import experiments
from injae.model.errors import InputError
from injae.model.scenario import DEFAULT
from injae.viz import answers
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import (
    announce_compile,
    changes_with,
    load_scenario,
    months_option,
    print_options,
    set_option,
)


@main.command()
@click.argument("key", default="list")
@click.argument("scenario", default=DEFAULT)
@click.option("--versus", metavar="SCENARIO", help="Lay the life in this scenario beside it.")
@click.option("--seed", type=Integer(0, 2**31 - 1), default=0, show_default=True, help="Seed of the run.")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Language of the life.")
@months_option
@set_option
@print_options
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
    answers.person.check_key(key)
    plans = [load_scenario(scenario, changes_with(months, changes))]
    if versus:
        plans.append(load_scenario(versus, [f"months={plans[0].months}"]))
        if plans[1].country != plans[0].country:
            fault = f"a case of {plans[1].country!r}, not of {plans[0].country!r}"
            raise InputError("unusable", fault, "versus", versus, suggestion="nobody is in both")
    elif key in ("list", "most-changed"):
        baseline = experiments.practice.baseline_of(plans[0])
        plans += [baseline] if baseline else []
    labels = [plan.name for plan in plans]
    if len(set(labels)) < len(labels):
        labels[0] += " as set"
    for note in dict.fromkeys(note for plan in plans for note in experiments.envelope.outside(plan)):
        click.echo(f"note: {note}", err=True)
    announce_compile(quiet)
    return answers.person.show_person(key, plans, labels, seed, as_json=as_json, quiet=quiet, lang=lang)
