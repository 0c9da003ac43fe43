#!/bin/sh
# Builds the posterior of Korea again (data/korea/posterior.csv and .toml): waves over all parameters, held against the
# facts of data/korea/facts.csv in their cases. About a quarter of an hour on two cores; the same command goes on where
# it was stopped. Runs, tables and figures go to the folder named first, results/calibration-korea unless told; further
# words are options of `injae calibrate`, such as --workers 1.
set -eu
cd "$(dirname "$0")/../.."
out="${1:-results/calibration-korea}"
[ $# -eq 0 ] || shift
exec "${PYTHON:-python}" -m injae calibrate korea --waves 3 --points 300 --seeds 2 --draws 200 --install --out "$out" "$@"
