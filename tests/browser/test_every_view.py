"""Every view of every tab, in light and in dark and at every width: nothing that axe-core finds fault with, nothing to scroll sideways, and
what a hand works on in one window with what it gives."""

from pathlib import Path

import axe_playwright_python
import pytest

import app
from tests.browser.conftest import each_view, opened

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
PAGES = [(tab.name, "", list(getattr(tab.cls(), "views", tab.views))) for tab in app.demo.builders]
PAGES.append(("pixels", "&model=pixelcnnpp-flowers", ["colour", "whole"]))  # whose views are other ones
WIDTHS = (320, 390, 768, 820, 1024, 1366, 1920, 1366 // 2)  # the last one is 1366 pixels enlarged twice

# What axe-core finds in an element, in words
FAULTS = """async ([within, rules]) => {
    const found = await axe.run(within, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
}"""
# What is wider than the page
WIDE = """() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const beyond = (element) => element.offsetParent && element.getBoundingClientRect().right > clientWidth + 1;
    return [...document.querySelectorAll("body *")].filter(beyond).map(({ tagName, className, id }) => `${tagName}.${className}#${id}`);
}"""
# What of a canvas, its tools, a map, and the first picture, lies below the window
BELOW = """(view) => {
    scrollTo(0, 0);
    const whole = [".sheet", ".tools", ".map", ".see :is(.frame, .picker)"].map((part) => view.querySelector(part));
    const low = whole.filter((part) => part?.getBoundingClientRect().bottom > innerHeight);
    return low.map((part) => `${part.className} ends at ${part.getBoundingClientRect().bottom}`);
}"""


@pytest.mark.parametrize("tab, model, views", PAGES, ids=[tab + model for tab, model, _ in PAGES])
def test_nobody_is_kept_out_and_nothing_is_cut(tab, model, views, window):
    page = window(viewport={"width": 1366, "height": 768})
    opened(page, f"/?tab={tab}{model}")
    page.add_script_tag(path=str(AXE))
    page.add_style_tag(content="* { transition: none !important; }")  # or a colour is measured on its way from light to dark
    wrong = {}
    for view in each_view(page, tab, views):
        wrong[view, "below"] = page.locator(f"#{tab}-view-{view}").evaluate(BELOW) if view else []
        within = f"#{tab}-view-{view}" if len(wrong) > 1 else "body"
        wrong[view, "light"] = page.evaluate(FAULTS, [within, None])
        page.evaluate("document.body.classList.add('dark')")
        wrong[view, "dark"] = page.evaluate(FAULTS, [within, ["color-contrast"]])
        page.evaluate("document.body.classList.remove('dark')")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 768})
            wrong[view, width] = page.evaluate(WIDE)
        page.set_viewport_size({"width": 1366, "height": 768})
    assert {where: faults for where, faults in wrong.items() if faults} == {}


def test_a_row_of_pills_is_one_stop_and_arrows_move_in_it(page):
    opened(page, "/?tab=game")
    pills = page.locator("#tab-game .views input")
    pills.first.focus()
    page.keyboard.press("ArrowRight")
    page.locator("#game-view-pair:not(.closed)").wait_for()
    assert pills.nth(1).evaluate("pill => pill === document.activeElement")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.views')") is None
