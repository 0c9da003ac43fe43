"""The surrogate of a backcast: real runs of a sparse design of levers, and a regression that guesses between them.

``POINTS`` points, each moving one to four levers of ``RANGES`` at once (a Latin hypercube thinned by a fixed draw)
from month ``SINCE`` of the default scenario on, run in the same ``FUTURES`` futures of its ensemble. Kept are, every
``EVERY`` months, the mean gain of each outcome and its standard deviation over the futures: what levers bring so many
months after they began, and how unsure that is. A question that begins in another month reads the same gains.

The sample of the present model, data and posterior comes with the package (``STORED``, made by
``python docs/surrogate.py``); where one of them has changed it is made anew, kept in ``.cache`` and continued where it
was left. A search that cannot wait goes on with ``ENOUGH`` points.

The surrogate chooses candidates, and gives a first guess of each that says so; what is told of a candidate afterwards
comes from runs of the candidate itself.
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
import scipy.optimize
import scipy.stats

from injae.agents.kernels import CACHE_FOLDER
from injae.experiments.extensions import model_hash
from injae.experiments.layers import USUAL
from injae.experiments.manifest import data_checksums
from injae.experiments.results import Job, Run
from injae.experiments.schedules import shortened
from injae.experiments.uncertainty import RUNS_OF_DRAW
from injae.model.levers import LEVERS
from injae.model.scenario import DEFAULT, Scenario

POINTS, FUTURES = 150, 8
ENOUGH = 80  # points from which a search can start
SINCE = 25  # month from which the levers of a point hold
EVERY, MONTHS = 6, 96  # months between what is kept; length of a run: what comes later is guessed from the last
GRID = tuple(range(SINCE - 1, MONTHS + 1, EVERY))
MOVED_MAX = 4  # levers that a point moves
CHUNK = 5  # points between two savings
DESIGN_SEED = 7
RIDGE = 1e-3  # of the squares of features: keeps levers that few points move from running wild
COST_FLOOR = 2e9  # won: errors below are as good as none
COST = "public_won_cumulative"
OUTCOMES = (
    "employed_hospitals",
    "specialists",
    "adoption_share",
    "programme_graduates_cumulative",
    "routine_share",
    "unmet_demand_share",
    "teachers",
    "enrolled",
    "vacancy_rate",
    "public_trust",
)
AT_MOST = ("unmet_demand_share", "vacancy_rate")  # outcomes of which less is wanted
STORED = Path(__file__).parent / "surrogate.npz"
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
    """What is known of the points; nan where one has not run yet.

    Attributes:
        shares: of the ranges, shape ``(points, levers)``: 0 is the first end, where the lever is as in the scenario.
        base: each outcome without any move, shape ``(FUTURES, len(GRID))``, in its unit.
        gains: what a point brings beyond that, mean over futures, shape ``(points, len(GRID))``.
        spreads: its standard deviation over futures, of the same shape.
    """

    shares: Any
    base: dict[str, Any]
    gains: dict[str, Any]
    spreads: dict[str, Any]

    @property
    def known(self) -> Any:
        """Which points have run, shape ``(points,)``."""
        return ~np.isnan(self.gains[COST][:, 0])


@cache
def design() -> Any:
    """Shares of the ranges, shape ``(POINTS, levers)``; point 0 moves nothing."""
    rng = np.random.default_rng(DESIGN_SEED)
    shares = scipy.stats.qmc.LatinHypercube(len(PATHS), rng=rng).random(POINTS)
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


def key() -> str:
    """What the sample rests on: model, data, posterior and design, as 16 characters."""
    plan = Scenario.load(DEFAULT)
    content = [model_hash(), data_checksums([plan.country]), USUAL.ensemble(plan).identity, RANGES]
    content += [POINTS, FUTURES, SINCE, GRID, MOVED_MAX, DESIGN_SEED, OUTCOMES]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def file_of() -> Path:
    """Where a sample that was made here is kept."""
    return CACHE_FOLDER.parent / f"levers-{key()}.npz"


def load_sample() -> Sample:
    """The sample as far as it is known, as it came with the package or was made here; else none of it."""
    for path in (STORED, file_of()):
        try:
            with np.load(path) as stored:
                if str(stored["key"]) == key():
                    return _sample(lambda kind, name, stored=stored: stored[f"{kind} {name}"].astype(float))
        except (OSError, ValueError, KeyError):
            continue
    rows = {"base": FUTURES, "gains": POINTS, "spreads": POINTS}
    return _sample(lambda kind, name: np.full((rows[kind], len(GRID)), np.nan))


def _sample(of: Callable[[str, str], Any]) -> Sample:
    parts = ({name: of(kind, name) for name in (*OUTCOMES, COST)} for kind in ("base", "gains", "spreads"))
    return Sample(design(), *parts)


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
    """Run some points, the first of all first, put what they bring into the sample and save it; whether it came so far.

    A future in which a run fails does not count.
    """
    plan = shortened(Scenario.load(DEFAULT), MONTHS)
    since = plan.date_of(SINCE)
    futures = USUAL.futures(plan, RUNS_OF_DRAW * FUTURES)[::RUNS_OF_DRAW]  # each with a draw of its own
    moved = [{f"{path}@{since}": value for path, value in settings_of(sample.shares[n]).items()} for n in points]
    plans = [plan.with_settings(settings) for settings in moved]
    jobs = [Job(future.plan(changed), future.seed) for changed in plans for future in futures]
    runs = simulate(jobs, False)
    if len(runs) < len(jobs):
        return False
    for place, number in enumerate(points):
        mine = runs[place * len(futures) : (place + 1) * len(futures)]
        for name in (*OUTCOMES, COST):
            blank = np.full(len(GRID), np.nan)
            rows = [np.asarray(run.history[name], float)[list(GRID)] if run.error is None else blank for run in mine]
            if number == 0:
                sample.base[name][:] = rows
            gains = np.array(rows) - sample.base[name]
            there = gains[~np.isnan(gains).any(axis=1)]
            sample.gains[name][number] = there.mean(axis=0) if len(there) else np.inf
            sample.spreads[name][number] = there.std(axis=0) if len(there) else np.inf
    _save(sample)
    return True


def _save(sample: Sample) -> None:
    write(sample, file_of())


def write(sample: Sample, path: Path) -> None:
    """Write a sample to a file, whole or not at all."""
    part = path.with_suffix(f".{os.getpid()}.npz")
    tables = {f"{kind} {name}": table.astype(np.float32) for kind in ("base", "gains", "spreads")
              for name, table in getattr(sample, kind).items()}  # fmt: skip
    np.savez_compressed(part, key=np.array(key()), **tables)
    part.replace(path)


def predict(sample: Sample, name: str, months: int, shares: Any, *, spread: bool = False) -> Any:
    """What levers are guessed to bring so many months after they began.

    Args:
        sample: what is known.
        name: one of ``OUTCOMES``, or ``COST``.
        months: since the levers began; beyond the last of the sample that counts.
        shares: of the ranges, shape ``(n, levers)``.
        spread: the standard deviation over futures instead of the mean.

    Returns:
        Shape ``(n,)``, in the unit of the series.
    """
    table = (sample.spreads if spread else sample.gains)[name]
    rows = np.isfinite(table).all(axis=1)
    gained = np.array([np.interp(months, np.array(GRID) - GRID[0], row) for row in table[rows]])
    features = _features(sample.shares[rows])
    found = _features(shares) @ (_cost_weights if name == COST else _ridge_weights)(features, gained)
    return np.maximum(found, 0.0) if spread else found


def _ridge_weights(features: Any, gained: Any) -> Any:
    square = features.T @ features
    ridge = RIDGE * np.trace(square) / len(square) * np.eye(len(square))
    return np.linalg.solve(square + ridge, features.T @ gained)


def _cost_weights(features: Any, won: Any) -> Any:
    """No lever of the design saves money, and a small cost has to be met as exactly as a large one."""
    relative = 1 / (np.abs(won) + COST_FLOOR)
    return scipy.optimize.nnls(features * relative[:, None], won * relative)[0]


def _features(shares: Any) -> Any:
    shares = np.asarray(shares, float)
    return np.hstack([shares, shares**2])
