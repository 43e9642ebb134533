"""Weighed completions follow the posterior given all known pixels, which a tiny model's can be enumerated."""

import itertools
import math

import pytest
import torch

from playground.sampling.cached import sample
from playground.sampling.inpainting import effective, log_weights, resample
from tests.playground.models.autoregressive.test_gated_pixelcnn import tiny

SIZE = 3


def decided(device: str, classes: int):
    """A tiny model whose pixels depend strongly on each other."""
    torch.manual_seed(4)
    model = tiny(device, size=SIZE, classes=classes)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
    return model


def posterior(model, given, known) -> dict[tuple, float]:
    """p(missing pixels | known ones), the label summed out, by enumeration."""
    missing = (~known).flatten().nonzero()[:, 0]
    fillings = list(itertools.product((0.0, 1.0), repeat=len(missing)))
    x = given.flatten().repeat(len(fillings), 1)
    x[:, missing] = torch.tensor(fillings).to(x)
    p = model.log_prob(x.view(-1, 1, SIZE, SIZE)).softmax(0)
    return dict(zip(fillings, p.tolist()))


@torch.no_grad()
def test_weighed_completions_follow_the_posterior_and_unweighed_ones_do_not(device):
    model, count = decided(device, classes=2), 10_000
    known = torch.zeros(1, 1, SIZE, SIZE, dtype=torch.bool, device=device)
    known[..., 1, 1:] = known[..., 2, :] = True
    given = torch.tensor([0, 0, 0, 0, 1, 1, 0, 1, 1], device=device).double().view(1, 1, SIZE, SIZE)
    y = torch.arange(count, device=device) % 2  # nothing is known before the first missing pixel: both labels alike
    noise = torch.rand(count, 1, SIZE, SIZE).double().to(device)
    proposals = sample(model, y, noise, given=given.expand(count, -1, -1, -1), known=known.expand(count, -1, -1, -1))
    weights = log_weights(model, proposals, y, known)
    chosen = proposals[resample(weights, torch.rand(count).double().to(device))]

    exact = posterior(model, given, known)

    def distance(images) -> float:
        found = [tuple(row) for row in images.flatten(1)[:, (~known).flatten()].tolist()]
        return sum(abs(found.count(filling) / count - p) for filling, p in exact.items()) / 2

    assert distance(chosen) < 0.03
    assert distance(proposals) > 0.1  # looking back only is another distribution
    assert 1 < effective(weights) < count


@torch.no_grad()
def test_nothing_known_after_the_gap_leaves_all_alike(device):
    model = decided(device, classes=2)
    known = torch.zeros(1, 1, SIZE, SIZE, dtype=torch.bool, device=device)
    known[..., 0, :] = True
    proposals, y = torch.zeros(4, 1, SIZE, SIZE, device=device).double(), torch.zeros(4, dtype=torch.long, device=device)
    weights = log_weights(model, proposals, y, known)
    assert weights.tolist() == [0, 0, 0, 0]
    assert effective(weights) == pytest.approx(4)


def test_draws_are_in_proportion_to_the_weights():
    noise = (torch.arange(1000).double() + 0.5) / 1000
    drawn = resample(torch.tensor([math.log(1), math.log(2), math.log(7)]).double() - 500, noise)
    assert drawn.bincount().tolist() == [100, 200, 700]
