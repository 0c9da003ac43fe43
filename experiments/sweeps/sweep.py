"""A sweep: every policy at every point with every seed, each run once, in a folder that the next call continues."""

import dataclasses
import datetime
import functools
import hashlib
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from injae.experiments.executors.processes import ProcessExecutor, default_workers, leave_if_read_again
from injae.experiments.folders import FILES, MANIFEST, as_json, check_free, holds_sweep, kinds_in, named_in, unwritable
from injae.experiments.locks import FolderLock
from injae.experiments.manifest import manifest
from injae.experiments.margins import StoppingRule, margins_of
from injae.experiments.sweeps import chunks as work
from injae.experiments.sweeps.blocks import Order, Receipt, Task
from injae.experiments.sweeps.designs import Sampler
from injae.experiments.sweeps.margins import FILE as PRECISION
from injae.experiments.sweeps.margins import PointsFound, points_found
from injae.experiments.sweeps.merge import merge_blocks
from injae.experiments.sweeps.plan import SEEDS, Plan, joined, make_plan, plan_of
from injae.experiments.sweeps.store import BLOCK, TABLES, Sweep
from injae.experiments.tables import write_atomically
from injae.model.ecosystem import YEAR
from injae.model.errors import InputError
from injae.model.scenario import DEFAULT, Scenario

KIND = "sweep"
HALF = re.compile(rf"({BLOCK.pattern}|{'|'.join(map(re.escape, (*FILES, PRECISION)))})\.\d+\.tmp")  # being written
PILOT_RUNS = 3
LEFTOVER_SECONDS = 3600.0
SERIAL_SECONDS = 8.0  # work below this is not worth the start of processes


class Progress(NamedTuple):
    """How far a sweep is: runs done, failed (of those done now) and wanted in all; ``before`` were there already."""

    done: int
    failed: int
    total: int
    before: int


Watch = Callable[[Progress], None]
Share = Callable[[Order, Iterator[Task], int, work.Record], None]


@dataclass(frozen=True)
class Execution:
    """Who does the runs of a sweep, and who is told; results do not depend on it, but for runs that are cut.

    Args:
        workers: processes; None decides by the work there is.
        cluster: address of a Dask scheduler whose workers do the runs instead, or its scheduler file.
        seconds_per_run: time budget of a run; one that takes longer is cut and recorded.
        progress: called whenever runs are on disk.
    """

    workers: int | None = None
    cluster: str | None = None
    seconds_per_run: float | None = None
    progress: Watch | None = None


HERE = Execution()  # as many processes of this machine as are worth their start


def sweep(
    scenarios: Scenario | str | Path | Sequence[Scenario | str | Path] = DEFAULT,
    design: str | Sampler = "lhs:100",
    vary: Sequence[str] = (),
    *,
    out: str | Path,
    seeds: int | StoppingRule | None = None,
    keep: Sequence[str] = (),
    execution: Execution = HERE,
) -> Sweep:
    """Simulate scenarios at every point of a design, or go on with it; the folder holds every run that is finished.

    Args:
        scenarios: the policies, each simulated at every point; one or several.
        design: ``lhs:500``, ``sobol:512``, ``saltelli:256``, ``morris:20``, ``factorial``, ``oat``, a CSV file, or a
            ``Sampler``.
        vary: settings that vary, such as ``parameters.labour.taste_sd=0.2:0.6`` (see ``experiments.sweeps.designs``).
        out: folder; one with the same sweep is continued, also with more seeds, policies or points.
        seeds: how many (0, 1, 2, ...) for every point and policy; 4 unless told. With a ``StoppingRule`` all points get
            further seeds until every policy is precise enough at every point; the folder's ``precision.csv`` says how
            far that went.
        keep: tables to keep of every run: ``people`` (everybody who ever entered) and ``events`` (what happened to
            each).
        execution: who does the runs.

    Raises:
        InputError: something that cannot be simulated, or a folder that holds another sweep or is in use.
        OSError: the folder cannot be written.
    """
    leave_if_read_again()
    if isinstance(seeds, StoppingRule):
        plan = make_plan(scenarios, design, vary, seeds=seeds.start, keep=keep)
        return run_until_precise(plan, Path(out), seeds, execution)[0]
    plan = make_plan(scenarios, design, vary, seeds=SEEDS if seeds is None else seeds, keep=keep)
    return run_plan(plan, Path(out), execution)


