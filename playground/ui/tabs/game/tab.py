"""The game of generator and discriminator: live in the plane, GAN and DCGAN side by side, the search for a digit's z, and films."""

import functools
import html
import time
from collections.abc import Iterator

import gradio as gr
from PIL import Image

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS, SPIRAL
from playground.errors import UserError
from playground.ui import nearest_neighbours, training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.digit_picker import digit_canvas
from playground.ui.tabs.game import live_game
from playground.ui.tabs.game.state import Game
from playground.ui.values import figures, measure, opening_picture, shown

ENCODER = "vae-mnist"
PAUSE = 0.05  # seconds at least from one picture of the search to the next
SCORES = {  # metric -> what the page calls it, and the unit
    "feature_distance": ("feature distance to real digits", "(0 is ideal)"),
    "two_sample_nn": ("told from real digits", "% (50 is ideal)"),
    "class_share_gap": ("a class too many or too few by", "points at most"),
    "milliseconds_per_image": ("time", "ms an image"),
}


SOUGHT = DIGITS["2"]  # by claim C21
NEAREST = "The nearest image that the search found."


def build() -> TabBuilder:
    sentence = "Two networks play: G makes points from noise, D tells them from real ones. Press Play and watch G learn from D alone."
    with TabBuilder("game", "The game", sentence, Game) as tab:
        live_game.view(tab)
        _pair(tab)
        _search(tab)
        training_snapshots.view(tab, "model", own_control=True)
        tab.seed()
        tab.models("left", "right", "within", "model")
        live_game.exhibits(tab)
        why = (
            "Half way between two noises the samples are digits about as often as at the ends. Nobody asked for that, and it says that the "
            "generator learnt more than a list."
        )
        tab.preset("Half way", why, view="pair", t=0.5)
        why = "This fails: the search ends at the nearest thing that G can make, and a spiral is none. The VAE fails, too, but at once."
        tab.preset("What is no digit", why, view="search", sought=SPIRAL)
        question = "The same game, for as many epochs: are fully connected or convolutional networks better at images, and by how much?"
        tab.claim("C11", question, _c11, view="pair", seed=38)
        question = "Which z makes this digit? A VAE has an encoder, a GAN has none. How long does each take, and whose image is sharper?"
        tab.claim("C21", question, _c21, view="search", sought=SOUGHT)
    return tab


def _pair(tab: TabBuilder) -> None:
    with tab.view("pair", "GAN and DCGAN"):
        with tab.controls():
            tab.control("t", gr.Slider(0, 1, step=0.01, label="z: from this seed's noise to the other one's", elem_id="game-t"))
            tab.control("other", gr.Number(label="The other seed", precision=0, minimum=0, maximum=api.SEEDS, elem_id="game-other"))
            tab.control("left", gr.Dropdown(label="Left"))
            tab.control("right", gr.Dropdown(label="Right"))
            near = [nearest_neighbours.panel(f"the first one on the {side}", elem_id=f"game-{side}-memory") for side in ("left", "right")]
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                sides = [_side(tab, "left", "G(z), fully connected"), _side(tab, "right", "G(z), convolutional")]

    for field, side, neighbours in zip(("left", "right"), sides, near):
        _shows_side(tab, field, *side, neighbours)


def _side(tab: TabBuilder, field: str, caption: str) -> tuple[gr.HTML, gr.HTML]:
    model = getattr(Game(), field)
    with gr.Column():
        value = _opening(model)
        picture = tab.picture("generated", pixelated=True, value=value, caption=caption, elem_id=f"game-{field}")
        return picture, tab.numbers(*_scores(model))


def _shows_side(tab: TabBuilder, field: str, picture: gr.HTML, scores: gr.HTML, near: gr.HTML) -> None:
    @tab.on_change(picture, scores, near, on=("t", "seed", "other", field))
    def side(state: Game):
        model = getattr(state, field)
        image = api.game_samples(state.seed, state.other, state.t, model)
        return shown(image, _alt(model)), figures(*_scores(model)), nearest_neighbours.of(api.digit_of(image, 0), model)


