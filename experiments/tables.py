"""Tables of ours as Parquet files: written whole, and read with every page and column checked."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from injae.experiments.documents import check_inside
from injae.experiments.folders import atomic
from injae.model.errors import InputError
from injae.model.renamed import with_current_names

KINDS = {"number": "numbers", "whole": "whole numbers", "text": "text"}


def write_atomically(path: Path, content: pa.Table | str) -> None:
    """Write a table or a text so that the file is there as a whole or not at all, whatever happens.

    What is not known (nan) becomes null. Query engines take nan for a number larger than all others, and by a file's
    statistics, which leave it out, some pass over rows that a comparison would find (docs/neighbours.md).
    """
    with atomic(path) as file:
        if isinstance(content, str):
            file.write(content.encode())
        else:
            content = _nan_to_null(content)
            floats = [field.name for field in content.schema if pa.types.is_float32(field.type)]
            text = [field.name for field in content.schema if not pa.types.is_primitive(field.type)]
            pq.write_table(
                content,
                file,
                compression="zstd",
                use_dictionary=text,  # pyright: ignore[reportArgumentType] - a list of columns is allowed
                use_byte_stream_split=floats,  # pyright: ignore[reportArgumentType]
                write_page_checksum=True,
            )


def _nan_to_null(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = pc.if_else(pc.is_nan(table[place]), pa.scalar(None, field.type), table[place])
            table = table.set_column(place, field, column)
    return table


def read_table(path: Path, columns: Mapping[str, str], others: str = "") -> pd.DataFrame:
    """A small table that was written whole.

    Args:
        path: of the file.
        columns: that it has, and of each ``number``, ``whole`` (a number) or ``text``.
        others: the same of further columns; none if empty.

    Raises:
        InputError: it cannot be read, or a column is not as it has to be; names file and column.
    """
    check_inside(path)
    try:
        table = read_verified(path)
    except (OSError, ValueError) as error:  # what pyarrow raises is one of these
        raise InputError("unreadable", f"cannot be read ({str(error).splitlines()[0][:100]})", source=path) from error
    names = table.schema.names
    for name in dict.fromkeys([*columns, *names]):
        kind, column = columns.get(name, others), f"column {name[:60]}"
        if names.count(name) != 1 or not kind:
            fault = f"{column} {'is unknown' if name in names else 'is missing'}, or there twice"
            raise InputError("unknown", fault, source=path)
        if not _is(kind, table.schema.field(name).type) or (kind != "number" and table[name].null_count):
            raise InputError("unreadable", f"{column} holds more than {KINDS[kind]}", source=path)
    return table.to_pandas()


def _is(kind: str, column: pa.DataType) -> bool:
    """Whether a column of a file is of a kind."""
    if kind == "text":
        inner = column.value_type if pa.types.is_dictionary(column) else column
        return pa.types.is_string(inner) or pa.types.is_large_string(inner)
    return pa.types.is_integer(column) or (kind == "number" and pa.types.is_floating(column))


def read_verified(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a table, every page checked; what other programs have noted beside it, pandas for one, is not read.

    Raises:
        OSError: torn, damaged or not there.
        ValueError: no Parquet file (``pyarrow.ArrowInvalid``).
    """
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        written = {with_current_names(name): name for name in file.schema_arrow.names}
        table = file.read([written.get(name, name) for name in columns] if columns else columns)
        table = table.rename_columns([with_current_names(name) for name in table.schema.names])
        return table.replace_schema_metadata(None)  # no checksum guards it


def check_block(kind: str, schema: pa.Schema) -> None:
    """Refuse a file of a block whose columns are not those of its kind (ValueError)."""
    wanted = {"run": "text", **({"month": "whole"} if kind == "series" else {})}
    others = "number" if kind in ("series", "summary") else ""
    for name, column in zip(schema.names, schema.types, strict=True):
        if (needed := wanted.pop(name, others)) and not _is(needed, column):
            raise ValueError(f"column {name} holds more than {KINDS[needed]}")
    if wanted:
        raise ValueError(f"no column {next(iter(wanted))}")
