"""Keeps the answer of the default scenario, which the page shows before its first run: viz/view/policy/opening.json.

    python docs/opening.py

Run it after a change of the model, the data or the posterior; a test says when it is due. It takes the runs of
``injae run korea``, some minutes of one processor.
"""

import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.viz.view.policy.curves import curves_of  # noqa: E402
from injae.viz.view.policy.opening import SHOWN, STORED, Kept, keep  # noqa: E402
from injae.viz.view.runs import Answer, Desk  # noqa: E402
from injae.viz.view.state import ViewState  # noqa: E402


def main() -> None:
    """Run the default scenario and write its numbers."""
    desk = Desk()
    enough = threading.Event()
    found: list[Answer] = []

    def take(answer: Answer) -> None:
        found.append(answer)
        if len(answer.policy.runs) == answer.wanted:  # what follows tells why, which is not kept
            enough.set()

    desk.ask(ViewState(), take, enough)
    desk.close()
    answer = found[-1]
    STORED.write_text(keep(Kept(len(answer.policy.runs), {name: curves_of(answer, name) for name in SHOWN})))
    print(f"{STORED.relative_to(ROOT)}: {STORED.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
