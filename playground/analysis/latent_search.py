"""Which z makes this image?  A VAE's encoder answers at once; a GAN has none, and its latent space must be searched (claim C21)."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Found(NamedTuple):
    """The best z so far: the number of steps, z (latent,), the image G(z) (1, 28, 28), and its error."""

    steps: int
    z: Tensor
    image: Tensor
    error: float


def error(generated: Tensor, image: Tensor) -> Tensor:
    """Mean squared difference of pixels in [-1, 1] from `image` (1, H, W), of each generated image (N, 1, H, W): (N,)."""
    return (generated - image).square().mean((1, 2, 3))


@torch.enable_grad()
def search(generator: nn.Module, image: Tensor, starts: Tensor, steps: int, rate: float = 0.1) -> Iterator[Found]:
    """Descends the error of G(z) by Adam from several starts at once, and yields the best z before the first step and after each.

    Args:
        generator: in eval mode; z (N, latent) to images (N, 1, H, W) in [-1, 1].
        image: the target, (1, H, W) in [-1, 1].
        starts: the first z of each descent, (N, latent).
        steps: their number.
        rate: Adam's learning rate; it falls linearly to 0.
    """
    z = starts.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([z], rate)
    best = None
    for step in range(steps + 1):
        generated = generator(z)
        errors = error(generated, image)
        least = errors.argmin()
        if best is None or errors[least].item() < best.error:
            best = Found(step, z[least].detach().clone(), generated[least].detach(), errors[least].item())
        yield best._replace(steps=step)
        optimizer.param_groups[0]["lr"] = rate * (1 - step / max(steps, 1))
        (z.grad,) = torch.autograd.grad(errors.sum(), z)  # by z alone, so that G's weights get no gradient
        optimizer.step()
