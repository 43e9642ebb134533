"""Two worlds and no pairs: a picture is translated by CycleGAN into the other world, and back again."""

import base64
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr
from PIL import Image

from playground import api, catalog
from playground.drawing.facades import FACADES
from playground.drawing.pictures import domain_example_names
from playground.errors import UserError
from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder, choose_other
from playground.ui.components.upload import picture_upload
from playground.ui.state import choice
from playground.ui.values import figures, measure, opening_picture, shown, side_by_side

WAYS = ("there", "back")
VIEWS = ("translate", "cycle", "film")


def _examples() -> list[str]:
    """Of all models, each once."""
    return list(dict.fromkeys(example for name in catalog.offered("cyclegan") for example in _examples_of(name)))


def _examples_of(model: str) -> list[str]:
    return domain_example_names(_worlds(model))


def _worlds(model: str) -> tuple[str, str]:
    """The names of X and Y, read from the settings: the weights need not be loaded."""
    try:
        return tuple(catalog.entry(model).config.get("worlds", ("X", "Y")))
    except UserError:
        return ("X", "Y")


@dataclass(frozen=True)
class Worlds:
    view: str = choice("translate", VIEWS)
    model: str = choice("cyclegan-facades", lambda: catalog.offered("cyclegan"))
    direction: str = choice("back", WAYS)
    example: str = choice("a town house", _examples)
    fit: str = choice("crop", ("crop", "pad"))
    carried: str = choice("a town house", list(FACADES))
    filmed: str = choice("cyclegan-facades", lambda: catalog.names("cyclegan"))
    frame: int = training_snapshots.frame()


def build() -> TabBuilder:
    sentence = (
        "Nobody showed this model a pair: it saw two piles of pictures. Give it one, and see it carried into the other world, and back."
    )
    with TabBuilder("worlds", "Two worlds", sentence, Worlds) as tab:
        _translate(tab)
        _cycle(tab)
        training_snapshots.view(tab, "filmed", aspect=3, pixelated=False, own_control=True)
        tab.models("model")
        tab.randomize(roll)
        _presets(tab)
        question = (
            "Two models, one trained to find its way back and one not. Carry a house there and back with both: which one is still yours?"
        )
        tab.claim("C15", question, _cycle_measured, view="cycle")
    return tab


def roll(state: Worlds, chance) -> Worlds:
    """Another finished example of the open view: the models are deterministic, so there is no seed to draw."""
    match state.view:
        case "translate":
            return replace(state, example=choose_other(chance, _examples_of(state.model), state.example), direction=chance.choice(WAYS))
        case "cycle":
            return replace(state, carried=choose_other(chance, FACADES, state.carried))
        case "film":
            return replace(state, filmed=choose_other(chance, catalog.names("cyclegan"), state.filmed))


def _translate(tab: TabBuilder) -> None:
    with tab.view("translate", "Carry it over"):
        with tab.controls():
            tab.control("model", gr.Dropdown(label="Worlds", elem_id="worlds-model"))
            direction = tab.control("direction", gr.Radio(_ways("cyclegan-facades"), label="Direction", elem_id="worlds-direction"))
            upload = picture_upload(label="Your picture, or the camera's", elem_id="worlds-upload")
            tab.control("fit", gr.Radio([("its middle square", "crop"), ("the whole of it", "pad")], label="Of your picture, take"))
            example = tab.control("example", gr.Radio(label="or one drawn for this page", elem_id="worlds-example"))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                x = tab.picture("visitor", value=_opening(0), caption="x, as the model sees it", elem_id="worlds-x")
                made = tab.picture("generated", value=_opening(1), caption="translated", elem_id="worlds-made")
            with gr.Row(elem_classes="pair"):
                again = tab.picture("generator", value=_opening(2), caption="translated back", elem_id="worlds-again")
                difference = tab.picture("discriminator", value=_opening(3), caption="|x - translated back|", elem_id="worlds-difference")
            numbers = tab.numbers(("cycle error", "", ""), ("the judge's score", "", ""))

        outputs = (x, made, again, difference, numbers, direction, example)

        @tab.on_change(*outputs, on=("model", "direction", "fit"), extra=[upload])
        def translate(state: Worlds, path: Path | None):
            examples = _examples_of(state.model)
            chosen = state.example if state.example in examples else examples[0]
            picture = chosen if path is None else _data_url(path)
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

        @tab.on_change(*outputs, upload, on=("example",))
        def translate_drawn(state: Worlds):
            return *translate(state, None), None  # and the upload gives way


