"""View: an emoji drawn in ink, with optional dabs of colour."""

from dataclasses import dataclass, replace

import gradio as gr

from playground import api
from playground.drawing.doodles import DABBED
from playground.graphs.recording import known
from playground.ui.builder import TabBuilder
from playground.ui.components.canvas import canvas
from playground.ui.state import choice, strokes
from playground.ui.tabs.sketch.shared import first_picture, other_drawing, verdict
from playground.ui.tabs.sketch.state import WithPatches, models_of
from playground.ui.values import shown


@dataclass(frozen=True)
class Emoji(WithPatches):
    inker: str = choice("pix2pix-openmoji", lambda: models_of("drawing"))
    doodle: str = strokes(DABBED["a cat"])


def build(tab: TabBuilder) -> None:
    with tab.view("emoji", "Draw an emoji", Emoji):
        with tab.controls():
            tab.control("doodle", canvas("doodle", size=512, label="Draw an emoji, and dab colours on it", elem_id="sketch-doodle"))
            tab.control("inker", gr.Dropdown(label="Model"))
        with tab.outputs():
            generated = tab.picture("generated", value=first_picture("pix2pix-openmoji"), caption="G(x), an emoji that nobody designed",
                               elem_id="sketch-emoji")  # fmt: skip
            numbers = tab.numbers(("D takes it for real", "", ""), ("G took", "", "ms"))

        @tab.randomize
        def roll(state: Emoji, chance) -> Emoji:
            return replace(state, doodle=other_drawing(chance, DABBED, state.doodle))

        @tab.on_change(generated, numbers, on=("doodle", "patches", "inker"), hint=numbers, in_browser=True)
        def colour(state: Emoji):
            found = api.painted(state.doodle, known(state.inker), known(state.patches))
            return shown(found.picture, "An emoji that the generator made of your drawing."), verdict(found)
