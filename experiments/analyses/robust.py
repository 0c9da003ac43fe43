"""Which policy holds up over futures that nobody can foresee: policies x futures, looked at in six ways.

Regret, percentiles, satisficing and signal-to-noise after McPhail et al. (2018). Docs: docs/robust.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import scipy

from injae.experiments.analyses.conditions import Condition, condition_of, where_all
from injae.experiments.analyses.futures import NOISE_ERRORS, Input, futures_of, values_of
from injae.experiments.analyses.prim import SIDES, SIGNIFICANT, Settings, find_box
from injae.experiments.analyses.prim_checks import Watch, shuffled_p
from injae.experiments.analyses.robust_measures import agreement, measures, ranks, regrets
from injae.experiments.findings import Finding
from injae.experiments.indicators import DECLARED, Senses, check_possible, outcome_of, senses_of
from injae.experiments.summary import CONFIDENCE, mean_interval
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError, nearest

FUTURES_MIN = 10
RESAMPLES = 1000
SHUFFLES = 99
REGION_INPUTS = 2  # of the sentence "mostly where"


@dataclass(frozen=True)
class Criteria:
    """What policies are judged by. Outcomes alone stand for it.

    Args:
        outcomes: what is looked at, each by itself.
        wants: conditions that a future should meet, all of them; without any nothing is said of targets.
        versus: policy whose outcome on the same point and seed is taken off, so that outcomes and ``wants`` are about
            what a policy adds to it; it adds nothing to itself. Regret does not change by it.
        senses: where less or more is better, against what is declared.
        margins: by outcome, how much more another policy must give to be regretted; default: twice the standard error
            that noise gives the difference of two policies in one future.
    """

    outcomes: Sequence[str]
    wants: Sequence[str] = ()
    versus: str = ""
    senses: Senses = DECLARED
    margins: Mapping[str, float] = field(default_factory=dict)


def robust(
    sweep: Sweep,
    criteria: Criteria | Sequence[str],
    *,
    policies: Sequence[str] = (),
    levers: bool = False,
    resamples: int = RESAMPLES,
    seed: int = 0,
    watch: Watch | None = None,
) -> Finding:
    """Compare the policies of a sweep over its futures.

    Args:
        sweep: of two policies or more.
        criteria: what they are judged by: outcomes, or ``Criteria``.
        policies: which of the sweep's; default all.
        levers: take levers that vary between points for uncertain.
        resamples: of futures, for the stability of ranks.
        seed: of resampling.
        watch: called with (searches done, in all).

    Raises:
        InputError: something that cannot be asked of this sweep.
    """
    asked = criteria if isinstance(criteria, Criteria) else Criteria(criteria)
    versus = asked.versus
    names = _policies(sweep, policies)
    plan = sweep.policies[names[0]]
    outcomes = [outcome_of(text, plan).name for text in dict.fromkeys(asked.outcomes)]
    if not outcomes:
        raise InputError("form", "name what is to be compared, such as specialists_at_end", "outcomes")
    for name, amount in asked.margins.items():
        check_possible(amount, name, outcome_of(name, plan).unit, "margins", f"{name}={amount:g}")
    conditions = [condition_of(text, plan, versus) for text in asked.wants]
    senses = senses_of(outcomes, asked.senses)
    inputs, futures = futures_of(sweep, names, levers=levers)
    paired, facts = _paired(sweep, names, [*outcomes, *(condition.outcome for condition in conditions)], versus)
    table = _matrix(paired, conditions)
    if table["point"].nunique() < FUTURES_MIN:
        count = table["point"].nunique()
        fault = f"{count} futures with results of every policy"
        raise InputError("range", fault, source=sweep.folder, suggestion=f"needs {FUTURES_MIN} or more")
    rng = np.random.default_rng(seed)
    tables: dict[str, list[Any]] = {}
    by_outcome: dict[str, Any] = {}
    for n, outcome in enumerate(outcomes):
        noise = noise_margin(paired, outcome, names)
        margin = asked.margins.get(outcome, noise)
        wanted = any(condition.outcome == outcome for condition in conditions)
        watch_part = watch and (lambda done, of, n=n: watch(n * of + done, len(outcomes) * of))
        values, met = (_by_policy(table, column, names) for column in (outcome, "targets_met"))
        more = senses[outcome]
        regret = regrets(values, more_is_better=more)
        table_of_ranks = ranks(values, met, names, more_is_better=more, resamples=resamples, rng=rng)
        regretted = regret > margin + 1e-12
        seen = futures.loc[sorted(table["point"].unique())]
        regions = _regions(seen.to_numpy(float), regretted, names, inputs, rng, watch_part)
        long = pd.DataFrame(regret.T, index=seen.index.rename("point"), columns=names).reset_index()
        found = measures(values, regret, met, more_is_better=more)
        parts = {
            "measures": _measures_table(found, table_of_ranks, regret, regretted, met, names),
            "ranks": table_of_ranks.drop(columns=["value_low", "value_high"]),
            "regret": long.melt(id_vars="point", var_name="policy", value_name="regret"),
            **regions,
        }
        speaking = table_of_ranks if wanted else table_of_ranks[table_of_ranks["measure"] != "targets_met"]
        unit = outcome_of(outcome, plan).unit
        told = {"unit": unit, "more_is_better": senses[outcome], "margin": margin, "noise_margin": noise}
        by_outcome[outcome] = {**told, "agreement": agreement(speaking)}
        for name, part in parts.items():
            tables.setdefault(name, []).append(part.assign(outcome=outcome)[["outcome", *part.columns]])
    question = {
        "sweep": sweep.manifest["receipt"],
        "design": sweep.manifest["design"],
        "policies": names,
        "versus": versus,
        "outcomes": outcomes,
        "wants": [str(condition) for condition in conditions],
        "minimise": list(asked.senses.minimise),
        "maximise": list(asked.senses.maximise),
        "margins": dict(asked.margins),
        "seeds": len(sweep.seeds),
        "levers": levers,
        "resamples": resamples,
        "shuffles": SHUFFLES,
        "resampling_seed": seed,
    }
    kept = {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}
    futures = futures.loc[sorted(table["point"].unique())].reset_index()
    everything = {"matrix": table, "futures": futures, "inputs": pd.DataFrame(inputs), **kept}
    facts["wants"] = [condition._asdict() for condition in conditions]
    facts |= {"futures_wanted": len(sweep.points), "futures": len(futures), "outcomes": by_outcome}
    return Finding("robust", question, everything, facts)


def _policies(sweep: Sweep, asked: Sequence[str]) -> list[str]:
    held = list(sweep.policies)
    for name in asked:
        if name not in held:
            raise InputError("unknown", f"not in {sweep.folder}", "policies", name, suggestion=nearest(name, held))
    names = list(dict.fromkeys(asked)) or held
    if len(names) < 2:
        if len(held) > 1:  # the sweep has more than were asked for
            others = ", ".join(name for name in held if name not in names)
            fault = "regret needs two policies or more"
            raise InputError("unusable", fault, "policies", names[0], suggestion=f"this sweep also has {others}")
        fault = "regret needs two policies or more"
        raise InputError("unusable", fault, source=sweep.folder, suggestion="add some with injae sweep --policies")
    return names


def _paired(
    sweep: Sweep, policies: Sequence[str], outcomes: Sequence[str], versus: str = ""
) -> tuple[Any, dict[str, Any]]:
    """Runs of futures and seeds that every policy has, and how many runs and futures that leaves out."""
    names = list(dict.fromkeys(outcomes))
    runs, tally = values_of(sweep, policies, names, versus)
    for name in names:
        never = int(np.isinf(runs[name]).sum())
        if never:
            fault = f"never reached in {never} of {len(runs)} runs, so it has no mean to compare"
            raise InputError("no_results", fault, name)
    common = runs.groupby(["point", "seed"])["policy"].transform("count") == len(policies)
    facts = {f"runs_{name}": count for name, count in tally._asdict().items()}
    facts["runs_without_counterpart"] = int((~common).sum())
    return runs[common].reset_index(drop=True), facts


def _matrix(paired: Any, conditions: Sequence[Condition]) -> Any:
    """One row a future and policy: seeds, means of outcomes over seeds, and whether all conditions hold for these."""
    groups = paired.drop(columns="seed").groupby(["point", "policy"], sort=False)
    table = groups.mean().join(groups.size().rename("seeds"))
    if conditions:
        table["targets_met"] = where_all(conditions, table)
    return table.reset_index()


def noise_margin(paired: Any, outcome: str, policies: Sequence[str]) -> float:
    """Twice the standard error, over seeds, of the difference of two policies in one future; 0 with one seed.

    Variances of paired differences are averaged over futures and pairs of policies.
    """
    wide = paired.pivot(index=["point", "seed"], columns="policy", values=outcome)
    squared_errors = []
    for one, other in combinations(policies, 2):
        by_point = (wide[one] - wide[other]).groupby("point")
        squared_errors.append((by_point.var(ddof=1) / by_point.count()).to_numpy())
    known = np.concatenate(squared_errors)
    known = known[~np.isnan(known)]
    return NOISE_ERRORS * float(np.sqrt(known.mean())) if len(known) else 0.0


def noise_regret(policies: int) -> float:
    """Mean regret among so many policies that differ with noise alone, as a share of the margin of noise.

    That is the mean of the largest of so many standard normal numbers, over the root of two for the standard error of a
    difference, over ``NOISE_ERRORS`` such errors.
    """
    largest, _ = scipy.integrate.quad(
        lambda x: x * policies * scipy.stats.norm.pdf(x) * scipy.stats.norm.cdf(x) ** (policies - 1), -10, 10
    )
    return largest / 2**0.5 / NOISE_ERRORS


def _by_policy(table: Any, column: str, policies: list[str]) -> Any | None:
    """A column of the matrix, shape ``(policies, futures)``; None if there is none."""
    if column not in table:
        return None
    return table.pivot(index="point", columns="policy", values=column)[policies].to_numpy(float).T


def _measures_table(
    found: dict[str, Any], table_of_ranks: Any, regret: Any, regretted: Any, met: Any | None, policies: list[str]
) -> pd.DataFrame:
    """Every measure with its 95 percent interval: bootstrap, but Wilson for ``targets_met`` and t for mean regret."""
    table = pd.DataFrame({"policy": policies, **found})
    by_policy = table_of_ranks.set_index(["measure", "policy"])
    for name in found:
        for end in ("low", "high"):
            known = name in by_policy.index
            table[f"{name}_{end}"] = by_policy.loc[name].loc[policies, f"value_{end}"].to_numpy() if known else np.nan
    low, high = np.full((2, len(policies)), np.nan)
    for n in range(len(policies)):
        if met is not None:
            probability = scipy.stats.binomtest(int(met[n].sum()), met.shape[1]).proportion_ci(
                CONFIDENCE, method="wilson"
            )
            low[n], high[n] = probability.low, probability.high
    return table.assign(
        targets_met_low=low,
        targets_met_high=high,
        regret_mean=regret.mean(axis=1),
        regret_mean_low=[max(mean_interval(row).low, 0.0) for row in regret],
        regret_mean_high=[mean_interval(row).high for row in regret],
        futures=regret.shape[1],
        futures_regretted=regretted.sum(axis=1),
    )


def _regions(
    points: Any, regretted: Any, policies: list[str], inputs: Sequence[Input], rng: Any, watch: Watch | None
) -> dict[str, pd.DataFrame]:
    """For each policy the box of futures where it is regretted ``most``, if there is one beyond chance.

    For a policy that is regretted in more than half of all futures, the box where it is so ``least``.
    """
    settings = Settings([one.scale for one in inputs], inputs_max=REGION_INPUTS)
    rows, limits = [], []
    for n, policy in enumerate(policies):
        often = regretted[n].mean() > 0.5
        cases = ~regretted[n] if often else regretted[n]
        if not cases.any():
            continue
        step = find_box(points, cases, settings).step
        done = watch and (lambda done, of, n=n: watch(n * of + done, len(policies) * of))
        p = shuffled_p(points, cases, settings, step, rng, done, SHUFFLES)
        if p >= SIGNIFICANT or not step.box.limits():
            continue
        count = step.points - step.cases if often else step.cases
        row = {"policy": policy, "regretted_there": "least" if often else "most", "futures": step.points}
        rows.append({**row, "regretted": count, "shuffled_p": p})
        for m, lower in step.box.limits():
            at = float((step.box.low if lower else step.box.high)[m])
            limits.append({"policy": policy, "input": inputs[m].path, "side": SIDES[lower], "limit": at})
    columns = ["policy", "regretted_there", "futures", "regretted", "shuffled_p"]
    return {
        "regions": pd.DataFrame(rows, columns=columns),
        "region_limits": pd.DataFrame(limits, columns=["policy", "input", "side", "limit"]),
    }
