"""How the code is built: imports point one way and in no circle, files are short, only the page knows the browser."""

import ast
import os
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from injae.agents.kernels import ROOT

ORDER = ("agents", "model", "experiments", "viz")
LINES_MAX, PARAMETERS_MAX = 400, 7
FILES = {
    ".".join(("injae", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for package in ORDER
    for path in (ROOT / package).rglob("*.py")
}


def imports_of(path):
    """Files of ours that a file names in an import, wherever it stands, or as a part of a package of ours."""
    tree, packages = ast.parse(path.read_text(encoding="utf-8")), {}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else str(node.module) for name in inner]
            packages |= {name.rpartition(".")[2]: name for name in inner if name in FILES}
        yield from (name for name in names if name in FILES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            head, dot, rest = ast.unparse(node).partition(".")
            name = f"{packages.get(head, head)}{dot}{rest}"
            yield from [name] if name in FILES else []


def test_no_files_import_each_other_in_a_circle():
    graph = {name: {of for of in imports_of(path) if of != name} for name, path in FILES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_imports_point_one_way():
    for name, path in FILES.items():
        rank = ORDER.index(name.split(".")[1])
        later = [of for of in imports_of(path) if ORDER.index(of.split(".")[1]) > rank]
        assert not later, f"{path} imports {later}"
        if rank < ORDER.index("viz"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"^\s*(from|import) (solara|matplotlib)\b", text, re.M), path


def test_a_reason_stands_where_a_function_imports():
    """What is of ours is imported at the top; packages of an extra, which may not be there, where they are needed."""
    for package in ORDER[2:]:
        for path in (ROOT / package).rglob("*.py"):
            text = re.sub(r"if TYPE_CHECKING:\n( .*\n)+", "", path.read_text(encoding="utf-8"))
            inner = re.findall(r"^ +(?:from injae\S* import|import injae).*$", text, re.M)
            assert [line for line in inner if "  # " not in line] == [], path


def test_commands_load_nothing_heavy_before_they_do_something():
    """The help of a command and a refused option take half a second, not three."""
    names = sorted(path.stem for path in (ROOT / "viz" / "commands").glob("[!_]*.py"))
    code = f"import importlib, sys; [importlib.import_module('injae.viz.commands.' + name) for name in {names}]; "
    code += "print({'pandas', 'mesa', 'matplotlib', 'sklearn', 'solara'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout == "set()\n"


def test_no_file_is_long():
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for package in ORDER
        for path in (ROOT / package).rglob("*.*")
        if path.suffix in (".py", ".vue")
    }
    assert {name: count for name, count in lines.items() if count > LINES_MAX} == {}


def test_only_commands_take_many_parameters():
    """A command has one for each option that a user may write."""
    many = set()
    for package in ORDER:
        for path in (ROOT / package).rglob("*.py"):
            if path.parent != ROOT / "viz" / "commands":
                many |= {name for name, count in parameters_in(path) if count > PARAMETERS_MAX}
    assert many == set()
    for path in (ROOT / "viz" / "commands").glob("*.py"):
        helpers = [name for name, count in parameters_in(path, commands=False) if count > PARAMETERS_MAX]
        assert helpers == [], path


def parameters_in(path, *, commands=True):
    """Names of the functions of a file, with their class, and how many parameters they take."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    owners = {inner: node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for inner in node.body}
    for node in ast.walk(tree):
        is_command = isinstance(node, ast.FunctionDef) and "command(" in "".join(map(ast.unparse, node.decorator_list))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (commands or not is_command):
            names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            yield f"{owners[node]}.{node.name}" if node in owners else node.name, len(set(names) - {"self", "cls"})


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
