"""What a search found, in words and tables, from its finding alone."""

import math
from collections.abc import Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from injae.experiments.findings import Finding
from injae.experiments.searches.question import COST
from injae.experiments.summary import Interval
from injae.experiments.uncertainty import LEAST
from injae.experiments.wording.spoken import LANGUAGE, own_text
from injae.experiments.wording.titles import outcome_title
from injae.model.ledger import PAYMENTS, Purpose
from injae.model.levers import LEVERS
from injae.model.record import SERIES
from injae.viz.answers.compare import INDICATOR_WORDS, _interval
from injae.viz.answers.run import money
from injae.viz.answers.tables import headed
from injae.viz.answers.words import say

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
    if LANGUAGE.get() != "en":
        return outcome_title(name, LANGUAGE.get())
    series, at, date = name.partition("@")
    if at:
        return f"{WORDS.get(series, SERIES[series].meaning)}, {date}"
    plan = question["scenario"]
    months = plan["months"]
    year, month = map(int, plan["start"].split("-"))
    last = year * 12 + month - 1 + months - 1
    usual = WORDS.get(name) or INDICATOR_WORDS.get(name, name.replace("_", " "))
    words = own_text(f"indicator.{name}", usual)
    return words.format(target=plan["target"]["date"], end=f"{last // 12}-{last % 12 + 1:02d}")


def lever_words(name: str) -> str:
    """A lever in words: what it pays for, or what it is."""
    lever = LEVERS[name]
    return PAYMENTS[Purpose[lever.purpose]].meaning if lever.purpose else lever.meaning.split(" (")[0]


def value_words(value: float, unit: str) -> str:
    """A lever's value with its unit."""
    if unit.startswith("won"):
        return money(value) + unit.removeprefix("won")
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
    shown = sets[(sets["kind"] == "portfolio") & (sets["shown"] == "yes")]
    parts: list[Any] = [Text("\n".join(_summary(finding)))]
    if len(shown):
        parts += [_outcome_table(finding, list(shown["set"]), say("search.sets_front"))]
        parts += [Text("\n".join(["", *portfolio_lines(finding, list(shown["set"]))]))]
    presets = list(sets["set"][sets["kind"] == "preset"])
    parts += [
        _outcome_table(finding, presets, say("search.presets_beside_them")),
        Text("\n".join(["", *_preset_lines(finding)])),
    ]
    if "futures" in finding.tables and len(shown):
        parts += [Text("\n".join(["", *_future_lines(finding, list(shown["set"]))]))]
    parts += [Text("\n".join(["", *_reading(finding)]))]
    return Group(*parts)


def _summary(finding: Finding) -> list[str]:
    question, facts = finding.question, finding.facts
    fell = facts["fell_dominated"] + facts["fell_outside_limits"] + facts["fell_failed"]
    lines = [
        say("search.portfolios_under_public", budget_won=money(question["budget_won"]), question=question),
        say("search.portfolios_tried_runs", facts=facts, question=question, fell=fell)
        + (f", {facts['fell_failed']} failed." if facts["fell_failed"] else "."),
        say("search.portfolios_left_other", facts=facts)
        + (say("search.did_look_search", facts=facts) if facts["rose"] else "."),
    ]
    lines += [f"  {said}" for said in shown_words(finding)]
    if facts["runs_failed"]:
        lines.append(say("search.runs_failed_portfolios", facts=facts))
    if question["wants"]:
        lines.append(say("search.wanted_every_portfolio", wants="; ".join(question["wants"])))
    lines += [
        say("search.portfolio_surely_differs", goal=outcome_words(goal, question), question=question)
        for goal in _undecided(finding)
    ]
    if not facts["front"]:
        lines.append(say("search.portfolio_keeps_limits"))
    return lines


def shown_words(finding: Finding) -> list[str]:
    """How many of the front are shown and why not all; nothing where all are."""
    sets, question = _rows(finding, "sets"), finding.question
    portfolios = sets[sets["kind"] == "portfolio"]
    front, shown = portfolios["set"][portfolios["verdict"] == "on the front"], int((portfolios["shown"] == "yes").sum())
    surely = say("search.surely_better_goal", question=question)
    if shown == len(front):
        return []
    if not shown:
        return [say("search.portfolio_front_none", surely=surely)]
    rows = _rows(finding, "outcomes").query("outcome != @COST", local_dict={"COST": COST})
    better = rows[((rows["wanted"] == "more") & (rows["low"] > 0)) | ((rows["wanted"] == "less") & (rows["high"] < 0))]
    useful = int(front.isin(better["set"]).sum())
    which = say("search.all_that_are") if useful == shown else say("search.of_the_that", useful=useful)
    return [say("search.shown_sets_csv", shown=shown, front=len(front), which=which, surely=surely)]


