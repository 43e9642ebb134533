"""The fast sampler makes the plain one's images, pixel for pixel, under the same noise."""

import pytest
import torch

from playground.models.base import uniforms
from playground.sampling import plain
from playground.sampling.incremental import sample, write
from tests.playground.models.test_autoregressive import FAMILIES, tiny


@pytest.mark.parametrize("levels", [2, 4])
@pytest.mark.parametrize("temperature", [1.0, 0.6])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("system", FAMILIES)
def test_samples_are_those_of_the_plain_sampler(system, levels, temperature, batch, device):
    model = tiny(device, system, size=9, levels=levels)
    y, noise = torch.arange(batch, device=device), uniforms(3, batch, 1, 9, 9).double().to(device)
    assert torch.equal(sample(model, y, noise, temperature), plain.sample(model, y, noise, temperature))


@pytest.mark.parametrize("rows", [slice(0, 4), slice(3, 6), slice(5, 9), slice(0, 9)])
@pytest.mark.parametrize("system", FAMILIES)
def test_given_rows_stay_and_the_rest_is_the_plain_samplers(system, rows, device):
    model = tiny(device, system, size=9)
    y, noise = torch.tensor([1, 5], device=device), uniforms(3, 2, 1, 9, 9).double().to(device)
    given = torch.randint(0, 2, (2, 1, 9, 9), device=device).double()
    known = torch.zeros(2, 1, 9, 9, dtype=torch.bool, device=device)
    known[:, :, rows] = True
    known[0, :, 2, 3] = known[1, :, 7, 7:] = True  # and some pixels of one image
    made = sample(model, y, noise, given=given, known=known)
    assert torch.equal(made[known], given[known])
    assert torch.equal(made, plain.sample(model, y, noise, given=given, known=known))


def test_it_yields_after_every_pixel_and_leaves_written_ones_alone(device):
    model, y, noise = tiny(device, size=4), torch.tensor([0], device=device), uniforms(1, 1, 1, 4, 4).double().to(device)
    frames = [(x.clone(), done) for x, done in write(model, y, noise)]
    assert [done for _, done in frames] == list(range(1, 17))
    for x, done in frames:
        assert torch.equal(x.flatten()[:done], frames[-1][0].flatten()[:done]) and not x.flatten()[done:].any()


def test_nothing_to_write_gives_the_given_image(device):
    model, given = tiny(device, size=4), torch.ones(1, 1, 4, 4, device=device).double()
    made = sample(model, torch.tensor([0], device=device), torch.rand_like(given), given=given, known=given.bool())
    assert torch.equal(made, given)
