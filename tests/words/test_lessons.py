"""Figures that the lessons quote are those of the code, and of the models that ship."""

import math

import pytest

from playground import api, catalog
from playground.analysis import toy_gan
from playground.analysis.densities import DENSITIES
from playground.models import counter, live_gan
from playground.ui.builder import LESSONS


def seen_in_an_epoch(model: str) -> int:
    """How many training pictures a model had."""
    training = catalog.entry(model).training
    return round(training["images"] / training["epochs"])


def weights(model: str, *names: str) -> list[float]:
    settings = catalog.entry(model).training["settings"]
    return [settings[name] for name in names]


CYCLE = ("cycle_weight_x", "cycle_weight_y")
FIGURES = {  # what stands in which lesson, as the figures say it
    "two hidden layers of": ("game", lambda: f"each network two hidden layers of {live_gan.WIDTH} units"),
    "a move's points": ("game", lambda: f"each move takes {toy_gan.BATCH} real and {toy_gan.BATCH} made points"),
    "counted points": (
        "game",
        lambda: f"{toy_gan.MANY:,} real and {toy_gan.POINTS:,} made points are counted in {toy_gan.CELLS} by {toy_gan.CELLS} cells",
    ),
    "starts of the search": ("game", lambda: {8: "from eight random places at once"}[api.STARTS]),
    "neighbours": ("compare", lambda: {5: "Shown are the five nearest"}[api.NEIGHBOURS]),
    "sheets": ("compare", lambda: {16: "Sixteen digits a model"}[api.SIXTEEN]),
    "tries": ("pixels", lambda: f"{api.TRIES} completions are written"),
    "completions": ("pixels", lambda: {8: "the model writes on below them, eight times"}[api.MOST_IMAGES]),
    "flowers": ("sketch", lambda: f"edges found in {seen_in_an_epoch('pix2pix-flowers'):,} photographs of flowers"),
    "facades": ("sketch", lambda: f"trained on {seen_in_an_epoch('pix2pix-facades-labels')} pairs"),
    "lambda": (
        "worlds",
        lambda: (
            "\\lambda = {:g}.$$\n\nThis $\\lambda$ is the paper's, and that of our emoji and flowers; our facades have {:g} for "
            "photos and {:g} for labels."
        ).format(*{*weights("cyclegan-emoji3d", *CYCLE), *weights("cyclegan-flowers", *CYCLE)}, *weights("cyclegan-facades", *CYCLE)),
    ),
    "D's loss at the end": ("game", lambda: f"its loss is $2 \\log 2 = {2 * math.log(2):.2f}$ nats"),
    "the mean over pixels": ("latent", lambda: f"the KL weighs {28 * 28} times as much as the ELBO says, which is a $\\beta$ of {28 * 28}"),
    "the mean of two heaps": ("game", lambda: f"two heaps of one density read up to {two_heaps():.2f} instead of 0"),
    "as many epochs": (
        "game",
        lambda: {True: "Both were trained on the same images, for as many epochs."}[
            len({catalog.entry(name).training["epochs"] for name in ("gan-mnist", "dcgan-mnist")}) == 1
        ],
    ),
}


def two_heaps() -> float:
    """The largest divergence that is counted between two heaps of one density, of all that have a name."""
    found = []
    for name in DENSITIES:
        mixture, _, shares = toy_gan.real(name, "")
        found.append(toy_gan.jensen_shannon(shares, toy_gan.shares(mixture.sample(toy_gan.POINTS, counter.key(1, 99)))))
    return float(max(found))


@pytest.mark.parametrize("what", FIGURES)
def test_a_lesson_quotes_the_figure(what):
    lesson, words = FIGURES[what]
    assert words() in (LESSONS / f"{lesson}.md").read_text(encoding="utf-8")