def _search(tab: TabBuilder) -> None:
    with tab.view("search", "Find this digit"):
        with tab.controls():
            sought, hands = digit_canvas(tab, "sought", elem_id="game-canvas", hands_id="game-hands")
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

    @tab.on_change(seen, rebuilt, at_once, on=("sought",))
    def encode(state: Game):
        """While one draws: the VAE keeps up with the pen."""
        try:
            seen, rebuilt, said = _encoded(state.sought, catalog.entry(ENCODER).revision)
        except UserError as error:  # an empty canvas, while one draws, is no error
            return gr.skip(), gr.skip(), f'<p class="empty">{html.escape(str(error))}</p>'
        return shown(seen, "The digit, 28 by 28 pixels."), shown(rebuilt, "What the VAE makes of its code."), figures(*_error("VAE", said))

    @tab.on_change(found, numbers, on=())
    def finished(state: Game):
        """For links, presets and the dice: searched to the end."""
        try:
            image, said = _end_of_search(state.sought, state.within, catalog.entry(state.within).revision, state.seed)
        except UserError:  # an empty canvas; `encode` says so
            return gr.skip(), gr.skip()
        return shown(image, NEAREST), figures(*_error("GAN", said))

    @tab.stream(start, stop, seen, rebuilt, at_once, found, numbers, on=("within", "seed"))
    def search(state: Game) -> Iterator[tuple]:
        if state.view != "search":
            return
        answer, drawn = encode(state), 0.0
        for image, said in api.searched(state.sought, state.within, api.STEPS, state.seed):
            if time.monotonic() - drawn > PAUSE or said["steps"] == api.STEPS:
                drawn = time.monotonic()
                yield *answer, shown(image, NEAREST), figures(*_error("GAN", said))

    hands.input(lambda digit: DIGITS[digit], hands, sought, queue=False, show_progress="hidden", api_visibility="private").then(
        None, js="() => document.querySelector('#game-search').click()", api_visibility="private"
    )


@functools.lru_cache(maxsize=64)
def _encoded(sought: str, revision: str) -> tuple[Image.Image, Image.Image, dict]:
    """What `api.encoded` says; kept, so that the panel and the claim tell the same time."""
    return api.encoded(sought, ENCODER)


@functools.lru_cache(maxsize=64)
def _end_of_search(sought: str, model: str, revision: str, seed: int) -> tuple[Image.Image, dict]:
    """The last that `api.searched` says; `revision` tells new weights from old ones."""
    *_, end = api.searched(sought, model, api.STEPS, seed)
    return end


def _error(who: str, said: dict) -> list[tuple[str, float | str, str]]:
    """The figures of one side of the search, blank where nothing is said yet."""
    side = who.lower()
    seconds = said.get(f"{side}_seconds")
    rows = [
        (f"{who}: squared error", said.get(f"{side}_error", ""), "a pixel"),
        (f"{who}: time", "" if seconds is None else f"{1000 * seconds:,.0f}", "ms"),
    ]
    return rows + [("steps", str(said["steps"]), f"of {api.STEPS}")] if "steps" in said else rows


def _scores(model: str) -> list[tuple[str, float | str, str]]:
    """The figures of `SCORES` that were measured of a model."""
    try:
        found = catalog.entry(model).metrics
    except UserError:
        return []
    return [(what, float(found[name]["value"]), unit) for name, (what, unit) in SCORES.items() if name in found]


def _opening(model: str) -> dict | None:
    """The samples that the export drew for the default state; None where the model is not there."""
    samples = opening_picture(model, "L")
    return samples and shown(samples, _alt(model))


def _alt(model: str) -> str:
    return f"Sixteen samples of {model}."


def _c11() -> str:
    left, right = Game().left, Game().right
    gan, dcgan = (measure(name, "feature_distance") for name in (left, right))
    told = [measure(name, "two_sample_nn") for name in (left, right)]
    verdict = "It holds here" if _rises((right, left), "feature_distance") else "It fails here, on our small networks"
    return (
        f"{verdict}: the feature distance to real digits is {gan} for the fully connected pair and {dcgan} for the convolutional one; by "
        f"its nearest neighbour, a sample is told from a real digit {told[0]} and {told[1]} of the time. Look at the black ground: the "
        "fully connected G leaves grey specks and clouds on it, the convolutional one hardly any."
    )


def _c21() -> str:
    names, opened = (ENCODER, Game().within), Game(sought=SOUGHT)
    said = _encoded(opened.sought, catalog.entry(ENCODER).revision)[2]
    said = said | _end_of_search(opened.sought, names[1], catalog.entry(names[1]).revision, opened.seed)[1]
    fine, far = ([measure(name, metric) for name in names] for metric in ("high_frequency_energy", "feature_distance"))
    finer, farther = (_rises(names, metric) for metric in ("high_frequency_energy", "feature_distance"))
    return (
        f"The VAE answered in {1000 * said['vae_seconds']:.0f} ms with a squared error of {said['vae_error']:.3g}; the search took "
        f"{1000 * said['gan_seconds']:.0f} ms and ended at {said['gan_error']:.3g}. That the GAN's images are sharper "
        f"{'holds' if finer else 'fails'} by their fine detail, {fine[0]} of the energy of the VAE's images and {fine[1]} of the GAN's. "
        f"That they are better {'fails' if farther else 'holds'} by their feature distance to real digits, {far[0]} for the VAE and "
        f"{far[1]} for the GAN. And only the VAE can bound the probability of an image: a GAN has no density to ask for."
    )


def _rises(names: tuple[str, str], metric: str) -> bool:
    """Whether a figure is higher for the second of two models."""
    first, second = (catalog.entry(name).metrics[metric]["value"] for name in names)
    return second > first
