"""C21: a VAE says z of an image at once, a GAN must search for it; but the GAN's images are sharper."""

import re

import pytest

from playground import api
from playground.ui.tabs.game import search
from playground.ui.values import figure_text
from tests.experiments.shipped import measured

DIGITS = ("2", "4", "7")  # drawn ones, which neither model was trained on


def test_c21_a_gan_must_search_where_a_vae_encodes_at_once():
    api.encoded(DIGITS[0], "vae-mnist")  # the first call loads the model
    for digit in DIGITS:
        *_, said = api.game_search(digit, "dcgan-mnist", "vae-mnist", steps=100)
        at_start = next(api.searched(digit, "dcgan-mnist", 100, 1))[1]["gan_error"]
        assert said["gan_error"] < at_start / 2  # the search finds something
        assert said["gan_seconds"] > 20 * said["vae_seconds"]


def test_c21_the_images_of_the_gan_are_sharper():
    """More of their energy is fine detail than in the means of a VAE's decoder."""
    assert measured("dcgan-mnist", "high_frequency_energy")["value"] > measured("vae-mnist", "high_frequency_energy")["value"]


@pytest.mark.parametrize(
    ("metric", "words", "if_higher"), [("high_frequency_energy", "fine detail", "holds"), ("feature_distance", "feature distance", "fails")]
)
def test_c21_the_page_says_by_which_figure_the_claim_holds(metric, words, if_higher, monkeypatch):
    """Sharper images need not be nearer to real digits; the page gives both figures of both models, and a verdict by each."""
    vae, gan = (measured(name, metric) for name in ("vae-mnist", "dcgan-mnist"))
    answer = search.c21()
    found = re.search(rf"(holds|fails) by their {words}(?:[^.]|\.\d)*", answer)
    assert (found[1] == if_higher) == (gan["value"] > vae["value"])
    assert figure_text(vae) in found[0] and figure_text(gan) in found[0]
    monkeypatch.setattr(search, "rises", lambda *_: gan["value"] <= vae["value"])  # other figures, another verdict
    assert f"{found[1]} by their {words}" not in search.c21()
