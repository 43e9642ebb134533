"""Where the browser can't compute, nothing is lost: the server answers instead.  The static edition's failures are in test_static.py."""

import pytest

from tests.browser.conftest import PATIENCE, changed, opened, settled, to_view
from tests.browser.test_in_browser import predictions


def walked(page, before: str, to: float) -> str:
    """Moves over the map, and waits for the picture."""
    box = page.locator("#latent-map .map").bounding_box()
    page.mouse.move(box["x"] + to * box["width"], box["y"] + 0.4 * box["height"])
    return changed(page, "#latent-digit", before)


def answered_by_the_server(page) -> None:
    """Walks over the map; the movements are asked of the server, also when it has answered one before."""
    opened(page)
    seen, asked = settled(page, "#latent-digit"), predictions(page)
    for to in (0.3, 0.5, 0.7):
        seen = walked(page, seen, to)
        page.wait_for_timeout(500)
    assert asked.count("latent-walk") >= 2


@pytest.fixture
def other(browser, address):
    """A page whose console may complain."""
    pages = []

    def new():
        page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE)
        pages.append(page)
        return page

    yield new
    for page in pages:
        page.context.close()


def test_without_webassembly_the_server_answers(other):
    page = other()

    def without(route):
        script = route.fetch()
        route.fulfill(response=script, body=f"delete globalThis.WebAssembly; {script.text()}")

    page.route("**/worker.js", without)
    answered_by_the_server(page)


@pytest.mark.parametrize("blocked", ["**/worker.js", "**/compute.js", "**/gestures.json", "**/*.wasm.gz", "**/vae-mnist-2d/**"])
def test_where_something_is_blocked_the_server_answers(other, blocked):
    page = other()
    page.route(blocked, lambda route: route.abort())
    answered_by_the_server(page)


def test_a_model_that_fails_to_load_takes_no_other_one_with_it(other):
    page = other()
    page.route("**/vae-mnist-2d/**", lambda route: route.abort())
    opened(page, "/?tab=latent&view=between")
    strip = page.locator("#latent-strip .strip img")

    def way(to: float, before: str) -> str:
        strip.scroll_into_view_if_needed()
        box = strip.bounding_box()
        page.mouse.move(box["x"] + to * box["width"], box["y"] + 0.5 * box["height"])
        return changed(page, "#latent-way", before)

    seen = way(0.2, settled(page, "#latent-way"))
    page.wait_for_function("async () => (await playground_computes.start()).ready.has('vae-mnist/between')")
    to_view(page, "Walk the map")
    walked(page, settled(page, "#latent-digit"), 0.6)
    page.wait_for_timeout(1000)
    to_view(page, "From A to B")
    seen, asked = settled(page, "#latent-way"), predictions(page)
    for to in (0.4, 0.6, 0.8):
        seen = way(to, seen)
    assert asked == []


def test_when_the_connection_is_lost_the_hand_is_followed_all_the_same(other):
    page = other()
    opened(page)
    walked(page, settled(page, "#latent-digit"), 0.3)
    page.wait_for_function("async () => (await playground_computes.start()).ready.has('vae-mnist-2d/decode')")
    page.wait_for_function("async () => (await playground_computes.start()).ready.has('vae-mnist-2d/near')")
    seen = walked(page, settled(page, "#latent-digit"), 0.4)  # what it asked of the server has come
    page.wait_for_timeout(1000)
    page.context.route("**/*", lambda route: route.abort())
    for to in (0.5, 0.6, 0.7):
        seen = walked(page, seen, to)
