"""A table of points as a user or another program wrote it: a CSV file with a column a path and a row a point.

Spreadsheets write semicolons or tabs, and then decimal commas; pandas an index without a name; EMA Workbench columns
``scenario``, ``policy`` and ``model``, a row for each policy, and True and False; AgentPy ``sample_id``.
"""

import csv
import io
import logging
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from injae.experiments.wording.amounts import counted
from injae.model.errors import InputError
from injae.model.numbers import number_of, whole_of

AS_IN_THE_POLICY = frozenset({"", "nan", "na", "n/a", "<na>", "#n/a", "null", "none"})
NUMBER_MAX = 2**31 - 1  # of a point
INDEX = frozenset({"", "unnamed: 0", "sample_id"})  # a first column that only counts rows
LABELS = frozenset({"scenario", "policy", "model"})  # of EMA Workbench: they name an experiment
YES_OR_NO = {"true": 1.0, "false": 0.0}
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")

log = logging.getLogger("injae")
NEEDED = "needs a header of paths and at least one row of numbers"


def read_points(file: str) -> pd.DataFrame:
    """Numbers of a table by column; nan for a cell that is empty.

    Points have the numbers of the column ``point`` and are in their order; without that column they are counted from 0,
    in the order of the file. ``attrs`` has the ``header_line``, from 1.

    Raises:
        InputError: naming the file, and the line or the column of what cannot be.
    """
    text = _text_of(file)
    mark = _mark_of(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True, strict=True)
    header, values, header_line = [], [], 1
    commas = mark != "," and _has_decimal_commas(text, mark, file)
    try:
        for row in rows:
            if row and not header:
                header, header_line = _header(row), rows.line_num
            elif row:
                values.append(_numbers(header, row, commas=commas))
    except csv.Error as error:
        fault = InputError("unreadable", "a quotation mark is not closed, or stands within a cell")
        raise fault.found_in(file, rows.line_num) from error
    except InputError as error:
        error.found_in(file, rows.line_num)
        raise
    if not values or header == ["point"]:
        raise InputError("unreadable", f"{'' if header else 'is empty; '}{NEEDED}", source=file)
    table = _without_labels(pd.DataFrame(np.array(values), columns=header), file)
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
    for n, name in enumerate(names):
        if not name and n:
            raise InputError("unreadable", f"column {n + 1} has no name", suggestion=NEEDED)
        if name in names[:n]:
            raise InputError("repeated", f"column {name} is there twice")
    return names


def _mark_of(text: str) -> str:
    """What stands between cells: the first line that says something holds it."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return next((mark for mark in ("\t", ";") if mark in first), ",")


def _has_decimal_commas(text: str, mark: str, file: str) -> bool:
    """Whether numbers are written 0,25.

    Raises:
        InputError: some are and some are written 0.25, so that nobody can say what 1,000 is.
    """
    cells = [cell.strip(' "') for line in text.splitlines()[1:] for cell in line.split(mark)]
    comma = next((cell for cell in cells if _DECIMAL_COMMA.fullmatch(cell)), "")
    point = next((cell for cell in cells if re.fullmatch(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", cell)), "")
    if comma and point:
        fault = f"writes {comma} and {point}, so that a comma may be decimal or not"
        raise InputError("unreadable", fault, suggestion="write all numbers alike").found_in(file, 1)
    return bool(comma)


def _without_labels(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """A table without the columns that only name its rows, and without rows that differ in nothing else."""
    labels = [name for n, name in enumerate(table.columns) if name in LABELS or (not n and name.lower() in INDEX)]
    if not labels:
        return table
    kept = table.drop(columns=labels)
    if LABELS & set(labels):
        kept = kept.drop_duplicates(ignore_index=True)  # the same scenario under several policies
    same = f"; of {len(table)} rows {len(kept)} differ" if len(kept) < len(table) else ""
    said = ", ".join(name or "without a name" for name in labels)
    log.warning("note: %s: column %s names rows and is not read%s", file, said, same)
    return kept


def _numbers(header: Sequence[str], row: Sequence[str], *, commas: bool) -> list[float]:
    if len(row) != len(header):
        mend = (
            "remove what is too much, such as a comma at the end"
            if len(row) > len(header)
            else "a cell that is left empty has its comma too"
        )
        raise InputError("unreadable", f"has {counted(len(row), 'field')}, the header {len(header)}", suggestion=mend)
    return [_number(name, cell.strip(), commas, n) for n, (name, cell) in enumerate(zip(header, row, strict=True))]


def _number(name: str, cell: str, commas: bool, place: int) -> float:
    if name in LABELS or (not place and name.lower() in INDEX):
        return np.nan
    if name == "point":
        number = whole_of(cell, "column point")
        if not 0 <= number <= NUMBER_MAX:
            raise InputError("range", f"point {number} is outside 0 to {NUMBER_MAX}")
        return number
    if cell.lower() in AS_IN_THE_POLICY:
        return np.nan
    if cell.lower() in YES_OR_NO:
        return YES_OR_NO[cell.lower()]
    if commas and _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    return number_of(cell, f"column {name}")
