"""What the browser computes itself is what the server would have said: every event that it answers, in random states of its view."""

import base64
import html
import io
import json
import random
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

import app
from playground import api, imaging
from playground.drawing.strokes import Stroke, pack, render
from playground.errors import UserError
from playground.ui import browser, state
from playground.ui.gradio_compat import SKIPS
from playground.ui.values import shown
from tests.browser.conftest import PATIENCE, changed, drawings, grey, open_view, opened, sent_last, settled, shows

STATES = 20
BUILDERS = app.demo.builders
DESCRIBED = browser.describe(BUILDERS)
COMPUTED = [name for name, event in DESCRIBED["events"].items() if "not" not in event["record"]]  # what the browser answers itself
NUMBER = re.compile(r"[-\u2212]?\d+(?:\.\d+)?(?:e[-+]\d+)?")
TIES = 1e-3  # share of a picture's pixels whose likeliest label rounding decides
LABELLING = re.compile(r"worlds-|sketch-read")  # events whose pictures are label maps, or made of such, unless they are of flowers
TIME = re.compile(r"<dd>[^<]* <span>ms</span></dd>")  # of the machine, and not of the model
SOURCE = re.compile(r"data:image/\w+;base64,[\w+/=]+")

BOTH = """async ([name, data, upload]) => {
    const { start, server, forServer } = window.playground_computes;
    const computer = await start(), event = computer.description.events[name];
    if (event.extra) data.push(null);
    if (upload) {
        const form = new FormData();
        form.append("files", new File([await (await fetch(upload)).blob()], "picture.png"));
        const [path] = await (await fetch("gradio_api/upload", { method: "POST", body: form })).json();
        data[data.length - 1] = { path, meta: { _type: "gradio.FileData" } };
    }
    const fields = computer.fields(event, data), record = computer.record(event, fields, computer.extra(event, data));
    await computer.load(record);
    const here = await computer.answer(name, data);
    const index = window.gradio_config.dependencies.find(({ api_name }) => api_name === name).id;
    const body = await forServer(JSON.stringify({ data, fn_index: index, session_hash: "equality" }));
    const headers = { "Content-Type": "application/json" };
    const there = await (await server("gradio_api/run/predict", { method: "POST", headers, body })).json();
    return [here, there.data];
}"""

LOADED = """async (graphs) => {
    const computer = await window.playground_computes.start();
    while (computer.ready.size < graphs) await new Promise((go) => setTimeout(go, 50));
}"""


def drawn(control, chance: random.Random) -> str:
    """The value of a canvas on which a hand has drawn, or nothing: its picture, so that browser and server begin with the same pixels."""
    told = json.loads(control.js_on_load.partition("\n")[0].removeprefix("const constants = ").removesuffix(";"))
    strokes = []
    for _ in range(chance.randint(0, 3)):
        colour, width = chance.randrange(len(told["palette"])), chance.randint(told["width"] // 2, 2 * told["width"])
        strokes.append(Stroke(tuple((chance.randint(0, 512), chance.randint(0, 512)) for _ in range(chance.randint(1, 6))), colour, width))
    picture = render(strokes, told["size"], told["palette"], told["kind"] == "labels")
    return json.dumps({"png": shown(picture, "")["src"], "strokes": pack(strokes)})


def random_value(tab, name: str, chance: random.Random):
    """A value of the component of a field, anywhere in the field's range."""
    spec = tab.spec[name]
    said = spec.metadata
    match said["kind"]:
        case "choice":
            return chance.choice(state.options(spec))
        case "number":
            return round(chance.uniform(said["low"], said["high"]), 3)
        case "whole":
            return chance.randint(said["low"], min(said["high"], 10_000))
        case "flag":
            return chance.random() < 0.5
        case "strokes":
            return drawn(tab.control_of[name], chance)
        case "text":
            return "".join(chance.choices(said["allowed"], k=chance.randint(0, said["longest"])))
        case "vector":
            return ",".join(f"{chance.uniform(said['low'], said['high']):.3f}" for _ in range(said["length"]))
    return state.component_value(spec, spec.default)


def random_picture(chance: random.Random) -> str:
    """A PNG of any shape as a data URL: colours that run into one another, with noise over them, in one of three modes."""
    rng, size = np.random.default_rng(chance.getrandbits(32)), (chance.randint(1, 700), chance.randint(1, 700))
    mode = chance.choice(("RGB", "RGBA", "L"))
    coarse = rng.integers(0, 256, (5, 5, len(mode)), dtype=np.uint8).squeeze()
    smooth = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)).astype(int)
    return shown(Image.fromarray((smooth + rng.integers(-40, 40, smooth.shape)).clip(0, 255).astype(np.uint8)), "")["src"]


