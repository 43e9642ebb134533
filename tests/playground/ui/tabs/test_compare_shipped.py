"""What stands beside the shipped weights was made by them."""

import pytest

from playground import api, catalog
from playground.analysis import nearest_neighbours


@pytest.mark.parametrize("name", api.compare_models())
def test_the_shipped_sheet_is_made_by_the_shipped_weights(name):
    """Its first digits are made again; on another machine a pixel that was drawn may fall otherwise, and all after it."""
    net, sheet = catalog.load(name), api.drawn(name, 1)
    *_, (x, _) = api.generated_digits(net, 1, 3)
    off = [abs(x[i] - api.digit_of(sheet, i)[0]).mean().item() for i in range(3)]
    assert sorted(off)[1] < 0.01, off


def test_neighbours_of_the_vaes_own_rebuilt_digits_are_of_their_class():
    kept, vae = nearest_neighbours.load(catalog.entry(api.NEIGHBOURS_VAE)), catalog.load(api.NEIGHBOURS_VAE)
    x = vae.decode(kept.codes[:20]) * 2 - 1
    judged = catalog.load("digit-classifier")(x).argmax(1)
    agree = [judged[i].item() == api.neighbours(x[i : i + 1], 1)[1]["classes"][0] for i in range(20)]
    assert sum(agree) >= 17
