"""What a search found, in words and tables, from its finding alone."""

import math
from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from experiments.findings import Finding
from experiments.searches.search import COST
from experiments.summary import Interval
from experiments.uncertainty import LEAST
from model.ledger import PAYMENTS, Purpose
from model.levers import LEVERS
from model.record import SERIES
from viz.answers.compare import INDICATOR_WORDS, _interval, _table
from viz.answers.run import won

MONEY_TOLD = 0.03  # of a set's cost: purposes below it are not named
POINTS = " points"
WORDS = {  # where the words of other answers lean on the line above them
    "employed_hospitals_at_end": "specialists in hospitals, {end}",
    "programme_practitioners_at_end": "programme graduates at work, {end}",
    "regional_gap_at_end": "lead of the capital area in use, {end}",
    "routine_domains": "hospital domains in routine use",
}


def _rows(finding: Finding, name: str) -> Any:
    """A table; ``Any``, since pandas' types do not know what a column holds."""
    return finding.tables[name]


def outcome_words(name: str, question: dict[str, Any]) -> str:
    """An outcome in words, with its date."""
    series, at, date = name.partition("@")
    if at:
        return f"{WORDS.get(series, SERIES[series].meaning)}, {date}"
    plan = question["scenario"]
    months = plan["months"]
    year, month = map(int, plan["start"].split("-"))
    last = year * 12 + month - 1 + months - 1
    words = WORDS.get(name) or INDICATOR_WORDS.get(name, name.replace("_", " "))
    return words.format(target=plan["target"]["date"], end=f"{last // 12}-{last % 12 + 1:02d}")


def lever_words(name: str) -> str:
    """A lever in words: what it pays for, or what it is."""
    lever = LEVERS[name]
    return PAYMENTS[Purpose[lever.purpose]].meaning if lever.purpose else lever.meaning.split(" (")[0]


def value_words(value: float, unit: str) -> str:
    """A lever's value with its unit."""
    if unit.startswith("won"):
        return won(value) + unit.removeprefix("won")
    if unit == "share":
        return f"{100 * value:z.3g}%"
    return f"{value:z,.10g} {unit.replace('s ', ' ', 1) if value == 1 and 's ' in unit else unit}"


def period_words(first: str, last: str) -> str:
    """A period: ``2025 to 2026`` where it is of whole years."""
    if first.endswith("-01") and last.endswith("-12"):
        return first[:4] if first[:4] == last[:4] else f"{first[:4]} to {last[:4]}"
    return f"{first} to {last}"


def search_answer(finding: Finding) -> Group:
    """What was searched and found, the sets that are shown, and the presets beside them."""
    sets = _rows(finding, "sets")
    shown = sets[(sets["kind"] == "mix") & (sets["shown"] == "yes")]
    parts: list[Any] = [Text("\n".join(_summary(finding)))]
    if len(shown):
        parts += [_outcome_table(finding, list(shown["set"]), "Sets of the front")]
        parts += [Text("\n".join(["", *mix_lines(finding, list(shown["set"]))]))]
    presets = list(sets["set"][sets["kind"] == "preset"])
    parts += [_outcome_table(finding, presets, "Presets beside them"), Text("\n".join(["", *_preset_lines(finding)]))]
    if "futures" in finding.tables and len(shown):
        parts += [Text("\n".join(["", *_future_lines(finding, list(shown["set"]))]))]
    parts += [Text("\n".join(["", *_reading(finding)]))]
    return Group(*parts)


