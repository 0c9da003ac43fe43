"""What a calibration in waves found, in sentences and tables: the facts, the parameters, what would narrow it most."""

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from experiments.findings import Finding
from viz.answers.calibrate import (
    EFFECTIVE_FEW,
    fact_table,
    parameter_table,
    percent,
    said_nothing_of,
    table_of,
    trade_offs,
    twins_lines,
)
from viz.answers.regions import amount, tables_of

PARAMETERS_TOLD = 20
CONTRIBUTORS_TOLD = 4


def waves_answer(finding: Finding) -> Group:
    """Everything that ``injae calibrate SCENARIO`` prints."""
    parameters = tables_of(finding)["parameters"]
    learned = parameters[parameters["verdict"] != "nothing"].head(PARAMETERS_TOLD)
    parts: list[Table | Text] = [Text("\n".join(waves_in_words(finding))), fact_table(finding)]
    if len(learned):
        parts.append(parameter_table(finding, learned))
    if len(tables_of(finding)["information"]):
        parts.append(_information_table(finding))
    return Group(*parts, Text("\n".join(["", *_reading(finding)])))


def waves_in_words(finding: Finding) -> list[str]:
    """What was run, what is left, what is missed, what is tied together."""
    question, facts, tables = finding.question, finding.facts, tables_of(finding)
    held = tables["facts"]["held_out"].astype(bool)
    cases = f" of {', '.join(question['cases'])}" if len(question["cases"]) > 1 else ""
    lines = [
        f"{question['scenario']}: {question['waves']} waves of {question['points']} points x "
        f"{question['seeds']} seeds, {len(tables['parameters'])} parameters, held against {int((~held).sum())} "
        f"facts{cases} ({int(held.sum())} more only compared); {facts['runs']:,} runs"
    ]
    for row in tables["waves"].itertuples(index=False):
        lines.append(f"  Wave {row.wave}: {row.points_left} of {row.points} points are not ruled out by any fact")
    rough = "; that is few, so intervals are rough" if facts["effective_of_candidates"] < EFFECTIVE_FEW else ""
    lines.append(
        f"  Posterior: {len(tables['posterior'])} draws of {facts['draws_run']:,} that were run; their runs count "
        f"like {facts['effective_of_candidates']:z,.0f} even ones{rough}"
    )
    lines += [f"  Left out: {text}" for text in facts["left_out"]]
    lines += [f"  {text}" for text in facts["contradictions"]]
    missed = tables["facts"].loc[(tables["facts"]["fits"] == "no") & ~held, "what"]
    if len(missed):
        lines.append(f"  Missed by the posterior all the same: {', '.join(missed)}")
    if facts["twin_covered"] is not None:
        table = tables["parameters"]
        lines.append(
            f"  Twin {question['twin']}: 90 percent intervals hold the true value of "
            f"{int(table['truth_inside'].sum())} of {len(table)} parameters ({facts['twin_covered']:z.0%})"
        )
    outside = tables["parameters"].loc[tables["parameters"]["outside"].astype(bool), "name"]
    if len(outside):
        lines.append(f"  Value of the scenario outside the 90 percent: {', '.join(outside)}")
    return lines + trade_offs(finding) + said_nothing_of(finding)


def contributors(finding: Finding, outcome: str) -> Any:
    """Parameters whose doubt contributes to an outcome more than accident does, most first."""
    table = tables_of(finding)["information"]
    rows = table[(table["outcome"] == outcome) & table["above"].astype(bool)]
    return rows.sort_values("share", ascending=False, kind="stable")


def outcome_words(name: str) -> str:
    """An outcome in words: ``specialists at end``."""
    return name.replace("_", " ")


def _information_table(finding: Finding) -> Table:
    """For each outcome, the parameters that doubt about it comes from."""
    information = tables_of(finding)["information"]
    table = table_of("What would narrow the answer most: share of the variance that goes if the parameter were known")
    for name in ("Outcome", "Mean ± sd", "Most of the doubt", "Luck"):
        table.add_column(name, justify="right" if name in ("Mean ± sd", "Luck") else "left", overflow="fold")
    for outcome in dict.fromkeys(information["outcome"]):
        rows = contributors(finding, outcome).head(CONTRIBUTORS_TOLD)
        known = information[information["outcome"] == outcome].iloc[0]
        named = [f"{str(row.input).rpartition('.')[2].replace('_', ' ')} {row.share:z.0%}" for row in rows.itertuples()]
        unit = "share" if "share" in outcome else "persons"
        spread = f"{amount(known['mean'], unit)} ± {amount(known['sd'], unit)}"
        nobody = f"no single parameter (accident reaches {known['floor']:z.0%})"
        table.add_row(outcome_words(outcome), spread, ", ".join(named) or nobody, percent(known["luck_share"]))
    return table


def _reading(finding: Finding) -> list[str]:
    """How sure it is, how to read the tables, and what it is not."""
    question, tables = finding.question, tables_of(finding)
    lines = twins_lines(finding, "of the runs")
    lines += [
        "Facts: Known ± one standard error; Before, After: 90 percent of single runs over the priors and over the "
        "posterior, as they were run; Rules out: share of the first wave by this fact alone; Fits: the fact lies "
        "within 95 percent of runs after, its error and the discrepancy included.",
        "Learned: how much narrower 90 percent of the posterior is than of the prior.",
    ]
    if (tables["facts"]["judged_by"] == "points").any():
        lines.append("Points only: no emulator stands for that fact, so it only weighs the draws that were run.")
    lines += [
        f"Discrepancies are judgements ({question['discrepancy']:z.0%} of the value where a fact says none). Intervals "
        "hold within the ranges and for this model; facts count as independent of each other.",
        f"posterior.csv: {len(tables['posterior'])} draws, for injae sweep --design FILE.csv.",
    ]
    return lines
