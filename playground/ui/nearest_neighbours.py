"""Memory or imagination: beside a made digit, the training digits nearest to it.  One piece for every tab that makes digits."""

import html

import gradio as gr
from PIL import Image

from playground import api, catalog
from playground.errors import UserError
from playground.ui.values import shown

SIZE = 28


def panel(digit: str = "this one", **kwargs) -> gr.HTML:
    """The place of what `of` says, under a sentence that asks; `digit`: which one is looked at, in words."""
    with gr.Column(elem_classes="memory", min_width=0):
        gr.HTML(
            f"<p>Memory or imagination? The training digits nearest to {digit}, as a VAE encodes and rebuilds them.</p>",
            elem_classes="hint",
            apply_default_css=False,
        )
        return gr.HTML(apply_default_css=False, **kwargs)


def of(x, model: str) -> str:
    """What stands in the panel for a digit (1, 1, 28, 28) in [-1, 1] that `model` made; nothing for a model of other things."""
    if not api.makes_digits(catalog.entry(model).config):
        return ""
    try:
        return told(*api.neighbours(x))
    except UserError as error:  # no codes of training digits: the digit is seen all the same
        return f'<p class="empty">{html.escape(str(error))}</p>'


def told(strip: Image.Image, figures: dict) -> str:
    """What `api.compare_neighbours` gives, as HTML: the digit, its reconstruction, its neighbours' and how far they are."""
    tiles = [strip.crop((SIZE * i, 0, SIZE * (i + 1), SIZE)) for i in range(strip.width // SIZE)]
    captions = [
        ("generated", "the digit", "The made digit."),
        ("generated", "rebuilt by the VAE", "The made digit as the VAE rebuilds it."),
        *(
            ("real", f"{distance:.2f}, a {digit}", f"A training digit, a {digit}, as the VAE rebuilds it; {distance:.2f} away.")
            for distance, digit in zip(figures["distances"], figures["classes"])
        ),
    ]
    cells = "".join(
        f'<li class="picture {actor} pixelated"><div class="frame"><img src="{shown(tile, "")["src"]}" alt="{alt}"></div>{caption}</li>'
        for tile, (actor, caption, alt) in zip(tiles, captions)
    )
    near, nearer = figures["distances"][0], figures["nearer"]
    said = (
        f"Its nearest training digit is <b>{near:.2f}</b> away in the latent space of {api.MEMORY}, where a digit learnt by heart would be "
        f"near 0. Of real digits that the VAE never saw, <b>{nearer:.0%}</b> are nearer to theirs."
    )
    return f'<ol class="neighbours">{cells}</ol><p class="said">{said}</p>'
