"""View: photos generated in colour, plane after plane; and the changes of PixelCNN++."""

import contextlib
import html
from dataclasses import dataclass

import gradio as gr
import numpy as np
from PIL import Image

from playground import api, catalog, graphs
from playground.errors import UserError
from playground.graphs.recording import choose, is_recording, known, points, position
from playground.graphs.sizes import NEAR
from playground.ui.builder import TabBuilder
from playground.ui.charts import in_a_row
from playground.ui.components.pixel_picker import NEXT, SPOT, WAITING, heat_map, pixel_picker, written
from playground.ui.state import choice, vector, whole
from playground.ui.tabs.pixels.state import GIVEN_BEFORE, Shared
from playground.ui.values import figures, opening_picture, shown, side_by_side

USUAL = "pixelcnnpp-flowers"  # the model with which the view opens
KINDS = ("daisy", "dandelion", "rose", "sunflower", "tulip")
SIZE = 32  # of the photos that it opens with
DOT = (12, 20)  # the pixel that it opens with: row, column
AT_ONCE = 4  # pixels between two pictures of a photo while it is written
STAGES = ("before it", "R", "R, then G", "then B")


@dataclass(frozen=True)
class Colour(Shared):
    kind: str = choice(KINDS[0], lambda: kinds())
    against: str = choice("gated-pixelcnn-flowers", api.colour_models)
    dot: tuple[float, ...] = vector(tuple(map(float, DOT)), 0, SIZE - 1)
    told: int = whole(SIZE**2, 0, SIZE**2)


def kinds() -> list[str]:
    """The classes of all models in colour; those of the flowers if there is no model."""
    named = [name for model in api.colour_models() for name in catalog.entry(model).config.get("class_names") or ()]
    return list(dict.fromkeys(named)) or list(KINDS)


def build(tab: TabBuilder) -> None:
    with tab.view("colour", "Write in colour", Colour):
        with tab.controls():
            tab.control("kind", gr.Radio(label="What to write", elem_id="pixels-kind"))
            with gr.Row():
                start = gr.Button("Write", variant="primary", elem_id="pixels-colour-start")
                pause = gr.Button("Pause", elem_id="pixels-colour-pause")
            slider = tab.control("told", gr.Slider(0, SIZE**2, step=1, label="Pixels written", elem_id="pixels-told"))
            progress = gr.HTML(written(SIZE**2, SIZE**2), elem_id="pixels-colour-progress", apply_default_css=False)
            tab.control("against", gr.Dropdown(label="Odds beside it, by", elem_id="pixels-against"))
        with tab.outputs():
            first = opening_picture(USUAL)
            value = first and shown(first.crop((0, 0, SIZE, SIZE)), "")["src"]
            with gr.Row(elem_classes="beside"):
                label = "A photo; arrow keys choose a pixel"
                photo = tab.control("dot", pixel_picker(value, size=SIZE, label=label, elem_id="pixels-colour"))
                with gr.Column():
                    caption = f"around the pixel: {', '.join(STAGES)}"
                    stages = tab.picture("generated", aspect=4 + 3 / NEAR, pixelated=True, caption=caption, elem_id="pixels-stages")
                    numbers = tab.numbers(*((what, "", "bits") for what in GIVEN_BEFORE))
                    caption = "what moves R, G and B of the pixel: the brighter, the more; grey: later"
                    fields = tab.picture("generated", aspect=3, pixelated=True, caption=caption, elem_id="pixels-colour-fields")
            odds = gr.HTML(elem_id="pixels-colour-odds", apply_default_css=False)
            order = gr.HTML(elem_id="pixels-colour-order", apply_default_css=False)
            gr.HTML(ablations(), elem_id="pixels-twins", apply_default_css=False)

    tab.advance("told", start, pause, step=AT_ONCE, on=("kind", "model", "temperature", "seed"))

    @tab.on_change(photo, progress, slider, on=("told",), in_browser=True)
    def look_at_photo(state: Colour):
        size = _size(state)
        end = size**2
        x = graphs.run("write", state.model, label=_label(state), seed=state.seed, temperature=state.temperature).x
        page = graphs.run("page", state.model, x=x, done=state.told, waiting=WAITING, next=NEXT).page
        done = choose(state.told > end, (state.told, end))
        # set the slider's value only if it is beyond its new length: the visitor may be moving it
        slider = choose(state.told > end, (gr.update(maximum=end), gr.update(maximum=end, value=end)))
        return gr.update(picture=shown(page, "")["src"], size=size), written(done, end), slider

    tab.on_change(stages, numbers, odds, on=("told", "dot", "against"), in_browser=True)(explain_photo)
    tab.on_change(fields, order, on=("told", "dot"), rest=True, label="The receptive field of a photo's pixel")(look_back_from_photo)


