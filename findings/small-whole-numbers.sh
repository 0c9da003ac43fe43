#!/usr/bin/env bash
# EMA Workbench 2.5.3: scenario discovery does not look at inputs in int8 or int16, and finds nothing where they decide.
#
# Seen: PRIM on 300 experiments with a whole number n from 0 to 9 and a share x, cases being those with n above 6. With n in
#   int32, int64 or float64 the box is n of 7 or more and holds all cases; with the same n in int8 or int16 the trajectory
#   has one step, the box of all experiments. No warning.
# Output seen: int8 1 step, n 0 to 9; int16 1 step, n 0 to 9; int32 and int64 8 steps, n 7 to 9; float64 8 steps, n 6.5 to 9.
# Surprising: the numbers are equal, and the answer "no region stands out" is one that is often right.
# Who meets it: whoever takes experiments from Parquet, where writers choose the smallest type (number of universities, a year's
#   intakes, a switch), or shrinks a frame to save memory. Make inputs floats first; Injae's archive for EMA Workbench does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q ema_workbench==2.5.3 pandas==3.1.1 numpy==2.4.6
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import numpy as np
import pandas as pd
from ema_workbench.analysis import prim

random = np.random.default_rng(0)
n, x = random.integers(0, 10, 300), random.random(300)
steps, ranges = {}, {}
for kind in ("int8", "int16", "int32", "int64", "float64"):
    box = prim.Prim(pd.DataFrame({"n": n.astype(kind), "x": x}), n > 6, threshold=0.5).find_box()
    steps[kind] = len(box.peeling_trajectory)
    ranges[kind] = [float(end) for end in box.box_lims[-1]["n"]]
    print(kind, steps[kind], "steps, n", ranges[kind])
for kind in ("int8", "int16"):
    assert steps[kind] == 1 and ranges[kind] == [0, 9], "the behaviour changed"
for kind in ("int32", "int64", "float64"):
    assert steps[kind] > 1 and ranges[kind][0] > 6, "the behaviour changed"
PYTHON
