"""Outcomes of a user's own: arithmetic over indicators and series, read without running anybody's code.

``specialists_at_end / firms@2029-12``, ``mean(vacancy_rate@2027-01..2029-12)``, ``sum(emigrated) / sum(hires)``. A
series is one number a month; a date or a function makes one number a run of it. docs/discover.md has the forms.
"""

import ast
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from injae.model.errors import InputError, nearest

LENGTH_MAX, DEPTH_MAX = 500, 40
OPERATORS: dict[type, Any] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power,
}  # fmt: skip
OVER_MONTHS = {"mean": np.mean, "sum": np.sum, "min": np.min, "max": np.max}
OF_NUMBERS = {"abs": np.abs, "log": np.log, "exp": np.exp, "sqrt": np.sqrt}
OF_SEVERAL = {"min": np.minimum, "max": np.maximum}
FUNCTIONS = ("mean", "sum", "min", "max", "abs", "log", "exp", "sqrt")
FORM = "write + - * / ** over indicators, SERIES@YYYY-MM, numbers, and mean, sum, min or max of a series"
_DATED = re.compile(r"\b([A-Za-z]\w*)@(\d{4}-\d{2})(?:\.\.(\d{4}-\d{2}))?")

Months = tuple[int, int]  # first and last
Look = Callable[[str, Months | None], Any]  # a series over months or an indicator (None), shape (runs, months or 1)


class Part(NamedTuple):
    """What a part of an expression gives: its unit (None: a bare number), and its months (None: one number a run)."""

    unit: str | None
    months: Months | None


class Known(NamedTuple):
    """What an expression may name: units of indicators and series, the months of a run, and how a date is one."""

    indicators: Mapping[str, str]
    series: Mapping[str, str]
    months: int
    month_of: Callable[[str, str], int]  # series, YYYY-MM


@dataclass(frozen=True)
class Expression:
    """One number a run. ``indicators`` and ``series`` are what it needs; ``dated`` are names that stand for dates."""

    text: str
    unit: str
    indicators: tuple[str, ...]
    series: tuple[str, ...]
    tree: ast.expr
    dated: Mapping[str, tuple[str, Months]]
    months: int

    def of(self, look: Look) -> Any:
        """Its value in each run, shape ``(runs,)``; nan where it has none, as after a division by zero."""
        with np.errstate(all="ignore"):
            values = np.asarray(self._value(self.tree, look), float)[:, 0]
        return np.where(np.isfinite(values), values, np.nan)

    def _value(self, node: ast.expr, look: Look) -> Any:
        match node:
            case ast.Constant(value=number):
                return np.full((1, 1), float(number))  # type: ignore[arg-type]
            case ast.Name(id=name):
                if name in self.dated:
                    return look(*self.dated[name])
                return look(name, (0, self.months) if name in self.series else None)
            case ast.UnaryOp(operand=operand):
                return -self._value(operand, look) if isinstance(node.op, ast.USub) else self._value(operand, look)
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](self._value(left, look), self._value(right, look))
            case ast.Call(func=ast.Name(id=name), args=[one]):
                values = self._value(one, look)
                if name in OVER_MONTHS:
                    return OVER_MONTHS[name](values, axis=1, keepdims=True)
                return OF_NUMBERS[name](values)
            case ast.Call(func=ast.Name(id=name), args=[first, *others]):
                values = self._value(first, look)
                for other in others:
                    values = OF_SEVERAL[name](values, self._value(other, look))
                return values
        raise AssertionError(ast.dump(node))  # checked when it was read


