"""``injae levers``: what a government can set, and the shocks of the world."""

import click

from injae.model.ledger import PAYMENTS, Purpose
from injae.model.levers import LEVERS, SHOCKS
from injae.model.scenario import DEFAULT
from injae.viz.commands.group import main
from injae.viz.commands.options import json_option, load_scenario, print_table


@main.command()
@click.argument("scenario", default=DEFAULT)
@json_option
def levers(scenario: str, as_json: bool) -> None:
    """What a government can set, and the shocks of the world, with their values in SCENARIO.

    \b
    Example:  injae levers double-grant
    """
    plan = load_scenario(scenario)
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
    print_table(f"Levers and shocks in {plan.name}", rows, as_json)
