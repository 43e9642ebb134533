"""What the recipes of all autoregressive models share: the exact likelihood as the loss, and its figures, on two kinds of images.

Digits are grey and are binarised again in each step; photos have 256 levels, in colour or grey, and half of them are mirrored.

Each recipe adds its paper's model and sizes.
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.optim import Adam, AdamW, Optimizer, RMSprop
from torchvision.utils import make_grid

from playground.errors import UserError
from playground.models.autoregressive.base import Autoregressive, nll
from playground.models.base import at_least_float32, uniforms
from playground.sampling.cached import sample
from training import data
from training.augmentation import mirrored
from training.metrics import SAMPLES, agreement_metric, nn_error_metric, sample_metrics
from training.random_streams import RandomStreams
from training.recipes import Metric, Recipe, Settings


@dataclass(frozen=True)
class AutoregressiveSettings(Settings):
    optimizer: str = "adamw"  # "adamw", warmed up and then on a cosine to zero, or the papers' "rmsprop" or "adam", constant
    batch_size: int = 16
    learning_rate: float = 2e-3
    ema: float = 0.998
    channels_last: bool = True
    size: int | None = None  # side of the images; by default 28 of digits and 32 of photos
    colour: data.Colour = "auto"  # for a folder: as its images are
    levels: Literal["auto", "2", "256"] = "auto"  # of a pixel: 256 in colour, 2 for grey images, which are binarised
    binarise_once: bool = False  # binarise digits once before training, and not again in each step


def binarised(grey: Tensor, noise: Tensor) -> Tensor:
    """x ~ Bernoulli(grey / 255): uint8 images and uniforms of one shape -> {0, 1} in the noise's dtype."""
    return (noise * 255 < grey).to(noise.dtype)


def histogram(nats: Tensor) -> dict[str, list]:
    """Of how many images cost how much: 60 counts, and 61 edges."""
    counts, edges = torch.histogram(nats.float(), bins=60)
    return {"edges": [round(e, 3) for e in edges.tolist()], "counts": [int(c) for c in counts]}


def in_256_levels(image: Tensor) -> Tensor:
    """uint8 images -> their 256 levels from 0 to 1, in the default dtype."""
    return image.to(torch.get_default_dtype()) / 255


