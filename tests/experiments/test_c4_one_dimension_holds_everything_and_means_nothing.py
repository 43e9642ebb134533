"""C4: one number can hold everything and mean nothing: too strong a squeeze loses the structure."""

import torch

from playground import api, catalog
from playground.imaging.examples import things
from playground.models.autoencoder import squared_error
from tests.experiments.shipped import measured


def test_c4_one_number_rebuilds_sixteen_images_nearly_exactly():
    model, x = catalog.load("ae-things-1"), things()
    assert model.latent == 1
    rebuilt = model.decode(model.encode(x))
    assert squared_error(rebuilt, x).mean() < 0.1 * x.var(0, correction=0).mean()
    distances = torch.cdist(rebuilt.flatten(1), x.flatten(1))
    assert torch.equal(distances.argmin(1), torch.arange(16)), "each is nearer to itself than to any other"


def test_c4_its_order_says_nothing_of_life_or_flight():
    """Along the line, what lives and what doesn't, what flies and what doesn't, take turns."""
    names = api.latent_line(0.0)[2]
    for property_ in (("bird", "cat"), ("bird", "plane")):
        has = [name in property_ for name in names]
        assert sum(a != b for a, b in zip(has, has[1:])) >= 3  # a number that meant it would change sides once


def test_c4_a_probe_on_the_codes_loses_accuracy_in_one_dimension():
    accuracy = {size: measured(f"ae-mnist-{size}", "probe_accuracy")["value"] for size in api.SIZES}
    assert accuracy[1] < accuracy[2] < accuracy[4] < accuracy[8]
    assert accuracy[1] < accuracy[8] - 25  # points
