"""Gated PixelCNN: van den Oord et al., "Conditional Image Generation with PixelCNN Decoders", arXiv 1606.05328."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from playground.models.autoregressive import Autoregressive
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
    """What sampling has computed so far."""

    y: Tensor  # (N,)
    above: list[Tensor]  # of each vertical convolution, the rows above
    left: list[Tensor]  # of each horizontal convolution, the pixels to the left
    told: list[Tensor]  # of each layer, what the vertical stack tells of this row, (N, 2C, W)
    row: int = -1


class GatedPixelCNN(Autoregressive):
    """p(x|y) = prod_i p(x_i | x_1 .. x_{i-1}, y) (equation 3) of grey images.

    Beside the paper's label bias, each location has a bias of its own at the input of both stacks: what equation 5
    calls s, the same for every class.  The vertical stack has residual connections too, which the paper found to change little.
    """

    system = "gated-pixelcnn"

    def __init__(
        self,
        layers: int = 10,
        channels: int = 32,
        kernel: int = 3,
        head: int = 64,  # channels of the last hidden layer
        levels: int = 2,
        classes: int = 10,
        size: int = 28,
        class_names: list[str] | None = None,
        dataset: str = "mnist",
    ):
        super().__init__(levels, classes, size, class_names, dataset)
        self.first_vertical = VerticalConv(1, channels, FIRST_KERNEL, strict=True)
        self.first_horizontal = HorizontalConv(1, channels, FIRST_KERNEL, strict=True)
        self.place = nn.Parameter(torch.zeros(2, channels, size, size))  # of the vertical and of the horizontal stack
        self.layers = nn.ModuleList(GatedLayer(channels, kernel, classes) for _ in range(layers))
        self.head = nn.Sequential(nn.ELU(), Pointwise(channels, head), nn.ELU(), Pointwise(head, levels))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        x = 2 * x - 1  # centred, so that the zeros around the image are not a colour
        v, h = self.first_vertical(x) + self.place[0], self.first_horizontal(x) + self.place[1]  # (N, C, size, size)
        for layer in self.layers:
            v, told = layer.vertical(v, layer.vertical_conv(v), y)
            h = layer.horizontal(h, layer.horizontal_conv(h), told)
        return self.head(h)

    def begin(self, y: Tensor) -> Cache:
        like = self.place.new_zeros(len(y), 0)
        vertical = [self.first_vertical, *(layer.vertical_conv for layer in self.layers)]
        horizontal = [self.first_horizontal, *(layer.horizontal_conv for layer in self.layers)]
        return Cache(y, *([convolution.cache(like, self.size) for convolution in stack] for stack in (vertical, horizontal)), told=[])

    def next_row(self, cache: Cache, above: Tensor | None) -> None:
        cache.row += 1
        above = torch.zeros_like(cache.above[0][:, :, :1]) if above is None else 2 * above - 1
        v = self.first_vertical.step(above, cache.above[0]) + self.place[0, :, cache.row, None]  # (N, C, 1, size)
        cache.told = []
        for layer, rows in zip(self.layers, cache.above[1:]):
            v, told = layer.vertical(v, layer.vertical_conv.step(v, rows), cache.y)
            cache.told.append(told[:, :, 0])

    def next_pixel(self, cache: Cache, column: int, left: Tensor | None) -> Tensor:
        left = torch.zeros_like(cache.left[0][:, :, 0]) if left is None else 2 * left - 1
        h = self.first_horizontal.step(left, cache.left[0], column) + self.place[1, :, cache.row, column]  # (N, C)
        for layer, told, pixels in zip(self.layers, cache.told, cache.left[1:]):
            h = layer.horizontal(h, layer.horizontal_conv.step(h, pixels, column), told[:, :, column])
        return self.head(h)
