"""Write ``constraints.txt`` from this environment: ``python docs/constraints.py``, after the tests have passed in it.

Every package that ``pyproject.toml`` names, with all extras and what those need in turn, in the version installed here.
The project's own needs are read from the file: an editable install may know those of the day it was made.
Lines that are for another Python than this one are kept as they are. Packages that nothing here needs are left out.
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "constraints.txt"
HEAD = "# Versions that the tests were run with. No addresses: pip takes them from wherever it is set up to look.\n"
PROJECT, WHOLE = "injae", "test"  # the extra that has all others but that of mutation, which no test needs


def normal(name: str) -> str:
    """The name of a package as all tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed() -> dict[str, str]:
    """Installed version of every package that the project needs, by normal name.

    Raises:
        PackageNotFoundError: one is not installed.
    """
    waiting, seen = project(WHOLE), set()
    versions: dict[str, str] = {}
    while waiting:
        one = waiting.pop()
        found = distribution(one.name)
        versions[normal(one.name)] = found.version
        for extra in ("", *one.extras):
            if (normal(one.name), extra) not in seen:
                seen.add((normal(one.name), extra))
                needs = [Requirement(text) for text in found.requires or ()]
                waiting += [need for need in needs if _applies(need.marker, extra)]
    return versions


def project(*extras: str) -> list[Requirement]:
    """What ``pyproject.toml`` asks for, with some extras and those that they name in turn."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = [Requirement(text) for name in extras for text in table["optional-dependencies"][name]]
    inner = [need for need in own if normal(need.name) == PROJECT]
    others = [need for need in own if need not in inner]
    nested = [found for need in inner for found in project(*need.extras)]
    return [*map(Requirement, table["dependencies"]), *others, *nested]


def _applies(marker: Marker | None, extra: str = "") -> bool:
    return marker is None or marker.evaluate({"extra": extra})


def listed(text: str) -> list[Requirement]:
    """Lines of a file of constraints."""
    return [Requirement(line) for line in text.splitlines() if line and not line.startswith("#")]


def written(before: str) -> str:
    """The file's new text, given the one of before."""
    lines = {name: f"{name}=={version}" for name, version in needed().items()}
    for one in listed(before):
        if one.marker and not _applies(one.marker):
            lines[f"{normal(one.name)}; elsewhere"] = str(one)
        elif one.marker and normal(one.name) in lines:
            lines[normal(one.name)] += f"; {one.marker}"
    return HEAD + "".join(f"{line}\n" for line in sorted(lines.values()))


if __name__ == "__main__":
    try:
        FILE.write_text(written(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    except PackageNotFoundError as missing:
        raise SystemExit(f"{missing}: install with pip install -e '.[test]' first") from missing
