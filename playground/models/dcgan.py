"""Deep convolutional GAN (Radford, Metz and Chintala, arXiv 1511.06434) for square images.

The guidelines of section 3: strided convolutions instead of pooling, no hidden fully connected layers, batch normalisation in
both networks but not in G's last and D's first layer, ReLU in G with tanh at its end, LeakyReLU in D.  Over several
processes, the statistics of batch normalisation are each process's own.
The losses are the GAN's (`playground/models/gan.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from playground.models.base import ImageConfig, Model, normals


class Generator(nn.Sequential):
    """G(z): z projected to a small picture of many channels, then transposed convolutions, each of which doubles its side (figure 1)."""

    def __init__(self, latent: int, widths: Sequence[int], smallest: int, kernel: int, border: int, planes: int):
        def normalised(layer: nn.Module, width: int) -> list[nn.Module]:
            return [layer, nn.BatchNorm2d(width), nn.ReLU()]

        layers = [
            nn.Linear(latent, widths[0] * smallest * smallest, bias=False),
            *normalised(nn.Unflatten(1, (widths[0], smallest, smallest)), widths[0]),
        ]
        doubling: dict[str, Any] = {"kernel_size": kernel, "stride": 2, "padding": (kernel - 1) // 2, "output_padding": kernel % 2}
        for inputs, outputs in zip(widths, widths[1:]):
            layers += normalised(nn.ConvTranspose2d(inputs, outputs, **doubling, bias=False), outputs)
        doubling["padding"] += border  # which a transposed convolution cuts off
        super().__init__(*layers, nn.ConvTranspose2d(widths[-1], planes, **doubling), nn.Tanh())


class Discriminator(nn.Sequential):
    """D(x) in logits: convolutions with stride 2, G's in reverse."""

    def __init__(self, widths: Sequence[int], smallest: int, kernel: int, border: int, planes: int):
        widths, padding = widths[::-1], (kernel - 1) // 2
        layers = [nn.Conv2d(planes, widths[0], kernel, stride=2, padding=padding + border), nn.LeakyReLU(0.2)]
        for inputs, outputs in zip(widths, widths[1:]):
            convolution = nn.Conv2d(inputs, outputs, kernel, stride=2, padding=padding, bias=False)
            layers += [convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
        super().__init__(*layers, nn.Flatten(), nn.Linear(widths[-1] * smallest * smallest, 1), nn.Flatten(0))


@dataclass(frozen=True, kw_only=True)
class DCGANArchitecture:
    latent: int = 64  # dimensions of z
    widths: list[int] = field(default_factory=lambda: [128, 64, 32])  # channels of G's pictures but the last; D's in reverse
    smallest: int = 4  # side of G's smallest picture; the images' side is smallest * 2 ** len(widths), less the border
    kernel: int = 4  # side of the kernels
    border: int = 2  # pixels cut off on each side of G's largest picture: from 32, three times 4 doubled, to the 28 of a digit


@dataclass(frozen=True, kw_only=True)
class DCGANConfig(DCGANArchitecture):
    dataset: str = ImageConfig.dataset
    planes: int = ImageConfig.planes


class DCGAN(Model):
    """A convolutional generator of images from noise, and a convolutional discriminator that tells them from real ones.

    `generator(z)`: standard normal z (N, latent) to images (N, planes, size, size) in [-1, 1].
    `discriminator(x)`: images (N, planes, size, size) in [-1, 1] to the logit of "real" (N,).
    """

    system, Config = "dcgan", DCGANConfig

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.latent, self.dataset, self.planes = c.latent, c.dataset, c.planes
        self.size = c.smallest * 2 ** len(c.widths) - 2 * c.border
        self.generator = Generator(c.latent, c.widths, c.smallest, c.kernel, c.border, c.planes)
        self.discriminator = Discriminator(c.widths, c.smallest, c.kernel, c.border, c.planes)
        self.apply(_initialise)

    @torch.no_grad()
    def sample(self, n: int, y: None = None, seed: int = 0) -> Tensor:
        """G(z): see `Model.sample`."""
        return self.generator(normals(seed, n, self.latent).to(next(self.parameters()))).cpu()


def _initialise(module: nn.Module) -> None:
    """Section 4: weights from N(0, 0.02); those of batch normalisation from N(1, 0.02), as in the authors' code."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
