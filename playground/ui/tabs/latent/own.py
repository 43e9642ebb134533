"""View: a picture through the code of any PCA, autoencoder or VAE, of any size and colours, such as one trained here."""

from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.drawing.facades import FACADES
from playground.ui.builder import TabBuilder
from playground.ui.components.upload import picture_upload
from playground.ui.state import choice
from playground.ui.tabs.latent.state import WithSeed
from playground.ui.values import figures, shown

NAMES = (*DIGITS, *FACADES)  # the drawn pictures


@dataclass(frozen=True)
class Own(WithSeed):
    through: str = choice("ae-mnist-32", lambda: catalog.names(*api.CODERS))
    picture: str = choice("3", NAMES)


def build(tab: TabBuilder) -> None:
    with tab.view("own", "Any model", Own):
        with tab.controls():
            tab.control("through", gr.Dropdown(label="Model", elem_id="latent-through"))
            tab.control("picture", gr.Radio(label="A drawn picture", elem_id="latent-picture"))
            upload = picture_upload(label="or one of your own", elem_id="latent-upload")
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="x, as the encoder sees it", elem_id="latent-own-seen")
                rebuilt = tab.picture("generated", pixelated=True, caption="x rebuilt from its code", elem_id="latent-own-rebuilt")
            with gr.Row(elem_classes="pair beside"):
                samples = tab.picture("generated", pixelated=True, caption="decoded from random codes", elem_id="latent-own-samples")
                numbers = tab.numbers(("squared error", "", ""), ("dimensions of the code", "", ""))

        @tab.randomize
        def roll(state: Own, chance) -> Own:
            return replace(state, picture=chance.choice(NAMES))

    @tab.on_change(seen, rebuilt, numbers, samples, on=("through", "seed"), extra=[upload])
    def rebuild_own(state: Own, path: Path | None):
        from playground.imaging import data_url

        x, again, samples, result = api.latent_picture(state.picture if path is None else data_url(path), state.through, state.seed)
        what = "Your picture" if path else f"The drawn {state.picture}"
        return (
            shown(x, f"{what}, as the model sees it: {x.width} by {x.height} pixels."),
            shown(again, f"{what}, rebuilt by {state.through}."),
            figures(("squared error", result["error"], ""), ("dimensions of the code", result["dimensions"], "")),
            shown(samples, f"Sixteen pictures that {state.through} decodes from random codes."),
        )

    @tab.on_change(seen, rebuilt, numbers, samples, upload, on=("picture",))
    def rebuild_drawn(state: Own):
        return *rebuild_own(state, None), None  # and clears the upload
