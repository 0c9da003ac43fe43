"""What a scenario discovery found, in sentences and two small tables."""

import math

from rich.console import Group
from rich.table import Table
from rich.text import Text

from injae.experiments.analyses.prim import SIGNIFICANT
from injae.experiments.findings import Finding
from injae.viz.answers.regions import (
    amount,
    condition_words,
    difference,
    labelled,
    level,
    meanings,
    p_value,
    plain_name,
    policy_name,
    region,
    seeds_words,
    tables_of,
    unit_words,
)
from injae.viz.answers.tables import headed
from injae.viz.answers.words import named, say

FAILING = {"case": "failing", "fail": "fail", "fails": "fails", "failures": "failures", "holds": "holds"}
BEATING = {"case": "winning", "fail": "win", "fails": "wins", "failures": "wins", "holds": "does not win"}


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
    policy, failing, futures = policy_name(question["policy"]), facts["failing"], facts["futures"]
    if failing in (0, futures):
        return _say(
            finding,
            "futures",
            policy=policy,
            verb=_verb(finding),
            which=say("discover.none") if failing == 0 else say("discover.all"),
            futures=futures,
        )
    if not len(boxes) or not boxes["inputs"].iloc[0]:
        return _say(
            finding, "futures_region_more", policy=policy, verb=_verb(finding), failing=failing, futures=futures
        )
    return say("discover.mostly_where", policy=policy, verb=_verb(finding), region=_region(finding, 1))


def words_of(finding: Finding) -> dict[str, str]:
    """What cases are called: futures in which a policy fails, or beats another."""
    cases = BEATING if finding.question.get("beats") else FAILING
    kind = "beating" if finding.question.get("beats") else "failing"
    return {name: named(f"{kind}.{name}", english) for name, english in cases.items()}


def _say(finding: Finding, key: str, /, **values: object) -> str:
    return say(f"discover.{key}", **words_of(finding), **values)


def _verb(finding: Finding) -> str:
    """What failing is: a missed target, and another policy that is beaten, have names of their own."""
    question = finding.question
    if question.get("beats"):
        surely = say("discover.surely") if question["beyond_noise"] else ""
        outcome = plain_name(finding.facts["fails"][0]["outcome"])
        return say("discover.beats", versus=policy_name(question["versus"]), outcome=outcome, surely=surely)
    conditions = say("discover.or").join(condition_words(one) for one in finding.facts["fails"])
    if finding.facts["is_target"]:
        return _say(finding, "misses_target", conditions=conditions)
    return say("discover.has", conditions=conditions)


def _region(finding: Finding, box: int) -> str:
    limits = tables_of(finding)["limits"]
    return region(limits[limits["box"] == box], tables_of(finding)["inputs"])


def in_words(finding: Finding) -> list[str]:
    """The answer in a few lines."""
    facts, question, boxes = finding.facts, finding.question, tables_of(finding)["boxes"]
    failing, futures = facts["failing"], facts["futures"]
    seeds = seeds_words(tables_of(finding)["points"])
    share = question["share_of_seeds"]
    counted = f"mean of {seeds}" if share is None else _say(finding, "least", share=share, seeds=seeds)
    lines = [
        _say(
            finding,
            "fails_in",
            question=question,
            verb=_verb(finding),
            failing=failing,
            futures=futures,
            counted=counted,
        )
    ]
    lines += _beyond_noise(finding)
    if not len(boxes):
        return [*lines, *_where_values_lie(finding)]
    for row in boxes.itertuples(index=False):
        if not row.inputs:
            return [*lines, _say(finding, "region_stands_out")]
        again = "mostly" if row.box == 1 else _say(finding, "also_outside")
        lines += [
            f"  {again} where {_region(finding, row.box)}:",
            *([f"    {expected(finding)}"] if row.box == 1 and expected(finding) else []),
            _say(finding, "failing_futures_futures", row=row, failing=failing),
        ]
        if row.density < facts["wanted_density"]:
            lines.append(_say(finding, "region_dense_wanted", facts=facts))
        if row.shuffled_p >= SIGNIFICANT:
            lines.append(_say(finding, "chance_alone_finds", row=row))
    together = facts["boxes_together"]
    if len(boxes) > 1:
        lines.append(_say(finding, "together_failing_futures", together=together, failing=failing))
    if 2 * failing > futures and facts["opposite"]:
        lines.append(_say(finding, "most_futures_fail", facts=facts))
    return lines


