"""How the code is built: imports point one way and in no circle, files are short, only the page knows the browser."""

import ast
import re
from graphlib import CycleError, TopologicalSorter

import pytest

from agents.kernels import ROOT

ORDER = ("agents", "model", "experiments", "viz")
LINES_MAX, PARAMETERS_MAX = 400, 7
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ORDER
    for path in (ROOT / package).rglob("*.py")
}


def imports_of(path):
    """Files of ours that a file names in an import, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else str(node.module) for name in inner]
        yield from (name for name in names if name in FILES)


def test_no_files_import_each_other_in_a_circle():
    graph = {name: {of for of in imports_of(path) if of != name} for name, path in FILES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_imports_point_one_way():
    for name, path in FILES.items():
        rank = ORDER.index(name.partition(".")[0])
        later = [of for of in imports_of(path) if ORDER.index(of.partition(".")[0]) > rank]
        assert not later, f"{path} imports {later}"
        if rank < ORDER.index("viz"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"^\s*(from|import) (solara|matplotlib)\b", text, re.M), path


def test_no_file_is_long():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for package in ORDER
        for path in (ROOT / package).rglob("*.*")
        if path.suffix in (".py", ".vue")
    }
    assert {name: count for name, count in lines.items() if count > LINES_MAX} == {}


def test_no_function_of_the_view_takes_many_parameters():
    for path in (ROOT / "viz" / "view").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                assert len(set(names) - {"self", "cls"}) <= PARAMETERS_MAX, f"{path}: {node.name}"


def test_only_the_page_knows_solara():
    allowed = {"app.py", "page.py", "boundary.py", "serve.py", "screen.py", "bench.py"}
    for path in (ROOT / "viz").rglob("*.py"):
        if path.name not in allowed:
            assert not re.search(r"^\s*(from|import) solara\b", path.read_text(encoding="utf-8"), re.M), path


def test_nothing_korean_in_the_code():
    for package in ("agents", "model"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"[가-힣]|Seoul|Kyung|Hallym", text), path


def test_the_walks_of_a_newcomer_lead_somewhere():
    walks = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Three walks")[1].split("\n**")[1:]
    assert len(walks) == 3
    for walk in walks:
        stops = re.findall(r"^\d\. `([\w/]+\.\w+)`:(?: `(\w+)`)?", walk, re.M)
        assert 5 <= len(stops) <= 8
        for file, name in stops:
            text = (ROOT / file).read_text(encoding="utf-8")
            assert not name or re.search(rf"^\s*(def|class) {name}\b", text, re.M), f"{file} has no {name}"
