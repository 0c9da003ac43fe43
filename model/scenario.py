"""Scenarios: one TOML file for the command line, the sweep, the view and the class.

A file holds only what differs from its ``base``; ``korea`` is the base of everything that names neither a base nor
another country. Levers and shocks are dated schedules, parameters are single numbers.

Settings meet in one order, whoever writes them and in whatever order (``Scenario.with_settings``): a setting without
a date takes the place of the base's whole schedule; dated ones lie on top of it, by their first month, a later one on
top of an earlier one. The same setting twice, or two of a lever from the same month, are refused.
"""

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from injae.agents.kernels import ROOT
from injae.model.errors import InputError, nearest
from injae.model.levers import LEVERS, SHOCKS, Lever, Step
from injae.model.numbers import number_of, why_no_number
from injae.model.parameters import data_folder, declared_parameters
from injae.model.renamed import with_current_names
from injae.model.schedules import DATE, MONTHS_MAX, first_of_no_use, month_of, span_of, spans_of, value_at, with_span

PRESETS = ROOT / "scenarios"
DEFAULT = "korea"
SCHEMA_VERSION = 1  # of scenario files: one more when a file would be read as something else than it was
EXPERTS_MAX = 1_000_000
NEEDED = {  # where pydantic's own words are not for users
    "months": f"a whole number of months from 1 to {MONTHS_MAX}",
    "target.experts": f"a whole number from 1 to {EXPERTS_MAX:,}",
    "target.date": 'a month in quotes, such as "2029-12"',
    "base": "the name of a scenario, in quotes",
    "baseline": "the name of a scenario, in quotes",
    "country": "the name of a country, in quotes",
}
_OPENING = ("[", "{", '"', "'")  # what of --set is read as TOML; all else is a number, or text
_UNQUOTED = re.compile(r"=\s*(\d{4}-\d{2})\s*(?:[,}\]#]|$)", re.MULTILINE)


class Target(BaseModel):
    """What the programme promises: so many graduates by the end of a month."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    experts: int = Field(gt=0, le=EXPERTS_MAX)
    date: str = Field(pattern=DATE.pattern)


class _TargetChange(BaseModel):
    """The parts of a target that a file changes."""

    model_config = Target.model_config

    experts: Annotated[int, Field(gt=0, le=EXPERTS_MAX)] | None = None
    date: Annotated[str, Field(pattern=DATE.pattern)] | None = None


class _File(BaseModel):
    """What a scenario file may contain, beside ``schema_version``."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: dict[str, str] = {}
    base: str | None = None
    country: str | None = None
    baseline: str | None = None
    months: Annotated[int, Field(ge=1, le=MONTHS_MAX)] | None = None
    target: _TargetChange = _TargetChange()
    levers: dict[str, Any] = {}
    shocks: dict[str, Any] = {}
    parameters: dict[str, Any] = {}


