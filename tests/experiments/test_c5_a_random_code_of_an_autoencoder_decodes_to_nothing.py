"""C5: a random latent vector of an autoencoder decodes to nothing; of a VAE to a digit."""

from playground import zoo
from playground.models.base import parameter_count
from tests.experiments.shipped import measured


def test_c5_random_codes_of_a_vae_are_far_nearer_to_real_digits():
    """In 32 dimensions by half, and in 16.  With fewer, an autoencoder's codes fill their space, and the page says that the claim fails."""
    far = {size: [measured(f"{name}-{size}", "feature_distance")["value"] for name in ("ae-mnist", "vae-mnist-deep")] for size in (16, 32)}
    assert far[32][1] < far[32][0] / 2
    assert far[16][1] < far[16][0]


def test_c5_both_have_the_same_decoder():
    ae, vae = zoo.load("ae-mnist-32"), zoo.load("vae-mnist-deep-32")
    assert parameter_count(ae.decoder) == parameter_count(vae.decoder)
    assert zoo.entry("ae-mnist-32").training["epochs"] == zoo.entry("vae-mnist-deep-32").training["epochs"]
