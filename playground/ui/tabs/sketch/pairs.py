"""View: the discriminator's verdict on a picture beside its own source, and beside another."""

import contextlib
from dataclasses import dataclass, replace

import gradio as gr

from playground import api, catalog
from playground.drawing.doodles import DOODLES
from playground.drawing.facades import FACADES
from playground.drawing.flowers import FLOWERS
from playground.errors import UserError
from playground.ui.builder import TabBuilder, choose_other
from playground.ui.state import choice
from playground.ui.tabs.sketch.shared import random_colours, sound_colours
from playground.ui.tabs.sketch.state import WithColours
from playground.ui.values import figures, measure, shown


@dataclass(frozen=True)
class Pairs(WithColours):
    judge: str = choice("pix2pix-flowers", lambda: catalog.offered("pix2pix"))
    own: str = choice("crocus", [*FLOWERS, *FACADES, *DOODLES])
    other: str = choice("daisy", [*FLOWERS, *FACADES, *DOODLES])


def build(tab: TabBuilder) -> None:
    with tab.view("pairs", "D judges the pair", Pairs):
        with tab.controls():
            tab.control("judge", gr.Dropdown(label="Model", elem_id="sketch-judge"))
            own = tab.control("own", gr.Radio(list(FLOWERS), label="The picture is made of", elem_id="sketch-own"))
            other = tab.control("other", gr.Radio(list(FLOWERS), label="and laid beside that, or beside", elem_id="sketch-other"))
            numbers = tab.numbers(("the right pair", "", ""), ("the wrong pair", "", ""))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                right = tab.picture("discriminator", caption="D's verdict beside its own source", elem_id="sketch-right")
                wrong = tab.picture("discriminator", caption="D's verdict beside another's", elem_id="sketch-wrong")
            with gr.Row(elem_classes="pair"):
                x = tab.picture("visitor", caption="its own source", elem_id="sketch-own-source")
                another = tab.picture("visitor", caption="the other source", elem_id="sketch-other-source")

        @tab.randomize
        def roll(state: Pairs, chance) -> Pairs:
            own = choose_other(chance, sources_of(state.judge), state.own)
            return replace(random_colours(state, chance), own=own, other=choose_other(chance, sources_of(state.judge), own))

        @tab.on_change(right, wrong, x, another, numbers, own, other, on=("judge", "own", "other", "petals", "background"))
        def judge(state: Pairs):
            names = sources_of(state.judge)
            first = state.own if state.own in names else names[0]
            second = state.other if state.other in names else names[1]
            *sources, on_right, on_wrong, result = api.sketch_pair(first, second, state.judge, *sound_colours(state))
            scores = [("the right pair", 100 * result["right"], "%"), ("the wrong pair", 100 * result["wrong"], "%")]
            with contextlib.suppress(UserError):
                scores.append(("the right one wins, on test pictures", measure(state.judge, "pair_preference"), ""))
            return (
                shown(on_right, f"What was made of {first}, under D's verdict beside its own source: {result['right']:.0%} real."),
                shown(on_wrong, f"The same picture, under D's verdict beside the source of {second}: {result['wrong']:.0%} real."),
                *(shown(source, f"The source of {name}.") for source, name in zip(sources, (first, second))),
                figures(*scores),
                gr.update(choices=names, value=first),
                gr.update(choices=names, value=second),
            )


def sources_of(model: str) -> list[str]:
    """The drawn examples that this model takes."""
    return list({"lines": FLOWERS, "drawing": DOODLES}.get(catalog.entry(model).config.get("source", "labels"), FACADES))
