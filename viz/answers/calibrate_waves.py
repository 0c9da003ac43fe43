"""What a calibration in waves found, in sentences and tables: the facts, the parameters, what would narrow it most."""

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from injae.experiments.findings import Finding
from injae.experiments.wording.amounts import percent
from injae.viz.answers.calibrate import (
    EFFECTIVE_FEW,
    fact_table,
    parameter_table,
    said_nothing_of,
    trade_offs,
    twins_lines,
)
from injae.viz.answers.regions import amount, plain_name, tables_of
from injae.viz.answers.tables import headed
from injae.viz.answers.words import say

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
        say(
            "calibrate_waves.waves_points_seeds",
            question=question,
            parameters=len(tables["parameters"]),
            held=int((~held).sum()),
            cases=cases,
            compared=int(held.sum()),
            facts=facts,
        )
    ]
    for row in tables["waves"].itertuples(index=False):
        lines.append(say("calibrate_waves.wave_points_ruled", row=row))
    rough = say("calibrate_waves.few_intervals_rough") if facts["effective_of_candidates"] < EFFECTIVE_FEW else ""
    lines.append(
        say("calibrate_waves.posterior_draws_run", posterior=len(tables["posterior"]), facts=facts, rough=rough)
    )
    lines += [f"  Left out: {text}" for text in facts["left_out"]]
    lines += [f"  {text}" for text in facts["contradictions"]]
    missed = tables["facts"].loc[(tables["facts"]["fits"] == "no") & ~held, "what"]
    if len(missed):
        lines.append(say("calibrate_waves.missed_posterior_same", missed=", ".join(missed)))
    if facts["twin_covered"] is not None:
        table = tables["parameters"]
        lines.append(
            say(
                "calibrate_waves.twin_percent_intervals",
                question=question,
                truth_inside=int(table["truth_inside"].sum()),
                table=len(table),
                facts=facts,
            )
        )
    outside = tables["parameters"].loc[tables["parameters"]["outside"].astype(bool), "name"]
    if len(outside):
        lines.append(say("calibrate_waves.value_scenario_outside", outside=", ".join(outside)))
    return lines + trade_offs(finding) + said_nothing_of(finding)


def contributors(finding: Finding, outcome: str) -> Any:
    """Parameters whose uncertainty contributes to an outcome more than accident does, most first."""
    table = tables_of(finding)["information"]
    rows = table[(table["outcome"] == outcome) & table["above"].astype(bool)]
    return rows.sort_values("share", ascending=False, kind="stable")


def outcome_words(name: str) -> str:
    """An outcome in words: ``specialists at end``."""
    return plain_name(name)


def _information_table(finding: Finding) -> Table:
    """For each outcome, the parameters that uncertainty about it comes from."""
    information = tables_of(finding)["information"]
    most = say("calibrate_waves.most_uncertainty")
    columns = ("Outcome", "Mean ± sd", most, "Noise")
    table = headed(say("calibrate_waves.what_would_narrow"), columns, left=("Outcome", most))
    for outcome in dict.fromkeys(information["outcome"]):
        rows = contributors(finding, outcome).head(CONTRIBUTORS_TOLD)
        known = information[information["outcome"] == outcome].iloc[0]
        named = [f"{str(row.input).rpartition('.')[2].replace('_', ' ')} {row.share:z.0%}" for row in rows.itertuples()]
        unit = "share" if "share" in outcome else "persons"
        spread = f"{amount(known['mean'], unit)} ± {amount(known['sd'], unit)}"
        nobody = say("calibrate_waves.single_parameter_accident", known=known)
        table.add_row(
            outcome_words(outcome), spread, ", ".join(named) or nobody, f"{percent(known['noise_share'], 2)}%"
        )
    return table


def _reading(finding: Finding) -> list[str]:
    """How sure it is, how to read the tables, and what it is not."""
    question, tables = finding.question, tables_of(finding)
    lines = twins_lines(finding, say("calibrate_waves.runs"))
    lines += [
        say("calibrate_waves.facts_known_standard"),
        say("calibrate_waves.learned_how_much"),
    ]
    if (tables["facts"]["judged_by"] == "points").any():
        lines.append(say("calibrate_waves.points_emulator_stands"))
    lines += [
        say("calibrate_waves.discrepancies_judgements_value", question=question),
        say("calibrate_waves.posterior_csv_draws", posterior=len(tables["posterior"])),
    ]
    return lines
