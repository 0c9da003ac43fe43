"""The worked studies: tables are those that were found, figures come from them, commands are accepted."""

import re
import shlex
from pathlib import Path

import pytest

from experiments.findings import RECEIPT, load
from viz.commands import main
from viz.figures.findings import draw_again

STUDIES = Path(__file__).parents[1] / "experiments" / "studies"
KEPT = sorted(path.parent for path in STUDIES.glob(f"*/{RECEIPT}"))
TEXTS = sorted(STUDIES.glob("*-*.md"))


def commands(text: str) -> list[str]:
    """The commands of a study, one each."""
    block = re.search(r"<!-- commands -->\n```sh\n(.*?)```", text, re.S)
    assert block
    return block[1].replace("\\\n", " ").strip().splitlines()


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)
def test_what_was_found_is_kept_and_drawn_again(folder, tmp_path):
    finding, receipt = load(folder)
    assert len(receipt) == 10
    assert finding.facts.get("missing_runs", 0) == 0
    drawn = {path.name for path in draw_again(folder, tmp_path) if path.suffix == ".png"}
    assert {path.name for path in folder.glob("*.png")} <= drawn


@pytest.mark.parametrize("file", TEXTS, ids=lambda path: path.stem)
def test_the_commands_of_a_study_are_accepted_and_write_what_it_shows(file):
    text = file.read_text(encoding="utf-8")
    written = set()
    for line in commands(text):
        program, name, *arguments = shlex.split(line)
        assert program == "injae"
        options = main.commands[name].make_context(name, arguments).params  # refuses what is no option or value
        written.add(str(options.get("out")))
    shown = re.findall(r"\]\(([\w-]+)/[\w-]+\.png\)", text)
    assert shown
    assert {f"experiments/studies/{name}" for name in shown} <= written


def test_every_study_is_listed():
    index = (STUDIES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(([\w-]+\.md)\)", index)) == {path.name for path in TEXTS}
    assert len(TEXTS) == 3
