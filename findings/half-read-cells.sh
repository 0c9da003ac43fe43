#!/usr/bin/env bash
# OpenTURNS 1.27.post1: a cell of a CSV file is read up to where it stops being a number, and the rest is dropped.
#
# Seen: `Sample.ImportFromCSVFile` on a file with semicolons. A month "2025-03" becomes 2025, a school year "2024/25" 2024,
#   a share "2,5" (decimal comma) 2, an amount "1,234" 1, "12%" 12, "3*" (a provisional figure) 3, "1 234" 1. Cells that do
#   not begin with a digit become nan. No exception.
# Output seen: 2025 2024 2 1 12 3 1 nan.
# Surprising: the number is not refused, not missing, not read as text, but another number of the same sort: in a file with
#   decimal commas every share keeps its whole part, and all months of a year become the same value.
# Who meets it: whoever takes a design or observed figures from a spreadsheet or a statistics office (semicolons, decimal commas,
#   footnote marks, months) to OpenTURNS, for a metamodel of our runs. Read by pandas with `decimal`, hand over the array.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q openturns==1.27.post1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import math
from pathlib import Path

import openturns

cells = ["2025-03", "2024/25", "2,5", "1,234", "12%", "3*", "1 234", "*3"]
Path("figures.csv").write_text("row;figure\n" + "".join(f"{row};{cell}\n" for row, cell in enumerate(cells)))
sample = openturns.Sample.ImportFromCSVFile("figures.csv", ";")
read = [sample[row, 1] for row in range(sample.getSize())]
for cell, number in zip(cells, read):
    print(f"{cell!r} is read as {number:g}")
assert read[:7] == [2025, 2024, 2, 1, 12, 3, 1] and len(read) == 8 and math.isnan(read[7]), "the behaviour changed"
PYTHON
