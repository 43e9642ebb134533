"""The reference sampler: p(x) = prod_i p(x_i | x_1 .. x_{i-1}), one pixel after another, with a full forward pass for each.

It takes noise, not a generator, so that image i is the same in any batch.  The page uses `cached`, which gives the same images hundreds of
times faster.
"""

import torch
from torch import Tensor

from playground.models.autoregressive.base import Autoregressive


def draw(logits: Tensor, noise: Tensor, temperature: float = 1.0) -> Tensor:
    """Values 0..levels-1 (N,) from logits (N, levels) over the temperature, by inverting the distribution function at noise (N,)."""
    cumulative = torch.softmax(logits.double() / temperature, dim=1).cumsum(dim=1)[:, :-1]  # (N, levels - 1)
    return (noise[:, None] >= cumulative).sum(dim=1)


@torch.no_grad()
def sample(
    model: Autoregressive, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Tensor:
    """Images (N, planes, H, W) in [0, 1]; arguments as of `cached.write`."""
    x, known = begun(noise, given, known)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            if not known[:, 0, i, j].all():
                for plane in range(model.planes):
                    write_value(model, x, known, i, j, plane, model.value_logits(x, y)[:, :, plane, i, j], noise, temperature)
    return x


def begun(noise: Tensor, given: Tensor | None, known: Tensor | None) -> tuple[Tensor, Tensor]:
    """Images with the given pixels and zeros elsewhere, and the mask of the known ones, (N, 1, H, W)."""
    known = torch.zeros_like(noise[:, :1], dtype=torch.bool) if known is None else known
    x = torch.zeros_like(noise)
    return x if given is None else torch.where(known, given.to(x.dtype), x), known


def write_value(
    model: Autoregressive, x: Tensor, known: Tensor, i: int, j: int, plane: int, logits: Tensor, noise: Tensor, temperature: float
) -> None:
    """Draws one plane of pixel (i, j) and writes it into those images of x in which the pixel is not known."""
    values = draw(logits, noise[:, plane, i, j], temperature).to(x.dtype) / (model.levels - 1)
    x[:, plane, i, j] = torch.where(known[:, 0, i, j], x[:, plane, i, j], values)
