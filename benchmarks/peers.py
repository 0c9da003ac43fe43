"""The analyses and the speed of sweeps beside those of peers, on the same inputs, in the same minutes.

    python benchmarks/peers.py [--runs 40] [--months 24] [--repeats 3] [--only sobol morris prim front throughput]

- Sobol' indices of the Ishigami function, from one design, beside SALib's; and beside the known ones.
- Elementary effects from one Morris design beside SALib's.
- Boxes of three known cases beside those of PRIM in EMA Workbench (of its peeling trajectory, the box that covers most
  at no less density).
- The front of a known problem after as many evaluations beside NSGA-II of pymoo, by hypervolume.
- CPU seconds of so many national runs by a sweep of ours, by ``mesa.batch_run`` and by the evaluators of EMA Workbench,
  beside the same runs in a bare loop, in turn; each a process of its own, without the start (Python and imports).

EMA Workbench is installed, pinned, in a temporary folder. Exit code 1 if an analysis differs by more than its bound, or
a sweep costs more than its target: 1.05 times the bare loop with one worker, and 1.15 times one worker with two.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

EMA = ("ema_workbench==2.5.3", "platypus-opt==1.4.1", "statsmodels==0.15.0", "seaborn==0.13.2", "patsy==1.0.3")
SAME, KNOWN = 5e-5, 0.02  # difference of an index to SALib's, and to the known one with 4,096 rows
ONE_WORKER, TWO_WORKERS = 1.05, 1.15
FRONT = 0.995  # hypervolume over pymoo's
PARTS = ("sobol", "morris", "prim", "front", "throughput")


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--do", help=argparse.SUPPRESS)  # one contender of the throughput, in a process of its own
    options = parser.parse_args()
    if options.do:
        CONTENDERS[options.do](options.runs, options.months)
        return
    with tempfile.TemporaryDirectory() as folder:
        if {"prim", "throughput"} & set(options.only):
            install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, *EMA]
            subprocess.run(install, check=True, capture_output=True)
        parts: dict[str, Callable[[], Iterator[tuple[str, bool]]]] = {
            "sobol": sobol,
            "morris": morris,
            "prim": lambda: prim(folder),
            "front": front,
            "throughput": lambda: throughput(folder, options.runs, options.months, options.repeats),
        }
        missed = False
        for name in options.only:
            for line, is_met in parts[name]():
                print(f"{name:<10} {line}{'' if is_met else '   MISSED'}", flush=True)
                missed |= not is_met
    sys.exit(1 if missed else 0)


def sobol() -> Iterator[tuple[str, bool]]:
    """First and total indices of the Ishigami function, of which they are known."""
    from SALib.analyze import sobol as salib
    from SALib.sample import sobol as sample
    from SALib.test_functions import Ishigami

    from injae.experiments.analyses.sobol import sobol_indices_with_ends

    rows, a, b = 4096, 7.0, 0.1
    problem = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-np.pi, np.pi]] * 3}
    y = Ishigami.evaluate(sample.sample(problem, rows, calc_second_order=False, seed=1), a, b)
    by_row = y.reshape(rows, 5)  # A, A with one column of B each, B
    peer = salib.analyze(problem, y, calc_second_order=False, seed=1)
    f_ab = by_row[:, 1:4].T[:, None, :]
    first, total, *_ = sobol_indices_with_ends(by_row[:, 0][None], by_row[:, 4][None], f_ab, np.random.default_rng(1))
    variance = a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18 + 0.5
    v1, v2, v13 = 0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    known = np.array([v1, v2, 0]) / variance, np.array([v1 + v13, v2, v13]) / variance
    for name, ours, theirs, true in zip(
        ("first", "total"), (first[0], total[0]), (peer["S1"], peer["ST"]), known, strict=True
    ):
        gap, error = np.abs(ours - theirs).max(), np.abs(ours - true).max()
        yield (
            f"{name}: largest difference to SALib {gap:.1e}, to the known index {error:.4f}",
            gap < SAME and error < KNOWN,
        )


def morris() -> Iterator[tuple[str, bool]]:
    """Elementary effects of a function without noise, given twice as if by two seeds."""
    from SALib.analyze import morris as salib
    from SALib.sample import morris as sample

    from injae.experiments.analyses.inputs import DUMMY
    from injae.experiments.analyses.screening import effects
    from injae.experiments.replicates import Replicates

    names = [f"x{n}" for n in range(6)]
    problem = {"num_vars": 6, "names": names, "bounds": [[0.0, 1.0]] * 6}
    x = sample.sample(problem, 40, num_levels=4, seed=1)
    y = x @ np.array([8.0, 4.0, 2.0, 1.0, 0.5, 0.0]) + 6 * x[:, 0] * x[:, 1]
    peer = salib.analyze(problem, x, y, num_levels=4, seed=1)
    table, dropped = effects(Replicates("y", "", np.stack([y, y], axis=1)), names, x)
    ours = table.set_index("input")["mu_star"]
    gap = float(np.abs(ours[names].to_numpy() - np.asarray(peer["mu_star"], float)).max())
    yield f"mu*: largest difference to SALib {gap:.1e}; of the dummy {ours[DUMMY]:.1e}", gap < 1e-9 and not dropped


CASES = {  # of 2,000 points of the unit cube, by what makes a point a case
    "a corner": lambda x: (x[:, 0] > 0.7) & (x[:, 1] < 0.4),
    "a slab with noise": lambda x: (np.abs(x[:, 2] - 0.5) < 0.15) ^ (x[:, 5] > 0.97),
    "a tilted edge": lambda x: x[:, 0] + 0.8 * x[:, 1] > 1.35,
}


def prim(folder: str) -> Iterator[tuple[str, bool]]:
    """Boxes of three cases; EMA Workbench looks at the same points in a process of its own."""
    from injae.experiments.analyses.prim import Settings, find_box

    code = (
        "import json, sys, warnings; warnings.simplefilter('ignore')\n"
        "import numpy as np, pandas as pd\nfrom ema_workbench.analysis import prim\n"
        "given = np.load(sys.argv[1])\n"
        "x = pd.DataFrame(given['x'], columns=[f'x{n}' for n in range(given['x'].shape[1])])\n"
        "box = prim.Prim(x, given['y'], threshold=0.5, peel_alpha=0.05).find_box()\n"
        "print(json.dumps(box.peeling_trajectory[['coverage', 'density']].to_numpy().tolist()))\n"
    )
    for name, is_case in CASES.items():
        x = np.random.default_rng(5).random((2000, 6))
        y = is_case(x)
        file = Path(folder) / "case.npz"
        np.savez(file, x=x, y=y)
        found = find_box(x, y, Settings(("linear",) * 6)).step
        done = subprocess.run(
            [sys.executable, "-c", code, file], env=_with(folder), capture_output=True, text=True, check=True
        )
        theirs = json.loads(done.stdout.splitlines()[-1])
        covered = max((coverage for coverage, density in theirs if density >= found.density), default=0.0)
        line = f"{name}: density {found.density:.2f}, coverage {found.coverage:.2f}; EMA Workbench covers {covered:.2f}"
        yield f"{line} at that density", found.coverage >= covered


def front() -> Iterator[tuple[str, bool]]:
    """A front that is known (ZDT1 with 8 variables), after as many evaluations, over five seeds."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.indicators.hv import HV
    from pymoo.optimize import minimize
    from pymoo.problems.multi import ZDT1

    from injae.experiments.searches.evolution import Settings, evolve

    problem, population, generations = ZDT1(n_var=8), 40, 60
    volume, sizes = HV(ref_point=np.array([1.1, 1.1])), []
    for seed in range(5):
        first = np.random.default_rng(seed).random((population, 8))
        evaluated = 0

        def evaluate(looks: list[tuple[tuple[float, ...], int]]) -> Any:
            nonlocal evaluated
            evaluated += len(looks)
            return problem.evaluate(np.array([point for point, _ in looks]))

        def mend(points: Any, _rng: np.random.Generator) -> Any:
            return np.clip(points, 0, 1)

        settings = Settings(generations, population, seeds=1)
        *_, last = evolve(evaluate, first, mend, settings, seed)
        peer = minimize(problem, NSGA2(pop_size=population, sampling=first), ("n_gen", generations), seed=seed)
        sizes.append((volume(last.goals), volume(peer.F)))
    ours, theirs = np.median(sizes, axis=0)
    yield f"hypervolume {ours:.4f}, NSGA-II of pymoo {theirs:.4f} (medians of 5)", ours >= FRONT * theirs


