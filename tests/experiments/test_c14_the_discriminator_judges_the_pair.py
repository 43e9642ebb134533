"""C14: Pix2Pix's discriminator judges the pair of source and picture, not the picture alone."""

import pytest

from tests.experiments.shipped import measured


@pytest.mark.parametrize("model", ["pix2pix-flowers", "pix2pix-facades", "pix2pix-facades-labels"])
def test_c14_the_discriminator_judges_the_pair(model):
    """The right source scores higher than another picture's for at least 80 % of the true test pictures."""
    assert measured(model, "pair_preference")["value"] >= 80
