#!/usr/bin/env bash
# statsmodels 0.15.0: who enters in a month is at risk in that month for Cox's model and not for the survival curve.
#
# Seen: with `entry`, PHReg counts a person whose entry equals the time of an event among those at risk of that event;
#   SurvfuncRight of the same package does not, as is usual (intervals open at the start, closed at the end). Moving every
#   entry later by a millionth of a month, after which both must agree, changes the coefficient of PHReg and nothing in the
#   curve.
# Output seen: at risk at month 3: 2 of 4 for the curve; coefficient 0.3222 as the months are, 0.3041 with entries moved
#   (Efron's ties), 0.2946 and 0.2732 (Breslow's).
# Surprising: no message, one package, the same arguments, two sets at risk. A person who came in a month cannot have left the
#   hospital in that month before, but makes each departure of that month look rarer.
# Who meets it: whoever fits job changes on a register that is left-truncated and by month (career records, our lives of
#   people), where entries equal exits of others nearly always. Add half a month to `entry`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q statsmodels==0.15.0 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight

left, entered = np.array([2, 3, 3, 5, 6.0]), np.array([0, 0, 1, 3, 3.0])
curves = [SurvfuncRight(left, np.ones(5), entry=entered + late) for late in (0, 1e-6)]
assert [int(curve.n_risk[1]) for curve in curves] == [2, 2]
print("curve: at risk at month 3, where two enter:", int(curves[0].n_risk[1]))

rng = np.random.default_rng(0)
trait = rng.normal(size=400)
left = np.ceil(rng.exponential(10 * np.exp(-0.5 * trait)))
entered = np.minimum(np.floor(left * rng.uniform(size=400)), left - 1)
found = {
    ties: [PHReg(left, trait[:, None], np.ones(400), entry=entered + late, ties=ties).fit().params[0] for late in (0, 1e-6)]
    for ties in ("efron", "breslow")
}
for ties, (same, moved) in found.items():
    print(f"Cox, ties of {ties}: {same:.4f} as the months are, {moved:.4f} with entries moved by a millionth of a month")
    assert same - moved > 0.015, "the behaviour changed"
# the partial likelihood by hand (Breslow), with entrants of the month at risk and without, decides who is counted
def best(counted):
    def loss(b):
        risk = np.exp(b * trait)
        return -sum(b * x - np.log(risk[counted(entered, t) & (left >= t)].sum()) for x, t in zip(trait, left))
    grid = np.arange(0.2, 0.4, 0.0002)
    return grid[np.argmin([loss(b) for b in grid])]
assert abs(best(np.less_equal) - found["breslow"][0]) < 3e-4 and abs(best(np.less) - found["breslow"][1]) < 3e-4
PYTHON
