"""View: one digit, and a grid of all ten classes by six z."""

from dataclasses import dataclass, replace

import gradio as gr
from PIL import Image

from playground import api, graphs
from playground.ui import nearest_neighbours
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.digits.judges import distribution, grid_in_words, in_words, judged, opinion_of
from playground.ui.tabs.digits.state import CLASSES, Shared, classes_of, knows_all, offered
from playground.ui.values import measure, opening_picture, shown


@dataclass(frozen=True)
class Ask(Shared):
    digit: str = choice("3", CLASSES)


def build(tab: TabBuilder) -> None:
    with tab.view("ask", "Ask for a digit", Ask):
        with tab.controls():
            asked = tab.control("digit", gr.Radio(label="Digit", elem_classes="digits", elem_id="digits-digit"))
            opening = _opening()
            first = opening and opening.crop((3 * 28, 0, 4 * 28, 28))
            value = first and shown(first, "A made 3.")
            picture = tab.picture("generated", pixelated=True, value=value, caption="G(z|y)", elem_id="digits-asked")
            verdict = gr.HTML(elem_id="digits-opinion", apply_default_css=False)
        with tab.outputs():
            grid = tab.picture(
                "generated",
                aspect=10 / api.ROWS,
                pixelated=True,
                value=opening and shown(opening, _rows(CLASSES)),
                caption="a row is one z, a column one class; the first row is this seed's hand",
                elem_id="digits-grid",
            )
            counted = gr.HTML("<p>&nbsp;</p>", elem_classes="hint", elem_id="digits-grid-opinion", apply_default_css=False)
            near = nearest_neighbours.panel(elem_id="digits-memory")

    @tab.on_change(picture, verdict, asked, on=("digit", "seed", "model"), in_browser=True)
    def ask(given: Ask):
        state = within(given)
        generated = _generated(state)
        opinion = opinion_of(generated, state.model)
        words = judged([(state.digit, opinion)]) + distribution(opinion)
        return shown(generated.digit, f"A made {state.digit}. {in_words(opinion)}"), words, offered("digit", given, state)

    @tab.on_change(near, on=("digit", "seed", "model"), rest=True, in_browser=True)
    def remember(state: Ask):
        return nearest_neighbours.of(_generated(within(state)).digit, state.model)

    @tab.on_change(grid, counted, on=("seed", "model"), in_browser=True)
    def grid_of(state: Ask):
        generated = graphs.run("grid", state.model, z=api.handwriting(state.seed, state.model, api.ROWS))
        classes = classes_of(state.model)
        read = graphs.run("read-grid", api.CLASSIFIER, x=generated.x, labels=generated.labels) if api.reads(state.model) else None
        words = grid_in_words(api.ROWS * len(classes), generated.real, read)
        return shown(generated.grid, _rows(classes)), f"<p>{words}</p>"


def _generated(state: Ask):
    """The requested digit."""
    return graphs.run("ask", state.model, label=state.digit, z=api.handwriting(state.seed, state.model))


def _rows(classes: list[str]) -> str:
    """A description of a grid."""
    return f"{api.ROWS} rows of the digits 0 to {classes[-1]}, each row in a hand of its own."


def _opening() -> Image.Image | None:
    """The grid that the export drew for the default state; None if the model is missing."""
    return opening_picture(Ask().model, "L")


def agreement() -> str:
    value = measure(Ask().model, "agreement")
    return f"The classifier reads {value} of 10,000 made digits as what was asked for. The hand changes with the row, the digit does not."


def within(state: Ask) -> Ask:
    """The state with a digit that its model knows."""
    return state if knows_all(state.model) else replace(state, digit=min(state.digit, classes_of(state.model)[-1]))