class Scenario(BaseModel):
    """A complete scenario: country, horizon, target, schedules of all levers and shocks that are set, parameters.

    ``levers`` and ``shocks`` hold steps ``(month, value)``, month 1 being the country's first month;
    ``parameters`` holds only the values that differ from the country's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: dict[str, str]
    country: str
    start: str
    months: int
    baseline: str | None
    target: Target
    levers: dict[str, list[Step]]
    shocks: dict[str, list[Step]]
    parameters: dict[str, float]

    @classmethod
    def load(cls, source: str | Path = DEFAULT, changes: Iterable[str] = ()) -> "Scenario":
        """Scenario from a preset's name or a TOML file, with ``PATH=VALUE`` changes on top.

        Raises:
            InputError: no such preset or file, broken TOML, unknown key, wrong type or value out of range.
        """
        scenario = _load(str(source), ())
        return scenario.with_changes(changes)

    def with_changes(self, changes: Iterable[str]) -> "Scenario":
        """The same scenario with changes written as on the command line: ``levers.data_access@2027-01=0.8``.

        ``@2027-01`` is from that month on; ``@2027-01..2029-12`` to the second month, then as it was.
        """
        settings: dict[str, Any] = {}
        for change in changes:
            path, equals, text = change.partition("=")
            path = path.strip()
            if not equals or not path:
                raise InputError("form", "write PATH=VALUE, such as levers.grant_scale=2", "changes", change)
            if path in settings:
                fault = f"{path} is set twice"
                raise InputError("repeated", fault, "changes", change, suggestion="leave out one of them")
            settings[path] = _written(text.strip())
        return self.with_settings(settings)

    def with_settings(self, settings: Mapping[str, Any]) -> "Scenario":
        """The same scenario with values by path, dated or not, all at once: only the whole has to be consistent.

        Those without a date come first, in place of the schedules that there are, then dated ones by their first month.

        Raises:
            InputError: unknown path, wrong type or value out of range, an empty table, two of a lever from a month.
        """
        for path in (path for path, value in settings.items() if value == {}):
            raise InputError("form", "an empty table sets nothing", path, settings[path])
        ground = {path: value for path, value in settings.items() if "@" not in path}
        dated: dict[str, Any] = {}
        for full in sorted(settings.keys() - ground.keys(), key=lambda full: full.partition("@")[2]):
            path, _, date = full.partition("@")
            if path.partition(".")[0] in _File.model_fields.keys() - {"levers", "shocks"}:
                fault = "only levers and shocks have dates"
                raise InputError("undated", fault, full, suggestion=f"write {path}={settings[full]}")
            dated[path] = [*dated.get(path, []), {**span_of(date), "value": settings[full]}]
        scenario = self
        for part in filter(None, (ground, dated)):
            scenario = _merge(scenario, _parse(_nested(part)), self.name)
        _check_shares(scenario)
        return scenario

    @property
    def target_month(self) -> int:
        """Month index of the target date (may lie after the horizon)."""
        return month_of(self.target.date, self.start)

    def date_of(self, month: int) -> str:
        """ISO month of a month index: month 1 is the country's first month."""
        year, calendar_month = map(int, self.start.split("-"))
        total = year * 12 + calendar_month - 1 + month - 1
        return f"{total // 12}-{total % 12 + 1:02d}"

    @property
    def start_calendar_month(self) -> int:
        """Calendar month (1 to 12) of month 1."""
        return int(self.start.split("-")[1])

    def too_late(self) -> list[str]:
        """Settings of which nothing will come, since they begin after the last month, one line each."""
        end, late = self.date_of(self.months), []
        for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
            for name, steps in getattr(self, group).items():
                month = first_of_no_use(steps, declared[name].default, self.months)
                late += [f"{group}.{name}: set in {self.date_of(month)}, after the last month {end}"] if month else []
        return late

    def settings(self) -> dict[str, str]:
        """Everything set in this scenario as text by path, for showing differences."""
        flat = {
            "country": self.country,
            "months": str(self.months),
            "baseline": str(self.baseline),
            "target.experts": str(self.target.experts),
            "target.date": self.target.date,
        }
        for group, schedules, declared in (("levers", self.levers, LEVERS), ("shocks", self.shocks, SHOCKS)):
            for name, lever in declared.items():
                flat[f"{group}.{name}"] = _in_words(schedules.get(name, []), lever, self)
        for path, parameter in declared_parameters(self.country).items():
            flat[f"parameters.{path}"] = f"{self.parameters.get(path, parameter.value):,.10g} {parameter.unit}"
        return flat


def preset_names() -> list[str]:
    """Names of the scenarios that come with Injae."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def _written(text: str) -> Any:
    """A value as written behind ``--set``: a number, what TOML makes of it, or the text itself."""
    if not why_no_number(text):
        value = number_of(text)
        return int(value) if value.is_integer() and "." not in text else value
    try:
        return tomllib.loads(f"value = {text}")["value"] if text[:1] in _OPENING or text in ("true", "false") else text
    except (ValueError, RecursionError):  # no TOML, thousands of digits, or brackets without end
        return text


def _nested(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted path as tables within tables."""
    content: dict[str, Any] = {}
    for path, value in settings.items():
        *groups, name = path.split(".")
        table = content
        for group in groups:
            table = table.setdefault(group, {})
            if not isinstance(table, dict):
                break
        if not isinstance(table, dict) or name in table:
            raise InputError("repeated", "is set twice, in whole and in part", path)
        table[name] = value
    return content