def _undecided(finding: Finding) -> list[str]:
    """Goals in which the interval of every portfolio of the front includes zero."""
    sets, outcomes = _rows(finding, "sets"), _rows(finding, "outcomes")
    front = sets["set"][(sets["kind"] == "portfolio") & (sets["verdict"] == "on the front")]
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
    table = headed(title, ())
    table.add_column("", no_wrap=True)
    table.add_column("cost", justify="right")
    told = _told(finding)
    for name in told:
        unit = POINTS if outcomes.loc[(names[0], name), "unit"] == "share" else ""
        table.add_column(
            outcome_words(name, finding.question) + (f",{unit}" if unit else ""), justify="right", min_width=22
        )
    table.add_column(say("search.stays_front"), justify="right")
    for name in names:
        cells = [interval_words(outcomes.loc[(name, outcome)], ends_of(finding)) for outcome in told]
        stay = stays[name]
        table.add_row(
            name, money(outcomes.loc[(name, COST), "extra"]), *cells, "" if math.isnan(stay) else f"{stay:z.0%}"
        )
    return table


def ends_of(finding: Finding) -> list[str]:
    """Columns of both ends: of the range over futures, or with noise alone of the 95 percent interval of the mean."""
    return ["low", "high"] if aleatory_only(finding) else ["range_low", "range_high"]


def aleatory_only(finding: Finding) -> bool:
    """Whether nothing but noise differed between runs."""
    return finding.question.get("uncertainty", {}).get("kind", "aleatory") == "aleatory"


def interval_words(row: Any, ends: Sequence[str] = ("low", "high")) -> str:
    """A difference with its interval."""
    return _interval(Interval(row["extra"], *row[list(ends)]), row["unit"])


def portfolio_lines(finding: Finding, names: list[str]) -> list[str]:
    """Each set in words: why it is shown, what the money goes to, and the levers by period."""
    lines = []
    sets = _rows(finding, "sets").set_index("set")
    cost = _rows(finding, "outcomes").query("outcome == @COST", local_dict={"COST": COST}).set_index("set")["extra"]
    for name in names:
        lines.append(
            f"{name}: {_why(sets.loc[name, 'why'], finding)}. {money(cost[name])}: {money_words(finding, name)}"
        )
        portfolio = _rows(finding, "portfolios")
        for (first, last), rows in portfolio[portfolio["set"] == name].groupby(["from", "to"], sort=True):
            parts = [f"{lever_words(row.lever)} {value_words(row.value, row.unit)}" for row in rows.itertuples()]
            lines.append(f"    {period_words(first, last)}: {'; '.join(parts)}")
    return lines


def _why(why: str, finding: Finding) -> str:
    for goal in finding.question["goals"]:
        why = why.replace(goal["outcome"], outcome_words(goal["outcome"], finding.question))
    return why


def money_words(finding: Finding, name: str) -> str:
    """What a set pays for, largest first."""
    paid = _rows(finding, "money")
    mine = paid[paid["set"] == name].sort_values("won", ascending=False, kind="stable")
    least = MONEY_TOLD * mine["won"].abs().sum()
    parts = [f"{row.purpose} {money(row.won)}" for row in mine.itertuples() if abs(row.won) >= least]
    return ", ".join(parts) or say("search.nothing_beyond_baseline")


def _preset_lines(finding: Finding) -> list[str]:
    """What became of the presets beside the portfolios."""
    sets = _rows(finding, "sets")
    lines = []
    for row in sets[sets["kind"] == "preset"].itertuples():
        if row.verdict == "dominated":
            names = row.dominated_by.split()
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            by = f"{', '.join(names[:3])}{more}" if names != ["-"] else "another preset"
            lines.append(say("search.nothing_better", row=row, by=by))
        elif row.verdict == "on the front":
            lines.append(say("search.portfolio_found_better", row=row))
        else:
            lines.append(f"  {row.set}: {row.verdict}")
    return lines


def _future_lines(finding: Finding, names: list[str]) -> list[str]:
    """How often each shown set does better than the scenario where the uncertain parameters are otherwise."""
    futures, facts = _rows(finding, "futures"), finding.facts
    scenario = finding.question["scenario"]["name"]
    lost = say("search.more_left_out", facts=facts) if facts["futures_lost"] else ""
    lines = [say("search.sampled_futures_better", facts=facts, lost=lost, scenario=scenario)]
    for name in names:
        mine = futures[futures["set"] == name]
        parts = [
            f"{outcome_words(row.outcome, finding.question)} {row.better_than_scenario_share:z.0%}"
            for row in mine.itertuples()
            if row.outcome != COST
        ]
        within = say("search.within_budget", mine=mine)
        lines.append(f"  {name}: {'; '.join([*parts, within])}")
    return lines


def _reading(finding: Finding) -> list[str]:
    count, baseline = finding.question["fresh_seeds"], finding.question["baseline"]["name"]
    means = say("search.differences_same_futures", baseline=baseline, count=count)
    stays = say("search.stays_front_how")
    if aleatory_only(finding):
        noise = say("search.intervals_show_noise")
        return [f"{means}the 95% interval.", stays, noise]
    known = finding.facts["uncertainty"]
    few = known["draws"] < LEAST
    brackets = say("search.nothing_since_draws", least=LEAST) if few else say("search.percentiles")
    if not known["posterior"]:
        rests = say("search.future_own_draw")
    elif known["posterior_is_stale"]:
        rests = say("search.future_own_draw_posterior")
    else:
        rests = say("search.future_own_draw_parameters", known=known)
    return [means + brackets, stays, rests]
