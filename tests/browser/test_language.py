"""The page in Hebrew: every view is translated and runs from right to left; pictures, places and figures stay as they are."""

import re

import app
from playground.ui import locale
from playground.ui.locale.extract import english, of_page, of_program
from tests.browser.conftest import changed, each_view, opened
from tests.browser.test_every_view import DESKTOP, cut, every_tab, faults

# What people read in what is open of the page: texts, and attributes that are read; code and formulas are the same in all languages
READ = """() => {
    const same = "script, style, code, pre, textarea, .katex, [translate=no], .lesson";
    const names = ["title", "aria-label", "alt", "placeholder", "aria-valuetext", "aria-description", "aria-roledescription", "label"];
    const found = [document.title];
    for (const element of document.querySelectorAll("body, body *")) {
        if (element.closest(same) || !element.checkVisibility()) continue;
        for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.data.trim());
        for (const name of names) found.push(element.getAttribute(name) ?? "");
    }
    return [...new Set(found)].filter((text) => /[a-z]/i.test(text));
}"""
# What of a tab is mirrored and must not be
MIRRORED = """(tab) => {
    const ours = ".networks ol, .map, .strip, .dials, .picker, .frame, svg, canvas, .katex";
    const parts = [...tab.querySelectorAll(`${ours}, .slider_input_container, input[type=range], input[type=number]`)];
    return parts.filter((part) => getComputedStyle(part).direction === "rtl").map((part) => part.outerHTML.slice(0, 80));
}"""


def english_in(page) -> list[str]:
    return [text for text in page.evaluate(READ) if english(text)]


def test_every_view_is_hebrew_and_runs_from_right_to_left(window):
    page, wrong = window(viewport=DESKTOP), {}
    for tab, views, within in every_tab(page, "&lang=he"):
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["he", "rtl"]
        page.locator(f"#tab-{tab} .claims button").first.click()
        for view in each_view(page, tab, views):
            wrong |= faults(page, tab, view, within)
            if words := english_in(page):
                wrong[tab, view, "English"] = words
            if mirrored := page.locator(f"#tab-{tab}").evaluate(MIRRORED):
                wrong[tab, view, "mirrored"] = mirrored
            within = f"#{tab}-view-{view}"
        wrong |= cut(page, tab, views)
    assert wrong == {}


def bare(text: str) -> str:
    """Without marks of direction, and with hyphens that a line may break at."""
    return re.sub("[\u2066-\u2069]", "", text).replace("\u2011", "-")


def test_the_page_translates_each_message_as_the_program_does_and_what_a_movement_a_lesson_and_a_dropdown_say(page):
    opened(page, "/?lang=he")
    # What a movement says is Hebrew at once
    before = changed(page, "#latent-digit", None)
    page.locator("#latent-map .map").hover(position={"x": 90, "y": 120})
    changed(page, "#latent-digit", before)
    assert english_in(page) == []
    assert page.locator("#latent-digit img").get_attribute("alt").startswith("מה שהמפענח מייצר")
    # A lesson, whose formulas and titles are as they were
    page.locator("#tab-latent .explain:visible").click()
    lesson = page.locator("#tab-latent .lesson")
    lesson.locator("p:focus", has_text="המפענח אומר").wait_for()
    assert lesson.get_by_role("heading", name="Autoencoder הווריאציוני").is_visible()
    assert "Auto-Encoding Variational Bayes" in lesson.inner_text()
    assert lesson.locator(".katex").first.evaluate("formula => getComputedStyle(formula).direction") == "ltr"
    # Messages, such with something in their places, and lists of several
    messages = [message for message, _ in [*of_page(app.demo), *of_program()]]
    filled = [message.replace("{}", "trousers (3)") for message in messages if "{}" in message]
    texts = sorted({*messages, *filled, *map(" · ".join, zip(messages, messages[7:])), *map("; ".join, zip(filled, messages))})
    seen = page.evaluate("(texts) => texts.map(window.playground_language.say)", texts)
    ours = [locale.translated(text, "he") for text in texts]
    assert len(texts) > 1000 and [pair for pair in zip(texts, seen, ours) if bare(pair[1]) != bare(pair[2])] == []
    # Formulas of two sentences are isolated one by one
    said = page.evaluate(
        "playground_language.say('כלומר p(z|x). q(z|x) של המקודד, e בחזקת \u221280; (2n \u2212 1)? ELBO, KL של ספרה, בין -4 ל-4')"
    )
    formulas = ("p(z|x)", "q(z|x)", "\u221280", "(2n \u2212 1)", "ELBO, KL", "\u22124")
    assert said == "כלומר {}. {} של המקודד, e בחזקת {}; {}? {} של ספרה, בין {} ל\u20114".format(*(f"\u2066{one}\u2069" for one in formulas))
    # A dropdown says its choice, and still chooses
    page.locator("#tab-pixels-button").click()
    model = page.locator("#pixels-model input")
    assert model.input_value().endswith("gated-pixelcnn-mnist\u2069 (ספרות)")
    model.click()
    page.locator("#pixels-model [role=option]", has_text="pixelcnnpp-flowers-small").click()
    page.wait_for_url("**model=pixelcnnpp-flowers-small**")
    assert model.input_value().endswith("pixelcnnpp-flowers-small\u2069 (בצבע, תאום)")


def test_a_link_has_the_language_and_the_switch_keeps_the_state(page):
    opened(page, "/?tab=latent&view=squeeze")
    page.locator("a.language:visible").click()
    page.wait_for_url("**lang=he**")
    page.locator("#latent-view-squeeze:not(.closed)").wait_for()
    page.locator("#tab-latent .views label", has_text="סיבוב החוגות").click()
    page.wait_for_url("**view=dials**")
    assert "lang=he" in page.url
    page.locator("a.language:visible").click()
    page.locator("#latent-view-dials:not(.closed)").wait_for()
    assert "lang" not in page.url and page.evaluate("document.documentElement.dir") == ""
