"""Figures of analyses: drawn from what was kept, never from what was computed, so that they can be drawn again."""

import importlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from injae.experiments.findings import Finding, load, save
from injae.experiments.folders import RECEIPT, replacing
from injae.model.errors import InputError
from injae.viz.answers.words import say
from injae.viz.figures.form import in_its_language
from injae.viz.figures.style import SECONDARY, style
from injae.viz.figures.style import save as save_figure

Draw = Callable[[Finding], dict[str, Figure]]

FIGURES = {  # kind: module and function that gives the figures of such a finding by name
    "calibrate": "injae.viz.figures.calibrate:calibrate_figures",
    "discover": "injae.viz.figures.discover:discover_figures",
    "heatmap": "injae.viz.figures.heatmap:figures",
    "search": "injae.viz.figures.search:figures",
    "screen": "injae.viz.figures.screen:screen_figures",
    "sensitivity": "injae.viz.figures.sensitivity:sensitivity_figures",
    "robust": "injae.viz.figures.robust:robust_figures",
}


def publish(
    finding: Finding, folder: Path, command: Sequence[str] = (), more: Callable[[Path], object] | None = None
) -> list[Path]:
    """Write a finding's tables, receipt and figures into a folder; gives the figures' files.

    They take the place of an earlier finding of the same kind, whole. What ``more`` writes into the folder that it is
    given goes with them; without it, files of the earlier finding in folders of their own stay.

    Raises:
        InputError: the folder holds something else, or files of the user that have the same names.
        OSError: the folder cannot be written.
    """
    with replacing(folder, finding.kind, RECEIPT, keep=lambda name: more is None and "/" in name) as new:
        save(finding, new, command)
        figures = _draw(new, new)
        if more:
            more(new)
    return [folder / file.name for file in figures]


def draw_again(folder: Path, out: Path) -> list[Path]:
    """Draw the figures of the finding in ``folder`` into ``out``, from its tables; gives the figures' files.

    Another folder than its own gets the tables and the receipt as well, so that it is complete.

    Raises:
        InputError: no finding there, its tables have changed, or ``out`` holds something else.
        OSError: ``out`` cannot be written.
    """
    finding, _ = load(folder)
    with replacing(out, finding.kind, RECEIPT, keep=lambda name: True) as new:
        for name in (RECEIPT, *(f"{table}.csv" for table in finding.tables)):
            shutil.copyfile(folder / name, new / name)
        figures = _draw(folder, new)
    return [out / file.name for file in figures]


@in_its_language()
def _draw(folder: Path, out: Path) -> list[Path]:
    """Figures of the finding in a folder, written into another."""
    finding, receipt = load(folder)
    if finding.kind not in FIGURES:
        fault = f"entry kind = {finding.kind[:40]!r}: no analysis that has figures"
        raise InputError("unusable", fault, source=folder / RECEIPT)
    module, _, function = FIGURES[finding.kind].partition(":")
    draw: Draw = getattr(importlib.import_module(module), function)
    files = []
    for name, figure in draw(finding).items():
        note = say("figures.findings.receipt", note=figure.get_supxlabel(), receipt=receipt).strip()
        with mpl.rc_context(style()):
            figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        files += save_figure(figure, out, name)
    return files
