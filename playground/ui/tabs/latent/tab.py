"""The latent space of variational autoencoders: a map to walk on, digits encoded and rebuilt, ways between them, dials, and fashion."""

from dataclasses import dataclass

from playground.drawing.digit_strokes import DIGITS, SPIRAL
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
    own,
    random_codes,
    rebuild,
    squeeze,
)  # fmt: skip

VIEWS = ("map", "rebuild", "between", "dials", "fashion", "squeeze", "axes", "line", "random", "beta", "bounds", "noise", "own", "film")


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
    own.Own,
):
    view: str = choice("map", VIEWS)
    frame: int = training_snapshots.frame()


PRESETS = (  # label, what to look at, fields to set
    (
        "Where 4 turns into 9",
        "One stroke closes at the top, and here the digit is both: the digit classifier gives a 4 and a 9 about half each.",
        {"view": "between", "a": "4", "b": "9", "t": 0.46},
    ),
    (
        "From 0 to 1, straight",
        "Half way along the straight line z is shorter than at either end, and a stroke fades into grey. Along the great circle z keeps "
        "its length.",
        {"view": "between", "a": "0", "b": "1"},
    ),
    (
        "Pull one dial",
        "The first dial is the dimension that carries most: turn this one number, and the 7 becomes a 9.",
        {"view": "dials", "hand": "7", "dials": (3.0,) + (0.0,) * (dials.DIALS - 1)},
    ),
    (
        "What is no digit",
        "This fails: the model has seen digits only, so it answers a spiral with a 0, and the reconstruction term falls by many nats.",
        {"view": "rebuild", "digit": SPIRAL},
    ),
    (
        "One number for all digits",
        "This fails: squeezed into one number, most digits come back as another one. This 4 is a blur to PCA, and a 9 to the other two.",
        {"view": "squeeze", "size": "1", "mine": DIGITS["4"]},
    ),
    (
        "An autoencoder has no prior",
        "This fails: between the codes that it was trained on, an autoencoder's decoder makes strokes, few of which are a digit.",
        {"view": "random", "codes": "32", "seed": 30},
    ),
    (
        "A sample is noisy",
        "Each pixel is drawn from p(x|z) on its own, and knows nothing of the next. The mean is smooth; a sample is what the model says.",
        {"view": "fashion", "show": "sample"},
    ),
)


def build() -> TabBuilder:
    with TabBuilder("latent", "Latent: PCA, AE, VAE", Latent) as tab:
        tab.seed()
        for view in (map_view, rebuild, between, dials, fashion, squeeze, axes, line, random_codes, beta, bounds, noise, own):
            view.build(tab)
        training_snapshots.view(tab, "model")
        tab.models("plane", "model", "beside", "within", "through")
        for label, why, values in PRESETS:
            tab.preset(label, why, **values)
        claims.claims(tab)
    return tab
