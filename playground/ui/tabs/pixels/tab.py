"""Pixel by pixel: models write digits while one watches, finish what one began, and say what surprised them; and photos, in colour."""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr
import numpy as np
from PIL import Image

from playground import api, catalog, graphs
from playground.drawing.digit_strokes import DIGITS, SPIRAL
from playground.errors import UserError
from playground.graphs.recording import choose, known
from playground.ui import nearest_neighbours, training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.components.pixel_picker import HEAT, MOVING, NEXT, SPOT, WAITING, heated, pixel_picker, written
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import choice, flag, number, strokes, text, vector, whole
from playground.ui.tabs.pixels import colour
from playground.ui.values import bar, figures, measure, opening_picture, shown

SIZE = 28
PIXELS = SIZE * SIZE
CLASSES = [str(digit) for digit in range(10)]
DIGIT_VIEWS = ("write", "complete", "surprise", "field", "film")  # what a model of digits can do,
COLOUR_VIEWS = ("colour", "whole", "film")  # and one in colour
ACROSS = 4  # completions in a row
SIX_FROM_BELOW = {"begun": DIGITS["6"], "first": 16, "last": 28}  # its lower part, which fits tops of other classes badly
BLIND_SPOT = {"model": "pixelcnn-mnist", "beside": "gated-pixelcnn-mnist", "spot": (12.0, 13.0)}
SUNFLOWER = 33  # the seed of a photo with much yellow

# What is computed in which order, in training: the systems of playground/analysis/receptive_field.py
ORDERS = {
    "pixelrnn": "a plain recurrence, pixel by pixel",
    "row-lstm": "Row LSTM, row by row",
    "diagonal-bilstm": "Diagonal BiLSTM, by diagonals",
    "pixelcnn": "PixelCNN, all at once",
}
GIVEN_INK, GIVEN_PAPER = (232, 163, 200), (58, 30, 46)  # colours of pixels that the visitor gave,
BLIND = (38, 66, 120)  # and of those of a receptive field that a pixel can't see
SEEN = {
    SPOT: "the pixel that is predicted",
    MOVING: "moves it: the brighter, the more",
    BLIND: "earlier, but never seen: in a blind spot, or too far away",
    WAITING: "later",
}


def _models() -> list[str]:
    return [name for models in (api.digit_models(), api.colour_models()) for name in sorted(models, key=lambda name: name in catalog.TWINS)]


def _kind(model: str) -> str:
    return ("in colour" if model in api.colour_models() else "digits") + (", a twin" if model in catalog.TWINS else "")


@dataclass(frozen=True)
class Pixels:
    view: str = choice("write", (*DIGIT_VIEWS, *COLOUR_VIEWS))
    model: str = choice("gated-pixelcnn-mnist", _models)
    digit: str = choice(CLASSES[api.WRITTEN], CLASSES)
    temperature: float = number(1.0, 0.1, 2)
    speed: int = whole(4, 1, 56)
    done: int = whole(PIXELS, 0, PIXELS)
    at: tuple[float, ...] = vector((12.0, 14.0), 0, SIZE - 1)
    begun: str = strokes(json.loads(DIGITS[api.BEGUN])["strokes"])
    first: int = whole(api.GIVEN_ROWS[0], 0, SIZE)
    last: int = whole(api.GIVEN_ROWS[1], 0, SIZE)
    wanted: str = choice("any", ["any", *CLASSES])
    ahead: bool = flag(False)
    mine: str = strokes(json.loads(DIGITS["4"])["strokes"])
    beside: str = choice("pixelcnn-mnist", api.digit_models)
    spot: tuple[float, ...] = vector((14.0, 12.0), 0, SIZE - 1)
    tick: int = whole(20, 0, PIXELS)
    kind: str = choice(colour.KINDS[0], colour.kinds)
    against: str = choice("gated-pixelcnn-flowers", api.colour_models)
    dot: tuple[float, ...] = vector(tuple(map(float, colour.DOT)), 0, colour.SIZE - 1)
    told: int = whole(colour.SIZE**2, 0, colour.SIZE**2)
    given: str = text(colour.GIVEN, len(colour.GIVEN), "01.")
    frame: int = training_snapshots.frame()
    seed: int = whole(1, 0, api.SEEDS)

    def __post_init__(self):
        if self.view not in self.views:
            object.__setattr__(self, "view", self.views[0])

    @property
    def views(self) -> tuple[str, ...]:
        return COLOUR_VIEWS if self.model in api.colour_models() else DIGIT_VIEWS

    @staticmethod
    def renewed(query: Mapping) -> Mapping:
        """Models in colour had a control of their own once, "colour"."""
        if query.get("view") == "colour" and query.get("model") not in api.colour_models():
            return {**query, "model": query.get("colour", colour.USUAL)}
        return query


