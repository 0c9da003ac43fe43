"""CART (Breiman et al. 1984) as a second look at where cases concentrate, by scikit-learn."""

import importlib.util
from typing import Any

import numpy as np

from injae.experiments.analyses.prim import Settings, Step, everything, measure
from injae.model.errors import InputError

LEAVES_MAX = 8


def check_installed() -> None:
    """Say what to do where scikit-learn is missing.

    Raises:
        InputError: it is.
    """
    if importlib.util.find_spec("sklearn") is None:
        hint = 'install it with: pip install "injae[experiments]"'
        raise InputError("not_installed", "needs scikit-learn", "discover", suggestion=hint)


def leaves(points: Any, cases: Any, settings: Settings) -> list[Step]:
    """Leaves of a classification tree as boxes, those with the largest share of cases first."""
    check_installed()
    from sklearn.tree import DecisionTreeClassifier  # extra experiments

    logs = [scale == "log" for scale in settings.scales]
    scaled = np.array(points, float)
    scaled[:, logs] = np.log(scaled[:, logs])
    least = settings.least_points(len(scaled))
    tree = DecisionTreeClassifier(max_leaf_nodes=LEAVES_MAX, min_samples_leaf=least, random_state=0)
    tree = tree.fit(scaled, np.asarray(cases)).tree_
    found: list[Step] = []
    waiting = [(0, everything(scaled.shape[1]))]
    while waiting:
        node, box = waiting.pop()
        n = int(tree.feature[node])
        if n < 0:
            found.append(measure(box, points, cases))
            continue
        at = float(np.exp(tree.threshold[node]) if logs[n] else tree.threshold[node])
        waiting.append((int(tree.children_left[node]), box.moved((n, False), at)))
        waiting.append((int(tree.children_right[node]), box.moved((n, True), at)))
    return sorted(found, key=lambda leaf: (-leaf.density, -leaf.points))
