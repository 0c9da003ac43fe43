"""A country of one's own as a folder of data: begun from a list of institutions, and checked file by file."""

import csv
import hashlib
import json
import re
import shutil
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

from injae.agents.domains import Domain, Region
from injae.agents.firm import FirmClass
from injae.agents.hospital import Tier
from injae.experiments.folders import unwritable
from injae.experiments.wording.spoken import speech_of
from injae.model.country import read_country
from injae.model.errors import InputError, nearest
from injae.model.parameters import FOLDERS, country_rows, data_folder, declared_parameters
from injae.model.scenario import DEFAULT
from injae.model.schedules import DATE

UNIVERSITIES = (
    *("name", "name_ko", "funded", "region"),
    *("imaging", "risk", "treatment", "research", "core_courses", "core_teachers", "core_seats"),
    "source",
)
INSTITUTIONS = ("name", "name_ko", "kind", "class", "region", "domain", "source")
PARTNERS = ("university", "kind", "partner", "source")
NEEDED = ("name", "kind", "class", "region")  # of a list of institutions; a university needs no class
CLASSES: Mapping[str, type[IntEnum] | None] = {"hospital": Tier, "firm": FirmClass, "university": None}
OWN = ("start", "country")  # groups of parameters that are facts of one country
EMPTY = ("facts.csv", "misses.csv", "unknown.csv", "levers.csv")  # the base's are of another country


class Checked(NamedTuple):
    """What a country's folder holds: hospitals by tier, firms, universities, and which parameters are its own."""

    name: str
    hospitals: dict[str, int]
    firms: int
    universities: int
    funded: int
    own: int
    carried_over: list[str]
    currency: str
    money_carried_over: list[str]