def build() -> TabBuilder:
    sentence = (
        "One pixel after another, each a coin whose odds depend on all pixels before it. Press Write and watch; then click a pixel. "
        "Models in colour draw three numbers a pixel: red, then green, then blue."
    )
    with TabBuilder("pixels", "Pixel by pixel", sentence, Pixels) as tab:
        offered = [(f"{name} ({_kind(name)})", name) for name in _models()]
        tab.control("model", gr.Dropdown(offered, label="Model", elem_id="pixels-model"))
        _write(tab)
        _complete(tab)
        _surprise(tab)
        _field(tab)
        colour.view(tab)
        colour.whole(tab)
        training_snapshots.view(tab, "model", aspect=5)
        tab.control("temperature", gr.Slider(0.1, 2, step=0.05, label="Temperature", info="1 is the model itself; less is more careful."))
        tab.seed()
        tab.models("model")
        why = "At temperature 0.7 each coin falls on its likelier side more often: the strokes have fewer ragged edges."
        tab.preset("A careful hand", why, digit="3", temperature=0.7)
        why = (
            "This fails: at 0.3 each coin falls on its likelier side. Until a stroke has begun that side is black, so none begins, and the "
            "canvas stays empty. Each choice is the likeliest one, and the digit is lost."
        )
        tab.preset("Too careful", why, digit="3", temperature=0.3)
        why = "This fails: above 1 the odds are flattened, a stray pixel falls, and all later ones believe it."
        tab.preset("Too hot", why, digit="3", temperature=1.6)
        why = "The arch that begins a 0 also begins a 2, a 3 and an 8: each completion draws its class from p(y | the rows given)."
        tab.preset("Eight ways on", why, view="complete", begun=DIGITS["0"], last=10)
        why = "This fails: the model looks back only. Rows above yours are written as if yours were not there: hardly any of these is a 6."
        tab.preset("It can't look ahead", why, view="complete", **SIX_FROM_BELOW)
        why = f"The same rows, but of {api.TRIES} tries those are kept that your rows continue best: now each is a 6."
        tab.preset("Look ahead by trying", why, view="complete", **SIX_FROM_BELOW, ahead=True)
        why = (
            "Dark blue in the first picture: PixelCNN never sees these pixels, above and to the right, however many layers it has. The two "
            "stacks of the gated one see all of them but the last column, which is too far away for the layers that it has."
        )
        tab.preset("The blind spot", why, view="field", **BLIND_SPOT)
        why = "A spiral is no digit, and costs many nats more than any test digit. The model did not expect the bright pixels."
        tab.preset("No digit at all", why, view="surprise", mine=SPIRAL)
        why = (
            "More of it is yellow than under any other class: the class shows in the colours. This fails, too: nothing here has petals. "
            "So small a model knows what is near, and loses the whole."
        )
        tab.preset("The colours of a sunflower", why, model=colour.USUAL, kind="sunflower", seed=SUNFLOWER)
        why = "One of 256 numbers, each on its own: the odds of the softmax are a comb. A mixture of logistics is smooth by its making."
        twin = {"model": api.CHANGES["256-way softmax"], "against": api.CHANGES[api.BASE], "dot": (8.0, 8.0)}
        tab.preset("A comb of 256 teeth", why, **twin)
        tab.preset("All 4,096 images", colour.summed, view="whole", model=colour.USUAL)
        why = "B of the first pixel is drawn after its R and G; yet to know that it is lit moves both: all images are summed."
        tab.preset("From blue back to red", why, view="whole", model=colour.USUAL, given="..1".ljust(len(colour.GIVEN), "."))
        question = (
            "A plain 2-D recurrence computes 784 pixels one after the other. How many steps do a Row LSTM and a Diagonal BiLSTM need?"
        )
        tab.claim("C16", question, _waits, view="field", model="row-lstm-mnist", beside="diagonal-bilstm-mnist", tick=28)
        question = "PixelCNN's masked filters look up and to the left, layer after layer. Which earlier pixels will it never see?"
        tab.claim("C17", question, _blind_spot, view="field", **BLIND_SPOT)
        question = "PixelCNN++ changed five things. Undo one at a time and train for equal minutes: which change is worth most?"
        twin = {"model": api.CHANGES[api.BASE], "against": api.CHANGES["256-way softmax"], "dot": (8.0, 8.0)}
        tab.claim("C19", question, colour.changes, **twin)
        question = "R is drawn first, then G, then B. Which of the three is hardest to guess?"
        tab.claim("C20", question, colour.planes, model=colour.USUAL)
    return tab


