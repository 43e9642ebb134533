"""A digit as the visitor wants it: drawn on a canvas, or one of ten that lie ready."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import gradio as gr

from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.components.canvas import canvas


def digit_canvas(tab: TabBuilder, field: str, *, elem_id: str, hands_id: str) -> tuple[gr.HTML, gr.Radio]:
    """The canvas that is the control of `field`, and the ten digits beside it."""
    drawn = tab.control(field, canvas("digit", size=140, label="Draw a digit", elem_id=elem_id))
    return drawn, gr.Radio(list(DIGITS), label="or take one of ten", elem_classes="digits", elem_id=hands_id)


def on_digit_change(
    tab: TabBuilder, field: str, drawn: gr.HTML, picker: gr.Radio, *outputs, on: Iterable[str] = (), hint: gr.HTML | None = None
) -> Callable:
    """Decorates `f(state) -> values of the outputs` as `tab.on_change` does, called when the digit or a control of a field in `on` changes.

    One of the ten is put onto the canvas `drawn`, too.
    """

    def register(call: Callable) -> Callable:
        def take(state, digit: str | None):
            if digit is None:
                return (gr.skip(),) * (1 + len(outputs))
            return DIGITS[digit], *call(replace(state, **{field: DIGITS[digit]}))

        take.__name__ = f"take_for_{call.__name__}"
        tab.on_change(drawn, *outputs, on=(), extra=[picker], hint=hint)(take)
        return tab.on_change(*outputs, on=(field, *on), hint=hint)(call)

    return register
