"""Tables that commands print."""

from collections.abc import Collection, Iterable

from rich.table import Table
from rich.text import Text


def headed(title: str | None, columns: Iterable[str], left: Collection[str] = (), padding: int = 2) -> Table:
    """A table without rows: its heading, and columns that stand on the right but for those in ``left``."""
    heading = title and Text(f"\n{title}", style="bold")
    table = Table(title=heading, title_justify="left", box=None, pad_edge=False, padding=(0, padding))
    for name in columns:
        table.add_column(Text(name), justify="left" if name in left else "right", overflow="fold")
    return table
