"""The drawing component in a real browser: what a hand does on it arrives on the server, in time and as it was drawn."""

import json
import threading
import time

import gradio as gr
import numpy as np
import pytest

from playground import imaging
from playground.drawing.palettes import CHALK, INK
from playground.drawing.strokes import Stroke, canvas_value, render, unpack
from playground.ui import theme
from playground.ui.components.canvas import canvas

PALETTE = (("background", "#0000de"), ("facade", "#0030fe"), ("window", "#0080fe"))
FIRST = [Stroke(((100, 100), (400, 120), (300, 300)), width=9)]
PRESET = [Stroke(((50, 400), (450, 400)), width=20)]


class Server:
    """A page with three canvases, the third in a tab that is hidden at first, and all that they send."""

    def __init__(self):
        self.values, self.busy, self.most_at_once, self.lock = [], 0, 0, threading.Lock()
        with gr.Blocks() as self.blocks:
            with gr.Tab("one"):
                with gr.Row():
                    sketch = canvas("sketch", size=256, label="Sketch", elem_id="sketch", value=canvas_value(FIRST))
                    labels = canvas("labels", size=128, label="Labels", elem_id="labels", palette=PALETTE)
                preset, again = gr.Button("preset"), gr.Button("again")
            with gr.Tab("two"):
                digit = canvas("digit", size=140, label="Digit", elem_id="digit", value=canvas_value(PRESET))
            for component in (sketch, labels, digit):
                component.input(self.take, component, None, trigger_mode="always_last", queue=False, show_progress="hidden")
            preset.click(lambda: canvas_value(PRESET), None, sketch, queue=False)
            again.click(lambda: (canvas_value(FIRST), canvas_value(""), canvas_value(PRESET)), None, [sketch, labels, digit], queue=False)

    def take(self, value):
        with self.lock:
            self.busy += 1
            self.most_at_once = max(self.most_at_once, self.busy)
        time.sleep(0.1)
        with self.lock:
            self.values.append(json.loads(value))
            self.busy -= 1