def explain_photo(state: Colour) -> tuple:
    """The chosen pixel and its neighbours, its bits, and the distribution of its 256 values in each plane."""
    size, (row, column) = _size(state), _pixel(state)
    where, pixel = f"row {row + 1:.0f}, column {column + 1:.0f}", row * size + column
    image = {"seed": state.seed, "temperature": state.temperature}
    x = graphs.run("write", state.model, label=_label(state), **image).x  # (planes, size, size)
    mine = graphs.run("odds", state.model, x=x, label=_label(state), pixel=pixel, **image)
    theirs, why = None, ""
    if state.against != state.model:
        try:
            api.check_alike(known(state.model), state.against)
            theirs = graphs.run("odds", state.against, x=x, label=_label(state, state.against), pixel=pixel, **image)
        except UserError as error:
            why = f'<p class="empty">{html.escape(str(error))}</p>'
    both = {"probabilities": mine.probabilities, "beside": (theirs or mine).probabilities}
    found = graphs.run("origin", state.model, x=x, pixel=pixel, waiting=WAITING, **both)
    names = "RGB" if len(x) == 3 else ("grey",)
    charts = in_a_row(*(_odds(name, plane, mine.drawn, found, theirs is not None) for plane, name in enumerate(names)))
    key = f'<b class="generated">{html.escape(known(state.model))}</b>'
    if theirs:
        key += f', <b class="generator">{html.escape(known(state.against))}</b>'
    words = f'<p class="hint">p(value | all before it) in {where}, by {key}; dashed: the value that was drawn.</p>'
    rows = GIVEN_BEFORE if len(x) == 3 else ("the pixel",)
    if len(x) == 3:
        alt = f"The pixel in {where} and its neighbours, four times: before it, with its red, with green, too, and whole."
    else:
        alt = f"The pixel in {where} and its neighbours, before it and with it."
    bits = figures(*((what, value, "bits") for what, value in zip(rows, found.bits)))
    return tuple(
        choose(pixel < state.told, (before, after))
        for before, after in (
            (gr.skip(), shown(found.stages, alt)),
            (gr.skip(), bits),
            (f'<p class="empty">The pixel in {where} is not written yet.</p>', charts + words + why),
        )
    )


def look_back_from_photo(state: Colour) -> tuple:
    """Which earlier pixels the chosen one depends on, and how much its planes depend on each other."""
    asked = _asked(state)
    row, column, *_ = asked
    if not _is_written(state, row, column):
        return gr.skip(), ""
    strip, result = api.pixels_colour_field(*asked, state.model)
    if "grey" in result:
        return shown(_seen(strip, row, column), f"{result['grey']['reached']} earlier pixels move this one."), ""
    rows = {f"E[{plane}] moves by": [f"{result[plane][other]:.2g}" for other in "RGB"] for plane in "RGB"}
    note = "By how many levels a plane's expected value moves when another plane of the same pixel grows by one; against the order, by 0."
    reached = ", ".join(f"{result[plane]['reached']} move {plane}" for plane in "RGB")
    alt = f"Of the {row * _size(state) + column} earlier pixels {reached}."
    return shown(_seen(strip, row, column), alt), side_by_side([f"by {plane}" for plane in "RGB"], rows, note)


def _size(state: Colour) -> int:
    return catalog.entry(known(state.model)).config["size"]


