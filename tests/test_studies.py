"""The worked studies: tables are those that were found, figures come from them, commands are accepted."""

import importlib.metadata
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pandas as pd
import pytest

from injae.experiments.analyses.robust_measures import measures, rank, regrets
from injae.experiments.findings import load
from injae.experiments.folders import RECEIPT
from injae.viz.commands.group import main
from injae.viz.figures.findings import draw_again

STUDIES = Path(__file__).parents[1] / "docs" / "studies"
KEPT = sorted(path.parent for path in STUDIES.glob(f"*/{RECEIPT}"))
TEXTS = sorted(STUDIES.glob("*-*.md"))


def commands(text: str) -> list[str]:
    """The commands of a study, one each."""
    block = re.search(r"<!-- commands -->\n```sh\n(.*?)```", text, re.S)
    assert block
    return block[1].replace("\\\n", " ").strip().splitlines()


each_study = pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)


@each_study
def test_what_was_found_is_kept_and_drawn_again(folder, tmp_path):
    """R15: byte for byte, where the same Matplotlib draws it (fonts come with it)."""
    finding, receipt = load(folder)
    assert len(receipt) == 10
    assert sum(finding.facts.get(name, 0) for name in ("missing_runs", "runs_failed", "runs_waiting")) == 0
    drawn = {path.name: path for path in draw_again(folder, tmp_path) if path.suffix == ".png"}
    kept = {path.name: path for path in folder.glob("*.png")}
    assert kept and set(kept) <= set(drawn)
    if receipt_of(folder)["versions"]["matplotlib"] == importlib.metadata.version("matplotlib"):
        differ = [name for name, path in kept.items() if path.read_bytes() != drawn[name].read_bytes()]
        assert not differ, f"drawn otherwise now; make them again: {' '.join(receipt_of(folder)['command'])}"


@each_study
def test_a_study_is_made_by_a_state_of_the_code_that_can_be_had(folder):
    """A revision that is marked dirty is nowhere but in the checkout that made the study."""
    assert re.fullmatch(r"[0-9a-f]{7,}|.*-g[0-9a-f]{7,}", receipt_of(folder)["revision"])


@each_study
def test_kept_tables_are_what_the_code_makes_of_their_data(folder):
    """Tables that come from another table of the same finding are computed from it again."""
    receipt = receipt_of(folder)
    read = {name: pd.read_csv(folder / name, keep_default_na=False, na_values=[""]) for name in receipt["tables"]}
    again = {"robust": measured_again, "discover": counted_again}.get(receipt["kind"])
    for name, (kept, made) in again(read, receipt["facts"]) if again else ():
        pd.testing.assert_frame_equal(kept, made, check_dtype=False, rtol=1e-9, obj=name)


def receipt_of(folder: Path) -> dict[str, Any]:
    """The receipt as it is, whatever its format."""
    return json.loads((folder / RECEIPT).read_text(encoding="utf-8"))


def measured_again(read, facts):
    """Measures of robustness and ranks under them, from the matrix of futures and policies."""
    for outcome, found in facts["outcomes"].items():
        rows = read["measures.csv"][read["measures.csv"]["outcome"] == outcome].set_index("policy")
        policies, more = list(rows.index), found["more_is_better"]
        wide = {
            column: read["matrix.csv"].pivot(index="point", columns="policy", values=column)[policies].to_numpy(float).T
            for column in (outcome, "targets_met")
        }
        met = wide["targets_met"]
        now = measures(wide[outcome], regrets(wide[outcome], more_is_better=more), met, more_is_better=more)
        made = pd.DataFrame(now, index=rows.index)
        yield f"measures.csv, {outcome}", (rows[list(now)], made)
        kept = read["ranks.csv"][read["ranks.csv"]["outcome"] == outcome]
        kept = kept.pivot(index="policy", columns="measure", values="rank").loc[policies]
        ranked = {name: rank(name, made[name].to_numpy(), more_is_better=more) for name in kept.columns}
        yield f"ranks.csv, {outcome}", (kept, pd.DataFrame(ranked, index=kept.index).rename_axis(columns="measure"))


def counted_again(read, facts):
    """Futures and failures in each box, from the points and the box that each is in."""
    points, boxes = read["points.csv"], read["boxes.csv"]
    assert (len(points), points["fails"].sum()) == (facts["futures"], facts["failing"])
    groups = points[points["box"] > 0].groupby("box")["fails"]
    made = groups.agg(futures="count", failing="sum").reset_index()
    made["coverage"] = made["failing"] / facts["failing"]
    yield "boxes.csv", (boxes[list(made.columns)], made)


@pytest.mark.parametrize("file", TEXTS, ids=lambda path: path.stem)
def test_the_commands_of_a_study_are_accepted_and_write_what_it_shows(file):
    text = file.read_text(encoding="utf-8")
    written = set()
    for line in commands(text):
        program, name, *arguments = shlex.split(line)
        assert program == "injae"
        command = main.get_command(click.Context(main), name)
        options = command.make_context(name, arguments).params  # refuses what is no option or value
        written.add(str(options.get("out")))
    shown = re.findall(r"\]\(([\w-]+)/[\w-]+\.png\)", text)
    assert shown
    assert {f"docs/studies/{name}" for name in shown} <= written


def test_every_study_is_listed():
    index = (STUDIES / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(([\w-]+\.md)\)", index)) == {path.name for path in TEXTS}
    assert len(TEXTS) == 3
