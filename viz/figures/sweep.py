"""The figure of a sweep: an outcome at every point against each setting that varies, coloured by policy."""

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from injae.experiments.analyses.inputs import factors_of
from injae.experiments.outcomes import check_versus, less, outcome_values
from injae.experiments.sweeps.designs import declaration
from injae.experiments.sweeps.store import Sweep
from injae.experiments.wording.amounts import raw_unit
from injae.experiments.wording.spoken import LANGUAGE
from injae.model.errors import InputError
from injae.viz.answers.regions import input_name, less_words, plain_name, policy_name
from injae.viz.answers.words import say
from injae.viz.figures.breaking import fill
from injae.viz.figures.fit import settled
from injae.viz.figures.form import in_its_language
from injae.viz.figures.style import BASELINE, POLICY, SECONDARY, TARGET, style

COLOURS = (POLICY, "#E69F00", "#009E73", "#7F3C8D", TARGET, BASELINE)  # of policies in order, then again
PANELS, COLUMNS = 6, 3
AXIS = 44  # letters of a line below a panel


@in_its_language()
def sweep_figure(store: Sweep, outcome: str = "specialists_at_end", versus: str = "") -> Figure:
    """Mean over seeds of an outcome at every point, against each of the first ``PANELS`` settings that vary.

    Args:
        store: the sweep.
        outcome: as everywhere (docs/discover.md).
        versus: policy whose outcome on the same point and seed is taken off.

    Raises:
        InputError: an outcome or policy that is none, or nothing varies or is finished.
    """
    values: Any = outcome_values(store, [outcome])
    unit, label = raw_unit(values.attrs["units"][outcome], LANGUAGE.get()), plain_name(outcome)
    if versus:
        check_versus(store, (), versus)
        values = less(values, versus, [outcome])
        values, label = values[values["policy"] != versus], label + less_words(versus)
    varied = [factor for factor in factors_of(store.manifest["design"]) if store.points[factor.path].nunique() > 1]
    if not len(values) or not varied:
        fault = "no run is finished" if varied else "nothing varies between its points"
        raise InputError("no_results", fault, source=store.folder)
    means = values.groupby(["policy", "point"], observed=True)[outcome].mean().unstack("policy")
    shown, plan = varied[:PANELS], next(iter(store.policies.values()))
    rows = -(-len(shown) // COLUMNS)
    with mpl.rc_context(style()):
        figure = Figure(figsize=(1.2 + 3.9 * min(len(shown), COLUMNS), 1.4 + 3.1 * rows), layout="constrained")
        panels = figure.subplots(rows, min(len(shown), COLUMNS), sharey=True, squeeze=False).flat
        for panel, factor in zip(panels, shown, strict=False):
            for n, policy in enumerate(means.columns):
                x = store.points[factor.path].reindex(means.index)
                panel.scatter(
                    x,
                    means[policy],
                    s=16,
                    alpha=0.75,
                    linewidth=0,
                    color=COLOURS[n % len(COLOURS)],
                    label=policy_name(str(policy)),
                )
            if factor.log:
                panel.set_xscale("log")
            else:
                panel.xaxis.set_major_locator(MaxNLocator(4))
            name = factor.path.rpartition(".")[2].replace("_", " ")
            given = {"name": name, "path": factor.path, "unit": declaration(factor.path, plan).unit}
            said = say("regions.labelled", name=input_name(given), unit=raw_unit(given["unit"], LANGUAGE.get()))
            panel.set_xlabel(said if LANGUAGE.get() == "en" else fill(said, AXIS))
        for panel in list(panels)[len(shown) :]:
            panel.set_visible(False)
        figure.supylabel(
            say("regions.labelled", name=label, unit=unit) if unit else label, fontsize=11, color=SECONDARY
        )
        handles, names = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=4, frameon=False)
        return settled(figure)
