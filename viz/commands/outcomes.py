"""``injae outcomes``: everything that ``--outcome``, ``--want`` and ``--margin`` understand."""

import click

from model.scenario import DEFAULT, Scenario
from viz.commands.group import main
from viz.commands.options import json_option, print_table, quiet_option


@main.command()
@click.argument("scenario", default=DEFAULT)
@json_option
@quiet_option
def outcomes(scenario: str, as_json: bool, quiet: bool) -> None:
    """What can be asked of a run of SCENARIO: indicators by name, series at a month as SERIES@YYYY-MM.

    \b
    Example:  injae outcomes --json
    """
    from experiments.indicators import INDICATORS
    from model.record import SERIES

    plan = Scenario.load(scenario)
    first, last = plan.date_of(0), plan.date_of(plan.months)
    declared = [(name, "indicator", one) for name, one in INDICATORS.items()]
    declared += [(f"{name}@{last}", "series", one) for name, one in SERIES.items()]
    rows = [
        {"outcome": name, "kind": kind, "unit": one.unit, "better": one.better, "meaning": one.meaning}
        for name, kind, one in declared
    ]
    if as_json or not quiet:
        print_table(f"Outcomes of {plan.name}; a series at any month from {first} to {last}", rows, as_json)
