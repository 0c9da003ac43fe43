"""Other people's rules in place of the model's, as if they stood in the source.

A rule or process is replaced wherever one of the three drivers of a run asks for it, by copies of all that lies
between. What does not ask for it stays what it is, compiled code included; the copies are named by a fingerprint of
the code that replaces: none of it can be taken for other code, and worlds with different rules live side by side in
one Python process.
"""

import functools
import hashlib
import inspect
import re
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from numba.core.errors import NumbaError

from injae.agents.borrowing import lend
from injae.agents.fingerprints import fingerprint, globals_of, is_own
from injae.agents.kernels import DECLARED, DRIVERS, PROCESSES, driver, process, rule
from injae.model.errors import InputError, nearest
from injae.model.month import one_month, pass_months
from injae.model.start import start_institutions, start_life
from injae.model.world import World

Function = Callable[..., Any]
CALLED = (start_institutions, start_life, pass_months)  # the drivers of a run, in turn
SHOWN = 160  # characters of what the compiler says


class Place(NamedTuple):
    """Where a piece of somebody's code stands."""

    file: str
    line: int

    def said(self) -> tuple[str, int]:
        """Name of the file, and the line."""
        return Path(self.file).name, self.line

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.line}"


class FaultInRules(RuntimeError):
    """Somebody's code raised something while a world ran by it; the message names file and line."""


class Rules:
    """The rules that worlds run by.

    Args:
        replaced: by the name of a rule or process (``fall_back_probability``), what stands in its place; it takes
            the same arguments, and may ask for what it replaces.
        after: by the name of a process of the month (``train``), what happens right after it; takes the world.
        source: hash of the file that they come from.
        anew: compile everything anew, since the world has columns or levers that the model knows nothing of.

    Attributes:
        label: fingerprint of all this; empty for the model's own rules.

    Raises:
        InputError: no such rule or process, or one that takes other arguments; names file and line.
    """

    def __init__(
        self,
        replaced: Mapping[str, Function] | None = None,
        after: Mapping[str, Function] | None = None,
        source: str = "",
        *,
        anew: bool = False,
    ) -> None:
        self.given, self.given_after = dict(replaced or {}), dict(after or {})
        self.source, self.anew = source, anew
        known = _own()
        month = {name: known[name] for name in one_month.__code__.co_names if name in known}
        self._replaced = dict(_declared("rules", name, f, known) for name, f in self.given.items())
        self._after = dict(_declared("after", name, f, month) for name, f in self.given_after.items())
        said = [("rules", self.given), ("after", self.given_after)]
        content = [
            (kind, name, fingerprint(f, DECLARED, lines=True))
            for kind, some in said
            for name, f in sorted(some.items())
        ]
        whole = hashlib.sha256(repr((content, source)).encode()).hexdigest()[:16]
        self.label = whole if content or anew else ""
        self._files = {_place(DECLARED.get(f, f)).file for _, some in said for f in some.values()}
        self._failed: InputError | None = None

    def with_replaced(self, replaced: Mapping[str, Function] | None) -> "Rules":
        """The same with more rules replaced; itself without any."""
        if not replaced:
            return self
        return Rules({**self.given, **replaced}, self.given_after, self.source, anew=self.anew)

    @classmethod
    def refused(cls, error: InputError) -> "Rules":
        """Rules that no world can run by, since something is wrong with them; each that tries says what."""
        rules = cls()
        rules._failed = error
        return rules

    def call(self, called: Function, *values: Any) -> Any:
        """Call a driver (``CALLED``) or a process by these rules; a world is lent to it.

        Raises:
            InputError: somebody's code cannot be compiled; names file and line.
            FaultInRules: it raised something.
        """
        if self._failed:
            raise self._failed
        try:
            return self.of(called)(*(lend(value) if isinstance(value, World) else value for value in values))
        except NumbaError as error:
            if not self.label:
                raise
            self._failed = _blamed(error, self._files)
            raise self._failed from error
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            at = [Place(frame.filename, frame.lineno or 0) for frame in frames if frame.filename in self._files]
            if not at:
                raise
            raise FaultInRules(f"{at[-1]}: {type(error).__name__}: {error}") from error

    def due(self) -> list[Path]:
        """Where the compiled code will be of what a world with these rules has still to compile."""
        by_python = dict.fromkeys(one for called in CALLED for one in _called_by(self.of(called)))
        return [PROCESSES[one].folder for one in by_python if PROCESSES[one].is_due()]

    def of(self, called: Function) -> Function:
        """A driver or process by these rules; the model's own where they change nothing in it."""
        key = (self.label, called)
        if key not in _BUILT:
            _BUILT[key] = self._built(called) if self.label else called
        return _BUILT[key]

    def _built(self, called: Function) -> Function:
        copies: dict[Function, Function] = {}
        by_python = set(_called_by(called))

        def copy(declared: Function) -> Function:
            """A rule or process with what it asks for exchanged; itself where nothing is."""
            if declared in copies:
                return copies[declared]
            copies[declared] = _asks_itself
            function = DECLARED[declared]
            changed = {}
            for name, asked in _asked_by(function):
                other = copy(asked) if self._replaced.get(asked) is declared else standing_for(asked)
                if other is _asks_itself:
                    fault = f"asks for itself, by way of {name}"
                    raise InputError("unusable", fault, function.__name__).found_in(*_place(function).said())
                if other is not asked:
                    changed[name] = other
            anew = changed or not is_own(function) or (self.anew and declared in by_python)
            copies[declared] = self._renewed(function, changed, _kind_of(declared)) if anew else declared
            return copies[declared]

        def standing_for(declared: Function) -> Function:
            """What runs where a rule or process is asked for."""
            found = copy(self._replaced.get(declared, declared))
            then = self._after.get(declared) if called is pass_months else None
            return _in_turn(found, copy(then), self.label) if then and found is not _asks_itself else found

        return copy(called)

    def _renewed(self, function: Function, changed: Mapping[str, Function], kind: Any) -> Function:
        """A copy of a function in which some names stand for others, under a name of its own."""
        copied = types.FunctionType(
            function.__code__,
            {**function.__globals__, **changed},
            function.__name__,
            function.__defaults__,
            function.__closure__,
        )
        copied.__module__, copied.__doc__ = function.__module__, function.__doc__
        copied.__qualname__ = f"{function.__qualname__}_{self.label}"
        return kind(copied)