def run_until_precise(
    plan: Plan, folder: Path, rule: StoppingRule, execution: Execution = HERE, command: Sequence[str] = ()
) -> tuple[Sweep, PointsFound | None]:
    """Do what is missing of a sweep (``run_plan``), and add seeds everywhere until every point is precise enough.

    What is known comes with the sweep, None if that was interrupted.
    """
    margins = margins_of(rule.margin, next(iter(plan.policies.values())))
    while True:
        store = run_plan(plan, folder, execution, command=command, files=(PRECISION,))
        if store.interrupted:
            return store, None
        found = points_found(store, margins, rule.max_seeds)
        write_atomically(folder / PRECISION, found.table.to_csv(index=False))
        if rule.watch:
            rule.watch(found)
        if not found.add:
            return store, found
        plan = dataclasses.replace(plan, seeds=list(range(found.seeds + found.add)))


def run_plan(
    plan: Plan,
    folder: Path,
    execution: Execution = HERE,
    *,
    command: Sequence[str] = (),
    files: Sequence[str] = (),
) -> Sweep:
    """Do what is missing of a sweep in its folder; see ``sweep``. ``files`` are what a caller adds to it."""
    share = _sharing(execution)
    _make_folder(folder, files)
    with FolderLock(folder):
        plan = joined(plan, folder)
        _clear(folder)
        facts = _describe(plan, folder, command, files)
        store = Sweep(folder)
        finished = set(store.recorded(thorough=True)["id"])
        _set_aside(store)
        return _do(plan, store, facts, finished, share, execution)


def retry(folder: str | Path, execution: Execution = HERE) -> Sweep:
    """Do again the runs of a sweep that failed, and no others.

    Raises:
        InputError: no sweep there, in use, or made with another state of the model.
    """
    share = _sharing(execution)
    store = Sweep(folder)
    with FolderLock(store.folder):
        store = Sweep(folder)
        if not store.is_of_present_model:
            fault = "the model or its data changed since"
            raise InputError("unusable", fault, source=folder, suggestion="run the sweep again for new results")
        runs = store.runs
        again = set(runs["id"][~runs["status"].isin(["done", "waiting"])])
        plan = plan_of(store)
        others = {task.id for task in plan.tasks(again)}
        return _do(plan, store, store.manifest, others, share, execution)


def _do(
    plan: Plan,
    store: Sweep,
    facts: dict[str, Any],
    skipped: set[str],
    share: Share,
    execution: Execution,
) -> Sweep:
    """Do the runs of a plan but the skipped ones, and say in the manifest when that ended and what there is."""
    order = plan.order(store.folder, execution.seconds_per_run)
    left = sum(1 for _ in plan.tasks(skipped))
    total = sum(1 for _ in plan.tasks(set()))
    counts = {"done": 0, "failed": 0}

    def record(receipts: list[Receipt]) -> None:
        counts["done"] += len(receipts)
        counts["failed"] += sum(receipt.status != "done" for receipt in receipts)
        if execution.progress and receipts:
            execution.progress(Progress(counts["done"], counts["failed"], total, total - left))

    try:
        if left:
            share(order, plan.tasks(skipped), left, record)
    except KeyboardInterrupt:
        store.interrupted = True
    else:
        merge_blocks(store)
    status = store.status()
    ended = {"ended": _now(), **{name: status[name] for name in ("runs", "done", "failed", "left")}}
    write_atomically(store.folder / MANIFEST, as_json({**facts, **ended}))
    return store


def _sharing(execution: Execution) -> Share:
    """Who does the runs: this process, others of this machine, or a cluster.

    Raises:
        InputError: both are asked for, or the address can be none.
    """
    workers, cluster = execution.workers, execution.cluster
    if cluster is None:
        return functools.partial(_here, workers)
    if workers is not None:
        fault = "a cluster has workers of its own"
        raise InputError("conflict", fault, "workers", workers, suggestion="leave one of them out")
    from injae.experiments.executors.cluster import ClusterExecutor, check_address  # extra cluster

    check_address(cluster)
    return lambda order, tasks, left, record: work.share(
        order, tasks, left, record, ClusterExecutor(cluster), work.one_run
    )


def _here(workers: int | None, order: Order, tasks: Iterator[Task], left: int, record: work.Record) -> None:
    """Do tasks in this process if there is little to do, else in others; with a time budget always in others."""
    count = workers or default_workers()
    if order.seconds_per_run is None and (count == 1 or (workers is None and not _worth_processes(order, left))):
        work.run_here(order, tasks, record, work.one_run)
    else:
        work.warm_up(order)  # compiles once, not in every process at the same time
        work.share(order, tasks, left, record, ProcessExecutor(min(count, left)), work.one_run)


def _worth_processes(order: Order, runs: int) -> bool:
    """Whether so many runs take longer than starting processes does, going by a year of the first policy."""
    work.warm_up(order)
    plan = next(iter(order.policies.values()))
    began = time.perf_counter()
    work.warm_up(order, YEAR)
    return runs * (time.perf_counter() - began) * plan.months / YEAR > SERIAL_SECONDS


