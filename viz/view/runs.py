"""The answer to a state, from real runs: first from few seeds, then from all, then why.

``ask`` blocks its caller (a thread of the visitor) and calls ``on_answer`` after each stage. Runs are done in processes
that all share, and kept in one cache by what they depend on: scenario, seed, model and data. A run of the same scenario
and seed is the run that ``injae run`` does, so the page and the command line give the same digits.
"""

import gc
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future as Promise
from dataclasses import dataclass, replace
from functools import cache, cached_property

from injae.experiments.executors.base import as_completed
from injae.experiments.executors.processes import ProcessExecutor
from injae.experiments.executors.shared import SharedCalls
from injae.experiments.extensions import model_hash
from injae.experiments.layers import Verdict, judge, variant_futures
from injae.experiments.manifest import data_checksums, receipt_of
from injae.experiments.practice import baseline_of
from injae.experiments.runs import Job, Results, Run, do
from injae.experiments.schedules import differing, shocked
from injae.experiments.summary import Estimate, summarise
from injae.experiments.uncertainty import ALEATORY_ONLY, Ensemble, Future
from injae.model.scenario import Scenario
from injae.viz.view.cache import CACHE_BYTES, Cache
from injae.viz.view.state import ViewState

log = logging.getLogger("injae.view")
FIRST = (2, 4)  # seeds of the first answer: one for each process, but not fewer and not more than these
NEXT = (12, 40)  # runs of the next; the last has all that are wanted
AFTER = 1_000  # urgency of work that an answer can wait for
POLITENESS = 5  # the server, and a browser on the same machine, go before runs


@dataclass(frozen=True)
class Effect:
    """Runs with one lever switched back to the baseline's, or one shock left out; all else as in the scenario."""

    path: str
    without: Results


@dataclass(frozen=True)
class Answer:
    """What is known so far about a state.

    Attributes:
        state: what was asked.
        policy: runs of its scenario; run ``n`` is future ``n`` of the layers of uncertainty that are on.
        baseline: runs of its baseline in the same futures; None where the scenario is the baseline.
        wanted: how many futures there will be.
        effects: one a lever that differs from the baseline, and one a shock; empty until they are known.
        uncertainty: which layer is largest; None until it is known, or where one layer is on.
        done: whether nothing more will come.
    """

    state: ViewState
    policy: Results
    baseline: Results | None
    wanted: int
    effects: tuple[Effect, ...] = ()
    uncertainty: Verdict | None = None
    done: bool = False

    @property
    def failures(self) -> list[Run]:
        """Runs that failed."""
        return [*self.policy.failures, *(self.baseline.failures if self.baseline else [])]

    @cached_property
    def summary(self) -> dict[str, Estimate]:
        """Every indicator, as ``injae run`` prints it."""
        return summarise(self.policy)

    @property
    def receipt(self) -> str:
        """Code of the runs: that of ``injae run`` with as many, where a command gives the same futures."""
        plans = [self.policy.plan] + ([self.baseline.plan] if self.baseline else [])
        code, layers = receipt_of(plans, self.policy.seeds, self.policy.ensemble), self.state.layers
        return code if layers.uncertainty is not None else f"{code}-{layers.code}"


def lean(job: Job) -> Run:
    """Do a run and keep what the view needs: the ledger by university and the counts of what binds are bulky."""
    run = do(job)
    run.paid = run.bindings = None
    return run


def _run_of(job: Job, asked: "Promise[Run]") -> Run:
    error = asked.exception()
    return asked.result() if error is None else Run(job.plan, job.seed, error=f"{type(error).__name__}: {error}")


