"""Every view of every tab, in light and in dark and at every width: nothing that axe-core finds fault with, nothing to scroll sideways, and
what a hand works on in one window with what it gives.  test_language.py looks for the same in Hebrew."""

from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python

import app
from tests.browser.conftest import each_view, open_view, opened

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
PAGES = [(tab.name, "", list(getattr(tab.cls(), "views", tab.views))) for tab in app.demo.builders]
TABS = len(PAGES)
PAGES.append(("pixels", "&model=pixelcnnpp-flowers", ["colour", "whole"]))  # whose views are other ones
DESKTOP = {"width": 1366, "height": 768}
WIDTHS = (320, 390, 768, 820, 1024, 1366, 1920, 1366 // 2)  # the last one is 1366 pixels enlarged twice

# What axe-core finds in an element, in words
FAULTS = """async ([within, rules]) => {
    const found = await axe.run(within, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
}"""
# By view, what is cut at the page's side, where Gradio hides what is too wide, or makes the page scroll; what scrolls in a box of its own
# is neither.  The views that were opened are shown in turn as their pills show them; charts fit themselves to a width some frames later.
WIDE = """async (views) => {
    const { clientWidth } = document.documentElement, page = document.querySelector(".gradio-container");
    const out = ({ left, right, width }) => width && (left < -1 || right > clientWidth + 1);
    const wide = () => {
        if (document.documentElement.scrollWidth <= clientWidth && page.scrollWidth <= page.clientWidth) return [];
        const beyond = [...document.querySelectorAll("body *")].filter((one) => out(one.getBoundingClientRect()));
        return [page.scrollWidth, ...beyond.map(({ tagName, className, id }) => `${tagName}.${className}#${id}`)];
    };
    const found = {};
    for (const view of views) {
        for (const other of views) document.getElementById(other)?.classList.toggle("closed", other !== view);
        for (let tries = 0; tries < 60; tries++) {
            await new Promise(requestAnimationFrame);
            found[view] = wide();
            if (tries && !found[view].length) break;
        }
    }
    return found;
}"""
# What a view shows that lies below the window: canvases and their tools, maps, strips, boards, pictures, charts.  Not the sheets of as many
# models as a visitor compares, with the neighbours under them, nor the curves over beta, which are measured and answer no hand.
BELOW = """(view) => {
    scrollTo(0, 0);
    const parts = [...view.querySelectorAll(".sheet, .tools, .map, .strip, .picker, .frame, .stage canvas, .chart svg, .dials")];
    const low = parts.filter((part) => part.checkVisibility() && part.getBoundingClientRect().bottom > innerHeight);
    const known = "#compare-view-samples *, #latent-beta-curves *";
    return low.filter((part) => !part.matches(known)).map((part) => `${part.className} ends at ${part.getBoundingClientRect().bottom}`);
}"""


def every_tab(page, language: str = "") -> Iterator[tuple[str, list[str], str]]:
    """Opens the page with axe-core in it, and one tab after another; gives its name, its views, the first of which is open, and what is
    new there, a selector.  That is the whole page where it was opened, and again when all tabs were."""
    page.add_init_script(path=str(AXE))
    for place, (tab, model, views) in enumerate(PAGES):
        if model or not place:
            opened(page, f"/?tab={tab}{model}{language}")
            page.add_style_tag(content="* { transition: none !important; }")  # or a colour is measured on its way from light to dark
        else:
            page.locator(f"#tab-{tab}-button").click()
        yield tab, views, "html" if place in (0, TABS - 1, TABS) else f"#tab-{tab}"


def faults(page, tab: str, view: str | None, within: str) -> dict:
    """What is wrong with a view that was just opened, by where: below a desktop's window, what axe-core finds within what is new, and, with
    all that comes with the view, at the narrowest width; `cut` looks at the others."""
    shown = f"{tab}-view-{view}"
    found = {"below": page.locator(f"#{shown}").evaluate(BELOW) if view else []}
    found["light"] = page.evaluate(FAULTS, [within, None])
    page.set_viewport_size({"width": WIDTHS[0], "height": 768})
    found[WIDTHS[0]] = page.evaluate(WIDE, [shown])[shown]
    page.set_viewport_size(DESKTOP)
    return {(tab, view, where): those for where, those in found.items() if those}


def cut(page, tab: str, views: list[str]) -> dict:
    """What is wrong at the other widths with a tab whose views were all opened, by view and width."""
    wrong = {}
    for width in WIDTHS[1:]:
        page.set_viewport_size({"width": width, "height": 768})
        found = page.evaluate(WIDE, [f"{tab}-view-{view}" for view in views] or [tab])
        wrong |= {(view, width): those for view, those in found.items() if those}
    page.set_viewport_size(DESKTOP)
    return wrong


def test_nobody_is_kept_out_nothing_is_cut_and_a_row_of_pills_is_one_stop_in_which_arrows_move(window):
    page, wrong = window(viewport=DESKTOP), {}
    for tab, views, within in every_tab(page):
        for view in each_view(page, tab, views):
            wrong |= faults(page, tab, view, within)
            page.evaluate("document.body.classList.add('dark')")
            if dark := page.evaluate(FAULTS, [within, ["color-contrast"]]):
                wrong[tab, view, "dark"] = dark
            page.evaluate("document.body.classList.remove('dark')")
            within = f"#{tab}-view-{view}"
        wrong |= cut(page, tab, views)
    assert wrong == {}
    # Pills
    page.locator("#tab-game-button").click()
    open_view(page, "game", "live")
    pills = page.locator("#tab-game .views input")
    pills.first.focus()
    page.keyboard.press("ArrowRight")
    page.locator("#game-view-pair:not(.closed)").wait_for()
    assert pills.nth(1).evaluate("pill => pill === document.activeElement")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.views')") is None
