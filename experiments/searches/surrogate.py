"""The surrogate of a backcast: real runs of a sparse design of levers, and a regression that guesses between them.

``POINTS`` points, each moving one to four levers of ``RANGES`` at once (a Latin hypercube thinned by a fixed draw), run
on ``SEEDS`` common seeds over the first ``MONTHS`` of the default scenario, once per state of model and data; kept in
``.cache`` and continued where it was left. Levers hold from the start, so row ``month`` is also what they bring when
they end in that month. A search that cannot wait goes on with ``ENOUGH`` points.

The surrogate only chooses candidates (``predict``: ridge regression on each lever and its square); whatever is told of
one comes from runs of the candidate itself.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from agents.kernels import CACHE_FOLDER
from experiments.extensions import model_hash
from experiments.manifest import data_checksums
from experiments.results import Job, Run
from experiments.schedules import shortened
from model.levers import LEVERS
from model.scenario import DEFAULT, Scenario

POINTS, SEEDS = 200, 4
ENOUGH = 80  # points from which a search can start
MONTHS = 60  # of a run: later dates are guessed from the last one
MOVED_MAX = 4  # levers that a point moves
CHUNK = 5  # points between two savings
DESIGN_SEED = 7
RIDGE = 1e-3  # of the squares of features: keeps levers that few points move from running wild
COST = "public_won_cumulative"
OUTCOMES = ("programme_graduates_cumulative", "specialists", "employed_hospitals", "adoption_share", "routine_share")
# What a ministry could do at all, from the present value on: up to several times the programme's 5.7bn won a year,
# inside the declared ranges.
RANGES: dict[str, tuple[float, float]] = {
    "levers.grant_scale": (1.0, 4.0),
    "levers.programme_universities": (6.0, 18.0),
    "levers.stipend_won_per_month": (0.0, 1e6),
    "levers.retraining_places_per_year": (72.0, 1500.0),
    "levers.wage_fund_won_per_year": (0.0, 3e10),
    "levers.return_package_won": (0.0, 1e8),
    "levers.visas_per_year": (36.0, 400.0),
    "levers.adoption_subsidy_won": (0.0, 1e8),
    "levers.reimbursement_share": (0.0, 0.8),
    "levers.tax_credit_share": (0.0, 0.3),
    "levers.joint_projects_per_year": (0.0, 100.0),
    "levers.data_infrastructure_won_per_year": (0.0, 5e10),
    "levers.data_access": (0.5, 0.9),
    "levers.review_strictness": (0.5, 0.25),
    "levers.review_months": (6.0, 3.0),
}
WHOLE = ("universities", "months")  # units that are not divided
PATHS = tuple(RANGES)
Simulate = Callable[[Sequence[Job], bool], list[Run]]
"""Does jobs and gives their runs in order, fewer once nobody wants them; told whether they may be asked for again."""
_making = threading.Lock()  # one maker at a time, for one chunk


class Sample(NamedTuple):
    """Means over seeds: ``values[name]`` has shape ``(points, MONTHS + 1)``, nan where a point has not run yet."""

    shares: Any  # shape (points, levers): 0 is the first end of the range, where the lever is as in the scenario
    values: dict[str, Any]

    @property
    def known(self) -> Any:
        """Which points have run, shape ``(points,)``."""
        return ~np.isnan(self.values[COST][:, 0])


@cache
def design() -> Any:
    """Shares of the ranges, shape ``(POINTS, levers)``; point 0 moves nothing."""
    from scipy.stats import qmc

    rng = np.random.default_rng(DESIGN_SEED)
    shares = qmc.LatinHypercube(len(PATHS), rng=rng).random(POINTS)
    for row in shares:
        still = rng.permutation(len(PATHS))[rng.integers(1, MOVED_MAX + 1) :]
        row[still] = 0.0
    shares[0] = 0.0
    return shares


def settings_of(shares: Any) -> dict[str, float]:
    """Values of the levers that a point moves, by path, to four digits."""
    moved = {}
    for path, share in zip(PATHS, shares, strict=True):
        first, last = RANGES[path]
        if share > 0:
            moved[path] = fitting(path, first + share * (last - first), 4)
    return moved


def fitting(path: str, value: float, digits: int) -> float:
    """A value as a lever takes it: whole where halves make no sense, else of so many digits."""
    whole = LEVERS[path.removeprefix("levers.")].unit in WHOLE
    return float(round(value)) if whole else float(f"{value:z.{digits}g}")


def file_of() -> Path:
    """Where the sample of this model, data and design is kept."""
    content = json.dumps(
        [model_hash(), data_checksums(), RANGES, POINTS, SEEDS, MONTHS, MOVED_MAX, DESIGN_SEED, OUTCOMES]
    )
    return CACHE_FOLDER.parent / f"levers-{hashlib.sha256(content.encode()).hexdigest()[:16]}.npz"


def load_sample() -> Sample:
    """The sample as far as it is known; a file that cannot be read counts as none."""
    values = {name: np.full((POINTS, MONTHS + 1), np.nan) for name in (*OUTCOMES, COST)}
    try:
        with np.load(file_of()) as stored:
            values |= {name: stored[name] for name in values}
    except (OSError, ValueError, KeyError):
        pass
    return Sample(design(), values)


def prepare(
    simulate: Simulate,
    cancelled: threading.Event,
    progress: Callable[[int, int], None] = lambda done, wanted: None,
    wanted: int = POINTS,
) -> Sample:
    """Run what is missing of the first ``wanted`` points; the sample as far as it came if cancelled.

    Several may ask at once: each takes up what another has made.

    Args:
        simulate: does jobs in order.
        cancelled: set once nobody wants the sample.
        progress: called with (points known, points wanted).
        wanted: points.
    """
    while not cancelled.is_set():
        if not _making.acquire(timeout=0.1):
            continue
        try:
            sample = load_sample()
            missing = np.flatnonzero(~sample.known[:wanted])[:CHUNK]
            if not len(missing) or not _run(sample, missing, simulate):
                return sample
        finally:
            _making.release()
        progress(int(sample.known[:wanted].sum()), wanted)
    return load_sample()


def _run(sample: Sample, points: Any, simulate: Simulate) -> bool:
    """Run some points, put their means into the sample and save it; whether it was not cancelled."""
    plan = Scenario.load(DEFAULT)
    plans = [shortened(plan.with_settings(settings_of(sample.shares[n])), MONTHS) for n in points]
    jobs = [Job(changed, seed) for changed in plans for seed in range(SEEDS)]
    runs = simulate(jobs, False)
    if len(runs) < len(jobs):
        return False
    for n, number in enumerate(points):
        mine = [run.history for run in runs[n * SEEDS : (n + 1) * SEEDS] if run.error is None]
        for name, table in sample.values.items():
            table[number] = np.mean([history[name] for history in mine], axis=0) if mine else np.inf
    _save(sample)
    return True


def _save(sample: Sample) -> None:
    path = file_of()
    part = path.with_suffix(f".{os.getpid()}.npz")
    np.savez_compressed(part, **sample.values)
    part.replace(path)


def predict(sample: Sample, name: str, month: int, shares: Any) -> Any:
    """What a series is guessed to be in a month beyond its value without any move, in its unit.

    Args:
        sample: what is known.
        name: one of ``OUTCOMES``, or ``COST``.
        month: month index; beyond ``MONTHS`` that month.
        shares: of the ranges, shape ``(n, levers)``.

    Returns:
        Shape ``(n,)``.
    """
    month = min(month, MONTHS)
    rows = np.isfinite(sample.values[name][:, month])
    gained = sample.values[name][rows, month] - sample.values[name][0, month]
    features = _features(sample.shares[rows])
    square = features.T @ features
    weights = np.linalg.solve(
        square + RIDGE * np.trace(square) / len(square) * np.eye(len(square)), features.T @ gained
    )
    return _features(shares) @ weights


def _features(shares: Any) -> Any:
    shares = np.asarray(shares, float)
    return np.hstack([shares, shares**2])
