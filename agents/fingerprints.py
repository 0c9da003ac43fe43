"""What a function does, as a hash: its code, the values that it uses, and the same of all functions that it asks.

Compiled code is kept under this hash, so code that has changed is never taken for what it was. Lines and docstrings
have no part in it, unless asked for: moving a rule, or wording it better, compiles nothing.
"""

import enum
import functools
import hashlib
import pickle
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Function = Callable[..., Any]
OWN = ("injae.agents.", "injae.model.")  # modules whose values never change while they are loaded


def is_own(function: Function) -> bool:
    """Whether a function is the model's own."""
    return function.__module__.startswith(OWN)


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A piece of code, and what is written inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def globals_of(function: Function) -> Iterator[tuple[str, Any]]:
    """Names of the module that a function uses, and what they stand for."""
    names = {name for code in codes(function.__code__) for name in code.co_names}
    yield from ((name, function.__globals__[name]) for name in sorted(names & function.__globals__.keys()))


def fingerprint(function: Function, written: Mapping[Function, Function], *, lines: bool = False) -> str:
    """Hash of a function and of all that it asks, directly or not: 64 hexadecimal digits.

    Args:
        function: a function, or the name that a declared one goes by.
        written: the function as it is written for each declared one (``kernels.DECLARED``).
        lines: whether the lines count too, for code whose faults are told with their line.
    """
    found: dict[Function, str] = {}
    ahead = [written.get(function, function)]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found[one], asked = _of_own(one) if is_own(one) and not lines else _alone(one, lines)
            ahead += (written.get(other, other) for other in asked)
    whole = sorted((_name(one), content) for one, content in found.items())
    return hashlib.sha256(repr((_name(written.get(function, function)), whole)).encode()).hexdigest()


def _name(function: Function) -> str:
    return f"{function.__module__}.{function.__qualname__}"


@functools.cache
def _of_own(function: Function) -> tuple[str, tuple[Function, ...]]:
    return _alone(function, lines=False)


def _alone(function: Function, lines: bool) -> tuple[str, tuple[Function, ...]]:
    """What a function does apart from what it asks, and the functions that it asks."""
    asked: list[Function] = []

    def seen(value: Any) -> Any:
        """What a value is, as far as the function can tell."""
        if isinstance(value, types.FunctionType):
            asked.append(value)
            return _name(value)
        if isinstance(value, types.ModuleType):
            names = {name for code in codes(function.__code__) for name in code.co_names}
            return value.__name__, [(n, seen(vars(value)[n])) for n in sorted(names & vars(value).keys())]
        if isinstance(value, enum.EnumMeta):
            return [(name, pickle.dumps(member.value)) for name, member in value.__members__.items()]
        if isinstance(value, type) or callable(value):
            return getattr(value, "__qualname__", type(value).__qualname__), getattr(value, "_fields", None)
        return pickle.dumps(value)

    content = [
        (
            code.co_code,
            code.co_names,
            code.co_varnames,
            [repr(c) for c in code.co_consts if not isinstance(c, types.CodeType) and c != function.__doc__],
            (code.co_firstlineno, code.co_linetable) if lines else None,
        )
        for code in codes(function.__code__)
    ]
    cells = [seen(cell.cell_contents) for cell in function.__closure__ or ()]
    used = [(name, seen(value)) for name, value in globals_of(function)]
    whole = repr((content, used, cells, seen(function.__defaults__)))
    return hashlib.sha256(whole.encode()).hexdigest(), tuple(asked)
