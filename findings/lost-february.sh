#!/usr/bin/env bash
# Starsim 3.7.2: a run in steps of a twelfth of a year has no February and two Januaries, each year; one in months has neither.
#
# Seen: `Sim(start=2025, stop=2030, dt=1/12)` and `Sim(start="2025-01-01", stop="2029-12-31", dt=ss.month)` are the same steps.
#   The table of results of the first is dated 2025-01-01, 2025-01-31, 2025-03-03, 2025-04-02, ...; that of the second has the
#   first day of each month.
# Output seen: steps by calendar month over five years: January 10, February 0, every other month 5; with months all 5.
# Surprising: there are twelve steps a year, and exact yearly dates, so nothing looks wrong until the table is grouped by month:
#   flows of January are doubled, February is missing, and a join with a monthly series drops one step in twelve, silently.
# Who meets it: whoever holds a Starsim model of a workforce against our monthly series, joined by calendar month. Give dates and
#   `dt=ss.month`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q starsim==3.7.2 numba==0.68.1 numpy==2.4.6 pandas==3.1.1 sciris==3.6.1
STARSIM_INSTALL_FONTS=0 "$folder/venv/bin/python" -W ignore - <<'PYTHON'
import pandas as pd
import starsim as ss


def steps(**time):
    """How many steps of five years the table of results has in each calendar month."""
    table = ss.Sim(n_agents=10, verbose=0, **time).run().to_df()
    dates = pd.to_datetime([str(date) for date in table["timevec"]])
    dates = dates[dates.year < 2030]
    print(*(f"{date:%Y-%m-%d}" for date in dates[:4]), "...")
    return [int((dates.month == month).sum()) for month in range(1, 13)]


twelfths = steps(start=2025, stop=2030, dt=1 / 12)
months = steps(start="2025-01-01", stop="2029-12-31", dt=ss.month)
print("steps by calendar month, twelfths of a year:", *twelfths)
print("steps by calendar month, months:            ", *months)
assert twelfths == [10, 0] + [5] * 10 and months == [5] * 12, "the behaviour changed"
PYTHON