def _with(folder: str) -> dict[str, str]:
    """The environment of a process that finds EMA Workbench too, behind all that is here."""
    paths = [str(ROOT / "src"), *(path for path in sys.path if path.endswith("site-packages")), folder]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONWARNINGS": "ignore"}


# ---- throughput: each contender in a process of its own


def bare(runs: int, months: int) -> None:
    """A loop over seeds, nothing else."""
    from injae.model.ecosystem import Ecosystem
    from injae.model.scenario import Scenario

    plan = Scenario.load("korea", [f"months={months}"])
    for seed in range(runs):
        Ecosystem(plan, seed).run()


def swept(runs: int, months: int, workers: int) -> None:
    """A sweep of one point, all series kept on disk."""
    from injae.experiments.sweeps.sweep import Execution, sweep
    from injae.model.scenario import Scenario

    plan = Scenario.load("korea", [f"months={months}"])
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sweep"
        sweep(plan, "lhs:1", ["levers.data_access=0.4:0.6"], out=out, seeds=max(runs, 1), execution=Execution(workers))


def batch_run(runs: int, months: int) -> None:
    """Mesa's own runner, which reports the last month."""
    import inspect

    import mesa

    from injae.model.ecosystem import Ecosystem
    from injae.model.scenario import Scenario

    plan, seeds = Scenario.load("korea", [f"months={months}"]), list(range(runs))
    new = "rng" in inspect.signature(mesa.batch_run).parameters
    given, more = ({"plan": [plan]}, {"rng": seeds}) if new else ({"plan": [plan], "seed": seeds}, {})
    if seeds:
        mesa.batch_run(
            Ecosystem,
            given,
            number_processes=1,
            data_collection_period=-1,
            max_steps=months,
            display_progress=False,
            **more,
        )


