"""How results show themselves where somebody looks at them: a line, in a notebook a small table, and a figure.

Figures are drawn in ``viz``, which is loaded only when one is wanted, as pandas does with what draws its tables.
"""

import html
import importlib
import sys
from typing import Any

import pandas as pd

from injae.experiments.wording.spoken import speaking_of

DRAWN_BY = {  # class: module and function that gives its figure
    "Results": "injae.viz.figures.run:results_figure",
    "Comparison": "injae.viz.figures.compare:comparison_figure",
    "Sweep": "injae.viz.figures.sweep:sweep_figure",
}
FORM = "injae.viz.figures.form"


class Shown:
    """Something with a line and a table of its own.

    A class gives ``_line()``, what it is in one line, and ``_table()``, what is in it in a few rows.
    """

    def _line(self) -> str:
        raise NotImplementedError

    def _table(self) -> pd.DataFrame:
        raise NotImplementedError

    def _country(self) -> str:
        """In whose currency it is drawn: that of the scenario, or of the first of several."""
        first: Any = next(iter(getattr(self, "results", [self])))
        return first.plan.country

    def __repr__(self) -> str:
        return f"<{self._line()}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return f"<p>{html.escape(self._line())}</p>{self._table().to_html(index=False, border=0)}"

    def plot(self, *, language: str = "en", **options: Any) -> Any:
        """Draw it: a ``matplotlib.figure.Figure``, to look at or to save; in English, or Korean (``ko``).

        ``Results``: ``baseline``, other results that are drawn with it. ``Sweep``: ``outcome`` and ``versus``
        (docs/discover.md has the forms of an outcome).

        Raises:
            InputError: another language, or what cannot be drawn.
        """
        module, _, name = DRAWN_BY[type(self).__name__].partition(":")
        form = importlib.import_module(FORM)
        with speaking_of(self._country()), form.choosing(language=language):
            figure = getattr(importlib.import_module(module), name)(self, **options)
        if "IPython" in sys.modules:  # else a notebook would show where it is in memory
            from IPython import get_ipython  # pyright: ignore[reportMissingImports]
            from IPython.core.pylabtools import select_figure_formats  # pyright: ignore[reportMissingImports]

            if shell := get_ipython():
                select_figure_formats(shell, {"png"})
        return figure
