"""What is to be seen at the stops of the guided hour: each opens the state of a view or a claim, whose check asserts what is seen there."""

from playground.ui.course import STOPS
from tests.words import compare, digits, game, latent, pixels, sketch, worlds  # noqa: F401 (their checks are registered)
from tests.words.page import CHECKS

# What a stop says is seen, and the view or claim whose check (in the tab's file) asserts it: new words are read against that check
SEEN = {
    ("latent", "view map"): "Every place has a picture, and between two classes the digit blurs.",
    ("latent", "C3"): "The autoencoder's digit can be read and PCA's can't, and its error is less than half of PCA's.",
    ("latent", "C5"): "The VAE makes at least ten clear digits of sixteen codes, the autoencoder at most four.",
    ("latent", "C6"): "The ELBO lies more than 10 nats below log p(x), and q points beside the cloud.",
    ("game", "view live"): "Most of the made points lie where real ones are.",
    ("game", "C22"): "The made points stay where they are, and G's gradient has length 0.",
    ("game", "C11"): "The fully connected GAN leaves specks on the ground, the convolutional one few.",
    ("digits", "C12"): "Nearly every digit is what its column was asked for.",
    ("sketch", "C13"): "The picture of L1 alone is the smoothest, that of the GAN's loss alone the roughest.",
    ("worlds", "C15"): "With the cycle term the windows come back where they were; without it most of them do not.",
    (
        "pixels",
        "C17",
    ): "Above the pixel and to its right lies dark blue that PixelCNN never sees; the gated model misses the last column alone.",
    ("game", "C21"): "The VAE answers at once, the GAN after a search that takes more than ten times as long; the GAN's image is sharper.",
}


def unchecked() -> list[str]:
    """The stops whose words are others than those that were read against a check, or that have no check."""
    return [stop["see"] for stop in STOPS if SEEN.get(tuple(stop["at"])) != stop["see"] or tuple(stop["at"]) not in CHECKS]
