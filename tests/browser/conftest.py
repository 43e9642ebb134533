"""The real page in a real browser: one server and one Chromium for the whole session.

`page` is a new window on that server; whatever it logs as an error, and any request that leaves the machine, fails the test.
"""

import base64
import io
import time
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image

from playground.ui.state import parse
from playground.ui.values import shown
from tests.browser import install
from tests.browser.serving import FLAGS, answers, file_server, serving

PATIENCE = 30_000  # ms; what takes milliseconds on an idle machine


@pytest.fixture(scope="session")
def address():
    """The address of `python app.py`, started here and stopped at the end."""
    with serving() as (address, server):
        answers(address, server)
        yield address


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = install.find()
    assert path, "There is no browser: run `python -m tests.browser.install`."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def files():
    """The address of a plain file server of the repository."""
    with file_server() as address:
        yield address


@pytest.fixture(scope="module")
def blank(browser, files):
    """A page of the file server, with nothing but a list of files, in which a test imports modules."""
    page = browser.new_page()
    page.goto(f"{files}/playground/browser/")
    yield page
    page.close()


@pytest.fixture
def window(browser, address):
    """window(**settings of the browser's context) -> a new page; all are closed, and what went wrong in them told, at the end."""
    contexts, wrong = [], []

    def watch(page):
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith((address, "data:", "blob:")) else None)

    def new(**settings):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "base_url": address, **settings})
        context.on("page", watch)
        contexts.append(context)
        return context.new_page()

    new.wrong = wrong
    yield new
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(window):
    return window()


def pixels(page, selector: str) -> np.ndarray:
    """The picture in the element, as its numbers: (H, W) or (H, W, 3) uint8."""
    source = page.locator(f"{selector} img").first.get_attribute("src")
    levels = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))
    if levels.ndim == 3 and levels.shape[2] == 4:  # painted by the browser itself
        levels = levels[..., :3]
    return levels[..., 0] if levels.ndim == 3 and (levels == levels[..., :1]).all() else levels


def grey(page, selector: str) -> np.ndarray:
    """The picture in the element, which has no colour: (H, W) uint8."""
    levels = pixels(page, selector)
    assert levels.ndim == 2, f"{selector} shows colours"
    return levels


def source(page, selector: str) -> str | None:
    return page.locator(f"{selector} img").first.get_attribute("src")


def changed(page, selector: str, before: str | None) -> str:
    """Waits until the picture in the element is another than `before` (a source), and returns its source."""
    differs = """([selector, before]) => {
        const now = document.querySelector(`${selector} img`)?.getAttribute("src");
        return now && now !== before;
    }"""
    page.wait_for_function(differs, arg=[selector, before], timeout=PATIENCE)
    return source(page, selector)


def shows(page, selector: str, picture: Image.Image, photo: bool = False) -> None:
    """Waits until the element shows this picture, whoever made a PNG of it, exactly or as closely as the browser computes; `photo` as for
    `shown`."""
    wanted, until = shown(picture, "", photo)["src"], time.monotonic() + PATIENCE / 1000
    while (now := source(page, selector)) != wanted and (photo or not _shows(now, picture)):
        assert time.monotonic() < until, f"{selector} does not show the picture"
        page.wait_for_timeout(50)


def _shows(source: str | None, picture: Image.Image) -> bool:
    """Whether a data URL is a PNG of the picture, to within a level."""
    if not source or not source.startswith("data:image/png;base64,"):
        return False
    there = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    if there.size != picture.size:
        return False
    a, b = (np.asarray(one.convert("RGB")).astype(int) for one in (there, picture))
    return np.abs(a - b).max() <= 1


def drawings(page) -> list[str]:
    """A list to which is added what the page's canvases send from now on, whoever answers it."""
    sent = []
    page.expose_function("note_drawing", lambda value: sent.append(value))
    page.evaluate(
        """() => {
            const { fetch } = window;
            window.fetch = (resource, options) => {
                const data = typeof options?.body === "string" ? (JSON.parse(options.body).data ?? []) : [];
                data.filter((value) => String(value).startsWith('{"png":')).forEach(note_drawing);
                return fetch(resource, options);
            };
        }"""
    )
    return sent


def sent_last(page, canvas: str, sent: list[str]) -> str:
    """Waits until the last of `drawings` is what a canvas has now, and returns it: Gradio hears of it after its picture is painted."""
    now, until = page.locator(f"#{canvas} canvas").evaluate("canvas => canvas.said()"), time.monotonic() + PATIENCE / 1000
    while now not in sent:
        assert time.monotonic() < until, f"#{canvas} has not said what is on it"
        page.wait_for_timeout(50)
    return now


def settled(page, selector: str) -> str:
    """Waits until there is a picture in the element and it has not changed for half a second, and returns its source."""
    last = changed(page, selector, None)
    while True:
        page.wait_for_timeout(500)
        now = source(page, selector)
        if now == last:
            return now
        last = now


def said_by(page, cls: type):
    """The state that the page's address says, which follows the page by 300 ms; cls: the tab's dataclass."""
    before = None
    while page.url != before:
        before = page.url
        page.wait_for_timeout(500)
    now, unusable = parse(cls, dict(parse_qsl(urlsplit(page.url).query)))
    assert unusable is None
    return now


def opened(page, path: str = "/") -> None:
    """Opens the address and waits until the page has read it: then the server has answered with the first pictures."""
    page.goto(path)
    page.wait_for_function("() => window.playground?.isReady()", timeout=PATIENCE)


def reveal(page, tab: str, claim: str, guess: int = 0) -> None:
    """Commits to a guess of a claim, 0 for the right one, and reveals it; its tab's claims are open."""
    page.locator(f"#tab-{tab} fieldset[data-claim={claim}] input[value='{guess}']").check()
    page.locator(f"#{tab}-{claim.lower()}").click()


def to_view(page, label: str) -> None:
    """Chooses a view of the open tab by its label."""
    page.locator(".views label", has_text=label).locator("visible=true").click()


def open_view(page, tab: str, view: str) -> None:
    """Chooses a view of the open tab by its name, and waits until it is open."""
    page.locator(f"#tab-{tab} .views input[value={view}]").check(force=True)
    page.locator(f"#{tab}-view-{view}:not(.closed)").wait_for()


def each_view(page, tab: str, views: list[str]) -> Iterator[str | None]:
    """Opens one view of a tab after another, and gives its name; None once where the tab has no views."""
    for view in views or [None]:
        if view:
            open_view(page, tab, view)
        page.wait_for_timeout(300)
        yield view
