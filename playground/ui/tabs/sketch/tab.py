"""Sketch to photo: Pix2Pix draws photographs while the visitor draws lines, and facades of painted labels, and the labels of facades."""

import contextlib
import html
import json
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from playground import api, catalog
from playground.drawing.facades import FACADES
from playground.drawing.flowers import FLOWERS
from playground.drawing.palettes import FACADE_COLOURS, FACADE_PALETTE
from playground.drawing.strokes import Stroke, canvas_value
from playground.errors import UserError
from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder, choose_other
from playground.ui.components.canvas import canvas
from playground.ui.components.upload import picture_upload
from playground.ui.state import choice, flag, number, strokes, text
from playground.ui.values import figures, measure, opening_picture, shown, side_by_side

VIEWS = ("flowers", "facades", "photos", "terms", "pairs", "film")
TERMS = {"L1 only": "l1", "GAN only": "gan", "both": "both"}  # term of the loss -> the picture's place
HEX = "#0123456789abcdefABCDEF"
PETALS = {
    "white": "#f2f0ee",
    "yellow": "#ecb218",
    "orange": "#e07818",
    "red": "#c8202c",
    "pink": "#e884b0",
    "violet": "#8c5abe",
    "blue": "#4a62c8",
}
GROUNDS = {"leaves": "#3a5226", "meadow": "#6c8c34", "shade": "#161c14", "earth": "#5a4632", "sky": "#9ab4d0", "mist": "#b4b8b0"}


def _models(source: str) -> list[str]:
    """Pix2Pix models that take lines, labels or photos; their settings are read, not their weights."""
    return [name for name in catalog.offered("pix2pix") if catalog.entry(name).config.get("source", "labels") == source]


@dataclass(frozen=True)
class Sketch:
    view: str = choice("flowers", VIEWS)
    model: str = choice("pix2pix-flowers", lambda: _models("lines"))
    sketch: str = strokes(FLOWERS["daisy"])
    petals: str = text(api.FLOWER_PETALS, 7, HEX)
    background: str = text(api.FLOWER_BACKGROUND, 7, HEX)
    detail: float = number(2.5, 1.2, 4.5)
    painter: str = choice("pix2pix-facades", lambda: _models("labels"))
    facade: str = strokes(FACADES["a town house"])
    reader: str = choice("pix2pix-facades-labels", lambda: _models("photo"))
    house: str = choice("a town house", list(FACADES))
    fit: str = choice("crop", ("crop", "pad"))
    compared: str = strokes(FLOWERS["windflower"])
    judge: str = choice("pix2pix-flowers", lambda: catalog.offered("pix2pix"))
    own: str = choice("crocus", [*FLOWERS, *FACADES])
    other: str = choice("daisy", [*FLOWERS, *FACADES])
    filmed: str = choice("pix2pix-flowers", lambda: catalog.names("pix2pix"))
    frame: int = training_snapshots.frame()
    patches: bool = flag(False)


def build() -> TabBuilder:
    sentence = "Draw a flower: the photograph grows while your pen is still down. Or paint a house in ten rectangles."
    with TabBuilder("sketch", "Sketch to photo", sentence, Sketch) as tab:
        tab.control(
            "patches", gr.Checkbox(label="Show where the discriminator sees through it", elem_id="sketch-patches", elem_classes="patches")
        )
        _flowers(tab)
        _facades(tab)
        _photos(tab)
        _terms(tab)
        _pairs(tab)
        training_snapshots.view(tab, "filmed", aspect=1.5, pixelated=False, own_control=True)
        tab.models("model", "painter", "reader")
        tab.randomize(roll)
        _presets(tab)
        _claims(tab)
    return tab


def roll(state: Sketch, chance) -> Sketch:
    """Another finished example of the open view: the models are deterministic, so there is no seed to draw."""
    colours = {"petals": chance.choice(list(PETALS.values())), "background": chance.choice(list(GROUNDS.values()))}
    match state.view:
        case "flowers":
            return replace(state, sketch=_another_drawing(chance, FLOWERS, state.sketch), **colours)
        case "facades":
            return replace(state, facade=_another_drawing(chance, FACADES, state.facade))
        case "photos":
            return replace(state, house=choose_other(chance, FACADES, state.house))
        case "terms":
            return replace(state, compared=_another_drawing(chance, FLOWERS, state.compared), **colours)
        case "pairs":
            own = choose_other(chance, _sources(state.judge), state.own)
            return replace(state, own=own, other=choose_other(chance, _sources(state.judge), own), **colours)
        case "film":
            return replace(state, filmed=choose_other(chance, catalog.names("pix2pix"), state.filmed))


