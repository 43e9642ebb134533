"""C21: a VAE says z of an image at once, a GAN must search for it; but the GAN's images are sharper."""

from playground import api
from playground.tabs import game
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


def test_c21_the_page_says_how_near_to_real_digits_both_are():
    """By this measure a GAN's images need not be nearer; the page gives both figures."""
    answer = game._c21()
    assert all(f"{measured(name, 'feature_distance')['value']:.4g}" in answer for name in ("dcgan-mnist", "vae-mnist"))
