"""How close a VAE's bounds come to log p(x), which can be integrated over two latent dimensions; and gradients by sampling."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from playground.models.vae import VAE


def nested_bounds(log_weights: Tensor) -> list[tuple[int, float, float]]:
    """Importance-weighted bounds of one image in nats for k = 1, 2, 4 ...: (k, mean, spread), from log p(x, z) - log q(z|x), (K,).

    The same K weights (a power of two) are averaged in groups of k that nest in groups of 2k, so that the mean never falls as k grows
    (arXiv 1509.00519, theorem 1, exactly).  The spread is the standard deviation over groups, NaN if there is only one.
    """
    found = []
    for k in (2**i for i in range(int(math.log2(len(log_weights))) + 1)):
        bounds = log_weights.view(-1, k).logsumexp(1) - math.log(k)  # (K / k,)
        found.append((k, bounds.mean().item(), bounds.std().item() if len(bounds) > 1 else math.nan))
    return found


class Posterior(NamedTuple):
    """p(z|x) on the square [-reach, reach]^2 of a two-dimensional latent space."""

    log_evidence: float  # log p(x) in nats, of the z in the square
    log_joint: Tensor  # log p(x, z) at the middles of the cells, (n, n): a row is one z2, from -reach upwards, a column one z1
    cell: float  # side of a cell

    @property
    def density(self) -> Tensor:
        """p(z|x) averaged over each cell, (n, n); times cell^2 it sums to 1."""
        return (self.log_joint - self.log_evidence).exp()


@torch.no_grad()
def posterior(vae: VAE, x: Tensor, reach: float = 4.0, cells: int = 40, parts: int = 4, steep: float = 12.0) -> Posterior:
    """log p(x) and p(z|x) of one image x (1, 1, 28, 28) by the midpoint rule over z, for a VAE with two latent dimensions.

    Cells in which, or beside which, the integrand comes within `steep` nats of its largest value are divided into parts x parts cells, and
    those of them that do are divided once more.
    """
    side = 2 * reach / cells
    log_joint = log_joint_on(vae, x, (-reach, -reach), 2 * reach, cells)
    ticks = _ticks(cells, -reach, 2 * reach)
    z1, z2 = ((ticks - m).abs() < side for m in vae.encode(x)[0][0].cpu())
    near = (log_joint > log_joint.max() - steep) | (z2[:, None] & z1)  # and at q's mean: a narrow peak may fall between the middles
    near = F.max_pool2d(near[None].float(), 3, stride=1, padding=1)[0].bool()  # and the cells beside
    rows, columns = near.nonzero(as_tuple=True)
    inner = _cut(torch.stack([ticks[columns], ticks[rows]], 1), side, parts)  # (m, parts^2, 2)
    fine = _log_joint(vae, x, inner.flatten(0, 1)).view(inner.shape[:2])  # (m, parts^2)
    steeper = fine > fine.max() - steep
    innermost = _cut(inner[steeper], side / parts, parts)  # (n, parts^2, 2)
    fine[steeper] = _log_joint(vae, x, innermost.flatten(0, 1)).view(innermost.shape[:2]).logsumexp(1) - 2 * math.log(parts)
    log_joint[rows, columns] = fine.logsumexp(1) - 2 * math.log(parts)
    return Posterior((log_joint.flatten().logsumexp(0) + 2 * math.log(side)).item(), log_joint, side)


@torch.no_grad()
def log_joint_on(vae: VAE, x: Tensor, corner: tuple[float, float], side: float, cells: int) -> Tensor:
    """log p(x, z) in nats at the middles of the cells of a square of the latent space, (cells, cells).

    corner: its smallest (z1, z2).  A row is one z2, from there upwards, a column one z1.
    """
    return _log_joint(vae, x, _middles(cells, corner, side)).view(cells, cells)


def _ticks(cells: int, start: float, side: float) -> Tensor:
    """The middles of `cells` equal parts of [start, start + side]."""
    return start + (torch.arange(cells) + 0.5) / cells * side


def _middles(cells: int, corner: tuple[float, float], side: float) -> Tensor:
    """The middles of cells x cells equal squares, (cells^2, 2) as (z1, z2), z1 moving first."""
    z2, z1 = torch.meshgrid(_ticks(cells, corner[1], side), _ticks(cells, corner[0], side), indexing="ij")
    return torch.stack([z1, z2], -1).view(-1, 2)


def _cut(middles: Tensor, side: float, parts: int) -> Tensor:
    """The middles of the parts x parts squares that make up each square (n, 2) of this side: (n, parts^2, 2)."""
    return middles[:, None] + _middles(parts, (-side / 2, -side / 2), side)


def _log_joint(vae: VAE, x: Tensor, z: Tensor) -> Tensor:
    """log p(x, z) in nats at each z (n, 2): (n,)."""
    z = z.to(x)
    likelihoods = [vae.likelihood(part).log_prob(x).sum((1, 2, 3)) for part in z.split(500)]  # in parts that fit a cache
    return torch.cat(likelihoods).cpu() - z.square().sum(1).cpu() / 2 - math.log(2 * math.pi)


# --- gradients of E[f(z)], z ~ N(mu, sigma^2), by sampling ---


def pathwise_gradient(f: Callable[[Tensor], Tensor], mu: float, sigma: float, noise: Tensor) -> Tensor:
    """The gradient of f(z), z = mu + sigma * noise, by (mu, sigma), for each noise (N,): (N, 2) (arXiv 1312.6114, section 2.4)."""
    z = (mu + sigma * noise).requires_grad_()
    (slope,) = torch.autograd.grad(f(z).sum(), z)
    return torch.stack([slope, slope * noise], 1)  # dz/dmu = 1, dz/dsigma = noise


def score_function_gradient(f: Callable[[Tensor], Tensor], mu: float, sigma: float, noise: Tensor) -> Tensor:
    """f(z) times the gradient of log N(z; mu, sigma^2) by (mu, sigma), for each noise (N,): (N, 2) (arXiv 1312.6114, section 2.2).

    It needs no derivative of f.
    """
    value = f(mu + sigma * noise)
    return torch.stack([value * noise / sigma, value * (noise.square() - 1) / sigma], 1)