def _pixel(state: Colour) -> list:
    """Row and column of the chosen pixel, clamped to the photo; numbers, or names in a record."""
    last = _size(state) - 1
    return [choose(place > last, (place, last)) // 1 for place in state.dot]


def _asked(state: Colour) -> tuple[int, int, int, int, float]:
    """Row, column, class, seed and temperature, as the API takes them."""
    row, column = map(int, _pixel(state))
    return row, column, _label(state), state.seed, state.temperature


def _is_written(state, row: int, column: int) -> bool:
    return row * _size(state) + column < state.told


def _label(state: Colour, model: str | None = None) -> int:
    """The label of the chosen class in a model, by default the chosen one.  Raises UserError if the model has no class of that name."""
    model = known(model or state.model)
    config = catalog.entry(model).config
    names = config.get("class_names") or [str(label) for label in range(config["classes"])]
    knows_all = is_recording() and set(kinds()) <= set(names)
    if not knows_all and known(state.kind) not in names:
        raise UserError(f"{model} writes no {state.kind}; it knows {', '.join(names)}.")
    return position(state.kind, names)


# --- pictures ---


def _seen(strip: Image.Image, row: int, column: int) -> Image.Image:
    """Receptive fields side by side in colours: the pixels on which it depends, the pixel itself, and later pixels."""
    size = strip.height
    heat = np.array(heat_map(strip)).reshape(size, -1, size, 3)
    heat[row, :, column:], heat[row + 1 :], heat[row, :, column] = WAITING, WAITING, SPOT
    return Image.fromarray(heat.reshape(size, -1, 3))


def _odds(name: str, plane: int, drawn, found, both: bool) -> str:
    """Probabilities of the values of a plane as curves, for one model and possibly another; `found` is the output of "origin"."""
    last = len(found.curve[plane]) - 1
    at = 1 + 98 * drawn[plane] / last
    curves = f'<line x1="{at:.2f}" x2="{at:.2f}" y1="2" y2="46" stroke-dasharray="1.5"/>'
    if both:
        curves += f'<polyline class="generator" points="{points(found.other[plane], 1, 99, 46, 4)}"/>'
    curves += f'<polyline class="generated" points="{points(found.curve[plane], 1, 99, 46, 4)}"/>'
    description = f"{name}: {drawn[plane]} was drawn, {found.likeliest[plane]} was likeliest"
    ends = f'<text class="left" x="1" y="52">0</text><text class="right" x="99" y="52">{last}</text>'
    chart = f'<svg viewBox="0 0 100 53" role="img" aria-label="{description}">{curves}{ends}</svg>'
    return f'<figure class="chart curves odds">{chart}<figcaption>{description}</figcaption></figure>'


# --- words and figures ---


def ablations() -> str:
    """The test scores of PixelCNN++ and of five ablations, each with one change undone; read from their folders."""
    rows = {"bits a sub-pixel": [], "parameters": [], "photos seen": [], "processor minutes": []}
    there = [name for name in api.CHANGES.values() if name in api.colour_models()]
    for name in there:
        record, bits = catalog.entry(name).training, None
        with contextlib.suppress(KeyError, UserError):  # not measured on the test set yet
            bits = catalog.entry(name).metrics["bits_per_dim"]
        rows["bits a sub-pixel"].append(f"{bits['value']:.3f} \u00b1 {bits['stderr']:.3f}" if bits else "not measured")
        rows["parameters"].append(f"{sum(record['parameters'].values()) / 1e6:.2f} M")
        rows["photos seen"].append(f"{record['images']:,}")
        rows["processor minutes"].append(f"{record['total_minutes']:.1f}")
    columns = [words for words, name in api.CHANGES.items() if name in there]
    note = "PixelCNN++ and its twins on 16 \u00d7 16 photos, each trained for equal minutes with one change undone; less is better."
    return side_by_side(columns, rows, note)


def changes() -> str:
    """The effect of each of the five changes, by the ablations' figures."""
    bits = {words: catalog.entry(name).metrics["bits_per_dim"] for words, name in api.CHANGES.items()}
    base = bits.pop(api.BASE)
    parts = []
    for words, metric in sorted(bits.items(), key=lambda item: -item[1]["value"]):
        cost = metric["value"] - base["value"]
        parts.append(f"{words} costs {cost:.3f}" if cost > 0 else f"{words} saves {-cost:.3f}")
    helps = sum(metric["value"] > base["value"] for metric in bits.values())
    return (
        f"With {base['value']:.3f} bits a sub-pixel for the whole of it, undoing one change each: {'; '.join(parts)}. "
        f"{helps} of the five help at this size and in these minutes. See the smooth curve of the mixture, and the comb of the softmax."
    )


def planes() -> str:
    """How much the earlier planes determine G and B, at the pixel with which the view opens."""
    _, result = api.pixels_colour_at(*DOT, 0)
    red, green, blue = (result[plane]["bits"] for plane in "RGB")
    _, moves = api.pixels_colour_field(*DOT, 0)
    return (
        f"R is drawn from what stands above and to the left alone, and takes {red:.1f} bits here. G is told R: {green:.1f} bits. B is "
        f"told both: {blue:.1f}. When R grows by a level, what is expected of G moves by {moves['G']['R']:.2g}; when G does, what is "
        f"expected of R moves by {moves['R']['G']:g}, exactly."
    )
