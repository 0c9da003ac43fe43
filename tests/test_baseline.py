"""The numbers of the presets, written down. Moving them needs a line in CHANGELOG.md under "Numbers change".

``python tests/test_baseline.py`` writes them anew. Equal numbers on another Python, Mesa or machine mean that results
can be compared between them.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pytest  # noqa: E402
from conftest import PRESETS, history_of  # noqa: E402

from injae.model.record import SERIES  # noqa: E402
from injae.model.renamed import current  # noqa: E402

FILE = Path(__file__).with_name("baseline.json")
MONTHS, SEED = (12, 60, 120), 7


def numbers(preset):
    history = history_of(preset, SEED)
    return {
        name: [float(history[name][m]) if history.dtype[name].kind == "f" else int(history[name][m]) for m in MONTHS]
        for name in SERIES
    }


@pytest.mark.parametrize("preset", PRESETS)
def test_numbers_are_those_of_the_baseline(preset):
    stored = {current(name): values for name, values in json.loads(FILE.read_text())[preset].items()}
    now = numbers(preset)
    assert now.keys() == stored.keys()
    for name, values in stored.items():
        assert now[name] == pytest.approx(values, rel=1e-9), name


if __name__ == "__main__":
    FILE.write_text(json.dumps({preset: numbers(preset) for preset in PRESETS}, indent=1) + "\n")
