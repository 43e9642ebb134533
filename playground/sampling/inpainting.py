"""Inpainting that respects the pixels after the gap: sampling importance resampling (Rubin 1988).

An autoregressive sampler draws the missing pixels given those before them only.  The posterior given *all* known pixels is proportional to
that times the likelihood of the known pixels that come later.  So many completions are proposed, and a few are drawn from them in
proportion to that likelihood.  This becomes exact as the number of proposals grows.
"""

import torch
from torch import Tensor

from playground.models.autoregressive.base import Autoregressive


@torch.no_grad()
def log_weights(model: Autoregressive, proposals: Tensor, y: Tensor, known: Tensor) -> Tensor:
    """log p(the known pixels after the first missing one | all before each), of every proposal: (N,) in nats.

    Args:
        proposals: finished images by a sampler at temperature 1, (N, 1, H, W) in [0, 1].
        y: the labels they were written with, (N,), drawn given the known pixels before the first missing one.
        known: bool (N, 1, H, W), the pixels that were given; only the first image's are read.
    """
    late = known[0, 0].flatten() & (~known[0, 0].flatten()).cumsum(0).bool()  # (H W,)
    return model.pixel_log_prob(proposals, y).flatten(1)[:, late].sum(1)


def resample(log_weights: Tensor, noise: Tensor) -> Tensor:
    """Indices (n,) of proposals, drawn with probabilities proportional to exp(log_weights) (N,), by uniforms (n,) in [0, 1)."""
    shares = log_weights.double().softmax(0).cumsum(0)[:-1]  # (N - 1,)
    return torch.searchsorted(shares, noise.to(shares.dtype), right=True)


def effective(log_weights: Tensor) -> float:
    """The effective sample size of these weights: 1 / sum of the squared shares, from 1 to N."""
    return 1 / log_weights.double().softmax(0).square().sum().item()
