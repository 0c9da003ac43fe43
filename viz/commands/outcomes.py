"""``injae outcomes``: everything that ``--outcome``, ``--want`` and ``--margin`` understand."""

import click

from injae.experiments.indicators import INDICATORS
from injae.experiments.wording.spoken import own_text
from injae.model.record import SERIES
from injae.model.scenario import DEFAULT
from injae.viz.commands.group import main
from injae.viz.commands.options import load_scenario, print_options, print_table


@main.command()
@click.argument("scenario", default=DEFAULT)
@print_options
def outcomes(scenario: str, as_json: bool, quiet: bool) -> None:
    """What can be asked of a run of SCENARIO: indicators by name, series at a month as SERIES@YYYY-MM.

    \b
    Example:  injae outcomes --json
    """
    plan = load_scenario(scenario)
    first, last = plan.date_of(0), plan.date_of(plan.months)
    declared = [(name, "indicator", one) for name, one in INDICATORS.items()]
    declared += [(f"{name}@{last}", "series", one) for name, one in SERIES.items()]
    rows = [
        {
            "outcome": name,
            "kind": kind,
            "unit": one.unit,
            "better": one.better,
            "meaning": own_text(f"{kind}.{name.partition('@')[0]}{'.text' * (kind == 'series')}", one.meaning),
        }
        for name, kind, one in declared
    ]
    if as_json or not quiet:
        print_table(f"Outcomes of {plan.name}; a series at any month from {first} to {last}", rows, as_json)
