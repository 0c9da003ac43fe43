"""Makes the surrogate of "what would it take" that comes with the package: experiments/searches/surrogate.npz.

    python docs/surrogate.py

Run it after a change of the model, the data or the posterior; a test says when it is due. It takes 1,200 runs, some ten
minutes of one processor, and goes on where it was left. Without it the page makes the same in idle time.
"""

import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.searches import surrogate  # noqa: E402
from injae.viz.view.runs import Desk  # noqa: E402


def main() -> None:
    """Run what is missing of the design, and keep what it gives."""
    desk, going = Desk(), threading.Event()

    def simulate(jobs, again):
        return desk.run([(job.plan, job.seed) for job in jobs], going, 0, keep=again)

    def tell(done: int, wanted: int) -> None:
        print(f"{done} of {wanted}", flush=True)

    sample = surrogate.prepare(simulate, going, tell)
    desk.close()
    surrogate.write(sample, surrogate.STORED)
    print(f"{surrogate.STORED.relative_to(ROOT)}: {surrogate.STORED.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
