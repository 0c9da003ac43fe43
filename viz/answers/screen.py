"""A screening in words: what matters, what can be left as it is, what to do next."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from injae.experiments.analyses.screening import TRAJECTORIES_FEW
from injae.experiments.findings import Finding
from injae.experiments.wording.amounts import interval_written, scale_of, written
from injae.viz.answers.words import say

SHOWN = 12  # inputs of an outcome; effects.csv has all
VERDICTS = {"floor": "noise floor", "above": "above noise", "not clear": "not clear", "below": "below noise"}


def print_screen(finding: Finding, console: Console, folder: Path) -> None:
    """Print the answer; ``folder`` is where it is kept."""
    facts, effects = finding.facts, finding.tables["effects"]
    inputs = effects["input"].nunique() - 1
    parameters = len(finding.tables["inputs"])
    what = (
        say("screen.groups_parameters", inputs=inputs, parameters=parameters)
        if facts["grouped"]
        else f"{parameters} parameters"
    )
    failed = say("screen.them_done", facts=facts) if facts["runs_missing"] else ""
    console.print(say("screen.trajectories_seeds_runs", whose=_whose(finding), what=what, facts=facts, failed=failed))
    for outcome, table in effects.groupby("outcome", sort=False):
        unit = scale_of(table["unit"].iloc[0])[1]
        console.print(say("screen.effect_whole_range", outcome=outcome, unit=unit))
        console.print(_table(table))
        counts = table["against_noise"].value_counts()
        told = [f"{counts.get(word, 0)} {VERDICTS[word]}" for word in ("above", "below", "not clear")]
        lost = facts["trajectories_dropped"][outcome]
        if lost:
            told.append(say("screen.trajectories_dropped_runs", lost=lost, facts=facts))
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
    shown = rows[(rows["against_noise"] == "floor") | (rows["mu_star"].rank(ascending=False, method="first") <= SHOWN)]
    for row in shown.to_dict("records"):
        unit = row["unit"]
        size = f" ({row['settings']} parameters)" if row["settings"] > 1 else ""
        ends = interval_written(row["mu_star_low"], row["mu_star_high"], unit)
        numbers = (written(row["mu_star"], unit), ends, written(row["sigma"], unit))
        table.add_row(row["input"].removeprefix("parameters.") + size, *numbers, VERDICTS[row["against_noise"]])
    if len(rows) > len(shown):
        table.add_row(say("screen.more_effects_csv", shown=len(rows) - len(shown)))
    return table


def _next(finding: Finding, folder: Path) -> list[str]:
    """What can be left as it is, and what to do with the rest."""
    facts, effects = finding.facts, finding.tables["effects"]
    names = [name.removeprefix("parameters.") for name in facts["droppable"]]
    more = say("screen.more_receipt_json", shown=len(names) - SHOWN) if len(names) > SHOWN else ""
    if facts.get("trajectories_few"):
        lines = [say("screen.fewer_whole_trajectories", trajectories_few=TRAJECTORIES_FEW)]
    elif names:
        lines = [say("screen.below_noise_every", names=", ".join(names[:SHOWN]), more=more)]
    else:
        lines = [say("screen.input_below_noise")]
    groups = list(
        dict.fromkeys(effects.loc[(effects["against_noise"] == "above") & (effects["settings"] > 1), "input"])
    )
    scenario = finding.question["policy"]
    if groups:
        varied = " ".join(f"--vary {name}" for name in groups)
        lines.append(say("screen.parameters_injae_screen", scenario=scenario, varied=varied, folder=folder))
    elif not facts["grouped"]:
        command = say("screen.injae_sensitivity_screened", scenario=scenario, folder=folder)
        lines.append(say("screen.how_much_accounts", command=command))
    if facts["seeds"] < 4:
        lines.append(say("screen.noise_floor_rests", facts=facts))
    return lines
