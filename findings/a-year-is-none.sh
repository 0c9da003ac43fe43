#!/usr/bin/env bash
# lifelines 0.30.3: a year from date to date is a duration of 0 years, three years are 3, and nearly half of whole months are short.
#
# Seen: `datetimes_to_durations` with `freq="Y"` and `freq="M"`, dates on the first of a month. 2021-01-01 to 2022-01-01 gives 0
#   years, 2020-01-01 to 2021-01-01 gives 1, February to March 0 months. Time is counted in days, divided by the mean length of
#   a year or month and cut to a whole number, so what is a day short of the mean is a whole year short.
# Output seen: years [0, 1, 3] for 1, 1 and 3 years; months [0, 1, 11] for 1, 1 and 12; of 1,440 spans of 1 to 24 whole months
#   from each month of five years 644 come out one short; days are right.
# Surprising: whole years in dates become whole years that are wrong, by one or not by which leap day lies between; somebody
#   who left after exactly a year counts as gone at once, and a curve by year starts with those.
# Who meets it: whoever turns dates of hiring and leaving into time in post, to hold a published rate of leaving in the first year
#   or our job tenures against. Take days, or count months of the calendar.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q lifelines==0.30.3 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1
"$folder/venv/bin/python" - <<'PYTHON'
import pandas as pd
from lifelines.utils import datetimes_to_durations


def durations(spans, freq):
    starts, ends = zip(*spans)
    return [int(length) for length in datetimes_to_durations(list(starts), list(ends), freq=freq)[0]]


years = [("2021-01-01", "2022-01-01"), ("2020-01-01", "2021-01-01"), ("2019-03-01", "2022-03-01")]
months = [("2021-02-01", "2021-03-01"), ("2021-01-01", "2021-02-01"), ("2021-01-01", "2022-01-01")]
print("years", durations(years, "Y"), "for 1, 1 and 3; months", durations(months, "M"), "for 1, 1 and 12")
first = pd.date_range("2015-01-01", "2019-12-01", freq="MS")
short = whole = 0
for length in range(1, 25):
    found = datetimes_to_durations(first, first + pd.DateOffset(months=length), freq="M")[0]
    assert set(length - found) <= {0, 1}
    short, whole = short + int((found == length - 1).sum()), whole + len(found)
print(f"whole months that are one short: {short} of {whole}")
assert (durations(years, "Y"), durations(months, "M")) == ([0, 1, 3], [0, 1, 11]), "the behaviour changed"
assert (short, whole) == (644, 1440), "the behaviour changed"
assert durations(years, "D") == [365, 366, 1096]
PYTHON
