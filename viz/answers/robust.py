"""Which policy holds up, in sentences and tables."""

import math
from collections.abc import Iterable
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from injae.experiments.analyses.robust import noise_regret
from injae.experiments.findings import Finding
from injae.viz.answers.regions import (
    bare,
    condition_words,
    difference,
    fraction,
    level,
    plain_name,
    policy_name,
    region,
    seeds_words,
    tables_of,
    unit_words,
)
from injae.viz.answers.tables import headed
from injae.viz.answers.words import between, named, say

MEASURE_WORDS = {
    "expected": "expected",
    "percentile_10": "bad tenth",
    "regret_max": "largest regret",
    "regret_90": "90% regret",
    "targets_met": "meets targets",
    "signal_to_noise": "signal to noise",
}
ADVERBS = {"most": "mostly", "least": "least"}


def robust_answer(finding: Finding) -> Group:
    """Everything that ``injae robust`` prints."""
    question, facts = finding.question, finding.facts
    seeds = seeds_words(tables_of(finding)["matrix"])
    head = say("robust.policies_same_futures", policies=len(question["policies"]), facts=facts, seeds=seeds)
    parts: list[Table | Text] = [Text(head)]
    for outcome in question["outcomes"]:
        parts.append(Text("\n".join(["", *in_words(finding, outcome)])))
        parts += [_measures(finding, outcome), _ranks(finding, outcome)]
    return Group(*parts, Text("\n".join(["", *_reading(finding)])))


def in_words(finding: Finding, outcome: str) -> list[str]:
    """What one outcome says: regret by policy for a lay reader, then whether the measures agree."""
    facts = finding.facts["outcomes"][outcome]
    better = "more" if facts["more_is_better"] else "less"
    margin = f"{difference(facts['margin'], facts['unit'])} {unit_words(facts['unit'])}".rstrip()
    less = f" less that of {finding.question['versus']}" if finding.question.get("versus") else ""
    lines = [f"{plain_name(outcome)}{less} ({better} is better)"]
    rows = tables_of(finding)["measures"]
    for row in rows[rows["outcome"] == outcome].sort_values("futures_regretted", kind="stable").itertuples(index=False):
        lines.append(say("robust.choose_you_regret", row=row, regretted=_regretted(finding, outcome, row)))
    return [*lines, say("robust.regret_another_policy", margin=margin), f"  {agreement(finding, outcome)}"]


def _regretted(finding: Finding, outcome: str, row: Any) -> str:
    """``1 in 5 futures (24 of 120), mostly where ...``."""
    said = fraction(int(row.futures_regretted), int(row.futures))
    if row.futures_regretted in (0, row.futures):
        return said
    said = f"{said} ({row.futures_regretted} of {row.futures})"
    regions, limits = tables_of(finding)["regions"], tables_of(finding)["region_limits"]
    mine = regions[(regions["outcome"] == outcome) & (regions["policy"] == row.policy)]
    if not len(mine):
        return said
    where = limits[(limits["outcome"] == outcome) & (limits["policy"] == row.policy)]
    held = mine.iloc[0]
    place = region(where, tables_of(finding)["inputs"])
    there = f"{held['regretted']} of {held['futures']} there"
    return f"{said}, {ADVERBS[held['regretted_there']]} where {place} ({there})"


def agreement(finding: Finding, outcome: str) -> str:
    """Whether the measures put the same policy first; that they do not is a finding."""
    found = finding.facts["outcomes"][outcome]["agreement"]
    firsts, w = found["first"], found["kendall_w"]
    alike = say("robust.agreement_ranks_kendall", w=w) if w is not None else ""
    rows = tables_of(finding)["measures"]
    if not rows.loc[rows["outcome"] == outcome, "futures_regretted"].any():
        beyond = say("robust.margin") if outcome in finding.question["margins"] else say("robust.noise")
        return say("robust.difference_beyond_policy", beyond=beyond)
    used = tables_of(finding)["ranks"]
    measures = found.get("measures") or list(dict.fromkeys(used.loc[used["outcome"] == outcome, "measure"]))
    number = len(measures)
    ahead = [policy for policy, names in firsts.items() if len(names) == number]
    if ahead:
        return say("robust.measures_put_first", number=number, ahead=_and(ahead), alike=alike)
    shared: dict[tuple[str, ...], list[str]] = {}  # measures by who is first: more than one where there is a tie
    for name in measures:
        shared.setdefault(tuple(policy for policy, by in firsts.items() if name in by), []).append(name)
    parts = [
        say("robust.first_by", first=_first(policies), measures=_measures_in_words(by, number))
        for policies, by in shared.items()
    ]
    return say("robust.measures_disagree", parts="; ".join(parts), alike=alike)