def read(text: str, known: Known, path: str = "outcome") -> Expression:
    """Read an expression; ``path`` is the argument that holds it.

    Raises:
        InputError: another form, a name that is neither indicator nor series, parts whose units do not go together, or
            a series without a date or function.
    """
    dated: dict[str, tuple[str, Months]] = {}

    def placeholder(match: re.Match[str]) -> str:
        name, first, last = match.groups()
        if name not in known.series:
            raise _unknown("series", name, known.series, path, text)
        months = known.month_of(name, first), known.month_of(name, last or first)
        if months[0] > months[1]:
            raise InputError("range", f"{last} is before {first}", path, text)
        dated[f"_{len(dated)}"] = name, months
        return f" _{len(dated) - 1} "

    if len(text) > LENGTH_MAX:
        raise InputError("form", f"has {len(text)} characters, at most {LENGTH_MAX} may be", path, text[:60])
    plain = _DATED.sub(placeholder, text).strip()
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise InputError("form", FORM, path, text) from error
    names = {one: part[0] for one, part in dated.items()}
    reader = _Reader(text, known, dated, path)
    unit, months = reader.part(tree, DEPTH_MAX)
    if months is not None:
        series = next(names.get(one, one) for one in _names(tree) if names.get(one, one) in known.series)
        hint = f"say when ({series}@YYYY-MM) or what of its months (mean({series}))"
        raise InputError("form", "gives one number a month, not one a run", path, text, suggestion=hint)
    used = list(dict.fromkeys(names.get(one, one) for one in _names(tree)))
    if not used:
        raise InputError("form", "names no indicator and no series", path, text)
    indicators = tuple(one for one in used if one in known.indicators)
    return Expression(
        text, unit or "", indicators, tuple(one for one in used if one in known.series), tree, dated, known.months
    )


@dataclass(frozen=True)
class _Reader:
    """Holds an expression against what there is."""

    text: str
    known: Known
    dated: Mapping[str, tuple[str, Months]]
    path: str

    def part(self, node: ast.expr, depth: int) -> Part:
        if depth <= 0:
            raise self._refused("is nested too deeply")
        match node:
            case ast.Constant(value=number) if isinstance(number, int | float) and not isinstance(number, bool):
                if number > sys.float_info.max:
                    raise self._refused(f"has a number above {sys.float_info.max:.2g}")
                return Part(None, None)
            case ast.Name(id=name):
                return self._named(name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.part(operand, depth - 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return self._combined(type(op), self.part(left, depth - 1), self.part(right, depth - 1))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS and args:
                return self._called(name, [self.part(one, depth - 1) for one in args])
        raise self._refused(FORM)

    def _named(self, name: str) -> Part:
        if name in self.dated:
            series, (first, last) = self.dated[name]
            return Part(self.known.series[series], (first, last) if last > first else None)
        if name in self.known.indicators:
            return Part(self.known.indicators[name], None)
        if name in self.known.series:
            return Part(self.known.series[name], (0, self.known.months))
        names = [*self.known.indicators, *self.known.series, *FUNCTIONS]
        raise _unknown("indicator, series or function", name, names, self.path, self.text)

    def _combined(self, op: type, left: Part, right: Part) -> Part:
        months = self._together([left, right])
        if op in (ast.Add, ast.Sub):
            return Part(self._same_unit([left, right]), months)
        if op is ast.Pow:
            return Part(None, months)  # units are not followed through powers
        if op is ast.Mult:
            units = [one.unit for one in (left, right) if one.unit is not None]
            return Part(" x ".join(units) if units else None, months)
        if left.unit == right.unit:
            return Part("ratio" if left.unit is not None else None, months)
        return Part(left.unit if right.unit is None else f"{left.unit or 1} per {right.unit}", months)

    def _called(self, name: str, parts: list[Part]) -> Part:
        if len(parts) > 1:
            if name not in OF_SEVERAL:
                raise self._refused(f"{name} takes one argument")
            return Part(self._same_unit(parts), self._together(parts))
        (one,) = parts
        if name in OVER_MONTHS:
            if one.months is None:
                raise self._refused(f"{name} of one number; it is for a series, such as {name}(vacancy_rate)")
            return Part(one.unit, None)
        return one if name == "abs" else Part(None, one.months)

    def _together(self, parts: list[Part]) -> Months | None:
        months = {one.months for one in parts if one.months is not None}
        if len(months) > 1:
            raise self._refused("its series are of different months")
        return months.pop() if months else None

    def _same_unit(self, parts: list[Part]) -> str | None:
        units = list(dict.fromkeys(one.unit for one in parts if one.unit is not None))
        if len(units) > 1:
            raise self._refused(f"adds or compares {units[0]} and {units[1]}")
        return units[0] if units else None

    def _refused(self, why: str) -> InputError:
        return InputError("form", why, self.path, self.text)


def _names(tree: ast.expr) -> list[str]:
    """Names in an expression, functions apart."""
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in called]


def _unknown(what: str, name: str, names: Any, path: str, text: str) -> InputError:
    return InputError("unknown", f"no {what} {name!r}", path, text, suggestion=nearest(name, list(names)))
