"""The policy screen in a real browser: it says what the command line says, to everybody his own, offline."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.conftest import injae
from tests.view.conftest import SETTLED

END = "&month=120"  # the answer speaks of the last month, as the command does
PLAN = ("--set", "levers.grant_scale=2", "--set", "levers.data_access@2027-01=0.8")
QUERY = "?s=korea&levers.grant_scale=2&levers.data_access@2027-01=0.8&seeds=40&lang="

UNDER_WAY = "/202[5678]/.test(document.querySelector('[data-test=date]').innerText)"  # playing from Dec 2024


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What ``injae run`` prints for the scenario of the link."""
    out = tmp_path_factory.mktemp("run")
    return json.loads(injae("run", "korea", *PLAN, "--seeds", 40, "--json", "--out", out).stdout)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_page_shows_what_the_command_line_prints(read, printed, lang):
    reader = read().open(QUERY + lang + END)
    found = {name: estimate["mean"] for name, estimate in printed["indicators"].items() if name != "practice_ledger"}
    number = "{:,.0f}".format
    assert re.search(number(found["programme_graduates_by_target_date"]), reader.answer)
    assert f"{100 * found['adoption_share_at_end']:.1f}%" in reader.answer
    unit = {"ko": "명", "en": ""}[lang]
    assert reader.chart("specialists") == number(found["specialists_at_end"]) + unit
    assert reader.chart("employed_hospitals") == number(found["employed_hospitals_at_end"]) + unit
    assert reader.text("probability") == f"{100 * found['probability_of_target']:.0f}%"
    assert reader.page.locator(".ij-foot code").first.inner_text() == printed["receipt"]
    assert reader.text("command") == "injae run korea --seeds 40 --set levers.data_access@2027-01=0.8 " + " ".join(
        PLAN[:2]
    )


@pytest.mark.parametrize(("lang", "title"), [("ko", "인재"), ("en", "Injae")])
def test_the_page_names_its_language(read, lang, title):
    page = read().open(f"?seeds=8&lang={lang}").page
    assert page.evaluate("document.documentElement.lang") == lang
    assert title in page.title()
    hangul = re.search("[가-힣]", page.locator(".ij-page").inner_text().replace("한국어", ""))
    assert bool(hangul) == (lang == "ko")


def test_another_language_shows_the_same_numbers(read):
    reader = read().open("?seeds=8&lang=ko")
    before = reader.chart("specialists")
    reader.page.get_by_role("button", name="English").click()
    reader.page.wait_for_function("document.documentElement.lang === 'en'")
    reader.page.wait_for_function("document.querySelector('.ij-lead').innerText.includes('Dec 2029')")
    chart = "document.querySelector('[data-chart=specialists] [data-test=mean]').innerText"
    reader.page.wait_for_function(f"text => {chart} === text", arg=before.removesuffix("명"))
    assert "lang=en" in reader.page.url


def test_a_lever_changes_the_answer_and_can_be_undone(read):
    reader = read().open("?seeds=8&lang=en")
    first = reader.answer
    reader.push("levers.grant_scale", keys=5)
    second = reader.answer
    assert second != first
    assert "levers.grant_scale=1.5" in reader.page.url
    assert reader.page.locator(".ij-ghost").count() > 0, "the curve before the move stays as a ghost"
    reader.page.keyboard.press("u")  # with the slider still in focus
    reader.until_answer(first)
    assert "grant_scale" not in reader.page.url
    reader.page.locator("body").press("Shift+U")
    reader.until_answer(second)
    reader.page.get_by_role("button", name="Reset").click()
    reader.page.wait_for_function("!location.search.includes('grant_scale')")


def test_a_link_opens_the_same_scenario(read):
    reader = read().open("?seeds=8&lang=en").push("levers.data_access", keys=3)
    other = read()
    other.page.goto(reader.page.url)
    other.settled()
    assert other.answer == reader.answer
    assert other.slider("levers.data_access").get_attribute("aria-valuetext") == "65%"


