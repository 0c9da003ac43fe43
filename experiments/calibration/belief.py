"""What is believed of all parameters before facts are looked at, and the cases that facts are measured in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from injae.experiments import priors
from injae.experiments.analyses.futures import Input
from injae.experiments.calibration.evidence import Fact
from injae.model.errors import InputError, nearest
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario


@dataclass(frozen=True)
class Belief:
    """Priors of all parameters that vary; points are shares of belief (``experiments.priors``), so that all are even.

    Attributes:
        plan: scenario; parameters that it sets do not vary.
        names: of the parameters (``group.name``).
    """

    plan: Scenario
    names: list[str]

    @classmethod
    def of(cls, plan: Scenario) -> "Belief":
        """Belief about all parameters that have a range and that the scenario does not set."""
        return cls(plan, [name for name in priors.varying(plan.country) if name not in plan.parameters])

    def only(self, paths: Sequence[str]) -> "Belief":
        """Belief about some of the parameters; the others are taken for known.

        Raises:
            InputError: a path that does not vary.
        """
        for path in paths:
            if path not in self.paths:
                fault = "no parameter with a range"
                raise InputError("unknown", fault, "vary", path, suggestion=nearest(path, self.paths))
        return Belief(self.plan, [name for name, path in zip(self.names, self.paths, strict=True) if path in paths])

    @property
    def paths(self) -> list[str]:
        """Paths of the parameters, as a design has them."""
        return [f"parameters.{name}" for name in self.names]

    @property
    def inputs(self) -> list[Input]:
        """What varies, with its range."""
        declared = declared_parameters(self.plan.country)
        found = []
        for path, name in zip(self.paths, self.names, strict=True):
            one = declared[name]
            words = one.name.replace("_", " ")
            found.append(Input(path, words, one.unit, one.meaning, "linear", one.low, one.high))
        return found

    def scaled(self, x: Any, country: str = "") -> pd.DataFrame:
        """Shares of belief as values of the parameters, a column a path; in another country those of its own priors."""
        declared = declared_parameters(country or self.plan.country)
        columns = zip(self.paths, self.names, strict=True)
        return pd.DataFrame({path: priors.quantile(declared[name], x[:, n]) for n, (path, name) in enumerate(columns)})

    def places(self, x: Any) -> Any:
        """Where values lie in their ranges, 0 to 1: what emulators are fitted over. Shape (points, inputs)."""
        declared = declared_parameters(self.plan.country)
        low, high = (np.array([getattr(declared[name], end) for name in self.names]) for end in ("low", "high"))
        return (self.scaled(x).to_numpy() - low) / (high - low)

    def inside(self, x: Any) -> Any:
        """Which points belong to the prior: all."""
        return np.ones(len(x), bool)


@dataclass(frozen=True)
class Case:
    """A scenario that facts are measured in, with as many months as they need.

    Attributes:
        plan: the scenario.
        facts: that are measured in it.
        outcomes: indicators that are noted as well.
    """

    plan: Scenario
    facts: Sequence[Fact]
    outcomes: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of what a run of it gives."""
        return list(dict.fromkeys([*(fact.name for fact in self.facts), *self.outcomes]))