def evaluated(runs: int, months: int, workers: int) -> None:
    """EMA Workbench, one process or several."""
    from ema_workbench import IntegerParameter, Model, MultiprocessingEvaluator, ScalarOutcome, SequentialEvaluator
    from ema_workbench import perform_experiments as _  # noqa: F401 - all that an evaluator needs

    from injae.model.scenario import Scenario

    plan = Scenario.load("korea", [f"months={months}"])
    model = Model("injae", function=_Last(plan))
    model.uncertainties = [IntegerParameter("seed", 0, 10_000)]
    model.outcomes = [ScalarOutcome("specialists")]
    if runs:
        with SequentialEvaluator(model) if workers == 1 else MultiprocessingEvaluator(model, workers) as evaluator:
            evaluator.perform_experiments(runs)


class _Last:
    """A run as a function of its seed, which processes of EMA Workbench can be sent."""

    __name__ = "last"

    def __init__(self, plan: Any) -> None:
        self.plan = plan

    def __call__(self, seed: int = 0) -> dict[str, float]:
        from injae.model.ecosystem import Ecosystem

        return {"specialists": float(Ecosystem(self.plan, int(seed)).run().series.specialists)}


CONTENDERS: dict[str, Callable[[int, int], None]] = {
    "bare loop": bare,
    "sweep, 1 worker": lambda runs, months: swept(runs, months, 1),
    "sweep, 2 workers": lambda runs, months: swept(runs, months, 2),
    "mesa.batch_run": batch_run,
    "EMA, sequential": lambda runs, months: evaluated(runs, months, 1),
    "EMA, 2 processes": lambda runs, months: evaluated(runs, months, 2),
}


def throughput(folder: str, runs: int, months: int, repeats: int) -> Iterator[tuple[str, bool]]:
    """CPU seconds a run, the start taken off: what 2 * runs cost more than runs."""

    def seconds(name: str, count: int) -> float:
        words = ["--do", name, "--runs", str(count), "--months", str(months)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, __file__, *words], env=_with(folder), check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    taken: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(repeats):
        for name in CONTENDERS:
            taken[name].append((seconds(name, 2 * runs) - seconds(name, runs)) / runs)
    cost = {name: statistics.median(times) for name, times in taken.items()}
    limits = {"sweep, 1 worker": ("bare loop", ONE_WORKER), "sweep, 2 workers": ("sweep, 1 worker", TWO_WORKERS)}
    for name, one in cost.items():
        over = one / cost["bare loop"]
        beside, limit = limits.get(name, ("bare loop", np.inf))
        line = f"{name:<17} {over:5.2f} times the bare loop ({min(taken[name]) / cost['bare loop']:.2f} to "
        yield f"{line}{max(taken[name]) / cost['bare loop']:.2f})", one <= limit * cost[beside]


if __name__ == "__main__":
    main()
