"""Other people's rules in place of the model's, as if they stood in the source.

A rule or process is replaced wherever one of the three processes that Python calls asks for it, by copies of all that
lies between. What does not ask for it stays what it is, compiled code included; the copies are named, and their
compiled code is kept, by a fingerprint of the code that replaces: none of it can be taken for other code, and worlds
with different rules live side by side in one Python process.
"""

import functools
import hashlib
import inspect
import pickle
import re
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from numba.core.errors import NumbaError

from agents.kernels import CACHE_FOLDER, DECLARED, PROCESSES, SOURCE_HASH, cache_folder, is_compiled, process, rule
from model.errors import InputError, nearest
from model.month import one_month, pass_months
from model.start import start_institutions, start_life

Function = Callable[..., Any]
CALLED = (start_institutions, start_life, pass_months)  # the processes that Python calls
OWN = ("agents.", "model.")  # modules of the model
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
        replaced: by the name of a rule or process (``fall_back_chance``), what stands in its place; it takes the same
            arguments, and may ask for what it replaces.
        after: by the name of a process of the month (``train``), what happens right after it; takes the world.
        source: hash of the file that they come from.
        anew: copy everything that is compiled, since the world has columns or levers that the model knows nothing of.

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
        month = {name: known[name] for name in one_month.__wrapped__.__code__.co_names if name in known}
        self._replaced = dict(_declared("rules", name, f, known) for name, f in self.given.items())
        self._after = dict(_declared("after", name, f, month) for name, f in self.given_after.items())
        said = [("rules", self.given), ("after", self.given_after)]
        content = [(kind, name, _fingerprint(f)) for kind, some in said for name, f in sorted(some.items())]
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

    @property
    def folder(self) -> Path:
        """Where compiled code is kept."""
        return cache_folder("rules", f"{SOURCE_HASH}-{self.label}") if self.label else CACHE_FOLDER

    def call(self, called: Function, *values: Any) -> Any:
        """Call one of the processes that Python calls (``CALLED``), by these rules.

        Raises:
            InputError: somebody's code cannot be compiled; names file and line.
            FaultInRules: it raised something.
        """
        if self._failed:
            raise self._failed
        try:
            return self.of(called)(*values)
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

    def compile_is_due(self) -> bool:
        """Whether the first month of a world with these rules will have to compile something."""
        places = ((one, CACHE_FOLDER if self.of(one) is one else self.folder) for one in CALLED)
        return not all(is_compiled(one.__name__, folder) for one, folder in places)

    def of(self, called: Function) -> Function:
        """One of the processes that Python calls, by these rules; the model's own where they change nothing in it."""
        key = (self.label, called)
        if key not in _BUILT:
            _BUILT[key] = self._built(called) if self.label else called
        return _BUILT[key]

    def _built(self, called: Function) -> Function:
        copies: dict[Function, Function] = {}

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
            anew = changed or not function.__module__.startswith(OWN) or (self.anew and declared is called)
            kind = process if declared in PROCESSES else rule
            copies[declared] = self._renewed(function, changed, kind) if anew else declared
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
        return kind(copied, self.folder) if kind is process else kind(copied)


_BUILT: dict[tuple[str, Function], Function] = {}


def _asks_itself() -> None:
    """Stands for a copy that is not finished yet."""


def _in_turn(first: Function, then: Function, label: str) -> Function:
    """A process, and another right after it."""

    def in_turn(world):
        first(world)
        then(world)

    in_turn.__qualname__ = f"{first.__name__}_then_{then.__name__}_{label}"
    return process(in_turn)


@functools.cache
def _as(kind: Any, function: Function) -> Function:
    """A function declared as a rule or process, once."""
    return kind(function)


@functools.cache
def _own() -> dict[str, Function]:
    """The model's own rules and processes, by name; copies have longer ones."""
    return {f.__name__: f for f in DECLARED if f.__module__.startswith(OWN) and f.__qualname__ == f.__name__}


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
    return known[name], function if is_declared else _as(process if known[name] in PROCESSES else rule, written)


def _place(function: Function) -> Place:
    return Place(function.__code__.co_filename, function.__code__.co_firstlineno)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A piece of code, and what is written inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _globals_of(function: Function) -> Iterator[tuple[str, Any]]:
    """Names of the module that a function uses, and what they stand for."""
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    yield from ((name, function.__globals__[name]) for name in sorted(names & function.__globals__.keys()))


def _asked_by(function: Function) -> Iterator[tuple[str, Function]]:
    """Rules and processes that a function asks for, by the name that it has for them."""
    for name, value in _globals_of(function):
        if isinstance(value, types.FunctionType) and value in DECLARED:
            yield name, value


def _fingerprint(function: Function, seen: frozenset[Any] = frozenset()) -> str:
    """What a function does: its code and lines, and whatever of its module it uses, functions and values alike."""
    function = DECLARED.get(function, function)
    if function in seen or function.__module__.startswith(OWN):
        return f"{function.__module__}.{function.__qualname__}"  # of the model's own, the source hash knows
    codes = [
        (code.co_firstlineno, code.co_code, code.co_linetable, code.co_names, _constants(code))
        for code in _codes(function.__code__)
    ]
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    used = [(n, _seen_in(v, function, seen | {function})) for n, v in _globals_of(function)]
    inside = [_seen_in(value, function, seen | {function}) for value in (*cells, function.__defaults__)]
    return hashlib.sha256(repr((codes, used, inside)).encode()).hexdigest()


def _constants(code: types.CodeType) -> list[str]:
    return [repr(constant) for constant in code.co_consts if not isinstance(constant, types.CodeType)]


def _seen_in(value: Any, function: Function, seen: frozenset[Any]) -> Any:
    """What a value is, as far as the code of a function can tell."""
    if isinstance(value, types.FunctionType):
        return _fingerprint(value, seen)
    if isinstance(value, types.ModuleType):
        names = {name for code in _codes(function.__code__) for name in code.co_names}
        return value.__name__, [
            (n, _seen_in(vars(value)[n], function, seen)) for n in sorted(names & vars(value).keys())
        ]
    if isinstance(value, type) or callable(value):
        return repr(value)
    return pickle.dumps(value)


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
