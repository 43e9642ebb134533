"""The judge of the digit models: a classifier of 28x28 grey and binarised images."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import cos, pi

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import AdamW, Optimizer
from torchmetrics.functional.classification import multiclass_confusion_matrix

from playground.models.base import uniforms
from playground.models.digit_classifier import DigitClassifier, DigitClassifierArchitecture, classification_loss
from training import data
from training.metrics import classify
from training.random_streams import RandomStreams
from training.recipes import Metric, Recipe, Settings


@dataclass(frozen=True)
class DigitClassifierSettings(DigitClassifierArchitecture, Settings):
    weight_decay: float = 0.02
    batch_size: int = 64
    learning_rate: float = 4e-3
    ema: float = 0.998
    channels_last: bool = True


class DigitClassifierRecipe(Recipe):
    """Digit classifier: the judge of the digit models, for grey and for binarised digits."""

    name = "digit-classifier"
    Settings = DigitClassifierSettings
    presets = {
        "small": {"epochs": 7},
        # it has no paper: the same network, three times as wide and trained for longer
        "paper": {"channels": 48, "epochs": 60, "batch_size": 256},
    }
    tiny = {"batch_size": 8}

    def __init__(self, settings: DigitClassifierSettings):
        self.settings = settings
        self.images, self.labels = data.digits(settings.dataset, "train", settings.data_dir)
        self.classes, self.names = data.classes(settings.dataset, self.labels, settings.data_dir, "digit-classifier")

    def __len__(self) -> int:
        return len(self.images)

    def model(self) -> DigitClassifier:
        return self.built(DigitClassifier, classes=self.classes, class_names=self.names)

    def optimizers(self, model: DigitClassifier) -> dict[str, Optimizer]:
        return {"classifier": AdamW(model.parameters(), self.settings.learning_rate, weight_decay=self.settings.weight_decay)}

    def schedule(self, progress: float) -> float:
        return min(1.0, 0.1 + 9 * progress) * (1 + cos(pi * progress)) / 2  # warm-up over a tenth, then a cosine

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        grey = self.images[indices].to(torch.get_default_dtype()) / 255
        grey = moved(grey, streams.uniform("affine", 6))
        kind, pixels = streams.uniform("kind", 1, 1, 1), streams.uniform("pixels", 1, 28, 28)
        # half of the examples stay grey; a quarter is black and white by a threshold, a quarter by a draw for each pixel
        binary = (torch.where(kind < 0.25, 0.5, pixels) < grey).to(grey.dtype)
        return {"x": torch.where(kind < 0.5, binary, grey) * 2 - 1, "y": self.labels[indices]}

    def losses(
        self, model: DigitClassifier, batch: dict[str, Tensor], streams: RandomStreams
    ) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        logits = model(batch["x"])
        yield "classifier", classification_loss(logits, batch["y"]), {"accuracy": (logits.argmax(1) == batch["y"]).float().mean()}

    def snapshot(self, model: DigitClassifier) -> Tensor:
        """The confusion matrix of 1,000 held-out images: rows are the true classes, columns the answers; no picture of data."""
        images, labels = self.split("heldout")
        answers = classify(model, images[:1000].float() / 127.5 - 1).argmax(1)
        classes = model.head.out_features
        counts = multiclass_confusion_matrix(answers, labels[:1000], classes).float()
        shares = counts / counts.sum(-1, keepdim=True).clamp(min=1)
        return F.interpolate(shares[None, None], size=(280, 280))[0] * 2 - 1

    def validate(self, model: DigitClassifier) -> dict[str, float]:
        """On the first 1,000 held-out images."""
        images, labels = self.split("heldout")
        return {"accuracy": float((classify(model, images[:1000].float() / 127.5 - 1).argmax(1) == labels[:1000]).float().mean())}

    @cache  # noqa: B019 - one recipe a process
    def split(self, name: data.Split) -> tuple[Tensor, Tensor]:
        return data.digits(self.settings.dataset, name, self.settings.data_dir)

    def metrics(self, model: DigitClassifier) -> Iterator[Metric]:
        images, labels = self.split("test")
        grey = images.float() / 255
        ways = {  # grey images last: of figures with the same name the page shows the last
            "dynamic, test set fixed by seed 0": (uniforms(0, len(grey), 1, 28, 28) < grey).float(),
            "threshold 0.5": (grey > 0.5).float(),
            None: grey,
        }
        for binarisation, x in ways.items():
            right = (classify(model, x * 2 - 1).argmax(1) == labels).double()
            yield Metric(
                "accuracy",
                100 * right.mean().item(),
                stderr=100 * right.std().item() / len(right) ** 0.5,
                unit="%",
                data=f"{self.settings.dataset}, {len(x):,} images",
                n=len(x),
                binarisation=binarisation,
                estimator="share of images whose likeliest class is the true one",
            )


def moved(x: Tensor, u: Tensor) -> Tensor:
    """Images turned, scaled, sheared and shifted a little.

    Args:
        x: images with a background of 0, (N, 1, 28, 28).
        u: uniforms in [0, 1), (N, 6): turn (12 degrees at most), scale (12 %), stretch (6 %), shear (0.2), shifts (2 pixels).
    """
    turn, scale, stretch, shear, right, down = ((2 * u - 1) * u.new_tensor([0.21, 0.12, 0.06, 0.2, 2 / 14, 2 / 14])).unbind(1)
    c, s = turn.cos(), turn.sin()
    wide, high = (scale + stretch).exp(), (scale - stretch).exp()
    rows = [torch.stack([c * wide, (shear * c - s) * high, right], 1), torch.stack([s * wide, (shear * s + c) * high, down], 1)]
    return F.grid_sample(x, F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False), align_corners=False)


RECIPE = DigitClassifierRecipe