# --- the three things to do ---


def _write(tab: TabBuilder) -> None:
    opening = _opening()
    with tab.view("write", "Write a digit"):
        with tab.controls():
            tab.control("digit", gr.Radio(label="Digit", elem_classes="digits", elem_id="pixels-digit"))
            with gr.Row():
                start = gr.Button("Write", variant="primary", elem_id="pixels-start")
                pause = gr.Button("Pause", elem_id="pixels-pause")
            tab.control("done", gr.Slider(0, PIXELS, step=1, label="Pixels written", elem_id="pixels-done"))
            tab.control("speed", gr.Slider(1, 56, step=1, label="Speed: pixels at a time"))
            progress = gr.HTML(written(PIXELS, PIXELS), elem_id="pixels-progress", apply_default_css=False)
        with tab.outputs():
            first = opening and _grey(opening.crop((0, 0, SIZE, SIZE)))
            picker = tab.control("at", pixel_picker(first, size=SIZE, label="A digit; arrow keys choose a pixel", elem_id="pixels-written"))
            odds = gr.HTML(elem_id="pixels-odds", apply_default_css=False)
            near = nearest_neighbours.panel(elem_id="pixels-memory")

    tab.advance("done", start, pause, step="speed", on=("digit", "temperature", "seed", "model"))

    @tab.on_change(picker, progress, on=("done",), in_browser=True)
    def look(state: Pixels):
        return gr.update(picture=shown(_page(state).page, "")["src"]), written(state.done, PIXELS)

    @tab.on_change(odds, on=("done", "at"), in_browser=True)
    def explain(state: Pixels):
        """What the model thought of the chosen pixel before it drew it."""
        row, column = state.at
        where, pixel = f"row {row + 1:.0f}, column {column + 1:.0f}", row * SIZE + column
        image = {"label": state.digit, "seed": state.seed, "temperature": state.temperature}
        said = graphs.run("odds", state.model, x=graphs.run("write", state.model, **image).x, pixel=pixel, **image)
        bars = "".join(bar(name, p, "generated") for name, p in zip(("black", "white"), said.probabilities[0]))
        against, colour = choose(said.drawn[0], ("&lt;", "&ge;")), choose(said.drawn[0], ("black", "white"))
        noise = f"u = {said.noise[0]:.4f} {against} p(black), so it became {colour}"
        figure = f'<figure class="picture">{bars}<figcaption>p(pixel | all before it) in {where}; {noise}</figcaption></figure>'
        return choose(pixel < state.done, (f'<p class="empty">The pixel in {where} is not written yet.</p>', figure))

    @tab.on_change(near, on=("done",), rest=True, in_browser=True)
    def remember(state: Pixels):
        kin = nearest_neighbours.of(_page(state).image, state.model)
        return choose(state.done < PIXELS, (kin, '<p class="empty">This digit is not finished.</p>'))