def _another_drawing(chance, drawn: dict[str, str], now: str) -> str:
    return canvas_value(choose_other(chance, drawn.values(), json.loads(now).get("strokes")))


def _flowers(tab: TabBuilder) -> None:
    with tab.view("flowers", "Draw a flower"):
        with tab.controls():
            drawn = tab.control("sketch", canvas("sketch", size=256, label="Draw a flower", elem_id="sketch-canvas"))
            tab.control("petals", _colour("Petals", PETALS, elem_id="sketch-petals"))
            tab.control("background", _colour("Background", GROUNDS, elem_id="sketch-background"))
            with gr.Accordion("Take a sketch or a photo of your own", open=False):
                given = picture_upload(label="Your picture", in_link=True, elem_id="sketch-upload")
                kind = gr.Radio([("a photo: find its lines", "photo"), ("a sketch on paper", "sketch")], value="photo", label="It is")
                tab.control("detail", gr.Slider(1.2, 4.5, step=0.1, label="Smoothing before lines are sought, in pixels",
                                                info="Little keeps veins, much keeps outlines only.", elem_id="sketch-detail"))  # fmt: skip
            tab.control("model", gr.Dropdown(label="Model"))
        with tab.outputs():
            photo = tab.picture("generated", value=_opening("pix2pix-flowers"), caption="G(x), a photograph that nobody took",
                                elem_id="sketch-photo")  # fmt: skip
            numbers = tab.numbers(("D takes it for real", "", ""), ("G took", "", "ms"))

        @tab.on_change(drawn, photo, numbers, on=("detail",), extra=[given, kind])
        def take_lines(state: Sketch, path: Path | None, kind: str | None):
            if path is None:
                return gr.skip(), gr.skip(), gr.skip()
            from playground import imaging

            size = 128
            lines = imaging.sketch(path, size) if kind == "sketch" else imaging.lines(imaging.photo(path, size), state.detail)
            value = canvas_value(imaging.trace(lines))
            return gr.update(value=value), *_flower(state, value)

        @tab.on_change(photo, numbers, on=("sketch", "petals", "background", "patches", "model"))
        def draw(state: Sketch):
            return _flower(state, state.sketch)


def _flower(state: Sketch, sketch: str):
    from playground.errors import EmptyCanvas

    try:
        photo, said = api.sketch_photograph(sketch, state.model, *_chosen(state), state.patches)
    except EmptyCanvas:
        return gr.skip(), '<p class="empty">Draw a few lines: a ring, and petals around it.</p>'
    return shown(photo, "A photograph that the generator made of your lines."), _figures(said)


def _chosen(state: Sketch) -> list[str]:
    """The colours of petals and background; a link may say anything."""
    given = ((state.petals, api.FLOWER_PETALS), (state.background, api.FLOWER_BACKGROUND))
    return [colour if len(colour) == 7 and colour[0] == "#" and "#" not in colour[1:] else usual for colour, usual in given]


def _facades(tab: TabBuilder) -> None:
    with tab.view("facades", "Paint a house"):
        with tab.controls():
            tab.control("facade", canvas("labels", size=128, label="Paint a house", palette=FACADE_PALETTE, elem_id="sketch-painted"))
            tab.control("painter", gr.Dropdown(label="Model"))
        with tab.outputs():
            photo = tab.picture("generated", value=_opening("pix2pix-facades"), caption="G(x), a house that nobody built",
                                elem_id="sketch-house")  # fmt: skip
            numbers = tab.numbers(("D takes it for real", "", ""), ("G took", "", "ms"))

        @tab.on_change(photo, numbers, on=("facade", "patches", "painter"))
        def paint(state: Sketch):
            from playground.errors import EmptyCanvas

            try:
                photo, said = api.sketch_facade(state.facade, state.painter, state.patches)
            except EmptyCanvas:
                return gr.skip(), '<p class="empty">Paint a facade, then windows and a door upon it.</p>'
            return shown(photo, "A photograph of a house that the generator made of your labels."), _figures(said)


