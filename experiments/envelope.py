"""Where answers are at home: levers and parameters of a scenario that lie outside what sources and the fit cover.

Parameters have the range of their sources (``model.parameters``) and, where facts leave less, that of the posterior;
levers have that of ``data/COUNTRY/levers.csv``: what has been paid or done somewhere, or a reason. Beyond it the model
computes, and no evidence says that it is right.
"""

import functools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.calibration.posterior_files import read_posterior
from injae.experiments.uncertainty import all_drawn, ensemble_of
from injae.model.levers import LEVERS
from injae.model.parameters import country_rows, declared_parameters
from injae.model.scenario import DEFAULT, Scenario, preset_names

COVERS = {
    "source": "what a source covers",
    "evidence": "the evidence",
    "fit": "what the fit leaves",
}
BESIDE = 0.05  # share of a parameter's range beside the outermost draws that still counts as left by the fit


class Sourced(NamedTuple):
    """What is known of a lever: the range that a source or reason covers."""

    low: float
    high: float
    source: str


class Outside(NamedTuple):
    """A setting beyond its envelope.

    Attributes:
        path: of the setting, such as ``levers.grant_scale``.
        value: the first one outside, or of several the one that is farthest out.
        since: ISO month from which it holds; empty where it holds from the beginning.
        low: end of the envelope.
        high: end of the envelope.
        unit: of all three.
        envelope: a key of ``COVERS``: what the range is taken from.
    """

    path: str
    value: float
    since: str
    low: float
    high: float
    unit: str
    envelope: str

    def in_words(self) -> str:
        """As a line."""
        when = f" from {self.since}" if self.since else ""
        return (
            f"{self.path} = {self.value:,.10g}{when} is outside {COVERS[self.envelope]} "
            f"({self.low:,.6g} to {self.high:,.6g} {self.unit})"
        )


@functools.cache
def sourced_levers(country: str) -> dict[str, Sourced]:
    """Sourced ranges of levers, by name, of a country or its base; empty where it names none."""
    rows = country_rows(country, "levers.csv")
    return {row["lever"]: Sourced(float(row["low"]), float(row["high"]), row["source"]) for row in rows}


def outside(plan: Scenario) -> list[str]:
    """A line for each setting of a scenario that lies outside its envelope, or that nothing will come of."""
    in_presets = _late_in_presets(plan)
    return [one.in_words() for one in beyond(plan)] + [line for line in plan.too_late() if line not in in_presets]


def _late_in_presets(plan: Scenario) -> list[str]:
    """What a preset itself sets after the end of a run that was made shorter: nothing that its user has set."""
    names = {name for name in (plan.name, DEFAULT) if name in preset_names()}
    whole = [preset for preset in map(Scenario.load, names) if preset.country == plan.country]
    return [line for preset in whole for line in preset.model_copy(update={"months": plan.months}).too_late()]


def beyond(plan: Scenario) -> list[Outside]:
    """Settings of a scenario that lie outside their envelope: levers, each once and by date, then parameters."""
    found = []
    for name in sourced_levers(plan.country):
        for month, value in plan.levers.get(name, []):
            one = _lever(plan.country, name, value) if month <= plan.months else None
            if one:
                found.append(one._replace(since=plan.date_of(month) if month > 1 else ""))
                break
    parameters = (_parameter(plan, path, value) for path, value in plan.parameters.items())
    return found + [one for one in parameters if one]


def beyond_varied(plan: Scenario, varied: Mapping[str, Any]) -> list[Outside]:
    """The same for settings that vary around a scenario.

    Args:
        plan: names the country.
        varied: values by path (``levers.NAME``, ``levers.NAME@DATE``, ``parameters.GROUP.NAME``; others have no
            envelope); nan where a point leaves a setting as it is.
    """
    found = []
    for full, values in varied.items():
        path, _, date = full.partition("@")
        group, _, name = path.partition(".")
        known = [value for value in np.asarray(values, float).tolist() if not math.isnan(value)]
        for value in dict.fromkeys((min(known), max(known)) if known else ()):
            one = None
            if group == "levers":
                one = _lever(plan.country, name, value)
            elif group == "parameters":
                one = _parameter(plan, name, value)
            if one:
                found.append(one._replace(since=date))
    return found


def _lever(country: str, name: str, value: float) -> Outside | None:
    known = sourced_levers(country).get(name)
    if known is None or known.low <= value <= known.high:
        return None
    return Outside(f"levers.{name}", value, "", known.low, known.high, LEVERS[name].unit, "source")


def _parameter(plan: Scenario, path: str, value: float) -> Outside | None:
    one = declared_parameters(plan.country)[path]
    low, high, envelope = one.low, one.high, "evidence"
    if low <= value <= high:
        left = _left_by_the_fit(plan).get(path)
        if left is None or left[0] <= value <= left[1]:
            return None
        (low, high), envelope = left, "fit"
    return Outside(f"parameters.{path}", value, "", low, high, one.unit, envelope)


def _left_by_the_fit(plan: Scenario) -> dict[str, tuple[float, float]]:
    """What a posterior that is up to date leaves of each parameter: the reach of its draws, and a little more."""
    ensemble = ensemble_of(None, plan)
    if ensemble.posterior is None or ensemble.posterior.is_stale:
        return {}
    return _support(plan.country, ensemble.posterior.country, ensemble.posterior.identity)


@functools.lru_cache(maxsize=8)
def _support(country: str, of_fit: str, _identity: str) -> dict[str, tuple[float, float]]:
    posterior = read_posterior(of_fit)
    assert posterior is not None
    declared, found = declared_parameters(country), {}
    for path, values in all_drawn(posterior, country).items():
        one = declared[path]
        beside = BESIDE * (one.high - one.low)  # so few draws hardly reach the ends of what the fit leaves
        found[path] = max(min(values) - beside, one.low), min(max(values) + beside, one.high)
    return found