class Pilot(NamedTuple):
    """What a sweep will take, from three of its runs: all and missing runs, seconds and bytes for the missing ones."""

    points: int
    policies: int
    seeds: int
    runs: int
    left: int
    workers: int
    seconds_per_run: float
    bytes_per_run: float
    seconds: float
    bytes: float


def pilot(plan: Plan, folder: Path | None, workers: int | None = None) -> Pilot:
    """Estimate time and bytes from runs at the beginning, the middle and the end; the folder is not touched.

    Raises:
        InputError: the folder holds another sweep, or a pilot run fails.
    """
    finished: set[str] = set()
    if folder and holds_sweep(folder):
        plan = joined(plan, folder)
        finished = set(Sweep(folder).recorded()["id"])
    tasks = list(plan.tasks(set()))
    tried = [tasks[n] for n in sorted({0, len(tasks) // 2, len(tasks) - 1})][:PILOT_RUNS]
    left = sum(task.id not in finished for task in tasks)
    with tempfile.TemporaryDirectory() as scratch:
        order = plan.order(Path(scratch))
        work.warm_up(order)
        receipts: list[Receipt] = []
        work.run_here(order, tried, receipts.extend, work.one_run)
        if any(receipt.status != "done" for receipt in receipts):
            reason = str(pd.read_parquet(next(Path(scratch, "runs").iterdir()))["reason"].max())
            raise InputError("no_results", reason.splitlines()[0], source="a pilot run fails")
        size = sum(path.stat().st_size for path in Path(scratch).rglob("*.parquet")) / len(tried)
    seconds = sum(receipt.seconds for receipt in receipts) / len(tried)
    count = min(workers or default_workers(), max(left, 1))
    shape = (len(plan.points), len(plan.policies), len(plan.seeds), len(tasks), left, count)
    return Pilot(*shape, seconds, size, left * seconds / count, left * size)


def _make_folder(folder: Path, files: Sequence[str] = ()) -> None:
    """A folder that can be written and holds nothing or a sweep, which may have been killed when it began."""
    check_free(folder, KIND, files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not kinds_in(folder):
            begun = {"lock"} | {path.name for path in folder.glob("*.tmp") if HALF.fullmatch(path.name)}
            foreign = sorted(path.name for path in folder.iterdir() if path.name not in begun)
            if foreign:
                fault = f"holds other files ({foreign[0]})"
                raise InputError("occupied", fault, "out", folder, suggestion="choose a new folder")
        (folder / "lock").touch()
    except OSError as error:
        raise unwritable(folder, error) from error


def _clear(folder: Path) -> None:
    """Remove what killed processes left behind: files half written, and files of blocks never completed.

    Young ones stay: a process whose parent was killed a moment ago may still be completing them. Names that are not
    ours stay too.
    """
    complete = {path.name for path in (folder / "runs").glob("*.parquet")}
    half = [path for place in (folder, *(folder / kind for kind in TABLES)) for path in place.glob("*.tmp")]
    incomplete = [path for kind in TABLES[:-1] for path in (folder / kind).glob("*.parquet")]
    left = [path for path in half if HALF.fullmatch(path.name)]
    left += [path for path in incomplete if path.name not in complete and BLOCK.fullmatch(path.name)]
    for path in left:
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                path.unlink()


def _set_aside(store: Sweep) -> None:
    """Rename blocks that are torn to ``*.torn``: their runs are done again now, and nobody needs to hear of them."""
    for place in store.ignored:
        for kind in reversed(TABLES):  # the file in runs first, which takes the block out of the sweep as a whole
            file = store.folder / kind / Path(place).name
            with suppress(FileNotFoundError):
                file.rename(file.with_name(f"{file.name}.torn"))


def _describe(plan: Plan, folder: Path, command: Sequence[str], files: Sequence[str]) -> dict[str, Any]:
    """Write down what the sweep consists of; gives the manifest."""
    named = {*FILES[1:], *files, *(name for name in named_in(folder, KIND) if (folder / name).is_file())} - {MANIFEST}
    facts = manifest(list(plan.policies.values()), plan.seeds, list(command), 0.0)
    del facts["seconds"]
    content = [plan.model_version, plan.cases["case"].tolist(), plan.seeds]
    facts |= {
        "kind": KIND,
        "files": sorted(named),
        "receipt": hashlib.sha256(json.dumps(content).encode()).hexdigest()[:10],
        "model_version": plan.model_version,
        "design": plan.design,
        "kept": list(plan.kept),
        "outside_envelope": plan.outside(),
        "licence": "Apache-2.0",
        "began": _now(),
    }
    write_atomically(folder / MANIFEST, as_json(facts))
    points = plan.points.reset_index()
    write_atomically(folder / "points.parquet", pa.Table.from_pandas(points, preserve_index=False))
    write_atomically(folder / "cases.parquet", pa.Table.from_pandas(plan.cases, preserve_index=False))
    return facts


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")
