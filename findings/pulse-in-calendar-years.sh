#!/usr/bin/env bash
# PySD 3.14.3: a pulse lasts one step longer when the same model counts its years from 2025 instead of from 0.
#
# Seen: a Vensim model with a step of a tenth of a year. `PULSE(INITIAL TIME + 0.3, 0.3)` opens a course for three steps; 100 a
#   year are trained while it is open. Nothing but INITIAL TIME and FINAL TIME differs between the two runs.
# Output seen: trained in two years 30 from 0, 40 from 2025; with steps of an eighth, which binary numbers hold, 37.5 both.
# Surprising: the start of a pulse is guarded against rounding (by a millionth of a year), its end is not, and 2025.6 rounds
#   otherwise than 0.6: a model tried from 0 is right, and the one that goes into a report with calendar years trains a third
#   more people. No message, and the step divides the pulse exactly.
# Who meets it: whoever holds a workforce model in stocks and flows, translated from Vensim and dated by calendar year, against
#   our series. Take steps of 1/8, 1/16 or 1/4, or count years from 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pysd==3.14.3 numpy==2.4.6 pandas==3.0.6 xarray==2026.9.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from pathlib import Path

import pysd

MODEL = """{{UTF-8}}
trained = INTEG(100 * PULSE(INITIAL TIME + {wait}, {wait}), 0) ~ person ~ |
INITIAL TIME = {start} ~ Year ~ |
FINAL TIME = {start} + 2 ~ Year ~ |
TIME STEP = {step} ~ Year ~ |
SAVEPER = TIME STEP ~ Year ~ |
"""


def trained(start, step, wait):
    Path("model.mdl").write_text(MODEL.format(start=start, step=step, wait=wait))
    return round(float(pysd.read_vensim("model.mdl").run(progress=False)["trained"].iloc[-1]), 6)


tenths, eighths = ([trained(start, step, wait) for start in (0, 2025)] for step, wait in ((0.1, 0.3), (0.125, 0.375)))
print("trained, from 0 and from 2025: steps of a tenth", tenths, "of an eighth", eighths)
assert (tenths, eighths) == ([30, 40], [37.5, 37.5]), "the behaviour changed"
PYTHON
