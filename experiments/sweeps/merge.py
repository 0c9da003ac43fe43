"""Few large blocks in place of many small ones, when a sweep has ended.

The small ones are removed only after the large one is on disk, and the file in ``runs`` first, which takes a block out
of the sweep as a whole: whenever the process is killed, every run is there at least once, and what is there twice
counts once. Who reads meanwhile finds a block gone and looks again (``Sweep.written``).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from injae.experiments.sweeps.store import TABLES, Sweep, counting_rows, log, write_block
from injae.experiments.tables import read_verified

BLOCK_ROWS = 100_000  # of the longest table of a merged block
SMALL_BLOCKS = 16  # so many may stay as they are: merging costs time as well


def merge_blocks(store: Sweep) -> None:
    """Merge the small blocks of a sweep if there are many; whoever calls holds its lock."""
    written = store.written()
    counting = {str(name): ids.tolist() for name, ids in counting_rows(written).groupby("block")["id"]}
    small = [name for name in sorted(written["block"].unique()) if _rows(store.folder, name) < BLOCK_ROWS / 2]
    if len(small) <= SMALL_BLOCKS:
        return
    try:
        for group in _groups(store.folder, small, counting):
            if group.tables:
                write_block(store.folder, {kind: _joined(parts) for kind, parts in group.tables.items()}, merged=True)
                _settle(store.folder)
            for name in group.names:
                _remove(store.folder, name)
    except OSError as error:
        log.warning("note: small blocks stay as they are, merging them failed (%s)", error)


@dataclass
class _Group:
    """Small blocks that become one: their names, and by kind of table the rows of each that count."""

    names: list[str] = field(default_factory=list)
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    rows: int = 0

    def takes(self, tables: dict[str, pa.Table]) -> bool:
        """Whether there is room for a block, and its tables have the columns of those that are here."""
        alike = all(self.tables[kind][0].schema == tables[kind].schema for kind in tables if kind in self.tables)
        return alike and (not self.rows or self.rows + _longest(tables) <= BLOCK_ROWS)

    def add(self, name: str, tables: dict[str, pa.Table]) -> None:
        self.names.append(name)
        self.rows += _longest(tables)
        for kind, table in tables.items():
            self.tables.setdefault(kind, []).append(table)


def _groups(folder: Path, small: list[str], counting: Mapping[str, list[str]]) -> Iterator[_Group]:
    """Small blocks in the order of their names, joined as far as they fit; one that cannot be read stays out."""
    group = _Group()
    for name in small:
        try:
            tables = _tables(folder, name, counting.get(name, []))
        except (OSError, ValueError) as error:
            log.warning("note: block %s is not merged, it cannot be read (%s)", name, error)
            continue
        if not group.takes(tables):
            yield group
            group = _Group()
        group.add(name, tables)
    if group.names:
        yield group


def _tables(folder: Path, name: str, runs: list[str]) -> dict[str, pa.Table]:
    """Tables of a block without the rows of runs that count elsewhere; none if nothing in it counts."""
    if not runs:
        return {}
    ids, tables = pa.array(runs, pa.string()), {}
    for kind in TABLES:
        if (folder / kind / name).exists():
            table = read_verified(folder / kind / name)
            own = table["id" if kind == "runs" else "run"]
            tables[kind] = table.filter(pc.is_in(own, value_set=ids))  # pyright: ignore[reportAttributeAccessIssue]
    return tables


def _rows(folder: Path, name: str) -> int:
    """Rows of the longest table of a block; of one that cannot be read, as many as never to be merged."""
    files = [folder / kind / name for kind in TABLES]
    try:
        return max(pq.read_metadata(file).num_rows for file in files if file.exists())
    except (OSError, ValueError):
        return BLOCK_ROWS


def _longest(tables: dict[str, pa.Table]) -> int:
    return max((table.num_rows for table in tables.values()), default=0)


def _joined(parts: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(parts).unify_dictionaries()


def _settle(folder: Path) -> None:
    """Have the names of new files on disk before old files go, in case the power does."""
    for kind in TABLES:
        with suppress(OSError):  # Windows opens no folders
            place = os.open(folder / kind, os.O_RDONLY)
            try:
                os.fsync(place)
            finally:
                os.close(place)


def _remove(folder: Path, name: str) -> None:
    for kind in reversed(TABLES):
        (folder / kind / name).unlink(missing_ok=True)
