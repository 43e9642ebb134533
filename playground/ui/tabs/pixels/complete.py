"""View: a model completes the visitor's digit in eight ways."""

import html
import json
from dataclasses import dataclass

import gradio as gr
import numpy as np
from PIL import Image

from playground import api, graphs
from playground.drawing.digit_strokes import DIGITS
from playground.graphs.recording import choose, position
from playground.ui.builder import TabBuilder
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import choice, flag, strokes, whole
from playground.ui.tabs.pixels.digit import CLASSES, GIVEN_INK, GIVEN_PAPER, PIXELS, SIZE, coloured, opening_strip, tiles_of
from playground.ui.tabs.pixels.state import Shared
from playground.ui.values import shown

ACROSS = 4  # completions in a row


@dataclass(frozen=True)
class Complete(Shared):
    begun: str = strokes(json.loads(DIGITS[api.BEGUN])["strokes"])
    first: int = whole(api.GIVEN_ROWS[0], 0, SIZE)
    last: int = whole(api.GIVEN_ROWS[1], 0, SIZE)
    wanted: str = choice("any", ["any", *CLASSES])
    ahead: bool = flag(False)


def build(tab: TabBuilder) -> None:
    with tab.view("complete", "Finish what you begin", Complete):
        with tab.controls():
            begun, picker = digit_canvas(tab, "begun", elem_id="pixels-canvas", picker_id="pixels-hands")
            with gr.Row():
                tab.control("first", gr.Slider(0, SIZE, step=1, label="Rows given: from", elem_id="pixels-first"))
                tab.control("last", gr.Slider(0, SIZE, step=1, label="to", elem_id="pixels-last"))
            tab.control("wanted", gr.Radio(label="Class", elem_id="pixels-wanted"))
            info = f"{api.TRIES} tries are written, and eight are drawn from them, the likelier the better the given rows continue them."
            tab.control("ahead", gr.Checkbox(label="Rows above the given ones respect them", info=info, elem_id="pixels-ahead"))
        with tab.outputs():
            opening = opening_strip()
            value = opening and shown(_sheet(tiles_of(opening)[1:], *given_rows(Complete())), "Eight completions of a drawn 7.")
            sheet = tab.picture(
                "generated",
                aspect=2,
                pixelated=True,
                value=value,
                caption="purple: the rows given; white: what the model wrote",
                elem_id="pixels-sheet",
            )
            hint = gr.HTML(elem_id="pixels-complete-said", elem_classes="hint", apply_default_css=False)

    @on_digit_change(
        tab,
        "begun",
        begun,
        picker,
        sheet,
        hint,
        on=("first", "last", "wanted", "ahead", "temperature", "seed", "model"),
        hint=hint,
        in_browser=True,
    )
    def complete(state: Complete):
        """While the visitor draws: the model's completions of the drawing so far."""
        first, last = given_rows(state)
        label, tries = position(state.wanted, ["any", *CLASSES]) - 1, choose(state.ahead, (0, api.TRIES))
        x = graphs.run("binarise", state.model, digit=graphs.drawn_digit(state.begun).digit, seed=state.seed).x
        asked = {"first": first, "last": last, "label": label, "tries": tries}
        found = graphs.run("complete", state.model, x=x, seed=state.seed, temperature=state.temperature, **asked)
        sheet = graphs.run("sheet", state.model, images=found.images, first=first, last=last, ink=GIVEN_INK, paper=GIVEN_PAPER).sheet
        words = "Written as " + ", ".join(f"{label}" for label in found.labels) + "."
        worth = f" Drawn from {api.TRIES} tries, whose effective sample size is {found.worth:.1f}."
        words += choose(found.worth > 0, ("", worth))
        return shown(sheet, words), f"<p>{html.escape(words)}</p>"


def given_rows(state: Complete) -> tuple[int, int]:
    """The given rows, whichever slider is the upper one."""
    turned = state.first > state.last
    return choose(turned, (state.first, state.last)), choose(turned, (state.last, state.first))


def _sheet(images, first: int, last: int) -> Image.Image:
    """Eight completions in two rows, each (28, 28) in {0, 1}, of which rows `first` to `last` were given."""
    given = np.zeros((SIZE, SIZE), bool)
    given[first:last] = True
    tiles = [coloured(np.asarray(x), given, PIXELS) for x in images]
    return Image.fromarray(np.vstack([np.hstack(tiles[i : i + ACROSS]) for i in range(0, len(tiles), ACROSS)]))
