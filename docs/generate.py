"""Writes the tables of the documents that follow from the declarations in the code and the data.

    python docs/generate.py [--check]

A table lies between ``<!-- generated: NAME -->`` and ``<!-- end -->``; what is between is written anew, what is
around is left alone. With ``--check`` nothing is written, and pages that would change are named (exit code 1).
"""

import ast
import csv
import functools
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

import numpy as np  # noqa: E402

from injae.agents.columns import declared  # noqa: E402
from injae.agents.firm import FirmColumns  # noqa: E402
from injae.agents.hospital import HospitalColumns  # noqa: E402
from injae.agents.randomness import Decision  # noqa: E402
from injae.agents.trainee import PersonColumns  # noqa: E402
from injae.agents.university import UniversityColumns  # noqa: E402
from injae.experiments.wording.spoken import own_words, speaking_of  # noqa: E402
from injae.model import month  # noqa: E402
from injae.model.ledger import PAYMENTS  # noqa: E402
from injae.model.levers import LEVERS, SHOCKS  # noqa: E402
from injae.model.parameters import DATA, declared_parameters  # noqa: E402
from injae.model.record import SERIES  # noqa: E402
from injae.model.scenario import DEFAULT, PRESETS, Scenario, preset_names  # noqa: E402
from injae.model.world import DomainColumns, Event, EventColumns, Market, Outcome, PartnerColumns  # noqa: E402

DOCS = ROOT / "docs"
REGION = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
WITH_LISTS = ("injae.agents.domains", "injae.agents.trainee", "injae.agents.hospital", "injae.agents.firm")
RULES = re.compile(r" \((?:rules? )?([A-Z]\d+[^()]*|see [^()]*)\)$")


