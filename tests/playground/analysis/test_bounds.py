"""Quadrature against a posterior that is known, and bounds against their definition."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from playground.analysis.bounds import log_joint_on, nested_bounds, posterior
from playground.models.vae import VAE


@pytest.fixture
def linear(device) -> VAE:
    """Of linear maps, on images of 2 x 2 pixels: p(x) is normal."""
    torch.manual_seed(3)
    vae = VAE(latent=2, likelihood="gaussian", network="mlp")
    vae.encoder = nn.Sequential(nn.Flatten(), nn.Linear(4, 4))
    vae.decoder = nn.Sequential(nn.Linear(2, 8), nn.Unflatten(1, (2, 2, 2)))
    nn.init.zeros_(vae.decoder[0].weight[4:])
    return vae.to(device)


@pytest.mark.parametrize("log_sigma", [-3.5, 0.0])  # a posterior far narrower than a cell, and a wide one
def test_log_p_by_quadrature_is_the_known_one(linear, log_sigma, device):
    nn.init.constant_(linear.decoder[0].bias[4:], log_sigma)
    with torch.no_grad():
        x = linear.likelihood(torch.tensor([[0.7, -1.2]], device=device)).mean
        weight, bias = linear.decoder[0].weight[:4], linear.decoder[0].bias[:4]
        noise = linear.likelihood(torch.zeros(1, 2, device=device)).stddev.flatten().square().diag()
        known = MultivariateNormal(bias, weight @ weight.T + noise).log_prob(x.flatten()).item()
        found = posterior(linear, x)
    assert found.log_evidence == pytest.approx(known, abs=0.01)
    assert found.density.sum().item() * found.cell**2 == pytest.approx(1, abs=1e-4)


def test_the_joint_on_a_square_is_laid_out_from_its_corner(linear, device):
    x = torch.zeros(1, 1, 2, 2, device=device)
    found = log_joint_on(linear, x, (-1.0, 2.0), 4.0, 2)  # middles at z1 = 0 and 2, z2 = 3 and 5
    with torch.no_grad():
        z = torch.tensor([[2.0, 3.0]], device=device)
        known = linear.likelihood(z).log_prob(x).sum() - z.square().sum() / 2 - math.log(2 * math.pi)
    assert found[0, 1].item() == pytest.approx(known.item(), rel=1e-5)


def test_nested_bounds_begin_with_the_mean_and_end_with_all():
    weights = torch.randn(64, dtype=torch.float64)
    steps = nested_bounds(weights)
    assert [k for k, *_ in steps] == [1, 2, 4, 8, 16, 32, 64]
    assert steps[0][1:] == pytest.approx((weights.mean().item(), weights.std().item()))
    assert steps[-1][1] == pytest.approx(weights.exp().mean().log().item()) and math.isnan(steps[-1][2])
