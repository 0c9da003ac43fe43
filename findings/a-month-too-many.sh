#!/usr/bin/env bash
# BPTK-Py 3.2.0: a model in steps of a twelfth of a year runs a month past its end when it starts at 0, not from 2025.
#
# Seen: a stock that takes in 120 people a year, `starttime` 0, `stoptime` 2, `dt` 1/12. The table of results ends at
#   2.0833 with 250 people. With `starttime` 2025 and `stoptime` 2027 it ends at 2027 with 240. Thirds and sevenths of a year go
#   the same way; tenths, quarters and twentieths end where they should from both.
# Output seen: 26 rows, the last 250 people at 2.0833, from 0; 25 rows, the last 240 people at 2027, from 2025.
# Surprising: the end is given, every row is right for its time, and the last one is what everybody reads as the result; whether
#   there is one more depends on where time is counted from.
# Who meets it: whoever puts a system-dynamics model in months beside our series and compares ends. Take the row at `stoptime`,
#   not the last.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q BPTK-Py==3.2.0 numpy==2.4.6 pandas==3.0.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from BPTK_Py import Model


def people(start, step):
    model = Model(starttime=start, stoptime=start + 2, dt=step, name="workforce")
    stock, intake = model.stock("people"), model.flow("intake")
    stock.initial_value, stock.equation, intake.equation = 0.0, intake, 120.0
    table = stock.plot(return_df=True)
    return len(table), round(float(table.index[-1]), 4), round(float(table.iloc[-1, 0]), 6)


found = {(start, name): people(start, step) for start in (0.0, 2025.0) for name, step in (("1/12", 1 / 12), ("1/4", 1 / 4))}
for (start, name), (rows, end, last) in found.items():
    print(f"from {start:g} in steps of {name}: {rows} rows, the last {last:g} people at {end:g}")
assert found[0.0, "1/12"] == (26, 2.0833, 250) and found[2025.0, "1/12"] == (25, 2027, 240), "the behaviour changed"
assert found[0.0, "1/4"] == (9, 2, 240) and found[2025.0, "1/4"] == (9, 2027, 240)
PYTHON
