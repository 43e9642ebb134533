"""DCGAN (arXiv 1511.06434) on images of digits, or of any size, in colour: the GAN's game between convolutional networks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor
from torch.optim import Adam, Optimizer

from playground.errors import UserError
from playground.models.dcgan import DCGAN, DCGANArchitecture
from training import data
from training.recipes.gan import FromNoiseSettings, GANRecipe


@dataclass(frozen=True)
class DCGANSettings(DCGANArchitecture, FromNoiseSettings):
    size: int | None = None  # side of the images; by default that of widths, smallest and border, which is 28
    colour: data.Colour = "auto"  # for a folder: as its images are
    batch_size: int = 64
    learning_rate: float = 2e-4
    ema: float = 0.999


class DCGANRecipe(GANRecipe):
    """DCGAN: the GAN with convolutional networks (arXiv 1511.06434)."""

    name = "dcgan"
    Settings = DCGANSettings
    presets = {
        "small": {"epochs": 16},
        # figure 1 and section 4: images of 64 pixels from 4x4x1024, minibatches of 128; kernels of 5 as in the authors' code
        "paper": {
            "latent": 100,
            "widths": [1024, 512, 256, 128],
            "smallest": 4,
            "kernel": 5,
            "border": 0,
            "batch_size": 128,
            "epochs": 25,
            "ema": 0.0,
        },
    }
    tiny = {"batch_size": 8, "widths": [16, 8, 4]}

    def __init__(self, settings: DCGANSettings):
        self.settings = s = settings
        self.widths, self.border = s.widths, s.border
        if s.size:
            self.widths, self.border = doublings(s.size, s.widths, s.smallest)
        self.size = s.smallest * 2 ** len(self.widths) - 2 * self.border
        if self.size < 1:
            raise UserError(
                f"--border {self.border} leaves nothing of an image of {self.size + 2 * self.border} pixels; choose a narrower one."
            )
        self.images, self.labels = (part[: s.examples] for part in self.pictures("train"))

    def pictures(self, split: data.Split) -> tuple[Tensor, Tensor]:
        s = self.settings
        size = self.size if data.is_own(s.dataset) or s.dataset in data.PHOTOS else 28  # digits are resized batch by batch
        return data.pictures(s.dataset, split, s.data_dir, size, s.colour)

    def model(self) -> DCGAN:
        return self.built(DCGAN, widths=self.widths, border=self.border, planes=self.images.shape[1])

    def optimizers(self, model: DCGAN) -> dict[str, Optimizer]:
        """Section 4: Adam with beta1 = 0.5."""
        players = {"discriminator": model.discriminator, "generator": model.generator}
        return {player: Adam(net.parameters(), self.settings.learning_rate, betas=(0.5, 0.999)) for player, net in players.items()}

    def scaled(self, images: Tensor) -> Tensor:
        return resized(super().scaled(images), self.size)

    def generate(self, model: DCGAN, count: int, seed: int) -> Tensor:
        return resized(super().generate(model, count, seed), self.images.shape[-1])


def doublings(size: int, widths: Sequence[int], smallest: int) -> tuple[list[int], int]:
    """The widths and the border with which G doubles `smallest` up to `size`; if more widths are needed, each is twice the next.

    Raises UserError for a size that can't be reached with any border.
    """
    count = max(1, math.ceil(math.log2(size / smallest)))
    border, odd = divmod(smallest * 2**count - size, 2)
    if odd or border >= smallest * 2 ** (count - 2):
        raise UserError(f"--size must be an even number of at least {smallest}, such as 28, 32, 64 or 128, not {size}.")
    more = [widths[0] * 2**i for i in range(count - len(widths), 0, -1)]
    return [*more, *widths[max(0, len(widths) - count) :]], border


def resized(x: Tensor, size: int) -> Tensor:
    """Images (N, C, H, H) as (N, C, size, size)."""
    return x if x.shape[-1] == size else F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)


RECIPE = DCGANRecipe
