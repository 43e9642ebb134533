"""The latent space of variational autoencoders: a map to walk on, digits encoded and rebuilt, ways between them, dials, and fashion."""

from dataclasses import dataclass

from playground.drawing.digit_strokes import DIGITS
from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.latent import (
    axes,
    beta,
    between,
    bounds,
    claims,
    dials,
    fashion,
    line,
    map_view,
    noise,
    random_codes,
    rebuild,
    squeeze,
)  # fmt: skip

VIEWS = ("map", "rebuild", "between", "dials", "fashion", "squeeze", "axes", "line", "random", "beta", "bounds", "noise", "film")


@dataclass(frozen=True)
class Latent(
    map_view.Map,
    rebuild.Rebuild,
    between.Between,
    dials.Dials,
    fashion.Fashion,
    squeeze.Squeeze,
    axes.Axes,
    line.Line,
    random_codes.RandomCodes,
    beta.Beta,
    bounds.Bounds,
    noise.Noise,
):
    view: str = choice("map", VIEWS)
    frame: int = training_snapshots.frame()


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
        {"view": "dials", "hand": "7", "dials": (3.0,) + (0.0,) * (dials.DIALS - 1)},
    ),
    (
        "What is no digit",
        "This fails: the model has seen digits only, so it answers with one, and the reconstruction term falls by many nats.",
        {"view": "rebuild", "digit": rebuild.STAR},
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


def build() -> TabBuilder:
    sentence = "Every point of this map is a digit that nobody wrote. Move over it, and watch one digit become another."
    with TabBuilder("latent", "Latent space", sentence, Latent) as tab:
        tab.seed()
        for view in (map_view, rebuild, between, dials, fashion, squeeze, axes, line, random_codes, beta, bounds, noise):
            view.build(tab)
        training_snapshots.view(tab, "model")
        tab.models("plane", "model", "beside")
        for label, why, values in PRESETS:
            tab.preset(label, why, **values)
        claims.claims(tab)
    return tab
