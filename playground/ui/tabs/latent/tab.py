"""The latent space of variational autoencoders: a map to walk on, digits encoded and rebuilt, ways between them, dials, and fashion."""

import html
import json
import math
from dataclasses import dataclass, replace

import gradio as gr
from PIL import Image

from playground import api, catalog, graphs
from playground.drawing.digit_strokes import DIGITS, WIDTH
from playground.drawing.palettes import CLASSES
from playground.drawing.strokes import Stroke, canvas_value
from playground.errors import UserError
from playground.graphs.recording import choose
from playground.ui import nearest_neighbours, training_snapshots
from playground.ui.builder import Frame
from playground.ui.components.controls import dials, plane_map, strip
from playground.ui.digit_picker import digit_canvas, shows_digit
from playground.ui.state import choice, number, strokes, vector, whole
from playground.ui.tabs.latent import claims
from playground.ui.tabs.latent.codes import codes_of
from playground.ui.values import figures, opening_picture, shown, signed

DIALS, DIAL_REACH = 12, 4.0
NAMES = {
    "mnist": [str(digit) for digit in range(10)],
    "fashion": ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"],
}
HANDS = list(DIGITS)
STAR = canvas_value([Stroke(line, width=WIDTH) for line in (((256, 96), (256, 416)), ((110, 176), (402, 336)), ((110, 336), (402, 176)))])
VIEWS = ("map", "rebuild", "between", "dials", "fashion", "squeeze", "axes", "line", "random", "beta", "bounds", "noise", "film")
SIZES = [str(size) for size in api.SIZES]


def _models(flat: bool) -> list[str]:
    """VAEs with two latent dimensions; or with more, but for those that are there to be compared with autoencoders."""
    kinds = {name: catalog.entry(name).config for name in catalog.names("vae")}
    if flat:
        return [name for name, config in kinds.items() if config.get("latent") == 2]
    return [name for name, config in kinds.items() if config.get("latent") != 2 and config.get("network") != "deep"]


@dataclass(frozen=True)
class Latent:
    view: str = choice("map", VIEWS)
    plane: str = choice("vae-mnist-2d", lambda: _models(flat=True))
    z: tuple[float, ...] = vector((0.6, -0.6), -api.MAP_REACH, api.MAP_REACH)
    model: str = choice("vae-mnist", lambda: _models(flat=False))
    digit: str = strokes(json.loads(DIGITS["3"])["strokes"])
    a: str = choice("4", HANDS)
    b: str = choice("9", HANDS)
    path: str = choice("linear", ("linear", "spherical"))
    t: float = number(0.5, 0, 1)
    hand: str = choice("7", HANDS)
    dials: tuple[float, ...] = vector((0.0,) * DIALS, -DIAL_REACH, DIAL_REACH)
    beside: str = choice("vae-fashion", lambda: _models(flat=False))
    show: str = choice("mean", ("mean", "sample", "sigma"))
    spread: float = number(1.0, 0, 2)
    mine: str = strokes(json.loads(DIGITS["3"])["strokes"])
    size: str = choice("8", SIZES)
    axes: str = choice("8", [str(size) for size in api.LINEAR])
    line: float = number(0.0, 0, 1)
    codes: str = choice("32", SIZES)
    beta: str = choice("1", api.BETAS)
    pulled: str = strokes(json.loads(DIGITS["3"])["strokes"])
    weighed: str = strokes(json.loads(DIGITS["3"])["strokes"])
    within: str = choice(claims.WITHIN, lambda: _models(flat=True))
    mu: float = number(1.0, -2, 2)
    sigma: float = number(1.0, 0.1, 2)
    frame: int = training_snapshots.frame()
    seed: int = whole(1, 0, api.SEEDS)


