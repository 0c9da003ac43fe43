"""On a phone everything that is touched is 44 pixels high, text is 11 pixels at least, and nothing goes sideways."""

import pytest

READY = ".ij-chart, .ij-cp-charts, [data-test=canvas]"
FOUND = """() => {
  const seen = (e) => { const r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1; };
  const grown = (e) => { // what a pseudo-element adds around it
    const style = getComputedStyle(e, "::before");
    return style.content !== "none" && style.position === "absolute" ? -2 * (parseFloat(style.top) || 0) : 0;
  };
  const touched = [...document.querySelectorAll("button, a, select, input, summary, [role=slider], textarea")]
    .filter((e) => e.closest(".ij-page") && !e.closest(".ij-skip") && seen(e));
  const small = touched.map((e) => {
    const label = ["checkbox", "radio"].includes(e.type) && e.closest("label");
    return [e.outerHTML.slice(0, 90), (label || e).getBoundingClientRect().height + grown(e)];
  }).filter(([, height]) => height < 43.5);
  const tiny = [], walk = document.createTreeWalker(document.querySelector(".ij-page"), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement, size = parseFloat(getComputedStyle(e).fontSize);
    if (node.textContent.trim() && seen(e) && size < 10.95) tiny.push(node.textContent);
  }
  return { small, tiny, wide: document.documentElement.scrollWidth };
}"""


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("path", ["", "compare", "lessons"])
def test_a_phone_can_be_touched_and_read(read, path, lang):
    reader = read(width=390, height=844, has_touch=True, is_mobile=True)
    page = reader.page
    page.goto(f"{reader.url}{path}?seeds=4&lang={lang}&levers.grant_scale=2")
    page.locator(READY).first.wait_for(timeout=180_000)
    for fold in page.locator(".ij-fold").all():
        fold.tap()
    found = page.evaluate(FOUND)
    assert found["small"] == []
    assert found["tiny"] == []
    assert found["wide"] <= 390
