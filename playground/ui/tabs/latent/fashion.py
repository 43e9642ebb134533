"""View: samples of two models side by side, digits and clothes."""

from dataclasses import dataclass

import gradio as gr

from playground import api
from playground.ui.builder import TabBuilder
from playground.ui.state import choice, number
from playground.ui.tabs.latent.state import WithModel, WithSeed, vaes
from playground.ui.values import shown


@dataclass(frozen=True)
class Fashion(WithModel, WithSeed):
    beside: str = choice("vae-fashion", lambda: vaes(flat=False))
    show: str = choice("mean", ("mean", "sample", "sigma"))
    spread: float = number(1.0, 0, 2)


def build(tab: TabBuilder) -> None:
    with tab.view("fashion", "Digits and fashion", Fashion):
        with tab.controls():
            tab.control("beside", gr.Dropdown(label="Model beside the digits'"))
            tab.control("show", gr.Radio(label="Show of p(x|z)", info="Its mean, a sample of it, or each pixel's sigma."))
            tab.control("spread", gr.Slider(0, 2, step=0.05, label="Spread of z", info="1 is the prior N(0, I) itself."))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                digits = tab.picture("generated", pixelated=True, caption="digits", elem_id="latent-digits")
                clothes = tab.picture("generated", pixelated=True, caption="fashion", elem_id="latent-clothes")

    @tab.on_change(digits, clothes, on=("model", "beside", "show", "spread", "seed"))
    def sample(state: Fashion):
        return tuple(
            shown(
                api.latent_samples(name, state.show, state.spread, state.seed),
                f"Sixteen new pictures by {name}, the {state.show} of p(x|z).",
            )
            for name in (state.model, state.beside)
        )
