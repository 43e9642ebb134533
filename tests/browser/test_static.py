"""The static edition, on a plain file server under a sub-path, with other hosts out of reach."""

import functools
import gzip
import http.server
import subprocess
import sys
import threading
from urllib.parse import unquote

import numpy as np
import pytest

import app
from playground import api, imaging, static
from playground.drawing import strokes
from playground.drawing.pictures import facade_photo
from playground.errors import UserError
from playground.ui import course
from tests.browser.conftest import PATIENCE, changed, opened, pixels, reveal, settled, shows, source, to_view
from tests.browser.serving import ROOT, QuietHandler
from tests.browser.test_canvas import draw
from tests.browser.test_language import english_in
from tests.browser.test_worlds import film


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the edition, written here; `site.server` is what serves it."""
    root = tmp_path_factory.mktemp("static")
    subprocess.run([sys.executable, "-m", "playground.static", root / "my site"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) < 120e6
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=root)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/my%20site/", root / "my site", server
        server.shutdown()


@pytest.fixture
def page(browser, site):
    """A window in which requests to other hosts, and to a server of ours, fail the test."""
    address, _, _ = site
    context, wrong = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address), []

    def watch(request):
        if not request.url.startswith((address, "data:", "blob:")) and not request.url.endswith("/favicon.ico"):
            wrong.append(request.url)
        elif "gradio_api" in request.url and not request.url.endswith("/info"):
            wrong.append(request.url)

    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", watch)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def test_the_map_is_walked_and_links_are_opened_without_a_server(page):
    opened(page, "./?tab=latent&z=1.5,0.3")
    page.wait_for_function("() => document.querySelector('#latent-view-map .figures').innerText.includes('1.50, 0.30')")
    assert np.abs(pixels(page, "#latent-digit").astype(int) - np.asarray(api.latent_decode([1.5, 0.3]))).max() <= 1
    box = page.locator("#latent-map .map").bounding_box()
    before = settled(page, "#latent-digit")
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    changed(page, "#latent-digit", before)
    page.locator("#latent-memory img").first.wait_for()


def test_views_presets_claims_and_tabs_show_what_was_written(page):
    opened(page, "./")
    to_view(page, "Squeeze")
    changed(page, "#latent-squeeze-vae", None)
    page.get_by_role("button", name="Where 4 turns into 9").click()
    page.wait_for_url("**view=between**")
    changed(page, "#latent-way", None)
    page.get_by_role("button", name="Predict, then look").locator("visible=true").click()
    reveal(page, "latent", "C7")
    page.locator("#tab-latent .block.revealed", has_text="From beta").wait_for()
    page.get_by_role("tab", name="Two worlds").click()
    page.wait_for_url("**tab=worlds**")


def test_a_drawn_digit_is_answered_without_a_server_and_a_damaged_one_gets_its_sentence(page):
    opened(page, "./?tab=latent&view=rebuild")
    before = settled(page, "#latent-rebuilt")
    page.locator("#latent-hands").get_by_text("8", exact=True).click()
    before = changed(page, "#latent-rebuilt", before)
    page.locator("#latent-canvas [data-do=clear]").click()
    page.locator("#latent-view-rebuild .empty", has_text="Draw a digit first: the canvas is empty.").wait_for()
    page.locator("#latent-canvas canvas").scroll_into_view_if_needed()
    draw(page, "latent-canvas", (150, 100), (350, 400))
    changed(page, "#latent-rebuilt", before)
    opened(page, "./?tab=latent&view=rebuild&digit=ABCD")
    page.get_by_text(strokes.DAMAGED).locator("visible=true").first.wait_for()


def over_the_wire(folder, requests: dict[str, str]) -> int:
    """Bytes of these requests, path -> range ("" for all of a file), from a server that compresses by gzip."""
    total = 0
    for name, part in requests.items():
        content = (folder / (name or "index.html")).read_bytes()
        if part:
            first, last = map(int, part.removeprefix("bytes=").split("-"))
            content = content[first : last + 1]
        total += min(len(gzip.compress(content)), len(content))
    return total


def test_the_page_is_hebrew_without_a_server(page):
    opened(page, "./?lang=he")
    before = settled(page, "#latent-digit")
    page.locator("#latent-map .map").hover(position={"x": 90, "y": 120})
    changed(page, "#latent-digit", before)
    page.get_by_role("button", name="היכן 4 הופך ל‑9").click()
    page.locator("#tab-latent .why:visible", has_text="קו אחד נסגר למעלה").first.wait_for()
    assert page.evaluate("document.documentElement.dir") == "rtl" and english_in(page) == []
    assert "lang=he" in page.url


def test_a_visitor_of_the_first_tab_loads_at_most_six_megabytes(page, site):
    address, folder, _ = site
    requests = {}

    def note(request):
        name = unquote(request.url.partition("?")[0].removeprefix(unquote(address)).removeprefix(address))
        if request.url.startswith(address) and (folder / (name or "index.html")).exists():
            requests[name] = request.headers.get("range", "")

    page.on("request", note)
    opened(page, "./")
    before = settled(page, "#latent-digit")
    opening = over_the_wire(folder, requests)
    moved(page, 0.3, 0.3)
    changed(page, "#latent-digit", before)
    near = {name for name in requests if "/vae-mnist/" in name}  # what the neighbours of a digit are looked up in, once the hand rests
    answered = over_the_wire(folder, {name: part for name, part in requests.items() if name not in near})
    assert opening < 1e6 and answered < 6.2e6


def test_what_stays_on_the_server_says_so_by_name(page):
    opened(page, "./?tab=latent&view=bounds")
    page.locator("#latent-bounds-hands").get_by_text("1", exact=True).click()
    page.get_by_text("two commands open the whole playground", exact=False).locator("visible=true").first.wait_for()


def test_a_search_says_by_its_name_that_it_wants_a_server(page):
    opened(page, "./?tab=game&view=search")
    page.locator("#game-search").click()
    page.get_by_text("Find this digit is computed by a server", exact=False).locator("visible=true").first.wait_for()


@pytest.mark.parametrize("stop, element", [(4, "#latent-view-bounds .figures"), (11, "#pixels-field img[src]")])
def test_a_stop_of_the_guided_hour_shows_what_the_server_once_computed(stop, element, page):
    opened(page, f"./?{course.address(app.demo.builders, stop)}")
    page.locator(element).first.wait_for()
    page.locator(f".stop[data-stop='{stop}'] h2").wait_for()
    assert not page.get_by_text("is computed by a server").locator("visible=true").count()


LINKED = {  # link -> the picture in an element that it opens
    "tab=digits&digit=7&seed=19": ("#digits-asked", lambda: api.digits_ask(7, 19)[0]),
    "tab=digits&view=blend&a=3&b=8&t=0.25&seed=5": ("#digits-blended", lambda: api.digits_blend(3, 8, 0.25, 5)[0]),
    "tab=digits&view=write&number=2718": ("#digits-written", lambda: api.digits_write("2718", api.HAND)[0]),
    "tab=game&view=pair&t=0.3&seed=4": ("#game-right", lambda: api.game_samples(4, 2, 0.3, "dcgan-mnist")),
}


def test_a_link_shows_in_the_browser_what_programs_get_from_the_server(page):
    for link, (element, picture) in LINKED.items():
        opened(page, f"./?{link}")
        wanted = np.asarray(picture()).astype(int)
        changed(page, element, None)
        for _ in range(100):
            if (shown := pixels(page, element)).shape == wanted.shape and np.abs(shown - wanted).max() <= 1:
                break
            page.wait_for_timeout(100)
        else:
            raise AssertionError(f"{element} does not show what {link} says")


def moved(page, x: float, y: float) -> None:
    box = page.locator("#latent-map .map").bounding_box()
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


@pytest.mark.parametrize("blocked", ["**/worker.js", "**/*.wasm.gz", "**/vae-mnist-2d/**"])
def test_what_cant_be_loaded_is_said_in_a_sentence_and_the_last_picture_stays(page, blocked):
    page.route(blocked, lambda route: route.abort())
    opened(page, "./")
    before = settled(page, "#latent-digit")
    moved(page, 0.3, 0.3)
    page.get_by_text("could not be loaded or computed in your browser", exact=False).locator("visible=true").first.wait_for()
    assert source(page, "#latent-digit") == before and page.locator("#latent-digit progress").count() == 0
    to_view(page, "Squeeze")
    changed(page, "#latent-squeeze-vae", None)  # what was written when the edition was made is seen all the same
    if blocked != "**/worker.js":
        to_view(page, "Walk the map")
        page.unroute(blocked)
        page.wait_for_timeout(3500)
        moved(page, 0.7, 0.3)
        changed(page, "#latent-digit", before)


def test_while_a_model_loads_a_bar_says_how_much_is_there_and_the_last_gesture_is_answered(page):
    held = []
    page.route("**/vae-mnist-2d/**/model.safetensors", lambda route: held.append(route))
    opened(page, "./")
    before = settled(page, "#latent-digit")
    moved(page, 0.3, 0.3)
    bar = page.locator("#latent-digit progress")
    bar.wait_for()
    page.wait_for_function("() => document.querySelector('#latent-digit progress').value > 0.1")
    for x in (0.4, 0.5, 0.6):
        moved(page, x, 0.4)
        page.wait_for_timeout(50)
    assert source(page, "#latent-digit") == before
    for route in held:
        route.continue_()
    bar.wait_for(state="detached")
    changed(page, "#latent-digit", before)
    page.wait_for_timeout(1000)
    z = [float(part) for part in page.evaluate("() => playground.values('latent').z").split(",")]
    assert 0 < z[0] < 1 and np.abs(pixels(page, "#latent-digit").astype(int) - np.asarray(api.latent_decode(z))).max() <= 1


def test_nothing_that_is_not_the_editions_is_overwritten(site, tmp_path):
    _, folder, _ = site
    assert {"index.html", "quiz.html"} <= static._ours(folder)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty and no static edition"):
        static.main([str(tmp_path)])
    assert (tmp_path / "mine.txt").read_text() == "mine"
    with pytest.raises(UserError, match="no folder"):
        static.main([str(tmp_path / "mine.txt")])
    (tmp_path / static.RECORD).write_text('["../outside.txt", "index.html"]')
    assert static._ours(tmp_path) == {"index.html"}


def test_uploads_and_strokes_become_photographs_without_a_server(page, tmp_path):
    opened(page, "./?tab=worlds&direction=there")
    before = settled(page, "#worlds-x")
    facade_photo(300).save(tmp_path / "house.png")
    page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / "house.png")
    changed(page, "#worlds-x", before)
    assert np.abs(pixels(page, "#worlds-x").astype(int) - np.asarray(imaging.fitted(tmp_path / "house.png", 128))).max() <= 1
    page.wait_for_function("document.querySelector('#worlds-upload img').naturalWidth === 300")
    (tmp_path / "text.png").write_text("no picture")
    page.locator("#worlds-upload").get_by_label("Remove Image").click()
    page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / "text.png")
    page.locator("[role=alert]", has_text="This file is no picture that can be read").wait_for()
    opened(page, "./?tab=sketch")
    before = settled(page, "#sketch-photo")
    draw(page, "sketch-canvas", (20, 30), (240, 60), up=False)
    changed(page, "#sketch-photo", before)  # the pen is still down
    page.mouse.up()


def test_a_filmed_picture_is_translated_without_a_server(page):
    opened(page, "./?tab=worlds&direction=there")
    settled(page, "#worlds-x")
    shows(page, "#worlds-x", imaging.fitted(film(page), 128))


def test_the_gestures_work_on_when_the_server_has_gone(page, site):
    opened(page, "./")
    box = page.locator("#latent-map .map").bounding_box()
    before = settled(page, "#latent-digit")
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    before = changed(page, "#latent-digit", before)
    page.locator("#latent-memory img").first.wait_for()
    site[2].shutdown()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    changed(page, "#latent-digit", before)
