"""View: random codes, decoded by an autoencoder and by a VAE."""

from dataclasses import dataclass

import gradio as gr

from playground import api, graphs
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.latent.ladders import ladder
from playground.ui.tabs.latent.state import SIZES, WithSeed
from playground.ui.values import figures, shown

CODES = {"codes": "32", "seed": 12}  # the random codes of claim C5
FAR = 2  # an autoencoder's random codes are far from real digits where they are so many times as far as the VAE's


@dataclass(frozen=True)
class RandomCodes(WithSeed):
    codes: str = choice("32", SIZES)


def build(tab: TabBuilder) -> None:
    with tab.view("random", "Random codes", RandomCodes):
        with tab.controls():
            tab.control("codes", gr.Radio(label="Dimensions of the code", elem_id="latent-codes-size"))
            gr.HTML(
                "<p>Both decoders get the same z ~ N(0, I). For the autoencoder, which has no prior, each dimension is scaled to the mean "
                "and the spread of its own codes of 50,000 training digits.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )
            numbers = tab.numbers(("feature distance to real digits, autoencoder", "", ""))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                ae = tab.picture("generated", pixelated=True, caption="autoencoder", elem_id="latent-random-ae")
                vae = tab.picture("generated", pixelated=True, caption="VAE, the same layers", elem_id="latent-random-vae")

    @tab.on_change(ae, vae, numbers, on=("codes", "seed"), in_browser=True)
    def decode_random(state: RandomCodes):
        size = int(state.codes)
        results = api.random_codes(size, state.seed)
        sure = list(map(_sure, results))
        place = api.SIZES.index(size)
        distances = {name: ladder(name, "feature_distance")[place] for name in ("AE", "VAE")}
        values = {name: "not measured" if value is None else float(value) for name, value in distances.items()}
        return (
            shown(results[0].sheet, f"Sixteen random codes of {state.codes} numbers, decoded by an autoencoder."),
            shown(results[1].sheet, f"The same sixteen, decoded by a VAE: {state.codes} numbers from its prior."),
            figures(
                ("the digit classifier is sure of, autoencoder", str(sure[0]), f"of {api.RANDOM}"),
                ("VAE", str(sure[1]), f"of {api.RANDOM}"),
                ("feature distance to real digits, autoencoder", values["AE"], ""),
                ("VAE", values["VAE"], "(0 is ideal)"),
            ),
        )


def _sure(result):
    """How many of the pictures that the graph "random" made the digit classifier is sure of."""
    return graphs.run("sure", "digit-classifier", x=result.x).sure


def c5() -> str:
    distances = zip(api.SIZES, ladder("AE", "feature_distance"), ladder("VAE", "feature_distance"))
    known = [(size, ae, vae) for size, ae, vae in distances if None not in (ae, vae)]
    sizes = lambda holds: ", ".join(str(size) for size, ae, vae in known if holds(ae, vae)) or "none"  # noqa: E731
    ae, vae = map(_sure, api.random_codes(int(CODES["codes"]), CODES["seed"]))
    return (
        f"The digit classifier is sure what {vae} of the VAE's sixteen are, and {ae} of the autoencoder's. "
        f"The distance to real digits, in the digit classifier's features, of the AE and of the VAE with so many dimensions: "
        f"{'; '.join(f'{size}: {ae:.4g} and {vae:.4g}' for size, ae, vae in known)}. The VAE's is less than half of the AE's with "
        f"{sizes(lambda ae, vae: vae < ae / FAR)}; smaller, but by less, with {sizes(lambda ae, vae: ae / FAR <= vae < ae)}; and the claim "
        f"fails with {sizes(lambda ae, vae: vae >= ae)}. Nothing in the autoencoder's loss says what lies between the codes that it uses; "
        "but a few dimensions they may fill."
    )
