"""Conditional generative adversarial network (Mirza and Osindero, arXiv 1411.1784).

Two pairs of networks: "convolutional", after DCGAN (arXiv 1511.06434), with a spectrally normalised discriminator (arXiv
1802.05957) that is conditioned on the class by projection (arXiv 1802.05637); and "mlp", the fully connected pair of section 4.1.
The losses are the GAN's (`playground/models/gan.py`), with D(x|y) and G(z|y) in place of D(x) and G(z): equation 2.
Over several processes, the statistics of the generator's batch normalisation are each process's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrize import register_parametrization

from playground.models.base import ClassConfig, ImageConfig, Model, asked_classes, normals
from playground.models.gan import Maxout


def weights(y: Tensor, classes: int, like: Tensor) -> Tensor:
    """Classes as the networks take them, (N, classes): one-hot for labels y int64 (N,); a blend's weights (N, classes) stay as they are."""
    return (y if y.is_floating_point() else F.one_hot(y, classes)).to(like)


class ConvolutionalGenerator(nn.Module):
    """G(z|y): two transposed convolutions with stride 2, each after a convolution at its size, batch norm and ReLU between."""

    def __init__(self, latent: int, classes: int, channels: int, size: int, planes: int):
        super().__init__()
        self.classes = classes
        c, side = channels, size // 4

        def normalised(layer: nn.Module, width: int) -> list[nn.Module]:
            return [layer, nn.BatchNorm2d(width), nn.ReLU()]

        self.layers = nn.Sequential(
            nn.Linear(latent + classes, 2 * c * side * side, bias=False),
            *normalised(nn.Unflatten(1, (2 * c, side, side)), 2 * c),  # (N, 2c, side, side)
            *normalised(nn.Conv2d(2 * c, 2 * c, 3, padding=1, bias=False), 2 * c),
            *normalised(nn.ConvTranspose2d(2 * c, c, 4, stride=2, padding=1, bias=False), c),  # (N, c, 2 side, 2 side)
            *normalised(nn.Conv2d(c, c, 3, padding=1, bias=False), c),
            nn.ConvTranspose2d(c, planes, 4, stride=2, padding=1),  # (N, planes, size, size)
            nn.Tanh(),
        )

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        return self.layers(torch.cat([z, weights(y, self.classes, z)], 1))


class Spectral(nn.Module):
    """W over its largest singular value, by one step of the power iteration a forward pass in training (arXiv 1802.05957, algorithm 1).

    torch's own implementation divides by u'Wv with stored u and v, which is wrong for averaged weights: averages of unit vectors are
    shorter than 1.  Here v is normalised first, and u follows from it.
    """

    v: Tensor

    def __init__(self, weight: Tensor):
        super().__init__()
        self.register_buffer("v", torch.randn_like(weight.flatten(1)[0]))

    def forward(self, weight: Tensor) -> Tensor:
        matrix = weight.flatten(1)  # (outputs, the rest)
        if self.training:
            with torch.no_grad():
                self.v.copy_(F.normalize(matrix.T @ F.normalize(matrix @ self.v, dim=0), dim=0))
        v = F.normalize(self.v, dim=0)  # a new tensor: a second pass changes self.v before the first one's backward
        return weight / (matrix @ v).norm()


def spectral_norm(layer: nn.Conv2d | nn.Linear) -> nn.Module:
    register_parametrization(layer, "weight", Spectral(layer.weight))
    return layer


class ConvolutionalDiscriminator(nn.Module):
    """D(x|y) in logits: three convolutions with stride 2, no normalisation but that of their spectra."""

    def __init__(self, classes: int, channels: int, size: int, planes: int):
        super().__init__()
        self.classes = classes
        c, last = channels, -(-size // 8)
        self.body = nn.Sequential(
            spectral_norm(nn.Conv2d(planes, c, 4, stride=2, padding=1)),  # (N, c, 14, 14) of 28x28
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(c, 2 * c, 4, stride=2, padding=1)),  # (N, 2c, 7, 7)
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(2 * c, 4 * c, 3, stride=2, padding=1)),  # (N, 4c, 4, 4)
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        self.head = spectral_norm(nn.Linear(4 * c * last**2, 1 + classes))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        out = self.head(self.body(x))  # how real, and how much of each class: (N, 1 + classes)
        return out[:, 0] + (out[:, 1:] * weights(y, self.classes, out)).sum(1)


