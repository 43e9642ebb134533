"""View: one digit, and a grid of all ten classes by six z."""

from dataclasses import dataclass, replace

import gradio as gr
from PIL import Image

from playground import api
from playground.ui import nearest_neighbours
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.digits.judges import distribution, grid_in_words, in_words, judged
from playground.ui.tabs.digits.state import CLASSES, Shared, classes_of, offered
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
            said = gr.HTML(elem_id="digits-opinion", apply_default_css=False)
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

    @tab.on_change(picture, said, near, asked, on=("digit", "seed", "model"))
    def ask(given: Ask):
        state = within(given)
        x, opinion = api.generated_digit(int(state.digit), state.seed, state.model)
        nearest = nearest_neighbours.of(x, state.model)
        words = judged([(state.digit, opinion)]) + distribution(opinion)
        return shown(api.tiles(x, 1), f"A made {state.digit}. {in_words(opinion)}"), words, nearest, offered("digit", given, state)

    @tab.on_change(grid, counted, on=("seed", "model"))
    def grid_of(state: Ask):
        image = api.digits_grid(state.seed, api.ROWS, state.model)
        opinion = api.digits_grid_judged(state.seed, api.ROWS, state.model)
        return shown(image, _rows(classes_of(state.model))), f"<p>{grid_in_words(opinion)}</p>"


def _rows(classes: list[str]) -> str:
    """What there is to see in a grid, in words."""
    return f"{api.ROWS} rows of the digits 0 to {classes[-1]}, each row in a hand of its own."


def _opening() -> Image.Image | None:
    """The grid that the export drew for the default state; None where the model is not there."""
    return opening_picture(Ask().model, "L")


def agreement() -> str:
    said = measure(Ask().model, "agreement")
    return f"The classifier reads {said} of 10,000 made digits as what was asked for. The hand changes with the row, the digit does not."


def within(state: Ask) -> Ask:
    """The state with a digit that its model knows."""
    return replace(state, digit=min(state.digit, classes_of(state.model)[-1]))
