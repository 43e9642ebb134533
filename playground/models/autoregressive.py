"""What all autoregressive models share: exact densities, and how they are asked for one pixel after another."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from playground.models.base import Model, at_least_float32


class Autoregressive(Model):
    """p(x|y) = prod_i p(x_i | x_1 .. x_{i-1}, y), pixels in raster order, for images and a class label.

    Images are (N, 1, size, size), float, with `levels` values from 0 to 1: {0, 1} for binarised ones.  Labels are int64 (N,) in
    0..classes-1.

    A subclass gives `forward`, and the same one pixel after another: `begin`, then for each row `next_row` and for each of its pixels
    `next_pixel`.  In what it passes on, each position of each layer is computed once.  A model whose output is no table of logits gives
    `pixel_log_prob` as well.
    """

    def __init__(
        self,
        levels: int = 2,  # values of a pixel
        classes: int = 10,
        size: int = 28,  # side of the images
        class_names: list[str] | None = None,  # for the page; the numbers by default
        dataset: str = "mnist",  # what the page says it was trained on
    ):
        super().__init__()
        self.levels, self.classes, self.size, self.dataset = levels, classes, size, dataset
        self.class_names = class_names or [str(label) for label in range(classes)]

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Logits of every pixel's value given the pixels before it and y: (N, levels, size, size)."""
        raise NotImplementedError

    # --- the same, one pixel after another ---

    def begin(self, y: Tensor) -> Any:
        """An empty cache for images of these labels, (N,); `next_row` comes first."""
        raise NotImplementedError

    def next_row(self, cache: Any, above: Tensor | None) -> None:
        """Moves to the next row, given the finished one above it, (N, 1, 1, size), or None before the first."""
        raise NotImplementedError

    def next_pixel(self, cache: Any, column: int, left: Tensor | None) -> Tensor:
        """Logits (N, levels) of this row's next pixel, given the one to its left, (N, 1), or None for column 0."""
        raise NotImplementedError

    # --- densities ---

    def pixel_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(x_i | x_1 .. x_{i-1}, y) of every pixel in nats: (N, size, size)."""
        values = (x[:, 0] * (self.levels - 1)).round().long()  # (N, size, size)
        return -F.cross_entropy(at_least_float32(self(x, y)), values, reduction="none")

    def class_log_prob(self, x: Tensor) -> Tensor:
        """log p(x|y) of every class in nats: (N, classes)."""
        labels = torch.arange(self.classes, device=x.device)
        return torch.stack([self.log_prob(x, label.expand(len(x))) for label in labels], dim=1)

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """log p(x|y) in nats, (N,), exact; without a label log p(x) = logsumexp_y log p(x|y) - log(classes)."""
        if y is None:
            return self.class_log_prob(x).logsumexp(dim=1) - math.log(self.classes)
        return self.pixel_log_prob(x, y).sum(dim=(1, 2))

    def surprise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """-log p(x_i | x_1 .. x_{i-1}) of every pixel without a label, in nats: (N, size, size), and p(y|x): (N, classes).

        The sum over an image is -log p(x) exactly: after each pixel, log p(x_1 .. x_i) is summed over the labels.
        """
        labels = torch.arange(self.classes, device=x.device)
        by_class = torch.stack([self.pixel_log_prob(x, label.expand(len(x))) for label in labels])  # (classes, N, size, size)
        so_far = by_class.flatten(2).cumsum(dim=2)  # log p(x_1 .. x_i | y)
        before_and_after = F.pad(so_far.logsumexp(dim=0) - math.log(self.classes), (1, 0))  # (N, size * size + 1), 0 before all
        return -before_and_after.diff(dim=1).unflatten(1, x.shape[2:]), so_far[:, :, -1].softmax(dim=0).T


def nll(model: Autoregressive, x: Tensor, y: Tensor) -> Tensor:
    """-log p(x|y) in nats an image, averaged over the batch: the loss."""
    return -model.log_prob(x, y).mean()