def test_dates_bound_a_lever(read):
    reader = read().open("?seeds=8&lang=en")
    reader.page.locator("[data-lever='levers.stipend_won_per_month'] .ij-when summary").click()
    when = reader.page.locator("[data-lever='levers.stipend_won_per_month'] .ij-when-body")
    when.locator("input[type=number]").fill("500000")
    when.locator("input[type=number]").press("Tab")
    reader.page.wait_for_function("location.search.includes('stipend')")
    when.locator("select").first.select_option("2027-01")
    reader.page.wait_for_function("location.search.includes('@2027-01=500000')")
    when.locator("select").nth(1).select_option("2028-12")
    reader.page.wait_for_function("location.search.includes('@2027-01..2028-12=500000')")
    reader.settled()
    assert "Stipend for trainees" in reader.page.locator(".ij-line").inner_text()


def test_two_levers_moved_in_one_breath_both_count(read):
    reader = read().open("?seeds=8&lang=en")
    for path in ("levers.grant_scale", "levers.programme_universities"):
        reader.unfold(path)
    reader.slider("levers.grant_scale").focus()
    reader.page.keyboard.press("ArrowRight")
    reader.page.keyboard.press("ArrowRight")
    reader.slider("levers.programme_universities").focus()
    reader.page.keyboard.press("ArrowRight")
    reader.page.wait_for_function(
        "location.search.includes('grant_scale=1.2') && location.search.includes('programme_universities=7')"
    )
    reader.settled()
    assert reader.slider("levers.grant_scale").get_attribute("aria-valuetext") == "1.2"
    assert reader.slider("levers.programme_universities").get_attribute("aria-valuetext").startswith("7")


def test_dates_chosen_before_a_value_wait_for_it(read):
    reader = read().open("?seeds=8&lang=en")
    lever = reader.page.locator("[data-lever='levers.stipend_won_per_month']")
    lever.locator(".ij-when summary").click()
    lever.locator(".ij-when-body select").first.select_option("2027-01")
    reader.push("levers.grant_scale")
    assert "Jan 2027" in lever.locator(".ij-when summary").inner_text()
    assert "stipend" not in reader.page.url
    lever.locator("input[type=number]").fill("500000")
    lever.locator("input[type=number]").press("Tab")
    reader.page.wait_for_function("location.search.includes('stipend_won_per_month@2027-01=500000')")


def test_letter_keys_work_with_a_korean_keyboard_and_with_caps_lock(read):
    reader = read().open("?seeds=8&lang=ko")
    reader.push("levers.grant_scale")
    press = """([key, code, shiftKey]) => document.body.dispatchEvent(
        new KeyboardEvent("keydown", {key, code, shiftKey, bubbles: true, cancelable: true}))"""
    reader.page.evaluate(press, ["ㅕ", "KeyU", False])
    reader.page.wait_for_function("!location.search.includes('grant_scale')")
    reader.page.evaluate(press, ["ㅕ", "KeyU", True])
    reader.page.wait_for_function("location.search.includes('grant_scale')")
    reader.page.evaluate(press, ["U", "KeyU", False])  # with Caps Lock
    reader.page.wait_for_function("!location.search.includes('grant_scale')")
    reader.page.evaluate(press, ["ㅅ", "KeyT", False])
    reader.page.wait_for_selector(".ij-tables")


def test_visitors_do_not_see_each_other(read):
    one, two = read().open("?seeds=8&lang=en"), read().open("?seeds=8&lang=ko&levers.grant_scale=0")
    before = two.answer
    one.push("levers.grant_scale", keys=5)
    two.page.wait_for_timeout(500)
    assert two.answer == before
    assert "grant_scale=0" in two.page.url
    assert two.slider("levers.grant_scale").get_attribute("aria-valuetext") == "0배"


def test_eight_visitors_at_once_each_see_their_own_and_none_waits_for_the_others(read):
    readers = [read().open("?seeds=4&lang=en") for _ in range(8)]
    common = readers[0].answer
    for n, reader in enumerate(readers):  # all move a lever before anybody has an answer
        reader.unfold("levers.grant_scale")
        reader.slider("levers.grant_scale").evaluate(
            "(slider, by) => { slider.value = Number(slider.value) + by; slider.dispatchEvent(new Event('input'));"
            " slider.dispatchEvent(new Event('change')); }",
            n + 1,
        )
    last = readers[-1].page
    last.get_by_role("button", name="한국어").click()  # asks the server while it works for all
    last.wait_for_function("document.documentElement.lang === 'ko'")
    assert readers[0].page.locator("html").get_attribute("lang") == "en"
    for n, reader in enumerate(readers):
        reader.page.wait_for_function(f"location.search.includes('grant_scale={1 + (n + 1) / 10:g}')")
        reader.after_answer(common).settled()
    assert len({reader.chart("specialists") for reader in readers}) > 4
    texts = [reader.slider("levers.grant_scale").get_attribute("aria-valuetext") for reader in readers]
    assert texts == ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8배"]