def _in_words(steps: list[Step], lever: Lever, scenario: Scenario) -> str:
    if not steps:
        return f"{lever.default:,.10g} {lever.unit}"
    parts = [f"{value:,.10g}" + (f" from {scenario.date_of(month)}" if month > 1 else "") for month, value in steps]
    return ", ".join(parts) + f" {lever.unit}"


@functools.lru_cache(maxsize=64)
def _load_preset(name: str, seen: tuple[str, ...]) -> Scenario:
    return _load_file(PRESETS / f"{name}.toml", name, seen)


def _load(source: str, seen: tuple[str, ...]) -> Scenario:
    if source in preset_names():
        return _load_preset(source, seen)
    path = Path(source)
    if path.is_dir():
        raise InputError("unreadable", "a folder, not a file", "scenario", source)
    if not path.is_file():
        if path.suffix == ".toml" or "/" in source:
            raise InputError("unknown", "no such file", "scenario", source)
        hint = nearest(source, preset_names(), f"presets are {', '.join(preset_names())}")
        raise InputError("unknown", "neither a preset nor a file", "scenario", source, suggestion=hint)
    return _load_file(path, path.stem, seen)


def _load_file(path: Path, name: str, seen: tuple[str, ...]) -> Scenario:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        fault = f"cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'})"
        raise InputError("unreadable", fault, source=path) from error
    try:
        content = tomllib.loads(text)
    except RecursionError as error:
        raise InputError("unreadable", "broken TOML: brackets within brackets without end", source=path) from error
    except ValueError as error:  # broken, or a number of thousands of digits
        unquoted = _UNQUOTED.search(text)
        hint = f'; write dates in quotes: "{unquoted[1]}"' if unquoted else ""
        fault = f"broken TOML: {str(error)[0].lower() + str(error)[1:]}{hint}"
        raise InputError("unreadable", fault, source=path) from error
    try:
        _check_schema(content.pop("schema_version", SCHEMA_VERSION))
        file = _parse(content)
        own_case = path == PRESETS / f"{DEFAULT}.toml" or file.country not in (
            None,
            DEFAULT,
        )  # nothing to inherit from the default
        base_name = file.base or (None if own_case else DEFAULT)
        if base_name and base_name not in preset_names() and (path.parent / base_name).is_file():
            base_name = str(path.parent / base_name)  # files name their base as seen from where they are
        here = str(path.resolve())
        if base_name and str(Path(base_name).resolve()) in (here, *seen):
            raise InputError("conflict", "a scenario cannot be based on itself", "base", file.base)
        base = _load(base_name, (*seen, here)) if base_name else None
        merged = _merge(base, file, name)
        _check_shares(merged)
        return merged
    except InputError as error:
        error.found_in(path, _line_of(text, error.path))
        raise


def _check_schema(version: Any) -> None:
    """Refuse a file that another version of Injae wrote and this one would misread."""
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        hint = "a later version of Injae reads later ones"
        raise InputError(
            "range", f"needs a whole number from 1 to {SCHEMA_VERSION}", "schema_version", version, suggestion=hint
        )


