"""The plain sampler: p(x) = prod_i p(x_i | x_1 .. x_{i-1}), one pixel after another, all earlier layers computed anew.

It takes noise, not a generator, so image i comes out the same in any batch.  It is the reference for `incremental`, which is what
the page uses: one full forward pass a pixel is hundreds of times slower.
"""

import torch
from torch import Tensor, nn


def draw(logits: Tensor, noise: Tensor, temperature: float = 1.0) -> Tensor:
    """Values 0..levels-1 (N,) from logits (N, levels), divided by the temperature, by inverting their distribution at noise (N,)."""
    cumulative = torch.softmax(logits.double() / temperature, dim=1).cumsum(dim=1)[:, :-1]  # (N, levels - 1)
    return (noise[:, None] >= cumulative).sum(dim=1)


@torch.no_grad()
def sample(
    model: nn.Module, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Tensor:
    """Images (N, 1, H, W) in [0, 1]; arguments as of `incremental.write`."""
    x = torch.zeros_like(noise)
    known = torch.zeros_like(noise, dtype=torch.bool) if known is None else known
    if given is not None:
        x[known] = given[known].to(x.dtype)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            if not known[:, 0, i, j].all():
                values = draw(model(x, y)[:, :, i, j], noise[:, 0, i, j], temperature).to(x.dtype) / (model.levels - 1)
                x[:, 0, i, j] = torch.where(known[:, 0, i, j], x[:, 0, i, j], values)
    return x
