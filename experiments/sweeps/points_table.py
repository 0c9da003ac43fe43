"""A table of points as a user wrote it: a CSV file with a column a path and a row a point."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.wording.amounts import counted
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
                header, header_line = _header(row), rows.line_num
            elif row:
                values.append(_numbers(header, row))
    except csv.Error as error:
        fault = InputError("unreadable", "a quotation mark is not closed, or stands within a cell")
        raise fault.found_in(file, rows.line_num) from error
    except InputError as error:
        error.found_in(file, rows.line_num)
        raise
    if not values or header == ["point"]:
        raise InputError("unreadable", f"{'' if header else 'is empty; '}{NEEDED}", source=file)
    table = pd.DataFrame(np.array(values), columns=header)
    if "point" in table:
        table = table.astype({"point": int}).set_index("point").sort_index()
        twice = table.index[table.index.duplicated()]
        if len(twice):
            raise InputError("repeated", f"point {twice[0]} is there twice", source=file)
    table.index.name = "point"
    table.attrs = {"header_line": header_line}
    return table


def _text_of(file: str) -> str:
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError("unreadable", f"cannot be read ({error.strerror})", source=file) from error
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        fault = "is no text in UTF-8, perhaps UTF-16 or a spreadsheet; save it as CSV in UTF-8"
        raise InputError("unreadable", fault, source=file)
    return text


def _header(row: Sequence[str]) -> list[str]:
    names = [name.strip() for name in row]
    for mark, words in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            fault = f"its cells are separated by {words}; save it with commas, 0.25 as 0.25"
            raise InputError("unreadable", fault)
    for n, name in enumerate(names):
        if not name:
            raise InputError("unreadable", f"column {n + 1} has no name", suggestion=NEEDED)
        if name in names[:n]:
            raise InputError("repeated", f"column {name} is there twice")
    return names


def _numbers(header: Sequence[str], row: Sequence[str]) -> list[float]:
    if len(row) != len(header):
        mend = (
            "remove what is too much, such as a comma at the end"
            if len(row) > len(header)
            else "a cell that is left empty has its comma too"
        )
        raise InputError("unreadable", f"has {counted(len(row), 'field')}, the header {len(header)}", suggestion=mend)
    return [_number(name, cell.strip()) for name, cell in zip(header, row, strict=True)]


def _number(name: str, cell: str) -> float:
    if name == "point":
        number = whole_of(cell, "column point")
        if not 0 <= number <= NUMBER_MAX:
            raise InputError("range", f"point {number} is outside 0 to {NUMBER_MAX}")
        return number
    if cell.lower() in AS_IN_THE_POLICY:
        return np.nan
    return number_of(cell, f"column {name}")
