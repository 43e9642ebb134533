"""View: a digit is written, pixel by pixel, and each pixel has its odds."""

import time
from dataclasses import dataclass, replace

import gradio as gr

from playground import api
from playground.ui import nearest_neighbours
from playground.ui.builder import TabBuilder
from playground.ui.components.pixel_picker import PAUSE, pixel_picker, written
from playground.ui.state import choice, vector, whole
from playground.ui.tabs.pixels.digit import CLASSES, PIXELS, SIZE, grey, opening_strip, page_of
from playground.ui.tabs.pixels.state import Shared
from playground.ui.values import bar


@dataclass(frozen=True)
class Write(Shared):
    digit: str = choice(CLASSES[api.WRITTEN], CLASSES)
    speed: int = whole(4, 1, 56)
    done: int = whole(PIXELS, 0, PIXELS)
    at: tuple[float, ...] = vector((12.0, 14.0), 0, SIZE - 1)


def build(tab: TabBuilder) -> None:
    opening = opening_strip()
    with tab.view("write", "Write a digit", Write):
        with tab.controls():
            tab.control("digit", gr.Radio(label="Digit", elem_classes="digits", elem_id="pixels-digit"))
            with gr.Row():
                start = gr.Button("Write", variant="primary", elem_id="pixels-start")
                pause = gr.Button("Pause", elem_id="pixels-pause")
            done = tab.control("done", gr.Slider(0, PIXELS, step=1, label="Pixels written", elem_id="pixels-done"))
            tab.control("speed", gr.Slider(1, 56, step=1, label="Speed: pixels at a time"))
            progress = gr.HTML(written(PIXELS, PIXELS), elem_id="pixels-progress", apply_default_css=False)
        with tab.outputs():
            first = opening and grey(opening.crop((0, 0, SIZE, SIZE)))
            picker = tab.control("at", pixel_picker(first, size=SIZE, label="A digit; arrow keys choose a pixel", elem_id="pixels-written"))
            odds = gr.HTML(elem_id="pixels-odds", apply_default_css=False)
            near = nearest_neighbours.panel(elem_id="pixels-memory")

    @tab.on_change(picker, odds, near, on=("done",))
    def look(state: Write):
        *_, (x, _) = api.pages(state.model, int(state.digit), state.seed, state.temperature, state.done)
        kin = nearest_neighbours.of(x * 2 - 1, state.model) if state.done == PIXELS else '<p class="empty">This digit is not finished.</p>'
        return gr.update(picture=page_of(x, state.done)), _odds(state), kin

    tab.on_change(odds, on=("at",))(_odds)

    @tab.stream(start, pause, picker, done, progress, near, odds, on=("digit", "temperature", "seed", "model"))
    def write(state: Write):
        """Goes on where it was paused; a finished image is written again from the first pixel."""
        begin = 0 if state.done == PIXELS else state.done
        clock, first, drawn = time.monotonic(), None, 0.0
        for x, now in api.pages(state.model, int(state.digit), state.seed, state.temperature, PIXELS, begin):
            first = now if first is None else first
            if now % state.speed == 0 or now == PIXELS:
                time.sleep(max(0.0, PAUSE - (time.monotonic() - drawn)))  # the model is faster than an eye can follow
                drawn = time.monotonic()
                rate = (now - first) / max(time.monotonic() - clock, 1e-3)
                beside = (gr.skip(), gr.skip())
                if now == PIXELS:
                    beside = nearest_neighbours.of(x * 2 - 1, state.model), _odds(replace(state, done=PIXELS))
                yield gr.update(picture=page_of(x, now)), now, written(now, PIXELS, rate), *beside


def _odds(state: Write) -> str:
    """What the model thought of the chosen pixel before it drew it."""
    row, column = (int(v) for v in state.at)
    where = f"row {row + 1}, column {column + 1}"
    if row * SIZE + column >= state.done:
        return f'<p class="empty">The pixel in {where} is not written yet.</p>'
    said = api.pixels_at(row, column, int(state.digit), state.seed, state.temperature, state.model)
    bars = "".join(bar(name, said[name], "generated") for name in ("black", "white"))
    drawn = "white" if said["drawn"] else "black"
    noise = f"u = {said['noise']:.4f} {'&ge;' if said['drawn'] else '&lt;'} p(black), so it became {drawn}"
    return f'<figure class="picture">{bars}<figcaption>p(pixel | all before it) in {where}; {noise}</figcaption></figure>'
