"""View: a picture is translated into the other domain, and back again."""

from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from playground import api, catalog
from playground.errors import UserError
from playground.graphs.recording import known
from playground.ui.builder import TabBuilder, choose_other
from playground.ui.components.upload import picture_upload
from playground.ui.state import choice
from playground.ui.values import figures, opening_picture, shown

WAYS = ("there", "back")


@dataclass(frozen=True)
class Translate:
    model: str = choice("cyclegan-facades", lambda: catalog.offered("cyclegan"))
    direction: str = choice("back", WAYS)
    example: str = choice("a town house", lambda: examples_of_all())
    fit: str = choice("crop", ("crop", "pad"))


def examples_of_all() -> list[str]:
    """The examples of all models, each once."""
    return list(dict.fromkeys(example for name in catalog.offered("cyclegan") for example in examples_of(name)))


def examples_of(model: str) -> list[str]:
    return api.examples(model)


def domains_of(model: str) -> tuple[str, str]:
    """The names of X and Y, read from the settings: the weights need not be loaded."""
    try:
        return tuple(catalog.entry(model).config.get("worlds", ("X", "Y")))
    except UserError:
        return ("X", "Y")


def build(tab: TabBuilder) -> None:
    opening = _opening(tab.opening.model)
    with tab.view("translate", "Translate a picture", Translate):
        with tab.controls():
            tab.control("model", gr.Dropdown(label="Worlds", elem_id="worlds-model"))
            direction = tab.control("direction", gr.Radio(_ways(tab.opening.model), label="Direction", elem_id="worlds-direction"))
            upload = picture_upload(label="Your picture, or the camera's", elem_id="worlds-upload")
            asks = gr.HTML(elem_classes="hint", elem_id="worlds-asks", apply_default_css=False)
            tab.control("fit", gr.Radio([("its middle square", "crop"), ("the whole of it", "pad")], label="Of your picture, take"))
            example = tab.control("example", gr.Radio(label="or one drawn for this page", elem_id="worlds-example"))
            numbers = tab.numbers(("cycle error", "", ""), ("the judge's score", "", ""))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                x = tab.picture("visitor", value=opening[0], caption="x, as the model sees it", elem_id="worlds-x")
                generated = tab.picture("generated", value=opening[1], caption="translated", elem_id="worlds-made")
            with gr.Row(elem_classes="pair"):
                again = tab.picture("generator", value=opening[2], caption="translated back", elem_id="worlds-again")
                difference = tab.picture("discriminator", value=opening[3], caption="|x - translated back|", elem_id="worlds-difference")

        @tab.randomize
        def roll(state: Translate, chance) -> Translate:
            """Another finished example: the models are deterministic, so there is no seed to draw."""
            return replace(state, example=choose_other(chance, examples_of(state.model), state.example), direction=chance.choice(WAYS))

        outputs = (x, generated, again, difference, numbers, direction, example, asks)

        @tab.on_change(*outputs, on=("model", "direction", "fit"), extra=[upload], in_browser=True)
        def translate(state: Translate, path: Path | None):
            model, direction = known(state.model), known(state.direction)
            examples = examples_of(model)
            chosen = state.example if state.example in examples else examples[0]
            found = api.translated(chosen if path is None else path, model, direction, state.fit)
            source, target = domains_of(model)[:: 1 if direction == "there" else -1]
            alts = (
                f"Your picture, as the model sees it: one of the world {source}."
                if path is not None
                else f"{chosen}, as one of the world {source}.".capitalize(),
                f"The same as one of the world {target}.",
                f"Translated back into the world {source}.",
                "Where the picture differs from itself translated there and back: black where it does not.",
            )
            return (
                *(shown(image, alt) for image, alt in zip((found.x, found.made, found.again, found.difference), alts)),
                figures(
                    ("cycle error, mean |x \u2212 there and back|", 50 * found.cycle_l1, "% of the range"),
                    ("the judge of the other world gives", found.score, "(1: real, 0: made)"),
                    ("both ways and judged in", found.milliseconds, "ms"),
                ),
                gr.update(choices=_ways(model), value=direction),
                gr.update(choices=examples, value=chosen),
                "" if path is None else f"<p>Taken as one of the world {source}. Is it one of {target}? Then turn the direction round.</p>",
            )

        @tab.on_change(*outputs, upload, on=("example",), in_browser=True)
        def translate_drawn(state: Translate):
            return *translate(state, None), None  # and clears the upload


def _ways(model: str) -> list[tuple[str, str]]:
    x, y = domains_of(model)
    return [(f"{x} \u2192 {y}", "there"), (f"{y} \u2192 {x}", "back")]


def _opening(model: str) -> list[dict | None]:
    """The four pictures with which the tab opens, as the model's export generated them; None where there are none yet."""
    strip = opening_picture(model)
    if strip is None:
        return [None] * 4
    side = strip.height
    return [shown(strip.crop((place * side, 0, (place + 1) * side, side)), "The page's first example.") for place in range(4)]
