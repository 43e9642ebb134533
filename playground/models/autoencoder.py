"""Autoencoder: Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313, 2006."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import torch.nn.functional as F
from torch import Tensor, nn

from playground.models.base import ImageConfig, Model, at_least_float32

WIDTHS = (128, 64)


@dataclass(frozen=True, kw_only=True)
class AutoencoderArchitecture:
    latent: int = 32
    # linear: fitted to the data's mean and covariance until convergence, without steps; convolutional: for sizes that are multiples of 4
    network: Literal["deep", "linear", "convolutional"] = "deep"
    widths: tuple[int, ...] = WIDTHS  # units of the deep encoder's hidden layers
    width: int = 16  # channels of the outermost convolutions
    hidden: int = 256  # units of the convolutional one's fully connected layers


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig(ImageConfig, AutoencoderArchitecture):
    pass


def layers(*sizes: int) -> list[nn.Module]:
    """Fully connected layers from sizes[0] to sizes[-1] units, SiLU between them."""
    found: list[nn.Module] = [part for inputs, outputs in pairwise(sizes) for part in (nn.Linear(inputs, outputs), nn.SiLU())]
    return found[:-1]


class Residual(nn.Module):
    """x + conv(silu(conv(silu(x)))), same size."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.first(F.silu(x))))


def convolutional_encoder(planes: int, size: int, width: int, hidden: int, outputs: int) -> nn.Sequential:
    """Images (N, planes, size, size) to (N, outputs); `size` is a multiple of 4."""
    return nn.Sequential(
        nn.Conv2d(planes, width, 3, stride=2, padding=1),  # (N, w, size / 2, size / 2)
        Residual(width),
        nn.SiLU(),
        nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),  # (N, 2w, size / 4, size / 4)
        Residual(2 * width),
        nn.SiLU(),
        nn.Flatten(),
        nn.Linear(2 * width * (size // 4) ** 2, hidden),
        nn.SiLU(),
        nn.Linear(hidden, outputs),
    )


def convolutional_decoder(latent: int, hidden: int, width: int, size: int, planes: int) -> nn.Sequential:
    """Codes (N, latent) to (N, planes, size, size); the encoder in reverse."""
    side = size // 4
    return nn.Sequential(
        nn.Linear(latent, hidden),
        nn.SiLU(),
        nn.Linear(hidden, 2 * width * side**2),
        nn.Unflatten(1, (2 * width, side, side)),
        Residual(2 * width),
        nn.SiLU(),
        nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),  # (N, w, size / 2, size / 2)
        Residual(width),
        nn.SiLU(),
        nn.ConvTranspose2d(width, planes, 4, stride=2, padding=1),  # (N, planes, size, size)
    )


class Autoencoder(Model):
    """A network that learns to reconstruct its input through a code of few numbers; images (N, planes, size, size) in [-1, 1].

    `network="linear"` is one matrix each way, with a bias.  "deep" has hidden layers, mirrored in the decoder, and its output ends in a
    tanh; the paper's units are logistic and its weights pretrained as Boltzmann machines, which SiLU and Adam make unnecessary.
    "convolutional" is the VAE's network, for larger images.
    """

    system, Config = "autoencoder", AutoencoderConfig
    encoder: Any  # nn.Sequential; with network="linear" a single layer
    decoder: Any

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.latent, self.network, self.dataset, self.size, self.planes = c.latent, c.network, c.dataset, c.size, c.planes
        if c.network == "convolutional":
            self.encoder = convolutional_encoder(c.planes, c.size, c.width, c.hidden, c.latent)
            self.decoder = nn.Sequential(*convolutional_decoder(c.latent, c.hidden, c.width, c.size, c.planes), nn.Tanh())
            return
        pixels = c.planes * c.size**2
        hidden, end = ([], []) if c.network == "linear" else (list(c.widths), [nn.Tanh()])
        self.encoder = nn.Sequential(nn.Flatten(), *layers(pixels, *hidden, c.latent))
        self.decoder = nn.Sequential(*layers(c.latent, *reversed(hidden), pixels), *end, nn.Unflatten(1, (c.planes, c.size, c.size)))

    def encode(self, x: Tensor) -> Tensor:
        """The codes, (N, latent)."""
        return at_least_float32(self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        """Images (N, planes, size, size) of codes (N, latent)."""
        return at_least_float32(self.decoder(z))


def squared_error(rebuilt: Tensor, x: Tensor) -> Tensor:
    """The reconstruction error eps(x, d(e(x))) of each image, (N,): squared, mean over pixels.  What PCA and autoencoders minimise."""
    return F.mse_loss(rebuilt, x, reduction="none").flatten(1).mean(1)


def linear_squared_error(model: Autoencoder, mean: Tensor, covariance: Tensor) -> Tensor:
    """The mean `squared_error` of a linear autoencoder on all data with this mean (D,) and covariance (D, D): a scalar.

    With z = E x + a and y = D z + b it is  tr((I - DE) C (I - DE)^T) + |(I - DE) m - D a - b|^2,  over the number of pixels.
    """
    (E, a), (D, b) = ((layer.weight, layer.bias) for layer in (model.encoder[1], model.decoder[0]))
    EC = E @ covariance  # (latent, 784)
    spread = covariance.trace() - 2 * (EC * D.T).sum() + ((EC @ E.T) * (D.T @ D)).sum()
    shift = mean - D @ (E @ mean + a) - b
    return (spread + shift.square().sum()) / len(mean)
