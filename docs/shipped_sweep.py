"""Makes the small finished sweep that comes with the package: viz/view/results/shipped/grant-and-data.

    python docs/shipped_sweep.py

Run it after a change of the model, the data or the posterior; a test says when it is due. It does what ``COMMAND`` says
(240 runs, some minutes of one processor; the folder in ``results`` is continued where it was left) and keeps of it what
the results screen shows: all indicators, and the series in ``SERIES_KEPT``.
"""

import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.folders import FILES  # noqa: E402
from injae.experiments.sweeps.plan import make_plan  # noqa: E402
from injae.experiments.sweeps.store import Sweep, write_block  # noqa: E402
from injae.experiments.sweeps.sweep import run_plan  # noqa: E402
from injae.experiments.tables import read_verified  # noqa: E402
from injae.viz.view.results.sweeps import SHIPPED  # noqa: E402

NAME = "grant-and-data"
DESIGN = "posterior:20"
VARIED = ["levers.grant_scale@2027-01=0,1,2,3", "levers.data_access@2027-01=0.5,0.65,0.8"]
SERIES_KEPT = ["specialists", "employed_hospitals", "adoption_share", "programme_graduates_cumulative"]
COMMAND = ["injae", "sweep", "korea", "--design", DESIGN, "--seeds", "1"]
COMMAND += [part for setting in VARIED for part in ("--vary", setting)] + ["--out", f"results/{NAME}"]


def main() -> None:
    """Do what is missing of the sweep, and keep the small form of it."""
    folder = ROOT / "results" / NAME
    folder.parent.mkdir(exist_ok=True)
    store = run_plan(make_plan(["korea"], DESIGN, VARIED, seeds=1), folder, command=COMMAND)
    kept = SHIPPED / NAME
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    for name in FILES:
        shutil.copy(folder / name, kept)
    points = read_verified(folder / "points.parquet")  # each value is there twelve times: 20 draws in all combinations
    pq.write_table(
        points, kept / "points.parquet", compression="zstd", write_page_checksum=True, write_statistics=False
    )
    blocks = sorted(path.name for path in (folder / "runs").glob("*.parquet"))
    columns = {"series": ["run", "month", *SERIES_KEPT], "summary": None, "runs": None}
    write_block(
        kept,
        {kind: pa.concat_tables(read_verified(folder / kind / name, of) for name in blocks)
         for kind, of in columns.items()},
        merged=True,
    )  # fmt: skip
    assert Sweep(kept).status()["done"] == store.status()["done"] == store.status()["runs"]
    size = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
    print(f"{kept.relative_to(ROOT)}: {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
