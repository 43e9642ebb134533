"""View: the labels of a photographed facade."""

import html
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from playground import api, catalog
from playground.drawing.facades import FACADES
from playground.drawing.palettes import FACADE_COLOURS
from playground.graphs.recording import choose, known
from playground.ui.builder import TabBuilder, choose_other
from playground.ui.components.upload import picture_upload
from playground.ui.state import choice
from playground.ui.tabs.sketch.shared import first_picture, verdict
from playground.ui.tabs.sketch.state import WithPatches, models_of
from playground.ui.values import shown


@dataclass(frozen=True)
class Photos(WithPatches):
    reader: str = choice("pix2pix-facades-labels", lambda: models_of("photo"))
    house: str = choice("a town house", list(FACADES))
    fit: str = choice("crop", ("crop", "pad"))


def build(tab: TabBuilder) -> None:
    with tab.view("photos", "Read a photo", Photos):
        with tab.controls():
            given = picture_upload(label="A photo of a facade, or the camera's", elem_id="sketch-photo-upload")
            tab.control("fit", gr.Radio([("its middle square", "crop"), ("the whole of it", "pad")], label="Of your photo, take"))
            tab.control("house", gr.Radio(label="or a house drawn for this page", elem_id="sketch-houses"))
            tab.control("reader", gr.Dropdown(label="Model"))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", caption="x, as the generator sees it", elem_id="sketch-seen")
                labels = tab.picture(
                    "generated", value=first_picture("pix2pix-facades-labels"), caption="G(x), its labels", elem_id="sketch-labels"
                )
            key = gr.HTML(_key({}), apply_default_css=False, elem_id="sketch-key")
            numbers = tab.numbers(("D takes it for real", "", ""), ("G took", "", "ms"))

        @tab.randomize
        def roll(state: Photos, chance) -> Photos:
            return replace(state, house=choose_other(chance, FACADES, state.house))

        def reading(state: Photos, photo: str | Path):
            reader = known(state.reader)
            found = api.painted(photo, reader, known(state.patches), state.fit)
            alt, shares = "What the generator makes of it.", {}
            if hasattr(found, "shares"):
                names = list(catalog.entry(reader).config["palette"])
                alt = f"What the generator makes of it: mostly {', '.join(choose(place, names) for place in found.most)}."
                shares = dict(zip(names, found.shares))
            seen = shown(found.seen, "The photograph, as the generator sees it.")
            return seen, shown(found.picture, alt), _key(shares), verdict(found)

        @tab.on_change(seen, labels, key, numbers, on=("fit", "patches", "reader"), extra=[given], in_browser=True)
        def read(state: Photos, path: Path | None):
            return reading(state, known(state.house) if path is None else path)

        @tab.on_change(seen, labels, key, numbers, given, on=("house",), in_browser=True)
        def read_drawn(state: Photos):
            return *reading(state, known(state.house)), None  # and clears the upload


def _key(shares: dict[str, float]) -> str:
    """The labels' colours and names, and how much of the picture each has."""
    items = []
    for name, colour in FACADE_COLOURS.items():
        share = choose(shares[name] > 0.005, ("", f" {100 * shares[name]:.0f}&nbsp;%")) if name in shares else ""
        items.append(f'<li><i style="background:rgb{colour}"></i>{html.escape(name)}{share}</li>')
    return f'<ul class="key">{"".join(items)}</ul>'
