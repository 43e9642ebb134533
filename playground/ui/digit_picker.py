"""The visitor's digit: drawn on a canvas, or one of ten ready-made ones."""

import json
from collections.abc import Callable, Iterable

import gradio as gr

from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.components.canvas import canvas

SHEET = 140  # pixels along each side, as `imaging.digit_from_canvas` expects
_TEN = json.dumps({name: json.loads(digit)["strokes"] for name, digit in DIGITS.items()})


def digit_canvas(tab: TabBuilder, field: str, *, elem_id: str, picker_id: str) -> tuple[gr.HTML, gr.Radio]:
    """The canvas that is the control of `field`, and the ten digits beside it."""
    drawn = tab.control(field, canvas("digit", size=SHEET, label="Draw a digit", elem_id=elem_id))
    return drawn, gr.Radio(list(DIGITS), label="or take one of ten", elem_classes="digits", elem_id=picker_id)


def on_digit_change(
    tab: TabBuilder,
    field: str,
    drawn: gr.HTML,
    picker: gr.Radio,
    *outputs,
    on: Iterable[str] = (),
    hint: gr.HTML | None = None,
    **how: bool | str,
) -> Callable:
    """Decorates `f(state) -> values of the outputs` as `tab.on_change` does, called when the digit or a control of a field in `on` changes.

    A chosen one of the ten is put onto the canvas `drawn` as if the visitor had drawn it.
    """
    sheet = json.dumps(f"#{drawn.elem_id} canvas")
    js = f"(digit) => {{ document.querySelector({sheet}).take({_TEN}[digit]); return []; }}"
    picker.input(None, picker, None, js=js, api_visibility="private")
    return tab.on_change(*outputs, on=(field, *on), hint=hint, **how)
