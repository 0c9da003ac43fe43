"""What a visitor wants to see of a sweep, as a value and as part of a link."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from injae.model.numbers import number_of, whole_of
from injae.viz.view.links import pairs_of

FAN_SERIES = "specialists"
NAMES = {"dir": "folder", "policy": "policy", "outcome": "outcome", "series": "series", "x": "x", "y": "y"}


@dataclass(frozen=True)
class Wish:
    """What a visitor wants to see of a sweep; empty texts stand for the first there is.

    Attributes:
        folder: as in ``folders()``.
        series: of the fan chart.
        ranges: (setting, low, high) of each filter, as typed: low above high leaves no run.
        seed: the one seed to keep, or None for all.
        cell: indices of a cell of the heat map across and upwards, or None.
        sort: column of the list of runs (``status``, ``point``, ``seed``, ``value``, ``seconds`` or a setting), or
            empty: failed ones first.
        down: whether the largest come first.
        page: of the list, from 0.
    """

    folder: str = ""
    policy: str = ""
    outcome: str = "specialists_at_end"
    series: str = FAN_SERIES
    x: str = ""
    y: str = ""
    ranges: tuple[tuple[str, float, float], ...] = ()
    seed: int | None = None
    cell: tuple[int, int] | None = None
    sort: str = ""
    down: bool = False
    page: int = 0
    lang: str = field(default="ko")

    @property
    def link(self) -> str:
        """What the address says of it, beginning with ``&``; empty where no sweep is shown."""
        if not self.folder:
            return ""
        parts = [(key, getattr(self, name)) for key, name in NAMES.items() if getattr(self, name)]
        parts += [("range", f"{name}:{low:z.12g}:{high:z.12g}") for name, low, high in self.ranges]
        parts += [("only", str(self.seed))] if self.seed is not None else []
        parts += [("cell", f"{self.cell[0]}.{self.cell[1]}")] if self.cell else []
        parts += [("sort", ("-" if self.down else "") + self.sort)] if self.sort else []
        parts += [("page", str(self.page + 1))] if self.page else []
        return "".join(f"&{key}={quote(value, safe='@.:~/')}" for key, value in parts)


def read_link(search: str | None, lang: str) -> tuple[Wish, list[str]]:
    """The wish of a link, and the parts of it that cannot be read."""
    found: dict[str, Any] = {}
    ranges, dropped = [], []
    for key, value in pairs_of(search):
        try:
            if key in NAMES:
                found[NAMES[key]] = value
            elif key == "range":
                name, low, high = value.rsplit(":", 2)
                ranges.append((name, number_of(low, key), number_of(high, key)))
            elif key == "only":
                found["seed"] = whole_of(value, key)
            elif key == "cell":
                x, y = value.split(".")
                found["cell"] = (whole_of(x, key), whole_of(y, key))
            elif key == "sort":
                found["sort"], found["down"] = value.removeprefix("-"), value.startswith("-")
            elif key == "page":
                found["page"] = max(whole_of(value, key) - 1, 0)
        except ValueError:
            dropped.append(f"{key}={value[:40]}")
    return Wish(lang=lang, ranges=tuple(ranges), **found), dropped
