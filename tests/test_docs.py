"""What the documents say is what the code does."""

import csv
import re
import runpy
import tomllib
from pathlib import Path

import pytest

import injae
from injae.agents.columns import declared
from injae.agents.trainee import PersonColumns
from injae.model.ledger import PAYMENTS
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.record import SERIES

ROOT = Path(__file__).resolve().parent.parent
MONTH = (ROOT / "model" / "month.py").read_text(encoding="utf-8")
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")


CONSTRAINTS = runpy.run_path(str(ROOT / "docs" / "constraints.py"))
GENERATE = runpy.run_path(str(ROOT / "docs" / "generate.py"))
GENERATED = {path.relative_to(ROOT).as_posix(): text for path, text in GENERATE["pages"]().items()}


def test_the_month_is_as_the_model_description_says():
    calls = re.findall(r"^    (\w+)\(world\)$", MONTH, re.M)
    described = re.findall(r"^\|[^|]*\| `(\w+)` \|", GENERATE["schedule"](), re.M)
    assert described == calls
    assert len(MONTH.splitlines()) < 100


@pytest.mark.parametrize("page", sorted(GENERATED))
def test_generated_tables_are_as_the_declarations_are_now(page):
    same = (ROOT / page).read_text(encoding="utf-8") == GENERATED[page]
    assert same, f"{page} is not what the declarations say: run python docs/generate.py"


def test_every_generated_table_stands_on_one_page():
    asked = [name for text in GENERATED.values() for name in re.findall(r"<!-- generated: (\S+) -->", text)]
    assert sorted(asked) == sorted(GENERATE["TABLES"])
    for page, text in GENERATED.items():
        assert text.count("<!-- generated: ") == text.count("<!-- end -->"), page


def test_a_changed_declaration_changes_the_page(monkeypatch):
    before = GENERATE["levers"]()
    monkeypatch.setitem(LEVERS, "data_access", LEVERS["data_access"]._replace(default=0.625))
    after = GENERATE["levers"]()
    assert "0.625" in after and "0.625" not in before
    assert len(set(after.splitlines()) - set(before.splitlines())) == 1


def test_prose_around_generated_tables_is_left_alone(tmp_path):
    page = "Before.\n\n<!-- generated: variants -->\nold\n<!-- end -->\n\nAfter.\n"
    (tmp_path / "page.md").write_text(page)
    GENERATE["pages"].__globals__["DOCS"], docs = tmp_path, GENERATE["pages"].__globals__["DOCS"]
    try:
        (text,) = GENERATE["pages"]().values()
    finally:
        GENERATE["pages"].__globals__["DOCS"] = docs
    assert text.startswith("Before.\n\n<!-- generated: variants -->\n\n| variant | title | sets |")
    assert text.endswith("<!-- end -->\n\nAfter.\n") and "old" not in text


def test_no_table_that_is_declared_is_copied_by_hand():
    """A table with two names in code style of one declaration stands between the marks."""
    known = [
        set(SERIES),
        set(LEVERS) | set(SHOCKS),
        {purpose.name for purpose in PAYMENTS},
        set(declared(PersonColumns)),
    ]
    by_hand = GENERATE["REGION"].sub("", MODEL)
    first = [re.match(r"^\| (?:\w+ \| )?`(\w+)` \|", line) for line in by_hand.splitlines()]
    for names in known:
        assert len({match[1] for match in first if match} & names) < 2


def test_rules_and_their_processes_live_where_the_description_says():
    """Each name beside a rule of section 7 is declared in one of the files that its part of the section begins with."""
    sources = {path.relative_to(ROOT).as_posix(): path.read_text() for path in ROOT.glob("model/*.py")}
    seen = 0
    for part in re.split(r"^### 7\.", MODEL, flags=re.M)[1:8]:
        text = "".join(sources[file] for file in re.findall(r"`(model/\w+\.py)`", part.partition("\n**")[0]))
        for names in re.findall(r"^\*\*[A-Z]\d+\w? [^*]*\*\* \(([^)]*)\)", part, re.M):
            for name in re.findall(r"`(\w+)`", names):
                assert f"def {name}(" in text, name
                seen += 1
    assert seen > 70


