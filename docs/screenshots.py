"""Takes the pictures of the view anew: every screen, in both languages, on a desk and on a phone.

    injae app --no-open &
    python docs/screenshots.py            # or with the address of the view, and names of screens

It needs what the browser tests need (``tests/setup_browser.sh`` and the extra ``test``). Pictures are named
``view-SCREEN-LANGUAGE-WIDTH.png``, those of docs/lessons.md as in ``LESSONS``, and have few colours, so that each stays
below 250 kB. The screen of results shows the sweep that comes with the package, where there is no other in ``results``.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
WIDTHS = {1440: 2000, 390: 2600}  # and the most pixels of height
MOST_BYTES = 250_000
SETTLED = 300_000  # ms
POLICY = "levers.grant_scale=2&levers.data_access@2027-01=0.8"
SET = "c=no-programme&c=korea&c=double-grant&c=retention-first"
GUESS = "10-25-45-65-80-90-100-110-118-125"
READY = {  # path and query of a screen, and what is there once its runs are done
    "opening": ("?s=korea", ".ij-progress:not(.ij-on)", ".ij-chart"),
    "policy": (f"?s=korea&more=1&{POLICY}", ".ij-progress:not(.ij-on)", ".ij-chart"),
    "compare": (f"compare?s=korea&{SET}", ".ij-progress:not(.ij-on)", ".ij-cp-charts"),
    "inside": ("inside?s=korea", ".ij-in-dots circle"),
    "lessons": (f"lessons?lesson=2&step=2&g2={GUESS}", "[data-test=score]", "[data-test=canvas]"),
    "results": ("results?s=korea", ".ij-rs", ".ij-rs-heat"),
}
LESSONS = {  # the guess of a pupil in the reveal of each lesson, and the step of looking inside
    "lesson-1": "?lesson=1&step=2&g1=20-40-60-80-100",
    "lesson-2": f"?lesson=2&step=2&g2={GUESS}",
    "lesson-3": "?lesson=3&step=2&g3=60-70-85-100-110-120-130-140-145-150",
    "lesson-4": "?lesson=4&step=2&g4=120-105-95-85-80",
    "lesson-5": "?lesson=5&step=2&g5=20-30-40-50-60-65-70-75-80-85_30-45-60-75-85-95-105-115-120-125",
    "lesson-dots": "?lesson=4&step=4&seen=4",
}


def main(address: str = "http://localhost:8765/", *names: str) -> None:
    """Take the pictures of some screens and lessons, or of all."""
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for name in [name for name in names or LESSONS if name in LESSONS]:
            page = browser.new_page(viewport={"width": 1220, "height": 900}, reduced_motion="reduce")
            _open(
                page,
                address,
                f"lessons{LESSONS[name]}&lang=en",
                name,
                ".ij-ls-dot" if "dots" in name else "[data-test=score]",
            )
            if "dots" in name:
                page.locator(".ij-scrub").fill("84")  # December 2031
                page.locator(".ij-ls-dot").nth(20).click()
                page.wait_for_timeout(1500)
            _write(HERE / f"{name}.png", page.locator(".ij-ls").screenshot(), 2000)
            page.close()
        for name in [name for name in names or READY if name in READY]:
            for lang in ("ko", "en"):
                for width, height in WIDTHS.items():
                    page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
                    path, *signs = READY[name]
                    path += f"{'&' if '?' in path else '?'}lang={lang}"
                    _open(page, address, path, f"{name} {lang}", *signs)
                    _write(HERE / f"view-{name}-{lang}-{width}.png", page.screenshot(full_page=True), height)
                    page.close()
        browser.close()


def _open(page: Page, address: str, path: str, name: str, *signs: str) -> None:
    page.goto(f"{address}{path}")
    for sign in signs:
        page.locator(sign).first.wait_for(state="attached", timeout=SETTLED)  # a bar of progress at rest may be hidden
    page.wait_for_timeout(1500)  # curves settle
    sideways = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if sideways > 0:
        print(f"{name}: scrolls sideways by {sideways} pixels")


def _write(target: Path, png: bytes, height: int) -> None:
    target.write_bytes(_small(png, height))
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


def _small(png: bytes, height: int) -> bytes:
    """A picture cut to a height, with as many colours as fit into the size."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    whole = whole.crop((0, 0, whole.width, min(whole.height, height)))
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        whole.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() < MOST_BYTES:
            break
    return out.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
