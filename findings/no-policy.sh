#!/usr/bin/env bash
# EMA Workbench 2.5.3: experiments that were saved and loaded lose their policy, and every comparison by policy is empty.
#
# Seen: without policies, `perform_experiments` names the policy of each experiment "None", as text. `save_results` writes it,
#   `load_results` returns NaN. Grouped by policy, 20 experiments before are 0 after. A category that is called "NA" goes the
#   same way.
# Output seen: policies before: {'None': 20}; after loading: {}; experiments in no group: 20.
# Surprising: the name that is lost is the one that the workbench itself gave, and its own functions that group by policy then
#   draw nothing or count nothing. The archive holds the right word: only reading takes it for a missing value.
# Who meets it: users of ours who hold a baseline in an archive against runs with policies, one file each: after loading, the
#   baseline falls out of every table by policy. Give the baseline a name of its own (`Policy("baseline")`).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q ema_workbench==2.5.3 numpy==2.4.6 pandas==3.1.1 scipy==1.17.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import tarfile

from ema_workbench import CategoricalParameter, Model, RealParameter, ScalarOutcome
from ema_workbench import load_results, perform_experiments, save_results

model = Model("hospitals", function=lambda pay=0.0, region="busan": {"staff": pay})
model.uncertainties = [RealParameter("pay", 0, 1), CategoricalParameter("region", ["busan", "NA"])]
model.outcomes = [ScalarOutcome("staff")]
results = perform_experiments(model, 20)
save_results(results, "archive.tar.gz")
before, (after, outcomes) = results[0], load_results("archive.tar.gz")
groups = [table.groupby("policy", observed=True).size().to_dict() for table in (before, after)]
print("policies before:", groups[0], "after loading:", groups[1], "in no group:", len(after) - sum(groups[1].values()))
with tarfile.open("archive.tar.gz") as archive:
    written = archive.extractfile("experiments.csv").read().decode()
assert written.count("None") == 20 and len(outcomes["staff"]) == 20
assert groups == [{"None": 20}, {}], "the behaviour changed"
assert set(before.region) == {"busan", "NA"} and set(after.region.dropna()) == {"busan"} and after.region.isna().any()
PYTHON