def key_of(plan: Scenario, seed: int) -> str:
    """What a run depends on, as a short text."""
    content = plan.model_dump(exclude={"name", "title", "baseline", "target"})
    text = json.dumps([content, seed, model_hash(), _data(plan.country)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _data(country: str) -> dict[str, str]:
    return data_checksums([country])


class Desk:
    """Where visitors ask: the same processes, calls and cache for all of them."""

    def __init__(
        self, count: int | None = None, most_bytes: int = CACHE_BYTES, work: Callable[[Job], Run] = lean
    ) -> None:
        self.executor = ProcessExecutor(count, nice=POLITENESS)
        self.calls = SharedCalls(self.executor)
        self.cache = Cache(most_bytes)
        self.work = work
        self.closed = False

    def close(self) -> None:
        """End the processes and forget their runs; who still waits for some is given none."""
        self.closed = True
        self.executor.shutdown(cancel_futures=True)
        self.cache.close()

    def run(
        self, jobs: Sequence[tuple[Scenario, int]], cancelled: threading.Event, urgency: int = 0, *, keep: bool = True
    ) -> list[Run]:
        """Do runs, from the cache where they are known; in the order of the jobs. Empty if cancelled meanwhile.

        What nobody will ask for again is better not kept: it would push out what others look at.
        """
        runs: list[Run | None] = [None] * len(jobs)
        missing: list[tuple[int, str, Job]] = []
        for index, (plan, seed) in enumerate(jobs):
            key = key_of(plan, seed)
            known = self.cache.get(key)
            if known is None:
                missing.append((index, key, Job(plan, seed)))
            else:
                runs[index] = Run(plan, seed, history=known)
        submit = self.calls.submit
        try:
            asked = [submit(key, self.work, job, urgency=urgency + n) for n, (_, key, job) in enumerate(missing)]
        except RuntimeError:
            if self.closed:
                return []
            raise
        for n, future in as_completed(asked, cancelled):
            if self.closed:
                return []
            index, key, job = missing[n]
            runs[index] = run = _run_of(job, future)
            if keep and run.error is None:  # a failed one may be tried again
                self.cache.put(key, run.history)
        return [] if cancelled.is_set() else [run for run in runs if run is not None]

    def results(
        self,
        plan: Scenario,
        futures: Sequence[Future],
        cancelled: threading.Event,
        urgency: int = 0,
        ensemble: Ensemble = ALEATORY_ONLY,
    ) -> Results | None:
        """Runs of a scenario in some futures of an ensemble; None if cancelled."""
        return next(iter(self.all_results([plan], futures, cancelled, urgency, ensemble)), None)

    def all_results(
        self,
        plans: Sequence[Scenario],
        futures: Sequence[Future],
        cancelled: threading.Event,
        urgency: int = 0,
        ensemble: Ensemble = ALEATORY_ONLY,
    ) -> list[Results]:
        """The same for several scenarios, future by future; empty if cancelled."""
        jobs = [(future.plan(plan), future.seed) for future in futures for plan in plans]
        runs = self.run(jobs, cancelled, urgency)
        if len(runs) < len(jobs):
            return []
        results = []
        for n, plan in enumerate(plans):
            mine = [
                replace(run, plan=plan, seed=future.number, future=future)
                for run, future in zip(runs[n :: len(plans)], futures, strict=True)
            ]
            failed = [run for run in mine if run.error is not None]
            for run in failed:
                log.error("run of %s, future %d failed: %s", plan.name, run.seed, run.error)
            results.append(Results(plan, [run for run in mine if run.error is None], failed, ensemble=ensemble))
        return results

    def known(self, state: ViewState) -> Answer | None:
        """The finished answer to a state as far as its curves go, if all its runs are in the cache; nothing is run."""
        plan = state.scenario()
        baseline = baseline_of(plan)
        plans = [plan] + ([baseline] if baseline else [])
        futures, ensemble = state.layers.futures(plan, state.seeds), state.layers.ensemble(plan)
        if not all(key_of(future.plan(one), future.seed) in self.cache for future in futures for one in plans):
            return None
        results = self.all_results(plans, futures, threading.Event(), ensemble=ensemble)
        return Answer(state, results[0], results[1] if baseline else None, len(futures), done=True) if results else None

    def stages(self, wanted: int) -> list[int]:
        """Runs of each answer to one question: the first is there after one round of the processes."""
        first = min(max(self.executor.count, FIRST[0]), FIRST[1])
        return [*(n for n in (first, *NEXT) if n < wanted), wanted]

    def ask(self, state: ViewState, on_answer: Callable[[Answer], None], cancelled: threading.Event) -> None:
        """Answer a state, better and better, until done or cancelled.

        Raises:
            InputError: the state is no scenario.
        """
        plan = state.scenario()
        baseline = baseline_of(plan)
        plans = [plan] + ([baseline] if baseline else [])
        futures, ensemble = state.layers.futures(plan, state.seeds), state.layers.ensemble(plan)
        answer = None
        for count in self.stages(len(futures)):
            results = self.all_results(plans, futures[:count], cancelled, _urgency(answer), ensemble)
            if not results:
                return
            answer = Answer(state, results[0], results[1] if baseline else None, len(futures))
            answer = replace(answer, done=count == len(futures) and not results[0].runs)
            on_answer(answer)
        assert answer is not None
        if answer.done:
            return
        answer = self._why(answer, futures, on_answer, cancelled)
        if answer is not None and not cancelled.is_set():
            answer = self._doubt(answer, cancelled)
        if answer is not None and not cancelled.is_set():
            on_answer(replace(answer, done=True))

    def _why(
        self, answer: Answer, futures: list[Future], on_answer: Callable[[Answer], None], cancelled: threading.Event
    ) -> Answer | None:
        """The answer with the effect of each changed setting, first from few futures; None if cancelled."""
        if answer.baseline is None:
            return answer
        plan, baseline, ensemble = answer.policy.plan, answer.baseline.plan, answer.policy.ensemble
        paths = differing(plan, baseline) + shocked(plan)
        plans = [switched_back(plan, baseline, path) for path in paths]
        for count in dict.fromkeys(min(n, len(futures)) for n in (*NEXT, len(futures))):
            results = self.all_results(plans, futures[:count], cancelled, AFTER, ensemble)
            if len(results) < len(paths):
                return None
            effects = tuple(Effect(path, without) for path, without in zip(paths, results, strict=True))
            answer = replace(answer, effects=effects)
            if count < len(futures):
                on_answer(answer)
        return answer

    def _doubt(self, answer: Answer, cancelled: threading.Event) -> Answer | None:
        """The answer with what is known about the layers of uncertainty; None if cancelled."""
        state, results = answer.state, [answer.policy, *([answer.baseline] if answer.baseline else [])]
        shapes = {}
        for name, futures in variant_futures(state.seeds).items() if state.structural else ():
            found = self.all_results([of.plan for of in results], futures, cancelled, AFTER)
            if not all(of_plan.runs for of_plan in found):
                return answer
            shapes[name] = found
        if cancelled.is_set() or self.closed:
            return None
        return replace(answer, uncertainty=judge(state.layers, results, state.focus, state.date_month, shapes))


def _urgency(answer: Answer | None) -> int:
    """Later seeds of one asker wait for the first ones of others."""
    return 0 if answer is None else 2 * len(answer.policy.runs)


def switched_back(plan: Scenario, baseline: Scenario, path: str) -> Scenario:
    """The scenario with one lever as in the baseline, or without one shock: both have the same shocks."""
    group, _, name = path.partition(".")
    schedules = dict(getattr(plan, group))
    theirs = baseline.levers.get(name) if group == "levers" else None
    schedules.pop(name, None)
    return plan.model_copy(update={group: schedules if theirs is None else {**schedules, name: theirs}})


_desk: Desk | None = None
_desk_lock = threading.Lock()


def desk() -> Desk:
    """The desk of this process, opened when first asked for."""
    global _desk
    with _desk_lock:
        if _desk is None:
            _desk = Desk()
        return _desk


def open_desk(count: int | None) -> None:
    """Open the desk with so many processes."""
    global _desk
    with _desk_lock:
        _desk = _desk or Desk(count)


def ask(state: ViewState, on_answer: Callable[[Answer], None], cancelled: threading.Event) -> None:
    """Answer a state at the shared desk; see ``Desk.ask``."""
    desk().ask(state, on_answer, cancelled)


def warm_up(state: ViewState | None = None) -> threading.Thread:
    """Open the desk and compute the first state that visitors see, in the background."""

    def warm() -> None:
        ask(state or ViewState(), lambda answer: None, threading.Event())
        gc.collect()
        gc.freeze()  # what is loaded stays: looking for garbage would hold up everybody for a quarter of a second

    thread = threading.Thread(target=warm, daemon=True)
    thread.start()
    return thread
