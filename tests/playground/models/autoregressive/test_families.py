"""What every autoregressive family must do, whatever its layers are."""

import itertools
import math

import pytest
import torch

from playground.models import model_class
from playground.models.autoregressive.base import Autoregressive, nll

FAMILIES = ("gated-pixelcnn", "pixelcnn", "row-lstm", "diagonal-bilstm")


def tiny(device: str = "cpu", system: str = "gated-pixelcnn", **changes) -> Autoregressive:
    """A small model in float64 whose weights are all random, the biases that start at zero too."""
    model = model_class(system)(**{"layers": 2, "channels": 8, "head": 8, "size": 13, **changes}).double()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    return model.to(device)


def influences(model: Autoregressive, pixels: list[tuple[int, int]], label: int = 3) -> torch.Tensor:
    """Which pixels the logits at each of these pixels, (row, column), depend on: bool (pixels, size, size).

    In any of four images: in one, a ReLU may hide some.
    """
    device = next(model.parameters()).device
    x = torch.rand(4, 1, model.size, model.size, dtype=torch.float64).to(device).requires_grad_()
    logits = model(x, torch.full((4,), label, device=device)).square().sum((0, 1))  # (size, size)
    return torch.stack([torch.autograd.grad(logits[pixel], x, retain_graph=True)[0].ne(0).any(0)[0] for pixel in pixels]).cpu()


def raster(size: int) -> list[tuple[int, int]]:
    return list(itertools.product(range(size), repeat=2))


@pytest.mark.parametrize("system", FAMILIES)
def test_no_pixel_sees_itself_or_a_later_one_whatever_the_class(system, device):
    model = tiny(device, system, size=6, classes=3)
    for label in range(3):
        found = influences(model, raster(6), label).flatten(1)  # seer x seen, both in raster order
        assert not found.triu().any()
        assert found[-1].sum() > 15  # it does look


@pytest.mark.parametrize("levels", [2, 3])
@pytest.mark.parametrize("system", FAMILIES)
def test_probabilities_of_all_images_sum_to_one(system, levels, device):
    size = 3 if levels == 2 else 2
    model = tiny(device, system, size=size, levels=levels, classes=3)
    values = torch.tensor(list(itertools.product(range(levels), repeat=size**2)), dtype=torch.float64, device=device)
    x = values.view(-1, 1, size, size) / (levels - 1)  # all of them
    for y in range(3):
        assert model.log_prob(x, torch.full((len(x),), y, device=device)).logsumexp(0).item() == pytest.approx(0, abs=1e-12)
    assert model.log_prob(x).logsumexp(0).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("system", FAMILIES)
@torch.no_grad()
def test_probabilities_of_two_pixels_of_256_levels_sum_to_one(system, device):
    """The first two of a row, whatever comes later: all 65,536 pairs."""
    model = tiny(device, system, layers=1, size=2, levels=256, classes=2)
    pairs = torch.cartesian_prod(*[torch.arange(256, dtype=torch.float64, device=device) / 255] * 2)
    x = torch.cat([pairs, torch.rand(1, 2).to(pairs).expand_as(pairs)], 1).view(-1, 1, 2, 2)
    parts = [model.pixel_log_prob(part, torch.ones(len(part), dtype=torch.long, device=device))[:, 0].sum(1) for part in x.split(8192)]
    assert torch.cat(parts).logsumexp(0).item() == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("system", FAMILIES)
def test_the_unconditional_density_is_the_mean_over_labels(system, device):
    model = tiny(device, system, size=5, classes=3)
    x = torch.randint(0, 2, (4, 1, 5, 5), device=device).double()
    given = torch.stack([model.log_prob(x, torch.full((4,), y, device=device)) for y in range(3)])
    torch.testing.assert_close(model.log_prob(x), given.exp().mean(0).log())
    assert not torch.allclose(given[0], given[1])  # the label matters


def test_log_prob_is_the_sum_of_each_pixels_log_probability(device):
    model = tiny(device, size=4)
    x, y = torch.randint(0, 2, (1, 1, 4, 4), device=device).double(), torch.tensor([7], device=device)
    probability = torch.softmax(model(x, y).detach(), dim=1)
    by_hand = sum(math.log(probability[0, int(x[0, 0, i, j]), i, j]) for i in range(4) for j in range(4))
    assert model.log_prob(x, y).item() == pytest.approx(by_hand, rel=1e-12)
    assert nll(model, x, y).item() == pytest.approx(-by_hand, rel=1e-12)
    torch.testing.assert_close(model.pixel_log_prob(x, y).sum((1, 2)), model.log_prob(x, y))


def test_surprise_is_each_pixels_share_of_the_unconditional_density(device):
    model = tiny(device, size=5, classes=3)
    x = torch.randint(0, 2, (2, 1, 5, 5), device=device).double()
    nats, posterior = model.surprise(x)
    torch.testing.assert_close(nats.sum((1, 2)), -model.log_prob(x))
    torch.testing.assert_close(posterior, model.class_log_prob(x).softmax(1))
    # pixel (3, 2) by hand: p(x_1 .. x_i) over p(x_1 .. x_{i-1}), each a mean over the labels
    each = torch.stack([model.pixel_log_prob(x, torch.full((2,), y, device=device)) for y in range(3)]).flatten(2)
    by_hand = each[:, :, : 3 * 5 + 2].sum(2).exp().mean(0).log() - each[:, :, : 3 * 5 + 3].sum(2).exp().mean(0).log()
    torch.testing.assert_close(nats[:, 3, 2], by_hand)


@pytest.mark.parametrize("system", FAMILIES)
def test_an_image_counts_for_itself_in_any_batch(system, device):
    model = tiny(device, system)
    x, y = torch.randint(0, 2, (5, 1, 13, 13), device=device).double(), torch.arange(5, device=device)
    torch.testing.assert_close(model.log_prob(x, y)[3:4], model.log_prob(x[3:4], y[3:4]))


@pytest.mark.parametrize("system", FAMILIES)
def test_the_model_is_rebuilt_from_its_files(system, tmp_path):
    model = model_class(system)(layers=1, channels=4, head=4, size=6, class_names=["a", "b"], classes=2)
    model.save_pretrained(tmp_path)
    again = model_class(system).from_pretrained(tmp_path, strict=True)
    x = torch.rand(1, 1, 6, 6).round()
    assert again.class_names == ["a", "b"] and torch.equal(model.log_prob(x), again.log_prob(x))
