"""Calibration in waves: from the priors of all parameters, over closer and closer runs, to draws that were run.

The first wave fills the priors; each further one is drawn from what the facts leave of them, judged by emulators of all
waves before. Draws of the posterior are then run themselves and weighted by what these runs give, so that what is kept
rests on runs. Docs: docs/calibrate.md.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy

from injae.experiments.calibration import emulators, posterior
from injae.experiments.calibration.asked import Asked, WaveDesign, asked_of, question_of, twin_world, whole_cases
from injae.experiments.calibration.evidence import CalibrationTargets, targets_of
from injae.experiments.calibration.given_facts import Given, check_any, drawn
from injae.experiments.calibration.posterior import RULED_OUT
from injae.experiments.calibration.wave_runs import Wave, WaveFolder
from injae.experiments.calibration.wave_tables import Watch, given_in, judging, tables_of_waves
from injae.experiments.findings import Finding
from injae.experiments.folders import check_free
from injae.experiments.locks import FolderLock
from injae.model.scenario import Scenario

USUAL = WaveDesign()
WIDENED = 0.25  # power of what facts say between waves: as if all their errors were twice as large
SAMPLED = 2048  # draws that a sampler leads
CANDIDATES = 5  # draws that are run for each that is kept
LAST = 80  # number of the wave that draws have, for their seeds


def calibrate_in_waves(
    scenario: Scenario | str | Path,
    targets: CalibrationTargets | Sequence[str] = (),
    *,
    out: Path,
    design: WaveDesign = USUAL,
    twin: int | None = None,
    workers: int | None = None,
    watch: Watch | None = None,
) -> Finding:
    """Find the values of all uncertain parameters that agree with what is known; goes on where it was stopped.

    Args:
        scenario: whose country's facts are used; other scenarios are run where facts are measured in them.
        targets: what runs are held against: facts, ``OUTCOME=VALUE+-ERROR`` (one standard error), or
            ``CalibrationTargets``; none: the country's facts.
        out: folder; runs are kept in its ``waves``.
        design: how closely is looked.
        twin: take the run of parameters drawn with this seed for the world, instead of what is known.
        workers: processes; results do not depend on it.
        watch: called with (what is done, steps done, steps in all).

    Raises:
        InputError: something that cannot be asked, or a folder that holds something else.
    """
    emulators.check_installed()
    say = watch or (lambda what, done, total: None)
    targets = targets_of(targets)
    discrepancy, waves, seed = targets.discrepancy, design.waves, design.seed
    asked = asked_of(scenario, targets, design.vary)
    check_free(out, "calibrate")
    out.mkdir(parents=True, exist_ok=True)
    question = question_of(asked, design, twin, discrepancy)
    (out / "waves").mkdir(exist_ok=True)
    with FolderLock(out / "waves"), emulators.one_thread():
        folder = WaveFolder(out / "waves", question, asked.belief, workers)
        truth = None
        if twin is not None:
            asked, truth = twin_world(asked, folder, twin, discrepancy)
        run: list[Wave] = []
        given: list[Given] = []
        rows = []
        for number in range(1, waves + 1):
            name, shown = f"wave-{number}", f"Wave {number} of {waves}"
            make = partial(_points_of, number, asked, given, design.points, seed, say)
            x = folder.points(name, make)
            done = folder.run(name, number, x, asked.cases, design.seeds, partial(say, f"{shown}, runs"))
            run.append(done)
            given = given_in(asked, run, discrepancy, f"{shown}, emulators", say)
            rows.append(_wave_row(number, done, given))
        check_any(given, asked.left_out)
        whole = whole_cases(asked)
        name = f"draws-{waves}-{design.draws}"
        x = folder.points(name, partial(_candidates, asked, given, design.draws * CANDIDATES, seed, say))
        last = folder.run(name, LAST, x, whole, design.seeds, partial(say, "Draws, runs"))
        tables, told = tables_of_waves(asked, given, run, last, truth, design.draws, seed)
    tables["waves"] = pd.DataFrame(rows)
    errors = [error for wave in (*run, last) for error in wave.errors]
    told |= {"runs_failed": len(errors), "first_error": errors[0] if errors else None}
    told["runs"] = (waves * design.points * len(asked.cases) + len(last.x) * len(whole)) * design.seeds
    return Finding("calibrate", question | {"form": "waves", "waves": waves, "draws": design.draws}, tables, told)


def _points_of(number: int, asked: Asked, given: Sequence[Given], points: int, seed: int, say: Watch) -> Any:
    """Points of a wave: the first fills the priors, others are drawn from what is left, widened."""
    inputs = len(asked.belief.names)
    if number == 1 or not judging(given):
        rng = np.random.default_rng([seed, number])
        return scipy.stats.qmc.LatinHypercube(inputs, rng=rng).random(points)
    first = posterior.box_points(inputs, SAMPLED, seed + number)
    found = drawn(
        judging(given), asked.belief, first, seed + number, WIDENED,
        lambda share: say(f"Wave {number}, points", round(100 * share), 100),
    )  # fmt: skip
    rng = np.random.default_rng([seed, number, 5])
    return found.x[rng.permutation(posterior.systematic(found.weights, points, rng))]


def _candidates(asked: Asked, given: Sequence[Given], number: int, seed: int, say: Watch) -> Any:
    """Draws of the posterior as emulators know it, in random order."""
    if not judging(given):
        return _points_of(1, asked, given, number, seed + 100, say)
    sampled = 1 << max(int(np.ceil(np.log2(number))), SAMPLED.bit_length() - 1)
    first = posterior.box_points(len(asked.belief.names), sampled, seed + 100)
    found = drawn(
        judging(given), asked.belief, first, seed + 100, watch=lambda share: say("Draws", round(100 * share), 100)
    )
    rng = np.random.default_rng([seed, 6])
    return found.x[rng.permutation(posterior.systematic(posterior.at_most(found.weights, 1 / number), number, rng))]


def _wave_row(number: int, wave: Wave, given: Sequence[Given]) -> dict[str, Any]:
    """A wave in a row: points, failed runs, how many points no fact rules out, how well emulators predict."""
    used = judging(given)
    left = np.ones(len(wave.x), bool)
    for one in used:
        mean, mean_variance, noise = (part[: len(wave.x)] for part in one.at_points)  # the last wave comes first
        gap = (mean - one.fact.value) ** 2 / (one.blur**2 + mean_variance + noise)
        left &= ~(gap > RULED_OUT**2)
    return {
        "wave": number,
        "points": len(wave.x),
        "runs_failed": len(wave.errors),
        "points_left": int(left.sum()),
        "facts": len(given),
        "emulators": sum(one.by_emulator for one in given),
        "q2_median": float(np.median([one.emulator.check.q2 for one in given])) if given else np.nan,
    }
