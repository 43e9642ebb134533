"""The static edition, on a plain file server under a sub-path, with other hosts out of reach."""

import functools
import gzip
import http.server
import json
import random
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pytest

import app
from playground import api, imaging, static
from playground.drawing import strokes
from playground.drawing.pictures import facade_photo
from playground.errors import UserError
from playground.ui import course, state
from playground.ui.executor import event_name
from playground.ui.gradio_compat import SKIPS
from tests.browser.conftest import PATIENCE, changed, open_view, opened, pixels, reveal, settled, shows, source, to_view
from tests.browser.serving import ROOT, QuietHandler
from tests.browser.test_canvas import draw
from tests.browser.test_in_browser import COMPUTED, DESCRIBED, random_state, random_value
from tests.browser.test_language import english_in
from tests.browser.test_visit import read
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


@contextmanager
def watched(browser, site):
    """A window in which requests to other hosts, and to a server of ours, are told at its end."""
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


@pytest.fixture
def page(browser, site):
    with watched(browser, site) as page:
        yield page


@pytest.fixture(scope="module")
def one_page(browser, site):
    """The page for tests that ask its scripts."""
    with watched(browser, site) as page:
        opened(page, "./")
        yield page


def test_a_link_is_opened_and_coded_the_map_walked_and_views_presets_claims_and_tabs_show_what_was_written(page):
    opened(page, "./?tab=latent&z=1.5%2C0.3")
    page.wait_for_function("() => document.querySelector('#latent-view-map .figures').innerText.includes('1.50, 0.30')")
    assert np.abs(pixels(page, "#latent-digit").astype(int) - np.asarray(api.latent_decode([1.5, 0.3]))).max() <= 1
    page.get_by_role("button", name="QR code").click()
    page.locator("dialog.code svg").wait_for()
    assert read(page, "dialog.code svg") == page.url
    page.keyboard.press("Escape")
    # The map, under the hand
    before = settled(page, "#latent-digit")
    moved(page, 0.3, 0.3)
    changed(page, "#latent-digit", before)
    page.locator("#latent-memory img").first.wait_for()
    # A view, a preset, a claim
    to_view(page, "Squeeze")
    changed(page, "#latent-squeeze-vae", None)
    page.get_by_role("button", name="Where 4 turns into 9").click()
    page.wait_for_url("**view=between**")
    changed(page, "#latent-way", None)
    page.get_by_role("button", name="Predict, then look").locator("visible=true").click()
    reveal(page, "latent", "C7")
    page.locator("#tab-latent .block.revealed", has_text="From beta").wait_for()
    # What stays on the server says so by name
    open_view(page, "latent", "bounds")
    page.locator("#latent-bounds-hands").get_by_text("1", exact=True).click()
    page.get_by_text("two commands open the whole playground", exact=False).locator("visible=true").first.wait_for()
    # Another tab
    page.get_by_role("tab", name="Two worlds").click()
    page.wait_for_url("**tab=worlds**")


def test_a_drawn_digit_is_answered_without_a_server_and_a_damaged_one_gets_its_sentence(page):
    opened(page, "./?tab=latent&view=rebuild&present=1")
    before = settled(page, "#latent-rebuilt")
    assert not page.locator("#tab-latent-button").is_visible()
    page.locator("#latent-hands").get_by_text("8", exact=True).click()
    before = changed(page, "#latent-rebuilt", before)  # while it is presented
    page.keyboard.press("Escape")
    page.locator("#tab-latent-button").wait_for()
    page.locator("#latent-canvas [data-do=clear]").click()
    page.locator("#latent-view-rebuild .empty", has_text="Draw a digit first: the canvas is empty.").wait_for()
    page.locator("#latent-canvas canvas").scroll_into_view_if_needed()
    draw(page, "latent-canvas", (150, 100), (350, 400))
    changed(page, "#latent-rebuilt", before)
    opened(page, "./?tab=latent&view=rebuild&digit=ABCD")
    page.get_by_text(strokes.DAMAGED).locator("visible=true").first.wait_for()


def test_the_page_is_hebrew_without_a_server(page):
    opened(page, "./?lang=he")
    before = settled(page, "#latent-digit")
    page.locator("#latent-map .map").hover(position={"x": 90, "y": 120})
    changed(page, "#latent-digit", before)
    page.get_by_role("button", name="היכן 4 הופך ל‑9").click()
    page.locator("#tab-latent .why:visible", has_text="קו אחד נסגר למעלה").first.wait_for()
    assert page.evaluate("document.documentElement.dir") == "rtl" and english_in(page) == []
    assert "lang=he" in page.url


