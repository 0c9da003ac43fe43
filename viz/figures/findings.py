"""Figures of analyses: drawn from what was kept, never from what was computed, so that they can be drawn again."""

import importlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from experiments.findings import RECEIPT, Finding, check_free, files_of, load, name_figures, save
from viz.figures.style import SECONDARY
from viz.figures.style import save as save_figure

Draw = Callable[[Finding], dict[str, Figure]]

FIGURES = {  # kind: module and function that gives the figures of such a finding by name
    "calibrate": "viz.figures.calibrate:calibrate_figures",
    "discover": "viz.figures.discover:discover_figures",
    "heatmap": "viz.figures.heatmap:figures",
    "search": "viz.figures.search:figures",
    "screen": "viz.figures.screen:screen_figures",
    "sensitivity": "viz.figures.sensitivity:sensitivity_figures",
    "robust": "viz.figures.robust:robust_figures",
}


def publish(finding: Finding, folder: Path, command: Sequence[str] = ()) -> list[Path]:
    """Write a finding's tables, receipt and figures into a folder; gives the figures' files.

    They take the place of an earlier finding of the same kind, whole.

    Raises:
        InputError: the folder holds something else (``check_free``).
        OSError: the folder cannot be written.
    """
    check_free(folder, finding.kind)
    before = files_of(folder)
    save(finding, folder, command)
    files = draw_again(folder, folder)
    name_figures(folder, [file.name for file in files])
    for name in before - files_of(folder):
        (folder / name).unlink(missing_ok=True)
    return files


def draw_again(folder: Path, out: Path) -> list[Path]:
    """Draw the figures of the finding in ``folder`` into ``out``, from its tables; gives the figures' files.

    Another folder than its own gets the tables and the receipt as well, so that it is complete.

    Raises:
        InputError: no finding there, or its tables have changed.
        OSError: ``out`` cannot be written.
    """
    finding, receipt = load(folder)
    if out != folder:
        check_free(out, finding.kind)
    out.mkdir(parents=True, exist_ok=True)
    if out != folder:
        for name in (RECEIPT, *(f"{table}.csv" for table in finding.tables)):
            shutil.copyfile(folder / name, out / name)
    module, _, function = FIGURES[finding.kind].partition(":")
    draw: Draw = getattr(importlib.import_module(module), function)
    files = []
    for name, figure in draw(finding).items():
        note = " ".join([figure.get_supxlabel(), f"Receipt {receipt}."]).strip()
        figure.supxlabel(note, x=0.01, ha="left", fontsize=9, color=SECONDARY)
        files += save_figure(figure, out, name)
    return files