def _photos(tab: TabBuilder) -> None:
    with tab.view("photos", "Read a photo"):
        with tab.controls():
            given = picture_upload(label="A photo of a facade, or the camera's", elem_id="sketch-photo-upload")
            tab.control("fit", gr.Radio([("its middle square", "crop"), ("the whole of it", "pad")], label="Of your photo, take"))
            tab.control("house", gr.Radio(label="or a house drawn for this page", elem_id="sketch-houses"))
            tab.control("reader", gr.Dropdown(label="Model"))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", caption="x, as the generator sees it", elem_id="sketch-seen")
                labels = tab.picture(
                    "generated", value=_opening("pix2pix-facades-labels"), caption="G(x), its labels", elem_id="sketch-labels"
                )
            key = gr.HTML(_key({}), apply_default_css=False, elem_id="sketch-key")
            numbers = tab.numbers(("D takes it for real", "", ""), ("G took", "", "ms"))

        def reading(state: Sketch, photo: str):
            from playground import imaging

            labels, said = api.sketch_labels(photo, state.reader, state.fit, state.patches)
            x = imaging.to_image(api.facade_photo(photo, labels.width, state.fit))
            most = sorted(said.get("shares", {}).items(), key=lambda share: -share[1])[:3]
            alt = "What the generator makes of it" + (": mostly " + ", ".join(name for name, _ in most) if most else "") + "."
            return shown(x, "The photograph, as the generator sees it."), shown(labels, alt), _key(said.get("shares", {})), _figures(said)

        @tab.on_change(seen, labels, key, numbers, on=("fit", "patches", "reader"), extra=[given])
        def read(state: Sketch, path: Path | None):
            return reading(state, state.house if path is None else _data_url(path))

        @tab.on_change(seen, labels, key, numbers, given, on=("house",))
        def read_drawn(state: Sketch):
            return *reading(state, state.house), None  # and the upload gives way


def _terms(tab: TabBuilder) -> None:
    with tab.view("terms", "What each term does"):
        with tab.controls():
            drawn = canvas("sketch", size=256, label="Draw a flower for three generators", elem_id="sketch-compared")
            tab.control("compared", drawn)
            gr.HTML("<p>In the colours that you chose for your flower.</p>", elem_classes="hint", apply_default_css=False)
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                photos = [tab.picture("generated", caption=term, elem_id=f"sketch-{name}") for term, name in TERMS.items()]
            table = gr.HTML(apply_default_css=False, elem_id="sketch-terms")

        @tab.on_change(*photos, table, on=("compared", "petals", "background", "patches"))
        def compare(state: Sketch):
            from playground.errors import EmptyCanvas

            try:
                *made, l1, gan, both = api.sketch_terms(state.compared, *_chosen(state), state.patches)
            except EmptyCanvas:
                return *[gr.skip()] * len(TERMS), '<p class="empty">Draw a few lines: a ring, and petals around it.</p>'
            alts = [f"A photograph by the generator trained with {term}." for term in TERMS]
            return *map(shown, made, alts), _table((l1, gan, both))


def _table(said: tuple[dict, ...]) -> str:
    """What three generators made of this sketch, and of the test set's."""
    rows, real = {"fine detail here": [f"{one['high_frequency_energy']:.2g} %" for one in said]}, ""
    with contextlib.suppress(KeyError, UserError):  # where the test set was not measured yet
        metrics = [catalog.entry(name).metrics for name in api.TERMS.values()]
        rows["on test pictures"] = [f"{of['high_frequency_energy']['value']:.2g} %" for of in metrics]
        rows["error there, L1"] = [f"{of['l1']['value']:.3f}" for of in metrics]
        real = f", of photographs {metrics[0]['high_frequency_energy']['real']:.2g} %"
    note = f"Fine detail: the share of the energy above a quarter of a cycle a pixel{real}. L1: the distance from the true photograph."
    return side_by_side(list(TERMS), rows, note)


