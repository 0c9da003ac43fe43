"""Emulators: what runs would give between the points of a sweep, by Gaussian processes, and how far to trust that.

The process is fitted to means over seeds; what it takes for noise comes from the spread over seeds (docs/calibrate.md).
"""

import importlib.util
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import norm, t

from model.errors import InputError

Q2_MIN = 0.9
INTERVAL = 0.9  # of the intervals that must cover runs that were left out
COVERED_MIN = 0.8  # share of left-out points that intervals of 90 percent must cover; too wide is only cautious
FOLDS = 10
CHUNK = 4096  # points predicted at once
RANGE_OF_LENGTHS = (0.05, 50.0)  # length scales, in ranges of an input


class Luck(NamedTuple):
    """What seeds do to a fact: variance of a run at each point, of which the same at all points, and at points alone.

    ``model`` gives the latter anywhere (None: it is the same everywhere). ``widened`` says how much wider than
    its estimate the shared part is taken, because it is known from a few seeds only.
    """

    shared: float
    own: float
    model: Any
    widened: float
    seeds: int

    def own_at(self, x: Any) -> Any:
        """Variance between runs at points that is not the same everywhere; shape (points,)."""
        return np.full(len(x), self.own) if self.model is None else self.model.predict(x)

    def of_run_at(self, x: Any) -> Any:
        """Variance of a single run about the mean over all luck; shape (points,)."""
        return self.shared * self.widened + self.own_at(x)

    def of_level_at(self, x: Any) -> Any:
        """Variance of the mean over the sweep's seeds about that over all luck; shape (points,).

        Many points do not average it away: a seed that is lucky at one point is lucky at those around it.
        """
        return self.of_run_at(x) / self.seeds


class Check(NamedTuple):
    """Cross-validation against means of runs: Q2, coverage of 90 percent intervals; and what of their variance is luck.

    Q2 is the share of the variance between points that is predicted.
    """

    q2: float
    covered: float
    luck_share: float

    @property
    def passed(self) -> bool:
        """Whether the emulator may stand for runs."""
        return self.q2 >= Q2_MIN and self.covered >= COVERED_MIN


class Predicted(NamedTuple):
    """A fact at points: its mean over luck, the variance of that mean, the variance of a run; shape (points,) each."""

    mean: Any
    doubt: Any
    luck: Any


def check_installed() -> None:
    """Say what to do where scikit-learn is missing.

    Raises:
        InputError: it is.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise InputError('calibrate: needs scikit-learn; install it with: pip install "injae[experiments]"')


def one_thread() -> Any:
    """Context in which linear algebra keeps to one thread: matrices are small, and more threads only wait."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def luck_of(x: Any, values: Any) -> Luck:
    """Luck in runs, told apart by crossing points and seeds: every point has the same seeds.

    What a seed does everywhere is its mean difference to the other seeds. The rest differs between points; its variance
    follows the inputs by a regression on a log scale.

    Args:
        x: points, shape (points, inputs), 0 to 1.
        values: shape (points, seeds), nan where there is no run; two runs or more at each point.
    """
    seeds = values.shape[1]
    everywhere = np.nanmean(values - np.nanmean(values, axis=1, keepdims=True), axis=0)
    own = np.nanvar(values - everywhere, axis=1, ddof=1)
    shared = max(float(np.var(everywhere, ddof=1) - own.mean() / len(x)), 0.0)
    # matches the 90 percent interval of a further seed when the spread is known from these few
    widened = float((t.ppf(0.95, seeds - 1) / norm.ppf(0.95)) ** 2)
    return Luck(shared, float(own.mean()), _log_variance(x, own), widened, seeds)


def _log_variance(x: Any, own: Any) -> Any:
    """Regression of a variance on the inputs; None where there is next to none."""
    mean = own.mean()
    if mean <= 0:
        return None
    from sklearn.linear_model import GammaRegressor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scaled = GammaRegressor(alpha=1e-3, max_iter=500).fit(x, np.maximum(own / mean, 1e-9))
    return _Scaled(scaled, float(mean))


class _Scaled(NamedTuple):
    regression: Any
    scale: float

    def predict(self, x: Any) -> Any:
        return self.scale * self.regression.predict(x)


@dataclass(frozen=True)
class Emulator:
    """A fitted process, the luck in its runs, and the scale of what it was fitted to."""

    process: Any
    centre: float
    scale: float
    luck: Luck
    check: Check

    def at(self, x: Any) -> Predicted:
        """The fact at points inside the box of the sweep; shape (points, inputs), 0 to 1."""
        parts = [self.process.predict(x[n : n + CHUNK], return_std=True) for n in range(0, len(x), CHUNK)]
        mean, sd = (np.concatenate(part) for part in zip(*parts, strict=True))
        doubt = (self.scale * sd) ** 2 + self.luck.of_level_at(x)
        return Predicted(self.centre + self.scale * mean, doubt, self.luck.of_run_at(x))


def emulate(x: Any, values: Any) -> Emulator:
    """Fit an emulator and check it by cross-validation.

    Args:
        x: points, shape (points, inputs), 0 to 1.
        values: shape (points, seeds), nan where there is no run; two runs or more at each point.
    """
    luck = luck_of(x, values)
    means = np.nanmean(values, axis=1)
    noise = luck.own_at(x) / (~np.isnan(values)).sum(axis=1)
    centre, scale = float(means.mean()), float(means.std()) or 1.0
    y, alpha = (means - centre) / scale, noise / scale**2
    process = _fitted(x, y, alpha, _kernel(x.shape[1]))
    check = _checked(x, y, alpha, process.kernel_)
    return Emulator(process, centre, scale, luck, check)


def _kernel(inputs: int) -> Any:
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    lengths: Any = np.ones(inputs)
    smooth = Matern(lengths, RANGE_OF_LENGTHS, nu=2.5)
    return ConstantKernel(2.0, (1e-2, 1e3)) * smooth + WhiteKernel(1e-3, (1e-6, 1.0))


def _fitted(x: Any, y: Any, alpha: Any, kernel: Any) -> Any:
    from sklearn.gaussian_process import GaussianProcessRegressor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of length scales at their limit: an input that does nothing
        return GaussianProcessRegressor(kernel, alpha=alpha + 1e-10, random_state=0).fit(x, y)


def _checked(x: Any, y: Any, alpha: Any, kernel: Any) -> Check:
    """Ten folds, each predicted by a process fitted to the others, its kernel included."""
    mean, variance = np.empty(len(y)), np.empty(len(y))
    fold = np.random.default_rng(0).permutation(len(y)) % FOLDS
    for n in range(FOLDS):
        out = fold == n
        process = _fitted(x[~out], y[~out], alpha[~out], kernel)
        mean[out], sd = process.predict(x[out], return_std=True)
        variance[out] = sd**2 + alpha[out]
    missed, spread = float(((y - mean) ** 2).mean()), float(y.var())
    covered = float((np.abs(y - mean) <= norm.ppf(0.5 + INTERVAL / 2) * np.sqrt(variance)).mean())
    if not spread:
        return Check(0.0, covered, 1.0)
    return Check(1 - missed / spread, covered, min(float(alpha.mean()) / spread, 1.0))