PRESETS = (  # label, what to look at, the fields that it sets
    (
        "Where 4 turns into 9",
        "One stroke closes at the top, and on the way the decoder draws digits that are both.",
        {"view": "between", "a": "4", "b": "9", "t": 0.55},
    ),
    (
        "From 0 to 1, straight",
        "The straight line passes near the middle of the prior; the great circle keeps to the shell where the prior has its mass.",
        {"view": "between", "a": "0", "b": "1"},
    ),
    (
        "Pull one dial",
        "The first dial is the dimension that carries most: one number changes slant, width or even the digit.",
        {"view": "dials", "hand": "7", "dials": (3.0,) + (0.0,) * (DIALS - 1)},
    ),
    (
        "What is no digit",
        "This fails: the model has seen digits only, so it answers with one, and the reconstruction term falls by many nats.",
        {"view": "rebuild", "digit": STAR},
    ),
    (
        "One number for all digits",
        "This fails: squeezed into one number, most digits come back as a blur, or as another digit.",
        {"view": "squeeze", "size": "1", "mine": DIGITS["5"]},
    ),
    (
        "An autoencoder has no prior",
        "This fails: between the codes that it was trained on, an autoencoder's decoder makes strokes that are no digit.",
        {"view": "random", "codes": "32", "seed": 4},
    ),
    (
        "A sample is noisy",
        "Each pixel is drawn from p(x|z) on its own, with the decoder's own sigma: the mean is smooth, the sample is what the model says.",
        {"view": "fashion", "show": "sample"},
    ),
)


def build() -> Frame:
    sentence = "Every point of this map is a digit that nobody wrote. Move over it, and watch one digit become another."
    with Frame("latent", "Latent space", sentence, Latent) as tab:
        tab.seed()
        _map(tab)
        _rebuild(tab)
        _between(tab)
        _dials(tab)
        _fashion(tab)
        claims.squeeze(tab)
        claims.axes(tab)
        claims.line(tab)
        claims.random_codes(tab)
        claims.beta(tab)
        claims.bounds(tab)
        claims.noise(tab)
        training_snapshots.view(tab, "model")
        tab.models("plane", "model", "beside")

        @tab.rolls
        def roll(state: Latent, chance) -> Latent:
            z = tuple(round(min(max(chance.gauss(0, 1), -api.MAP_REACH), api.MAP_REACH), 3) for _ in range(2))
            a, b, hand = (*chance.sample(HANDS, 2), chance.choice(HANDS))
            turned = tuple(round(chance.gauss(0, 1), 2) for _ in range(DIALS))
            match state.view:  # only what this view shows
                case "map":
                    return replace(state, z=z)
                case "between":
                    return replace(state, a=a, b=b)
                case "dials":
                    return replace(state, hand=hand, dials=turned)
                case "squeeze":
                    return replace(state, mine=DIGITS[hand])
                case "beta":
                    return replace(state, pulled=DIGITS[hand])
                case "bounds":
                    return replace(state, weighed=DIGITS[hand])
            return state

        for label, why, values in PRESETS:
            tab.preset(label, why, **values)
        claims.claims(tab)
    return tab


def _map(tab: Frame) -> None:
    with tab.view("map", "Walk the map"):
        plane = Latent().plane
        opening = opening_picture(plane)
        with tab.do():
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
            tab.control("plane", gr.Dropdown(label="Model"))
            near = nearest_neighbours.panel("the digit of this place", elem_id="latent-memory")
        with tab.see():
            digit = tab.picture(
                "generated",
                value=_tile(opening, Latent().z),
                pixelated=True,
                caption="E[x|z], what the decoder makes of this place",
                elem_id="latent-digit",
            )
            numbers = tab.numbers(*_place(Latent(), "\u2026"))

    @tab.shows(digit, numbers, on=("z", "plane"), in_browser=True)
    def walk(state: Latent):
        image = graphs.run("decode", state.plane, z=state.z).digit
        kinds = _near(state.plane, state.z)
        return shown(image, f"What the decoder makes of this place; the training images nearest to it: {kinds}."), figures(
            *_place(state, kinds)
        )

    @tab.shows(near, on=("z", "plane"), rest=True, in_browser=True)
    def remember(state: Latent):
        return nearest_neighbours.of(graphs.run("decode", state.plane, z=state.z).digit, state.plane)

    @tab.shows(place, on=("plane",))
    def survey(state: Latent):
        picture = shown(api.latent_map(state.plane), "")["src"]
        return gr.update(picture=picture, dots=_dots(state.plane))


