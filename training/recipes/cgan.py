"""Conditional GAN (arXiv 1411.1784) on images of digits, or of any size, in colour."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer
from torchvision.utils import make_grid

from playground.models.base import normals
from playground.models.cgan import CGAN, CGANArchitecture
from playground.models.gan import discriminator_loss, generator_loss
from training import data
from training.augmentation import Augmentation, r1_penalty
from training.metrics import SAMPLES, agreement_metric, nn_error_metric, sample_metrics
from training.random_streams import RandomStreams
from training.recipes import AdversarialSettings, Metric, PictureRecipe, PictureSettings, multiple_of

FITTED = 5000  # generated images of each class to which the nearest-neighbour classifier is fitted


@dataclass(frozen=True)
class CGANSettings(CGANArchitecture, PictureSettings, AdversarialSettings):
    optimizer: Literal["adam", "sgd"] = "adam"
    batch_size: int = 64
    learning_rate: float = 4e-4
    ema: float = 0.999


class CGANRecipe(PictureRecipe):
    """Conditional GAN: digits on demand (arXiv 1411.1784)."""

    name = "cgan"
    Settings = CGANSettings
    presets = {
        "small": {"epochs": 20},
        # section 4.1: the fully connected networks, minibatches of 100, stochastic gradient descent
        "paper": {
            "latent": 100,
            "networks": "mlp",
            "optimizer": "sgd",
            "batch_size": 100,
            "learning_rate": 0.1,
            "epochs": 500,
            "ema": 0.0,
        },
    }
    tiny = {"batch_size": 8}

    def __init__(self, settings: CGANSettings):
        self.settings = settings
        multiple_of(4, settings.size, settings.networks == "convolutional")
        self.images, self.labels = data.pictures(settings.dataset, "train", settings.data_dir, settings.size, settings.colour)
        self.classes, self.names = data.classes(settings.dataset, self.labels, settings.data_dir, "cgan")

    def __len__(self) -> int:
        return len(self.images)

    def model(self) -> CGAN:
        return self.built(CGAN, classes=self.classes, class_names=self.names, planes=self.images.shape[1])

    def optimizers(self, model: CGAN) -> dict[str, Optimizer]:
        def optimizer(network):
            if self.settings.optimizer == "sgd":
                return SGD(network.parameters(), self.settings.learning_rate, momentum=0.5)
            return Adam(network.parameters(), self.settings.learning_rate, betas=(0.5, 0.99))

        return {"discriminator": optimizer(model.discriminator), "generator": optimizer(model.generator)}

    def schedule(self, progress: float) -> float:
        return min(1.0, 2 * (1 - progress))  # constant for the first half, then linear to zero

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        return {"x": self.images[indices].to(torch.get_default_dtype()) / 127.5 - 1, "y": self.labels[indices]}

    def losses(self, model: CGAN, batch: dict[str, Tensor], streams: RandomStreams) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        T, y = Augmentation(self.settings.augment, streams, "images"), batch["y"]
        generated = model.generator(streams.normal("z", model.latent), y)
        x = T(batch["x"]).detach().requires_grad_(bool(self.settings.r1_weight))
        real, fake = model.discriminator(torch.cat([x, T(generated.detach())]), torch.cat([y, y])).chunk(2)
        loss = discriminator_loss(real, fake) + r1_penalty(self.settings.r1_weight, real, x)
        yield "discriminator", loss, {"d_real": real.sigmoid().mean(), "d_fake": fake.sigmoid().mean()}

        model.discriminator.requires_grad_(False)  # only its gradient with respect to the image is needed
        loss = generator_loss(model.discriminator(T(generated), y))
        model.discriminator.requires_grad_(True)
        yield "generator", loss, {}

    def snapshot(self, model: CGAN) -> Tensor:
        """A row is one z, a column one class."""
        z = normals(0, 8, model.latent).repeat_interleave(model.classes, 0)
        y = torch.arange(model.classes).repeat(8)
        parameter = next(model.parameters())
        return make_grid(model.generator(z.to(parameter), y.to(parameter.device)), nrow=model.classes, padding=1)

    @torch.no_grad()
    def generate(self, model: CGAN, y: Tensor, seed: int) -> Tensor:
        """An image of each class y (N,), on the CPU: (N, planes, size, size) in [-1, 1]."""
        parameter = next(model.parameters())
        pairs = zip(normals(seed, len(y), model.latent).split(1000), y.split(1000))
        return torch.cat([model.generator(z.to(parameter), asked.to(parameter.device)).float().cpu() for z, asked in pairs])

    def metrics(self, model: CGAN) -> Iterator[Metric]:
        if self.settings.dataset == "mnist":
            y = torch.arange(model.classes).repeat(1000)
            yield agreement_metric(self.generate(model, y, seed=1), y, f"made digits, {len(y) // model.classes:,} a class")
        images, labels = self.pictures("test")
        real = images.float() / 127.5 - 1
        y = torch.arange(model.classes).repeat(FITTED)
        published = "2.98 (DCGAN paper, conditional DCGAN)" if self.settings.dataset == "mnist" else None
        yield nn_error_metric(self.generate(model, y, seed=2), y, real, labels, self.settings.dataset, published=published)
        asked = labels[torch.arange(SAMPLES) % len(labels)]  # as many of each class as among the test images
        samples = "made images of the test images' classes"
        yield from sample_metrics(lambda count: self.generate(model, asked[:count], seed=3), real, self.settings.dataset, data=samples)


RECIPE = CGANRecipe