def test_playing_needs_no_server(read):
    reader = read().open("?seeds=8&lang=en&month=0")
    frames = len(reader.frames)
    reader.page.get_by_role("button", name="Play").click()
    reader.page.wait_for_function(UNDER_WAY)
    assert reader.page.get_by_role("button", name="Pause").count() == 1
    assert len(reader.frames) == frames
    assert reader.frames, "the listener hears frames at all"


def test_every_answer_is_small(read):
    reader = read().open("?seeds=8&lang=ko")
    reader.frames.clear()
    reader.push("levers.grant_scale")
    assert 5_000 < max(size for _, size in reader.frames) <= 40_000


def test_the_keyboard_does_everything(read):
    page = read().open("?seeds=8&lang=en").page
    body, date = page.locator("body"), page.locator("[data-test=date]")
    body.press("ArrowLeft")
    assert date.inner_text() == "Nov 2029"
    body.press("Shift+ArrowLeft")
    assert date.inner_text() == "Nov 2028"
    assert (
        page.locator("[data-card=adoption_share] .ij-value").inner_text()
        in page.locator("[data-chart=adoption_share] [data-test=mean]").inner_text()
    )
    body.press("b")
    assert page.locator(".ij-baseline").count() == 0
    body.press("t")
    assert page.locator(".ij-tables table").count() == 10
    assert page.locator(".ij-tables .ij-now th").first.inner_text() == "Nov 2028"
    body.press("t")
    body.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    body.press("Space")
    assert page.get_by_role("button", name="Pause").count() == 1
    page.locator("[data-chart=specialists] svg[role=img]").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("button", name="Play").count() == 1


def test_an_exact_value_out_of_range_is_told_and_moves_nothing(read):
    reader = read().open("?seeds=8&lang=en")
    lever = reader.page.locator("[data-lever='levers.grant_scale']")
    lever.locator(".ij-when summary").click()
    field = lever.locator("input[type=number]")
    field.fill("99")
    field.press("Tab")
    told = lever.locator(".ij-wrong")
    reader.page.wait_for_function(
        "document.querySelector(\"[data-lever='levers.grant_scale'] .ij-wrong\").innerText !== ''"
    )
    assert "from 0 to 20" in told.inner_text()
    assert (field.input_value(), field.get_attribute("aria-invalid")) == ("99", "true")
    assert reader.slider("levers.grant_scale").get_attribute("aria-valuetext") == "1"
    assert "grant_scale" not in reader.page.url
    field.fill("2")
    assert told.inner_text() == ""
    field.press("Tab")
    reader.page.wait_for_function("location.search.includes('grant_scale=2')")
    reader.settled()


def test_as_in_the_scenario_takes_back_the_levers_and_keeps_the_rest(read):
    page = read().open("?s=open-data&seeds=8&levers.grant_scale=2&focus=teachers&lang=en").page
    page.get_by_role("button", name="As in the scenario").click()
    page.wait_for_function("!location.search.includes('grant_scale')")
    assert all(part in page.url for part in ("s=open-data", "seeds=8", "focus=teachers"))
    assert page.get_by_role("button", name="As in the scenario").is_disabled()
    page.get_by_role("button", name="Reset all").click()
    page.wait_for_function("!location.search.includes('open-data')")


