"""Won as a reader wants them. Nothing heavy is loaded here: every command prints amounts."""

SIZES = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1.0, ""))  # won in one of the unit, and its short name


def size_of(amount: float) -> tuple[float, str]:
    """The largest unit of which an amount has one or more: won in it, and its short name."""
    return next(((size, short) for size, short in SIZES if abs(amount) >= size), SIZES[-1])


def won(amount: float) -> str:
    """Won in words: ``28.5bn won``, ``31.7m won``, ``1.2tn won``."""
    size, short = size_of(amount)
    return f"{amount / size:,.{1 if short else 0}f}{short} won"