def table(head: str, rows: Iterable[Iterable[Any]]) -> str:
    """A Markdown table; ``head`` is its titles with bars between."""
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """A number as people read it: 1,000,000 or 0.5."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.10g}"


def code(name: str) -> str:
    """A name as the source has it."""
    return f"`{name}`"


def remarks(kind: type[IntEnum]) -> dict[str, str]:
    """What the source says beside each value of a list; those without a comment are left out."""
    return dict(re.findall(r"^    (\w+) = \d+  # (.+)$", inspect.getsource(kind), re.MULTILINE))


def in_words(kind: type[IntEnum]) -> tuple[str, str, str]:
    """A list: its name, its values (``0 undergraduate``, with their remarks), and what it is for."""
    beside = remarks(kind)
    values = [
        f"{member.value} {member.name.lower().replace('_', ' ')}"
        + (f" ({beside[member.name]})" if member.name in beside else "")
        for member in kind
    ]
    return kind.__name__, ", ".join(values), told(kind)[0]


def columns(kind: type) -> str:
    """Columns of a kind of body: type, unit, meaning, and the value of a new row where it is not 0."""
    rows = []
    for name, column in declared(kind).items():
        many = f" x {column.width}" if column.width > 1 else ""
        start = f"; {number(column.start)} when new" if column.start else ""
        rows.append((code(name), f"{np.dtype(column.dtype).name}{many}", column.unit, column.meaning + start))
    return table("column | type | unit | meaning", rows)


def lists() -> str:
    """The short lists that columns take their values from."""
    rows = []
    for module in map(importlib.import_module, WITH_LISTS):
        for kind in vars(module).values():
            if inspect.isclass(kind) and issubclass(kind, IntEnum) and kind.__module__ == module.__name__:
                rows.append(in_words(kind))
    return table("name | values | meaning", rows)


def signals() -> str:
    """Market signals."""
    hints = get_type_hints(Market, include_extras=True)
    return table(
        "signal | unit | meaning",
        ((code(name), hint.__metadata__[0].unit, hint.__metadata__[0].meaning) for name, hint in hints.items()),
    )


def schedule() -> str:
    """What happens in a month: group (the comment above), process, its file, and what its docstring says."""
    rows, group = [], ""
    for line in inspect.getsource(month).splitlines():
        comment, call = re.match(r"    # (.+)$", line), re.match(r"    (\w+)\(world\)$", line)
        group = comment[1] if comment else group
        if call:
            process = getattr(month, call[1])
            what, rules = told(process)
            file = code(process.__module__.removeprefix("injae.").replace(".", "/") + ".py")
            rows.append((group, code(call[1]), file, what, rules))
    return table("group | process | file | what happens | rules", rows)


def told(thing: Any) -> tuple[str, str]:
    """First line of a docstring without its full stop, and the rules that it names at the end."""
    line = inspect.getdoc(thing).splitlines()[0].rstrip(".").replace("``", "`")
    rules = RULES.search(line)
    return (line[: rules.start()], rules[1]) if rules else (line, "")


def series() -> str:
    """Series of the monthly record."""
    return table(
        "group | series | unit | meaning",
        ((one.group, code(name), one.unit, one.meaning) for name, one in SERIES.items()),
    )


def decisions() -> str:
    """Decisions that draws are keyed by, with the functions that draw them."""
    drawn: dict[str, list[str]] = {member.name: [] for member in Decision}
    for path in sorted([*(ROOT / "agents").glob("*.py"), *(ROOT / "model").glob("*.py")]):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
                if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == Decision.__name__:
                    drawn[node.attr] += [] if function.name in drawn[node.attr] else [function.name]
    beside = remarks(Decision)
    return table(
        "number | decision | who; option | named in",
        (
            (one.value, code(one.name), beside.get(one.name, ""), ", ".join(map(code, drawn[one.name])))
            for one in Decision
        ),
    )


def events() -> str:
    """Events of people, and what may become of a post met."""
    return table("name | values | meaning", map(in_words, (Event, Outcome)))


def levers() -> str:
    """Levers and shocks with default and allowed range."""
    rows = []
    for kind, declared_here in (("lever", LEVERS), ("shock", SHOCKS)):
        for name, lever in declared_here.items():
            paid = code(lever.purpose) if lever.purpose else ""
            rows.append((kind, code(name), number(lever.default), _range(lever), lever.unit, lever.meaning, paid))
    return table("kind | name | default | allowed | unit | meaning | paid as", rows)


def scenarios() -> str:
    """Presets: what each sets itself, and what holds for horizon, target and baseline."""
    rows = []
    for name in sorted(preset_names(), key=lambda name: (name != DEFAULT, name)):
        file = tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8"))
        plan = Scenario.load(name)
        inherits = name != DEFAULT and plan.country == Scenario.load(DEFAULT).country
        base = code(file.get("base", DEFAULT)) if inherits or "base" in file else ""
        target = f"{number(plan.target.experts)} by {plan.target.date}"
        sets = "; ".join(_settings({group: file.get(group, {}) for group in ("levers", "shocks", "parameters")}))
        baseline = code(plan.baseline) if plan.baseline else ""
        rows.append((code(name), plan.title["en"], plan.country, base, plan.months, target, baseline, sets))
    return table("scenario | title | country | base | months | target | baseline | sets", rows)


def variants() -> str:
    """Variants of the model: the parameters that each sets."""
    declared_here = tomllib.loads((DATA / "variants.toml").read_text(encoding="utf-8"))
    return table(
        "variant | title | sets",
        (
            (code(name), one["title"]["en"], "; ".join(_settings(one["parameters"])))
            for name, one in declared_here.items()
        ),
    )


def _settings(groups: dict[str, Any]) -> Iterator[str]:
    """Each setting of a file in words: name, value, dates."""
    for name, value in groups.items():
        if isinstance(value, dict):
            yield from _settings(value)
        elif isinstance(value, list):
            steps = (
                f"{number(step['value'])} from {step['from']}" + (f" to {step['to']}" if "to" in step else "")
                for step in value
            )
            yield f"{code(name)} {', '.join(steps)}"
        else:
            yield f"{code(name)} {number(value)}"


def purposes() -> str:
    """Purposes of payments."""
    return table(
        "number | purpose | payer | payee | what for",
        ((key.value, code(key.name), pay.payer, pay.payee, pay.meaning) for key, pay in PAYMENTS.items()),
    )


def measures() -> str:
    """What is measured in a run to compare it with facts."""
    from injae.experiments.measures import MEASURES

    rows = (
        (code(name), one.what, one.unit, one.months, ", ".join(map(code, one.series))) for name, one in MEASURES.items()
    )
    return table("measure | what | unit | months | series", rows)


def parameters() -> str:
    """Parameters by group; of other countries those that differ from the default's."""
    standard = declared_parameters(DEFAULT)
    parts = [_parameter_table(standard.values(), "")]
    for country in sorted(path.parent.name for path in DATA.glob("*/country.toml")):
        if country != DEFAULT:
            own = [one for path, one in declared_parameters(country).items() if one != standard.get(path)]
            with speaking_of(country):
                parts.append(f"## Of {country}, where it differs\n\n" + _parameter_table(own, "#"))
    return "\n".join(parts)


