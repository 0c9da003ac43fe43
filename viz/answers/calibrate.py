"""What a calibration found, in sentences and two tables."""

from functools import partial
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from experiments.findings import Finding
from experiments.wording.amounts import counted, span
from viz.answers.regions import amount, labelled, level, tables_of, unit_words

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


def percent(share: float) -> str:
    """A share in percent, with as many digits as it needs."""
    return "0%" if share == 0 else f"{100 * share:z.2g}%" if share < 0.1 else f"{100 * share:z.0f}%"


def space_left(facts: dict[str, Any]) -> str:
    """Share of the space that is not ruled out; what only later rounds found is less than a point of the first."""
    found_later = facts["space_left"] == 0 and facts["effective_draws"] > 0
    return f"less than {percent(1 / facts['candidates'])}" if found_later else percent(facts["space_left"])


def headline(finding: Finding) -> str:
    """The answer in one sentence."""
    facts, table = finding.facts, tables_of(finding)["parameters"]
    if not has_posterior(finding):
        return "Nothing that was tried agrees with all facts"
    much = list(table.loc[table["verdict"] == "much", "name"])
    left = (
        f"{space_left(facts)} of the space"
        if facts["by_emulator"]
        else f"{facts['points_left']} of {facts['points']} points"
    )
    told = f"most is learned of {', '.join(much[:3])}" if much else "little is learned of any parameter"
    return f"The facts leave {left}; {told}"


