"""GAN (arXiv 1406.2661) on images of digits, or of any size, in colour: fully connected networks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer
from torchvision.utils import make_grid

from playground.models.base import normals
from playground.models.gan import GAN, GANArchitecture, discriminator_loss, generator_loss
from training.augmentation import Augmentation, r1_penalty
from training.metrics import sample_metrics
from training.random_streams import RandomStreams
from training.recipes import AdversarialSettings, Metric, PictureRecipe, PictureSettings


@dataclass(frozen=True)
class FromNoiseSettings(AdversarialSettings):
    """The settings of the GANs that make images from noise alone."""

    examples: int | None = None  # learn from the first so many images alone


@dataclass(frozen=True)
class GANSettings(GANArchitecture, PictureSettings, FromNoiseSettings):
    optimizer: Literal["adam", "sgd"] = "adam"
    batch_size: int = 64
    learning_rate: float = 4e-4
    ema: float = 0.999


class GANRecipe(PictureRecipe):
    """GAN: a generator that learns from its discriminator alone (arXiv 1406.2661)."""

    name = "gan"
    Settings = GANSettings
    presets = {
        "small": {"epochs": 16},
        # the authors' code for MNIST: two hidden layers of 1,200 units, minibatches of 100, stochastic gradient descent, dropout in D
        "paper": {
            "latent": 100,
            "generator_widths": [1200, 1200],
            "batch_norm": False,
            "dropout": 0.5,
            "optimizer": "sgd",
            "batch_size": 100,
            "learning_rate": 0.1,
            "epochs": 500,
            "ema": 0.0,
        },
    }
    tiny = {"batch_size": 8, "generator_widths": [32, 32], "discriminator_widths": [16, 16]}

    def __init__(self, settings: GANSettings):
        self.settings = settings
        self.images, self.labels = (part[: settings.examples] for part in self.pictures("train"))

    def __len__(self) -> int:
        return len(self.images)

    def model(self) -> GAN:
        return self.built(GAN, planes=self.images.shape[1])

    def optimizers(self, model: GAN) -> dict[str, Optimizer]:
        def optimizer(network):
            if self.settings.optimizer == "sgd":
                return SGD(network.parameters(), self.settings.learning_rate, momentum=0.5)
            return Adam(network.parameters(), self.settings.learning_rate, betas=(0.5, 0.999))

        return {"discriminator": optimizer(model.discriminator), "generator": optimizer(model.generator)}

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        return {"x": self.scaled(self.images[indices])}

    def scaled(self, images: Tensor) -> Tensor:
        """Images in 0..255 as the networks have them: (N, planes, size, size) in [-1, 1]."""
        return images.to(torch.get_default_dtype()) / 127.5 - 1

    def losses(self, model: GAN, batch: dict[str, Tensor], streams: RandomStreams) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        """Algorithm 1 with k = 1."""
        generated, T = model.generator(streams.normal("z", model.latent)), Augmentation(self.settings.augment, streams, "images")
        x = T(batch["x"]).detach().requires_grad_(bool(self.settings.r1_weight))
        # in separate passes: batch normalisation in D, if any, has separate statistics for real and generated images
        real, fake = model.discriminator(x), model.discriminator(T(generated.detach()))
        loss = discriminator_loss(real, fake) + r1_penalty(self.settings.r1_weight, real, x)
        yield "discriminator", loss, {"d_real": real.sigmoid().mean(), "d_fake": fake.sigmoid().mean()}

        model.discriminator.requires_grad_(False)  # only its gradient with respect to the image is needed
        loss = generator_loss(model.discriminator(T(generated)))
        model.discriminator.requires_grad_(True)
        yield "generator", loss, {}

    def snapshot(self, model: GAN) -> Tensor:
        return make_grid(self.generate(model, 64, seed=0), nrow=8, padding=1)

    @torch.no_grad()
    def generate(self, model: Any, count: int, seed: int) -> Tensor:
        """Samples on the CPU, (count, planes, size, size) in [-1, 1]."""
        parameter = next(model.parameters())
        return torch.cat([model.generator(z.to(parameter)).float().cpu() for z in normals(seed, count, model.latent).split(1000)])

    def metrics(self, model: GAN) -> Iterator[Metric]:
        images, labels = self.pictures("test")
        real = images.float() / 127.5 - 1
        yield from sample_metrics(lambda count: self.generate(model, count, seed=1), real, self.settings.dataset, labels)
        if self.settings.examples:
            learnt, unseen = (self.opinion(model, pictures) for pictures in (self.images, images))
            yield Metric(
                "discriminator_gap",
                100 * (learnt.mean() - unseen.mean()).item(),
                unit="points",
                data=f"the {len(self)} training images, and {len(images):,} images of {self.settings.dataset}",
                n=len(unseen),
                estimator="mean of D(x) over the images that D learnt from, less its mean over others; 0 if it knows none by heart",
                stderr=100 * (learnt.var() / len(learnt) + unseen.var() / len(unseen)).sqrt().item(),
                extra={"learnt": round(100 * learnt.mean().item(), 2), "others": round(100 * unseen.mean().item(), 2)},
            )

    @torch.no_grad()
    def opinion(self, model: Any, images: Tensor) -> Tensor:
        """D(x) of images in 0..255, (N,) on the CPU."""
        device = next(model.parameters()).device
        return torch.cat(
            [model.discriminator(self.scaled(part).to(device)).sigmoid().float().flatten().cpu() for part in images.split(1000)]
        )


RECIPE = GANRecipe
