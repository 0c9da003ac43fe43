"""The model against patterns of other markets, which are read off people, firms and events: hits and misses.

    python benchmarks/facts.py [--runs 40] > docs/facts.md

Bands come from ``data/korea/facts.csv``, measures from ``experiments/measures.py``, values from runs of ``korea`` in
the futures that every other answer takes. Measurements are compared by ``injae validate`` (docs/validation.md).
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.facts import bands  # noqa: E402
from injae.experiments.measures import MEASURES, measure  # noqa: E402
from injae.experiments.uncertainty import ensemble_of, futures_of  # noqa: E402
from injae.model.ecosystem import Ecosystem  # noqa: E402
from injae.model.scenario import Scenario  # noqa: E402

HEAD = """# The model against patterns of other markets

Patterns are bands, many of them from other countries, that no calibration has used. What is measured in Korea, used in
the fit or kept out of it, is in [validation.md](validation.md).

Made by `python benchmarks/facts.py --runs {runs}`: scenario `korea`, {runs} runs of ten years in the futures that the
other pages take ([uncertainty.md](uncertainty.md): {futures}). Value: median, with the 5th and 95th percentile. A band
is hit by the median; those of S2, S3 and S12 ask for a sign only.
"""


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    runs = parser.parse_args().runs
    plan = Scenario.load("korea")
    seen = [
        measure(Ecosystem(future.plan(plan), future.seed, events=True).run()) for future in futures_of(None, plan, runs)
    ]
    ensemble = ensemble_of(None, plan)
    calibrated = "calibrated" if ensemble.is_calibrated else "not calibrated"
    print(HEAD.format(runs=runs, futures=f"{ensemble.identity}, {calibrated}"))
    print("| Fact | What | Model | Band | | Band from |\n|---|---|---|---|---|---|")
    patterns = [band for band in bands("korea") if band.use == "pattern" and not MEASURES[band.measure].series]
    missed = 0
    for band in patterns:
        low, median, high = np.nanpercentile([run[band.measure] for run in seen], (5, 50, 95))
        missed += not band.holds(median)
        verdict = "hit" if band.holds(median) else "**miss**"
        value = f"{median:.3g} ({low:.3g} to {high:.3g})"
        what = MEASURES[band.measure].what
        print(f"| {band.code} | {what} | {value} | {band.in_words()} | {verdict} | {band.source} |")
    print(f"\n{missed} of {len(patterns)} patterns are missed.")


if __name__ == "__main__":
    main()