def in_words(finding: Finding) -> list[str]:
    """What is left, what is known now, what is not, what trades off."""
    question, facts, tables = finding.question, finding.facts, tables_of(finding)
    roles = [fact["held_out"] for fact in question["facts"]]
    lines = [
        f"{question['policy']}: {facts['points']} points x {question['seeds']} seeds, "
        f"{counted(len(tables['parameters']), 'parameter')}, held against {counted(roles.count(False), 'fact')} "
        f"({roles.count(True)} more held out)"
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
        return [f"  The facts say nothing about: {', '.join(rows['name'])}"]
    sections: dict[str, list[str]] = {}
    for path, name in zip(rows["input"], rows["name"], strict=True):
        sections.setdefault(str(path).split(".")[-2], []).append(str(name))
    named = "; ".join(f"{section}: {', '.join(names)}" for section, names in sections.items())
    return [f"  The facts say nothing about {len(rows)} of {len(table)} parameters. {named}"]


def trade_offs(finding: Finding) -> list[str]:
    """Pairs of parameters that the facts tie together."""
    pairs = tables_of(finding)["pairs"]
    lines = []
    for row in pairs[pairs["trades_off"].astype(bool)].head(PAIRS_TOLD).itertuples(index=False):
        way = "more of one goes with less of the other" if row.correlation < 0 else "they rise together"
        names = " and ".join(str(path).rpartition(".")[2].replace("_", " ") for path in (row.first, row.second))
        lines.append(f"  Trade off: {names} (correlation {row.correlation:z.2f}): {way}")
    return lines


def _left(finding: Finding) -> list[str]:
    """What implausibility leaves, and how many draws stand for it."""
    facts, question = finding.facts, finding.question
    limit = question["ruled_out_above"]
    points = f"{facts['points_left']} of its {facts['points']} points"
    if not facts["by_emulator"]:
        lines = [
            "  No emulator is good enough, so only points that were run are judged.",
            f"  Not ruled out (implausibility at most {limit:g} for every fact): {points}",
        ]
    else:
        lines = [
            f"  Not ruled out (implausibility at most {limit:g} for every fact): {space_left(facts)} of the "
            f"sampled space, {points}"
        ]
    if not has_posterior(finding):
        return [
            *lines,
            *(f"  {text}" for text in facts["contradictions"]),
            "  Nothing that was sampled agrees with all facts: look at which fact rules out most, at its error, at the "
            "ranges, and at --discrepancy.",
        ]
    rough = "; intervals are rough" if facts["effective_draws"] < EFFECTIVE_FEW else ""
    return [*lines, f"  Posterior: {facts['effective_draws']:z,.0f} effective draws{rough}"]


def parameter_table(finding: Finding, rows: Any) -> Table:
    """Some parameters: range, value now, 90 percent of the posterior, how much was learned."""
    hidden = len(tables_of(finding)["parameters"]) - len(rows)
    table = table_of(f"Parameters, most learned first{f' ({hidden} more in parameters.csv)' if hidden else ''}")
    for name in ("Parameter", "Tried from", "to", "Now", "90 percent", "Learned", ""):
        table.add_column(name, justify="left" if name in ("Parameter", "") else "right", overflow="fold")
    for row in rows.itertuples(index=False):
        unit = str(row.unit)
        ends = f"{amount(row.posterior_low, unit)} to {amount(row.posterior_high, unit)}"
        told = {"nothing": "nothing", "little": "a little"}.get(str(row.verdict), "")
        values = [amount(value, unit) for value in (row.low, row.high, row.current)]
        table.add_row(labelled(row._asdict()), *values, ends, f"{100 * max(row.learned, 0):z.0f}%", told)
    return table


def fact_table(finding: Finding) -> Table:
    """Every fact: what is known, runs before and after, what it rules out, whether it is met."""
    table = table_of("Facts")
    for name in ("Fact", "Known", "Before", "After", "Rules out", "Fits", "Judged by"):
        table.add_column(name, justify="right" if name in ("Known", "Before", "After", "Rules out") else "left")
    for row in tables_of(finding)["facts"].itertuples(index=False):
        unit = str(row.unit)
        held = bool(row.held_out)
        known = known_of(row.value, row.error, unit)
        write = partial(level_of, unit=unit)
        before, after = span(row.before_low, row.before_high, write), span(row.after_low, row.after_high, write)
        judged = f"emulator, Q2 {row.q2:z.3f}" if row.judged_by == "emulator" else f"points only, {why_not(row)}"
        rules = "held out" if held else percent(row.ruled_out_alone)
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
    return f"{level_of(value, unit)} ± {level_of(error, unit)}"


def why_not(row: Any) -> str:
    """Why an emulator may not stand for runs."""
    return f"Q2 {row.q2:z.2f}" if row.covered >= 0.8 else f"intervals cover {row.covered:z.0%}"


def table_of(title: str) -> Table:
    """An empty table with a heading."""
    heading = Text(f"\n{title}", style="bold")
    return Table(title=heading, title_justify="left", box=None, pad_edge=False, padding=(0, 2))


def twins_lines(finding: Finding, runs: str) -> list[str]:
    """How often the method finds parameters that are known, as a line; none without twins. ``runs`` says whose."""
    facts = finding.facts
    if not facts["twins"]:
        return []
    vain = f" ({facts['twins_in_vain']} more gave too few draws)" if facts["twins_in_vain"] else ""
    return [
        f"Twins: with {facts['twins']} {runs} taken for the world{vain}, 90 percent intervals hold the true value in "
        f"{facts['twins_covered']:z.0%}."
    ]


def _reading(finding: Finding) -> list[str]:
    """How sure it is, how to read the tables, and what it is not."""
    question, facts, tables = finding.question, finding.facts, tables_of(finding)
    lines = twins_lines(finding, "runs of the sweep")
    lines += [
        "90 percent: of the posterior. Learned: how much narrower that is than 90 percent of what was tried. Now: in "
        "the scenario. ±: one standard error. Before, After: 90 percent of single runs over all that was tried, and "
        "over the posterior. Rules out: share of the space by this fact alone. Fits: the fact lies within 95 percent "
        "of runs after, its error and the discrepancy included.",
    ]
    if (tables["facts"]["judged_by"] == "points").any():
        lines.append(
            "Points only: that fact's emulator is not good enough, so the fact is held against the points that were "
            f"run, and {'has no say in the posterior' if facts['by_emulator'] else 'weighs them'}."
        )
    if facts["left_out"]:
        lines.append(f"Left out: {'; '.join(facts['left_out'])}.")
    if question["seeds"] < SEEDS_FEW:
        lines.append(f"Luck is known from {question['seeds']} seeds only and taken widely; 4 or more say more.")
    if facts["is_table"]:
        lines.append("The points are a table: judged is only what lies near them, on a linear scale.")
    missing = facts["runs_failed"] + facts["runs_waiting"]
    if missing:
        lines.append(f"{missing} of {facts['runs_wanted']} runs are missing; points with fewer than two are left out.")
    lines += [
        f"This is one wave, with a discrepancy of {question['discrepancy']:z.0%} of each value where the fact says "
        "none, which is a judgement; intervals hold within the ranges tried and for this model, and facts count as "
        "independent of each other.",
        f"posterior.csv: {len(tables['posterior'])} draws, next.csv: {len(tables['next'])} points of a next wave; both "
        "for injae sweep --design FILE.csv.",
    ]
    return lines