def _summary(finding: Finding) -> list[str]:
    question, facts = finding.question, finding.facts
    fell = facts["fell_dominated"] + facts["fell_outside_limits"] + facts["fell_failed"]
    lines = [
        f"Mixes under {won(question['budget_won'])} of public money beyond that of {question['baseline']['name']}, "
        f"on top of {question['scenario']['name']}, {question['scenario']['months']} months",
        f"  {facts['points_tried']:,} mixes tried in {facts['runs']:,} runs; {facts['promising']} looked best. "
        f"In {question['fresh_seeds']} futures that the search had not seen, {fell} of these fell: "
        f"{facts['fell_dominated']} beaten by another mix in everything, {facts['fell_outside_limits']} outside the "
        "limits (too dear, or short of what is wanted)"
        + (f", {facts['fell_failed']} failed." if facts["fell_failed"] else "."),
        f"  {facts['front']} mixes are left of which no other is better in everything (the front)"
        + (f", {facts['rose']} of which did not look so in the search." if facts["rose"] else "."),
    ]
    lines += [f"  {said}" for said in shown_words(finding)]
    if facts["runs_failed"]:
        lines.append(f"  {facts['runs_failed']} runs failed; {facts['points_failed']} mixes are left out for that.")
    if question["wants"]:
        lines.append(f"  Wanted of every mix: {'; '.join(question['wants'])}.")
    lines += [
        f"  In {outcome_words(goal, question)}, no mix surely differs from {question['baseline']['name']}; "
        "it keeps mixes on the front by luck (choose goals with --objective)."
        for goal in _undecided(finding)
    ]
    if not facts["front"]:
        lines.append("  No mix keeps the limits in fresh futures: raise the budget, or want less.")
    return lines


def shown_words(finding: Finding) -> list[str]:
    """How many of the front are shown and why not all; nothing where all are."""
    sets, question = _rows(finding, "sets"), finding.question
    mixes = sets[sets["kind"] == "mix"]
    front, shown = mixes["set"][mixes["verdict"] == "on the front"], int((mixes["shown"] == "yes").sum())
    surely = f"surely better than {question['baseline']['name']} in a goal beside cost"
    if shown == len(front):
        return []
    if not shown:
        return [f"No mix on the front is {surely}: none is shown or saved as a scenario. sets.csv has all of them."]
    rows = _rows(finding, "outcomes").query("outcome != @COST", local_dict={"COST": COST})
    better = rows[((rows["wanted"] == "more") & (rows["low"] > 0)) | ((rows["wanted"] == "less") & (rows["high"] < 0))]
    useful = int(front.isin(better["set"]).sum())
    which = "all that are" if useful == shown else f"of the {useful} that are"
    return [f"{shown} of the {len(front)} are shown, {which} {surely}. sets.csv has all of them."]


def _undecided(finding: Finding) -> list[str]:
    """Goals in which the interval of every mix of the front includes zero."""
    sets, outcomes = _rows(finding, "sets"), _rows(finding, "outcomes")
    front = sets["set"][(sets["kind"] == "mix") & (sets["verdict"] == "on the front")]
    rows = outcomes[outcomes["set"].isin(front)]
    sure = set(rows["outcome"][(rows["low"] > 0) | (rows["high"] < 0)])
    return [goal["outcome"] for goal in finding.question["goals"] if len(rows) and goal["outcome"] not in sure]


def _told(finding: Finding) -> list[str]:
    """Outcomes that tables show: goals, and hospitals using AI; cost has a column of its own."""
    goals = [goal["outcome"] for goal in finding.question["goals"]]
    return [name for name in dict.fromkeys([*goals, "adoption_share_at_end"]) if name != COST]


def _outcome_table(finding: Finding, names: list[str], title: str) -> Table:
    """Cost and differences of sets, one row a set."""
    outcomes = _rows(finding, "outcomes").set_index(["set", "outcome"])
    stays = _rows(finding, "sets").set_index("set")["stays_on_front_share"]
    table = _table(title)
    table.add_column("", no_wrap=True)
    table.add_column("cost", justify="right")
    told = _told(finding)
    for name in told:
        unit = POINTS if outcomes.loc[(names[0], name), "unit"] == "share" else ""
        table.add_column(
            outcome_words(name, finding.question) + (f",{unit}" if unit else ""), justify="right", min_width=22
        )
    table.add_column("stays on the front", justify="right")
    for name in names:
        cells = [interval_words(outcomes.loc[(name, outcome)], ends_of(finding)) for outcome in told]
        stay = stays[name]
        table.add_row(
            name, won(outcomes.loc[(name, COST), "extra"]), *cells, "" if math.isnan(stay) else f"{stay:z.0%}"
        )
    return table


def ends_of(finding: Finding) -> list[str]:
    """Columns of the ends that are told: the range over futures, by luck alone the 95 percent interval of the mean."""
    return ["low", "high"] if by_luck(finding) else ["range_low", "range_high"]


def by_luck(finding: Finding) -> bool:
    """Whether nothing but luck differed between runs."""
    return finding.question.get("uncertainty", {}).get("kind", "luck") == "luck"


