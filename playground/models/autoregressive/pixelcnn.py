"""PixelCNN: van den Oord, Kalchbrenner and Kavukcuoglu, "Pixel Recurrent Neural Networks", arXiv 1601.06759, section 3.5.

`Stack` is what all three networks of that paper share (table 1); the other two are in `pixelrnn`.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.autoregressive.base import Autoregressive, ColourConfig
from playground.models.autoregressive.layers import MaskedConv, Pointwise, plane_mask, planes_of
from playground.program.builder import PIXEL, PLANE, ROW, BufferView, ProgramBuilder, RingBuffer

FIRST_KERNEL = 7  # of the first layer, the one under mask A


class Stack(Autoregressive):
    """Table 1: a 7x7 convolution under mask A, layers, and two 1x1 convolutions, all residual.

    A layer maps (N, C, H, W) and labels (N,) to (N, C, H, W), and no pixel sees a later one.  `forward(x, y)` computes all pixels at once.
    For sampling, `row(builder)` records what is computed before each row, and `step(builder, x, past)` what is computed at each pixel;
    `past` is what `row` returned.  `sees(needed)`: see `layers`.

    The label enters each layer as a bias.  A position bias, one for each location, is added after the first convolution.

    In colour the features form three groups, for R, G and B, with the channel masks of section 3.4.
    """

    layers: Any  # in an nn.ModuleList

    def __init__(self, **settings):
        super().__init__(**settings)
        layers = [self.layer() for _ in range(self.config.layers)]
        channels, head = self.config.channels, self.config.head
        planes, values, hidden, of_values = self.planes, self.planes * self.levels, None, None
        self.first = MaskedConv(planes, channels, FIRST_KERNEL, "A")
        if planes > 1:
            of_channels, of_head = planes_of(channels, planes), planes_of(head, planes)
            self.first_own = Pointwise(planes, channels, plane_mask(of_channels, torch.arange(planes), strict=True), bias=False)
            hidden, of_values = plane_mask(of_head, of_channels), plane_mask(planes_of(values, planes), of_head)
        self.place = nn.Parameter(torch.zeros(channels, self.size, self.size))  # position bias
        self.layers = nn.ModuleList(layers)
        self.head = nn.Sequential(nn.ReLU(), Pointwise(channels, head, hidden), nn.ReLU(), Pointwise(head, values, of_values))

    def layer(self) -> nn.Module:
        """A new layer; all layers are of the same kind."""
        raise NotImplementedError

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        x = 2 * x - 1  # centred, so that the zeros around the image are not a colour
        h = self.first(x)
        h = h + self.place.to(h.dtype)
        if self.planes > 1:
            h = h + self.first_own(x)
        for layer in self.layers:
            h = layer(h, y)
        return self.head(h)

    def steps(self, builder: ProgramBuilder) -> BufferView:
        image = builder.image(self.first.row.reach)
        with builder.each(ROW):
            above = self.first.above.step(builder, image) + builder.location(self.place)
            pasts = [layer.row(builder) for layer in self.layers]
        with builder.each(PIXEL):
            h = self.first.row.step(builder, image) + above.here()
        with builder.each(PLANE if self.planes > 1 else PIXEL):
            if self.planes > 1:  # planes of the pixel that are not drawn yet are masked
                h = self.first_own.step(builder, builder.gather(image)) + h
            for layer, past in zip(self.layers, pasts):
                h = layer.step(builder, h, past)
            return builder.softmax(builder.sequence(self.head, h))

    def sees(self, needed: Tensor) -> Tensor:
        for layer in reversed(self.layers):
            needed = layer.sees(needed)
        return self.first.sees(needed)


class ResidualBlock(nn.Module):
    """Figure 5, left: 1x1 from 2h to h channels, k x k under mask B, 1x1 back to 2h, each after a ReLU, around a residual connection."""

    def __init__(self, channels: int, kernel: int, classes: int, planes: int = 1):
        super().__init__()
        narrow = own = wide = None
        if planes > 1:
            outer, inner = planes_of(channels, planes), planes_of(channels // 2, planes)
            narrow, own, wide = plane_mask(inner, outer), plane_mask(inner, inner), plane_mask(outer, inner)
        self.narrow = Pointwise(channels, channels // 2, narrow)
        self.masked = MaskedConv(channels // 2, channels // 2, kernel, "B", own)
        self.widen = Pointwise(channels // 2, channels, wide)
        self.label = nn.Embedding(classes, channels // 2)
        nn.init.zeros_(self.label.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        h = self.masked(F.relu(self.narrow(F.relu(x)))) + self.label(y)[:, :, None, None]
        return x + self.widen(F.relu(h))

    def row(self, builder: ProgramBuilder) -> tuple[RingBuffer, BufferView]:
        band = self.masked.band(builder)
        return band, self.masked.above.step(builder, band) + builder.label(self.label.weight)

    def step(self, builder: ProgramBuilder, x: BufferView, past: tuple[RingBuffer, BufferView]) -> BufferView:
        band, above = past
        narrow = builder.relu(self.narrow.step(builder, builder.relu(x)))
        masked = self.masked.row.step(builder, builder.store(narrow, band)) + above.here()
        return self.widen.step(builder, builder.relu(masked)) + x

    def sees(self, needed: Tensor) -> Tensor:
        return self.masked.sees(needed)  # the pixel itself is among them


@dataclass(frozen=True, kw_only=True)
class PixelCNNArchitecture:
    layers: int = 10
    channels: int = 64  # 2h of figure 5; in colour a multiple of 6
    kernel: int = 3
    head: int = 64  # channels of the last hidden layer; in colour a multiple of 3


@dataclass(frozen=True, kw_only=True)
class PixelCNNConfig(ColourConfig, PixelCNNArchitecture):
    pass


class PixelCNN(Stack):
    """p(x|y) by masked convolutions alone.  They leave a blind spot: pixels above and to the right, beyond a diagonal, are never seen."""

    system, Config = "pixelcnn", PixelCNNConfig

    def layer(self) -> ResidualBlock:
        return ResidualBlock(self.config.channels, self.config.kernel, self.config.classes, self.config.planes)
