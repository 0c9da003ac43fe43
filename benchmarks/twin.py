"""The model against its twin in plain Mesa (``mesa_twin``): how much faster, and whether both say the same.

    python benchmarks/twin.py [--scenario korea] [--months 120] [--seeds 5]

Runs both on the same scenario with the same seeds, one after the other by turns on one core, and prints CPU seconds a
run, the ratio with its spread over seeds, and for each key series both means with a z-score of their difference. Exits
with 1 if the ratio is below 100 or a mean differs by more than chance allows (1 in 100 for all of them together).
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy.stats import t

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from mesa_twin.model import Twin  # noqa: E402

from injae.model.ecosystem import Ecosystem  # noqa: E402
from injae.model.scenario import Scenario  # noqa: E402

TARGET = 100  # the model is at least so many times faster
FALSE_ALARM = 0.01
KEY_SERIES = (
    *("employed_hospitals", "employed_firms", "employed_universities", "seeking", "abroad", "other_sectors"),
    *("programme_graduates_cumulative", "enrolled", "vacancies_hospitals", "vacancies_firms"),
    *("median_pay_hospitals_won_per_year", "median_pay_firms_won_per_year", "entry_pay_won_per_year"),
    *("adoption_share", "routine_share", "pilot_share", "product_quality", "firms", "products_approved_cumulative"),
    *("unmet_demand_share", "public_trust", "public_won_cumulative"),
)


def run_model(plan, seed, country=None):
    """Values of all series by name, shape ``(months + 1,)``, of the model."""
    history = Ecosystem(plan, seed, country=country).run().history
    return {name: np.asarray(history[name], float) for name in history.dtype.names}


def run_twin(plan, seed, country=None):
    """The same of the twin."""
    twin = Twin(plan, seed, country)
    for _ in range(plan.months):
        twin.step()
    return {name: column.to_numpy(float) for name, column in twin.datacollector.get_model_vars_dataframe().items()}


def z_score(first, second):
    """Difference of two means in standard errors (Welch); 0 if both are the same without spread."""
    gap = np.mean(second) - np.mean(first)
    error = np.sqrt(np.var(first, ddof=1) / len(first) + np.var(second, ddof=1) / len(second))
    return float(gap / error) if error > 0 else 0.0 if abs(gap) <= 1e-5 * abs(np.mean(first)) else np.inf * gap


def two_sided_limit(comparisons, runs):
    """Size of z that one of so many comparisons exceeds by chance with ``FALSE_ALARM`` (Bonferroni, Student's t)."""
    return float(t.isf(FALSE_ALARM / (2 * comparisons), 2 * (runs - 1)))


def cpu_seconds(run, plan, seed):
    """CPU seconds of one run, and its series."""
    began = time.process_time()
    series = run(plan, seed)
    return time.process_time() - began, series


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="korea")
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    plan = Scenario.load(options.scenario, [f"months={options.months}"])
    run_model(plan, 0)  # compiled, or read from the cache, before the clock runs
    seconds, values = {run_model: [], run_twin: []}, {run_model: [], run_twin: []}
    for seed in range(1, options.seeds + 1):
        for run in (run_model, run_twin):
            spent, series = cpu_seconds(run, plan, seed)
            seconds[run].append(spent)
            values[run].append(series)
    ratios = np.array(seconds[run_twin]) / np.array(seconds[run_model])
    print(f"{options.scenario}, {options.months} months, {options.seeds} seeds; CPU seconds a run, set-up included")
    print(f"model      {np.median(seconds[run_model]):>10.3f}")
    print(f"plain Mesa {np.median(seconds[run_twin]):>10.3f}")
    print(f"ratio      {np.median(ratios):>10.0f}  ({ratios.min():.0f} to {ratios.max():.0f}; target {TARGET})")
    limit = two_sided_limit(len(KEY_SERIES), options.seeds)
    print(f"\nat the end{'model':>39}{'plain Mesa':>20}{'z':>8}   (limit {limit:.1f})")
    worst = 0.0
    for name in KEY_SERIES:
        ours, theirs = ([series[name][-1] for series in values[run]] for run in (run_model, run_twin))
        z = z_score(ours, theirs)
        worst = max(worst, abs(z))
        print(f"{name:<36}{np.mean(ours):>13,.4g}{np.mean(theirs):>20,.4g}{z:>8.1f}")
    return int(np.median(ratios) < TARGET or worst > limit)


if __name__ == "__main__":
    sys.exit(main())