def same(here, there, ties: float = 0.0) -> None:
    """Raises AssertionError where two answers differ by more than a level of a picture's, or a thousandth of a figure's.

    ties: share of a picture's pixels that may differ by more.
    """
    if there in SKIPS:
        assert here in SKIPS, (here, there)
        return None
    if isinstance(there, dict):
        assert here.keys() == there.keys(), (here, there)
        return [same(here[key], there[key], ties) for key in there]
    if isinstance(there, list):
        assert len(here) == len(there)
        return [same(a, b, ties) for a, b in zip(here, there)]
    if not isinstance(there, str):
        assert here is None is there or here == pytest.approx(there, rel=1e-3)
        return None
    for a, b in zip(SOURCE.findall(here), SOURCE.findall(there), strict=True):
        other = (np.abs(levels(a) - levels(b)) > 1).any(2)
        assert other.mean() <= ties, f"{other.sum()} of {other.size} pixels differ"
    here, there = (TIME.sub("", SOURCE.sub("picture", said)) for said in (here, there))
    assert NUMBER.sub("#", here) == NUMBER.sub("#", there)
    for a, b in zip(NUMBER.findall(here), NUMBER.findall(there)):
        assert as_float(a) == pytest.approx(as_float(b), rel=1e-3, abs=1.01 * 10 ** -len(b.partition(".")[2])), (here, there)
    return None


def levels(source: str) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))
    return np.asarray(image.convert("RGB")).astype(int)


def as_float(text: str) -> float:
    return float(text.replace("\u2212", "-"))


@pytest.fixture(scope="module")
def open_page(browser, address):
    page = browser.new_context(base_url=address).new_page()
    page.set_default_timeout(PATIENCE)
    opened(page)
    yield page
    page.context.close()


def random_state(tab, event: dict, chance: random.Random) -> dict:
    """Values of an event's fields, in which its view is open."""
    while True:
        said = {field: random_value(tab, field, chance) for field in event["reads"]}
        if not event["view"]:
            return said
        said["view"] = event["view"]
        if "model" not in said or tab.cls(view=said["view"], model=said["model"]).view == said["view"]:  # a model has views of its own
            return said


@pytest.mark.parametrize("name", COMPUTED)
def test_the_browser_says_what_the_server_says(open_page, name):
    event, chance = DESCRIBED["events"][name], random.Random(name)
    tab = next(tab for tab in BUILDERS if tab.name == event["tab"])
    compared = []
    for _ in range(STATES):
        said = random_state(tab, event, chance)
        upload = random_picture(chance) if event["extra"] and chance.random() < 0.7 else None
        if (said, upload) in compared:
            continue  # there are few
        compared.append((said, upload))
        here, there = open_page.evaluate(BOTH, [name, list(said.values()), upload])
        same(here, there, TIES if LABELLING.match(name) and "flowers" not in said.get("model", "") else 0.0)


def predictions(page) -> list[str]:
    """A list to which the events that reach the server are added."""
    asked = []

    def note(request):
        if request.method == "POST" and "/run/predict" in request.url:
            asked.append(page.evaluate("index => playground_computes.named(index)", json.loads(request.post_data)["fn_index"]))

    page.on("request", note)
    return asked


def predictions_once_loaded(page, graphs: int) -> list[str]:
    """The same from when so many graphs are loaded and the server has answered what was asked of it before."""
    page.evaluate(LOADED, graphs)
    page.wait_for_timeout(1000)
    return predictions(page)


def test_while_one_drags_over_the_map_or_draws_a_digit_the_server_hears_nothing(page):
    opened(page)
    box = page.locator("#latent-map .map").bounding_box()
    before = settled(page, "#latent-digit")

    def move(x: float, y: float):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])

    move(0.2, 0.2)  # loads what computes; until then the server answers
    before = changed(page, "#latent-digit", before)
    asked = predictions_once_loaded(page, 3)
    for i in range(30):
        move(0.2 + i / 60, 0.8 - i / 60)
        page.wait_for_timeout(30)
    changed(page, "#latent-digit", before)
    page.wait_for_timeout(1000)
    assert asked == []
    assert page.locator("#latent-memory img").count() > 0
    # A digit is drawn
    open_view(page, "latent", "rebuild")
    before = settled(page, "#latent-rebuilt")
    page.locator("#latent-hands").get_by_text("5", exact=True).click()  # loads what computes
    before = changed(page, "#latent-rebuilt", before)
    asked, sent = predictions_once_loaded(page, 5), drawings(page)
    box = page.locator("#latent-canvas canvas").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"], steps=15)
    changed(page, "#latent-rebuilt", before)
    page.mouse.up()
    settled(page, "#latent-rebuilt")
    assert asked == []
    x, rebuilt, said = api.latent_rebuild(sent_last(page, "latent-canvas", sent))
    shows(page, "#latent-seen", x)
    shows(page, "#latent-rebuilt", rebuilt)
    page.locator("#latent-canvas [data-do=clear]").click()
    page.locator("#latent-view-rebuild .empty", has_text="Draw a digit first: the canvas is empty.").wait_for()
    assert asked == []


def test_while_a_digit_is_written_the_server_hears_nothing(page):
    opened(page, "/?tab=pixels&digit=3&seed=8&speed=8&done=0")
    before = settled(page, "#pixels-written")
    page.locator("#pixels-written .picker").press("ArrowDown")  # loads what computes
    page.locator("#pixels-done input[type=range]").press("ArrowRight")
    changed(page, "#pixels-written", before)
    asked = predictions_once_loaded(page, 4)
    page.locator("#pixels-start").click()
    page.locator("#pixels-progress p", has_text="784 of 784 pixels").wait_for()
    page.locator("#pixels-odds figcaption", has_text="so it became").wait_for()
    page.locator("#pixels-memory img").first.wait_for()
    assert asked == []
    assert np.array_equal(grey(page, "#pixels-written"), np.asarray(api.pixels_write(3, 8)))


