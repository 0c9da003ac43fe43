"""Emulators: what runs would give between the points that were run, by Gaussian processes, and how far to trust that.

The process bends with the few inputs that move a fact most (``screening``) and is straight in all others, whose effects
are taken small together. What neither explains is its noise. It is fitted to means over seeds (docs/calibrate.md).
"""

import importlib.util
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize

from injae.experiments.calibration.screening import screen
from injae.model.errors import InputError

Q2_MIN = 0.1  # below, an emulator says next to nothing
INTERVAL = 0.9  # of the intervals that must cover runs that were left out
COVERED_MIN = 0.8  # share of left-out points that intervals of 90 percent must cover; too wide is only cautious
CHUNK = 4096  # points predicted at once
RANGE_OF_LENGTHS = (0.1, 50.0)  # length scales, in ranges of an input
FITTED_ON = 300  # points that length scales are fitted on; all are learned from


class Noise(NamedTuple):
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
        """Variance of a single run about the mean over all noise; shape (points,)."""
        return self.shared * self.widened + self.own_at(x)

    def of_level_at(self, x: Any) -> Any:
        """Variance of the mean over the sweep's seeds about that over all noise; shape (points,).

        Many points do not average it away: a seed that is favoured by noise at one point is favoured by noise at those
        around it.
        """
        return self.of_run_at(x) / self.seeds


class Check(NamedTuple):
    """Points left out one by one: Q2, coverage of 90 percent intervals; and what of their variance is noise.

    Q2 is the share of the variance between points that is predicted.
    """

    q2: float
    covered: float
    noise_share: float

    @property
    def passed(self) -> bool:
        """Whether the emulator may stand for runs."""
        return self.q2 >= Q2_MIN and self.covered >= COVERED_MIN


class Predicted(NamedTuple):
    """A fact at points: its mean over noise, the variance of that mean, the variance of a run; shape (points,) each."""

    mean: Any
    mean_variance: Any
    noise: Any


def check_installed() -> None:
    """Say what to do where scikit-learn is missing.

    Raises:
        InputError: it is.
    """
    if importlib.util.find_spec("sklearn") is None:
        hint = 'install it with: pip install "injae[experiments]"'
        raise InputError("not_installed", "needs scikit-learn", "calibrate", suggestion=hint)


def one_thread() -> Any:
    """Context in which linear algebra keeps to one thread: results must not depend on how many there are."""
    from threadpoolctl import threadpool_limits  # extra experiments

    return threadpool_limits(1)


def noise_of(x: Any, values: Any, *, crossed: bool = True) -> Noise:
    """Noise in runs.

    Where every point has the same seeds, points and seeds are crossed: what a seed does everywhere is its mean
    difference to the other seeds, and the rest differs between points. Where each point has seeds of its own, all of it
    does. Its variance follows the inputs by a regression on a log scale.

    Args:
        x: points, shape (points, inputs), 0 to 1; of the inputs that move the fact.
        values: shape (points, seeds), nan where there is no run; two runs or more at each point.
        crossed: whether a column is one seed.
    """
    if not crossed:
        own = np.nanvar(values, axis=1, ddof=1)
        return Noise(0.0, float(own.mean()), _log_variance(x, own), 1.0, np.inf)
    seeds = values.shape[1]
    everywhere = np.nanmean(values - np.nanmean(values, axis=1, keepdims=True), axis=0)
    own = np.nanvar(values - everywhere, axis=1, ddof=1)
    shared = max(float(np.var(everywhere, ddof=1) - own.mean() / len(x)), 0.0)
    # matches the 90 percent interval of a further seed when the spread is known from these few
    widened = float((scipy.stats.t.ppf(0.95, seeds - 1) / scipy.stats.norm.ppf(0.95)) ** 2)
    return Noise(shared, float(own.mean()), _log_variance(x, own), widened, seeds)


