#!/usr/bin/env bash
# pysdmx 1.21.0: text in every column of an SDMX-CSV message, but not the text of the message: 01 is "1", 12.50 is "12.5".
#
# Seen: `read_sdmx` on a valid SDMX-CSV 2.0 message with two observations; every column is of a string type. The region
#   code 01 comes as "1", the value 12.50 as "12.5", the period 2023 and the frequency A as they are.
# Output seen: region ['1', '2'] value ['12.5', '13.0'].
# Surprising: the columns say that they are text, so nobody looks for lost zeros: a check of the type finds nothing wrong.
#   A join with a code list in which the code is 01 finds no row for 1 to 9 and finds 10 and above, so half a table stays.
#   How many digits a figure was published with, from which its rounding error follows, is lost as well.
# Who meets it: whoever brings regional or occupational series (codes with leading zeros) from a statistics office into a
#   calibration by SDMX. Read the same file with pandas, `read_csv(dtype=str)`, which keeps both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pysdmx==1.21.0 pandas==3.1.1 pyarrow==26.0.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from pathlib import Path

import pandas as pd
from pysdmx.io import read_sdmx

text = """STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REGION,TIME_PERIOD,OBS_VALUE
dataflow,KR:HEALTH(1.0),I,A,01,2023,12.50
dataflow,KR:HEALTH(1.0),I,A,02,2024,13.00
"""
Path("series.csv").write_text(text)
table = list(read_sdmx("series.csv", validate=False).data)[0].data
region, value = table["REGION"].tolist(), table["OBS_VALUE"].tolist()
print("region", region, "value", value)
assert all(pd.api.types.is_string_dtype(table[name]) for name in ("REGION", "OBS_VALUE")), "the behaviour changed"
assert (region, value) == (["1", "2"], ["12.5", "13.0"]), "the behaviour changed"
assert pd.read_csv("series.csv", dtype=str)["REGION"].tolist() == ["01", "02"]
PYTHON
