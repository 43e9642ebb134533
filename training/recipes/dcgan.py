"""DCGAN (arXiv 1511.06434) on grey images of digits: the GAN's game between convolutional networks."""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import Adam, Optimizer

from playground.models.dcgan import DCGAN
from training.draws import Draws
from training.recipes import AdversarialSettings
from training.recipes.gan import GANRecipe


@dataclass(frozen=True)
class DCGANSettings(AdversarialSettings):
    latent: int = 64
    widths: list[int] = field(default_factory=lambda: [128, 64, 32])
    smallest: int = 4
    kernel: int = 4
    border: int = 2
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

    def model(self) -> DCGAN:
        s = self.settings
        return DCGAN(s.latent, s.widths, s.smallest, s.kernel, s.border, s.dataset)

    def optimizers(self, model: DCGAN) -> dict[str, Optimizer]:
        """Section 4: Adam with beta1 = 0.5."""
        players = {"discriminator": model.discriminator, "generator": model.generator}
        return {player: Adam(net.parameters(), self.settings.learning_rate, betas=(0.5, 0.999)) for player, net in players.items()}

    def batch(self, indices: Tensor, draws: Draws) -> dict[str, Tensor]:
        s = self.settings
        size = s.smallest * 2 ** len(s.widths) - 2 * s.border
        return {"x": resized(self.images[indices].to(torch.get_default_dtype()) / 127.5 - 1, size)}

    def made(self, model: DCGAN, count: int, seed: int) -> Tensor:
        return resized(super().made(model, count, seed), 28)


def resized(x: Tensor, size: int) -> Tensor:
    """Images (N, 1, H, H) as (N, 1, size, size)."""
    return x if x.shape[-1] == size else F.interpolate(x, size=(size, size), mode="bilinear", antialias=True)


RECIPE = DCGANRecipe