class AutoregressiveRecipe(Recipe):
    """A subclass adds `name`, `Settings`, `presets` and `model`."""

    published: ClassVar[str]  # the paper's nats, for the metric
    in_colour: ClassVar[bool] = False  # whether there is a model for photos
    only_colour: ClassVar[bool] = False  # and for nothing else

    def __init__(self, settings: AutoregressiveSettings):
        self.settings = settings
        if (kernel := getattr(settings, "kernel", 1)) % 2 == 0:
            raise UserError(f"--kernel {kernel} has no middle pixel: choose an odd one.")
        if not self.in_colour and (settings.colour == "rgb" or settings.levels == "256" or settings.dataset in data.PHOTOS):
            raise UserError(f"{self.name} is for black and white digits; pixelcnn, gated-pixelcnn and pixelcnnpp write photos.")
        self.colour = self.in_colour and (self.only_colour or data.in_colour(settings.dataset, settings.data_dir, settings.colour))
        self.photos = self.colour or settings.levels == "256"
        if self.colour and settings.levels == "2":
            raise UserError("--levels 2 is for grey images; add --colour grey.")
        self.size = settings.size or (32 if self.photos else 28)
        self.images, self.labels, self.names = self.load("train")
        self.planes = self.images.shape[1]
        self.classes = len(self.names) if self.names else int(self.labels.max()) + 1
        if settings.binarise_once:
            if self.photos:
                raise UserError("--binarise-once is for digits: photos aren't binarised.")
            noise = uniforms(1, *self.images.shape)  # seed 0 is used for test images
            self.images = 255 * binarised(self.images, noise).to(torch.uint8)  # binarising black and white again does not change them

    def load(self, split: data.Split) -> tuple[Tensor, Tensor, list[str] | None]:
        """uint8 images (N, planes, size, size), labels (N,), and the names of the classes, unless they are numbers."""
        s = self.settings
        if self.colour:
            return data.images(s.dataset, split, s.data_dir, self.size)
        return *data.pictures(s.dataset, split, s.data_dir, self.size, "grey"), data.class_names(s.dataset, s.data_dir)

    def of_images(self) -> dict:
        """The settings of a model that follow from the images."""
        return {
            "levels": 256 if self.photos else 2,
            "classes": self.classes,
            "size": self.size,
            "class_names": self.names,
            "dataset": self.settings.dataset,
        }

    def in_groups(self, channels: int, of: int) -> int:
        """The number of channels, in colour rounded up to a multiple of `of`, since they form a group for each plane."""
        return -(-channels // of) * of if self.planes == 3 else channels

    def __len__(self) -> int:
        return len(self.images)

    def optimizers(self, model: Autoregressive) -> dict[str, Optimizer]:
        rate = self.settings.learning_rate
        if self.settings.optimizer == "rmsprop":
            return {"model": RMSprop(model.parameters(), lr=rate)}
        if self.settings.optimizer == "adam":
            return {"model": Adam(model.parameters(), lr=rate, betas=(0.95, 0.9995))}
        return {"model": AdamW(model.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True)}

    def schedule(self, progress: float) -> float:
        if self.settings.optimizer != "adamw":
            return 1.0
        return min(1.0, (progress + 1e-4) / 0.02) * (1 + math.cos(math.pi * progress)) / 2

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        x, y = self.images[indices], self.labels[indices]
        if self.photos:
            return {"x": in_256_levels(mirrored(x, streams.uniform("mirror", 1, 1, 1))), "y": y}
        return {"x": binarised(x, streams.uniform("binarisation", 1, self.size, self.size)), "y": y}

    def losses(
        self, model: Autoregressive, batch: dict[str, Tensor], streams: RandomStreams
    ) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        loss = nll(model, batch["x"], batch["y"])
        yield "model", loss, {"bits_per_dim": model.bits_per_dim(loss)} if self.photos else {"nats_given_label": loss}

    def snapshot(self, model: Autoregressive) -> Tensor:
        """One image of each of the first five classes, from the same noise each time."""
        model = copy.deepcopy(model).cpu()  # the compiled loops on the CPU write five images faster than a GPU
        classes = torch.arange(min(5, model.classes))
        noise = uniforms(0, len(classes), model.planes, model.size, model.size).to(next(model.parameters()).dtype)
        return make_grid(sample(model, classes, noise) * 2 - 1, nrow=5, padding=1)

    def validate(self, model: Autoregressive) -> dict[str, float]:
        x, y = self.observed("heldout")
        p = next(model.parameters())
        parts = [model.log_prob(x[rows].to(p), y[rows].to(p.device)) for rows in torch.arange(min(200, len(x))).split(50)]
        nats = -torch.cat(parts).mean()
        return {"bits_per_dim": float(model.bits_per_dim(nats))} if self.photos else {"nats_given_label": float(nats)}

    def observed(self, split: data.Split) -> tuple[Tensor, Tensor]:
        """Images of a split, digits binarised once by seed 0, (N, planes, size, size), and their labels (N,)."""
        images, labels, _ = self.load(split)
        if self.photos:
            return in_256_levels(images), labels
        return binarised(images, uniforms(0, len(images), 1, self.size, self.size)), labels

    def likelihoods(self, model: Autoregressive) -> Iterator[Metric]:
        x, y = self.observed("test")
        p = next(model.parameters())
        parts = [at_least_float32(model.class_log_prob(x[rows].to(p))).cpu() for rows in torch.arange(len(x)).split(50)]
        by_class = torch.cat(parts)  # (N, classes)
        common: dict[str, Any] = {
            "unit": "nats",
            "data": f"{self.settings.dataset}, {len(x):,} images",
            "n": len(x),
            "binarisation": None if self.photos else data.binarisation(self.settings.dataset),
            "bound": "exact",
        }
        given = -by_class.gather(1, y[:, None])[:, 0]
        if self.photos:
            bits = model.bits_per_dim(given)
            yield Metric(
                "bits_per_dim",
                bits.mean().item(),
                stderr=bits.std().item() / len(x) ** 0.5,
                estimator=f"minus the mean log2 p(x|y), y the true label, over the {x[0].numel():,} sub-pixels",
                **{**common, "unit": "bits"},
            )
        nats = math.log(model.classes) - by_class.logsumexp(dim=1)
        yield Metric(
            "nats",
            nats.mean().item(),
            stderr=nats.std().item() / len(x) ** 0.5,
            estimator="minus the mean log p(x) = logsumexp over the labels y of log p(x|y), minus log(number of labels)",
            published=self.published if self.settings.dataset.startswith("mnist") else None,
            extra={"histogram": histogram(nats)},
            **common,
        )
        yield Metric(
            "nats_given_label",
            given.mean().item(),
            stderr=given.std().item() / len(x) ** 0.5,
            estimator="minus the mean log p(x|y), y the true label",
            **common,
        )

    def metrics(self, model: Autoregressive) -> Iterator[Metric]:
        yield from self.likelihoods(model)
        if self.photos:
            return
        x, y = self.observed("test")
        asked = y[torch.arange(SAMPLES) % len(y)]  # as many of each class as among the test images
        drawn = []

        def sample(count: int) -> Tensor:
            drawn[:] = [self.generate(model, asked[:count], seed=3)]
            return drawn[0]

        about: dict[str, Any] = {"binarisation": data.binarisation(self.settings.dataset)}
        yield from sample_metrics(sample, x * 2 - 1, self.settings.dataset, data="images of the test images' classes", **about)
        if self.settings.dataset == "mnist":
            yield agreement_metric(drawn[0], asked, "made digits of the test digits' classes", **about)  # the digits drawn last
            yield nn_error_metric(drawn[0], asked, x * 2 - 1, y, self.settings.dataset, **about)

    def generate(self, model: Autoregressive, y: Tensor, seed: int) -> Tensor:
        """An image of each class y (N,), on the CPU: (N, 1, 28, 28), each pixel -1 or 1."""
        p, generated = next(model.parameters()), []
        for first in range(0, len(y), 250):
            asked = y[first : first + 250]
            noise = uniforms(seed, len(asked), 1, model.size, model.size, first=first)
            generated.append(sample(model, asked.to(p.device), noise.to(p)).float().cpu() * 2 - 1)
        return torch.cat(generated)
