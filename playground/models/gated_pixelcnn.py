"""Gated PixelCNN: van den Oord et al., "Conditional Image Generation with PixelCNN Decoders", arXiv 1606.05328."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.base import Model, at_least_float32
from playground.models.layers import HorizontalConv, Pointwise, VerticalConv

FIRST_KERNEL = 7  # of the first, strict layer


def gate(x: Tensor) -> Tensor:
    """tanh(x_f) * sigmoid(x_g) (equation 2), where x (N, 2C, H, W) holds both halves: (N, C, H, W)."""
    f, g = x.chunk(2, dim=1)
    return (2 * torch.sigmoid(2 * f) - 1) * torch.sigmoid(g)  # tanh(f), at two thirds of its time on a CPU


class GatedLayer(nn.Module):
    """One layer of figure 2: a vertical stack that sees all rows above, a horizontal one that sees its row and the vertical.

    The label enters both gates as a bias, V^T h of equation 4.
    """

    def __init__(self, channels: int, kernel: int, classes: int):
        super().__init__()
        self.vertical_conv = VerticalConv(channels, 2 * channels, kernel)
        self.horizontal_conv = HorizontalConv(channels, 2 * channels, kernel)
        self.link = Pointwise(2 * channels, 2 * channels)  # from the vertical stack to the horizontal one
        self.out = Pointwise(channels, channels)
        self.vertical_label = nn.Embedding(classes, 2 * channels)
        self.horizontal_label = nn.Embedding(classes, 2 * channels)
        for label in (self.vertical_label, self.horizontal_label):
            nn.init.zeros_(label.weight)

    def vertical(self, v: Tensor, convolved: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """v (N, C, H, W) and its convolution -> the next layer's v, and what the horizontal stack is told of rows above and label."""
        told = self.link(convolved) + self.horizontal_label(y)[:, :, None, None]  # (N, 2C, H, W)
        return v + gate(convolved + self.vertical_label(y)[:, :, None, None]), told

    def horizontal(self, h: Tensor, convolved: Tensor, told: Tensor) -> Tensor:
        """h (N, C, H, W), its convolution and what the vertical stack tells -> the next layer's h; or all of one pixel, (N, C)."""
        return h + self.out(gate(convolved + told))


@dataclass
class Cache:
    """What sampling has computed so far: see `GatedPixelCNN.begin`."""

    y: Tensor  # (N,)
    above: list[Tensor]  # of each vertical convolution, the rows above
    told: list[Tensor]  # of each layer, what the vertical stack tells of this row, (N, 2C, W)
    left: list[Tensor]  # of each horizontal convolution, the pixels to the left
    row: int = -1


class GatedPixelCNN(Model):
    """p(x|y) = prod_i p(x_i | x_1 .. x_{i-1}, y) (equation 3), pixels in raster order, for grey images and a class label.

    Images are (N, 1, size, size), float, with `levels` values from 0 to 1: {0, 1} for binarised ones.  Labels are int64 (N,) in
    0..classes-1.  Beside the paper's label bias, each location has a bias of its own at the input of both stacks: what equation 5
    calls s, the same for every class.  The vertical stack has residual connections too, which the paper found to change little.
    """

    system = "gated-pixelcnn"

    def __init__(
        self,
        layers: int = 10,
        channels: int = 32,
        kernel: int = 3,
        head: int = 64,  # channels of the last hidden layer
        levels: int = 2,  # values of a pixel
        classes: int = 10,
        size: int = 28,  # side of the images
        class_names: list[str] | None = None,  # for the page; the numbers by default
        dataset: str = "mnist",  # what the page says it was trained on
    ):
        super().__init__()
        self.levels, self.classes, self.size, self.dataset = levels, classes, size, dataset
        self.class_names = class_names or [str(label) for label in range(classes)]
        self.first_vertical = VerticalConv(1, channels, FIRST_KERNEL, strict=True)
        self.first_horizontal = HorizontalConv(1, channels, FIRST_KERNEL, strict=True)
        self.place = nn.Parameter(torch.zeros(2, channels, size, size))  # of the vertical and of the horizontal stack
        self.layers = nn.ModuleList(GatedLayer(channels, kernel, classes) for _ in range(layers))
        self.head = nn.Sequential(nn.ELU(), Pointwise(channels, head), nn.ELU(), Pointwise(head, levels))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Logits of every pixel's value given the pixels before it and y: (N, levels, size, size)."""
        x = 2 * x - 1  # centred, so that the zeros around the image are not a colour
        v, h = self.first_vertical(x) + self.place[0], self.first_horizontal(x) + self.place[1]  # (N, C, size, size)
        for layer in self.layers:
            v, told = layer.vertical(v, layer.vertical_conv(v), y)
            h = layer.horizontal(h, layer.horizontal_conv(h), told)
        return self.head(h)

    # --- the same, one pixel after another ---

    def begin(self, y: Tensor) -> Cache:
        """An empty cache for images of these labels, (N,); `next_row` comes first."""
        like = self.place.new_zeros(len(y), 0)
        vertical = [self.first_vertical, *(layer.vertical_conv for layer in self.layers)]
        return Cache(y, [convolution.cache(like, self.size) for convolution in vertical], [], [])

    def next_row(self, cache: Cache, above: Tensor | None) -> None:
        """Moves to the next row, given the finished one above it, (N, 1, 1, size), or None before the first."""
        cache.row += 1
        above = torch.zeros_like(cache.above[0][:, :, :1]) if above is None else 2 * above - 1
        v = self.first_vertical.step(above, cache.above[0]) + self.place[0, :, cache.row, None]  # (N, C, 1, size)
        cache.told = []
        for layer, rows in zip(self.layers, cache.above[1:]):
            v, told = layer.vertical(v, layer.vertical_conv.step(v, rows), cache.y)
            cache.told.append(told[:, :, 0])
        cache.left = [convolution.cache(v) for convolution in (self.first_horizontal, *(layer.horizontal_conv for layer in self.layers))]

    def next_pixel(self, cache: Cache, column: int, left: Tensor | None) -> Tensor:
        """Logits (N, levels) of this row's next pixel, given the one to its left, (N, 1), or None for column 0."""
        left = torch.zeros_like(cache.left[0][:, :, 0]) if left is None else 2 * left - 1
        h = self.first_horizontal.step(left, cache.left[0]) + self.place[1, :, cache.row, column]  # (N, C)
        for layer, told, pixels in zip(self.layers, cache.told, cache.left[1:]):
            h = layer.horizontal(h, layer.horizontal_conv.step(h, pixels), told[:, :, column])
        return self.head(h)

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


def nll(model: GatedPixelCNN, x: Tensor, y: Tensor) -> Tensor:
    """-log p(x|y) in nats an image, averaged over the batch: the loss."""
    return -model.log_prob(x, y).mean()
