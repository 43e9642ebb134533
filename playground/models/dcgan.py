"""Deep convolutional GAN (Radford, Metz and Chintala, arXiv 1511.06434) for square images.

The guidelines of section 3: strided convolutions instead of pooling, no hidden fully connected layers, batch normalisation in
both networks but not in G's last and D's first layer, ReLU in G with tanh at its end, LeakyReLU in D.  Over several
processes, the statistics of batch normalisation are each process's own.
The losses are the GAN's (`playground/models/gan.py`).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from playground.models.base import Model, normals


class Generator(nn.Sequential):
    """G(z): z projected to a small picture of many channels, then transposed convolutions, each of which doubles its side (figure 1)."""

    def __init__(self, latent: int, widths: Sequence[int], smallest: int, kernel: int, border: int, planes: int):
        def normalised(layer: nn.Module, width: int) -> list[nn.Module]:
            return [layer, nn.BatchNorm2d(width), nn.ReLU()]

        layers = [
            nn.Linear(latent, widths[0] * smallest * smallest, bias=False),
            *normalised(nn.Unflatten(1, (widths[0], smallest, smallest)), widths[0]),
        ]
        doubling = {"kernel_size": kernel, "stride": 2, "padding": (kernel - 1) // 2, "output_padding": kernel % 2}
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


class DCGAN(Model):
    """A convolutional generator of images from noise, and a convolutional discriminator that tells them from real ones.

    `generator(z)`: standard normal z (N, latent) to images (N, planes, size, size) in [-1, 1].
    `discriminator(x)`: images (N, planes, size, size) in [-1, 1] to the logit of "real" (N,).

    Args:
        latent: dimensions of z.
        widths: channels of G's pictures, from the smallest to the last but one; D's in reverse.
        smallest: side of G's smallest picture; the images' side is smallest * 2 ** len(widths), less the border.
        kernel: side of the kernels.
        border: pixels of the largest picture that are cut off on each side: from 32, three times 4 doubled, to the 28 of a digit.
        dataset: what it was trained on, for the page.
        planes: 1 for grey images, 3 for RGB.
    """

    system = "dcgan"

    def __init__(
        self,
        latent: int = 64,
        widths: Sequence[int] = (128, 64, 32),
        smallest: int = 4,
        kernel: int = 4,
        border: int = 2,
        dataset: str = "mnist",
        planes: int = 1,
    ):
        super().__init__()
        self.latent, self.size, self.dataset, self.planes = latent, smallest * 2 ** len(widths) - 2 * border, dataset, planes
        self.generator = Generator(latent, widths, smallest, kernel, border, planes)
        self.discriminator = Discriminator(widths, smallest, kernel, border, planes)
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
