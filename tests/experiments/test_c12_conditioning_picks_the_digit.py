"""C12: a class given to both players decides what G makes; z decides how."""

import torch

from playground import catalog
from playground.models.base import normals
from tests.experiments.shipped import measured

HANDS = 30


def read_as(model, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return catalog.load("digit-classifier")(model.generator(z, y)).argmax(1)


def test_c12_the_classifier_agrees_with_the_asked_class():
    assert measured("cgan-mnist", "agreement")["value"] >= 95
    model = catalog.load("cgan-mnist")
    y = torch.arange(10).repeat(HANDS)
    z = normals(11, HANDS, model.latent).repeat_interleave(10, 0)  # a row is one z, a column one class
    assert (read_as(model, z, y) == y).double().mean() >= 0.95


def test_c12_what_is_not_asked_for_is_not_made():
    """The same z under another class is read as that one: the class picks, and z doesn't."""
    model = catalog.load("cgan-mnist")
    z = normals(12, HANDS, model.latent)
    for digit in (0, 5, 9):
        asked = torch.full((HANDS,), digit)
        assert (read_as(model, z, asked) == asked).sum() >= 0.8 * HANDS
        assert (read_as(model, z, (asked + 1) % 10) == asked).sum() <= 0.2 * HANDS
