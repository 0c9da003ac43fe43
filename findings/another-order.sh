#!/usr/bin/env bash
# pyjstat 2.4.0: a table whose rows stand in another order is written to JSON-stat with its values in other cells.
#
# Seen: a tidy table of people by region and year, whole and without repetition, sorted by year instead of by region. Writing
#   it keeps the values in the order of rows, but says of them that the last dimension changes fastest, as JSON-stat wants.
#   Reading the file back, with the same package, gives each figure to another region and year.
# Output seen: Seoul 2023 was 102, comes back as 201; 4 of 6 cells are wrong, their sum is right.
# Surprising: in a tidy table every row says what it is of, so its order means nothing; the file is valid, has all figures,
#   their right number and the right total, and no message comes.
# Who meets it: whoever sorts, pivots or joins a table and passes it on as JSON-stat, which statistics offices and their
#   clients take. Sort by all columns but the value, in the order of columns, before writing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pyjstat==2.4.0 pandas==3.0.6
"$folder/venv/bin/python" - <<'PYTHON'
import pandas as pd
from pyjstat import pyjstat

rows = [(region, year, 100 * (n + 1) + year - 2021) for n, region in enumerate(("Seoul", "Busan")) for year in (2022, 2023, 2024)]
table = pd.DataFrame(rows, columns=["region", "year", "value"])


def there_and_back(table):
    text = pyjstat.Dataset.read(table).write("jsonstat")
    back = pyjstat.Dataset.read(text).write("dataframe").astype({"year": int})
    return table.merge(back, on=["region", "year"], suffixes=("", "_back"), validate="1:1")


by_region, by_year = there_and_back(table), there_and_back(table.sort_values(["year", "region"], ascending=[True, False]))
assert len(by_region) == len(by_year) == 6 and (by_region["value"] == by_region["value_back"]).all()
print(by_year.to_string(index=False))
wrong = int((by_year["value"] != by_year["value_back"]).sum())
seoul = by_year.query("region == 'Seoul' and year == 2023").iloc[0]
print(f"{wrong} of {len(by_year)} wrong; Seoul 2023: {seoul['value']} comes back as {seoul['value_back']}")
assert (wrong, seoul["value"], seoul["value_back"]) == (4, 102, 201), "the behaviour changed"
assert by_year["value"].sum() == by_year["value_back"].sum()
PYTHON