def _pairs(tab: TabBuilder) -> None:
    with tab.view("pairs", "D judges the pair"):
        with tab.controls():
            tab.control("judge", gr.Dropdown(label="Model", elem_id="sketch-judge"))
            own = tab.control("own", gr.Radio(list(FLOWERS), label="The picture is made of", elem_id="sketch-own"))
            other = tab.control("other", gr.Radio(list(FLOWERS), label="and laid beside that, or beside", elem_id="sketch-other"))
            numbers = tab.numbers(("the right pair", "", ""), ("the wrong pair", "", ""))
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                right = tab.picture("discriminator", caption="D's verdict beside its own source", elem_id="sketch-right")
                wrong = tab.picture("discriminator", caption="D's verdict beside another's", elem_id="sketch-wrong")
            with gr.Row(elem_classes="pair"):
                x = tab.picture("visitor", caption="its own source", elem_id="sketch-own-source")
                another = tab.picture("visitor", caption="the other source", elem_id="sketch-other-source")

        @tab.on_change(right, wrong, x, another, numbers, own, other, on=("judge", "own", "other", "petals", "background"))
        def judge(state: Sketch):
            names = _sources(state.judge)
            first = state.own if state.own in names else names[0]
            second = state.other if state.other in names else names[1]
            *sources, on_right, on_wrong, said = api.sketch_pair(first, second, state.judge, *_chosen(state))
            scores = [("the right pair", 100 * said["right"], "%"), ("the wrong pair", 100 * said["wrong"], "%")]
            with contextlib.suppress(UserError):
                scores.append(("the right one wins, on test pictures", measure(state.judge, "pair_preference"), ""))
            return (
                shown(on_right, f"What was made of {first}, under D's verdict beside its own source: {said['right']:.0%} real."),
                shown(on_wrong, f"The same picture, under D's verdict beside the source of {second}: {said['wrong']:.0%} real."),
                *(shown(source, f"The source of {name}.") for source, name in zip(sources, (first, second))),
                figures(*scores),
                gr.update(choices=names, value=first),
                gr.update(choices=names, value=second),
            )


def _sources(model: str) -> list[str]:
    """The drawn examples that this model takes."""
    return list(FLOWERS if catalog.entry(model).config.get("source", "labels") == "lines" else FACADES)


def _presets(tab: TabBuilder) -> None:
    tab.preset(
        "A sunflower",
        "Two rings and eighteen petals; the seeds between the rings are G's own idea.",
        sketch=canvas_value(FLOWERS["sunflower"]),
    )
    tab.preset(
        "A violet pansy",
        "The lines say where petals end; that they are violet, you say.",
        sketch=canvas_value(FLOWERS["pansy"]),
        petals=PETALS["violet"],
    )
    tab.preset(
        "Five petals with a mouse",
        "Nobody would call the lines tidy. G has seen lines of every detail, so it copes with few of them.",
        sketch=canvas_value(FLOWERS["a mouse's five petals"]),
        petals=PETALS["pink"],
    )
    tab.preset(
        "A cat, and why it fails",
        "G knows seventeen kinds of flowers and nothing else: whatever you draw is made of petals and leaves.",
        sketch=_cat(),
    )
    tab.preset(
        "Ten rectangles", "One for the wall, eight windows, one door.", view="facades", facade=canvas_value(FACADES["ten rectangles"])
    )
    tab.preset(
        "A wall of doors fails",
        "No house in the training set has twenty doors. D never judged one, so G never learnt to paint it.",
        view="facades",
        facade=_doors(),
    )
    tab.preset(
        "Read a house",
        "The other way round: windows, doors and balconies found in a photograph. This one was drawn for the page.",
        view="photos",
        house="a long facade",
    )
    tab.preset(
        "The wrong lines win",
        "D gives this picture more beside a crocus than beside its own sunflower. It met made pictures beside their own lines only, "
        "as fakes: so it has no reason to hold the wrong lines against this one.",
        view="pairs",
        own="sunflower",
        other="crocus",
    )


def _claims(tab: TabBuilder) -> None:
    question = (
        "Three generators see your lines: one is only held near the truth (L1), one only has to convince D, one both. Which one blurs?"
    )
    tab.claim("C13", question, _terms_measured, view="terms")
    question = "One picture, beside the lines it was made of, and beside another flower's lines. Does D notice? D looks at patches only."
    tab.claim("C14", question, _pairs_measured, view="pairs")


def _terms_measured() -> str:
    fine = {term: measure(name, "high_frequency_energy") for term, name in api.TERMS.items()}
    error = {term: measure(name, "l1") for term, name in api.TERMS.items()}
    return (
        f"The one with L1 alone: {fine['L1 only']} of its energy is fine detail, with both terms {fine['both']}. The GAN's loss alone has "
        f"detail, {fine['GAN only']}, and drifts: its L1 to the true photographs is {error['GAN only']}, with both terms {error['both']}."
    )


def _pairs_measured() -> str:
    won = {name: measure(name, "pair_preference") for name in (Sketch().model, Sketch().painter, Sketch().reader)}
    return (
        "For true pictures of the test set, D gives the right source the higher mean score in "
        + ", ".join(f"{value} of cases ({name})" for name, value in won.items())
        + "."
    )


