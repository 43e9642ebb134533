"""View: the axes of PCA and of a linear autoencoder."""

from dataclasses import dataclass

import gradio as gr

from playground import api, catalog, graphs
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.latent.ladders import at_size
from playground.ui.tabs.latent.state import WithMine
from playground.ui.values import figures, measure, shown

STRAIGHT = "3"  # the digit of claim C1
WAYS = {"your digit": "visitor", "PCA": "generated", "a linear autoencoder": "generated", "directions drawn at random": "generated"}


@dataclass(frozen=True)
class Axes(WithMine):
    axes: str = choice("8", [str(size) for size in api.LINEAR])


def build(tab: TabBuilder) -> None:
    with tab.view("axes", "Axes", Axes):
        with tab.controls():
            tab.control("axes", gr.Radio(label="Dimensions of the code", elem_id="latent-axes-size"))
            gr.HTML(
                "<p>Left of the diagonal, a square says how far two numbers of a code go together over all training digits: "
                "empty is not at all, full is always.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )
            matrices = gr.HTML(elem_id="latent-correlations", apply_default_css=False)
        with tab.outputs():
            with gr.Row(elem_classes="beside"):
                pca = tab.picture("generated", aspect=2, pixelated=True, caption="PCA: the axes are orthogonal", elem_id="latent-axes-pca")
                ae = tab.picture(
                    "generated",
                    aspect=2,
                    pixelated=True,
                    caption="a linear autoencoder: the columns of its decoder",
                    elem_id="latent-axes-ae",
                )
            numbers = tab.numbers(("largest angle between the two spaces", "", "degrees"))
            with gr.Row(elem_classes="pair"):
                pictures = [
                    tab.picture(actor, pixelated=True, caption=caption, elem_id=f"latent-linear-{place}")
                    for place, (caption, actor) in enumerate(WAYS.items())
                ]
            errors = tab.numbers(("squared error, PCA", "", ""))

    @tab.on_change(*pictures, errors, on=("axes", "mine"), hint=errors, in_browser=True)
    def rebuild_straight(state: Axes):
        drawn = graphs.drawn_digit(state.mine)
        found = api.straight(drawn.digit, int(state.axes))
        images = (drawn.seen, *(one.rebuilt for one in found.values()))
        alts = (f"{caption[0].upper()}{caption[1:]}, {state.axes} numbers." for caption in WAYS)
        return *map(shown, images, alts), figures(*((f"squared error, {what}", one.error, "") for what, one in found.items()))

    @tab.on_change(pca, ae, numbers, matrices, on=("axes",), in_browser=True)
    def draw_axes(state: Axes):
        size = int(state.axes)
        left, right, result = api.latent_axes(size)
        return (
            shown(left, f"The first {size} axes of PCA as pictures."),
            shown(right, f"The {size} axes of the linear autoencoder as pictures."),
            figures(
                ("largest angle between the two spaces", f"{result['angles'][-1]:.3f}", "degrees"),
                ("largest correlation of two codes, PCA", f"{result['pca_largest']:.2f}", ""),
                ("linear autoencoder", f"{result['autoencoder_largest']:.2f}", ""),
            ),
            _matrix("PCA", result["pca"]) + _matrix("linear autoencoder", result["autoencoder"]),
        )


def _matrix(name: str, values: list[list[float]]) -> str:
    """Correlations below the diagonal as squares whose area is their size, SVG."""
    n = len(values)
    cells = "".join(
        f'<rect x="{j + 0.5 - r / 2:.3f}" y="{i + 0.5 - r / 2:.3f}" width="{r:.3f}" height="{r:.3f}"/>'
        for i in range(n)
        for j in range(i)
        if (r := abs(values[i][j]) ** 0.5) > 0.02
    )
    frames = "".join(f'<rect class="cell" x="{j}" y="{i}" width="1" height="1"/>' for i in range(n) for j in range(i))
    return f"""<figure class="chart matrix"><svg viewBox="0 0 {n} {n}" role="img" aria-label="Correlations of the codes of {name}">
        {frames}{cells}</svg><figcaption>{name}</figcaption></figure>"""


def c1() -> str:
    here = {name: one.error for name, one in api.straight(api.digit_tensor(STRAIGHT), 8).items()}
    pca, linear = at_size("pca-mnist", "mse", 8), catalog.entry("ae-mnist-linear-8").metrics["mse"]["value"]
    return (
        f"None. The squared error of this {STRAIGHT} is {here['pca']:.3g} by PCA, {here['linear autoencoder']:.3g} by the linear "
        f"autoencoder, which was trained until it found the same space, and {here['random directions']:.3g} by directions drawn at random. "
        f"On test digits it is {pca:.4f} and {linear:.4f} for the first two: no linear way has less than PCA on the digits it was fitted "
        f"to. The deep autoencoder of the view Squeeze has {measure('ae-mnist-8', 'mse')}, and is not linear."
    )


def c2() -> str:
    result = api.latent_axes(8)[2]
    return (
        f"The same space: the largest angle between the two is {result['angles'][-1]:.2f} degrees. Other axes: two of the autoencoder's "
        f"numbers correlate by {result['autoencoder_largest']:.2f}, PCA's by {result['pca_largest']:.2f}."
    )