def _complete(tab: TabBuilder) -> None:
    with tab.view("complete", "Finish what you begin"):
        with tab.controls():
            begun, hands = digit_canvas(tab, "begun", elem_id="pixels-canvas", hands_id="pixels-hands")
            with gr.Row():
                tab.control("first", gr.Slider(0, SIZE, step=1, label="Rows given: from", elem_id="pixels-first"))
                tab.control("last", gr.Slider(0, SIZE, step=1, label="to", elem_id="pixels-last"))
            tab.control("wanted", gr.Radio(label="Class", elem_id="pixels-wanted"))
            info = f"{api.TRIES} tries are written, and eight drawn from them as well as the given rows fit what stands above."
            tab.control("ahead", gr.Checkbox(label="Rows above the given ones respect them", info=info, elem_id="pixels-ahead"))
        with tab.outputs():
            opening = _opening()
            value = opening and shown(_sheet(_tiles(opening)[1:], *_rows(Pixels())), "Eight completions of a drawn 7.")
            sheet = tab.picture(
                "generated",
                aspect=2,
                pixelated=True,
                value=value,
                caption="purple: the rows given; white: what the model wrote",
                elem_id="pixels-sheet",
            )
            said = gr.HTML(elem_id="pixels-complete-said", elem_classes="hint", apply_default_css=False)

    @on_digit_change(tab, "begun", begun, hands, sheet, said, on=("first", "last", "wanted", "ahead", "temperature", "seed", "model"))
    def complete(state: Pixels):
        """While one draws: the model's completions of what there is."""
        try:
            digit = api.digit_tensor(state.begun)[0, 0]
        except UserError as error:  # an empty canvas, while one draws, is no error
            return gr.skip(), f"<p>{html.escape(str(error))}</p>"
        first, last = _rows(state)
        wanted, tries = known(state.wanted), choose(state.ahead, (0, api.TRIES))
        x = graphs.run("binarise", state.model, digit=digit, seed=state.seed).x
        asked = {"first": first, "last": last, "label": -1 if wanted == "any" else int(wanted), "tries": tries}
        found = graphs.run("complete", state.model, x=x, seed=state.seed, temperature=state.temperature, **asked)
        sheet = graphs.run("sheet", state.model, images=found.images, first=first, last=last, ink=GIVEN_INK, paper=GIVEN_PAPER).sheet
        words = "Written as " + ", ".join(f"{label}" for label in found.labels) + "."
        worth = f" Drawn from {api.TRIES} tries, which were worth {found.worth:.1f} equally good ones."
        words += choose(found.worth > 0, ("", worth))
        return shown(sheet, words), f"<p>{html.escape(words)}</p>"


def _surprise(tab: TabBuilder) -> None:
    with tab.view("surprise", "Surprise it"):
        with tab.controls():
            mine, hands = digit_canvas(tab, "mine", elem_id="pixels-mine", hands_id="pixels-mine-hands")
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="x, as the model sees it", elem_id="pixels-seen")
                heat = tab.picture("generated", pixelated=True, caption="surprise, black 0 bits, white 8 or more", elem_id="pixels-heat")
            numbers = tab.numbers(("surprise", "", "nats"), ("bits per pixel", "", ""), ("taken for", "", ""))
            beside = gr.HTML(elem_id="pixels-histogram", apply_default_css=False)

    @on_digit_change(tab, "mine", mine, hands, seen, heat, numbers, beside, on=("seed", "model"))
    def surprise(state: Pixels):
        try:
            digit = api.digit_tensor(state.mine)[0, 0]
        except UserError as error:  # an empty canvas, while one draws, is no error
            return gr.skip(), gr.skip(), f'<p class="empty">{html.escape(str(error))}</p>', gr.skip()
        x = graphs.run("binarise", state.model, digit=digit, seed=state.seed).x
        found = graphs.run("surprise", state.model, x=x, nats=graphs.run("score", state.model, x=x).nats, colours=HEAT)
        where = f"row {found.row + 1}, column {found.column + 1}"
        return (
            shown(found.seen, "The digit as the model sees it: 28 by 28 pixels, black or white."),
            shown(found.heat, f"Where the model was surprised, most of all in {where}."),
            figures(
                ("surprise, -log p(x)", found.total, "nats"),
                ("bits per pixel", found.bits_per_pixel, ""),
                ("taken for", f"{found.kind} ({found.share:.0%})", ""),
            ),
            _histogram(state.model, found.total),
        )


