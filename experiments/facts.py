"""What is known of a country: the facts that the model is held against.

A measurement (``fit``: used by calibrations, ``check``: kept out of them) is read off the monthly series of the first
months of a run. A ``pattern`` is a band from other markets, read off people and events as well.
"""

import math
from typing import NamedTuple

from injae.model.parameters import country_rows
from injae.model.scenario import Scenario

ERRORS_IN_BAND = 2  # standard errors from the middle of a measurement's band to its end


class Band(NamedTuple):
    """Where a fact should lie, and where that is known from; ``measure`` is a name in ``MEASURES``.

    ``case`` is the scenario that it is measured in, ``use`` one of fit, check and pattern, ``value`` the best guess,
    and ``discrepancy`` by how much (standard deviation) the model may be off with the best parameters (nan: not said).
    """

    code: str
    measure: str
    low: float
    high: float
    source: str
    case: str = ""
    use: str = "pattern"
    value: float = math.nan
    discrepancy: float = math.nan
    note: str = ""

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= value <= self.high

    def in_words(self) -> str:
        """Both ends, or the one that there is."""
        if math.isinf(self.high):
            return f"above {self.low:g}"
        return f"below {self.high:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"


def bands(country: str) -> list[Band]:
    """What is known of the cases of a country: its own ``data/COUNTRY/facts.csv``, or that of its base; maybe nothing.

    Rows of cases of other countries, such as a back-cast, are in ``all_bands``.
    """
    return [band for band in all_bands(country) if Scenario.load(band.case).country == country]


def all_bands(country: str) -> list[Band]:
    """The same with the rows of every case, which calibrations and validations of the country take together."""
    return [_band(row) for row in country_rows(country, "facts.csv")]


def _band(row: dict[str, str]) -> Band:
    low, high = _end(row["low"], -math.inf), _end(row["high"], math.inf)
    return Band(
        row["code"], row["measure"], low, high, row["source"], row["case"], row["use"],
        _end(row["value"], (low + high) / 2), _end(row["discrepancy"], math.nan), row["note"],
    )  # fmt: skip


def _end(text: str, missing: float) -> float:
    return float(text) if text else missing