def _beyond_noise(finding: Finding) -> list[str]:
    """In how many futures noise does not explain it, of a difference; of levels it is said if it was asked for."""
    noise, question = finding.facts.get("noise"), finding.question
    if not noise or not (question["versus"] or question["beyond_noise"]):
        return []
    units = {one["outcome"]: one["unit"] for one in finding.facts["fails"]}
    margins = ", ".join(
        f"{difference(margin, units[name])} {unit_words(units[name])}".rstrip()
        for name, margin in noise["margins"].items()
    )
    return [say("discover.beyond_noise", noise=noise, margins=margins)]


def expected(finding: Finding) -> str:
    """What to expect of new futures in the first region: its own density is flattering.

    Empty for a step that was chosen by hand (``--box``): it was not looked for in halves.
    """
    facts = finding.facts
    if finding.question["step"] is not None:
        return ""
    density = facts["other_half_density"]
    if not _known(density):
        return _say(finding, "halves_few_futures")
    return _say(finding, "new_futures_expect", density=density, facts=facts)


def _known(spread: dict[str, float | None]) -> bool:
    """Whether enough halves of the futures have a region."""
    return spread["mean"] is not None and not math.isnan(spread["mean"])


def _where_values_lie(finding: Finding) -> list[str]:
    """Bounds that would tell futures apart."""
    lines = [_say(finding, "same_everywhere_nothing")]
    for one in finding.facts["fails"]:
        least, middle, most = (level(one[name], one["unit"]) for name in ("least", "middle", "most"))
        values = f"{least} to {most}, middle {middle} {unit_words(one['unit'])}".rstrip()
        lines.append(f"    {plain_name(one['outcome'])} over futures: {values}")
    return lines


def _limits_table(finding: Finding) -> Table:
    inputs = tables_of(finding)["inputs"].set_index("path")
    columns = ("Region", "Input", "Limit", "Tried from", "to", "Without it", "p", "In halves")
    table = headed("Limits", columns, left=("Input",))
    for row in tables_of(finding)["limits"].itertuples(index=False):
        given = inputs.loc[row.input]
        without = _say(finding, "without", failing=row.failing_without, futures=row.futures_without)
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
    table = headed(
        _say(finding, "second_look_classification"),
        ("Leaf", words_of(finding)["fail"].capitalize(), "of", "Where"),
        left=("Where",),
    )
    for row in tree[tree["taken"].astype(bool)].itertuples(index=False):
        where = region(limits[limits["leaf"] == row.leaf], inputs)
        table.add_row(str(row.leaf), str(row.failing), str(row.futures), where)
    return table


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
            _say(
                finding,
                "chance_failures_dealt",
                as_strong=as_strong,
                question=question,
                shuffled_p=p_value(first["shuffled_p"]),
            )
        )
        lines.append(_other_half(finding))
    boxed, leafed, shared = facts["boxes_together"], facts["tree_together"], facts["tree_overlap"]
    if leafed["futures"]:
        lines.append(
            _say(
                finding,
                "cart_puts_failing",
                leafed=leafed,
                facts=facts,
                either=_either(boxed, leafed, shared),
                shared=shared,
            )
        )
    else:
        lines.append(_say(finding, "cart_finds_leaf"))
    lines.append(_say(finding, "probability_many_failures"))
    return lines


def _other_half(finding: Finding) -> str:
    """What regions found on one half hold of the other."""
    facts, halves = finding.facts, finding.question["halves"]
    coverage, density = facts["other_half_coverage"], facts["other_half_density"]
    found = facts.get("halves_with_region", halves)
    if not (_known(coverage) and _known(density)):
        return _say(finding, "region_found_random", found=found, halves=halves)
    times = f"{halves} times" if found == halves else _say(finding, "times_them_region", halves=halves, found=found)
    return _say(finding, "found_half_measured", times=times, coverage=coverage, density=density)


def _either(boxed: dict[str, int], leafed: dict[str, int], shared: float) -> int:
    return round((boxed["futures"] + leafed["futures"]) / (1 + shared))


def _missing(finding: Finding) -> list[str]:
    facts = finding.facts
    lines = []
    if facts["runs_failed"] or facts["runs_waiting"]:
        lines.append(_say(finding, "runs_failed_done", facts=facts, futures=facts["futures_wanted"] - facts["futures"]))
    if facts["runs_without_value"]:
        lines.append(_say(finding, "runs_give_value", facts=facts))
    return lines
