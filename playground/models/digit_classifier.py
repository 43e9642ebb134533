"""The judge of the digit models: a small convolutional network that classifies digits, grey or binarised.

It follows no paper: a plain stack of convolutions with batch normalisation (arXiv 1502.03167), trained by
`training/recipes/digit_classifier.py`.  The metric `agreement` uses its `forward`, and `feature_distance` its `features`.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from playground.models.base import ClassConfig, Model


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A stage of a classifier: (N, inputs, H, W) -> (N, outputs, H / stride, W / stride)."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


@dataclass(frozen=True, kw_only=True)
class DigitClassifierArchitecture:
    channels: int = 16  # of the first stage; the next two have twice and four times as many


@dataclass(frozen=True, kw_only=True)
class DigitClassifierConfig(ClassConfig, DigitClassifierArchitecture):
    pass


class DigitClassifier(Model):
    """p(digit | image) for 28x28 images of digits."""

    system, Config = "digit-classifier", DigitClassifierConfig

    def __init__(self, **settings):
        super().__init__(**settings)
        c, classes = self.config.channels, self.config.classes
        self.class_names = self.config.names
        self.body = nn.Sequential(
            convolution(1, c),  # (N, c, 28, 28)
            convolution(c, 2 * c, stride=2),  # (N, 2c, 14, 14)
            convolution(2 * c, 2 * c),
            convolution(2 * c, 4 * c, stride=2),  # (N, 4c, 7, 7)
            convolution(4 * c, 4 * c),
            convolution(4 * c, 4 * c),
        )
        self.head: nn.Linear = nn.Linear(4 * c, classes)

    def features(self, x: Tensor) -> Tensor:
        """The features of the last stage, averaged over the image.

        Args:
            x: images of digits in [-1, 1], grey or binarised, white ink on black, (N, 1, 28, 28).
        Returns:
            non-negative features, (N, 4 * channels).
        """
        return self.body(x).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Logits of the classes, (N, classes), for images as `features` takes them."""
        return self.head(self.features(x))


def classification_loss(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy in nats of the labels y (N,) under softmax(logits), (N, classes); a scalar."""
    return F.cross_entropy(logits.to(torch.promote_types(logits.dtype, torch.float32)), y)
