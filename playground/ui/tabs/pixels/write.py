"""View: a digit is written pixel by pixel, with the predicted distribution of each."""

from dataclasses import dataclass

import gradio as gr

from playground import api, graphs
from playground.graphs.recording import choose
from playground.ui import nearest_neighbours
from playground.ui.builder import TabBuilder
from playground.ui.components.pixel_picker import NEXT, WAITING, pixel_picker, written
from playground.ui.state import choice, vector, whole
from playground.ui.tabs.pixels.digit import CLASSES, PIXELS, SIZE, grey, opening_strip
from playground.ui.tabs.pixels.state import Shared
from playground.ui.values import bar, shown


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
            tab.control("done", gr.Slider(0, PIXELS, step=1, label="Pixels written", elem_id="pixels-done"))
            tab.control("speed", gr.Slider(1, 56, step=1, label="Speed: pixels at a time"))
            progress = gr.HTML(written(PIXELS, PIXELS), elem_id="pixels-progress", apply_default_css=False)
            near = nearest_neighbours.panel(elem_id="pixels-memory")
        with tab.outputs():
            first = opening and grey(opening.crop((0, 0, SIZE, SIZE)))
            picker = tab.control("at", pixel_picker(first, size=SIZE, label="A digit; arrow keys choose a pixel", elem_id="pixels-written"))
            odds = gr.HTML(elem_id="pixels-odds", apply_default_css=False)

    tab.advance("done", start, pause, step="speed", on=("digit", "temperature", "seed", "model"))

    @tab.on_change(picker, progress, on=("done",), in_browser=True)
    def look(state: Write):
        return gr.update(picture=shown(_page(state).page, "")["src"]), written(state.done, PIXELS)

    @tab.on_change(odds, on=("done", "at"), in_browser=True)
    def explain(state: Write):
        """The model's prediction of the chosen pixel before it was drawn."""
        row, column = state.at
        where, pixel = f"row {row + 1:.0f}, column {column + 1:.0f}", row * SIZE + column
        image = {"label": state.digit, "seed": state.seed, "temperature": state.temperature}
        odds = graphs.run("odds", state.model, x=graphs.run("write", state.model, **image).x, pixel=pixel, **image)
        bars = "".join(bar(name, p, "generated") for name, p in zip(("black", "white"), odds.probabilities[0]))
        against, colour = choose(odds.drawn[0], ("&lt;", "&ge;")), choose(odds.drawn[0], ("black", "white"))
        noise = f"u = {odds.noise[0]:.4f} {against} p(black), so it became {colour}"
        figure = f'<figure class="picture">{bars}<figcaption>p(pixel | all before it) in {where}; {noise}</figcaption></figure>'
        return choose(pixel < state.done, (f'<p class="empty">The pixel in {where} is not written yet.</p>', figure))

    @tab.on_change(near, on=("done",), rest=True, in_browser=True)
    def remember(state: Write):
        kin = nearest_neighbours.of(_page(state).image, state.model)
        return choose(state.done < PIXELS, (kin, '<p class="empty">This digit is not finished.</p>'))


def _page(state: Write):
    """The output of the graph "page" for the written digit."""
    x = graphs.run("write", state.model, label=state.digit, seed=state.seed, temperature=state.temperature).x
    return graphs.run("page", state.model, x=x, done=state.done, waiting=WAITING, next=NEXT)
