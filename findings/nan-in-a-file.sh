#!/usr/bin/env bash
# DuckDB 2.0.1: the same question of the same rows has another answer from a Parquet file than from memory, where some are nan.
#
# Seen: 800 numbers from 0 to 7.99, every third of them nan, as pyarrow 26.0.1 writes them. `x > 10` finds 0 rows in the file
#   and 267 in the table it was written from; `x between 0 and 10` 800 in the file and 533 in the table.
# Output seen: above 10: file 0, table 267; 0 to 10: file 800, table 533.
# Surprising: nan counts as larger than all numbers, which is documented; but a file's statistics leave nan out, and by them
#   the engine takes a block of rows as a whole or passes over it. Neither answer is the other's, and which one is given
#   hangs on where the rows lie, not on what they are.
# Who meets it: whoever asks a sweep or a survey in Parquet for what exceeds a bound, where an outcome that does not apply is
#   nan (pandas and NumPy know nothing else). Write null in its place; `pa.Table.from_pandas` does, `pa.table` does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q duckdb==2.0.1 pyarrow==26.0.1 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

x = np.arange(800) / 100
x[::3] = np.nan
rows_in_memory = pa.table({"x": x})
pq.write_table(rows_in_memory, "outcome.parquet")


def count(rows: str, where: str) -> int:
    return duckdb.sql(f"select count(*) from {rows} where {where}").fetchall()[0][0]


above = [count(rows, "x > 10") for rows in ("'outcome.parquet'", "rows_in_memory")]
within = [count(rows, "x between 0 and 10") for rows in ("'outcome.parquet'", "rows_in_memory")]
print(f"above 10: file {above[0]}, table {above[1]}; 0 to 10: file {within[0]}, table {within[1]}")
assert above == [0, 267] and within == [800, 533], "the behaviour changed"
PYTHON
