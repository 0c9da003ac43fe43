"""A sweep: every policy at every point with every seed, each run once, in a folder that the next call continues."""

import dataclasses
import datetime
import functools
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa

from experiments.executors.processes import ProcessExecutor, leave_if_read_again
from experiments.folders import FILES, MANIFEST, as_json, check_free, holds_sweep, kinds_in, named_in, unwritable
from experiments.locks import FolderLock
from experiments.manifest import manifest
from experiments.margins import Asked, Margin, margins_of
from experiments.precision import MAX_SEEDS, START
from experiments.sweeps import chunks as work
from experiments.sweeps.blocks import Order, Receipt, Task
from experiments.sweeps.margins import FILE as PRECISION
from experiments.sweeps.margins import PointsFound, points_found
from experiments.sweeps.merge import merge_blocks
from experiments.sweeps.plan import SEEDS, Plan, joined, make_plan, plan_of
from experiments.sweeps.store import BLOCK, TABLES, Sweep, model_version
from experiments.tables import write_whole
from model.ecosystem import YEAR
from model.errors import InputError
from model.scenario import DEFAULT, Scenario

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


def sweep(
    scenario: Scenario | str | Path = DEFAULT,
    design: str = "lhs:100",
    vary: Sequence[str] = (),
    *,
    out: str | Path,
    policies: Sequence[Scenario | str | Path] = (),
    seeds: int | None = None,
    margin: Asked | None = None,
    max_seeds: int = MAX_SEEDS,
    design_seed: int = 0,
    months: int | None = None,
    changes: Sequence[str] = (),
    people: bool = False,
    events: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
    seconds_per_run: float | None = None,
    progress: Watch | None = None,
) -> Sweep:
    """Simulate scenarios at every point of a design, or go on with it; the folder holds every run that is finished.

    Args:
        scenario: the first policy.
        design: ``lhs:500``, ``sobol:512``, ``saltelli:256``, ``morris:20``, ``factorial``, ``oat`` or a CSV file.
        vary: settings that vary, such as ``parameters.labour.taste_sd=0.2:0.6`` (see ``experiments.sweeps.designs``).
        out: folder; one with the same sweep is continued, also with more seeds, policies or points.
        policies: further scenarios, crossed with the points.
        seeds: how many (0, 1, 2, ...) for every point and policy; 4 unless told, 10 to begin with if there are margins.
        margin: half-widths of 95 percent intervals that are wanted at every point and policy, by outcome (see
            ``experiments.margins``); all points get further seeds until all are reached. The folder's
            ``precision.csv`` says how far that went.
        max_seeds: with margins, never more than so many.
        design_seed: seed of the sampler.
        months: length of all runs; default as in the scenarios.
        changes: ``PATH=VALUE``, for all policies.
        people: keep everybody who ever entered, of every run.
        events: keep what happened to each person, of every run.
        workers: processes; None decides by the work there is. Results do not depend on it.
        cluster: address of a Dask scheduler whose workers do the runs instead, or its scheduler file.
        seconds_per_run: time budget of a run; one that takes longer is cut and recorded.
        progress: called whenever runs are on disk.

    Raises:
        InputError: something that cannot be simulated, or a folder that holds another sweep or is in use.
        OSError: the folder cannot be written.
    """
    leave_if_read_again()
    begin = seeds if seeds is not None else START if margin else SEEDS
    plan = make_plan(
        [scenario, *policies], design, vary, seeds=begin, design_seed=design_seed, months=months,
        changes=changes, kept=[kind for kind, kept in (("people", people), ("events", events)) if kept],
    )  # fmt: skip
    options: Any = {
        "workers": workers, "cluster": cluster, "seconds_per_run": seconds_per_run, "progress": progress,
    }  # fmt: skip
    if margin:
        margins = margins_of(margin, next(iter(plan.policies.values())))
        return run_until_precise(plan, Path(out), margins, max_seeds, **options)[0]
    return run_plan(plan, Path(out), **options)


def run_until_precise(
    plan: Plan,
    folder: Path,
    margins: Sequence[Margin],
    max_seeds: int = MAX_SEEDS,
    watch: Callable[[PointsFound], None] | None = None,
    **options: Any,
) -> tuple[Sweep, PointsFound | None]:
    """Do what is missing of a sweep (``run_plan``), and add seeds everywhere until every point is precise enough.

    ``watch`` is told after each batch; what is known comes with the sweep, None if that was interrupted.
    """
    while True:
        store = run_plan(plan, folder, files=(PRECISION,), **options)
        if store.interrupted:
            return store, None
        found = points_found(store, margins, max_seeds)
        write_whole(folder / PRECISION, found.table.to_csv(index=False))
        if watch:
            watch(found)
        if not found.add:
            return store, found
        plan = dataclasses.replace(plan, seeds=list(range(found.seeds + found.add)))


