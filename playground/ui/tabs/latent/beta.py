"""View: VAEs trained with different weights of the KL term."""

import json
from dataclasses import dataclass, replace

import gradio as gr
from PIL import Image, ImageDraw

from playground import api, catalog, graphs
from playground.drawing.digit_strokes import DIGITS
from playground.drawing.palettes import CLASSES
from playground.errors import UserError
from playground.ui.builder import TabBuilder
from playground.ui.charts import curves, in_a_row
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import choice, strokes
from playground.ui.tabs.latent.codes import codes_of
from playground.ui.tabs.latent.state import DIGIT_NAMES, WithSeed
from playground.ui.values import figures, measure, shown, side_by_side, signed

PULLED = "9"  # the digit with which the view opens, also that of claim C7,
SHARP, BLURRED = "1", "16"  # and the weights of the KL term that it compares


@dataclass(frozen=True)
class Beta(WithSeed):
    beta: str = choice("1", api.BETAS)
    pulled: str = strokes(json.loads(DIGITS[PULLED])["strokes"])


def build(tab: TabBuilder) -> None:
    with tab.view("beta", "Weigh the KL", Beta):
        with tab.controls():
            pulled, picker = digit_canvas(tab, "pulled", elem_id="latent-beta-canvas", picker_id="latent-beta-hands")
            chart = gr.HTML(elem_id="latent-beta-curves", apply_default_css=False)
        with tab.outputs():
            with gr.Row(elem_classes="pair"):
                seen = tab.picture("visitor", pixelated=True, caption="your digit", elem_id="latent-beta-x")
                rebuilt = [
                    tab.picture("generated", pixelated=True, caption=f"beta {beta}", elem_id=f"latent-beta-rebuilt-{i}")
                    for i, beta in enumerate(api.BETAS)
                ]
            with gr.Row(elem_classes="beside"):
                with gr.Column():
                    terms = gr.HTML(elem_id="latent-beta-terms", apply_default_css=False)
                    tab.control("beta", gr.Radio(label="Map of the VAE whose KL term weighed, in training", elem_id="latent-beta"))
                    numbers = tab.numbers(("KL", "", "nats"))
                caption = "2,000 training digits over the map, in class colours"
                picture = tab.picture("generated", caption=caption, elem_id="latent-beta-map")

        @tab.randomize
        def roll(state: Beta, chance) -> Beta:
            return replace(state, pulled=DIGITS[chance.choice(DIGIT_NAMES)])

    @on_digit_change(tab, "pulled", pulled, picker, seen, *rebuilt, terms, on=("seed",), hint=terms, in_browser=True)
    def rebuild_by_all(state: Beta):
        digit = graphs.drawn_digit(state.pulled).digit
        results = [api.rebuilt(digit, api.beta_model(beta), state.seed) for beta in api.BETAS]
        images = (results[0].seen, *(one.rebuilt for one in results))
        names = ("Your digit as the encoders see it.", *(f"The digit rebuilt by the VAE trained with beta {beta}." for beta in api.BETAS))
        rows = {"log p(x|z)": [one.reconstruction for one in results], "KL": [one.kl for one in results]}
        cells = {what: [signed(value, ".1f") for value in values] for what, values in rows.items()}  # more doesn't fit on a phone
        note = (
            "Reconstruction and KL(q(z|x) || p(z)) of your digit, in nats. The four VAEs were trained alike but for beta, and get the same "
            "digit and the same noise."
        )
        return *map(shown, images, names), side_by_side([f"beta {beta}" for beta in api.BETAS], cells, note)

    @tab.on_change(picture, numbers, chart, on=("beta",))
    def weigh(state: Beta):
        model = api.beta_model(state.beta)
        kls, errors = ([_figure(api.beta_model(beta), metric) for beta in api.BETAS] for metric in ("kl", "mse"))
        place = api.BETAS.index(state.beta)
        rows = [("KL(q(z|x) || p(z)), test digits", kls[place], "nats"), ("squared error", errors[place], "")]
        return (
            shown(dotted_map(model), f"The latent map of {model} with the codes of training digits on it."),
            figures(*((what, "not measured" if value is None else value, unit) for what, value, unit in rows)),
            in_a_row(
                curves("KL in nats", "beta", api.BETAS, place, {"KL": kls}, {"KL": "visitor"}),
                curves("squared error on test digits", "beta", api.BETAS, place, {"error": errors}, {"error": "generated"}),
            ),
        )


def _figure(model: str, metric: str) -> float | None:
    try:
        return catalog.entry(model).metrics[metric]["value"]
    except (UserError, KeyError):
        return None


def dotted_map(model: str) -> Image.Image:
    """The map of a VAE with two dimensions, darkened, with the codes of training digits as dots in class colours: 588 x 588, RGB."""
    image = api.latent_map(model).convert("L").point(lambda level: level * 0.45).convert("RGB")
    draw = ImageDraw.Draw(image)
    half = image.width / 2
    for (x, y), label in zip(*codes_of(model)):
        left, top = half * (1 + x / api.MAP_REACH), half * (1 - y / api.MAP_REACH)
        draw.ellipse([left - 2.5, top - 2.5, left + 2.5, top + 2.5], fill=CLASSES[label])
    return image


def c7() -> str:
    low, high = (api.beta_model(beta) for beta in (SHARP, BLURRED))
    return (
        f"From beta {SHARP} to {BLURRED} the KL on test digits falls from {measure(low, 'kl')} to {measure(high, 'kl')}, and the squared "
        f"error rises from {measure(low, 'mse')} to {measure(high, 'mse')}: every q(z|x) is pulled to the prior, and says less of x. The "
        f"classes run into one another on the map, and the {PULLED} becomes a blur."
    )
