"""How many runs the same people and luck save: twice the grant against the programme.

    python benchmarks/pairing.py [--seeds 30] [--months 120]

Prints the variance ratio, (var A + var B) / var(B - A) over seeds, of three indicators and their median, which is to
be at least 10, and the month in which each series first differs between the two runs of a pair. The range beside each
ratio is that of 2,000 resamples of the pairs (90 percent).
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from experiments.pairs import variance_ratio  # noqa: E402
from experiments.runs import Results, simulate_all  # noqa: E402
from experiments.summary import INDICATORS  # noqa: E402
from model.record import SERIES  # noqa: E402
from model.scenario import Scenario  # noqa: E402

TARGET = 10
YEAR_5 = 60


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--months", type=int, default=120)
    options = parser.parse_args()
    plans = [Scenario.load(name, [f"months={options.months}"]) for name in ("korea", "double-grant")]
    once, twice = simulate_all(plans, options.seeds)

    ratios = []
    print(f"double-grant against korea, {options.seeds} seeds: times fewer runs than with independent seeds")
    for words, values in indicators(once, twice).items():
        known = ~np.isnan(values).any(axis=0)
        ratio = variance_ratio(*values[:, known])
        ratios.append(ratio)
        low, high = spread(*values[:, known])
        print(f"  {words:<34}{ratio:>7.1f}  ({low:.1f} to {high:.1f}, {known.sum()} pairs)")
    median = float(np.median(ratios))
    print(f"  {'median':<34}{median:>7.1f}  target at least {TARGET}: {'met' if median >= TARGET else 'missed'}")

    print("\nMonth in which a series first differs: earliest, median and latest pair (-: never)")
    for name, months in sorted(first_differences(once, twice).items(), key=lambda item: np.median(item[1])):
        shown = (np.min(months), np.median(months), np.max(months))
        print(f"  {name:<38}" + "".join(f"{'-' if np.isinf(m) else f'{m:.0f}':>6}" for m in shown))


def indicators(once: Results, twice: Results) -> dict[str, np.ndarray]:
    """Three indicators, each of shape (2, seeds)."""

    def at_year_5(name: str) -> np.ndarray:
        return np.array([result.values(name)[:, YEAR_5] for result in (once, twice)], float)

    years = INDICATORS["years_to_half_adoption"].of_run
    return {
        "adoption share, year 5": at_year_5("adoption_share"),
        "specialists in hospitals, year 5": at_year_5("employed_hospitals"),
        "years to half adoption": np.array(
            [[years(run.history, result.plan) for run in result.runs] for result in (once, twice)]
        ),
    }


def spread(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """5th and 95th percentile of the ratio over resampled pairs."""
    random = np.random.default_rng(0)
    picks = random.integers(len(a), size=(2_000, len(a)))
    ratios = np.array([variance_ratio(a[pick], b[pick]) for pick in picks])
    low, high = np.nanpercentile(ratios, (5, 95))
    return float(low), float(high)


def first_differences(once: Results, twice: Results) -> dict[str, np.ndarray]:
    """Month in which each series first differs, by pair; infinite where it never does."""
    months = {}
    for name in SERIES:
        a, b = once.values(name), twice.values(name)
        differs = (a != b) & ~((a != a) & (b != b))  # nan equals nan here
        months[name] = np.where(differs.any(axis=1), differs.argmax(axis=1), np.inf)
    return months


if __name__ == "__main__":
    main()
