"""The way through the page: the first taps, back and forward, the guided hour, presenting, and the code of an address."""

import io
from urllib.parse import parse_qsl, urlsplit

import pytest
import zxingcpp
from PIL import Image

from playground.ui.builder import GUESSES
from tests.browser.conftest import PATIENCE, changed, opened, reveal, settled

# Clicks the first element that fits as soon as it is there, before the page has read its address
EARLY = """(selector) => new MutationObserver((_, observer) => {
    const found = document.querySelector(selector);
    if (found && !window.playground?.isReady()) (window.early = true, observer.disconnect(), found.click());
}).observe(document, { childList: true, subtree: true })"""


def seen(page, tab: str, view: str) -> None:
    page.locator(f"#{tab}-view-{view}:not(.closed)").wait_for(timeout=PATIENCE)
    assert page.locator(f"#tab-{tab}-button").get_attribute("aria-selected") == "true"


def test_back_and_forward_walk_through_tabs_and_views(page):
    opened(page)
    page.locator("#tab-latent .views input[value=between]").check(force=True)
    page.wait_for_url("**view=between**")
    page.locator("#tab-game-button").click()
    page.wait_for_url("**tab=game**")
    page.go_back()
    seen(page, "latent", "between")
    page.wait_for_timeout(500)
    page.go_back()
    seen(page, "latent", "map")
    page.wait_for_timeout(500)
    page.go_forward()
    seen(page, "latent", "between")
    page.wait_for_timeout(500)
    page.go_forward()
    seen(page, "game", "live")


def test_the_opening_leads_to_play_to_the_hour_and_to_the_map_of_models(page):
    opened(page)
    assert page.locator(".opening").is_visible()
    page.locator(".opening").get_by_role("link", name="The whole map of models").click()
    page.locator(".guide.models").wait_for()
    assert not page.locator(".opening").is_visible() and not page.locator("#tab-latent").is_visible()
    page.get_by_role("link", name="Row LSTM").click()
    page.wait_for_function("() => window.playground?.isReady()")
    seen(page, "pixels", "write")
    page.goto("/")
    page.locator(".opening").get_by_role("button", name="Play").click()
    assert not page.locator(".opening").is_visible()
    page.goto("/")
    page.locator(".opening").get_by_role("link", name="A guided hour").click()
    page.locator(".stop[data-stop='1']").wait_for()
    page.locator(".stop[data-stop='1']").get_by_role("link", name="Next").click()
    page.locator(".stop[data-stop='2']").wait_for()
    page.wait_for_function("() => window.playground?.isReady()")
    seen(page, "latent", "squeeze")
    settled(page, "#latent-squeeze-ae")


