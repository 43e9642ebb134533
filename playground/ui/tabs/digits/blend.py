"""View: a digit between two classes."""

from dataclasses import dataclass, replace

import gradio as gr

from playground import api, graphs
from playground.ui.builder import TabBuilder
from playground.ui.components import controls
from playground.ui.state import choice, number
from playground.ui.tabs.digits.judges import distribution, in_words, judged, opinion_of
from playground.ui.tabs.digits.state import CLASSES, Shared, classes_of, knows_all, offered
from playground.ui.values import shown


@dataclass(frozen=True)
class Blend(Shared):
    a: str = choice("5", CLASSES)
    b: str = choice("2", CLASSES)
    t: float = number(0.5, 0, 1)


def build(tab: TabBuilder) -> None:
    with tab.view("blend", "Blend two", Blend):
        with tab.controls():
            a = tab.control("a", gr.Radio(label="A", elem_classes="digits"))
            b = tab.control("b", gr.Radio(label="B", elem_classes="digits"))
            strip = tab.control("t", controls.strip(label="How much of B", tiles=api.STRIP, elem_id="digits-strip"))
            verdict = gr.HTML(elem_id="digits-blend-opinion", apply_default_css=False)
        with tab.outputs():
            picture = tab.picture("generated", pixelated=True, caption="G(z | (1 - t) A + t B)", elem_id="digits-blended")

    @tab.on_change(picture, strip, verdict, a, b, on=("a", "b", "t", "seed", "model"), in_browser=True)
    def blend(given: Blend):
        state = within(given)
        generated = graphs.run("blend", state.model, a=state.a, b=state.b, t=state.t, z=api.handwriting(state.seed, state.model))
        opinion = opinion_of(generated, state.model)
        share = f"{1 - state.t:.0%} {state.a}, {state.t:.0%} {state.b}"
        return (
            shown(generated.digit, f"A digit that is {share}. {in_words(opinion)}"),
            gr.update(picture=shown(generated.strip, "")["src"]),
            judged([(share, opinion)]) + distribution(opinion),
            offered("a", given, state),
            offered("b", given, state),
        )


def within(state: Blend) -> Blend:
    """The state with two classes that its model knows; they stay apart."""
    if knows_all(state.model):
        return state
    classes = classes_of(state.model)
    a, b = (min(asked, classes[-1]) for asked in (state.a, state.b))
    return replace(state, a=classes[0] if a == b and state.a != state.b else a, b=b)