_BUILT: dict[tuple[str, Function], Function] = {}


def _asks_itself() -> None:
    """Stands for a copy that is not finished yet."""


def _in_turn(first: Function, then: Function, label: str) -> Function:
    """A process, and another right after it."""

    def in_turn(world):
        first(world)
        then(world)

    in_turn.__qualname__ = f"{first.__name__}_then_{then.__name__}_{label}"
    return driver(in_turn)


@functools.cache
def _as(kind: Any, function: Function) -> Function:
    """A function declared as a rule or process, once."""
    return kind(function)


@functools.cache
def _own() -> dict[str, Function]:
    """The model's own rules and processes, by name; copies have longer ones."""
    return {f.__name__: f for f in DECLARED if is_own(f) and f.__qualname__ == f.__name__}


def _declared(kind: str, name: str, function: Any, known: Mapping[str, Function]) -> tuple[Function, Function]:
    """A rule or process of the model by its name, and a function of somebody's own declared as the same."""
    written = DECLARED.get(function, function) if callable(function) else function
    path, place = f"{kind}.{name}", _place(written).said() if isinstance(written, types.FunctionType) else ("", 0)
    if name not in known:
        close = nearest(name, known, "docs/model.md names them all")
        raise InputError("unknown", "no such in the model", path, suggestion=close).found_in(*place)
    if not isinstance(written, types.FunctionType):
        raise InputError("unusable", f"needs a function, and is {type(function).__name__}", path)
    takes = list(inspect.signature(written).parameters)
    needs = list(inspect.signature(DECLARED[known[name]]).parameters) if kind == "rules" else ["world"]
    if len(takes) != len(needs):
        fault = f"takes ({', '.join(takes)}), needs ({', '.join(needs)})"
        raise InputError("unusable", fault, path).found_in(*place)
    is_declared = function in DECLARED
    return known[name], function if is_declared else _as(_kind_of(known[name]), written)


def _place(function: Function) -> Place:
    return Place(function.__code__.co_filename, function.__code__.co_firstlineno)


def _kind_of(declared: Function) -> Any:
    """How a function was declared."""
    return driver if declared in DRIVERS else process if declared in PROCESSES else rule


def _called_by(called: Function) -> Iterator[Function]:
    """Processes that a driver, or a driver that it calls, calls from Python, in turn; a process itself."""
    if called in PROCESSES:
        yield called
        return
    places = {**called.__globals__, **inspect.getclosurevars(called).nonlocals}
    for name in (*called.__code__.co_names, *called.__code__.co_freevars):
        if isinstance(places.get(name), types.FunctionType) and places[name] in DRIVERS | PROCESSES.keys():
            yield from _called_by(places[name])


def _asked_by(function: Function) -> Iterator[tuple[str, Function]]:
    """Rules and processes that a function asks for, by the name that it has for them."""
    for name, value in globals_of(function):
        if isinstance(value, types.FunctionType) and value in DECLARED:
            yield name, value


def _blamed(error: NumbaError, files: set[str]) -> InputError:
    """What the compiler did not understand, with the place in somebody's code.

    numba says the innermost reason first, then the places that lead to it, innermost first.
    """
    lines = [line.strip() for line in str(error).splitlines()]
    end = next((n for n, line in enumerate(lines) if line.startswith("During")), len(lines))
    begin = max((n + 1 for n, line in enumerate(lines[:end]) if "Failed in nopython" in line), default=0)
    reasons = [line for line in lines[begin:end] if line]
    asked = next((line.removeprefix(">>>") for line in reasons if line.startswith(">>>")), "")
    what = f"no way to do{asked}" if reasons and reasons[0].startswith("No implementation") else "".join(reasons[:1])
    names = {Path(file).name for file in files}
    found = [re.search(r'(?:File|at) "?(.+?)"?(?:, line | \()(\d+)', line) for line in lines]
    at = [Place(m[1], int(m[2])) for m in found if m and Path(m[1]).name in names]
    place = at[0].said() if at else (", ".join(sorted(names)), 0)
    return InputError("unusable", f"cannot be compiled: {what[:SHOWN]}").found_in(*place)


class _InUse:
    """The rules of all worlds of this Python process that are told no others."""

    rules = Rules()


def use(rules: Rules) -> None:
    """Let all worlds that begin from now on, and are told nothing else, run by these rules."""
    _InUse.rules = rules


def in_use() -> Rules:
    """The rules of worlds that are told no others."""
    return _InUse.rules
