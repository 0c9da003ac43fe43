#!/usr/bin/env bash
# Polars 2.1.0: the sum of whole numbers in 32 bits wraps around to less than nothing; in 8 and 16 bits it does not.
#
# Seen: hours in Int32, 2,147,483,647 and 1: `sum` gives -2147483648, by group as well, while 127 and 1 in Int8 give 128 and
#   32767 and 1 in Int16 give 32768. The mean of the same hours is right. DuckDB 2.0.1 and pandas 3.1.1 give 2147483648.
# Output seen: sum -2147483648, by group -2147483648, mean 1073741824.0, Int8 128, Int16 32768; DuckDB and pandas 2147483648.
# Surprising: the smaller types, of which one is careful, are widened and the larger is not; mean times count is not the sum;
#   nothing is raised. Sums that wrap twice are positive again.
# Who meets it: whoever sums hours, events or thousands of won over regions, years and seeds from a file whose writer took 32
#   bits (R's integers are). `cast(pl.Int64)` first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q polars==2.1.0 duckdb==2.0.1 pandas==3.1.1
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import numpy as np
import pandas as pd
import polars as pl

hours = [2**31 - 1, 1]
table = pl.DataFrame({"region": ["a", "a"], "hours": pl.Series(hours, dtype=pl.Int32)})
total = table["hours"].sum()
by_region = table.group_by("region").agg(pl.col("hours").sum())["hours"].item()
mean = table["hours"].mean()
small = pl.Series([127, 1], dtype=pl.Int8).sum(), pl.Series([2**15 - 1, 1], dtype=pl.Int16).sum()
by_duckdb = duckdb.sql("select sum(hours) from (select unnest([2147483647::integer, 1::integer]) as hours)").fetchall()[0][0]
by_pandas = int(pd.Series(hours, dtype=np.int32).sum())
print(f"sum {total}, by group {by_region}, mean {mean}, Int8 {small[0]}, Int16 {small[1]}; DuckDB {by_duckdb}, pandas {by_pandas}")
assert total == by_region == -(2**31) and mean == 2**30, "the behaviour changed"
assert small == (128, 2**15), "the behaviour changed"
assert by_duckdb == by_pandas == 2**31
PYTHON