def _cat() -> str:
    head = [(256 + 130 * x, 280 + 110 * y) for x, y in _ring(24)]
    ears = [[(150, 215), (140, 90), (225, 178)], [(290, 178), (372, 90), (362, 215)]]
    eyes = [[(205 + 16 * x, 255 + 22 * y) for x, y in _ring(10)], [(307 + 16 * x, 255 + 22 * y) for x, y in _ring(10)]]
    mouth = [[(240, 305), (272, 305), (256, 322), (240, 305)], [(256, 322), (236, 345), (215, 340)], [(256, 322), (276, 345), (297, 340)]]
    whiskers = [[(200, 310), (90, 290)], [(200, 322), (90, 335)], [(312, 310), (422, 290)], [(312, 322), (422, 335)]]
    lines = [head, *ears, *eyes, *mouth, *whiskers]
    return canvas_value([Stroke(tuple((round(x), round(y)) for x, y in line), width=5) for line in lines])


def _ring(count: int) -> list[tuple[float, float]]:
    from math import cos, pi, sin

    return [(cos(2 * pi * k / count), sin(2 * pi * k / count)) for k in range(count + 1)]


def _doors() -> str:
    names = list(FACADE_COLOURS)
    boxes = [("facade", 0, 0, 512, 512)]
    boxes += [("door", 20 + 100 * column, 16 + 126 * row, 82 + 100 * column, 110 + 126 * row) for row in range(4) for column in range(5)]
    return canvas_value(
        [Stroke(((left, top), (right, bottom)), names.index(name), rectangle=True) for name, left, top, right, bottom in boxes]
    )


def _figures(said: dict) -> str:
    return figures(("D takes a patch for real with", 100 * said["real"], "%"), ("G took", said["milliseconds"], "ms"))


def _key(shares: dict[str, float]) -> str:
    """The labels' colours and names, and how much of the picture each has."""
    items = []
    for name, colour in FACADE_COLOURS.items():
        share = f" {100 * shares[name]:.0f}&nbsp;%" if shares.get(name, 0) >= 0.005 else ""
        items.append(f'<li><i style="background:rgb{colour}"></i>{html.escape(name)}{share}</li>')
    return f'<ul class="key">{"".join(items)}</ul>'


def _colour(label: str, swatches: dict[str, str], **kwargs) -> gr.HTML:
    """A colour, "#rrggbb": one of a few with a name, or any other."""
    buttons = "".join(
        f'<button type="button" title="{name}" aria-label="{name}" data-colour="{colour}"></button>' for name, colour in swatches.items()
    )
    return gr.HTML(
        html_template=f"""<div class="colour" role="group" aria-label="{label}"><span>{label}</span>{buttons}
            <input type="color" title="any other colour" aria-label="{label}, any colour"></div>""",
        css_template="""
            .colour { display: flex; flex-wrap: wrap; align-items: center; gap: 5px; }
            span { min-width: 82px; }
            button { width: 26px; height: 26px; border: 1px solid var(--hair, #ddd); border-radius: 50%; cursor: pointer; }
            button[aria-pressed="true"] { box-shadow: 0 0 0 2px var(--card, #fff), 0 0 0 4px var(--visitor, #cc79a7); }
            input { width: 34px; height: 28px; padding: 0; border: 1px solid var(--hair, #ddd); background: none; cursor: pointer; }
        """,
        js_on_load="""
            const input = element.querySelector("input"), buttons = [...element.querySelectorAll("button")];
            const show = () => {
              if (/^#[0-9a-f]{6}$/i.test(props.value)) input.value = props.value;
              for (const b of buttons) {
                b.style.background = b.dataset.colour;
                b.setAttribute("aria-pressed", String(b.dataset.colour === input.value));
              }
            };
            const choose = (value) => { props.value = value; show(); trigger("input"); };
            buttons.forEach((b) => b.addEventListener("click", () => choose(b.dataset.colour)));
            input.addEventListener("input", () => choose(input.value));
            watch("value", show);
            show();
        """,
        apply_default_css=False,
        **kwargs,
    )  # fmt: skip


def _data_url(path: Path) -> str:
    import base64

    from playground.imaging import MAX_BYTES

    if path.stat().st_size > MAX_BYTES:
        raise UserError(f"Pictures of at most {MAX_BYTES // 2**20} MB are taken.")
    return "data:;base64," + base64.b64encode(path.read_bytes()).decode()


def _opening(model: str) -> dict | None:
    """What the weights made of this view's first drawing, as the export wrote it beside them; None where there is none yet."""
    image = opening_picture(model)
    return image and shown(image, "What the model makes of the first drawing.")
