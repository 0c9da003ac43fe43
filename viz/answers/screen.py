"""A screening in words: what matters, what can be left as it is, what to do next."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from experiments.analyses.screening import TRAJECTORIES_FEW
from experiments.findings import Finding
from experiments.wording.amounts import interval_written, scale_of, written

SHOWN = 12  # inputs of an outcome; effects.csv has all
VERDICTS = {"floor": "noise floor", "above": "above luck", "not clear": "not clear", "below": "below luck"}


def print_screen(finding: Finding, console: Console, folder: Path) -> None:
    """Print the answer; ``folder`` is where it is kept."""
    facts, effects = finding.facts, finding.tables["effects"]
    inputs = effects["input"].nunique() - 1
    parameters = len(finding.tables["inputs"])
    what = f"{inputs} groups of {parameters} parameters" if facts["grouped"] else f"{parameters} parameters"
    failed = f", {facts['runs_missing']} of them not done" if facts["runs_missing"] else ""
    console.print(
        f"{_whose(finding)}, {what}: {facts['trajectories']} trajectories x {facts['seeds']} seeds, "
        f"{facts['runs']:,} runs{failed}, {facts['months']} months"
    )
    for outcome, table in effects.groupby("outcome", sort=False):
        unit = scale_of(table["unit"].iloc[0])[1]
        console.print(f"\n[bold]{outcome}[/bold]: effect of the whole range of an input, in {unit}")
        console.print(_table(table))
        counts = table["against_luck"].value_counts()
        told = [f"{counts.get(word, 0)} {VERDICTS[word]}" for word in ("above", "below", "not clear")]
        lost = facts["trajectories_dropped"][outcome]
        if lost:
            told.append(f"{lost} of {facts['trajectories']} trajectories dropped: runs in them have no value")
        console.print(", ".join(told))
    console.print("")
    for line in _next(finding, folder):
        console.print(line)


def _whose(finding: Finding) -> str:
    question = finding.question
    return f"{question['policy']} less {question['versus']}" if question["versus"] else question["policy"]


def _table(rows: Any) -> Table:
    """The largest effects, and always the dummy."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("input", overflow="fold")
    for name in ("mu*", "95% interval", "sigma"):
        table.add_column(name, justify="right")
    table.add_column("")
    shown = rows[(rows["against_luck"] == "floor") | (rows["mu_star"].rank(ascending=False, method="first") <= SHOWN)]
    for row in shown.to_dict("records"):
        unit = row["unit"]
        size = f" ({row['settings']} parameters)" if row["settings"] > 1 else ""
        ends = interval_written(row["mu_star_low"], row["mu_star_high"], unit)
        numbers = (written(row["mu_star"], unit), ends, written(row["sigma"], unit))
        table.add_row(row["input"].removeprefix("parameters.") + size, *numbers, VERDICTS[row["against_luck"]])
    if len(rows) > len(shown):
        table.add_row(f"... {len(rows) - len(shown)} more in effects.csv")
    return table


def _next(finding: Finding, folder: Path) -> list[str]:
    """What can be left as it is, and what to do with the rest."""
    facts, effects = finding.facts, finding.tables["effects"]
    names = [name.removeprefix("parameters.") for name in facts["droppable"]]
    more = f" and {len(names) - SHOWN} more (receipt.json)" if len(names) > SHOWN else ""
    if facts.get("trajectories_few"):
        lines = [
            f"Fewer than {TRAJECTORIES_FEW} whole trajectories: intervals are rough and tend to be too narrow, so no "
            f"input is said to be below luck, and what is above it is a first look; --trajectories {TRAJECTORIES_FEW} "
            "or more decide."
        ]
    elif names:
        lines = [f"Below luck for every outcome, so they can be left as they are: {', '.join(names[:SHOWN])}{more}."]
    else:
        lines = ["No input is below luck for every outcome."]
    groups = list(dict.fromkeys(effects.loc[(effects["against_luck"] == "above") & (effects["settings"] > 1), "input"]))
    scenario = finding.question["policy"]
    if groups:
        varied = " ".join(f"--vary {name}" for name in groups)
        lines.append(f"Which of their parameters it is: injae screen {scenario} {varied} --out {folder}-opened")
    elif not facts["grouped"]:
        command = f"injae sensitivity {scenario} --screened {folder} --out {folder}-sobol"
        lines.append(f"How much each accounts for: {command}")
    if facts["seeds"] < 4:
        lines.append(f"The noise floor rests on {facts['seeds']} seeds and is rough; --seeds 4 or more settles it.")
    return lines
