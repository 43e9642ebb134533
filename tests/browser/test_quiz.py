"""The quiz's page in a real browser, from a file and offline: it is taken twice with the keyboard, and its files give the gain."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl
from urllib.request import urlopen

import axe_playwright_python
import gradio as gr
import pytest

from playground.quiz import gain, items, words
from playground.ui import quiz, state
from playground.ui.page import TABS

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
ITEMS = len(items())


@pytest.fixture(scope="module")
def tabs() -> dict:
    with gr.Blocks():
        return {tab.name: tab for tab in (module.build() for module in TABS)}


@pytest.fixture(scope="module")
def file(tabs, tmp_path_factory):
    path = tmp_path_factory.mktemp("a quiz") / quiz.NAME
    path.write_text(quiz.page(tabs.values()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser):
    """A window without a network.  Whatever it asks for besides the file, and each error, fails the test."""
    context, wrong = browser.new_context(offline=True, viewport={"width": 320, "height": 700}), []
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(("file:", "data:", "blob:")) else None)
    yield page
    context.close()
    assert wrong == []


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("at", ["", "?lang=he", "?lang=he&key"])
def test_axe_finds_no_fault(page, file, scheme, at):
    page.emulate_media(color_scheme=scheme)
    page.goto(file + at)
    page.add_script_tag(path=str(AXE))
    find = "async () => (await axe.run()).violations.map((one) => one.id + ' ' + one.nodes[0].html)"
    assert page.evaluate(find) == []
    if "key" not in at:
        page.locator("input[name=code]").press("Enter")
        assert page.evaluate(find) == []


def answer(page, choose) -> str:
    """Answers the item on screen by the keyboard alone; returns its claim."""
    question = page.locator("legend").inner_text()
    claim = next(claim for claim, item in items().items() if item.question == question)
    page.keyboard.press("Tab")
    names = page.locator("input[name=option]").evaluate_all("(all) => all.map((one) => one.value)")
    for _ in range(names.index(choose(claim))):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert fits(page)
    page.keyboard.press("Enter")
    return claim


def saved(page, folder):
    with page.expect_download() as told:
        page.get_by_role("button", name=words("en")["save"]).click()
    told.value.save_as(folder / told.value.suggested_filename)
    return folder / told.value.suggested_filename


def test_it_is_taken_twice_by_keyboard_and_its_files_give_the_gain(page, file, tmp_path):
    wrong = lambda claim: items()[claim].options[1].name  # noqa: E731
    key = lambda claim: items()[claim].key  # noqa: E731
    page.goto(file)
    own = page.locator("input[name=code]").input_value()
    assert re.fullmatch("[a-z2-9]{6}", own) and page.locator("input[value=before]").is_checked()
    page.locator("input[name=code]").press("Enter")
    seen = [answer(page, key if place < 8 else wrong) for place in range(10)]
    page.reload()  # in the middle: nothing is lost, and it goes on
    assert page.locator("input[name=code]").input_value() == own
    page.locator("input[name=code]").press("Enter")
    seen += [answer(page, wrong) for _ in range(ITEMS - 10)]
    assert sorted(seen) == sorted(items()) and page.locator(".answers").count() == 0  # no key before the second time
    paths = [saved(page, tmp_path)]
    page.get_by_role("button", name=words("en")["again"]).click()
    assert page.locator("input[value=after]").is_checked()
    page.locator("input[name=code]").press("Enter")
    again = [answer(page, key) for _ in range(ITEMS)]
    assert again != seen and sorted(again) == sorted(seen)
    assert page.locator(".answers .question").count() == ITEMS
    paths.append(saved(page, tmp_path))
    assert [path.name for path in paths] == [f"quiz-{own}-{form}.csv" for form in gain.FORMS]
    right, left_out = gain.read(paths)
    assert right.shape == (1, 2, ITEMS) and right.sum(2).tolist() == [[8, ITEMS]] and not left_out


def test_orders_are_a_codes_own(page, file):
    page.goto(file)
    said = """(code) => {
        const input = document.querySelector("input[name=code]"), texts = (all) => [...all].map((one) => one.textContent);
        input.value = code;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        return [...document.querySelectorAll(".paper > ol > li")].map((item) => texts(item.querySelectorAll("p, li")));
    }"""
    orders = [page.evaluate(said, f"code{i}") for i in range(60)]
    assert orders[3] == page.evaluate(said, "code3")
    assert len({json.dumps([item[0] for item in order]) for order in orders}) == 60
    keys = [item.options[0].words for item in items().values()]
    places = [next(place for place, words in enumerate(item[1:]) if words in keys) for order in orders for item in order]
    shares = [places.count(place) / len(places) for place in range(4)]
    assert len(places) == 60 * ITEMS and all(0.2 < share < 0.3 for share in shares), shares


def test_in_hebrew_it_is_mirrored_and_prints_whole(page, file):
    page.goto(f"{file}?lang=he")
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["he", "rtl"] and fits(page)
    assert not page.locator(".paper").is_visible()
    page.emulate_media(media="print")
    assert (
        page.locator(".paper > ol > li").count() == ITEMS
        and page.locator(".paper").is_visible()
        and not page.locator("button").first.is_visible()
    )
    page.emulate_media(media="screen", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 21, 19)"
    page.goto(f"{file}?lang=he&key")
    assert page.locator(".answers .question").count() == ITEMS and fits(page)
    assert page.locator(".answers a").first.get_attribute("href").endswith("&lang=he")


def test_formulas_within_hebrew_stand_apart():
    assert (
        quiz.isolated("\u05d0\u05dd KL(q(z|x) || p(z)), \u05d0\u05d6 0.")
        == "\u05d0\u05dd \u2066KL(q(z|x) || p(z))\u2069, \u05d0\u05d6 \u20660\u2069."
    )
    assert quiz.isolated("\u05d0 4: z \u05d1 10,000") == "\u05d0 \u20664\u2069: \u2066z\u2069 \u05d1 \u206610,000\u2069"
    assert quiz.isolated("D(G(z)) = 0") == "D(G(z)) = 0"


def test_each_items_link_is_a_state_of_the_playground(tabs):
    addresses = re.findall(r'"at":"(.*?)"', quiz.page(tabs.values()))
    assert len(addresses) == 2 * ITEMS
    for address in addresses[:ITEMS]:
        query = dict(parse_qsl(address))
        now, unusable = state.parse(tabs[query.pop("tab")].cls, query)
        assert not unusable and state.query(now) == query


def test_it_is_served_beside_the_playground(address, tabs):
    with urlopen(f"{address}/{quiz.NAME}") as answer:
        assert answer.headers["Content-Type"].startswith("text/html") and answer.read().decode() == quiz.page(tabs.values())
