"""What all autoregressive models share: exact densities."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from playground.models.base import ClassConfig, ImageConfig, Model, asked_classes, at_least_float32, uniforms
from playground.program.builder import BufferView, Program, ProgramBuilder


@dataclass(frozen=True, kw_only=True)
class LabelledConfig(ClassConfig):
    """Settings that describe grey images with class labels."""

    levels: int = 2  # values of a pixel
    size: int = ImageConfig.size
    dataset: str = ImageConfig.dataset


@dataclass(frozen=True, kw_only=True)
class ColourConfig(LabelledConfig):
    planes: int = ImageConfig.planes


class Autoregressive(Model):
    """p(x|y) = prod_i p(x_i | x_1 .. x_{i-1}, y), pixels in raster order, for images and a class label.

    Images are (N, planes, size, size), float, with `levels` values from 0 to 1: {0, 1} for binarised ones.  Labels are int64 (N,) in
    0..classes-1.  In colour a pixel's three planes come one after another: p(R|<) p(G|<, R) p(B|<, R, G) (arXiv 1601.06759, section 2.1).

    A subclass implements `forward`; `steps`, which records the same computation one pixel at a time, each position of each layer once; and
    `sees`, its receptive field.  A model whose output is not a table of logits also overrides `value_logits` and `pixel_log_prob`.
    """

    planes = ImageConfig.planes

    def __init__(self, **settings):
        super().__init__(**settings)
        c = self.config
        self.levels, self.classes, self.size, self.dataset = c.levels, c.classes, c.size, c.dataset
        if isinstance(c, ColourConfig):
            self.planes = c.planes
        self.class_names = c.names

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Logits of every pixel's value given the pixels before it and y: (N, planes * levels, size, size), plane after plane."""
        raise NotImplementedError

    def steps(self, builder: ProgramBuilder) -> BufferView:
        """Records how `forward` is computed one row and one pixel at a time, and returns what it made the output: see `builder.softmax`."""
        raise NotImplementedError

    def program(self) -> Program:
        """The recorded `steps`."""
        builder = ProgramBuilder(self.size, self.planes, self.levels)
        self.steps(builder)
        return builder.program()

    def sees(self, needed: Tensor) -> Tensor:
        """The pixels from which a path leads to the predictions at the pixels `needed`: bool (size, size) both."""
        raise NotImplementedError

    sampler: ClassVar[Callable[..., Tensor]]  # set by `playground.sampling`: (model, y, noise) -> images in [0, 1]

    @torch.no_grad()
    def sample(self, n: int, y: int | Sequence[int] | Tensor | None = None, seed: int = 0) -> Tensor:
        """Pixel by pixel: see `Model.sample`."""
        parameter = next(self.parameters())
        noise = uniforms(seed, n, self.planes, self.size, self.size).to(parameter)
        return type(self).sampler(self, asked_classes(n, y, self.classes, seed).to(parameter.device), noise).float().cpu() * 2 - 1

    # --- densities ---

    def value_logits(self, x: Tensor, y: Tensor) -> Tensor:
        """Logits of every sub-pixel's value, given those before it and y: (N, levels, planes, size, size)."""
        return self(x, y).unflatten(1, (self.planes, self.levels)).transpose(1, 2)

    def pixel_log_prob(self, x: Tensor, y: Tensor) -> Tensor:
        """log p(x_i | x_1 .. x_{i-1}, y) of every pixel, all its planes together, in nats: (N, size, size)."""
        values = (x * (self.levels - 1)).round().long()  # (N, planes, size, size)
        return -F.cross_entropy(at_least_float32(self.value_logits(x, y)), values, reduction="none").sum(1)

    def class_log_prob(self, x: Tensor) -> Tensor:
        """log p(x|y) of every class in nats: (N, classes)."""
        labels = torch.arange(self.classes, device=x.device)
        return torch.stack([self.log_prob(x, label.expand(len(x))) for label in labels], dim=1)

    def log_prob(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """log p(x|y) in nats, (N,), exact; without a label log p(x) = logsumexp_y log p(x|y) - log(classes)."""
        if y is None:
            return self.class_log_prob(x).logsumexp(dim=1) - math.log(self.classes)
        return self.pixel_log_prob(x, y).sum(dim=(1, 2))

    def bits_per_dim(self, nats: Tensor) -> Tensor:
        """Converts nats per image to bits per sub-pixel; an image has planes * size * size sub-pixels."""
        return nats / (math.log(2) * self.planes * self.size**2)

    def surprise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """-log p(x_i | x_1 .. x_{i-1}) of every pixel without a label, in nats: (N, size, size), and p(y|x): (N, classes).

        The sum over an image is -log p(x) exactly: after each pixel, log p(x_1 .. x_i) is summed over the labels.
        """
        labels = torch.arange(self.classes, device=x.device)
        return surprises(torch.stack([self.pixel_log_prob(x, label.expand(len(x))) for label in labels]))


def surprises(by_class: Tensor) -> tuple[Tensor, Tensor]:
    """`Autoregressive.surprise` from log p(x_i | x_1 .. x_{i-1}, y) of every class, (classes, N, size, size)."""
    so_far = by_class.flatten(2).cumsum(dim=2)  # log p(x_1 .. x_i | y)
    before_and_after = F.pad(so_far.logsumexp(dim=0) - math.log(len(by_class)), (1, 0))  # (N, size * size + 1), 0 before all
    return -before_and_after.diff(dim=1).unflatten(1, by_class.shape[2:]), so_far[:, :, -1].softmax(dim=0).T


def nll(model: Autoregressive, x: Tensor, y: Tensor) -> Tensor:
    """-log p(x|y) in nats an image, averaged over the batch: the loss."""
    return -model.log_prob(x, y).mean()