def test_every_parameter_is_described():
    missing = [p.name for p in declared_parameters("korea").values() if p.name not in MODEL]
    assert not missing


def test_every_parameter_is_used_by_the_code():
    sources = "".join(
        path.read_text(encoding="utf-8") for folder in ("agents", "model") for path in (ROOT / folder).glob("*.py")
    )
    unused = [p.name for p in declared_parameters("korea").values() if not re.search(rf"\b{p.name}\b", sources)]
    assert not unused


def test_every_source_is_in_the_evidence():
    with (ROOT / "data" / "evidence.csv").open(encoding="utf-8") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    texts = [p.source for p in declared_parameters("korea").values()]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "data" / "korea").glob("*.csv")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "scenarios").glob("*.toml")]
    texts.append((ROOT / "data" / "korea" / "country.toml").read_text(encoding="utf-8"))
    cited = {code for text in texts for code in re.findall(r"\b[A-G]0\d\d\b", text)}
    assert cited - known == set()
    files = {name for text in texts for name in re.findall(r"series/\w+\.csv", text)}
    assert files and all((ROOT / "data" / name).is_file() for name in files)


def test_public_names_are_sorted_and_exist():
    assert injae.__all__ == sorted(injae.__all__)
    assert all(hasattr(injae, name) for name in injae.__all__)


DOCUMENTS = [ROOT / "README.md", ROOT / "findings" / "README.md", *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("file", sorted(path.relative_to(ROOT).as_posix() for path in DOCUMENTS))
def test_links_in_documents_lead_somewhere(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!http|#)([^)#]+)", text):
        assert ((ROOT / file).parent / link).exists(), link


def test_what_mutation_is_set_up_with_is_there():
    """Folders that are mutated, files that are not, and the tests held against mutants."""
    text = (ROOT / "benchmarks" / "mutation.toml").read_text(encoding="utf-8")
    session = tomllib.loads(text)["cosmic-ray"]
    tests = [word for word in session["test-command"].split() if word.startswith("tests/")]
    assert len(tests) >= 3
    assert all((ROOT / name).exists() for name in (*session["module-path"], *session["excluded-modules"], *tests))


def test_lines_that_the_benchmark_of_pairing_changes_are_there_once():
    lines = runpy.run_path(str(ROOT / "benchmarks" / "pairing.py"))["ONE_STREAM"]
    assert all((ROOT / file).read_text(encoding="utf-8").count(line) == 1 for file, line, _ in lines)


def test_the_benchmark_of_the_engine_can_be_missed():
    over = runpy.run_path(str(ROOT / "benchmarks" / "sweep_overhead.py"))["over_target"]
    assert over({"engine": 0.051, "parent": 0.05}) == ["engine"]


def test_constraints_hold_every_package_of_this_environment_as_it_is_installed():
    text = CONSTRAINTS["FILE"].read_text(encoding="utf-8")
    lines = [line for line in CONSTRAINTS["listed"](text) if CONSTRAINTS["_applies"](line.marker)]
    held = {CONSTRAINTS["normal"](line.name): str(line.specifier) for line in lines}
    needed = CONSTRAINTS["needed"]()
    assert {"numpy", "pillow", "tornado", "pydantic-core"} <= set(needed), "what packages need in turn, and all extras"
    assert held == {name: f"=={version}" for name, version in needed.items()}, "run python docs/constraints.py"
    assert "//" not in text and "--" not in text, "no address, no option"


def test_constraints_for_another_python_stay():
    before = 'numpy==1.0\nmesa==9.9; python_version < "3"\nno-longer-needed==1.0\n'
    after = CONSTRAINTS["written"](before)
    assert 'mesa==9.9; python_version < "3"\n' in after and f"numpy=={CONSTRAINTS['needed']()['numpy']}\n" in after
    assert "no-longer-needed" not in after
