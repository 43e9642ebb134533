"""The one drawing component: digits, sketches and label maps are drawn on it, and sent while the pointer is down."""

import json
from pathlib import Path
from typing import Literal

import gradio as gr

from playground.drawing.palettes import CHALK, DABS, INK, Palette
from playground.drawing.strokes import canvas_value

_PALETTES: dict[str, Palette] = {"digit": CHALK, "sketch": INK, "doodle": DABS}
_WIDTHS = {"digit": 40, "sketch": 5, "doodle": 14, "labels": 24}  # of the pen at first, in grid units of 1/512 of the side
_HERE = Path(__file__).parent


def canvas(
    kind: Literal["digit", "sketch", "doodle", "labels"],
    *,
    size: int,
    label: str,
    palette: Palette | None = None,
    elem_id: str | None = None,
    value: str | None = None,
) -> gr.HTML:
    """A square canvas to draw on with mouse, pen, finger or keyboard.

    Its value is the text of a JSON object `{"png": "data:image/png;base64,...", "strokes": "..."}`: the picture, size x size pixels
    and on paper of the palette's first colour, and the strokes, packed to at most 2,000 characters.  A value set from Python
    has strokes only (`canvas_value`), and is painted.  While the pointer is down the `input` event comes up to 25 times a second:
    listen with `trigger_mode="always_last", queue=False`, as the page's frame does, and there are never two requests at once, and the
    newest drawing wins.  What the browser computes of it begins with the canvas's own pixels, and is painted before that event
    comes.  `playground.imaging.digit_from_canvas` and its sisters read the value.

    kind "doodle" has ink and dabs of colour, which never cover ink.
    kind "labels" has a rectangle tool besides the brush, and its picture has no colours but the palette's.
    """
    constants = {"kind": kind, "size": size, "palette": palette or _PALETTES[kind], "width": _WIDTHS[kind], "label": label}
    return gr.HTML(
        value or canvas_value(""),
        html_template=(_HERE / "canvas.html").read_text(encoding="utf-8"),
        css_template=(_HERE / "canvas.css").read_text(encoding="utf-8"),
        js_on_load=f"const constants = {json.dumps(constants)};\n" + (_HERE / "canvas.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
    )
