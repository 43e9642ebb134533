import pytest
import torch

from playground.models.base import uniforms
from playground.sampling.reference import draw, sample
from tests.playground.models.autoregressive.test_families import tiny


def by_hand(model, y, noise, temperature=1.0, given=None, known=None):
    """The sampler's definition: one full forward pass a pixel, and the smallest value whose cumulative probability exceeds the noise."""
    x = torch.zeros_like(noise)
    for n in range(len(x)):
        for i in range(model.size):
            for j in range(model.size):
                if known is not None and known[n, 0, i, j]:
                    x[n, 0, i, j] = given[n, 0, i, j]
                    continue
                p = torch.softmax(model(x[n : n + 1], y[n : n + 1])[0, :, i, j] / temperature, 0)
                value = next(v for v in range(model.levels) if noise[n, 0, i, j] < p[: v + 1].sum() or v == model.levels - 1)
                x[n, 0, i, j] = value / (model.levels - 1)
    return x


@pytest.mark.parametrize(("levels", "temperature"), [(2, 1.0), (2, 0.6), (4, 1.0)])
@torch.no_grad()
def test_samples_are_those_of_full_passes_under_the_same_noise(levels, temperature, device):
    model = tiny(device, size=6, levels=levels)
    y, noise = torch.tensor([1, 5], device=device), uniforms(3, 2, 1, 6, 6).double().to(device)
    assert torch.equal(sample(model, y, noise, temperature), by_hand(model, y, noise, temperature))


@torch.no_grad()
def test_given_pixels_stay_and_the_rest_follows_from_them(device):
    model = tiny(device, size=6)
    y, noise = torch.tensor([1, 5], device=device), uniforms(3, 2, 1, 6, 6).double().to(device)
    given = torch.randint(0, 2, (2, 1, 6, 6), device=device).double()
    known = torch.zeros(2, 1, 6, 6, dtype=torch.bool, device=device)
    known[:, :, :2] = True
    known[0, :, 4, 3] = True  # one image knows a pixel more
    made = sample(model, y, noise, given=given, known=known)
    assert torch.equal(made[known], given[known])
    assert torch.equal(made, by_hand(model, y, noise, given=given, known=known))


def test_an_image_is_the_same_in_any_batch(device):
    model = tiny(device, size=6)
    y, noise = torch.arange(4, device=device), uniforms(0, 4, 1, 6, 6).double().to(device)
    together = sample(model, y, noise)
    assert torch.equal(sample(model, y[2:3], noise[2:3]), together[2:3])
    assert torch.equal(uniforms(0, 1, 1, 6, 6, first=2).double().to(device), noise[2:3])


def test_draws_follow_the_distribution_and_temperature_sharpens_it():
    logits = torch.tensor([0.2, 0.5, 0.3]).log().expand(1000, 3)
    noise = (torch.arange(1000) + 0.5) / 1000
    assert draw(logits, noise).bincount().tolist() == [200, 500, 300]
    sharp = draw(logits, noise, temperature=0.5).bincount(minlength=3)  # squares: 0.04, 0.25, 0.09 of 0.38
    assert sharp.tolist() == pytest.approx([1000 * p / 0.38 for p in (0.04, 0.25, 0.09)], abs=1)
