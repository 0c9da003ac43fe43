#!/usr/bin/env bash
# pyarrow 26.0.1: a column of text by which a dataset is split into folders comes back from pyarrow as whole numbers.
#
# Seen: `write_to_dataset` with `partition_cols=["region"]` on text "01", "02", "10" makes the folders region=01,
#   region=02, region=10; `read_table` of the same library gives int32 1, 2, 10. Polars 2.1.0 reads the same folders as
#   1, 2, 10, DuckDB 2.0.1 as '01', '02', '10'.
# Output seen: pyarrow [1, 2, 10], Polars [1, 2, 10], DuckDB ['01', '02', '10'].
# Surprising: Parquet files keep their types, and both ends are one library: what was written as text is not read as text.
#   The type is guessed from the folder's name, so it also hangs on which regions happen to be there: "01" and "1A" stay.
# Who meets it: whoever splits series of a sweep or of a registry by region, tier or scenario code and joins them again with
#   a table of codes. Give the partitioning with its type when you read, or leave codes in the files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

written = pa.table({"region": ["01", "02", "10"], "staff": [1, 2, 3]})
pq.write_to_dataset(written, "staff", partition_cols=["region"])
by_pyarrow = pq.read_table("staff")["region"].to_pylist()
by_polars = polars.read_parquet("staff/**/*.parquet", hive_partitioning=True).sort("staff")["region"].to_list()
rows = duckdb.sql("select region from read_parquet('staff/**/*.parquet', hive_partitioning=true) order by staff").fetchall()
by_duckdb = [region for (region,) in rows]
print(f"pyarrow {by_pyarrow}, Polars {by_polars}, DuckDB {by_duckdb}")
assert by_pyarrow == by_polars == [1, 2, 10], "the behaviour changed"
assert by_duckdb == ["01", "02", "10"], "the behaviour changed"
pq.write_to_dataset(pa.table({"region": ["01", "1A"], "staff": [1, 2]}), "letters", partition_cols=["region"])
assert pq.read_table("letters")["region"].to_pylist() == ["01", "1A"], "the behaviour changed"
PYTHON
