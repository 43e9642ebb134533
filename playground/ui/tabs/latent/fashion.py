"""View: samples of two models side by side, digits and clothes."""

from dataclasses import dataclass

import gradio as gr

from playground import api, catalog, graphs
from playground.graphs.recording import known, noise, position
from playground.ui.builder import TabBuilder
from playground.ui.state import choice, number
from playground.ui.tabs.latent.state import WithModel, WithSeed, vaes
from playground.ui.values import shown

SHOWS = ("mean", "sample", "sigma")  # of p(x|z)


@dataclass(frozen=True)
class Fashion(WithModel, WithSeed):
    beside: str = choice("vae-fashion", lambda: vaes(flat=False))
    show: str = choice("mean", SHOWS)
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

    @tab.on_change(digits, clothes, on=("model", "beside", "show", "spread", "seed"), in_browser=True)
    def sample(state: Fashion):
        return _samples(state, state.model), _samples(state, state.beside)


def _samples(state: Fashion, model: str) -> dict:
    """Sixteen pictures from a model's prior, as a picture's value."""
    model = known(model)
    config = catalog.entry(model).config
    z = state.spread * noise("normals", state.seed, api.SIXTEEN, config["latent"])
    kind, first = ("uniforms", 0) if config["likelihood"] == "bernoulli" else ("normals", api.SIXTEEN)
    pixels = noise(kind, state.seed, api.SIXTEEN, 784, first)
    found = graphs.run("samples", model, z=z, noise=pixels, show=position(state.show, SHOWS))
    return shown(found.sheet, f"Sixteen new pictures by {model}, the {state.show} of p(x|z).")
