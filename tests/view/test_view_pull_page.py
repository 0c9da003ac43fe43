"""Pull the future in a real browser: drag a point of a curve, get a set that reaches it, try it, undo it."""

FOUND = 300_000  # ms: a busy machine may still be preparing lever sets
CURVE = "programme_graduates_cumulative"


def _drag(page, up):
    """Drag the handle of the curve by some pixels and let go; the value it then says."""
    handle = page.locator(f"[data-pull={CURVE}]")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - up / 2)
    page.mouse.move(x, y - up)
    said = handle.get_attribute("aria-valuetext")
    page.mouse.up()
    return said


def test_a_point_that_is_dragged_brings_sets_that_can_be_tried(read):
    reader = read().open("?seeds=8&lang=en")
    page, before = reader.page, reader.answer
    said = _drag(page, 14)
    found = page.locator("[data-test=pull-found]")
    found.wait_for()
    assert said.split(" ")[0] in found.inner_text()
    assert page.locator("[data-test=pull-value]").input_value() == said.split(" ")[0].replace(",", "")
    card = page.locator("[data-test=pull-card]").first
    card.wait_for(timeout=FOUND)
    assert "%" in card.locator("dd").first.inner_text() and "won" in card.inner_text()
    # an estimate comes first; the runs confirm it
    card.filter(has_text="fresh runs").or_(card.filter(has_text="runs of the search")).wait_for(timeout=FOUND)
    lever = card.locator("ul li b").first.inner_text()
    card.locator("[data-test=pull-try]").click()
    page.wait_for_function("location.search.includes('levers.')")
    reader.after_answer(before).settled()
    assert lever in page.locator(".ij-lever.ij-changed").all_inner_texts()[0]
    assert card.locator("[data-test=pull-try]").is_disabled()
    page.keyboard.press("u")
    page.wait_for_function("!location.search.includes('levers.')")
    assert page.locator("[data-test=pull-card]").count() >= 1, "another set can still be tried"


def test_the_keyboard_asks_too_and_a_lever_drops_the_search(read):
    reader = read().open("?seeds=8&lang=ko")
    page = reader.page
    handle = page.locator("[data-pull=specialists]")
    handle.focus()
    before = int(handle.get_attribute("aria-valuenow"))
    for key in ("ArrowUp", "PageUp", "Enter"):
        page.keyboard.press(key)
    page.locator("[data-test=pull-found]").wait_for()
    assert int(handle.get_attribute("aria-valuenow")) > before
    page.locator("[data-test=pull-stop]").click()
    page.locator("[data-verdict=stopped]").wait_for()
    page.locator("[data-test=pull-ask]").click()
    page.locator("[data-verdict=preparing], [data-verdict=searching]").wait_for()
    reader.push("levers.data_access")
    assert page.locator("[data-test=pull-found]").count() == 0


def test_the_axis_grows_under_a_point_that_is_held_at_its_top(read):
    page = read().open("?seeds=4&lang=en").page
    handle = page.locator(f"[data-pull={CURVE}]")
    handle.scroll_into_view_if_needed()
    top = float(handle.get_attribute("aria-valuemax"))
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 13, box["y"] + 13)
    page.mouse.down()
    page.mouse.move(box["x"] + 13, box["y"] - 300)
    page.wait_for_function(
        "([name, top]) => Number(document.querySelector(`[data-pull=${name}]`).ariaValueNow) > 1.3 * top",
        arg=[CURVE, top],
    )
    page.mouse.up()
    page.locator("[data-test=pull-found]").wait_for()
    assert float(page.locator("[data-test=pull-value]").input_value()) > 1.3 * top
    page.locator("[data-test=pull-stop]").click()


def test_the_axis_grows_under_the_keyboard_but_a_share_ends_at_the_whole(read):
    page = read().open("?seeds=4&lang=ko").page
    handle = page.locator("[data-pull=adoption_share]")
    handle.focus()
    for _ in range(30):
        page.keyboard.press("PageUp")
    assert float(handle.get_attribute("aria-valuenow")) == 100
    handle = page.locator("[data-pull=specialists]")
    top = float(handle.get_attribute("aria-valuemax"))
    handle.focus()
    for _ in range(30):
        page.keyboard.press("PageUp")
    assert float(handle.get_attribute("aria-valuenow")) > top
    assert float(handle.get_attribute("aria-valuemax")) >= float(handle.get_attribute("aria-valuenow"))
    page.keyboard.press("Escape")
    assert float(handle.get_attribute("aria-valuemax")) == top