def _log_variance(x: Any, own: Any) -> Any:
    """Regression of a variance on the inputs; None where there is next to none."""
    mean = own.mean()
    if mean <= 0 or not x.shape[1]:
        return None
    from sklearn.linear_model import GammaRegressor  # extra experiments

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
class Process:
    """A Gaussian process that bends with a few inputs and is straight in all, fitted to values of mean 0 and sd 1.

    Attributes:
        x: points, shape (points, inputs), 0 to 1.
        active: inputs that it bends with.
        smooth: its kernel over these, of scikit-learn.
        straight: variance of what all inputs do together in a straight way.
        noise: variance of what neither explains.
        factor: of the covariance of the points, with noise and noise.
        solved: that covariance divided into the values, shape (points,).
    """

    x: Any
    active: list[int]
    smooth: Any
    straight: float
    noise: float
    factor: Any
    solved: Any

    usual: float  # variance at a point left out, noise included and noise not, on average

    def at(self, x: Any, *, roughly: bool = False) -> tuple[Any, Any]:
        """Mean and variance at points, noise included; shape (points,) each. Roughly: the usual variance everywhere."""
        across = _covariance(x, self.x, self.active, self.smooth, self.straight)
        if roughly:
            return across @ self.solved, np.full(len(x), self.usual)
        explained = (solve_triangular(self.factor, across.T, lower=True, check_finite=False) ** 2).sum(axis=0)
        own = self.smooth.diag(x[:, self.active]) + self.straight * _straight_diagonal(x)
        return across @ self.solved, np.maximum(own - explained, 0.0) + self.noise


def _covariance(x: Any, others: Any, active: list[int], smooth: Any, straight: float) -> Any:
    bent = smooth(x[:, active], others[:, active]) if active else np.full((len(x), len(others)), smooth.constant_value)
    return bent + straight * 12 / x.shape[1] * ((x - 0.5) @ (others - 0.5).T)


def _straight_diagonal(x: Any) -> Any:
    return 12 / x.shape[1] * ((x - 0.5) ** 2).sum(axis=1)


@dataclass(frozen=True)
class Emulator:
    """A fitted process, the noise in its runs, the scale of what it was fitted to, and the inputs that move it."""

    process: Process
    centre: float
    scale: float
    logs: bool  # fitted to logarithms
    noise: Noise
    check: Check
    active: list[int]
    shares: list[float]  # of the variance, by active input

    def at(self, x: Any, *, roughly: bool = False) -> Predicted:
        """The fact at points inside the box of the sweep; shape (points, inputs), 0 to 1.

        Roughly: with the usual uncertainty everywhere, for samplers that ask often.
        """
        parts = [self.process.at(x[n : n + CHUNK], roughly=roughly) for n in range(0, len(x), CHUNK)]
        mean, variance = (np.concatenate(part) for part in zip(*parts, strict=True))
        mean, variance = _back(self.centre + self.scale * mean, self.scale**2 * variance, self.logs)
        moving = x[:, self.active]
        return Predicted(mean, variance + self.noise.of_level_at(moving), self.noise.of_run_at(moving))


def _back(mean: Any, variance: Any, logs: bool) -> tuple[Any, Any]:
    """Mean and variance of a fact from those of its logarithm."""
    if not logs:
        return mean, variance
    level = np.exp(mean + variance / 2)
    return level, np.expm1(variance) * level**2


def emulate(x: Any, values: Any, *, crossed: bool = True) -> Emulator:
    """Fit an emulator and check it on points left out; to logarithms where these are predicted better.

    Args:
        x: points, shape (points, inputs), 0 to 1.
        values: shape (points, seeds), nan where there is no run; two runs or more at each point.
        crossed: whether a column is one seed.
    """
    means = np.nanmean(values, axis=1)
    plain, told = _emulator(x, values, means, crossed, logs=False)
    if means.min() <= 0:
        return plain
    logged, told_by_logs = _emulator(x, values, means, crossed, logs=True)
    return logged if told_by_logs > told else plain


