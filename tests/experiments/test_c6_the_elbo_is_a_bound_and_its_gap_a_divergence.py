"""C6: ELBO <= log p(x), and the gap is KL(q(z|x) || p(z|x))."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, kl_divergence

from playground import catalog
from playground.analysis.bounds import nested_bounds, posterior
from playground.imaging.examples import drawn_digits
from playground.models.base import normals
from playground.models.vae import VAE


def test_c6_elbo_and_divergence_add_up_to_log_p_exactly(device):
    """A VAE of linear maps, on images of 2 x 2 pixels: p(x) and p(z|x) are normal, so all three terms are known."""
    torch.manual_seed(0)
    vae = VAE(latent=2, likelihood="gaussian", network="mlp").double()
    vae.encoder = nn.Sequential(nn.Flatten(), nn.Linear(4, 4)).double()
    vae.decoder = nn.Sequential(nn.Linear(2, 8), nn.Unflatten(1, (2, 2, 2))).double()
    nn.init.zeros_(vae.decoder[0].weight[4:])  # the same sigma for every z
    vae, x = vae.to(device), torch.randn(1, 1, 2, 2, dtype=torch.float64).to(device)
    mu, log_var = vae.encode(x)
    # E_q of a quadratic function of two dimensions is its mean over these four points
    points = math.sqrt(2) * torch.tensor([[1.0, 0], [-1, 0], [0, 1], [0, -1]], dtype=torch.float64, device=device)
    elbo = torch.cat([vae.elbo(x, point[None]) for point in points]).mean()

    weight, bias = vae.decoder[0].weight[:4], vae.decoder[0].bias[:4]
    noise = vae.likelihood(mu).stddev.flatten().square().diag()
    evidence = MultivariateNormal(bias, weight @ weight.T + noise).log_prob(x.flatten())
    precision = torch.eye(2, device=device) + weight.T @ noise.inverse() @ weight
    true = MultivariateNormal(precision.inverse() @ weight.T @ noise.inverse() @ (x.flatten() - bias), precision_matrix=precision)
    gap = kl_divergence(MultivariateNormal(mu[0], log_var[0].exp().diag()), true)
    assert abs(elbo + gap - evidence) < 1e-10
    assert gap > 0.01


def test_c6_the_bound_never_falls_as_the_same_weights_are_grouped():
    for seed in range(20):
        means = [mean for _, mean, _ in nested_bounds(3 * normals(seed, 1, 256)[0].double())]
        assert len(means) == 9
        assert all(larger >= smaller - 1e-12 for smaller, larger in zip(means, means[1:]))


@pytest.mark.parametrize("digit", [0, 3, 7])
def test_c6_log_p_by_quadrature_is_above_both_bounds(digit):
    vae = catalog.load("vae-mnist-2d")
    x = (drawn_digits()[digit : digit + 1] > 0).float()
    exact = posterior(vae, x)
    noise = normals(digit, 1, 1024, 2)
    with torch.no_grad():
        weights = torch.cat([vae.log_weights(x, part) for part in noise.split(256, dim=1)], 1)[0].double()
    steps = nested_bounds(weights)
    for k, mean, spread in steps[:-2]:  # these are averages of several groups, whose spread says how sure they are
        assert mean <= exact.log_evidence + 4 * spread / (len(weights) / k) ** 0.5
    assert steps[0][1] < exact.log_evidence - 0.1, "the ELBO has a gap"
    assert steps[-1][1] > steps[0][1]
    # the weights are right, and so is the integral: their mean is p(x)
    ratio = (weights - exact.log_evidence).exp()
    assert abs(ratio.mean() - 1) < 5 * ratio.std() / len(ratio) ** 0.5
    assert exact.density.sum().item() * exact.cell**2 == pytest.approx(1, abs=1e-3)
