"""What a scenario discovery found, in sentences and two small tables."""

import math

from rich.console import Group
from rich.table import Table
from rich.text import Text

from experiments.analyses.prim import SIGNIFICANT
from experiments.findings import Finding
from viz.answers.regions import (
    amount,
    condition_words,
    labelled,
    level,
    meanings,
    p_value,
    plain_name,
    region,
    seeds_words,
    tables_of,
    unit_words,
)


def discover_answer(finding: Finding) -> Group:
    """Everything that ``injae discover`` prints."""
    parts: list[Table | Text] = [Text("\n".join(in_words(finding)))]
    if len(tables_of(finding)["limits"]):
        known = meanings(tables_of(finding)["limits"], tables_of(finding)["inputs"])
        parts += [_limits_table(finding), Text("\n".join(["", *known]))]
    if tables_of(finding)["tree"]["taken"].any():
        parts.append(_tree_table(finding))
    return Group(*parts, Text("\n".join(["", *_reading(finding)])))


def headline(finding: Finding) -> str:
    """The answer in one sentence."""
    question, facts, boxes = finding.question, finding.facts, tables_of(finding)["boxes"]
    policy, failing, futures = question["policy"], facts["failing"], facts["futures"]
    if failing in (0, futures):
        return f"{policy} {_verb(finding)} in {'none' if failing == 0 else 'all'} of {futures} futures"
    if not len(boxes) or not boxes["inputs"].iloc[0]:
        return f"{policy} {_verb(finding)} in {failing} of {futures} futures, in no region more than elsewhere"
    return f"{policy} {_verb(finding)} mostly where {_region(finding, 1)}"


def _verb(finding: Finding) -> str:
    """What failing is: a missed target has a name of its own."""
    conditions = " or ".join(condition_words(one) for one in finding.facts["fails"])
    return f"misses its target ({conditions})" if finding.facts["is_target"] else f"has {conditions}"


def _region(finding: Finding, box: int) -> str:
    limits = tables_of(finding)["limits"]
    return region(limits[limits["box"] == box], tables_of(finding)["inputs"])


def in_words(finding: Finding) -> list[str]:
    """The answer in a few lines."""
    facts, question, boxes = finding.facts, finding.question, tables_of(finding)["boxes"]
    failing, futures = facts["failing"], facts["futures"]
    seeds = seeds_words(tables_of(finding)["points"])
    share = question["share_of_seeds"]
    counted = f"mean of {seeds}" if share is None else f"at least {share:z.0%} of {seeds}"
    lines = [f"{question['policy']} {_verb(finding)} in {failing} of {futures} futures ({counted})"]
    if not len(boxes):
        return [*lines, *_where_values_lie(finding)]
    for row in boxes.itertuples(index=False):
        if not row.inputs:
            return [*lines, "  No region stands out: failing futures are spread like all others."]
        again = "mostly" if row.box == 1 else "also, outside that,"
        lines += [
            f"  {again} where {_region(finding, row.box)}:",
            *([f"    {expected(finding)}"] if row.box == 1 and expected(finding) else []),
            f"    {row.failing} of the {failing} failing futures are there, and {row.failing} of the {row.futures} "
            f"futures there fail",
        ]
        if row.density < facts["wanted_density"]:
            lines.append(f"    (no region is as dense as wanted, {facts['wanted_density']:z.0%})")
        if row.shuffled_p >= SIGNIFICANT:
            lines.append(f"    but chance alone finds as strong a region in {row.shuffled_p:z.0%} of tries: no finding")
    together = facts["boxes_together"]
    if len(boxes) > 1:
        lines.append(
            f"  Together: {together['failing']} of the {failing} failing futures, {together['failing']} of the "
            f"{together['futures']} futures there fail"
        )
    if 2 * failing > futures and facts["opposite"]:
        lines.append(f"  Most futures fail; where it holds says: --fails '{facts['opposite']}'")
    return lines


def expected(finding: Finding) -> str:
    """What to expect of new futures in the first region: its own density is flattering.

    Empty for a step that was chosen by hand (``--box``): it was not looked for in halves.
    """
    facts = finding.facts
    if finding.question["step"] is not None:
        return ""
    density = facts["other_half_density"]
    if not _known(density):
        return "halves of so few futures do not tell how many new ones there fail"
    return (
        f"of new futures there expect {density['mean']:z.0%} to fail ({density['low']:z.0%} to {density['high']:z.0%}; "
        f"of all futures {facts['share_failing']:z.0%} do)"
    )


def _known(spread: dict[str, float | None]) -> bool:
    """Whether enough halves of the futures have a region."""
    return spread["mean"] is not None and not math.isnan(spread["mean"])


