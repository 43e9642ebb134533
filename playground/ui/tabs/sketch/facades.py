"""View: a label map is painted, and becomes the photograph of a house."""

from dataclasses import dataclass, replace

import gradio as gr

from playground import api
from playground.drawing.facades import FACADES
from playground.drawing.palettes import FACADE_COLOURS, FACADE_PALETTE
from playground.drawing.strokes import Stroke, canvas_value
from playground.graphs.recording import known
from playground.ui.builder import TabBuilder
from playground.ui.components.canvas import canvas
from playground.ui.state import choice, strokes
from playground.ui.tabs.sketch.shared import first_picture, other_drawing, verdict
from playground.ui.tabs.sketch.state import WithPatches, models_of
from playground.ui.values import shown


@dataclass(frozen=True)
class Facades(WithPatches):
    painter: str = choice("pix2pix-facades", lambda: models_of("labels"))
    facade: str = strokes(FACADES["a town house"])


def build(tab: TabBuilder) -> None:
    with tab.view("facades", "Paint a house", Facades):
        with tab.controls():
            tab.control("facade", canvas("labels", size=128, label="Paint a house", palette=FACADE_PALETTE, elem_id="sketch-painted"))
            tab.control("painter", gr.Dropdown(label="Model"))
        with tab.outputs():
            photo = tab.picture("generated", value=first_picture("pix2pix-facades"), caption="G(x), a house that nobody built",
                                elem_id="sketch-house")  # fmt: skip
            numbers = tab.numbers(("D takes it for real", "", ""), ("G took", "", "ms"))

        @tab.randomize
        def roll(state: Facades, chance) -> Facades:
            return replace(state, facade=other_drawing(chance, FACADES, state.facade))

        @tab.on_change(photo, numbers, on=("facade", "patches", "painter"), hint=numbers, in_browser=True)
        def paint(state: Facades):
            found = api.painted(state.facade, known(state.painter), known(state.patches))
            return shown(found.picture, "A photograph of a house that the generator made of your labels."), verdict(found)


def doors() -> str:
    names = list(FACADE_COLOURS)
    boxes = [("facade", 0, 0, 512, 512)]
    boxes += [("door", 20 + 100 * column, 16 + 126 * row, 82 + 100 * column, 110 + 126 * row) for row in range(4) for column in range(5)]
    return canvas_value(
        [Stroke(((left, top), (right, bottom)), names.index(name), rectangle=True) for name, left, top, right, bottom in boxes]
    )
