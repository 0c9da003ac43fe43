"""What a run is known by: the state of the model, the scenario, the seed, each as a short hash."""

import hashlib
import json
from typing import Any

from injae.experiments.extensions import model_hash
from injae.experiments.manifest import data_checksums
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario


def model_version(*countries: str) -> str:
    """What runs depend on beside their scenarios: sources of the model, data of their countries, as 16 characters."""
    return _digest([model_hash(), data_checksums(countries)])


def case_of(plan: Scenario) -> str:
    """A scenario as 16 characters: equal for scenarios that simulate and count alike, whatever their names."""
    content = plan.model_dump(exclude={"name", "title", "baseline"})
    declared = declared_parameters(plan.country)
    content["parameters"] = {name: value for name, value in plan.parameters.items() if value != declared[name].value}
    for group, levers in (("levers", LEVERS), ("shocks", SHOCKS)):
        steps = content[group].items()
        content[group] = {name: step for name, step in steps if step != [(0, levers[name].default)]}
    return _digest(content)


def run_id(model: str, case: str, seed: int) -> str:
    """Name of a run: the same name, the same result."""
    return hashlib.sha256(f"{model} {case} {seed}".encode()).hexdigest()[:16]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
