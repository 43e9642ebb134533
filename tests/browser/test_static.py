"""The static edition, on a plain file server under a sub-path, with other hosts out of reach."""

import functools
import http.server
import subprocess
import sys
import threading

import numpy as np
import pytest

from playground import api, static
from playground.drawing import strokes
from playground.errors import UserError
from tests.browser.conftest import PATIENCE, changed, opened, pixels, reveal, settled
from tests.browser.serving import ROOT, QuietHandler
from tests.browser.test_canvas import draw


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
    page.get_by_text("Squeeze", exact=True).click()
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


def test_what_stays_on_the_server_says_so_by_name(page):
    opened(page, "./?tab=latent&view=bounds")
    page.locator("#latent-bounds-hands").get_by_text("1", exact=True).click()
    page.get_by_text("two commands open the whole playground", exact=False).locator("visible=true").first.wait_for()


def test_nothing_that_is_not_the_editions_is_overwritten(site, tmp_path):
    _, folder, _ = site
    assert "index.html" in static._ours(folder)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty and no static edition"):
        static.main([str(tmp_path)])
    assert (tmp_path / "mine.txt").read_text() == "mine"
    with pytest.raises(UserError, match="no folder"):
        static.main([str(tmp_path / "mine.txt")])
    (tmp_path / static.RECORD).write_text('["../outside.txt", "index.html"]')
    assert static._ours(tmp_path) == {"index.html"}


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
