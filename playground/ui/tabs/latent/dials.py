"""View: each dimension of a code has a dial."""

from dataclasses import dataclass, replace

import gradio as gr

from playground import catalog, graphs
from playground.graphs.recording import position
from playground.ui.builder import TabBuilder
from playground.ui.components.controls import dials
from playground.ui.state import choice, vector
from playground.ui.tabs.latent.state import DIGIT_NAMES, WithModel
from playground.ui.values import figures, shown

DIALS, DIAL_REACH = 12, 4.0


@dataclass(frozen=True)
class Dials(WithModel):
    hand: str = choice("7", DIGIT_NAMES)
    dials: tuple[float, ...] = vector((0.0,) * DIALS, -DIAL_REACH, DIAL_REACH)


def build(tab: TabBuilder) -> None:
    with tab.view("dials", "Turn the dials", Dials):
        with tab.controls():
            tab.control("hand", gr.Radio(label="Start from the code of", elem_classes="digits"))
            board = tab.control("dials", dials(label="Dimension", count=DIALS, reach=DIAL_REACH, elem_id="latent-dials"))
            gr.HTML(
                f"<p>Up to {DIALS} dimensions, the one that carries most on the left. A double click puts a dial back.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )
        with tab.outputs():
            picture = tab.picture("generated", pixelated=True, caption="decoded from the changed code", elem_id="latent-varied")
            numbers = tab.numbers(("moved by", 0.0, "standard deviations of the prior"))

        @tab.randomize
        def roll(state: Dials, chance) -> Dials:
            turned = (min(max(chance.gauss(0, 1), -DIAL_REACH), DIAL_REACH) for _ in range(DIALS))
            return replace(state, hand=chance.choice(DIGIT_NAMES), dials=tuple(round(value, 2) for value in turned))

    @tab.on_change(picture, numbers, board, on=("hand", "dials", "model"), in_browser=True)
    def vary(state: Dials):
        x = graphs.run("drawn", state.model, digit=position(state.hand, DIGIT_NAMES)).x
        latent = catalog.entry(state.model).config.get("latent", DIALS)
        turned = list(state.dials)[:latent]  # a model may have fewer dimensions than dials
        found = graphs.run("vary", state.model, x=x, changes=[*turned, *(0.0,) * (latent - len(turned))])
        moved, length = (sum(value * value for value in values) ** 0.5 for values in (turned, found.z))
        return (
            shown(found.digit, f"A {state.hand} with its code moved by {moved:.1f}."),
            figures(
                ("moved by", moved, "standard deviations of the prior"), ("length of z", length, f"(a typical one: {latent**0.5:.1f})")
            ),
            gr.update(active=len(turned)),
        )
