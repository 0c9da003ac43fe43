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
@pytest.mark.parametrize("path", ["?", "?more=1&", "compare?", "lessons?"])
def test_a_phone_can_be_touched_and_read(read, path, lang):
    reader = read(width=390, height=844, has_touch=True, is_mobile=True)
    page = reader.page
    page.goto(f"{reader.url}{path}seeds=4&lang={lang}&levers.grant_scale=2")
    page.locator(READY).first.wait_for(timeout=180_000)
    for fold in page.locator(".ij-fold").all():
        fold.tap()
    found = page.evaluate(FOUND)
    assert found["small"] == []
    assert found["tiny"] == []
    assert found["wide"] <= 390


def test_the_answer_stays_in_sight_while_a_lever_moves(read):
    reader = read(width=390, height=844).open("?seeds=4&lang=en")
    page = reader.page
    assert page.locator("[data-test=headline]").count() == 0
    fold = page.locator(".ij-fold")
    assert "open" in fold.inner_text()
    fold.click()
    assert "close" in fold.inner_text()
    before = page.locator("[data-test=headline]").inner_text()
    reader.push("levers.visas_per_year", keys=4)
    slider, line = (
        page.locator(name).bounding_box() for name in ("[data-lever='levers.visas_per_year']", "[data-test=headline]")
    )
    assert slider["y"] > 100 and 0 <= line["y"] <= 1, "the line sticks to the top"
    page.wait_for_function("text => document.querySelector('[data-test=headline]').innerText !== text", arg=before)
    reader.settled()
    assert reader.chart("specialists") in page.locator("[data-test=headline]").inner_text()


def test_a_phone_has_the_speed_and_unfolds_the_other_curves(read):
    page = read(width=390, height=844).open("?seeds=4&lang=ko").page
    assert page.locator(".ij-speed select").is_visible()
    teachers = page.locator("[data-chart=teachers]")
    assert not teachers.is_visible()
    page.locator(".ij-more-curves").click()
    assert teachers.is_visible()
    page.wait_for_function("document.querySelector('[data-chart=teachers] svg[role=img]').viewBox.baseVal.width > 250")
