"""Memorised or new: the training digits nearest to a generated digit.  Shared by all tabs that generate digits."""

import html

import gradio as gr
import numpy as np

from playground import api, catalog, graphs
from playground.errors import UserError
from playground.graphs.recording import Named
from playground.ui.values import shown


def panel(digit: str = "this one", **kwargs) -> gr.HTML:
    """The place for what `of` returns, under a sentence that asks the question; `digit`: which digit it is about, in words."""
    with gr.Column(elem_classes="memory", min_width=0):
        gr.HTML(
            f"<p>Memory or imagination? The training digits nearest to {digit}, as a VAE encodes and rebuilds them.</p>",
            elem_classes="hint",
            apply_default_css=False,
        )
        return gr.HTML(apply_default_css=False, **kwargs)


def of(x, model: str) -> str:
    """The panel's content for a digit that `model` generated, (28, 28) uint8 or a tensor (1, 1, 28, 28) in [-1, 1]; empty for a model of
    other things."""
    if not api.makes_digits(catalog.entry(model).config):
        return ""
    if not isinstance(x, np.ndarray | Named):
        from playground.imaging import to_image

        x = np.asarray(to_image(x))
    try:
        return as_list(x, graphs.run("neighbours", api.NEIGHBOURS_VAE, digit=x))
    except UserError as error:  # no codes of training digits: the digit is shown nevertheless
        return f'<p class="empty">{html.escape(str(error))}</p>'


def as_list(digit: np.ndarray | Named, found) -> str:
    """The outputs of the graph "neighbours" as HTML: the digit, its reconstruction, its neighbours' reconstructions and their distances."""
    cells = _cell("generated", "the digit", "The made digit.", digit)
    cells += _cell("generated", "rebuilt by the VAE", "The made digit as the VAE rebuilds it.", found.tiles[0])
    for i in range(api.NEIGHBOURS):
        far, kind = f"{found.distances[i]:.2f}", f"{found.classes[i]}"
        cells += _cell("real", f"{far}, a {kind}", f"A training digit, a {kind}, as the VAE rebuilds it; {far} away.", found.tiles[1 + i])
    sentence = (
        f"Its nearest training digit is <b>{found.distances[0]:.2f}</b> away in the latent space of {api.NEIGHBOURS_VAE}, where a digit "
        f"learnt by heart would be near 0. Of real digits that the VAE never saw, <b>{found.nearer:.0%}</b> are nearer to theirs."
    )
    return f'<ol class="neighbours">{cells}</ol><p class="said">{sentence}</p>'


def _cell(actor: str, caption: str, alt: str, tile: np.ndarray | Named) -> str:
    return f'<li class="picture {actor} pixelated"><div class="frame"><img src="{shown(tile, "")["src"]}" alt="{alt}"></div>{caption}</li>'