class MLPGenerator(nn.Module):
    """G(z|y) of section 4.1: z to 200 and y to 1,000 ReLU units, then 1,200 together, then the pixels."""

    def __init__(self, latent: int, classes: int, size: int, planes: int):
        super().__init__()
        self.classes, self.shape = classes, (planes, size, size)
        self.of_z, self.of_y = nn.Linear(latent, 200), nn.Linear(classes, 1000)
        self.joint, self.pixels = nn.Linear(1200, 1200), nn.Linear(1200, planes * size**2)
        self.dropout = nn.Dropout(0.5)

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        z = torch.special.ndtr(z)  # the paper's z is uniform in the unit cube, as the normal distribution function of normals is
        h = torch.cat([self.of_z(z), self.of_y(weights(y, self.classes, z))], 1).relu()  # (N, 1200)
        h = self.dropout(self.joint(self.dropout(h)).relu())
        return self.pixels(h).sigmoid().unflatten(1, self.shape) * 2 - 1


class MLPDiscriminator(nn.Module):
    """D(x|y) of section 4.1, in logits: x to 240 maxout units of 5 pieces, y to 50 of 5, then 240 of 4 together."""

    def __init__(self, classes: int, pixels: int):
        super().__init__()
        self.classes = classes
        self.of_x, self.of_y, self.joint = Maxout(pixels, 240, 5), Maxout(classes, 50, 5), Maxout(290, 240, 4)
        self.head = nn.Linear(240, 1)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        x = x.flatten(1)
        h = torch.cat([self.of_x(x), self.of_y(weights(y, self.classes, x))], 1)  # (N, 290)
        return self.head(self.dropout(self.joint(self.dropout(h)))).squeeze(1)


@dataclass(frozen=True, kw_only=True)
class CGANArchitecture:
    latent: int = 64  # dimensions of z
    networks: Literal["convolutional", "mlp"] = "convolutional"  # of sizes that are multiples of 4, or the paper's own
    channels: int = 32  # of the convolutional networks at half the images' size


@dataclass(frozen=True, kw_only=True)
class CGANConfig(ClassConfig, ImageConfig, CGANArchitecture):
    pass


class CGAN(Model):
    """A generator that makes an image of a given class, and a discriminator that tells it from a real image of that class.

    `generator(z, y)`: standard normal z (N, latent) to images (N, planes, size, size) in [-1, 1].
    `discriminator(x, y)`: images (N, planes, size, size) in [-1, 1] to the logit of "real" (N,).
    Both take y as labels int64 (N,), or as floating-point weights of a blend of classes (N, classes).
    """

    system, Config = "cgan", CGANConfig

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.latent, self.classes, self.dataset, self.size, self.planes = c.latent, c.classes, c.dataset, c.size, c.planes
        self.class_names = c.names
        if c.networks == "convolutional":
            self.generator = ConvolutionalGenerator(c.latent, c.classes, c.channels, c.size, c.planes)
            self.discriminator = ConvolutionalDiscriminator(c.classes, c.channels, c.size, c.planes)
        else:
            self.generator = MLPGenerator(c.latent, c.classes, c.size, c.planes)
            self.discriminator = MLPDiscriminator(c.classes, c.planes * c.size**2)

    @torch.no_grad()
    def sample(self, n: int, y: int | Sequence[int] | Tensor | None = None, seed: int = 0) -> Tensor:
        """G(z|y): see `Model.sample`."""
        parameter = next(self.parameters())
        asked = asked_classes(n, y, self.classes, seed).to(parameter.device)
        return self.generator(normals(seed, n, self.latent).to(parameter), asked).cpu()
