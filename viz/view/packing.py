"""A payload on its way to the browser: rows of numbers as short text, half the bytes of JSON.

A row of numbers with ``d`` decimals becomes whole numbers (times ``10 ** d``), each but the first less the one before,
joined by commas: neighbouring months differ little. Nothing is lost; ``custom.js`` undoes it.
"""

from typing import Any

ROWS = ("mean", "aleatory_low", "aleatory_high", "low", "high", "baseline", "gap", "gap_low", "gap_high")


def packed(payload: dict[str, Any] | None) -> dict[str, Any] | None:
    """The payload of ``payload.board`` with the rows of its charts, constraints and dates as text."""
    if payload is None:
        return None
    charts = [
        {**chart, **{name: pack(chart[name], chart["decimals"]) for name in ROWS if chart[name] is not None}}
        for chart in payload["charts"]
    ]
    binds = payload["binds"]
    if binds is not None:
        weakest = {who: pack(row) for who, row in binds["weakest"].items()}
        binds = {**binds, "share": [pack(row) for row in binds["share"]], "weakest": weakest}
    return {**payload, "charts": charts, "binds": binds, "dates": ",".join(payload["dates"])}


def pack(row: list[float], decimals: int = 0) -> str:
    """A row of numbers, rounded to ``decimals``, as text."""
    whole = [round(number * 10**decimals) for number in row]
    return ",".join(str(b - a) for a, b in zip([0, *whole], whole, strict=False))
