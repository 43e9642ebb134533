"""The one drawing component: digits, sketches and label maps are drawn on it, and sent while the pointer is down."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playground.page.canvas.strokes import CHALK, DABS, INK, LIMIT, Palette, Stroke, pack, render, unpack

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["CHALK", "DABS", "INK", "LIMIT", "Palette", "Stroke", "canvas", "drawing", "pack", "render", "unpack"]

_PALETTES: dict[str, Palette] = {"digit": CHALK, "sketch": INK, "doodle": DABS}
_WIDTHS = {"digit": 40, "sketch": 5, "doodle": 14, "labels": 24}  # of the pen at first, in grid units of 1/512 of the side
_HERE = Path(__file__).parent


def drawing(strokes: str | Sequence[Stroke]) -> str:
    """The canvas's value for given strokes (packed or not): what a preset, an example or a share link sets."""
    return json.dumps({"strokes": strokes if isinstance(strokes, str) else pack(strokes)})


def canvas(
    kind: Literal["digit", "sketch", "doodle", "labels"],
    *,
    size: int,
    label: str,
    palette: Palette | None = None,
    elem_id: str | None = None,
    value: str | None = None,
) -> "gr.HTML":
    """A square canvas to draw on with mouse, pen, finger or keyboard.

    Its value is the text of a JSON object `{"png": "data:image/png;base64,...", "strokes": "..."}`: the picture, size x size pixels
    and on paper of the palette's first colour, and the strokes, packed to at most 2,000 characters.  A value set from Python
    has strokes only (`drawing`), and is painted.  While the pointer is down the `input` event comes up to twenty times a second:
    listen with `trigger_mode="always_last", queue=False`, as the page's frame does, and there are never two requests at once, and the
    newest drawing wins.  `playground.imaging.digit_from_canvas` and its sisters read the value.

    kind "doodle" has ink and dabs of colour, which never cover ink.
    kind "labels" has a rectangle tool besides the brush, and its picture has no colours but the palette's.
    """
    import gradio as gr  # here, so that training, which needs the strokes only, does without it

    constants = {"kind": kind, "size": size, "palette": palette or _PALETTES[kind], "width": _WIDTHS[kind], "label": label}
    return gr.HTML(
        value or drawing(""),
        html_template=(_HERE / "canvas.html").read_text(encoding="utf-8"),
        css_template=(_HERE / "canvas.css").read_text(encoding="utf-8"),
        js_on_load=f"const constants = {json.dumps(constants)};\n" + (_HERE / "canvas.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
    )
