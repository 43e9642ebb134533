"""The VAE's densities against closed forms, and its paper preset against a count done by hand."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from playground.models.base import normals, parameter_count
from playground.models.vae import VAE, kl_to_standard_normal, vae_loss
from training.recipes import recipe_class


@pytest.fixture(params=["bernoulli", "gaussian"])
def model(request, device) -> VAE:
    return VAE(latent=3, likelihood=request.param, width=4, hidden=16).double().to(device)


@pytest.fixture
def x(model, device) -> torch.Tensor:
    return torch.bernoulli(torch.full((4, 1, 28, 28), 0.3, dtype=torch.float64)).to(device)


def test_kl_is_that_of_two_normals():
    mu, log_var = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 3, dtype=torch.float64)
    expected = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    assert torch.allclose(kl_to_standard_normal(mu, log_var), expected, atol=1e-12)
    assert kl_to_standard_normal(torch.zeros(1, 3), torch.zeros(1, 3)) == 0


def test_the_bernoulli_likelihood_sums_to_one_over_a_pixel(device):
    p = VAE(latent=2, width=4, hidden=8).double().to(device).likelihood(torch.randn(2, 2, dtype=torch.float64, device=device))
    both = p.log_prob(torch.zeros_like(p.mean)).exp() + p.log_prob(torch.ones_like(p.mean)).exp()
    assert torch.allclose(both, torch.ones_like(both), atol=1e-12)


def test_the_gaussian_likelihood_has_a_sigma_of_its_own_for_every_pixel(device):
    model = VAE(latent=2, likelihood="gaussian", width=4, hidden=8).double().to(device)
    p = model.likelihood(torch.randn(2, 2, dtype=torch.float64, device=device))
    assert p.stddev.shape == (2, 1, 28, 28) and p.stddev.flatten().unique().numel() > 700
    assert p.stddev.min() >= 0.02, "no pixel is worth infinitely many nats"


def test_the_bound_with_one_sample_is_the_elbo_with_a_sampled_kl(model, x, device):
    """E over z of log p(x, z) - log q(z|x) is the ELBO: their difference has the mean zero, by the analytic KL."""
    noise = normals(0, 4, 200, 3).double().to(device)
    with torch.no_grad():
        weights = model.log_weights(x, noise)  # (4, 200)
        mu, log_var = model.encode(x)
        reconstructions = torch.stack([model.elbo_terms(x, noise[:, i])[0] for i in range(200)], 1)  # (4, 200)
    sampled_kl = reconstructions - weights
    spread = sampled_kl.std(1) / 200**0.5
    assert ((sampled_kl.mean(1) - kl_to_standard_normal(mu, log_var)).abs() < 5 * spread).all()


def test_the_bound_never_falls_when_groups_of_the_same_weights_grow(model, x, device):
    with torch.no_grad():
        weights = model.log_weights(x, normals(0, 4, 64, 3).double().to(device))  # (4, 64)
    bounds = [(weights.unflatten(1, (-1, k)).logsumexp(2) - math.log(k)).mean(1) for k in (1, 2, 4, 8, 16, 32, 64)]
    assert all((larger >= smaller - 1e-9).all() for smaller, larger in zip(bounds, bounds[1:]))
    with torch.no_grad():
        assert torch.allclose(bounds[-1], model.iw_bound(x, normals(0, 4, 64, 3).double().to(device)), atol=1e-9)


def test_a_one_dimensional_latent_can_be_integrated_and_bounds_hold(x, device):
    """log p(x) by quadrature over z is above the ELBO, and the bound with many samples comes to it."""
    model = VAE(latent=1, network="mlp", hidden=8).double().to(device)
    z = torch.linspace(-8, 8, 1001, dtype=torch.float64, device=device)[:, None]
    with torch.no_grad():
        p = model.likelihood(z)
        joint = torch.stack([p.log_prob(image).sum((1, 2, 3)) for image in x]) + Normal(0.0, 1.0).log_prob(z[:, 0])  # (4, 1001)
        exact = joint.logsumexp(1) + math.log(16 / 1000)
        elbo = torch.stack([model.elbo(x, noise) for noise in normals(0, 100, 4, 1).double().to(device)]).mean(0)
        noise = normals(1, 4, 4000, 1).double().to(device)
        weights = model.log_weights(x, noise).sub(exact[:, None]).exp()  # (4, 4000), their mean is 1
    assert (elbo < exact).all()
    assert ((weights.mean(1) - 1).abs() < 5 * weights.std(1) / 4000**0.5).all()
    assert torch.allclose(model.iw_bound(x, noise) - exact, weights.mean(1).log(), atol=1e-9)


def test_the_loss_is_minus_the_elbo_and_beta_weighs_the_kl(model, x, device):
    reconstruction, kl = model.elbo_terms(x, normals(0, 4, 3).double().to(device))
    assert torch.allclose(vae_loss(reconstruction, kl), -(reconstruction - kl).mean())
    assert torch.allclose(vae_loss(reconstruction, kl, beta=4) - vae_loss(reconstruction, kl), 3 * kl.mean())


def test_reparameterisation_lets_the_gradient_through(model, x, device):
    mu_gradient = torch.autograd.grad(model.elbo(x, normals(0, 4, 3).double().to(device)).sum(), model.encoder[-1].weight)[0]
    assert mu_gradient.abs().sum() > 0


def test_paper_preset_has_the_sizes_of_the_paper(digits_dir):
    """784-500-2x20 and 20-500-784, with biases."""
    cls = recipe_class("vae")
    model = cls(cls.Settings(**cls.presets["paper"], dataset="folder", data_dir=digits_dir)).model()
    assert parameter_count(model.encoder) == 784 * 500 + 500 + 500 * 40 + 40
    assert parameter_count(model.decoder) == 20 * 500 + 500 + 500 * 784 + 784
