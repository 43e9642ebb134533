"""View: a model's receptive field, and the sequential steps of its training."""

from dataclasses import dataclass

import gradio as gr
import numpy as np
from PIL import Image

from playground import api, catalog
from playground.ui.builder import TabBuilder
from playground.ui.components.pixel_picker import MOVING, NEXT, SPOT, WAITING, heat_map, pixel_picker
from playground.ui.state import choice, vector, whole
from playground.ui.tabs.pixels.digit import PIXELS, SIZE, grey
from playground.ui.tabs.pixels.state import Shared
from playground.ui.values import figures, measure, shown

ORDERS = {  # of playground/analysis/receptive_field.py
    "pixels": "a plain recurrence, pixel by pixel",
    "rows": "Row LSTM, row by row",
    "diagonals": "Diagonal BiLSTM, by diagonals",
    "at once": "PixelCNN, all at once",
}
BLIND_SPOT = {"model": "pixelcnn-mnist", "beside": "gated-pixelcnn-mnist", "spot": (12.0, 13.0)}
BLIND = (38, 66, 120)  # and of earlier pixels outside the receptive field
SEEN = {
    SPOT: "the pixel that is predicted",
    MOVING: "moves it: the brighter, the more",
    BLIND: "earlier, but never seen: in a blind spot, or too far away",
    WAITING: "later",
}


@dataclass(frozen=True)
class Field(Shared):
    beside: str = choice("pixelcnn-mnist", api.digit_models)
    spot: tuple[float, ...] = vector((14.0, 12.0), 0, SIZE - 1)
    tick: int = whole(20, 0, PIXELS)


def build(tab: TabBuilder) -> None:
    with tab.view("field", "What it sees", Field):
        with tab.controls():
            spot = tab.control("spot", pixel_picker(None, size=SIZE, label="A drawn 5; arrow keys choose a pixel", elem_id="pixels-spot"))
            tab.control("beside", gr.Dropdown(label="Model beside"))
            key = "".join(f'<li><i style="background: rgb{colour}"></i>{what}</li>' for colour, what in SEEN.items())
            gr.HTML(f'<ul class="key">{key}</ul>', apply_default_css=False)
            info = "All pixels are known; which features can be computed by now?"
            tab.control("tick", gr.Slider(0, PIXELS, step=1, label="Steps done in training", info=info))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                mine = tab.picture("generated", pixelated=True, caption="the model", elem_id="pixels-field")
                other = tab.picture("generated", pixelated=True, caption="the one beside it", elem_id="pixels-field-beside")
            numbers = gr.HTML(elem_classes="numbers", apply_default_css=False)
            waits = tab.picture("generator", aspect=115 / 28, pixelated=True, caption=", ".join(ORDERS.values()), elem_id="pixels-order")

    @tab.on_change(spot, mine, other, numbers, on=("spot", "model", "beside"))
    def look_back(state: Field):
        row, column = (int(v) for v in state.spot)
        rows, maps = [], []
        for name in (state.model, state.beside):
            _, figure = api.pixels_field(row, column, name)
            maps.append(shown(_field_map(name, row, column), f"What {name} sees from row {row + 1}, column {column + 1}."))
            rows += [(name, f"{figure['reached']} of {figure['earlier']}", f"earlier pixels (by its kernels {figure['possible']})")]
        return gr.update(picture=grey(_five())), *maps, figures(*rows)

    @tab.on_change(waits, on=("tick",))
    def wait(state: Field):
        from playground.analysis.receptive_field import order

        done = [order(kind, SIZE).numpy() < state.tick for kind in ORDERS]
        return shown(_waiting(done), f"After {state.tick} steps: " + _shares(done))


def _five() -> Image.Image:
    from playground.imaging import to_image

    return to_image(api.binarised("5", 1)[0] * 2 - 1)


def _field_map(model: str, row: int, column: int) -> Image.Image:
    """The receptive field in colours: pixels inside it, earlier pixels outside it, later pixels."""
    field, possible = api.seen_from(model, catalog.entry(model).revision, row, column)
    heat = np.array(heat_map(api.draw_field(field)))
    places = np.arange(PIXELS).reshape(SIZE, SIZE)
    heat[~possible.numpy()] = BLIND
    heat[places >= row * SIZE + column] = WAITING
    heat[row, column] = SPOT
    return Image.fromarray(heat)


def _waiting(done: list[np.ndarray]) -> Image.Image:
    """One panel per order, side by side with a black line between: finished pixels bright, the rest dark."""
    gap = np.zeros((SIZE, 1, 3), np.uint8)
    panels = [np.where(panel[..., None], NEXT, WAITING).astype(np.uint8) for panel in done]
    return Image.fromarray(np.hstack([part for panel in panels for part in (panel, gap)][:-1]))


def _shares(done: list[np.ndarray]) -> str:
    return "; ".join(f"{name}: {panel.mean():.0%}" for name, panel in zip(ORDERS.values(), done)) + "."


def steps_in_words() -> str:
    from playground.analysis.receptive_field import steps

    row, diagonal = (api.pixels_field(14, 12, f"{system}-mnist")[1] for system in ("row-lstm", "diagonal-bilstm"))
    return (
        f"{steps('rows', SIZE)} rows, and {steps('diagonals', SIZE)} diagonals (2n - 1). The Row LSTM pays with a triangle: from "
        f"row 15, column 13 it reaches {row['reached']} of {row['earlier']} earlier pixels. "
        f"The Diagonal BiLSTM reaches {diagonal['reached']}: all but the last of the row above."
    )


def blind_spot() -> str:
    names = ("pixelcnn-mnist", "gated-pixelcnn-mnist")
    row, column = map(int, BLIND_SPOT["spot"])
    plain, gated = (api.pixels_field(row, column, name)[1] for name in names)
    nats, seen = [measure(name, "nats") for name in names], [catalog.entry(name).training for name in names]
    images = [record["images"] + (record["started_from"] or {}).get("images", 0) for record in seen]
    fewer = catalog.entry(names[1]).metrics["nats"]["value"] < catalog.entry(names[0]).metrics["nats"]["value"]
    return (
        f"Those above and to the right of a slanted line (dark blue): {plain['earlier'] - plain['possible']} of {plain['earlier']} here. "
        f"Gated PixelCNN misses {gated['earlier'] - gated['possible']}, the last column: too far to the right for the layers that it has, "
        f"and more layers would reach it. That it has fewer nats for it {'holds' if fewer else 'fails'} "
        f"here: {nats[1]} after {images[1]:,} images, against {nats[0]} after {images[0]:,}."
    )