def run_plan(
    plan: Plan,
    folder: Path,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    seconds_per_run: float | None = None,
    progress: Watch | None = None,
    command: Sequence[str] = (),
    files: Sequence[str] = (),
) -> Sweep:
    """Do what is missing of a sweep in its folder; see ``sweep``. ``files`` are what a caller adds to it."""
    share = _sharing(workers, cluster)
    _make_folder(folder, files)
    with FolderLock(folder):
        plan = joined(plan, folder)
        _clear(folder)
        facts = _describe(plan, folder, command, files)
        store = Sweep(folder)
        finished = set(store.recorded(thorough=True)["id"])
        _set_aside(store)
        return _do(plan, store, facts, finished, share, seconds_per_run, progress)


def retry(
    folder: str | Path,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    seconds_per_run: float | None = None,
    progress: Watch | None = None,
) -> Sweep:
    """Do again the runs of a sweep that failed, and no others.

    Raises:
        InputError: no sweep there, in use, or made with another state of the model.
    """
    share = _sharing(workers, cluster)
    store = Sweep(folder)
    with FolderLock(store.folder):
        store = Sweep(folder)
        if store.manifest["model_version"] != model_version():
            raise InputError(f"{folder}: the model or its data changed since; run the sweep again for new results")
        runs = store.runs
        again = set(runs["id"][~runs["status"].isin(["done", "waiting"])])
        plan = plan_of(store)
        others = {task.id for task in plan.tasks(again)}
        return _do(plan, store, store.manifest, others, share, seconds_per_run, progress)


def _do(
    plan: Plan,
    store: Sweep,
    facts: dict[str, Any],
    skipped: set[str],
    share: Share,
    seconds_per_run: float | None,
    progress: Watch | None,
) -> Sweep:
    """Do the runs of a plan but the skipped ones, and say in the manifest when that ended and what there is."""
    order = plan.order(store.folder, seconds_per_run)
    left = sum(1 for _ in plan.tasks(skipped))
    total = sum(1 for _ in plan.tasks(set()))
    counts = {"done": 0, "failed": 0}

    def record(receipts: list[Receipt]) -> None:
        counts["done"] += len(receipts)
        counts["failed"] += sum(receipt.status != "done" for receipt in receipts)
        if progress and receipts:
            progress(Progress(counts["done"], counts["failed"], total, total - left))

    try:
        if left:
            share(order, plan.tasks(skipped), left, record)
    except KeyboardInterrupt:
        store.interrupted = True
    else:
        merge_blocks(store)
    status = store.status()
    ended = {"ended": _now(), **{name: status[name] for name in ("runs", "done", "failed", "left")}}
    write_whole(store.folder / MANIFEST, as_json({**facts, **ended}))
    return store


def _sharing(workers: int | None, cluster: str | None) -> Share:
    """Who does the runs: this process, others of this machine, or a cluster.

    Raises:
        InputError: both are asked for, or the address can be none.
    """
    if cluster is None:
        return functools.partial(_here, workers)
    if workers is not None:
        raise InputError(f"workers = {workers}: a cluster has workers of its own; leave one of them out")
    from experiments.executors.cluster import ClusterExecutor, check_address

    check_address(cluster)
    return lambda order, tasks, left, record: work.share(
        order, tasks, left, record, ClusterExecutor(cluster), work.one_run
    )


def _here(workers: int | None, order: Order, tasks: Iterator[Task], left: int, record: work.Record) -> None:
    """Do tasks in this process if there is little to do, else in others; with a time budget always in others."""
    count = workers or os.cpu_count() or 1
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
            raise InputError(f"a pilot run fails: {reason.splitlines()[0]}")
        size = sum(path.stat().st_size for path in Path(scratch).rglob("*.parquet")) / len(tried)
    seconds = sum(receipt.seconds for receipt in receipts) / len(tried)
    count = min(workers or os.cpu_count() or 1, max(left, 1))
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
                raise InputError(f"--out {folder}: holds other files ({foreign[0]}); choose a new folder")
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
    write_whole(folder / MANIFEST, as_json(facts))
    points = plan.points.reset_index()
    write_whole(folder / "points.parquet", pa.Table.from_pandas(points, preserve_index=False))
    write_whole(folder / "cases.parquet", pa.Table.from_pandas(plan.cases, preserve_index=False))
    return facts


def _now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")
