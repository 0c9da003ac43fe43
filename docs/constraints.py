"""Write ``constraints.txt`` from this environment: ``python docs/constraints.py``, after the tests have passed in it.

Every package that Injae needs, with all its extras and what those need in turn, in the version that is installed here.
Lines that are for another Python than this one are kept as they are. Packages that nothing here needs are left out.
"""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement

FILE = Path(__file__).resolve().parent.parent / "constraints.txt"
HEAD = "# Versions that the tests were run with. No addresses: pip takes them from wherever it is set up to look.\n"
WHOLE = "injae[test]"  # has all other extras


def normal(name: str) -> str:
    """The name of a package as all tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(whole: str = WHOLE) -> dict[str, str]:
    """Installed version of every package that one needs, itself left out, by normal name.

    Raises:
        PackageNotFoundError: one is not installed.
    """
    waiting, seen = [Requirement(whole)], set()
    versions: dict[str, str] = {}
    while waiting:
        one = waiting.pop()
        found = distribution(one.name)
        versions[normal(one.name)] = found.version
        for extra in ("", *one.extras):
            if (normal(one.name), extra) not in seen:
                seen.add((normal(one.name), extra))
                waiting += [need for need in _needs(found) if _applies(need.marker, extra)]
    del versions[normal(Requirement(whole).name)]
    return versions


def _needs(found: Distribution) -> list[Requirement]:
    return [Requirement(text) for text in found.requires or ()]


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