def _field(tab: TabBuilder) -> None:
    with tab.view("field", "What it sees"):
        with tab.controls():
            spot = tab.control("spot", pixel_picker(None, size=SIZE, label="A drawn 5; arrow keys choose a pixel", elem_id="pixels-spot"))
            tab.control("beside", gr.Dropdown(label="Model beside"))
            key = "".join(f'<li><i style="background: rgb{colour}"></i>{what}</li>' for colour, what in SEEN.items())
            gr.HTML(f'<ul class="key">{key}</ul>', apply_default_css=False)
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                mine = tab.picture("generated", pixelated=True, caption="the model", elem_id="pixels-field")
                other = tab.picture("generated", pixelated=True, caption="the one beside it", elem_id="pixels-field-beside")
            numbers = gr.HTML(elem_classes="numbers", apply_default_css=False)
            waits = tab.picture("generator", aspect=115 / 28, pixelated=True, caption=", ".join(ORDERS.values()), elem_id="pixels-order")
            tab.control(
                "tick",
                gr.Slider(
                    0, PIXELS, step=1, label="Steps done in training", info="All pixels are known; which features can be computed by now?"
                ),
            )

    @tab.on_change(spot, mine, other, numbers, on=("spot", "model", "beside"))
    def look_back(state: Pixels):
        row, column = (int(v) for v in state.spot)
        said, maps = [], []
        for name in (state.model, state.beside):
            _, figure = api.pixels_field(row, column, name)
            maps.append(shown(_field_map(name, row, column), f"What {name} sees from row {row + 1}, column {column + 1}."))
            said += [(name, f"{figure['reached']} of {figure['earlier']}", f"earlier pixels (by its kernels {figure['possible']})")]
        return gr.update(picture=_grey(_five())), *maps, figures(*said)

    @tab.on_change(waits, on=("tick",))
    def wait(state: Pixels):
        from playground.analysis.receptive_field import order

        done = [order(system, SIZE).numpy() < state.tick for system in ORDERS]
        return shown(_waiting(done), f"After {state.tick} steps: " + _shares(done))


def _rows(state: Pixels) -> tuple[int, int]:
    """The rows given, whichever way round the sliders stand."""
    turned = state.first > state.last
    return choose(turned, (state.first, state.last)), choose(turned, (state.last, state.first))


# --- pictures ---


def _opening() -> Image.Image | None:
    """The strip that the export drew: the default digit, and the eight completions of the default drawing."""
    return opening_picture(Pixels().model, "L")


def _tiles(strip: Image.Image) -> np.ndarray:
    """A strip of grey images as (N, 28, 28) in {0, 1}."""
    return (np.asarray(strip).reshape(SIZE, -1, SIZE).transpose(1, 0, 2) > 127).astype(np.float32)


def _grey(picture: Image.Image) -> str:
    return shown(picture, "")["src"]


def _page(state: Pixels):
    """What the graph "page" makes of the digit that is written."""
    x = graphs.run("write", state.model, label=state.digit, seed=state.seed, temperature=state.temperature).x
    return graphs.run("page", state.model, x=x, done=state.done, waiting=WAITING, next=NEXT)


def _coloured(x: np.ndarray, given: np.ndarray, done: int) -> np.ndarray:
    """x (28, 28) in {0, 1} as (28, 28, 3) uint8: black and white, what was given in purple, what is not written yet grey."""
    colours = np.repeat((x * 255).astype(np.uint8)[..., None], 3, axis=2)
    colours[given] = np.where(x[given][:, None] > 0.5, GIVEN_INK, GIVEN_PAPER)
    waiting = (np.arange(PIXELS).reshape(SIZE, SIZE) >= done) & ~given
    colours[waiting] = WAITING
    if waiting.any():
        colours.reshape(PIXELS, 3)[np.flatnonzero(waiting)[0]] = NEXT
    return colours