def read(page, selector: str) -> str:
    """What the QR code in the element says."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(selector).screenshot())))
    return found.text


def test_the_code_of_a_state_is_its_address_watch_it_learn_plays_to_its_end_and_temperature_stands_where_it_acts_alone(page):
    opened(page, "/?tab=game&view=film&frame=18")
    page.get_by_role("button", name="QR code").click()
    page.locator("dialog.code svg").wait_for()
    assert read(page, "dialog.code svg") == page.url == page.locator("dialog.code a").get_attribute("href")
    page.keyboard.press("Escape")
    # Watch it learn
    first = settled(page, "#game-film")
    page.locator("#game-film-play").click()
    changed(page, "#game-film", first)
    page.wait_for_url("**view=film", timeout=PATIENCE)  # the last frame is the usual one
    # Temperature
    page.locator("#tab-pixels-button").click()
    for view, acts in (("write", True), ("surprise", False), ("complete", True), ("field", False)):
        page.locator(f"#tab-pixels .views input[value={view}]").check(force=True)
        seen(page, "pixels", view)
        assert page.locator(".temperature").is_visible() == acts, view


def test_the_worksheet_is_printed_whole_with_a_code_for_each_stop(page):
    opened(page, "/?guide=worksheet")
    page.wait_for_function("() => document.querySelectorAll('.sheet.worksheet .to svg').length === 12")
    assert read(page, ".to svg >> nth=2").endswith("/?tab=latent&seed=12&view=random&stop=3")
    page.emulate_media(media="print")
    assert page.locator(".worksheet .line").count() == 36 and not page.locator(".head nav").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_lesson_that_was_never_opened_is_printed_open_by_the_browser_s_own_menu(page):
    opened(page, "/?tab=latent&view=rebuild")
    page.locator("#tab-game-button").click()  # another tab's, too
    lesson = page.locator("#tab-game .lesson p").filter(has_text="is a game of two networks")
    page.locator("#tab-game .lesson").wait_for()
    page.locator("html").dispatch_event("mouseleave")  # the pointer goes to the browser's menu
    lesson.wait_for(state="attached")
    page.wait_for_function("!document.querySelector('.making')")
    assert lesson.is_hidden() and page.locator("#tab-game .claims legend").first.is_hidden()
    seen = """() => addEventListener("beforeprint", () => { // after the page's own listener
        const parts = [...document.querySelectorAll("#tab-game :is(.claims legend, .lesson .prose p, .networks figure)")];
        window.printed = parts.filter((part) => part.checkVisibility()).length / parts.length;
    })"""
    page.evaluate(seen)
    page.pdf()
    assert page.evaluate("printed") == 1
    lesson.wait_for(state="hidden")


def test_one_experiment_is_presented_printed_with_its_lesson_cleared_and_explained_by_its_glossary(page):
    opened(page, "/?tab=latent&view=rebuild")
    settled(page, "#latent-rebuilt")
    # A lesson that is closed is printed open, and closed again after it
    page.evaluate("void (window.print = () => (window.printing = true))")
    page.keyboard.press("Control+p")
    page.wait_for_function("window.printing")
    page.emulate_media(media="print")
    lesson = page.locator("#tab-latent .lesson p").filter(has_text="The first term is the reconstruction")
    assert lesson.is_visible() and page.locator("#tab-latent .claims legend").first.is_visible()
    assert page.locator(".gradio-container").evaluate("page => getComputedStyle(page).overflow") == "visible"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    lesson.wait_for(state="hidden")
    page.emulate_media(media="screen")
    # One experiment fills the screen
    usual = page.locator("#latent-rebuilt .frame").bounding_box()
    page.get_by_role("button", name="Present").click()
    hidden = ["#tab-latent-button", "#tab-latent .presets", "#tab-latent .claims", "#tab-latent .opening-line"]
    assert not any(page.locator(selector).is_visible() for selector in hidden)
    shown = page.locator("#latent-rebuilt .frame").bounding_box()
    assert shown["width"] > usual["width"] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    page.locator("#tab-latent-button").wait_for()
    # The glossary answers under the pointer and to the keyboard
    term, says = page.locator("#latent-view-rebuild .sentence .term"), page.locator("#says")
    assert term.inner_text() == "ELBO"
    term.hover()
    assert says.inner_text().startswith("The evidence lower bound")
    page.mouse.move(2, 2)
    assert not says.is_visible()
    term.focus()
    assert says.is_visible() and term.get_attribute("aria-describedby") == "says"
    page.keyboard.press("Escape")
    assert not says.is_visible()
    # Clear clears what was made of the drawing
    page.locator("#latent-canvas [data-do=clear]").click()
    page.locator("#latent-view-rebuild .empty").wait_for()
    page.locator("#latent-rebuilt img:not([src])").wait_for(state="attached")
    page.locator("#latent-canvas [data-do=undo]").click()
    changed(page, "#latent-rebuilt", None)
    # The lesson opens at what is explained
    page.locator("#latent-view-rebuild .explain").click()
    page.locator("#tab-latent .lesson p:focus", has_text="The first term is the reconstruction").wait_for()
    assert page.locator("#tab-latent .lesson .term").count()
    # A slide shows a single view
    opened(page, "/?tab=latent&view=between&embed=1")
    assert not any(page.locator(selector).is_visible() for selector in [*hidden, "h1"])
    changed(page, "#latent-way", None)


@pytest.mark.parametrize("link", ["/", "/?tab=sketch&view=facades"])
@pytest.mark.parametrize(
    "tapped, tab, view",
    [
        ("#tab-game-button", "game", "live"),
        ("#tab-latent .views input[value=between]", "latent", "between"),
        ("#tab-latent .preset", "latent", "between"),
    ],
    ids=["a tab", "a pill", "a preset"],
)
def test_a_tap_before_the_page_has_read_its_address_counts(link, tapped, tab, view, page):
    if link != "/" and tab != "game":
        pytest.skip("that pill is not in the tab that the link opens")
    page.add_init_script(f"({EARLY})({tapped!r})")
    opened(page, link)
    assert page.evaluate("window.early")
    seen(page, tab, view)
    page.wait_for_timeout(500)
    seen(page, tab, view)


def test_a_class_in_one_room_sees_what_it_expected(window):
    teacher, student = window(), window()
    teacher.goto("/?guide=hour")
    teacher.get_by_role("button", name="Open a room").click()
    teacher.wait_for_url("**room=*")
    room = dict(parse_qsl(urlsplit(teacher.url).query))["room"]
    for page, guess in ((teacher, 1), (student, 0)):
        opened(page, f"/?tab=latent&room={room}")
        page.locator("#tab-latent .claims button").first.click()
        reveal(page, "latent", "C7", guess)
    for page in (student, teacher):  # the first to say it hears of the others, too
        page.locator("#tab-latent .guess", has_text="In this room, 1 of 2 expected what is seen.").wait_for()
        counts = page.locator("#tab-latent .tally li").evaluate_all("rows => rows.map((row) => row.textContent)")
        assert sorted(counts) == sorted(f"{option}{count}" for option, count in zip(GUESSES["C7"], (1, 1, 0)))
    teacher.get_by_role("button", name="QR code").click()
    teacher.locator("dialog.code a", has_text=f"room={room}").wait_for()


def test_a_tally_is_asked_for_while_it_is_seen(window):
    page, asked = window(), []
    page.add_init_script(
        "const later = setTimeout; window.setTimeout = (call, ms, ...more) => later(call, ms === 3000 ? 300 : ms, ...more);"
    )
    page.on("request", lambda request: asked.append(request.method) if "/room" in request.url else None)
    opened(page, "/?tab=latent&room=physics")
    page.locator("#tab-latent .claims button").first.click()
    assert asked == []  # nothing is revealed
    reveal(page, "latent", "C7")
    page.wait_for_function("document.querySelector('#tab-latent .tally')")
    page.wait_for_timeout(700)
    assert asked[:2] == ["POST", "GET"]
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.wait_for_timeout(500)
    count = len(asked)
    page.wait_for_timeout(700)
    assert len(asked) == count
    page.evaluate("delete document.hidden")
    page.wait_for_timeout(700)
    assert len(asked) > count
    page.locator("#tab-latent .preset").first.click()  # what was revealed goes
    page.wait_for_timeout(500)
    count = len(asked)
    page.wait_for_timeout(700)
    assert len(asked) == count
