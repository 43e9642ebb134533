"""A digit as the visitor wants it: drawn on a canvas, or one of ten that lie ready."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import gradio as gr

from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import Frame
from playground.ui.components.canvas import canvas


def digit_canvas(tab: Frame, field: str, *, elem_id: str, hands_id: str) -> tuple[gr.HTML, gr.Radio]:
    """The canvas that is the control of `field`, and the ten digits beside it."""
    drawn = tab.control(field, canvas("digit", size=280, label="Draw a digit", elem_id=elem_id))
    return drawn, gr.Radio(list(DIGITS), label="or take one of ten", elem_classes="digits", elem_id=hands_id)


def shows_digit(tab: Frame, field: str, drawn: gr.HTML, hands: gr.Radio, *outputs, on: Iterable[str] = ()) -> Callable:
    """Decorates `f(state) -> values of the outputs` as `tab.shows` does, called when the digit or a control of a field in `on` changes.

    One of the ten is put onto the canvas `drawn`, too.
    """

    def register(call: Callable) -> Callable:
        def take(state, hand: str | None):
            if hand is None:
                return (gr.skip(),) * (1 + len(outputs))
            return DIGITS[hand], *call(replace(state, **{field: DIGITS[hand]}))

        take.__name__ = f"take_for_{call.__name__}"
        tab.shows(drawn, *outputs, on=(), extra=[hands])(take)
        return tab.shows(*outputs, on=(field, *on))(call)

    return register