def _first(policies: tuple[str, ...]) -> str:
    if len(policies) == 1:
        return say("robust.is_first", policy=policy_name(policies[0]))
    return say("robust.share_first_place", policies=_and(policies))


def _and(policies: Iterable[str]) -> str:
    return say("regions.and").join(policy_name(policy) for policy in policies)


def _measures_in_words(names: list[str], number: int) -> str:
    few = 2 * len(names) <= number
    if few:
        return ", ".join(measure_name(name) for name in names)
    return say("robust.measures_of", some=len(names), number=number)


def measure_name(name: str) -> str:
    """A measure of robustness in words."""
    return named(f"robustness.{name}", MEASURE_WORDS[name])


def shown(value: float, measure: str, unit: str, *, more_is_better: bool) -> str:
    """A measure's value as one writes it."""
    if value != value:
        return "-"
    if measure == "targets_met":
        return f"{value:z.0%}"
    if measure == "signal_to_noise" and more_is_better:
        return f"{value:z.1f}"
    return difference(value, unit) if measure.startswith("regret") else level(value, unit)


def with_interval(row: dict[str, Any], name: str, unit: str, more: bool) -> str:
    """A measure of a policy, its 95 percent interval on a line below, if it is kept."""
    value, low, high = (
        shown(row.get(f"{name}{end}", math.nan), name, unit, more_is_better=more) for end in ("", "_low", "_high")
    )
    return value if low == "-" else f"{value}\n{between(bare(low), bare(high))}"


def _measures(finding: Finding, outcome: str) -> Table:
    of = finding.facts["outcomes"][outcome]
    unit, more = of["unit"], of["more_is_better"]
    rows = tables_of(finding)["measures"]
    measures = [name for name in MEASURE_WORDS if name != "targets_met" or finding.facts["wants"]]
    columns = ("Policy", *(MEASURE_WORDS[name] for name in measures))
    table = headed(say("robust.what_policy_gives", unit=unit), columns, left=("Policy",), padding=1)
    for row in rows[rows["outcome"] == outcome].itertuples(index=False):
        table.add_row(row.policy, *(with_interval(row._asdict(), name, unit, more) for name in measures))
    return table


def _ranks(finding: Finding, outcome: str) -> Table:
    ranks = tables_of(finding)["ranks"]
    ranks = ranks[ranks["outcome"] == outcome]
    names = [name for name in MEASURE_WORDS if name in set(ranks["measure"])]
    columns = ("Policy", *(MEASURE_WORDS[name] for name in names))
    table = headed(say("robust.rank_measure_best"), columns, left=("Policy",), padding=1)
    for policy, mine in ranks.groupby("policy", sort=False):
        by_measure = mine.set_index("measure")
        table.add_row(str(policy), *(rank_words(by_measure.loc[name]) for name in names))
    return table


def rank_words(row: Any) -> str:
    """A rank with its range, where it has one."""
    low, high = int(row["rank_low"]), int(row["rank_high"])
    rank = f"{int(row['rank'])}"
    return rank if low == high == int(row["rank"]) else say("robust.rank", rank=rank, low=low, high=high)


def _noise(finding: Finding) -> str:
    """The margin of noise of each outcome; empty where one seed does not tell."""
    told = [
        f"{difference(of['noise_margin'], of['unit'])} {unit_words(of['unit'])}".rstrip() + f" in {plain_name(outcome)}"
        for outcome, of in finding.facts["outcomes"].items()
        if of.get("noise_margin")
    ]
    return ", ".join(told)


def _reading(finding: Finding) -> list[str]:
    """How to read it, and what is missing."""
    facts, question = finding.facts, finding.question
    wants = " and ".join(condition_words(one) for one in facts["wants"])
    lines = [
        say("robust.bad_tenth_future") + (say("robust.targets_interval_wilson", wants=wants) if wants else ""),
        say("robust.regret_takes_best", noise=noise_regret(len(question["policies"])))
        + (f" ({_noise(finding)})." if _noise(finding) else "."),
        say("robust.signal_noise_mean"),
    ]
    if facts["runs_failed"] or facts["runs_waiting"] or facts["runs_without_value"]:
        lines.append(say("robust.runs_failed_done", facts=facts, futures=facts["futures_wanted"] - facts["futures"]))
    if question["seeds"] == 1 and not question["margins"]:
        lines.append(say("robust.seed_noise_cannot"))
    return lines
