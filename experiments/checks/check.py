"""The check of the invariants and relations (``experiments.checks.relations``) on a scenario of the user."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from injae.experiments.checks.relations import RELATIONS, Relation
from injae.experiments.checks.trials import Evidence, Observed, Trial, do_elsewhere, do_trial, pooled, trials_of
from injae.experiments.checks.verdicts import Status, Verdict, does_not_apply
from injae.experiments.executors.processes import default_workers
from injae.experiments.runs import run_jobs
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.scenario import Scenario

SEEDS = 20
SLOWER = 2.4  # a run that is watched or records events, against one that is not


class Finding(NamedTuple):
    """A relation and what was found about it."""

    relation: Relation
    verdict: Verdict

    @property
    def is_bad(self) -> bool:
        """Whether the relation is broken, or its runs failed so that nothing can be said."""
        return self.verdict.status in (Status.BROKEN, Status.NOT_JUDGED)


@dataclass(frozen=True)
class Checked:
    """What a check found, the runs that failed, and whether it was stopped early."""

    findings: list[Finding]
    failures: list[Observed]
    interrupted: bool


def select(ids: Sequence[str] = ()) -> list[Relation]:
    """Relations by id, in their order; ``T13`` stands for T13a, T13b and T13c, and no id at all for everything.

    Raises:
        InputError: no relation has this id.
    """
    known = [relation.id for relation in RELATIONS] + [relation.id.rstrip("abc") for relation in RELATIONS]
    for wanted in ids:
        if wanted not in known:
            fault = "no such invariant or relation"
            raise InputError("unknown", fault, "only", wanted, suggestion=_hint(wanted, list(dict.fromkeys(known))))
    return [relation for relation in RELATIONS if not ids or {relation.id, relation.id.rstrip("abc")} & set(ids)]


def _hint(wanted: str, known: list[str]) -> str:
    upper = wanted.upper() if wanted.upper() in known else wanted[:1].upper() + wanted[1:].lower()
    return f"did you mean {upper!r}?" if upper in known else f"they are {RELATIONS[0].id} to {RELATIONS[-1].id}"


def trials_for(plan: Scenario, seeds: int = SEEDS, only: Sequence[str] = ()) -> list[Trial]:
    """Every run that the check will do, each once."""
    applying = [relation for relation in select(only) if not relation.why_not(plan)]
    variants = [variant for relation in applying for variant in relation.variants.values()]
    return list(pooled(trial for variant in variants for trial in trials_of(plan, variant, range(seeds))).values())


def expected_seconds(trials: Sequence[Trial], workers: int | None) -> float:
    """Roughly how long the runs will take, from a year simulated now."""
    if not trials:
        return 0.0
    pilot = trials[0].plan.model_copy(update={"months": 12})
    Ecosystem(pilot, 0).run(1)
    began = time.perf_counter()
    Ecosystem(pilot, 0).run()
    per_month = (time.perf_counter() - began) / 12
    months = sum(trial.plan.months * (SLOWER if trial.watched or trial.events else 1) for trial in trials)
    months += sum(trial.plan.months for trial in trials if trial.institutions == "doubled")
    return per_month * months / (workers or default_workers())


def check(
    plan: Scenario,
    seeds: int = SEEDS,
    only: Sequence[str] = (),
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Check invariants and relations on a scenario.

    Args:
        plan: the scenario.
        seeds: how many; relations in expectation decide nothing with fewer than 20.
        only: ids of relations; all if empty.
        workers: processes; None decides by the work there is.
        progress: called with (runs done, runs in all).

    Returns:
        One finding for each relation, in their order. A run that fails takes its seed from the relations that need
        it; an interrupt leaves those seeds that all runs of a relation were done for.

    Raises:
        InputError: no relation has one of the ids, or there is no seed.
    """
    relations = select(only)
    if seeds < 1:
        raise InputError("range", "needs at least 1", "seeds", seeds)
    trials = trials_for(plan, seeds, only)
    done: dict[tuple[str, ...], Observed] = {}
    interrupted = False
    try:
        for trial, run in _do_all(trials, workers):
            done[trial.key] = run
            if progress:
                progress(len(done), len(trials))
    except KeyboardInterrupt:
        interrupted = True
    failures = [run for run in done.values() if run.error]
    findings = [Finding(relation, _verdict(relation, plan, seeds, done, failures)) for relation in relations]
    return Checked(findings, failures, interrupted)


def _do_all(trials: list[Trial], workers: int | None) -> Iterator[tuple[Trial, Observed]]:
    """Do all trials and yield each with its run."""
    here = [trial for trial in trials if not trial.elsewhere]
    for index, run in run_jobs(here, workers, do_trial):
        yield here[index], run
    yield from do_elsewhere([trial for trial in trials if trial.elsewhere])


def _verdict(
    relation: Relation,
    plan: Scenario,
    seeds: int,
    done: dict[tuple[str, ...], Observed],
    failures: list[Observed],
) -> Verdict:
    stopped = [run for run in failures if any(invariant in str(run.error) for invariant in relation.invariants)]
    if stopped:
        figures = f"{len(stopped)} runs were stopped by the model, the first: {last_line(stopped[0])}"
        return Verdict(Status.BROKEN, figures, {"runs_stopped": float(len(stopped))})
    if reason := relation.why_not(plan):
        return does_not_apply(reason)
    runs = {
        name: [done[trial.key] for trial in trials_of(plan, variant, range(seeds)) if trial.key in done]
        for name, variant in relation.variants.items()
    }
    failed = [run for of_variant in runs.values() for run in of_variant if run.error]
    evidence = Evidence(plan, runs)
    if not evidence.seeds:
        why = last_line(failed[0]) if failed else "stopped early"
        return Verdict(Status.NOT_JUDGED, f"no seed finished all its runs: {why}", {})
    verdict = relation.judge(evidence)
    if not failed:
        return verdict
    return verdict._replace(figures=f"{verdict.figures}; {len(failed)} runs failed: {last_line(failed[0])}")


def last_line(run: Observed) -> str:
    """What a failed run said last."""
    return str(run.error).strip().splitlines()[-1]
