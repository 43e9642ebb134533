"""View: one digit through codes of 1 to 32 numbers, by PCA, an autoencoder and a VAE."""

from dataclasses import dataclass, replace

import gradio as gr

from playground import api, graphs
from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.charts import curves, in_a_row
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import choice
from playground.ui.tabs.latent.ladders import LADDERS, at_size, ladder
from playground.ui.tabs.latent.state import DIGIT_NAMES, SIZES, WithMine
from playground.ui.values import figures, measure, shown

BENT = "7"  # the digit of claim C3


@dataclass(frozen=True)
class Squeeze(WithMine):
    size: str = choice("8", SIZES)


def build(tab: TabBuilder) -> None:
    with tab.view("squeeze", "Squeeze", Squeeze):
        with tab.controls():
            mine, picker = digit_canvas(tab, "mine", elem_id="latent-squeeze-canvas", picker_id="latent-squeeze-hands")
            tab.control("size", gr.Radio(label="Dimensions of the code", elem_id="latent-size"))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                captions = {"x": "your digit", "pca": "PCA", "ae": "autoencoder", "vae": "VAE"}
                actors = {"x": "visitor"}
                pictures = [
                    tab.picture(actors.get(name, "generated"), pixelated=True, caption=caption, elem_id=f"latent-squeeze-{name}")
                    for name, caption in captions.items()
                ]
            numbers = tab.numbers(("squared error, PCA", "", ""), ("autoencoder", "", ""), ("VAE", "", ""))
            chart = gr.HTML(elem_id="latent-curves", apply_default_css=False)

        @tab.randomize
        def roll(state: Squeeze, chance) -> Squeeze:
            return replace(state, mine=DIGITS[chance.choice(DIGIT_NAMES)])

    @on_digit_change(tab, "mine", mine, picker, *pictures, numbers, on=("size",), hint=numbers, in_browser=True)
    def rebuild_all(state: Squeeze):
        drawn = graphs.drawn_digit(state.mine)
        found = api.squeezed(drawn.digit, int(state.size)).values()
        makers = ("PCA", "the autoencoder", "the VAE")
        names = ("Your digit.", *(f"The digit rebuilt from {state.size} numbers by {maker}." for maker in makers))
        rows = zip(("squared error, PCA", "autoencoder", "VAE"), found)
        images = (drawn.seen, *(one.rebuilt for one in found))
        return (*map(shown, images, names), figures(*((what, one.error, "") for what, one in rows)))

    @tab.on_change(chart, on=("size",), in_browser=True)
    def draw_curves(state: Squeeze):
        place = api.SIZES.index(int(state.size))
        error, probe = ({name: ladder(name, metric) for name in LADDERS} for metric in ("mse", "probe_accuracy"))
        colours = {name: colour for name, (_, colour) in LADDERS.items()}
        return in_a_row(
            curves("squared error on test digits", "dimensions", api.SIZES, place, error, colours),
            curves("% of test codes next to one of their class", "dimensions", api.SIZES, place, probe, colours),
        )


def c3() -> str:
    here = {name: one.error for name, one in api.squeezed(api.digit_tensor(BENT), 2).items()}
    return (
        f"For this {BENT}, {here['pca']:.3g} by PCA and {here['autoencoder']:.3g} by the deep autoencoder, whose picture is a {BENT} where "
        f"PCA's is none. On test digits, {at_size('pca-mnist', 'mse', 2):.3f} and {measure('ae-mnist-2', 'mse')}: a bent surface passes "
        "nearer to the digits than any plane."
    )
