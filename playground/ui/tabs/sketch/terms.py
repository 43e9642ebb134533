"""View: what each term of the loss does, by three generators."""

import contextlib
from dataclasses import dataclass, replace

import gradio as gr

from playground import api, catalog
from playground.drawing.flowers import FLOWERS
from playground.errors import UserError
from playground.graphs.recording import known
from playground.ui.builder import TabBuilder
from playground.ui.components.canvas import canvas
from playground.ui.state import strokes
from playground.ui.tabs.sketch.shared import colours_of, other_drawing, random_colours
from playground.ui.tabs.sketch.state import WithColours, WithPatches
from playground.ui.values import measure, shown, side_by_side

TERMS = {"L1 only": "l1", "GAN only": "gan", "both": "both"}  # term of the loss -> the picture's place


@dataclass(frozen=True)
class Terms(WithColours, WithPatches):
    compared: str = strokes(FLOWERS["windflower"])


def build(tab: TabBuilder) -> None:
    with tab.view("terms", "What each term does", Terms):
        with tab.controls():
            drawn = canvas("sketch", size=256, label="Draw a flower for three generators", elem_id="sketch-compared")
            tab.control("compared", drawn)
            gr.HTML("<p>In the colours that you chose for your flower.</p>", elem_classes="hint", apply_default_css=False)
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                photos = [tab.picture("generated", caption=term, elem_id=f"sketch-{name}") for term, name in TERMS.items()]
            table = gr.HTML(apply_default_css=False, elem_id="sketch-terms")

        @tab.randomize
        def roll(state: Terms, chance) -> Terms:
            return replace(random_colours(state, chance), compared=other_drawing(chance, FLOWERS, state.compared))

        @tab.on_change(*photos, table, on=("compared", "petals", "background", "patches"), hint=table, in_browser=True)
        def compare(state: Terms):
            patches = known(state.patches)
            found = [api.painted(state.compared, model, patches, **colours_of(state)) for model in api.TERMS.values()]
            alts = [f"A photograph by the generator trained with {term}." for term in TERMS]
            return *map(shown, [result.picture for result in found], alts), _table(found)


def _table(found: list) -> str:
    """The figures of three generators on this sketch, and on the test set."""
    rows, real = {"fine detail here": [f"{100 * result.fine:.2g} %" for result in found]}, ""
    with contextlib.suppress(KeyError, UserError):  # not measured on the test set yet
        metrics = [catalog.entry(name).metrics for name in api.TERMS.values()]
        rows["on test pictures"] = [f"{of['high_frequency_energy']['value']:.2g} %" for of in metrics]
        rows["error there, L1"] = [f"{of['l1']['value']:.3f}" for of in metrics]
        real = f", of photographs {metrics[0]['high_frequency_energy']['real']:.2g} %"
    note = f"Fine detail: the share of the energy above a quarter of a cycle a pixel{real}. L1: the distance from the true photograph."
    return side_by_side(list(TERMS), rows, note)


def terms_measured() -> str:
    fine = {term: measure(name, "high_frequency_energy") for term, name in api.TERMS.items()}
    error = {term: measure(name, "l1") for term, name in api.TERMS.items()}
    return (
        f"The one with L1 alone: {fine['L1 only']} of its energy is fine detail, with both terms {fine['both']}. The GAN's loss alone has "
        f"detail, {fine['GAN only']}, and drifts: its L1 to the true photographs is {error['GAN only']}, with both terms {error['both']}."
    )
