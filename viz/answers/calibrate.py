"""What a calibration found, in sentences and two tables."""

from functools import partial
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from injae.experiments.findings import Finding
from injae.experiments.wording.amounts import counted, percent, span
from injae.experiments.wording.spoken import LANGUAGE
from injae.viz.answers.regions import amount, bare, input_name, labelled, level, tables_of, unit_words
from injae.viz.answers.tables import headed
from injae.viz.answers.words import say

PAIRS_TOLD = 5
ROWS = 25  # parameters of the table that is printed
NAMED_IN_A_LINE = 12
EFFECTIVE_FEW = 100  # draws below which intervals are rough
SEEDS_FEW = 4


def calibrate_answer(finding: Finding) -> Group:
    """Everything that ``injae calibrate SWEEP`` prints."""
    parts: list[Table | Text] = [Text("\n".join(in_words(finding)))]
    if has_posterior(finding):
        parts.append(parameter_table(finding, tables_of(finding)["parameters"].head(ROWS)))
    parts += [fact_table(finding), Text("\n".join(["", *_reading(finding)]))]
    return Group(*parts)


def in_waves(finding: Finding) -> bool:
    """Whether it comes from waves of runs, and not from one sweep."""
    return finding.question.get("form") == "waves"


def has_posterior(finding: Finding) -> bool:
    """Whether anything in the box agrees with all facts."""
    return bool(len(tables_of(finding)["posterior"]))


def space_left(facts: dict[str, Any]) -> str:
    """Share of the space that is not ruled out; what only later rounds found is less than a point of the first."""
    found_later = facts["space_left"] == 0 and facts["effective_draws"] > 0
    share = percent(1 / facts["candidates"] if found_later else facts["space_left"], 2)
    return say("calibrate.less_than", share=share) if found_later else f"{share}%"


def headline(finding: Finding) -> str:
    """The answer in one sentence."""
    facts, table = finding.facts, tables_of(finding)["parameters"]
    if not has_posterior(finding):
        return say("calibrate.nothing_tried_agrees")
    much = [input_name(row) for row in table[table["verdict"] == "much"].to_dict("records")]
    left = (
        say("calibrate.space", space=space_left(facts))
        if facts["by_emulator"]
        else say("calibrate.points_left", facts=facts)
    )
    told = say("calibrate.most_learned", much=", ".join(much[:3])) if much else say("calibrate.little_learned_any")
    return say("calibrate.facts_leave", left=left, told=told)


def in_words(finding: Finding) -> list[str]:
    """What is left, what is known now, what is not, what trades off."""
    question, facts, tables = finding.question, finding.facts, tables_of(finding)
    roles = [fact["held_out"] for fact in question["facts"]]
    lines = [
        say(
            "calibrate.points_seeds_held",
            question=question,
            facts=facts,
            parameters=counted(len(tables["parameters"]), "parameter"),
            roles=counted(roles.count(False), "fact"),
            held_out=roles.count(True),
        )
    ]
    lines += _left(finding)
    if not has_posterior(finding):
        return lines
    lines += [*said_nothing_of(finding), *trade_offs(finding)]
    return lines


def said_nothing_of(finding: Finding) -> list[str]:
    """Parameters that the facts say nothing about, by section."""
    table = tables_of(finding)["parameters"]
    rows = table[table["verdict"] == "nothing"]
    if rows.empty:
        return []
    if len(rows) <= NAMED_IN_A_LINE:
        return [say("calibrate.facts_say_nothing", name=", ".join(rows["name"]))]
    sections: dict[str, list[str]] = {}
    for path, name in zip(rows["input"], rows["name"], strict=True):
        sections.setdefault(str(path).split(".")[-2], []).append(str(name))
    named = "; ".join(f"{section}: {', '.join(names)}" for section, names in sections.items())
    return [say("calibrate.facts_say_nothing_about", rows=len(rows), table=len(table), named=named)]


def trade_offs(finding: Finding) -> list[str]:
    """Pairs of parameters that the facts tie together."""
    pairs = tables_of(finding)["pairs"]
    lines = []
    for row in pairs[pairs["trades_off"].astype(bool)].head(PAIRS_TOLD).itertuples(index=False):
        way = say("calibrate.more_goes_less") if row.correlation < 0 else say("calibrate.they_rise_together")
        names = " and ".join(str(path).rpartition(".")[2].replace("_", " ") for path in (row.first, row.second))
        lines.append(say("calibrate.trade_off_correlation", names=names, row=row, way=way))
    return lines


def _left(finding: Finding) -> list[str]:
    """What implausibility leaves, and how many draws stand for it."""
    facts, question = finding.facts, finding.question
    limit = question["ruled_out_above"]
    points = say("calibrate.points", facts=facts)
    if not facts["by_emulator"]:
        lines = [
            say("calibrate.emulator_good_enough"),
            say("calibrate.ruled_out_implausibility", limit=limit, points=points),
        ]
    else:
        lines = [say("calibrate.ruled_out_implausibility_most", limit=limit, space=space_left(facts), points=points)]
    if not has_posterior(finding):
        return [
            *lines,
            *(f"  {text}" for text in facts["contradictions"]),
            say("calibrate.nothing_sampled_agrees"),
        ]
    rough = say("calibrate.intervals_rough") if facts["effective_draws"] < EFFECTIVE_FEW else ""
    return [*lines, say("calibrate.posterior_effective_draws", facts=facts, rough=rough)]


