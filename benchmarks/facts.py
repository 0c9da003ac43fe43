"""The model against what is known: stylised facts with their bands, hits and misses.

    python benchmarks/facts.py [--seeds 10]        prints docs/facts.md

Bands come from ``data/korea/facts.csv``, measures from ``experiments/facts.py``, values from runs of ``korea``.
"""

import argparse
import math
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from experiments.facts import MEASURES, bands, mean_of_known, measure  # noqa: E402
from model.ecosystem import Ecosystem  # noqa: E402


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    runs = [measure(Ecosystem("korea", seed, events=True).run()) for seed in range(options.seeds)]
    print("# The model against what is known\n")
    print(f"Scenario `korea`, {options.seeds} seeds, made by `python benchmarks/facts.py --seeds {options.seeds}`.")
    print("Value: mean over seeds, with the smallest and largest. No fit was made, but some central values were set by")
    print("hand with C1, S6, C3 and the first years of S1 in view; bands of S2, S3 and S12 ask for a sign only.\n")
    print("| Fact | What | Model | Band | | Band from |\n|---|---|---|---|---|---|")
    missed = 0
    for band in bands("korea"):
        values = [run[band.measure] for run in runs if not math.isnan(run[band.measure])]
        mean = mean_of_known(values)
        missed += not band.holds(mean)
        verdict = "hit" if band.holds(mean) else "**miss**"
        value = f"{mean:.3g} ({min(values):.3g} to {max(values):.3g})"
        what = MEASURES[band.measure].what
        print(f"| {band.code} | {what} | {value} | {band.in_words()} | {verdict} | {band.source} |")
    print(f"\n{missed} of the facts are missed.")


if __name__ == "__main__":
    main()
