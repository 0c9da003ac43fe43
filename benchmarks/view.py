"""Budgets of the page, in a real Chromium without a screen.

    python benchmarks/view.py [--moves 30] [--reruns 50] [--visitors 8] [--visits 0]

Prints, each beside its budget: time from the address to the first curve on the screen (a browser that has never been
there; the server has answered its first question), time from releasing a lever to the first answer for it, the largest
answer on the wire, growth of the server over the reruns, how long each of several visitors waits who move a lever at
once, and with --visits 500 the memory of the server while so many people come, look and leave. Exit code 1 if a budget
is missed. Measure on an idle machine, model compiled.
"""

import argparse
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAINT_S, FIRST_ANSWER_S, ANSWER_BYTES, GROWTH_MB = 3.0, 0.5, 40_000, 10.0
WARM = 100  # visits after which the server has what it keeps for all: words, answers of presets, buffers
LEVER = "levers.grant_scale"
CHART = "document.querySelector('.ij-chart svg path')"
SETTLED_MS = 300_000  # other work may have the processors too
SETTLED = "document.querySelector('.ij-progress:not(.ij-on)') && document.querySelector('.ij-chart')"
OPEN = "document.querySelectorAll('.ij-lever-group').forEach((group) => { group.open = true; })"
# Time between the release of a slider and the frame in which the board shows an answer to it, in the page's own clock.
# What is watched is a curve that gets another shape: looking at every frame would itself slow the page down.
MOVE = """([path, value]) => new Promise((done) => {
  const slider = document.querySelector(`[data-lever='${path}'] input[type=range]`);
  slider.dispatchEvent(new Event('pointerdown', { bubbles: true }));
  slider.value = value;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  const shown = () => {
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  };
  const began = performance.now(), watch = new MutationObserver(shown);
  setTimeout(shown, 30000); // an answer that changes no curve must not hold the benchmark up
  watch.observe(document.querySelector('.ij-board'), { subtree: true, attributes: true, attributeFilter: ['d'] });
  slider.dispatchEvent(new Event('change', { bubbles: true }));
})"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--reruns", type=int, default=50)
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument("--visits", type=int, default=0)
    parser.add_argument("--browser", default="/usr/bin/chromium", help="path of Chromium")
    options = parser.parse_args()
    server, url = started()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=options.browser, args=["--no-sandbox", "--disable-gpu"]
            )
            missed = measured(browser, url, psutil.Process(server.pid), options)
    finally:
        server.terminate()
    sys.exit(1 if missed else 0)


def started() -> tuple[subprocess.Popen, str]:
    """A server in a process of its own, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "injae", "app", "--no-open", "--quiet", "--port", str(port)], cwd=ROOT
    )
    while True:
        try:
            urlopen(f"http://localhost:{port}/", timeout=5).close()
            print(f"server answers after       {time.perf_counter() - began:8.2f} s")
            return server, f"http://localhost:{port}/"
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)


def measured(browser, url: str, server: psutil.Process, options: argparse.Namespace) -> list[str]:
    """Measure all; gives the budgets that were missed."""
    missed = []

    def tell(what: str, value: float, unit: str, budget: float) -> None:
        print(f"{what:<26} {value:8,.2f} {unit:<3} (budget {budget:,g})")
        if value > budget:
            missed.append(what)

    fresh(browser, url)[0].context.close()  # the first answer of the server compiles or loads the model
    paints = []
    for _ in range(5):
        page, seconds = fresh(browser, url)
        paints.append(seconds)
        page.context.close()
    tell("first paint, median", statistics.median(paints), "s", FIRST_PAINT_S)

    page, _ = fresh(browser, url)
    page.wait_for_function(SETTLED, timeout=SETTLED_MS)
    sizes: list[int] = []
    page.reload()
    page.on("websocket", lambda line: line.on("framereceived", lambda data: sizes.append(len(data))))
    page.reload()
    page.wait_for_function(SETTLED, timeout=SETTLED_MS)
    sizes.clear()
    waits = [moved(page, n) for n in range(options.moves)]
    if waits:
        tell("lever to answer, median", statistics.median(waits), "s", FIRST_ANSWER_S)
        tell("lever to answer, 95 of 100", sorted(waits)[int(0.95 * len(waits))], "s", FIRST_ANSWER_S)
        tell("largest answer", max(sizes), "B", ANSWER_BYTES)

    before = server.memory_info().rss
    for n in range(options.reruns):
        moved(page, n + options.moves)
    tell(f"growth over {options.reruns} reruns", (server.memory_info().rss - before) / 1e6, "MB", GROWTH_MB)
    page.context.close()
    if options.visitors:
        together = crowd(browser, url, options.visitors)
        print(
            f"{options.visitors} visitors move at once: first answers after {together[0]:.2f} to {together[-1]:.2f} s"
        )
    if options.visits:
        sizes = visited(browser, url, server, options.visits)
        print("visits: MB of the server   " + ", ".join(f"{n}: {size:,.0f}" for n, size in sizes.items()))
        tell(f"growth after {WARM} visits", sizes[max(sizes)] - sizes[min(WARM, max(sizes))], "MB", GROWTH_MB)
    return missed


def visited(browser, url: str, server: psutil.Process, visits: int) -> dict[int, float]:
    """Memory of the server and its workers in MB by number of visits; every other visitor moves a lever, all leave."""
    sizes = {}
    for n in range(1, visits + 1):
        page, _ = fresh(browser, url)
        if n % 2:
            page.evaluate(OPEN)
            page.evaluate(f"(of) => {{ ({MOVE})(of); }}", [LEVER, str((n * 7) % 41)])
        page.context.close()
        if n % 50 == 0 or n in (1, visits):
            time.sleep(5)  # the server lets go of visitors that are gone
            sizes[n] = sum(one.memory_info().rss for one in (server, *server.children(recursive=True))) / 1e6
            print(f"  after visit {n}: {sizes[n]:,.0f} MB", file=sys.stderr, flush=True)
    return sizes


def fresh(browser, url: str) -> tuple[Page, float]:
    """A page of a browser that has never been there, and the seconds until it shows curves."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    began = time.perf_counter()
    page.goto(url + "?lang=en&seeds=40")
    page.wait_for_function(CHART, timeout=180_000)
    return page, time.perf_counter() - began


def moved(page: Page, n: int) -> float:
    """Move the lever to a place it has not been at, gives the seconds to the first answer, and waits for the last."""
    page.evaluate(OPEN)
    seconds = page.evaluate(MOVE, [LEVER, str((n * 7) % 41)]) / 1000
    page.wait_for_function(SETTLED, timeout=SETTLED_MS)
    return seconds


def crowd(browser, url: str, visitors: int) -> list[float]:
    """Seconds that each of several visitors waits for a first answer when all move a lever at once, shortest first."""
    pages = [fresh(browser, url)[0] for _ in range(visitors)]
    for page in pages:
        page.wait_for_function(SETTLED, timeout=SETTLED_MS)
        page.evaluate(OPEN)
    for n, page in enumerate(pages):
        page.evaluate(f"(of) => {{ window.waited = ({MOVE})(of); }}", [LEVER, str(11 + n)])
    waits = [page.evaluate("window.waited") / 1000 for page in pages]
    for page in pages:
        page.context.close()
    return sorted(waits)


if __name__ == "__main__":
    main()
