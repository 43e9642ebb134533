"""Sketch to photo: Pix2Pix draws photographs while the visitor draws lines, and facades of painted labels, and the labels of facades."""

from dataclasses import dataclass

import gradio as gr

from playground import api, catalog
from playground.drawing.doodles import DABBED, DOODLES
from playground.drawing.facades import FACADES
from playground.drawing.flowers import FLOWERS
from playground.drawing.strokes import Stroke, canvas_value
from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.sketch import emoji, facades, flowers, pairs, photos, terms
from playground.ui.tabs.sketch.state import PETALS
from playground.ui.values import measure

VIEWS = ("flowers", "emoji", "facades", "photos", "terms", "pairs", "film")


@dataclass(frozen=True)
class Sketch(flowers.Flowers, emoji.Emoji, facades.Facades, photos.Photos, terms.Terms, pairs.Pairs):
    view: str = choice("flowers", VIEWS)
    filmed: str = choice("pix2pix-flowers", lambda: catalog.names("pix2pix"))
    frame: int = training_snapshots.frame()


def build() -> TabBuilder:
    with TabBuilder("sketch", "Sketch: Pix2Pix", Sketch) as tab:
        info = "Blue: D takes the patch for a real one. Vermilion: D sees that it was made."
        words = "Show where the discriminator sees through it"
        tab.control("patches", gr.Checkbox(label=words, info=info, elem_id="sketch-patches", elem_classes="patches"))
        for view in (flowers, emoji, facades, photos, terms, pairs):
            view.build(tab)
        training_snapshots.view(tab, "filmed", aspect=1.5, pixelated=False, own_control=True)
        tab.models("model", "inker", "painter", "reader", "judge", "filmed")
        _presets(tab)
        _claims(tab)
    return tab


def _presets(tab: TabBuilder) -> None:
    tab.preset(
        "A sunflower",
        "Two rings and eighteen petals; the grain between the rings is G's own idea.",
        sketch=canvas_value(FLOWERS["sunflower"]),
    )
    tab.preset(
        "A violet pansy",
        "The lines say where petals end; that they are violet, you say.",
        sketch=canvas_value(FLOWERS["pansy"]),
        petals=PETALS["violet"],
    )
    tab.preset(
        "Five petals with a mouse",
        "Five uneven loops are enough. G has seen lines of every detail, so it copes with few of them.",
        sketch=canvas_value(FLOWERS["a mouse's five petals"]),
        petals=PETALS["pink"],
    )
    tab.preset(
        "A cat, and why it fails",
        "G knows seventeen kinds of flowers and nothing else: the face is filled with the petals' yellow, and around it are leaves.",
        sketch=_cat(),
    )
    tab.preset(
        "A fish in three colours",
        "Three dabs, three areas: each takes the colour of its dab, as far as the lines.",
        view="emoji",
        doodle=canvas_value(DABBED["a fish"]),
    )
    tab.preset(
        "A house without a dab",
        "Lines don't say what colour a wall has. Where nobody says it, G hedges: one wall is several colours at once.",
        view="emoji",
        doodle=canvas_value(DOODLES["a house"]),
    )
    tab.preset(
        "Ten rectangles", "One for the wall, eight windows, one door.", view="facades", facade=canvas_value(FACADES["ten rectangles"])
    )
    tab.preset(
        "A wall of doors fails",
        "Twenty doors come out as twenty windows: in the training set such rows are always windows, and D never judged a wall of doors. "
        "The model that reads labels off photos finds hardly a door here, either.",
        view="facades",
        facade=facades.doors(),
    )
    tab.preset(
        "Read a house",
        "The other way round: most of the windows and the balcony of this house, drawn for the page, are found. It fails below: the two "
        "shops are taken for doors and windows.",
        view="photos",
        house="a town house",
    )
    tab.preset(
        "The wrong lines win",
        "D gives this picture more beside a crocus than beside its own sunflower. It met made pictures beside their own lines only, "
        "as fakes: so it has no reason to hold the wrong lines against this one.",
        view="pairs",
        own="sunflower",
        other="crocus",
    )


def _claims(tab: TabBuilder) -> None:
    question = (
        "Three generators see your lines: one is only held near the truth (L1), one only has to convince D, one both. Which one blurs?"
    )
    tab.claim("C13", question, terms.terms_measured, view="terms")
    question = "One picture, beside the lines it was made of, and beside another flower's lines. Does D notice? D looks at patches only."
    tab.claim("C14", question, _pairs_measured, view="pairs")


def _pairs_measured() -> str:
    *_, here = api.sketch_pair(Sketch().own, Sketch().other)
    won = ", ".join(f"{measure(name, 'pair_preference')} ({name})" for name in (Sketch().model, Sketch().painter, Sketch().reader))
    return (
        f"Here it does: a patch counts as real with {here['right']:.1%} beside its own lines, with {here['wrong']:.1%} beside the other's. "
        f"How often D gives the right source the higher mean score, for true pictures of the test set: {won}."
    )


def _cat() -> str:
    head = [(256 + 130 * x, 280 + 110 * y) for x, y in _ring(24)]
    ears = [[(150, 215), (140, 90), (225, 178)], [(290, 178), (372, 90), (362, 215)]]
    eyes = [[(205 + 16 * x, 255 + 22 * y) for x, y in _ring(10)], [(307 + 16 * x, 255 + 22 * y) for x, y in _ring(10)]]
    mouth = [[(240, 305), (272, 305), (256, 322), (240, 305)], [(256, 322), (236, 345), (215, 340)], [(256, 322), (276, 345), (297, 340)]]
    whiskers = [[(200, 310), (90, 290)], [(200, 322), (90, 335)], [(312, 310), (422, 290)], [(312, 322), (422, 335)]]
    lines = [head, *ears, *eyes, *mouth, *whiskers]
    return canvas_value([Stroke(tuple((round(x), round(y)) for x, y in line), width=5) for line in lines])


def _ring(count: int) -> list[tuple[float, float]]:
    from math import cos, pi, sin

    return [(cos(2 * pi * k / count), sin(2 * pi * k / count)) for k in range(count + 1)]