def _rebuild(tab: Frame) -> None:
    with tab.view("rebuild", "Encode and rebuild"):
        with tab.do():
            drawn, hands = digit_canvas(tab, "digit", elem_id="latent-canvas", hands_id="latent-hands")
            tab.control("model", gr.Dropdown(label="Model"))
        with tab.see():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="x, as the encoder sees it", elem_id="latent-seen")
                rebuilt = tab.picture("generated", pixelated=True, caption="x rebuilt from z", elem_id="latent-rebuilt")
            numbers = tab.numbers(("reconstruction", "", "nats"), ("KL", "", "nats"), ("ELBO", "", "nats"))
            code = gr.HTML(elem_id="latent-code", apply_default_css=False)

    @shows_digit(tab, "digit", drawn, hands, seen, rebuilt, numbers, code, on=("model", "seed"))
    def rebuild(state: Latent):
        try:
            x, again, said = api.latent_rebuild(state.digit, state.model, state.seed)
        except UserError as error:  # an empty canvas, while one draws, is no error
            return gr.skip(), gr.skip(), f'<p class="empty">{html.escape(str(error))}</p>', gr.skip()
        return (
            shown(x, "The digit as the encoder sees it: 28 by 28 pixels, black or white."),
            shown(again, "The digit rebuilt by the decoder."),
            figures(
                ("reconstruction, log p(x|z)", said["reconstruction"], "nats"),
                ("KL(q(z|x) || p(z))", said["kl"], "nats"),
                ("ELBO, their difference", said["elbo"], "nats"),
            ),
            _code(said["mu"], said["sigma"]),
        )


def _between(tab: Frame) -> None:
    with tab.view("between", "From A to B"):
        with tab.do():
            tab.control("a", gr.Radio(label="A", elem_classes="digits"))
            tab.control("b", gr.Radio(label="B", elem_classes="digits"))
            tab.control(
                "path", gr.Radio(label="Way", info="Straight through the middle, or along the great circle, where the prior has its mass.")
            )
        with tab.see():
            picture = tab.picture("generated", pixelated=True, caption="decoded on the way", elem_id="latent-way")
            whole_way = tab.control("t", strip(label="Place between A and B", tiles=api.STRIP, elem_id="latent-strip"))

    @tab.shows(picture, whole_way, on=("a", "b", "path", "t", "model"))
    def way(state: Latent):
        at, all_of_it = api.latent_between(state.a, state.b, state.t, state.path, state.model)
        alt = f"A picture {state.t:.0%} of the way from {state.a} to {state.b}."
        return shown(at, alt), gr.update(picture=shown(all_of_it, "")["src"])


