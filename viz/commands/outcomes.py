"""``injae outcomes``: everything that ``--outcome``, ``--want`` and ``--margin`` understand."""

import click

from model.scenario import DEFAULT, Scenario
from viz.commands.front import json_option, main, print_table, quiet_option


@main.command()
@click.argument("scenario", default=DEFAULT)
@json_option
@quiet_option
def outcomes(scenario: str, as_json: bool, quiet: bool) -> None:
    """What can be asked of a run of SCENARIO: indicators by name, series at a month as SERIES@YYYY-MM.

    \b
    Example:  injae outcomes --json
    """
    from experiments.summary import INDICATORS
    from model.record import SERIES

    plan = Scenario.load(scenario)
    first, last = plan.date_of(0), plan.date_of(plan.months)
    rows = [
        {"outcome": name, "kind": "indicator", "unit": one.unit, "meaning": name.replace("_", " ")}
        for name, one in INDICATORS.items()
    ]
    rows += [
        {"outcome": f"{name}@{last}", "kind": "series", "unit": series.unit, "meaning": series.meaning}
        for name, series in SERIES.items()
    ]
    if as_json or not quiet:
        print_table(f"Outcomes of {plan.name}; a series at any month from {first} to {last}", rows, as_json)