def new_country(folder: Path, institutions: Path, base: str, start: str) -> list[str]:
    """Write a commented folder of a country, an extension that declares it and a scenario; gives their names.

    Args:
        folder: to make; its name is the country's.
        institutions: CSV with the columns ``name``, ``kind`` (``university``, ``hospital``, ``firm``), ``class`` (tier
            or firm class), ``region`` (``capital``, ``provinces``); for firms ``domain``; others are taken if known.
        base: country whose parameters hold until the folder has its own.
        start: first month, ``2025-01``.

    Raises:
        InputError: the folder is there, the list lacks a column or has a cell that cannot be, or no such base.
    """
    declared = declared_parameters(base)
    if not re.fullmatch(r"[a-z][a-z0-9-]*", folder.name):
        raise InputError("form", "needs small letters, digits and -", "folder", folder.name)
    if folder.name in FOLDERS or folder.exists():
        raise InputError("occupied", "exists already", source=folder, suggestion="choose another name")
    if not DATE.fullmatch(start):
        raise InputError("date", 'needs a month such as "2025-01"', "start", start)
    rows = read_institutions(institutions)
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            here = Path(made) / folder.name
            here.mkdir()
            _write_tables(here, rows, base)
            (here / "country.toml").write_text(_facts_text(folder.name, rows, base, start), encoding="utf-8")
            (here / "parameters.toml").write_text(_parameters_text(declared, base), encoding="utf-8")
            (here / "scenario.toml").write_text(_scenario_text(folder.name, start), encoding="utf-8")
            (here / "extension.py").write_text(_extension_text(folder.name), encoding="utf-8")
            shutil.copytree(here, folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    return sorted(path.name for path in folder.iterdir())


def read_institutions(file: Path) -> list[dict[str, str]]:
    """Rows of a list of institutions, each checked.

    Raises:
        InputError: not to be read, or names line, column, value and the closest that is allowed.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError) as error:
        fault = f"cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'})"
        raise InputError("unreadable", fault, source=file) from error
    if not rows or (missing := [name for name in NEEDED if name not in rows[0]]):
        fault = f"lacks the column {missing[0]}" if rows else "has no rows"
        raise InputError("form", fault, source=file, suggestion=f"columns are {', '.join(NEEDED)}, domain")
    rows = [{name: (cell or "").strip() for name, cell in row.items() if name} for row in rows]
    check_institutions(rows, file)
    return rows


def check_institutions(rows: Sequence[Mapping[str, str]], file: Path, kinds: Sequence[str] = tuple(CLASSES)) -> None:
    """Refuse a row that cannot be: a name twice or none, a kind, class, region or domain that does not exist."""
    seen: set[tuple[str, str]] = set()
    for line, row in enumerate(rows, 2):

        def one_of(column: str, valid: Sequence[str], row: Mapping[str, str] = row, line: int = line) -> None:
            if row.get(column, "") not in valid:
                given = row.get(column, "")
                suggestion = nearest(given, valid)
                raise InputError("unknown", "unknown", column, given, suggestion=suggestion).found_in(file, line)

        one_of("kind", kinds)
        kind = CLASSES[row["kind"]]
        if kind is not None:
            one_of("class", _names(kind))
        one_of("region", _names(Region))
        if row["kind"] == "firm":
            one_of("domain", _names(Domain))
        if not row["name"] or (row["kind"], row["name"]) in seen:
            fault = "is there twice" if row["name"] else "is empty"
            raise InputError("repeated", fault, "name", row["name"]).found_in(file, line)
        seen.add((row["kind"], row["name"]))


def check_country(folder: Path) -> Checked:
    """Read everything that a country's folder holds as a run would, and say what it is.

    Raises:
        InputError: names file, line, field, value and what is allowed.
    """
    if not (folder / "country.toml").is_file():
        raise InputError("unusable", "no country.toml in it", source=folder, suggestion="injae country new writes one")
    files = sorted(path for path in folder.iterdir() if path.is_file())
    content = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    name = f"{folder.resolve().name}@{content[:12]}"  # what is read is kept by name, so each state has its own
    FOLDERS[name] = folder
    try:
        return _checked(name, folder)
    finally:
        del FOLDERS[name]


def _checked(name: str, folder: Path) -> Checked:
    facts = _toml(folder / "country.toml")
    if not DATE.fullmatch(str(facts.get("start", ""))):
        raise InputError("date", 'needs a month such as "2025-01"', "start", facts.get("start"), source=folder)
    if (base := facts.get("base")) and base not in FOLDERS:
        raise InputError("unknown", "no such country", "base", base, suggestion=nearest(base, sorted(FOLDERS)))
    own = _toml(folder / "parameters.toml") if (folder / "parameters.toml").is_file() else {}
    try:
        declared = declared_parameters(name)
    except (ValueError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("form", _reason(error), source=folder / "parameters.toml") from error
    missing = [path for path in declared_parameters(base or DEFAULT) if path not in declared]
    if missing:
        raise InputError("form", "a parameter is missing", missing[0], source=folder / "parameters.toml")
    file = folder / "institutions.csv"
    named = country_rows(name, "institutions.csv")
    check_institutions(named, file, ("hospital", "firm"))
    _check_tables(name, folder, named)
    try:
        country = read_country(name)
    except (ValueError, KeyError) as error:
        raise InputError("form", _reason(error), source=folder / "country.toml") from error
    mine = {f"{group}.{one}" for group, members in own.items() for one in members}
    carried = [path for path in declared if path.partition(".")[0] in OWN and path not in mine]
    money = [path for path, one in declared.items() if "won" in one.unit.split() and path not in mine] if base else []
    tiers = Counter(Tier(one).name.lower() for one in country.hospitals.classes)
    return Checked(
        name.partition("@")[0], dict(tiers), len(country.firms.names), len(country.universities),
        sum(row["funded"] == "yes" for row in country.universities),
        len(mine), carried, speech_of(name).currency.name["en"], money,
    )  # fmt: skip


def _check_tables(name: str, folder: Path, named: Sequence[Mapping[str, str]]) -> None:
    """Numbers and regions of universities, and both sides of every partnership."""
    universities = country_rows(name, "universities.csv")
    file = folder / "universities.csv"
    if not universities:
        raise InputError("form", "needs one university or more", source=file)
    for line, row in enumerate(universities, 2):
        for column in UNIVERSITIES[4:11]:
            if not re.fullmatch(r"\d+(\.\d+)?", row.get(column) or ""):
                fault = "needs a number of at least 0"
                raise InputError("number", fault, column, row.get(column)).found_in(file, line)
        if row.get("funded") not in ("yes", "no"):
            raise InputError("unknown", "needs yes or no", "funded", row.get("funded")).found_in(file, line)
    known: dict[str, list[str]] = {"university": [row["name"] for row in universities]}
    known |= {kind: [row["name"] for row in named if row["kind"] == kind] for kind in ("hospital", "firm")}
    for line, row in enumerate(country_rows(name, "partners.csv"), 2):
        for column, kind in (("university", "university"), ("partner", row["kind"])):
            if row[column] not in known.get(kind, []):
                suggestion = nearest(row[column], known.get(kind, []), f"see {file.name} and institutions.csv")
                where = folder / "partners.csv"
                fault = f"no {kind} of this name"
                raise InputError("unknown", fault, column, row[column], suggestion=suggestion).found_in(where, line)


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("unreadable", f"broken TOML: {error}", source=file) from error


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return f"lacks {error}" if isinstance(error, KeyError) else " ".join(lines[:3])[:160]


def _names(kind: type[IntEnum]) -> list[str]:
    return [member.name.lower() for member in kind]


def _write_tables(folder: Path, rows: Sequence[Mapping[str, str]], base: str) -> None:
    usual = {
        "funded": "no", **dict.fromkeys(UNIVERSITIES[4:8], "1.0"), "core_courses": "2", "core_teachers": "8",
        "core_seats": "20", "source": "judgement: replace",
    }  # fmt: skip
    given = [{name: cell for name, cell in row.items() if cell} for row in rows]
    universities = [{**usual, **row} for row in given if row["kind"] == "university"]
    others = [row for row in given if row["kind"] != "university"]
    tables = (("universities", UNIVERSITIES, universities), ("institutions", INSTITUTIONS, others))
    for name, columns, content in (*tables, ("partners", PARTNERS, [])):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(content)
    for name in EMPTY:
        header = (data_folder(DEFAULT) / name).read_text(encoding="utf-8").splitlines()[0]
        (folder / name).write_text(f"{header}\n", encoding="utf-8")


def _facts_text(name: str, rows: Sequence[Mapping[str, str]], base: str, start: str) -> str:
    title = json.dumps(name.replace("-", " ").title())
    listed = Counter(row["class"] for row in rows if row["kind"] == "hospital")
    lines = [
        f'# {name}: what is not a parameter. Replace what says "replace", and write a source behind every number.',
        f"name = {{en = {title}, ko = {title}}}",
        f'base = "{base}"   # parameters that parameters.toml does not have are those of this country',
        f'start = "{start}"   # month 1 of every run',
        "",
        "[currency]",
        "per_name = 1   # how many units of these data one of the reader's is: 100 where the data are in cents",
        'name = {en = "units", ko = "단위"}   # replace: behind every amount, such as USD',
        'unit = {en = "units", ko = "단위"}   # replace: of the data, where numbers are shown as they are kept',
    ]
    for tier in _names(Tier):
        lines += [
            "",
            f"[hospitals.{tier}]",
            f"count = {max(listed[tier], 1)}   # replace: all of this tier; those without a name are numbered",
            "it_budget_won_per_year = 1000000000   # replace: mean a hospital, in units of these data",
            *(["it_budget_small_won_per_year = 400000000   # replace"] if tier == "general" else []),
            "full_records_share = 0.8   # replace: share with full electronic records",
        ]
    return "\n".join(
        [
            *lines,
            "",
            "[demand]",
            "share_65plus = [[2025, 0.2], [2035, 0.25]]   # replace: year, share of people of 65 and over",
            "shortage = [[2025, 0.0]]   # year, share of the need for care that projections leave unmet",
            "",
            "[education]",
            "cohort_18 = [[2025, 100000], [2035, 100000]]   # replace: year, people of 18; only changes count",
            "",
            "[firms]",
            "region_capital = 0.8   # replace: share of firms in the region that is called capital; for readers only",
            "",
        ]
    )


def _parameters_text(declared: Mapping[str, Any], base: str) -> str:
    lines = [
        f"# Values are those of {base}. Remove the # in front of what you know, and write value, range and source."
    ]
    for group, one in _by_group(declared):
        if group:
            lines += ["", f"[{group}]"]
        bounds = "".join(f", {name} = {value:.10g}" for name, value in (("min", one.least), ("max", one.most)))
        lines.append(
            f"# {one.name} = {{value = {one.value:.10g}, low = {one.low:.10g}, high = {one.high:.10g}, "
            f'unit = {json.dumps(one.unit)}{bounds}, kind = "judgement", source = "...", '
            f"meaning = {json.dumps(one.meaning)}}}"
        )
    return "\n".join([*lines, ""])


def _by_group(declared: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Parameters that are facts of a country or money, the first of each group with its name."""
    groups: dict[str, list[Any]] = {}
    for path, one in declared.items():
        group = path.partition(".")[0]
        if group in OWN or "won" in one.unit.split():
            groups.setdefault(group, []).append(one)
    for group, members in groups.items():
        yield from ((group if n == 0 else "", one) for n, one in enumerate(members))


def _scenario_text(name: str, start: str) -> str:
    year = int(start[:4])
    return f"""title = {{en = "{name}", ko = "{name}"}}
country = "{name}"
months = 120

[target]
experts = 100            # replace: what the programme promises
date = "{year + 4}-12"

[levers]                 # all names: injae levers; money in units of the data
programme_universities = 1
grant_won_per_year = [{{from = "{start}", value = 100000000}}, {{from = "{year + 5}-01", value = 0}}]
"""


def _extension_text(name: str) -> str:
    return f'''"""Declares the country of this folder: injae run scenario.toml --with extension.py, from within it."""

from injae import Extension

extension = Extension(countries={{"{name}": "."}})
'''