@pytest.fixture(scope="module")
def server():
    server = Server()
    _, server.url, _ = server.blocks.launch(head=theme.HEAD, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    yield server
    server.blocks.close()


@pytest.fixture(scope="module")
def one_page(server, browser):
    context = browser.new_context(viewport={"width": 1200, "height": 900}, device_scale_factor=2)
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_function("document.querySelector('#sketch canvas')?.width > 300")
    yield page
    context.close()


@pytest.fixture
def board(server, one_page):
    """The page on a high-density screen, as it was at first, and nothing sent so far."""
    one_page.get_by_role("tab", name="one").click()
    one_page.get_by_text("again").click()
    one_page.locator("#sketch [data-do=pen]").click()
    one_page.locator("#labels").get_by_role("radio", name="facade").click()
    one_page.locator("#labels [data-do=rectangle]").click()
    until = time.time() + 20
    while on_screen(one_page, "sketch")[30:, :, 0].mean() < 240 or on_screen(one_page, "labels")[..., 1].any():
        assert time.time() < until
        time.sleep(0.05)
    server.values.clear()
    server.most_at_once = 0
    return one_page


def at(page, name, x, y):
    """Page coordinates of a place given in grid units."""
    box = page.locator(f"#{name} canvas").bounding_box()
    return box["x"] + x / 512 * box["width"], box["y"] + y / 512 * box["height"]


def draw(page, name, *points, up=True):
    page.mouse.move(*at(page, name, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*at(page, name, *point), steps=6)
    if up:
        page.mouse.up()


def sent(server, page, name, count) -> dict:
    """What the server has, once the canvas has `count` strokes and the server has the same."""
    until = time.time() + 20
    while time.time() < until:
        here = page.locator(f"#{name} canvas").get_attribute("data-strokes")
        if len(unpack(here)) == count and server.values and server.values[-1]["strokes"] == here:
            return server.values[-1]
        time.sleep(0.05)
    raise AssertionError(f"The canvas has {len(unpack(here))} strokes, not {count}; {len(server.values)} values came.")


def picture(value) -> np.ndarray:
    return np.asarray(imaging.decode(value["png"]), dtype=float)


def on_screen(page, name) -> np.ndarray:
    """The pixels of the visible canvas, (side, side, 3)."""
    return picture({"png": page.locator(f"#{name} canvas").evaluate("canvas => canvas.toDataURL()")})


def test_a_stroke_is_sent_while_it_is_drawn(server, board):
    draw(board, "sketch", (60, 60), (60, 450), up=False)
    for y in range(60, 450, 10):
        board.mouse.move(*at(board, "sketch", 450, y))
        board.wait_for_timeout(25)
    before_the_pointer_is_up = len(server.values)
    board.mouse.up()
    value = sent(server, board, "sketch", 2)
    assert before_the_pointer_is_up >= 4
    assert server.most_at_once == 1
    stroke = unpack(value["strokes"])[1]
    np.testing.assert_allclose((stroke.points[0], stroke.points[-1]), ((60, 60), (450, 440)), atol=3)
    assert abs(picture(value) - np.asarray(render(value["strokes"], 256, INK))).mean() < 4


def test_undo_redo_clear_and_shortcuts(server, board):
    draw(board, "sketch", (60, 60), (60, 450))
    one_more = sent(server, board, "sketch", 2)
    board.keyboard.press("Control+z")
    assert unpack(sent(server, board, "sketch", 1)["strokes"]) == FIRST
    assert board.locator("#sketch [data-do=redo]").is_enabled()
    board.keyboard.press("Control+Shift+z")
    assert sent(server, board, "sketch", 2) == one_more
    board.locator("#sketch [data-do=clear]").click()
    assert (picture(sent(server, board, "sketch", 0)) == 255).all()
    board.locator("#sketch [data-do=undo]").click()
    assert sent(server, board, "sketch", 2) == one_more


def test_eraser_and_width(server, board):
    slider = board.locator("#sketch input")
    slider.fill("24")
    draw(board, "sketch", (60, 430), (450, 430))
    assert unpack(sent(server, board, "sketch", 2)["strokes"])[1].width == 24
    board.keyboard.press("e")
    draw(board, "sketch", (250, 380), (250, 480))
    erased = sent(server, board, "sketch", 3)
    assert unpack(erased["strokes"])[2].colour == 0
    assert picture(erased)[215, 125].min() == 255 and picture(erased)[215, 60].max() == 0


def test_a_pen_has_pressure(server, board):
    cdp = board.context.new_cdp_session(board)
    for kind, x, force in [("mousePressed", 100, 0.2), ("mouseMoved", 200, 0.5), ("mouseMoved", 300, 1.0), ("mouseReleased", 300, 0.0)]:
        px, py = at(board, "sketch", x, 420)
        cdp.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": px, "y": py, "button": "left", "buttons": 1, "force": force, "pointerType": "pen"},
        )
    value = sent(server, board, "sketch", 2)
    pressures = unpack(value["strokes"])[1].pressures
    assert pressures[0] < 6 and pressures[-1] == 15
    ink = picture(value)[195:225, :, 0] < 128
    assert ink[:, 145].sum() > ink[:, 55].sum()


def test_facade_in_rectangles(server, board):
    draw(board, "labels", (64, 64), (448, 448))
    board.locator("#labels").get_by_role("radio", name="window").click()
    draw(board, "labels", (128, 128), (192, 256))
    board.keyboard.press("p")
    draw(board, "labels", (300, 300), (400, 400))
    value = sent(server, board, "labels", 3)
    levels = picture(value).astype(int)
    assert {tuple(level) for level in levels.reshape(-1, 3)} == {(0, 0, 222), (0, 48, 254), (0, 128, 254)}
    assert abs((levels[:, :, 1] > 0).sum() - 96 * 96) <= 200 and tuple(levels[40, 40]) == (0, 128, 254)
    assert abs(levels - np.asarray(render(value["strokes"], 128, PALETTE, crisp=True)).astype(int)).mean() < 1


def test_what_python_sets_is_painted_and_undo_goes_back(server, board):
    first = on_screen(board, "sketch")
    side = len(first)
    assert side > 600  # two device pixels a CSS pixel
    expected = np.asarray(render(FIRST, side, INK).convert("L"), dtype=float)
    assert abs(first[..., 0] - expected).mean() < 2
    board.get_by_text("preset").click()
    until = time.time() + 10
    while on_screen(board, "sketch")[side * 400 // 512, side // 2, 0] > 0:
        assert time.time() < until
    board.locator("#sketch [data-do=undo]").click()
    assert unpack(sent(server, board, "sketch", 1)["strokes"]) == FIRST
    assert abs(on_screen(board, "sketch") - first).max() == 0


def test_a_tab_that_was_hidden_at_the_start(server, board):
    board.get_by_role("tab", name="two").click()
    board.wait_for_function("document.querySelector('#digit canvas').width > 300")
    ink = on_screen(board, "digit")[..., 0]
    side = len(ink)
    assert abs(ink - np.asarray(render(PRESET, side, CHALK).convert("L"), dtype=float)).mean() < 2
    draw(board, "digit", (256, 60), (256, 300))
    assert imaging.digit_from_canvas(json.dumps(sent(server, board, "digit", 2))).shape == (1, 1, 28, 28)


def test_drawing_by_keyboard(server, board):
    board.locator("#sketch canvas").focus()
    for key in ["ArrowDown"] * 4 + [" "] + ["ArrowLeft"] * 5 + [" "]:
        board.keyboard.press(key)
    stroke = unpack(sent(server, board, "sketch", 2)["strokes"])[1]
    assert stroke.points == ((256, 320), (176, 320))


def test_touch(server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True, device_scale_factor=3)
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_function("document.querySelector('#sketch canvas')?.width > 300")
    server.values.clear()
    cdp, scrolled = context.new_cdp_session(page), page.evaluate("scrollY")
    for kind, y in [("touchStart", 100), ("touchMove", 200), ("touchMove", 300), ("touchEnd", None)]:
        points = [] if y is None else [dict(zip("xy", at(page, "sketch", 450, y)))]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    stroke = unpack(sent(server, page, "sketch", 2)["strokes"])[1]
    assert stroke.points[0][1] < 110 and stroke.points[-1][1] > 290
    assert page.evaluate("scrollY") == scrolled
    context.close()
