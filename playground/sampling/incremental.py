"""The fast sampler: the same images as `plain`, with each position of each layer computed once (arXiv 1704.06001).

It knows no layer, only the three methods that every `Autoregressive` has beside its `forward`.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from playground.models.autoregressive import Autoregressive
from playground.sampling.plain import draw


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
    missing = (~known[:, 0]).any(dim=0)  # (H, W), what some image lacks
    cache = model.begin(y)
    for i in range(height):
        if not missing[i:].any():
            return
        model.next_row(cache, x[:, :, i - 1, None] if i else None)
        last = int(missing[i].nonzero().max()) if missing[i].any() else -1
        for j in range(last + 1):
            logits = model.next_pixel(cache, j, x[:, :, i, j - 1] if j else None)  # (N, levels)
            if missing[i, j]:
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
