"""``injae parameters``: every uncertain number."""

import click

from injae.model.parameters import declared_parameters
from injae.model.scenario import DEFAULT
from injae.viz.commands.group import main
from injae.viz.commands.options import json_option, load_scenario, print_table


@main.command()
@click.argument("scenario", default=DEFAULT)
@json_option
def parameters(scenario: str, as_json: bool) -> None:
    """Every uncertain number of the model with its range and source.

    \b
    Example:  injae parameters --json
    """
    plan = load_scenario(scenario)
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
