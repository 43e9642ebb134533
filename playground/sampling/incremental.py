"""The fast sampler: the same images as `plain`, with each position of each layer computed once (arXiv 1704.06001).

It knows no layer, only the few methods that every `Autoregressive` has beside its `forward`.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from playground.models.autoregressive import Autoregressive
from playground.sampling.plain import begun, write_value


@torch.no_grad()
def write(
    model: Autoregressive, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Iterator[tuple[Tensor, int]]:
    """Writes images in raster order and yields after every pixel that is drawn.

    Args:
        y: labels, int64 (N,).
        noise: uniforms in [0, 1), (N, planes, H, W), one a sub-pixel.
        temperature: above 0; 1 draws from the model's distribution, less from a sharper one.
        given: images in [0, 1] (N, planes, H, W) whose pixels are kept where `known`.
        known: bool (N, 1, H, W).

    Yields:
        the images so far, (N, planes, H, W) in [0, 1] and always the same tensor, and how many of the H W pixels are done.
    """
    height, width = noise.shape[2:]
    x, known = begun(noise, given, known)
    missing = (~known[:, 0]).any(dim=0)  # (H, W), what some image lacks
    cache = model.begin(y)
    for i in range(height):
        if not missing[i:].any():
            return
        model.next_row(cache, x[:, :, i - 1, None] if i else None)
        last = int(missing[i].nonzero().max()) if missing[i].any() else -1
        for j in range(last + 1):
            for plane in range(model.planes):
                if plane == 0:
                    logits = model.next_pixel(cache, j, x[:, :, i, j - 1] if j else None)  # (N, levels)
                else:
                    logits = model.next_plane(cache, j, x[:, :plane, i, j])  # likewise
                if missing[i, j]:
                    write_value(model, x, known, i, j, plane, logits, noise, temperature)
            if missing[i, j]:
                yield x, i * width + j + 1


def sample(
    model: Autoregressive, y: Tensor, noise: Tensor, temperature: float = 1.0, given: Tensor | None = None, known: Tensor | None = None
) -> Tensor:
    """`write` to the end: images (N, planes, H, W) in [0, 1]."""
    images = given
    for images, _ in write(model, y, noise, temperature, given, known):  # noqa: B007
        pass
    return images
