"""``injae levers`` and ``injae parameters``: everything that can be set."""

import click

from model.ledger import PAYMENTS, Purpose
from model.levers import LEVERS, SHOCKS
from model.parameters import declared_parameters
from model.scenario import DEFAULT, Scenario
from viz.commands.front import json_option, main, print_table


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
    print_table(f"Levers and shocks in {plan.name}", rows, as_json)


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
    print_table(f"Parameters of {plan.country} in {plan.name}", rows, as_json)