def _where_values_lie(finding: Finding) -> list[str]:
    """Bounds that would tell futures apart."""
    lines = ["  The same everywhere, so there is nothing to tell apart. Another bound may, with --fails:"]
    for one in finding.facts["fails"]:
        least, middle, most = (level(one[name], one["unit"]) for name in ("least", "middle", "most"))
        values = f"{least} to {most}, middle {middle} {unit_words(one['unit'])}".rstrip()
        lines.append(f"    {plain_name(one['outcome'])} over futures: {values}")
    return lines


def _limits_table(finding: Finding) -> Table:
    inputs = tables_of(finding)["inputs"].set_index("path")
    table = _table("Limits")
    for name in ("Region", "Input", "Limit", "Tried from", "to", "Without it", "p", "In halves"):
        table.add_column(name, justify="left" if name == "Input" else "right", overflow="fold")
    for row in tables_of(finding)["limits"].itertuples(index=False):
        given = inputs.loc[row.input]
        without = f"{row.failing_without} of {row.futures_without} fail"
        table.add_row(
            str(row.box),
            labelled(given),
            f"{'above' if row.side == 'at least' else 'below'} {amount(row.limit, given['unit'])}",
            amount(given["low"], given["unit"]),
            amount(given["high"], given["unit"]),
            without,
            p_value(row.quasi_p),
            f"{given['limited_in_halves']:z.0%}" if row.box == 1 else "",
        )
    return table


def _tree_table(finding: Finding) -> Table:
    inputs, limits = tables_of(finding)["inputs"], tables_of(finding)["tree_limits"]
    tree = tables_of(finding)["tree"]
    table = _table("Second look: a classification tree (CART)")
    for name in ("Leaf", "Fail", "of", "Where"):
        table.add_column(name, justify="left" if name == "Where" else "right", overflow="fold")
    for row in tree[tree["taken"].astype(bool)].itertuples(index=False):
        where = region(limits[limits["leaf"] == row.leaf], inputs)
        table.add_row(str(row.leaf), str(row.failing), str(row.futures), where)
    return table


def _table(title: str) -> Table:
    heading = Text(f"\n{title}", style="bold")
    return Table(title=heading, title_justify="left", box=None, pad_edge=False, padding=(0, 2))


def _reading(finding: Finding) -> list[str]:
    """How sure it is, and how to read the tables."""
    facts, question = finding.facts, finding.question
    lines = _missing(finding)
    if not len(tables_of(finding)["boxes"]):
        return lines
    first = tables_of(finding)["boxes"].iloc[0]
    if first["inputs"]:
        as_strong = round(first["shuffled_p"] * (question["shuffles"] + 1)) - 1
        lines.append(
            f"Chance: with failures dealt to futures at random, {as_strong} of {question['shuffles']} searches find as "
            f"strong a first region (p {p_value(first['shuffled_p'])})."
        )
        lines.append(_other_half(finding))
    boxed, leafed, shared = facts["boxes_together"], facts["tree_together"], facts["tree_overlap"]
    if leafed["futures"]:
        lines.append(
            f"CART puts {leafed['failing']} of the {facts['failing']} failing futures into leaves where "
            f"{leafed['failing']} of {leafed['futures']} fail; of the {_either(boxed, leafed, shared)} futures in a "
            f"region or such a leaf, {shared:z.0%} are in both."
        )
    else:
        lines.append("CART finds no leaf where so many fail as a region should have.")
    lines.append(
        "p: chance of so many failures in the region without that limit (quasi p-value, binomial; it knows nothing of "
        "the search). In halves: share of half samples whose first region limits the input."
    )
    return lines


def _other_half(finding: Finding) -> str:
    """What regions found on one half hold of the other."""
    facts, halves = finding.facts, finding.question["halves"]
    coverage, density = facts["other_half_coverage"], facts["other_half_density"]
    found = facts.get("halves_with_region", halves)
    if not (_known(coverage) and _known(density)):
        return (
            f"A region is found in {found} of {halves} random halves of the futures: halves of so few do not tell what "
            "to expect of new ones. More futures may."
        )
    times = f"{halves} times" if found == halves else f"{halves} times, {found} of them with a region"
    return (
        f"Found on one half, measured on the other ({times}): it holds {coverage['mean']:z.0%} "
        f"of the failing futures ({coverage['low']:z.0%} to {coverage['high']:z.0%}), and {density['mean']:z.0%} "
        f"({density['low']:z.0%} to {density['high']:z.0%}) of the futures there fail."
    )


def _either(boxed: dict[str, int], leafed: dict[str, int], shared: float) -> int:
    return round((boxed["futures"] + leafed["futures"]) / (1 + shared))


def _missing(finding: Finding) -> list[str]:
    facts = finding.facts
    lines = []
    if facts["runs_failed"] or facts["runs_waiting"]:
        lines.append(
            f"{facts['runs_failed']} of {facts['runs_wanted']} runs failed and {facts['runs_waiting']} are not done; "
            f"{facts['futures_wanted'] - facts['futures']} futures without any run are left out."
        )
    if facts["runs_without_value"]:
        lines.append(f"{facts['runs_without_value']} runs give no value and are left out.")
    return lines
