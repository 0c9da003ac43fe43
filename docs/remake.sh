#!/bin/sh
# Makes again what rests on the model, its data and its posterior: the sweep and the surrogate that come with the package,
# the stored answer of the opening, the reference numbers, and the tables of the documentation; some ten minutes on two
# cores. Before it: experiments/calibration/korea.sh (the posterior), and a commit, since the sweep names its revision.
# Studies and pictures (docs/studies, docs/screenshots.py) follow where numbers have moved.
set -eu
cd "$(dirname "$0")/.."
for maker in shipped_sweep surrogate opening reference/make generate; do
    "${PYTHON:-python}" "docs/$maker.py"
done
