"""What the recipes of all autoregressive models share: binarised digits, the exact likelihood as the loss, and its figures.

Each of them holds what its paper adds: a model and its sizes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer, RMSprop
from torchvision.utils import make_grid

from playground.models.autoregressive import Autoregressive, nll
from playground.models.base import at_least_float32, uniforms
from playground.sampling.incremental import sample
from training import data
from training.draws import Draws
from training.metrics import SAMPLES, sample_metrics
from training.recipes import Metric, Recipe, Settings


@dataclass(frozen=True)
class AutoregressiveSettings(Settings):
    optimizer: str = "adamw"  # "adamw", warmed up and then on a cosine to zero, or the papers' "rmsprop", constant
    batch_size: int = 16
    learning_rate: float = 2e-3
    ema: float = 0.998
    channels_last: bool = True


def binarised(grey: Tensor, noise: Tensor) -> Tensor:
    """x ~ Bernoulli(grey / 255): uint8 images and uniforms of one shape -> {0, 1} in the noise's dtype."""
    return (noise * 255 < grey).to(noise.dtype)


class AutoregressiveRecipe(Recipe):
    """Lacks `name`, `Settings`, `presets` and `model`."""

    published: ClassVar[str]  # the paper's nats, for the metric

    def __init__(self, settings: AutoregressiveSettings):
        self.settings = settings
        self.images, self.labels = data.digits(settings.dataset, "train", settings.data_dir)  # (N, 1, 28, 28), (N,)
        self.classes = int(self.labels.max()) + 1

    def __len__(self) -> int:
        return len(self.images)

    def optimizers(self, model: Autoregressive) -> dict[str, Optimizer]:
        rate = self.settings.learning_rate
        if self.settings.optimizer == "rmsprop":
            return {"model": RMSprop(model.parameters(), lr=rate)}
        return {"model": AdamW(model.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)}

    def schedule(self, progress: float) -> float:
        if self.settings.optimizer == "rmsprop":
            return 1.0
        return min(1.0, (progress + 1e-4) / 0.02) * (1 + math.cos(math.pi * progress)) / 2

    def batch(self, indices: Tensor, draws: Draws) -> dict[str, Tensor]:
        return {"x": binarised(self.images[indices], draws.uniform("binarisation", 1, 28, 28)), "y": self.labels[indices]}

    def losses(self, model: Autoregressive, batch: dict[str, Tensor], draws: Draws) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        loss = nll(model, batch["x"], batch["y"])
        yield "model", loss, {"nats_given_label": loss}

    def film(self, model: Autoregressive) -> Tensor:
        """One image of each of the first five classes, from the same noise each time."""
        classes = torch.arange(min(5, model.classes))
        noise = uniforms(0, len(classes), 1, model.size, model.size)
        p = next(model.parameters())
        return make_grid(sample(model, classes.to(p.device), noise.to(p)) * 2 - 1, nrow=5, padding=1)

    def validate(self, model: Autoregressive) -> dict[str, float]:
        x, y = self.observed("heldout")
        p = next(model.parameters())
        parts = [model.log_prob(x[rows].to(p), y[rows].to(p.device)) for rows in torch.arange(min(200, len(x))).split(50)]
        return {"nats_given_label": -float(torch.cat(parts).mean())}

    def observed(self, split: str) -> tuple[Tensor, Tensor]:
        """Images of a split, binarised once by seed 0, (N, 1, 28, 28), and their labels (N,)."""
        images, labels = data.digits(self.settings.dataset, split, self.settings.data_dir)
        return binarised(images, uniforms(0, len(images), 1, 28, 28)), labels

    def metrics(self, model: Autoregressive) -> Iterator[Metric]:
        x, y = self.observed("test")
        p = next(model.parameters())
        parts = [at_least_float32(model.class_log_prob(x[rows].to(p))).cpu() for rows in torch.arange(len(x)).split(50)]
        by_class = torch.cat(parts)  # (N, classes)
        common = {
            "unit": "nats",
            "data": f"{self.settings.dataset}, {len(x):,} images",
            "n": len(x),
            "binarisation": "dynamic, test set fixed by seed 0",
            "bound": "exact",
        }
        nats = math.log(model.classes) - by_class.logsumexp(dim=1)
        counts, edges = torch.histogram(nats, bins=60)
        yield Metric(
            "nats",
            nats.mean().item(),
            stderr=nats.std().item() / len(x) ** 0.5,
            estimator="minus the mean log p(x) = logsumexp over the labels y of log p(x|y), minus log(number of labels)",
            published=self.published,
            extra={"histogram": {"edges": [round(e, 3) for e in edges.tolist()], "counts": [int(c) for c in counts]}},
            **common,
        )
        given = -by_class.gather(1, y[:, None])[:, 0]
        yield Metric(
            "nats_given_label",
            given.mean().item(),
            stderr=given.std().item() / len(x) ** 0.5,
            estimator="minus the mean log p(x|y), y the true label",
            **common,
        )
        asked = y[torch.arange(SAMPLES) % len(y)]  # as many of each class as among the test images
        yield from sample_metrics(
            lambda count: self.made(model, asked[:count], seed=3),
            x * 2 - 1,
            self.settings.dataset,
            made="images of the test images' classes",
            binarisation=common["binarisation"],
        )

    def made(self, model: Autoregressive, y: Tensor, seed: int) -> Tensor:
        """An image of each class y (N,), on the CPU: (N, 1, 28, 28), each pixel -1 or 1."""
        p, made = next(model.parameters()), []
        for first in range(0, len(y), 64):
            asked = y[first : first + 64]
            noise = uniforms(seed, len(asked), 1, model.size, model.size, first=first)
            made.append(sample(model, asked.to(p.device), noise.to(p)).float().cpu() * 2 - 1)
        return torch.cat(made)