def _dials(tab: Frame) -> None:
    with tab.view("dials", "Turn the dials"):
        with tab.do():
            tab.control("hand", gr.Radio(label="Start from the code of", elem_classes="digits"))
            board = tab.control("dials", dials(label="Dimension", count=DIALS, reach=DIAL_REACH, elem_id="latent-dials"))
            gr.HTML(
                f"<p>Up to {DIALS} dimensions, the one that carries most on the left. A double click puts a dial back.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )
        with tab.see():
            picture = tab.picture("generated", pixelated=True, caption="decoded from the changed code", elem_id="latent-varied")
            numbers = tab.numbers(("moved by", 0.0, "standard deviations of the prior"))

    @tab.shows(picture, numbers, board, on=("hand", "dials", "model"))
    def vary(state: Latent):
        turned = list(state.dials)[: catalog.entry(state.model).config.get("latent", DIALS)]  # a model may have fewer dimensions than dials
        image, z = api.latent_vary(state.hand, turned, state.model)
        moved = sum(value * value for value in turned) ** 0.5
        length = sum(value * value for value in z) ** 0.5
        return (
            shown(image, f"A {state.hand} with its code moved by {moved:.1f}."),
            figures(
                ("moved by", moved, "standard deviations of the prior"), ("length of z", length, f"(a typical one: {len(z) ** 0.5:.1f})")
            ),
            gr.update(active=len(turned)),
        )


def _fashion(tab: Frame) -> None:
    with tab.view("fashion", "Digits and fashion"):
        with tab.do():
            tab.control("beside", gr.Dropdown(label="Model beside the digits'"))
            tab.control("show", gr.Radio(label="Show of p(x|z)", info="Its mean, a sample of it, or each pixel's sigma."))
            tab.control("spread", gr.Slider(0, 2, step=0.05, label="Spread of z", info="1 is the prior N(0, I) itself."))
        with tab.see():
            with gr.Row(elem_classes="pair"):
                digits = tab.picture("generated", pixelated=True, caption="digits", elem_id="latent-digits")
                clothes = tab.picture("generated", pixelated=True, caption="fashion", elem_id="latent-clothes")

    @tab.shows(digits, clothes, on=("model", "beside", "show", "spread", "seed"))
    def sample(state: Latent):
        return tuple(
            shown(
                api.latent_samples(name, state.show, state.spread, state.seed),
                f"Sixteen new pictures by {name}, the {state.show} of p(x|z).",
            )
            for name in (state.model, state.beside)
        )


# --- what stands beside a map ---


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


def _place(state: Latent, kinds: str) -> list[tuple]:
    """The figures under the map's digit; kinds: what `_near` says."""
    log_prior = -math.log(2 * math.pi) - sum(value * value for value in state.z) / 2
    return [
        ("z", ", ".join(signed(value, ".2f") for value in state.z), ""),
        ("log p(z)", log_prior, "nats"),
        ("the ten nearest training images", kinds, ""),
    ]


def _near(model: str, z: tuple[float, ...]) -> str:
    """The classes of the ten training images nearest to z, most frequent first: "4 (7), 9 (3)"; nothing where the model has no codes."""
    if not len(codes_of(model)[1]):
        return ""
    found, names = graphs.run("near", model, z=z), _classes(model)
    said = [f"{choose(label, names)} ({count})" for label, count in zip(found.classes, found.counts)]
    return said[0] + "".join(choose(count > 0, ("", f", {kind}")) for kind, count in zip(said[1:], found.counts[1:]))


def _tile(map_picture: Image.Image | None, z: tuple[float, float]) -> dict | None:
    """The map's digit at `z`, which is one of its places, as a picture's value."""
    if map_picture is None:
        return None
    column, row = (round((1 + sign * value / api.MAP_REACH) / 2 * (api.MAP_TILES - 1)) for sign, value in zip((1, -1), z))
    return shown(map_picture.crop((28 * column, 28 * row, 28 * column + 28, 28 * row + 28)), "The decoder's digit at the marked place.")


def _code(mu: list[float], sigma: list[float]) -> str:
    """q(z|x) of each dimension as a bar from mu - sigma to mu + sigma, on the prior's scale from -4 to 4, as SVG."""
    width = 100 / len(mu)
    bars = "".join(
        f'<rect x="{i * width + width * 0.2:.2f}" width="{width * 0.6:.2f}" y="{20 - 5 * (m + s):.2f}" height="{10 * s:.2f}" rx="0.4"/>'
        for i, (m, s) in enumerate(zip(mu, sigma))
    )
    return f"""<figure class="code"><svg viewBox="0 0 100 40" preserveAspectRatio="none" role="img"
        aria-label="The code: mu plus and minus sigma of {len(mu)} dimensions">
        <rect class="prior" x="0" y="15" width="100" height="10"/><line x1="0" x2="100" y1="20" y2="20"/>{bars}</svg>
        <figcaption>q(z|x): \u03bc \u00b1 \u03c3 in {len(mu)} dimensions; the band is the prior's \u00b1 1</figcaption></figure>"""
