"""View: a number, its digits from one z."""

from dataclasses import dataclass, replace

import gradio as gr

from playground import api, graphs
from playground.graphs.recording import beside
from playground.graphs.sizes import NUMBER
from playground.ui.builder import TabBuilder
from playground.ui.state import text
from playground.ui.tabs.digits.judges import judged, opinions_of
from playground.ui.tabs.digits.state import Shared, classes_of, knows_all
from playground.ui.values import shown


@dataclass(frozen=True)
class Write(Shared):
    number: str = text("31415", NUMBER, "0123456789")


def build(tab: TabBuilder) -> None:
    with tab.view("write", "Write a number", Write):
        with tab.controls():
            tab.control("number", gr.Textbox(label="Number, up to ten digits", max_length=10, max_lines=1, elem_id="digits-number"))
        with tab.outputs():
            picture = tab.picture("generated", aspect=5, pixelated=True, caption="one z for all of them", elem_id="digits-written")
            verdict = gr.HTML(elem_id="digits-number-opinion", apply_default_css=False)

    @tab.on_change(picture, verdict, on=("number", "seed", "model"), in_browser=True)
    def write(given: Write):
        state, words = within(given), ""
        if state is not given and state.number != given.number:
            words = f'<p class="empty">This model has the classes 0 to {classes_of(state.model)[-1]}; other digits are left out.</p>'
        count = len(state.number)
        if not count:  # while the visitor types
            return gr.skip(), words or '<p class="empty">Type a number.</p>'
        digits = [*state.number, *"0" * (NUMBER - count)]
        generated = graphs.run("number", state.model, digits=digits, z=api.handwriting(state.seed, state.model))
        picture = shown(beside(generated.tiles[:count]), f"The number {state.number} in one hand.")
        return picture, words + judged(list(zip(state.number, opinions_of(generated, state.model))))


def within(state: Write) -> Write:
    """The state with a number of digits that its model knows; the others are left out."""
    if knows_all(state.model):
        return state
    classes = classes_of(state.model)
    return replace(state, number="".join(digit for digit in state.number if digit in classes))
