"""Compare: every model that generates digits, side by side: its samples, its figures, and their cost."""

from dataclasses import dataclass

import gradio as gr

from playground import api
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.compare import cost, figures, samples
from playground.ui.tabs.compare.shared import named

VIEWS = ("samples", "figures", "cost")


@dataclass(frozen=True)
class Compare(samples.Samples, figures.Figures):
    view: str = choice("samples", VIEWS)


def build() -> TabBuilder:
    with TabBuilder("compare", "Compare", Compare) as tab:
        with gr.Row(elem_classes="form"):
            tab.control(
                "models", gr.CheckboxGroup([(named(name), name) for name in api.compare_models()], label="Models", elem_id="compare-models")
            )
        for view in (samples, figures, cost):
            view.build(tab)
        tab.seed()
        why = (
            "A pixel model draws each pixel, black or white, strokes astray and all. What is shown of a VAE is the mean of p(x|z), in "
            "greys, with nothing drawn."
        )
        tab.preset("Another sixteen", why, seed=7)
        why = (
            "With a code of two numbers the strokes are blurred, and yet nearly all are digits. With many numbers they are sharp, and more "
            "of what is drawn from the prior is no digit: between the codes of training digits there is more room."
        )
        tab.preset("A small code blurs", why, models=tuple(n for n in ("vae-mnist", "vae-mnist-2d") if n in api.compare_models()))
        tab.preset("Which can say p(x)?", figures.densities, view="figures")
        together = tuple(name for name in (figures.TOGETHER, *figures.members()) if name in api.compare_models())
        tab.preset("The four together", figures.together, view="figures", models=together)
        question = (
            "A PixelCNN's training waits for one step where a recurrent one waits for 28 or 55. Is it faster here by as much, and is it "
            "a little worse?"
        )
        tab.claim("C18", question, cost.disagreement, view="cost")
    return tab
