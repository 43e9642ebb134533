"""View: the way from the code of one digit to that of another."""

from dataclasses import dataclass, replace

import gradio as gr

from playground import api, graphs
from playground.graphs.recording import position
from playground.ui.builder import TabBuilder
from playground.ui.components.controls import strip
from playground.ui.state import choice, number
from playground.ui.tabs.latent.state import DIGIT_NAMES, WithModel
from playground.ui.values import figures, shown

PATHS = ("linear", "spherical")


@dataclass(frozen=True)
class Between(WithModel):
    a: str = choice("4", DIGIT_NAMES)
    b: str = choice("9", DIGIT_NAMES)
    path: str = choice("linear", PATHS)
    t: float = number(0.5, 0, 1)


def build(tab: TabBuilder) -> None:
    with tab.view("between", "From A to B", Between):
        with tab.controls():
            whole_way = tab.control("t", strip(label="Place between A and B", tiles=api.STRIP, elem_id="latent-strip"))
            tab.control("a", gr.Radio(label="A", elem_classes="digits"))
            tab.control("b", gr.Radio(label="B", elem_classes="digits"))
            tab.control("path", gr.Radio(label="Way", info="Straight, or along the great circle, on which z keeps its length."))
        with tab.outputs():
            picture = tab.picture("generated", pixelated=True, caption="decoded on the way", elem_id="latent-way")
            numbers = tab.numbers(("length of z here", "", ""))

        @tab.randomize
        def roll(state: Between, chance) -> Between:
            a, b = chance.sample(DIGIT_NAMES, 2)
            return replace(state, a=a, b=b)

    @tab.on_change(picture, numbers, whole_way, on=("a", "b", "path", "t", "model"), in_browser=True)
    def way(state: Between):
        a, b = (graphs.run("drawn", state.model, digit=position(digit, DIGIT_NAMES)).x for digit in (state.a, state.b))
        found = graphs.run("between", state.model, a=a, b=b, t=state.t, path=position(state.path, PATHS))
        alt = f"A picture {state.t:.0%} of the way from {state.a} to {state.b}."
        names = ("length of z here", f"of the code of {state.a}", f"of the code of {state.b}")
        rows = ((name, length, "") for name, length in zip(names, found.lengths))
        return shown(found.digit, alt), figures(*rows), gr.update(picture=shown(found.strip, "")["src"])