def _cycle(tab: TabBuilder) -> None:
    with tab.view("cycle", "Without the way back"):
        with tab.controls():
            tab.control("carried", gr.Radio(label="A house drawn for this page", elem_id="worlds-carried"))
            upload = picture_upload(label="or a photo of a facade of your own", elem_id="worlds-carried-upload")
            table = gr.HTML(apply_default_css=False, elem_id="worlds-terms")
        with tab.outputs():
            strips = [
                tab.picture("generated", aspect=4, caption=f"{way}, {term}", elem_id=f"worlds-{direction}-{place}")
                for direction, way in (("back", "labels \u2192 photo \u2192 labels"), ("there", "photo \u2192 labels \u2192 photo"))
                for term, place in zip(api.CYCLE, ("with", "without"))
            ]
            gr.HTML(
                "<p>Each row: x, translated, translated back, and the difference of the last from the first.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )

        @tab.on_change(*strips, table, on=(), extra=[upload])
        def carry(state: Worlds, path: Path | None):
            made, errors = [], {}
            for direction in ("back", "there"):
                picture = state.carried if path is None or direction == "back" else _data_url(path)
                both = _carried(picture, direction)
                for term, answer in zip(api.CYCLE, both):
                    made.append(shown(_strip(answer[:4]), f"{state.carried}, {direction} and back, {term}."))
                made += [gr.skip()] * (len(api.CYCLE) - len(both))
                errors[direction] = [f"{50 * answer[4]['cycle_l1']:.2g} %" for answer in both]
            return *made, _table(errors)

        @tab.on_change(*strips, table, upload, on=("carried",))
        def carry_drawn(state: Worlds):
            return *carry(state, None), None  # and the upload gives way


def _carried(picture: str, direction: str) -> list[tuple]:
    """What `api.worlds_translate` gives of the model with the cycle term, and of the one without where that was trained."""
    if set(api.CYCLE.values()) <= set(catalog.names("cyclegan")):
        answer = api.worlds_cycle(picture, direction)
        return [answer[:5], answer[5:]]
    return [api.worlds_translate(picture, api.CYCLE["with the cycle term"], direction)]


def _strip(pictures) -> Image.Image:
    """Pictures of one size, side by side."""
    strip = Image.new("RGB", (sum(picture.width for picture in pictures), pictures[0].height))
    for place, picture in enumerate(pictures):
        strip.paste(picture, (place * picture.width, 0))
    return strip


def _table(errors: dict[str, list[str]]) -> str:
    """The cycle errors of this picture, and what the test set says."""
    rows = {"labels and back, here": errors["back"], "photo and back, here": errors["there"]}
    note = "Cycle error: mean |x \u2212 there and back|, in per cent of the range."
    with contextlib.suppress(KeyError, UserError):
        metrics = [catalog.entry(name).metrics for name in api.CYCLE.values()]
        for what, metric in (("labels and back, test set", "cycle_l1_y"), ("photos and back, test set", "cycle_l1_x")):
            rows[what] = [f"{50 * of[metric]['value']:.2g} %" for of in metrics]
        rows["class IoU, test set"] = [f"{of['class_iou']['value']:.3f}" for of in metrics]
        note += " Class IoU: how well photos become their true labels, which neither model saw beside them."
    columns = list(api.CYCLE)[: len(errors["back"])]
    if len(columns) < len(api.CYCLE):
        note += f" {api.CYCLE['without it']}, the model without the term, is not here: train it, and it appears beside the other."
    return side_by_side(columns, rows, note)


def _cycle_measured() -> str:
    there, back, iou = ([measure(name, metric) for name in api.CYCLE.values()] for metric in ("cycle_l1_x", "cycle_l1_y", "class_iou"))
    return (
        f"The one with the term: there and back, a test photo is off by {there[0]} (without: {there[1]}) and a label map by {back[0]} "
        f"(without: {back[1]}), of a range of 2. Read off photos, its labels have a class IoU of {iou[0]}, without the term {iou[1]}."
    )


def _data_url(path: Path) -> str:
    return "data:;base64," + base64.b64encode(path.read_bytes()).decode()


def _presets(tab: TabBuilder) -> None:
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
    strip = opening_picture(Worlds().model)
    if strip is None:
        return None
    side = strip.height
    return shown(strip.crop((place * side, 0, (place + 1) * side, side)), "The page's first example.")
