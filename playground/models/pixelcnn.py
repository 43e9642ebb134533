"""PixelCNN: van den Oord, Kalchbrenner and Kavukcuoglu, "Pixel Recurrent Neural Networks", arXiv 1601.06759, section 3.5.

`Stack` is what table 1 has for all three networks of that paper; the two others are in `pixelrnn`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.autoregressive import Autoregressive
from playground.models.layers import MaskedConv, Past, Pointwise

FIRST_KERNEL = 7  # of the first layer, the one under mask A


@dataclass
class Cache:
    """What sampling has computed so far."""

    y: Tensor  # (N,)
    first: Past  # of the first convolution
    layers: list  # of each layer
    row: int = -1
    column: int = 0  # the next one


class Stack(Autoregressive):
    """Table 1: a 7x7 convolution under mask A, layers, and two 1x1 convolutions, all residual.

    A layer is (N, C, H, W) -> the same, given labels (N,), in which no pixel sees a later one.  Beside its `forward(x, y)` it has the
    same, some pixels after others: `cache(y, width)`, `next_row(cache)`, which is called before each row, and `step(x, cache, column)`:
    the pixels from `column` on, given theirs, (N, C, 1, w), or a single one, (N, C).

    Beside the label, which enters each layer as a bias, each location has a bias of its own after the first convolution.
    """

    def __init__(self, layers: list[nn.Module], channels: int, head: int, **common):
        super().__init__(**common)
        self.first = MaskedConv(1, channels, FIRST_KERNEL, "A")
        self.place = nn.Parameter(torch.zeros(channels, self.size, self.size))
        self.layers = nn.ModuleList(layers)
        self.head = nn.Sequential(nn.ReLU(), Pointwise(channels, head), nn.ReLU(), Pointwise(head, self.levels))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        h = self.first(2 * x - 1)  # centred, so that the zeros around the image are not a colour
        h = h + self.place.to(h.dtype)
        for layer in self.layers:
            h = layer(h, y)
        return self.head(h)

    def begin(self, y: Tensor) -> Cache:
        like = self.place.new_zeros(len(y), 0)
        return Cache(y, self.first.cache(like, self.size), [layer.cache(y, self.size) for layer in self.layers])

    def next_row(self, cache: Cache, above: Tensor | None) -> None:
        if above is None:
            above = self.place.new_zeros(len(cache.y), 1, 1, self.size)
        else:
            above = 2 * above - 1
            if cache.column < self.size:  # what nobody asked for, in one go
                self.columns(cache, F.pad(above, (1, -1))[..., cache.column :])
        cache.row, cache.column = cache.row + 1, 0
        self.first.next_row(cache.first, above)
        for layer, past in zip(self.layers, cache.layers):
            layer.next_row(past)

    def next_pixel(self, cache: Cache, column: int, left: Tensor | None) -> Tensor:
        return self.head(self.columns(cache, self.place.new_zeros(len(cache.y), 1) if left is None else 2 * left - 1))

    def columns(self, cache: Cache, left: Tensor) -> Tensor:
        """What the head is given at this row's next w pixels, (N, C, 1, w), or at the next one, (N, C); `left` as `MaskedConv.step`."""
        column = cache.column
        end = column + (left.shape[3] if left.ndim == 4 else 1)
        place = self.place[:, cache.row, column:end]
        h = self.first.step(left, cache.first, column) + (place[:, None] if left.ndim == 4 else place[:, 0])
        for layer, past in zip(self.layers, cache.layers):
            h = layer.step(h, past, column)
        cache.column = end
        return h


class ResidualBlock(nn.Module):
    """Figure 5, left: 1x1 from 2h to h channels, k x k under mask B, 1x1 back to 2h, each after a ReLU, around a residual connection."""

    def __init__(self, channels: int, kernel: int, classes: int):
        super().__init__()
        self.narrow = Pointwise(channels, channels // 2)
        self.masked = MaskedConv(channels // 2, channels // 2, kernel, "B")
        self.widen = Pointwise(channels // 2, channels)
        self.label = nn.Embedding(classes, channels // 2)
        nn.init.zeros_(self.label.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        h = self.masked(F.relu(self.narrow(F.relu(x)))) + self.label(y)[:, :, None, None]
        return x + self.widen(F.relu(h))

    def cache(self, y: Tensor, width: int) -> tuple[Past, Tensor]:
        label = self.label(y)
        return self.masked.cache(label, width), label[:, :, None, None]

    def next_row(self, cache: tuple[Past, Tensor]) -> None:
        past, label = cache
        self.masked.next_row(past)
        past.told += label

    def step(self, x: Tensor, cache: tuple[Past, Tensor], column: int) -> Tensor:
        return x + self.widen(F.relu(self.masked.step(F.relu(self.narrow(F.relu(x))), cache[0], column)))


class PixelCNN(Stack):
    """p(x|y) by masked convolutions alone.  They leave a blind spot: what stands above to the right, beyond a slanted line."""

    system = "pixelcnn"

    def __init__(
        self,
        layers: int = 10,
        channels: int = 64,  # 2h of figure 5
        kernel: int = 3,
        head: int = 64,  # channels of the last hidden layer
        levels: int = 2,
        classes: int = 10,
        size: int = 28,
        class_names: list[str] | None = None,
        dataset: str = "mnist",
    ):
        blocks = [ResidualBlock(channels, kernel, classes) for _ in range(layers)]
        super().__init__(blocks, channels, head, levels=levels, classes=classes, size=size, class_names=class_names, dataset=dataset)