def interval_words(row: Any, ends: Sequence[str] = ("low", "high")) -> str:
    """A difference with its interval."""
    return _interval(Interval(row["extra"], *row[list(ends)]), row["unit"])


def mix_lines(finding: Finding, names: list[str]) -> list[str]:
    """Each set in words: why it is shown, what the money goes to, and the levers by period."""
    lines = []
    sets = _rows(finding, "sets").set_index("set")
    cost = _rows(finding, "outcomes").query("outcome == @COST", local_dict={"COST": COST}).set_index("set")["extra"]
    for name in names:
        lines.append(f"{name}: {_why(sets.loc[name, 'why'], finding)}. {won(cost[name])}: {money_words(finding, name)}")
        mix = _rows(finding, "mixes")
        for (first, last), rows in mix[mix["set"] == name].groupby(["from", "to"], sort=True):
            parts = [f"{lever_words(row.lever)} {value_words(row.value, row.unit)}" for row in rows.itertuples()]
            lines.append(f"    {period_words(first, last)}: {'; '.join(parts)}")
    return lines


def _why(why: str, finding: Finding) -> str:
    for goal in finding.question["goals"]:
        why = why.replace(goal["outcome"], outcome_words(goal["outcome"], finding.question))
    return why


def money_words(finding: Finding, name: str) -> str:
    """What a set pays for, largest first."""
    money = _rows(finding, "money")
    mine = money[money["set"] == name].sort_values("won", ascending=False, kind="stable")
    least = MONEY_TOLD * mine["won"].abs().sum()
    parts = [f"{row.purpose} {won(row.won)}" for row in mine.itertuples() if abs(row.won) >= least]
    return ", ".join(parts) or "nothing beyond the baseline"


def _preset_lines(finding: Finding) -> list[str]:
    """What became of the presets beside the mixes."""
    sets = _rows(finding, "sets")
    lines = []
    for row in sets[sets["kind"] == "preset"].itertuples():
        if row.verdict == "dominated":
            names = row.dominated_by.split()
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            by = f"{', '.join(names[:3])}{more}" if names != ["-"] else "another preset"
            lines.append(f"  {row.set}: in nothing better than {by}")
        elif row.verdict == "on the front":
            lines.append(f"  {row.set}: no mix that was found is better in everything")
        else:
            lines.append(f"  {row.set}: {row.verdict}")
    return lines


def _future_lines(finding: Finding, names: list[str]) -> list[str]:
    """How often each shown set does better than the scenario where the uncertain parameters are otherwise."""
    futures, facts = _rows(finding, "futures"), finding.facts
    scenario = finding.question["scenario"]["name"]
    lost = f" ({facts['futures_lost']} more left out, since a run failed)" if facts["futures_lost"] else ""
    lines = [f"In {facts['futures']} sampled futures{lost}, better than {scenario} in:"]
    for name in names:
        mine = futures[futures["set"] == name]
        parts = [
            f"{outcome_words(row.outcome, finding.question)} {row.better_than_scenario_share:z.0%}"
            for row in mine.itertuples()
            if row.outcome != COST
        ]
        within = f"within the budget {mine['within_budget_share'].iloc[0]:z.0%}"
        lines.append(f"  {name}: {'; '.join([*parts, within])}")
    return lines


def _reading(finding: Finding) -> list[str]:
    count, baseline = finding.question["fresh_seeds"], finding.question["baseline"]["name"]
    means = (
        f"Differences to {baseline} in the same futures, means over {count} that the search did not use; in brackets "
    )
    stays = "Stays on the front: in how many redraws of these futures no other mix is better in everything."
    if by_luck(finding):
        luck = (
            "Intervals show luck alone, not the doubt about parameters; --futures N tries the mixes in other futures."
        )
        return [f"{means}the 95% interval.", stays, luck]
    known = finding.facts["uncertainty"]
    few = known["draws"] < LEAST
    brackets = f"nothing, since {LEAST} draws are needed." if few else "the 5th to 95th percentile."
    if not known["posterior"]:
        rests = "Each future has its own draw of all parameters over their declared ranges: fitted to no fact."
    elif known["posterior_is_stale"]:
        rests = "Each future has its own draw of a posterior that model or data have left behind: NOT calibrated."
    else:
        rests = f"Each future has its own draw of all parameters, fitted together to {known['facts_used']} facts."
    return [means + brackets, stays, rests]