ANSWER = """async ([name, data]) => {
    const computer = await window.playground_computes.start();
    return computer.alone.answer(computer.dependency(name), { data });
}"""
JOINED = """async (name) => {
    const { start } = window.playground_computes, fn_index = (await start()).dependency(name).id;
    return (await fetch("gradio_api/queue/join", { method: "POST", body: JSON.stringify({ fn_index, data: [] }) })).text();
}"""


def values_of(tab, name: str, chance: random.Random, computed: bool) -> list:
    """Values of a field's component: of a choice all, else one.  What the browser computes is compared elsewhere (test_in_browser.py):
    of it the usual value, and another."""
    spec = tab.spec[name]
    if computed:
        return [state.component_value(spec, spec.default), random_value(tab, name, chance)]
    match spec.metadata["kind"]:
        case "choice":
            return state.options(spec)
        case "several":
            return [list(spec.default)[:1]]
        case "strokes":
            return [json.dumps({"strokes": strokes.pack([strokes.Stroke(((100, 100), (300, 400), (150, 450)))])})]
    return [random_value(tab, name, chance)]


def usual_in(tab, view: str):
    """The state with which a view opens, of the first model that has this view."""
    models = state.options(tab.spec["model"]) if hasattr(tab.cls, "views") else []
    states = (replace(tab.cls(), view=view, **given) for given in ({}, *({"model": model} for model in models)))
    return next(now for now in states if now.view == view)


@pytest.mark.parametrize("tab", app.demo.builders, ids=lambda tab: tab.name)
def test_what_a_control_changes_is_shown_or_said_to_want_a_server(one_page, tab):
    page = one_page
    page.context.set_offline(False)
    page.locator(f"#tab-{tab.name}-button").click()
    page.locator(f"#tab-{tab.name}").wait_for()
    chance, heard, silent = random.Random(0), {"view"}, set()
    for change in (*tab.changes, *tab.streams):
        event = event_name(f"{tab.name}.{change.call.__name__}")
        sentence = f"{change.label or tab.views[change.view].label} is computed by a"
        heard |= set(change.on)
        if change in tab.streams:
            assert sentence in page.evaluate(JOINED, event)
        if change in tab.streams or change.in_browser == "live":
            continue
        usual = usual_in(tab, change.view)
        given = [{"path": "mine.png"}] if change.label and change.extra else []
        for field, value in [(name, value) for name in change.on for value in values_of(tab, name, chance, event in COMPUTED)]:
            now = {name: state.component_value(spec, getattr(usual, name)) for name, spec in tab.spec.items()} | {field: value}
            if "model" in now and tab.cls(view=change.view, model=now["model"]).view != change.view:
                continue  # a model has views of its own
            data = [now[read] for read in tab.reads(change.view, change.on)] + (given + [None] * len(change.extra))[: len(change.extra)]
            *shown, notice = page.evaluate(ANSWER, [event, data])
            if all(output in SKIPS for output in shown) and (event not in silent or notice not in SKIPS):
                assert sentence in notice, (event, field, value, notice)
                if change.rest and change.label:
                    silent.add(event)  # it says so once
    page.context.set_offline(True)  # what has been loaded works on when nothing answers any more
    for name in (name for name in COMPUTED if DESCRIBED["events"][name]["tab"] == tab.name):
        event = DESCRIBED["events"][name]
        now = random_state(tab, event, chance)
        usual = usual_in(tab, event["view"])
        now |= {field: getattr(usual, field) for field in now if tab.spec[field].metadata["kind"] in ("choice", "flag")}
        data = [*now.values(), *[None] * event["extra"]]
        assert any(output not in SKIPS for output in page.evaluate(ANSWER, [name, data])), name
    moving = {name for advance in tab.advances for name in (advance.field, advance.step, *advance.on)}
    assert heard | moving >= set(tab.spec)


@pytest.mark.parametrize("stop, element", [(4, "#latent-view-bounds .figures"), (11, "#pixels-field img[src]")])
def test_a_stop_of_the_guided_hour_shows_what_the_server_once_computed(stop, element, page):
    opened(page, f"./?{course.address(app.demo.builders, stop)}")
    page.locator(element).first.wait_for()
    page.locator(f".stop[data-stop='{stop}'] h2").wait_for()
    assert not page.get_by_text("is computed by a server").locator("visible=true").count()


