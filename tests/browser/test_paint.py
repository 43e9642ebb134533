"""The browser paints what a moved control gives before Gradio hears of the movement, and Gradio's own answers never put it back."""

import pytest

from tests.browser.conftest import opened
from tests.browser.test_in_browser import LOADED

# Controls -> their address, what the hand moves over, the picture that they give, and of how many graphs
MOVES = {
    "map": ("/?tab=latent", "#latent-map .map", "#latent-digit img", 1),
    "strip": ("/?tab=latent&view=between", "#latent-strip .strip img", "#latent-way img", 1),
    "stroke": ("/?tab=sketch", "#sketch-canvas canvas", "#sketch-photo img", 3),
}

# Events of Gradio's page are kept back from now on.  `held` has what answers them.
HOLD = """async () => {
    const computer = await window.playground_computes.start(), answer = computer.answer.bind(computer);
    window.held = [];
    computer.answer = (...event) => new Promise((go) => held.push(() => answer(...event).then(go)));
}"""


@pytest.mark.parametrize("name", MOVES)
def test_a_movement_is_painted_before_gradio_hears_of_it(window, name):
    link, moved, shown, graphs = MOVES[name]
    page = window()
    opened(page, link)
    area = page.locator(moved)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()

    def go(share: float) -> None:
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.5 * box["height"])

    def source() -> str:
        return page.locator(shown).get_attribute("src")

    def changes(before: str) -> None:
        page.wait_for_function("([shown, before]) => document.querySelector(shown).getAttribute('src') !== before", arg=[shown, before])

    go(0.3)
    if name == "stroke":
        page.mouse.down()
    go(0.4)  # a first movement loads what computes, and tells the page what all controls say
    page.evaluate(LOADED, graphs)
    page.wait_for_timeout(1000)
    page.evaluate(HOLD)
    before = source()
    go(0.6)
    changes(before)
    page.wait_for_function("() => held.length > 0")
    before = source()
    go(0.8)
    changes(before)
    painted = source()
    page.evaluate("() => held.shift()()")  # the answer to the movement before
    page.wait_for_timeout(300)
    assert source() == painted


# A movement over the map and, before what it gives is computed, a click
MOVE_AND_CLICK = """async ([share, clicked]) => {
    const area = document.querySelector("#latent-map .map"), { left, top, width, height } = area.getBoundingClientRect();
    const at = { clientX: left + share * width, clientY: top + 0.5 * height, pointerType: "mouse", bubbles: true };
    area.dispatchEvent(new PointerEvent("pointermove", at));
    for (let i = 0; i < 20; i++) await null;
    document.querySelector(clicked).click();
}"""


def test_a_click_that_sets_nothing_else_keeps_no_movement_waiting(window):
    """An accordion that opens, also by itself before a print; and the click by which the hand moves."""
    link, moved, shown, graphs = MOVES["map"]
    page = window()
    opened(page, link)
    page.locator(moved).hover()
    page.evaluate(LOADED, graphs)
    page.wait_for_timeout(1000)
    page.evaluate(HOLD)
    for to, clicked in ((0.9, "#tab-latent .gr-accordion > button"), (0.6, "#latent-map .map")):
        before = page.locator(shown).get_attribute("src")
        page.evaluate(MOVE_AND_CLICK, [to, clicked])
        page.wait_for_function("([shown, before]) => document.querySelector(shown).getAttribute('src') !== before", arg=[shown, before])
        page.evaluate("() => held.splice(0).forEach((go) => go())")
        page.wait_for_timeout(1000)
