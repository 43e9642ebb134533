"""The mean of several models' conditionals is itself an exact density."""

import itertools

import pytest
import torch

from playground.errors import UserError
from playground.models.autoregressive.mean import MeanOfConditionals
from playground.models.base import uniforms
from playground.sampling import reference
from tests.playground.models.autoregressive.test_families import FAMILIES, tiny


def mean(size: int, **changes) -> MeanOfConditionals:
    return MeanOfConditionals.of([tiny("cpu", system, size=size, classes=3, **changes) for system in FAMILIES])


@pytest.mark.parametrize("levels, size", [(2, 3), (3, 2)])
@torch.no_grad()
def test_probabilities_of_all_images_sum_to_one(levels, size):
    model = mean(size, levels=levels)
    values = torch.tensor(list(itertools.product(range(levels), repeat=size**2)), dtype=torch.float64)
    x = values.view(-1, 1, size, size) / (levels - 1)
    for y in range(3):
        assert model.log_prob(x, torch.full((len(x),), y)).logsumexp(0).item() == pytest.approx(0, abs=1e-12)
    assert model.log_prob(x).logsumexp(0).item() == pytest.approx(0, abs=1e-12)


@torch.no_grad()
def test_each_pixel_has_the_mean_of_the_members_probabilities():
    model, x, y = mean(4), torch.randint(2, (5, 1, 4, 4)).double(), torch.arange(5) % 3
    expected = torch.stack([member.pixel_log_prob(x, y).exp() for member in model.members]).mean(0)
    torch.testing.assert_close(model.pixel_log_prob(x, y).exp(), expected)
    assert model.log_prob(x, y).mean() >= torch.stack([member.log_prob(x, y) for member in model.members]).mean()  # Jensen


@torch.no_grad()
def test_the_plain_sampler_writes_it():
    model, y = mean(3), torch.arange(3)
    noise = uniforms(0, 3, 1, 3, 3).double()
    x = reference.sample(model, y, noise)
    white = model.value_logits(x, y).softmax(1)[:, 1]  # of each pixel, given those before it
    assert x.equal((noise >= 1 - white).double())


def test_members_of_different_images_are_refused():
    with pytest.raises(UserError, match="got 2 of 2 kinds"):
        MeanOfConditionals.of([tiny(size=3, classes=3), tiny(size=4, classes=3)])
