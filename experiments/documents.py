"""One way to read what Injae wrote: every entry of a document has its type and range, and every file its folder.

Documents are JSON files beside results (manifests, receipts, questions). What is not as it was written ends in one line
that names file and entry; scenarios are held to the same ranges as scenario files.
"""

import itertools
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from injae.model.errors import InputError, nearest
from injae.model.levers import LEVERS, SHOCKS, check_value
from injae.model.parameters import declared_parameters
from injae.model.renamed import with_current_names
from injae.model.scenario import MONTHS_MAX, Scenario, country_start

SHOWN = 60  # characters of an entry or a value in an error


def check_inside(path: Path, folder: Path | None = None) -> Path:
    """The same path; links that lead out of the folder (that of the file unless told) are not followed.

    Raises:
        InputError: it leads elsewhere.
    """
    try:
        inside = path.resolve().is_relative_to((folder or path.parent).resolve())
    except (OSError, RuntimeError):  # links in a circle
        inside = False
    if not inside:
        raise InputError("unreadable", "leads out of its folder", source=path, suggestion="nothing outside it is read")
    return path


class Document(BaseModel):
    """What a file holds; entries that are not declared are kept as they are."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    current_names: ClassVar[bool] = True  # whether names of before are read as those of now

    @classmethod
    def read(cls, path: Path) -> Self:
        """The document in a file of JSON, or of TOML.

        Raises:
            InputError: it cannot be read, or an entry is not as it has to be; names file and entry.
        """
        try:
            text = check_inside(path).read_bytes().decode()
            text = with_current_names(text) if cls.current_names else text
            if path.suffix == ".toml":
                return cls.model_validate(tomllib.loads(text))
            return cls.model_validate_json(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            kind = path.suffix[1:].upper()
            raise InputError("unreadable", f"is no {kind} ({str(error)[: 2 * SHOWN]})", source=path) from error
        except OSError as error:
            raise InputError("unreadable", f"cannot be read ({error.strerror})", source=path) from error
        except ValidationError as failure:
            raise InputError("unreadable", _first(failure), source=path) from failure


class Table(RootModel[dict[str, Any]]):
    """Any table of entries."""

    current_names: ClassVar[bool] = True
    read = classmethod(Document.read.__func__)  # type: ignore[attr-defined]


def _first(failure: ValidationError) -> str:
    """The first thing that is wrong: entry, value and what is needed."""
    error = failure.errors(include_url=False)[0]
    entry, reason = ".".join(map(str, error["loc"])), error["msg"]
    if error["type"] == "json_invalid":
        return f"is no JSON ({reason.removeprefix('Invalid JSON: ')})"
    if error["type"] == "missing":
        return f"entry {entry[:SHOWN]} is missing"
    if error["type"] == "value_error":  # has its own words, and names what is wrong
        return ": ".join(filter(None, [entry[:SHOWN], str(error["ctx"]["error"])[: 3 * SHOWN]]))
    place = f"entry {entry[:SHOWN]} = {_brief(error['input'])}" if entry else _brief(error["input"])
    return f"{place}: needs {reason.removeprefix('Input should be ')[: 2 * SHOWN]}"


def _brief(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of so many digits
        return "a number of thousands of digits"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _file_name(name: str) -> str:
    parts = name.split("/")
    if len(parts) > 2 or any(part in ("", ".", "..") or part.strip() != part for part in parts) or "\\" in name:
        raise ValueError(f"{_brief(name)} is no name of a file in this folder")
    if not name.isprintable() or ":" in name:
        raise ValueError(f"{_brief(name)} is no name of a file")
    return name


def _different(values: list[int]) -> list[int]:
    if len(set(values)) < len(values):
        raise ValueError("holds the same twice")
    return values


def _checked(plan: Scenario) -> Scenario:
    """A scenario that was recorded, held to what scenario files are."""
    declared = declared_parameters(plan.country)
    if plan.start != country_start(plan.country):
        raise InputError("unusable", f"{plan.country} begins in {country_start(plan.country)}", "start", plan.start)
    if not 1 <= plan.months <= MONTHS_MAX:
        raise InputError("unusable", f"needs 1 to {MONTHS_MAX}", "months", plan.months)
    for group, levers in (("levers", LEVERS), ("shocks", SHOCKS)):
        for name, steps in getattr(plan, group).items():
            if name not in levers:
                fault = "unknown name"
                raise InputError("unknown", fault, f"{group}.{_brief(name)}", suggestion=nearest(name[:SHOWN], levers))
            months = [month for month, _ in steps]
            if any(not 0 <= month <= 2 * MONTHS_MAX for month in months):
                raise InputError("range", f"needs months from 0 to {2 * MONTHS_MAX}", f"{group}.{name}")
            if any(one >= other for one, other in itertools.pairwise(months)):
                raise InputError("order", "needs steps in order of month", f"{group}.{name}")
            for _, value in steps:
                check_value(f"{group}.{name}", levers[name], value)
    for name, value in plan.parameters.items():
        if name not in declared:
            fault = "unknown name"
            raise InputError("unknown", fault, f"parameters.{_brief(name)}", suggestion=nearest(name[:SHOWN], declared))
        declared[name].check(value)
    return plan.with_settings({})  # shares that go together


FileName = Annotated[str, AfterValidator(_file_name)]
FilePath = Annotated[str, Field(pattern=r"^[\w-][\w.-]*(/[\w-][\w.-]*)*$", max_length=200)]  # from the root
Seeds = Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(min_length=1), AfterValidator(_different)]
Recorded = Annotated[Scenario, AfterValidator(_checked)]
Command = list[Annotated[str, Field(max_length=10_000)]]


class Made(Document):
    """What a command made; the command is empty where a program did."""

    command: Command = []


class Marker(Made):
    """What every folder of results holds: the kind of result, and names of all its files but this one."""

    kind: str
    files: tuple[FileName, ...] = ()
    tables: dict[FileName, str] = {}  # of an analysis, with checksums
    figures: tuple[FileName, ...] = ()  # of an analysis, before ``files`` were named

    @property
    def named(self) -> set[str]:
        """All files that are named."""
        return {*self.files, *self.tables, *self.figures}


class Futures(Document):
    """Where the futures of runs came from."""

    kind: Literal["aleatory", "posterior", "ranges"] = "aleatory"


class RunsMade(Marker):
    """Manifest of ``run`` or ``compare``: what was simulated, enough to do it again."""

    kind: Literal["run", "compare"]
    receipt: str
    scenarios: list[Recorded] = Field(min_length=1)
    seeds: Seeds
    uncertainty: Futures = Futures()
    compared: list[str] = []

    @model_validator(mode="after")
    def _alike(self) -> Self:
        _check_alike(self.scenarios)
        if self.kind == "run" and len(self.scenarios) > 2:
            raise ValueError("scenarios: a run has one, and perhaps its baseline")
        if self.kind == "compare" and not 2 <= len(self.compared) <= len(self.scenarios):
            raise ValueError("compared: needs the names of two scenarios or more")
        return self


class Factor(Document):
    """A setting that varies in a sweep; null: not known, since it comes from a table."""

    path: str
    low: float | None
    high: float | None
    log: bool
    values: list[float] = []
    group: str = ""


class Design(Document):
    """Design of a sweep."""

    text: str
    seed: int
    sampler: str
    levers: list[Factor]
    uncertainties: list[Factor]

    @property
    def paths(self) -> list[str]:
        """What varies: levers, then uncertainties."""
        return [factor.path for factor in (*self.levers, *self.uncertainties)]


class SweepMade(Marker):
    """Manifest of a sweep: what it consists of."""

    kind: Literal["sweep"] = "sweep"
    receipt: str
    scenarios: list[Recorded] = Field(min_length=1)
    seeds: Seeds
    design: Design
    model_version: str
    kept: list[Literal["people", "events"]]

    @model_validator(mode="after")
    def _alike(self) -> Self:
        _check_alike(self.scenarios)
        names = [plan.name for plan in self.scenarios]
        for entry, several in (("scenarios", names), ("design", self.design.paths)):
            if len(set(several)) < len(several):
                raise ValueError(f"{entry}: names one twice")
        return self


def _check_alike(plans: Sequence[Scenario]) -> None:
    for plan in plans[1:]:
        if (plan.country, plan.start, plan.months) != (plans[0].country, plans[0].start, plans[0].months):
            raise ValueError(f"scenarios: {plan.name[:SHOWN]} has another country or length than the first")


class Fact(Document):
    """A fact that a posterior was fitted to, or compared with."""

    used: bool


class About(Document):
    """What the posterior of a country was made from (``posterior.toml``)."""

    model: dict[str, str]
    data: dict[FilePath, str]
    facts: list[Fact]


class Receipt(Marker):
    """Receipt of an analysis."""

    current_names = False  # its code stands for it as it was written

    receipt: str
    question: dict[str, Any]
    facts: dict[str, Any]
    tables: dict[FileName, str]
    format: int = 1
