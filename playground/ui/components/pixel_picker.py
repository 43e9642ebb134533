"""Shared by the views in which an image is written pixel by pixel: its colours, its progress, and the choice of one of its pixels."""

import gradio as gr
import numpy as np
from PIL import Image, ImageColor

from playground.drawing.palettes import GENERATOR, VISITOR

WAITING, NEXT = (74, 69, 64), ImageColor.getrgb(GENERATOR)  # pixels that are not written yet, and the next one
SPOT, MOVING = ImageColor.getrgb(VISITOR), (245, 130, 30)  # the chosen pixel, and the pixels that it depends on (the middle of `heat_map`)
# from black through purple and orange to white, monotone in lightness
HEAT = ((0, 0, 0), (70, 15, 110), (190, 50, 90), MOVING, (252, 215, 100), (255, 255, 255))


def written(done: int, end: int) -> str:
    """The progress of writing, as HTML."""
    bar = f'<progress max="{end or 1}" value="{done}" aria-label="pixels written"></progress>'
    return f'<div class="hint">{bar}<p>{done} of {end} pixels.</p></div>'


def pixel_picker(picture: str | None, *, size: int, label: str, **kwargs) -> gr.HTML:
    """A picture of size x size pixels; a click or the arrow keys choose one, and the value is its "row,column".

    `gr.update(picture=..., size=...)` shows another picture.
    """
    return gr.HTML(
        html_template=f"""<div class="picture">
            <div class="picker" tabindex="0" role="application" aria-roledescription="picture" aria-label="{label}" data-size="{size}">
            <img alt=""><div class="mark"></div></div>
            <button class="download" type="button" title="Download" aria-label="Download this picture">&#8595;</button></div>""",
        css_template="""
            .picture { position: relative; margin: 0; }
            .picker { position: relative; width: 100%; max-width: var(--room); aspect-ratio: 1;
                border: 3px solid var(--generated); border-radius: 6px; overflow: hidden; background: #000;
                cursor: crosshair; touch-action: manipulation; user-select: none; }
            .picker img { position: absolute; width: 100%; height: 100%; image-rendering: pixelated; }
            .picker img:not([src]) { visibility: hidden; }
            .picker .mark { position: absolute; pointer-events: none;
                outline: 3px solid var(--visitor); box-shadow: 0 0 0 5px #000; }""",
        js_on_load="playground.picker(element, props, watch, trigger)",
        apply_default_css=False,
        picture=picture or "",
        **kwargs,
    )


def heat_map(bits: Image.Image) -> Image.Image:
    """A grey picture in the colours `HEAT`."""
    levels = np.asarray(bits) / 255 * (len(HEAT) - 1)
    channels = [np.interp(levels, np.arange(len(HEAT)), [colour[c] for colour in HEAT]) for c in range(3)]
    return Image.fromarray(np.stack(channels, axis=2).round().astype(np.uint8))
