#!/usr/bin/env bash
# lifelines 0.30.3: the median duration depends on rounding: for some samples it is one event late.
#
# Seen: a Kaplan-Meier curve over n different durations 1, 2, ..., n (n even, nobody censored) stands at exactly one half
#   from duration n/2 on. `median_survival_time_` is the first duration at which the curve is at one half or below: n/2. It
#   answers n/2 for some n and n/2 + 1 for others, because the curve is a sum of logarithms, taken back by exp: 0.5 becomes
#   0.5000000000000001 (n = 6) or 0.49999999999999983 (n = 10).
# Output seen: sizes from 2 to 40 with the median one event late: 6, 8, 14, 18, 20 (another processor may round others).
# Surprising: nothing is random or censored, and the library's own rule gives n/2 for each of them. The answer jumps to the next
#   duration that was observed, however far that is, without a word: a month for vacancies by month, a year for those by year.
# Who meets it: whoever fits vacancy durations or time in post by month, where curves hit one half often, and holds the median
#   against a published one. Look for the first duration with a curve below 0.5 + 1e-9 instead.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q lifelines==0.30.3 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from lifelines import KaplanMeierFitter

late, exact = [], []
for size in range(2, 41, 2):
    durations = np.arange(1, size + 1)
    fitted = KaplanMeierFitter().fit(durations, np.ones(size))
    assert abs(fitted.survival_function_.iloc[size // 2, 0] - 0.5) < 1e-12, "the curve is at one half from n/2 on"
    {size / 2: exact, size / 2 + 1: late}[fitted.median_survival_time_].append(size)
print("median is n/2 for", *exact)
print("median is n/2 + 1 for", *late)
assert late and exact, "the behaviour changed"
PYTHON