def _sheet(images, first: int, last: int) -> Image.Image:
    """Eight completions in two rows, each (28, 28) in {0, 1}, of which rows `first` to `last` were given."""
    given = np.zeros((SIZE, SIZE), bool)
    given[first:last] = True
    tiles = [_coloured(np.asarray(x), given, PIXELS) for x in images]
    return Image.fromarray(np.vstack([np.hstack(tiles[i : i + ACROSS]) for i in range(0, len(tiles), ACROSS)]))


def _five() -> Image.Image:
    from playground.imaging import to_image

    return to_image(api.binarised("5", 1)[0] * 2 - 1)


def _field_map(model: str, row: int, column: int) -> Image.Image:
    """The receptive field in colours: what moves the pixel, what is earlier but out of sight, what is later."""
    field, possible = api.seen_from(model, catalog.entry(model).revision, row, column)
    heat = np.array(heated(api.draw_field(field)))
    places = np.arange(PIXELS).reshape(SIZE, SIZE)
    heat[~possible.numpy()] = BLIND
    heat[places >= row * SIZE + column] = WAITING
    heat[row, column] = SPOT
    return Image.fromarray(heat)


def _waiting(done: list[np.ndarray]) -> Image.Image:
    """One panel an order, side by side with a black line between: done bright, the rest dark."""
    gap = np.zeros((SIZE, 1, 3), np.uint8)
    panels = [np.where(panel[..., None], NEXT, WAITING).astype(np.uint8) for panel in done]
    return Image.fromarray(np.hstack([part for panel in panels for part in (panel, gap)][:-1]))


def _shares(done: list[np.ndarray]) -> str:
    return "; ".join(f"{name}: {panel.mean():.0%}" for name, panel in zip(ORDERS.values(), done)) + "."


# --- words and figures ---


def _waits() -> str:
    from playground.analysis.receptive_field import steps

    row, diagonal = (api.pixels_field(14, 12, f"{system}-mnist")[1] for system in ("row-lstm", "diagonal-bilstm"))
    return (
        f"{steps('row-lstm', SIZE)} rows, and {steps('diagonal-bilstm', SIZE)} diagonals (2n - 1). The Row LSTM pays with a triangle: from "
        f"row 15, column 13 it reaches {row['reached']} of {row['earlier']} earlier pixels. "
        f"The Diagonal BiLSTM reaches {diagonal['reached']}: all but the last of the row above."
    )


def _blind_spot() -> str:
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


def _histogram(model: str, nats: float) -> str:
    """Where these nats lie among the test set's, as SVG."""
    try:
        counted = catalog.entry(model).metrics["nats"]["histogram"]
    except (KeyError, UserError):
        return '<p class="empty">The test set was not measured yet with this model.</p>'
    edges, counts = counted["edges"], counted["counts"]
    low, high = edges[0], choose(nats > edges[-1], (edges[-1], nats)) + 5
    across = lambda value: (value - low) / (high - low) * 100  # noqa: E731
    bars = "".join(
        f'<rect x="{across(edges[i]):.2f}" width="{across(edges[i + 1]) - across(edges[i]):.2f}" y="{34 - 32 * count / max(counts):.2f}" '
        f'height="{32 * count / max(counts):.2f}"/>'
        for i, count in enumerate(counts)
    )
    less = sum(count * (1 - (edge > nats)) for edge, count in zip(edges[1:], counts)) / sum(counts)
    said = f"more surprising than {less:.0%} of the {sum(counts):,} test digits ({edges[0]:.0f} to {edges[-1]:.0f} nats)"
    line = f'<line x1="{across(nats):.2f}" x2="{across(nats):.2f}" y1="0" y2="36" stroke="var(--visitor)" stroke-width="0.8"/>'
    return f"""<figure class="picture"><svg viewBox="0 0 100 36" preserveAspectRatio="none" width="100%" height="110" role="img"
        aria-label="Your digit is {said}."><g fill="var(--real)">{bars}</g>{line}</svg>
        <figcaption><b class="visitor">Your digit</b>, {nats:.1f} nats, is {said}; <b class="real">test digits</b> in blue.</figcaption>
        </figure>"""
