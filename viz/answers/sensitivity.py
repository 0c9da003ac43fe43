"""A sensitivity analysis in words: shares of variance and luck, PAWN indices, or what one setting does alone."""

from typing import Any

from rich.console import Console
from rich.table import Table

from experiments.analyses.sobol import ROWS_FEW, impossible
from experiments.findings import Finding
from experiments.wording.amounts import interval_written, scale_of, span, written

SHOWN = 10  # inputs of an outcome; the tables have all
LUCK = {"floor": "noise floor", "above": "above luck", "not clear": "not clear", "below": "below luck", "unknown": ""}
ACCIDENT = {"floor": "by accident", "above": "more than accident", "below": "no more than accident"}


def print_sensitivity(finding: Finding, console: Console, grow: str = "") -> None:
    """Print the answer, as its method gives it; ``grow`` is how to have as many rows as are needed."""
    facts, question = finding.facts, finding.question
    whose = f"{question['policy']} less {question['versus']}" if question["versus"] else question["policy"]
    failed = f", {facts['runs_missing']} runs not done" if facts["runs_missing"] else ""
    console.print(f"{whose}: {facts['points']:,} points x {facts['seeds']} seeds{failed}, {facts['months']} months")
    if facts["method"] == "sobol":
        _print_sobol(finding, console, grow)
    else:
        {"pawn": _print_pawn, "tornado": _print_tornado}[facts["method"]](finding, console)


def _print_sobol(finding: Finding, console: Console, grow: str) -> None:
    indices: Any = finding.tables["indices"]
    chance: Any = finding.tables["chance"].set_index("outcome")
    for (outcome, target), rows in indices.groupby(["outcome", "target"], sort=False):
        if target != "mean" and "@" in outcome:
            continue  # those are in indices.csv
        unit = rows["unit"].iloc[0]
        sd = f"{written(rows['sd'].iloc[0], unit)} {scale_of(unit)[1]}"
        console.print(f"\n[bold]{outcome}[/bold], {target} over seeds: standard deviation over points {sd}")
        table = _empty("input", "first index: alone", "total index: with others", "")
        for row in _largest(rows, "total"):
            first = _ends(row["first"], row["first_low"], row["first_high"])
            total = _ends(row["total"], row["total_low"], row["total_high"])
            table.add_row(row["input"].removeprefix("parameters."), first, total, LUCK[row["against_luck"]])
        console.print(table)
        if target == "mean" and finding.facts["seeds"] > 1:
            console.print(_luck(chance.loc[outcome], finding.facts["seeds"]))
    console.print("")
    for line in [*too_few(finding), *_limits(finding.facts, grow)]:
        console.print(line)


def _largest(rows: Any, column: str) -> list[dict[str, Any]]:
    """The largest rows, and always the dummy."""
    rank = rows[column].rank(ascending=False, method="first")
    return rows[(rank <= SHOWN) | (rows["against_luck"] == "floor")].to_dict("records")


def _empty(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _ends(value: float, low: float, high: float) -> str:
    return f"{value:z.2f} ({span(low, high, '{:z.2f}'.format)})"


def _luck(chance: Any, seeds: int) -> str:
    ends = span(chance["low"], chance["high"], "{:z.1%}".format)
    return (
        f"Luck is {chance['share']:z.1%} ({ends}) of the variance of a single run: {chance['same_everywhere']:z.1%} "
        f"is the same at every point, {chance['depends_on_inputs']:z.1%} depends on the inputs. Of a mean of {seeds} "
        f"seeds it is {chance['share_of_mean']:z.1%}."
    )


def too_few(finding: Finding) -> list[str]:
    """What shows that the rows of a Sobol' design are too few."""
    rows = finding.facts["rows"]
    lines = []
    found = impossible(finding.tables["indices"])
    if len(found):
        worst = found.loc[(found["low"] - 1).clip(lower=0).add((-found["high"]).clip(lower=0)).idxmax()]
        name = f"{worst['order']} index of {worst['input'].removeprefix('parameters.')} on {worst['outcome']}"
        lines.append(
            f"{rows} rows are too few: no index lies outside 0 to 1, and {len(found)} intervals lie wholly there "
            f"({name}, {worst['target']}: {worst['low']:z.2f} to {worst['high']:z.2f}). Do not use these indices."
        )
    if rows < ROWS_FEW and finding.facts["seeds"] > 1:
        lines.append(f"With fewer than {ROWS_FEW} rows no input is told from luck.")
    return lines


def _limits(facts: dict[str, Any], grow: str) -> list[str]:
    """How wide the intervals are, what was filled in, and what could not be analysed."""
    width, limit, at = facts["widest_half_width"], facts["half_width_max"], facts["widest_at"]
    where = f"{at['input'].removeprefix('parameters.')} on {at['outcome']}"
    lines = [f"The half-width of a total index is at most {width:z.3f} ({where})."]
    if facts["rows_needed"] > facts["rows"]:
        lines = [
            f"The half-width of a total index is up to {width:z.2f} ({where}), wider than {limit}: about "
            f"{facts['more_points_needed']:,} more points are needed: "
            + (grow or f"--rows {facts['rows_needed']} in the same folder")
        ]
    for outcome, number in facts["filled_in"].items():
        told = f"{number} of {facts['runs']:,} runs have no value; filled in from neighbouring points"
        lines.append(f"{outcome}: {told}.")
    return lines + [f"{outcome} is the same at every point: nothing to explain." for outcome in facts["constant"]]


def _print_pawn(finding: Finding, console: Console) -> None:
    console.print("PAWN indices: how far the distribution of the outcome shifts once the input is known, 0 to 1")
    table: Any = finding.tables["pawn"]
    for (outcome, target), rows in table.groupby(["outcome", "target"], sort=False):
        left_out = finding.facts["points_left_out"][outcome]
        said = f"; {left_out} points without a value left out" if left_out else ""
        console.print(f"\n[bold]{outcome}[/bold], {target} over seeds{said}")
        lines = _empty("input", "index", "")
        for row in _largest(rows, "index"):
            index = _ends(row["index"], row["index_low"], row["index_high"])
            lines.add_row(row["input"].removeprefix("parameters."), index, ACCIDENT[row["against_luck"]])
        console.print(lines)


def _print_tornado(finding: Finding, console: Console) -> None:
    console.print("One setting at a time, on the same people and luck; a first look, which ignores interactions")
    for outcome, rows in finding.tables["tornado"].groupby("outcome", sort=False):
        unit = str(rows["unit"].iloc[0])
        name = scale_of(unit)[1]
        base = f"{written(rows['base'].iloc[0], unit)} {name.replace('percentage points', 'percent')}"
        console.print(f"\n[bold]{outcome}[/bold]: {base} with everything as in the scenario; change in {name}")
        table = _empty("input", "at its low end", "95% interval", "at its high end", "95% interval")
        for row in rows.head(SHOWN).to_dict("records"):
            cells = []
            for end in ("low", "high"):
                change, low, high = (row[f"change_at_{end}{tail}"] for tail in ("", "_low", "_high"))
                cells += [written(change, unit), interval_written(low, high, unit)]
            table.add_row(row["input"].removeprefix("parameters."), *cells)
        console.print(table)
        if len(rows) > SHOWN:
            console.print(f"... {len(rows) - SHOWN} more in tornado.csv")