def test_while_a_photo_is_written_the_server_is_not_asked_for_it(page):
    model = "pixelcnnpp-flowers-small"
    opened(page, f"/?tab=pixels&model={model}&against={model}&seed=8&told=0")
    before = settled(page, "#pixels-colour")
    page.locator("#pixels-told input[type=range]").press("ArrowRight")  # loads what computes
    changed(page, "#pixels-colour", before)
    asked = predictions_once_loaded(page, 2)
    page.locator("#pixels-colour-start").click()
    page.locator("#pixels-colour-progress p", has_text="256 of 256 pixels").wait_for()
    shows(page, "#pixels-colour", api.pixels_colour(0, 8, model=model))
    page.locator("#pixels-colour-odds figcaption").first.wait_for()
    page.wait_for_timeout(1500)
    assert set(asked) == {"pixels-look_back_from_photo"}  # what only it can say, when the hand rests


def test_while_one_looks_about_in_a_photo_its_odds_follow_and_the_server_is_asked_for_fields_alone(page):
    model = "pixelcnnpp-flowers-small"
    opened(page, f"/?tab=pixels&model={model}&against=pixelcnnpp-flowers-softmax&dot=3,3")
    page.locator("#pixels-colour-odds figcaption").first.wait_for()
    page.locator("#pixels-colour .picker").press("ArrowDown")  # loads what computes
    page.locator("#pixels-colour-odds", has_text="in row 5, column 4").wait_for()
    page.evaluate(LOADED, 4)
    page.wait_for_timeout(1000)
    asked = predictions(page)
    for row in range(6, 14):
        page.locator("#pixels-colour .picker").press("ArrowDown")
        page.locator("#pixels-colour-odds", has_text=f"in row {row}, column 4").wait_for()
    page.wait_for_timeout(1500)
    assert set(asked) == {"pixels-look_back_from_photo"}


@pytest.mark.parametrize("packed", ["!!", "B" * 2001, "ABCD", "AZKBAA"])  # no letters; too long; cut off; a colour that there is not
def test_a_damaged_drawing_gets_the_servers_sentence(open_page, packed):
    value = json.dumps({"strokes": packed})
    with pytest.raises(UserError) as wrong:
        api.digit_tensor(value)
    here, there = open_page.evaluate(BOTH, ["latent-rebuild", [1, "vae-mnist", value, "rebuild"]])
    assert html.unescape(here[-1]) == html.unescape(there[-1]) == f'<p role="alert">{wrong.value}</p>'


def stopwatch(page) -> Callable[[], float]:
    """What tells the seconds of processor time that the page's own thread has taken since this call."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return lambda: next(metric["value"] for metric in session.send("Performance.getMetrics")["metrics"] if metric["name"] == "ThreadTime")


def test_a_picture_of_40_million_pixels_is_translated_without_the_server_and_does_not_freeze_the_page(page, tmp_path):
    opened(page, "/?tab=worlds&direction=there")
    page.locator("#worlds-example").get_by_text("ten rectangles").click()  # loads what computes
    page.evaluate(LOADED, 2)
    before, asked = settled(page, "#worlds-x"), []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    Image.linear_gradient("L").resize((8000, 5000)).convert("RGB").save(tmp_path / "large.png")
    busy = stopwatch(page)
    page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / "large.png")
    page.locator("#worlds-upload img").wait_for()
    changed(page, "#worlds-x", before)
    assert busy() < 0.5  # of some 1.5 s that the browser takes for it; processor time, so that a busy machine changes nothing
    assert asked == []
    shows(page, "#worlds-x", imaging.fitted(tmp_path / "large.png", 128))


def test_while_a_flower_is_drawn_the_server_hears_nothing_and_its_photograph_follows(page):
    opened(page, "/?tab=sketch")
    box = page.locator("#sketch-canvas canvas").bounding_box()

    def draw(x: float, y: float):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)

    draw(0.1, 0.1)
    page.mouse.down()
    draw(0.3, 0.1)  # loads what computes
    page.mouse.up()
    page.evaluate(LOADED, 3)
    before, asked, sent = settled(page, "#sketch-photo"), predictions(page), drawings(page)
    page.mouse.down()
    draw(0.7, 0.8)
    before = changed(page, "#sketch-photo", before)  # the pen is still down
    draw(0.2, 0.7)
    changed(page, "#sketch-photo", before)
    page.mouse.up()
    settled(page, "#sketch-photo")
    assert asked == []
    shows(page, "#sketch-photo", api.sketch_photograph(sent_last(page, "sketch-canvas", sent))[0])
    page.locator("#sketch-canvas [data-do=clear]").click()
    page.locator("#sketch-view-flowers .empty", has_text="Draw a few lines first: the canvas is empty.").wait_for()
    assert asked == []