def parameter_table(finding: Finding, rows: Any) -> Table:
    """Some parameters: range, value now, 90 percent of the posterior, how much was learned."""
    hidden = len(tables_of(finding)["parameters"]) - len(rows)
    more = say("calibrate.more_parameters_csv", hidden=hidden) if hidden else ""
    columns = ("Parameter", "Tried from", "to", "Now", "90 percent", "Learned", "")
    table = headed(say("calibrate.parameters_most_learned", more=more), columns, left=("Parameter", ""))
    for row in rows.itertuples(index=False):
        unit = str(row.unit)
        ends = f"{amount(row.posterior_low, unit)} to {amount(row.posterior_high, unit)}"
        told = {"nothing": "nothing", "little": "a little"}.get(str(row.verdict), "")
        values = [amount(value, unit) for value in (row.low, row.high, row.current)]
        table.add_row(labelled(row._asdict()), *values, ends, f"{100 * max(row.learned, 0):z.0f}%", told)
    return table


def fact_table(finding: Finding) -> Table:
    """Every fact: what is known, runs before and after, what it rules out, whether it is met."""
    columns = ("Fact", "Known", "Before", "After", "Rules out", "Fits", "Judged by")
    table = headed("Facts", columns, left=("Fact", "Fits", "Judged by"))
    for row in tables_of(finding)["facts"].itertuples(index=False):
        unit = str(row.unit)
        held = bool(row.held_out)
        known = known_of(row.value, row.error, unit)
        write = partial(level_of, unit=unit)
        before, after = span(row.before_low, row.before_high, write), span(row.after_low, row.after_high, write)
        judged = f"emulator, Q2 {row.q2:z.3f}" if row.judged_by == "emulator" else f"points only, {why_not(row)}"
        rules = "held out" if held else f"{percent(row.ruled_out_alone, 2)}%"
        words = str(row.what) if unit.startswith(("share", "ratio")) else f"{row.what} ({unit_words(unit) or unit})"
        fits = {"yes": "yes", "no": "no"}.get(str(row.fits), "-")
        table.add_row(words, known, before, after, rules, fits, judged)
    return table


def level_of(value: float, unit: str) -> str:
    """A value of a fact, with digits enough for small ones."""
    if unit.startswith("share") or abs(value) >= 10:
        return level(value, unit)
    return f"{value:z.2f}"


def known_of(value: float, error: float, unit: str) -> str:
    """A fact with its standard error: ``15.9 ± 1.5%``."""
    if unit.startswith("share"):
        return f"{100 * value:z.1f} ± {100 * error:z.2g}%"
    known = level_of(value, unit)
    return f"{known if LANGUAGE.get() == 'en' else bare(known)} ± {level_of(error, unit)}"


def why_not(row: Any) -> str:
    """Why an emulator may not stand for runs."""
    return f"Q2 {row.q2:z.2f}" if row.covered >= 0.8 else f"intervals cover {row.covered:z.0%}"


def twins_lines(finding: Finding, runs: str) -> list[str]:
    """How often the method finds parameters that are known, as a line; none without twins. ``runs`` says whose."""
    facts = finding.facts
    if not facts["twins"]:
        return []
    vain = say("calibrate.more_gave_too", facts=facts) if facts["twins_in_vain"] else ""
    return [say("calibrate.twins_taken_world", facts=facts, runs=runs, vain=vain)]


def _reading(finding: Finding) -> list[str]:
    """How sure it is, how to read the tables, and what it is not."""
    question, facts, tables = finding.question, finding.facts, tables_of(finding)
    lines = twins_lines(finding, say("calibrate.runs_sweep"))
    lines += [
        say("calibrate.percent_posterior_learned"),
    ]
    if (tables["facts"]["judged_by"] == "points").any():
        lines.append(
            say(
                "calibrate.points_fact_emulator",
                which=say("calibrate.say_posterior") if facts["by_emulator"] else "weighs them",
            )
        )
    if facts["left_out"]:
        lines.append(f"Left out: {'; '.join(facts['left_out'])}.")
    if question["seeds"] < SEEDS_FEW:
        lines.append(say("calibrate.noise_known_seeds", question=question))
    if facts["is_table"]:
        lines.append(say("calibrate.points_table_judged"))
    missing = facts["runs_failed"] + facts["runs_waiting"]
    if missing:
        lines.append(say("calibrate.runs_missing_points", missing=missing, facts=facts))
    lines += [
        say("calibrate.wave_discrepancy_value", question=question),
        say("calibrate.posterior_csv_draws", posterior=len(tables["posterior"]), next=len(tables["next"])),
    ]
    return lines
