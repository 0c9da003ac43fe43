"""``injae person``: one life, and the same life under another policy."""

import click

from model.errors import InputError
from model.scenario import DEFAULT, Scenario
from viz.commands.group import main
from viz.commands.numeric import Whole
from viz.commands.options import announce_compile, json_option, months_option, quiet_option, set_option


@main.command()
@click.argument("key", default="list")
@click.argument("scenario", default=DEFAULT)
@click.option("--versus", metavar="SCENARIO", help="Lay the life in this scenario beside it.")
@click.option("--seed", type=Whole(0, 2**31 - 1), default=0, show_default=True, help="Seed of the run.")
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
    from experiments.envelope import outside
    from experiments.practice import baseline_of
    from viz.answers.person import check_key, show_person

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
    for note in dict.fromkeys(note for plan in plans for note in outside(plan)):
        click.echo(f"note: {note}", err=True)
    announce_compile(quiet)
    return show_person(key, plans, labels, seed, as_json=as_json, quiet=quiet, lang=lang)
