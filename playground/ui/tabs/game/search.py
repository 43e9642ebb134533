"""View: which z makes this digit?  A VAE encodes it, in a GAN it is searched for."""

import functools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import gradio as gr
from PIL import Image

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.digit_picker import digit_canvas
from playground.ui.state import choice, strokes
from playground.ui.tabs.game.measured import rises
from playground.ui.tabs.game.shared import WithSeed, gans
from playground.ui.values import figures, measure, shown

ENCODER = "vae-mnist"
PAUSE = 0.05  # seconds at least between two pictures of the search
SOUGHT = DIGITS["2"]  # the digit of claim C21
NEAREST = "The nearest image that the search found."


@dataclass(frozen=True)
class Search(WithSeed):
    sought: str = strokes(json.loads(DIGITS["4"])["strokes"])
    within: str = choice("dcgan-mnist", gans)


def build(tab: TabBuilder) -> None:
    with tab.view("search", "Find this digit", Search):
        with tab.controls():
            sought, picker = digit_canvas(tab, "sought", elem_id="game-canvas", picker_id="game-hands")
            tab.control("within", gr.Dropdown(label="Search in"))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="the digit", elem_id="game-sought")
                rebuilt = tab.picture("generated", pixelated=True, caption="VAE: encoded at once", elem_id="game-rebuilt")
                found = tab.picture("generated", pixelated=True, caption="GAN: searched", elem_id="game-found")
            at_once = tab.numbers(*_error("VAE", {}))
            numbers = tab.numbers(*_error("GAN", {}))
            with gr.Row():
                start = gr.Button("Search", variant="primary", elem_id="game-search")
                stop = gr.Button("Stop", elem_id="game-stop")

    @tab.on_change(seen, rebuilt, at_once, on=("sought",), hint=at_once)
    def encode(state: Search):
        """While the visitor draws, the VAE keeps up with the pen."""
        seen, rebuilt, stats = _encoded(state.sought, catalog.entry(ENCODER).revision)
        return shown(seen, "The digit, 28 by 28 pixels."), shown(rebuilt, "What the VAE makes of its code."), figures(*_error("VAE", stats))

    @tab.on_change(found, numbers, on=(), hint=numbers)
    def finished(state: Search):
        """For links, presets and the dice: the finished search."""
        image, stats = _end_of_search(state.sought, state.within, catalog.entry(state.within).revision, state.seed)
        return shown(image, NEAREST), figures(*_error("GAN", stats))

    @tab.stream(start, stop, seen, rebuilt, at_once, found, numbers, on=("within", "seed"), hint=at_once)
    def search(state: Search) -> Iterator[tuple]:
        answer, drawn = encode(state), 0.0
        for image, stats in api.searched(state.sought, state.within, api.STEPS, state.seed):
            if time.monotonic() - drawn > PAUSE or stats["steps"] == api.STEPS:
                drawn = time.monotonic()
                yield *answer, shown(image, NEAREST), figures(*_error("GAN", stats))

    picker.input(lambda digit: DIGITS[digit], picker, sought, queue=False, show_progress="hidden", api_visibility="private").then(
        None, js="() => document.querySelector('#game-search').click()", api_visibility="private"
    )


@functools.lru_cache(maxsize=64)
def _encoded(sought: str, revision: str) -> tuple[Image.Image, Image.Image, dict]:
    """The result of `api.encoded`; cached, so that the panel and the claim report the same time."""
    return api.encoded(sought, ENCODER)


@functools.lru_cache(maxsize=64)
def _end_of_search(sought: str, model: str, revision: str, seed: int) -> tuple[Image.Image, dict]:
    """The last result of `api.searched`; `revision` distinguishes new weights from old ones."""
    *_, end = api.searched(sought, model, api.STEPS, seed)
    return end


def _error(who: str, stats: dict) -> list[tuple[str, float | str, str]]:
    """The figures of one side of the search, blank where there is none yet."""
    side = who.lower()
    seconds = stats.get(f"{side}_seconds")
    rows = [
        (f"{who}: squared error", stats.get(f"{side}_error", ""), "a pixel"),
        (f"{who}: time", "" if seconds is None else f"{1000 * seconds:,.0f}", "ms"),
    ]
    return rows + [("steps", str(stats["steps"]), f"of {api.STEPS}")] if "steps" in stats else rows


def c21() -> str:
    names, opened = (ENCODER, Search().within), Search(sought=SOUGHT)
    stats = _encoded(opened.sought, catalog.entry(ENCODER).revision)[2]
    stats = stats | _end_of_search(opened.sought, names[1], catalog.entry(names[1]).revision, opened.seed)[1]
    fine, far = ([measure(name, metric) for name in names] for metric in ("high_frequency_energy", "feature_distance"))
    finer, farther = (rises(names, metric) for metric in ("high_frequency_energy", "feature_distance"))
    return (
        f"The VAE answered in {1000 * stats['vae_seconds']:.0f} ms with a squared error of {stats['vae_error']:.3g}; the search took "
        f"{1000 * stats['gan_seconds']:.0f} ms and ended at {stats['gan_error']:.3g}. That the GAN's images are sharper "
        f"{'holds' if finer else 'fails'} by their fine detail, {fine[0]} of the energy of the VAE's images and {fine[1]} of the GAN's. "
        f"That they are better {'fails' if farther else 'holds'} by their feature distance to real digits, {far[0]} for the VAE and "
        f"{far[1]} for the GAN. And only the VAE can bound the probability of an image: a GAN has no density to ask for."
    )
