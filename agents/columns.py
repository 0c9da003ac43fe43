"""State in columns, and agents that are windows on a row.

Each kind of agent declares its columns once, as annotations of a class: type, unit and meaning. ``Table`` allocates
one array for each and grows them; ``table.columns.beds`` is the column, and the same expression works in Python and in
compiled processes. ``RowAgent`` shows one row as a ``mesa.Agent``.
"""

import collections
import functools
import itertools
import sys
import weakref
from dataclasses import dataclass
from typing import Any, ClassVar, get_type_hints

import mesa
import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Column:
    """Declaration of one column.

    Attributes:
        dtype: numpy type.
        unit: of a value.
        meaning: in a few words.
        width: values per row: 1, or one per domain.
        start: value of a new row.
        audited: whether a ledger is checked against it at the end of every month (``model.invariants``), so that
            nobody but a process of the month may write it.
    """

    dtype: type
    unit: str
    meaning: str
    width: int = 1
    start: float = 0
    audited: bool = False


@functools.cache
def declared(kind: type) -> dict[str, Column]:
    """Columns of a kind by name, in order."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


class Table:
    """Rows of one kind of agent, with room to grow.

    ``columns`` is the named tuple of arrays that processes work on: ``columns.beds`` has shape ``(room,)``, a column
    with a value per domain ``(room, domains)``. It is replaced when the table grows, so hold the table, not its
    columns, across months. ``rows`` is the record that counts the rows in use, shared with the processes.
    """

    def __init__(self, kind: type, room: int, rows: Any, name: str) -> None:
        self.declared = declared(kind)
        self.name = name
        self._kind = _tuple_type(kind)
        self._rows = rows
        self.columns = self._allocate(max(room, 1))

    def _allocate(self, room: int) -> Any:
        shapes = {name: room if column.width == 1 else (room, column.width) for name, column in self.declared.items()}
        return self._kind(*(np.full(shapes[n], column.start, column.dtype) for n, column in self.declared.items()))

    def __len__(self) -> int:
        return int(self._rows[self.name])

    @property
    def room(self) -> int:
        """Rows that fit before the table has to grow."""
        return len(self.columns[0])

    def reserve(self, extra: int) -> None:
        """Make room for ``extra`` more rows; existing rows keep their number and values."""
        if len(self) + extra > self.room:
            before = self.columns
            self.columns = self._allocate(max(2 * self.room, len(self) + extra))
            for old, new in zip(before, self.columns, strict=True):
                new[: len(old)] = old

    def set_length(self, rows: int) -> None:
        """Use the first ``rows`` rows."""
        self.reserve(rows - len(self))
        self._rows[self.name] = rows

    def add(self, **values: Any) -> int:
        """Append one row and return its number; columns not named keep their declared start value."""
        self.reserve(1)
        row = len(self)
        for name, value in values.items():
            getattr(self.columns, name)[row] = value
        self._rows[self.name] = row + 1
        return row

    def rows(self, name: str) -> Array:
        """Values in use of one column: shape ``(rows,)`` or ``(rows, domains)``, a view, not a copy."""
        return getattr(self.columns, name)[: len(self)]


@functools.cache
def _tuple_type(kind: type) -> Any:
    """Named tuple type with one field for each column.

    It is put into the module of the declaration, so that compiled code, which is stored with its types, finds the
    same type again in the next process.
    """
    arrays = collections.namedtuple(f"{kind.__name__}Arrays", declared(kind), module=kind.__module__)
    setattr(sys.modules[kind.__module__], arrays.__name__, arrays)
    return arrays


class _Numbers(weakref.WeakKeyDictionary):
    """Counts the agents of each model, as the table of ``mesa.Agent`` does, which would keep every model alive."""

    def __getitem__(self, model: Any) -> Any:
        if model not in self:
            self[model] = itertools.count(1)
        return super().__getitem__(model)


class RowAgent(mesa.Agent):
    """A ``mesa.Agent`` that is a window on one row: its attributes read and write the columns.

    Nothing is stored in the object but the row number. An agent has no step of its own: the month runs over the
    columns. What the two ledgers are checked against can be read, not written.
    """

    model: Any
    kind: ClassVar[type]
    table_name: ClassVar[str]
    _ids = _Numbers()

    def __init__(self, model: Any, row: int, *, register: bool = True) -> None:
        if register:
            super().__init__(model)
        else:  # a window handed out on demand is no member of model.agents
            self.model = model
            self.unique_id = -1
            self.pos = None
        object.__setattr__(self, "row", row)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.column_names = frozenset(declared(cls.kind))

    column_names: ClassVar[frozenset[str]]

    @property
    def columns(self) -> Any:
        """Columns of all agents of this kind."""
        return getattr(self.model, self.table_name).columns

    def __getattr__(self, name: str) -> Any:
        if name not in type(self).column_names:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.columns, name)[self.row]

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in type(self).column_names:
            object.__setattr__(self, name, value)
        elif declared(self.kind)[name].audited:
            kept = "kept with the ledgers of people and won; a process of the month changes it (docs/extending.md)"
            raise AttributeError(f"{type(self).__name__}.{name} cannot be written: it is {kept}")
        else:
            getattr(self.columns, name)[self.row] = value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *type(self).column_names})

    def step(self) -> None:
        """Not there: a month is one pass of its processes over all rows.

        Raises:
            TypeError: always.
        """
        raise TypeError("an agent has no step of its own: a month passes for all of them, with step() of the model")
