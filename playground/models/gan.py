"""Generative adversarial network (Goodfellow et al., arXiv 1406.2661) with fully connected networks.

The losses below are those of every GAN here, the conditional and the convolutional ones too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from playground.models.base import ImageConfig, Model, at_least_float32, normals


class Maxout(nn.Module):
    """The largest of `pieces` linear functions, a unit (arXiv 1302.4389)."""

    def __init__(self, inputs: int, units: int, pieces: int):
        super().__init__()
        self.pieces = pieces
        self.linear = nn.Linear(inputs, units * pieces)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).unflatten(1, (-1, self.pieces)).amax(2)


class Generator(nn.Sequential):
    """G(z): fully connected layers of ReLU units, then the pixels through a sigmoid, stretched to [-1, 1].

    Batch normalisation is optional.  It is later than the paper: DCGAN's remedy for a generator that makes the same image from every z.
    """

    def __init__(self, latent: int, widths: Sequence[int], batch_norm: bool, planes: int, size: int):
        layers = []
        for inputs, outputs in zip([latent, *widths], widths):
            layers += [nn.Linear(inputs, outputs), *[nn.BatchNorm1d(outputs)] * batch_norm, nn.ReLU()]
        super().__init__(*layers, nn.Linear(widths[-1], planes * size**2), nn.Unflatten(1, (planes, size, size)))

    def forward(self, z: Tensor) -> Tensor:
        return super().forward(z).sigmoid() * 2 - 1


class Discriminator(nn.Sequential):
    """D(x) in logits: fully connected layers of maxout units, with dropout after each."""

    def __init__(self, widths: Sequence[int], pieces: int, dropout: float, pixels: int):
        layers = []
        for inputs, outputs in zip([pixels, *widths], widths):
            layers += [Maxout(inputs, outputs, pieces), nn.Dropout(dropout)]
        super().__init__(nn.Flatten(), *layers, nn.Linear(widths[-1], 1), nn.Flatten(0))


@dataclass(frozen=True, kw_only=True)
class GANArchitecture:
    latent: int = 64  # dimensions of z
    generator_widths: list[int] = field(default_factory=lambda: [256, 512, 1024])  # units of G's hidden layers
    batch_norm: bool = True  # in the generator; the paper's has none
    discriminator_widths: list[int] = field(default_factory=lambda: [240, 240])  # maxout units of D's hidden layers
    pieces: int = 5  # linear functions a maxout unit
    dropout: float = 0.3  # share of D's units that a training step leaves out


@dataclass(frozen=True, kw_only=True)
class GANConfig(ImageConfig, GANArchitecture):
    pass


class GAN(Model):
    """A generator of images from noise, and a discriminator that tells them from real ones.

    `generator(z)`: standard normal z (N, latent) to images (N, planes, size, size) in [-1, 1].
    `discriminator(x)`: images (N, planes, size, size) in [-1, 1] to the logit of "real" (N,).
    """

    system, Config = "gan", GANConfig

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.latent, self.dataset, self.size, self.planes = c.latent, c.dataset, c.size, c.planes
        self.generator = Generator(c.latent, c.generator_widths, c.batch_norm, c.planes, c.size)
        self.discriminator = Discriminator(c.discriminator_widths, c.pieces, c.dropout, c.planes * c.size**2)

    @torch.no_grad()
    def sample(self, n: int, y: None = None, seed: int = 0) -> Tensor:
        """G(z): see `Model.sample`."""
        return self.generator(normals(seed, n, self.latent).to(next(self.parameters()))).cpu()


def value(real: Tensor, fake: Tensor) -> Tensor:
    """V(D, G) = E log D(x) + E log(1 - D(G(z))) of equation 1, from D's logits of real and generated images, (N,); a scalar in nats."""
    return F.logsigmoid(at_least_float32(real)).mean() + F.logsigmoid(-at_least_float32(fake)).mean()


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Minus the value, which D maximises (equation 1): a cross-entropy, from logits (N,); a scalar in nats."""
    return -value(real, fake)


def saturating_generator_loss(fake: Tensor) -> Tensor:
    """The part of the value that G minimises, E log(1 - D(G(z))) (equation 1), from logits (N,); a scalar in nats.

    Its gradient with respect to a logit is -D(G(z)): it vanishes while D is sure that the image is generated.
    """
    return F.logsigmoid(-at_least_float32(fake)).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """The non-saturating loss, -E log D(G(z)) (end of section 3), from logits (N,); a scalar in nats.

    Its gradient with respect to a logit is -(1 - D(G(z))): it is largest while D is sure that the image is generated.
    """
    return -F.logsigmoid(at_least_float32(fake)).mean()
