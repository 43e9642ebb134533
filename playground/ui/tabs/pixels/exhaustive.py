"""View: all images of 2 x 2 pixels in colour, with their probabilities."""

import json
from dataclasses import dataclass

import gradio as gr
import numpy as np

from playground import api
from playground.ui.builder import TabBuilder
from playground.ui.charts import curves
from playground.ui.components.controls import subpixels
from playground.ui.state import text
from playground.ui.tabs.pixels.state import GIVEN_BEFORE, Shared
from playground.ui.values import figures, side_by_side

GIVEN = "." * 12  # sub-pixels of four pixels, none of them fixed
RANKS = [2**i for i in range(13)]
NAMES = ("black", "blue", "green", "cyan", "red", "magenta", "yellow", "white")
COLOURS = {f"{i:03b}".replace("1", "f"): name for i, name in enumerate(NAMES)}
FITTED = (
    "A tiny model, trained a moment ago on all 2 \u00d7 2 pixels that can be cut out of five photos by the model above. Lit is what is "
    "brighter than the mean of its plane; the percentages are p(lit). Fix a sub-pixel with a click, lit or dark, and the others follow: "
    "those drawn before it, too, for all 4,096 images are there to be summed."
)


@dataclass(frozen=True)
class Exhaustive(Shared):
    given: str = text(GIVEN, len(GIVEN), "01.")


def build(tab: TabBuilder) -> None:
    with tab.view("whole", "All images of 2 \u00d7 2", Exhaustive):
        with tab.controls():
            given = tab.control("given", subpixels(label="Sub-pixels, in the order they are drawn", elem_id="pixels-given"))
            gr.HTML(f"<p>{FITTED}</p>", elem_classes="hint", apply_default_css=False)
        with tab.outputs():
            likeliest = gr.HTML(elem_id="pixels-likeliest", apply_default_css=False)
            numbers = tab.numbers(("sum of all 4,096", "", ""), ("half of it is held by", "", ""), ("p(what you gave)", "", ""))
            held = gr.HTML(elem_id="pixels-held", apply_default_css=False)
            factors = gr.HTML(elem_id="pixels-factors", apply_default_css=False)

    @tab.on_change(given, likeliest, numbers, held, factors, on=("given", "model"))
    def all_of_them(state: Exhaustive):
        stats = api.pixels_whole(state.given.ljust(len(GIVEN), "."), state.model)
        mass = np.cumsum(sorted(stats["probabilities"], reverse=True))
        rows = {what: [f"{p:.3f}" for p in stats["factors"][plane::3]] for plane, what in enumerate(GIVEN_BEFORE)}
        note = "p of each sub-pixel of the first image, given all before it, and yours: their product is the image's."
        return (
            gr.update(odds=json.dumps(stats["lit"])),
            f'<ul class="likeliest">{"".join(_tile(*tile) for tile in stats["likeliest"])}</ul>',
            figures(
                ("sum of all 4,096", f"{stats['sum']:.12g}", ""),
                ("half of it is held by", str(stats["half"]), "image" + "s" * (stats["half"] > 1)),
                ("p(what you gave)", stats["given"], ""),
            ),
            curves(
                "probability of the likeliest together",
                "how many they are",
                ["" if i % 4 else rank for i, rank in enumerate(RANKS)],
                -1,
                {"held": [mass[rank - 1] for rank in RANKS]},
                {"held": "generated"},
            ),
            side_by_side([f"pixel {i}" for i in range(1, 5)], rows, note),
        )


def _tile(digits: str, p: float) -> str:
    """An image of 2 x 2 pixels, from its twelve digits, and its probability."""
    pixels = ["".join("0f"[int(digit)] for digit in digits[i : i + 3]) for i in range(0, 12, 3)]
    squares = "".join(f'<rect x="{i % 2}" y="{i // 2}" width="1.02" height="1.02" fill="#{colour}"/>' for i, colour in enumerate(pixels))
    description = ", ".join(COLOURS[colour] for colour in pixels)
    return f'<li><svg viewBox="0 0 2 2" role="img" aria-label="{description}">{squares}</svg>{p:.1%}</li>'


def summed() -> str:
    """The sum of the whole distribution of a model of 2 x 2 pixels, and the number of images that hold half of it."""
    stats = api.pixels_whole()
    return (
        f"All 4,096 sum to {stats['sum']:.12g}: the odds of each sub-pixel given those before it sum to 1, and so do the products. "
        f"{stats['half']} images hold half of it, the likeliest {stats['likeliest'][0][1]:.0%}; twelve sub-pixels that fell each for "
        f"itself, as often lit as here, would need {stats['apart']:,} for that."
    )