LINKED = {  # link -> view -> the picture in an element that it shows there, the first of which it opens
    "tab=digits&view=blend&a=3&b=8&t=0.25&digit=7&number=2718&seed=19": {
        "blend": ("#digits-blended", lambda: api.digits_blend(3, 8, 0.25, 19)[0]),
        "ask": ("#digits-asked", lambda: api.digits_ask(7, 19)[0]),
        "write": ("#digits-written", lambda: api.digits_write("2718", 19)[0]),
    },
    "tab=game&view=pair&t=0.3&seed=4": {"pair": ("#game-right", lambda: api.game_samples(4, 2, 0.3, "dcgan-mnist"))},
}


def test_a_link_shows_in_the_browser_what_programs_get_from_the_server(page):
    for link, views in LINKED.items():
        opened(page, f"./?{link}")
        for place, (view, (element, picture)) in enumerate(views.items()):
            if place:
                open_view(page, "digits", view)
            wanted = np.asarray(picture()).astype(int)
            changed(page, element, None)
            for _ in range(100):
                if (shown := pixels(page, element)).shape == wanted.shape and np.abs(shown - wanted).max() <= 1:
                    break
                page.wait_for_timeout(100)
            else:
                raise AssertionError(f"{element} does not show what {link} says")


def test_the_game_is_played_without_a_server_and_a_search_says_by_its_name_that_it_wants_one(page):
    opened(page, "./?tab=game&rounds=8")
    page.locator("#game-play").click()
    page.wait_for_function("() => Number(document.querySelector('#game-board .numbers dd')?.innerText) > 40")
    open_view(page, "game", "search")
    page.locator("#game-search").click()
    page.get_by_text("Find this digit is computed by a server", exact=False).locator("visible=true").first.wait_for()


def test_a_slide_the_hour_and_the_map_of_models_need_no_server(page, site):
    opened(page, "./?tab=latent&view=between&t=0.25&embed=1")
    changed(page, "#latent-way", None)
    assert not page.locator("h1").is_visible()
    opened(page, "./?guide=worksheet")
    page.wait_for_function("() => document.querySelectorAll('.sheet.worksheet .to svg').length === 12")
    assert read(page, ".to svg >> nth=2").startswith(f"{site[0]}?tab=latent")
    opened(page, "./?guide=models")
    page.get_by_role("link", name="Row LSTM").click()
    page.locator("#pixels-view-write:not(.closed)").wait_for()


def test_on_a_dark_telephone_a_tap_is_answered_and_on_the_keyboard_an_arrow(browser, site):
    telephone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = browser.new_context(**telephone, color_scheme="dark", base_url=site[0])
    page = context.new_page()
    opened(page, "./")
    assert page.evaluate("document.body.classList.contains('dark')") and page.evaluate("document.documentElement.scrollWidth") == 390
    before = settled(page, "#latent-digit")
    page.locator("#latent-map .map").tap(position={"x": 60, "y": 60})
    before = changed(page, "#latent-digit", before)
    page.locator("#latent-map .map").press("ArrowRight")
    changed(page, "#latent-digit", before)
    context.close()


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
    with pytest.raises(UserError, match="neither empty nor a static edition"):
        static.main([str(tmp_path)])
    assert (tmp_path / "mine.txt").read_text() == "mine"
    with pytest.raises(UserError, match="is not a folder"):
        static.main([str(tmp_path / "mine.txt")])
    (tmp_path / static.RECORD).write_text('["../outside.txt", "index.html"]')
    assert static._ours(tmp_path) == {"index.html"}


def test_uploads_strokes_and_filmed_pictures_become_photographs_without_a_server(page, tmp_path):
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
    page.locator("[role=alert]", has_text="This file is not a readable picture").wait_for()
    page.locator("#worlds-upload").get_by_label("Remove Image").click()
    shows(page, "#worlds-x", imaging.fitted(film(page), 128))
    # Strokes
    page.locator("#tab-sketch-button").click()
    before = settled(page, "#sketch-photo")
    draw(page, "sketch-canvas", (20, 30), (240, 60), up=False)
    changed(page, "#sketch-photo", before)  # the pen is still down
    page.mouse.up()


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


def test_a_visitor_of_the_first_tab_loads_at_most_six_megabytes_and_goes_on_when_the_server_has_gone(page, site):
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
    before = changed(page, "#latent-digit", before)
    page.locator("#latent-memory img").first.wait_for()
    near = {name for name in requests if "/vae-mnist/" in name}  # what the neighbours of a digit are looked up in, once the hand rests
    answered = over_the_wire(folder, {name: part for name, part in requests.items() if name not in near})
    assert opening < 1e6 and answered < 6e6
    site[2].shutdown()
    moved(page, 0.6, 0.5)
    changed(page, "#latent-digit", before)
