"""The list of runs of the results browser: sorted by a column, a page at a time."""

from typing import Any

import numpy as np

from injae.experiments.indicators import INDICATORS
from injae.experiments.wording.amounts import number
from injae.experiments.wording.titles import setting_title, setting_value
from injae.viz.view.results.table import Opened
from injae.viz.view.results.wish import Wish

ROWS = 20  # of a page
FACTS = ("status", "point", "seed", "value", "seconds")  # columns beside settings


def rows_of(found: Opened, inside: Any, shown: list[str], wish: Wish) -> dict[str, Any]:
    """A page of the list, with its columns, as the head of ``sweeps.py`` says.

    Args:
        found: the sweep.
        inside: rows of the runs to list.
        shown: settings that have a column.
        wish: names sort order, page and outcome.
    """
    ordered = inside[_order(found, inside, shown, wish)]
    pages = max(-(-len(ordered) // ROWS), 1)
    page = min(wish.page, pages - 1)
    part = ordered[page * ROWS : (page + 1) * ROWS]
    values = found.outcome(wish.outcome)[part]
    settings = {name: found.setting(name)[found.place[part]] for name in shown}
    unit = INDICATORS[wish.outcome].unit
    return {
        "columns": [setting_title(name, wish.lang) for name in shown],
        "column_names": shown,
        "sort": wish.sort,
        "down": wish.down,
        "page": page,
        "pages": pages,
        "rows": [
            {
                "status": str(row["status"]),
                "row": int(at),
                "point": int(row["point"]),
                "seed": int(row["seed"]),
                "seconds": None if np.isnan(row["seconds"]) else round(float(row["seconds"]), 2),
                "settings": [
                    "–" if np.isnan(of[n]) else setting_value(s, of[n], wish.lang) for s, of in settings.items()
                ],
                "value": "–" if np.isnan(values[n]) else number(float(values[n]), unit, wish.lang),
                "reason": str(row["reason"])[:160],
            }
            for n, (at, row) in enumerate(zip(part, found.runs.iloc[part].to_dict("records"), strict=True))
        ],
    }


def _order(found: Opened, inside: Any, shown: list[str], wish: Wish) -> Any:
    """Places in ``inside`` in the order asked for; runs without a value come last, whichever way."""
    if wish.sort in shown:
        by = found.setting(wish.sort)[found.place[inside]]
    elif wish.sort == "value":
        by = found.outcome(wish.outcome)[inside]
    elif wish.sort in ("point", "seed", "seconds"):
        by = found.runs[wish.sort].to_numpy()[inside]
    else:  # done ones last
        by = (found.runs["status"].iloc[inside] == "done").to_numpy().astype(int)
    return np.argsort(-by if wish.down else by, kind="stable")
