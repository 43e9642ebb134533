"""The plain sampler: p(x) = prod_i p(x_i | x_1 .. x_{i-1}), one pixel after another, all earlier layers computed anew.

It takes noise, not a generator, so image i comes out the same in any batch; and it knows no layer, only what every
autoregressive model here has: `context` (what the rows above say, computed once a row) and `row_logits`.
"""

from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor


class Autoregressive(Protocol):
    """What the sampler asks of a model; GatedPixelCNN says what each returns."""

    levels: int

    def context(self, x: Tensor, y: Tensor) -> list[Tensor]: ...

    def row_logits(self, x: Tensor, context: list[Tensor], row: int) -> Tensor: ...


def draw(logits: Tensor, noise: Tensor, temperature: float = 1.0) -> Tensor:
    """Values 0..levels-1 (N,) from logits (N, levels), divided by the temperature, by inverting their distribution at noise (N,)."""
    cumulative = torch.softmax(logits.double() / temperature, dim=1).cumsum(dim=1)[:, :-1]  # (N, levels - 1)
    return (noise[:, None] >= cumulative).sum(dim=1)


@torch.no_grad()
def write(
    model: Autoregressive, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Iterator[tuple[Tensor, int]]:
    """Writes images in raster order and yields after every pixel that is drawn.

    Args:
        y: labels, int64 (N,).
        noise: uniforms in [0, 1), (N, 1, H, W), one a pixel.
        temperature: above 0; 1 draws from the model's distribution, less from a sharper one.
        given: images in [0, 1] (N, 1, H, W) whose pixels are kept where `known`.
        known: bool (N, 1, H, W).

    Yields:
        the images so far, (N, 1, H, W) in [0, 1] and always the same tensor, and how many of the H W pixels are done.
    """
    height, width = noise.shape[2:]
    x = torch.zeros_like(noise)
    known = torch.zeros_like(noise, dtype=torch.bool) if known is None else known
    if given is not None:
        x[known] = given[known].to(x.dtype)
    for i in range(height):
        columns = (~known[:, 0, i]).any(dim=0).nonzero().flatten().tolist()  # those that some image lacks
        if not columns:
            continue
        # its last row depends on the rows above alone, so it stays true while row i is written
        context = [told[:, :, i:] for told in model.context(x[:, :, : i + 1], y)]
        for j in columns:
            left = slice(0, j + 1)
            logits = model.row_logits(x[:, :, i : i + 1, left], [told[..., left] for told in context], i)[:, :, 0, j]  # (N, levels)
            values = draw(logits, noise[:, 0, i, j], temperature).to(x.dtype) / (model.levels - 1)
            x[:, 0, i, j] = torch.where(known[:, 0, i, j], x[:, 0, i, j], values)
            yield x, i * width + j + 1


def sample(
    model: Autoregressive, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Tensor:
    """`write` to the end: images (N, 1, H, W) in [0, 1]."""
    images = given
    for images, _ in write(model, y, noise, temperature, given, known):  # noqa: B007
        pass
    return images