def _emulator(x: Any, values: Any, means: Any, crossed: bool, *, logs: bool) -> tuple[Emulator, float]:
    """An emulator and how well it tells points left out: their mean log density."""
    level = np.log(means) if logs else means
    centre, scale = float(level.mean()), float(level.std()) or 1.0
    y = (level - centre) / scale
    active, shares = screen(x, y)
    noise = noise_of(x[:, active], values, crossed=crossed)
    own = noise.own_at(x[:, active]) / (~np.isnan(values)).sum(axis=1)
    alpha = own / (means if logs else 1.0) ** 2 / scale**2
    process, variance = _fitted(x, y, alpha, active)
    mean = y - process.solved * variance
    told = float(
        (scipy.stats.norm.logpdf(y, mean, np.sqrt(variance)) - np.log(scale) - (level if logs else 0.0)).mean()
    )
    check = _checked(means, own, *_back(centre + scale * mean, scale**2 * variance, logs))
    return Emulator(process, centre, scale, logs, noise, check, active, shares), told


def _fitted(x: Any, y: Any, alpha: Any, active: list[int]) -> tuple[Process, Any]:
    """A process with the most likely length scales, then the most likely share of straight effects and of noise.

    With it comes the variance at each of its points when that is left out, noise and noise included, in closed form.
    """
    smooth, noise = _smooth(x[:FITTED_ON, active], y[:FITTED_ON], alpha[:FITTED_ON])
    bent = _covariance(x, x, active, smooth, 0.0)
    straight = _covariance(x, x, active, smooth, 1.0) - bent

    def factor(logs: Any) -> Any:
        covariance = bent + np.exp(logs[0]) * straight
        covariance[np.diag_indices(len(y))] += np.exp(logs[1]) + alpha + 1e-8
        return cho_factor(covariance, lower=True, overwrite_a=True, check_finite=False)[0]

    def unlikely(logs: Any) -> float:
        if np.any(np.abs(logs) > 14):
            return np.inf
        lower = factor(logs)
        return float(0.5 * y @ cho_solve((lower, True), y, check_finite=False) + np.log(np.diag(lower)).sum())

    begin = np.log([0.1, max(noise, 1e-3)])
    best = minimize(unlikely, begin, method="Nelder-Mead", options={"maxiter": 50, "xatol": 0.02, "fatol": 0.01}).x
    lower = np.tril(factor(best))
    solved = cho_solve((lower, True), y, check_finite=False)
    left_out = 1 / np.diag(cho_solve((lower, True), np.eye(len(y)), check_finite=False))
    usual = float((left_out - alpha).mean())
    return Process(x, active, smooth, *map(float, np.exp(best)), lower, solved, usual), left_out


def _smooth(x: Any, y: Any, alpha: Any) -> tuple[Any, float]:
    """Kernel over the inputs that move a fact, with fitted length scales, and the noise that goes with it."""
    from sklearn.gaussian_process import GaussianProcessRegressor  # extra experiments
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel  # extra experiments

    if not x.shape[1]:
        return ConstantKernel(1e-6), 1.0
    smooth = ConstantKernel(2.0, (1e-2, 1e3)) * Matern(np.full(x.shape[1], 2.0), RANGE_OF_LENGTHS, nu=2.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of length scales at their limit: an input that is straight
        noisy = smooth + WhiteKernel(0.1, (1e-6, 2.0))
        fitted = GaussianProcessRegressor(noisy, alpha=alpha + 1e-8, random_state=0).fit(x, y).kernel_
    return fitted.k1, float(fitted.k2.noise_level)


def _checked(means: Any, own: Any, mean: Any, variance: Any) -> Check:
    """Points left out against what the others say of them."""
    spread = float(means.var())
    if not spread:
        return Check(0.0, 1.0, 1.0)
    covered = float((np.abs(means - mean) <= scipy.stats.norm.ppf(0.5 + INTERVAL / 2) * np.sqrt(variance)).mean())
    return Check(1 - float(((means - mean) ** 2).mean()) / spread, covered, min(float(own.mean()) / spread, 1.0))