def _parameter_table(some: Iterable[Any], deeper: str) -> str:
    groups: dict[str, list[Any]] = {}
    for one in some:
        groups.setdefault(one.path.partition(".")[0], []).append(one)
    parts = []
    for group, members in groups.items():
        rows = (
            (code(one.name), number(one.value), _range(one), own_words(one.unit), one.kind, one.meaning, one.source)
            for one in members
        )
        parts.append(f"##{deeper} {group}\n\n{table('name | value | range | unit | kind | meaning | source', rows)}")
    return "\n".join(parts)


def _range(one: Any) -> str:
    return f"{number(one.low)} to {number(one.high)}" if one.low < one.high else "known"


def reference() -> str:
    """Some series of docs/reference at the ends of years 5 and 10."""
    file = DOCS / "reference" / "yearly.csv"
    if not file.is_file():
        return "The runs have not been made yet.\n"
    rows = []
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["series"] in SHOWN and row["month"] in ("60", "120"):
                band = f"{number(float(row['low']))} to {number(float(row['high']))}"
                rows.append((row["scenario"], row["month"], code(row["series"]), number(float(row["mean"])), band))
    return table("scenario | month | series | mean | 5 to 95 percent", rows)


SHOWN = (
    "programme_graduates_cumulative",
    "specialists",
    "employed_hospitals",
    "employed_firms",
    "vacancies_hospitals",
    "vacancy_rate",
    "median_pay_won_per_year",
    "entry_pay_won_per_year",
    "abroad",
    "adoption_share",
    "product_quality",
    "public_won_cumulative",
)
TABLES: dict[str, Callable[[], str]] = {
    "lists": lists,
    "people": functools.partial(columns, PersonColumns),
    "universities": functools.partial(columns, UniversityColumns),
    "hospitals": functools.partial(columns, HospitalColumns),
    "firms": functools.partial(columns, FirmColumns),
    "domains": functools.partial(columns, DomainColumns),
    "partners": functools.partial(columns, PartnerColumns),
    "signals": signals,
    "schedule": schedule,
    "decisions": decisions,
    "series": series,
    "event-columns": functools.partial(columns, EventColumns),
    "events": events,
    "measures": measures,
    "levers": levers,
    "scenarios": scenarios,
    "variants": variants,
    "purposes": purposes,
    "parameters": parameters,
    "reference": reference,
}


def pages() -> dict[Path, str]:
    """Each page that has generated tables, and its whole text as it should be.

    Raises:
        KeyError: a page asks for a table that there is not.
    """
    found = {path: path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}
    return {
        path: REGION.sub(lambda region: f"{region[1]}\n{TABLES[region[2]]()}\n{region[3]}", text)
        for path, text in found.items()
        if REGION.search(text)
    }


def main() -> int:
    """Write the pages, or name those that would change."""
    changed = [(path, text) for path, text in pages().items() if path.read_text(encoding="utf-8") != text]
    for path, text in changed:
        print(path.relative_to(ROOT))
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
    return int(bool(changed) and "--check" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