def _line_of(text: str, path: str) -> int:
    """Line where a dotted path is set in a TOML text; 1 if it cannot be told."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+([^\]]+)\]", line)
        key = re.match(r"\s*([A-Za-z0-9_.\-]+)\s*=", line)
        if header:
            table = header[1].strip()
            if table == path:
                return number
        elif key and path.startswith(f"{table}.{key[1]}" if table else key[1]):
            return number
    return 1


def _parse(content: Mapping[str, Any]) -> _File:
    try:
        return _File.model_validate(dict(content))
    except ValidationError as failure:
        error = failure.errors()[0]
        path = ".".join(str(part) for part in error["loc"])
        if error["type"] == "extra_forbidden":
            fields = Target.model_fields if path.startswith("target.") else _File.model_fields
            known = [f"levers.{name}" for name in LEVERS] + [f"shocks.{name}" for name in SHOCKS]
            known += [f"parameters.{name}" for name in declared_parameters(DEFAULT)]
            known += list(fields) if "." not in path else [f"target.{name}" for name in fields]
            raise InputError("unknown", "unknown key", path, suggestion=nearest(path, known)) from failure
        if error["type"] in ("dict_type", "model_type"):
            raise InputError("form", f"needs a table, such as [{path}]", path, error["input"]) from failure
        reason = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
        raise InputError("range", f"needs {NEEDED.get(path, reason)}", path, error["input"]) from failure


def _merge(base: Scenario | None, file: _File, name: str) -> Scenario:
    """The file on top of its base."""
    country = file.country or (base.country if base else DEFAULT)
    declared = declared_parameters(country)
    if base and country != base.country:
        fault = f"the base {base.name} is a case of {base.country!r}"
        raise InputError("form", fault, "country", country, suggestion="write a file without it")
    start = country_start(country)
    target = {**(base.target.model_dump() if base else {}), **file.target.model_dump(exclude_none=True)}
    if base is None and (file.months is None or len(target) < len(Target.model_fields)):
        raise InputError("form", "a scenario without a base needs months, target.experts and target.date", "months")
    month_of(target["date"], start, "target.date")
    parameters = dict(base.parameters) if base else {}
    for path, value in ((with_current_names(path), value) for path, value in _flat(file.parameters)):
        if value == {} and any(name.startswith(f"{path}.") for name in declared):
            continue  # the header of a group of which every line is a comment
        if path not in declared:
            full, valid = f"parameters.{path}", [f"parameters.{name}" for name in declared]
            raise InputError("unknown", "unknown parameter", full, suggestion=nearest(full, valid))
        parameters[path] = declared[path].check(value)
    return Scenario(
        name=name,
        title=file.title or (base.title if base else {}),
        country=country,
        start=start,
        months=file.months or base.months,  # type: ignore[union-attr]
        baseline=file.baseline or (base.baseline if base else None),
        target=Target(**target),
        levers=_schedules("levers", LEVERS, base.levers if base else {}, file.levers, start),
        shocks=_schedules("shocks", SHOCKS, base.shocks if base else {}, file.shocks, start),
        parameters=parameters,
    )


def _check_shares(scenario: Scenario) -> None:
    """Refuse shares of the grant that add up to more than the grant, in any month."""
    names = ("grant_share_courses", "grant_share_teachers")
    for month in {0, *(month for name in names for month, _ in scenario.levers.get(name, []))}:
        courses, teachers = (value_at(scenario.levers.get(name, []), month, LEVERS[name].default) for name in names)
        if courses + teachers > 1:
            fault = f"with grant_share_teachers {teachers:g} more than the whole grant"
            raise InputError("shares", fault, "levers.grant_share_courses", courses)


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in tables.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _schedules(
    group: str, declared: Mapping[str, Lever], base: Mapping[str, list[Step]], changes: Mapping[str, Any], start: str
) -> dict[str, list[Step]]:
    schedules = dict(base)
    for name, content in changes.items():
        path = f"{group}.{name}"
        if name not in declared:
            known = {f"{group}.{valid}": lever for valid, lever in declared.items()}
            raise InputError("unknown", "unknown name", path, suggestion=nearest(path, known))
        schedule = schedules.get(name, [])
        for first, last, value in spans_of(path, declared[name], content, start):
            schedule = with_span(schedule, first, last, value, declared[name].default)
        schedules[name] = schedule
    return schedules


@functools.cache
def country_start(country: str) -> str:
    """First month of a country's case, as YYYY-MM."""
    return tomllib.loads((data_folder(country) / "country.toml").read_text(encoding="utf-8"))["start"]
