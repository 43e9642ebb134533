"""View: a map of the latent space, and the digit decoded from the point under the pointer."""

import json
import math
from dataclasses import dataclass, replace

import gradio as gr
from PIL import Image

from playground import api, catalog, graphs
from playground.drawing.palettes import CLASSES
from playground.errors import UserError
from playground.graphs.recording import choose
from playground.ui import nearest_neighbours
from playground.ui.builder import TabBuilder
from playground.ui.components.controls import plane_map
from playground.ui.state import choice, vector
from playground.ui.tabs.latent.codes import codes_of
from playground.ui.tabs.latent.state import vaes
from playground.ui.values import figures, opening_picture, shown, signed

NAMES = {
    "mnist": [str(digit) for digit in range(10)],
    "fashion": ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"],
}


@dataclass(frozen=True)
class Map:
    plane: str = choice("vae-mnist-2d", lambda: vaes(flat=True))
    z: tuple[float, ...] = vector((0.6, -0.6), -api.MAP_REACH, api.MAP_REACH)


def build(tab: TabBuilder) -> None:
    with tab.view("map", "Walk the map", Map):
        plane = Map().plane
        opening = opening_picture(plane)
        with tab.controls():
            place = tab.control(
                "z",
                plane_map(
                    label="Map of the latent space; arrow keys move",
                    reach=api.MAP_REACH,
                    picture=shown(opening, "")["src"] if opening else "",
                    dots=_dots(plane),
                    colours=list(CLASSES),
                    classes=_classes(plane),
                    elem_id="latent-map",
                ),
            )
            near = nearest_neighbours.panel("the digit of this place", elem_id="latent-memory")
            tab.control("plane", gr.Dropdown(label="Model"))
        with tab.outputs():
            digit = tab.picture(
                "generated",
                value=_tile(opening, Map().z),
                pixelated=True,
                caption="E[x|z], what the decoder makes of this place",
                elem_id="latent-digit",
            )
            numbers = tab.numbers(*_place(Map(), "\u2026"))

        @tab.randomize
        def roll(state: Map, chance) -> Map:
            return replace(state, z=tuple(round(min(max(chance.gauss(0, 1), -api.MAP_REACH), api.MAP_REACH), 3) for _ in range(2)))

    @tab.on_change(digit, numbers, on=("z", "plane"), in_browser=True)
    def walk(state: Map):
        image = graphs.run("decode", state.plane, z=state.z).digit
        kinds = _near(state.plane, state.z)
        alt = f"What the decoder makes of this place; the training images nearest to it: {kinds}."
        return shown(image, alt), figures(*_place(state, kinds))

    @tab.on_change(near, on=("z", "plane"), rest=True, in_browser=True)
    def remember(state: Map):
        return nearest_neighbours.of(graphs.run("decode", state.plane, z=state.z).digit, state.plane)

    @tab.on_change(place, on=("plane",))
    def survey(state: Map):
        picture = shown(api.latent_map(state.plane), "")["src"]
        return gr.update(picture=picture, dots=_dots(state.plane))


def _dots(model: str) -> str:
    codes, labels = codes_of(model)
    inside = abs(codes).max(axis=1, initial=0) <= api.MAP_REACH
    places = (codes[inside] / api.MAP_REACH * 1000).round().astype(int)
    return json.dumps([[int(x), int(y), int(label)] for (x, y), label in zip(places, labels[inside])])


def _classes(model: str) -> list[str]:
    try:
        return NAMES.get(catalog.entry(model).config.get("dataset", "mnist"), NAMES["mnist"])
    except UserError:
        return NAMES["mnist"]


def _place(state: Map, kinds: str) -> list[tuple]:
    """The figures under the map's digit; kinds: the result of `_near`."""
    log_prior = -math.log(2 * math.pi) - sum(value * value for value in state.z) / 2
    return [
        ("z", ", ".join(signed(value, ".2f") for value in state.z), ""),
        ("log p(z)", log_prior, "nats"),
        ("the ten nearest training images", kinds, ""),
    ]


def _near(model: str, z: tuple[float, ...]) -> str:
    """The classes of the ten training images nearest to z, most frequent first: "4 (7), 9 (3)"; "" if the model has no codes."""
    if not len(codes_of(model)[1]):
        return ""
    found, names = graphs.run("near", model, z=z), _classes(model)
    described = [f"{choose(label, names)} ({count})" for label, count in zip(found.classes, found.counts)]
    return described[0] + "".join(choose(count > 0, ("", f", {kind}")) for kind, count in zip(described[1:], found.counts[1:]))


def _tile(map_picture: Image.Image | None, z: tuple[float, float]) -> dict | None:
    """The map's digit at `z`, which is one of its grid points, as a picture's value."""
    if map_picture is None:
        return None
    column, row = (round((1 + sign * value / api.MAP_REACH) / 2 * (api.MAP_TILES - 1)) for sign, value in zip((1, -1), z))
    return shown(map_picture.crop((28 * column, 28 * row, 28 * column + 28, 28 * row + 28)), "The decoder's digit at the marked place.")
