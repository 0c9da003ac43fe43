"""What is believed of a parameter before facts are looked at: its prior, as shares of belief and values.

Half of the belief lies evenly between low and value, half between value and high: the declared value is the median. Of
a parameter of the kind ``calibrated``, whose value comes from a fit, all belief lies evenly between low and high.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from injae.model.parameters import Parameter, declared_parameters

EVEN = "calibrated"  # kind of a parameter that nobody can measure: every value of its range is as good as another


def varying(country: str) -> list[str]:
    """Paths of all parameters of a country that have a range (``group.name``), in the order of their declaration."""
    return [path for path, one in declared_parameters(country).items() if one.low < one.high]


def quantile(parameter: Parameter, shares: Any) -> Any:
    """Values below which the given shares of belief lie (inverse distribution); any shape, shares 0 to 1."""
    low, middle, high = _bends(parameter)
    return np.interp(shares, (0.0, 0.5, 1.0), (low, middle, high))


def share(parameter: Parameter, values: Any) -> Any:
    """Shares of belief below values (distribution), 0 to 1; where half of it sits on one value, the middle of that."""
    values = np.asarray(values, float)
    low, middle, high = _bends(parameter)
    below = np.where(values < middle, _part(values, low, middle), 1.0) / 2
    above = np.where(values > middle, _part(values, middle, high), 0.0) / 2
    at_end = (values == middle) * ((low < high) * ((middle == high) - (low == middle)) * 0.25)
    return below + above + at_end


def draws(country: str, paths: Sequence[str], shares: Any) -> Any:
    """Values of several parameters at shares of their priors; both of shape ``(draws, parameters)``."""
    declared = declared_parameters(country)
    return np.column_stack([quantile(declared[path], shares[:, n]) for n, path in enumerate(paths)])


def _bends(parameter: Parameter) -> tuple[float, float, float]:
    """Where the distribution is 0, a half and 1."""
    low, high = parameter.low, parameter.high
    return low, (low + high) / 2 if parameter.kind == EVEN else parameter.value, high


def _part(values: Any, low: float, high: float) -> Any:
    """How far values are on the way from low to high, 0 to 1."""
    return np.clip((values - low) / (high - low), 0.0, 1.0) if low < high else (values >= high).astype(float)