def test_a_bad_part_of_a_link_leaves_its_levers(read):
    reader = read().open("?focus=zzz&month=500&levers.grant_scale=2&seeds=8&lang=en")
    said = reader.page.get_by_role("alert").inner_text()
    assert "'zzz'" in said and "'500'" in said
    assert reader.slider("levers.grant_scale").get_attribute("aria-valuetext") == "2"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_first_screen_of_a_desk_has_a_whole_curve(read, lang):
    reader = read().open_simply(f"?seeds=8&lang={lang}")
    page = reader.page
    for name in ("employed_hospitals", "adoption_share"):
        box = page.locator(f"[data-chart={name}]").bounding_box()
        assert box["y"] + box["height"] <= 900
    assert page.locator("[role=main]").count() == 1 and page.locator("h1").count() == 1
    page.locator("[data-test=more]").click()
    page.locator("[data-test=pull-ask]").wait_for()
    below = page.locator("[data-test=pull-ask]").bounding_box()["y"]
    assert below > page.locator("[data-chart=adoption_share]").bounding_box()["y"]
    assert page.locator("[role=main]").count() == 1 and page.locator("h1").count() == 1


def test_the_steps_show_the_month_of_the_cursor(read):
    page = read().open(f"?seeds=8&lang=en{END}").page
    value = "[data-step={}] b".format
    assert page.locator(value("specialists")).inner_text() in page.locator("[data-chart=specialists] b").inner_text()
    assert page.locator("[data-step=graduated] .ij-step-base").inner_text().startswith("Baseline ")
    assert page.locator("[data-step=holds-universities].ij-weak").count() == 1
    weak = page.locator(".ij-holds .ij-weak span").first.inner_text().split("\n")[0].strip()
    assert page.locator("[data-step=holds-universities] b").inner_text() == weak
    end = [page.locator(value(name)).inner_text() for name in ("applicants", "graduated", "routine_domains")]
    for _ in range(5):
        page.locator("body").press("Shift+ArrowLeft")
    middle = [page.locator(value(name)).inner_text() for name in ("applicants", "graduated", "routine_domains")]
    assert all(one != other for one, other in zip(end, middle, strict=True))
    page.locator("[data-step=specialists]").scroll_into_view_if_needed()
    for _ in range(5):
        page.locator("body").press("Shift+ArrowLeft")
    assert page.locator(value("graduated")).inner_text().startswith("–"), "there are no twelve months yet"


def test_one_reason_is_a_number_and_the_joint_effect_is_neither_good_nor_bad(read):
    page = read().open("?seeds=8&lang=en").page
    page.wait_for_selector(".ij-why-value")
    assert page.locator(".ij-why-plot").count() == 0
    reader = read().open("?seeds=8&lang=en&levers.grant_scale=2")
    reader.page.wait_for_selector("[data-test=why-rest]")
    rest = reader.page.locator(".ij-why li", has=reader.page.locator("[data-test=why-rest]"))
    assert "ij-same" in rest.locator(".ij-why-bar").get_attribute("class")


def test_cards_have_the_digits_that_their_differences_need(read):
    page = read().open(f"?seeds=8&lang=en{END}").page
    card = page.locator("[data-card=unmet_demand_share]")
    assert re.fullmatch(r"\d+\.\d\d%", card.locator(".ij-value").inner_text())
    for _ in range(10):
        page.locator("body").press("Shift+ArrowLeft")
    assert "almost no change" in card.inner_text()
    assert card.locator(".ij-good, .ij-bad").count() == 0


def test_an_impossible_lever_goes_back(read):
    reader = read().open("?seeds=8&lang=en")
    slider = reader.slider("levers.grant_share_teachers")
    slider.focus()
    reader.page.keyboard.press("End")
    assert "was left as it was" in reader.page.get_by_role("alert").inner_text()
    assert slider.get_attribute("aria-valuetext") == "50%"
    assert slider.input_value() == slider.evaluate("s => String(Math.round(s.max / 2))")


def test_charts_speak(read):
    label = (
        read()
        .open("?seeds=8&lang=en")
        .page.locator("[data-chart=specialists] svg[role=img]")
        .get_attribute("aria-label")
    )
    assert re.match(
        r"Curve of Specialists in the field: [\d,]+ in Dec 2024, [\d,]+ in Dec 2034; 90%", label.replace(" persons", "")
    )


def test_the_settled_answer_is_announced_once(read):
    reader = read().open("?seeds=8&lang=en")
    reader.page.wait_for_function("document.querySelector('[data-test=live]').innerText !== ''")
    assert reader.text("live").split(".")[0] in reader.answer


