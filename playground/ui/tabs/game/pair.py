"""View: samples of a fully connected and a convolutional GAN, side by side, interpolated from one noise to another."""

from dataclasses import dataclass

import gradio as gr

from playground import api, catalog
from playground.errors import UserError
from playground.systems import SYSTEMS, family
from playground.ui import nearest_neighbours
from playground.ui.builder import TabBuilder
from playground.ui.state import choice, number, whole
from playground.ui.tabs.game.measured import rises
from playground.ui.tabs.game.shared import WithSeed
from playground.ui.values import figures, measure, opening_picture, shown

SCORES = {  # metric -> what the page calls it, and the unit
    "feature_distance": ("feature distance to real digits", "(0 is ideal)"),
    "two_sample_nn": ("told from real digits", "% (50 is ideal)"),
    "class_share_gap": ("largest gap in a class's share", "points at most"),
    "milliseconds_per_image": ("time", "ms an image"),
}

TWINS = SYSTEMS["dcgan"].ablations  # learnt from 300 digits, as they are and with what D sees shifted at random


def with_twins() -> list[str]:
    return [name for system in family("generator") for name in catalog.names(system)]


@dataclass(frozen=True)
class Pair(WithSeed):
    left: str = choice("gan-mnist", with_twins)
    right: str = choice("dcgan-mnist", with_twins)
    other: int = whole(2, 0, api.SEEDS)
    t: float = number(0.0, 0, 1)


def build(tab: TabBuilder) -> None:
    with tab.view("pair", "GAN and DCGAN", Pair):
        with tab.controls():
            with gr.Row():
                way = gr.Slider(0, 1, step=0.01, label="z: from this seed's noise to the other one's", elem_id="game-t", scale=3)
                tab.control("t", way)
                other = gr.Number(label="The other seed", precision=0, minimum=0, maximum=api.SEEDS, elem_id="game-other", scale=1)
                tab.control("other", other)
            with gr.Row():
                tab.control("left", gr.Dropdown(label="Left"))
                tab.control("right", gr.Dropdown(label="Right"))
            near = [nearest_neighbours.panel(f"the first one on the {side}", elem_id=f"game-{side}-memory") for side in ("left", "right")]
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                sides = [_side(tab, "left", "G(z) of the left model"), _side(tab, "right", "G(z) of the right model")]

    for field, side, neighbours in zip(("left", "right"), sides, near):
        _listen_to_side(tab, field, *side, neighbours)


def _side(tab: TabBuilder, field: str, caption: str) -> tuple[gr.HTML, gr.HTML]:
    model = getattr(Pair(), field)
    with gr.Column():
        value = _opening(model)
        picture = tab.picture("generated", pixelated=True, value=value, caption=caption, elem_id=f"game-{field}")
        return picture, tab.numbers(*_scores(model))


def _listen_to_side(tab: TabBuilder, field: str, picture: gr.HTML, scores: gr.HTML, near: gr.HTML) -> None:
    moved = ("t", "seed", "other", field)

    def generate(state: Pair):
        model = getattr(state, field)
        sheet = api.on_the_way(state.seed, state.other, state.t, model).sheet
        return shown(sheet, _alt(model)), figures(*_scores(model))

    def remember(state: Pair):
        model = getattr(state, field)
        return nearest_neighbours.of(api.on_the_way(state.seed, state.other, state.t, model).first, model)

    generate.__name__, remember.__name__ = field, f"remember_{field}"  # by which the browser distinguishes the two sides
    tab.on_change(picture, scores, on=moved, in_browser=True)(generate)
    tab.on_change(near, on=moved, rest=True, in_browser=True)(remember)


def _scores(model: str) -> list[tuple[str, float | str, str]]:
    """The figures of `SCORES` that were measured of a model."""
    try:
        found = catalog.entry(model).metrics
    except UserError:
        return []
    return [(what, float(found[name]["value"]), unit) for name, (what, unit) in SCORES.items() if name in found]


def _opening(model: str) -> dict | None:
    """The samples that the export drew for the default state; None if the model is missing."""
    samples = opening_picture(model, "L")
    return samples and shown(samples, _alt(model))


def _alt(model: str) -> str:
    return f"Sixteen samples of {model}."


def c23() -> str:
    plain, shifted = (measure(name, "feature_distance") for name in TWINS)
    known, less = (measure(name, "discriminator_gap") for name in TWINS)
    verdict = "It helps" if rises((TWINS[1], TWINS[0]), "feature_distance") else "It does not help here"
    return (
        f"{verdict}: after as many steps, the feature distance to real digits is {plain} without and {shifted} with shifts. D believes in "
        f"its 300 digits more than in others: by {known} without shifts, where it knows them by heart, and by {less} with them. The digits "
        "on the right stand in the middle all the same: real and made ones were shifted alike, so a shift tells D nothing, and G need not "
        "learn it."
    )


def c11() -> str:
    left, right = Pair().left, Pair().right
    gan, dcgan = (measure(name, "feature_distance") for name in (left, right))
    rates = [measure(name, "two_sample_nn") for name in (left, right)]
    verdict = "It holds here" if rises((right, left), "feature_distance") else "It fails here, on our small networks"
    return (
        f"{verdict}: the feature distance to real digits is {gan} for the fully connected pair and {dcgan} for the convolutional one; by "
        f"its nearest neighbour, a sample is told from a real digit {rates[0]} and {rates[1]} of the time. Look at the black ground: the "
        "fully connected G leaves grey specks and clouds on it, the convolutional one hardly any."
    )
