"""The server is killed while somebody draws: the page says so, comes back by itself when the server does, and nothing drawn is lost."""

import os
import signal

from tests.browser.conftest import opened, settled
from tests.browser.serving import answers, serving

LONG = 120_000  # ms, until a server that starts anew answers


def stroke(page, left: int) -> None:
    box = page.locator("#latent-canvas canvas").bounding_box()
    page.mouse.move(box["x"] + left, box["y"] + 60)
    page.mouse.down()
    for i in range(12):
        page.mouse.move(box["x"] + left + 8 * i, box["y"] + 60 + 14 * i)
    page.mouse.up()


def test_what_was_drawn_is_there_when_the_server_is_there_again(browser):
    with serving() as (address, server):
        answers(address, server)
        page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(LONG)
        opened(page, "/?tab=latent&view=rebuild&compute=server")
        stroke(page, 60)
        settled(page, "#latent-rebuilt")
        os.kill(server.pid, signal.SIGKILL)
        server.wait(30)
        before = page.url
        stroke(page, 110)
        page.wait_for_function("before => location.href !== before", arg=before)
        drawn = page.url
        page.locator(".toast-body", has_text="Connection to the server was lost").first.wait_for()

        with serving(port=int(address.rpartition(":")[2])) as (again, anew):
            assert again == address
            answers(again, anew)
            page.locator(".toast-body").first.wait_for(state="detached")
            page.wait_for_function("() => window.playground?.isReady()")
            settled(page, "#latent-rebuilt")
            assert page.url == drawn  # both strokes
        page.context.close()