@pytest.mark.parametrize("query", ["?s=atlantis", "?levers.grant_scale=99", "?levers.nonsense=1", "?seeds=many"])
def test_a_bad_link_is_told_and_shows_the_default(read, query):
    reader = read()
    reader.page.goto(f"{reader.url}{query}&lang=en")
    alert = reader.page.get_by_role("alert")
    alert.wait_for(timeout=SETTLED)  # not for all runs of the default
    assert "This link cannot be read" in alert.inner_text()
    reader.page.wait_for_function("location.search.includes('s=korea')")
    alert.get_by_role("button").click()
    alert.wait_for(state="detached")


def test_files_can_be_downloaded(read):
    page = read(accept_downloads=True).open("?seeds=8&lang=ko").page
    files = {
        "핵심 결과 그림(PNG)": ("-headline.png", b"\x89PNG"),
        "데이터(CSV)": (".csv", "시나리오,".encode("utf-8-sig")),
        "그림(PNG)": (".png", b"\x89PNG"),
        "그림(SVG)": (".svg", b"<?xml"),
        "한 장 요약(PDF)": (".pdf", b"%PDF"),
    }
    for name, (ending, begin) in files.items():
        button = page.get_by_role("button", name=name, exact=True)
        if not button.is_visible():
            page.locator(".ij-menu summary").click()
        with page.expect_download(timeout=60_000) as download:
            button.click()
        assert download.value.path().read_bytes().startswith(begin)
        assert download.value.suggested_filename.endswith(ending)


@pytest.mark.parametrize(("width", "lang"), [(1440, "ko"), (390, "en")])
def test_no_serious_finding_of_axe(read, width, lang):
    page = read(width=width).open(f"?seeds=8&lang={lang}&levers.grant_scale=2").page
    if width < 900:
        page.locator(".ij-fold").click()
    for keys in ("", "t"):
        if keys:
            page.locator("body").press(keys)
        found = Axe().run(page).response["violations"]
        serious = [
            (one["id"], [node["html"][:120] for node in one["nodes"][:3]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []


@pytest.mark.parametrize("width", [390, 320, 900])
def test_narrow_pages_do_not_scroll_sideways(read, width):
    page = read(width=width).open("?seeds=8&lang=en&levers.data_access@2027-01=0.8").page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("body").press("t")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("locale", "lang"), [("ko-KR", "ko"), ("en-GB", "en"), ("de-DE", "en")])
def test_a_link_without_a_language_opens_in_that_of_the_browser(read, locale, lang):
    page = read(locale=locale).open("?seeds=4").page
    assert page.evaluate("document.documentElement.lang") == lang
    assert bool(re.search("[가-힣]", page.locator(".ij-sentences").inner_text())) == (lang == "ko")
    page.wait_for_function(f"location.search.includes('lang={lang}')")
    other = {"ko": "English", "en": "한국어"}[lang]
    page.get_by_role("button", name=other).click()
    chosen = {"ko": "en", "en": "ko"}[lang]
    page.wait_for_function(f"location.search.includes('lang={chosen}')")
    page.reload()
    page.wait_for_selector(".ij-sentences")
    assert page.evaluate("document.documentElement.lang") == chosen, "a choice that is made is kept"


def test_nothing_covers_the_switches_of_uncertainty(read):
    page = read().open("?seeds=8&lang=ko").page
    page.mouse.move(1000, 600)
    page.mouse.wheel(0, 20_000)
    page.wait_for_timeout(500)
    for switch in page.locator(".ij-foot input[type=checkbox]").all():
        at = switch.bounding_box()
        hit = "([x, y]) => document.elementFromPoint(x, y).tagName"
        assert page.evaluate(hit, [at["x"] + 5, at["y"] + 5]) == "INPUT"


def test_a_link_that_changes_numbers_of_the_model_says_so_and_can_be_undone(read):
    reader = read().open("?s=korea&lang=en&seeds=8&parameters.labour.taste_sd=0.4")
    assert "0.4" in reader.text("altered") and "sets" in reader.text("rests")
    reader.page.locator("[data-test=altered] button").click()
    reader.page.wait_for_function("!window.location.search.includes('taste_sd')")
    reader.page.locator("[data-test=altered]").wait_for(state="detached", timeout=SETTLED)
