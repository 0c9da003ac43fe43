"""How amounts of an outcome are written: shares in percentage points, won in billions, three digits."""


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
    return f"{scaled:,.0f}" if abs(scaled) >= 100 else f"{scaled:.3g}"


def interval_written(low: float, high: float, unit: str) -> str:
    """An interval in the reader's unit."""
    return "-" if low != low else f"{written(low, unit)} to {written(high, unit)}"
