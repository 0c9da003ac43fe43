"""A table of points as a user wrote it: a CSV file with a column a path and a row a point."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from model.errors import InputError
from model.numbers import number_of, whole_of

AS_IN_THE_POLICY = frozenset({"", "nan", "na", "n/a", "<na>", "#n/a", "null", "none"})
NUMBER_MAX = 2**31 - 1  # of a point
NEEDED = "needs a header of paths and at least one row of numbers"


def read_points(file: str) -> pd.DataFrame:
    """Numbers of a table by column; nan for a cell that is empty.

    Points have the numbers of the column ``point`` and are in their order; without that column they are counted from 0,
    in the order of the file. ``attrs`` has the ``header_line``, from 1.

    Raises:
        InputError: naming the file, and the line or the column of what cannot be.
    """
    rows = csv.reader(io.StringIO(_text_of(file), newline=""), skipinitialspace=True, strict=True)
    header, values, header_line = [], [], 1
    try:
        for row in rows:
            if row and not header:
                header, header_line = _header(file, row), rows.line_num
            elif row:
                values.append(_numbers(f"design {file}: line {rows.line_num}", header, row))
    except csv.Error as error:
        place = f"design {file}: line {rows.line_num}"
        raise InputError(f"{place}: a quotation mark is not closed, or stands within a cell") from error
    if not values or header == ["point"]:
        raise InputError(f"design {file}: {'' if header else 'is empty; '}{NEEDED}")
    table = pd.DataFrame(np.array(values), columns=header)
    if "point" in table:
        table = table.astype({"point": int}).set_index("point").sort_index()
        twice = table.index[table.index.duplicated()]
        if len(twice):
            raise InputError(f"design {file}: point {twice[0]} is there twice")
    table.index.name = "point"
    table.attrs = {"header_line": header_line}
    return table


def _text_of(file: str) -> str:
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"design {file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(_no_text(file)) from error
    if "\0" in text:
        raise InputError(_no_text(file))
    return text


def _no_text(file: str) -> str:
    return f"design {file}: is no text in UTF-8, perhaps UTF-16 or a spreadsheet; save it as CSV in UTF-8"


def _header(file: str, row: Sequence[str]) -> list[str]:
    names = [name.strip() for name in row]
    for mark, words in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            raise InputError(f"design {file}: its cells are separated by {words}; save it with commas, 0.25 as 0.25")
    for n, name in enumerate(names):
        if not name:
            raise InputError(f"design {file}: column {n + 1} has no name; {NEEDED}")
        if name in names[:n]:
            raise InputError(f"design {file}: column {name} is there twice")
    return names


def _numbers(place: str, header: Sequence[str], row: Sequence[str]) -> list[float]:
    if len(row) != len(header):
        mend = (
            "remove what is too much, such as a comma at the end"
            if len(row) > len(header)
            else "a cell that is left empty has its comma too"
        )
        raise InputError(f"{place} has {_fields(len(row))}, the header {len(header)}; {mend}")
    return [_number(place, name, cell.strip()) for name, cell in zip(header, row, strict=True)]


def _fields(number: int) -> str:
    return f"{number} field" if number == 1 else f"{number} fields"


def _number(place: str, name: str, cell: str) -> float:
    if name == "point":
        number = whole_of(cell, f"{place}: column point")
        if not 0 <= number <= NUMBER_MAX:
            raise InputError(f"{place}: point {number} is outside 0 to {NUMBER_MAX}")
        return number
    if cell.lower() in AS_IN_THE_POLICY:
        return np.nan
    return number_of(cell, f"{place}: column {name}")
