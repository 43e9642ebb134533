"""Variational autoencoder: Kingma and Welling, "Auto-Encoding Variational Bayes", arXiv 1312.6114."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, Distribution, Normal
from torch.nn import functional as F

from playground.models.autoencoder import WIDTHS, convolutional_decoder, convolutional_encoder, layers
from playground.models.base import ImageConfig, Model, at_least_float32, normals

MIN_LOG_SIGMA = math.log(0.02)  # a pixel that is always black would otherwise be worth infinitely many nats


@dataclass(frozen=True, kw_only=True)
class VAEArchitecture:
    latent: int = 32
    network: Literal["convolutional", "mlp", "deep"] = "convolutional"  # the convolutional one takes a size that is a multiple of 4
    width: int = 16  # channels of the outermost convolutions
    hidden: int = 256  # units of the fully connected layers


@dataclass(frozen=True, kw_only=True)
class VAEConfig(ImageConfig, VAEArchitecture):
    likelihood: Literal["bernoulli", "gaussian"] = "bernoulli"


class VAE(Model):
    """q(z|x) = N(mu(x), sigma(x)^2), p(z) = N(0, I), and p(x|z) Bernoulli or Gaussian.

    Images are (N, planes, size, size).  With `likelihood="bernoulli"` they are in {0, 1} (grey levels in [0, 1] may be encoded,
    too); with "gaussian" they are in [-1, 1], and the decoder has a sigma(z) of its own for every sub-pixel.
    """

    system, Config = "vae", VAEConfig

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.latent, self.likelihood_kind, self.dataset, self.size, self.planes = c.latent, c.likelihood, c.dataset, c.size, c.planes
        latent, width, hidden, planes, size = c.latent, c.width, c.hidden, c.planes, c.size
        outputs, pixels = planes * (1 if c.likelihood == "bernoulli" else 2), size * size
        if c.network == "mlp":  # appendix C.1 and C.2
            self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(planes * pixels, hidden), nn.Tanh(), nn.Linear(hidden, 2 * latent))
            self.decoder = nn.Sequential(
                nn.Linear(latent, hidden), nn.Tanh(), nn.Linear(hidden, outputs * pixels), nn.Unflatten(1, (outputs, size, size))
            )
            return
        if c.network == "deep":  # the deep autoencoder's network, so that the two can be compared
            self.encoder = nn.Sequential(nn.Flatten(), *layers(planes * pixels, *WIDTHS, 2 * latent))
            self.decoder = nn.Sequential(*layers(latent, *reversed(WIDTHS), outputs * pixels), nn.Unflatten(1, (outputs, size, size)))
            return
        self.encoder = convolutional_encoder(planes, size, width, hidden, 2 * latent)
        self.decoder = convolutional_decoder(latent, hidden, width, size, outputs)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """q(z|x): mu and log sigma^2, each (N, latent)."""
        mu, log_var = at_least_float32(self.encoder(x)).chunk(2, dim=1)
        return mu, log_var

    def likelihood(self, z: Tensor) -> Distribution:
        """p(x|z), a distribution over pixels (N, planes, size, size); pictures show its `mean`."""
        output = at_least_float32(self.decoder(z))
        if self.likelihood_kind == "bernoulli":
            return Bernoulli(logits=output, validate_args=False)
        mean, log_sigma = output.chunk(2, dim=1)
        return Normal(mean, (MIN_LOG_SIGMA + F.softplus(log_sigma - MIN_LOG_SIGMA)).exp(), validate_args=False)

    def decode(self, z: Tensor) -> Tensor:
        """E[x|z], (N, planes, size, size): probabilities in [0, 1] (Bernoulli) or means around [-1, 1] (Gaussian)."""
        return self.likelihood(z).mean

    def grey(self, z: Tensor) -> Tensor:
        """E[x|z] as images in [-1, 1], whatever the likelihood: (N, planes, size, size)."""
        mean = self.decode(z)
        return mean * 2 - 1 if self.likelihood_kind == "bernoulli" else mean.clamp(-1, 1)

    @torch.no_grad()
    def sample(self, n: int, y: None = None, seed: int = 0) -> Tensor:
        """The means of p(x|z), z from the prior: see `Model.sample`."""
        return self.grey(normals(seed, n, self.latent).to(next(self.parameters()))).cpu()

    def elbo_terms(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """The two terms of the ELBO in nats, each (N,): log p(x|z) at one z, and KL(q(z|x) || p(z)).

        z is reparameterized: mu + sigma * noise (section 2.4), with standard normal `noise` (N, latent).
        """
        mu, log_var = self.encode(x)
        z = mu + (log_var / 2).exp() * noise
        return self.likelihood(z).log_prob(x).sum((1, 2, 3)), kl_to_standard_normal(mu, log_var)

    def elbo(self, x: Tensor, noise: Tensor | None = None, seed: int = 0) -> Tensor:
        """One-sample estimate of the ELBO in nats, (N,): eq. 10 with L = 1; by default the noise (N, latent) is drawn by `seed`."""
        noise = normals(seed, len(x), self.latent).to(x) if noise is None else noise
        reconstruction, kl = self.elbo_terms(x, noise)
        return reconstruction - kl

    def log_weights(self, x: Tensor, noise: Tensor) -> Tensor:
        """log p(x, z) - log q(z|x) for k samples of z each, (N, k), from standard normal `noise` (N, k, latent)."""
        n, k, _ = noise.shape
        mu, log_var = (value[:, None] for value in self.encode(x))  # (N, 1, latent)
        z = mu + (log_var / 2).exp() * noise  # (N, k, latent)
        logits = self.likelihood(z.flatten(0, 1)).log_prob(x.repeat_interleave(k, 0)).sum((1, 2, 3)).view(n, k)
        # both normal densities carry the same (2 pi)^(-d/2), so it cancels
        return logits + ((noise.square() - z.square() + log_var) / 2).sum(2)

    def iw_bound(self, x: Tensor, noise: Tensor) -> Tensor:
        """Importance-weighted bound on log p(x) in nats, (N,), from `noise` (N, k, latent): arXiv 1509.00519, eq. 8."""
        weights = self.log_weights(x, noise)
        return weights.logsumexp(1) - math.log(weights.shape[1])


def kl_to_standard_normal(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, sigma^2) || N(0, I)) in nats, (N,): appendix B."""
    return 0.5 * (mu.square() + log_var.exp() - log_var - 1).sum(1)


def vae_loss(reconstruction: Tensor, kl: Tensor, beta: float = 1.0) -> Tensor:
    """The negative ELBO, mean over the batch, with the KL term weighed by beta (1 in the paper)."""
    return (beta * kl - reconstruction).mean()
