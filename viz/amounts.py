"""Amounts as a reader wants them: won in words, shares in points. Loads nothing heavy: every command prints them."""

from collections.abc import Callable

SIZES = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1.0, ""))  # won in one of the unit, and its short name
LEAST_OF = {"tn": 0.99995, "bn": 0.99995, "m": 1 - 0.5e-6, "": 0.0}  # from here 1,000.0 of the smaller unit is written


def size_of(amount: float) -> tuple[float, str]:
    """The largest unit of which an amount, rounded as it is written, has one or more: won in it, and its short name."""
    return next(((size, short) for size, short in SIZES if abs(amount) >= size * LEAST_OF[short]), SIZES[-1])


def won(amount: float) -> str:
    """Won in words: ``28.5bn won``, ``31.7m won``, ``1.2tn won``."""
    size, short = size_of(amount)
    return f"{amount / size:z,.{1 if short else 0}f}{short} won"


def scale_of(unit: str) -> tuple[float, str]:
    """Factor and name of a unit for readers."""
    head, per, rest = unit.partition(" per ")
    if head in ("share", "chance"):
        return 100.0, f"percentage points{per}{rest}"
    if head == "won":
        return (1e-6, f"million won{per}{rest}") if rest == "person" else (1e-9, f"billion won{per}{rest}")
    return 1.0, unit


def written(value: float, unit: str) -> str:
    """A number in the reader's unit, without its name; a dash where it is not known."""
    if value != value:
        return "-"
    scaled = scale_of(unit)[0] * value
    return f"{scaled:z,.0f}" if abs(scaled) >= 100 else f"{scaled:z.3g}"


def span(low: float, high: float, write: Callable[[float], str]) -> str:
    """An interval, its ends written alike; a dash where it is not known."""
    return "-" if low != low or high != high else f"{write(low)} to {write(high)}"


def interval_written(low: float, high: float, unit: str) -> str:
    """An interval in the reader's unit."""
    return span(low, high, lambda value: written(value, unit))


def counted(number: int, one: str, many: str) -> str:
    """A number and what is counted: ``1 run``, ``2 runs``."""
    return f"{number} {one if number == 1 else many}"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours: ``80 s``, ``12 min``, ``1.6 h``."""
    if seconds < 90:
        return f"{seconds:z.0f} s"
    return f"{seconds / 60:z.0f} min" if seconds < 5400 else f"{seconds / 3600:z.1f} h"


def byte_size(number: float) -> str:
    """Bytes in a unit one can read: ``12 MB``."""
    for unit in ("B", "kB", "MB"):
        if round(number) < 1000:
            return f"{number:z.0f} {unit}"
        number /= 1000
    return f"{number:z.1f} GB"
