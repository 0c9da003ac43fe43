"""A sensitivity analysis in words: shares of variance and noise, PAWN indices, or what one setting does alone."""

from typing import Any

from rich.console import Console
from rich.table import Table

from injae.experiments.analyses.sobol import ROWS_FEW, impossible
from injae.experiments.findings import Finding
from injae.experiments.wording.amounts import interval_written, scale_of, span, written
from injae.viz.answers.words import say

SHOWN = 10  # inputs of an outcome; the tables have all
AGAINST_NOISE = {
    "floor": "noise floor",
    "above": "above noise",
    "not clear": "not clear",
    "below": "below noise",
    "unknown": "",
}
ACCIDENT = {"floor": "by accident", "above": "more than accident", "below": "no more than accident"}


def print_sensitivity(finding: Finding, console: Console, grow: str = "") -> None:
    """Print the answer, as its method gives it; ``grow`` is how to have as many rows as are needed."""
    facts, question = finding.facts, finding.question
    whose = f"{question['policy']} less {question['versus']}" if question["versus"] else question["policy"]
    failed = say("sensitivity.runs_done", facts=facts) if facts["runs_missing"] else ""
    console.print(say("sensitivity.points_seeds_months", whose=whose, facts=facts, failed=failed))
    if facts["method"] == "sobol":
        _print_sobol(finding, console, grow)
    else:
        {"pawn": _print_pawn, "tornado": _print_tornado}[facts["method"]](finding, console)


def _print_sobol(finding: Finding, console: Console, grow: str) -> None:
    indices: Any = finding.tables["indices"]
    noise: Any = finding.tables["noise"].set_index("outcome")
    for (outcome, target), rows in indices.groupby(["outcome", "target"], sort=False):
        if target != "mean" and "@" in outcome:
            continue  # those are in indices.csv
        unit = rows["unit"].iloc[0]
        sd = f"{written(rows['sd'].iloc[0], unit)} {scale_of(unit)[1]}"
        console.print(say("sensitivity.over_seeds_standard", outcome=outcome, target=target, sd=sd))
        table = _empty("input", say("sensitivity.first_index_alone"), say("sensitivity.total_index_others"), "")
        for row in _largest(rows, "total"):
            first = _ends(row["first"], row["first_low"], row["first_high"])
            total = _ends(row["total"], row["total_low"], row["total_high"])
            table.add_row(row["input"].removeprefix("parameters."), first, total, AGAINST_NOISE[row["against_noise"]])
        console.print(table)
        if target == "mean" and finding.facts["seeds"] > 1:
            console.print(_noise(noise.loc[outcome], finding.facts["seeds"]))
    console.print("")
    for line in [*too_few(finding), *_limits(finding.facts, grow)]:
        console.print(line)


def _largest(rows: Any, column: str) -> list[dict[str, Any]]:
    """The largest rows, and always the dummy."""
    rank = rows[column].rank(ascending=False, method="first")
    return rows[(rank <= SHOWN) | (rows["against_noise"] == "floor")].to_dict("records")


def _empty(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _ends(value: float, low: float, high: float) -> str:
    return f"{value:z.2f} ({span(low, high, '{:z.2f}'.format)})"


def _noise(noise: Any, seeds: int) -> str:
    ends = span(noise["low"], noise["high"], "{:z.1%}".format)
    return say("sensitivity.noise_variance_single", noise=noise, ends=ends, seeds=seeds)


def too_few(finding: Finding) -> list[str]:
    """What shows that the rows of a Sobol' design are too few."""
    rows = finding.facts["rows"]
    lines = []
    found = impossible(finding.tables["indices"])
    if len(found):
        worst = found.loc[(found["low"] - 1).clip(lower=0).add((-found["high"]).clip(lower=0)).idxmax()]
        name = say("sensitivity.index", worst=worst, input=worst["input"].removeprefix("parameters."))
        lines.append(say("sensitivity.rows_too_few", rows=rows, found=len(found), name=name, worst=worst))
    if rows < ROWS_FEW and finding.facts["seeds"] > 1:
        lines.append(say("sensitivity.fewer_rows_input", rows_few=ROWS_FEW))
    return lines


def _limits(facts: dict[str, Any], grow: str) -> list[str]:
    """How wide the intervals are, what was filled in, and what could not be analysed."""
    width, limit, at = facts["widest_half_width"], facts["half_width_max"], facts["widest_at"]
    where = f"{at['input'].removeprefix('parameters.')} on {at['outcome']}"
    lines = [say("sensitivity.half_width_total", width=width, where=where)]
    if facts["rows_needed"] > facts["rows"]:
        lines = [
            say("sensitivity.half_width_total_index", width=width, where=where, limit=limit, facts=facts)
            + (grow or say("sensitivity.rows_same_folder", facts=facts))
        ]
    for outcome, number in facts["filled_in"].items():
        told = say("sensitivity.runs_value_filled", number=number, facts=facts)
        lines.append(f"{outcome}: {told}.")
    return lines + [say("sensitivity.same_every_point", outcome=outcome) for outcome in facts["constant"]]


def _print_pawn(finding: Finding, console: Console) -> None:
    console.print(say("sensitivity.pawn_indices_how"))
    table: Any = finding.tables["pawn"]
    for (outcome, target), rows in table.groupby(["outcome", "target"], sort=False):
        left_out = finding.facts["points_left_out"][outcome]
        said = say("sensitivity.points_without_value", left_out=left_out) if left_out else ""
        console.print(say("sensitivity.over_seeds", outcome=outcome, target=target, said=said))
        lines = _empty("input", "index", "")
        for row in _largest(rows, "index"):
            index = _ends(row["index"], row["index_low"], row["index_high"])
            lines.add_row(row["input"].removeprefix("parameters."), index, ACCIDENT[row["against_noise"]])
        console.print(lines)


def _print_tornado(finding: Finding, console: Console) -> None:
    console.print(say("sensitivity.setting_time_same"))
    for outcome, rows in finding.tables["tornado"].groupby("outcome", sort=False):
        unit = str(rows["unit"].iloc[0])
        name = scale_of(unit)[1]
        base = f"{written(rows['base'].iloc[0], unit)} {name.replace('percentage points', 'percent')}"
        console.print(say("sensitivity.everything_scenario_change", outcome=outcome, base=base, name=name))
        table = _empty("input", say("sensitivity.low_end"), "95% interval", say("sensitivity.high_end"), "95% interval")
        for row in rows.head(SHOWN).to_dict("records"):
            cells = []
            for end in ("low", "high"):
                change, low, high = (row[f"change_at_{end}{tail}"] for tail in ("", "_low", "_high"))
                cells += [written(change, unit), interval_written(low, high, unit)]
            table.add_row(row["input"].removeprefix("parameters."), *cells)
        console.print(table)
        if len(rows) > SHOWN:
            console.print(say("sensitivity.more_tornado_csv", shown=len(rows) - SHOWN))
