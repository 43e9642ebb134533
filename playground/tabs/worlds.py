"""Two worlds and no pairs: a picture is translated by CycleGAN into the other world, and back again."""

import base64
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from playground import api, zoo
from playground.errors import UserError
from playground.page.frame import Frame, figures, shown
from playground.page.state import choice
from playground.page.upload import picture_upload

WAYS = ("there", "back")


def _examples() -> list[str]:
    """Of all models, each once."""
    return list(dict.fromkeys(example for name in zoo.names("cyclegan") for example in _examples_of(name)))


def _examples_of(model: str) -> list[str]:
    from playground.examples import world_examples

    return list(world_examples(_worlds(model)))


def _worlds(model: str) -> tuple[str, str]:
    """The names of X and Y, read from the settings: the weights need not be loaded."""
    try:
        return tuple(zoo.entry(model).config.get("worlds", ("X", "Y")))
    except UserError:
        return ("X", "Y")


@dataclass(frozen=True)
class Worlds:
    model: str = choice("cyclegan-facades", lambda: zoo.names("cyclegan"))
    direction: str = choice("back", WAYS)
    example: str = choice("a town house", _examples)
    fit: str = choice("crop", ("crop", "pad"))


def build() -> Frame:
    sentence = (
        "Nobody showed this model a pair: it saw two piles of pictures. Give it one, and see it carried into the other world, and back."
    )
    with Frame("worlds", "Two worlds", sentence, Worlds) as tab:
        with tab.do():
            tab.control("model", gr.Dropdown(label="Worlds", elem_id="worlds-model"))
            direction = tab.control("direction", gr.Radio(_ways("cyclegan-facades"), label="Direction", elem_id="worlds-direction"))
            upload = picture_upload(label="Your picture, or the camera's", elem_id="worlds-upload")
            tab.control("fit", gr.Radio([("its middle square", "crop"), ("the whole of it", "pad")], label="Of your picture, take"))
            example = tab.control("example", gr.Radio(label="or one drawn for this page", elem_id="worlds-example"))
        with tab.see():
            with gr.Row(elem_classes="pair"):
                x = tab.picture("visitor", value=_opening(0), caption="x, as the model sees it", elem_id="worlds-x")
                made = tab.picture("generated", value=_opening(1), caption="translated", elem_id="worlds-made")
            with gr.Row(elem_classes="pair"):
                again = tab.picture("generator", value=_opening(2), caption="translated back", elem_id="worlds-again")
                difference = tab.picture("discriminator", value=_opening(3), caption="|x - translated back|", elem_id="worlds-difference")
            numbers = tab.numbers(("cycle error", "", ""), ("the judge's score", "", ""))

        outputs = (x, made, again, difference, numbers, direction, example)

        @tab.shows(*outputs, on=("model", "direction", "fit"), extra=[upload])
        def translate(state: Worlds, path: Path | None):
            examples = _examples_of(state.model)
            chosen = state.example if state.example in examples else examples[0]
            picture = chosen if path is None else "data:;base64," + base64.b64encode(path.read_bytes()).decode()
            *pictures, said = api.worlds_translate(picture, state.model, state.direction, state.fit)
            source, target = _worlds(state.model)[:: 1 if state.direction == "there" else -1]
            alts = (
                f"Your picture, as the model sees it: one of the world {source}."
                if path
                else f"{chosen}, as one of the world {source}.".capitalize(),
                f"The same as one of the world {target}.",
                f"Translated back into the world {source}.",
                "Where the picture differs from itself translated there and back: black where it does not.",
            )
            return (
                *(shown(image, alt) for image, alt in zip(pictures, alts)),
                figures(
                    ("cycle error, mean |x \u2212 there and back|", 100 * said["cycle_l1"] / 2, "% of the range"),
                    ("the judge of the other world gives", said["score"], "(1: real, 0: made)"),
                    ("both ways", said["milliseconds"], "ms"),
                ),
                gr.update(choices=_ways(state.model), value=state.direction),
                gr.update(choices=examples, value=chosen),
            )

        @tab.shows(*outputs, upload, on=("example",))
        def translate_drawn(state: Worlds):
            return *translate(state, None), None  # and the upload gives way

        tab.models("model")
        _presets(tab)
    return tab


def _presets(tab: Frame) -> None:
    tab.preset(
        "Yellow becomes violet",
        "No yellow flower ever had a violet twin to learn from. Petals change their colour and keep their shape: F must find its way back.",
        model="cyclegan-flowers",
        direction="there",
        example="6 petals",
    )
    tab.preset(
        "Violet becomes yellow",
        "The other generator, the other way. The heart comes back white and not yellow: what colour it had, F did not keep.",
        model="cyclegan-flowers",
        example="5 petals",
    )
    tab.preset("A house of rectangles", "Nobody built this house: F makes up walls, panes and shade.", example="ten rectangles")
    tab.preset(
        "Its labels, read off",
        "The photo was made by F; G finds the windows again, though it never saw a photo together with its labels.",
        direction="there",
    )
    tab.preset(
        "Where it fails: pillars and the door",
        "The pillars never come back, and the door comes back as a shop: F painted nothing by which G could tell them. "
        "Had F and G agreed to swap doors and shops both ways, the cycle could not even have noticed.",
        example="a long facade",
    )


def _ways(model: str) -> list[tuple[str, str]]:
    x, y = _worlds(model)
    return [(f"{x} \u2192 {y}", "there"), (f"{y} \u2192 {x}", "back")]


def _opening(place: int) -> dict | None:
    """One of the four pictures with which the tab opens, as the export of the default model made them; None where there is none yet."""
    from PIL import Image

    try:
        path = zoo.entry(Worlds().model).folder / "opening.webp"
    except UserError:
        return None
    if not path.exists():
        return None
    with Image.open(path) as strip:
        side = strip.height
        return shown(strip.convert("RGB").crop((place * side, 0, (place + 1) * side, side)), "The page's first example.")
